//! TTML and its profiles (IMSC, SMPTE-TT, DFXP): <https://www.w3.org/TR/ttml2/>.

use std::collections::HashMap;
use std::fmt::Write as _;

use roxmltree::{Document, Node, ParsingOptions};

use super::{
    Align, Captions, CaptionsError, Cue, Place, SECOND, Span, Spans, Style, clock, read_color,
};
use crate::ratio::Ratio;

const TT: &str = "http://www.w3.org/ns/ttml";
const PARAMETER: &str = "http://www.w3.org/ns/ttml#parameter";
const STYLING: &str = "http://www.w3.org/ns/ttml#styling";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Reads a document. Paragraphs without readable times are skipped.
///
/// # Errors
///
/// When it isn't XML, or its root is not `tt`.
pub fn read(text: &str) -> Result<Captions, CaptionsError> {
    let options = ParsingOptions {
        // Entities could name other files or grow without bounds.
        allow_dtd: false,
        nodes_limit: 1_000_000,
    };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| CaptionsError::Format("TTML", error.to_string()))?;
    let root = document.root_element();
    if root.tag_name().name() != "tt" {
        return Err(CaptionsError::Format(
            "TTML",
            format!("its root element is '{}'", root.tag_name().name()),
        ));
    }
    let mut reader = Reader {
        clock: Clock::of(root),
        named: root
            .descendants()
            .filter(|node| matches!(node.tag_name().name(), "style" | "region"))
            .filter_map(|node| Some((identity(node)?, node)))
            .collect(),
        captions: Captions::default(),
        skipped: 0,
    };
    if let Some(body) = root
        .children()
        .find(|node| node.has_tag_name((TT, "body")))
        .or_else(
            // Old drafts have other namespaces.
            || {
                root.children()
                    .find(|node| node.tag_name().name() == "body")
            },
        )
    {
        let scope = Scope {
            style: reader.style(root, Style::default()),
            ..Scope::default()
        };
        reader.container(body, scope);
    }
    let mut captions = reader.captions;
    if reader.skipped > 0 {
        captions.warnings.push(format!(
            "{} paragraphs without readable times were skipped",
            reader.skipped
        ));
    }
    Ok(captions.tidied())
}

fn identity<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.attribute((XML, "id")).or_else(|| node.attribute("id"))
}

/// What a paragraph has from the elements around it.
#[derive(Clone, Copy, Debug, Default)]
struct Scope {
    begin: i64,
    end: Option<i64>,
    style: Style,
    place: Option<Place>,
    timed: bool,
}

struct Reader<'a, 'input> {
    clock: Clock,
    named: HashMap<&'a str, Node<'a, 'input>>,
    captions: Captions,
    skipped: u32,
}

impl<'a, 'input> Reader<'a, 'input> {
    fn container(&mut self, node: Node<'a, 'input>, outer: Scope) {
        let Some(scope) = self.scope(node, outer) else {
            self.skipped += 1;
            return;
        };
        for child in node.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "div" | "body" => self.container(child, scope),
                "p" => self.paragraph(child, scope),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, node: Node<'a, 'input>, outer: Scope) {
        let Some(scope) = self.scope(node, outer) else {
            self.skipped += 1;
            return;
        };
        // Where spans have times, each is a caption of its own.
        let timed: Vec<Node<'a, 'input>> = node
            .descendants()
            .filter(|child| child.tag_name().name() == "span" && has_times(*child))
            .collect();
        if timed.is_empty() {
            self.put(node, scope);
            return;
        }
        for span in timed {
            match self.scope(span, scope) {
                Some(scope) => self.put(span, scope),
                None => self.skipped += 1,
            }
        }
    }

    fn put(&mut self, node: Node<'a, 'input>, scope: Scope) {
        let (true, Some(end)) = (scope.timed, scope.end) else {
            self.skipped += 1;
            return;
        };
        let mut spans = Spans::default();
        let preserve = node
            .ancestors()
            .find_map(|node| node.attribute((XML, "space")))
            == Some("preserve");
        self.text(node, scope.style, preserve, &mut spans);
        self.captions.cues.push(Cue {
            start: scope.begin,
            end,
            spans: without_edges(&spans.finish()),
            place: scope.place,
            verbatim: None,
        });
    }

