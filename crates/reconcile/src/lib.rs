//! Finds what has been in one state for too long, asks the services what is true, and repairs the record.
//!
//! [`diagnosis`] and [`job`] decide, and are pure; [`request`] says what is asked for; [`round`] goes through the videos
//! and [`sweep`] through the source bucket; `removal` takes deleted videos away; [`rebuild`] makes lost records again, as
//! [`restore`] decides; [`report`] counts.

pub mod config;
pub mod diagnosis;
pub mod event_handler;
pub mod job;
pub mod rebuild;
mod removal;
pub mod report;
pub mod request;
pub mod restore;
pub mod round;
pub mod sweep;
