//! Sources: `inputs`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    CaptionSelector, ColorSpace, ColorSpaceUsage, Hdr10Metadata, ImageInserter, Rectangle,
    RemixSettings, SampleRange,
};

/// One source.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// `s3://bucket/key`.
    #[serde(default)]
    pub file_input: String,
    /// Which number its first frame has.
    #[serde(default)]
    pub timecode_source: TimecodeSource,
    /// That number, if it is specified.
    pub timecode_start: Option<String>,
    /// The pieces of it that are used; all of it, when left out.
    #[serde(default)]
    pub input_clippings: Vec<InputClipping>,
    /// Images over its picture.
    pub image_inserter: Option<ImageInserter>,
    /// The part of its picture that is used; wins over that of outputs.
    pub crop: Option<Rectangle>,
    /// Where that is in the frames of outputs; wins over that of outputs.
    pub position: Option<Rectangle>,
    /// How to read the picture.
    #[serde(default)]
    pub video_selector: VideoSelector,
    /// Which sound there is, by name.
    #[serde(default)]
    pub audio_selectors: BTreeMap<String, AudioSelector>,
    /// Selectors of as many tracks as there are, by name.
    #[serde(default)]
    pub dynamic_audio_selectors: BTreeMap<String, DynamicAudioSelector>,
    /// Selectors whose channels go into one sound, by name.
    #[serde(default)]
    pub audio_selector_groups: BTreeMap<String, AudioSelectorGroup>,
    /// Which captions there are, by name.
    #[serde(default)]
    pub caption_selectors: BTreeMap<String, CaptionSelector>,
}

/// A piece of an input, by timecodes; one of the two may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputClipping {
    /// Of the first frame.
    pub start_timecode: Option<String>,
    /// Of the last frame.
    pub end_timecode: Option<String>,
}

/// Which number the first frame has.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum TimecodeSource {
    /// What the file says; none, if it says nothing.
    #[default]
    Embedded,
    /// None.
    Zerobased,
    /// What the settings say beside it.
    Specifiedstart,
}

/// How to read the picture.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoSelector {
    /// Turn of the picture; none unless asked for, whatever the file says.
    #[serde(default)]
    pub rotate: Rotate,
    /// Its space of colours.
    #[serde(default)]
    pub color_space: ColorSpace,
    /// Whether that or the file wins.
    #[serde(default)]
    pub color_space_usage: ColorSpaceUsage,
    /// Its black and white.
    #[serde(default)]
    pub sample_range: SampleRange,
    /// What screens are told.
    pub hdr10_metadata: Option<Hdr10Metadata>,
}

/// Turn of the picture, clockwise.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rotate {
    /// As stored.
    #[default]
    #[serde(rename = "DEGREE_0")]
    Degree0,
    /// A quarter.
    #[serde(rename = "DEGREES_90")]
    Degrees90,
    /// A half.
    #[serde(rename = "DEGREES_180")]
    Degrees180,
    /// Three quarters.
    #[serde(rename = "DEGREES_270")]
    Degrees270,
    /// As the file's metadata says.
    Auto,
}

/// A choice of sound tracks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioSelector {
    /// The one to use where an output names a selector that is not there.
    #[serde(default)]
    pub default_selection: DefaultSelection,
    /// By what tracks are chosen; by number, when left out.
    #[serde(default)]
    pub selector_type: SelectorType,
    /// Numbers among the sound tracks, from 1.
    #[serde(default)]
    pub tracks: Vec<u32>,
    /// Packet identifiers.
    #[serde(default)]
    pub pids: Vec<u32>,
    /// Numbers among all tracks, from 1.
    #[serde(default)]
    pub streams: Vec<u32>,
    /// Three letters, upper case.
    pub language_code: Option<String>,
    /// Three letters.
    pub custom_language_code: Option<String>,
    /// `s3://bucket/key` of a file that the tracks are in, instead of the input.
    pub external_audio_file_input: Option<String>,
    /// Which channels go where.
    pub remix_settings: Option<RemixSettings>,
    /// Sound to the picture, milliseconds: later when positive.
    #[serde(default)]
    pub offset: i64,
}

/// A choice of as many sound tracks as there are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DynamicAudioSelector {
    /// By what tracks are chosen.
    pub selector_type: DynamicSelectorType,
    /// Three letters, upper case.
    pub language_code: Option<String>,
    /// `s3://bucket/key` of a file that the tracks are in, instead of the input.
    pub external_audio_file_input: Option<String>,
    /// Sound to the picture, milliseconds: later when positive.
    pub offset: i64,
}

/// By what a dynamic selector chooses tracks.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DynamicSelectorType {
    /// All that there are.
    #[default]
    AllTracks,
    /// Those of a language.
    LanguageCode,
}

/// Selectors whose channels go into one sound.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AudioSelectorGroup {
    /// Their names.
    pub audio_selector_names: Vec<String>,
}

/// Whether a selector stands in for missing ones.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DefaultSelection {
    /// It does.
    Default,
    /// It does not.
    #[default]
    NotDefault,
}

/// By what a selector chooses tracks.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SelectorType {
    /// By number among the sound tracks.
    #[default]
    Track,
    /// By packet identifier.
    Pid,
    /// By language.
    LanguageCode,
    /// By number among all tracks.
    Stream,
}