    fn text(&self, node: Node<'a, 'input>, style: Style, preserve: bool, spans: &mut Spans) {
        for child in node.children() {
            if child.is_text() {
                let text = child.text().unwrap_or_default();
                if preserve {
                    spans.push(text, style);
                } else {
                    spans.push(&folded(text), style);
                }
            } else if child.tag_name().name() == "br" {
                spans.push("\n", style);
            } else if child.tag_name().name() == "span" {
                self.text(child, self.style(child, style), preserve, spans);
            }
        }
    }

    /// Times are relative to those of the element around.
    fn scope(&self, node: Node<'a, 'input>, outer: Scope) -> Option<Scope> {
        let time = |name| match node.attribute(name) {
            Some(text) => self.clock.time(text).map(Some),
            None => Some(None),
        };
        let (begin, end, duration) = (time("begin")?, time("end")?, time("dur")?);
        let from = outer.begin + begin.unwrap_or_default();
        let own = match (end, duration) {
            (Some(end), Some(duration)) => Some((outer.begin + end).min(from + duration)),
            (Some(end), None) => Some(outer.begin + end),
            (None, Some(duration)) => Some(from + duration),
            (None, None) => None,
        };
        let end = match (own, outer.end) {
            (Some(own), Some(outer)) => Some(own.min(outer)),
            (own, outer) => own.or(outer),
        };
        let region = node.attribute("region").and_then(|id| self.named.get(id));
        Some(Scope {
            begin: from,
            end,
            style: self.style(node, outer.style),
            place: match region {
                Some(region) => self.place(*region),
                None => outer.place,
            },
            timed: outer.timed || has_times(node),
        })
    }

    fn style(&self, node: Node<'a, 'input>, outer: Style) -> Style {
        self.style_within(node, outer, 0)
    }

    fn style_within(&self, node: Node<'a, 'input>, outer: Style, depth: u32) -> Style {
        let mut style = outer;
        // Styles may refer to styles; some files even to themselves.
        if depth < 8 {
            for name in node
                .attribute("style")
                .unwrap_or_default()
                .split_whitespace()
            {
                if let Some(named) = self.named.get(name) {
                    style = self.style_within(*named, style, depth + 1);
                }
            }
        }
        let value = |name| styling(node, name);
        if let Some(value) = value("fontStyle") {
            style.italic = matches!(value, "italic" | "oblique");
        }
        if let Some(value) = value("fontWeight") {
            style.bold = value == "bold";
        }
        if let Some(value) = value("textDecoration") {
            style.underline = value.split_whitespace().any(|word| word == "underline");
        }
        if let Some(color) = value("color").and_then(read_color) {
            style.color = (color != [255, 255, 255]).then_some(color);
        }
        style
    }

    /// Only regions in the upper part, or that are aligned to a side, say something.
    fn place(&self, region: Node<'a, 'input>) -> Option<Place> {
        let style = region
            .attribute("style")
            .and_then(|name| self.named.get(name).copied());
        let value = |name| {
            styling(region, name)
                .or_else(|| region.children().find_map(|child| styling(child, name)))
                .or_else(|| style.and_then(|style| styling(style, name)))
        };
        let percents = |name| {
            let text: Option<&str> = value(name);
            let mut parts = text.unwrap_or_default().split_whitespace().map(percent);
            (parts.next().flatten(), parts.next().flatten())
        };
        let (_, y) = percents("origin");
        let (_, height) = percents("extent");
        let top = match (value("displayAlign").unwrap_or("before"), y, height) {
            ("before", Some(y), _) => Some(y),
            ("center", Some(y), Some(height)) => Some(y + height / 2),
            // The text is at the region's lower edge.
            (_, Some(y), Some(height)) if u16::from(y) + u16::from(height) < 70 => {
                Some((y + height).saturating_sub(7))
            }
            _ => None,
        };
        let align = match value("textAlign") {
            Some("left" | "start") => Align::Left,
            Some("right" | "end") => Align::Right,
            _ => Align::Center,
        };
        let place = Place {
            top: top.filter(|top| *top < 70),
            left: None,
            align,
        };
        (place != Place::default()).then_some(place)
    }
}

