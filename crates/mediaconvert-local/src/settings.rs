//! The settings that this server honours, typed. The rest stays in the job's JSON; what becomes of
//! it says [`crate::support`]. Defaults are those of the service, with the API Reference as source:
//! <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// `settings` of `CreateJob`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The sources, one after the other.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// What to make of them.
    #[serde(default)]
    pub output_groups: Vec<OutputGroup>,
}

impl Settings {
    /// Reads checked settings.
    ///
    /// # Errors
    ///
    /// A value that the checks before let through and that this server knows nothing of.
    pub fn from_json(settings: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(settings)
    }
}

/// One source.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// `s3://bucket/key`.
    #[serde(default)]
    pub file_input: String,
    /// How to read the picture.
    #[serde(default)]
    pub video_selector: VideoSelector,
    /// Which sound there is, by name.
    #[serde(default)]
    pub audio_selectors: BTreeMap<String, AudioSelector>,
}

/// How to read the picture.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoSelector {
    /// Turn of the picture; none unless asked for, whatever the file says.
    #[serde(default)]
    pub rotate: Rotate,
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
    /// Three letters, upper case.
    pub language_code: Option<String>,
    /// Sound to the picture, milliseconds: later when positive.
    #[serde(default)]
    pub offset: i64,
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
}

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

/// On or off.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Toggle {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

/// In or out.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Presence {
    /// In.
    Include,
    /// Out.
    Exclude,
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

/// The picture of an output.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoDescription {
    /// Pixels; with only one side given, the other follows the source.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// What to do when the shape differs from the source's.
    #[serde(default)]
    pub scaling_behavior: ScalingBehavior,
    /// The codec.
    pub codec_settings: VideoCodecSettings,
    /// Filters before it.
    #[serde(default)]
    pub video_preprocessors: VideoPreprocessors,
}

/// What to do when the shape differs from the source's:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/video-scaling.html>.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScalingBehavior {
    /// Fit and pad with black.
    #[default]
    Default,
    /// Distort.
    StretchToOutput,
    /// Fit, and make the frame smaller.
    Fit,
    /// The same, never larger than the source.
    FitNoUpscale,
    /// Fill and crop.
    Fill,
}

/// The codec of the picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "codec", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VideoCodecSettings {
    /// H.264.
    #[serde(rename = "H_264")]
    H264 {
        /// The settings of the codec.
        #[serde(default, rename = "h264Settings")]
        h264: Box<H264Settings>,
    },
    /// JPEG files.
    FrameCapture {
        /// The settings of the codec.
        #[serde(default, rename = "frameCaptureSettings")]
        capture: FrameCaptureSettings,
    },
}

/// JPEG files: the first frame, then one every `denominator / numerator` seconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameCaptureSettings {
    /// Pictures per `framerate_denominator` seconds.
    pub framerate_numerator: Option<u32>,
    /// Seconds per `framerate_numerator` pictures.
    pub framerate_denominator: Option<u32>,
    /// The most pictures to write.
    pub max_captures: Option<u32>,
    /// 1 to 100, best.
    pub quality: Option<u32>,
}

/// H.264.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct H264Settings {
    /// How bits are spent.
    pub rate_control_mode: RateControlMode,
    /// Bits per second, for CBR and VBR.
    pub bitrate: Option<u32>,
    /// Bits per second, for QVBR and VBR.
    pub max_bitrate: Option<u32>,
    /// Bits.
    pub hrd_buffer_size: Option<u32>,
    /// For QVBR.
    pub qvbr_settings: QvbrSettings,
    /// Frames or seconds.
    pub gop_size: Option<f64>,
    /// What `gop_size` counts; frames, when left out.
    pub gop_size_units: Option<GopSizeUnits>,
    /// GOPs from one closed GOP to the next.
    pub gop_closed_cadence: Option<u32>,
    /// B frames in a row.
    #[serde(rename = "numberBFramesBetweenReferenceFrames")]
    pub b_frames: Option<u32>,
    /// Frames to refer to.
    pub number_reference_frames: Option<u32>,
    /// Speed or quality.
    pub quality_tuning_level: QualityTuningLevel,
    /// Where the frame rate comes from.
    pub framerate_control: Initialize,
    /// Frames per `framerate_denominator` seconds.
    pub framerate_numerator: Option<u32>,
    /// Seconds per `framerate_numerator` frames.
    pub framerate_denominator: Option<u32>,
    /// Where the shape of a pixel comes from.
    pub par_control: Initialize,
    /// Width of a pixel.
    pub par_numerator: Option<u32>,
    /// Height of a pixel.
    pub par_denominator: Option<u32>,
    /// The profile.
    pub codec_profile: CodecProfile,
    /// The level, such as `LEVEL_4_1`.
    pub codec_level: Option<String>,
    /// The entropy coder.
    pub entropy_encoding: Option<EntropyEncoding>,
}

