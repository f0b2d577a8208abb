//! How a sound track is chosen, mixed and encoded.

use std::fmt::Write as _;

use crate::media::{Audio, Media, Track};
use crate::settings::{
    AacSettings, AudioCodecSettings, AudioDescription, AudioSelector, AudioTrackType, CodingMode,
    DefaultSelection, DescriptiveVideo, Input, LanguageCodeControl, PlaylistSettings,
    RemixSettings, SelectorType,
};

use super::PlanError;

/// A gain that means silence. Decibels.
const MUTE: f64 = -60.0;

/// A sound track.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedAudio {
    /// Number of channels.
    pub channels: u32,
    /// Hertz.
    pub sample_rate: u32,
    /// Bits per second.
    pub bitrate: u32,
    /// Three letters, lower case.
    pub language: Option<String>,
    /// Label in the manifests.
    pub name: Option<String>,
    /// Group in the HLS manifest.
    pub group: Option<String>,
    /// How players choose it.
    pub track_type: Option<AudioTrackType>,
    /// It describes what is to be seen.
    pub describes_video: bool,
}

impl PlannedAudio {
    pub(super) fn set_names(
        &mut self,
        description: &AudioDescription,
        playlist: &PlaylistSettings,
    ) {
        self.name.clone_from(&description.stream_name);
        self.group.clone_from(&playlist.audio_group_id);
        self.track_type = playlist.audio_track_type;
        self.describes_video =
            playlist.descriptive_video_service_flag == Some(DescriptiveVideo::Flag);
    }

    /// ffmpeg's arguments for the only sound track of a file.
    pub fn encoder(&self) -> Vec<String> {
        self.encoder_of(0)
    }

    /// ffmpeg's arguments for the sound track at `index` of a file.
    pub fn encoder_of(&self, index: usize) -> Vec<String> {
        let mut arguments = vec![
            format!("-c:a:{index}"),
            "aac".to_owned(),
            format!("-b:a:{index}"),
            self.bitrate.to_string(),
        ];
        if let Some(language) = &self.language {
            arguments.extend([
                format!("-metadata:s:a:{index}"),
                format!("language={language}"),
            ]);
        }
        arguments
    }
}

/// Where the sound of an output comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source<'a> {
    /// A track of the input.
    Track(&'a Track, Audio, i64),
    /// No selector fits: silence.
    Silence,
    /// The input has no sound at all.
    Nothing,
}

impl Source<'_> {
    /// What is heard.
    pub(super) fn track(&self) -> Option<(&Track, &Audio, i64)> {
        match self {
            Self::Track(track, audio, offset) => Some((track, audio, *offset)),
            Self::Silence | Self::Nothing => None,
        }
    }
}

/// Chooses the track of an output:
/// <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html>, `audioSourceName`.
pub(super) fn choose<'a>(
    input: &Input,
    media: &'a Media,
    description: &AudioDescription,
) -> Result<Source<'a>, PlanError> {
    if media.audio().next().is_none() {
        return Ok(Source::Nothing);
    }
    let named = description
        .audio_source_name
        .as_deref()
        .unwrap_or("Audio Selector 1");
    let fallback = || {
        input
            .audio_selectors
            .iter()
            .find(|(_, selector)| selector.default_selection == DefaultSelection::Default)
    };
    let selector = input.audio_selectors.get_key_value(named).or_else(fallback);
    let Some((name, selector)) = selector else {
        return Ok(Source::Silence);
    };
    let track = select(selector, media).ok_or_else(|| PlanError::NoTrack(name.clone()))?;
    Ok(Source::Track(track.0, track.1.clone(), selector.offset))
}

