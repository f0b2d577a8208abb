//! The rotation that a MOV or MP4 file asks for, read from its header by a few range requests.
//!
//! [`find`] is pure: given the parts of the file that have been read, it answers the rotation or the offset
//! at which it needs to read on.

use std::collections::BTreeMap;

/// A turn for viewing, clockwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Rotation {
    /// Upright.
    #[default]
    None,
    /// A quarter to the right.
    Clockwise90,
    /// Upside down.
    Clockwise180,
    /// A quarter to the left.
    Clockwise270,
}

impl Rotation {
    /// The quarter turn within one degree of `degrees`, as MediaConvert's automatic rotation takes it.
    /// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/auto-rotation.html>.
    pub fn from_degrees(degrees: i32) -> Option<Self> {
        match degrees.rem_euclid(360) {
            0 | 1 | 359 => Some(Self::None),
            89..=91 => Some(Self::Clockwise90),
            179..=181 => Some(Self::Clockwise180),
            269..=271 => Some(Self::Clockwise270),
            _ => None,
        }
    }

    /// True where width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Self::Clockwise90 | Self::Clockwise270)
    }
}

/// The parts of a file that have been read so far.
#[derive(Debug, Default)]
pub struct KnownParts {
    by_offset: BTreeMap<u64, Vec<u8>>,
}

impl KnownParts {
    /// Adds what was read at `offset`, in bytes from the start of the file.
    pub fn add(&mut self, offset: u64, bytes: Vec<u8>) {
        self.by_offset.insert(offset, bytes);
    }

    fn get<const N: usize>(&self, at: u64) -> Result<[u8; N], ReadAt> {
        let read_at = ReadAt(at);
        let (start, bytes) = self.by_offset.range(..=at).next_back().ok_or(read_at)?;
        let skip = usize::try_from(at - start).map_err(|_| read_at)?;
        bytes
            .get(skip..)
            .and_then(|rest| rest.first_chunk::<N>())
            .copied()
            .ok_or(read_at)
    }
}

/// [`find`] can't go on before the bytes from this offset are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReadAt(pub u64);

/// The rotation of the first video track of a file of `size` bytes. `Ok(None)` where the file has no such
/// header: another container, or a damaged one.
///
/// # Errors
///
/// [`ReadAt`], where more of the file is needed: at least 64 bytes from that offset, fewer only at the end
/// of the file. Only box headers are read, so a long file takes few requests, wherever its index lies.
pub fn find(parts: &KnownParts, size: u64) -> Result<Option<Rotation>, ReadAt> {
    let mut file = Boxes {
        parts,
        at: 0,
        end: size,
    };
    // A media file starts with `ftyp`; old QuickTime with `moov`, `mdat`, `wide`, `free` or `skip`.
    let known = [
        *b"ftyp", *b"moov", *b"mdat", *b"wide", *b"free", *b"skip", *b"pnot",
    ];
    let mut first = true;
    while let Some(found) = file.next()? {
        if first && !known.contains(&found.kind) {
            return Ok(None);
        }
        first = false;
        if found.kind == *b"moov" {
            return in_movie(parts, found);
        }
    }
    Ok(None)
}

fn in_movie(parts: &KnownParts, movie: Box) -> Result<Option<Rotation>, ReadAt> {
    let mut boxes = Boxes::inside(parts, movie);
    while let Some(found) = boxes.next()? {
        if found.kind == *b"trak" && is_video(parts, found)? {
            return rotation_of(parts, found);
        }
    }
    Ok(None)
}

fn is_video(parts: &KnownParts, track: Box) -> Result<bool, ReadAt> {
    let Some(media) = Boxes::inside(parts, track).first(*b"mdia")? else {
        return Ok(false);
    };
    let Some(handler) = Boxes::inside(parts, media).first(*b"hdlr")? else {
        return Ok(false);
    };
    // version and flags, pre_defined, then the handler's type (ISO/IEC 14496-12, 8.4.3).
    if handler.end - handler.start < 12 {
        return Ok(false);
    }
    Ok(parts.get::<4>(handler.start + 8)? == *b"vide")
}

