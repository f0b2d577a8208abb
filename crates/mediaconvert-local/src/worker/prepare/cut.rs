//! Makes segments of what ffmpeg writes for each output, all at the same time.

use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use super::super::growing::Encoding;
use super::transport::{Segments, follow};
use super::write::Writer;
use super::{Outgoing, track};
use crate::encryption::samples::SampleCipher;
use crate::job::Failure;
use crate::manifest::{KeyFrame, Kind, Layout, Rendition, Span};
use crate::mp4::{Init, Mp4Error};
use crate::package::{Cuts, Packager};
use crate::plan::{Packaging, Plan, PlannedGroup, PlannedOutput, Product};
use crate::settings::{IFrameManifest, StreamKind, StreamingSettings};

/// Samples of AAC before time zero, in packets.
const AAC_PRIMING: u32 = 1;

/// The renditions of all groups, by group and output; `None` where an output is no track. Comes back
/// when ffmpeg has ended.
pub(super) fn all(
    plan: &Plan,
    folder: &Path,
    encoding: &Encoding,
    media: &Outgoing,
) -> Result<Vec<Vec<Option<Rendition>>>, Failure> {
    thread::scope(|scope| {
        let mut groups = Vec::new();
        for (number, group) in plan.groups.iter().enumerate() {
            let pictures = Pictures::of(group);
            let mut threads = Vec::new();
            for (index, output) in group.outputs.iter().enumerate() {
                let cutter = Cutter {
                    folder,
                    encoding,
                    media,
                    group,
                    output,
                    name: format!("g{number}o{index}"),
                    pictures: pictures.clone(),
                };
                let has_segments =
                    cutter.track().is_some() || matches!(output.product, Product::Transport(_));
                threads.push(has_segments.then(|| scope.spawn(move || cutter.run())));
            }
            groups.push(threads);
        }
        // All are waited for, so that a failure leaves no thread that still writes.
        let ended = groups.into_iter().map(|threads| {
            let joined = threads.into_iter().map(|thread| {
                let broken = |_| Err(Failure::new(1999, "Packaging broke off."));
                thread.map(|thread| thread.join().unwrap_or_else(broken))
            });
            joined.collect::<Vec<_>>()
        });
        let ended: Vec<Vec<Option<Result<Rendition, Failure>>>> = ended.collect();
        let whole = ended
            .into_iter()
            .map(|group| group.into_iter().map(Option::transpose).collect());
        whole.collect()
    })
}

/// When the pictures of a group end.
#[derive(Debug)]
struct Pictures {
    /// How many are not cut to their end, and seconds of the longest of the others.
    state: Mutex<(usize, Option<f64>)>,
    ended: Condvar,
}

impl Pictures {
    fn of(group: &PlannedGroup) -> Arc<Self> {
        let outputs = group.outputs.iter().map(|output| track(&output.product));
        let count = outputs.flatten().filter(|(_, kind)| is_picture(kind));
        Arc::new(Self {
            state: Mutex::new((count.count(), None)),
            ended: Condvar::new(),
        })
    }

    fn end(&self, seconds: Option<f64>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = state.0.saturating_sub(1);
        state.1 = state.1.into_iter().chain(seconds).reduce(f64::max);
        drop(state);
        self.ended.notify_all();
    }

    /// Waits until all have ended.
    fn longest(&self) -> Option<f64> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = self.ended.wait_while(state, |state| state.0 > 0);
        ended.unwrap_or_else(PoisonError::into_inner).1
    }
}

/// Cuts one track.
struct Cutter<'a> {
    folder: &'a Path,
    encoding: &'a Encoding,
    media: &'a Outgoing,
    group: &'a PlannedGroup,
    output: &'a PlannedOutput,
    /// Of files, before what the rest of the world sees.
    name: String,
    pictures: Arc<Pictures>,
}

/// What is cut, and how.
struct Track<'a> {
    /// Name in the job's folder.
    file: &'a str,
    kind: Kind,
    cuts: Cuts,
    settings: &'a StreamingSettings,
}

