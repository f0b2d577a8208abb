//! Scenarist closed captions: CEA-608 as text, of which the first channel is read. Words and times; no places and looks.
//! Source: 47 CFR 79.101 <https://www.ecfr.gov/current/title-47/section-79.101>.

use std::collections::BTreeMap;

use super::file::CaptionsError;
use super::webvtt::{Cue, escape};

/// How long a caption lasts that nothing takes away, milliseconds.
const LAST_MS: u64 = 4000;

/// The captions.
pub(super) fn cues(text: &str) -> Result<Vec<Cue>, CaptionsError> {
    let mut decoder = Decoder::default();
    let mut last = 0;
    for (index, line) in text.lines().enumerate().skip(1) {
        let mut words = line.split_whitespace();
        let Some(timecode) = words.next() else {
            continue;
        };
        let first = frames(timecode).ok_or(CaptionsError::Time(index + 1))?;
        for (frame, word) in (first..).zip(words) {
            let pair = u16::from_str_radix(word, 16).map_err(|_| CaptionsError::Unknown)?;
            last = milliseconds(frame);
            decoder.feed(last, pair.to_be_bytes().map(|byte| byte & 0x7F));
        }
    }
    decoder.show(last + LAST_MS);
    Ok(decoder.cues)
}

/// Number of the frame at `00:00:01:12`, or with `;` before the frames where minutes leave out the numbers of two.
fn frames(timecode: &str) -> Option<u64> {
    let drops = timecode.contains([';', '.']);
    let parts = timecode.split([':', ';', '.']);
    let parts: Option<Vec<u64>> = parts.map(|part| part.parse().ok()).collect();
    let [hours, minutes, seconds, frame] = parts?[..] else {
        return None;
    };
    if hours > 99 || minutes > 59 || seconds > 59 || frame > 29 {
        return None;
    }
    let minutes = hours * 60 + minutes;
    let dropped = if drops {
        2 * (minutes - minutes / 10)
    } else {
        0
    };
    Some(((minutes * 60 + seconds) * 30 + frame).saturating_sub(dropped))
}

/// 30000 frames are 1001 seconds.
fn milliseconds(frame: u64) -> u64 {
    (frame * 1001 + 15) / 30
}

#[derive(Clone, Copy, Default, Eq, PartialEq)]
enum Mode {
    #[default]
    Pop,
    /// With so many rows.
    Roll(usize),
    Paint,
}

/// Text by its rows, 1 to 15.
type Rows = BTreeMap<u8, String>;

#[derive(Default)]
struct Decoder {
    mode: Mode,
    row: u8,
    /// What can be seen.
    shown: Rows,
    /// What is made ready for pop-on.
    hidden: Rows,
    /// Since when what can be seen is there.
    since_ms: u64,
    /// Control codes come twice, of which the second one says nothing.
    last: Option<[u8; 2]>,
    /// The pairs are another channel's, or no captions.
    foreign: bool,
    cues: Vec<Cue>,
}

impl Decoder {
    fn feed(&mut self, now_ms: u64, pair: [u8; 2]) {
        let [first, second] = pair;
        if first >= 0x20 {
            self.last = None;
            if !self.foreign {
                for byte in pair.into_iter().filter(|byte| *byte >= 0x20) {
                    self.put(now_ms, basic(byte));
                }
            }
            return;
        }
        if !(0x10..=0x1F).contains(&first) || self.last.replace(pair) == Some(pair) {
            if (0x10..=0x1F).contains(&first) {
                self.last = None;
            }
            return;
        }
        if first & 0x08 != 0 {
            self.foreign = true;
            return;
        }
        match (first, second) {
            (0x14 | 0x15, 0x20..=0x2F) => self.control(now_ms, second),
            _ if self.foreign => {}
            (0x11, 0x20..=0x2F) => self.put(now_ms, ' '),
            (0x11, 0x30..=0x3F) => {
                if let Some(letter) = SPECIAL.chars().nth(usize::from(second - 0x30)) {
                    self.put(now_ms, letter);
                }
            }
            (0x12 | 0x13, 0x20..=0x3F) => {
                let letters = if first == 0x12 {
                    EXTENDED
                } else {
                    EXTENDED_MORE
                };
                if let Some(letter) = letters.chars().nth(usize::from(second - 0x20)) {
                    // It stands in the place of a letter for receivers that don't know it.
                    self.line().pop();
                    self.put(now_ms, letter);
                }
            }
            (_, 0x40..=0x7F) if !matches!(self.mode, Mode::Roll(_)) => {
                self.row = row(first, second);
                let line = self.line();
                if !line.is_empty() {
                    line.push(' ');
                }
            }
            _ => {}
        }
    }

    fn control(&mut self, now_ms: u64, code: u8) {
        self.foreign = matches!(code, 0x2A | 0x2B);
        match code {
            0x20 => self.mode = Mode::Pop,
            0x21 => {
                self.line().pop();
            }
            0x24 => self.line().clear(),
            0x25..=0x27 => {
                if !matches!(self.mode, Mode::Roll(_)) {
                    self.show(now_ms);
                    self.shown.clear();
                    self.row = 15;
                }
                self.mode = Mode::Roll(usize::from(code - 0x23));
            }
            0x29 => self.mode = Mode::Paint,
            0x2C => {
                self.show(now_ms);
                self.shown.clear();
            }
            0x2D => self.roll(now_ms),
            0x2E => self.hidden.clear(),
            0x2F => {
                self.show(now_ms);
                self.shown = std::mem::take(&mut self.hidden);
                self.mode = Mode::Pop;
            }
            _ => {}
        }
    }

