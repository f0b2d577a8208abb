//! Rules of sound: <https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html>.

use std::ops::RangeInclusive;

use crate::schema;
use crate::settings::{
    AudioDescription, CodingMode, Container, DynamicSelectorType, Input, SelectorType, SoundCodec,
    SoundSettings,
};

use super::source;

/// Bits per second that AAC knows.
const BITRATES: [u32; 32] = [
    6000, 8000, 10_000, 12_000, 14_000, 16_000, 20_000, 24_000, 28_000, 32_000, 40_000, 48_000,
    56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 288_000,
    320_000, 384_000, 448_000, 512_000, 576_000, 640_000, 768_000, 896_000, 1_024_000,
];

/// Hertz that AAC knows.
const SAMPLE_RATES: [u32; 12] = [
    8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000,
];

/// Containers that a codec goes into; the service's page was seen in part only.
fn containers(codec: SoundCodec) -> &'static [Container] {
    use Container::{Cmfc, M2ts, M3u8, Mov, Mp4, Mpd, Raw, Webm};
    match codec {
        SoundCodec::Aac | SoundCodec::Ac3 | SoundCodec::Eac3 => {
            &[Cmfc, M3u8, Mpd, Mp4, Mov, M2ts, Raw]
        }
        SoundCodec::Mp2 => &[Mov, M2ts, Raw],
        SoundCodec::Mp3 => &[M3u8, Mov, Mp4, Raw],
        SoundCodec::Opus => &[Webm, Mp4, Mpd, Cmfc],
        SoundCodec::Vorbis => &[Webm],
        SoundCodec::Flac => &[Cmfc, Mpd, Mp4, Raw],
        SoundCodec::Wav | SoundCodec::Aiff => &[Mov, Raw],
    }
}

/// The selectors of an input, and their groups.
pub(super) fn selectors(input: &Input, at: &str) -> Result<(), String> {
    for (name, selector) in &input.audio_selectors {
        let at = format!("{at}/audioSelectors/{}", schema::escape(name));
        external(selector.external_audio_file_input.as_deref(), &at)?;
        let (list, name) = match selector.selector_type {
            SelectorType::Pid => (&selector.pids, "pids"),
            SelectorType::Stream => (&selector.streams, "streams"),
            SelectorType::Track | SelectorType::LanguageCode => continue,
        };
        if list.is_empty() {
            return Err(format!("{at}: {name} is a required property"));
        }
    }
    for (name, selector) in &input.dynamic_audio_selectors {
        let place = format!("{at}/dynamicAudioSelectors/{}", schema::escape(name));
        external(selector.external_audio_file_input.as_deref(), &place)?;
        if selector.selector_type == DynamicSelectorType::LanguageCode
            && selector.language_code.is_none()
        {
            return Err(format!("{place}: languageCode is a required property"));
        }
        if input.audio_selectors.contains_key(name) {
            return Err(format!("{place}: an audio selector has the same name"));
        }
    }
    for (name, group) in &input.audio_selector_groups {
        let at = format!("{at}/audioSelectorGroups/{}", schema::escape(name));
        let known = |name: &&String| input.audio_selectors.contains_key(*name);
        if let Some(name) = group.audio_selector_names.iter().find(|name| !known(name)) {
            return Err(format!(
                "{at}/audioSelectorNames: there is no audio selector '{name}'"
            ));
        }
    }
    Ok(())
}

fn external(url: Option<&str>, at: &str) -> Result<(), String> {
    url.map_or(Ok(()), |url| {
        source(url, &format!("{at}/externalAudioFileInput"))
    })
}

pub(super) fn check(
    audio: &AudioDescription,
    container: Option<Container>,
    at: &str,
) -> Result<(), String> {
    let (codec, aac) = audio.codec_settings.codec();
    let goes = |container: &Container| containers(codec).contains(container);
    if let Some(container) = container.filter(|container| !goes(container)) {
        let names: Vec<&str> = containers(codec).iter().map(|c| c.name()).collect();
        return Err(format!(
            "{at}/codecSettings/codec: {} does not go into the container {}, but into {}",
            codec.name(),
            container.name(),
            names.join(", ")
        ));
    }
    if codec != SoundCodec::Aac {
        return remix(audio, at);
    }
    let settings = format!("{at}/codecSettings/aacSettings");
    if let Some(rate) = aac.sample_rate
        && !SAMPLE_RATES.contains(&rate)
    {
        return Err(format!(
            "{settings}/sampleRate: {rate} should be one of {SAMPLE_RATES:?}"
        ));
    }
    if let Some(bitrate) = aac.bitrate {
        if !BITRATES.contains(&bitrate) {
            return Err(format!(
                "{settings}/bitrate: {bitrate} is not a bit rate of AAC"
            ));
        }
        if let Some(range) = range(aac).filter(|range| !range.contains(&bitrate)) {
            return Err(format!(
                "{settings}/bitrate: Should be from {} to {} for this codingMode and sampleRate",
                range.start(),
                range.end()
            ));
        }
    }
    remix(audio, at)
}

/// Bits per second of LC, where the guide's table is known.
fn range(aac: &SoundSettings) -> Option<RangeInclusive<u32>> {
    let rate = aac.sample_rate.unwrap_or(48_000);
    if aac
        .codec_profile
        .as_deref()
        .is_some_and(|profile| profile != "LC")
    {
        return None;
    }
    Some(match (aac.coding_mode.unwrap_or_default(), rate) {
        (CodingMode::Mono, 32_000) => 32_000..=192_000,
        (CodingMode::Mono, 44_100) => 56_000..=256_000,
        (CodingMode::Mono, 48_000) => 56_000..=288_000,
        (CodingMode::Mono, 96_000) => 128_000..=288_000,
        (CodingMode::Stereo, 32_000) => 40_000..=384_000,
        (CodingMode::Stereo, 44_100) => 64_000..=512_000,
        // The upper end is not known: twice that of mono.
        (CodingMode::Stereo, 48_000) => 64_000..=576_000,
        _ => return None,
    })
}

fn remix(audio: &AudioDescription, at: &str) -> Result<(), String> {
    let Some(remix) = &audio.remix_settings else {
        return Ok(());
    };
    let at = format!("{at}/remixSettings");
    let outputs = &remix.channel_mapping.output_channels;
    let same = |count: usize, wanted: Option<u32>| {
        wanted.is_none_or(|wanted| u32::try_from(count) == Ok(wanted))
    };
    if !same(outputs.len(), remix.channels_out) {
        return Err(format!(
            "{at}/channelMapping/outputChannels: Should have as many items as channelsOut"
        ));
    }
    for (index, output) in outputs.iter().enumerate() {
        if !same(output.gains().len(), remix.channels_in) {
            return Err(format!(
                "{at}/channelMapping/outputChannels/{index}/inputChannels: Should have as many items as channelsIn"
            ));
        }
    }
    Ok(())
}
