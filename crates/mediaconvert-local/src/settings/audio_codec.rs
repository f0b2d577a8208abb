//! The codecs of sound: `audioDescriptions[].codecSettings`.

use serde::Deserialize;

/// The codec of a sound.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "codec", rename_all = "UPPERCASE")]
pub enum AudioCodecSettings {
    /// AAC.
    Aac {
        /// The settings of the codec.
        #[serde(default, rename = "aacSettings")]
        settings: SoundSettings,
    },
    /// Dolby Digital.
    Ac3 {
        /// The settings of the codec.
        #[serde(default, rename = "ac3Settings")]
        settings: SoundSettings,
    },
    /// Dolby Digital Plus.
    Eac3 {
        /// The settings of the codec.
        #[serde(default, rename = "eac3Settings")]
        settings: SoundSettings,
    },
    /// MPEG audio, layer II.
    Mp2 {
        /// The settings of the codec.
        #[serde(default, rename = "mp2Settings")]
        settings: SoundSettings,
    },
    /// MPEG audio, layer III.
    Mp3 {
        /// The settings of the codec.
        #[serde(default, rename = "mp3Settings")]
        settings: SoundSettings,
    },
    /// Opus.
    Opus {
        /// The settings of the codec.
        #[serde(default, rename = "opusSettings")]
        settings: SoundSettings,
    },
    /// Vorbis.
    Vorbis {
        /// The settings of the codec.
        #[serde(default, rename = "vorbisSettings")]
        settings: SoundSettings,
    },
    /// FLAC.
    Flac {
        /// The settings of the codec.
        #[serde(default, rename = "flacSettings")]
        settings: SoundSettings,
    },
    /// Samples in a RIFF file.
    Wav {
        /// The settings of the codec.
        #[serde(default, rename = "wavSettings")]
        settings: SoundSettings,
    },
    /// Samples in an AIFF file.
    Aiff {
        /// The settings of the codec.
        #[serde(default, rename = "aiffSettings")]
        settings: SoundSettings,
    },
}

/// A codec of sound that this server writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "names of codecs, as above")]
pub enum SoundCodec {
    Aac,
    Ac3,
    Eac3,
    Mp2,
    Mp3,
    Opus,
    Vorbis,
    Flac,
    Wav,
    Aiff,
}

impl AudioCodecSettings {
    /// The codec, with its settings.
    pub fn codec(&self) -> (SoundCodec, &SoundSettings) {
        match self {
            Self::Aac { settings } => (SoundCodec::Aac, settings),
            Self::Ac3 { settings } => (SoundCodec::Ac3, settings),
            Self::Eac3 { settings } => (SoundCodec::Eac3, settings),
            Self::Mp2 { settings } => (SoundCodec::Mp2, settings),
            Self::Mp3 { settings } => (SoundCodec::Mp3, settings),
            Self::Opus { settings } => (SoundCodec::Opus, settings),
            Self::Vorbis { settings } => (SoundCodec::Vorbis, settings),
            Self::Flac { settings } => (SoundCodec::Flac, settings),
            Self::Wav { settings } => (SoundCodec::Wav, settings),
            Self::Aiff { settings } => (SoundCodec::Aiff, settings),
        }
    }
}

impl SoundCodec {
    /// As in `codecSettings.codec`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aac => "AAC",
            Self::Ac3 => "AC3",
            Self::Eac3 => "EAC3",
            Self::Mp2 => "MP2",
            Self::Mp3 => "MP3",
            Self::Opus => "OPUS",
            Self::Vorbis => "VORBIS",
            Self::Flac => "FLAC",
            Self::Wav => "WAV",
            Self::Aiff => "AIFF",
        }
    }
}

/// The settings of a codec. Those of the codecs are so much alike that one type holds them all; each
/// codec allows only some of the members and values, which the schema has checked before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SoundSettings {
    /// Bits per second.
    pub bitrate: Option<u32>,
    /// Hertz.
    pub sample_rate: Option<u32>,
    /// Channels, by their names.
    pub coding_mode: Option<CodingMode>,
    /// Channels; 0 for as many as the source has.
    pub channels: Option<u32>,
    /// Bits of a sample.
    pub bit_depth: Option<u32>,
    /// Bits by a rate or by quality.
    pub rate_control_mode: Option<SoundRateControl>,
    /// Which quality.
    pub vbr_quality: Option<VbrQuality>,
    /// The profile of AAC.
    pub codec_profile: Option<String>,
}

/// Bits by a rate or by quality.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum SoundRateControl {
    /// A rate.
    Cbr,
    /// A quality.
    Vbr,
}

/// A quality.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum VbrQuality {
    /// As the codec counts.
    Level(i32),
    /// `LOW` to `HIGH`, of AAC.
    Name(String),
}

/// Channels by their names.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum CodingMode {
    /// Mono.
    #[serde(rename = "CODING_MODE_1_0")]
    Mono,
    /// Stereo.
    #[default]
    #[serde(rename = "CODING_MODE_2_0")]
    Stereo,
    /// Five channels and one for low frequencies.
    #[serde(
        rename = "CODING_MODE_5_1",
        alias = "CODING_MODE_3_2_LFE",
        alias = "CODING_MODE_3_2"
    )]
    Surround,
    /// As many as the source has.
    #[serde(rename = "CODING_MODE_AUTO")]
    Auto,
}
