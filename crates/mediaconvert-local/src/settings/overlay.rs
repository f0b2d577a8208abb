//! What is drawn over a picture, and where a picture lies: `imageInserter`, `timecodeBurnin`,
//! rectangles.

use serde::Deserialize;

/// Images over a picture.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageInserter {
    /// The images.
    pub insertable_images: Vec<InsertableImage>,
}

impl ImageInserter {
    /// The images, the lowest first.
    pub fn layers(&self) -> Vec<&InsertableImage> {
        let mut images: Vec<&InsertableImage> = self.insertable_images.iter().collect();
        images.sort_by_key(|image| image.layer);
        images
    }
}

/// An image over a picture.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InsertableImage {
    /// `s3://bucket/key`.
    pub image_inserter_input: Option<String>,
    /// From the left. Pixels.
    pub image_x: Option<u32>,
    /// From the top. Pixels.
    pub image_y: Option<u32>,
    /// Pixels; as the image is, when left out.
    pub width: Option<u32>,
    /// Pixels; as the image is, when left out.
    pub height: Option<u32>,
    /// Higher ones are over lower ones.
    pub layer: u32,
    /// Per cent.
    pub opacity: Option<u32>,
    /// Timecode of the first picture with it.
    pub start_time: Option<String>,
    /// How long it is there, without the time in which it fades out. Milliseconds.
    pub duration: Option<u32>,
    /// Milliseconds.
    pub fade_in: u32,
    /// Milliseconds.
    pub fade_out: u32,
}

/// A part of a picture.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Rectangle {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// From the left. Pixels.
    #[serde(default)]
    pub x: u32,
    /// From the top. Pixels.
    #[serde(default)]
    pub y: u32,
}

/// Timecodes drawn into a picture.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TimecodeBurnin {
    /// Pixels.
    pub font_size: Option<u32>,
    /// `TOP_LEFT` to `BOTTOM_RIGHT`.
    pub position: Option<String>,
    /// What comes before it.
    pub prefix: Option<String>,
}

/// How timecodes of outputs count: `timecodeConfig`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TimecodeConfig {
    /// What the first one is.
    pub source: super::TimecodeSource,
    /// It, if it is specified.
    pub start: Option<String>,
}
