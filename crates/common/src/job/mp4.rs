//! The download: one MP4 file, with picture and sound.

use aws_sdk_mediaconvert::types::{
    ContainerSettings, ContainerType, Mp4MoovPlacement, Mp4Settings, Output,
};

use super::{AudioPlan, Plan, picture};

/// The one file: the plan's highest rendition and all its sound.
pub(super) fn output(plan: &Plan) -> Output {
    let video = plan.video.first();
    let audio = plan.audio.iter().map(AudioPlan::description);
    let container = ContainerSettings::builder()
        .container(ContainerType::Mp4)
        .mp4_settings(
            // The index first, so that it plays while it loads.
            Mp4Settings::builder()
                .moov_placement(Mp4MoovPlacement::ProgressiveDownload)
                .build(),
        )
        .build();
    Output::builder()
        .set_name_modifier(video.map(|step| format!("_{}", picture::name(step.size))))
        .extension("mp4")
        .container_settings(container)
        .set_video_description(video.map(|step| picture::description(plan, step)))
        .set_audio_descriptions(Some(audio.collect()))
        .build()
}
