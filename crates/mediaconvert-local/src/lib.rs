//! A MediaConvert-compatible server that really transcodes, with ffmpeg.
//!
//! A request goes through [`protocol`] and [`validate`] into the [`store`]; a [`worker`] takes it
//! from there: source through [`storage`], [`media`] to see what it is, [`plan`] to decide on one
//! ffmpeg command, [`package`], [`hls`] and [`dash`] to make of its files what players read, and
//! [`events`] through [`delivery`] to tell of it.

pub mod captions;
pub mod clock;
pub mod config;
pub mod dash;
pub mod delivery;
pub mod encryption;
pub mod events;
pub mod extract;
pub mod faults;
pub mod ffmpeg;
pub mod hls;
pub mod job;
pub mod manifest;
pub mod media;
pub mod metrics;
pub mod mp4;
pub mod package;
pub mod plan;
pub mod probe;
pub mod process;
pub mod protocol;
pub mod queue;
pub mod ratio;
pub mod schema;
pub mod server;
pub mod settings;
pub mod sources;
mod spool;
pub mod storage;
pub mod store;
pub mod support;
pub mod system_preset;
pub mod templates;
pub mod timecode;
pub mod transport;
pub mod validate;
pub mod web;
pub mod worker;
