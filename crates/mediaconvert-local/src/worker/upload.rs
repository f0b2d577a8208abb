//! From ffmpeg's files to objects in S3, with the manifests that tell of them.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::run::Stop;
use crate::events::{GroupDetail, OutputDetail, VideoDetail};
use crate::job::Failure;
use crate::manifest::{Kind, Presentation, Rendition, SegmentInfo};
use crate::mp4::Mp4Error;
use crate::package::{Cuts, Packager};
use crate::plan::{Packaging, Plan, PlannedGroup, PlannedOutput, Product};
use crate::settings::Toggle;
use crate::storage::Bucket;
use crate::{dash, hls};

/// Objects written at the same time.
const AT_ONCE: usize = 8;
/// Samples of AAC before time zero, in packets.
const AAC_PRIMING: u32 = 1;

const PLAYLIST: &str = "application/vnd.apple.mpegurl";
const MPD: &str = "application/dash+xml";

/// Writes the outputs of one job.
pub(super) struct Upload<'a> {
    bucket: Bucket,
    folder: &'a Path,
    cancel: &'a CancellationToken,
    written: Arc<Mutex<Vec<(String, String)>>>,
}

/// All outputs, ready to be written.
#[derive(Default)]
pub(super) struct Prepared {
    /// What players fetch by name from a manifest.
    media: Vec<Object>,
    /// Playlists of single renditions.
    playlists: Vec<Object>,
    /// What players start with. It appears when all else is there.
    manifests: Vec<Object>,
    details: Vec<GroupDetail>,
    longest: Option<f64>,
}

struct Object {
    bucket: String,
    key: String,
    body: Body,
    kind: &'static str,
}

enum Body {
    File(PathBuf),
    Text(String),
}

impl Prepared {
    /// Seconds of the longest output that has a duration of its own: the picture, if there is any.
    pub(super) fn longest(&self) -> Option<f64> {
        self.longest
    }
}

impl<'a> Upload<'a> {
    pub(super) fn new(bucket: Bucket, folder: &'a Path, cancel: &'a CancellationToken) -> Self {
        Self {
            bucket,
            folder,
            cancel,
            written: Arc::default(),
        }
    }

    /// Cuts segments and writes manifests, all on the local disk.
    pub(super) fn prepare(&self, plan: &Plan) -> Result<Prepared, Failure> {
        let mut prepared = Prepared::default();
        for (number, group) in plan.groups.iter().enumerate() {
            match &group.packaging {
                Packaging::Cmaf { .. } => self.cmaf(group, number, &mut prepared)?,
                Packaging::File => self.files(group, &mut prepared)?,
            }
        }
        Ok(prepared)
    }

    fn cmaf(
        &self,
        group: &PlannedGroup,
        number: usize,
        prepared: &mut Prepared,
    ) -> Result<(), Failure> {
        let Packaging::Cmaf { settings, cadence } = &group.packaging else {
            return Ok(());
        };
        let cuts = Cuts {
            segment: cadence.segment,
            fragment: cadence.fragment,
            min_final: settings.min_final_segment_length,
            end: None,
            priming: 0,
            offsets: settings.video_composition_offsets,
        };
        let mut renditions: Vec<Option<Rendition>> = vec![None; group.outputs.len()];
        // Pictures first: where they end decides about the last segment of the sound.
        for picture in [true, false] {
            let end = renditions
                .iter()
                .flatten()
                .map(Rendition::duration)
                .reduce(f64::max);
            for (index, output) in group.outputs.iter().enumerate() {
                let cuts = match &output.product {
                    Product::CmafVideo { .. } if picture => cuts,
                    Product::CmafAudio { .. } if !picture => Cuts {
                        end,
                        priming: AAC_PRIMING,
                        ..cuts
                    },
                    _ => continue,
                };
                let name = format!("g{number}o{index}");
                renditions[index] = Some(self.rendition(group, output, &name, cuts, prepared)?);
            }
        }
        let longest = renditions
            .iter()
            .flatten()
            .filter(|r| r.is_video())
            .map(Rendition::duration)
            .reduce(f64::max);
        let sound = renditions
            .iter()
            .flatten()
            .map(Rendition::duration)
            .reduce(f64::max);
        prepared.longest = longest.or(prepared.longest).or(sound);
        let outputs = group
            .outputs
            .iter()
            .zip(&renditions)
            .map(|(output, rendition)| detail(output, rendition.as_ref()));
        let outputs = outputs.collect();
        let presentation = Presentation {
            base: group.destination.base.clone(),
            renditions: renditions.into_iter().flatten().collect(),
            settings: settings.clone(),
        };
        let destination = &group.destination;
        let text = |rest: &str, text: String, kind| Object {
            bucket: destination.bucket.clone(),
            key: destination.key(rest),
            body: Body::Text(text),
            kind,
        };
        let mut playlists = Vec::new();
        let mut manifest = |object: Object| {
            playlists.push(destination.url(&object.key));
            prepared.manifests.push(object);
        };
        if settings.write_dash_manifest == Toggle::Enabled {
            manifest(text(".mpd", dash::manifest(&presentation), MPD));
        }
        if settings.write_hls_manifest == Toggle::Enabled {
            manifest(text(
                ".m3u8",
                hls::multivariant_playlist(&presentation),
                PLAYLIST,
            ));
            for rendition in &presentation.renditions {
                let playlist = hls::media_playlist(&presentation, rendition);
                prepared.playlists.push(text(
                    &format!("{}.m3u8", rendition.modifier),
                    playlist,
                    PLAYLIST,
                ));
            }
        }
        prepared.details.push(GroupDetail {
            kind: "CMAF_GROUP",
            playlists,
            outputs,
        });
        Ok(())
    }

