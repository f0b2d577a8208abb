//! The sound: a stereo rendition of each language track, and one in 5.1 beside it where there is more to hear.

use aws_sdk_mediaconvert::types::{
    AacCodecProfile, AacCodingMode, AacRateControlMode, AacSettings, AudioCodec,
    AudioCodecSettings, AudioDefaultSelection, AudioDescription, AudioLanguageCodeControl,
    AudioNormalizationAlgorithm, AudioNormalizationAlgorithmControl,
    AudioNormalizationPeakCalculation, AudioNormalizationSettings, AudioSelector,
    AudioSelectorType, ChannelMapping, CmfcAudioTrackType, CmfcSettings, LanguageCode,
    OutputChannelMapping, RemixSettings,
};

use crate::language;
use crate::media::Audio;
use crate::profile::AudioPolicy;
use crate::video::{Rendition, RenditionKind};

/// Samples per second of every rendition: what AAC at these bit rates takes, and what players expect.
const SAMPLE_RATE: i32 = 48_000;
/// dB below which MediaConvert mutes a channel.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html> (`RemixSettings`).
const MUTE: i32 = -60;
/// True peak that a normalised rendition stays below, dBFS: what AAC may add to a peak stays below full scale.
/// Source: <https://tech.ebu.ch/docs/r/r128.pdf>.
const PEAK_DBFS: f64 = -1.0;

/// A rendition of an audio track.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioPlan {
    /// The source's track, from 1.
    track: u32,
    source_channels: u32,
    layout: Layout,
    bitrate: u32,
    /// Three letters of ISO 639.
    language: Option<String>,
    /// What a player's menu calls it.
    label: String,
    name: String,
    /// Of the first track: what plays unless a person chooses another.
    is_default: bool,
    loudness_lufs: Option<f64>,
    /// HLS: one of these groups plays beside a picture. `None` where there is only one.
    group: Option<&'static str>,
}

/// Channels of a rendition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Layout {
    Mono,
    Stereo,
    Surround,
}

/// Of the stereo renditions, where there are others.
const STEREO_GROUP: &str = "stereo";
/// Of the 5.1 renditions.
const SURROUND_GROUP: &str = "surround";

/// The renditions of a source's tracks, in their order; stereo before 5.1, which a player without such loudspeakers
/// mustn't choose first.
pub(super) fn plan(policy: &AudioPolicy, tracks: &[Audio]) -> Vec<AudioPlan> {
    let has_surround =
        policy.surround_bitrate.is_some() && tracks.iter().any(|track| track.channels >= 6);
    let mut names = Names::default();
    let mut planned = Vec::new();
    for track in tracks {
        let (name, label) = names.next(track, tracks.len());
        let stereo = AudioPlan {
            track: track.track,
            source_channels: track.channels,
            layout: if track.channels == 1 {
                Layout::Mono
            } else {
                Layout::Stereo
            },
            // One channel needs half the bits.
            bitrate: if track.channels == 1 {
                policy.stereo_bitrate / 2
            } else {
                policy.stereo_bitrate
            },
            language: track.language.clone(),
            label,
            name,
            is_default: planned.is_empty(),
            loudness_lufs: policy.loudness_lufs,
            group: has_surround.then_some(STEREO_GROUP),
        };
        planned.push(stereo.clone());
        if let Some(bitrate) = policy.surround_bitrate.filter(|_| track.channels >= 6) {
            planned.push(AudioPlan {
                layout: Layout::Surround,
                bitrate,
                label: format!("{} surround", stereo.label),
                name: format!("{}_surround", stereo.name),
                group: Some(SURROUND_GROUP),
                ..stereo
            });
        }
    }
    planned
}

/// The input's selectors: one for each track that a rendition is made of.
pub(super) fn selectors(
    plans: &[AudioPlan],
) -> Option<std::collections::HashMap<String, AudioSelector>> {
    let selectors = plans.iter().map(|plan| {
        let first = plan.is_default;
        let selector = AudioSelector::builder()
            .selector_type(AudioSelectorType::Track)
            .tracks(i32::try_from(plan.track).unwrap_or(i32::MAX))
            .default_selection(if first {
                AudioDefaultSelection::Default
            } else {
                AudioDefaultSelection::NotDefault
            });
        (plan.selector(), selector.build())
    });
    (!plans.is_empty()).then(|| selectors.collect())
}

/// The groups of sound that each picture plays with; `None` where there is only one.
pub(super) fn rendition_sets(plans: &[AudioPlan]) -> Option<String> {
    plans
        .iter()
        .any(|plan| plan.group.is_some())
        .then(|| format!("{STEREO_GROUP},{SURROUND_GROUP}"))
}

/// Tells tracks apart that have the same language, or none.
#[derive(Default)]
struct Names {
    taken: Vec<String>,
}

impl Names {
    /// Name and label of the next track, of `count`.
    fn next(&mut self, track: &Audio, count: usize) -> (String, String) {
        let code = track.language.as_deref();
        let base = match code {
            Some(code) if count > 1 => format!("audio_{code}"),
            _ => "audio".to_owned(),
        };
        let label = code.map_or("Audio", language::english);
        self.taken.push(base.clone());
        match self.taken.iter().filter(|name| **name == base).count() {
            1 => (base, label.to_owned()),
            nth => (format!("{base}_{nth}"), format!("{label} {nth}")),
        }
    }
}

impl AudioPlan {
    /// As in the output's name modifier.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The rendition as the record writes it.
    pub(super) fn rendition(&self) -> Rendition {
        Rendition {
            channels: Some(self.channels()),
            max_bitrate: Some(u64::from(self.bitrate)),
            language: self.language.clone(),
            label: Some(self.label.clone()),
            ..Rendition::new(&self.name, RenditionKind::Audio, AudioCodec::Aac.as_str())
        }
    }

