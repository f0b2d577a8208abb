//! Packaging: `outputGroups[].outputGroupSettings`.

use serde::Deserialize;

use super::{Output, Presence, Toggle};

/// Outputs that belong together.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputGroup {
    /// How they are packaged.
    pub output_group_settings: OutputGroupSettings,
    /// The outputs, in the order of the events.
    #[serde(default)]
    pub outputs: Vec<Output>,
}

/// How a group is packaged.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OutputGroupSettings {
    /// Segments for HLS and DASH.
    CmafGroupSettings {
        /// The settings of the kind.
        #[serde(default, rename = "cmafGroupSettings")]
        cmaf: CmafGroupSettings,
    },
    /// One file an output.
    FileGroupSettings {
        /// The settings of the kind.
        #[serde(default, rename = "fileGroupSettings")]
        file: FileGroupSettings,
    },
}

impl OutputGroupSettings {
    /// Where the group's files go: `s3://bucket/folder/base`.
    pub fn destination(&self) -> Option<&str> {
        match self {
            Self::CmafGroupSettings { cmaf } => cmaf.destination.as_deref(),
            Self::FileGroupSettings { file } => file.destination.as_deref(),
        }
    }
}

/// A file group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileGroupSettings {
    /// `s3://bucket/folder/base`.
    pub destination: Option<String>,
}

/// Segments for HLS and DASH.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CmafGroupSettings {
    /// `s3://bucket/folder/base`.
    pub destination: Option<String>,
    /// Seconds.
    pub segment_length: u32,
    /// Seconds.
    pub fragment_length: u32,
    /// How strictly `segment_length` is meant.
    pub segment_length_control: SegmentLengthControl,
    /// A shorter last segment becomes part of the one before it. Seconds.
    pub min_final_segment_length: f64,
    /// Whether to write `.m3u8` files.
    pub write_hls_manifest: Toggle,
    /// Whether to write the `.mpd` file.
    pub write_dash_manifest: Toggle,
    /// How durations are told in HLS.
    pub manifest_duration_format: ManifestDurationFormat,
    /// How `EXT-X-TARGETDURATION` is rounded.
    pub target_duration_compatibility_mode: TargetDuration,
    /// Whether HLS variants carry their size.
    pub stream_inf_resolution: Presence,
    /// Whether the MPD tells the duration of each segment.
    pub write_segment_timeline_in_representation: Toggle,
    /// What `bandwidth` means in the MPD.
    pub mpd_manifest_bandwidth_type: BandwidthType,
    /// `minBufferTime` of the MPD. Seconds.
    pub min_buffer_time: Option<u32>,
    /// Prefix of the files in the manifests.
    pub base_url: Option<String>,
    /// How pictures are told to be shown in another order than they are decoded in.
    pub video_composition_offsets: CompositionOffsets,
}

impl Default for CmafGroupSettings {
    fn default() -> Self {
        Self {
            destination: None,
            segment_length: 10,
            fragment_length: 2,
            segment_length_control: SegmentLengthControl::Exact,
            min_final_segment_length: 0.0,
            write_hls_manifest: Toggle::Enabled,
            write_dash_manifest: Toggle::Enabled,
            manifest_duration_format: ManifestDurationFormat::Integer,
            target_duration_compatibility_mode: TargetDuration::Legacy,
            stream_inf_resolution: Presence::Include,
            write_segment_timeline_in_representation: Toggle::Enabled,
            mpd_manifest_bandwidth_type: BandwidthType::Average,
            min_buffer_time: None,
            base_url: None,
            video_composition_offsets: CompositionOffsets::Unsigned,
        }
    }
}

/// How pictures are told to be shown in another order than they are decoded in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CompositionOffsets {
    /// Relative to decoding, which may be later than showing.
    Signed,
    /// All are shown later; an edit list takes the delay off again.
    Unsigned,
}

/// How strictly the segment length is meant.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SegmentLengthControl {
    /// To the frame, with further key frames where needed.
    Exact,
    /// Rounded up to whole GOPs.
    GopMultiple,
    /// A multiple of audio packets and video frames; done as [`Self::GopMultiple`] here.
    Match,
}

/// How durations are told in HLS.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ManifestDurationFormat {
    /// Exactly.
    FloatingPoint,
    /// In whole seconds.
    Integer,
}

/// How `EXT-X-TARGETDURATION` is rounded.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TargetDuration {
    /// Up, past the longest segment.
    Legacy,
    /// To the nearest.
    SpecCompliant,
}

/// What `bandwidth` means in the MPD.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BandwidthType {
    /// What was measured.
    Average,
    /// `maxBitrate` of the output.
    Max,
}
