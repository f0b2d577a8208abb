//! CEA-608 captions: byte pairs into cues, as ANSI/CTA-608-E and 47 CFR 15.119 say.
//!
//! The four caption channels: CC1 and CC2 in the first field, CC3 and CC4 in the second. Text
//! channels and program information (XDS) are passed over.

use super::cells::{self, Cell, ROWS};
use super::{Captions, Cue, Place, Span, Style};

const COLUMNS: usize = 32;

/// Decodes one channel.
#[derive(Debug)]
pub struct Decoder {
    /// The second of a field's two channels.
    second: bool,
    mode: Mode,
    /// What can be seen.
    shown: Memory,
    /// What is made ready for pop-on.
    hidden: Memory,
    /// When what can be seen began.
    since: Option<i64>,
    row: usize,
    column: usize,
    style: Style,
    /// Control codes come twice; the second one says nothing.
    last: Option<(u8, u8)>,
    /// The pairs are this channel's.
    ours: bool,
    /// The pairs belong to a text channel or to XDS.
    foreign: bool,
    cues: Vec<Cue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Pop,
    /// With so many rows.
    Roll(usize),
    Paint,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Memory([[Cell; COLUMNS]; ROWS]);

impl Default for Memory {
    fn default() -> Self {
        Self([[Cell::default(); COLUMNS]; ROWS])
    }
}

impl Decoder {
    /// Decodes channel 1 to 4; 1 and 2 are fed with the first field, 3 and 4 with the second.
    pub fn new(channel: u32) -> Self {
        Self {
            second: channel.is_multiple_of(2),
            mode: Mode::Pop,
            shown: Memory::default(),
            hidden: Memory::default(),
            since: None,
            row: ROWS - 1,
            column: 0,
            style: Style::default(),
            last: None,
            ours: false,
            foreign: false,
            cues: Vec::new(),
        }
    }

    /// Takes the pair of a field at `time`, microseconds; parity bits are not looked at.
    pub fn feed(&mut self, time: i64, pair: [u8; 2]) {
        let [first, second] = pair.map(|byte| byte & 0x7f);
        match first {
            0 => {}
            0x01..=0x0f => self.foreign = first != 0x0f,
            0x10..=0x1f => {
                let code = (first, second);
                if self.last.take() != Some(code) {
                    self.last = Some(code);
                    self.control(time, first, second);
                }
                return;
            }
            _ if self.ours && !self.foreign => {
                self.letter(time, basic(first));
                if second >= 0x20 {
                    self.letter(time, basic(second));
                }
            }
            _ => {}
        }
        if first != 0 {
            self.last = None;
        }
    }

    /// Ends at `time`: what can still be seen is gone then.
    pub fn finish(mut self, time: i64) -> Captions {
        self.flush(time);
        let captions = Captions {
            cues: self.cues,
            ..Captions::default()
        };
        captions.tidied()
    }

    fn control(&mut self, time: i64, first: u8, second: u8) {
        self.ours = (first & 0x08 != 0) == self.second;
        // A control code of captions ends XDS and text.
        self.foreign = false;
        if !self.ours {
            return;
        }
        match (first & 0x77, second) {
            (0x10..=0x17, 0x40..=0x7f) => self.preamble(first & 0x07, second),
            (0x11, 0x20..=0x2f) => {
                self.style = midrow(second);
                self.letter(time, ' ');
            }
            (0x11, 0x30..=0x3f) => self.letter(time, SPECIAL[usize::from(second - 0x30)]),
            (0x12 | 0x13, 0x20..=0x3f) => {
                // It comes after a plain letter that stands in for it.
                self.back();
                let at = usize::from(first & 1) * 32 + usize::from(second - 0x20);
                self.letter(time, EXTENDED[at]);
            }
            (0x14 | 0x15, 0x20..=0x2f) => self.command(time, second),
            (0x17, 0x21..=0x23) => {
                self.column = (self.column + usize::from(second - 0x20)).min(COLUMNS - 1);
            }
            _ => {}
        }
    }

