//! A MediaConvert job as data: what is planned for a source, and the request that asks for it.
//!
//! The rules that the service enforces beyond its model are kept by construction and named in the tests.

mod audio;
mod captions;
mod cmaf;
mod mp4;
mod picture;
mod stills;
mod template;
mod watermark;

use aws_sdk_mediaconvert::operation::create_job::builders::CreateJobInputBuilder;
use aws_sdk_mediaconvert::types::{
    AccelerationSettings, HopDestination, Input, InputClipping, InputRotate, InputTimecodeSource,
    JobSettings, StatusUpdateInterval, TimecodeConfig, TimecodeSource, VideoSelector,
};

use crate::captions::Track;
use crate::clip::{Clip, Timecodes};
use crate::failure::{Failure, FailureCode};
use crate::ladder::{self, Step};
use crate::media::{FrameRate, Media};
use crate::output::OutputFolder;
use crate::per_title::{self, Trimmed};
use crate::profile::{Packaging, Passes, Profile, Segments};
use crate::source::Source;
use crate::video::{Making, Rendition};

pub use audio::AudioPlan;
pub use stills::StillsPlan;
pub use template::Template;
pub use watermark::{PNG_HEAD_BYTES, Watermark};

/// What is made of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Never [`Packaging::Mp4`] without a picture.
    packaging: Packaging,
    video: Vec<Step>,
    audio: Vec<AudioPlan>,
    captions: Vec<Track>,
    stills: Option<StillsPlan>,
    /// An MP4 file beside the streams. Never with [`Packaging::Mp4`], which is one.
    download: bool,
    segments: Segments,
    passes: Passes,
    /// Deinterlacing moves every output to the professional price tier, so only where the source needs it.
    deinterlace: bool,
    /// The source's pixels aren't square, the renditions' are.
    square_pixels: bool,
    source_frame_rate: Option<FrameRate>,
    clip: Option<Timecodes>,
    watermark: Option<Watermark>,
    /// Renditions that the profile offers and that are left out, as an earlier conversion measured them.
    left_out: Vec<Rendition>,
}

impl Plan {
    /// Chooses renditions and stills for `media`. A source without a picture gets its sound, whatever the profile.
    ///
    /// # Errors
    ///
    /// The failure for the record, where the picture is too small to encode, or a profile for sound meets a silent source.
    pub fn new(profile: &Profile, media: &Media) -> Result<Self, Failure> {
        let picture = match &media.video {
            Some(video) if profile.packaging != Packaging::Audio => Some(video),
            _ => None,
        };
        let mut video =
            picture.map_or_else(Vec::new, |video| ladder::ladder(&profile.video, video));
        if picture.is_some() && video.is_empty() {
            return Err(Failure::ours(FailureCode::SourceTooSmall));
        }
        if picture.is_none() && media.audio.is_empty() {
            return Err(Failure::ours(FailureCode::NoAudio));
        }
        if profile.packaging == Packaging::Mp4 {
            video.truncate(1);
        }
        let packaging = match picture {
            Some(_) => profile.packaging,
            None => Packaging::Audio,
        };
        Ok(Self {
            packaging,
            video,
            audio: audio::plan(&profile.audio, &media.audio),
            captions: Vec::new(),
            stills: picture
                .zip(profile.stills)
                .map(|(video, policy)| StillsPlan::new(policy, video.size(), media.duration_ms)),
            download: profile.download && packaging != Packaging::Mp4,
            segments: profile.segments,
            passes: profile.video.passes,
            deinterlace: picture.is_some_and(|video| video.interlaced),
            square_pixels: picture.is_some_and(|video| video.pixel_aspect.is_some()),
            source_frame_rate: picture.and_then(|video| video.frame_rate),
            clip: None,
            watermark: None,
            left_out: Vec::new(),
        })
    }

