//! Captions: `inputs[].captionSelectors` and `captionDescriptions`.

use serde::Deserialize;

/// Captions of a source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CaptionSelector {
    /// Where they are.
    pub source_settings: CaptionSourceSettings,
    /// Three letters, upper case: chooses among the tracks of a source.
    pub language_code: Option<String>,
    /// The same, for languages that the service has no code for.
    pub custom_language_code: Option<String>,
}

/// Where captions of a source are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CaptionSourceSettings {
    /// Of what format; the service never finds out by itself.
    pub source_type: Option<CaptionSourceType>,
    /// Those in a file of their own.
    pub file_source_settings: Option<FileSourceSettings>,
    /// Those in the picture track.
    pub embedded_source_settings: EmbeddedSourceSettings,
    /// Those in a track of CEA-608 beside it.
    pub ancillary_source_settings: AncillarySourceSettings,
    /// Those in a track of their own.
    pub track_source_settings: Option<TrackSourceSettings>,
}

/// Formats of captions that are read.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaptionSourceType {
    /// CEA-608 or CEA-708 in the picture track.
    Embedded,
    /// CEA-608 in a track beside it.
    Ancillary,
    /// `SubRip`.
    Srt,
    /// `WebVTT`.
    Webvtt,
    /// TTML.
    Ttml,
    /// TTML of SMPTE.
    SmpteTt,
    /// TTML of the W3C.
    Imsc,
    /// Scenarist closed captions.
    Scc,
    /// SAMI.
    Smi,
    /// 3GPP timed text.
    #[serde(rename = "TT_3GPP")]
    Tt3gpp,
    /// None.
    NullSource,
}

/// Captions in a file of their own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileSourceSettings {
    /// `s3://bucket/key`.
    pub source_file: String,
    /// Added to all times.
    pub time_delta: i64,
    /// What `time_delta` counts.
    pub time_delta_units: TimeDeltaUnits,
    /// At which the timecodes of SCC count; that of the picture, when left out.
    pub framerate: Option<CaptionFramerate>,
}

/// What a time delta counts.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TimeDeltaUnits {
    /// Seconds.
    #[default]
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// Frames per second.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaptionFramerate {
    /// Frames.
    pub framerate_numerator: u32,
    /// Seconds.
    pub framerate_denominator: u32,
}

/// Captions in the picture track.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmbeddedSourceSettings {
    /// CC1 to CC4, or service 1 to 4 of CEA-708.
    #[serde(rename = "source608ChannelNumber")]
    pub channel: Option<u32>,
}

/// Captions in a track of CEA-608 beside the picture.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AncillarySourceSettings {
    /// CC1 to CC4.
    #[serde(rename = "sourceAncillaryChannelNumber")]
    pub channel: Option<u32>,
}

/// Captions in a track of their own.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrackSourceSettings {
    /// Number among the tracks of captions, from 1.
    pub track_number: Option<u32>,
    /// Number among all tracks, from 1.
    pub stream_number: Option<u32>,
}

/// Captions of an output.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CaptionDescription {
    /// The selector of each input that they come from.
    pub caption_selector_name: Option<String>,
    /// Three letters, upper case.
    pub language_code: Option<String>,
    /// By RFC 5646.
    pub custom_language_code: Option<String>,
    /// Label in the manifests.
    pub language_description: Option<String>,
    /// What is made of them.
    pub destination_settings: CaptionDestinationSettings,
}

impl CaptionDescription {
    /// The name of the selector.
    pub fn selector(&self) -> &str {
        self.caption_selector_name
            .as_deref()
            .unwrap_or("Caption Selector 1")
    }

    /// What is made of them.
    pub fn kind(&self) -> Option<CaptionDestinationType> {
        self.destination_settings.destination_type
    }
}

/// What is made of captions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CaptionDestinationSettings {
    /// The format.
    pub destination_type: Option<CaptionDestinationType>,
    /// For `WEBVTT`.
    pub webvtt_destination_settings: TextDestinationSettings,
    /// For `IMSC`.
    pub imsc_destination_settings: TextDestinationSettings,
    /// For `SRT`.
    pub srt_destination_settings: TextDestinationSettings,
    /// For `TTML`.
    pub ttml_destination_settings: TtmlDestinationSettings,
    /// For `BURN_IN`.
    pub burnin_destination_settings: BurninDestinationSettings,
}

