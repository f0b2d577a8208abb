//! `WebVTT`: <https://www.w3.org/TR/webvtt1/>.

use std::fmt::Write as _;

use super::{
    Align, Captions, CaptionsError, Cue, Place, Span, Spans, Style, Verbatim, clock, read_clock,
    read_color, tagged,
};

/// What of the source's look goes into a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Text alone.
    #[default]
    Simple,
    /// Styles and places as far as they are understood.
    Styled,
    /// Settings and text of a `WebVTT` source, as they were.
    Verbatim,
}

/// Reads a file. Blocks without readable times are skipped.
///
/// # Errors
///
/// When it doesn't begin with `WEBVTT`.
pub fn read(text: &str) -> Result<Captions, CaptionsError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let follows = first.strip_prefix("WEBVTT");
    if !follows.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return Err(CaptionsError::Format(
            "WebVTT",
            "it does not begin with 'WEBVTT'".to_owned(),
        ));
    }
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    let mut captions = Captions::default();
    let mut skipped = 0;
    let mut header = true;
    for block in blocks(body) {
        let timed = block.iter().position(|line| line.contains("-->"));
        let Some(at) = timed else {
            if block[0].trim_end() == "STYLE" {
                captions.styles.push(block[1..].join("\n"));
            } else if !header && !block[0].starts_with("NOTE") && !block[0].starts_with("REGION") {
                skipped += 1;
            }
            header = false;
            continue;
        };
        header = false;
        match times(block[at]) {
            Some((start, end, settings)) => {
                captions
                    .cues
                    .push(cue(start, end, settings, &block[at + 1..]));
            }
            None => skipped += 1,
        }
    }
    if skipped > 0 {
        captions.warnings.push(format!(
            "{skipped} captions with unreadable times were skipped"
        ));
    }
    Ok(captions.tidied())
}

