//! Outputs and their containers: `outputGroups[].outputs[]`.

use serde::Deserialize;

use super::{AudioDescription, CaptionDescription, VideoDescription};

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
    /// What is particular to the kind of group.
    #[serde(default)]
    pub output_settings: OutputSettings,
    /// The picture.
    pub video_description: Option<VideoDescription>,
    /// The sound.
    #[serde(default)]
    pub audio_descriptions: Vec<AudioDescription>,
    /// The captions.
    #[serde(default)]
    pub caption_descriptions: Vec<CaptionDescription>,
}

impl Output {
    /// How players of HLS find the output, whichever kind of group it is in.
    pub fn playlist(&self) -> PlaylistSettings {
        let container = self.container_settings.as_ref();
        match container.and_then(|settings| settings.container) {
            Some(Container::Cmfc) => container
                .map(|settings| settings.cmfc_settings.clone())
                .unwrap_or_default(),
            _ => self.output_settings.hls_settings.playlist.clone(),
        }
    }
}

/// What is particular to the kind of group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OutputSettings {
    /// Of HLS groups.
    pub hls_settings: HlsSettings,
}

/// What is particular to outputs of HLS groups.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HlsSettings {
    /// How players find it.
    #[serde(flatten)]
    pub playlist: PlaylistSettings,
    /// What the names of segments have before their number.
    pub segment_modifier: Option<String>,
    /// Whether sound by itself is in a transport stream.
    pub audio_only_container: Option<AudioOnlyContainer>,
}

/// Whether sound by itself is in a transport stream.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AudioOnlyContainer {
    /// As the codec makes it.
    Automatic,
    /// It is.
    M2ts,
}

/// The container.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerSettings {
    /// Which one.
    pub container: Option<Container>,
    /// What is particular to CMFC.
    #[serde(default)]
    pub cmfc_settings: PlaylistSettings,
    /// What is particular to MP4.
    #[serde(default)]
    pub mp4_settings: Mp4Settings,
    /// What is particular to M2TS.
    #[serde(default)]
    pub m2ts_settings: TransportSettings,
    /// What is particular to M3U8.
    #[serde(default)]
    pub m3u8_settings: TransportSettings,
}

/// Containers that this server writes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Container {
    /// Fragmented MP4 of one track.
    Cmfc,
    /// MPEG transport stream segments.
    M3u8,
    /// Fragmented MP4 of one track, for DASH.
    Mpd,
    /// MP4.
    Mp4,
    /// `QuickTime`.
    Mov,
    /// MPEG transport stream.
    M2ts,
    /// `WebM`.
    Webm,
    /// Animated pictures.
    Gif,
    /// None: pictures, or one track as the codec makes it.
    Raw,
}

impl Container {
    /// As in `containerSettings.container`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cmfc => "CMFC",
            Self::M3u8 => "M3U8",
            Self::Mpd => "MPD",
            Self::Mp4 => "MP4",
            Self::Mov => "MOV",
            Self::M2ts => "M2TS",
            Self::Webm => "WEBM",
            Self::Gif => "GIF",
            Self::Raw => "RAW",
        }
    }
}

/// What is particular to MP4.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Mp4Settings {
    /// Where the index is: `NORMAL`, at the end, or else at the beginning.
    pub moov_placement: Option<String>,
    /// The file's major brand.
    pub mp4_major_brand: Option<String>,
}

/// What is particular to MPEG transport streams.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TransportSettings {
    /// Of the stream as a whole.
    pub transport_stream_id: Option<u32>,
    /// Of its one program.
    pub program_number: Option<u32>,
    /// Packet identifier of the program's table.
    pub pmt_pid: Option<u32>,
    /// Packet identifier of the picture.
    pub video_pid: Option<u32>,
    /// Packet identifiers of the sounds.
    pub audio_pids: Vec<u32>,
    /// Bits per second of all, with padding; as needed, when 0 or left out.
    pub bitrate: Option<u32>,
    /// `SECONDS` or `MILLISECONDS`: what the next one counts.
    pub pts_offset_mode: Option<String>,
    /// The first time stamp.
    pub pts_offset: Option<u32>,
}

/// How players of HLS find an output.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlaylistSettings {
    /// `GROUP-ID` of a sound output.
    pub audio_group_id: Option<String>,
    /// Groups that a picture output goes with, with commas between.
    pub audio_rendition_sets: Option<String>,
    /// How players choose the sound output.
    pub audio_track_type: Option<AudioTrackType>,
    /// Whether there is a playlist of key frames.
    pub i_frame_only_manifest: Option<IFrameManifest>,
    /// Whether the sound describes what is to be seen.
    pub descriptive_video_service_flag: Option<DescriptiveVideo>,
}

/// Whether there is a playlist of key frames.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IFrameManifest {
    /// There is, of the same segments.
    Include,
    /// There is, of transport streams.
    IncludeAsTs,
    /// There is not.
    Exclude,
}

/// Whether the sound describes what is to be seen.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DescriptiveVideo {
    /// It does.
    Flag,
    /// It does not.
    DontFlag,
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
    /// A variant of its own, instead of the picture.
    AudioOnlyVariantStream,
}