    /// Cuts one track.
    fn rendition(
        &self,
        group: &PlannedGroup,
        output: &PlannedOutput,
        name: &str,
        cuts: Cuts,
        prepared: &mut Prepared,
    ) -> Result<Rendition, Failure> {
        let (file, kind) = match &output.product {
            Product::CmafVideo {
                file,
                video,
                audio_groups,
            } => (
                file,
                Kind::Video {
                    width: video.geometry.width,
                    height: video.geometry.height,
                    pixel: video.geometry.pixel,
                    frame_rate: video.frame_rate,
                    max_bitrate: video.max_bitrate,
                    audio_groups: audio_groups.clone(),
                },
            ),
            Product::CmafAudio { file, audio } => (
                file,
                Kind::Audio {
                    channels: audio.channels,
                    sample_rate: audio.sample_rate,
                    language: audio.language.clone(),
                    name: audio.name.clone(),
                    group: audio.group.clone(),
                    track_type: audio.track_type,
                },
            ),
            _ => {
                return Err(Failure::new(
                    1999,
                    "A CMAF group holds something that is no track.",
                ));
            }
        };
        let failed = |error: &Mp4Error| {
            Failure::new(
                1999,
                format!(
                    "The output '{}' could not be cut into segments: {error}.",
                    output.modifier
                ),
            )
        };
        let opened = File::open(self.folder.join(file)).map_err(Mp4Error::from);
        let opened = opened.and_then(|file| Packager::open(BufReader::new(file), cuts));
        let (mut packager, init) = opened.map_err(|error| failed(&error))?;
        let mut rendition = Rendition {
            modifier: output.modifier.clone(),
            codec: init.codec,
            timescale: init.timescale,
            segments: Vec::new(),
            kind,
        };
        let mime = if rendition.is_video() {
            "video/mp4"
        } else {
            "audio/mp4"
        };
        let extension = rendition.extension();
        let mut keep = |rest: String, bytes: &[u8]| -> Result<(), Failure> {
            let path = self.folder.join(format!("{name}{rest}"));
            std::fs::write(&path, bytes).map_err(|error| {
                Failure::new(1999, format!("The work folder can't be written: {error}."))
            })?;
            prepared.media.push(Object {
                bucket: group.destination.bucket.clone(),
                key: group.destination.key(&format!("{}{rest}", output.modifier)),
                body: Body::File(path),
                kind: mime,
            });
            Ok(())
        };
        keep(format!("init.{extension}"), &init.bytes)?;
        while let Some(segment) = packager.segment().map_err(|error| failed(&error))? {
            rendition.segments.push(SegmentInfo {
                start: segment.start,
                duration: segment.duration,
                size: u64::try_from(segment.bytes.len()).unwrap_or_default(),
            });
            keep(
                format!("_{:09}.{extension}", rendition.segments.len()),
                &segment.bytes,
            )?;
        }
        // ffmpeg's file is as large as all segments together, and of no use any more.
        let _ = std::fs::remove_file(self.folder.join(file));
        if rendition.segments.is_empty() {
            return Err(Failure::new(
                1076,
                format!(
                    "Nothing of the input could be decoded for output '{}'.",
                    output.modifier
                ),
            ));
        }
        Ok(rendition)
    }