    /// What is made of a part of `media`.
    ///
    /// # Errors
    ///
    /// As [`Self::new`]; and the failure for the record, where the source has no such part.
    pub fn of_clip(profile: &Profile, media: &Media, clip: Clip) -> Result<Self, Failure> {
        Ok(Self {
            clip: timecodes(media, clip)?,
            ..Self::new(profile, &media.clipped(clip))?
        })
    }

    /// What the job makes, in the order of its outputs: COMPLETE events tell them apart by little else.
    pub fn making(&self) -> Making {
        let video = self.video.iter().map(picture::rendition);
        // In a single file, the sound is part of the picture's output.
        let apart = match self.packaging {
            Packaging::Mp4 => &[],
            _ => self.audio.as_slice(),
        };
        Making {
            profile: None,
            packaging: self.packaging,
            cost: None,
            renditions: video
                .chain(apart.iter().map(AudioPlan::rendition))
                .collect(),
            captions: self.captions.clone(),
            stills: self.stills.as_ref().map(StillsPlan::record),
            download: self.download,
            left_out: self.left_out.clone(),
        }
    }

    /// The plan with captions, where they can be part of the streams.
    #[must_use]
    pub fn with_captions(self, captions: Vec<Track>) -> Self {
        if self.takes_captions() {
            Self { captions, ..self }
        } else {
            self
        }
    }

    /// The plan without the renditions that aren't worth their price, by what earlier ones of the same upload came to.
    #[must_use]
    pub fn per_title(self, measured: &[Rendition]) -> Self {
        let Trimmed { kept, left_out } = per_title::trim(self.video, measured);
        Self {
            video: kept,
            left_out,
            ..self
        }
    }

    /// The plan with an image over every rendition.
    #[must_use]
    pub fn with_watermark(self, watermark: Option<Watermark>) -> Self {
        Self { watermark, ..self }
    }

    /// True where captions can be part of the streams.
    pub fn takes_captions(&self) -> bool {
        self.packaging == Packaging::Cmaf
    }

    /// How they are put into files.
    pub fn packaging(&self) -> Packaging {
        self.packaging
    }

    /// The ladder, highest rendition first.
    pub fn ladder(&self) -> &[Step] {
        &self.video
    }
}

/// How a job is put together.
#[derive(Clone, Debug, PartialEq)]
pub enum Recipe {
    /// From what a profile makes of a source.
    Plan(Box<Plan>),
    /// From a job template of the account.
    Template(Box<Template>),
}

impl Recipe {
    /// What to ask for, with the job's output at `destination`: folder and base name.
    pub fn order(self, source: &Source, destination: &str) -> Order {
        match self {
            Self::Plan(plan) => settings(source, &plan, destination).into(),
            Self::Template(template) => template.order(source, destination),
        }
    }

    /// What the job makes.
    pub fn making(&self) -> Making {
        match self {
            Self::Plan(plan) => plan.making(),
            Self::Template(template) => template.making(),
        }
    }
}

/// What is asked of MediaConvert for one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What the job makes.
    pub settings: JobSettings,
    /// How it runs.
    scheduling: Scheduling,
}

impl From<JobSettings> for Order {
    /// In the queue's order, without acceleration.
    fn from(settings: JobSettings) -> Self {
        Self {
            settings,
            scheduling: Scheduling::default(),
        }
    }
}

