//! `SubRip`: the format has no standard; this reads and writes what players agree on.

use super::{
    Align, Captions, CaptionsError, Cue, Place, Spans, Style, clock, read_clock, read_color, tagged,
};

/// Reads a file. A cue whose time line can't be read is skipped.
///
/// # Errors
///
/// When there is text but no time line in it.
pub fn read(text: &str) -> Result<Captions, CaptionsError> {
    let mut captions = Captions::default();
    let mut skipped = 0;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if !line.contains("-->") {
            continue;
        }
        // Text may hold empty lines: it ends where a number and a time line follow.
        let from = at;
        while at < lines.len() && !begins(&lines[at..]) {
            at += 1;
        }
        match times(line) {
            Some((start, end)) => captions.cues.push(cue(start, end, &lines[from..at])),
            None => skipped += 1,
        }
    }
    if skipped > 0 {
        captions.warnings.push(format!(
            "{skipped} captions with unreadable times were skipped"
        ));
    }
    if captions.cues.is_empty() && !text.trim().is_empty() {
        return Err(CaptionsError::Format(
            "SRT",
            "no line with times was found".to_owned(),
        ));
    }
    Ok(captions.tidied())
}

fn begins(lines: &[&str]) -> bool {
    let times = |line: Option<&&str>| line.is_some_and(|line| line.contains("-->"));
    let number = |line: &str| {
        let line = line.trim();
        !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
    };
    times(lines.first()) || (number(lines[0]) && times(lines.get(1)))
}

fn times(line: &str) -> Option<(i64, i64)> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some((read_clock(start)?, read_clock(end)?))
}

fn cue(start: i64, end: i64, lines: &[&str]) -> Cue {
    let mut text = lines.join("\n").trim().to_owned();
    let mut place = None;
    // `{\an8}` and its like come from ASS, and are widely understood.
    while let Some((tag, rest)) = text
        .strip_prefix("{\\")
        .and_then(|rest| rest.split_once('}'))
    {
        place = tag.strip_prefix("an").and_then(numpad).or(place);
        text = rest.to_owned();
    }
    Cue {
        start,
        end,
        spans: spans(&text),
        place,
        verbatim: None,
    }
}

/// A place by the position of a key on a number pad.
fn numpad(key: &str) -> Option<Place> {
    let key: u8 = key.parse().ok().filter(|key| (1..=9).contains(key))?;
    let align = match key % 3 {
        1 => Align::Left,
        2 => Align::Center,
        _ => Align::Right,
    };
    let top = match key {
        7.. => Some(5),
        4.. => Some(45),
        _ => None,
    };
    (top.is_some() || align != Align::Center).then_some(Place {
        top,
        left: None,
        align,
    })
}

fn spans(text: &str) -> Vec<super::Span> {
    let mut spans = Spans::default();
    let mut stack: Vec<(String, Style)> = Vec::new();
    let mut style = Style::default();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let Some(length) = rest[open..].find('>') else {
            break;
        };
        let tag = &rest[open + 1..open + length];
        let name = tag
            .trim_start_matches('/')
            .split(char::is_whitespace)
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !matches!(name.as_str(), "b" | "i" | "u" | "font") {
            // Not a tag: an angle bracket of the text.
            spans.push(&rest[..=open], style);
            rest = &rest[open + 1..];
            continue;
        }
        spans.push(&rest[..open], style);
        rest = &rest[open + length + 1..];
        if tag.starts_with('/') {
            if let Some(at) = stack.iter().rposition(|(open, _)| *open == name) {
                style = stack[at].1;
                stack.truncate(at);
            }
            continue;
        }
        stack.push((name.clone(), style));
        match name.as_str() {
            "b" => style.bold = true,
            "i" => style.italic = true,
            "u" => style.underline = true,
            _ => style.color = color(tag).or(style.color),
        }
    }
    spans.push(rest, style);
    spans.finish()
}

fn color(tag: &str) -> Option<[u8; 3]> {
    let (_, value) = tag.split_once("color=")?;
    read_color(value.trim_matches(['"', '\'', ' ']))
}

/// Writes a file; with `styles`, also how text looks.
pub fn write(cues: &[Cue], styles: bool) -> String {
    let cue = |(number, cue): (usize, &Cue)| {
        let text = if styles {
            tagged(&cue.spans, ToOwned::to_owned)
        } else {
            cue.text()
        };
        format!(
            "{}\n{} --> {}\n{}\n\n",
            number + 1,
            clock(cue.start, ','),
            clock(cue.end, ','),
            lines(&text)
        )
    };
    cues.iter().enumerate().map(cue).collect()
}

/// Without empty lines, which would end the caption.
pub(super) fn lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::captions::SECOND;

    #[test]
    fn a_file_with_every_bad_habit_is_read() {
        let text = "\n\n7\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Slanted</i> & <plain\r\n\r\nsecond\r\n\r\n\
                    8\n00:00:0x,000 --> 00:00:04,000\nlost\n\n\
                    00:00:05.5 --> 00:00:06.000  X1:40\n{\\an8}<font color=\"#ff0000\">Red</font>\n\n\
                    9\n00:00:08,000 --> 00:00:07,000\nbackwards\n";
        let captions = read(text).unwrap();
        let texts: Vec<String> = captions.cues.iter().map(Cue::text).collect();
        assert_eq!(texts, ["Slanted & <plain\n\nsecond", "Red"]);
        assert!(captions.cues[0].spans[0].style.italic);
        assert_eq!(captions.cues[1].spans[0].style.color, Some([255, 0, 0]));
        assert_eq!(captions.cues[1].place.and_then(|place| place.top), Some(5));
        assert_eq!(captions.warnings.len(), 2, "{:?}", captions.warnings);
    }

    #[test]
    fn what_is_no_captions_is_refused() {
        assert!(read("GIF89a\n\n something else").is_err());
        assert_eq!(read("").unwrap(), Captions::default());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            cues in prop::collection::vec((0i64..5_000_000, 1i64..10_000, "[a-zäß&<. ]{0,9}[a-z]\n?[a-z]"), 0..9),
        ) {
            let mut cues: Vec<Cue> = cues.into_iter()
                .map(|(start, length, text)| Cue::plain(start * 1000, (start + length) * 1000, text.trim()))
                .collect();
            cues.sort_by_key(|cue| (cue.start, cue.end));
            prop_assert_eq!(read(&write(&cues, true)).unwrap().cues, cues);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "([0-9:,.<>/{}\\\\a-z\n-]|-->|\n\n|00:00:01,000)*") {
            let _ = read(&text);
        }
    }

    #[test]
    fn styles_are_written_only_when_asked_for() {
        let mut cue = Cue::plain(0, SECOND, "Slanted");
        cue.spans[0].style.italic = true;
        let cues = [cue];
        assert_eq!(
            write(&cues, true),
            "1\n00:00:00,000 --> 00:00:01,000\n<i>Slanted</i>\n\n"
        );
        assert_eq!(
            write(&cues, false),
            "1\n00:00:00,000 --> 00:00:01,000\nSlanted\n\n"
        );
    }
}
