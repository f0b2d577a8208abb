//! From ffmpeg's files to all that is written to S3, manifests included. Works on the local disk
//! only, and blocks.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::events::{GroupDetail, OutputDetail, VideoDetail};
use crate::job::Failure;
use crate::manifest::{Kind, Presentation, Rendition, SegmentInfo};
use crate::mp4::Mp4Error;
use crate::package::{Cuts, Packager};
use crate::plan::{Packaging, Plan, PlannedGroup, PlannedOutput, Product};
use crate::settings::Toggle;
use crate::{dash, hls};

/// Samples of AAC before time zero, in packets.
const AAC_PRIMING: u32 = 1;

const PLAYLIST: &str = "application/vnd.apple.mpegurl";
const MPD: &str = "application/dash+xml";

/// All outputs, ready to be written.
#[derive(Default)]
pub(super) struct Prepared {
    /// What players fetch by name from a manifest.
    pub(super) media: Vec<Object>,
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

/// Cuts segments and makes manifests of what ffmpeg wrote into `folder`, which was `seconds` long.
pub(super) fn prepare(plan: &Plan, folder: &Path, seconds: f64) -> Result<Prepared, Failure> {
    let mut prepared = Prepared {
        seconds,
        ..Prepared::default()
    };
    for (number, group) in plan.groups.iter().enumerate() {
        match &group.packaging {
            Packaging::Cmaf { .. } => prepared.cmaf(folder, group, number)?,
            Packaging::File => prepared.files(folder, group),
        }
    }
    Ok(prepared)
}

impl Prepared {
    fn cmaf(&mut self, folder: &Path, group: &PlannedGroup, number: usize) -> Result<(), Failure> {
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
                renditions[index] = Some(self.rendition(folder, group, output, &name, cuts)?);
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
        self.longest = longest.or(self.longest).or(sound);
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
            self.manifests.push(object);
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
                self.playlists.push(text(
                    &format!("{}.m3u8", rendition.modifier),
                    playlist,
                    PLAYLIST,
                ));
            }
        }
        self.details.push(GroupDetail {
            kind: "CMAF_GROUP",
            playlists,
            outputs,
        });
        Ok(())
    }

    /// Cuts one track.
    fn rendition(
        &mut self,
        folder: &Path,
        group: &PlannedGroup,
        output: &PlannedOutput,
        name: &str,
        cuts: Cuts,
    ) -> Result<Rendition, Failure> {
        let Some((file, kind)) = track(&output.product) else {
            return Err(Failure::new(
                1999,
                "A CMAF group holds something that is no track.",
            ));
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
        let opened = File::open(folder.join(file)).map_err(Mp4Error::from);
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
            let path = folder.join(format!("{name}{rest}"));
            std::fs::write(&path, bytes).map_err(|error| {
                Failure::new(1999, format!("The work folder can't be written: {error}."))
            })?;
            self.media.push(Object {
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
        let _ = std::fs::remove_file(folder.join(file));
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

    fn files(&mut self, folder: &Path, group: &PlannedGroup) {
        let mut outputs = Vec::new();
        for output in &group.outputs {
            let mut object = |file: PathBuf, rest: &str, kind| {
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
                    let kind = if extension == "mov" {
                        "video/quicktime"
                    } else {
                        "video/mp4"
                    };
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
/// The file of a CMAF output, and what manifests tell of it.
fn track(product: &Product) -> Option<(&String, Kind)> {
    match product {
        Product::CmafVideo {
            file,
            video,
            audio_groups,
        } => Some((
            file,
            Kind::Video {
                width: video.geometry.width,
                height: video.geometry.height,
                pixel: video.geometry.pixel,
                frame_rate: video.frame_rate,
                max_bitrate: video.max_bitrate,
                audio_groups: audio_groups.clone(),
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
            },
        )),
        Product::File { .. } | Product::Stills { .. } | Product::Omitted => None,
    }
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
