//! The index of a packaged source: what is kept of it, so that a segment's answer needs no table of the source.
//!
//! A file of two parts. The head has what playlists and init segments need, and the sizes of the entries; one entry a segment
//! follows, of some hundred bytes to a few kilobytes. An answer takes the head (kept between requests), a range of the index and
//! one range of the source, or a few.
//!
//! ```text
//! "PODX"  version u16  0 u16  head length u32  CRC-32 of the head u32   head   entry 0 of rendition 0, entry 1 …, of rendition 1 …
//! ```
//!
//! Numbers are little-endian; head and entries are [postcard](https://postcard.jamesmunns.com/), each entry after its own CRC-32.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::description::VideoRange;
use crate::fragment;
use crate::limits::MAX_INDEX_HEAD_BYTES;
use crate::playlist;
use crate::resource::Resource;
use crate::segment::{Entry, Segment};

const MAGIC: [u8; 4] = *b"PODX";

/// Version of the format. An index of another version is made anew.
const VERSION: u16 = 1;

const PREAMBLE_LEN: usize = 16;

/// Why an index, or what belongs to it, can't be used. The remedy is to make the index anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// Bytes are missing.
    #[error("the bytes end too early")]
    Short,
    /// It is no index.
    #[error("this is no index of a packaged source")]
    Magic,
    /// Another version of the format.
    #[error("the index has version {0}, and this is {VERSION}")]
    Version(u16),
    /// The checksum is another.
    #[error("the checksum is wrong")]
    Checksum,
    /// What it says contradicts itself.
    #[error("the content is wrong")]
    Content,
    /// There is no such rendition, description or segment.
    #[error("there is no such rendition or segment")]
    Unknown,
}

/// The head of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    head: Head,
    /// Where the entries start.
    entries: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    source_len: u64,
    renditions: Vec<Rendition>,
}

/// A track as it is packaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rendition {
    pub(crate) kind: RenditionKind,
    /// Units a second.
    pub(crate) timescale: u32,
    pub(crate) descriptions: Vec<Description>,
    pub(crate) segments: Vec<SegmentInfo>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum RenditionKind {
    Picture {
        /// Display matrix of `tkhd`.
        matrix: [i32; 9],
        /// Size of `tkhd`, in 1/65536 pixels.
        size: (u32, u32),
        range: VideoRange,
        /// Whether no segment needs another one: there are no open groups of pictures.
        is_independent: bool,
    },
    Sound {
        /// BCP 47 tag.
        language: Option<String>,
        channels: u16,
        is_default: bool,
        /// A frame of silence.
        silence: Vec<u8>,
    },
}

/// A sample description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    /// The box.
    pub(crate) entry: Vec<u8>,
    /// As RFC 6381 names it.
    pub(crate) codec: String,
    /// Size of the coded picture, in pixels.
    pub(crate) size: (u16, u16),
}

/// What the playlists tell of a segment, and where its entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentInfo {
    /// In units of the rendition's time scale.
    pub(crate) duration: u64,
    /// Bytes of the segment.
    pub(crate) bytes: u32,
    /// Bytes of its entry.
    pub(crate) entry_bytes: u32,
    pub(crate) samples: u32,
    /// Number of its sample description, from zero.
    pub(crate) description: u8,
    /// Whether the picture has another description from here on.
    pub(crate) is_discontinuous: bool,
}

/// Writes an index.
pub(crate) fn write(
    source_len: u64,
    renditions: Vec<Rendition>,
    entries: &[Vec<u8>],
) -> Option<Vec<u8>> {
    let head = Head {
        source_len,
        renditions,
    };
    let head = postcard::to_stdvec(&head).ok()?;
    if head.len() > MAX_INDEX_HEAD_BYTES {
        return None;
    }
    let mut bytes =
        Vec::with_capacity(PREAMBLE_LEN + head.len() + entries.iter().map(Vec::len).sum::<usize>());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(u32::try_from(head.len()).ok()?.to_le_bytes());
    bytes.extend(crc32fast::hash(&head).to_le_bytes());
    bytes.extend(head);
    for entries in entries {
        bytes.extend(entries);
    }
    Some(bytes)
}

