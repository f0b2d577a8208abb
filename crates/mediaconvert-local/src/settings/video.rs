//! Picture codecs: `videoDescription.codecSettings`.

use serde::Deserialize;

use super::Toggle;

/// The codec of the picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "codec", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VideoCodecSettings {
    /// H.264.
    #[serde(rename = "H_264")]
    H264 {
        /// The settings of the codec.
        #[serde(default, rename = "h264Settings")]
        settings: Box<EncoderSettings>,
    },
    /// HEVC.
    #[serde(rename = "H_265")]
    H265 {
        /// The settings of the codec.
        #[serde(default, rename = "h265Settings")]
        settings: Box<EncoderSettings>,
    },
    /// AV1.
    Av1 {
        /// The settings of the codec.
        #[serde(default, rename = "av1Settings")]
        settings: Box<EncoderSettings>,
    },
    /// VP9.
    Vp9 {
        /// The settings of the codec.
        #[serde(default, rename = "vp9Settings")]
        settings: Box<EncoderSettings>,
    },
    /// VP8.
    Vp8 {
        /// The settings of the codec.
        #[serde(default, rename = "vp8Settings")]
        settings: Box<EncoderSettings>,
    },
    /// Apple's codec for editing.
    Prores {
        /// The settings of the codec.
        #[serde(default, rename = "proresSettings")]
        settings: Box<EncoderSettings>,
    },
    /// Animated pictures.
    Gif {
        /// The settings of the codec.
        #[serde(default, rename = "gifSettings")]
        settings: Box<EncoderSettings>,
    },
    /// JPEG files.
    FrameCapture {
        /// The settings of the codec.
        #[serde(default, rename = "frameCaptureSettings")]
        capture: FrameCaptureSettings,
    },
}

impl VideoCodecSettings {
    /// The codec of a moving picture, with its settings; `None` of frame captures.
    pub fn encoder(&self) -> Option<(Codec, &EncoderSettings)> {
        match self {
            Self::H264 { settings } => Some((Codec::H264, settings)),
            Self::H265 { settings } => Some((Codec::H265, settings)),
            Self::Av1 { settings } => Some((Codec::Av1, settings)),
            Self::Vp9 { settings } => Some((Codec::Vp9, settings)),
            Self::Vp8 { settings } => Some((Codec::Vp8, settings)),
            Self::Prores { settings } => Some((Codec::Prores, settings)),
            Self::Gif { settings } => Some((Codec::Gif, settings)),
            Self::FrameCapture { .. } => None,
        }
    }
}

impl VideoCodecSettings {
    /// The settings of a moving picture's codec.
    pub fn encoder_mut(&mut self) -> Option<&mut EncoderSettings> {
        match self {
            Self::H264 { settings }
            | Self::H265 { settings }
            | Self::Av1 { settings }
            | Self::Vp9 { settings }
            | Self::Vp8 { settings }
            | Self::Prores { settings }
            | Self::Gif { settings } => Some(settings),
            Self::FrameCapture { .. } => None,
        }
    }
}

/// Codecs of moving pictures that this server writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// H.264.
    H264,
    /// HEVC.
    H265,
    /// AV1.
    Av1,
    /// VP9.
    Vp9,
    /// VP8.
    Vp8,
    /// Apple's codec for editing.
    Prores,
    /// Animated pictures.
    Gif,
}

impl Codec {
    /// As in `codecSettings.codec`.
    pub fn name(self) -> &'static str {
        match self {
            Self::H264 => "H_264",
            Self::H265 => "H_265",
            Self::Av1 => "AV1",
            Self::Vp9 => "VP9",
            Self::Vp8 => "VP8",
            Self::Prores => "PRORES",
            Self::Gif => "GIF",
        }
    }

    /// The member of `codecSettings` that its settings are in.
    pub fn member(self) -> &'static str {
        match self {
            Self::H264 => "h264Settings",
            Self::H265 => "h265Settings",
            Self::Av1 => "av1Settings",
            Self::Vp9 => "vp9Settings",
            Self::Vp8 => "vp8Settings",
            Self::Prores => "proresSettings",
            Self::Gif => "gifSettings",
        }
    }

    /// Whether it has GOPs and a bit rate.
    pub fn is_inter(self) -> bool {
        !matches!(self, Self::Prores | Self::Gif)
    }
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

/// The settings of an encoder. Those of the codecs are so much alike that one type holds them all;
/// each codec allows only some of the members and values, which the schema has checked before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncoderSettings {
    /// How bits are spent; see [`Self::mode`].
    pub rate_control_mode: Option<RateControlMode>,
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
    /// Whether B frames are referred to.
    pub gop_b_reference: Option<Toggle>,
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
    /// How frames of another rate are made.
    pub framerate_conversion_algorithm: Option<FramerateConversion>,
    /// Where the shape of a pixel comes from.
    pub par_control: Initialize,
    /// Width of a pixel.
    pub par_numerator: Option<u32>,
    /// Height of a pixel.
    pub par_denominator: Option<u32>,
    /// The profile, such as `HIGH` or `MAIN10_HIGH`; see [`crate::plan::video`].
    pub codec_profile: Option<String>,
    /// The level, such as `LEVEL_4_1`.
    pub codec_level: Option<String>,
    /// The entropy coder.
    pub entropy_encoding: Option<EntropyEncoding>,
    /// Parts of a picture that are decoded by themselves.
    pub slices: Option<u32>,
    /// `BIT_8` or `BIT_10`, of AV1.
    pub bit_depth: Option<String>,
    /// The four characters of the track in MP4: `HVC1` or `HEV1`, `AVC1` or `AVC3`.
    pub write_mp4_packaging_type: Option<String>,
}

impl EncoderSettings {
    /// How bits are spent: as asked for, or as is the codec's default.
    pub fn mode(&self, codec: Codec) -> RateControlMode {
        self.rate_control_mode.unwrap_or(match codec {
            Codec::Av1 => RateControlMode::Qvbr,
            _ => RateControlMode::Vbr,
        })
    }

    /// The most bits per second that are asked for.
    pub fn highest_bitrate(&self) -> Option<u32> {
        self.max_bitrate.or(self.bitrate)
    }
}

/// How bits are spent.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RateControlMode {
    /// At a constant rate.
    Cbr,
    /// Around an average.
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
    /// Bits per second, with `MULTI_PASS_HQ`.
    pub max_average_bitrate: Option<u32>,
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
    /// Between, of VP8 and VP9.
    MultiPass,
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

/// How frames of another rate are made.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FramerateConversion {
    /// Some are left out or shown again.
    DuplicateDrop,
    /// They are blended.
    Interpolate,
    /// What moves is found between them.
    Frameformer,
    /// They are shown faster or slower.
    MaintainFrameCount,
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
