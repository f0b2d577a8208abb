//! Boxes of the ISO base media file format, as they are read: headers, children, and numbers of a body.
//!
//! Nothing here copies or recurses: a [`Cursor`] borrows, and who wants what lies deeper asks for it by name, so the depth of a
//! file can't become the depth of the stack.

use crate::Refusal;
use crate::limits::MAX_CHILD_BOXES;

/// Four letters that name a box, a brand or a codec.
pub(crate) type FourCc = [u8; 4];

/// A box's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: FourCc,
    /// Bytes of the header itself: 8, or 16 with a 64-bit size.
    pub(crate) head_len: u64,
    /// Bytes of header and body; `None` where the box goes to the end of what holds it.
    pub(crate) len: Option<u64>,
}

impl Header {
    /// Bytes that hold any header.
    pub(crate) const MAX_LEN: u64 = 16;

    /// Reads a header; `None` where `bytes` end before it does.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, Refusal> {
        let mut cursor = Cursor(bytes);
        let (Some(size), Some(kind)) = (cursor.u32(), cursor.four_cc()) else {
            return Ok(None);
        };
        let (head_len, len) = match size {
            0 => (8, None),
            1 => match cursor.u64() {
                Some(size) => (16, Some(size)),
                None => return Ok(None),
            },
            size => (8, Some(u64::from(size))),
        };
        if len.is_some_and(|len| len < head_len) {
            return Err(Refusal::Damaged("a box is smaller than its own header"));
        }
        Ok(Some(Self {
            kind,
            head_len,
            len,
        }))
    }
}

/// Bytes that are read from their start. What isn't there reads as `None`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn skip(&mut self, len: usize) -> Option<()> {
        self.take(len).map(drop)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn four_cc(&mut self) -> Option<FourCc> {
        self.array()
    }

    /// A number of 64 bits in version 1 of a box, of 32 in version 0.
    pub(crate) fn u32_or_u64(&mut self, version: u8) -> Option<u64> {
        if version == 1 {
            self.u64()
        } else {
            self.u32().map(u64::from)
        }
    }

    /// Version and flags of a full box.
    pub(crate) fn version_and_flags(&mut self) -> Option<(u8, u32)> {
        let word = self.u32()?;
        let [version, ..] = word.to_be_bytes();
        Some((version, word & 0x00ff_ffff))
    }
}

/// The boxes in a body: kind, body. Ends at what is no box, as readers of `QuickTime` files do: four bytes of nothing close some
/// lists there.
pub(crate) fn children(body: &[u8]) -> impl Iterator<Item = (FourCc, &[u8])> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let header = Header::read(rest).ok()??;
        let len = match header.len {
            Some(len) => usize::try_from(len).ok()?,
            None => rest.len(),
        };
        let (whole, after) = rest.split_at_checked(len)?;
        rest = after;
        let body = whole.get(usize::try_from(header.head_len).ok()?..)?;
        Some((header.kind, body))
    })
    .take(MAX_CHILD_BOXES)
}

/// The first box of a kind in a body.
pub(crate) fn child(body: &[u8], kind: FourCc) -> Option<&[u8]> {
    children(body).find_map(|(found, body)| (found == kind).then_some(body))
}

/// Letters for a person: what can't be printed becomes a dot.
pub(crate) fn printable(kind: FourCc) -> String {
    let letter = |byte: u8| {
        if byte.is_ascii_graphic() || byte == b' ' {
            char::from(byte)
        } else {
            '.'
        }
    };
    kind.map(letter)
        .iter()
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_have_64_bits_or_go_to_the_end() {
        let large = b"\0\0\0\x01mdat\0\0\0\x01\0\0\0\0";
        let header = Header::read(large).unwrap().unwrap();
        assert_eq!((header.head_len, header.len), (16, Some(1 << 32)));
        let open = Header::read(b"\0\0\0\0mdat").unwrap().unwrap();
        assert_eq!((open.head_len, open.len), (8, None));
        assert_eq!(Header::read(b"\0\0\0\x01mdat\0\0"), Ok(None));
    }

    #[test]
    fn a_box_smaller_than_its_header_is_refused() {
        assert!(Header::read(b"\0\0\0\x07moov").is_err());
        assert!(Header::read(b"\0\0\0\x01moov\0\0\0\0\0\0\0\x0f").is_err());
    }

    #[test]
    fn children_end_at_a_quicktime_terminator() {
        let body = b"\0\0\0\x09abcd!\0\0\0\0";
        assert_eq!(
            children(body).collect::<Vec<_>>(),
            [(*b"abcd", b"!".as_slice())]
        );
    }
}
