//! A video as people and programs see it.

use common::time::Timestamp;
use common::video::{self, RenditionKind, Status};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::clip::Clip;

/// A title in the library.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Video {
    /// Its id.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// What people call it.
    pub(crate) title: String,
    /// What people say about it.
    #[schema(nullable = false)]
    pub(crate) description: Option<String>,
    /// Id of the user whose it is; `drop-in` for what was put into the bucket by other means.
    pub(crate) owner: String,
    /// Where it stands.
    pub(crate) status: VideoStatus,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
    /// The user's name of the file.
    #[schema(nullable = false)]
    pub(crate) file_name: Option<String>,
    /// Size of the source, bytes.
    #[schema(nullable = false)]
    pub(crate) size_bytes: Option<u64>,
    /// Where somebody wants the poster to be, seconds; absent for the still that the conversion chose.
    #[schema(nullable = false)]
    pub(crate) poster_seconds: Option<u32>,
    /// Captions that were added to it, beside those that its source has.
    pub(crate) captions: Vec<Captions>,
    /// Name of the profile that it is converted with; absent before that is known.
    #[schema(nullable = false)]
    pub(crate) profile: Option<String>,
    /// Whether somebody wanted a file to download, or wanted none; absent for what the profile says.
    #[schema(nullable = false)]
    pub(crate) download: Option<bool>,
    /// The part of the upload that is converted; absent for all of it.
    #[schema(nullable = false)]
    pub(crate) clip: Option<Clip>,
    /// The current upload; absent before it is complete.
    #[schema(nullable = false)]
    pub(crate) revision: Option<String>,
    /// How far the conversion is; while it runs, once it is known.
    #[schema(nullable = false, maximum = 100)]
    pub(crate) progress_percent: Option<u8>,
    /// Why it came to nothing.
    #[schema(nullable = false)]
    pub(crate) failure: Option<Failure>,
    /// How it got where it is, oldest first.
    pub(crate) history: Vec<HistoryEntry>,
    /// What its conversion costs.
    #[schema(nullable = false)]
    pub(crate) cost: Option<Cost>,
    /// What can be watched: while a new revision is converted, that of the one before.
    #[schema(nullable = false)]
    pub(crate) playback: Option<Playback>,
}

/// Captions that were added to a video.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Captions {
    /// BCP 47 tag.
    pub(crate) language: String,
    /// As the player's menu shows it.
    pub(crate) label: String,
    /// Whether what can be watched has them already.
    pub(crate) playing: bool,
}

/// What a conversion costs, by the service's price table.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cost {
    /// ISO 4217.
    pub(crate) currency: String,
    /// Version of the price table.
    pub(crate) prices: String,
    /// Before the conversion; absent where the source doesn't tell its length.
    #[schema(nullable = false)]
    pub(crate) estimated: Option<f64>,
    /// After it.
    #[schema(nullable = false)]
    pub(crate) actual: Option<f64>,
    /// Of each rendition and still: estimated, once it is made actual.
    pub(crate) per_rendition: Vec<RenditionCost>,
    /// Why something else is made than the chosen profile says.
    #[schema(nullable = false)]
    pub(crate) note: Option<String>,
}

/// What a rendition costs.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RenditionCost {
    /// Such as `720p`.
    pub(crate) name: String,
    /// For a minute.
    pub(crate) per_minute: f64,
    /// For all of it.
    #[schema(nullable = false)]
    pub(crate) amount: Option<f64>,
    /// What moves it to the dearer professional tier; empty at the basic tier.
    pub(crate) professional: Vec<String>,
}

impl From<common::cost::Cost> for Cost {
    fn from(cost: common::cost::Cost) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "no conversion costs billions")]
        let amount = |millionths: u64| millionths as f64 / 1e6;
        let outputs = cost.outputs.into_iter().map(|output| RenditionCost {
            name: output.name,
            per_minute: amount(output.rate),
            amount: output.amount.map(amount),
            professional: output.professional,
        });
        Self {
            currency: cost.currency,
            prices: cost.prices,
            estimated: cost.estimated.map(amount),
            actual: cost.actual.map(amount),
            per_rendition: outputs.collect(),
            note: cost.note,
        }
    }
}

/// The states of a video.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum VideoStatus {
    /// It waits for its upload.
    Uploading,
    /// It waits for its conversion.
    Submitted,
    /// It is being converted.
    Processing,
    /// It can be watched.
    Ready,
    /// It came to nothing; `failure` says why.
    Failed,
    /// Its conversion was stopped.
    Canceled,
}