impl Index {
    /// Bytes that hold the whole head of nearly all indexes: the first read of one. That of a two-hour film has some 30 KB.
    pub const FIRST_READ_BYTES: u64 = 64 * 1024;

    /// Reads the head from the first bytes of an index.
    ///
    /// # Errors
    ///
    /// [`Damage::Short`] where the head is longer than `bytes`: [`Self::head_len`] says how long it is. Otherwise the index must
    /// be made anew.
    pub fn read(bytes: &[u8]) -> Result<Self, Damage> {
        let len = usize::try_from(Self::head_len(bytes)?).map_err(|_| Damage::Content)?;
        let head = bytes.get(PREAMBLE_LEN..len).ok_or(Damage::Short)?;
        let checksum = bytes
            .get(12..)
            .and_then(<[u8]>::first_chunk)
            .ok_or(Damage::Short)?;
        if crc32fast::hash(head) != u32::from_le_bytes(*checksum) {
            return Err(Damage::Checksum);
        }
        let head: Head = postcard::from_bytes(head).map_err(|_| Damage::Content)?;
        let is_sound = head.renditions.iter().all(|rendition| {
            rendition.timescale > 0
                && !rendition.segments.is_empty()
                && rendition
                    .segments
                    .iter()
                    .all(|segment| usize::from(segment.description) < rendition.descriptions.len())
        });
        if !is_sound || head.renditions.is_empty() {
            return Err(Damage::Content);
        }
        let entries = u64::try_from(len).map_err(|_| Damage::Content)?;
        Ok(Self { head, entries })
    }

