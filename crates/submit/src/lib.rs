//! S3 event in, MediaConvert jobs out. Decisions live in `common`; this crate sends.
//!
//! [`event_handler`] takes the event apart, [`submission`] brings one upload to its job. [`inspect`] has the source probed and
//! `contents` looks into it by `parts`; `work` decides on the job, with a [`profile`] and the `captions` in the source and
//! beside it; [`created`] reads what became of it.

mod captions;
pub mod config;
mod contents;
pub mod created;
pub mod event_handler;
pub mod inspect;
mod parts;
pub mod profile;
pub mod submission;
mod work;
