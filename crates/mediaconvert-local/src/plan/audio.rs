//! How a sound track is chosen, mixed and encoded.

use std::fmt::Write as _;

use crate::media::{Audio, Media, Track};
use crate::settings::{
    AlgorithmControl, AudioDescription, AudioSelector, AudioTrackType, DefaultSelection,
    DescriptiveVideo, Input, LanguageCodeControl, PlaylistSettings, RemixSettings, SelectorType,
    SoundCodec, SoundSettings,
};
use crate::sources::Sources;

use super::{PlanError, encoder};

/// A gain that means silence. Decibels.
const MUTE: f64 = -60.0;

/// A sound track.
#[derive(Clone, Debug)]
pub struct PlannedAudio {
    /// Its codec.
    pub codec: SoundCodec,
    settings: SoundSettings,
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
        let mut arguments = encoder::arguments(self.codec, &self.settings, self.bitrate, index);
        if let Some(language) = &self.language {
            arguments.extend([
                format!("-metadata:s:a:{index}"),
                format!("language={language}"),
            ]);
        }
        arguments
    }
}

/// A track that sound comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sound<'a> {
    /// The file, if it is not the input.
    pub(super) external: Option<&'a str>,
    /// The track.
    pub(super) track: &'a Track,
    audio: &'a Audio,
    /// Later than the picture. Milliseconds.
    offset: i64,
}

/// Where the sound of an output comes from.
#[derive(Clone, Debug)]
pub(super) enum Source<'a> {
    /// Tracks, whose channels follow each other; with the number of channels of each selector and
    /// where they go.
    Sounds(Vec<Sound<'a>>, Vec<(u32, Option<&'a RemixSettings>)>),
    /// No selector fits: silence.
    Silence,
    /// The input has no sound at all.
    Nothing,
}

impl<'a> Source<'a> {
    /// What is heard.
    pub(super) fn sounds(&self) -> &[Sound<'a>] {
        match self {
            Self::Sounds(sounds, _) => sounds,
            Self::Silence | Self::Nothing => &[],
        }
    }

    /// How many channels there are before the output's own remix.
    fn channels(&self) -> Option<u32> {
        let Self::Sounds(_, selectors) = self else {
            return None;
        };
        let of_selector =
            |(channels, remix): &(u32, Option<&RemixSettings>)| remix.map_or(*channels, made);
        Some(selectors.iter().map(of_selector).sum())
    }
}

/// Chooses the tracks of an output:
/// <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html>, `audioSourceName`.
pub(super) fn choose<'a>(
    input: &'a Input,
    media: &'a Media,
    sources: &'a Sources,
    description: &AudioDescription,
) -> Result<Source<'a>, PlanError> {
    let named = description
        .audio_source_name
        .as_deref()
        .unwrap_or("Audio Selector 1");
    let fallback = || {
        let mut selectors = input.audio_selectors.iter();
        selectors.find(|(_, selector)| selector.default_selection == DefaultSelection::Default)
    };
    let group = input.audio_selector_groups.get(named);
    let selectors: Vec<(&String, &AudioSelector)> = if let Some(group) = group {
        group
            .audio_selector_names
            .iter()
            .filter_map(|name| input.audio_selectors.get_key_value(name))
            .collect()
    } else {
        let selector = input.audio_selectors.get_key_value(named);
        selector.or_else(fallback).into_iter().collect()
    };
    let silent = media.audio().next().is_none();
    let (mut sounds, mut channels) = (Vec::new(), Vec::new());
    for (name, selector) in selectors {
        let external = selector.external_audio_file_input.as_deref();
        let own = external.and_then(|url| sources.sounds.get(url));
        let media = own.map_or(media, |files| &files.media);
        if own.is_none() && silent {
            continue;
        }
        let tracks = select(selector, media);
        if tracks.is_empty() {
            return Err(PlanError::NoTrack(name.clone()));
        }
        channels.push((
            tracks.iter().map(|(_, audio)| audio.channels).sum(),
            selector.remix_settings.as_ref(),
        ));
        sounds.extend(tracks.into_iter().map(|(track, audio)| Sound {
            external,
            track,
            audio,
            offset: selector.offset,
        }));
    }
    Ok(match sounds.is_empty() {
        true if silent => Source::Nothing,
        true => Source::Silence,
        false => Source::Sounds(sounds, channels),
    })
}

