//! The uploaded object: which video it is, which revision, and whether MediaConvert can read its kind.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use uuid::Uuid;

use crate::failure::{Failure, FailureCode};

/// The object that a video is made from.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Name of the source bucket.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// S3 version, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// Entity tag, without quotes.
    pub etag: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// S3's order of the events of one key.
    pub sequencer: Option<String>,
    /// How often this upload was processed anew on somebody's wish. S3 doesn't know of it; the record does.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Decodes a key as S3 notifications carry it: form-encoded, so `+` is a space and `%2B` a plus.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
///
/// # Errors
///
/// [`KeyError`] where what is decoded isn't UTF-8, which no S3 key can be.
pub fn decode_key(encoded: &str) -> Result<String, KeyError> {
    let spaced = encoded.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8()?;
    Ok(decoded.into_owned())
}

/// Encodes a key as S3 notifications carry it: [`decode_key`] backwards.
pub fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, UNENCODED)
        .to_string()
        .replace("%20", "+")
}

/// What S3 leaves of a key as it is.
const UNENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*');

/// The key of an S3 notification can't be decoded.
#[derive(Debug, thiserror::Error)]
#[error("decode the object key")]
pub struct KeyError(#[from] std::str::Utf8Error);

impl Source {
    /// The video that this object belongs to.
    ///
    /// `videos/{uuid}/source.{ext}` is what the API hands out and names its video; every other object
    /// is a drop-in, whose id is the UUID v5 of its URI, so that the same key always names the same video.
    pub fn video_id(&self) -> String {
        api_video_id(&self.key).unwrap_or_else(|| {
            Uuid::new_v5(&Uuid::NAMESPACE_URL, self.uri().as_bytes()).to_string()
        })
    }

    /// Whether the API gave the object its key, which it does after it made the record.
    pub fn is_api_upload(&self) -> bool {
        is_api_key(&self.key)
    }

    /// The revision: one upload of this object, processed once. A repeated event of one upload gives the same
    /// revision, a new upload or a new attempt another one.
    ///
    /// Derived from the version, or from the entity tag where the bucket keeps no versions; both are known
    /// from an event as well as from a listing of the bucket. 16 hexadecimal digits.
    pub fn revision(&self) -> String {
        // Objects written before versioning was turned on have the version "null".
        let upload = match self.version_id.as_deref() {
            Some(version) if version != "null" => format!("{}#version={version}", self.uri()),
            _ => format!("{}#etag={}", self.uri(), self.etag),
        };
        let upload = match self.attempt {
            0 => upload,
            attempt => format!("{upload}#attempt={attempt}"),
        };
        let mut digits = Uuid::new_v5(&Uuid::NAMESPACE_URL, upload.as_bytes())
            .simple()
            .to_string();
        digits.truncate(16);
        digits
    }

    /// True where both are one upload of one object, whatever the attempts to process it.
    pub fn is_same_upload(&self, other: &Self) -> bool {
        self.attempted(0).revision() == other.attempted(0).revision()
    }

    /// The same upload, processed for the `attempt`th time after the first.
    #[must_use]
    pub fn attempted(&self, attempt: u32) -> Self {
        Self {
            attempt,
            ..self.clone()
        }
    }

    /// `s3://bucket/key`, as MediaConvert's `fileInput` takes it.
    pub fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    /// A title for a video that nobody has named: the file's name without its extension.
    pub fn title(&self) -> String {
        let name = self.key.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
            _ => name.to_owned(),
        }
    }

    /// True for the empty object that the S3 console creates to show a folder.
    pub fn is_folder_marker(&self) -> bool {
        self.size_bytes == 0 && self.key.ends_with('/')
    }

    /// Why this object can't become a video, as far as its name and size tell.
    pub fn refusal(&self) -> Option<Failure> {
        if !self.has_readable_extension() {
            return Some(Failure::ours(FailureCode::UnsupportedFormat));
        }
        (self.size_bytes == 0).then(|| Failure::ours(FailureCode::EmptySource))
    }

    /// True where this object was uploaded later than `other`, an upload of the same key. `None` where S3
    /// didn't say. Sequencers are hexadecimal and compare as text, the shorter padded with zeros on the
    /// right: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
    pub fn is_later_than(&self, other: &Self) -> Option<bool> {
        let (ours, theirs) = (self.sequencer.as_deref()?, other.sequencer.as_deref()?);
        let width = ours.len().max(theirs.len());
        Some(padded(ours, width) > padded(theirs, width))
    }

    fn has_readable_extension(&self) -> bool {
        let name = self.key.rsplit('/').next().unwrap_or_default();
        // A name without an extension says nothing: Probe reads the content.
        let Some((_, extension)) = name.rsplit_once('.') else {
            return true;
        };
        READABLE_EXTENSIONS
            .iter()
            .any(|readable| readable.eq_ignore_ascii_case(extension))
    }
}

/// Extensions of the containers that MediaConvert reads.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/reference-codecs-containers-input.html>.
const READABLE_EXTENSIONS: &[&str] = &[
    "3g2", "3gp", "3gpp", "asf", "avi", "divx", "f4v", "flac", "flv", "gif", "m2t", "m2ts", "m2v",
    "m3u8", "m4a", "m4v", "mka", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "mts", "mxf", "oga",
    "ps", "qt", "ts", "vob", "wav", "webm", "wma", "wmv",
];