/// How bits are spent.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RateControlMode {
    /// At a constant rate.
    Cbr,
    /// Around an average.
    #[default]
    Vbr,
    /// By quality, under a maximum.
    Qvbr,
}

/// For QVBR.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QvbrSettings {
    /// 1 to 10, best.
    pub qvbr_quality_level: Option<u32>,
    /// Added to the level; thirds count.
    pub qvbr_quality_level_fine_tune: Option<f64>,
}

/// What a GOP size counts.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GopSizeUnits {
    /// Frames.
    Frames,
    /// Seconds.
    Seconds,
    /// The encoder chooses.
    Auto,
}

/// Speed or quality.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QualityTuningLevel {
    /// Fast.
    SinglePass,
    /// Between.
    #[default]
    SinglePassHq,
    /// Good.
    MultiPassHq,
}

/// Where a number comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Initialize {
    /// From the source.
    #[default]
    InitializeFromSource,
    /// From the settings beside it.
    Specified,
}

/// H.264 profiles in 8 bits and 4:2:0.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CodecProfile {
    /// Constrained baseline.
    Baseline,
    /// Main, the service's default.
    #[default]
    Main,
    /// High.
    High,
}

/// The entropy coder.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntropyEncoding {
    /// Arithmetic.
    Cabac,
    /// Variable length.
    Cavlc,
}

/// Filters before the encoder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoPreprocessors {
    /// Frames out of fields.
    pub deinterlacer: Option<Deinterlacer>,
}

/// Frames out of fields.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deinterlacer {
    /// Which frames.
    pub control: DeinterlacerControl,
}

/// Which frames are deinterlaced.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeinterlacerControl {
    /// All, whatever they are tagged as.
    ForceAllFrames,
    /// Those that are tagged as interlaced.
    #[default]
    Normal,
}

/// The sound of an output.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioDescription {
    /// Name of a selector of the input.
    pub audio_source_name: Option<String>,
    /// The codec.
    pub codec_settings: AudioCodecSettings,
    /// Which channels go where.
    pub remix_settings: Option<RemixSettings>,
    /// Three letters, upper case.
    pub language_code: Option<String>,
    /// Which of the two languages is written.
    #[serde(default)]
    pub language_code_control: LanguageCodeControl,
    /// Label in the manifests.
    pub stream_name: Option<String>,
}

/// Which language is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LanguageCodeControl {
    /// The source's, or that of the settings where it has none.
    #[default]
    FollowInput,
    /// That of the settings.
    UseConfigured,
}

/// The codec of the sound.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "codec", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AudioCodecSettings {
    /// AAC.
    Aac {
        /// The settings of the codec.
        #[serde(default, rename = "aacSettings")]
        aac: AacSettings,
    },
}

/// AAC.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AacSettings {
    /// Bits per second.
    pub bitrate: Option<u32>,
    /// Hertz.
    pub sample_rate: Option<u32>,
    /// Channels.
    pub coding_mode: CodingMode,
}

/// Channels of AAC.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum CodingMode {
    /// Mono.
    #[serde(rename = "CODING_MODE_1_0")]
    Mono,
    /// Stereo.
    #[default]
    #[serde(rename = "CODING_MODE_2_0")]
    Stereo,
    /// Five channels and one for low frequencies.
    #[serde(rename = "CODING_MODE_5_1")]
    Surround,
    /// As many as the source has.
    #[serde(rename = "CODING_MODE_AUTO")]
    Auto,
}

/// Which channels go where.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RemixSettings {
    /// Channels taken from the source.
    pub channels_in: Option<u32>,
    /// Channels made.
    pub channels_out: Option<u32>,
    /// How much of each goes into each.
    pub channel_mapping: ChannelMapping,
}

/// How much of each channel goes into each.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelMapping {
    /// One for each channel made.
    pub output_channels: Vec<OutputChannelMapping>,
}

/// How much of each channel goes into one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OutputChannelMapping {
    /// Decibels; -60 is silence.
    pub input_channels: Vec<f64>,
    /// Decibels with decimals; -60 is silence.
    pub input_channels_fine_tune: Vec<f64>,
}

impl OutputChannelMapping {
    /// Decibels for each channel of the source, whichever list they were given in.
    pub fn gains(&self) -> &[f64] {
        if self.input_channels_fine_tune.is_empty() {
            &self.input_channels
        } else {
            &self.input_channels_fine_tune
        }
    }
}
