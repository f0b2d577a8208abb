//! What a source file is, as ffprobe tells it.

mod hdr10;

use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;

use crate::ratio::Ratio;
pub use hdr10::Hdr10;

/// Demuxers that the server lets ffmpeg use: the containers that MediaConvert reads. Above all it
/// keeps out playlists and scripts (`concat`, `hls`, …), through which an uploaded file could name
/// other files of this machine.
pub const FORMATS: &str = "mov,matroska,mpegts,mpeg,mpegvideo,h264,hevc,avi,flv,asf,mxf,gif,wav,w64,\
aiff,mp3,flac,aac,ac3,eac3,ogg,dv,rm";

/// A source: its container and its tracks, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Media {
    /// ffprobe's format names, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub format: String,
    /// The major brand of an ISO file, such as `isom` or `qt  `.
    pub brand: Option<String>,
    /// When the first track begins. Seconds.
    pub start: f64,
    /// Seconds.
    pub duration: Option<f64>,
    /// Bytes.
    pub size: u64,
    /// Timecode of the first frame, if the file tells.
    pub timecode: Option<String>,
    /// All tracks, those included that are neither picture nor sound.
    pub tracks: Vec<Track>,
}

/// One track.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Position in the file, from 0.
    pub index: u32,
    /// The container's own number of it: a PID, a track id.
    pub id: Option<u32>,
    /// ffprobe's codec name, such as `h264`.
    pub codec: String,
    /// The codec's four characters in the container.
    pub four_cc: Option<String>,
    /// ffprobe's profile name, such as `High`.
    pub profile: Option<String>,
    /// When it begins, at the times of the file. Seconds.
    pub start: Option<f64>,
    /// Seconds.
    pub duration: Option<f64>,
    /// Bits per second.
    pub bit_rate: Option<u64>,
    /// Three letters, lower case.
    pub language: Option<String>,
    /// What is particular to its kind.
    pub kind: TrackKind,
}

/// Picture, sound or something else.
#[derive(Clone, Debug, PartialEq)]
pub enum TrackKind {
    /// A picture track; cover art counts as [`TrackKind::Data`].
    Video(Video),
    /// A sound track.
    Audio(Audio),
    /// Anything else.
    Data,
}

/// A picture track.
#[derive(Clone, Debug, PartialEq)]
pub struct Video {
    /// Pixels, as stored: before rotation.
    pub width: u32,
    /// Pixels, as stored: before rotation.
    pub height: u32,
    /// Shape of a stored pixel, width to height.
    pub sample_aspect_ratio: Ratio,
    /// Clockwise turn for display, degrees, of the container's display matrix.
    pub rotation: i32,
    /// Average frames per second, if the container tells.
    pub average_frame_rate: Option<Ratio>,
    /// The lowest rate at which all time stamps can be told exactly, by ffprobe.
    pub base_frame_rate: Option<Ratio>,
    /// Frames are made of two fields.
    pub interlaced: bool,
    /// Which field comes first, if that is told.
    pub top_field_first: Option<bool>,
    /// ffprobe's pixel format, such as `yuv420p10le`.
    pub pixel_format: String,
    /// ffprobe's level: 31 is H.264's 3.1.
    pub level: Option<i32>,
    /// ffprobe's colour primaries, such as `bt709`.
    pub color_primaries: Option<String>,
    /// ffprobe's transfer characteristics.
    pub color_transfer: Option<String>,
    /// ffprobe's matrix coefficients.
    pub color_space: Option<String>,
    /// What a screen needs to know to show it in HDR10.
    pub hdr10: Option<Hdr10>,
}

/// A sound track.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// Number of channels.
    pub channels: u32,
    /// Hertz.
    pub sample_rate: u32,
    /// ffprobe's name of its channels, such as `5.1(side)`.
    pub layout: Option<String>,
    /// Bits per sample, where the codec has such a thing.
    pub bits_per_sample: Option<u32>,
}

impl Media {
    /// The first picture track.
    pub fn video(&self) -> Option<(&Track, &Video)> {
        self.tracks.iter().find_map(|track| match &track.kind {
            TrackKind::Video(video) => Some((track, video)),
            _ => None,
        })
    }

    /// The sound tracks, in order.
    pub fn audio(&self) -> impl Iterator<Item = (&Track, &Audio)> {
        self.tracks.iter().filter_map(|track| match &track.kind {
            TrackKind::Audio(audio) => Some((track, audio)),
            _ => None,
        })
    }

    /// The picture, if it is HDR10 and the container tells no more of that.
    fn hdr_unknown(&mut self) -> Option<&mut Video> {
        self.tracks
            .iter_mut()
            .find_map(|track| match &mut track.kind {
                TrackKind::Video(video) => Some(video),
                _ => None,
            })
            .filter(|video| video.color_transfer.as_deref() == Some("smpte2084"))
            .filter(|video| video.hdr10.is_none())
    }

