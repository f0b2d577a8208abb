//! Packaging: `outputGroups[].outputGroupSettings`.

mod automated;
mod streaming;

use serde::Deserialize;

pub use automated::*;
pub use streaming::*;

use super::Output;

/// Outputs that belong together.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputGroup {
    /// How they are packaged.
    pub output_group_settings: OutputGroupSettings,
    /// Renditions that the server chooses.
    pub automated_encoding_settings: Option<AutomatedEncoding>,
    /// The outputs, in the order of the events.
    #[serde(default)]
    pub outputs: Vec<Output>,
}

impl OutputGroup {
    /// Whether the server chooses the renditions.
    pub fn is_automated(&self) -> bool {
        let automated = self.automated_encoding_settings.as_ref();
        automated.is_some_and(|automated| automated.abr_settings.is_some())
    }
}

/// How a group is packaged.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OutputGroupSettings {
    /// Segments of MP4 for HLS and DASH.
    CmafGroupSettings {
        /// The settings of the kind.
        #[serde(default, rename = "cmafGroupSettings")]
        cmaf: Box<StreamingSettings>,
    },
    /// Segments of MPEG transport streams for HLS.
    HlsGroupSettings {
        /// The settings of the kind.
        #[serde(
            default = "StreamingSettings::hls",
            rename = "hlsGroupSettings",
            deserialize_with = "StreamingSettings::read_hls"
        )]
        hls: Box<StreamingSettings>,
    },
    /// Segments of MP4 for DASH.
    DashIsoGroupSettings {
        /// The settings of the kind.
        #[serde(
            default = "StreamingSettings::dash",
            rename = "dashIsoGroupSettings",
            deserialize_with = "StreamingSettings::read_dash"
        )]
        dash: Box<StreamingSettings>,
    },
    /// One file an output.
    FileGroupSettings {
        /// The settings of the kind.
        #[serde(default, rename = "fileGroupSettings")]
        file: FileGroupSettings,
    },
}

impl OutputGroupSettings {
    /// Where the group's files go: `s3://bucket/folder/base`.
    pub fn destination(&self) -> Option<&str> {
        match self {
            Self::FileGroupSettings { file } => file.destination.as_deref(),
            _ => self.streaming()?.destination.as_deref(),
        }
    }

    /// How its segments are made, of a group that has some.
    pub fn streaming(&self) -> Option<&StreamingSettings> {
        match self {
            Self::CmafGroupSettings { cmaf } => Some(cmaf),
            Self::HlsGroupSettings { hls } => Some(hls),
            Self::DashIsoGroupSettings { dash } => Some(dash),
            Self::FileGroupSettings { .. } => None,
        }
    }

    /// The member that the settings of the kind are in.
    pub fn member(&self) -> &'static str {
        match self {
            Self::CmafGroupSettings { .. } => "cmafGroupSettings",
            Self::HlsGroupSettings { .. } => "hlsGroupSettings",
            Self::DashIsoGroupSettings { .. } => "dashIsoGroupSettings",
            Self::FileGroupSettings { .. } => "fileGroupSettings",
        }
    }
}

/// A file group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileGroupSettings {
    /// `s3://bucket/folder/base`.
    pub destination: Option<String>,
}
