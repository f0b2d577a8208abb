//! Advanced `SubStation` Alpha, the language of libass, which draws captions into the picture.

use std::fmt::Write as _;

use super::{Align, Cue, Span};

/// How captions are drawn. Sizes are pixels of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Of the picture.
    pub width: u32,
    /// Of the picture.
    pub height: u32,
    /// A family that fontconfig knows.
    pub font: &'static str,
    /// Of the letters; a twentieth of the height is usual.
    pub size: u32,
    /// Of the letters.
    pub color: Color,
    /// Of the line around the letters.
    pub outline: Color,
    /// Width of the line around the letters.
    pub outline_size: u32,
    /// Of a box behind the text, in place of the line around the letters.
    pub background: Option<Color>,
    /// Of the letters' shadow.
    pub shadow: Option<Color>,
    /// From the letters to their shadow, to the right and down.
    pub shadow_offset: (i32, i32),
    /// To which side lines are aligned.
    pub align: Align,
    /// Where the captions begin, from the left.
    pub left: Option<u32>,
    /// Where the captions begin, from the top.
    pub top: Option<u32>,
    /// Whether looks and places of the source count.
    pub styles: bool,
}

/// A colour with its opacity: 255 hides what is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// Red, green and blue.
    pub rgb: [u8; 3],
    /// 0 to 255.
    pub opacity: u8,
}

impl Color {
    /// `&HAABBGGRR`, where AA is transparency.
    fn ass(self) -> String {
        let [red, green, blue] = self.rgb;
        format!("&H{:02X}{blue:02X}{green:02X}{red:02X}", 255 - self.opacity)
    }
}

/// Writes a file.
pub fn write(cues: &[Cue], look: &Look) -> String {
    // With a box, libass draws it in the colour of the outline.
    let (border, edge) = match look.background {
        Some(background) => (3, background),
        None => (1, look.outline),
    };
    let number = match look.align {
        Align::Left => 1,
        Align::Center => 2,
        Align::Right => 3,
    };
    let shadow = look.shadow.unwrap_or(Color {
        rgb: [0; 3],
        opacity: 0,
    });
    let mut text = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {}\nPlayResY: {}\nScaledBorderAndShadow: yes\nWrapStyle: 0\n\n\
         [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, Italic, \
         Underline, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n\
         Style: Default,{},{},{},{},{},0,0,0,{border},{},0,{number},{},{},{},1\n\n\
         [Events]\nFormat: Layer, Start, End, Style, Text\n",
        look.width,
        look.height,
        look.font,
        look.size,
        look.color.ass(),
        edge.ass(),
        shadow.ass(),
        look.outline_size,
        look.width / 20,
        look.width / 20,
        look.height / 20,
    );
    for cue in cues {
        let _ = writeln!(
            text,
            "Dialogue: 0,{},{},Default,{}{}",
            clock(cue.start),
            clock(cue.end),
            head(cue, look),
            body(&cue.spans, look)
        );
    }
    text
}

/// What is set for a whole caption.
fn head(cue: &Cue, look: &Look) -> String {
    let mut tags = String::new();
    let place = cue.place.filter(|_| look.styles);
    let percent = |whole: u32, part: u8| whole * u32::from(part) / 100;
    let top = look.top.or(place
        .and_then(|place| place.top)
        .map(|top| percent(look.height, top)));
    let align = place.map_or(look.align, |place| place.align);
    let column = match align {
        Align::Left => 1,
        Align::Center => 2,
        Align::Right => 3,
    };
    if top.is_some() || look.left.is_some() {
        let x = look.left.unwrap_or(match align {
            Align::Left => look.width / 20,
            Align::Center => look.width / 2,
            Align::Right => look.width - look.width / 20,
        });
        // From above, if a place from above was given.
        let (row, y) = match top {
            Some(top) => (6, top),
            None => (0, look.height - look.height / 20),
        };
        let column = if look.left.is_some() && look.align != Align::Center {
            1
        } else {
            column
        };
        let _ = write!(tags, "\\an{}\\pos({x},{y})", row + column);
    } else if align != look.align {
        let _ = write!(tags, "\\an{column}");
    }
    if look.shadow.is_some() {
        let (x, y) = look.shadow_offset;
        let _ = write!(tags, "\\xshad{x}\\yshad{y}");
    }
    if tags.is_empty() {
        tags
    } else {
        format!("{{{tags}}}")
    }
}

