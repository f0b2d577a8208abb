//! What MediaConvert's `GetJob` says, as the event that was lost. Pure.

use aws_sdk_mediaconvert::types::{
    Job, JobStatus, OutputGroupDetail as Detail, OutputGroupType, VideoDetail,
};
use common::failure::{Failure, FailureCode};
use common::job_event::{OutputDetail, OutputGroupDetail, VideoDetails};
use common::video::JobChange;

/// The event that the job's state would have sent; `None` where it still waits.
///
/// `has_output` says whether the manifests lie in the converted bucket: a video isn't READY without them.
pub fn change(job: &Job, has_output: bool) -> Option<JobChange> {
    match job.status()? {
        JobStatus::Progressing => {
            let percent = job
                .job_percent_complete()
                .and_then(|percent| u8::try_from(percent.clamp(0, 100)).ok());
            Some(JobChange::Progressed { percent })
        }
        JobStatus::Complete if has_output => Some(JobChange::Completed(details(job))),
        JobStatus::Complete => Some(JobChange::Failed(Failure::ours(FailureCode::OutputMissing))),
        JobStatus::Error => {
            let (code, message) = (
                job.error_code().map(i64::from),
                job.error_message().map(str::to_owned),
            );
            Some(JobChange::Failed(Failure::of_service(code, message)))
        }
        JobStatus::Canceled => Some(JobChange::Canceled),
        _ => None,
    }
}

/// The event of a job that MediaConvert has forgotten, which it does after three months.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/how-mediaconvert-jobs-progress.html>.
pub fn forgotten(has_output: bool) -> JobChange {
    if has_output {
        JobChange::Completed(Vec::new())
    } else {
        JobChange::Failed(Failure::ours(FailureCode::JobLost))
    }
}

/// `GetJob` names no types and no paths: the types are those of the settings, in the same order, and the paths
/// follow from our own naming.
fn details(job: &Job) -> Vec<OutputGroupDetail> {
    let groups = job
        .settings()
        .map_or(&[][..], |settings| settings.output_groups());
    let types = groups.iter().map(|group| {
        group
            .output_group_settings()
            .and_then(|settings| settings.r#type())
    });
    job.output_group_details()
        .iter()
        .zip(types)
        .map(|(detail, kind)| group(detail, kind))
        .collect()
}

fn group(detail: &Detail, kind: Option<&OutputGroupType>) -> OutputGroupDetail {
    let outputs = detail.output_details().iter().map(|output| {
        let picture = output.video_details();
        OutputDetail {
            duration_in_ms: output.duration_in_ms().map(i64::from),
            video_details: VideoDetails {
                width_in_px: picture.and_then(VideoDetail::width_in_px).map(i64::from),
                height_in_px: picture.and_then(VideoDetail::height_in_px).map(i64::from),
                ..VideoDetails::default()
            },
            ..OutputDetail::default()
        }
    });
    OutputGroupDetail {
        // `CMAF_GROUP_SETTINGS` in the settings is `CMAF_GROUP` in events.
        r#type: kind.map(|kind| kind.as_str().trim_end_matches("_SETTINGS").to_owned()),
        playlist_file_paths: Vec::new(),
        output_details: outputs.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{change, forgotten};
    use aws_sdk_mediaconvert::types::{
        Job, JobSettings, JobStatus, OutputDetail, OutputGroup, OutputGroupDetail,
        OutputGroupSettings, OutputGroupType, VideoDetail,
    };
    use common::video::JobChange;

    fn complete() -> Job {
        let settings = OutputGroupSettings::builder()
            .r#type(OutputGroupType::CmafGroupSettings)
            .build();
        let group = OutputGroup::builder()
            .output_group_settings(settings)
            .build();
        let picture = VideoDetail::builder()
            .width_in_px(1280)
            .height_in_px(720)
            .build();
        let output = OutputDetail::builder()
            .duration_in_ms(5280)
            .video_details(picture)
            .build();
        Job::builder()
            .status(JobStatus::Complete)
            .settings(JobSettings::builder().output_groups(group).build())
            .output_group_details(OutputGroupDetail::builder().output_details(output).build())
            .build()
    }

    #[test]
    fn a_lost_complete_keeps_durations_and_sizes() {
        let Some(JobChange::Completed(groups)) = change(&complete(), true) else {
            panic!()
        };
        assert_eq!(groups[0].r#type.as_deref(), Some("CMAF_GROUP"));
        assert_eq!(groups[0].output_details[0].duration_in_ms, Some(5280));
        assert_eq!(
            groups[0].output_details[0].video_details.width_in_px,
            Some(1280)
        );
    }

    #[test]
    fn a_complete_job_without_output_is_a_failure() {
        let Some(JobChange::Failed(failure)) = change(&complete(), false) else {
            panic!()
        };
        assert_eq!(failure.code, "OUTPUT_MISSING");
    }

    #[test]
    fn a_lost_error_keeps_its_code() {
        let job = Job::builder()
            .status(JobStatus::Error)
            .error_code(1010)
            .error_message("no demuxer")
            .build();
        let Some(JobChange::Failed(failure)) = change(&job, false) else {
            panic!()
        };
        assert_eq!(
            (failure.code.as_str(), failure.message.as_deref()),
            ("1010", Some("no demuxer"))
        );
    }

    #[test]
    fn a_waiting_job_changes_nothing() {
        assert_eq!(
            change(&Job::builder().status(JobStatus::Submitted).build(), false),
            None
        );
    }

    #[test]
    fn a_forgotten_job_is_judged_by_its_output() {
        assert_eq!(forgotten(true), JobChange::Completed(vec![]));
        assert!(
            matches!(forgotten(false), JobChange::Failed(failure) if failure.code == "JOB_LOST")
        );
    }
}
