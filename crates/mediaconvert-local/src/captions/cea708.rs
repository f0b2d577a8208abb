//! CEA-708 captions: DTVCC packets into cues, as ANSI/CTA-708-E says.
//!
//! Of how windows look and move, what goes into cues is kept: text, its style, and the row.

use super::cells::{self, Cell, ROWS};
use super::{Captions, Cue, Place, Span, Style};

/// Letters of a row; screens have 42, and a window whose definition is wrong keeps its text.
const COLUMNS: usize = 128;
/// Bytes that may wait for the end of a delay; more of them end it.
const WAITING: usize = 128;
/// Microseconds of the unit that delays are told in.
const TENTH: i64 = 100_000;

/// Decodes one service.
#[derive(Debug)]
pub struct Decoder {
    service: u32,
    /// The packet under way, with its head.
    packet: Vec<u8>,
    /// Codes that wait for the rest of one, or for the end of a delay.
    codes: Vec<u8>,
    /// When the delay ends. Microseconds.
    delayed: Option<i64>,
    windows: [Option<Window>; 8],
    current: usize,
    seen: Seen,
    /// When what can be seen began.
    since: Option<i64>,
    /// What is seen next is no continuation of what is seen now.
    is_cut: bool,
    cues: Vec<Cue>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    spans: Vec<Span>,
    place: Option<Place>,
}

#[derive(Debug, Default)]
struct Window {
    is_visible: bool,
    /// Row of the screen that its first row is.
    top: usize,
    /// How many rows it has.
    rows: usize,
    lines: [Vec<Cell>; ROWS],
    row: usize,
    column: usize,
    style: Style,
    /// Text that isn't to be shown: the rest is blank where it stands.
    is_blank: bool,
}

impl Decoder {
    /// Decodes service 1 to 63.
    pub fn new(service: u32) -> Self {
        Self {
            service,
            packet: Vec::new(),
            codes: Vec::new(),
            delayed: None,
            windows: Default::default(),
            current: 0,
            seen: Seen::default(),
            since: None,
            is_cut: false,
            cues: Vec::new(),
        }
    }

    /// Takes a pair at `time`, microseconds; `begins` says that it begins a packet.
    ///
    /// The numbers of packets are not looked at: there are writers that leave them 0.
    pub fn feed(&mut self, time: i64, begins: bool, pair: [u8; 2]) {
        if begins {
            // One that was cut short is not decoded.
            self.packet.clear();
        } else if self.packet.is_empty() {
            return;
        }
        self.packet.extend(pair);
        let length = match usize::from(self.packet[0] & 0x3f) {
            0 => 128,
            pairs => pairs * 2,
        };
        if self.packet.len() >= length {
            let packet = std::mem::take(&mut self.packet);
            self.blocks(time, &packet[1..]);
        }
    }

    /// Ends at `time`: what can still be seen is gone then.
    pub fn finish(mut self, time: i64) -> Captions {
        self.run(time);
        self.flush(time);
        let captions = Captions {
            cues: self.cues,
            ..Captions::default()
        };
        captions.tidied()
    }

    /// A packet's blocks, of all services.
    fn blocks(&mut self, time: i64, mut bytes: &[u8]) {
        while let [head, rest @ ..] = bytes {
            let (number, length) = (head >> 5, usize::from(head & 0x1f));
            let (number, rest) = match (number, length, rest) {
                (0, ..) => return,
                (7, 1.., [extended, rest @ ..]) => (extended & 0x3f, rest),
                _ => (number, rest),
            };
            let Some((block, rest)) = rest.split_at_checked(length) else {
                return;
            };
            if u32::from(number) == self.service {
                self.run(time);
                self.codes.extend_from_slice(block);
                self.run(time);
            }
            bytes = rest;
        }
    }

    /// Does what the codes say, as far as no delay and no missing byte is in the way.
    fn run(&mut self, time: i64) {
        let mut now = time;
        loop {
            if let Some(end) = self.delayed {
                if end <= time {
                    now = end;
                } else if self.codes.len() < WAITING && !ends_delay(&self.codes) {
                    return;
                } else {
                    now = time;
                }
                self.delayed = None;
            }
            let Some(length) = length(&self.codes).filter(|length| *length <= self.codes.len())
            else {
                break;
            };
            let code: Vec<u8> = self.codes.drain(..length).collect();
            self.code(now, &code);
            if self.delayed.is_some() {
                self.look(now);
            }
        }
        self.look(now);
    }

