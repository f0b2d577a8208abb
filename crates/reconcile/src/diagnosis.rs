//! What may be wrong with a video that hasn't changed for a while. Pure.

use common::time::Timestamp;
use common::video::{CLAIM_QUIET_MS, Status, Video};

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
    /// Nobody claimed it, or the claim ran out without a job: submit it again.
    Resubmit,
    /// Nobody finished the upload, and S3 has dropped its parts meanwhile.
    Abandoned,
    /// It was deleted: remove what is left.
    Remove,
}

/// Time after which a running job's record is compared with MediaConvert, milliseconds. Events arrive within
/// seconds; a status update comes every half minute.
const JOB_QUIET_MS: i64 = 5 * 60 * 1000;

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
            (Status::Submitted, _, None) if quiet(video.updated_at, CLAIM_QUIET_MS) => {
                Self::Resubmit
            }
            (Status::Uploading, ..) if video.upload_ends() <= now => Self::Abandoned,
            (Status::Deleting, ..) => Self::Remove,
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
            revision: Some("r".into()),
            job: Some(Job {
                id: job_id.map(str::to_owned),
                ..Job::claimed(at(MINUTE))
            }),
            ..Video::new("v", "drop-in", "t", status, at(0))
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
