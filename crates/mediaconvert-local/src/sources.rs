//! What a job reads, as it lies on the disk.

use std::collections::BTreeMap;

use crate::captions::Captions;
use crate::media::Media;

/// All that a job reads.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// One for each input of the settings, in their order.
    pub inputs: Vec<InputFiles>,
    /// Files of sound that selectors name, by their URLs.
    pub sounds: BTreeMap<String, InputFiles>,
    /// Images that are drawn over pictures, by their URLs.
    pub images: BTreeMap<String, Image>,
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The file that ffmpeg reads.
    pub path: String,
    /// ffmpeg's options for its kind.
    pub demuxer: &'static [&'static str],
}

/// What belongs to one input.
#[derive(Clone, Debug, Default)]
pub struct InputFiles {
    /// The file that ffmpeg reads.
    pub path: String,
    /// What it is.
    pub media: Media,
    /// Captions, at the times of the input, by the names of their selectors.
    pub captions: BTreeMap<String, Captions>,
}

impl Sources {
    /// One file and nothing else.
    pub fn single(media: Media, path: &str) -> Self {
        Self {
            inputs: vec![InputFiles {
                path: path.to_owned(),
                media,
                ..InputFiles::default()
            }],
            ..Self::default()
        }
    }
}
