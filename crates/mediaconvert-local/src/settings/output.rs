//! Outputs and their containers: `outputGroups[].outputs[]`.

use serde::Deserialize;

use super::{AudioDescription, VideoDescription};

/// One output.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// What is added to the base name.
    #[serde(default)]
    pub name_modifier: String,
    /// Extension of a file, instead of the container's own.
    pub extension: Option<String>,
    /// The container.
    pub container_settings: Option<ContainerSettings>,
    /// The picture.
    pub video_description: Option<VideoDescription>,
    /// The sound.
    #[serde(default)]
    pub audio_descriptions: Vec<AudioDescription>,
}

/// The container.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerSettings {
    /// Which one.
    pub container: Option<Container>,
    /// What is particular to CMFC.
    #[serde(default)]
    pub cmfc_settings: CmfcSettings,
}

/// Containers that this server writes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Container {
    /// Fragmented MP4 of one track.
    Cmfc,
    /// MP4.
    Mp4,
    /// `QuickTime`.
    Mov,
    /// None: pictures.
    Raw,
}

/// What is particular to CMFC.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CmfcSettings {
    /// `GROUP-ID` of a sound output.
    pub audio_group_id: Option<String>,
    /// Groups that a picture output goes with, with commas between.
    pub audio_rendition_sets: Option<String>,
    /// How players choose the sound output.
    pub audio_track_type: Option<AudioTrackType>,
}

/// How players choose a sound output.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AudioTrackType {
    /// By themselves, this one first.
    AlternateAudioAutoSelectDefault,
    /// By themselves.
    AlternateAudioAutoSelect,
    /// Only when the viewer asks.
    AlternateAudioNotAutoSelect,
}
