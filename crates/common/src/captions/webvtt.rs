//! Captions of any of the formats as WebVTT, which is what players take.
//!
//! What they say, when, and in italics, bold or underlined comes through; of places and colours only those of a file
//! that is WebVTT already. Source: <https://www.w3.org/TR/webvtt1/>.

use std::fmt::Write as _;

use crate::clip::Clip;

use super::file::{CaptionsError, Format, MAX_BYTES, check, decode, milliseconds};
use super::{scc, ttml};

/// Says how players of HLS bring the times of captions together with those of CMAF, which begin at 0.
const TIMESTAMP_MAP: &str = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000";

/// One caption.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Cue {
    /// Milliseconds.
    pub(super) start_ms: u64,
    /// Milliseconds.
    pub(super) end_ms: u64,
    /// Text with the tags and escapes of WebVTT; lines end with `\n`.
    pub(super) text: String,
}

/// Makes WebVTT of a file.
///
/// # Errors
///
/// [`CaptionsError`], where it is none of the formats, or says nothing.
pub fn to_webvtt(bytes: &[u8]) -> Result<String, CaptionsError> {
    let format = check(bytes)?;
    let text = decode(bytes).ok_or(CaptionsError::Encoding)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let cues = match format {
        Format::WebVtt => return Ok(as_it_is(&text)),
        Format::Srt => srt(&text),
        Format::Ttml => ttml::cues(&text)?,
        Format::Scc => scc::cues(&text)?,
    };
    let mut file = format!("WEBVTT\n{TIMESTAMP_MAP}\n");
    let mut count = 0;
    for cue in &cues {
        // An empty line would end the cue.
        let lines = cue.text.lines().map(str::trim);
        let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        if cue.end_ms > cue.start_ms && !lines.is_empty() {
            let (start, end) = (time(cue.start_ms), time(cue.end_ms));
            // Writing to a String can't fail.
            let _ = write!(file, "\n{start} --> {end}\n{}\n", lines.join("\n"));
            count += 1;
        }
    }
    if count == 0 {
        return Err(CaptionsError::Empty);
    }
    if file.len() > MAX_BYTES {
        return Err(CaptionsError::TooLarge);
    }
    Ok(file)
}

/// When the last caption of a WebVTT file ends, milliseconds.
pub fn end_ms(webvtt: &str) -> Option<u64> {
    let ends = webvtt.lines().filter_map(|line| {
        let (_, rest) = line.split_once("-->")?;
        milliseconds(rest.split_whitespace().next()?)
    });
    ends.max()
}

/// The captions of a part of what they were written for: earlier by its beginning, and only those that are seen in it.
#[must_use]
pub fn of_clip(webvtt: &str, clip: Clip) -> String {
    let end_ms = clip.to_ms.unwrap_or(u64::MAX);
    let blocks = webvtt.split("\n\n").filter_map(|block| {
        let lines: Vec<_> = block.trim_matches('\n').lines().collect();
        let Some(at) = lines.iter().position(|line| line.contains("-->")) else {
            // Header, notes and styles; or nothing, between empty lines.
            return Some(lines.join("\n")).filter(|text| !text.is_empty());
        };
        let (start, rest) = lines[at].split_once("-->")?;
        let (end, settings) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        let (start, end) = milliseconds(start.trim()).zip(milliseconds(end))?;
        if end <= clip.from_ms || start >= end_ms {
            return None;
        }
        let moved = |ms: u64| time(ms.min(end_ms).saturating_sub(clip.from_ms));
        let times = format!("{} --> {} {settings}", moved(start), moved(end));
        let said = lines[at + 1..].iter().map(|line| {
            // Times within a text, from which on the rest of it is seen.
            let mut parts = line.split('<');
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |text, part| {
                let tag = part.split_once('>');
                let tag = tag.and_then(|(tag, rest)| Some((milliseconds(tag)?, rest)));
                match tag {
                    Some((ms, rest)) => format!("{text}<{}>{rest}", moved(ms)),
                    None => format!("{text}<{part}"),
                }
            })
        });
        let before = lines[..at].iter().map(|line| (*line).to_owned());
        let times = std::iter::once(times.trim_end().to_owned());
        let block: Vec<_> = before.chain(times).chain(said).collect();
        Some(block.join("\n"))
    });
    let blocks: Vec<_> = blocks.collect();
    blocks.join("\n\n") + "\n"
}

