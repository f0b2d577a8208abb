//! Renditions whose segments ffmpeg cut: transport streams, and sound as its codec makes it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::super::growing::Encoding;
use super::{Body, Object, Outgoing, media_type};
use crate::encryption::Cipher;
use crate::job::Failure;
use crate::manifest::{KeyFrame, Kind, Layout, Rendition, SegmentInfo, Span};
use crate::plan::streaming::{Transport, audio_groups};
use crate::plan::{PlannedGroup, PlannedOutput};
use crate::settings::{DirectoryStructure, IFrameManifest, StreamingSettings};
use crate::transport::{Scan, scan};

/// Ticks per second of transport streams.
const TIMESCALE: u32 = 90_000;

/// Where the segments of an output are.
pub(super) struct Segments<'a> {
    pub(super) folder: &'a Path,
    pub(super) group: &'a PlannedGroup,
    pub(super) settings: &'a StreamingSettings,
}

/// A segment in ffmpeg's list.
#[derive(Clone, Debug, PartialEq)]
struct Listed {
    file: String,
    seconds: f64,
    /// Of the file, where it is the only one.
    span: Option<Span>,
}

/// How many segments are held back: a short last one may have to join the one before it, and what
/// ffmpeg has put on its list it may not have closed yet.
const HELD: usize = 2;

/// Makes a rendition of the segments of one output, and sends them off while ffmpeg writes further ones.
pub(super) fn follow(
    segments: &Segments<'_>,
    output: &PlannedOutput,
    planned: &Transport,
    encoding: &Encoding,
    media: &Outgoing,
) -> Result<Rendition, Failure> {
    let mut follower = Follower {
        segments,
        output,
        planned,
        media,
        rendition: rendition(output, planned, segments.settings),
        cipher: segments.settings.encryption.as_ref().and_then(Cipher::new),
        seconds: 0.0,
    };
    let path = segments.folder.join(&planned.list);
    let (mut seen, mut held) = (0, VecDeque::new());
    loop {
        let ended = encoding.has_ended()?;
        // Parts of one file may not have come to the disk yet.
        if ended || !segments.settings.is_single_file() {
            let text = match std::fs::read_to_string(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound && !ended => String::new(),
                read => read.map_err(|error| follower.failed(&error))?,
            };
            let all = read_list(&text);
            held.extend(all.iter().skip(seen).cloned());
            seen = seen.max(all.len());
        }
        while held.len() > HELD {
            held.pop_front()
                .map_or(Ok(()), |entry| follower.segment(&entry))?;
        }
        if ended {
            break;
        }
    }
    let mut last = Vec::from(held);
    join_last(
        segments.folder,
        &mut last,
        segments.settings.min_final_segment_length,
    )
    .map_err(|error| follower.failed(&error))?;
    for entry in &last {
        follower.segment(entry)?;
    }
    let Some(entry) = last.first() else {
        return Err(Failure::new(
            1076,
            format!(
                "Nothing of the input could be decoded for output '{}'.",
                output.modifier
            ),
        ));
    };
    if entry.span.is_some() {
        let path = segments.folder.join(&entry.file);
        follower.keep(&follower.rendition.single_name(), path);
    }
    Ok(follower.rendition)
}

/// Makes a rendition.
struct Follower<'a> {
    segments: &'a Segments<'a>,
    output: &'a PlannedOutput,
    planned: &'a Transport,
    media: &'a Outgoing,
    rendition: Rendition,
    cipher: Option<Cipher>,
    /// Of all segments until now.
    seconds: f64,
}