/// Why a video came to nothing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Failure {
    /// Upper snake case, or MediaConvert's number.
    pub(crate) code: String,
    /// For a person, with the next step.
    pub(crate) sentence: String,
}

/// A step of a video's way.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryEntry {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// What it became.
    pub(crate) status: VideoStatus,
    /// MediaConvert's id of the job.
    #[schema(nullable = false)]
    pub(crate) job_id: Option<String>,
}

/// What a player needs. Addresses are absolute.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Playback {
    /// The revision that this is of.
    pub(crate) revision: String,
    /// Length, milliseconds.
    #[schema(nullable = false)]
    pub(crate) duration_ms: Option<u64>,
    /// HLS multivariant playlist; absent where one file is all.
    #[schema(nullable = false, format = "uri")]
    pub(crate) hls_url: Option<String>,
    /// DASH manifest; absent where one file is all.
    #[schema(nullable = false, format = "uri")]
    pub(crate) dash_url: Option<String>,
    /// An MP4 file with picture and sound: the only one of a profile that makes one, or the download beside the streams.
    #[schema(nullable = false, format = "uri")]
    pub(crate) file_url: Option<String>,
    /// A still.
    #[schema(nullable = false, format = "uri")]
    pub(crate) poster_url: Option<String>,
    /// Stills for the seek bar.
    #[schema(nullable = false)]
    pub(crate) thumbnails: Option<Thumbnails>,
    /// The same stills as a WebVTT index, as players take it.
    #[schema(nullable = false, format = "uri")]
    pub(crate) storyboard_url: Option<String>,
    /// What can be played.
    pub(crate) renditions: Vec<Rendition>,
}

/// Stills at regular intervals, from the start on.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Thumbnails {
    /// The first one; the others follow in its seven-digit number.
    #[schema(format = "uri")]
    pub(crate) first_url: String,
    /// How many there are.
    pub(crate) count: u32,
    /// Seconds between two.
    pub(crate) interval_seconds: u32,
    /// Pixels.
    pub(crate) width: u32,
    /// Pixels.
    pub(crate) height: u32,
}

/// Picture or sound in one quality.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rendition {
    /// Such as `720p` or `audio`.
    pub(crate) name: String,
    /// Picture or sound.
    pub(crate) kind: Kind,
    /// MediaConvert's name: `H_264`, `AAC`.
    pub(crate) codec: String,
    /// Pixels.
    #[schema(nullable = false)]
    pub(crate) width: Option<u32>,
    /// Pixels.
    #[schema(nullable = false)]
    pub(crate) height: Option<u32>,
    /// Number of audio channels.
    #[schema(nullable = false)]
    pub(crate) channels: Option<u32>,
    /// Three letters of ISO 639, of a sound whose language is known.
    #[schema(nullable = false)]
    pub(crate) language: Option<String>,
    /// What a player's menu calls a sound.
    #[schema(nullable = false)]
    pub(crate) label: Option<String>,
    /// Upper bound, bits per second.
    #[schema(nullable = false)]
    pub(crate) max_bitrate: Option<u64>,
    /// What it came to, bits per second.
    #[schema(nullable = false)]
    pub(crate) average_bitrate: Option<u64>,
    /// Average QVBR quality, 1 to 10.
    #[schema(nullable = false)]
    pub(crate) qvbr_quality: Option<f64>,
}

/// What a rendition is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = RenditionKind)]
pub(crate) enum Kind {
    /// Picture without sound.
    Video,
    /// Sound without picture.
    Audio,
}

impl Video {
    /// The record as people see it. `site_url` begins the addresses of its media.
    pub(crate) fn new(record: video::Video, site_url: &str) -> Self {
        let history = history(&record);
        let playback = Playback::of(&record, site_url);
        let playing = playback.is_some() && record.has_edition();
        let making = record.job.map(|job| job.making).unwrap_or_default();
        let (profile, cost) = (making.profile, making.cost);
        let captions = record.captions.unwrap_or_default().tracks.into_iter();
        let captions = captions.map(|track| Captions {
            language: track.language,
            label: track.label,
            playing,
        });
        let size_bytes = record.source.map(|source| source.size_bytes);
        Self {
            id: record.id,
            title: record.title,
            description: record.description,
            owner: record.owner,
            status: record.status.into(),
            created_at: record.created_at,
            updated_at: record.updated_at,
            file_name: record.file_name,
            size_bytes: size_bytes.or(record.size_bytes),
            poster_seconds: record.poster_seconds,
            captions: captions.collect(),
            profile: profile.or(record.profile),
            download: record.download,
            clip: record.clip.map(Into::into),
            cost: cost.map(Into::into),
            revision: record.revision,
            progress_percent: record.progress_percent,
            failure: record.failure.map(Into::into),
            history,
            playback,
        }
    }
}

