//! The adaptive-bitrate output: one CMAF group, whose segments serve both HLS and DASH.

use aws_sdk_mediaconvert::types::{
    CmafCodecSpecification, CmafGroupSettings, CmafManifestDurationFormat, CmafSegmentControl,
    CmafSegmentLengthControl, CmafStreamInfResolution, CmafTargetDurationCompatibilityMode,
    CmafWriteDashManifest, CmafWriteHlsManifest, CmafWriteSegmentTimelineInRepresentation,
    CmfcSettings, ContainerSettings, ContainerType, Output, OutputGroup, OutputGroupSettings,
    OutputGroupType,
};

use super::{Plan, audio, captions, picture};
use crate::ladder::Step;
use crate::profile::Segments;

/// The group with all renditions, each an output of its own: CMAF takes no muxed ones.
pub(super) fn output_group(plan: &Plan, destination: &str) -> OutputGroup {
    let audio_sets = audio::rendition_sets(&plan.audio);
    let video = plan
        .video
        .iter()
        .map(|step| video_output(plan, step, audio_sets.clone()));
    let alone = plan.video.is_empty();
    let audio = plan.audio.iter().map(|track| audio_output(track, alone));
    let captions = plan.captions.iter().map(captions::output);
    OutputGroup::builder()
        .name("CMAF")
        .output_group_settings(
            OutputGroupSettings::builder()
                .r#type(OutputGroupType::CmafGroupSettings)
                .cmaf_group_settings(group_settings(plan.segments, destination))
                .build(),
        )
        .set_outputs(Some(video.chain(audio).chain(captions).collect()))
        .build()
}

/// The container of every output of the group. Each output must have one.
pub(super) fn container(settings: Option<CmfcSettings>) -> ContainerSettings {
    ContainerSettings::builder()
        .container(ContainerType::Cmfc)
        .set_cmfc_settings(settings)
        .build()
}

fn group_settings(segments: Segments, destination: &str) -> CmafGroupSettings {
    let seconds = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    CmafGroupSettings::builder()
        .destination(destination)
        .segment_control(CmafSegmentControl::SegmentedFiles)
        .segment_length(seconds(segments.segment_seconds))
        // At 29.97 frames per second no group lasts whole seconds; exact segments would need more I-frames.
        .segment_length_control(CmafSegmentLengthControl::GopMultiple)
        .fragment_length(seconds(segments.fragment_seconds))
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

fn video_output(plan: &Plan, step: &Step, audio_sets: Option<String>) -> Output {
    let sets = audio_sets.map(|sets| CmfcSettings::builder().audio_rendition_sets(sets).build());
    Output::builder()
        .name_modifier(format!("_{}", picture::name(step.size)))
        .container_settings(container(sets))
        .video_description(picture::description(plan, step))
        .build()
}

fn audio_output(track: &super::AudioPlan, alone: bool) -> Output {
    Output::builder()
        .name_modifier(format!("_{}", track.name()))
        .container_settings(container(Some(track.cmfc_settings(alone))))
        .audio_descriptions(track.description())
        .build()
}
