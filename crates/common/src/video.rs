//! The video record: one item of the table, and how it changes.

mod change;
mod listed;
mod making;
mod playback;
mod thumbnails;
mod transition;
mod watch;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use strum::IntoStaticStr;

use crate::captions::Added;
use crate::clip::Clip;
use crate::failure::Failure;
use crate::source::Source;
use crate::time::Timestamp;

pub use change::{Change, EVERYBODY, Item, Known};
pub use listed::{Listed, ListedPlayback, ListedSource};
pub use making::{GroupKind, Made, Making};
pub use thumbnails::Sheet;
pub use transition::{
    Claim, Decision, Edit, Event, Ignored, JobChange, Override, PosterTime, Reprocess, UploadStart,
    transition,
};
pub use watch::{CLAIM_QUIET_MS, REPLACED_KEPT_MS, TOMBSTONE_KEPT_MS, UPLOAD_QUIET_MS};

/// Owner of videos that were dropped into the bucket rather than uploaded by a user.
pub const DROP_IN_OWNER: &str = "drop-in";

/// A title in the library.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Video {
    /// Key of the item.
    pub id: String,
    /// Who sees and changes it: a user's id, or [`DROP_IN_OWNER`]. Empty while DELETING, so that no library lists it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// What people call it. Empty while DELETING.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What people say about it.
    pub description: Option<String>,
    /// The user's name of the file; the object's key is the server's choice.
    pub file_name: Option<String>,
    /// Size in bytes, as declared when the upload began.
    pub size_bytes: Option<u64>,
    /// Media type, as declared when the upload began.
    pub content_type: Option<String>,
    /// Name of the profile that was chosen; absent for the stack's default.
    pub profile: Option<String>,
    /// Whether there is to be a file to download; absent for what the profile says.
    pub download: Option<bool>,
    /// The part of the current upload that is converted; absent for all of it.
    pub clip: Option<Clip>,
    /// Where somebody wants the poster to be, seconds from the start; absent for the one that the job took.
    pub poster_seconds: Option<u32>,
    /// Captions that somebody added, whatever it is converted to.
    pub captions: Option<Added>,
    /// Where it stands.
    pub status: Status,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the record last changed; of a DELETING one, when it was deleted.
    pub updated_at: Timestamp,
    /// The upload through the API, while UPLOADING, and while DELETING what is left of one.
    pub upload: Option<Upload>,
    /// The current upload; absent before the first one is complete.
    pub revision: Option<String>,
    /// The current upload's object.
    pub source: Option<Source>,
    /// The current revision's job, from the claim on.
    pub job: Option<Job>,
    /// How far the job is, percent; only while PROCESSING, and only where MediaConvert tells it.
    pub progress_percent: Option<u8>,
    /// Why the current revision failed.
    pub failure: Option<Failure>,
    /// What can be watched: of the last READY revision, which the current one replaces once it is READY.
    pub playback: Option<Playback>,
    /// Revisions that another has replaced and that still have a job to stop or a folder to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// When all of a deleted video but this record was removed. It stays for a while, as a tombstone.
    pub removed_at: Option<Timestamp>,
    /// Present while the reconcile function has something to watch; with [`Video::check_at`], the key of its index.
    pub watch: Option<Watch>,
    /// From when a look at the video may find something to do. Written once a stage, not at each change, because each
    /// change of an index's key is two writes more.
    pub check_at: Option<Timestamp>,
}

impl Video {
    /// A record with nothing in it yet.
    pub fn new(
        id: impl Into<String>,
        owner: impl Into<String>,
        title: impl Into<String>,
        status: Status,
        now: Timestamp,
    ) -> Self {
        Self {
            id: id.into(),
            owner: owner.into(),
            title: title.into(),
            description: None,
            file_name: None,
            size_bytes: None,
            content_type: None,
            profile: None,
            download: None,
            clip: None,
            poster_seconds: None,
            captions: None,
            status,
            created_at: now,
            updated_at: now,
            upload: None,
            revision: None,
            source: None,
            job: None,
            progress_percent: None,
            failure: None,
            playback: None,
            replaced: Vec::new(),
            removed_at: None,
            watch: None,
            check_at: None,
        }
    }
}

impl Video {
    /// The part of this upload that is to be converted: a part that was chosen of another one is none of it.
    pub fn clip_of(&self, source: &Source) -> Option<Clip> {
        let own = self.source.as_ref();
        self.clip
            .filter(|_| own.is_none_or(|own| own.is_same_upload(source)))
    }

    /// The upload as this record processes it: S3's events don't know how often somebody wanted it anew.
    #[must_use]
    pub fn as_processed(&self, source: &Source) -> Source {
        let own = self.source.as_ref();
        let own = own.filter(|own| own.is_same_upload(source));
        source.attempted(own.map_or(source.attempt, |own| own.attempt))
    }

    /// Length of the current upload, milliseconds, where all of it has been converted.
    pub fn source_ms(&self) -> Option<u64> {
        let playback = self.playback.as_ref()?;
        let whole = self.clip.is_none() && self.revision.as_ref() == Some(&playback.revision);
        playback.duration_ms.filter(|_| whole)
    }

    /// What the last conversion of this upload made, and what an earlier one made of what it left out.
    pub fn measured_of(&self, source: &Source) -> Vec<Rendition> {
        let attempts = self.source.as_ref().map_or(0, |own| own.attempt);
        let playback = self.playback.as_ref().filter(|playback| {
            (0..=attempts).any(|attempt| source.attempted(attempt).revision() == playback.revision)
        });
        let measured =
            playback.map(|playback| playback.renditions.iter().chain(&playback.left_out));
        measured.into_iter().flatten().cloned().collect()
    }

