//! What captions an output has, and in which form.

use crate::captions::ass::{self, Color};
use crate::captions::webvtt::Look;
use crate::captions::{Align, Cue, Window, srt, ttml, webvtt};
use crate::settings::{
    Accessibility, BurninAlignment, BurninDestinationSettings, CaptionColor, CaptionDescription,
    CaptionDestinationType, Codec, FallbackFont, Output, StylePassthrough, TtmlDestinationSettings,
};
use crate::sources::Sources;

/// Captions of an output.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedCaptions {
    /// At the times of the output.
    pub cues: Vec<Cue>,
    /// `STYLE` blocks of a `WebVTT` source.
    pub styles: Vec<String>,
    /// Three letters in lower case, or by RFC 5646.
    pub language: Option<String>,
    /// Label in the manifests.
    pub name: Option<String>,
    /// For people who don't hear well.
    pub accessible: bool,
    /// What is written.
    pub format: Format,
}

/// What is written of captions.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    /// `WebVTT`.
    WebVtt(Look),
    /// TTML of the W3C; with looks and places or not.
    Imsc(bool),
    /// TTML; with looks and places of the source or not.
    Ttml(ttml::Default, bool),
    /// `SubRip`; with looks or not.
    Srt(bool),
}

impl Format {
    /// Extension of a file of its own.
    pub fn extension(&self) -> &'static str {
        match self {
            Self::WebVtt(_) => "vtt",
            Self::Imsc(_) => "xml",
            Self::Ttml(..) => "ttml",
            Self::Srt(_) => "srt",
        }
    }

    /// Media type of a file of its own.
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::WebVtt(_) => "text/vtt",
            Self::Imsc(_) | Self::Ttml(..) => "application/ttml+xml",
            Self::Srt(_) => "application/x-subrip",
        }
    }
}

impl PlannedCaptions {
    /// A file of its own.
    pub fn file(&self) -> String {
        match &self.format {
            Format::WebVtt(look) => webvtt::write(&self.cues, &self.styles, *look),
            Format::Imsc(styles) => self.ttml(&ttml::Default::default(), true, *styles),
            Format::Ttml(default, styles) => self.ttml(default, false, *styles),
            Format::Srt(styles) => srt::write(&self.cues, *styles),
        }
    }

    fn ttml(&self, default: &ttml::Default, imsc: bool, styles: bool) -> String {
        let header = ttml::Header {
            language: self.language.as_deref().unwrap_or("und"),
            imsc,
            default,
        };
        ttml::write(&self.cues, &header, styles)
    }
}

/// The cues of a selector, from all pieces of the timeline: the input's index and its window.
pub(super) fn cues(selector: &str, sources: &Sources, timeline: &[(usize, Window)]) -> Vec<Cue> {
    let mut cues = Vec::new();
    for (input, window) in timeline {
        let files = sources.inputs.get(*input);
        if let Some(captions) = files.and_then(|files| files.captions.get(selector)) {
            cues.extend(captions.placed(*window));
        }
    }
    cues
}

/// Captions that are a track or a file; nothing for those that are part of a picture.
pub(super) fn planned(
    description: &CaptionDescription,
    sources: &Sources,
    timeline: &[(usize, Window)],
) -> Option<PlannedCaptions> {
    let settings = &description.destination_settings;
    let vtt = settings.webvtt_destination_settings;
    let imsc = settings.imsc_destination_settings;
    let (format, accessibility) = match description.kind()? {
        CaptionDestinationType::Webvtt => (
            Format::WebVtt(look(vtt.style_passthrough)),
            vtt.accessibility,
        ),
        CaptionDestinationType::Imsc => (
            Format::Imsc(imsc.style_passthrough != StylePassthrough::Disabled),
            imsc.accessibility,
        ),
        CaptionDestinationType::Ttml => (
            Format::Ttml(
                default(&settings.ttml_destination_settings),
                settings.ttml_destination_settings.style_passthrough != StylePassthrough::Disabled,
            ),
            Accessibility::Disabled,
        ),
        CaptionDestinationType::Srt => {
            let style = settings.srt_destination_settings.style_passthrough;
            (
                Format::Srt(style != StylePassthrough::Disabled),
                Accessibility::Disabled,
            )
        }
        CaptionDestinationType::BurnIn | CaptionDestinationType::Embedded => return None,
    };
    let selector = description.selector();
    let mut cues = cues(selector, sources, timeline);
    if vtt.style_passthrough == StylePassthrough::Merge {
        cues = merged(cues);
    }
    let styles = sources
        .inputs
        .iter()
        .find_map(|files| files.captions.get(selector))
        .map(|captions| captions.styles.clone());
    let code = description
        .custom_language_code
        .clone()
        .or_else(|| Some(description.language_code.as_ref()?.to_lowercase()));
    Some(PlannedCaptions {
        cues,
        styles: styles.unwrap_or_default(),
        language: code,
        name: description.language_description.clone(),
        accessible: accessibility == Accessibility::Enabled,
        format,
    })
}

fn look(passthrough: StylePassthrough) -> Look {
    match passthrough {
        StylePassthrough::Disabled => Look::Simple,
        StylePassthrough::Enabled | StylePassthrough::Merge => Look::Styled,
        StylePassthrough::Strict => Look::Verbatim,
    }
}

