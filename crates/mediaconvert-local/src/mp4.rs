//! Fragmented MP4 of one track: reading what ffmpeg writes, writing what CMAF wants.
//!
//! ISO/IEC 14496-12 names the boxes, ISO/IEC 23000-19 (CMAF) what of them segments need.

pub(crate) mod codec;
mod protection;

use std::io::{self, Read};

use crate::encryption::EncryptionError;
use crate::encryption::samples::Secret;

/// Why a file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Mp4Error {
    /// The file can't be read.
    #[error("read the fragmented file")]
    Io(#[from] io::Error),
    /// Its samples can't be encrypted.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    /// A box is missing or too short.
    #[error("the fragmented file has no usable '{0}' box")]
    Box(&'static str),
}

/// A track's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// `ftyp` and `moov`, as they are.
    pub bytes: Vec<u8>,
    /// Ticks per second.
    pub timescale: u32,
    /// By RFC 6381, such as `avc1.4d401f` or `mp4a.40.2`.
    pub codec: String,
}

impl Init {
    /// The same with an edit list: the track is shown from `start`, in ticks of its media, on.
    ///
    /// # Errors
    ///
    /// When the header has no track, or is too large.
    pub fn starting_at(&self, start: u32) -> Result<Self, Mp4Error> {
        let mut bytes = Vec::new();
        let mut rest = self.bytes.as_slice();
        while let Some((kind, body)) = read_box(&mut rest)? {
            match &kind {
                b"moov" => put_box(&mut bytes, kind, &edited(&body, start)?),
                _ => put_box(&mut bytes, kind, &body),
            }
        }
        Ok(Self {
            bytes,
            ..self.clone()
        })
    }
}

/// A `moov` with an edit list in its track, right after the track's header as is usual.
fn edited(moov: &[u8], start: u32) -> Result<Vec<u8>, Mp4Error> {
    // One entry, that lasts to the end, at normal speed.
    let mut elst = vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    elst.extend(start.to_be_bytes());
    elst.extend([0, 1, 0, 0]);
    let mut edts = Vec::new();
    put_box(&mut edts, *b"elst", &elst);
    let mut out = Vec::new();
    let mut rest = moov;
    while let Some((kind, body)) = read_box(&mut rest)? {
        if &kind != b"trak" {
            put_box(&mut out, kind, &body);
            continue;
        }
        let mut trak = Vec::new();
        let mut rest = body.as_slice();
        while let Some((kind, body)) = read_box(&mut rest)? {
            put_box(&mut trak, kind, &body);
            if &kind == b"tkhd" {
                put_box(&mut trak, *b"edts", &edts);
            }
        }
        put_box(&mut out, kind, &trak);
    }
    Ok(out)
}

/// One sample, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Ticks.
    pub duration: u32,
    /// Bytes.
    pub size: u32,
    /// A player can start here.
    pub sync: bool,
    /// From decoding to showing. Ticks.
    pub offset: i32,
}

/// Samples that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// When the first sample is decoded. Ticks.
    pub time: u64,
    /// The samples.
    pub samples: Vec<Sample>,
    /// Their bytes, one after the other.
    pub data: Vec<u8>,
}

impl Fragment {
    /// Ticks.
    pub fn duration(&self) -> u64 {
        self.samples
            .iter()
            .map(|sample| u64::from(sample.duration))
            .sum()
    }
}

/// Reads a file box by box.
pub struct Reader<R> {
    source: R,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// When the file doesn't begin with the header of one track.
    pub fn open(mut source: R) -> Result<(Self, Init), Mp4Error> {
        let mut bytes = Vec::new();
        loop {
            let Some((kind, body)) = read_box(&mut source)? else {
                return Err(Mp4Error::Box("moov"));
            };
            put_box(&mut bytes, kind, &body);
            if &kind == b"moov" {
                let (timescale, codec) = read_moov(&body)?;
                return Ok((
                    Self { source },
                    Init {
                        bytes,
                        timescale,
                        codec,
                    },
                ));
            }
        }
    }

    /// The next fragment; `None` after the last.
    ///
    /// # Errors
    ///
    /// When the file is cut off or not of the kind that ffmpeg writes.
    pub fn fragment(&mut self) -> Result<Option<Fragment>, Mp4Error> {
        let mut fragment: Option<Fragment> = None;
        while let Some((kind, body)) = read_box(&mut self.source)? {
            match (&kind, &mut fragment) {
                (b"moof", fragment) => *fragment = Some(read_moof(&body)?),
                (b"mdat", Some(_)) => {
                    let mut done = fragment.take().ok_or(Mp4Error::Box("moof"))?;
                    let sizes = done
                        .samples
                        .iter()
                        .map(|sample| u64::from(sample.size))
                        .sum::<u64>();
                    if u64::try_from(body.len()).ok() != Some(sizes) {
                        return Err(Mp4Error::Box("mdat"));
                    }
                    done.data = body;
                    return Ok(Some(done));
                }
                _ => {}
            }
        }
        Ok(None)
    }
}

