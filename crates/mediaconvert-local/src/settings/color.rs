//! Colours: of inputs in `videoSelector`, of outputs in `colorCorrector`.

use serde::Deserialize;

use crate::media::Hdr10;

/// A space of colours.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ColorSpace {
    /// As the file says.
    #[default]
    Follow,
    /// Of standard definition.
    #[serde(rename = "REC_601")]
    Rec601,
    /// Of high definition.
    #[serde(rename = "REC_709")]
    Rec709,
    /// BT.2020 with the brightness of SMPTE ST 2084.
    Hdr10,
    /// BT.2020 with hybrid log-gamma.
    #[serde(rename = "HLG_2020")]
    Hlg2020,
}

/// Whether the settings or the file win.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ColorSpaceUsage {
    /// The settings.
    #[default]
    Force,
    /// The file, if it says anything.
    Fallback,
}

/// Which numbers are black and white.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SampleRange {
    /// As the file says.
    #[default]
    Follow,
    /// 0 and 255.
    FullRange,
    /// 16 and 235.
    LimitedRange,
}

/// A correction of colours.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ColorCorrector {
    /// 1 to 100; 50 changes nothing.
    pub brightness: Option<u32>,
    /// 1 to 100; 50 changes nothing.
    pub contrast: Option<u32>,
    /// 1 to 100; 50 changes nothing.
    pub saturation: Option<u32>,
    /// Degrees.
    pub hue: Option<i32>,
    /// Which space is made.
    pub color_space_conversion: ColorSpaceConversion,
    /// How bright colours get into a space that has none.
    pub hdr_to_sdr_tone_mapper: ToneMapper,
    /// What screens are told.
    pub hdr10_metadata: Option<Hdr10Metadata>,
    /// How bright white is in HDR that is made of SDR. cd/m².
    pub sdr_reference_white_level: Option<u32>,
}

/// Which space of colours is made.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ColorSpaceConversion {
    /// That of the source.
    #[default]
    None,
    /// Of standard definition.
    #[serde(rename = "FORCE_601")]
    Force601,
    /// Of high definition.
    #[serde(rename = "FORCE_709")]
    Force709,
    /// BT.2020 with the brightness of SMPTE ST 2084.
    #[serde(rename = "FORCE_HDR10")]
    ForceHdr10,
    /// BT.2020 with hybrid log-gamma.
    #[serde(rename = "FORCE_HLG_2020")]
    ForceHlg2020,
}

/// How bright colours get into a space that has none.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ToneMapper {
    /// Bright parts keep their differences.
    #[default]
    PreserveDetails,
    /// The rest stays bright.
    Vibrant,
}

/// The static metadata of HDR10. Chromaticities in 1/50000, luminances in 1/10000 cd/m².
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hdr10Metadata {
    red_primary_x: u32,
    red_primary_y: u32,
    green_primary_x: u32,
    green_primary_y: u32,
    blue_primary_x: u32,
    blue_primary_y: u32,
    white_point_x: u32,
    white_point_y: u32,
    max_luminance: u32,
    min_luminance: u32,
    /// The brightest pixel, cd/m².
    pub max_content_light_level: Option<u32>,
    /// The brightest frame on average, cd/m².
    pub max_frame_average_light_level: Option<u32>,
}

/// P3 with the white of D65, on a screen of 1000 cd/m².
impl Default for Hdr10Metadata {
    fn default() -> Self {
        Self {
            red_primary_x: 34_000,
            red_primary_y: 16_000,
            green_primary_x: 13_250,
            green_primary_y: 34_500,
            blue_primary_x: 7500,
            blue_primary_y: 3000,
            white_point_x: 15_635,
            white_point_y: 16_450,
            max_luminance: 10_000_000,
            min_luminance: 1,
            max_content_light_level: None,
            max_frame_average_light_level: None,
        }
    }
}

impl Hdr10Metadata {
    /// As it goes into a picture.
    pub fn to_media(self) -> Hdr10 {
        Hdr10 {
            mastering: Some([
                self.red_primary_x,
                self.red_primary_y,
                self.green_primary_x,
                self.green_primary_y,
                self.blue_primary_x,
                self.blue_primary_y,
                self.white_point_x,
                self.white_point_y,
                self.max_luminance,
                self.min_luminance,
            ]),
            content_light: self
                .max_content_light_level
                .zip(self.max_frame_average_light_level),
        }
    }
}
