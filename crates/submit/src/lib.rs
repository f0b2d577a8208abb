//! S3 event in, MediaConvert jobs out. Decisions live in `common`; this crate sends.
//!
//! [`event_handler`] takes the event apart, `submission` brings one upload to its job. `inspect` has the source probed, and
//! `source_scan` looks into it by `parts`; `job_builder` decides on the job, with a `profile` and the `captions` in the
//! source and beside it.

mod captions;
pub mod clients;
pub mod config;
mod error;
pub mod event_handler;
mod inspect;
mod job_builder;
mod parts;
mod profile;
mod source_scan;
mod submission;

pub use error::{EventError, RecordError, SubmitError};