impl Playback {
    /// What can be watched of the video, with addresses that begin with `site_url`.
    pub(crate) fn of(record: &video::Video, site_url: &str) -> Option<Self> {
        let playback = record.playback.clone()?;
        let url = |key: String| address(site_url, &key);
        let stills = playback.thumbnails.as_ref();
        let chosen = record
            .poster_seconds
            .and_then(|seconds| stills?.nearest(seconds));
        let storyboard_url =
            stills.map(|_| storyboard_url(site_url, &record.id, &playback.revision));
        Some(Self {
            revision: playback.revision,
            duration_ms: playback.duration_ms,
            hls_url: playback.hls.map(url),
            dash_url: playback.dash.map(url),
            file_url: playback.file.map(url),
            poster_url: chosen.or(playback.poster).map(url),
            thumbnails: stills.map(|stills| Thumbnails::new(stills, site_url)),
            storyboard_url,
            renditions: playback.renditions.into_iter().map(Into::into).collect(),
        })
    }
}

impl Thumbnails {
    /// With addresses that begin with `site_url`.
    pub(crate) fn new(thumbnails: &video::Thumbnails, site_url: &str) -> Self {
        Self {
            first_url: address(site_url, &thumbnails.first),
            count: thumbnails.count,
            interval_seconds: thumbnails.interval_seconds,
            width: thumbnails.width,
            height: thumbnails.height,
        }
    }
}

impl From<common::failure::Failure> for Failure {
    fn from(failure: common::failure::Failure) -> Self {
        Self {
            code: failure.code,
            sentence: failure.sentence,
        }
    }
}

/// Where a key of the converted bucket is delivered. Put together in one go: a list has hundreds of them.
pub(crate) fn address(site_url: &str, key: &str) -> String {
    [site_url, "/", key].concat()
}

/// Where the index of a revision's stills is.
pub(crate) fn storyboard_url(site_url: &str, id: &str, revision: &str) -> String {
    let folder = "/api/public/videos/";
    [site_url, folder, id, "/", revision, "/storyboard.vtt"].concat()
}

/// What the record still knows of its way: the times of the current revision's job.
fn history(record: &video::Video) -> Vec<HistoryEntry> {
    let entry = |at: Timestamp, status: Status, job_id: Option<&String>| HistoryEntry {
        at,
        status: status.into(),
        job_id: job_id.cloned(),
    };
    // A drop-in has no upload that we know of.
    let mut history = Vec::new();
    if record.file_name.is_some() {
        history.push(entry(record.created_at, Status::Uploading, None));
    }
    let job = record.job.as_ref();
    let id = job.and_then(|job| job.id.as_ref());
    if let Some(at) = job.and_then(|job| job.created_at) {
        history.push(entry(at, Status::Submitted, id));
    }
    if let Some(at) = job.and_then(|job| job.started_at) {
        history.push(entry(at, Status::Processing, id));
    }
    let ended = job.and_then(|job| job.finished_at);
    if record.status.is_terminal() {
        history.push(entry(ended.unwrap_or(record.updated_at), record.status, id));
    }
    history
}

impl From<Status> for VideoStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Uploading => Self::Uploading,
            Status::Submitted => Self::Submitted,
            Status::Processing => Self::Processing,
            Status::Ready => Self::Ready,
            Status::Failed => Self::Failed,
            // Nobody is shown a deleted video.
            Status::Canceled | Status::Deleting => Self::Canceled,
        }
    }
}

impl From<VideoStatus> for Status {
    fn from(status: VideoStatus) -> Self {
        match status {
            VideoStatus::Uploading => Self::Uploading,
            VideoStatus::Submitted => Self::Submitted,
            VideoStatus::Processing => Self::Processing,
            VideoStatus::Ready => Self::Ready,
            VideoStatus::Failed => Self::Failed,
            VideoStatus::Canceled => Self::Canceled,
        }
    }
}

impl From<video::Rendition> for Rendition {
    fn from(rendition: video::Rendition) -> Self {
        Self {
            name: rendition.name,
            kind: match rendition.kind {
                RenditionKind::Video => Kind::Video,
                RenditionKind::Audio => Kind::Audio,
            },
            codec: rendition.codec,
            width: rendition.width,
            height: rendition.height,
            channels: rendition.channels,
            language: rendition.language,
            label: rendition.label,
            max_bitrate: rendition.max_bitrate,
            average_bitrate: rendition.average_bitrate,
            qvbr_quality: rendition.qvbr_quality,
        }
    }
}