    /// Bytes of an index up to its entries, from its first 16 bytes or more.
    ///
    /// # Errors
    ///
    /// [`Damage`] where these aren't the first bytes of an index of this version.
    pub fn head_len(bytes: &[u8]) -> Result<u64, Damage> {
        let preamble: &[u8; PREAMBLE_LEN] = bytes.first_chunk().ok_or(Damage::Short)?;
        let [m0, m1, m2, m3, v0, v1, _, _, l0, l1, l2, l3, ..] = *preamble;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(Damage::Magic);
        }
        let version = u16::from_le_bytes([v0, v1]);
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        let len = u32::from_le_bytes([l0, l1, l2, l3]);
        if usize::try_from(len).map_or(true, |len| len > MAX_INDEX_HEAD_BYTES) {
            return Err(Damage::Content);
        }
        Ok(u64::from(len) + PREAMBLE_LEN as u64)
    }

    /// Bytes of the source that was indexed. Another length is another source.
    pub fn source_len(&self) -> u64 {
        self.head.source_len
    }

    /// Everything that a player may ask for, the segments last.
    pub fn resources(&self) -> impl Iterator<Item = Resource> {
        let number = |position: usize| u8::try_from(position).unwrap_or(u8::MAX);
        let of_renditions =
            self.head
                .renditions
                .iter()
                .enumerate()
                .flat_map(move |(position, rendition)| {
                    let rendition_number = number(position);
                    let inits =
                        (0..rendition.descriptions.len()).map(move |description| Resource::Init {
                            rendition: rendition_number,
                            description: number(description),
                        });
                    let segments = (0_u32..).zip(&rendition.segments).map(move |(number, _)| {
                        Resource::Segment {
                            rendition: rendition_number,
                            number,
                        }
                    });
                    let media = Resource::Media {
                        rendition: rendition_number,
                    };
                    std::iter::once(media).chain(inits).chain(segments)
                });
        std::iter::once(Resource::Multivariant).chain(of_renditions)
    }

    /// The multivariant playlist.
    pub fn multivariant_playlist(&self) -> String {
        playlist::multivariant(&self.head.renditions)
    }

    /// The media playlist of a rendition.
    ///
    /// # Errors
    ///
    /// [`Damage::Unknown`] where there is no such rendition.
    pub fn media_playlist(&self, rendition: u8) -> Result<String, Damage> {
        Ok(playlist::media(rendition, self.rendition(rendition)?))
    }

    /// An init segment of a rendition.
    ///
    /// # Errors
    ///
    /// [`Damage::Unknown`] where there is no such rendition or description.
    pub fn init_segment(&self, rendition: u8, description: u8) -> Result<Vec<u8>, Damage> {
        let rendition = self.rendition(rendition)?;
        let description = rendition
            .descriptions
            .get(usize::from(description))
            .ok_or(Damage::Unknown)?;
        fragment::init(rendition, &description.entry, description.size)
    }

    /// Where a segment's entry lies in the index.
    ///
    /// # Errors
    ///
    /// [`Damage::Unknown`] where there is no such segment.
    pub fn entry_range(&self, rendition: u8, number: u32) -> Result<Range<u64>, Damage> {
        let before = self.head.renditions.iter().take(rendition.into());
        let segments = &self.rendition(rendition)?.segments;
        let number = usize::try_from(number).map_err(|_| Damage::Unknown)?;
        let segment = segments.get(number).ok_or(Damage::Unknown)?;
        let start = before
            .flat_map(|rendition| &rendition.segments)
            .chain(segments.iter().take(number))
            .fold(self.entries, |start, segment| {
                start + u64::from(segment.entry_bytes)
            });
        Ok(start..start + u64::from(segment.entry_bytes))
    }

    /// Reads a segment's entry, the bytes of [`Self::entry_range`].
    ///
    /// # Errors
    ///
    /// [`Damage`] where these aren't the bytes of that entry.
    pub fn segment(&self, rendition: u8, number: u32, entry: &[u8]) -> Result<Segment, Damage> {
        let entry = Entry::read(entry)?;
        if (entry.rendition, entry.number) != (rendition, number) {
            return Err(Damage::Content);
        }
        let silence = match &self.rendition(rendition)?.kind {
            RenditionKind::Sound { silence, .. } => silence.clone(),
            RenditionKind::Picture { .. } => Vec::new(),
        };
        Segment::new(entry, silence)
    }

    fn rendition(&self, number: u8) -> Result<&Rendition, Damage> {
        self.head
            .renditions
            .get(usize::from(number))
            .ok_or(Damage::Unknown)
    }

    /// Peak bit rate of the multivariant playlist's variant, bits per second: what a page compares with its own limit.
    pub fn peak_bit_rate(&self) -> u64 {
        playlist::variant_bandwidth(&self.head.renditions).0
    }

    /// Length of the longest rendition, in seconds.
    pub fn duration_seconds(&self) -> f64 {
        self.head
            .renditions
            .iter()
            .map(|rendition| playlist::seconds(rendition.duration(), rendition.timescale))
            .fold(0.0, f64::max)
    }
}

impl Rendition {
    /// Length in units of the time scale.
    pub(crate) fn duration(&self) -> u64 {
        self.segments
            .iter()
            .fold(0, |sum, segment| sum.saturating_add(segment.duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_and_versions_are_refused() {
        assert_eq!(Index::read(b"PODX"), Err(Damage::Short));
        assert_eq!(Index::read(&[0; 20]), Err(Damage::Magic));
        let mut bytes = write(5, Vec::new(), &[]).unwrap();
        assert_eq!(Index::read(&bytes), Err(Damage::Content), "nothing to play");
        bytes[16] ^= 1;
        assert_eq!(Index::read(&bytes), Err(Damage::Checksum));
        bytes[4] = 9;
        assert_eq!(Index::read(&bytes), Err(Damage::Version(9)));
    }

    #[test]
    fn a_head_of_gigabytes_is_refused() {
        let mut bytes = write(5, Vec::new(), &[]).unwrap();
        bytes[11] = 0xff;
        assert_eq!(Index::read(&bytes), Err(Damage::Content));
    }
}
