//! Finds a source's header, wherever it lies, by asking for ranges of bytes.
//!
//! The reader does no I/O: [`Reader::step`] says which bytes it wants, the caller reads them from S3, a file or a buffer and
//! hands them to [`Reader::provide`]. A progressive file takes one read with `moov` at the front, two or three with `moov` at
//! the end; a fragmented one takes one a fragment, since each tells of its own samples only.

use std::ops::Range;

use crate::Refusal;
use crate::boxes::Header;
use crate::limits::{MAX_MOOF_BYTES, MAX_MOOV_BYTES, MAX_READS, MAX_TOP_LEVEL_BOXES};
use crate::movie_fragments::MovieFragments;

/// Bytes of the first read, and of each that looks for a box: `moof` boxes and small `moov` boxes come with their headers.
const LOOK_BYTES: u64 = 64 * 1024;

/// What is left of a file behind its media is read at once up to this size: it is `moov`, nearly always.
const TAIL_BYTES: u64 = 16 * 1024 * 1024;

/// What a [`Reader`] wants next.
#[derive(Debug)]
pub enum Step {
    /// Read these bytes of the source, and hand them to [`Reader::provide`].
    Read(Range<u64>),
    /// The header is complete.
    Done(Source),
}

/// The header of a source: what its tables say, not its media.
#[derive(Debug)]
pub struct Source {
    pub(crate) len: u64,
    pub(crate) moov: Vec<u8>,
    pub(crate) fragments: Option<MovieFragments>,
}

/// Finds the header of a source.
#[derive(Debug)]
pub struct Reader {
    len: u64,
    /// Where the next box of the top level starts.
    position: u64,
    /// The last read, and its bytes.
    wanted: Range<u64>,
    window: Vec<u8>,
    moov: Option<Vec<u8>>,
    fragments: Option<MovieFragments>,
    boxes: u32,
    reads: u32,
    /// Whether `mdat` was passed: what follows is then read at once.
    passed_media: bool,
}

impl Reader {
    /// A reader for a source of `len` bytes.
    pub fn new(len: u64) -> Self {
        Self {
            len,
            position: 0,
            wanted: 0..0,
            window: Vec::new(),
            moov: None,
            fragments: None,
            boxes: 0,
            reads: 0,
            passed_media: false,
        }
    }

    /// What to do next.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] where the file has no header that can be used, or one beyond [`limits`](crate::limits).
    pub fn step(&mut self) -> Result<Step, Refusal> {
        while let Some(rest) = self.rest() {
            let Some(header) = Header::read(known_from(&self.window, &self.wanted, self.position))?
            else {
                if rest < Header::MAX_LEN {
                    break; // Padding, or a cut.
                }
                return self.ask(LOOK_BYTES);
            };
            if !header
                .kind
                .iter()
                .all(|byte| matches!(byte, b' '..=b'~' | 0xa9))
            {
                break; // No box, so nothing behind it can be found either.
            }
            if self.boxes == 0 && !starts_a_file(&header) {
                return Err(Refusal::NotMp4);
            }
            self.boxes += 1;
            if self.boxes > MAX_TOP_LEVEL_BOXES {
                return Err(Refusal::TooLarge("too many boxes"));
            }
            let box_len = header.len.unwrap_or(rest);
            let limit = match &header.kind {
                b"moov" if self.moov.is_none() => Some(MAX_MOOV_BYTES),
                b"moof" if self.fragments.is_some() => Some(MAX_MOOF_BYTES),
                _ => None,
            };
            if let Some(limit) = limit {
                if box_len > limit {
                    return Err(Refusal::TooLarge("an index has too many bytes"));
                }
                if box_len > rest {
                    break; // A recording that was cut off; what came before can be used.
                }
                let known = known_from(&self.window, &self.wanted, self.position);
                let Some(whole) = known.get(..to_usize(box_len)) else {
                    self.boxes -= 1;
                    return self.ask(box_len.max(LOOK_BYTES));
                };
                let body = whole.get(to_usize(header.head_len)..).unwrap_or(&[]);
                if let (b"moof", Some(mut fragments)) = (&header.kind, self.fragments.take()) {
                    let is_whole = fragments.add(self.position, body, self.len)?;
                    self.fragments = Some(fragments);
                    if !is_whole {
                        break;
                    }
                } else {
                    let moov = body.to_vec();
                    self.fragments = MovieFragments::announced(&moov);
                    self.moov = Some(moov);
                    if self.fragments.is_none() {
                        break;
                    }
                }
            }
            self.passed_media |= &header.kind == b"mdat";
            self.position = self.position.saturating_add(box_len);
        }
        match self.moov.take() {
            Some(moov) => Ok(Step::Done(Source {
                len: self.len,
                moov,
                fragments: self.fragments.take(),
            })),
            None if self.boxes == 0 => Err(Refusal::NotMp4),
            None => Err(Refusal::NoMovie),
        }
    }