    /// Whether the file is of the MP4 family.
    pub fn is_iso(&self) -> bool {
        self.format.split(',').any(|name| name == "mp4")
    }
}

impl Video {
    /// Bits of one colour component.
    pub fn bit_depth(&self) -> u32 {
        let deep = |depth: &str| {
            self.pixel_format.ends_with(&format!("{depth}le"))
                || self.pixel_format.ends_with(&format!("{depth}be"))
        };
        match () {
            () if deep("10") => 10,
            () if deep("12") => 12,
            () if deep("16") => 16,
            () => 8,
        }
    }

    /// `420`, `422` or `444`.
    pub fn chroma(&self) -> &'static str {
        match () {
            () if self.pixel_format.contains("422") => "422",
            () if self.pixel_format.contains("444") || self.pixel_format.contains("rgb") => "444",
            () => "420",
        }
    }
}

/// Why a file could not be described.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// ffprobe did not run.
    #[error("run ffprobe")]
    Run(#[source] std::io::Error),
    /// ffprobe can't read the file.
    #[error("the file is not a media file that can be read: {0}")]
    Unreadable(String),
}

/// Describes the file at `path`.
///
/// # Errors
///
/// [`ProbeError::Unreadable`] when the file is empty, broken at its head or no media at all.
pub async fn probe(path: &Path) -> Result<Media, ProbeError> {
    let output = ffprobe(path, &["-show_format", "-show_streams"]).await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(ProbeError::Unreadable(reason(&said, path)));
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|error| ProbeError::Unreadable(error.to_string()))?;
    let mut media = Media::from(answer);
    if media.tracks.is_empty() {
        return Err(ProbeError::Unreadable("it has no tracks".to_owned()));
    }
    if let Some(video) = media.hdr_unknown() {
        video.hdr10 = first_frame(path).await?;
    }
    Ok(media)
}

/// The metadata of HDR10 that the first frame has. Containers rarely repeat it.
async fn first_frame(path: &Path) -> Result<Option<Hdr10>, ProbeError> {
    #[derive(Default, Deserialize)]
    struct Frames {
        #[serde(default)]
        frames: Vec<Frame>,
    }
    #[derive(Deserialize)]
    struct Frame {
        #[serde(default)]
        side_data_list: Vec<SideData>,
    }
    let arguments = [
        "-select_streams",
        "V:0",
        "-read_intervals",
        "%+#1",
        "-show_frames",
        "-show_entries",
        "frame=side_data_list",
    ];
    let output = ffprobe(path, &arguments).await?;
    // A first frame that can't be decoded is the encoder's business.
    let answer: Frames = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let frame = answer.frames.first();
    Ok(frame.and_then(|frame| Hdr10::read(&frame.side_data_list)))
}

async fn ffprobe(path: &Path, arguments: &[&str]) -> Result<std::process::Output, ProbeError> {
    crate::process::command("ffprobe")
        .args([
            "-v",
            "error",
            "-protocol_whitelist",
            "file",
            "-format_whitelist",
            FORMATS,
        ])
        .args(["-of", "json"])
        .args(arguments)
        .arg("-i")
        .arg(path)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(ProbeError::Run)
}

/// ffprobe's last line without addresses and without the name of our temporary file.
fn reason(said: &str, path: &Path) -> String {
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    let Some(last) = last else {
        return "unknown format".to_owned();
    };
    let path = format!("{}: ", path.display());
    let moov = said.contains("moov atom not found");
    let last = last.trim().replace(&path, "");
    let last = if moov {
        "moov atom not found".to_owned()
    } else {
        last
    };
    last.trim_end_matches('.').to_owned()
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Default, Deserialize)]
struct Format {
    #[serde(default, rename = "format_name")]
    names: String,
    start_time: Option<String>,
    duration: Option<String>,
    size: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Default, Deserialize)]