/// A WebVTT file with our header: another one of HLS would move its times.
fn as_it_is(text: &str) -> String {
    let (header, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = header.lines();
    let mut file = format!("{}\n{TIMESTAMP_MAP}\n", lines.next().unwrap_or("WEBVTT"));
    for line in lines.filter(|line| !line.starts_with("X-TIMESTAMP-MAP")) {
        file.push_str(line);
        file.push('\n');
    }
    file.push('\n');
    file.push_str(body.trim_start_matches('\n'));
    if !file.ends_with('\n') {
        file.push('\n');
    }
    file
}

fn srt(text: &str) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::new();
    let mut said = String::new();
    let mut current = None;
    // An empty line ends a cue, and so does the next one's time, behind its number, where somebody forgot that line.
    let mut finish = |current: Option<(u64, u64)>, said: &mut String| {
        if let Some((start_ms, end_ms)) = current {
            cues.push(Cue {
                start_ms,
                end_ms,
                text: markup(said.trim()),
            });
        }
        said.clear();
    };
    for line in text.lines() {
        let times = line.split_once("-->").and_then(|(start, rest)| {
            let end = rest.split_whitespace().next()?;
            milliseconds(start.trim()).zip(milliseconds(end))
        });
        if let Some(times) = times {
            if current.is_some() {
                let without_number = said.trim_end().rsplit_once('\n');
                said = without_number.map_or(String::new(), |(rest, _)| rest.to_owned());
            }
            finish(current.take(), &mut said);
            current = Some(times);
        } else if line.trim().is_empty() {
            finish(current.take(), &mut said);
        } else if current.is_some() {
            said.push_str(line);
            said.push('\n');
        }
    }
    finish(current, &mut said);
    cues
}

/// The text of a `SubRip` cue: `<i>`, `<b>` and `<u>` stay, other tags and `{\an8}` go, the rest is escaped.
fn markup(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&escape(&rest[..at]));
        rest = &rest[at..];
        let (end, is_tag) = if rest.starts_with("{\\") {
            (rest.find('}'), true)
        } else {
            let begins = rest[1..].trim_start_matches('/');
            let is_tag =
                rest.starts_with('<') && begins.starts_with(|c: char| c.is_ascii_alphabetic());
            (rest.find('>'), is_tag)
        };
        let Some(end) = end.filter(|_| is_tag) else {
            out.push_str(&escape(&rest[..1]));
            rest = &rest[1..];
            continue;
        };
        let tag = rest[1..end].to_ascii_lowercase();
        if matches!(tag.as_str(), "i" | "b" | "u" | "/i" | "/b" | "/u") {
            let _ = write!(out, "<{tag}>");
        }
        rest = &rest[end + 1..];
    }
    out + &escape(rest)
}

/// For a cue's text. Escapes that are there stay.
pub(super) fn escape(text: &str) -> String {
    let text = text.replace('<', "&lt;").replace('>', "&gt;");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = ["&amp;", "&lt;", "&gt;", "&nbsp;", "&lrm;", "&rlm;"];
        out.push_str(if known.iter().any(|it| rest.starts_with(it)) {
            "&"
        } else {
            "&amp;"
        });
        rest = &rest[1..];
    }
    out + rest
}

