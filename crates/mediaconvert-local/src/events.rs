//! The events of a job: `MediaConvert Job State Change`.
//!
//! Shapes: <https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_cwe_events.html>.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::clock::Moment;
use crate::job::{Failure, Job, Phase, Progress, Warning, warnings};
use crate::media::{Media, Track, TrackKind};
use crate::probe::codec_name;
use crate::sources::Sources;

/// Who sends events, and from where.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Twelve digits.
    pub account: String,
    /// Such as `us-east-1`.
    pub region: String,
}

impl Sender {
    /// An ARN of this service, such as of a job.
    pub fn arn(&self, place: &str, name: &str) -> String {
        let (region, account) = (&self.region, &self.account);
        format!("arn:aws:mediaconvert:{region}:{account}:{place}/{name}")
    }
}

/// Wraps `more` for a job whose status is now `status`.
fn event(sender: &Sender, job: &Job, status: &str, more: Value) -> Value {
    let now = Moment::now();
    let mut detail = Map::new();
    detail.insert("timestamp".to_owned(), json!(now.milliseconds()));
    detail.insert("accountId".to_owned(), json!(sender.account));
    detail.insert("queue".to_owned(), json!(job.queue));
    detail.insert("jobId".to_owned(), json!(job.id));
    detail.insert("status".to_owned(), json!(status));
    detail.insert("userMetadata".to_owned(), job.user_metadata());
    if let Value::Object(more) = more {
        detail.extend(more);
    }
    json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "account": sender.account,
        "time": now.rfc3339(),
        "region": sender.region,
        "resources": [job.arn],
        "detail": detail,
    })
}

/// Work has begun.
pub fn progressing(sender: &Sender, job: &Job) -> Value {
    event(sender, job, "PROGRESSING", json!({}))
}

/// What the inputs are.
pub fn input_information(sender: &Sender, job: &Job, sources: &Sources) -> Value {
    let inputs: Vec<Value> = (1..)
        .zip(&sources.inputs)
        .map(|(id, files)| {
            let uri = &job.settings()["inputs"][id - 1]["fileInput"];
            input(id, uri, &files.media)
        })
        .collect();
    event(
        sender,
        job,
        "INPUT_INFORMATION",
        json!({"inputDetails": inputs}),
    )
}

fn input(id: usize, uri: &Value, media: &Media) -> Value {
    let of_kind = |wanted: fn(&TrackKind) -> bool| {
        media.tracks.iter().filter(move |track| wanted(&track.kind))
    };
    let mut input = json!({"id": id, "uri": uri});
    let audio: Vec<Value> = of_kind(|kind| matches!(kind, TrackKind::Audio(_)))
        .map(audio)
        .collect();
    let video: Vec<Value> = of_kind(|kind| matches!(kind, TrackKind::Video(_)))
        .map(|track| video(track, media))
        .collect();
    if !audio.is_empty() {
        input["audio"] = json!(audio);
    }
    if !video.is_empty() {
        input["video"] = json!(video);
    }
    input
}

fn audio(track: &Track) -> Value {
    let TrackKind::Audio(audio) = &track.kind else {
        return Value::Null;
    };
    json!({
        "channels": audio.channels,
        "codec": codec_name(&track.codec),
        "language": track.language.as_ref().map_or("UND".to_owned(), |code| code.to_uppercase()),
        "sampleRate": audio.sample_rate,
        "streamId": track.index + 1,
    })
}

fn video(track: &Track, media: &Media) -> Value {
    let TrackKind::Video(video) = &track.kind else {
        return Value::Null;
    };
    let (rate, _) = crate::plan::rate::of_source(media, video);
    let pixel = video.sample_aspect_ratio;
    let codec = match track.codec.as_str() {
        // Events and probes don't spell these alike.
        "h264" => "H_264".to_owned(),
        "hevc" => "H_265".to_owned(),
        other => codec_name(other).to_owned(),
    };
    json!({
        "bitDepth": video.bit_depth(),
        "codec": codec,
        "colorFormat": format!("YUV_{}", video.chroma()),
        "fourCC": track.four_cc,
        "frameRate": number((rate.value() * 1000.0).round() / 1000.0),
        "height": video.height,
        "interlaceMode": if video.interlaced { "INTERLACED" } else { "PROGRESSIVE" },
        "sar": format!("{}:{}", pixel.numerator(), pixel.denominator()),
        "standard": "UNSPECIFIED",
        "streamId": track.index + 1,
        "width": video.width,
    })
}

/// Whole numbers without a fraction, as the service writes them.
fn number(value: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "only whole, and frame rates are small and positive"
    )]
    if value.fract() == 0.0 && value >= 0.0 {
        json!(value as u64)
    } else {
        json!(value)
    }
}