struct Tags {
    major_brand: Option<String>,
    language: Option<String>,
    rotate: Option<String>,
    timecode: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    index: u32,
    id: Option<String>,
    codec_type: Option<String>,
    codec_name: Option<String>,
    codec_tag_string: Option<String>,
    profile: Option<String>,
    level: Option<i32>,
    start_time: Option<String>,
    duration: Option<String>,
    bit_rate: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    field_order: Option<String>,
    pix_fmt: Option<String>,
    color_primaries: Option<String>,
    color_transfer: Option<String>,
    color_space: Option<String>,
    channels: Option<u32>,
    channel_layout: Option<String>,
    sample_rate: Option<String>,
    bits_per_sample: Option<u32>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SideData {
    rotation: Option<f64>,
    #[serde(flatten)]
    hdr10: hdr10::Told,
}

impl From<Answer> for Media {
    fn from(answer: Answer) -> Self {
        let of_tracks = answer.streams.iter().map(|stream| &stream.tags.timecode);
        let timecode = of_tracks
            .chain([&answer.format.tags.timecode])
            .find_map(Clone::clone);
        Self {
            format: answer.format.names,
            brand: answer.format.tags.major_brand,
            start: number(answer.format.start_time.as_ref()).unwrap_or_default(),
            duration: number(answer.format.duration.as_ref()),
            size: number(answer.format.size.as_ref()).unwrap_or_default(),
            timecode,
            tracks: answer.streams.into_iter().map(Track::from).collect(),
        }
    }
}

impl From<Stream> for Track {
    fn from(stream: Stream) -> Self {
        let id = stream.id.as_deref();
        Self {
            index: stream.index,
            id: id.and_then(|id| u32::from_str_radix(id.trim_start_matches("0x"), 16).ok()),
            codec: stream.codec_name.clone().unwrap_or_default(),
            four_cc: stream
                .codec_tag_string
                .clone()
                .filter(|tag| !tag.starts_with('[')),
            profile: stream.profile.clone(),
            start: number(stream.start_time.as_ref()),
            duration: number(stream.duration.as_ref()),
            bit_rate: number(stream.bit_rate.as_ref()),
            language: stream.tags.language.clone(),
            kind: TrackKind::from(stream),
        }
    }
}

impl From<Stream> for TrackKind {
    fn from(stream: Stream) -> Self {
        match stream.codec_type.as_deref() {
            Some("video") if stream.disposition.attached_pic == 0 => {
                let (Some(width), Some(height)) = (stream.width, stream.height) else {
                    return Self::Data;
                };
                if width == 0 || height == 0 {
                    return Self::Data;
                }
                Self::Video(Video {
                    width,
                    height,
                    sample_aspect_ratio: ratio(stream.sample_aspect_ratio.as_ref())
                        .unwrap_or(Ratio::ONE),
                    rotation: rotation(&stream),
                    average_frame_rate: ratio(stream.avg_frame_rate.as_ref()),
                    base_frame_rate: ratio(stream.r_frame_rate.as_ref()),
                    interlaced: matches!(
                        stream.field_order.as_deref(),
                        Some("tt" | "bb" | "tb" | "bt")
                    ),
                    top_field_first: match stream.field_order.as_deref() {
                        Some("tt" | "tb") => Some(true),
                        Some("bb" | "bt") => Some(false),
                        _ => None,
                    },
                    pixel_format: stream.pix_fmt.unwrap_or_default(),
                    level: stream.level.filter(|level| *level > 0),
                    color_primaries: stream.color_primaries,
                    color_transfer: stream.color_transfer,
                    color_space: stream.color_space,
                    hdr10: Hdr10::read(&stream.side_data_list),
                })
            }
            Some("audio") if stream.channels.unwrap_or_default() > 0 => Self::Audio(Audio {
                channels: stream.channels.unwrap_or_default(),
                sample_rate: number(stream.sample_rate.as_ref()).unwrap_or_default(),
                layout: stream.channel_layout,
                bits_per_sample: stream.bits_per_sample.filter(|bits| *bits > 0),
            }),
            _ => Self::Data,
        }
    }
}

/// ffprobe's rotation is counter-clockwise.
fn rotation(stream: &Stream) -> i32 {
    let matrix = stream.side_data_list.iter().find_map(|data| data.rotation);
    let tag = || number::<f64>(stream.tags.rotate.as_ref());
    let clockwise = matrix.map(|degrees| -degrees).or_else(tag);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an angle, reduced to a full turn"
    )]
    clockwise.map_or(0, |degrees| {
        (degrees.rem_euclid(360.0)).round() as i32 % 360
    })
}

fn number<T: std::str::FromStr>(text: Option<&String>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

fn ratio(text: Option<&String>) -> Option<Ratio> {
    text.and_then(|text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Media {
        serde_json::from_str::<Answer>(json).unwrap().into()
    }

    #[test]
    fn rotation_is_told_clockwise() {
        let media = parse(
            r#"{"streams": [{"index": 0, "codec_type": "video", "codec_name": "h264",
                "width": 640, "height": 360, "side_data_list": [{"rotation": -90}]}]}"#,
        );
        assert_eq!(media.video().unwrap().1.rotation, 90);
    }

    #[test]
    fn cover_art_is_no_picture_track() {
        let media = parse(
            r#"{"streams": [
                {"index": 0, "codec_type": "audio", "codec_name": "aac", "channels": 2,
                 "sample_rate": "44100"},
                {"index": 1, "codec_type": "video", "codec_name": "mjpeg", "width": 300,
                 "height": 300, "disposition": {"attached_pic": 1}}]}"#,
        );
        assert!(media.video().is_none());
        assert_eq!(media.audio().count(), 1);
    }

    #[test]
    fn the_reason_names_no_file_of_ours() {
        let path = Path::new("/tmp/x/source");
        let said = "/tmp/x/source: Invalid data found when processing input\n";
        assert_eq!(
            reason(said, path),
            "Invalid data found when processing input"
        );
    }
}
