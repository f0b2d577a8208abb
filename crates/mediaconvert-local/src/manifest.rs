//! What manifests tell, whichever the language: [`crate::hls`] and [`crate::dash`] write it down.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::plan::trick_play::Sheets;
use crate::plan::video::Range;
use crate::ratio::Ratio;
use crate::settings::{AudioTrackType, StreamingSettings};

/// A CMAF group as it came out.
#[derive(Clone, Debug)]
pub struct Presentation {
    /// File name that all others begin with.
    pub base: String,
    /// The renditions, in the order of the settings.
    pub renditions: Vec<Rendition>,
    /// How the group is packaged.
    pub settings: StreamingSettings,
    /// Small pictures for seeking.
    pub images: Option<Images>,
}

/// Sheets of small pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Images {
    /// How they are made.
    pub sheets: Sheets,
    /// Bytes of each.
    pub sizes: Vec<u64>,
}

impl Images {
    /// What follows the base in the name of a sheet, counted from 1.
    pub fn name(number: usize) -> String {
        format!("_tiles_{number:09}.jpg")
    }

    /// Seconds that a whole sheet covers.
    pub fn seconds(&self) -> f64 {
        self.sheets.interval * f64::from(self.sheets.columns) * f64::from(self.sheets.rows)
    }

    /// Bits per second of the largest sheet.
    pub fn bandwidth(&self) -> u64 {
        let largest = self.sizes.iter().copied().max().unwrap_or_default();
        bits_per_second(largest, self.seconds())
    }
}

/// One track in segments.
#[derive(Clone, Debug)]
pub struct Rendition {
    /// What its names add to the base.
    pub modifier: String,
    /// By RFC 6381.
    pub codec: String,
    /// Ticks per second.
    pub timescale: u32,
    /// The segments, in order.
    pub segments: Vec<SegmentInfo>,
    /// How its files are named.
    pub layout: Layout,
    /// Where what all segments need is; in a file of its own or at the beginning of the only one.
    pub init: Option<Span>,
    /// Where the index of the only file is.
    pub index: Option<Span>,
    /// Key frames, of renditions that have a playlist of them.
    pub key_frames: Vec<KeyFrame>,
    /// What is particular to its kind.
    pub kind: Kind,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Bytes before it.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
}

/// A key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFrame {
    /// When it is shown. Ticks from the beginning.
    pub time: u64,
    /// The segment that it is in, from 0.
    pub segment: usize,
    /// Where in the file of the segment it is.
    pub span: Span,
}

/// How the files of a rendition are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `init.cmfv` and `_000000001.cmfv`.
    Cmaf,
    /// `init.mp4` and `_000000001.mp4`, or where `$Number$` stands in the modifier.
    Dash,
    /// `_000000001.vtt`.
    Text {
        /// Digits of the number.
        digits: usize,
    },
    /// `_00001.ts`.
    Transport {
        /// What is before the number.
        segment_modifier: String,
        /// Without the dot.
        extension: &'static str,
        /// Folders of so many segments, of which 0 means all.
        folders: Option<u32>,
    },
}

/// What stands for the number of a segment in a modifier of a DASH output.
pub const NUMBER: &str = "$Number$";

/// Picture, sound or captions.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A picture track.
    Video {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Shape of a pixel.
        pixel: Ratio,
        /// Frames per second.
        frame_rate: Ratio,
        /// The most bits per second that were asked for.
        max_bitrate: Option<u32>,
        /// Sound groups that go with it; all of them when there are none.
        audio_groups: Vec<String>,
        /// How bright it can be.
        range: Range,
    },
    /// A sound track.
    Audio {
        /// Number of channels.
        channels: u32,
        /// Hertz.
        sample_rate: u32,
        /// Three letters, lower case.
        language: Option<String>,
        /// Label for viewers.
        name: Option<String>,
        /// Group in the HLS manifest.
        group: Option<String>,
        /// How players choose it.
        track_type: Option<AudioTrackType>,
        /// It describes what is to be seen.
        describes_video: bool,
    },
    /// Captions.
    Captions {
        /// Three letters in lower case, or by RFC 5646.
        language: Option<String>,
        /// Label for viewers.
        name: Option<String>,
        /// For people who don't hear well.
        accessible: bool,
    },
}

/// One segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentInfo {
    /// When it begins. Ticks.
    pub start: u64,
    /// Ticks.
    pub duration: u64,
    /// Bytes.
    pub size: u64,
    /// Bytes of the file before it.
    pub offset: u64,
}