/// How far the work is.
pub fn status_update(sender: &Sender, job: &Job, progress: Progress) -> Value {
    let mut phases = Map::new();
    for phase in Phase::ALL {
        let (status, percent) = match phase.partial_cmp(&progress.phase) {
            Some(std::cmp::Ordering::Less) => ("COMPLETE", 100),
            Some(std::cmp::Ordering::Equal) => ("PROGRESSING", progress.percent),
            _ => ("PENDING", 0),
        };
        phases.insert(
            phase.name().to_owned(),
            json!({"status": status, "percentComplete": percent}),
        );
    }
    let more = json!({
        "framesDecoded": progress.frames,
        "jobProgress": {
            "phaseProgress": phases,
            "jobPercentComplete": progress.overall(),
            "currentPhase": progress.phase.name(),
            "retryCount": job.retries,
        },
    });
    event(sender, job, "STATUS_UPDATE", more)
}

/// A setting was not done as asked. The code is a string here and a number in `warnings`, as in the
/// samples of the service.
pub fn new_warning(sender: &Sender, job: &Job, warning: &Warning) -> Value {
    let more = json!({"warningCode": warning.code.to_string(), "warningMessage": warning.message});
    event(sender, job, "NEW_WARNING", more)
}

/// All is written. `groups` is `outputGroupDetails`.
pub fn complete(sender: &Sender, job: &Job, groups: &[GroupDetail]) -> Value {
    let groups: Vec<Value> = groups.iter().map(GroupDetail::in_event).collect();
    let mut more =
        json!({"outputGroupDetails": groups, "paddingInserted": 0, "blackVideoDetected": 0});
    if !job.warnings.is_empty() {
        more["warnings"] = warnings(&job.warnings);
    }
    event(sender, job, "COMPLETE", more)
}

/// The job failed.
pub fn error(sender: &Sender, job: &Job, failure: &Failure) -> Value {
    let more = json!({"errorCode": failure.code, "errorMessage": failure.message});
    event(sender, job, "ERROR", more)
}

/// The job, that `before` was, is in another queue.
pub fn queue_hop(sender: &Sender, job: &Job, before: &Job) -> Value {
    let more = json!({
        "priority": job.priority,
        "previousQueue": before.queue,
        "previousPriority": before.priority,
    });
    event(sender, job, "QUEUE_HOP", more)
}

/// The job was stopped.
pub fn canceled(sender: &Sender, job: &Job) -> Value {
    event(sender, job, "CANCELED", json!({}))
}

/// What a group came to.
#[derive(Clone, Debug)]
pub struct GroupDetail {
    /// Such as `CMAF_GROUP`.
    pub kind: &'static str,
    /// URLs of its manifests.
    pub playlists: Vec<String>,
    /// Its outputs, in the order of the settings.
    pub outputs: Vec<OutputDetail>,
}

/// What an output came to.
#[derive(Clone, Debug, Default)]
pub struct OutputDetail {
    /// URLs, of file groups only.
    pub files: Vec<String>,
    /// Milliseconds.
    pub duration: u64,
    /// Its picture.
    pub video: Option<VideoDetail>,
}

/// What a picture track came to.
#[derive(Clone, Debug)]
pub struct VideoDetail {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bits per second.
    pub bitrate: u64,
    /// QVBR's level.
    pub quality: Option<f64>,
}

impl GroupDetail {
    fn in_event(&self) -> Value {
        let outputs: Vec<Value> = self.outputs.iter().map(OutputDetail::in_event).collect();
        let mut group = json!({"outputDetails": outputs});
        if !self.playlists.is_empty() {
            group["playlistFilePaths"] = json!(self.playlists);
        }
        group["type"] = json!(self.kind);
        group
    }

    /// As in the job resource, which has neither paths nor rates.
    pub fn in_job(&self) -> Value {
        let outputs: Vec<Value> = self
            .outputs
            .iter()
            .map(|output| {
                let mut detail = json!({"durationInMs": output.duration});
                if let Some(video) = &output.video {
                    detail["videoDetails"] =
                        json!({"widthInPx": video.width, "heightInPx": video.height});
                }
                detail
            })
            .collect();
        json!({"outputDetails": outputs})
    }
}

impl OutputDetail {
    fn in_event(&self) -> Value {
        let mut detail = json!({});
        if !self.files.is_empty() {
            detail["outputFilePaths"] = json!(self.files);
        }
        detail["durationInMs"] = json!(self.duration);
        if let Some(video) = &self.video {
            let mut details = json!({
                "widthInPx": video.width,
                "heightInPx": video.height,
                "averageBitrate": video.bitrate,
            });
            if let Some(quality) = video.quality {
                let quality = (quality * 100.0).round() / 100.0;
                // x264 holds a rate factor, so the level that was asked for stands for all three.
                details["qvbrAvgQuality"] = json!(quality);
                details["qvbrMinQuality"] = json!(quality);
                details["qvbrMaxQuality"] = json!(quality);
                details["qvbrMinQualityLocation"] = json!(0);
                details["qvbrMaxQualityLocation"] = json!(0);
            }
            detail["videoDetails"] = details;
        }
        detail
    }
}