    fn code(&mut self, time: i64, code: &[u8]) {
        self.is_cut |= matches!(code, [0x0c..=0x0e | 0x88..=0x8c | 0x8f | 0x98..=0x9f, ..]);
        match *code {
            [0x8d, tenths] if tenths > 0 => {
                self.delayed = Some(time + i64::from(tenths) * TENTH);
            }
            [0x8f] => self.windows = Default::default(),
            [number @ 0x80..=0x87] => self.choose(number & 7),
            [number @ 0x98..=0x9f, ref how @ ..] => {
                let number = number & 7;
                self.windows[usize::from(number)]
                    .get_or_insert_default()
                    .define(how);
                self.choose(number);
            }
            [command @ 0x88..=0x8c, which] => {
                let windows = self.windows.iter_mut().enumerate();
                for (_, window) in windows.filter(|(number, _)| which & (1 << number) != 0) {
                    match (command, &mut *window) {
                        (0x88, Some(window)) => window.lines = Default::default(),
                        (0x89, Some(window)) => window.is_visible = true,
                        (0x8a, Some(window)) => window.is_visible = false,
                        (0x8b, Some(window)) => window.is_visible = !window.is_visible,
                        _ => *window = None,
                    }
                }
            }
            _ => {
                if let Some(window) = &mut self.windows[self.current] {
                    let row = window.row;
                    window.code(code);
                    self.is_cut |= window.row != row;
                }
            }
        }
    }

    fn choose(&mut self, number: u8) {
        let number = usize::from(number);
        if self.windows[number].is_some() {
            self.current = number;
        }
    }

    /// Makes a cue of what was seen up to `time`, if something else is seen now. Letters that are only added belong to
    /// the same cue.
    fn look(&mut self, time: i64) {
        let seen = self.visible();
        if seen == self.seen {
            return;
        }
        let goes_on = !self.is_cut
            && seen.place == self.seen.place
            && text(&seen.spans).starts_with(&text(&self.seen.spans));
        if !goes_on {
            self.flush(time);
        }
        self.since = (!seen.spans.is_empty()).then(|| self.since.unwrap_or(time));
        self.is_cut = false;
        self.seen = seen;
    }

    fn flush(&mut self, time: i64) {
        let since = self.since.take();
        let spans = std::mem::take(&mut self.seen.spans);
        if let Some(start) = since.filter(|since| *since < time && !spans.is_empty()) {
            self.cues.push(Cue {
                start,
                end: time,
                spans,
                place: self.seen.place,
                verbatim: None,
            });
        }
    }

    /// What all windows show, from the top of the screen down.
    fn visible(&self) -> Seen {
        let windows = self.windows.iter().flatten();
        let mut visible: Vec<(usize, &Window)> = windows
            .filter(|window| window.is_visible)
            .filter_map(|window| Some((window.first()?, window)))
            .collect();
        visible.sort_by_key(|(first, _)| *first);
        let lines = visible.iter().flat_map(|(_, window)| &window.lines);
        Seen {
            spans: cells::spans(lines.map(Vec::as_slice)),
            place: visible.first().and_then(|(first, _)| cells::place(*first)),
        }
    }
}

impl Window {
    /// Takes the six bytes of a definition. A window that was there keeps its text.
    fn define(&mut self, how: &[u8]) {
        let &[flags, vertical, _, anchor, _, styles] = how else {
            return;
        };
        let is_new = self.rows == 0;
        self.is_visible = flags & 0x20 != 0;
        self.rows = usize::from(anchor & 0x0f) + 1;
        // A screen has 75 units or 100 per cent.
        let place = usize::from(vertical & 0x7f);
        let row = if vertical & 0x80 == 0 {
            place / (75 / ROWS)
        } else {
            place * ROWS / 100
        };
        self.top = match anchor >> 4 {
            0..=2 => row,
            3..=5 => row.saturating_sub(self.rows / 2),
            _ => (row + 1).saturating_sub(self.rows),
        };
        if is_new || styles & 0x07 != 0 {
            // All the styles that have a number are upright, not underlined and white.
            self.style = Style::default();
            self.is_blank = false;
        }
    }