    /// Number of the captions that its manifests are to have; `None` for those of the conversion alone.
    pub fn edition(&self) -> Option<u64> {
        let added = self.captions.as_ref();
        added
            .filter(|added| !added.tracks.is_empty())
            .map(|added| added.edition)
    }

    /// True where what plays has just the captions that were added.
    pub fn has_edition(&self) -> bool {
        let playing = self.playback.as_ref().and_then(|playback| playback.edition);
        playing == self.edition()
    }

    /// What plays without the captions that it is to have, or with some that it isn't.
    pub fn misses_edition(&self) -> Option<&Playback> {
        let misses = !self.has_edition() && self.status != Status::Deleting;
        let playback = self.playback.as_ref().filter(|_| misses);
        playback.filter(|playback| playback.takes_captions())
    }

    /// Number of the next captions: the time, but none that was there.
    fn next_edition(&self, now: Timestamp) -> u64 {
        let now = u64::try_from(now.unix_ms()).unwrap_or_default();
        let known = self.captions.as_ref().map(|added| added.edition);
        known.map_or(now, |known| now.max(known + 1))
    }
}

/// An upload in parts that the API has begun.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// S3's id of the multipart upload.
    pub upload_id: String,
    /// Key of the object that it becomes.
    pub key: String,
    /// Size of every part but the last, bytes.
    pub part_size_bytes: u64,
    /// When it is given up.
    pub expires_at: Timestamp,
}

/// A revision that another has replaced.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// The revision.
    pub revision: String,
    /// Its job, as long as that may run, or may yet be created by the claim.
    pub job: Option<Job>,
    /// Until when its folder is kept for those who are watching it; absent where nobody ever could.
    pub kept_until: Option<Timestamp>,
}

/// The partition of the index of what is watched: one, because a page of it, the longest due first, is all that is
/// ever read.
#[derive(Clone, Copy, Debug, Deserialize, Eq, IntoStaticStr, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub enum Watch {
    /// Something may have to be done.
    Open,
}

/// The states of a video.
#[derive(Clone, Copy, Debug, Deserialize, Eq, IntoStaticStr, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
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
    /// Somebody deleted it: to people it is gone, and the reconcile function removes what is left.
    Deleting,
}

impl Status {
    /// True where only a new revision changes the status.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::Canceled)
    }

    /// As the record writes it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The job of a revision. It exists from the claim on, before MediaConvert knows of it.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// MediaConvert's id, once there is one.
    pub id: Option<String>,
    /// Until when the invocation that claimed the revision may create the job; afterwards another may.
    pub claimed_until: Timestamp,
    /// When MediaConvert was known to have it.
    pub created_at: Option<Timestamp>,
    /// When it was known to run.
    pub started_at: Option<Timestamp>,
    /// When it was known to have ended.
    pub finished_at: Option<Timestamp>,
    /// What is being made; empty once it is.
    #[serde(flatten)]
    pub making: Making,
}

impl Job {
    /// A job that is only claimed.
    pub fn claimed(until: Timestamp) -> Self {
        Self {
            id: None,
            claimed_until: until,
            created_at: None,
            started_at: None,
            finished_at: None,
            making: Making::default(),
        }
    }
}

/// The stills of a job.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stills {
    /// Where the poster is taken, seconds from the start; 0 for the first frame.
    #[serde(default)]
    pub poster_second: u32,
    /// Seconds between two thumbnails.
    pub thumbnail_seconds: u32,
    /// How many thumbnails there are at least, where the length of the source is known.
    pub thumbnail_count: Option<u32>,
    /// Width of a thumbnail, pixels.
    pub thumbnail_width: u32,
    /// Height of a thumbnail, pixels.
    pub thumbnail_height: u32,
}

/// One output of the ladder.
#[skip_serializing_none]
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
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Number of audio channels.
    pub channels: Option<u32>,
    /// Three letters of ISO 639, of a sound whose language is known.
    pub language: Option<String>,
    /// What a player's menu calls a sound.
    pub label: Option<String>,
    /// Upper bound that was asked for, bits per second.
    pub max_bitrate: Option<u64>,
    /// What it came to, bits per second.
    pub average_bitrate: Option<u64>,
    /// Average QVBR quality, 1 to 10.
    pub qvbr_quality: Option<f64>,
}

impl Rendition {
    /// One that nothing more is known of.
    pub fn new(name: impl Into<String>, kind: RenditionKind, codec: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            codec: codec.into(),
            width: None,
            height: None,
            channels: None,
            language: None,
            label: None,
            max_bitrate: None,
            average_bitrate: None,
            qvbr_quality: None,
        }
    }
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
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Playback {
    /// The revision that this is of.
    pub revision: String,
    /// Length in milliseconds, where MediaConvert told it.
    pub duration_ms: Option<u64>,
    /// HLS multivariant playlist; absent where one file is all.
    pub hls: Option<String>,
    /// DASH manifest; absent where one file is all.
    pub dash: Option<String>,
    /// Edition of the captions that somebody added, which its manifests have; absent for those of the conversion.
    pub edition: Option<u64>,
    /// The part of its upload that this is; absent for all of it.
    pub clip: Option<Clip>,
    /// The MP4 file with picture and sound: the only one of a profile that makes one, or the download beside the streams.
    pub file: Option<String>,
    /// Poster.
    pub poster: Option<String>,
    /// Stills for the seek bar.
    pub thumbnails: Option<Thumbnails>,
    /// What can be played, in the order of the job's outputs.
    pub renditions: Vec<Rendition>,
    /// What the profile offered besides, and an earlier conversion showed not to be worth its price; as it was measured then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Rendition>,
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
