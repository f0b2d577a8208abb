//! What may be wrong with a video that hasn't changed for a while. Pure.

use common::time::Timestamp;
use common::video::{CLAIM_QUIET_MS, Job, Status, Video};

/// How long to wait for events before they count as lost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Patience {
    /// As long as the services and Lambda's own retries may take.
    #[default]
    Usual,
    /// Not at all: what isn't there is lost. Nothing happens twice for that, because a claim holds to its end and is
    /// looked into before a job is created; it only costs some requests.
    None,
}

impl Patience {
    /// What is left of a time in milliseconds that is usually waited.
    #[must_use]
    pub fn left_of(self, usual_ms: i64) -> i64 {
        match self {
            Self::Usual => usual_ms,
            Self::None => 0,
        }
    }
}

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
    /// All of it was removed so long ago that its tombstone is of no use any more.
    Forget,
}

/// Time after which a running job's record is compared with MediaConvert, milliseconds. Events arrive within
/// seconds; a status update comes every half minute.
const JOB_QUIET_MS: i64 = 5 * 60 * 1000;

impl Diagnosis {
    /// Looks at a record.
    pub fn of(video: &Video, now: Timestamp, patience: Patience) -> Self {
        let quiet = |since: Timestamp, ms| since.plus_ms(patience.left_of(ms)) <= now;
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
            (Status::Deleting, ..) => match video.forgotten_from() {
                None => Self::Remove,
                // Whoever may have seen the object isn't hurried by impatience.
                Some(from) if from <= now => Self::Forget,
                Some(_) => Self::Healthy,
            },
            _ => Self::Healthy,
        }
    }
}

/// What is to be done about a revision that another has replaced.
#[derive(Clone, Debug, PartialEq)]
pub enum Chore {
    /// See to it that its job ends.
    EndJob {
        /// The replaced revision.
        revision: String,
        /// Its job, or the claim for one.
        job: Box<Job>,
    },
    /// Nobody watches it any more: remove its folder.
    RemoveFolder {
        /// The replaced revision.
        revision: String,
    },
}

impl Chore {
    /// All that can be done now.
    pub fn of(video: &Video, now: Timestamp, patience: Patience) -> Vec<Self> {
        // A deleted video goes as a whole.
        if video.status == Status::Deleting {
            return Vec::new();
        }
        let chores = video.replaced.iter().filter_map(|replaced| {
            let revision = replaced.revision.clone();
            if video.plays(&revision) || video.revision.as_ref() == Some(&revision) {
                return None;
            }
            let Some(job) = &replaced.job else {
                let free = replaced.kept_until.is_none_or(|until| until <= now);
                return free.then_some(Self::RemoveFolder { revision });
            };
            is_settled(job, now, patience).then(|| Self::EndJob {
                revision,
                job: Box::new(job.clone()),
            })
        });
        chores.collect()
    }
}

/// True where nobody creates this job any more: it has an id, or its claim ended so long ago that a search finds
/// what it led to.
pub fn is_settled(job: &Job, now: Timestamp, patience: Patience) -> bool {
    let quiet_ms = patience.left_of(CLAIM_QUIET_MS);
    job.id.is_some() || job.claimed_until.plus_ms(quiet_ms) <= now
}

