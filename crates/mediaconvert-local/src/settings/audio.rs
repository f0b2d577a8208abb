//! Sound of outputs: `audioDescriptions[]`.

use serde::Deserialize;

use super::AudioCodecSettings;

/// The sound of an output.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioDescription {
    /// Name of a selector of the input.
    pub audio_source_name: Option<String>,
    /// The codec.
    pub codec_settings: AudioCodecSettings,
    /// Which channels go where.
    pub remix_settings: Option<RemixSettings>,
    /// How loud it is made.
    pub audio_normalization_settings: Option<AudioNormalizationSettings>,
    /// Three letters, upper case.
    pub language_code: Option<String>,
    /// By RFC 5646.
    pub custom_language_code: Option<String>,
    /// Which of the two languages is written.
    #[serde(default)]
    pub language_code_control: LanguageCodeControl,
    /// Label in the manifests.
    pub stream_name: Option<String>,
}

/// Which language is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LanguageCodeControl {
    /// The source's, or that of the settings where it has none.
    #[default]
    FollowInput,
    /// That of the settings.
    UseConfigured,
}

/// How loud a sound is made:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/using-audio-normalization.html>.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AudioNormalizationSettings {
    /// Which way it is measured.
    pub algorithm: Option<String>,
    /// Whether the sound is changed.
    pub algorithm_control: AlgorithmControl,
    /// LKFS.
    pub target_lkfs: Option<f64>,
    /// The highest peak between samples. Decibels below full scale.
    pub true_peak_limiter_threshold: Option<f64>,
}

/// Whether a sound is changed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlgorithmControl {
    /// It is.
    #[default]
    CorrectAudio,
    /// It is not.
    MeasureOnly,
}

/// Which channels go where.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RemixSettings {
    /// Channels taken from the source.
    pub channels_in: Option<u32>,
    /// Channels made.
    pub channels_out: Option<u32>,
    /// How much of each goes into each.
    pub channel_mapping: ChannelMapping,
}

/// How much of each channel goes into each.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelMapping {
    /// One for each channel made.
    pub output_channels: Vec<OutputChannelMapping>,
}

/// How much of each channel goes into one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OutputChannelMapping {
    /// Decibels; -60 is silence.
    pub input_channels: Vec<f64>,
    /// Decibels with decimals; -60 is silence.
    pub input_channels_fine_tune: Vec<f64>,
}

impl OutputChannelMapping {
    /// Decibels for each channel of the source, whichever list they were given in.
    pub fn gains(&self) -> &[f64] {
        if self.input_channels_fine_tune.is_empty() {
            &self.input_channels
        } else {
            &self.input_channels_fine_tune
        }
    }
}