/// Lines between empty ones.
fn blocks(text: &str) -> Vec<Vec<&str>> {
    let mut blocks = vec![Vec::new()];
    for line in text.lines() {
        match blocks.last_mut() {
            Some(block) if !line.trim().is_empty() => block.push(line),
            _ => blocks.push(Vec::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

fn times(line: &str) -> Option<(i64, i64, &str)> {
    let (start, rest) = line.split_once("-->")?;
    let rest = rest.trim();
    let (end, settings) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Some((read_clock(start)?, read_clock(end)?, settings.trim()))
}

fn cue(start: i64, end: i64, settings: &str, lines: &[&str]) -> Cue {
    let payload = lines.join("\n");
    Cue {
        start,
        end,
        spans: spans(&payload),
        place: place(settings),
        verbatim: Some(Verbatim {
            settings: settings.to_owned(),
            payload,
        }),
    }
}

fn place(settings: &str) -> Option<Place> {
    let mut place = Place::default();
    for (name, value) in settings
        .split_whitespace()
        .filter_map(|part| part.split_once(':'))
    {
        let value = value.split(',').next().unwrap_or_default();
        match name {
            "line" => place.top = line(value),
            "position" => place.left = percent(value),
            "align" => {
                place.align = match value {
                    "start" | "left" => Align::Left,
                    "end" | "right" => Align::Right,
                    _ => Align::Center,
                }
            }
            _ => {}
        }
    }
    (place != Place::default()).then_some(place)
}

fn percent(value: &str) -> Option<u8> {
    let number = value.strip_suffix('%')?;
    let whole = number.split('.').next()?;
    whole.parse().ok().filter(|percent| *percent <= 100)
}

/// Per cent, or lines from the top; a negative number counts from the bottom, where captions are
/// anyway. Players show about 15 lines.
fn line(value: &str) -> Option<u8> {
    percent(value).or_else(|| {
        let number: u8 = value.parse().ok().filter(|number| *number < 15)?;
        Some(number * 100 / 15)
    })
}

fn spans(payload: &str) -> Vec<Span> {
    let mut spans = Spans::default();
    let mut stack: Vec<(String, Style)> = Vec::new();
    let mut style = Style::default();
    let mut rest = payload;
    while let Some(open) = rest.find('<') {
        spans.push(&unescape(&rest[..open]), style);
        let Some(length) = rest[open..].find('>') else {
            rest = "";
            break;
        };
        let tag = &rest[open + 1..open + length];
        rest = &rest[open + length + 1..];
        let classes = tag.split(char::is_whitespace).next().unwrap_or_default();
        let mut parts = classes.trim_start_matches('/').split('.');
        let name = parts.next().unwrap_or_default().to_owned();
        if tag.starts_with('/') {
            if let Some(at) = stack.iter().rposition(|(open, _)| *open == name) {
                style = stack[at].1;
                stack.truncate(at);
            }
            continue;
        }
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            // A time inside of the text: it has no end.
            continue;
        }
        stack.push((name.clone(), style));
        match name.as_str() {
            "b" => style.bold = true,
            "i" => style.italic = true,
            "u" => style.underline = true,
            _ => {}
        }
        // The standard's classes of colours: <https://www.w3.org/TR/webvtt1/#default-text-color>.
        if let Some(color) = parts.find_map(read_color) {
            style.color = Some(color);
        }
    }
    spans.push(&unescape(rest), style);
    spans.finish()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&lrm;", "\u{200e}")
        .replace("&rlm;", "\u{200f}")
        .replace("&amp;", "&")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Writes a file of its own.
pub fn write(cues: &[Cue], styles: &[String], look: Look) -> String {
    let mut text = "WEBVTT\n\n".to_owned();
    if look == Look::Verbatim {
        for style in styles {
            let _ = write!(text, "STYLE\n{style}\n\n");
        }
    }
    for cue in cues {
        put(&mut text, cue, look);
    }
    text
}

/// Writes the segment from `start` to `end`, microseconds: all cues that can be seen in it, at
/// their own times (RFC 8216, 3.5). The times are those of the presentation, which begins at zero:
/// the time `zero` of the transport stream beside it, 1/90000 s.
pub fn segment(
    cues: &[Cue],
    styles: &[String],
    look: Look,
    (start, end): (i64, i64),
    zero: u64,
) -> String {
    let seen: Vec<Cue> = cues
        .iter()
        .filter(|cue| cue.end > start && cue.start < end)
        .cloned()
        .collect();
    let whole = write(&seen, styles, look);
    whole.replacen(
        "WEBVTT\n",
        &format!("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{zero}\n"),
        1,
    )
}

fn put(text: &mut String, cue: &Cue, look: Look) {
    let verbatim = cue.verbatim.as_ref().filter(|_| look == Look::Verbatim);
    let (settings, payload) = match (look, verbatim) {
        (_, Some(verbatim)) => (verbatim.settings.clone(), verbatim.payload.clone()),
        (Look::Simple, None) => (String::new(), escape(&cue.text())),
        (Look::Styled | Look::Verbatim, None) => (
            cue.place.map(settings).unwrap_or_default(),
            tagged(&cue.spans, escape),
        ),
    };
    let space = if settings.is_empty() { "" } else { " " };
    let _ = write!(
        text,
        "{} --> {}{space}{settings}\n{}\n\n",
        clock(cue.start, '.'),
        clock(cue.end, '.'),
        super::srt::lines(&payload)
    );
}

fn settings(place: Place) -> String {
    let mut parts = Vec::new();
    if let Some(top) = place.top {
        parts.push(format!("line:{top}%"));
    }
    if let Some(left) = place.left {
        parts.push(format!("position:{left}%"));
    }
    match place.align {
        Align::Left => parts.push("align:start".to_owned()),
        Align::Right => parts.push("align:end".to_owned()),
        Align::Center => {}
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::captions::SECOND;

    const FILE: &str = "WEBVTT - a title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\nSTYLE\n::cue { color: red }\n\n\
        NOTE a comment\n\nfirst\n00:01.000 --> 00:02.500 line:10% align:start\n<v Ann>Fish &amp; <i>chips</i></v>\n\n\
        00:00:03.000 --> 00:00:0x.000\nlost\n\n00:00:04.000 --> 00:00:05.000\n<c.yellow>Warm<00:00:04.500> light</c>\n";

    #[test]
    fn a_file_is_read_with_styles_places_and_a_broken_cue() {
        let captions = read(FILE).unwrap();
        let texts: Vec<String> = captions.cues.iter().map(Cue::text).collect();
        assert_eq!(texts, ["Fish & chips", "Warm light"]);
        assert!(captions.cues[0].spans[1].style.italic);
        let place = captions.cues[0].place.unwrap();
        assert_eq!((place.top, place.align), (Some(10), Align::Left));
        assert_eq!(captions.cues[1].spans[0].style.color, Some([255, 255, 0]));
        assert_eq!(captions.styles, ["::cue { color: red }"]);
        assert_eq!(captions.warnings.len(), 1);
    }

    #[test]
    fn the_look_says_what_is_written() {
        let captions = read(FILE).unwrap();
        let file = |look| write(&captions.cues[..1], &captions.styles, look);
        insta::assert_snapshot!(file(Look::Simple), @r"
        WEBVTT

        00:00:01.000 --> 00:00:02.500
        Fish &amp; chips
        ");
        insta::assert_snapshot!(file(Look::Styled), @r"
        WEBVTT

        00:00:01.000 --> 00:00:02.500 line:10% align:start
        Fish &amp; <i>chips</i>
        ");
        insta::assert_snapshot!(file(Look::Verbatim), @r"
        WEBVTT

        STYLE
        ::cue { color: red }

        00:00:01.000 --> 00:00:02.500 line:10% align:start
        <v Ann>Fish &amp; <i>chips</i></v>
        ");
    }

    #[test]
    fn a_segment_holds_what_can_be_seen_in_it() {
        let cues = [
            Cue::plain(0, SECOND, "one"),
            Cue::plain(5 * SECOND, 7 * SECOND, "across"),
        ];
        let segment = segment(&cues, &[], Look::Simple, (6 * SECOND, 12 * SECOND), 180_000);
        insta::assert_snapshot!(segment, @r"
        WEBVTT
        X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:180000

        00:00:05.000 --> 00:00:07.000
        across
        ");
    }

    #[test]
    fn another_file_is_refused() {
        assert!(read("1\n00:00:01,000 --> 00:00:02,000\nSRT").is_err());
        assert!(read("WEBVTTX\n").is_err());
        assert!(read("WEBVTT").unwrap().cues.is_empty());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            cues in prop::collection::vec((0i64..5_000_000, 1i64..10_000, "[a-zäß&<>. ]{0,9}[a-z]\n?[a-z]"), 0..9),
        ) {
            let mut cues: Vec<Cue> = cues.into_iter()
                .map(|(start, length, text)| Cue::plain(start * 1000, (start + length) * 1000, text.trim()))
                .collect();
            cues.sort_by_key(|cue| (cue.start, cue.end));
            let mut back = read(&write(&cues, &[], Look::Styled)).unwrap().cues;
            for cue in &mut back { cue.verbatim = None; }
            prop_assert_eq!(back, cues);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "WEBVTT([0-9:,.<>/&;a-z\n-]|-->|\n\n|00:01.000|<[a-z.]*>)*") {
            let _ = read(&text);
        }
    }
}