#[cfg(test)]
mod tests {
    use super::{Chore, Diagnosis, Patience, is_settled};
    use common::time::Timestamp;
    use common::video::{Job, Replaced, Status, TOMBSTONE_KEPT_MS, Video};

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
            assert_eq!(
                Diagnosis::of(&video, at(4 * MINUTE), Patience::Usual),
                Diagnosis::Healthy
            );
            let ask = Diagnosis::AskAbout {
                job_id: "j".into(),
                revision: "r".into(),
            };
            assert_eq!(Diagnosis::of(&video, at(5 * MINUTE), Patience::Usual), ask);
        }
    }

    #[test]
    fn a_claim_without_a_job_is_submitted_again_once_lambda_has_given_up() {
        let video = video(Status::Submitted, None);
        assert_eq!(
            Diagnosis::of(&video, at(5 * MINUTE), Patience::Usual),
            Diagnosis::Healthy
        );
        assert_eq!(
            Diagnosis::of(&video, at(6 * MINUTE), Patience::Usual),
            Diagnosis::Resubmit
        );
    }

    #[test]
    fn an_upload_may_take_a_week() {
        let upload = Video {
            revision: None,
            job: None,
            ..video(Status::Uploading, None)
        };
        assert_eq!(
            Diagnosis::of(&upload, at(7 * DAY), Patience::Usual),
            Diagnosis::Healthy
        );
        assert_eq!(
            Diagnosis::of(&upload, at(8 * DAY), Patience::Usual),
            Diagnosis::Abandoned
        );
    }

    #[test]
    fn a_final_state_is_left_alone() {
        for status in [Status::Ready, Status::Failed, Status::Canceled] {
            assert_eq!(
                Diagnosis::of(&video(status, Some("j")), at(100 * DAY), Patience::Usual),
                Diagnosis::Healthy
            );
        }
    }

    fn replaced(job: Option<Job>, kept_until: Option<Timestamp>) -> Video {
        Video {
            replaced: vec![Replaced {
                revision: "old".into(),
                job,
                kept_until,
            }],
            ..video(Status::Ready, Some("j"))
        }
    }

    #[test]
    fn the_folder_of_a_replaced_revision_goes_when_nobody_watches_it() {
        let video = replaced(None, Some(at(DAY)));
        assert_eq!(Chore::of(&video, at(DAY - 1), Patience::Usual), []);
        let removal = Chore::RemoveFolder {
            revision: "old".into(),
        };
        assert_eq!(Chore::of(&video, at(DAY), Patience::Usual), [removal]);
    }

    #[test]
    fn the_folder_stays_while_its_job_may_write() {
        let claimed = replaced(Some(Job::claimed(at(MINUTE))), None);
        assert_eq!(Chore::of(&claimed, at(5 * MINUTE), Patience::Usual), []);
        let end = Chore::EndJob {
            revision: "old".into(),
            job: Box::new(Job::claimed(at(MINUTE))),
        };
        assert_eq!(Chore::of(&claimed, at(6 * MINUTE), Patience::Usual), [end]);
    }

    #[test]
    fn a_deleted_video_is_removed_and_nothing_else() {
        let deleted = Video {
            status: Status::Deleting,
            ..replaced(None, None)
        };
        assert_eq!(
            Diagnosis::of(&deleted, at(0), Patience::Usual),
            Diagnosis::Remove
        );
        assert_eq!(Chore::of(&deleted, at(DAY), Patience::Usual), []);
    }

    #[test]
    fn a_tombstone_has_its_time_without_patience_too() {
        let tombstone = Video {
            removed_at: Some(at(MINUTE)),
            ..video(Status::Deleting, None)
        };
        for patience in [Patience::Usual, Patience::None] {
            let of = |ms| Diagnosis::of(&tombstone, at(ms), patience);
            assert_eq!(of(MINUTE + TOMBSTONE_KEPT_MS - 1), Diagnosis::Healthy);
            assert_eq!(of(MINUTE + TOMBSTONE_KEPT_MS), Diagnosis::Forget);
        }
    }

    #[test]
    fn without_patience_what_is_not_there_is_lost_but_a_claim_holds_to_its_end() {
        let asked = video(Status::Processing, Some("j"));
        let ask = Diagnosis::AskAbout {
            job_id: "j".into(),
            revision: "r".into(),
        };
        assert_eq!(Diagnosis::of(&asked, at(1), Patience::None), ask);
        let claimed = video(Status::Submitted, None);
        let of = |ms| Diagnosis::of(&claimed, at(ms), Patience::None);
        assert_eq!(of(MINUTE - 1), Diagnosis::Healthy);
        assert_eq!(of(MINUTE), Diagnosis::Resubmit);
        let claim = Job::claimed(at(MINUTE));
        assert!(!is_settled(&claim, at(MINUTE - 1), Patience::None));
        assert!(is_settled(&claim, at(MINUTE), Patience::None));
        assert!(!is_settled(&claim, at(MINUTE), Patience::Usual));
    }

    #[test]
    fn viewers_and_uploads_have_their_time_without_patience_too() {
        let kept = replaced(None, Some(at(DAY)));
        assert_eq!(Chore::of(&kept, at(DAY - 1), Patience::None), []);
        let upload = Video {
            revision: None,
            job: None,
            ..video(Status::Uploading, None)
        };
        let found = Diagnosis::of(&upload, at(7 * DAY), Patience::None);
        assert_eq!(found, Diagnosis::Healthy);
    }
}
