//! What a file of captions has to be, so that a bad one is left out before it can fail a job.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Largest file, bytes. Captions of a long film are a tenth of it.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// How captions are written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Format {
    /// WebVTT.
    WebVtt,
    /// `SubRip`.
    Srt,
    /// TTML and its kin.
    Ttml,
    /// Scenarist: CEA-608 as text.
    Scc,
}

/// Says how a file is written, whatever it is called.
///
/// # Errors
///
/// [`CaptionsError`], where nothing can be made of it.
pub fn check(bytes: &[u8]) -> Result<Format, CaptionsError> {
    if bytes.len() > MAX_BYTES {
        return Err(CaptionsError::TooLarge);
    }
    let text = decode(bytes).ok_or(CaptionsError::Encoding)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("WEBVTT") {
        return has_cues(text).map(|()| Format::WebVtt);
    }
    if text.starts_with("Scenarist_SCC") {
        return Ok(Format::Scc);
    }
    if text.starts_with('<') {
        let document = roxmltree::Document::parse(text);
        let is_ttml = document.is_ok_and(|it| it.root_element().tag_name().name() == "tt");
        return is_ttml
            .then_some(Format::Ttml)
            .ok_or(CaptionsError::Unknown);
    }
    if text.contains("-->") {
        return has_cues(text).map(|()| Format::Srt);
    }
    Err(CaptionsError::Unknown)
}

/// UTF-8, or UTF-16 that says so in its first two bytes.
pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let wide = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units = rest.chunks(2).map(|unit| match unit {
            [first, second] => Some(read([*first, *second])),
            _ => None,
        });
        let units: Option<Vec<u16>> = units.collect();
        String::from_utf16(&units?).ok().map(Cow::Owned)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

/// One cue at least, and a time that can be read for each.
fn has_cues(text: &str) -> Result<(), CaptionsError> {
    let mut cues = 0;
    for (index, line) in text.lines().enumerate() {
        let Some((start, rest)) = line.split_once("-->") else {
            continue;
        };
        let end = rest.split_whitespace().next().unwrap_or_default();
        let times = milliseconds(start.trim()).zip(milliseconds(end));
        let (start, end) = times.ok_or(CaptionsError::Time(index + 1))?;
        cues += usize::from(end > start);
    }
    if cues == 0 {
        return Err(CaptionsError::Empty);
    }
    Ok(())
}

/// Reads `1:02:03,456`, `02:03.456` and the like.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let number = |text: &str, most: usize| {
        let fits = (1..=most).contains(&text.len());
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        (fits && digits).then(|| text.parse::<u64>().ok()).flatten()
    };
    let parts: Vec<_> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut seconds = 0;
    for part in parts {
        seconds = seconds * 60 + number(part, 6)?;
    }
    Some(seconds * 1000 + number(&format!("{fraction:0<3}"), 3)?)
}

/// Why a file can't be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CaptionsError {
    /// Larger than captions are.
    #[error("it is larger than 2 MiB")]
    TooLarge,
    /// Not text that can be read.
    #[error("it is not written in UTF-8")]
    Encoding,
    /// None of the formats.
    #[error("it is not SubRip, WebVTT, TTML or SCC")]
    Unknown,
    /// Nothing is said in it.
    #[error("there are no captions in it")]
    Empty,
    /// A time can't be read.
    #[error("the time in line {0} can't be read")]
    Time(usize),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CaptionsError, Format, MAX_BYTES, check};

    const SRT: &str =
        "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500 X1:0\r\n<i>Fish</i> & chips\r\n\r\n";

    #[test]
    fn formats_are_known_by_their_content() {
        for (text, format) in [
            (SRT, Format::Srt),
            (
                "WEBVTT - title\n\nintro\n00:01.000 --> 00:02.500 line:10%\nFish\n",
                Format::WebVtt,
            ),
            ("Scenarist_SCC V1.0\n\n00:00:00:15\t9420\n", Format::Scc),
            ("<tt xmlns=\"http://www.w3.org/ns/ttml\"/>", Format::Ttml),
        ] {
            assert_eq!(check(text.as_bytes()), Ok(format));
        }
        let mut wide = vec![0xFF, 0xFE];
        wide.extend(SRT.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(check(&wide), Ok(Format::Srt));
    }

    #[test]
    fn a_bad_file_is_refused_with_a_reason() {
        let large = "WEBVTT\n".repeat(MAX_BYTES / 7 + 1);
        for (text, reason) in [
            ("", CaptionsError::Unknown),
            ("Dear diary", CaptionsError::Unknown),
            ("<html/>", CaptionsError::Unknown),
            ("<tt", CaptionsError::Unknown),
            ("WEBVTT\n", CaptionsError::Empty),
            (
                "1\n00:00:02,000 --> 00:00:01,000\nbackwards\n",
                CaptionsError::Empty,
            ),
            ("1\n00:00:01,000 --> later\nwhen?\n", CaptionsError::Time(2)),
            ("WEBVTT\n\n00:01.000 --> \nwhen?\n", CaptionsError::Time(3)),
            (&large, CaptionsError::TooLarge),
        ] {
            assert_eq!(check(text.as_bytes()), Err(reason));
        }
        let latin = b"1\n00:00:01,000 --> 00:00:02,000\nM\xFCller\n";
        assert_eq!(check(latin), Err(CaptionsError::Encoding));
    }

    proptest! {
        #[test]
        fn checking_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = check(&bytes);
        }

        #[test]
        fn any_time_is_read_or_refused(time in "[0-9:.,]{0,16}") {
            let _ = check(format!("WEBVTT\n\n{time} --> 00:01.000\n").as_bytes());
        }
    }
}