fn body(spans: &[Span], look: &Look) -> String {
    let mut text = String::new();
    for span in spans {
        let style = if look.styles {
            span.style
        } else {
            super::Style::default()
        };
        let mut tags = String::new();
        for (on, tag) in [
            (style.bold, "\\b1"),
            (style.italic, "\\i1"),
            (style.underline, "\\u1"),
        ] {
            if on {
                tags.push_str(tag);
            }
        }
        if let Some([red, green, blue]) = style.color {
            let _ = write!(tags, "\\c&H{blue:02X}{green:02X}{red:02X}&");
        }
        let words = escape(&span.text);
        if tags.is_empty() {
            text.push_str(&words);
        } else {
            // Then the default look again.
            let [red, green, blue] = look.color.rgb;
            let _ = write!(
                text,
                "{{{tags}}}{words}{{\\b0\\i0\\u0\\c&H{blue:02X}{green:02X}{red:02X}&}}"
            );
        }
    }
    text
}

/// Braces begin tags and a backslash begins a command; there is no way to write them as they are.
fn escape(text: &str) -> String {
    text.replace('\\', "\u{29f5}")
        .replace('{', "(")
        .replace('}', ")")
        .replace('\n', "\\N")
}

/// `h:mm:ss.cc`.
fn clock(time: i64) -> String {
    let hundredths = (time.max(0) + 5000) / 10_000;
    let (seconds, hundredths) = (hundredths / 100, hundredths % 100);
    format!(
        "{}:{:02}:{:02}.{hundredths:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captions::{Place, SECOND};

    fn look() -> Look {
        Look {
            width: 640,
            height: 360,
            font: "DejaVu Sans",
            size: 18,
            color: Color {
                rgb: [255, 255, 255],
                opacity: 255,
            },
            outline: Color {
                rgb: [0; 3],
                opacity: 255,
            },
            outline_size: 2,
            background: None,
            shadow: None,
            shadow_offset: (0, 0),
            align: Align::Center,
            left: None,
            top: None,
            styles: true,
        }
    }

    fn lines(cues: &[Cue], look: &Look) -> Vec<String> {
        write(cues, look)
            .lines()
            .filter(|line| line.starts_with("Dialogue"))
            .map(ToOwned::to_owned)
            .collect()
    }

    #[test]
    fn text_cannot_become_a_tag() {
        let cue = Cue::plain(SECOND, 2 * SECOND, "a {\\an8} b\nc");
        assert_eq!(
            lines(&[cue], &look()),
            ["Dialogue: 0,0:00:01.00,0:00:02.00,Default,a (\u{29f5}an8) b\\Nc"]
        );
    }

    #[test]
    fn looks_and_places_become_tags() {
        let mut cue = Cue::plain(0, SECOND, "red");
        cue.spans[0].style.color = Some([255, 0, 16]);
        cue.place = Some(Place {
            top: Some(10),
            left: None,
            align: Align::Left,
        });
        assert_eq!(
            lines(&[cue.clone()], &look()),
            [
                "Dialogue: 0,0:00:00.00,0:00:01.00,Default,{\\an7\\pos(32,36)}{\\c&H1000FF&}red{\\b0\\i0\\u0\\c&HFFFFFF&}"
            ]
        );
        let plain = Look {
            styles: false,
            ..look()
        };
        assert_eq!(
            lines(&[cue], &plain),
            ["Dialogue: 0,0:00:00.00,0:00:01.00,Default,red"]
        );
    }
}