/// Cues of the same times become one.
fn merged(cues: Vec<Cue>) -> Vec<Cue> {
    let mut out: Vec<Cue> = Vec::new();
    for cue in cues {
        match out.last_mut() {
            Some(last) if (last.start, last.end) == (cue.start, cue.end) => {
                if let Some(span) = last.spans.last_mut() {
                    span.text.push('\n');
                }
                last.spans.extend(cue.spans);
            }
            _ => out.push(cue),
        }
    }
    out
}

fn default(settings: &TtmlDestinationSettings) -> ttml::Default {
    let css = |color: Option<CaptionColor>, usual: [u8; 3], opacity: Option<u8>| {
        let opacity = match color {
            Some(CaptionColor::None) => 0,
            _ => opacity.unwrap_or(255),
        };
        let [red, green, blue] = color.and_then(CaptionColor::rgb).unwrap_or(usual);
        format!("#{red:02x}{green:02x}{blue:02x}{opacity:02x}")
    };
    let is = |value: &Option<String>, name| value.as_deref() == Some(name);
    ttml::Default {
        color: css(settings.font_color, [255; 3], settings.font_opacity),
        background: css(
            settings.background_color,
            [0; 3],
            settings.background_opacity,
        ),
        size: Some(settings.font_size).filter(|size| *size > 0),
        bold: is(&settings.font_weight, "BOLD"),
        italic: is(&settings.font_style, "ITALIC"),
        underline: is(&settings.text_decoration, "UNDERLINE"),
    }
}

/// Arguments that keep 608 and 708 captions in the picture track only where they are asked for.
pub(super) fn embedded(output: &Output, codec: Codec) -> Vec<String> {
    let kept = output
        .caption_descriptions
        .iter()
        .any(|description| description.kind() == Some(CaptionDestinationType::Embedded));
    if kept || codec != Codec::H264 {
        return Vec::new();
    }
    vec!["-a53cc".to_owned(), "0".to_owned()]
}

/// How captions are drawn into a picture of a size.
pub(super) fn drawn(
    settings: &BurninDestinationSettings,
    (width, height): (u32, u32),
) -> ass::Look {
    let color = |color: Option<CaptionColor>, usual: [u8; 3], opacity: u8| Color {
        rgb: color.and_then(CaptionColor::rgb).unwrap_or(usual),
        opacity,
    };
    let mut font = color(
        settings.font_color,
        [255; 3],
        settings.font_opacity.unwrap_or(255),
    );
    if settings.font_color == Some(CaptionColor::Hex)
        && let Some((rgb, opacity)) = settings.hex_font_color.as_deref().and_then(hex)
    {
        font.rgb = rgb;
        font.opacity = settings.font_opacity.or(opacity).unwrap_or(255);
    }
    let styles = settings.style_passthrough != StylePassthrough::Disabled;
    let boxed = !matches!(
        settings.background_color,
        None | Some(CaptionColor::None | CaptionColor::Auto)
    ) || settings
        .background_opacity
        .is_some_and(|opacity| opacity > 0);
    let shadowed = settings
        .shadow_color
        .is_some_and(|color| color.rgb().is_some());
    ass::Look {
        width,
        height,
        font: match settings.fallback_font {
            FallbackFont::BestMatch | FallbackFont::ProportionalSansserif => "DejaVu Sans",
            FallbackFont::ProportionalSerif => "DejaVu Serif",
            FallbackFont::MonospacedSansserif | FallbackFont::MonospacedSerif => "DejaVu Sans Mono",
        },
        size: match settings.font_size {
            0 => (height / 20).max(8),
            size => size,
        },
        color: font,
        outline: color(settings.outline_color, [0; 3], 255),
        outline_size: settings.outline_size.unwrap_or(2),
        background: boxed.then(|| {
            color(
                settings.background_color,
                [0; 3],
                settings.background_opacity.unwrap_or(255),
            )
        }),
        shadow: shadowed.then(|| {
            color(
                settings.shadow_color,
                [0; 3],
                settings.shadow_opacity.unwrap_or(255),
            )
        }),
        shadow_offset: (settings.shadow_x_offset, settings.shadow_y_offset),
        align: match settings.alignment {
            BurninAlignment::Left => Align::Left,
            BurninAlignment::Auto | BurninAlignment::Centered => Align::Center,
        },
        left: settings.x_position,
        top: settings.y_position,
        styles,
    }
}

/// `RRGGBB`, perhaps with the opacity behind.
fn hex(digits: &str) -> Option<([u8; 3], Option<u8>)> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some(([byte(0)?, byte(2)?, byte(4)?], byte(6)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_of_the_same_times_are_merged() {
        let cues = vec![
            Cue::plain(0, 1, "a"),
            Cue::plain(0, 1, "b"),
            Cue::plain(0, 2, "c"),
        ];
        let texts: Vec<String> = merged(cues).iter().map(Cue::text).collect();
        assert_eq!(texts, ["a\nb", "c"]);
    }

    #[test]
    fn the_digits_of_a_colour_may_tell_its_opacity() {
        let settings = BurninDestinationSettings {
            font_color: Some(CaptionColor::Hex),
            hex_font_color: Some("FF800040".to_owned()),
            ..BurninDestinationSettings::default()
        };
        let look = drawn(&settings, (640, 360));
        assert_eq!((look.color.rgb, look.color.opacity), ([255, 128, 0], 64));
        assert_eq!((look.size, look.background), (18, None));
    }
}