impl Follower<'_> {
    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::new(
            1999,
            format!(
                "The segments of output '{}' can't be read: {error}.",
                self.output.modifier
            ),
        )
    }

    fn segment(&mut self, entry: &Listed) -> Result<(), Failure> {
        let index = self.rendition.segments.len();
        let path = self.segments.folder.join(&entry.file);
        let mut bytes = read(&path, entry.span).map_err(|error| self.failed(&error))?;
        let begins = ticks(self.seconds);
        if self.planned.video.is_some() {
            let scan = scan(&bytes);
            let wanted = self.planned.playlist.i_frame_only_manifest;
            if wanted.is_some_and(|wanted| wanted != IFrameManifest::Exclude) {
                let spans = spans(&scan, index, entry.span, self.planned.first_time);
                self.rendition.key_frames.extend(spans);
            }
            add_codec(&mut self.rendition, scan);
        }
        let packed = self.planned.video.is_none() && self.planned.extension != "ts";
        if packed {
            tag(&mut bytes, begins + ticks(self.planned.first_time));
        }
        if let Some(cipher) = &self.cipher {
            let number = u64::try_from(index).unwrap_or(u64::MAX) + 1;
            cipher
                .encrypt(&mut bytes, number)
                .map_err(|error| Failure::new(1091, format!("Encryption failed: {error}.")))?;
        }
        self.seconds += entry.seconds;
        self.rendition.segments.push(SegmentInfo {
            start: begins,
            duration: ticks(self.seconds) - begins,
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            offset: entry.span.map_or(0, |span| span.offset),
        });
        if entry.span.is_none() {
            if packed || self.cipher.is_some() {
                std::fs::write(&path, bytes).map_err(|error| self.failed(&error))?;
            }
            let base = &self.segments.group.destination.base;
            let name = self.rendition.segment_name(base, index + 1);
            self.keep(&name, path);
        }
        Ok(())
    }

    fn keep(&self, rest: &str, path: PathBuf) {
        let destination = &self.segments.group.destination;
        self.media.push(Object {
            bucket: destination.bucket.clone(),
            key: destination.key(rest),
            body: Body::File(path),
            kind: media_type(rest, true),
        });
    }
}

fn rendition(
    output: &PlannedOutput,
    planned: &Transport,
    settings: &StreamingSettings,
) -> Rendition {
    let kind = match (&planned.video, planned.sounds.first()) {
        (None, Some(audio)) => Kind::Audio {
            channels: audio.channels,
            sample_rate: audio.sample_rate,
            language: audio.language.clone(),
            name: audio.name.clone(),
            group: audio.group.clone(),
            track_type: audio.track_type,
            describes_video: audio.describes_video,
        },
        (video, _) => Kind::Video {
            width: video.as_ref().map_or(0, |video| video.geometry.width),
            height: video.as_ref().map_or(0, |video| video.geometry.height),
            pixel: video
                .as_ref()
                .map_or(crate::ratio::Ratio::ONE, |video| video.geometry.pixel),
            frame_rate: video
                .as_ref()
                .map_or(crate::ratio::Ratio::ONE, |video| video.frame_rate),
            max_bitrate: video.as_ref().and_then(|video| video.max_bitrate),
            audio_groups: audio_groups(&planned.playlist),
            range: video.as_ref().map(|video| video.range).unwrap_or_default(),
        },
    };
    let mut codecs = planned.sound_codecs.clone();
    codecs.dedup();
    Rendition {
        modifier: output.modifier.clone(),
        codec: codecs.join(","),
        timescale: TIMESCALE,
        segments: Vec::new(),
        layout: Layout::Transport {
            segment_modifier: planned.segment_modifier.clone(),
            extension: planned.extension,
            folders: match settings.directory_structure {
                DirectoryStructure::SingleDirectory => None,
                DirectoryStructure::SubdirectoryPerStream => {
                    Some(settings.segments_per_subdirectory.unwrap_or(0))
                }
            },
        },
        init: None,
        index: None,
        key_frames: Vec::new(),
        kind,
    }
}

/// The picture's codec comes first.
fn add_codec(rendition: &mut Rendition, scan: Scan) {
    let Some(codec) = scan.codec else { return };
    if rendition.init.is_none() {
        // What a playlist of key frames needs of the first segment.
        rendition.init = Some(Span {
            offset: 0,
            size: scan.tables,
        });
        rendition.codec = match rendition.codec.as_str() {
            "" => codec,
            sounds => format!("{codec},{sounds}"),
        };
    }
}

fn spans(
    scan: &Scan,
    segment: usize,
    part: Option<Span>,
    first_time: f64,
) -> impl Iterator<Item = KeyFrame> {
    let before = part.map_or(0, |span| span.offset);
    scan.key_frames.iter().map(move |frame| KeyFrame {
        time: frame.time.saturating_sub(ticks(first_time)),
        segment,
        span: Span {
            offset: before + frame.offset,
            size: frame.size,
        },
    })
}