fn styling<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes()
        .find(|attribute| {
            attribute.name() == name
                && attribute.namespace().is_some_and(|space| {
                    space == STYLING || space.ends_with("#styling") || space.ends_with("#style")
                })
        })
        .map(|attribute| attribute.value())
}

fn percent(text: &str) -> Option<u8> {
    let number = text.strip_suffix('%')?.split('.').next()?;
    number.parse().ok().filter(|percent| *percent <= 100)
}

fn has_times(node: Node<'_, '_>) -> bool {
    ["begin", "end", "dur"]
        .iter()
        .any(|name| node.attribute(*name).is_some())
}

/// White space as one space each, as XML has it by default.
fn folded(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            ' ' | '\t' | '\n' | '\r' if out.ends_with(' ') => {}
            ' ' | '\t' | '\n' | '\r' => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

/// Without spaces around line breaks.
fn without_edges(spans: &[Span]) -> Vec<Span> {
    let mut out = Spans::default();
    let mut after_break = true;
    for (index, span) in spans.iter().enumerate() {
        let breaks_next = spans
            .get(index + 1)
            .is_some_and(|next| next.text.starts_with('\n'));
        let lines: Vec<&str> = span.text.split('\n').collect();
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                out.push("\n", span.style);
                after_break = true;
            }
            let mut line = *line;
            if after_break {
                line = line.trim_start_matches(' ');
            }
            if number + 1 < lines.len() || breaks_next {
                line = line.trim_end_matches(' ');
            }
            if !line.is_empty() {
                after_break = false;
            }
            out.push(line, span.style);
        }
    }
    out.finish()
}

/// How a document counts time.
struct Clock {
    frames: Ratio,
    ticks: u32,
}

impl Clock {
    fn of(root: Node<'_, '_>) -> Self {
        let parameter = |name: &str| {
            root.attributes()
                .find(|attribute| {
                    attribute.name() == name
                        && attribute.namespace().is_some_and(|space| {
                            space == PARAMETER || space.ends_with("#parameter")
                        })
                })
                .map(|attribute| attribute.value())
        };
        let rate: u32 = parameter("frameRate")
            .and_then(|rate| rate.parse().ok())
            .filter(|rate| (1..=1000).contains(rate))
            .unwrap_or(30);
        let multiplier = parameter("frameRateMultiplier").and_then(|text| {
            let (up, down) = text.split_once([' ', ':'])?;
            Some((
                up.trim().parse::<u32>().ok()?,
                down.trim().parse::<u32>().ok()?,
            ))
        });
        let (up, down) = multiplier
            .filter(|(up, down)| (1..=100_000).contains(up) && (1..=100_000).contains(down))
            .unwrap_or((1, 1));
        let frames = Ratio::new(rate.saturating_mul(up), down).unwrap_or(Ratio::ONE);
        let ticks = parameter("tickRate").and_then(|rate| rate.parse().ok());
        Self {
            frames,
            ticks: ticks.filter(|rate| *rate > 0).unwrap_or(1),
        }
    }

    /// Microseconds of a time expression.
    fn time(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        if text.contains(':') {
            let parts: Vec<&str> = text.split(':').collect();
            if let [hours, minutes, seconds, frames] = parts.as_slice() {
                let whole = super::read_clock(&format!("{hours}:{minutes}:{seconds}"))?;
                let frames = decimal(frames)?;
                return Some(whole + self.frames_long(frames));
            }
            return super::read_clock(text);
        }
        let unit = text.find(|letter: char| letter.is_ascii_alphabetic())?;
        let number = decimal(&text[..unit])?;
        Some(match &text[unit..] {
            "h" => number * 3600,
            "m" => number * 60,
            "s" => number,
            "ms" => number / 1000,
            "f" => self.frames_long(number),
            "t" => number / i64::from(self.ticks),
            _ => return None,
        })
    }

    /// Microseconds of a millionth of a frame.
    fn frames_long(&self, micro_frames: i64) -> i64 {
        micro_frames.saturating_mul(i64::from(self.frames.denominator()))
            / i64::from(self.frames.numerator())
    }
}

