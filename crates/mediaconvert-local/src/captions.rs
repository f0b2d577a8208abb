//! Captions as data: what they say, when and how, whichever file they came from or go to.
//!
//! Readers turn a file into [`Captions`]; [`Captions::placed`] moves them to the times of the
//! output; writers turn them into a file. Readers skip what they can't understand and say so in
//! [`Captions::warnings`]; only a file that is no captions at all is an error.

pub mod ass;
pub mod cea608;
pub mod cea708;
mod cells;
pub mod encoding;
pub mod scc;
pub mod srt;
pub mod ttml;
pub mod webvtt;

use std::fmt::Write as _;

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;

/// All captions of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captions {
    /// The captions, in the order of their beginnings.
    pub cues: Vec<Cue>,
    /// `STYLE` blocks of a `WebVTT` source, without the word itself.
    pub styles: Vec<String>,
    /// What was skipped.
    pub warnings: Vec<String>,
}

/// One caption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cue {
    /// When it appears. Microseconds.
    pub start: i64,
    /// When it is gone. Microseconds.
    pub end: i64,
    /// What it says, in parts of one style each; lines end with `\n`.
    pub spans: Vec<Span>,
    /// Where it is; at the bottom, when left out.
    pub place: Option<Place>,
    /// Settings and text of a `WebVTT` source, as they were.
    pub verbatim: Option<Verbatim>,
}

/// Settings and text of a `WebVTT` cue, as they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verbatim {
    /// What follows the times.
    pub settings: String,
    /// The text, with its tags.
    pub payload: String,
}

/// Text of one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How it looks.
    pub style: Style,
}

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Heavy letters.
    pub bold: bool,
    /// Slanted letters.
    pub italic: bool,
    /// A line below.
    pub underline: bool,
    /// Red, green and blue; white, when left out.
    pub color: Option<[u8; 3]>,
}

/// Where a caption is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// From the top of the picture to the caption's first line. Per cent of the height.
    pub top: Option<u8>,
    /// From the left of the picture to the caption. Per cent of the width.
    pub left: Option<u8>,
    /// To which side its lines are aligned.
    pub align: Align,
}

/// To which side lines are aligned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Left.
    Left,
    /// The middle.
    #[default]
    Center,
    /// Right.
    Right,
}

/// Why a file is no captions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptionsError {
    /// It begins with something else.
    #[error("it is no {0} file: {1}")]
    Format(&'static str, String),
}

impl Cue {
    /// A caption of plain text.
    pub fn plain(start: i64, end: i64, text: impl Into<String>) -> Self {
        let span = Span {
            text: text.into(),
            style: Style::default(),
        };
        Self {
            start,
            end,
            spans: vec![span],
            ..Self::default()
        }
    }

    /// The text without its styles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// A piece of an input's time, and where it is in the outputs. Microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Where the piece begins in the input.
    pub start: i64,
    /// Where it ends in the input; at the input's end, when left out.
    pub end: Option<i64>,
    /// Where it begins in the outputs.
    pub offset: i64,
}

impl Captions {
    /// Sorts the cues, and drops those that say nothing or take no time.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        let before = self.cues.len();
        self.cues
            .retain(|cue| cue.end > cue.start && !cue.text().trim().is_empty());
        let dropped = before - self.cues.len();
        if dropped > 0 {
            self.warnings.push(format!(
                "{dropped} captions without text or duration were skipped"
            ));
        }
        self.cues.sort_by_key(|cue| (cue.start, cue.end));
        self
    }

    /// The same, `delta` microseconds later.
    #[must_use]
    pub fn delayed(mut self, delta: i64) -> Self {
        for cue in &mut self.cues {
            cue.start = cue.start.saturating_add(delta);
            cue.end = cue.end.saturating_add(delta);
        }
        self
    }

    /// What of it can be seen through a window, at the times of the outputs.
    pub fn placed(&self, window: Window) -> Vec<Cue> {
        let end = window.end.unwrap_or(i64::MAX);
        let inside = |cue: &&Cue| cue.end > window.start.max(0) && cue.start < end;
        let moved = |cue: &Cue| {
            let shift = |time: i64| {
                let inside = time.clamp(window.start.max(0), end);
                inside - window.start + window.offset
            };
            Cue {
                start: shift(cue.start),
                end: shift(cue.end),
                ..cue.clone()
            }
        };
        self.cues.iter().filter(inside).map(moved).collect()
    }
}

/// `hh:mm:ss` and milliseconds after `point`.
pub(crate) fn clock(time: i64, point: char) -> String {
    let milliseconds = (time.max(0) + 500) / 1000;
    let (seconds, milliseconds) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!(
        "{:02}:{:02}:{seconds:02}{point}{milliseconds:03}",
        minutes / 60,
        minutes % 60
    )
}

