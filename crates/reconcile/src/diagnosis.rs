//! What may be wrong with a video that hasn't changed for a while. Pure.

use common::time::Timestamp;
use common::video::{Status, Video};

/// What to do about a video.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Diagnosis {
    /// Nothing: it is final, or not old enough.
    Healthy,
    /// An event of its job may be lost: ask MediaConvert.
    AskAbout {
        /// MediaConvert's id of the job.
        job_id: String,
        /// Of the record.
        revision: String,
    },
    /// It was claimed, and the claim ran out without a job: submit it again.
    Resubmit,
    /// Nobody finished the upload, and S3 has dropped its parts meanwhile.
    Abandoned,
}

/// Time after which a running job's record is compared with MediaConvert, milliseconds. Events arrive within
/// seconds; a status update comes every half minute.
const JOB_QUIET_MS: i64 = 5 * 60 * 1000;
/// Time after the end of a claim, milliseconds: Lambda's own retries come first, one and two minutes after.
const CLAIM_QUIET_MS: i64 = 5 * 60 * 1000;
/// Time after which an unfinished upload is given up, milliseconds: a day more than the default after which the
/// bucket's lifecycle drops its parts.
const UPLOAD_QUIET_MS: i64 = 8 * 24 * 3600 * 1000;

/// The statuses that are looked at, each with the time for which a record may stay in it, milliseconds.
pub const UNFINISHED: [(Status, i64); 3] = [
    (Status::Submitted, JOB_QUIET_MS),
    (Status::Processing, JOB_QUIET_MS),
    (Status::Uploading, UPLOAD_QUIET_MS),
];

impl Diagnosis {
    /// Looks at a record.
    pub fn of(video: &Video, now: Timestamp) -> Self {
        let quiet = |since: Timestamp, ms| since.plus_ms(ms) <= now;
        match (video.status, &video.revision, &video.job) {
            (Status::Submitted | Status::Processing, Some(revision), Some(job)) => match &job.id {
                Some(job_id) if quiet(video.updated_at, JOB_QUIET_MS) => Self::AskAbout {
                    job_id: job_id.clone(),
                    revision: revision.clone(),
                },
                None if quiet(job.claimed_until, CLAIM_QUIET_MS) => Self::Resubmit,
                _ => Self::Healthy,
            },
            (Status::Uploading, ..) if quiet(video.updated_at, UPLOAD_QUIET_MS) => Self::Abandoned,
            _ => Self::Healthy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnosis;
    use common::time::Timestamp;
    use common::video::{Job, Status, Video};

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn video(status: Status, job_id: Option<&str>) -> Video {
        Video {
            id: "v".into(),
            owner: "drop-in".into(),
            title: "t".into(),
            status,
            created_at: at(0),
            updated_at: at(0),
            revision: Some("r".into()),
            source: None,
            job: Some(Job {
                id: job_id.map(str::to_owned),
                claimed_until: at(MINUTE),
                renditions: vec![],
                stills: None,
            }),
            progress_percent: None,
            failure: None,
            playback: None,
        }
    }

    #[test]
    fn a_quiet_job_is_asked_about() {
        for status in [Status::Submitted, Status::Processing] {
            let video = video(status, Some("j"));
            assert_eq!(Diagnosis::of(&video, at(4 * MINUTE)), Diagnosis::Healthy);
            let ask = Diagnosis::AskAbout {
                job_id: "j".into(),
                revision: "r".into(),
            };
            assert_eq!(Diagnosis::of(&video, at(5 * MINUTE)), ask);
        }
    }

    #[test]
    fn a_claim_without_a_job_is_submitted_again_once_lambda_has_given_up() {
        let video = video(Status::Submitted, None);
        assert_eq!(Diagnosis::of(&video, at(5 * MINUTE)), Diagnosis::Healthy);
        assert_eq!(Diagnosis::of(&video, at(6 * MINUTE)), Diagnosis::Resubmit);
    }

    #[test]
    fn an_upload_may_take_a_week() {
        let upload = Video {
            revision: None,
            job: None,
            ..video(Status::Uploading, None)
        };
        assert_eq!(Diagnosis::of(&upload, at(7 * DAY)), Diagnosis::Healthy);
        assert_eq!(Diagnosis::of(&upload, at(8 * DAY)), Diagnosis::Abandoned);
    }

    #[test]
    fn a_final_state_is_left_alone() {
        for status in [Status::Ready, Status::Failed, Status::Canceled] {
            assert_eq!(
                Diagnosis::of(&video(status, Some("j")), at(100 * DAY)),
                Diagnosis::Healthy
            );
        }
    }
}