fn read(path: &Path, part: Option<Span>) -> std::io::Result<Vec<u8>> {
    let Some(span) = part else {
        return std::fs::read(path);
    };
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(span.offset))?;
    let mut bytes = Vec::new();
    file.take(span.size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A last segment that is shorter than `seconds` becomes part of the one before it.
fn join_last(folder: &Path, listed: &mut Vec<Listed>, seconds: f64) -> std::io::Result<()> {
    let [.., before, end] = listed.as_mut_slice() else {
        return Ok(());
    };
    if end.seconds >= seconds {
        return Ok(());
    }
    before.seconds += end.seconds;
    if let (Some(span), Some(more)) = (&mut before.span, end.span) {
        span.size += more.size;
    } else {
        let mut whole = File::options()
            .append(true)
            .open(folder.join(&before.file))?;
        std::io::copy(&mut File::open(folder.join(&end.file))?, &mut whole)?;
    }
    listed.pop();
    Ok(())
}

/// ffmpeg's playlist, or its table of names, starts and ends.
fn read_list(text: &str) -> Vec<Listed> {
    if !text.starts_with("#EXTM3U") {
        return text.lines().filter_map(read_row).collect();
    }
    let mut listed = Vec::new();
    let (mut seconds, mut span) = (0.0, None);
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("#EXTINF:") {
            seconds = rest.trim_end_matches(',').parse().unwrap_or_default();
        } else if let Some(rest) = line.strip_prefix("#EXT-X-BYTERANGE:") {
            span = rest.split_once('@').and_then(|(size, offset)| {
                Some(Span {
                    offset: offset.parse().ok()?,
                    size: size.parse().ok()?,
                })
            });
        } else if !line.is_empty() && !line.starts_with('#') {
            listed.push(Listed {
                file: line.to_owned(),
                seconds,
                span,
            });
        }
    }
    listed
}

fn read_row(row: &str) -> Option<Listed> {
    let mut cells = row.split(',');
    let file = cells.next()?.to_owned();
    let (start, end): (f64, f64) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
    Some(Listed {
        file,
        seconds: end - start,
        span: None,
    })
}

/// Tells when packed sound begins, in the clock of the transport streams beside it: an ID3 tag with
/// one private frame (RFC 8216, 3.4).
fn tag(bytes: &mut Vec<u8>, time: u64) {
    const OWNER: &[u8] = b"com.apple.streaming.transportStreamTimestamp\0";
    let frame = u8::try_from(OWNER.len() + 8).unwrap_or(u8::MAX);
    let mut tagged = vec![b'I', b'D', b'3', 4, 0, 0, 0, 0, 0, frame + 10];
    tagged.extend([b'P', b'R', b'I', b'V', 0, 0, 0, frame, 0, 0]);
    tagged.extend(OWNER);
    tagged.extend((time & 0x1_ffff_ffff).to_be_bytes());
    tagged.append(bytes);
    *bytes = tagged;
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are positive and small"
)]
pub(super) fn ticks(seconds: f64) -> u64 {
    (seconds * f64::from(TIMESCALE)).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_lists_are_read() {
        let playlist = "#EXTM3U\n#EXT-X-VERSION:4\n#EXTINF:6.006000,\n#EXT-X-BYTERANGE:100@0\na.ts\n\
                        #EXTINF:1.500000,\n#EXT-X-BYTERANGE:50@100\na.ts\n#EXT-X-ENDLIST\n";
        let listed = read_list(playlist);
        assert_eq!(listed.len(), 2);
        let span = Span {
            offset: 100,
            size: 50,
        };
        assert_eq!((listed[1].seconds, listed[1].span), (1.5, Some(span)));
        let table = read_list("a_00001.aac,0.000000,6.013968\na_00002.aac,6.013968,7.0\n");
        assert!((table[1].seconds - 0.986_032).abs() < 1e-9);
    }

    #[test]
    fn packed_sound_tells_its_time() {
        let mut bytes = vec![0xff];
        tag(&mut bytes, 180_000);
        // 10 of the tag, 10 of the frame, 45 of the owner and 8 of the time.
        assert_eq!(bytes.len(), 74);
        assert_eq!(bytes[9], 63);
        assert_eq!(bytes[65..73], 180_000u64.to_be_bytes());
    }

    #[test]
    fn a_short_last_segment_joins_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "one").unwrap();
        std::fs::write(folder.path().join("b"), "two").unwrap();
        let entry = |file: &str, seconds| Listed {
            file: file.to_owned(),
            seconds,
            span: None,
        };
        let mut listed = vec![entry("a", 6.0), entry("b", 0.5)];
        join_last(folder.path(), &mut listed, 1.0).unwrap();
        assert_eq!(listed, [entry("a", 6.5)]);
        assert_eq!(
            std::fs::read_to_string(folder.path().join("a")).unwrap(),
            "onetwo"
        );
    }
}