/// A number of up to six decimals, in millionths.
fn decimal(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut number = super::digits(whole)?.checked_mul(SECOND)?;
    let mut unit = SECOND;
    for digit in fraction.chars() {
        unit /= 10;
        number += i64::from(digit.to_digit(10)?) * unit;
    }
    // Hours are the largest unit.
    (number < i64::MAX / 4000 / 1001).then_some(number)
}

/// How all text of a document looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Default {
    /// CSS colour of the text, with its opacity: `#rrggbbaa`.
    pub color: String,
    /// The same, behind the text.
    pub background: String,
    /// Pixels; the player's own size, when left out.
    pub size: Option<u32>,
    /// All letters are heavy.
    pub bold: bool,
    /// All letters are slanted.
    pub italic: bool,
    /// All text has a line below.
    pub underline: bool,
}

impl std::default::Default for Default {
    fn default() -> Self {
        Self {
            color: "#ffffffff".to_owned(),
            background: "#000000ff".to_owned(),
            size: None,
            bold: false,
            italic: false,
            underline: false,
        }
    }
}

/// What is written about the document itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// By RFC 5646.
    pub language: &'a str,
    /// Whether it says of itself to be of IMSC 1.1's text profile.
    pub imsc: bool,
    /// How all text looks.
    pub default: &'a Default,
}

/// Writes a document; with `styles`, also the look of single cues.
pub fn write(cues: &[Cue], header: &Header<'_>, styles: bool) -> String {
    let Header {
        language,
        imsc,
        default,
    } = header;
    let profile = if *imsc {
        " xmlns:ttp=\"http://www.w3.org/ns/ttml#parameter\" ttp:timeBase=\"media\" \
         ttp:contentProfiles=\"http://www.w3.org/ns/ttml/profile/imsc1.1/text\""
    } else {
        ""
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <tt xmlns=\"{TT}\" xmlns:tts=\"{STYLING}\"{profile} xml:lang=\"{}\">\n  <head>\n    <styling>\n      \
         <style xml:id=\"s\" tts:color=\"{}\" tts:backgroundColor=\"{}\" tts:fontFamily=\"proportionalSansSerif\"",
        escape(language),
        default.color,
        default.background,
    );
    let mut set = |on: bool, attribute: &str| {
        if on {
            text.push_str(attribute);
        }
    };
    set(default.bold, " tts:fontWeight=\"bold\"");
    set(default.italic, " tts:fontStyle=\"italic\"");
    set(default.underline, " tts:textDecoration=\"underline\"");
    if let Some(size) = default.size {
        let _ = write!(text, " tts:fontSize=\"{size}px\"");
    }
    text.push_str("/>\n    </styling>\n    <layout>\n");
    let mut regions: Vec<Option<Place>> = Vec::new();
    for cue in cues {
        let place = cue.place.filter(|_| styles);
        if !regions.contains(&place) {
            region(&mut text, regions.len(), place);
            regions.push(place);
        }
    }
    text.push_str("    </layout>\n  </head>\n  <body style=\"s\">\n    <div>\n");
    for cue in cues {
        let place = cue.place.filter(|_| styles);
        let region = regions
            .iter()
            .position(|other| *other == place)
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "      <p begin=\"{}\" end=\"{}\" region=\"r{region}\">{}</p>",
            clock(cue.start, '.'),
            clock(cue.end, '.'),
            content(&cue.spans, styles)
        );
    }
    text.push_str("    </div>\n  </body>\n</tt>\n");
    text
}

fn region(text: &mut String, number: usize, place: Option<Place>) {
    let place = place.unwrap_or_default();
    let (top, side) = match place.top {
        Some(top) => (top.min(90), "before"),
        None => (10, "after"),
    };
    let align = match place.align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
    };
    let _ = writeln!(
        text,
        "      <region xml:id=\"r{number}\" tts:origin=\"10% {top}%\" tts:extent=\"80% {}%\" \
         tts:displayAlign=\"{side}\" tts:textAlign=\"{align}\"/>",
        if side == "after" { 80 } else { 100 - top },
    );
}