    fn roll(&mut self, now_ms: u64) {
        let Mode::Roll(rows) = self.mode else { return };
        self.show(now_ms);
        let lines: Vec<_> = std::mem::take(&mut self.shown).into_values().collect();
        let kept = lines.len().saturating_sub(rows - 1);
        let below = (0u8..).zip(lines[kept..].iter().rev());
        self.shown = below.map(|(up, line)| (14 - up, line.clone())).collect();
    }

    fn line(&mut self) -> &mut String {
        let rows = match self.mode {
            Mode::Pop => &mut self.hidden,
            Mode::Roll(_) | Mode::Paint => &mut self.shown,
        };
        rows.entry(self.row).or_default()
    }

    fn put(&mut self, now_ms: u64, letter: char) {
        if self.mode != Mode::Pop && self.shown.values().all(String::is_empty) {
            self.since_ms = now_ms;
        }
        self.line().push(letter);
    }

    /// What was seen until now is a caption.
    fn show(&mut self, now_ms: u64) {
        let lines = self.shown.values().map(|line| line.trim());
        let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        if !lines.is_empty() {
            self.cues.push(Cue {
                start_ms: self.since_ms,
                end_ms: now_ms,
                text: escape(&lines.join("\n")),
            });
        }
        self.since_ms = now_ms;
    }
}

/// Row of a preamble address code.
fn row(first: u8, second: u8) -> u8 {
    let below = u8::from(second & 0x20 != 0);
    match first & 0x07 {
        0 => 11,
        1 => 1 + below,
        2 => 3 + below,
        3 => 12 + below,
        4 => 14 + below,
        5 => 5 + below,
        6 => 7 + below,
        _ => 9 + below,
    }
}

/// ASCII, but for some.
fn basic(byte: u8) -> char {
    match byte {
        0x2A => 'á',
        0x5C => 'é',
        0x5E => 'í',
        0x5F => 'ó',
        0x60 => 'ú',
        0x7B => 'ç',
        0x7C => '÷',
        0x7D => 'Ñ',
        0x7E => 'ñ',
        0x7F => '█',
        _ => char::from(byte),
    }
}

/// From 0x11 0x30 on.
const SPECIAL: &str = "®°½¿™¢£♪à\u{a0}èâêîôû";
/// From 0x12 0x20 on: Spanish and French.
const EXTENDED: &str = "ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»";
/// From 0x13 0x20 on: Portuguese, German and Danish.
const EXTENDED_MORE: &str = "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘";

#[cfg(test)]
mod tests {
    use super::{EXTENDED, EXTENDED_MORE, SPECIAL, cues, frames, milliseconds};

    fn said(lines: &str) -> Vec<(u64, u64, String)> {
        let cues = cues(&format!("Scenarist_SCC V1.0\n\n{lines}"))
            .unwrap()
            .into_iter();
        cues.map(|cue| (cue.start_ms, cue.end_ms, cue.text))
            .collect()
    }

    #[test]
    fn pop_on_is_seen_from_its_end_code_to_the_next_or_the_erasure() {
        // RCL, PAC of row 15, "Fish", EOC; then EDM.
        let lines =
            "00:00:00:15\t9420 9420 9470 9470 46e9 73e8 942f 942f\n\n00:00:02:12\t942c 942c\n";
        assert_eq!(said(lines), [(701, 2402, "Fish".to_owned())]);
        let rows = "00:00:00:00\t9420 9420 1340 c8e9 9470 9470 f46e 942f\n";
        let found = said(rows);
        assert_eq!((found[0].2.as_str(), found[0].1), ("Hi\ntn", 234 + 4000));
    }

    #[test]
    fn rolling_up_shows_the_rows_that_are_left() {
        // RU2, CR, "One"; CR, "Two"; CR, "Six".
        let lines = "00:00:01:00\t9425 9425 94ad 94ad 4f6e e580\n\n00:00:02:00\t94ad 94ad 54f7 ef80\n\n\
                     00:00:03:00\t94ad 94ad d3e9 f880\n";
        let texts: Vec<_> = said(lines).into_iter().map(|(.., text)| text).collect();
        assert_eq!(texts, ["One", "One\nTwo", "Two\nSix"]);
    }

    #[test]
    fn letters_that_ascii_has_not_replace_the_one_before() {
        assert_eq!(
            (
                SPECIAL.chars().count(),
                EXTENDED.chars().count(),
                EXTENDED_MORE.chars().count()
            ),
            (16, 32, 32)
        );
        // "a" and, in its place, "ä"; a note; "<".
        let lines = "00:00:00:00\t9420 9470 6180 1331 9137 bc80 942f\n";
        assert_eq!(said(lines)[0].2, "ä♪&lt;");
    }

    #[test]
    fn the_second_channel_and_text_are_passed_over() {
        let lines = "00:00:00:00\t9420 9470 c1c1 1c20 1c70 c2c2 9420 43c3 942f\n";
        assert_eq!(said(lines)[0].2, "AACC");
        assert!(cues("Scenarist_SCC V1.0\n\nsoon\t9420\n").is_err());
        assert!(cues("Scenarist_SCC V1.0\n\n00:00:00:00\t94xx\n").is_err());
    }

    #[test]
    fn an_hour_of_dropping_timecode_is_an_hour() {
        assert_eq!(frames("01:00:00;00").map(milliseconds), Some(3_599_996));
        assert_eq!(frames("01:00:00:00").map(milliseconds), Some(3_603_600));
        assert_eq!(frames("00:61:00:00"), None);
    }
}