impl Rendition {
    /// Whether it is a picture.
    pub fn is_video(&self) -> bool {
        matches!(self.kind, Kind::Video { .. })
    }

    /// Whether it is captions.
    pub fn is_captions(&self) -> bool {
        matches!(self.kind, Kind::Captions { .. })
    }

    /// Of its files, without the dot.
    pub fn extension(&self) -> &'static str {
        match (&self.layout, &self.kind) {
            (Layout::Cmaf, Kind::Video { .. }) => "cmfv",
            (Layout::Cmaf, Kind::Audio { .. }) => "cmfa",
            (Layout::Text { .. }, _) | (Layout::Cmaf, Kind::Captions { .. }) => "vtt",
            (Layout::Dash, _) => "mp4",
            (Layout::Transport { extension, .. }, _) => extension,
        }
    }

    /// Whether it is a transport stream, or sound that goes with one.
    pub fn layout_is_transport(&self) -> bool {
        matches!(self.layout, Layout::Transport { .. })
    }

    /// Bits per second of the heaviest key frame, and on average, when only key frames are played.
    pub fn key_frame_bandwidth(&self) -> (u64, u64) {
        let ends = self
            .segments
            .last()
            .map_or(0, |segment| segment.start + segment.duration);
        let next = self.key_frames.iter().skip(1).map(|frame| frame.time);
        let scale = f64::from(self.timescale);
        let peak = self
            .key_frames
            .iter()
            .zip(next.chain([ends]))
            .map(|(frame, next)| {
                let seconds = crate::package::seconds(next.saturating_sub(frame.time), scale);
                bits_per_second(frame.span.size, seconds)
            })
            .max();
        let size = self.key_frames.iter().map(|frame| frame.span.size).sum();
        (
            peak.unwrap_or_default(),
            bits_per_second(size, self.duration()),
        )
    }

    /// What follows the base in the name of the file that all segments need.
    pub fn init_name(&self) -> String {
        let modifier = self.modifier.replace(NUMBER, "");
        format!("{modifier}init.{}", self.extension())
    }

    /// What follows the base in the name of the only file.
    pub fn single_name(&self) -> String {
        let modifier = self.modifier.replace(NUMBER, "");
        format!("{modifier}.{}", self.extension())
    }

    /// What follows the base in the name of a segment, counted from 1. Such a name may have folders.
    pub fn segment_name(&self, base: &str, number: usize) -> String {
        let (modifier, extension) = (&self.modifier, self.extension());
        match &self.layout {
            Layout::Transport {
                segment_modifier,
                folders,
                ..
            } => {
                let name = format!("{modifier}{segment_modifier}_{number:05}.{extension}");
                match folders {
                    None => name,
                    Some(0) => format!("{modifier}/{base}{name}"),
                    Some(count) => {
                        let count = usize::try_from(*count).unwrap_or(usize::MAX);
                        let folder = number.saturating_sub(1) / count + 1;
                        format!("{modifier}/{folder:05}/{base}{name}")
                    }
                }
            }
            Layout::Text { digits } => format!("{modifier}_{number:0digits$}.{extension}"),
            Layout::Dash if modifier.contains(NUMBER) => {
                format!(
                    "{}.{extension}",
                    modifier.replace(NUMBER, &number.to_string())
                )
            }
            _ => format!("{modifier}_{number:09}.{extension}"),
        }
    }

    /// What follows the base in the name of its playlist.
    pub fn playlist_name(&self) -> String {
        format!("{}.m3u8", self.modifier)
    }

    /// The same of the playlist of its key frames.
    pub fn key_frame_playlist_name(&self) -> String {
        format!("{}_I-Frame.m3u8", self.modifier)
    }

    /// Seconds of one segment.
    pub fn seconds(&self, segment: SegmentInfo) -> f64 {
        crate::package::seconds(segment.duration, f64::from(self.timescale))
    }

    /// Seconds of all.
    pub fn duration(&self) -> f64 {
        self.segments
            .iter()
            .map(|segment| self.seconds(*segment))
            .sum()
    }

    /// Bits per second of the heaviest segment. A last segment of less than half a second says
    /// nothing about a bit rate, unless it is the only one.
    pub fn peak_bandwidth(&self) -> u64 {
        let rate = |segment: &SegmentInfo| bits_per_second(segment.size, self.seconds(*segment));
        let telling = self
            .segments
            .iter()
            .filter(|segment| self.seconds(**segment) >= 0.5);
        let peak = telling.map(rate).max();
        peak.or_else(|| self.segments.iter().map(rate).max())
            .unwrap_or_default()
    }

    /// Bits per second on average.
    pub fn average_bandwidth(&self) -> u64 {
        let size = self.segments.iter().map(|segment| segment.size).sum();
        bits_per_second(size, self.duration())
    }
}

