//! Writes the segments of an MP4 rendition: as files, or as parts of one.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Body, Object, Outgoing};
use crate::job::Failure;
use crate::manifest::{Rendition, SegmentInfo, Span};
use crate::mp4::put_sidx;
use crate::plan::PlannedGroup;
use crate::settings::StreamingSettings;

pub(super) struct Writer<'a> {
    media: &'a Outgoing,
    folder: &'a Path,
    group: &'a PlannedGroup,
    /// Of files in the job's folder.
    name: &'a str,
    single: bool,
    init: Vec<u8>,
    /// All segments, of which the only file is made at the end.
    body: Option<File>,
}

fn disk(error: &std::io::Error) -> Failure {
    Failure::new(1999, format!("The work folder can't be written: {error}."))
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        media: &'a Outgoing,
        folder: &'a Path,
        group: &'a PlannedGroup,
        settings: &StreamingSettings,
        name: &'a str,
    ) -> Self {
        Self {
            media,
            folder,
            group,
            name,
            single: settings.is_single_file(),
            init: Vec::new(),
            body: None,
        }
    }

    pub(super) fn begin(&mut self, rendition: &mut Rendition, init: &[u8]) -> Result<(), Failure> {
        rendition.init = Some(Span {
            offset: 0,
            size: wide(init.len()),
        });
        if self.single {
            self.init = init.to_vec();
            let file = File::options()
                .create(true)
                .truncate(true)
                .read(true)
                .write(true)
                .open(self.folder.join(format!("{}.body", self.name)));
            self.body = Some(file.map_err(|error| disk(&error))?);
            return Ok(());
        }
        let path = self.folder.join(format!("{}init", self.name));
        std::fs::write(&path, init).map_err(|error| disk(&error))?;
        self.keep(rendition, &rendition.init_name(), path);
        Ok(())
    }

    pub(super) fn segment(
        &mut self,
        rendition: &mut Rendition,
        start: u64,
        duration: u64,
        bytes: Vec<u8>,
    ) -> Result<(), Failure> {
        let offset = match (&mut self.body, rendition.segments.last()) {
            (None, _) | (_, None) => 0,
            (Some(_), Some(before)) => before.offset + before.size,
        };
        rendition.segments.push(SegmentInfo {
            start,
            duration,
            size: wide(bytes.len()),
            offset,
        });
        if let Some(body) = &mut self.body {
            return body.write_all(&bytes).map_err(|error| disk(&error));
        }
        let number = rendition.segments.len();
        let path = self.folder.join(format!("{}_{number}", self.name));
        std::fs::write(&path, bytes).map_err(|error| disk(&error))?;
        let name = rendition.segment_name(&self.group.destination.base, number);
        self.keep(rendition, &name, path);
        Ok(())
    }

    pub(super) fn end(mut self, rendition: &mut Rendition) -> Result<(), Failure> {
        let Some(mut body) = self.body.take() else {
            return Ok(());
        };
        let sizes: Vec<(u64, u64)> = rendition
            .segments
            .iter()
            .map(|segment| (segment.size, segment.duration))
            .collect();
        let mut head = std::mem::take(&mut self.init);
        let offset = wide(head.len());
        put_sidx(&mut head, rendition.timescale, &sizes);
        let first = wide(head.len());
        rendition.index = Some(Span {
            offset,
            size: first - offset,
        });
        for segment in &mut rendition.segments {
            segment.offset += first;
        }
        let path = self.folder.join(format!("{}.single", self.name));
        let mut write = || -> std::io::Result<()> {
            let mut file = File::create(&path)?;
            file.write_all(&head)?;
            body.seek(SeekFrom::Start(0))?;
            std::io::copy(&mut body, &mut file)?;
            // The segments are in the file now.
            std::fs::remove_file(self.folder.join(format!("{}.body", self.name)))
        };
        write().map_err(|error| disk(&error))?;
        self.keep(rendition, &rendition.single_name(), path);
        Ok(())
    }

    fn keep(&self, rendition: &Rendition, rest: &str, path: PathBuf) {
        let kind = if rendition.is_video() {
            "video/mp4"
        } else {
            "audio/mp4"
        };
        self.media.push(Object {
            bucket: self.group.destination.bucket.clone(),
            key: self.group.destination.key(rest),
            body: Body::File(path),
            kind,
        });
    }
}

fn wide(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