/// How a job runs, as a job template says. The queue is the stack's.
#[derive(Clone, Debug, Default, PartialEq)]
struct Scheduling {
    acceleration: Option<AccelerationSettings>,
    hop_destinations: Option<Vec<HopDestination>>,
    /// From -50 to 50; 0 where nothing is said.
    priority: Option<i32>,
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

impl Target {
    /// Where the output of `source`'s job goes: folder and base name.
    pub fn destination(&self, source: &Source) -> String {
        let folder = OutputFolder {
            video_id: &source.video_id(),
            revision: &source.revision(),
        };
        folder.destination(&self.converted_bucket)
    }
}

/// The request for `source`'s job.
///
/// The token makes a repeated request within a minute answer the first one's job; after that, only the
/// claim in the record keeps a second job away.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/idempotency.html>.
pub fn create_job(target: &Target, source: &Source, order: Order) -> CreateJobInputBuilder {
    let scheduling = order.scheduling;
    let (video_id, revision) = (source.video_id(), source.revision());
    CreateJobInputBuilder::default()
        .role(&target.role_arn)
        .set_queue(target.queue_arn.clone())
        .client_request_token(format!("{video_id}-{revision}"))
        .user_metadata(USER_METADATA_ID, video_id)
        .user_metadata(USER_METADATA_REVISION, revision)
        // Half of the default interval: a person watches, and each update costs a Lambda call and a write.
        .status_update_interval(StatusUpdateInterval::Seconds30)
        .set_acceleration_settings(scheduling.acceleration)
        .set_hop_destinations(scheduling.hop_destinations)
        .set_priority(scheduling.priority)
        .settings(order.settings)
}

/// User metadata that names the video. A raw key never goes there: MediaConvert refuses many characters.
pub const USER_METADATA_ID: &str = "id";
/// User metadata that names the revision.
pub const USER_METADATA_REVISION: &str = "revision";

/// What of `media` the job reads: `None` for all of it. Or the failure for the record.
fn timecodes(media: &Media, clip: Clip) -> Result<Option<Timecodes>, Failure> {
    let clip = clip.within(media.duration_ms).map_err(|error| {
        Failure::ours(FailureCode::ClipOutsideSource).with_message(error.to_string())
    })?;
    // The service counts the frames of the picture, whether it is shown or not.
    let rate = media.video.as_ref().and_then(|video| video.frame_rate);
    let codes = clip.timecodes(rate);
    // It refuses a clipping without either.
    Ok((codes.start.is_some() || codes.end.is_some()).then_some(codes))
}

fn clipping(timecodes: &Timecodes) -> InputClipping {
    InputClipping::builder()
        .set_start_timecode(timecodes.start.clone())
        .set_end_timecode(timecodes.end.clone())
        .build()
}

fn settings(source: &Source, plan: &Plan, destination: &str) -> JobSettings {
    // One group of files, so that an event's figures of them are found in one place.
    let file = match plan.packaging {
        Packaging::Mp4 => Some(mp4::only(plan)),
        _ => plan.download.then(|| mp4::download(plan)),
    };
    let stills = plan.stills.iter().flat_map(stills::outputs);
    let files: Vec<_> = file.into_iter().chain(stills).collect();
    let files = (!files.is_empty()).then(|| stills::output_group(files, destination));
    let streams = (plan.packaging != Packaging::Mp4).then(|| cmaf::output_group(plan, destination));
    let groups = streams.into_iter().chain(files).collect();
    JobSettings::builder()
        // Zero-based everywhere: clipping by an embedded timecode is the only use of another source, and a
        // mix of both is error 1060.
        .timecode_config(
            TimecodeConfig::builder()
                .source(TimecodeSource::Zerobased)
                .build(),
        )
        .inputs(input(source, plan))
        .set_output_groups(Some(groups))
        .build()
}

fn input(source: &Source, plan: &Plan) -> Input {
    // Without it, pictures of phones lie on their side: the default ignores the file's rotation.
    let upright = || VideoSelector::builder().rotate(InputRotate::Auto).build();
    Input::builder()
        .file_input(source.uri())
        .timecode_source(InputTimecodeSource::Zerobased)
        .set_video_selector((!plan.video.is_empty()).then(upright))
        .set_audio_selectors(audio::selectors(&plan.audio))
        .set_caption_selectors(captions::selectors(source, &plan.captions))
        .set_input_clippings(plan.clip.as_ref().map(|clip| vec![clipping(clip)]))
        .build()
}

#[cfg(test)]
mod tests;
