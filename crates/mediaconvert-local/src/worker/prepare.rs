//! From ffmpeg's files to all that is written to S3, manifests included. Works on the local disk
//! only, and blocks.

mod captions;
mod cut;
mod manifests;
mod transport;
mod write;

use std::path::{Path, PathBuf};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::growing::Encoding;
use crate::events::{GroupDetail, OutputDetail, VideoDetail};
use crate::job::Failure;
use crate::manifest::{Kind, Rendition};
use crate::plan::{Packaging, Plan, PlannedGroup, PlannedOutput, Product};
use crate::settings::{OutputSelection, StreamKind, StreamingSettings};

/// What is written as soon as it is there: media that players fetch by names from a manifest.
#[derive(Clone)]
pub(super) struct Outgoing(Option<UnboundedSender<Object>>);

impl Outgoing {
    /// The other end gets what is pushed.
    pub(super) fn new() -> (Self, UnboundedReceiver<Object>) {
        let (sender, receiver) = unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    fn push(&self, object: Object) {
        if let Some(sender) = &self.0 {
            // Nobody listens to a job that has failed.
            let _ = sender.send(object);
        }
    }

    /// Nothing more will come: the other end waits for that.
    fn close(&mut self) {
        self.0 = None;
    }
}

/// All outputs.
pub(super) struct Prepared {
    media: Outgoing,
    /// Playlists of single renditions.
    pub(super) playlists: Vec<Object>,
    /// What players start with. It appears when all else is there.
    pub(super) manifests: Vec<Object>,
    pub(super) details: Vec<GroupDetail>,
    longest: Option<f64>,
    /// Seconds that ffmpeg told of, for outputs that don't tell themselves.
    seconds: f64,
}

/// One object to write.
pub(super) struct Object {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) body: Body,
    pub(super) kind: &'static str,
}

pub(super) enum Body {
    File(PathBuf),
    Text(String),
}

impl Prepared {
    /// Seconds of the longest output that has a duration of its own: the picture, if there is any.
    pub(super) fn longest(&self) -> Option<f64> {
        self.longest
    }
}

/// Cuts segments and makes manifests of what ffmpeg writes into `folder`. Segments go out while it is at
/// work.
pub(super) fn prepare(
    plan: &Plan,
    folder: &Path,
    encoding: &Encoding,
    media: Outgoing,
) -> Result<Prepared, Failure> {
    let cut = cut::all(plan, folder, encoding, &media)?;
    let mut prepared = Prepared {
        media,
        playlists: Vec::new(),
        manifests: Vec::new(),
        details: Vec::new(),
        longest: None,
        seconds: encoding.seconds()?,
    };
    for (group, cut) in plan.groups.iter().zip(cut) {
        match &group.packaging {
            Packaging::Streaming { .. } => prepared.streaming(folder, group, cut)?,
            Packaging::File => prepared.files(folder, group),
        }
    }
    prepared.media.close();
    Ok(prepared)
}

impl Prepared {
    fn streaming(
        &mut self,
        folder: &Path,
        group: &PlannedGroup,
        mut renditions: Vec<Option<Rendition>>,
    ) -> Result<(), Failure> {
        let Packaging::Streaming { settings, .. } = &group.packaging else {
            return Ok(());
        };
        self.captions(group, &mut renditions)?;
        let longest = renditions
            .iter()
            .flatten()
            .filter(|r| r.is_video())
            .map(Rendition::duration)
            .reduce(f64::max);
        let sound = renditions
            .iter()
            .flatten()
            .filter(|r| !r.is_captions())
            .map(Rendition::duration)
            .reduce(f64::max);
        self.longest = longest.or(self.longest).or(sound);
        let outputs = group
            .outputs
            .iter()
            .zip(&renditions)
            .map(|(output, rendition)| detail(group, settings, output, rendition.as_ref()));
        let outputs = outputs.collect();
        let playlists = self.manifests(folder, group, settings, &renditions);
        self.details.push(GroupDetail {
            kind: match settings.kind {
                StreamKind::Cmaf => "CMAF_GROUP",
                StreamKind::Hls => "HLS_GROUP",
                StreamKind::Dash => "DASH_ISO_GROUP",
            },
            playlists,
            outputs,
        });
        Ok(())
    }