fn rotation_of(parts: &KnownParts, track: Box) -> Result<Option<Rotation>, ReadAt> {
    let Some(header) = Boxes::inside(parts, track).first(*b"tkhd")? else {
        return Ok(None);
    };
    // Behind the end of the file, there is nothing to ask for.
    if header.start == header.end {
        return Ok(None);
    }
    let Some(before_matrix) = (match parts.get::<1>(header.start)? {
        [0] => Some(40),
        [1] => Some(52), // creation, modification and duration take 8 bytes each
        _ => None,
    }) else {
        return Ok(None);
    };
    if header.end - header.start < before_matrix + 36 {
        return Ok(None);
    }
    let matrix = parts.get::<20>(header.start + before_matrix)?;
    Ok(from_matrix(&matrix))
}

/// Reads the display matrix {a b u c d …} (ISO/IEC 14496-12, 8.3.2): 16.16 numbers, of which a, b, c and d
/// turn the picture. Scaled and mirrored matrices are not rotations.
fn from_matrix(matrix: &[u8; 20]) -> Option<Rotation> {
    let number = |index: usize| -> Option<i32> {
        Some(i32::from_be_bytes(*matrix.get(index * 4..)?.first_chunk()?))
    };
    match (number(0)?, number(1)?, number(3)?, number(4)?) {
        (ONE, 0, 0, ONE) => Some(Rotation::None),
        (0, ONE, b, 0) if b == -ONE => Some(Rotation::Clockwise90),
        (a, 0, 0, d) if a == -ONE && d == -ONE => Some(Rotation::Clockwise180),
        (0, b, ONE, 0) if b == -ONE => Some(Rotation::Clockwise270),
        _ => None,
    }
}

/// 1 as a 16.16 number.
const ONE: i32 = 1 << 16;

/// A box's content: from `start` to before `end`, in bytes from the start of the file.
#[derive(Clone, Copy)]
struct Box {
    kind: [u8; 4],
    start: u64,
    end: u64,
}

struct Boxes<'a> {
    parts: &'a KnownParts,
    at: u64,
    end: u64,
}

impl<'a> Boxes<'a> {
    fn inside(parts: &'a KnownParts, parent: Box) -> Self {
        Self {
            parts,
            at: parent.start,
            end: parent.end,
        }
    }

    fn first(mut self, kind: [u8; 4]) -> Result<Option<Box>, ReadAt> {
        while let Some(found) = self.next()? {
            if found.kind == kind {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The next box, `None` at the end or where what follows isn't one.
    fn next(&mut self) -> Result<Option<Box>, ReadAt> {
        let left = self.end.saturating_sub(self.at);
        if left < 8 {
            return Ok(None);
        }
        let [a, b, c, d, kind @ ..] = self.parts.get::<8>(self.at)?;
        let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, left), // to the end of the file
            1 if left < 16 => return Ok(None),
            1 => (16, u64::from_be_bytes(self.parts.get::<8>(self.at + 8)?)),
            size => (8, u64::from(size)),
        };
        if size < header || size > left {
            return Ok(None);
        }
        let found = Box {
            kind,
            start: self.at + header,
            end: self.at + size,
        };
        self.at = found.end;
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::{KnownParts, ONE, ReadAt, Rotation, find};
    use proptest::prelude::*;

    fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).unwrap();
        [size.to_be_bytes().as_slice(), &kind, content].concat()
    }

    fn track_header(version: u8, matrix: [i32; 4]) -> Vec<u8> {
        let [a, b, c, d] = matrix;
        let mut content = vec![0; if version == 0 { 40 } else { 52 }];
        content[0] = version;
        for number in [a, b, 0, c, d, 0, 0, 0, 1 << 30, 0, 0] {
            content.extend(number.to_be_bytes());
        }
        boxed(*b"tkhd", &content)
    }

    fn track(handler: [u8; 4], header: &[u8]) -> Vec<u8> {
        let handler = boxed(*b"hdlr", &[[0; 8].as_slice(), &handler, &[0; 12]].concat());
        let media = boxed(*b"mdia", &[boxed(*b"mdhd", &[0; 24]), handler].concat());
        boxed(*b"trak", &[header, &media].concat())
    }

