//! MP4 files, each with picture and sound: the only one of a profile that makes one, and the download beside the streams.

use aws_sdk_mediaconvert::types::{
    ContainerSettings, ContainerType, Mp4MoovPlacement, Mp4Settings, Output,
};

use super::{AudioPlan, Plan, picture};
use crate::ladder::Step;
use crate::output::DOWNLOAD;
use crate::profile::VideoCodec;

/// The one file: the plan's highest rendition and all its sound.
pub(super) fn only(plan: &Plan) -> Output {
    let step = plan.video.first();
    let modifier = step.map(|step| format!("_{}", picture::name(step.size)));
    output(plan, step, modifier)
}

/// The download: the highest rendition in H.264, which every device plays, or else the highest; of sound alone, the
/// default track.
pub(super) fn download(plan: &Plan) -> Output {
    let mut steps = plan.video.iter();
    let step = steps.find(|step| step.codec == VideoCodec::H264);
    let step = step.or(plan.video.first());
    output(plan, step, Some(DOWNLOAD.to_owned()))
}

fn output(plan: &Plan, step: Option<&Step>, modifier: Option<String>) -> Output {
    // A file of sound alone takes "only one group of audio settings"; beside a picture, there may be several.
    // Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/setting-up-audio-only.html>.
    let tracks = if step.is_some() { plan.audio.len() } else { 1 };
    let audio = plan.audio.iter().take(tracks).map(AudioPlan::description);
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
        .set_name_modifier(modifier)
        .extension("mp4")
        .container_settings(container)
        .set_video_description(step.map(|step| picture::description(plan, step)))
        .set_audio_descriptions(Some(audio.collect()))
        .build()
}