    fn files(&self, group: &PlannedGroup, prepared: &mut Prepared) -> Result<(), Failure> {
        let mut outputs = Vec::new();
        for output in &group.outputs {
            let mut object = |file: PathBuf, rest: &str, kind| {
                let key = group.destination.key(&format!("{}{rest}", output.modifier));
                let url = group.destination.url(&key);
                prepared.media.push(Object {
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
                        let file = self.folder.join(format!("{prefix}.{count:07}.jpg"));
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
                    let path = self.folder.join(file);
                    let size = std::fs::metadata(&path)
                        .map(|found| found.len())
                        .unwrap_or_default();
                    let kind = if extension == "mov" {
                        "video/quicktime"
                    } else {
                        "video/mp4"
                    };
                    let url = object(path, &format!(".{extension}"), kind);
                    let seconds = prepared.longest.unwrap_or_default();
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
                _ => outputs.push(OutputDetail::default()),
            }
        }
        prepared.details.push(GroupDetail {
            kind: "FILE_GROUP",
            playlists: Vec::new(),
            outputs,
        });
        Ok(())
    }

    /// Writes all objects; manifests come last, when what they name is there.
    pub(super) async fn run(
        &mut self,
        prepared: Prepared,
        report: impl Fn(u8),
    ) -> Result<Vec<GroupDetail>, Stop> {
        let total = prepared.media.len() + prepared.playlists.len() + prepared.manifests.len();
        let mut done = 0;
        for objects in [prepared.media, prepared.playlists, prepared.manifests] {
            let permits = Arc::new(Semaphore::new(AT_ONCE));
            let mut tasks = JoinSet::new();
            for object in objects {
                let (bucket, permits, written) =
                    (self.bucket.clone(), permits.clone(), self.written.clone());
                tasks.spawn(async move {
                    // The semaphore is never closed.
                    let _permit = permits.acquire().await;
                    put(&bucket, object, &written).await
                });
            }
            loop {
                let result = tokio::select! {
                    result = tasks.join_next() => result,
                    // Dropping the set ends the tasks.
                    () = self.cancel.cancelled() => return Err(Stop::Canceled),
                };
                match result {
                    None => break,
                    Some(Ok(Ok(()))) => {
                        done += 1;
                        report(u8::try_from(done * 100 / total.max(1)).unwrap_or(100));
                    }
                    Some(Ok(Err(failure))) => return Err(failure.into()),
                    Some(Err(error)) => {
                        return Err(
                            Failure::new(1999, format!("An upload broke off: {error}.")).into()
                        );
                    }
                }
            }
        }
        Ok(prepared.details)
    }

    /// Removes what was written. The role of a job may often only write, so the server does this as
    /// itself.
    pub(super) async fn undo(&self, own: &Bucket) {
        let written =
            std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        for (bucket, key) in written {
            if let Err(reason) = own.remove(&bucket, &key).await {
                warn!(
                    s3_bucket = bucket,
                    s3_key = key,
                    "left a partial output behind: {reason}"
                );
            }
        }
    }
}

async fn put(
    bucket: &Bucket,
    object: Object,
    written: &Mutex<Vec<(String, String)>>,
) -> Result<(), Failure> {
    let name = (object.bucket.clone(), object.key.clone());
    // Noted before: a request that is broken off may still have an effect.
    written
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(name.clone());
    let body = match object.body {
        Body::Text(text) => ByteStream::from(text.into_bytes()),
        Body::File(path) => ByteStream::from_path(path).await.map_err(|error| {
            Failure::new(1999, format!("The work folder can't be read: {error}."))
        })?,
    };
    let result = bucket
        .put(&object.bucket, &object.key, body, object.kind)
        .await;
    if result.is_err() {
        // What was there before and may not be overwritten is not ours to remove.
        written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|other| *other != name);
    }
    result
}

fn detail(output: &PlannedOutput, rendition: Option<&Rendition>) -> OutputDetail {
    let video = match (&output.product, rendition) {
        (Product::CmafVideo { video, .. }, Some(rendition)) => Some(VideoDetail {
            width: video.geometry.width,
            height: video.geometry.height,
            bitrate: rendition.average_bandwidth(),
            quality: video.quality,
        }),
        _ => None,
    };
    OutputDetail {
        files: Vec::new(),
        duration: rendition.map_or(0, |rendition| milliseconds(rendition.duration())),
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