    fn command(&mut self, time: i64, command: u8) {
        match command {
            0x20 => self.mode = Mode::Pop,
            0x21 => self.back(),
            0x24 => {
                let (row, column) = (self.row, self.column);
                for cell in &mut self.memory().0[row][column..] {
                    *cell = Cell::default();
                }
            }
            0x25..=0x27 => self.roll_up(time, usize::from(command - 0x23)),
            0x29 => self.mode = Mode::Paint,
            0x2a | 0x2b => self.foreign = true,
            0x2c => {
                self.flush(time);
                self.shown = Memory::default();
            }
            0x2d => self.carriage_return(time),
            0x2e => self.hidden = Memory::default(),
            0x2f => {
                self.flush(time);
                std::mem::swap(&mut self.shown, &mut self.hidden);
                self.mode = Mode::Pop;
                self.since = Some(time);
                self.style = Style::default();
            }
            _ => {}
        }
    }

    fn roll_up(&mut self, time: i64, rows: usize) {
        if !matches!(self.mode, Mode::Roll(_)) {
            self.flush(time);
            self.shown = Memory::default();
            self.hidden = Memory::default();
            self.row = ROWS - 1;
            self.column = 0;
        }
        self.mode = Mode::Roll(rows);
    }

    fn carriage_return(&mut self, time: i64) {
        let Mode::Roll(rows) = self.mode else { return };
        self.flush(time);
        let top = (self.row + 1).saturating_sub(rows);
        for row in 0..ROWS {
            self.shown.0[row] = if (top..self.row).contains(&row) {
                self.shown.0[row + 1]
            } else {
                [Cell::default(); COLUMNS]
            };
        }
        self.column = 0;
        self.style = Style::default();
        // What is left is seen on, now without its first line.
        self.since = Some(time);
    }

    fn preamble(&mut self, first: u8, second: u8) {
        let row = match (first, second & 0x20 != 0) {
            (1, low) => usize::from(low),
            (2, low) => 2 + usize::from(low),
            (5, low) => 4 + usize::from(low),
            (6, low) => 6 + usize::from(low),
            (7, low) => 8 + usize::from(low),
            (3, low) => 11 + usize::from(low),
            (4, low) => 13 + usize::from(low),
            _ => 10,
        };
        if let Mode::Roll(rows) = self.mode
            && row != self.row
        {
            // The window moves, and its lines with it.
            let mut moved = Memory::default();
            for line in 0..rows {
                if let (Some(from), Some(to)) = (self.row.checked_sub(line), row.checked_sub(line))
                {
                    moved.0[to] = self.shown.0[from];
                }
            }
            self.shown = moved;
        }
        self.row = row;
        let look = (second & 0x1e) >> 1;
        self.column = if look >= 8 {
            usize::from(look - 8) * 4
        } else {
            0
        };
        self.style = Style {
            italic: look == 7,
            underline: second & 1 != 0,
            color: color(look),
            bold: false,
        };
    }

    fn memory(&mut self) -> &mut Memory {
        match self.mode {
            Mode::Pop => &mut self.hidden,
            Mode::Roll(_) | Mode::Paint => &mut self.shown,
        }
    }

    fn letter(&mut self, time: i64, letter: char) {
        if self.mode != Mode::Pop && self.since.is_none() {
            self.since = Some(time);
        }
        let (row, column, style) = (self.row, self.column, self.style);
        self.memory().0[row][column] = Cell {
            letter: Some(letter),
            style,
        };
        self.column = (column + 1).min(COLUMNS - 1);
    }

    fn back(&mut self) {
        self.column = self.column.saturating_sub(1);
        let (row, column) = (self.row, self.column);
        self.memory().0[row][column] = Cell::default();
    }

    /// What was seen up to `time` becomes a cue.
    fn flush(&mut self, time: i64) {
        let Some(since) = self.since.take() else {
            return;
        };
        let spans = self.shown.spans();
        if !spans.is_empty() {
            self.cues.push(Cue {
                start: since,
                end: time,
                spans,
                place: self.shown.place(),
                verbatim: None,
            });
        }
    }
}

impl Memory {
    fn spans(&self) -> Vec<Span> {
        cells::spans(self.0.iter().map(<[Cell; COLUMNS]>::as_slice))
    }