fn select<'a>(selector: &AudioSelector, media: &'a Media) -> Vec<(&'a Track, &'a Audio)> {
    let all: Vec<(&Track, &Audio)> = media.audio().collect();
    // A list names all that are wanted; what is not there leaves the selector without any.
    let listed = |found: Vec<Option<(&'a Track, &'a Audio)>>| {
        found
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .unwrap_or_default()
    };
    let number = |number: u32| usize::try_from(number).ok()?.checked_sub(1);
    match selector.selector_type {
        SelectorType::Track if selector.tracks.is_empty() => all.into_iter().take(1).collect(),
        SelectorType::Track => {
            let track = |wanted: &u32| all.get(number(*wanted)?).copied();
            listed(selector.tracks.iter().map(track).collect())
        }
        SelectorType::Pid => {
            let track = |pid: &u32| {
                all.iter()
                    .find(|(track, _)| track.id == Some(*pid))
                    .copied()
            };
            listed(selector.pids.iter().map(track).collect())
        }
        SelectorType::Stream => {
            let track = |wanted: &u32| {
                let index = wanted.checked_sub(1)?;
                all.iter().find(|(track, _)| track.index == index).copied()
            };
            listed(selector.streams.iter().map(track).collect())
        }
        SelectorType::LanguageCode => {
            let code = selector.custom_language_code.as_ref();
            let wanted = code.or(selector.language_code.as_ref());
            let fits = |track: &Track| {
                let own = track.language.as_deref();
                own.zip(wanted)
                    .is_some_and(|(own, wanted)| own.eq_ignore_ascii_case(wanted))
            };
            let mut fitting = all.into_iter().filter(|(track, _)| fits(track));
            fitting.next().into_iter().collect()
        }
    }
}

