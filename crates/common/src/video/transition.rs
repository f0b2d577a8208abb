//! The state machine: a record and an event make the next record, or nothing. Pure, so every pair can be
//! tested; the table makes the change with one conditional write.
//!
//! What each event does in each status (*r*: the event is about the record's revision; *n*: about a newer
//! upload; anything older is ignored):
//!
//! An upload that is abandoned makes UPLOADING FAILED, and changes nothing else.
//!
//! | status | claim or rejection | job created | job refused, claim released | job runs | job ends |
//! | --- | --- | --- | --- | --- | --- |
//! | no record | SUBMITTED or FAILED | ignored | ignored | ignored | ignored |
//! | UPLOADING | SUBMITTED or FAILED | ignored | ignored | ignored | ignored |
//! | SUBMITTED, no job id | *n*: anew; *r*: waits, or takes over an expired claim | id noted | FAILED, claim open | PROCESSING, id noted | READY, FAILED, CANCELED, id noted |
//! | SUBMITTED, job id | *n*: anew; *r*: ignored | ignored | ignored | PROCESSING, if of this job | as above, if of this job |
//! | PROCESSING | *n*: anew; *r*: ignored | ignored | ignored | percent, if larger | as above, if of this job |
//! | READY, FAILED, CANCELED | *n*: anew; *r*: ignored | ignored | ignored | ignored | ignored |

use super::{DROP_IN_OWNER, Job, Playback, Rendition, Status, Stills, Video};
use crate::failure::{Failure, FailureCode};
use crate::job_event::OutputGroupDetail;
use crate::source::Source;
use crate::time::Timestamp;

/// Something that happened to a video.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An upload is about to get its job.
    Claimed {
        /// The upload.
        source: Source,
        /// Until when the claim holds.
        until: Timestamp,
        /// What is going to be made.
        renditions: Vec<Rendition>,
        /// What stills are going to be made.
        stills: Stills,
    },
    /// An upload can't get a job.
    Rejected {
        /// The upload.
        source: Source,
        /// Why.
        failure: Failure,
    },
    /// MediaConvert has the claimed job.
    JobCreated {
        /// Of the claim.
        revision: String,
        /// MediaConvert's id.
        job_id: String,
    },
    /// MediaConvert refused the claimed job for good.
    JobRefused {
        /// Of the claim.
        revision: String,
        /// Why.
        failure: Failure,
    },
    /// The invocation gives up its claim, so that the next try needn't wait for its end.
    ClaimReleased {
        /// Of the claim.
        revision: String,
        /// The end of the claim that is given up.
        until: Timestamp,
    },
    /// Nobody finished the upload, and its parts are gone.
    UploadAbandoned,
    /// MediaConvert reported about a job.
    Job {
        /// Of the job's user metadata.
        revision: String,
        /// MediaConvert's id.
        job_id: String,
        /// What it reported.
        change: JobChange,
    },
}

/// What a job did.
#[derive(Clone, Debug, PartialEq)]
pub enum JobChange {
    /// It runs.
    Progressed {
        /// How far it is, where MediaConvert tells it.
        percent: Option<u8>,
    },
    /// It is done.
    Completed(Vec<OutputGroupDetail>),
    /// It came to nothing.
    Failed(Failure),
    /// It was stopped.
    Canceled,
}

/// What is to be done about an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Write this record.
    Write(Box<Video>),
    /// Nothing.
    Ignore(Ignored),
    /// Come back when the other invocation's claim has ended.
    Wait(Timestamp),
}

/// Why an event changes nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Ignored {
    /// The video isn't in the table (any more).
    #[error("there is no such video")]
    NoRecord,
    /// The revision has a job, or came to an end.
    #[error("the upload is already handled")]
    AlreadyHandled,
    /// The record is about another upload.
    #[error("it is about another upload of the video")]
    OtherRevision,
    /// The revision has another job.
    #[error("it is about another job than the revision's")]
    OtherJob,
    /// The status is final, or the event says nothing new.
    #[error("it says nothing new")]
    NothingNew,
}

/// Whether an upload may get a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claim {
    /// Nobody has tried yet.
    Fresh,
    /// Somebody has, and may have created a job without noting it: look before creating another.
    Expired,
    /// Somebody is trying, until then.
    Held(Timestamp),
    /// No.
    Refused(Ignored),
}

impl Claim {
    /// Decides on `source`, given the record of its video.
    pub fn decide(record: Option<&Video>, source: &Source, now: Timestamp) -> Self {
        let Some(video) = record else {
            return Self::Fresh;
        };
        if video.revision.as_deref() != Some(&source.revision()) {
            let earlier = video
                .source
                .as_ref()
                .and_then(|current| source.is_later_than(current))
                == Some(false);
            // Only an upload that has begun its way through the pipeline can be overtaken.
            let overtaken = earlier && video.revision.is_some();
            return if overtaken {
                Self::Refused(Ignored::OtherRevision)
            } else {
                Self::Fresh
            };
        }
        match (video.status, &video.job) {
            (
                Status::Submitted,
                Some(Job {
                    id: None,
                    claimed_until,
                    ..
                }),
            ) if *claimed_until > now => Self::Held(*claimed_until),
            (Status::Submitted, Some(Job { id: None, .. })) => Self::Expired,
            _ => Self::Refused(Ignored::AlreadyHandled),
        }
    }
}

