//! The video record: one item of the table, and how it changes.

mod change;
mod playback;
mod transition;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::source::Source;
use crate::time::Timestamp;

pub use change::{Change, Item};
pub use transition::{Claim, Decision, Event, Ignored, JobChange, transition};

/// Owner of videos that were dropped into the bucket rather than uploaded by a user.
pub const DROP_IN_OWNER: &str = "drop-in";

/// A title in the library.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Video {
    /// Key of the item.
    pub id: String,
    /// Who sees and changes it: a user's id, or [`DROP_IN_OWNER`].
    pub owner: String,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// The current upload; absent before the first one is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The current upload's object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The current revision's job, from the claim on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// How far the job is, percent; only while PROCESSING, and only where MediaConvert tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress_percent: Option<u8>,
    /// Why the current revision failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What can be watched: of the last READY revision, which the current one replaces once it is READY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playback: Option<Playback>,
}

/// The states of a video.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// The record exists, the object doesn't yet.
    Uploading,
    /// A job is claimed or created.
    Submitted,
    /// The job runs.
    Processing,
    /// It can be watched.
    Ready,
    /// The current revision came to nothing; [`Video::failure`] says why.
    Failed,
    /// The job was canceled.
    Canceled,
}

impl Status {
    /// True where only a new revision changes the status.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::Canceled)
    }

    /// As the record writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "UPLOADING",
            Self::Submitted => "SUBMITTED",
            Self::Processing => "PROCESSING",
            Self::Ready => "READY",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
        }
    }
}

/// The job of a revision. It exists from the claim on, before MediaConvert knows of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// MediaConvert's id, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Until when the invocation that claimed the revision may create the job; afterwards another may.
    pub claimed_until: Timestamp,
    /// What is being made; moves to [`Playback::renditions`] when it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renditions: Vec<Rendition>,
    /// What stills are being made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stills: Option<Stills>,
}

/// The stills of a job.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stills {
    /// Number of the capture that is the poster.
    pub poster_number: u32,
    /// Seconds between two thumbnails.
    pub thumbnail_seconds: u32,
    /// Width of a thumbnail, pixels.
    pub thumbnail_width: u32,
    /// Height of a thumbnail, pixels.
    pub thumbnail_height: u32,
}

/// One output of the ladder.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendition {
    /// As in the output's name modifier: `720p`, `audio`.
    pub name: String,
    /// Picture or sound.
    pub kind: RenditionKind,
    /// MediaConvert's name of the codec: `H_264`, `AAC`.
    pub codec: String,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Number of audio channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u32>,
    /// Upper bound that was asked for, bits per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bitrate: Option<u64>,
    /// What it came to, bits per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_bitrate: Option<u64>,
    /// Average QVBR quality, 1 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qvbr_quality: Option<f64>,
}

/// What a rendition is made of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RenditionKind {
    /// Picture without sound.
    Video,
    /// Sound without picture.
    Audio,
}

/// What a player needs. Paths are keys in the converted bucket.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Playback {
    /// The revision that this is of.
    pub revision: String,
    /// Length in milliseconds, where MediaConvert told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// HLS multivariant playlist.
    pub hls: String,
    /// DASH manifest.
    pub dash: String,
    /// Poster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<String>,
    /// Stills for the seek bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnails: Option<Thumbnails>,
    /// What can be played, in the order of the job's outputs.
    pub renditions: Vec<Rendition>,
}

/// Stills at regular intervals, from the start on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Thumbnails {
    /// The first one; the others follow in its seven-digit number.
    pub first: String,
    /// How many there are.
    pub count: u32,
    /// Seconds between two.
    pub interval_seconds: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}
