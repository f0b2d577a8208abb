//! HLS playlists as the service writes them.
//!
//! Tags: RFC 8216. Their order and attributes follow playlists of the service: in the multivariant
//! playlist the renditions of sound come after the variants.

use std::fmt::Write as _;

use crate::manifest::{Kind, Presentation, Rendition, file_uri};
use crate::settings::{AudioTrackType, ManifestDurationFormat, Presence, TargetDuration};

/// Sound group of outputs that name none.
const DEFAULT_GROUP: &str = "program_audio_0";

/// The playlist of one rendition: `<base><modifier>.m3u8`.
pub fn media_playlist(presentation: &Presentation, rendition: &Rendition) -> String {
    let settings = &presentation.settings;
    let name = file_uri(&format!("{}{}", presentation.base, rendition.modifier));
    let name = format!("{}{name}", settings.base_url.as_deref().unwrap_or_default());
    let extension = rendition.extension();
    let longest = rendition
        .segments
        .iter()
        .map(|s| rendition.seconds(*s))
        .fold(0.0, f64::max);
    let target = match settings.target_duration_compatibility_mode {
        // Always past the longest segment, even when that is a whole number of seconds.
        TargetDuration::Legacy => longest.floor() + 1.0,
        TargetDuration::SpecCompliant => longest.round().max(1.0),
    };
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:1\n\
         #EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP:URI=\"{name}init.{extension}\"\n"
    );
    for (number, segment) in (1u32..).zip(&rendition.segments) {
        let seconds = rendition.seconds(*segment);
        let duration = match settings.manifest_duration_format {
            ManifestDurationFormat::FloatingPoint => decimal(seconds),
            ManifestDurationFormat::Integer => format!("{}", seconds.round()),
        };
        // Writing to a String can't fail.
        let _ = writeln!(text, "#EXTINF:{duration},\n{name}_{number:09}.{extension}");
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

/// The playlist of the group: `<base>.m3u8`.
pub fn multivariant_playlist(presentation: &Presentation) -> String {
    let mut text = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n".to_owned();
    let sounds: Vec<Sound<'_>> = presentation
        .renditions
        .iter()
        .filter_map(Sound::new)
        .collect();
    for rendition in presentation
        .renditions
        .iter()
        .filter(|rendition| rendition.is_video())
    {
        variants(&mut text, presentation, rendition, &sounds);
    }
    if !presentation.renditions.iter().any(Rendition::is_video) {
        for sound in &sounds {
            let rendition = sound.rendition;
            // Writing to a String can't fail.
            let _ = writeln!(
                text,
                "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\"\n{}",
                rendition.peak_bandwidth(),
                rendition.average_bandwidth(),
                rendition.codec,
                uri(presentation, rendition)
            );
        }
        return text;
    }
    for (number, sound) in sounds.iter().enumerate() {
        sound.line(&mut text, presentation, number);
    }
    text
}

struct Sound<'a> {
    rendition: &'a Rendition,
    group: &'a str,
    channels: u32,
    language: Option<&'a str>,
    name: Option<&'a str>,
    track_type: Option<AudioTrackType>,
}

impl<'a> Sound<'a> {
    fn new(rendition: &'a Rendition) -> Option<Self> {
        let Kind::Audio {
            channels,
            language,
            name,
            group,
            track_type,
            ..
        } = &rendition.kind
        else {
            return None;
        };
        Some(Self {
            rendition,
            group: group.as_deref().unwrap_or(DEFAULT_GROUP),
            channels: *channels,
            language: language.as_deref(),
            name: name.as_deref(),
            track_type: *track_type,
        })
    }

    fn line(&self, text: &mut String, presentation: &Presentation, number: usize) {
        // Left out, the first is the default: the service asks for an explicit choice when there
        // are several.
        let fallback = match number {
            0 => AudioTrackType::AlternateAudioAutoSelectDefault,
            _ => AudioTrackType::AlternateAudioAutoSelect,
        };
        let (auto, default) = match self.track_type.unwrap_or(fallback) {
            AudioTrackType::AlternateAudioAutoSelectDefault => ("YES", "YES"),
            AudioTrackType::AlternateAudioAutoSelect => ("YES", "NO"),
            AudioTrackType::AlternateAudioNotAutoSelect => ("NO", "NO"),
        };
        let language = self
            .language
            .map(|code| format!("LANGUAGE=\"{}\",", quoted(code)));
        let name = match (self.name, number) {
            (Some(name), _) => quoted(name),
            (None, 0) => "Alternate Audio".to_owned(),
            // Names have to differ within a group.
            (None, number) => format!("Alternate Audio {}", number + 1),
        };
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{}\",{}NAME=\"{name}\",AUTOSELECT={auto},DEFAULT={default},\
             CHANNELS=\"{}\",URI=\"{}\"",
            quoted(self.group),
            language.unwrap_or_default(),
            self.channels,
            uri(presentation, self.rendition),
        );
    }
}

/// One line pair for each sound group that goes with the picture.
fn variants(
    text: &mut String,
    presentation: &Presentation,
    rendition: &Rendition,
    sounds: &[Sound<'_>],
) {
    let Kind::Video {
        width,
        height,
        frame_rate,
        audio_groups,
        ..
    } = &rendition.kind
    else {
        return;
    };
    let mut groups: Vec<&str> = Vec::new();
    for sound in sounds {
        let wanted =
            audio_groups.is_empty() || audio_groups.iter().any(|group| group == sound.group);
        if wanted && !groups.contains(&sound.group) {
            groups.push(sound.group);
        }
    }
    let groups: Vec<Option<&str>> = match groups.as_slice() {
        [] => vec![None],
        groups => groups.iter().copied().map(Some).collect(),
    };
    for group in groups {
        let with = || {
            sounds
                .iter()
                .filter(|sound| Some(sound.group) == group)
                .map(|sound| sound.rendition)
        };
        // A variant's rate is that of the picture and the heaviest sound it can be played with.
        let peak =
            rendition.peak_bandwidth() + with().map(Rendition::peak_bandwidth).max().unwrap_or(0);
        let average = rendition.average_bandwidth()
            + with().map(Rendition::average_bandwidth).max().unwrap_or(0);
        let mut codecs = vec![rendition.codec.as_str()];
        for sound in with() {
            if !codecs.contains(&sound.codec.as_str()) {
                codecs.push(&sound.codec);
            }
        }
        let resolution = match presentation.settings.stream_inf_resolution {
            Presence::Include => format!("RESOLUTION={width}x{height},"),
            Presence::Exclude => String::new(),
        };
        let audio = group
            .map(|group| format!(",AUDIO=\"{}\"", quoted(group)))
            .unwrap_or_default();
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},VIDEO-RANGE=SDR,\
             CODECS=\"{}\",{resolution}FRAME-RATE={:.3}{audio}\n{}",
            codecs.join(","),
            frame_rate.value(),
            uri(presentation, rendition),
        );
    }
}

fn uri(presentation: &Presentation, rendition: &Rendition) -> String {
    file_uri(&format!("{}{}.m3u8", presentation.base, rendition.modifier))
}

/// A quoted string can't hold quotes or line breaks (RFC 8216, 4.2).
fn quoted(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '"' | '\n' | '\r'))
        .collect()
}

/// With up to six decimals, no more than needed.
fn decimal(seconds: f64) -> String {
    let text = format!("{seconds:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
