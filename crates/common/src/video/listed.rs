//! What a list shows of a video: a part of its record, so that a page of a hundred is quick to send and to read.

mod fields;

use std::collections::HashMap;

use fields::{Fields, required};

use super::change::Names;
use super::{Item, Status, Thumbnails};
use crate::failure::Failure;
use crate::time::Timestamp;

/// A title in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Key of the item.
    pub id: String,
    /// Who sees and changes it; empty while DELETING.
    pub owner: String,
    /// What people call it; empty while DELETING.
    pub title: String,
    /// What people say about it.
    pub description: Option<String>,
    /// The user's name of the file.
    pub file_name: Option<String>,
    /// Size in bytes, as declared when the upload began.
    pub size_bytes: Option<u64>,
    /// The current upload's object.
    pub source: Option<ListedSource>,
    /// Where somebody wants the poster to be, seconds from the start.
    pub poster_seconds: Option<u32>,
    /// Where it stands.
    pub status: Status,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// The current upload.
    pub revision: Option<String>,
    /// How far the job is, percent.
    pub progress_percent: Option<u8>,
    /// Why the current revision failed.
    pub failure: Option<Failure>,
    /// What can be watched.
    pub playback: Option<ListedPlayback>,
}

/// The current upload's object, as far as a list tells of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListedSource {
    /// Size in bytes.
    pub size_bytes: u64,
}

/// What can be watched, without what is made of what. Paths are keys in the converted bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedPlayback {
    /// The revision that this is of.
    pub revision: String,
    /// Length in milliseconds.
    pub duration_ms: Option<u64>,
    /// HLS multivariant playlist.
    pub hls: Option<String>,
    /// DASH manifest.
    pub dash: Option<String>,
    /// The MP4 file.
    pub file: Option<String>,
    /// Poster.
    pub poster: Option<String>,
    /// Stills for the seek bar.
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

/// Field by field: serde would first make a copy of each item, and a page has a hundred.
impl TryFrom<Item> for Listed {
    type Error = serde_dynamo::Error;

    fn try_from(item: Item) -> Result<Self, Self::Error> {
        let mut fields = Fields::from(item);
        let source = fields.map("source")?;
        let playback = fields.map("playback")?;
        Ok(Self {
            id: required("id", fields.text("id")?)?,
            owner: fields.text("owner")?.unwrap_or_default(),
            title: fields.text("title")?.unwrap_or_default(),
            description: fields.text("description")?,
            file_name: fields.text("fileName")?,
            size_bytes: fields.parsed("sizeBytes")?,
            source: source.map(ListedSource::try_from).transpose()?,
            poster_seconds: fields.parsed("posterSeconds")?,
            status: required("status", fields.other("status")?)?,
            created_at: required("createdAt", fields.parsed("createdAt")?)?,
            updated_at: required("updatedAt", fields.parsed("updatedAt")?)?,
            revision: fields.text("revision")?,
            progress_percent: fields.parsed("progressPercent")?,
            failure: fields.other("failure")?,
            playback: playback.map(ListedPlayback::try_from).transpose()?,
        })
    }
}

impl TryFrom<Fields> for ListedSource {
    type Error = serde_dynamo::Error;

    fn try_from(mut fields: Fields) -> Result<Self, Self::Error> {
        Ok(Self {
            size_bytes: required("sizeBytes", fields.parsed("sizeBytes")?)?,
        })
    }
}

impl TryFrom<Fields> for ListedPlayback {
    type Error = serde_dynamo::Error;

    fn try_from(mut fields: Fields) -> Result<Self, Self::Error> {
        let thumbnails = fields.map("thumbnails")?;
        Ok(Self {
            revision: required("revision", fields.text("revision")?)?,
            duration_ms: fields.parsed("durationMs")?,
            hls: fields.text("hls")?,
            dash: fields.text("dash")?,
            file: fields.text("file")?,
            poster: fields.text("poster")?,
            thumbnails: thumbnails.map(thumbnails_of).transpose()?,
        })
    }
}

fn thumbnails_of(mut fields: Fields) -> Result<Thumbnails, serde_dynamo::Error> {
    Ok(Thumbnails {
        first: required("first", fields.text("first")?)?,
        count: required("count", fields.parsed("count")?)?,
        interval_seconds: required("intervalSeconds", fields.parsed("intervalSeconds")?)?,
        width: required("width", fields.parsed("width")?)?,
        height: required("height", fields.parsed("height")?)?,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::{Listed, ListedPlayback, ListedSource, PATHS};
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
        let video = full();
        let item: Item = serde_dynamo::to_item(&video).unwrap();
        let whole = Listed::try_from(item.clone()).unwrap();
        let listed = Listed::try_from(projected(&item)).unwrap();
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

    #[test]
    fn every_field_is_what_the_record_has() {
        let video = full();
        let item: Item = serde_dynamo::to_item(&video).unwrap();
        let listed = Listed::try_from(item).unwrap();
        let (source, playback) = (video.source.unwrap(), video.playback.unwrap());
        let expected = Listed {
            id: video.id,
            owner: video.owner,
            title: video.title,
            description: video.description,
            file_name: video.file_name,
            size_bytes: video.size_bytes,
            source: Some(ListedSource {
                size_bytes: source.size_bytes,
            }),
            poster_seconds: video.poster_seconds,
            status: video.status,
            created_at: video.created_at,
            updated_at: video.updated_at,
            revision: video.revision,
            progress_percent: video.progress_percent,
            failure: video.failure,
            playback: Some(ListedPlayback {
                revision: playback.revision,
                duration_ms: playback.duration_ms,
                hls: playback.hls,
                dash: playback.dash,
                file: playback.file,
                poster: playback.poster,
                thumbnails: playback.thumbnails,
            }),
        };
        assert_eq!(listed, expected);
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_named() {
        let item: Item = serde_dynamo::to_item(full()).unwrap();
        let number = AttributeValue::N("1".into());
        for (name, value) in [("createdAt", None), ("title", Some(number))] {
            let mut item = item.clone();
            item.remove(name);
            item.extend(value.map(|value| (name.to_owned(), value)));
            let error = Listed::try_from(item).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        let deleting = Video::new("v", "", "", Status::Deleting, Timestamp::from_unix_ms(0));
        let deleting: Item = serde_dynamo::to_item(deleting).unwrap();
        let listed = Listed::try_from(deleting).unwrap();
        assert_eq!((listed.title, listed.playback), (String::new(), None));
    }
}