impl Cutter<'_> {
    fn track(&self) -> Option<Track<'_>> {
        let Packaging::Streaming { settings, cadence } = &self.group.packaging else {
            return None;
        };
        let (file, kind) = track(&self.output.product)?;
        let cuts = Cuts {
            segment: cadence.segment,
            fragment: cadence.fragment,
            min_final: settings.min_final_segment_length,
            priming: if is_picture(&kind) { 0 } else { AAC_PRIMING },
            offsets: settings.video_composition_offsets,
        };
        Some(Track {
            file,
            kind,
            cuts,
            settings,
        })
    }

    fn run(&self) -> Result<Rendition, Failure> {
        if let (Product::Transport(planned), Packaging::Streaming { settings, .. }) =
            (&self.output.product, &self.group.packaging)
        {
            let segments = Segments {
                folder: self.folder,
                group: self.group,
                settings,
            };
            return follow(&segments, self.output, planned, self.encoding, self.media);
        }
        let Some(track) = self.track() else {
            return Err(Failure::new(1999, "What is no track can't be cut."));
        };
        let picture = is_picture(&track.kind);
        let result = self.cut(track);
        if picture {
            let seconds = result.as_ref().ok().map(Rendition::duration);
            self.pictures.end(seconds);
        }
        result
    }

    fn failed(&self, error: &Mp4Error) -> Failure {
        let modifier = &self.output.modifier;
        let message = format!("The output '{modifier}' could not be cut into segments: {error}.");
        let code = match error {
            Mp4Error::Encryption(_) => 1091,
            Mp4Error::Io(_) | Mp4Error::Box(_) => 1999,
        };
        Failure::new(code, message)
    }

    fn cut(&self, track: Track<'_>) -> Result<Rendition, Failure> {
        let Track {
            file,
            kind,
            cuts,
            settings,
        } = track;
        let path = self.folder.join(file);
        let opened = self.encoding.open(&path).map_err(Mp4Error::from);
        let opened = opened.and_then(|file| Packager::open(BufReader::new(file), cuts));
        let (mut packager, mut init) = opened.map_err(|error| self.failed(&error))?;
        let encryption = settings.encryption.as_ref();
        let cipher = encryption.and_then(|settings| SampleCipher::new(settings, &init.codec));
        if let Some(cipher) = &cipher {
            init = init
                .protected(cipher)
                .map_err(|error| self.failed(&error))?;
        }
        packager = packager.protected(cipher);
        if !is_picture(&kind) {
            let pictures = self.pictures.clone();
            packager = packager.beside(move || pictures.longest());
        }
        let i_frames = match &self.output.product {
            Product::CmafVideo { i_frames, .. } => *i_frames,
            _ => None,
        };
        let i_frames = i_frames.is_some_and(|wanted| wanted != IFrameManifest::Exclude);
        let mut rendition = self.rendition(&init, kind, settings);
        let (folder, group, name) = (self.folder, self.group, self.name.as_str());
        let mut writer = Writer::new(self.media, folder, group, settings, name);
        writer.begin(&mut rendition, &init.bytes)?;
        while let Some(segment) = packager.segment().map_err(|error| self.failed(&error))? {
            if i_frames {
                let number = rendition.segments.len();
                let key_frames = segment.key_frames.iter();
                let key_frames = key_frames.map(|frame| KeyFrame {
                    time: frame.time,
                    segment: number,
                    span: Span {
                        offset: frame.offset,
                        size: frame.size,
                    },
                });
                rendition.key_frames.extend(key_frames);
            }
            let (start, duration) = (segment.start, segment.duration);
            writer.segment(&mut rendition, start, duration, segment.bytes)?;
        }
        writer.end(&mut rendition)?;
        // ffmpeg's file is as large as all segments together, and of no use any more.
        let _ = std::fs::remove_file(path);
        if rendition.segments.is_empty() {
            let modifier = &self.output.modifier;
            let message = format!("Nothing of the input could be decoded for output '{modifier}'.");
            return Err(Failure::new(1076, message));
        }
        Ok(rendition)
    }

    fn rendition(&self, init: &Init, kind: Kind, settings: &StreamingSettings) -> Rendition {
        Rendition {
            modifier: self.output.modifier.clone(),
            codec: init.codec.clone(),
            timescale: init.timescale,
            segments: Vec::new(),
            layout: match settings.kind {
                StreamKind::Dash => Layout::Dash,
                _ => Layout::Cmaf,
            },
            init: None,
            index: None,
            key_frames: Vec::new(),
            kind,
        }
    }
}

fn is_picture(kind: &Kind) -> bool {
    matches!(kind, Kind::Video { .. })
}