fn select<'a>(selector: &AudioSelector, media: &'a Media) -> Option<(&'a Track, &'a Audio)> {
    match selector.selector_type {
        SelectorType::Track => {
            let number = selector.tracks.first().copied().unwrap_or(1);
            media
                .audio()
                .nth(usize::try_from(number).ok()?.checked_sub(1)?)
        }
        SelectorType::Pid => {
            let pid = selector.pids.first().copied();
            media.audio().find(|(track, _)| track.id == pid)
        }
        SelectorType::LanguageCode => {
            let wanted = selector.language_code.as_deref().unwrap_or_default();
            media.audio().find(|(track, _)| {
                track
                    .language
                    .as_deref()
                    .is_some_and(|language| language.eq_ignore_ascii_case(wanted))
            })
        }
    }
}

/// Decides the track, by the first source that there is.
pub(super) fn planned(
    description: &AudioDescription,
    source: Option<(&Track, &Audio, i64)>,
) -> PlannedAudio {
    let AudioCodecSettings::Aac { aac } = &description.codec_settings;
    let from = source.map_or(2, |(_, audio, _)| audio.channels);
    let channels = channels(aac, from);
    let sample_rate = aac
        .sample_rate
        .or(source.map(|(_, audio, _)| audio.sample_rate))
        .unwrap_or(48_000);
    let configured = description.language_code.clone();
    let own = source.and_then(|(track, _, _)| track.language.clone());
    let language = match description.language_code_control {
        LanguageCodeControl::FollowInput => own.filter(|language| language != "und").or(configured),
        LanguageCodeControl::UseConfigured => configured.or(own),
    };
    PlannedAudio {
        channels,
        sample_rate,
        bitrate: aac.bitrate.unwrap_or(48_000 * channels),
        language: language.map(|language| language.to_lowercase()),
        name: None,
        group: None,
        track_type: None,
        describes_video: false,
    }
}

/// The filters that lead from a source to the track.
pub(super) fn filters(
    planned: &PlannedAudio,
    description: &AudioDescription,
    source: Option<(&Track, &Audio, i64)>,
) -> Result<String, PlanError> {
    let mut filters = Vec::new();
    if let Some((_, _, offset @ (..=-1 | 1..))) = source {
        filters.push(format!("asetpts=PTS+({offset}/1000)/TB"));
    }
    if let (Some(remix), Some((_, audio, _))) = (&description.remix_settings, source) {
        filters.push(pan(remix, audio.channels, planned.channels)?);
    }
    filters.push(even(planned));
    Ok(filters.join(","))
}

/// Sound starts with the picture, and gaps are filled, or it would come early after them.
pub(super) fn even(planned: &PlannedAudio) -> String {
    format!(
        "aresample={}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts={}",
        planned.sample_rate,
        layout(planned.channels)
    )
}

fn channels(aac: &AacSettings, source: u32) -> u32 {
    match aac.coding_mode {
        CodingMode::Mono => 1,
        CodingMode::Stereo => 2,
        CodingMode::Surround => 6,
        CodingMode::Auto => match source {
            0 | 1 => 1,
            2..=5 => 2,
            _ => 6,
        },
    }
}

pub(super) fn layout(channels: u32) -> &'static str {
    match channels {
        1 => "mono",
        2 => "stereo",
        _ => "5.1",
    }
}

/// ffmpeg's `pan` for a matrix in decibels.
fn pan(remix: &RemixSettings, source: u32, channels: u32) -> Result<String, PlanError> {
    let outputs = &remix.channel_mapping.output_channels;
    if u32::try_from(outputs.len()).ok() != Some(channels) {
        return Err(PlanError::Unsupported(format!(
            "remixSettings maps to {} channels, but the codec is set to {channels}",
            outputs.len()
        )));
    }
    let mut filter = format!("pan={}", layout(channels));
    for (to, output) in outputs.iter().enumerate() {
        let parts: Vec<String> = (0..source)
            .zip(output.gains())
            .filter(|(_, gain)| **gain > MUTE)
            .map(|(from, gain)| format!("{:.6}*c{from}", 10f64.powf(gain / 20.0)))
            .collect();
        let mix = if parts.is_empty() {
            "0*c0".to_owned()
        } else {
            parts.join("+")
        };
        // Writing to a String can't fail.
        let _ = write!(filter, "|c{to}={mix}");
    }
    Ok(filter)
}
