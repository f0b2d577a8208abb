//! S3 event in, MediaConvert jobs out. Decisions live in `common`; this crate sends.
//!
//! [`event_handler`] takes the event apart, [`submission`] brings one upload to its job, [`inspect`] looks
//! into the source, [`profile`] finds what it is converted with, `captions` what lies
//! beside it.

mod captions;
pub mod config;
pub mod event_handler;
pub mod inspect;
pub mod profile;
pub mod submission;