    fn place(&self) -> Option<Place> {
        let top = self.0.iter().position(|row| cells::is_said(row))?;
        cells::place(top)
    }
}

fn midrow(code: u8) -> Style {
    let look = (code & 0x0e) >> 1;
    Style {
        italic: look == 7,
        underline: code & 1 != 0,
        color: color(look),
        bold: false,
    }
}

fn color(look: u8) -> Option<[u8; 3]> {
    Some(match look {
        1 => [0, 255, 0],
        2 => [0, 0, 255],
        3 => [0, 255, 255],
        4 => [255, 0, 0],
        5 => [255, 255, 0],
        6 => [255, 0, 255],
        _ => return None,
    })
}

fn basic(byte: u8) -> char {
    match byte {
        0x2a => 'á',
        0x5c => 'é',
        0x5e => 'í',
        0x5f => 'ó',
        0x60 => 'ú',
        0x7b => 'ç',
        0x7c => '÷',
        0x7d => 'Ñ',
        0x7e => 'ñ',
        0x7f => '█',
        _ => char::from(byte),
    }
}

const SPECIAL: [char; 16] = [
    '®', '°', '½', '¿', '™', '¢', '£', '♪', 'à', '\u{a0}', 'è', 'â', 'ê', 'î', 'ô', 'û',
];

/// Of 0x12, then of 0x13.
const EXTENDED: [char; 64] = [
    'Á', 'É', 'Ó', 'Ú', 'Ü', 'ü', '‘', '¡', '*', '\'', '—', '©', '℠', '•', '“', '”', 'À', 'Â', 'Ç',
    'È', 'Ê', 'Ë', 'ë', 'Î', 'Ï', 'ï', 'Ô', 'Ù', 'ù', 'Û', '«', '»', 'Ã', 'ã', 'Í', 'Ì', 'ì', 'Ò',
    'ò', 'Õ', 'õ', '{', '}', '\\', '^', '_', '|', '~', 'Ä', 'ä', 'Ö', 'ö', 'ß', '¥', '¤', '¦', 'Å',
    'å', 'Ø', 'ø', '┌', '┐', '└', '┘',
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds words, a frame of 40 ms each, and ends a second later.
    fn decoded(channel: u32, words: &[u16]) -> Vec<(i64, i64, String)> {
        let mut decoder = Decoder::new(channel);
        let mut time = 0;
        for word in words {
            decoder.feed(time, word.to_be_bytes());
            time += 40_000;
        }
        let cues = decoder.finish(time + 1_000_000).cues;
        cues.iter()
            .map(|cue| (cue.start / 1000, cue.end / 1000, cue.text()))
            .collect()
    }

    #[test]
    fn a_pop_on_caption_is_seen_from_its_command_on() {
        // RCL twice, row 15, "Hi!", an extended letter, EOC, EDM.
        let words = [
            0x9420, 0x9420, 0x94e0, 0x94e0, 0x4869, 0x21a1, 0x9220, 0x942f, 0x942f, 0x942c,
        ];
        assert_eq!(decoded(1, &words), [(280, 360, "Hi!Á".to_owned())]);
    }

    #[test]
    fn rolled_lines_stay_until_they_are_rolled_out() {
        // RU2, CR, "AB", CR, "CD", CR, "EF", EDM.
        let words = [
            0x9425, 0x94ad, 0x4142, 0x94ad, 0x4344, 0x94ad, 0x4546, 0x942c,
        ];
        let texts: Vec<String> = decoded(1, &words)
            .into_iter()
            .map(|(_, _, text)| text)
            .collect();
        assert_eq!(texts, ["AB", "AB\nCD", "CD\nEF"]);
    }

    #[test]
    fn the_channels_of_a_field_are_told_apart() {
        // The same, once for each channel: RCL, row 15, letters, EOC.
        let words = [
            0x1420, 0x1470, 0x4f6e, 0x142f, 0x1c20, 0x1c70, 0x5477, 0x1c2f,
        ];
        assert_eq!(decoded(1, &words)[0].2, "On");
        assert_eq!(decoded(2, &words)[0].2, "Tw");
    }

    #[test]
    fn looks_and_rows_are_kept() {
        let mut decoder = Decoder::new(1);
        // Row 1 in italics.
        for (time, word) in [0x1420u16, 0x114e, 0x5570, 0x142f].iter().enumerate() {
            decoder.feed(i64::try_from(time).unwrap(), word.to_be_bytes());
        }
        let cue = &decoder.finish(1000).cues[0];
        assert!(cue.spans[0].style.italic);
        assert_eq!(cue.place.and_then(|place| place.top), Some(10));
    }

    proptest! {
        #[test]
        fn no_pairs_make_the_decoder_panic(pairs in prop::collection::vec(any::<[u8; 2]>(), 0..400), channel in 1u32..5) {
            let mut decoder = Decoder::new(channel);
            for (time, pair) in (0i64..).zip(pairs) {
                decoder.feed(time, pair);
            }
            let _ = decoder.finish(1000);
        }
    }
}
