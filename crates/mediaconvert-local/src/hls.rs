//! HLS playlists as the service writes them.
//!
//! Tags: RFC 8216. Their order and attributes follow playlists of the service: in the multivariant
//! playlist the renditions of sound come after the variants.

mod captions;

use std::fmt::Write as _;

use crate::encryption::key_line;
use crate::manifest::{Images, Kind, Layout, Presentation, Rendition, file_uri, way};
use crate::package::seconds;
use crate::settings::{
    AudioTrackType, ManifestDurationFormat, Presence, StreamKind, TargetDuration, Toggle,
};

/// Sound group of outputs that name none.
const DEFAULT_GROUP: &str = "program_audio_0";

/// The playlist of one rendition: `<base><modifier>.m3u8`.
pub fn media_playlist(presentation: &Presentation, rendition: &Rendition) -> String {
    let settings = &presentation.settings;
    let single = settings.is_single_file();
    let mut lines = Lines::new(presentation, rendition);
    let packed = matches!(rendition.layout, Layout::Transport { .. });
    lines.head(match (packed, single) {
        (false, _) => 6,
        (true, true) => 4,
        (true, false) => 3,
    });
    lines.add("#EXT-X-MEDIA-SEQUENCE:1");
    lines.add("#EXT-X-PLAYLIST-TYPE:VOD");
    // Captions stay readable.
    let encryption = settings.encryption.as_ref();
    let key = encryption
        .filter(|_| !rendition.is_captions())
        .map(key_line);
    if packed && let Some(key) = &key {
        lines.add(key);
    }
    lines.map();
    // What all MP4 segments need is not encrypted.
    if !packed && let Some(key) = &key {
        lines.add(key);
    }
    let period = f64::from(settings.program_date_time_period.unwrap_or(600));
    let mut due = 0.0;
    for (index, segment) in rendition.segments.iter().enumerate() {
        let begins = seconds(segment.start, f64::from(rendition.timescale));
        if settings.program_date_time == Some(Presence::Include) && begins >= due {
            lines.add(format!("#EXT-X-PROGRAM-DATE-TIME:{}", time_of_day(begins)));
            due = begins + period;
        }
        lines.duration(rendition.seconds(*segment));
        if single {
            lines.add(format!(
                "#EXT-X-BYTERANGE:{}@{}",
                segment.size, segment.offset
            ));
        }
        lines.add(lines.segment(index));
    }
    lines.end()
}

/// The playlist of a rendition's key frames: `<base><modifier>_I-Frame.m3u8`.
pub fn key_frame_playlist(presentation: &Presentation, rendition: &Rendition) -> String {
    let mut lines = Lines::new(presentation, rendition);
    lines.head(6);
    lines.add("#EXT-X-MEDIA-SEQUENCE:1");
    lines.add("#EXT-X-PLAYLIST-TYPE:VOD");
    lines.add("#EXT-X-I-FRAMES-ONLY");
    if rendition.layout_is_transport() {
        // The tables that the first segment begins with.
        if let Some(init) = rendition.init.filter(|init| init.size > 0) {
            lines.add(format!(
                "#EXT-X-MAP:URI=\"{}\",BYTERANGE=\"{}@{}\"",
                lines.segment(0),
                init.size,
                init.offset
            ));
        }
    } else {
        lines.map();
        if let Some(encryption) = &presentation.settings.encryption {
            lines.add(key_line(encryption));
        }
    }
    let scale = f64::from(rendition.timescale);
    let ends = rendition
        .segments
        .last()
        .map_or(0, |segment| segment.start + segment.duration);
    let times: Vec<u64> = rendition
        .key_frames
        .iter()
        .map(|frame| frame.time)
        .collect();
    for (index, frame) in rendition.key_frames.iter().enumerate() {
        let next = times.get(index + 1).copied().unwrap_or(ends);
        lines.duration(seconds(next.saturating_sub(frame.time), scale));
        lines.add(format!(
            "#EXT-X-BYTERANGE:{}@{}",
            frame.span.size, frame.span.offset
        ));
        lines.add(lines.segment(frame.segment));
    }
    lines.end()
}

/// What follows the base in the name of the playlist of sheets.
pub const IMAGES: &str = "_tiles.m3u8";

