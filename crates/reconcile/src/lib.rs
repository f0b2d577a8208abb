//! Finds what has been in one state for too long, asks the services what is true, and repairs the record.
//!
//! [`diagnosis`] and [`job`] decide, and are pure; [`round`] goes through the videos and [`sweep`] through the
//! source bucket; [`report`] counts.

pub mod config;
pub mod diagnosis;
pub mod job;
pub mod report;
pub mod round;
pub mod sweep;