/// The one function that changes a video.
pub fn transition(record: Option<&Video>, event: &Event, now: Timestamp) -> Decision {
    match event {
        Event::Claimed {
            source,
            until,
            renditions,
            stills,
        } => upload(record, source, now, |video| {
            video.status = Status::Submitted;
            video.job = Some(Job {
                id: None,
                claimed_until: *until,
                renditions: renditions.clone(),
                stills: Some(*stills),
            });
        }),
        Event::Rejected { source, failure } => upload(record, source, now, |video| {
            video.status = Status::Failed;
            video.failure = Some(failure.clone());
        }),
        Event::JobCreated { revision, job_id } => claimed(record, revision, now, |video, job| {
            video.job = Some(Job {
                id: Some(job_id.clone()),
                ..job
            });
            true
        }),
        Event::JobRefused { revision, failure } => claimed(record, revision, now, |video, _| {
            video.status = Status::Failed;
            video.failure = Some(failure.clone());
            video.job = None;
            true
        }),
        Event::ClaimReleased { revision, until } => claimed(record, revision, now, |video, job| {
            let ours = job.claimed_until == *until;
            video.job = Some(Job {
                claimed_until: now,
                ..job
            });
            ours
        }),
        Event::UploadAbandoned => abandoned(record, now),
        Event::Job {
            revision,
            job_id,
            change,
        } => job_changed(record, revision, job_id, change, now),
    }
}

/// A new upload, or the takeover of one that nobody finished.
fn upload(
    record: Option<&Video>,
    source: &Source,
    now: Timestamp,
    change: impl Fn(&mut Video),
) -> Decision {
    match Claim::decide(record, source, now) {
        Claim::Held(until) => return Decision::Wait(until),
        Claim::Refused(reason) => return Decision::Ignore(reason),
        Claim::Fresh | Claim::Expired => {}
    }
    let mut video = record.cloned().unwrap_or_else(|| dropped_in(source, now));
    video.revision = Some(source.revision());
    video.source = Some(source.clone());
    video.job = None;
    video.failure = None;
    video.progress_percent = None;
    change(&mut video);
    written(video, now)
}

fn dropped_in(source: &Source, now: Timestamp) -> Video {
    Video {
        id: source.video_id(),
        owner: DROP_IN_OWNER.to_owned(),
        title: source.title(),
        status: Status::Submitted,
        created_at: now,
        updated_at: now,
        revision: None,
        source: None,
        job: None,
        progress_percent: None,
        failure: None,
        playback: None,
    }
}

fn abandoned(record: Option<&Video>, now: Timestamp) -> Decision {
    match record {
        None => Decision::Ignore(Ignored::NoRecord),
        Some(video) if video.status == Status::Uploading => {
            let mut next = video.clone();
            next.status = Status::Failed;
            next.failure = Some(Failure::ours(FailureCode::UploadAbandoned));
            written(next, now)
        }
        Some(_) => Decision::Ignore(Ignored::AlreadyHandled),
    }
}

/// What became of a claim of ours: only while the revision is SUBMITTED without a job's id.
fn claimed(
    record: Option<&Video>,
    revision: &str,
    now: Timestamp,
    change: impl Fn(&mut Video, Job) -> bool,
) -> Decision {
    let video = match of_revision(record, revision) {
        Ok(video) => video,
        Err(reason) => return Decision::Ignore(reason),
    };
    match &video.job {
        Some(job) if job.id.is_none() && video.status == Status::Submitted => {
            let (mut next, job) = (video.clone(), job.clone());
            if change(&mut next, job) {
                written(next, now)
            } else {
                Decision::Ignore(Ignored::NothingNew)
            }
        }
        _ => Decision::Ignore(Ignored::AlreadyHandled),
    }
}

fn job_changed(
    record: Option<&Video>,
    revision: &str,
    job_id: &str,
    change: &JobChange,
    now: Timestamp,
) -> Decision {
    let video = match of_revision(record, revision) {
        Ok(video) => video,
        Err(reason) => return Decision::Ignore(reason),
    };
    let Some(job) = &video.job else {
        return Decision::Ignore(Ignored::OtherJob);
    };
    // No id yet: the event overtook the submit function's own write, and names the job instead of it.
    if job.id.as_deref().is_some_and(|id| id != job_id) {
        return Decision::Ignore(Ignored::OtherJob);
    }
    if video.status.is_terminal() {
        return Decision::Ignore(Ignored::NothingNew);
    }
    let mut next = video.clone();
    let mut job = Job {
        id: Some(job_id.to_owned()),
        ..job.clone()
    };
    if let JobChange::Progressed { percent } = change {
        if video.status == Status::Processing && *percent <= video.progress_percent {
            return Decision::Ignore(Ignored::NothingNew);
        }
        next.status = Status::Processing;
        next.progress_percent = *percent;
    } else {
        next.progress_percent = None;
    }
    match change {
        JobChange::Progressed { .. } => {}
        JobChange::Completed(groups) => {
            next.status = Status::Ready;
            next.failure = None;
            next.playback = Some(Playback::new(&video.id, revision, &job, groups));
            job.renditions.clear();
            job.stills = None;
        }
        JobChange::Failed(failure) => {
            next.status = Status::Failed;
            next.failure = Some(failure.clone());
        }
        JobChange::Canceled => next.status = Status::Canceled,
    }
    next.job = Some(job);
    written(next, now)
}

fn of_revision<'a>(record: Option<&'a Video>, revision: &str) -> Result<&'a Video, Ignored> {
    let video = record.ok_or(Ignored::NoRecord)?;
    let current = video.revision.as_deref() == Some(revision);
    current.then_some(video).ok_or(Ignored::OtherRevision)
}

fn written(video: Video, now: Timestamp) -> Decision {
    Decision::Write(Box::new(Video {
        updated_at: now,
        ..video
    }))
}

#[cfg(test)]
mod tests;
