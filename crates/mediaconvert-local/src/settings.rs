//! The settings that this server honours, typed. The rest stays in the job's JSON; what becomes of
//! it says [`crate::support`]. Defaults are those of the service, with the API Reference as source:
//! <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html>.

mod audio;
mod audio_codec;
mod captions;
mod color;
mod input;
mod output;
mod output_group;
mod overlay;
mod picture;
mod video;

use serde::Deserialize;
use serde_json::Value;

pub use audio::*;
pub use audio_codec::*;
pub use captions::*;
pub use color::*;
pub use input::*;
pub use output::*;
pub use output_group::*;
pub use overlay::*;
pub use picture::*;
pub use video::*;

/// `settings` of `CreateJob`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// How timecodes of outputs count.
    #[serde(default)]
    pub timecode_config: TimecodeConfig,
    /// The sources, one after the other.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// What to make of them.
    #[serde(default)]
    pub output_groups: Vec<OutputGroup>,
}

impl Settings {
    /// Reads checked settings.
    ///
    /// # Errors
    ///
    /// A value that the checks before let through and that this server knows nothing of.
    pub fn from_json(settings: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(settings)
    }
}

/// On or off.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Toggle {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

/// In or out.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Presence {
    /// In.
    Include,
    /// Out.
    Exclude,
}