    /// Takes the bytes that [`Step::Read`] asked for, all of them.
    ///
    /// # Errors
    ///
    /// [`Refusal::CutOff`] where they are fewer or more than it asked for: the source isn't as long as [`Reader::new`] was told.
    pub fn provide(&mut self, bytes: Vec<u8>) -> Result<(), Refusal> {
        if bytes.len() != to_usize(self.wanted.end - self.wanted.start) {
            return Err(Refusal::CutOff);
        }
        self.window = bytes;
        Ok(())
    }

    /// Bytes from the position to the end of the file, unless there are none.
    fn rest(&self) -> Option<u64> {
        self.len.checked_sub(self.position).filter(|rest| *rest > 0)
    }

    fn ask(&mut self, bytes: u64) -> Result<Step, Refusal> {
        self.reads += 1;
        if self.reads > MAX_READS {
            return Err(Refusal::TooLarge("too many fragments"));
        }
        let rest = self.len.saturating_sub(self.position);
        let is_tail = self.passed_media && self.moov.is_none() && rest <= TAIL_BYTES;
        let bytes = if is_tail { rest } else { bytes.min(rest) };
        self.wanted = self.position..self.position.saturating_add(bytes);
        self.window = Vec::new();
        Ok(Step::Read(self.wanted.clone()))
    }
}

/// What is known of the file from a position on.
fn known_from<'w>(window: &'w [u8], wanted: &Range<u64>, position: u64) -> &'w [u8] {
    position
        .checked_sub(wanted.start)
        .and_then(|start| window.get(usize::try_from(start).ok()?..))
        .unwrap_or(&[])
}

/// Whether a file may start with this box.
fn starts_a_file(header: &Header) -> bool {
    matches!(
        &header.kind,
        b"ftyp"
            | b"moov"
            | b"mdat"
            | b"free"
            | b"skip"
            | b"wide"
            | b"pnot"
            | b"styp"
            | b"uuid"
            | b"pdin"
    )
}

/// A length that memory can hold; what it can't is refused by its limit before.
fn to_usize(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small_box(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(8 + body.len()).unwrap();
        [&len.to_be_bytes(), &kind[..], body].concat()
    }

    /// Reads a file and counts its reads and their bytes.
    fn read(file: &[u8]) -> Result<(Source, Vec<Range<u64>>), Refusal> {
        let mut reader = Reader::new(file.len() as u64);
        let mut reads = Vec::new();
        loop {
            match reader.step()? {
                Step::Read(range) => {
                    let bytes = &file[to_usize(range.start)..to_usize(range.end)];
                    reader.provide(bytes.to_vec())?;
                    reads.push(range);
                }
                Step::Done(source) => return Ok((source, reads)),
            }
        }
    }

    #[test]
    fn a_header_at_the_front_takes_one_read() {
        let file = [
            small_box(*b"ftyp", b"isom"),
            small_box(*b"moov", b"tables"),
            small_box(*b"mdat", &vec![0; 200_000]),
        ]
        .concat();
        let (source, reads) = read(&file).unwrap();
        assert_eq!(source.moov, b"tables");
        assert_eq!(reads, vec![0..LOOK_BYTES; 1]);
    }

    #[test]
    fn a_large_header_behind_the_media_takes_two_reads() {
        let file = [
            small_box(*b"ftyp", b"qt  "),
            small_box(*b"mdat", &vec![0; 200_000]),
            small_box(*b"moov", &vec![7; 300_000]),
        ]
        .concat();
        let (source, reads) = read(&file).unwrap();
        assert_eq!(source.moov.len(), 300_000);
        assert_eq!(reads, [0..LOOK_BYTES, 200_020..500_028]);
    }

    #[test]
    fn a_file_without_a_header_is_refused() {
        let file = [small_box(*b"ftyp", b"isom"), small_box(*b"mdat", &[0; 99])].concat();
        assert_eq!(read(&file).unwrap_err(), Refusal::NoMovie);
        assert_eq!(read(b"RIFF....AVI ....").unwrap_err(), Refusal::NotMp4);
        assert_eq!(read(b"").unwrap_err(), Refusal::NotMp4);
    }

    #[test]
    fn a_header_of_gigabytes_is_refused_unread() {
        let mut reader = Reader::new(5_000_000_000);
        assert!(matches!(reader.step(), Ok(Step::Read(_))));
        let mut bytes = b"\xf0\0\0\0moov".to_vec();
        bytes.resize(to_usize(LOOK_BYTES), 0);
        reader.provide(bytes).unwrap();
        assert!(matches!(reader.step(), Err(Refusal::TooLarge(_))));
    }

    #[test]
    fn bytes_that_were_not_asked_for_are_refused() {
        let mut reader = Reader::new(100);
        assert!(matches!(reader.step(), Ok(Step::Read(_))));
        assert_eq!(reader.provide(vec![0; 99]), Err(Refusal::CutOff));
    }
}