    fn files(&mut self, folder: &Path, group: &PlannedGroup) {
        let mut outputs = Vec::new();
        for output in &group.outputs {
            let object = |file: PathBuf, rest: &str, kind| {
                let key = group.destination.key(&format!("{}{rest}", output.modifier));
                let url = group.destination.url(&key);
                self.media.push(Object {
                    bucket: group.destination.bucket.clone(),
                    key,
                    body: Body::File(file),
                    kind,
                });
                url
            };
            match &output.product {
                Product::Stills {
                    prefix,
                    interval,
                    width,
                    height,
                } => {
                    let mut last = None;
                    let mut count = 0u32;
                    let mut size = 0;
                    loop {
                        let file = folder.join(format!("{prefix}.{count:07}.jpg"));
                        let Ok(found) = std::fs::metadata(&file) else {
                            break;
                        };
                        size += found.len();
                        last = Some(object(file, &format!(".{count:07}.jpg"), "image/jpeg"));
                        count += 1;
                    }
                    let seconds = f64::from(count) * interval;
                    outputs.push(OutputDetail {
                        files: last.into_iter().collect(),
                        duration: milliseconds(seconds),
                        video: Some(VideoDetail {
                            width: *width,
                            height: *height,
                            bitrate: rate(size, seconds),
                            quality: None,
                        }),
                    });
                }
                Product::File {
                    file,
                    extension,
                    video,
                } => {
                    let path = folder.join(file);
                    let size = std::fs::metadata(&path)
                        .map(|found| found.len())
                        .unwrap_or_default();
                    let kind = media_type(file, video.is_some());
                    let url = object(path, &format!(".{extension}"), kind);
                    let seconds = self.longest.unwrap_or(self.seconds);
                    outputs.push(OutputDetail {
                        files: vec![url],
                        duration: milliseconds(seconds),
                        video: video.as_ref().map(|video| VideoDetail {
                            width: video.geometry.width,
                            height: video.geometry.height,
                            bitrate: rate(size, seconds),
                            quality: video.quality,
                        }),
                    });
                }
                Product::CaptionsFile {
                    captions,
                    extension,
                } => {
                    let rest = format!("{}.{extension}", output.modifier);
                    let key = group.destination.key(&rest);
                    let url = group.destination.url(&key);
                    self.media.push(Object {
                        bucket: group.destination.bucket.clone(),
                        key,
                        body: Body::Text(captions.file()),
                        kind: captions.format.media_type(),
                    });
                    outputs.push(OutputDetail {
                        files: vec![url],
                        ..OutputDetail::default()
                    });
                }
                _ => outputs.push(OutputDetail::default()),
            }
        }
        self.details.push(GroupDetail {
            kind: "FILE_GROUP",
            playlists: Vec::new(),
            outputs,
        });
    }
}

/// Of a file by the extension that ffmpeg wrote it with, whatever it will be called.
fn media_type(file: &str, picture: bool) -> &'static str {
    let extension = file.rsplit('.').next().unwrap_or_default();
    match (extension, picture) {
        ("mov", _) => "video/quicktime",
        ("m2ts" | "ts", _) => "video/mp2t",
        ("webm", true) => "video/webm",
        ("webm", false) => "audio/webm",
        ("gif", _) => "image/gif",
        ("mp4", true) => "video/mp4",
        ("mp4", false) => "audio/mp4",
        ("aac", _) => "audio/aac",
        ("mp3", _) => "audio/mpeg",
        ("ac3", _) => "audio/ac3",
        ("ec3", _) => "audio/eac3",
        ("flac", _) => "audio/flac",
        ("wav", _) => "audio/wav",
        ("aiff", _) => "audio/aiff",
        ("ogg" | "opus", _) => "audio/ogg",
        ("h264", _) => "video/h264",
        ("h265", _) => "video/h265",
        _ => "application/octet-stream",
    }
}

/// The file of a CMAF output, and what manifests tell of it.
fn track(product: &Product) -> Option<(&String, Kind)> {
    match product {
        Product::CmafVideo {
            file,
            video,
            audio_groups,
            ..
        } => Some((
            file,
            Kind::Video {
                width: video.geometry.width,
                height: video.geometry.height,
                pixel: video.geometry.pixel,
                frame_rate: video.frame_rate,
                max_bitrate: video.max_bitrate,
                audio_groups: audio_groups.clone(),
                range: video.range,
            },
        )),
        Product::CmafAudio { file, audio } => Some((
            file,
            Kind::Audio {
                channels: audio.channels,
                sample_rate: audio.sample_rate,
                language: audio.language.clone(),
                name: audio.name.clone(),
                group: audio.group.clone(),
                track_type: audio.track_type,
                describes_video: audio.describes_video,
            },
        )),
        Product::Transport(_)
        | Product::Captions(_)
        | Product::CaptionsFile { .. }
        | Product::File { .. }
        | Product::Stills { .. }
        | Product::Omitted => None,
    }
}

fn detail(
    group: &PlannedGroup,
    settings: &StreamingSettings,
    output: &PlannedOutput,
    rendition: Option<&Rendition>,
) -> OutputDetail {
    let picture = match &output.product {
        Product::CmafVideo { video, .. } => Some(video),
        Product::Transport(transport) => transport.video.as_ref(),
        _ => None,
    };
    let video = picture
        .zip(rendition)
        .map(|(video, rendition)| VideoDetail {
            width: video.geometry.width,
            height: video.geometry.height,
            bitrate: rendition.average_bandwidth(),
            quality: video.quality,
        });
    // Of HLS groups, the service tells each output's own playlist.
    let playlist = rendition.filter(|_| {
        settings.kind == StreamKind::Hls
            && settings.output_selection == OutputSelection::ManifestsAndSegments
    });
    OutputDetail {
        files: playlist
            .map(|rendition| {
                let key = group.destination.key(&rendition.playlist_name());
                group.destination.url(&key)
            })
            .into_iter()
            .collect(),
        // The service says nothing of how long captions are.
        duration: rendition
            .filter(|rendition| !rendition.is_captions())
            .map_or(0, |rendition| milliseconds(rendition.duration())),
        video,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations are positive and small"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of real files are far below 2^52"
)]
fn rate(bytes: u64, seconds: f64) -> u64 {
    if seconds > 0.0 {
        (bytes as f64 * 8.0 / seconds) as u64
    } else {
        0
    }
}