/// Formats of captions that are written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaptionDestinationType {
    /// Drawn into the picture.
    BurnIn,
    /// CEA-608 and 708 in the picture track, as they were.
    Embedded,
    /// `WebVTT`.
    Webvtt,
    /// TTML of the W3C.
    Imsc,
    /// TTML.
    Ttml,
    /// `SubRip`.
    Srt,
}

/// What of the source's look is written.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TextDestinationSettings {
    /// How much.
    pub style_passthrough: StylePassthrough,
    /// For people who don't hear well.
    pub accessibility: Accessibility,
}

/// How much of the source's look is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StylePassthrough {
    /// Nothing.
    #[default]
    Disabled,
    /// What is understood.
    Enabled,
    /// All, as it was.
    Strict,
    /// What is understood; cues of the same times become one.
    Merge,
}

/// Whether captions are for people who don't hear well.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Accessibility {
    /// They are not, or not in particular.
    #[default]
    Disabled,
    /// They are.
    Enabled,
}

/// How TTML looks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TtmlDestinationSettings {
    /// Whether the source's look is written.
    pub style_passthrough: StylePassthrough,
    /// Behind the text.
    pub background_color: Option<CaptionColor>,
    /// 0 to 255.
    pub background_opacity: Option<u8>,
    /// Of the text.
    pub font_color: Option<CaptionColor>,
    /// 0 to 255.
    pub font_opacity: Option<u8>,
    /// Pixels; 0 is the player's own.
    pub font_size: u32,
    /// `ITALIC` or not.
    pub font_style: Option<String>,
    /// `BOLD` or not.
    pub font_weight: Option<String>,
    /// `UNDERLINE` or not.
    pub text_decoration: Option<String>,
}

/// How captions look that are drawn into the picture.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BurninDestinationSettings {
    /// To which side lines are aligned.
    pub alignment: BurninAlignment,
    /// Behind the text.
    pub background_color: Option<CaptionColor>,
    /// 0 to 255.
    pub background_opacity: Option<u8>,
    /// Of the text.
    pub font_color: Option<CaptionColor>,
    /// Six or eight digits, for the font colour `HEX`.
    pub hex_font_color: Option<String>,
    /// 0 to 255.
    pub font_opacity: Option<u8>,
    /// Pixels; 0 is a twentieth of the height.
    pub font_size: u32,
    /// Kind of letters.
    pub fallback_font: FallbackFont,
    /// Around the letters.
    pub outline_color: Option<CaptionColor>,
    /// Pixels.
    pub outline_size: Option<u32>,
    /// Below the letters.
    pub shadow_color: Option<CaptionColor>,
    /// 0 to 255.
    pub shadow_opacity: Option<u8>,
    /// Pixels to the right.
    pub shadow_x_offset: i32,
    /// Pixels down.
    pub shadow_y_offset: i32,
    /// Whether the source's look is drawn.
    pub style_passthrough: StylePassthrough,
    /// Pixels from the left.
    pub x_position: Option<u32>,
    /// Pixels from the top.
    pub y_position: Option<u32>,
}

/// To which side lines are aligned.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BurninAlignment {
    /// The middle, unless the source says otherwise.
    #[default]
    Auto,
    /// The middle.
    Centered,
    /// Left.
    Left,
}

/// Kind of letters.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FallbackFont {
    /// Whatever there is.
    #[default]
    BestMatch,
    /// All of a width.
    MonospacedSansserif,
    /// All of a width, with serifs.
    MonospacedSerif,
    /// Each of its width.
    ProportionalSansserif,
    /// Each of its width, with serifs.
    ProportionalSerif,
}

/// Colours by name.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaptionColor {
    /// The usual one.
    Auto,
    /// No colour: nothing is drawn.
    None,
    /// That of the digits beside.
    Hex,
    /// Black.
    Black,
    /// Blue.
    Blue,
    /// Green.
    Green,
    /// Red.
    Red,
    /// White.
    White,
    /// Yellow.
    Yellow,
}

impl CaptionColor {
    /// Red, green and blue.
    pub fn rgb(self) -> Option<[u8; 3]> {
        Some(match self {
            Self::Auto | Self::None | Self::Hex => return None,
            Self::Black => [0, 0, 0],
            Self::Blue => [0, 0, 255],
            Self::Green => [0, 255, 0],
            Self::Red => [255, 0, 0],
            Self::White => [255, 255, 255],
            Self::Yellow => [255, 255, 0],
        })
    }
}
