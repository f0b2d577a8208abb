//! Packages a file into a folder of HLS, as a player would ask for it: `cargo run --example package -- film.mp4 folder`.

use std::fs::{self, File};
use std::io::Write;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use package_on_demand::{Index, Reader, Resource, Step, package};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let file = PathBuf::from(arguments.next().context("usage: package FILE FOLDER")?);
    let folder = arguments.next().map(PathBuf::from);
    let file = File::open(file)?;
    let read = |range: &Range<u64>| -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(range.end - range.start)?];
        file.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes)
    };

    let mut reads = 0;
    let mut reading = Duration::ZERO;
    let started = Instant::now();
    let mut reader = Reader::new(file.metadata()?.len());
    let source = loop {
        match reader.step()? {
            Step::Read(range) => {
                let before = Instant::now();
                let bytes = read(&range)?;
                reading += before.elapsed();
                reads += 1;
                reader.provide(bytes)?;
            }
            Step::Done(source) => break source,
        }
    };
    let packaged = package(&source)?;
    let indexing = started.elapsed().saturating_sub(reading);
    let index = Index::read(&packaged.index)?;

    let (mut segments, mut slowest, mut total) = (0_u32, Duration::ZERO, Duration::ZERO);
    if let Some(folder) = &folder {
        fs::create_dir_all(folder)?;
    }
    for resource in index.resources() {
        let bytes = match resource {
            Resource::Multivariant => index.multivariant_playlist().into_bytes(),
            Resource::Media { rendition } => index.media_playlist(rendition)?.into_bytes(),
            Resource::Init {
                rendition,
                description,
            } => index.init_segment(rendition, description)?,
            Resource::Segment { rendition, number } => {
                let before = Instant::now();
                let range = index.entry_range(rendition, number)?;
                let entry = packaged
                    .index
                    .get(usize::try_from(range.start)?..usize::try_from(range.end)?);
                let segment = index.segment(rendition, number, entry.context("a short index")?)?;
                let planning = before.elapsed();
                let parts = segment
                    .reads()
                    .iter()
                    .map(&read)
                    .collect::<Result<Vec<_>>>()?;
                let before = Instant::now();
                let bytes = segment.fragment(&parts)?;
                let took = planning + before.elapsed();
                (segments, total, slowest) = (segments + 1, total + took, slowest.max(took));
                bytes
            }
        };
        if let Some(folder) = &folder {
            fs::write(folder.join(resource.to_string()), bytes)?;
        }
    }
    let mut out = std::io::stdout().lock();
    for left_out in &packaged.left_out {
        writeln!(
            out,
            "left out track {}: {}",
            left_out.track, left_out.reason
        )?;
    }
    writeln!(
        out,
        "index: {} bytes, {indexing:?} beyond {reads} reads; {segments} segments: {total:?} beyond reading, the slowest {slowest:?}; \
         peak memory {}",
        packaged.index.len(),
        peak_memory().unwrap_or_default()
    )?;
    Ok(())
}

/// The most memory that this process had, where the system tells.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(
        line.split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" "),
    )
}
