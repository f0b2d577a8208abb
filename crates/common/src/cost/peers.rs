//! Jobs that others publish, as far as their price goes: to see ours beside them. `prices/peers.json` describes them.

use aws_sdk_mediaconvert::types::{
    AudioDescription, Deinterlacer, H264QualityTuningLevel, H264Settings, JobSettings, Output,
    OutputGroup, VideoCodec, VideoCodecSettings, VideoDescription, VideoPreprocessor,
};
use serde::Deserialize;

/// Somebody else's job.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Peer {
    /// What it is called.
    pub name: String,
    /// What it does, and where that is written.
    pub about: String,
    ladders: Vec<Ladder>,
    deinterlacer: bool,
    separate_audio: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ladder {
    from_height: u32,
    heights: Vec<u32>,
}

/// The jobs that ours is compared with.
///
/// # Errors
///
/// None in practice: a test reads the file.
pub fn peers() -> Result<Vec<Peer>, serde_json::Error> {
    serde_json::from_str(include_str!("../../prices/peers.json"))
}

impl Peer {
    /// Its job for a source of so many lines.
    pub fn settings(&self, height: u32) -> JobSettings {
        let ladder = self
            .ladders
            .iter()
            .find(|ladder| height >= ladder.from_height);
        let heights = ladder.map_or(&[][..], |ladder| &ladder.heights);
        let audio = AudioDescription::builder().audio_source_name("Audio Selector 1");
        let audio = audio.build();
        let video = heights.iter().map(|height| {
            let output = Output::builder()
                .name_modifier(format!("_{height}p"))
                .video_description(self.picture(*height));
            let sound = (!self.separate_audio).then(|| vec![audio.clone()]);
            output.set_audio_descriptions(sound).build()
        });
        let apart = self.separate_audio.then(|| {
            let output = Output::builder().name_modifier("_audio");
            output.audio_descriptions(audio.clone()).build()
        });
        let outputs = video.chain(apart).collect();
        let group = OutputGroup::builder().set_outputs(Some(outputs)).build();
        JobSettings::builder().output_groups(group).build()
    }

    fn picture(&self, height: u32) -> VideoDescription {
        // 16:9, whatever the source.
        let width = height * 16 / 9 / 2 * 2;
        let side = |side: u32| i32::try_from(side).ok();
        let h264 =
            H264Settings::builder().quality_tuning_level(H264QualityTuningLevel::SinglePassHq);
        let codec = VideoCodecSettings::builder()
            .codec(VideoCodec::H264)
            .h264_settings(h264.build());
        let deinterlacer = Deinterlacer::builder().build();
        let filters = VideoPreprocessor::builder()
            .deinterlacer(deinterlacer)
            .build();
        VideoDescription::builder()
            .set_width(side(width))
            .set_height(side(height))
            .codec_settings(codec.build())
            .set_video_preprocessors(self.deinterlacer.then_some(filters))
            .build()
    }
}
