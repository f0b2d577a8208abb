//! MediaConvert job event in, video record out. Decisions live in `common`; this crate sends.

pub mod config;
pub mod event_handler;