/// Reads `[hh:]mm:ss[.,]mmm`.
pub(crate) fn read_clock(text: &str) -> Option<i64> {
    let text = text.trim();
    let (whole, fraction) = match text.rfind(['.', ',']) {
        Some(point) => (&text[..point], &text[point + 1..]),
        None => (text, ""),
    };
    let mut seconds = 0i64;
    let parts: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        seconds = seconds.checked_mul(60)?.checked_add(digits(part)?)?;
    }
    let mut micros = 0;
    let mut unit = SECOND;
    for digit in fraction.chars() {
        unit /= 10;
        micros += i64::from(digit.to_digit(10)?) * unit;
    }
    seconds.checked_mul(SECOND)?.checked_add(micros)
}

fn digits(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A colour by name or `#rrggbb`.
pub(crate) fn read_color(text: &str) -> Option<[u8; 3]> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix('#') {
        let component = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        return Some([component(0)?, component(2)?, component(4)?]);
    }
    Some(match text.to_ascii_lowercase().as_str() {
        "white" => [255, 255, 255],
        "lime" => [0, 255, 0],
        "green" => [0, 128, 0],
        "blue" => [0, 0, 255],
        "cyan" | "aqua" => [0, 255, 255],
        "red" => [255, 0, 0],
        "yellow" => [255, 255, 0],
        "magenta" | "fuchsia" => [255, 0, 255],
        "black" => [0, 0, 0],
        _ => return None,
    })
}

/// Builds spans while tags open and close.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    spans: Vec<Span>,
}

impl Spans {
    pub(crate) fn push(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => self.spans.push(Span {
                text: text.to_owned(),
                style,
            }),
        }
    }

    /// Without empty lines and spaces around the lines.
    pub(crate) fn finish(mut self) -> Vec<Span> {
        if let Some(first) = self.spans.first_mut() {
            first.text = first.text.trim_start().to_owned();
        }
        if let Some(last) = self.spans.last_mut() {
            last.text = last.text.trim_end().to_owned();
        }
        self.spans.retain(|span| !span.text.is_empty());
        self.spans
    }
}

/// Text of spans with `<i>`, `<b>` and `<u>` around what is styled so; `text` escapes.
pub(crate) fn tagged(spans: &[Span], text: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for span in spans {
        let tags: Vec<&str> = [
            ("b", span.style.bold),
            ("i", span.style.italic),
            ("u", span.style.underline),
        ]
        .iter()
        .filter(|(_, on)| *on)
        .map(|(tag, _)| *tag)
        .collect();
        for tag in &tags {
            let _ = write!(out, "<{tag}>");
        }
        out.push_str(&text(&span.text));
        for tag in tags.iter().rev() {
            let _ = write!(out, "</{tag}>");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clocks_are_read_and_written() {
        assert_eq!(read_clock("01:02:03.045"), Some(3_723_045_000));
        assert_eq!(read_clock("02:03,5"), Some(123_500_000));
        assert_eq!(read_clock("3.5"), None);
        assert_eq!(read_clock("00:-1:00"), None);
        assert_eq!(clock(3_723_045_000, '.'), "01:02:03.045");
    }

    #[test]
    fn a_window_cuts_and_moves() {
        let captions = Captions {
            cues: vec![
                Cue::plain(0, SECOND, "before"),
                Cue::plain(SECOND, 3 * SECOND, "across"),
                Cue::plain(5 * SECOND, 6 * SECOND, "after"),
            ],
            ..Captions::default()
        };
        let window = Window {
            start: 2 * SECOND,
            end: Some(4 * SECOND),
            offset: 10 * SECOND,
        };
        assert_eq!(
            captions.placed(window),
            [Cue::plain(10 * SECOND, 11 * SECOND, "across")]
        );
    }

    proptest! {
        #[test]
        fn no_cue_leaves_its_window(
            cues in prop::collection::vec((-100i64..1000, 1i64..300), 0..20),
            (start, length, offset) in (0i64..800, 1i64..500, 0i64..2000),
        ) {
            let captions = Captions {
                cues: cues.iter().map(|(start, length)| Cue::plain(*start, start + length, "x")).collect(),
                ..Captions::default()
            };
            let window = Window { start, end: Some(start + length), offset };
            let visible = cues.iter().filter(|(s, l)| s + l > start && *s < start + length).count();
            let placed = captions.placed(window);
            prop_assert_eq!(placed.len(), visible);
            for cue in placed {
                prop_assert!(cue.start >= offset && cue.end <= offset + length && cue.start < cue.end);
            }
        }

        #[test]
        fn a_written_clock_reads_back(milliseconds in 0i64..400_000_000) {
            prop_assert_eq!(read_clock(&clock(milliseconds * 1000, '.')), Some(milliseconds * 1000));
        }
    }
}
