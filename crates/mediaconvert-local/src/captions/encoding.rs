//! Bytes to text: captions files come in all encodings.

/// The text of a file, and whether its encoding had to be guessed.
///
/// UTF-8 and UTF-16 with their marks, plain UTF-8, and, for anything else, Windows-1252: of the
/// single-byte encodings the most common, and one in which no byte is an error.
pub fn text(bytes: &[u8]) -> (String, bool) {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return (String::from_utf8_lossy(rest).into_owned(), false);
    }
    for (mark, read) in [
        (b"\xff\xfe", u16::from_le_bytes as fn([u8; 2]) -> u16),
        (b"\xfe\xff", u16::from_be_bytes),
    ] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let units: Vec<u16> = rest
                .as_chunks::<2>()
                .0
                .iter()
                .map(|unit| read(*unit))
                .collect();
            return (String::from_utf16_lossy(&units), false);
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (bytes.iter().map(|byte| windows_1252(*byte)).collect(), true),
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_encodings_are_told_apart() {
        assert_eq!(
            text(b"\xef\xbb\xbfna\xc3\xafve"),
            ("naïve".to_owned(), false)
        );
        assert_eq!(text(b"\xff\xfeh\0i\0"), ("hi".to_owned(), false));
        assert_eq!(text(b"\xfe\xff\0h\0i"), ("hi".to_owned(), false));
        assert_eq!(text(b"caf\xe9 \x80"), ("café €".to_owned(), true));
    }
}
