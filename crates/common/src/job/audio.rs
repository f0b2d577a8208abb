//! The audio output: one AAC rendition that every picture shares.

use aws_sdk_mediaconvert::types::{
    AacCodecProfile, AacCodingMode, AacRateControlMode, AacSettings, AudioCodec,
    AudioCodecSettings, AudioDefaultSelection, AudioDescription, AudioSelector, AudioSelectorType,
    ChannelMapping, Output, OutputChannelMapping, RemixSettings,
};

use super::cmaf;
use crate::media::Audio;
use crate::profile::Profile;
use crate::video::{Rendition, RenditionKind};

/// Name of the input's audio selector.
pub(super) const SELECTOR: &str = "Audio Selector 1";
const NAME: &str = "audio";
/// Samples per second of every rendition: what AAC at these bit rates takes, and what players expect.
const SAMPLE_RATE: i32 = 48_000;
/// dB below which MediaConvert mutes a channel.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html> (`RemixSettings`).
const MUTE: i32 = -60;

/// What is made of the first audio track.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AudioPlan {
    source_channels: u32,
    bitrate: u32,
}

impl AudioPlan {
    pub(super) fn new(profile: &Profile, track: Audio) -> Self {
        // One channel needs half the bits.
        let bitrate = if track.channels == 1 {
            profile.audio_bitrate / 2
        } else {
            profile.audio_bitrate
        };
        Self {
            source_channels: track.channels,
            bitrate,
        }
    }

    /// The rendition as the record writes it.
    pub(super) fn rendition(self) -> Rendition {
        Rendition {
            name: NAME.to_owned(),
            kind: RenditionKind::Audio,
            codec: "AAC".to_owned(),
            width: None,
            height: None,
            channels: Some(self.channels()),
            max_bitrate: Some(u64::from(self.bitrate)),
            average_bitrate: None,
            qvbr_quality: None,
        }
    }

    pub(super) fn output(self) -> Output {
        let coding_mode = if self.channels() == 1 {
            AacCodingMode::CodingMode10
        } else {
            AacCodingMode::CodingMode20
        };
        let aac = AacSettings::builder()
            .codec_profile(AacCodecProfile::Lc)
            .rate_control_mode(AacRateControlMode::Cbr)
            .coding_mode(coding_mode)
            .sample_rate(SAMPLE_RATE)
            .bitrate(i32::try_from(self.bitrate).unwrap_or(i32::MAX))
            .build();
        Output::builder()
            .name_modifier(format!("_{NAME}"))
            .container_settings(cmaf::container())
            .audio_descriptions(
                AudioDescription::builder()
                    .audio_source_name(SELECTOR)
                    .codec_settings(
                        AudioCodecSettings::builder()
                            .codec(AudioCodec::Aac)
                            .aac_settings(aac)
                            .build(),
                    )
                    .set_remix_settings(self.remix())
                    .build(),
            )
            .build()
    }

    fn channels(self) -> u32 {
        self.source_channels.min(2)
    }

    /// Stereo from surround, by the coefficients of ITU-R BS.775 (centre and surrounds at −3 dB), all 6 dB
    /// lower so that the sum doesn't clip. `None` where the channels' order isn't known or nothing is mixed.
    fn remix(self) -> Option<RemixSettings> {
        // Order: left, right, centre, LFE, left surround, right surround, left back, right back.
        const M: i32 = MUTE;
        let (left, right): (&[i32], &[i32]) = match self.source_channels {
            6 => (&[-6, M, -9, M, -9, M], &[M, -6, -9, M, M, -9]),
            8 => (&[-6, M, -9, M, -9, M, -9, M], &[M, -6, -9, M, M, -9, M, -9]),
            _ => return None,
        };
        let output = |gains: &[i32]| {
            OutputChannelMapping::builder()
                .set_input_channels(Some(gains.to_vec()))
                .build()
        };
        Some(
            RemixSettings::builder()
                .channels_in(i32::try_from(self.source_channels).ok()?)
                .channels_out(2)
                .channel_mapping(
                    ChannelMapping::builder()
                        .output_channels(output(left))
                        .output_channels(output(right))
                        .build(),
                )
                .build(),
        )
    }
}

/// The input's first audio track, whatever its language.
pub(super) fn selector() -> AudioSelector {
    AudioSelector::builder()
        .selector_type(AudioSelectorType::Track)
        .tracks(1)
        .default_selection(AudioDefaultSelection::Default)
        .build()
}