    /// What the pen does.
    fn code(&mut self, code: &[u8]) {
        match *code {
            [0x08] => {
                self.column = self.column.saturating_sub(1);
                if let Some(cell) = self.lines[self.row].get_mut(self.column) {
                    *cell = Cell::default();
                }
            }
            [0x0c] => {
                self.lines = Default::default();
                (self.row, self.column) = (0, 0);
            }
            [0x0d] => {
                self.column = 0;
                if self.row + 1 < self.rows.min(ROWS) {
                    self.row += 1;
                } else {
                    self.lines[..=self.row].rotate_left(1);
                    self.lines[self.row].clear();
                }
            }
            [0x0e] => {
                self.column = 0;
                self.lines[self.row].clear();
            }
            [0x10, 0xa0] => "[CC]".chars().for_each(|letter| self.write(letter)),
            [0x10, letter @ (0x20..=0x7f | 0xa0..=0xff)] => self.write(extended(letter)),
            [0x18, first, second] => {
                let letter = char::from_u32(u16::from_be_bytes([first, second]).into());
                if let Some(letter) = letter.filter(|letter| !letter.is_control()) {
                    self.write(letter);
                }
            }
            [0x7f] => self.write('♪'),
            // ASCII and Latin-1.
            [letter @ (0x20..=0x7e | 0xa0..=0xff)] => self.write(letter.into()),
            [0x90, tag, look] => {
                self.is_blank = tag >> 4 == 15;
                self.style.italic = look & 0x80 != 0;
                self.style.underline = look & 0x40 != 0;
            }
            [0x91, color, ..] => {
                // What is told with two bits each comes to eight colours: 9.19.
                let rgb = [color >> 4, color >> 2, color].map(|part| (part >> 1 & 1) * 255);
                self.style.color = Some(rgb).filter(|rgb| *rgb != [255; 3]);
            }
            [0x92, row, column] => {
                self.row = usize::from(row & 0x0f).min(ROWS - 1);
                self.column = usize::from(column & 0x3f);
            }
            _ => {}
        }
    }

    fn write(&mut self, letter: char) {
        let (line, at) = (&mut self.lines[self.row], self.column);
        if at == COLUMNS {
            return;
        }
        if line.len() <= at {
            line.resize(at + 1, Cell::default());
        }
        line[at] = Cell {
            letter: Some(letter).filter(|_| !self.is_blank),
            style: self.style,
        };
        self.column += 1;
    }

    /// Row of the screen with its first line.
    fn first(&self) -> Option<usize> {
        let first = self.lines.iter().position(|line| cells::is_said(line))?;
        Some(self.top + first)
    }
}

fn text(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

/// Bytes of the first code with what belongs to it, where so much of it is there that it can be told.
fn length(codes: &[u8]) -> Option<usize> {
    let (code, rest) = codes.split_first()?;
    let more = match code {
        0x10 => match rest.first()? {
            0x08..=0x0f => 2,
            0x10..=0x17 => 3,
            0x18..=0x1f => 4,
            0x80..=0x87 => 5,
            0x88..=0x8f => 6,
            0x90..=0x9f => 2 + usize::from(rest.get(1)? & 0x1f),
            _ => 1,
        },
        0x11..=0x17 | 0x88..=0x8d => 1,
        0x18..=0x1f | 0x90 | 0x92 => 2,
        0x91 => 3,
        0x97 => 4,
        0x98..=0x9f => 6,
        _ => 0,
    };
    Some(1 + more)
}

/// A code among them ends a delay.
fn ends_delay(mut codes: &[u8]) -> bool {
    while let Some(length) = length(codes)
        && let Some((code, rest)) = codes.split_at_checked(length)
    {
        if matches!(code, [0x8e | 0x8f]) {
            return true;
        }
        codes = rest;
    }
    false
}

/// G2 and G3. What isn't in them is an underscore.
fn extended(code: u8) -> char {
    match code {
        0x20 => ' ',
        0x21 => '\u{a0}',
        0x25 => '…',
        0x2a => 'Š',
        0x2c => 'Œ',
        0x30 => '█',
        0x31 => '‘',
        0x32 => '’',
        0x33 => '“',
        0x34 => '”',
        0x35 => '•',
        0x39 => '™',
        0x3a => 'š',
        0x3c => 'œ',
        0x3d => '℠',
        0x3f => 'Ÿ',
        0x76 => '⅛',
        0x77 => '⅜',
        0x78 => '⅝',
        0x79 => '⅞',
        0x7a => '│',
        0x7b => '┐',
        0x7c => '└',
        0x7d => '─',
        0x7e => '┘',
        0x7f => '┌',
        _ => '_',
    }
}

#[cfg(test)]
mod tests;
