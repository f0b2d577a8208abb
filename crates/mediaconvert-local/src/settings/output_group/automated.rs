//! Renditions that the server chooses: `automatedEncodingSettings`.

use serde::Deserialize;

use crate::settings::Toggle;

/// Renditions that the server chooses.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutomatedEncoding {
    /// Of an ABR ladder.
    pub abr_settings: Option<AbrSettings>,
}

/// Bounds of an automated ABR ladder.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AbrSettings {
    /// Bits per second of the highest rendition, at most.
    pub max_abr_bitrate: u32,
    /// Bits per second of the lowest rendition, at least.
    pub min_abr_bitrate: u32,
    /// Renditions at most.
    pub max_renditions: u32,
    /// QVBR's level of all renditions.
    pub max_quality_level: Option<f64>,
    /// What sizes there are.
    pub rules: Vec<AbrRule>,
}

impl Default for AbrSettings {
    fn default() -> Self {
        Self {
            max_abr_bitrate: 8_000_000,
            min_abr_bitrate: 600_000,
            max_renditions: 15,
            max_quality_level: None,
            rules: Vec::new(),
        }
    }
}

/// What sizes there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AbrRule {
    /// The highest rendition is no smaller.
    MinTopRenditionSize {
        /// Pixels.
        #[serde(default, rename = "minTopRenditionSize")]
        size: RenditionSize,
    },
    /// The lowest rendition is no smaller.
    MinBottomRenditionSize {
        /// Pixels.
        #[serde(default, rename = "minBottomRenditionSize")]
        size: RenditionSize,
    },
    /// These are among the renditions.
    ForceIncludeRenditions {
        /// Pixels.
        #[serde(default, rename = "forceIncludeRenditions")]
        sizes: Vec<RenditionSize>,
    },
    /// No others are among the renditions.
    AllowedRenditions {
        /// Pixels.
        #[serde(default, rename = "allowedRenditions")]
        sizes: Vec<RenditionSize>,
    },
}

/// A size of a rendition.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RenditionSize {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Whether an allowed one has to be there.
    pub required: Option<Toggle>,
}