/// Whether the API gave an object this key, which it does after it made the video's record.
pub fn is_api_key(key: &str) -> bool {
    api_video_id(key).is_some()
}

fn api_video_id(key: &str) -> Option<String> {
    let (id, file) = key.strip_prefix("videos/")?.split_once('/')?;
    let is_source = (file == "source" || file.starts_with("source.")) && !file.contains('/');
    let uuid = Uuid::try_parse(id).ok().filter(|_| is_source)?;
    // Only the spelling that the API writes: another one would be a second key of the same video.
    (uuid.hyphenated().to_string() == id).then(|| id.to_owned())
}

fn padded(sequencer: &str, width: usize) -> String {
    format!("{:0<width$}", sequencer.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Source, decode_key, encode_key};
    use proptest::prelude::*;

    fn source(key: &str) -> Source {
        Source {
            bucket: "vod-source".into(),
            key: key.into(),
            version_id: None,
            etag: "d41d8cd98f00b204e9800998ecf8427e".into(),
            size_bytes: 1,
            sequencer: None,
            attempt: 0,
        }
    }

    #[test]
    fn a_new_attempt_is_a_new_revision_of_the_same_upload() {
        let first = source("a.mp4");
        let again = first.attempted(1);
        assert_ne!(first.revision(), again.revision());
        assert_ne!(again.revision(), first.attempted(2).revision());
        assert_eq!(first.video_id(), again.video_id());
        assert!(again.is_same_upload(&first));
    }

    #[test]
    fn the_key_of_an_api_upload_names_its_video() {
        let id = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77";
        assert_eq!(source(&format!("videos/{id}/source.mp4")).video_id(), id);
        assert_eq!(source(&format!("videos/{id}/source")).video_id(), id);
    }

    #[test]
    fn other_keys_under_videos_are_drop_ins() {
        let id = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77";
        for key in [
            format!("videos/{id}/other.mp4"),
            format!("videos/{id}/source.d/x.mp4"),
            format!("videos/{}/source.mp4", id.to_uppercase()),
            "videos/cats/source.mp4".to_owned(),
        ] {
            assert_ne!(source(&key).video_id(), id, "{key}");
        }
    }

    #[test]
    fn a_drop_in_keeps_its_id_across_uploads_but_not_its_revision() {
        let first = source("holiday.mov");
        let second = Source {
            etag: "another".into(),
            ..first.clone()
        };
        assert_eq!(first.video_id(), second.video_id());
        assert_ne!(first.revision(), second.revision());
        assert_eq!(first.video_id(), "ecddbe63-4a69-5039-9786-5a9459faf29c");
    }

    #[test]
    fn the_same_bytes_uploaded_again_are_a_new_revision_where_versions_are_kept() {
        let first = Source {
            version_id: Some("v1".into()),
            ..source("a.mp4")
        };
        let second = Source {
            version_id: Some("v2".into()),
            ..source("a.mp4")
        };
        assert_ne!(first.revision(), second.revision());
        assert_eq!(first.revision().len(), 16);
    }

    #[test]
    fn a_null_version_counts_as_none() {
        let unversioned = source("a.mp4");
        let null = Source {
            version_id: Some("null".into()),
            ..unversioned.clone()
        };
        assert_eq!(null.revision(), unversioned.revision());
    }

    #[test]
    fn sequencers_compare_padded_on_the_right() {
        let with = |sequencer: &str| Source {
            sequencer: Some(sequencer.into()),
            ..source("a.mp4")
        };
        assert_eq!(
            with("0055AED6DCD90281E6").is_later_than(&with("0055AED6DCD90281E5")),
            Some(true)
        );
        assert_eq!(with("0055").is_later_than(&with("005501")), Some(false));
        assert_eq!(with("00").is_later_than(&with("0000")), Some(false));
        assert_eq!(source("a.mp4").is_later_than(&with("00")), None);
    }

    #[test]
    fn a_format_that_mediaconvert_does_not_read_is_refused() {
        let code = |key: &str| source(key).refusal().map(|failure| failure.code);
        assert_eq!(code("notes.txt").as_deref(), Some("UNSUPPORTED_FORMAT"));
        assert_eq!(code("a.b/holiday.MOV"), None);
        assert_eq!(code("a.b/holiday"), None);
        let empty = Source {
            size_bytes: 0,
            ..source("a.mp4")
        };
        assert_eq!(
            empty.refusal().map(|failure| failure.code).as_deref(),
            Some("EMPTY_SOURCE")
        );
    }

    #[test]
    fn a_title_is_the_file_name_without_its_extension() {
        assert_eq!(
            source("2026/summer holiday.final.mov").title(),
            "summer holiday.final"
        );
        assert_eq!(source(".mp4").title(), ".mp4");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error() {
        assert!(decode_key("a%FF.mp4").is_err());
    }

    proptest! {
        #[test]
        fn decoding_undoes_what_s3_encodes(key in "\\PC{1,60}") {
            prop_assert_eq!(decode_key(&encode_key(&key)).unwrap(), key);
        }

        #[test]
        fn decoding_never_panics(encoded in ".{0,60}") {
            let _ = decode_key(&encoded);
        }
    }
}
