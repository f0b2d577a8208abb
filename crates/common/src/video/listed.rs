//! What a list shows of a video: a part of its record, so that a page of a hundred is quick to send and to read.

use std::collections::HashMap;

use serde::Deserialize;

use super::change::Names;
use super::{Status, Thumbnails};
use crate::failure::Failure;
use crate::time::Timestamp;

/// A title in a list.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Key of the item.
    pub id: String,
    /// Who sees and changes it; empty while DELETING.
    #[serde(default)]
    pub owner: String,
    /// What people call it; empty while DELETING.
    #[serde(default)]
    pub title: String,
    /// What people say about it.
    #[serde(default)]
    pub description: Option<String>,
    /// The user's name of the file.
    #[serde(default)]
    pub file_name: Option<String>,
    /// Size in bytes, as declared when the upload began.
    #[serde(default)]
    pub size_bytes: Option<u64>,
    /// The current upload's object.
    #[serde(default)]
    pub source: Option<ListedSource>,
    /// Where somebody wants the poster to be, seconds from the start.
    #[serde(default)]
    pub poster_seconds: Option<u32>,
    /// Where it stands.
    pub status: Status,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// The current upload.
    #[serde(default)]
    pub revision: Option<String>,
    /// How far the job is, percent.
    #[serde(default)]
    pub progress_percent: Option<u8>,
    /// Why the current revision failed.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// What can be watched.
    #[serde(default)]
    pub playback: Option<ListedPlayback>,
}

/// The current upload's object, as far as a list tells of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ListedSource {
    /// Size in bytes.
    pub size_bytes: u64,
}

/// What can be watched, without what is made of what. Paths are keys in the converted bucket.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ListedPlayback {
    /// The revision that this is of.
    pub revision: String,
    /// Length in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// HLS multivariant playlist.
    #[serde(default)]
    pub hls: Option<String>,
    /// DASH manifest.
    #[serde(default)]
    pub dash: Option<String>,
    /// The MP4 file.
    #[serde(default)]
    pub file: Option<String>,
    /// Poster.
    #[serde(default)]
    pub poster: Option<String>,
    /// Stills for the seek bar.
    #[serde(default)]
    pub thumbnails: Option<Thumbnails>,
}

/// Where the fields are in an item.
const PATHS: [&str; 21] = [
    "id",
    "owner",
    "title",
    "description",
    "fileName",
    "sizeBytes",
    "source.sizeBytes",
    "posterSeconds",
    "status",
    "createdAt",
    "updatedAt",
    "revision",
    "progressPercent",
    "failure",
    "playback.revision",
    "playback.durationMs",
    "playback.hls",
    "playback.dash",
    "playback.file",
    "playback.poster",
    "playback.thumbnails",
];

impl Listed {
    /// The projection expression that reads it, and the names in there.
    pub fn projection() -> (String, HashMap<String, String>) {
        let mut names = Names::default();
        let paths = PATHS.map(|path| names.path(path));
        (paths.join(", "), names.by_placeholder)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::{Listed, PATHS};
    use crate::failure::{Failure, FailureCode};
    use crate::profile::Packaging;
    use crate::source::Source;
    use crate::time::Timestamp;
    use crate::video::{Item, Playback, Status, Thumbnails, Video};

    fn full() -> Video {
        Video {
            description: Some("d".into()),
            file_name: Some("f.mp4".into()),
            size_bytes: Some(1),
            poster_seconds: Some(2),
            revision: Some("r".into()),
            progress_percent: Some(3),
            failure: Some(Failure::ours(FailureCode::JobLost).with_message("m".to_owned())),
            source: Some(Source {
                bucket: "b".into(),
                key: "k".into(),
                version_id: None,
                etag: "e".into(),
                size_bytes: 4,
                sequencer: None,
                attempt: 0,
            }),
            playback: Some(Playback {
                duration_ms: Some(5),
                file: Some("v/r/video.mp4".into()),
                poster: Some("v/r/poster.jpg".into()),
                thumbnails: Some(Thumbnails {
                    first: "v/r/0.jpg".into(),
                    count: 6,
                    interval_seconds: 7,
                    width: 8,
                    height: 9,
                }),
                ..Playback::by_name("v", "r", Packaging::Cmaf)
            }),
            ..Video::new("v", "o", "t", Status::Ready, Timestamp::from_unix_ms(0))
        }
    }

    /// What the projection leaves of an item.
    fn projected(item: &Item) -> Item {
        let mut left = Item::new();
        for path in PATHS {
            match path.split_once('.') {
                None => left.extend(
                    item.get_key_value(path)
                        .map(|(k, v)| (k.clone(), v.clone())),
                ),
                Some((name, field)) => {
                    let Some(Ok(map)) = item.get(name).map(AttributeValue::as_m) else {
                        continue;
                    };
                    let mut kept = match left.remove(name) {
                        Some(AttributeValue::M(kept)) => kept,
                        _ => Item::new(),
                    };
                    kept.extend(
                        map.get_key_value(field)
                            .map(|(k, v)| (k.clone(), v.clone())),
                    );
                    left.insert(name.to_owned(), AttributeValue::M(kept));
                }
            }
        }
        left
    }

    #[test]
    fn the_projection_reads_every_field() {
        let item: Item = serde_dynamo::to_item(full()).unwrap();
        let whole: Listed = serde_dynamo::from_item(item.clone()).unwrap();
        let listed: Listed = serde_dynamo::from_item(projected(&item)).unwrap();
        assert_eq!(listed, whole);
        // With a value in every field, none can be missing in both.
        let told = format!("{listed:?}");
        assert!(!told.contains("None"), "{told}");
        let (expression, names) = Listed::projection();
        assert!(
            expression.contains("#playback.#durationMs, "),
            "{expression}"
        );
        assert_eq!(names["#durationMs"], "durationMs");
    }
}