    /// How a manifest offers it, beside a picture or alone.
    ///
    /// HLS plays variants, and a rendition that is an alternate belongs to one: of sound alone, the default track is the
    /// variant. The others stay alternates, because a player changes variants as its bandwidth does, and would change the
    /// language with them.
    /// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html> (`CmfcSettings.audioTrackType`).
    /// Whether a CMAF group may hold nothing but sound isn't settled: the SDKs' release notes of 2023-09-22 name audio-only tracks
    /// in CMAF groups, and the guide lists only File, HLS and DASH groups of sound alone.
    pub(super) fn cmfc_settings(&self, alone: bool) -> CmfcSettings {
        let settings = CmfcSettings::builder().audio_track_type(match (self.is_default, alone) {
            (true, true) => CmfcAudioTrackType::AudioOnlyVariantStream,
            (true, false) => CmfcAudioTrackType::AlternateAudioAutoSelectDefault,
            (false, _) => CmfcAudioTrackType::AlternateAudioAutoSelect,
        });
        settings
            .set_audio_group_id(self.group.map(str::to_owned))
            .build()
    }

    pub(super) fn description(&self) -> AudioDescription {
        let coding_mode = match self.layout {
            Layout::Mono => AacCodingMode::CodingMode10,
            Layout::Stereo => AacCodingMode::CodingMode20,
            Layout::Surround => AacCodingMode::CodingMode51,
        };
        let aac = AacSettings::builder()
            .codec_profile(AacCodecProfile::Lc)
            .coding_mode(coding_mode)
            .rate_control_mode(AacRateControlMode::Cbr)
            .sample_rate(SAMPLE_RATE)
            .bitrate(i32::try_from(self.bitrate).unwrap_or(i32::MAX));
        let description = AudioDescription::builder()
            .audio_source_name(self.selector())
            .codec_settings(
                AudioCodecSettings::builder()
                    .codec(AudioCodec::Aac)
                    .aac_settings(aac.build())
                    .build(),
            )
            .stream_name(self.stream_name())
            .set_audio_normalization_settings(self.loudness_lufs.map(normalization))
            .set_remix_settings(self.remix());
        match self.language_code() {
            Some(code) => description
                .language_code_control(AudioLanguageCodeControl::UseConfigured)
                .language_code(code),
            None => description.language_code_control(AudioLanguageCodeControl::FollowInput),
        }
        .build()
    }

    /// The label, of letters, digits and spaces: the service refuses others with the whole job.
    /// Source: the pattern of `AudioDescription.streamName` in the service model.
    fn stream_name(&self) -> String {
        let taken = |letter: &char| letter.is_ascii_alphanumeric() || *letter == ' ';
        self.label.chars().filter(taken).collect()
    }

    /// Name of the input's selector.
    fn selector(&self) -> String {
        format!("Audio Selector {}", self.track)
    }

    /// MediaConvert's name of the language, where it knows it.
    fn language_code(&self) -> Option<LanguageCode> {
        let code = language::terminological(self.language.as_deref()?).to_ascii_uppercase();
        LanguageCode::values()
            .contains(&code.as_str())
            .then(|| LanguageCode::from(code.as_str()))
    }

    fn channels(&self) -> u32 {
        match self.layout {
            Layout::Mono => 1,
            Layout::Stereo => 2,
            Layout::Surround => 6,
        }
    }

    /// Stereo from surround, by the coefficients of ITU-R BS.775 (centre and surrounds at −3 dB), all 6 dB
    /// lower so that the sum doesn't clip; 5.1 from 7.1, its two pairs of surrounds at −3 dB in one. `None` where the
    /// channels' order isn't known or nothing is mixed.
    fn remix(&self) -> Option<RemixSettings> {
        // Order: left, right, centre, LFE, left surround, right surround, left back, right back.
        const M: i32 = MUTE;
        let outputs: &[&[i32]] = match (self.source_channels, self.layout) {
            (6, Layout::Stereo) => &[&[-6, M, -9, M, -9, M], &[M, -6, -9, M, M, -9]],
            (8, Layout::Stereo) => &[&[-6, M, -9, M, -9, M, -9, M], &[M, -6, -9, M, M, -9, M, -9]],
            (8, Layout::Surround) => &[
                &[0, M, M, M, M, M, M, M],
                &[M, 0, M, M, M, M, M, M],
                &[M, M, 0, M, M, M, M, M],
                &[M, M, M, 0, M, M, M, M],
                &[M, M, M, M, -3, M, -3, M],
                &[M, M, M, M, M, -3, M, -3],
            ],
            _ => return None,
        };
        let channels = outputs.iter().map(|gains| {
            OutputChannelMapping::builder()
                .set_input_channels(Some(gains.to_vec()))
                .build()
        });
        Some(
            RemixSettings::builder()
                .channels_in(i32::try_from(self.source_channels).ok()?)
                .channels_out(i32::try_from(outputs.len()).ok()?)
                .channel_mapping(
                    ChannelMapping::builder()
                        .set_output_channels(Some(channels.collect()))
                        .build(),
                )
                .build(),
        )
    }
}

fn normalization(lufs: f64) -> AudioNormalizationSettings {
    AudioNormalizationSettings::builder()
        .algorithm(AudioNormalizationAlgorithm::ItuBs17704)
        .algorithm_control(AudioNormalizationAlgorithmControl::CorrectAudio)
        .target_lkfs(lufs)
        .peak_calculation(AudioNormalizationPeakCalculation::TruePeak)
        .true_peak_limiter_threshold(PEAK_DBFS)
        .build()
}
