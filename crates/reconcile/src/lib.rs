//! Finds what has been in one state for too long, asks the services what is true, and repairs the record.
//!
//! [`diagnosis`] and [`job`] decide, and are pure; [`request`] says what is asked for. A [`reconciler`] goes through the
//! videos (`round`) and the source bucket (`sweep`), takes deleted videos away (`removal`), and makes lost records again
//! ([`rebuild`]), as `restore` decides; [`report`] counts.

pub mod clients;
pub mod config;
pub mod diagnosis;
mod error;
pub mod event_handler;
pub mod job;
pub mod rebuild;
pub mod reconciler;
mod removal;
pub mod report;
pub mod request;
mod restore;
mod round;
mod sweep;

pub use error::ReconcileError;
pub use round::{CLAIM_MS, RESERVE_MS};