    fn movie(version: u8, matrix: [i32; 4]) -> Vec<u8> {
        let sound = track(*b"soun", &track_header(0, [ONE, 0, 0, ONE]));
        let picture = track(*b"vide", &track_header(version, matrix));
        boxed(
            *b"moov",
            &[boxed(*b"mvhd", &[0; 100]), sound, picture].concat(),
        )
    }

    /// A file with its index behind the pictures, as phones write it.
    fn phone_clip(matrix: [i32; 4]) -> Vec<u8> {
        [
            boxed(*b"ftyp", b"qt  "),
            boxed(*b"mdat", &vec![7; 200_000]),
            movie(0, matrix),
        ]
        .concat()
    }

    /// Reads `window` bytes at each request; answers the rotation and the number of requests.
    fn read(file: &[u8], window: usize) -> (Option<Rotation>, usize) {
        let mut parts = KnownParts::default();
        for requests in 0..100 {
            match find(&parts, file.len() as u64) {
                Ok(rotation) => return (rotation, requests),
                Err(ReadAt(offset)) => {
                    let start = usize::try_from(offset).unwrap();
                    let end = file.len().min(start + window);
                    parts.add(offset, file[start..end].to_vec());
                }
            }
        }
        panic!("asks for ever");
    }

    #[test]
    fn reads_each_quarter_turn() {
        for (matrix, rotation) in [
            ([ONE, 0, 0, ONE], Rotation::None),
            ([0, ONE, -ONE, 0], Rotation::Clockwise90),
            ([-ONE, 0, 0, -ONE], Rotation::Clockwise180),
            ([0, -ONE, ONE, 0], Rotation::Clockwise270),
        ] {
            assert_eq!(read(&phone_clip(matrix), 4096), (Some(rotation), 2));
            assert_eq!(read(&movie(1, matrix), 4096).0, Some(rotation));
        }
    }

    #[test]
    fn a_mirrored_picture_is_not_turned() {
        assert_eq!(read(&phone_clip([-ONE, 0, 0, ONE]), 4096).0, None);
    }

    #[test]
    fn small_windows_give_the_same_answer() {
        assert_eq!(
            read(&phone_clip([0, ONE, -ONE, 0]), 64).0,
            Some(Rotation::Clockwise90)
        );
    }

    #[test]
    fn other_files_have_no_rotation_and_take_one_request() {
        assert_eq!(read(b"", 4096), (None, 0));
        assert_eq!(
            read(b"a text file with the name of a video", 4096),
            (None, 1)
        );
        assert_eq!(
            read(&[0x1A, 0x45, 0xDF, 0xA3, 1, 0, 0, 0, 0, 0], 4096),
            (None, 1)
        );
    }

    #[test]
    fn boxes_with_long_sizes_are_skipped() {
        let mut file = boxed(*b"ftyp", b"isom");
        file.extend(
            [
                &1_u32.to_be_bytes(),
                b"mdat".as_slice(),
                &116_u64.to_be_bytes(),
                &[9; 100],
            ]
            .concat(),
        );
        file.extend(movie(0, [0, ONE, -ONE, 0]));
        assert_eq!(read(&file, 64).0, Some(Rotation::Clockwise90));
    }

    #[test]
    fn an_empty_header_at_the_end_of_the_file_tells_nothing() {
        let handler = boxed(*b"hdlr", &[[0; 8].as_slice(), b"vide", &[0; 12]].concat());
        let content = [boxed(*b"mdia", &handler), boxed(*b"tkhd", b"")].concat();
        let movie = boxed(*b"moov", &boxed(*b"trak", &content));
        let file = [boxed(*b"ftyp", b"qt  "), movie].concat();
        assert_eq!(read(&file, 4096), (None, 1));
    }

    proptest! {
        #[test]
        fn a_damaged_header_never_panics_or_loops(
            damage in proptest::collection::vec((0..700_usize, any::<u8>()), 0..30),
            cut in 0..700_usize,
        ) {
            let mut file = [boxed(*b"ftyp", b"qt  "), movie(0, [0, ONE, -ONE, 0])].concat();
            for (at, byte) in damage {
                if let Some(target) = file.get_mut(at) {
                    *target = byte;
                }
            }
            file.truncate(file.len().saturating_sub(cut));
            read(&file, 64);
        }
    }
}
