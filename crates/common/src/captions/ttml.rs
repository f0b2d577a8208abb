//! TTML and its kin: <https://www.w3.org/TR/ttml2/>. Text, times and slanted letters; no places and no other looks.

use roxmltree::{Document, Node};

use super::file::CaptionsError;
use super::webvtt::{Cue, escape};

const PARAMETERS: &str = "http://www.w3.org/ns/ttml#parameter";
const STYLING: &str = "http://www.w3.org/ns/ttml#styling";

/// The captions, in the order of the document.
pub(super) fn cues(text: &str) -> Result<Vec<Cue>, CaptionsError> {
    let document = Document::parse(text).map_err(|_| CaptionsError::Unknown)?;
    let root = document.root_element();
    let clock = Clock::of(root);
    let body = root.children().find(|node| is(*node, "body"));
    let mut cues = Vec::new();
    if let Some(body) = body {
        let whole = Span {
            start: 0.0,
            end: None,
        };
        walk(body, whole, &clock, &mut cues);
    }
    cues.sort_by_key(|cue| cue.start_ms);
    Ok(cues)
}

/// From when to when an element is shown, seconds.
#[derive(Clone, Copy)]
struct Span {
    start: f64,
    end: Option<f64>,
}

/// What times without seconds count by.
struct Clock {
    frames: f64,
    ticks: f64,
}

impl Clock {
    fn of(root: Node<'_, '_>) -> Self {
        let number = |name| {
            let value = root.attribute((PARAMETERS, name))?;
            value.trim().parse::<f64>().ok().filter(|it| *it > 0.0)
        };
        let multiplier = root
            .attribute((PARAMETERS, "frameRateMultiplier"))
            .and_then(|value| {
                let (over, under) = value.trim().split_once([' ', ':'])?;
                let (over, under): (f64, f64) = (over.parse().ok()?, under.parse().ok()?);
                (over > 0.0 && under > 0.0).then_some(over / under)
            });
        let frames = number("frameRate").unwrap_or(30.0) * multiplier.unwrap_or(1.0);
        let ticks =
            number("tickRate").unwrap_or_else(|| number("frameRate").map_or(1.0, |_| frames));
        Self { frames, ticks }
    }

    /// Reads `00:01:02.5`, `00:01:02:12` (frames), `1.5s`, `20f` and the like; seconds.
    fn seconds(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let number = |text: &str| text.parse::<f64>().ok().filter(|it| *it >= 0.0);
        if text.contains(':') {
            let parts: Option<Vec<f64>> = text.split(':').map(number).collect();
            let parts = parts?;
            let [hours, minutes, seconds, rest @ ..] = parts.as_slice() else {
                return None;
            };
            let frames = match rest {
                [] => 0.0,
                [frames] => frames / self.frames,
                _ => return None,
            };
            return Some(hours * 3600.0 + minutes * 60.0 + seconds + frames);
        }
        let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
        let value = number(&text[..unit])?;
        Some(match &text[unit..] {
            "h" => value * 3600.0,
            "m" => value * 60.0,
            "s" => value,
            "ms" => value / 1000.0,
            "f" => value / self.frames,
            "t" => value / self.ticks,
            _ => return None,
        })
    }

    /// When a child of an element is shown: its times count from that one's beginning.
    fn span(&self, node: Node<'_, '_>, parent: Span) -> Span {
        let time = |name| node.attribute(name).and_then(|text| self.seconds(text));
        let start = parent.start + time("begin").unwrap_or(0.0);
        let by_length = time("dur").map(|length| start + length);
        let by_end = time("end").map(|end| parent.start + end);
        let ends = [by_length, by_end, parent.end];
        let end = ends.into_iter().flatten().reduce(f64::min);
        Span { start, end }
    }
}