/// Kind and body of a box.
type Box4 = ([u8; 4], Vec<u8>);

fn read_box(source: &mut impl Read) -> Result<Option<Box4>, Mp4Error> {
    let mut header = [0; 8];
    let mut filled = 0;
    while filled < header.len() {
        match source.read(&mut header[filled..])? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            count => filled += count,
        }
    }
    let [a, b, c, d, kind @ ..] = header;
    let size = match u32::from_be_bytes([a, b, c, d]) {
        1 => {
            let mut large = [0; 8];
            source.read_exact(&mut large)?;
            u64::from_be_bytes(large).checked_sub(16)
        }
        size => u64::from(size).checked_sub(8),
    };
    let size = size.ok_or(Mp4Error::Box("size"))?;
    let mut body = Vec::new();
    source.by_ref().take(size).read_to_end(&mut body)?;
    if u64::try_from(body.len()).ok() != Some(size) {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(Some((kind, body)))
}

/// The body of the first box of a kind among `boxes`.
fn find<'a>(mut boxes: &'a [u8], wanted: &'static str) -> Result<&'a [u8], Mp4Error> {
    while let [a, b, c, d, rest @ ..] = boxes {
        let size = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        let (Some(kind), Some(body), Some(next)) =
            (rest.get(..4), boxes.get(8..size), boxes.get(size..))
        else {
            break;
        };
        if kind == wanted.as_bytes() {
            return Ok(body);
        }
        boxes = next;
    }
    Err(Mp4Error::Box(wanted))
}

/// The 32-bit number at `at`.
fn number(body: &[u8], at: usize, of: &'static str) -> Result<u32, Mp4Error> {
    let bytes = body.get(at..).and_then(|rest| rest.first_chunk::<4>());
    bytes
        .map(|bytes| u32::from_be_bytes(*bytes))
        .ok_or(Mp4Error::Box(of))
}

fn read_moov(moov: &[u8]) -> Result<(u32, String), Mp4Error> {
    let mdia = find(find(moov, "trak")?, "mdia")?;
    let mdhd = find(mdia, "mdhd")?;
    let timescale = number(mdhd, if mdhd.first() == Some(&1) { 20 } else { 12 }, "mdhd")?;
    let stsd = find(find(find(mdia, "minf")?, "stbl")?, "stsd")?;
    let entries = stsd.get(8..).ok_or(Mp4Error::Box("stsd"))?;
    let codec = codec::string(entries)?;
    Ok((timescale, codec))
}

fn read_moof(moof: &[u8]) -> Result<Fragment, Mp4Error> {
    let traf = find(moof, "traf")?;
    let tfhd = find(traf, "tfhd")?;
    let flags = number(tfhd, 0, "tfhd")? & 0x00ff_ffff;
    let mut at = 8;
    let mut optional = |flag: u32, size: usize| -> Result<Option<u32>, Mp4Error> {
        if flags & flag == 0 {
            return Ok(None);
        }
        at += size;
        Ok(Some(number(tfhd, at - 4, "tfhd")?))
    };
    optional(0x1, 8)?;
    optional(0x2, 4)?;
    let default_duration = optional(0x8, 4)?.unwrap_or_default();
    let default_size = optional(0x10, 4)?.unwrap_or_default();
    let default_flags = optional(0x20, 4)?.unwrap_or_default();
    let tfdt = find(traf, "tfdt")?;
    let time = if tfdt.first() == Some(&1) {
        (u64::from(number(tfdt, 4, "tfdt")?) << 32) | u64::from(number(tfdt, 8, "tfdt")?)
    } else {
        u64::from(number(tfdt, 4, "tfdt")?)
    };
    let trun = find(traf, "trun")?;
    let flags = number(trun, 0, "trun")? & 0x00ff_ffff;
    let count = number(trun, 4, "trun")?;
    let mut at = 8;
    let mut take = |flag: u32| -> Result<Option<u32>, Mp4Error> {
        if flags & flag == 0 {
            return Ok(None);
        }
        at += 4;
        Ok(Some(number(trun, at - 4, "trun")?))
    };
    take(0x1)?;
    let first_flags = take(0x4)?;
    let mut samples = Vec::new();
    for index in 0..count {
        let duration = take(0x100)?.unwrap_or(default_duration);
        let size = take(0x200)?.unwrap_or(default_size);
        let own = take(0x400)?;
        let first = first_flags.filter(|_| index == 0);
        let flags = own.or(first).unwrap_or(default_flags);
        let offset = take(0x800)?.unwrap_or_default().cast_signed();
        samples.push(Sample {
            duration,
            size,
            sync: flags & 0x1_0000 == 0,
            offset,
        });
    }
    Ok(Fragment {
        time,
        samples,
        data: Vec::new(),
    })
}