fn time(ms: u64) -> String {
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    format!(
        "{hours:02}:{minutes:02}:{:02}.{:03}",
        ms / 1000 % 60,
        ms % 1000
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CaptionsError, Clip, check, of_clip, to_webvtt};

    fn webvtt(text: &str) -> String {
        to_webvtt(text.as_bytes()).unwrap()
    }

    const HEAD: &str = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n";

    #[test]
    fn subrip_keeps_its_words_and_three_tags() {
        let text = "\u{feff}1\r\n00:00:01,5 --> 00:00:02,500 X1:0\r\n{\\an8}<I>Fish</I> & <font color=\"red\">chips</font>\r\n\
                    for < 5 &amp; {really}\r\n\r\n2\r\n00:01:00,000 --> 01:00:02,000\r\nLater\r\n3\r\n\
                    01:00:03,000 --> 01:00:04,000\r\nLast\r\n";
        assert_eq!(
            webvtt(text),
            format!(
                "{HEAD}\n00:00:01.500 --> 00:00:02.500\n<i>Fish</i> &amp; chips\nfor &lt; 5 &amp; {{really}}\n\n\
                 00:01:00.000 --> 01:00:02.000\nLater\n\n01:00:03.000 --> 01:00:04.000\nLast\n"
            )
        );
    }

    #[test]
    fn webvtt_stays_as_it_is_but_for_the_clock_of_another_stream() {
        let text = "WEBVTT - title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\nSTYLE\n::cue { color: red }\n\n\
                    00:01.000 --> 00:02.000 line:10%\n<v Ann>Hi";
        assert_eq!(
            webvtt(text),
            "WEBVTT - title\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\nSTYLE\n::cue { color: red }\n\n\
             00:01.000 --> 00:02.000 line:10%\n<v Ann>Hi\n"
        );
    }

    #[test]
    fn a_clip_has_the_captions_that_are_seen_in_it_and_earlier_by_its_beginning() {
        let text = format!(
            "{HEAD}\nSTYLE\n::cue {{ color: red }}\n\n\n1\n00:08.000 --> 00:10.000\nBefore\n\n\
             2\n00:09.000 --> 00:12.000 line:10%\nIn < <00:11.500><i>it</i>\n\n\
             01:00:00.000 --> 01:00:09.000\nUntil the end\n\n01:00:05.000 --> 01:00:09.000\nAfter\n"
        );
        let clip = |to_ms| Clip {
            from_ms: 10_000,
            to_ms,
        };
        let made = of_clip(&text, clip(Some(3_605_000)));
        assert_eq!(
            made,
            format!(
                "{HEAD}\nSTYLE\n::cue {{ color: red }}\n\n2\n00:00:00.000 --> 00:00:02.000 line:10%\n\
                 In < <00:00:01.500><i>it</i>\n\n00:59:50.000 --> 00:59:55.000\nUntil the end\n"
            )
        );
        assert!(of_clip(&text, clip(None)).ends_with("00:59:55.000 --> 00:59:59.000\nAfter\n"));
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for text in [
            "Scenarist_SCC V1.0\n\n00:00:00:15\t9420\n",
            "<tt xmlns=\"http://www.w3.org/ns/ttml\"/>",
            "1\n00:00:01,000 --> 00:00:02,000\n\n",
        ] {
            assert_eq!(
                to_webvtt(text.as_bytes()),
                Err(CaptionsError::Empty),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_made_of_subrip_is_webvtt(
            said in prop::collection::vec("[a-z<>&{}/\\\\ \n-]{0,30}", 1..5)
        ) {
            prop_assume!(said.iter().all(|said| !said.contains("-->")));
            let cues = said.iter().enumerate().map(|(number, said)| {
                format!("{number}\n00:00:0{number},000 --> 00:00:0{},000\nx{said}\n\n", number + 1)
            });
            let text: String = cues.collect();
            let made = to_webvtt(text.as_bytes()).unwrap();
            prop_assert!(check(made.as_bytes()).is_ok());
            prop_assert_eq!(made.matches("-->").count(), said.len());
            prop_assert_eq!(to_webvtt(made.as_bytes()).unwrap(), made);
        }
    }
}
