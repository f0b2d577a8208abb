//! Picture codecs: `videoDescription.codecSettings`.

use serde::Deserialize;

/// The codec of the picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "codec", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VideoCodecSettings {
    /// H.264.
    #[serde(rename = "H_264")]
    H264 {
        /// The settings of the codec.
        #[serde(default, rename = "h264Settings")]
        h264: Box<H264Settings>,
    },
    /// JPEG files.
    FrameCapture {
        /// The settings of the codec.
        #[serde(default, rename = "frameCaptureSettings")]
        capture: FrameCaptureSettings,
    },
}

/// JPEG files: the first frame, then one every `denominator / numerator` seconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameCaptureSettings {
    /// Pictures per `framerate_denominator` seconds.
    pub framerate_numerator: Option<u32>,
    /// Seconds per `framerate_numerator` pictures.
    pub framerate_denominator: Option<u32>,
    /// The most pictures to write.
    pub max_captures: Option<u32>,
    /// 1 to 100, best.
    pub quality: Option<u32>,
}

/// H.264.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct H264Settings {
    /// How bits are spent.
    pub rate_control_mode: RateControlMode,
    /// Bits per second, for CBR and VBR.
    pub bitrate: Option<u32>,
    /// Bits per second, for QVBR and VBR.
    pub max_bitrate: Option<u32>,
    /// Bits.
    pub hrd_buffer_size: Option<u32>,
    /// For QVBR.
    pub qvbr_settings: QvbrSettings,
    /// Frames or seconds.
    pub gop_size: Option<f64>,
    /// What `gop_size` counts; frames, when left out.
    pub gop_size_units: Option<GopSizeUnits>,
    /// GOPs from one closed GOP to the next.
    pub gop_closed_cadence: Option<u32>,
    /// B frames in a row.
    #[serde(rename = "numberBFramesBetweenReferenceFrames")]
    pub b_frames: Option<u32>,
    /// Frames to refer to.
    pub number_reference_frames: Option<u32>,
    /// Speed or quality.
    pub quality_tuning_level: QualityTuningLevel,
    /// Where the frame rate comes from.
    pub framerate_control: Initialize,
    /// Frames per `framerate_denominator` seconds.
    pub framerate_numerator: Option<u32>,
    /// Seconds per `framerate_numerator` frames.
    pub framerate_denominator: Option<u32>,
    /// Where the shape of a pixel comes from.
    pub par_control: Initialize,
    /// Width of a pixel.
    pub par_numerator: Option<u32>,
    /// Height of a pixel.
    pub par_denominator: Option<u32>,
    /// The profile.
    pub codec_profile: CodecProfile,
    /// The level, such as `LEVEL_4_1`.
    pub codec_level: Option<String>,
    /// The entropy coder.
    pub entropy_encoding: Option<EntropyEncoding>,
}

/// How bits are spent.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RateControlMode {
    /// At a constant rate.
    Cbr,
    /// Around an average.
    #[default]
    Vbr,
    /// By quality, under a maximum.
    Qvbr,
}

/// For QVBR.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QvbrSettings {
    /// 1 to 10, best.
    pub qvbr_quality_level: Option<u32>,
    /// Added to the level; thirds count.
    pub qvbr_quality_level_fine_tune: Option<f64>,
}

/// What a GOP size counts.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GopSizeUnits {
    /// Frames.
    Frames,
    /// Seconds.
    Seconds,
    /// The encoder chooses.
    Auto,
}

/// Speed or quality.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QualityTuningLevel {
    /// Fast.
    SinglePass,
    /// Between.
    #[default]
    SinglePassHq,
    /// Good.
    MultiPassHq,
}

/// Where a number comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Initialize {
    /// From the source.
    #[default]
    InitializeFromSource,
    /// From the settings beside it.
    Specified,
}

/// H.264 profiles in 8 bits and 4:2:0.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CodecProfile {
    /// Constrained baseline.
    Baseline,
    /// Main, the service's default.
    #[default]
    Main,
    /// High.
    High,
}

/// The entropy coder.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntropyEncoding {
    /// Arithmetic.
    Cabac,
    /// Variable length.
    Cavlc,
}
