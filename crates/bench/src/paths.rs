//! What a function decides and builds between two calls of AWS, on data as it meets them.

use anyhow::Context as _;
use aws_sdk_mediaconvert::operation::create_job::builders::CreateJobInputBuilder;
use aws_sdk_mediaconvert::types::{
    AudioProperties, Container, Format, FrameRate, ProbeResult, Track, TrackType, VideoProperties,
};
use common::job::{Plan, Recipe, Target, create_job};
use common::job_event::JobStateChange;
use common::media::Media;
use common::profile::Profile;
use common::source::Source;
use common::time::Timestamp;
use common::video::{Change, Decision, Event, Item, JobChange, Video, transition};
use serde_json::{Value, json};

/// What the paths work on.
#[derive(Debug)]
pub struct Paths {
    target: Target,
    source: Source,
    probed: ProbeResult,
    job_done: Value,
    record: Item,
}

/// Names of the paths.
pub const NAMES: [&str; 3] = ["job settings", "record read and written", "job event"];

impl Paths {
    /// A minute of 1080p with stereo, and the record and the event of a job with three renditions and sound.
    ///
    /// # Errors
    ///
    /// Where the fixtures don't fit the code.
    pub fn new() -> anyhow::Result<Self> {
        let event: Value = serde_json::from_str(include_str!(
            "../../../events/mediaconvert-job-complete.json"
        ))?;
        let source = json!({
            "bucket": "vod-source-000000000000-us-east-1",
            "key": "videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4",
            "versionId": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH",
            "etag": "0d4a2f3c8e7b65914c1f0ab2d3e4f567",
            "sizeBytes": 38_000_000,
        });
        let record: Video = serde_json::from_value(json!({
            "id": event["detail"]["userMetadata"]["id"],
            "owner": "drop-in",
            "title": "source",
            "status": "PROCESSING",
            "createdAt": "2026-01-15T10:00:03.104Z",
            "updatedAt": "2026-01-15T10:00:33.104Z",
            "revision": event["detail"]["userMetadata"]["revision"],
            "source": source,
            "job": {
                "id": event["detail"]["jobId"],
                "claimedUntil": "2026-01-15T10:01:03.104Z",
                "renditions": [
                    {"name": "720p", "kind": "VIDEO", "codec": "H_264", "width": 1280, "height": 720},
                    {"name": "480p", "kind": "VIDEO", "codec": "H_264", "width": 854, "height": 480},
                    {"name": "360p", "kind": "VIDEO", "codec": "H_264", "width": 640, "height": 360},
                    {"name": "audio", "kind": "AUDIO", "codec": "AAC", "channels": 2},
                ],
                "stills": {
                    "posterNumber": 1, "thumbnailSeconds": 2, "thumbnailWidth": 320, "thumbnailHeight": 180,
                },
            },
        }))?;
        Ok(Self {
            target: Target {
                role_arn: "arn:aws:iam::000000000000:role/vod-mediaconvert".to_owned(),
                queue_arn: None,
                converted_bucket: "vod-converted-000000000000-us-east-1".to_owned(),
            },
            source: serde_json::from_value(source)?,
            probed: probed(),
            job_done: event["detail"].clone(),
            record: serde_dynamo::to_item(record)?,
        })
    }

    /// Takes a path once.
    ///
    /// # Errors
    ///
    /// Where it doesn't come to its end, or there is no such path.
    pub fn take(&self, name: &str) -> anyhow::Result<()> {
        match name {
            "job settings" => drop(std::hint::black_box(self.job_settings()?)),
            "record read and written" => {
                let (item, next) = (&self.record, self.video()?);
                let change = Change::between(Some(item), &next)?;
                drop(std::hint::black_box(change.into_request("vod-videos")));
            }
            "job event" => drop(std::hint::black_box(self.job_event()?)),
            other => anyhow::bail!("there is no path {other}; there are {NAMES:?}"),
        }
        Ok(())
    }

    fn job_settings(&self) -> anyhow::Result<CreateJobInputBuilder> {
        let media = Media::from_probe(&self.probed, None)
            .ok()
            .context("a usable source")?;
        let plan = Plan::new(&Profile::standard(), &media)
            .ok()
            .context("a plan")?;
        let recipe = Recipe::Plan(Box::new(plan));
        let settings = recipe.settings(&self.source, &self.target.destination(&self.source));
        Ok(create_job(&self.target, &self.source, settings))
    }

    fn video(&self) -> anyhow::Result<Video> {
        let mut video: Video = serde_dynamo::from_item(self.record.clone())?;
        video.progress_percent = Some(42);
        Ok(video)
    }

    fn job_event(&self) -> anyhow::Result<Box<Video>> {
        let change: JobStateChange = serde_json::from_value(self.job_done.clone())?;
        let (_, revision) = change.subject().context("a job of ours")?;
        let event = Event::Job {
            revision: revision.to_owned(),
            job_id: change.job_id.clone(),
            change: JobChange::Completed(change.output_group_details.clone()),
        };
        let now = Timestamp::from_unix_ms(1_768_471_301_000);
        match transition(Some(&self.video()?), &event, now) {
            Decision::Write(video) => Ok(video),
            other => anyhow::bail!("the event changes nothing: {other:?}"),
        }
    }
}

fn probed() -> ProbeResult {
    let rate = FrameRate::builder().numerator(25).denominator(1).build();
    let video = VideoProperties::builder()
        .width(1920)
        .height(1080)
        .frame_rate(rate);
    let audio = AudioProperties::builder().channels(2);
    let container = Container::builder()
        .format(Format::Mp4)
        .duration(60.0)
        .tracks(
            Track::builder()
                .track_type(TrackType::Video)
                .video_properties(video.build())
                .build(),
        )
        .tracks(
            Track::builder()
                .track_type(TrackType::Audio)
                .audio_properties(audio.build())
                .build(),
        );
    ProbeResult::builder().container(container.build()).build()
}

#[cfg(test)]
mod tests {
    use super::{NAMES, Paths};

    #[test]
    fn every_path_comes_to_its_end() {
        let paths = Paths::new().unwrap();
        for name in NAMES {
            paths.take(name).unwrap();
        }
    }
}
