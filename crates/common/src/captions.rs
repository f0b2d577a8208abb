//! Captions: beside a source and inside of it, and what becomes of them.

mod added;
pub mod edition;
mod embedded;
mod file;
mod scc;
mod sidecar;
mod ttml;
mod webvtt;

use serde::{Deserialize, Serialize};

use crate::language;

pub use added::{Added, AddedTrack, LABEL, MAX_LABEL, by_files, removal_key};
pub use embedded::Search;
pub use file::{CaptionsError, Format, MAX_BYTES, check};
pub use sidecar::{Sidecar, is_captions, is_readable, stem};
pub use webvtt::{end_ms, of_clip, to_webvtt};

/// Most tracks of a video. MediaConvert takes a hundred; nobody finds anything in such a menu.
pub const MAX_TRACKS: usize = 20;

/// Language of captions of which nobody said it.
pub(crate) const UNKNOWN: &str = "und";

/// Captions in one language.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    /// BCP 47 tag; `und` where nobody said.
    pub language: String,
    /// As the player's menu shows it.
    pub label: String,
    /// Where they are.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Where captions are.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Origin {
    /// In a file of their own in the source bucket.
    File {
        /// Key of the object.
        key: String,
        /// How it is written.
        format: Format,
    },
    /// In the source's picture, as CEA-608, or as CEA-708 alone.
    Picture {
        /// 1 for CC1 to 4 for CC4. Of CEA-708, the service.
        channel: u8,
    },
    /// In a track of the source beside the picture, as CEA-608. There can be one.
    Ancillary {
        /// 1 for CC1.
        ancillary: u8,
    },
}

impl Track {
    /// The captions that a `QuickTime` or MXF source has in a track beside the picture.
    pub fn ancillary(language: Option<&str>) -> Self {
        Self {
            language: language.unwrap_or(UNKNOWN).to_owned(),
            label: language.map_or_else(|| "CC1".to_owned(), language::label),
            origin: Origin::Ancillary { ancillary: 1 },
        }
    }

    /// The output's name. Languages tell files apart, channels the rest.
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::File { .. } => format!("captions_{}", self.language),
            Origin::Picture { channel } | Origin::Ancillary { ancillary: channel } => {
                format!("captions_cc{channel}")
            }
        }
    }
}