fn content(spans: &[Span], styles: bool) -> String {
    let mut text = String::new();
    for span in spans {
        let words = escape(&span.text).replace('\n', "<br/>");
        let style = if styles { span.style } else { Style::default() };
        if style == Style::default() {
            text.push_str(&words);
            continue;
        }
        text.push_str("<span");
        for (on, attribute) in [
            (style.bold, " tts:fontWeight=\"bold\""),
            (style.italic, " tts:fontStyle=\"italic\""),
            (style.underline, " tts:textDecoration=\"underline\""),
        ] {
            if on {
                text.push_str(attribute);
            }
        }
        if let Some([red, green, blue]) = style.color {
            let _ = write!(text, " tts:color=\"#{red:02x}{green:02x}{blue:02x}\"");
        }
        let _ = write!(text, ">{words}</span>");
    }
    text
}

fn escape(text: &str) -> String {
    text.chars()
        // XML 1.0 has no other control characters.
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'))
        .collect::<String>()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = r##"<?xml version="1.0"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" ttp:tickRate="1000" xml:lang="en">
  <head>
    <styling><style xml:id="it" tts:fontStyle="italic"/><style xml:id="warm" style="it" tts:color="#ff0000ff"/></styling>
    <layout><region xml:id="top" tts:origin="10% 5%" tts:extent="80% 20%" tts:textAlign="left"/></layout>
  </head>
  <body begin="1s">
    <div>
      <p begin="00:00:01.500" end="00:00:02.500" region="top">Up
         <span style="warm">high</span> <br/> below</p>
      <p begin="00:00:03:05" dur="25f">Frames</p>
      <p begin="4000t" end="x">lost</p>
      <p>never</p>
      <p begin="5s"><span begin="0s" end="1s">one</span><span begin="1s" end="2s">two</span></p>
    </div>
  </body>
</tt>"##;

    #[test]
    fn times_styles_and_regions_are_read() {
        let captions = read(FILE).unwrap();
        let told: Vec<(i64, i64, String)> = captions
            .cues
            .iter()
            .map(|cue| (cue.start / 1000, cue.end / 1000, cue.text()))
            .collect();
        assert_eq!(
            told,
            [
                (2500, 3500, "Up high\nbelow".to_owned()),
                (4200, 5200, "Frames".to_owned()),
                (6000, 7000, "one".to_owned()),
                (7000, 8000, "two".to_owned()),
            ]
        );
        let cue = &captions.cues[0];
        assert_eq!(cue.spans[1].style.color, Some([255, 0, 0]));
        assert!(cue.spans[1].style.italic);
        assert_eq!(
            cue.place,
            Some(Place {
                top: Some(5),
                left: None,
                align: Align::Left
            })
        );
        assert_eq!(
            captions.warnings,
            ["2 paragraphs without readable times were skipped"]
        );
    }

    #[test]
    fn what_is_no_ttml_is_refused() {
        assert!(read("<html/>").is_err());
        assert!(read("WEBVTT").is_err());
        assert!(
            read("<!DOCTYPE tt [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><tt>&a;</tt>").is_err()
        );
    }

    #[test]
    fn a_document_is_written() {
        let mut cue = Cue::plain(1_000_000, 2_000_000, "Fish & chips\n<now>");
        cue.spans[0].style.italic = true;
        let header = Header {
            language: "en",
            imsc: true,
            default: &Default::default(),
        };
        insta::assert_snapshot!(write(&[cue], &header, true));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            cues in prop::collection::vec((0i64..5_000_000, 1i64..10_000, "[a-zäß&<>\".]([a-z&< ]{0,9}[a-z])?(\n[a-z])?"), 0..9),
        ) {
            let mut cues: Vec<Cue> = cues.into_iter()
                .map(|(start, length, text)| {
                    let text = folded_lines(&text);
                    Cue::plain(start * 1000, (start + length) * 1000, text)
                })
                .collect();
            cues.sort_by_key(|cue| (cue.start, cue.end));
            let header = Header { language: "en", imsc: false, default: &Default::default() };
            prop_assert_eq!(read(&write(&cues, &header, true)).unwrap().cues, cues);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "<tt>(<p( (begin|end|dur)=\"[0-9:.hmsft]*\")*>|</p>|<span>|</span>|[a-z ])*</tt>") {
            let _ = read(&text);
        }
    }

    fn folded_lines(text: &str) -> String {
        folded(&text.replace('\n', "\u{1}")).replace('\u{1}', "\n")
    }
}