/// What a file name may hold as it is in a relative URI (RFC 3986, 3.3), but for the colon, that
/// would make a scheme of what is before it.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// A file name, with folders or without, as a relative URI.
pub fn file_uri(name: &str) -> String {
    let parts: Vec<String> = name
        .split('/')
        .map(|part| utf8_percent_encode(part, PLAIN).to_string())
        .collect();
    parts.join("/")
}

/// The way from a folder to a file, both as seen from another folder.
pub fn way(from: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let same = same.min(to.len() - 1);
    format!(
        "{}{}",
        "../".repeat(from.len() - same),
        to[same..].join("/")
    )
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes and rates of real files are far below 2^52"
)]
fn bits_per_second(bytes: u64, seconds: f64) -> u64 {
    if seconds > 0.0 {
        (bytes as f64 * 8.0 / seconds).round() as u64
    } else {
        0
    }
}

impl Presentation {
    /// Seconds of the longest rendition.
    pub fn duration(&self) -> f64 {
        self.renditions
            .iter()
            .map(Rendition::duration)
            .fold(0.0, f64::max)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const INIT: Span = Span {
        offset: 0,
        size: 800,
    };

    fn segments(durations: &[u64], bits_per_tick: u64) -> Vec<SegmentInfo> {
        let mut start = 0;
        let segment = |duration: &u64| {
            let segment = SegmentInfo {
                start,
                duration: *duration,
                size: duration * bits_per_tick / 8,
                offset: 0,
            };
            start += duration;
            segment
        };
        durations.iter().map(segment).collect()
    }

    fn video(modifier: &str, width: u32, height: u32, bits_per_tick: u64) -> Rendition {
        Rendition {
            modifier: modifier.to_owned(),
            codec: "avc1.64001f".to_owned(),
            timescale: 90_000,
            segments: segments(&[540_540, 540_540, 180_180], bits_per_tick),
            layout: Layout::Cmaf,
            init: Some(INIT),
            index: None,
            key_frames: Vec::new(),
            kind: Kind::Video {
                width,
                height,
                pixel: Ratio::ONE,
                frame_rate: Ratio::new(30_000, 1001).unwrap(),
                max_bitrate: Some(3_000_000),
                audio_groups: Vec::new(),
                range: Range::Sdr,
            },
        }
    }

    /// 14 seconds at 29.97 frames a second, two pictures and a sound.
    pub(crate) fn presentation() -> Presentation {
        let audio = Rendition {
            modifier: "_audio".to_owned(),
            codec: "mp4a.40.2".to_owned(),
            timescale: 48_000,
            segments: segments(&[288_000, 288_000, 96_000], 8)
                .into_iter()
                .map(|segment| SegmentInfo {
                    size: segment.duration / 3,
                    ..segment
                })
                .collect(),
            layout: Layout::Cmaf,
            init: Some(INIT),
            index: None,
            key_frames: Vec::new(),
            kind: Kind::Audio {
                channels: 2,
                sample_rate: 48_000,
                language: Some("eng".to_owned()),
                name: None,
                group: None,
                track_type: None,
                describes_video: false,
            },
        };
        Presentation {
            base: "video".to_owned(),
            renditions: vec![
                video("_720p", 1280, 720, 24),
                video("_360p", 640, 360, 8),
                audio,
            ],
            settings: StreamingSettings {
                segment_length: 6,
                ..StreamingSettings::default()
            },
            images: None,
        }
    }

    #[test]
    fn the_way_to_a_file_leads_out_of_folders_and_into_others() {
        assert_eq!(way("a/hls", "a/hls/_1.ts"), "_1.ts");
        assert_eq!(way("a/hls", "a/b/_1.ts"), "../b/_1.ts");
        assert_eq!(way("a", "b.ts"), "../b.ts");
        assert_eq!(way("a", "a"), "../a");
    }

    #[test]
    fn a_tiny_last_segment_is_no_peak() {
        let mut rendition = video("", 2, 2, 8);
        rendition.segments.push(SegmentInfo {
            start: 0,
            duration: 3003,
            size: 3003 * 100,
            offset: 0,
        });
        assert_eq!(rendition.peak_bandwidth(), 720_000);
    }
}
