//! A video as lists show it.

use common::time::Timestamp;
use common::video::{Listed, ListedPlayback};
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::{Failure, Thumbnails, VideoStatus, address, storyboard_url};

/// A title in a list. What it is made of, how it got there and what it costs is told of one video alone.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoSummary {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What people say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// Id of the user whose it is; `drop-in` for what was put into the bucket by other means.
    pub owner: String,
    /// Where it stands.
    pub status: VideoStatus,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The user's name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub file_name: Option<String>,
    /// Size of the source, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub size_bytes: Option<u64>,
    /// The current upload; absent before it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revision: Option<String>,
    /// How far the conversion is; while it runs, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, maximum = 100)]
    pub progress_percent: Option<u8>,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<Failure>,
    /// What can be watched: while a new revision is converted, that of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub playback: Option<PlaybackSummary>,
}

/// Where a video can be watched. Addresses are absolute.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaybackSummary {
    /// The revision that this is of.
    pub revision: String,
    /// Length, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub duration_ms: Option<u64>,
    /// HLS multivariant playlist; absent where one file is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub hls_url: Option<String>,
    /// DASH manifest; absent where one file is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub dash_url: Option<String>,
    /// An MP4 file with picture and sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub file_url: Option<String>,
    /// A still.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub poster_url: Option<String>,
    /// Stills for the seek bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub thumbnails: Option<Thumbnails>,
    /// The same stills as a WebVTT index, as players take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub storyboard_url: Option<String>,
}

impl VideoSummary {
    /// The record as a list shows it. `site_url` begins the addresses of its media.
    pub fn new(record: Listed, site_url: &str) -> Self {
        let poster = record.poster_seconds;
        let playback = record
            .playback
            .map(|playback| PlaybackSummary::new(&record.id, playback, poster, site_url));
        Self {
            playback,
            id: record.id,
            title: record.title,
            description: record.description,
            owner: record.owner,
            status: record.status.into(),
            created_at: record.created_at,
            updated_at: record.updated_at,
            file_name: record.file_name,
            size_bytes: record
                .source
                .map(|source| source.size_bytes)
                .or(record.size_bytes),
            revision: record.revision,
            progress_percent: record.progress_percent,
            failure: record.failure.map(Into::into),
        }
    }
}

impl PlaybackSummary {
    fn new(id: &str, playback: ListedPlayback, poster: Option<u32>, site_url: &str) -> Self {
        let url = |key: String| address(site_url, &key);
        let stills = playback.thumbnails.as_ref();
        let chosen = poster.and_then(|seconds| stills?.nearest(seconds));
        Self {
            storyboard_url: stills.map(|_| storyboard_url(site_url, id, &playback.revision)),
            poster_url: chosen.or(playback.poster).map(url),
            revision: playback.revision,
            duration_ms: playback.duration_ms,
            hls_url: playback.hls.map(url),
            dash_url: playback.dash.map(url),
            file_url: playback.file.map(url),
            thumbnails: stills.map(|stills| Thumbnails::new(stills, site_url)),
        }
    }
}
