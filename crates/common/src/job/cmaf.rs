//! The adaptive-bitrate output: one CMAF group, whose segments serve both HLS and DASH.

use aws_sdk_mediaconvert::types::{
    AntiAlias, CmafCodecSpecification, CmafGroupSettings, CmafManifestDurationFormat,
    CmafSegmentControl, CmafSegmentLengthControl, CmafStreamInfResolution,
    CmafTargetDurationCompatibilityMode, CmafWriteDashManifest, CmafWriteHlsManifest,
    CmafWriteSegmentTimelineInRepresentation, ContainerSettings, ContainerType,
    DeinterlaceAlgorithm, Deinterlacer, DeinterlacerControl, DeinterlacerMode,
    H264AdaptiveQuantization, H264CodecLevel, H264CodecProfile, H264FramerateControl,
    H264GopSizeUnits, H264InterlaceMode, H264ParControl, H264QualityTuningLevel, H264QvbrSettings,
    H264RateControlMode, H264SceneChangeDetect, H264Settings, Output, OutputGroup,
    OutputGroupSettings, OutputGroupType, ScalingBehavior, VideoCodec, VideoCodecSettings,
    VideoDescription, VideoPreprocessor, VideoTimecodeInsertion,
};

use super::Plan;
use crate::ladder::Step;
use crate::media::Size;
use crate::video::{Rendition, RenditionKind};

/// Length of a group of pictures, seconds. It divides fragment and segment: players may otherwise ask for
/// segments that don't exist.
pub(super) const GOP_SECONDS: i32 = 2;
/// Length of a fragment, seconds.
pub(super) const FRAGMENT_SECONDS: i32 = 2;
/// Length of a segment, seconds. Source of the six:
/// <https://developer.apple.com/documentation/http-live-streaming/hls-authoring-specification-for-apple-devices>.
pub(super) const SEGMENT_SECONDS: i32 = 6;

/// The group with all renditions, each an output of its own: CMAF takes no muxed ones.
pub(super) fn output_group(plan: &Plan, destination: &str) -> OutputGroup {
    let video = plan
        .video
        .iter()
        .map(|step| video_output(step, plan.deinterlace));
    let audio = plan.audio.map(super::AudioPlan::output);
    OutputGroup::builder()
        .name("CMAF")
        .output_group_settings(
            OutputGroupSettings::builder()
                .r#type(OutputGroupType::CmafGroupSettings)
                .cmaf_group_settings(group_settings(destination))
                .build(),
        )
        .set_outputs(Some(video.chain(audio).collect()))
        .build()
}

/// The rendition as the record writes it.
pub(super) fn rendition(step: &Step) -> Rendition {
    Rendition {
        name: name(step.size),
        kind: RenditionKind::Video,
        codec: "H_264".to_owned(),
        width: Some(step.size.width),
        height: Some(step.size.height),
        channels: None,
        max_bitrate: Some(u64::from(step.max_bitrate)),
        average_bitrate: None,
        qvbr_quality: None,
    }
}

/// The container of every output of the group. Each output must have one.
pub(super) fn container() -> ContainerSettings {
    ContainerSettings::builder()
        .container(ContainerType::Cmfc)
        .build()
}

fn name(size: Size) -> String {
    format!("{}p", size.short_side())
}

fn group_settings(destination: &str) -> CmafGroupSettings {
    CmafGroupSettings::builder()
        .destination(destination)
        .segment_control(CmafSegmentControl::SegmentedFiles)
        .segment_length(SEGMENT_SECONDS)
        // At 29.97 frames per second no group lasts whole seconds; exact segments would need more I-frames.
        .segment_length_control(CmafSegmentLengthControl::GopMultiple)
        .fragment_length(FRAGMENT_SECONDS)
        .write_hls_manifest(CmafWriteHlsManifest::Enabled)
        .write_dash_manifest(CmafWriteDashManifest::Enabled)
        // The durations of real segments instead of rounded ones, in both manifests.
        .manifest_duration_format(CmafManifestDurationFormat::FloatingPoint)
        .target_duration_compatibility_mode(CmafTargetDurationCompatibilityMode::SpecCompliant)
        .write_segment_timeline_in_representation(CmafWriteSegmentTimelineInRepresentation::Enabled)
        // `avc1.640028` instead of `avc1.100.40`, which browsers don't know.
        .codec_specification(CmafCodecSpecification::Rfc6381)
        .stream_inf_resolution(CmafStreamInfResolution::Include)
        .build()
}

fn video_output(step: &Step, deinterlace: bool) -> Output {
    let Size { width, height } = step.size;
    let side = |pixels: u32| i32::try_from(pixels).ok();
    // One side only: the service works out the other and keeps the picture's shape. Both would pad it with
    // black or stretch it where they don't fit to the pixel.
    let (width, height) = if step.size.is_portrait() {
        (side(width), None)
    } else {
        (None, side(height))
    };
    Output::builder()
        .name_modifier(format!("_{}", name(step.size)))
        .container_settings(container())
        .video_description(
            VideoDescription::builder()
                .set_width(width)
                .set_height(height)
                .scaling_behavior(ScalingBehavior::Default)
                .anti_alias(AntiAlias::Enabled)
                .timecode_insertion(VideoTimecodeInsertion::Disabled)
                .codec_settings(
                    VideoCodecSettings::builder()
                        .codec(VideoCodec::H264)
                        .h264_settings(h264(step))
                        .build(),
                )
                .set_video_preprocessors(deinterlace.then(deinterlacer))
                .build(),
        )
        .build()
}

fn h264(step: &Step) -> H264Settings {
    H264Settings::builder()
        .rate_control_mode(H264RateControlMode::Qvbr)
        .qvbr_settings(
            H264QvbrSettings::builder()
                .qvbr_quality_level(i32::from(step.quality))
                .build(),
        )
        .max_bitrate(i32::try_from(step.max_bitrate).unwrap_or(i32::MAX))
        // The best of a single pass. Several passes are billed at the professional tier.
        .quality_tuning_level(H264QualityTuningLevel::SinglePassHq)
        .gop_size(f64::from(GOP_SECONDS))
        .gop_size_units(H264GopSizeUnits::Seconds)
        .gop_closed_cadence(1)
        // An I-frame at a cut in one rendition and not in another would put the renditions out of step.
        .scene_change_detect(H264SceneChangeDetect::Disabled)
        .min_i_interval(0)
        .interlace_mode(H264InterlaceMode::Progressive)
        .framerate_control(H264FramerateControl::InitializeFromSource)
        .par_control(H264ParControl::InitializeFromSource)
        .adaptive_quantization(H264AdaptiveQuantization::Auto)
        .codec_profile(H264CodecProfile::High)
        .codec_level(H264CodecLevel::Auto)
        .build()
}

fn deinterlacer() -> VideoPreprocessor {
    VideoPreprocessor::builder()
        .deinterlacer(
            Deinterlacer::builder()
                .algorithm(DeinterlaceAlgorithm::Interpolate)
                .mode(DeinterlacerMode::Deinterlace)
                // Only frames that are marked as interlaced.
                .control(DeinterlacerControl::Normal)
                .build(),
        )
        .build()
}
