//! The picture before it is encoded: `videoDescription`.

use serde::Deserialize;

use super::{ColorCorrector, ImageInserter, Rectangle, TimecodeBurnin, VideoCodecSettings};

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
    /// The part of the source that is used.
    pub crop: Option<Rectangle>,
    /// Where that is in the frame; black around it.
    pub position: Option<Rectangle>,
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
#[serde(rename_all = "camelCase", default)]
pub struct VideoPreprocessors {
    /// Frames out of fields.
    pub deinterlacer: Option<Deinterlacer>,
    /// Images over it.
    pub image_inserter: Option<ImageInserter>,
    /// Timecodes over it.
    pub timecode_burnin: Option<TimecodeBurnin>,
    /// Other colours.
    pub color_corrector: ColorCorrector,
    /// Less noise.
    pub noise_reducer: Option<NoiseReducer>,
}

/// Frames out of fields.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deinterlacer {
    /// Which frames.
    pub control: DeinterlacerControl,
    /// What the fields are taken for.
    pub mode: DeinterlacerMode,
    /// How lines that are missing are made.
    pub algorithm: Option<DeinterlaceAlgorithm>,
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

/// What fields are taken for.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeinterlacerMode {
    /// Each field is a moment of its own.
    #[default]
    Deinterlace,
    /// Film, of which two fields in ten are shown twice.
    InverseTelecine,
    /// Whatever it is.
    Adaptive,
}

/// How lines that are missing are made.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeinterlaceAlgorithm {
    /// Sharp.
    Interpolate,
    /// Sharp, with text that moves.
    InterpolateTicker,
    /// Smooth.
    Blend,
    /// Smooth, with text that moves.
    BlendTicker,
    /// Of the lines above and below.
    LinearInterpolation,
}

/// Less noise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NoiseReducer {
    /// How.
    pub filter: Option<NoiseReducerFilter>,
    /// For most filters.
    pub filter_settings: NoiseReducerStrength,
    /// For that of space.
    pub spatial_filter_settings: NoiseReducerStrength,
    /// For that of time.
    pub temporal_filter_settings: NoiseReducerStrength,
}

impl NoiseReducer {
    /// Whether its strength is not that of `filter_settings`.
    pub fn is_by_another_strength(&self) -> bool {
        matches!(
            self.filter,
            Some(NoiseReducerFilter::Spatial | NoiseReducerFilter::Temporal)
        )
    }
}

/// How noise is reduced.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "names of filters")]
pub enum NoiseReducerFilter {
    Bilateral,
    Mean,
    Gaussian,
    Lanczos,
    Sharpen,
    Conserve,
    Spatial,
    Temporal,
}

/// How much.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NoiseReducerStrength {
    /// 0 to 3, or to 16 of space and time.
    pub strength: Option<u32>,
    /// 0 to 3.
    pub post_filter_sharpen_strength: Option<u32>,
}
