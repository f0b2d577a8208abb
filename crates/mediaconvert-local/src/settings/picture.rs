//! The picture before it is encoded: `videoDescription`.

use serde::Deserialize;

use super::VideoCodecSettings;

/// The picture of an output.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoDescription {
    /// Pixels; with only one side given, the other follows the source.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// What to do when the shape differs from the source's.
    #[serde(default)]
    pub scaling_behavior: ScalingBehavior,
    /// The codec.
    pub codec_settings: VideoCodecSettings,
    /// Filters before it.
    #[serde(default)]
    pub video_preprocessors: VideoPreprocessors,
}

/// What to do when the shape differs from the source's:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/video-scaling.html>.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScalingBehavior {
    /// Fit and pad with black.
    #[default]
    Default,
    /// Distort.
    StretchToOutput,
    /// Fit, and make the frame smaller.
    Fit,
    /// The same, never larger than the source.
    FitNoUpscale,
    /// Fill and crop.
    Fill,
}

/// Filters before the encoder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoPreprocessors {
    /// Frames out of fields.
    pub deinterlacer: Option<Deinterlacer>,
}

/// Frames out of fields.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deinterlacer {
    /// Which frames.
    pub control: DeinterlacerControl,
}

/// Which frames are deinterlaced.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeinterlacerControl {
    /// All, whatever they are tagged as.
    ForceAllFrames,
    /// Those that are tagged as interlaced.
    #[default]
    Normal,
}