/// The playlist of sheets of small pictures:
/// <https://developer.roku.com/docs/developer-program/media-playback/trick-mode/hls-and-dash.md>.
pub fn image_playlist(presentation: &Presentation, images: &Images) -> String {
    let (sheets, whole) = (&images.sheets, images.seconds());
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:1\n\
         #EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-IMAGES-ONLY\n",
        whole.ceil()
    );
    // Sound may be a little longer than the picture.
    let pictures = presentation.renditions.iter().filter(|r| r.is_video());
    let mut rest = pictures.map(Rendition::duration).fold(0.0, f64::max);
    for number in 1..=images.sizes.len() {
        let name = file_uri(&format!("{}{}", presentation.base, Images::name(number)));
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "#EXTINF:{},\n#EXT-X-TILES:RESOLUTION={}x{},LAYOUT={}x{},DURATION={}\n{}{name}",
            decimal(whole.min(rest)),
            sheets.width,
            sheets.height,
            sheets.columns,
            sheets.rows,
            decimal(sheets.interval),
            presentation
                .settings
                .base_url
                .as_deref()
                .unwrap_or_default(),
        );
        rest -= whole;
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

/// A playlist of one rendition, as it grows.
struct Lines<'a> {
    presentation: &'a Presentation,
    rendition: &'a Rendition,
    text: String,
}

impl<'a> Lines<'a> {
    fn new(presentation: &'a Presentation, rendition: &'a Rendition) -> Self {
        Self {
            presentation,
            rendition,
            text: "#EXTM3U\n".to_owned(),
        }
    }

    fn add(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    fn head(&mut self, version: u32) {
        let settings = &self.presentation.settings;
        let longest = self
            .rendition
            .segments
            .iter()
            .map(|s| self.rendition.seconds(*s))
            .fold(0.0, f64::max);
        let target = match settings.target_duration_compatibility_mode {
            // Always past the longest segment, even when that is a whole number of seconds.
            TargetDuration::Legacy => longest.floor() + 1.0,
            TargetDuration::SpecCompliant => longest.round().max(1.0),
        };
        self.add(format!("#EXT-X-VERSION:{version}"));
        if settings.client_cache == Some(Toggle::Disabled) {
            self.add("#EXT-X-ALLOW-CACHE:NO");
        }
        self.add(format!("#EXT-X-TARGETDURATION:{target}"));
    }

    /// What all segments of MP4 need.
    fn map(&mut self) {
        let Some(init) = self
            .rendition
            .init
            .filter(|_| !self.rendition.layout_is_transport())
        else {
            return;
        };
        if self.presentation.settings.is_single_file() {
            let uri = self.uri(&self.rendition.single_name());
            self.add(format!(
                "#EXT-X-MAP:URI=\"{uri}\",BYTERANGE=\"{}@{}\"",
                init.size, init.offset
            ));
        } else {
            let uri = self.uri(&self.rendition.init_name());
            self.add(format!("#EXT-X-MAP:URI=\"{uri}\""));
        }
    }

    fn duration(&mut self, seconds: f64) {
        let duration = match self.presentation.settings.manifest_duration_format {
            ManifestDurationFormat::FloatingPoint => decimal(seconds),
            ManifestDurationFormat::Integer => format!("{}", seconds.round()),
        };
        self.add(format!("#EXTINF:{duration},"));
    }

    /// Of the segment at `index`, from 0.
    fn segment(&self, index: usize) -> String {
        let base = &self.presentation.base;
        let rest = if self.presentation.settings.is_single_file() {
            self.rendition.single_name()
        } else {
            self.rendition.segment_name(base, index + 1)
        };
        self.uri(&rest)
    }

    fn uri(&self, rest: &str) -> String {
        let base = &self.presentation.base;
        let name = format!("{base}{rest}");
        if let Some(url) = &self.presentation.settings.base_url {
            return format!("{url}{}", file_uri(&name));
        }
        // A modifier with a slash puts the playlist into a folder.
        let own = format!("{base}{}", self.rendition.playlist_name());
        let folder = own.rsplit_once('/').map(|(folder, _)| folder);
        file_uri(&folder.map_or(name.clone(), |folder| way(folder, &name)))
    }

    fn end(mut self) -> String {
        self.add("#EXT-X-ENDLIST");
        self.text
    }
}

/// Timecodes of outputs begin at zero; the service's date for them is not known.
fn time_of_day(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times are positive and small"
    )]
    let milliseconds = (seconds * 1000.0).round() as u64;
    let (days, rest) = (milliseconds / 86_400_000, milliseconds % 86_400_000);
    format!(
        "1970-01-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        days + 1,
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1000 % 60,
        rest % 1000
    )
}

