//! Segments and manifests: `cmafGroupSettings`, `hlsGroupSettings`, `dashIsoGroupSettings`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::settings::{Presence, Toggle};

/// Segments, and the manifests of them. The settings of CMAF, HLS and DASH ISO groups are so much
/// alike that one type holds them all.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StreamingSettings {
    /// `s3://bucket/folder/base`.
    pub destination: Option<String>,
    /// Of which kind of group they are.
    #[serde(skip)]
    pub kind: StreamKind,
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
    /// Whether the segments of a rendition are files or parts of one.
    pub segment_control: SegmentControl,
    /// The profile of the MPD.
    pub mpd_profile: MpdProfile,
    /// Further manifests, of some of the outputs.
    pub additional_manifests: Vec<AdditionalManifest>,
    /// How the segments are encrypted.
    pub encryption: Option<Encryption>,
    /// Has to be given for HLS; it matters for ad markers only.
    pub min_segment_length: Option<u32>,
    /// Where segments go.
    pub directory_structure: DirectoryStructure,
    /// Segments of a folder, with `SUBDIRECTORY_PER_STREAM`.
    pub segments_per_subdirectory: Option<u32>,
    /// Whether playlists tell the time of day.
    pub program_date_time: Option<Presence>,
    /// Seconds from one such time to the next.
    pub program_date_time_period: Option<u32>,
    /// Whether playlists are written at all.
    pub output_selection: OutputSelection,
    /// Whether players may keep what they have fetched.
    pub client_cache: Option<Toggle>,
    /// Sheets of small pictures for seeking.
    pub image_based_trick_play: Option<ImageTrickPlay>,
    /// How they are made, with `ADVANCED`.
    pub image_based_trick_play_settings: Option<TrickPlaySettings>,
}

/// Which kind of group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamKind {
    /// MP4 for HLS and DASH.
    #[default]
    Cmaf,
    /// MPEG transport streams for HLS.
    Hls,
    /// MP4 for DASH.
    Dash,
}

impl StreamingSettings {
    /// The defaults of HLS groups.
    pub fn hls() -> Box<Self> {
        Box::new(Self {
            kind: StreamKind::Hls,
            write_dash_manifest: Toggle::Disabled,
            ..Self::default()
        })
    }

    /// The defaults of DASH ISO groups.
    pub fn dash() -> Box<Self> {
        Box::new(Self {
            kind: StreamKind::Dash,
            segment_length: 30,
            write_hls_manifest: Toggle::Disabled,
            ..Self::default()
        })
    }

    pub(super) fn read_hls<'de, D: Deserializer<'de>>(from: D) -> Result<Box<Self>, D::Error> {
        let own = Self::hls();
        Ok(Box::new(Self {
            kind: own.kind,
            write_dash_manifest: own.write_dash_manifest,
            ..Self::deserialize(from)?
        }))
    }

    pub(super) fn read_dash<'de, D: Deserializer<'de>>(from: D) -> Result<Box<Self>, D::Error> {
        let own = Self::dash();
        let mut settings = serde_json::Map::deserialize(from)?;
        settings
            .entry("segmentLength")
            .or_insert(own.segment_length.into());
        let settings = Self::deserialize(Value::Object(settings)).map_err(D::Error::custom)?;
        Ok(Box::new(Self {
            kind: own.kind,
            write_hls_manifest: own.write_hls_manifest,
            ..settings
        }))
    }

    /// Whether the segments of a rendition are parts of one file.
    pub fn is_single_file(&self) -> bool {
        self.segment_control == SegmentControl::SingleFile
    }
}

impl Default for StreamingSettings {
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
            kind: StreamKind::Cmaf,
            segment_control: SegmentControl::SegmentedFiles,
            mpd_profile: MpdProfile::MainProfile,
            additional_manifests: Vec::new(),
            encryption: None,
            min_segment_length: None,
            directory_structure: DirectoryStructure::SingleDirectory,
            segments_per_subdirectory: None,
            program_date_time: None,
            program_date_time_period: None,
            output_selection: OutputSelection::ManifestsAndSegments,
            client_cache: None,
            image_based_trick_play: None,
            image_based_trick_play_settings: None,
        }
    }
}

/// Whether the segments of a rendition are files or parts of one.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SegmentControl {
    /// Parts of one file.
    SingleFile,
    /// Files.
    SegmentedFiles,
}

/// The profile of an MPD.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MpdProfile {
    /// `isoff-main`.
    MainProfile,
    /// `isoff-on-demand`.
    OnDemandProfile,
}

/// Where segments go.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DirectoryStructure {
    /// Beside the playlists.
    SingleDirectory,
    /// Each rendition's into a folder.
    SubdirectoryPerStream,
}

/// Whether playlists are written at all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OutputSelection {
    /// They are.
    ManifestsAndSegments,
    /// They are not.
    SegmentsOnly,
}

/// A further manifest, of some of the outputs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdditionalManifest {
    /// What is added to the base name.
    pub manifest_name_modifier: String,
    /// Name modifiers of the outputs.
    pub selected_outputs: Vec<String>,
}

/// How segments are encrypted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Encryption {
    /// The cipher and what of the segment it is used on.
    pub encryption_method: Option<EncryptionMethod>,
    /// 32 hexadecimal digits; the number of the segment, when left out.
    pub constant_initialization_vector: Option<String>,
    /// Whether the playlist tells the constant vector.
    pub initialization_vector_in_manifest: Option<Presence>,
    /// The key.
    pub static_key_provider: Option<StaticKey>,
}

/// The cipher and what of the segment it is used on.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EncryptionMethod {
    /// AES-CBC of all.
    Aes128,
    /// AES-CBC of parts of the samples.
    SampleAes,
    /// AES-CTR of the samples.
    AesCtr,
}

/// A key that the job brings with it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StaticKey {
    /// `KEYFORMAT` of the playlist.
    pub key_format: Option<String>,
    /// `KEYFORMATVERSIONS` of the playlist.
    pub key_format_versions: Option<String>,
    /// 32 hexadecimal digits.
    pub static_key_value: Option<String>,
    /// Where players get it.
    pub url: Option<String>,
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

/// Sheets of small pictures for seeking.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImageTrickPlay {
    /// None.
    None,
    /// As the service likes.
    Thumbnail,
    /// As the settings say.
    Advanced,
}

/// How sheets are made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrickPlaySettings {
    /// When there is a picture.
    pub interval_cadence: IntervalCadence,
    /// Pixels of a picture.
    pub thumbnail_height: Option<u32>,
    /// Pixels of a picture.
    pub thumbnail_width: Option<u32>,
    /// Seconds from one picture to the next.
    pub thumbnail_interval: Option<f64>,
    /// Pictures in a column.
    pub tile_height: Option<u32>,
    /// Pictures in a row.
    pub tile_width: Option<u32>,
}

/// When there is a picture.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IntervalCadence {
    /// With each fragment.
    #[default]
    FollowIframe,
    /// As the interval says.
    FollowCustom,
    /// With each segment.
    FollowSegmentation,
}
