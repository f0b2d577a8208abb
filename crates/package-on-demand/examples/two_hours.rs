//! Writes a film of two hours that nobody encoded, to measure with: `cargo run --example two_hours -- film.mp4`.
//!
//! 216,000 frames of 1080p30 with a key frame every two seconds, AAC beside them, `moov` at the end. The media are a hole in the
//! file, so it takes little of a disk.

use std::fs::File;
use std::os::unix::fs::FileExt;

use anyhow::{Context, Result};

#[path = "../tests/support/mod.rs"]
mod support;

fn main() -> Result<()> {
    let path = std::env::args_os()
        .nth(1)
        .context("usage: two_hours FILE")?;
    let source = support::Film {
        frames: 216_000,
        key_frame_every: 61,
        frame_bytes: 12_000,
        sound_delay_ms: 0,
    };
    let (front, media, moov) = source.header();
    let file = File::create(path)?;
    file.write_all_at(&front, 0)?;
    file.write_all_at(&moov, u64::try_from(front.len())? + media)?;
    Ok(())
}