/// The playlist of the group: `<base>.m3u8`.
pub fn multivariant_playlist(presentation: &Presentation) -> String {
    let packed = presentation.settings.kind == StreamKind::Hls;
    let version = if packed { 4 } else { 6 };
    let mut text = format!("#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    let (mut sounds, mut alone): (Vec<Sound<'_>>, Vec<Sound<'_>>) = presentation
        .renditions
        .iter()
        .filter_map(Sound::new)
        .partition(|sound| sound.track_type != Some(AudioTrackType::AudioOnlyVariantStream));
    if !presentation.renditions.iter().any(Rendition::is_video) {
        alone = presentation
            .renditions
            .iter()
            .filter_map(Sound::new)
            .collect();
        sounds.clear();
    }
    for rendition in presentation
        .renditions
        .iter()
        .filter(|rendition| rendition.is_video())
    {
        variants(&mut text, presentation, rendition, &sounds);
    }
    for sound in &alone {
        let rendition = sound.rendition;
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\"{}\n{}",
            rendition.peak_bandwidth(),
            rendition.average_bandwidth(),
            rendition.codec,
            captions::attribute(presentation),
            uri(presentation, rendition)
        );
    }
    for (number, sound) in sounds.iter().enumerate() {
        sound.line(&mut text, presentation, number);
    }
    captions::lines(&mut text, presentation);
    for rendition in &presentation.renditions {
        key_frame_variant(&mut text, presentation, rendition);
    }
    if let Some(images) = &presentation.images {
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH={},RESOLUTION={}x{},CODECS=\"jpeg\",URI=\"{}\"",
            images.bandwidth(),
            images.sheets.width,
            images.sheets.height,
            file_uri(&format!("{}{IMAGES}", presentation.base))
        );
    }
    text
}

fn key_frame_variant(text: &mut String, presentation: &Presentation, rendition: &Rendition) {
    let Kind::Video {
        width,
        height,
        range,
        ..
    } = &rendition.kind
    else {
        return;
    };
    if rendition.key_frames.is_empty() {
        return;
    }
    let codec = rendition.codec.split(',').next().unwrap_or_default();
    let uri = file_uri(&format!(
        "{}{}",
        presentation.base,
        rendition.key_frame_playlist_name()
    ));
    let (peak, average) = rendition.key_frame_bandwidth();
    // Writing to a String can't fail.
    let _ = writeln!(
        text,
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},VIDEO-RANGE={},\
         CODECS=\"{codec}\",RESOLUTION={width}x{height},URI=\"{uri}\"",
        range.name()
    );
}

struct Sound<'a> {
    rendition: &'a Rendition,
    group: &'a str,
    channels: u32,
    language: Option<&'a str>,
    name: Option<&'a str>,
    track_type: Option<AudioTrackType>,
    describes_video: bool,
}

impl<'a> Sound<'a> {
    fn new(rendition: &'a Rendition) -> Option<Self> {
        let Kind::Audio {
            channels,
            language,
            name,
            group,
            track_type,
            describes_video,
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
            describes_video: *describes_video,
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
            AudioTrackType::AlternateAudioNotAutoSelect
            | AudioTrackType::AudioOnlyVariantStream => ("NO", "NO"),
        };
        let describes = if self.describes_video {
            "CHARACTERISTICS=\"public.accessibility.describes-video\","
        } else {
            ""
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
             {describes}CHANNELS=\"{}\",URI=\"{}\"",
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
        range,
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
        let mut codecs: Vec<&str> = rendition.codec.split(',').collect();
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
            "#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},VIDEO-RANGE={},\
             CODECS=\"{}\",{resolution}FRAME-RATE={:.3}{audio}{}\n{}",
            range.name(),
            codecs.join(","),
            frame_rate.value(),
            captions::attribute(presentation),
            uri(presentation, rendition),
        );
    }
}

fn uri(presentation: &Presentation, rendition: &Rendition) -> String {
    file_uri(&format!(
        "{}{}",
        presentation.base,
        rendition.playlist_name()
    ))
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
