//! A MediaConvert job as data: what is planned for a source, and the request that asks for it.
//!
//! The rules that the service enforces beyond its model are kept by construction and named in the tests.

mod audio;
mod cmaf;
mod stills;

use aws_sdk_mediaconvert::operation::create_job::builders::CreateJobInputBuilder;
use aws_sdk_mediaconvert::types::{
    Input, InputRotate, InputTimecodeSource, JobSettings, StatusUpdateInterval, TimecodeConfig,
    TimecodeSource, VideoSelector,
};

use crate::failure::{Failure, FailureCode};
use crate::ladder::{self, Step};
use crate::media::Media;
use crate::output::OutputFolder;
use crate::profile::Profile;
use crate::source::Source;
use crate::video::Making;

pub use audio::AudioPlan;
pub use stills::StillsPlan;

/// What is made of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    video: Vec<Step>,
    audio: Option<AudioPlan>,
    stills: StillsPlan,
    /// Deinterlacing moves every output to the professional price tier, so only where the source needs it.
    deinterlace: bool,
}

impl Plan {
    /// Chooses renditions and stills for `media`.
    ///
    /// # Errors
    ///
    /// The failure for the record, where the picture is too small to encode.
    pub fn new(profile: &Profile, media: &Media) -> Result<Self, Failure> {
        let video = ladder::ladder(profile, &media.video);
        if video.is_empty() {
            return Err(Failure::ours(FailureCode::SourceTooSmall));
        }
        Ok(Self {
            video,
            audio: media
                .audio
                .first()
                .map(|track| AudioPlan::new(profile, *track)),
            stills: StillsPlan::new(profile, media),
            deinterlace: media.video.interlaced,
        })
    }

    /// What the job makes, in the order of its outputs: COMPLETE events tell them apart by little else.
    pub fn making(&self) -> Making {
        let video = self.video.iter().map(cmaf::rendition);
        Making {
            renditions: video.chain(self.audio.map(AudioPlan::rendition)).collect(),
            stills: Some(self.stills.record()),
        }
    }
}

/// Where jobs run and write: the same for every job of a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// The role that MediaConvert takes to read the source and write the output.
    pub role_arn: String,
    /// The queue, or `None` for the account's default.
    pub queue_arn: Option<String>,
    /// Name of the converted bucket.
    pub converted_bucket: String,
}

/// The request for `source`'s job.
///
/// The token makes a repeated request within a minute answer the first one's job; after that, only the
/// claim in the record keeps a second job away.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/idempotency.html>.
pub fn create_job(target: &Target, source: &Source, plan: &Plan) -> CreateJobInputBuilder {
    let (video_id, revision) = (source.video_id(), source.revision());
    let folder = OutputFolder {
        video_id: &video_id,
        revision: &revision,
    };
    CreateJobInputBuilder::default()
        .role(&target.role_arn)
        .set_queue(target.queue_arn.clone())
        .client_request_token(format!("{video_id}-{revision}"))
        .user_metadata(USER_METADATA_ID, &video_id)
        .user_metadata(USER_METADATA_REVISION, &revision)
        // Half of the default interval: a person watches, and each update costs a Lambda call and a write.
        .status_update_interval(StatusUpdateInterval::Seconds30)
        .settings(settings(
            source,
            plan,
            &folder.destination(&target.converted_bucket),
        ))
}

/// User metadata that names the video. A raw key never goes there: MediaConvert refuses many characters.
pub const USER_METADATA_ID: &str = "id";
/// User metadata that names the revision.
pub const USER_METADATA_REVISION: &str = "revision";

fn settings(source: &Source, plan: &Plan, destination: &str) -> JobSettings {
    JobSettings::builder()
        // Zero-based everywhere: clipping by an embedded timecode is the only use of another source, and a
        // mix of both is error 1060.
        .timecode_config(
            TimecodeConfig::builder()
                .source(TimecodeSource::Zerobased)
                .build(),
        )
        .inputs(input(source, plan))
        .output_groups(cmaf::output_group(plan, destination))
        .output_groups(stills::output_group(plan, destination))
        .build()
}

fn input(source: &Source, plan: &Plan) -> Input {
    let selectors = plan
        .audio
        .map(|_| [(audio::SELECTOR.to_owned(), audio::selector())].into());
    Input::builder()
        .file_input(source.uri())
        .timecode_source(InputTimecodeSource::Zerobased)
        // Without it, pictures of phones lie on their side: the default ignores the file's rotation.
        .video_selector(VideoSelector::builder().rotate(InputRotate::Auto).build())
        .set_audio_selectors(selectors)
        .build()
}

#[cfg(test)]
mod tests;
