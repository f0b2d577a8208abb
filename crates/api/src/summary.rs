//! A video as lists show it.

use common::time::Timestamp;
use common::video::{Listed, ListedPlayback};
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::view::{Failure, Thumbnails, VideoStatus, address, storyboard_url};

/// A title in a list. What it is made of, how it got there and what it costs is told of one video alone.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoSummary {
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
    /// The current upload; absent before it is complete.
    #[schema(nullable = false)]
    pub(crate) revision: Option<String>,
    /// How far the conversion is; while it runs, once it is known.
    #[schema(nullable = false, maximum = 100)]
    pub(crate) progress_percent: Option<u8>,
    /// Why it came to nothing.
    #[schema(nullable = false)]
    pub(crate) failure: Option<Failure>,
    /// What can be watched: while a new revision is converted, that of the one before.
    #[schema(nullable = false)]
    pub(crate) playback: Option<PlaybackSummary>,
}

/// Where a video can be watched. Addresses are absolute.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaybackSummary {
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
    /// An MP4 file with picture and sound.
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
}

impl VideoSummary {
    /// The record as a list shows it. `site_url` begins the addresses of its media.
    pub(crate) fn new(record: Listed, site_url: &str) -> Self {
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
