//! Captions: files beside a source, and what becomes of them.

mod file;
mod sidecar;

use serde::{Deserialize, Serialize};

pub use file::{CaptionsError, Format, MAX_BYTES, check};
pub use sidecar::{Sidecar, is_captions, stem};

/// Most tracks of a video. MediaConvert takes a hundred; nobody finds anything in such a menu.
pub const MAX_TRACKS: usize = 20;

/// A file with captions, in the source bucket.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    /// BCP 47 tag; `und` where nobody said.
    pub language: String,
    /// As the player's menu shows it.
    pub label: String,
    /// Key of the object.
    pub key: String,
    /// How it is written.
    pub format: Format,
}

impl Track {
    /// The output's name. Languages tell tracks apart.
    pub fn name(&self) -> String {
        format!("captions_{}", self.language)
    }
}