/// Writes the box that begins each segment file.
pub fn put_styp(out: &mut Vec<u8>) {
    put_box(out, *b"styp", b"msdh\0\0\0\0msdhmsixcmfc");
}

/// Writes a fragment; `sequence` counts the fragments of a track from 1, and `secrets` tell how its
/// samples are encrypted.
pub fn put_fragment(out: &mut Vec<u8>, fragment: &Fragment, sequence: u32, secrets: &[Secret]) {
    const SYNC: u32 = 0x0200_0000;
    const NOT_SYNC: u32 = 0x0101_0000;
    let mut mfhd = vec![0; 4];
    mfhd.extend(sequence.to_be_bytes());
    // default-base-is-moof; all else is told sample by sample.
    let mut tfhd = 0x0002_0000u32.to_be_bytes().to_vec();
    tfhd.extend(1u32.to_be_bytes());
    let mut tfdt = 0x0100_0000u32.to_be_bytes().to_vec();
    tfdt.extend(fragment.time.to_be_bytes());
    let count = u32::try_from(fragment.samples.len()).unwrap_or(u32::MAX);
    let trun_size = 8 + 12 + 16 * fragment.samples.len();
    let before_secrets = 8 + (8 + mfhd.len()) + 8 + (8 + tfhd.len()) + (8 + tfdt.len()) + trun_size;
    let secrets = protection::secrets(secrets, before_secrets);
    let moof_size = before_secrets + secrets.len();
    // Version 1: offsets are signed.
    let mut trun = 0x0100_0f01u32.to_be_bytes().to_vec();
    trun.extend(count.to_be_bytes());
    trun.extend(
        u32::try_from(moof_size + 8)
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    for sample in &fragment.samples {
        trun.extend(sample.duration.to_be_bytes());
        trun.extend(sample.size.to_be_bytes());
        trun.extend(if sample.sync { SYNC } else { NOT_SYNC }.to_be_bytes());
        trun.extend(sample.offset.to_be_bytes());
    }
    let mut traf = Vec::new();
    put_box(&mut traf, *b"tfhd", &tfhd);
    put_box(&mut traf, *b"tfdt", &tfdt);
    put_box(&mut traf, *b"trun", &trun);
    traf.extend(secrets);
    let mut moof = Vec::with_capacity(moof_size);
    put_box(&mut moof, *b"mfhd", &mfhd);
    put_box(&mut moof, *b"traf", &traf);
    put_box(out, *b"moof", &moof);
    put_box(out, *b"mdat", &fragment.data);
}

/// Writes the index of segments that follow it (ISO/IEC 14496-12, 8.16.3): size and duration of
/// each, of which each begins with a key frame.
pub fn put_sidx(out: &mut Vec<u8>, timescale: u32, segments: &[(u64, u64)]) {
    let mut body = vec![0; 4];
    body.extend(1u32.to_be_bytes());
    body.extend(timescale.to_be_bytes());
    // Earliest time and first offset.
    body.extend([0; 8]);
    body.extend([0; 2]);
    body.extend(
        u16::try_from(segments.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes(),
    );
    for (size, duration) in segments {
        body.extend(u32::try_from(*size).unwrap_or(u32::MAX).to_be_bytes());
        body.extend(u32::try_from(*duration).unwrap_or(u32::MAX).to_be_bytes());
        body.extend(0x9000_0000u32.to_be_bytes());
    }
    put_box(out, *b"sidx", &body);
}

pub(crate) fn put_box(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    // A fragment of 4 GiB would need an 8-byte size; a segment of seconds never comes near.
    let size = u32::try_from(body.len() + 8).unwrap_or(u32::MAX);
    out.extend(size.to_be_bytes());
    out.extend(kind);
    out.extend(body);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Sample> {
        (1u32..10_000, 0u32..200, any::<bool>(), -5000i32..5000).prop_map(
            |(duration, size, sync, offset)| Sample {
                duration,
                size,
                sync,
                offset,
            },
        )
    }

    proptest! {
        #[test]
        fn a_written_fragment_reads_back(
            time in any::<u64>(), samples in prop::collection::vec(sample(), 1..50), sequence in 1u32..9
        ) {
            let size: u32 = samples.iter().map(|sample| sample.size).sum();
            let data: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let fragment = Fragment { time, samples, data };
            let mut bytes = Vec::new();
            put_styp(&mut bytes);
            put_fragment(&mut bytes, &fragment, sequence, &[]);
            let mut reader = Reader { source: bytes.as_slice() };
            prop_assert_eq!(reader.fragment().unwrap(), Some(fragment));
            prop_assert_eq!(reader.fragment().unwrap(), None);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Reader::open(bytes.as_slice());
            let _ = Reader { source: bytes.as_slice() }.fragment();
            let _ = read_moov(&bytes);
            let _ = read_moof(&bytes);
            let _ = codec::string(&bytes);
        }
    }
}
