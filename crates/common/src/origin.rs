//! What the API knows of an upload and S3 doesn't. It is noted on the object, so that a record that was lost can be made
//! again.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::clip::Clip;
use crate::time::Timestamp;

/// Name of the note among an object's metadata: `x-amz-meta-vod-origin`.
pub const NOTE: &str = "vod-origin";

/// Longest note, bytes: S3 takes 2 KB of metadata, names included.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>.
const NOTE_BYTES: usize = 1900;

/// What the record said when the upload began.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// The user's id.
    pub owner: String,
    /// What people call it.
    pub title: String,
    /// When the record was made.
    pub created_at: Timestamp,
    /// Name of the chosen profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether there is to be a file to download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<bool>,
    /// The part that is to be converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// The user's name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Declared media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// What people say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Origin {
    /// As S3 keeps it: JSON in base64, since metadata is ASCII. Of what doesn't fit, the description is left out first.
    /// `None` where even owner and title don't fit.
    pub fn encode(&self) -> Option<String> {
        let brief = Self {
            description: None,
            ..self.clone()
        };
        let briefest = Self {
            file_name: None,
            content_type: None,
            ..brief.clone()
        };
        [self, &brief, &briefest]
            .into_iter()
            .filter_map(|origin| serde_json::to_vec(origin).ok())
            .map(|json| BASE64_STANDARD.encode(json))
            .find(|note| note.len() <= NOTE_BYTES)
    }

    /// The note of an object; `None` where it isn't one of ours.
    pub fn decode(note: &str) -> Option<Self> {
        let json = BASE64_STANDARD.decode(note).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{NOTE_BYTES, Origin};
    use crate::time::Timestamp;
    use proptest::prelude::*;

    fn origin(title: String, description: Option<String>) -> Origin {
        Origin {
            owner: "6a1d".repeat(9),
            title,
            created_at: Timestamp::from_unix_ms(1_800_000_000_000),
            profile: None,
            download: None,
            clip: None,
            file_name: Some("ü.mp4".into()),
            content_type: Some("video/mp4".into()),
            description,
        }
    }

    #[test]
    fn the_longest_title_fits_and_a_long_description_is_left_out() {
        let origin = origin("🎬".repeat(200), Some("long ".repeat(1000)));
        let note = origin.encode().unwrap();
        assert!(note.len() <= NOTE_BYTES && note.is_ascii());
        let expected = Origin {
            description: None,
            ..origin
        };
        assert_eq!(Origin::decode(&note), Some(expected));
    }

    #[test]
    fn what_is_no_note_is_none() {
        for note in ["", "ü", "bm90ZQ==", "e30="] {
            assert_eq!(Origin::decode(note), None, "{note}");
        }
    }

    proptest! {
        #[test]
        fn a_note_says_what_was_noted(title in ".{1,100}", description: Option<String>) {
            let origin = origin(title, description.map(|text| text.chars().take(100).collect()));
            prop_assert_eq!(Origin::decode(&origin.encode().unwrap()), Some(origin));
        }
    }
}