fn walk(node: Node<'_, '_>, parent: Span, clock: &Clock, cues: &mut Vec<Cue>) {
    let span = clock.span(node, parent);
    if !is(node, "p") {
        for child in node.children().filter(Node::is_element) {
            walk(child, span, clock, cues);
        }
        return;
    }
    let timed: Vec<_> = node
        .descendants()
        .filter(|child| is(*child, "span") && child.has_attribute("begin"))
        .collect();
    if timed.is_empty() {
        cues.extend(cue(node, span));
    }
    for child in timed {
        cues.extend(cue(child, clock.span(child, span)));
    }
}

fn cue(node: Node<'_, '_>, span: Span) -> Option<Cue> {
    let mut text = String::new();
    write(node, &mut text);
    Some(Cue {
        start_ms: milliseconds(span.start)?,
        end_ms: milliseconds(span.end?)?,
        text,
    })
}

fn write(node: Node<'_, '_>, text: &mut String) {
    let slanted = node.attribute((STYLING, "fontStyle")) == Some("italic");
    if slanted {
        text.push_str("<i>");
    }
    for child in node.children() {
        if is(child, "br") {
            text.push('\n');
        } else if let Some(said) = child.text().filter(|_| child.is_text()) {
            // Line ends of the file are none of the caption.
            let begins = said.starts_with(char::is_whitespace) && !text.is_empty();
            let ends = said.ends_with(char::is_whitespace);
            let words: Vec<_> = said.split_whitespace().collect();
            if begins {
                text.push(' ');
            }
            text.push_str(&escape(&words.join(" ")));
            if ends && !words.is_empty() {
                text.push(' ');
            }
        } else if child.is_element() && !is(child, "metadata") {
            write(child, text);
        }
    }
    if slanted {
        text.push_str("</i>");
    }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn milliseconds(seconds: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (0.0..1e9)
        .contains(&seconds)
        .then_some((seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::cues;

    fn times(body: &str) -> Vec<(u64, u64, String)> {
        let text = format!(
            "<tt xmlns=\"http://www.w3.org/ns/ttml\" xmlns:ttp=\"http://www.w3.org/ns/ttml#parameter\" \
             xmlns:tts=\"http://www.w3.org/ns/ttml#styling\" ttp:frameRate=\"25\" ttp:tickRate=\"100\">{body}</tt>"
        );
        let cues = cues(&text).unwrap().into_iter();
        cues.map(|cue| (cue.start_ms, cue.end_ms, cue.text))
            .collect()
    }

    #[test]
    fn times_come_in_every_spelling() {
        for (begin, end, ms) in [
            ("1s", "2.5s", (1000, 2500)),
            ("00:00:01", "00:00:02.500", (1000, 2500)),
            ("00:00:01:05", "00:01:00:00", (1200, 60_000)),
            ("500ms", "1m", (500, 60_000)),
            ("50f", "300t", (2000, 3000)),
            ("1h", "01:00:01", (3_600_000, 3_601_000)),
        ] {
            let body = format!("<body><p begin=\"{begin}\" end=\"{end}\">a</p></body>");
            let found = times(&body);
            assert_eq!((found[0].0, found[0].1), ms, "{begin}");
        }
    }

    #[test]
    fn elements_count_from_the_one_around_them() {
        let body = "<body begin=\"10s\"><div begin=\"1s\" dur=\"5s\"><p begin=\"1s\">a<br/>b &amp; \n  c</p>\
                    <p><span begin=\"2s\" end=\"3s\">d</span> <span begin=\"3s\" end=\"9s\" tts:fontStyle=\"italic\">e</span></p>\
                    </div></body>";
        let expected = [
            (12_000, 16_000, "a\nb &amp; c".to_owned()),
            (13_000, 14_000, "d".to_owned()),
            (14_000, 16_000, "<i>e</i>".to_owned()),
        ];
        assert_eq!(times(body), expected);
    }

    #[test]
    fn what_never_ends_is_left_out() {
        assert_eq!(
            times("<body><p begin=\"1s\">a</p><p begin=\"x\" end=\"y\">b</p></body>"),
            []
        );
    }
}