/// Decides the track, by the first source that there is.
pub(super) fn planned(description: &AudioDescription, sources: &[Source<'_>]) -> PlannedAudio {
    let (codec, settings) = description.codec_settings.codec();
    let first = sources.iter().find_map(|source| source.sounds().first());
    let from = sources.iter().find_map(Source::channels).unwrap_or(2);
    let from = description.remix_settings.as_ref().map_or(from, made);
    let channels = encoder::channels(codec, settings, from);
    let sample_rate =
        encoder::sample_rate(codec, settings, first.map(|sound| sound.audio.sample_rate));
    let code = description.custom_language_code.as_ref();
    let configured = code.or(description.language_code.as_ref()).cloned();
    let own = first.and_then(|sound| sound.track.language.clone());
    let language = match description.language_code_control {
        LanguageCodeControl::FollowInput => own.filter(|language| language != "und").or(configured),
        LanguageCodeControl::UseConfigured => configured.or(own),
    };
    PlannedAudio {
        codec,
        settings: settings.clone(),
        channels,
        sample_rate,
        bitrate: encoder::bitrate(codec, settings, channels, sample_rate),
        language: language.map(|language| language.to_lowercase()),
        name: None,
        group: None,
        track_type: None,
        describes_video: false,
    }
}

/// Filters of one of several tracks: they have to begin together and to be sampled alike.
pub(super) fn aligned(planned: &PlannedAudio, sound: &Sound<'_>) -> String {
    format!(
        "{}aresample={}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts={}",
        shifted(sound),
        planned.sample_rate,
        layout(sound.audio.channels)
    )
}

fn shifted(sound: &Sound<'_>) -> String {
    match sound.offset {
        0 => String::new(),
        offset => format!("asetpts=PTS+({offset}/1000)/TB,"),
    }
}

/// The filters that lead from a source to the track.
pub(super) fn filters(
    planned: &PlannedAudio,
    description: &AudioDescription,
    source: &Source<'_>,
) -> Result<String, PlanError> {
    let mut filters = String::new();
    if let Source::Sounds(sounds, selectors) = source {
        if let [only] = sounds.as_slice() {
            filters.push_str(&shifted(only));
        }
        let mut channels = selectors.iter().map(|(channels, _)| channels).sum();
        if selectors.iter().any(|(_, remix)| remix.is_some()) {
            let matrix = blocks(selectors);
            channels = u32::try_from(matrix.len()).unwrap_or(u32::MAX);
            filters.push_str(&pan(&matrix));
        }
        if let Some(remix) = &description.remix_settings {
            let matrix = gains(remix, channels);
            if u32::try_from(matrix.len()).ok() != Some(planned.channels) {
                return Err(PlanError::Unsupported(format!(
                    "remixSettings maps to {} channels, but the codec is set to {}",
                    matrix.len(),
                    planned.channels
                )));
            }
            filters.push_str(&pan(&matrix));
        }
    }
    filters.push_str(&even(planned));
    Ok(filters)
}

/// Sound starts with the picture, and gaps are filled, or it would come early after them.
pub(super) fn even(planned: &PlannedAudio) -> String {
    format!(
        "aresample={}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts={}",
        planned.sample_rate,
        layout(planned.channels)
    )
}

/// Filters that make a sound as loud as the settings say, with a comma before them; the whole of it,
/// when pieces have been put together.
pub(super) fn normalized(planned: &PlannedAudio, description: &AudioDescription) -> String {
    let settings = description.audio_normalization_settings.as_ref();
    let Some(settings) =
        settings.filter(|settings| settings.algorithm_control == AlgorithmControl::CorrectAudio)
    else {
        return String::new();
    };
    let usual = match settings.algorithm.as_deref() {
        Some("ITU_BS_1770_1") => -24.0,
        _ => -23.0,
    };
    let target = settings.target_lkfs.unwrap_or(usual).clamp(-70.0, -5.0);
    let peak = settings.true_peak_limiter_threshold.unwrap_or(0.0);
    format!(",loudnorm=I={target}:TP={peak}:LRA=20,{}", even(planned))
}

/// ffmpeg's name of a number of channels.
pub(super) fn layout(channels: u32) -> String {
    match channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        4 => "4.0".to_owned(),
        6 => "5.1".to_owned(),
        8 => "7.1".to_owned(),
        other => format!("{other}c"),
    }
}

/// Channels that a remix makes.
fn made(remix: &RemixSettings) -> u32 {
    u32::try_from(remix.channel_mapping.output_channels.len()).unwrap_or(u32::MAX)
}

/// How much of each of so many channels goes into each that is made, in decibels.
fn gains(remix: &RemixSettings, source: u32) -> Vec<Vec<(u32, f64)>> {
    let outputs = remix.channel_mapping.output_channels.iter();
    outputs
        .map(|output| (0..source).zip(output.gains().iter().copied()).collect())
        .collect()
}

/// The same of selectors that follow each other; those without settings pass their channels on.
fn blocks(selectors: &[(u32, Option<&RemixSettings>)]) -> Vec<Vec<(u32, f64)>> {
    let mut matrix = Vec::new();
    let mut first = 0;
    for (channels, remix) in selectors {
        match remix {
            Some(remix) => matrix.extend(gains(remix, *channels).into_iter().map(|row| {
                row.into_iter()
                    .map(|(from, gain)| (from + first, gain))
                    .collect()
            })),
            None => matrix.extend((first..first + channels).map(|from| vec![(from, 0.0)])),
        }
        first += channels;
    }
    matrix
}

/// ffmpeg's `pan` for a matrix in decibels, with a comma behind it.
fn pan(matrix: &[Vec<(u32, f64)>]) -> String {
    let mut filter = format!(
        "pan={}",
        layout(u32::try_from(matrix.len()).unwrap_or(u32::MAX))
    );
    for (to, row) in matrix.iter().enumerate() {
        let parts: Vec<String> = row
            .iter()
            .filter(|(_, gain)| *gain > MUTE)
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
    filter.push(',');
    filter
}
