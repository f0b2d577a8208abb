//! The state machine: a record and an event make the next record, or nothing. Pure, so every pair can be
//! tested; the table makes the change with one conditional write.
//!
//! What each event does in each status (*r*: the event is about the record's revision; *n*: about a newer
//! upload; anything older is ignored. Where nobody told the order of two uploads, because one of them was found without
//! its event, the one is newer that S3 was seen to have):
//!
//! | status | claim or rejection | job created | job refused, claim released | job runs | job ends |
//! | --- | --- | --- | --- | --- | --- |
//! | no record | SUBMITTED or FAILED | ignored | ignored | ignored | ignored |
//! | UPLOADING | SUBMITTED or FAILED | ignored | ignored | ignored | ignored |
//! | SUBMITTED, no claim | *n*: anew; *r*: claimed, or FAILED | ignored | ignored | ignored | ignored |
//! | SUBMITTED, no job id | *n*: anew; *r*: waits, or takes over an expired claim | id noted | FAILED, claim open | PROCESSING, id noted | READY, FAILED, CANCELED, id noted |
//! | SUBMITTED, job id | *n*: anew; *r*: ignored | ignored | ignored | PROCESSING, if of this job | as above, if of this job |
//! | PROCESSING | *n*: anew; *r*: ignored | ignored | ignored | percent, if larger by a step | as above, if of this job |
//! | READY, FAILED, CANCELED | *n*: anew; *r*: ignored | ignored | ignored | ignored | ignored |
//! | DELETING | ignored | ignored | ignored | ignored | ignored |
//!
//! | status | upload started | upload abandoned | edited | deleted | removed | reprocessed | about a replaced revision |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | no record | UPLOADING | ignored | ignored | ignored | ignored | ignored | ignored |
//! | UPLOADING | ignored | FAILED | texts | DELETING | ignored | ignored | ignored: it has none |
//! | SUBMITTED, PROCESSING | ignored | ignored | texts | DELETING | ignored | ignored | noted |
//! | READY, FAILED, CANCELED | ignored | ignored | texts | DELETING | ignored | SUBMITTED without a claim; ignored without a source | noted |
//! | DELETING | ignored | ignored | ignored | ignored | a tombstone, once | ignored | ignored: all of it goes |
//!
//! Captions are added and removed in every status but DELETING, and noted in [`Video::captions`]. What plays gets them in
//! an edition of its manifests, once that is written: noted if it is of the revision that plays and of the captions that
//! the record has, ignored if one of them has changed meanwhile.
//!
//! A record is made for an upload, or restored, where there is none, and nowhere else.
//!
//! "Anew" and "reprocessed" leave the old revision behind among the record's replaced ones, with its job if that may
//! still run. DELETING ends with the item itself, which only the reconcile function removes: once all else is gone, and
//! the tombstone has outlived whoever may have seen the object.

use serde::Deserialize;

use super::watch::REPLACED_KEPT_MS;
use super::{DROP_IN_OWNER, Job, Making, Playback, Replaced, Status, Upload, Video};
use crate::captions::{self, Added, AddedTrack};
use crate::clip::Clip;
use crate::failure::{Failure, FailureCode};
use crate::job_event::OutputGroupDetail;
use crate::output::OutputFolder;
use crate::source::Source;
use crate::time::Timestamp;

/// Something that happened to a video.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Somebody begins an upload through the API.
    UploadStarted(Box<UploadStart>),
    /// Somebody changes what people read and see. An absent text stays, an empty description goes.
    Edited(Edit),
    /// Somebody deletes the video.
    Deleted,
    /// Somebody wants the same upload converted anew.
    Reprocessed(Reprocess),
    /// All of a deleted video but its record is gone.
    Removed,
    /// The job of a replaced revision has ended, or there is none.
    ReplacedJobEnded {
        /// The replaced revision.
        revision: String,
    },
    /// The folder of a replaced revision is gone.
    ReplacedRemoved {
        /// The replaced revision.
        revision: String,
    },
    /// An upload lost its record: this is what could be found out.
    Recorded(Box<Video>),
    /// An upload is about to get its job.
    Claimed {
        /// The upload, at the attempt that was seen: [`Video::as_processed`].
        source: Source,
        /// True where S3 was seen to have this upload, and no later one; has to be known only of one whose order nobody told.
        is_current: bool,
        /// Until when the claim holds.
        until: Timestamp,
        /// What is going to be made.
        making: Making,
    },
    /// An upload can't get a job.
    Rejected {
        /// The upload, at the attempt that was seen: [`Video::as_processed`].
        source: Source,
        /// True where S3 was seen to have this upload, and no later one; has to be known only of one whose order nobody told.
        is_current: bool,
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
    /// Somebody adds captions, whose file is in the source bucket.
    CaptionsAdded(AddedTrack),
    /// Somebody removes captions that were added.
    CaptionsRemoved {
        /// BCP 47 tag.
        language: String,
    },
    /// The manifests with the captions that were added are written.
    EditionWritten {
        /// The revision whose media they refer to.
        revision: String,
        /// Number of the captions; `None` for the conversion's own manifests.
        edition: Option<u64>,
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

/// How an upload through the API begins.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadStart {
    /// The new video's id.
    pub id: String,
    /// The user's id.
    pub owner: String,
    /// What people call it.
    pub title: String,
    /// What people say about it.
    pub description: Option<String>,
    /// The user's name of the file.
    pub file_name: String,
    /// Declared size, bytes.
    pub size_bytes: u64,
    /// Declared media type.
    pub content_type: Option<String>,
    /// Name of the chosen profile.
    pub profile: Option<String>,
    /// Whether there is to be a file to download.
    pub download: Option<bool>,
    /// The part that is to be converted.
    pub clip: Option<Clip>,
    /// The multipart upload.
    pub upload: Upload,
}

/// How the same upload is to be converted anew. What is absent stays as it was.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reprocess {
    /// Name of another profile.
    pub profile: Option<String>,
    /// Whether there is to be a file to download.
    pub download: Option<Override<bool>>,
    /// The part to be converted.
    pub clip: Option<Override<Clip>>,
}

/// What somebody wants; `None` is what there is where nobody wants anything: what the profile says, or all of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct Override<T>(pub Option<T>);

/// What somebody changes about a video.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Edit {
    /// What people call it.
    pub title: Option<String>,
    /// What people say about it.
    pub description: Option<String>,
    /// Where the poster is to be.
    pub poster: Option<PosterTime>,
}

/// Where somebody wants the poster to be, seconds from the start; `None` for the still that the job took.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct PosterTime(pub Option<u32>);

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
    /// The video was deleted.
    #[error("the video is being deleted")]
    Deleting,
    /// The revision hasn't come to its end.
    #[error("the video is still being converted")]
    NotFinished,
    /// Nothing was ever uploaded.
    #[error("there is no upload to convert")]
    NoSource,
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
    /// The record is about another upload, and nobody told which of the two is the later one: look which S3 has.
    Unordered,
    /// No.
    Refused(Ignored),
}

impl Claim {
    /// Decides on `source`, given the record of its video.
    pub fn decide(record: Option<&Video>, source: &Source, now: Timestamp) -> Self {
        let Some(video) = record else {
            return Self::Fresh;
        };
        if video.status == Status::Deleting {
            return Self::Refused(Ignored::Deleting);
        }
        // Only an upload that has begun its way through the pipeline can be overtaken.
        let known = video.source.as_ref().filter(|_| video.revision.is_some());
        let is_same = |known: &Source| source.is_same_upload(known);
        if let Some(other) = known.filter(|known| !is_same(known)) {
            return match source.is_later_than(other) {
                Some(true) => Self::Fresh,
                Some(false) => Self::Refused(Ignored::OtherRevision),
                None => Self::Unordered,
            };
        }
        if !video.source.as_ref().is_some_and(is_same) {
            return Self::Fresh;
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
            (Status::Submitted, None) => Self::Fresh,
            _ => Self::Refused(Ignored::AlreadyHandled),
        }
    }
}

/// The one function that changes a video.
pub fn transition(record: Option<&Video>, event: &Event, now: Timestamp) -> Decision {
    if let Some(video) = record.filter(|video| video.status == Status::Deleting) {
        return match event {
            Event::Removed if video.removed_at.is_none() => mark_removed(video, now),
            _ => Decision::Ignore(Ignored::Deleting),
        };
    }
    match event {
        Event::UploadStarted(_) | Event::Recorded(_) if record.is_some() => {
            Decision::Ignore(Ignored::AlreadyHandled)
        }
        Event::UploadStarted(start) => write(new_upload(start, now), None, now),
        Event::Recorded(video) => write((**video).clone(), None, now),
        Event::UploadAbandoned => if_there(record, |video| abandon_upload(video, now)),
        Event::CaptionsAdded(track) => if_there(record, |video| add_captions(video, track, now)),
        Event::CaptionsRemoved { language } => {
            if_there(record, |video| remove_captions(video, language, now))
        }
        Event::EditionWritten { revision, edition } => {
            if_there(record, |video| note_edition(video, revision, *edition, now))
        }
        Event::Edited(edit) => if_there(record, |video| apply_edit(video, edit, now)),
        Event::Deleted => if_there(record, |video| delete(video, now)),
        Event::Reprocessed(wanted) => if_there(record, |video| reprocess(video, wanted, now)),
        // What nobody deleted is not removed.
        Event::Removed => Decision::Ignore(Ignored::NothingNew),
        Event::ReplacedJobEnded { revision } => {
            if_there(record, |video| end_replaced_job(video, revision))
        }
        Event::ReplacedRemoved { revision } => {
            if_there(record, |video| forget_replaced(video, revision))
        }
        Event::Claimed {
            source,
            is_current,
            until,
            making,
        } => take_upload(record, source, *is_current, now, |video| {
            video.status = Status::Submitted;
            video.job = Some(Job {
                making: making.clone(),
                ..Job::claimed(*until)
            });
        }),
        Event::Rejected {
            source,
            is_current,
            failure,
        } => take_upload(record, source, *is_current, now, |video| {
            video.status = Status::Failed;
            video.failure = Some(failure.clone());
        }),
        Event::JobCreated { revision, job_id } => claim(
            record,
            revision,
            |video, job| {
                Some(Video {
                    job: Some(Job {
                        id: Some(job_id.clone()),
                        created_at: Some(now),
                        ..job.clone()
                    }),
                    ..video.clone()
                })
            },
            now,
        ),
        Event::JobRefused { revision, failure } => claim(
            record,
            revision,
            |video, _| {
                Some(Video {
                    status: Status::Failed,
                    failure: Some(failure.clone()),
                    job: None,
                    ..video.clone()
                })
            },
            now,
        ),
        Event::ClaimReleased { revision, until } => claim(
            record,
            revision,
            |video, job| {
                (job.claimed_until == *until).then(|| Video {
                    job: Some(Job {
                        claimed_until: now,
                        ..job.clone()
                    }),
                    ..video.clone()
                })
            },
            now,
        ),
        Event::Job {
            revision,
            job_id,
            change,
        } => change_job(record, revision, job_id, change, now),
    }
}

/// A new upload, or the takeover of one that nobody finished.
fn take_upload(
    record: Option<&Video>,
    source: &Source,
    is_current: bool,
    now: Timestamp,
    change: impl Fn(&mut Video),
) -> Decision {
    match Claim::decide(record, source, now) {
        Claim::Held(until) => return Decision::Wait(until),
        Claim::Refused(reason) => return Decision::Ignore(reason),
        Claim::Unordered if !is_current => return Decision::Ignore(Ignored::OtherRevision),
        Claim::Fresh | Claim::Expired | Claim::Unordered => {}
    }
    // What was decided on an earlier attempt knows nothing of what is wanted since.
    if record.is_some_and(|video| video.as_processed(source) != *source) {
        return Decision::Ignore(Ignored::OtherRevision);
    }
    let mut video = record.cloned().unwrap_or_else(|| new_drop_in(source, now));
    video.clip = video.clip_of(source);
    begin(&mut video, source.clone());
    video.upload = None;
    change(&mut video);
    write(video, record, now)
}

/// Leaves the old revision behind, if this is another one.
fn begin(video: &mut Video, source: Source) {
    let revision = source.revision();
    let on_its_way = video.is_on_its_way();
    let job = video.job.take();
    if let Some(old) = video.revision.take().filter(|old| *old != revision) {
        // Without a job there never was a folder.
        if job.is_some() {
            video.replaced.push(Replaced {
                revision: old,
                job: job.filter(|_| on_its_way).map(strip),
                kept_until: None,
            });
        }
    }
    video.revision = Some(revision);
    video.source = Some(source);
    video.failure = None;
    video.progress_percent = None;
}

/// What is needed to stop a job.
fn strip(job: Job) -> Job {
    Job {
        making: Making::default(),
        ..job
    }
}

fn new_drop_in(source: &Source, now: Timestamp) -> Video {
    Video::new(
        source.video_id(),
        DROP_IN_OWNER,
        source.title(),
        Status::Submitted,
        now,
    )
}

fn new_upload(start: &UploadStart, now: Timestamp) -> Video {
    Video {
        description: start.description.clone(),
        file_name: Some(start.file_name.clone()),
        size_bytes: Some(start.size_bytes),
        content_type: start.content_type.clone(),
        profile: start.profile.clone(),
        download: start.download,
        clip: start.clip,
        upload: Some(start.upload.clone()),
        ..Video::new(
            &start.id,
            &start.owner,
            &start.title,
            Status::Uploading,
            now,
        )
    }
}

fn abandon_upload(video: &Video, now: Timestamp) -> Decision {
    if video.status != Status::Uploading {
        return Decision::Ignore(Ignored::AlreadyHandled);
    }
    let next = Video {
        status: Status::Failed,
        failure: Some(Failure::ours(FailureCode::UploadAbandoned)),
        ..video.clone()
    };
    write(next, Some(video), now)
}

fn apply_edit(video: &Video, edit: &Edit, now: Timestamp) -> Decision {
    let mut next = video.clone();
    if let Some(title) = &edit.title {
        title.clone_into(&mut next.title);
    }
    if let Some(description) = &edit.description {
        next.description = Some(description.clone()).filter(|text| !text.is_empty());
    }
    if let Some(PosterTime(seconds)) = edit.poster {
        next.poster_seconds = seconds;
    }
    if next == *video {
        return Decision::Ignore(Ignored::NothingNew);
    }
    write(next, Some(video), now)
}

fn add_captions(video: &Video, track: &AddedTrack, now: Timestamp) -> Decision {
    let edition = video.next_edition(now);
    let captions = Added::with(video.captions.as_ref(), track, edition);
    replace_captions(video, captions, now)
}

fn remove_captions(video: &Video, language: &str, now: Timestamp) -> Decision {
    let edition = video.next_edition(now);
    let before = video.captions.as_ref();
    let captions = before.and_then(|added| added.without(language, edition));
    replace_captions(video, captions, now)
}

/// Other captions than before, if they differ.
fn replace_captions(video: &Video, captions: Option<Added>, now: Timestamp) -> Decision {
    if captions.is_none() {
        return Decision::Ignore(Ignored::NothingNew);
    }
    let next = Video {
        captions,
        ..video.clone()
    };
    write(next, Some(video), now)
}

fn note_edition(video: &Video, revision: &str, edition: Option<u64>, now: Timestamp) -> Decision {
    if !video.plays(revision) || video.edition() != edition {
        return Decision::Ignore(Ignored::OtherRevision);
    }
    let mut next = video.clone();
    let Some(playback) = next
        .playback
        .as_mut()
        .filter(|playback| playback.takes_captions() && playback.edition != edition)
    else {
        return Decision::Ignore(Ignored::NothingNew);
    };
    let folder = OutputFolder {
        video_id: &video.id,
        revision,
    };
    playback.hls = Some(folder.hls_of(edition));
    playback.dash = Some(folder.dash_of(edition));
    if let Some(old) = std::mem::replace(&mut playback.edition, edition) {
        // Inside of the revision's folder, but gone before it.
        let old = format!("{revision}/{}", captions::edition::folder(old));
        keep_for_viewers(&mut next.replaced, old, now);
    }
    write(next, Some(video), now)
}

fn delete(video: &Video, now: Timestamp) -> Decision {
    write(mark_deleting(video, now), Some(video), now)
}

/// What the removal needs, and nothing else.
fn mark_deleting(video: &Video, now: Timestamp) -> Video {
    Video {
        created_at: video.created_at,
        upload: video.upload.clone(),
        revision: video.revision.clone(),
        source: video.source.clone(),
        job: video
            .job
            .clone()
            .filter(|_| video.is_on_its_way())
            .map(strip),
        replaced: video.replaced.clone(),
        ..Video::new(&video.id, "", "", Status::Deleting, now)
    }
}

/// The time of the deletion stays: whatever was uploaded since is another video.
fn mark_removed(video: &Video, now: Timestamp) -> Decision {
    let next = Video {
        removed_at: Some(now),
        upload: None,
        job: None,
        replaced: Vec::new(),
        ..video.clone()
    };
    Decision::Write(Box::new(next.watched(Some(video))))
}

fn reprocess(video: &Video, wanted: &Reprocess, now: Timestamp) -> Decision {
    if !video.status.is_terminal() {
        return Decision::Ignore(Ignored::NotFinished);
    }
    let Some(source) = &video.source else {
        return Decision::Ignore(Ignored::NoSource);
    };
    let mut next = video.clone();
    begin(
        &mut next,
        source.attempted(source.attempt.saturating_add(1)),
    );
    // Without a claim: nobody can have created a job yet.
    next.status = Status::Submitted;
    if let Some(profile) = &wanted.profile {
        next.profile = Some(profile.clone());
    }
    if let Some(Override(download)) = wanted.download {
        next.download = download;
    }
    if let Some(Override(clip)) = wanted.clip
        && clip != next.clip
    {
        next.clip = clip;
        // It counts from the beginning of what is converted.
        next.poster_seconds = None;
    }
    write(next, Some(video), now)
}

/// A change of the replaced revisions alone. To people the video hasn't changed, so its time stays as it is.
fn change_replaced(video: &Video, change: impl Fn(&mut Vec<Replaced>)) -> Decision {
    let mut next = video.clone();
    change(&mut next.replaced);
    if next.replaced == video.replaced {
        return Decision::Ignore(Ignored::NothingNew);
    }
    Decision::Write(Box::new(next.watched(Some(video))))
}

fn end_replaced_job(video: &Video, revision: &str) -> Decision {
    change_replaced(video, |replaced| {
        replaced
            .iter_mut()
            .filter(|entry| entry.revision == revision)
            .for_each(|entry| entry.job = None);
    })
}

fn forget_replaced(video: &Video, revision: &str) -> Decision {
    let plays = video.plays(revision);
    change_replaced(video, |replaced| {
        replaced.retain(|entry| entry.revision != revision || entry.job.is_some() || plays);
    })
}

fn if_there(record: Option<&Video>, decide: impl Fn(&Video) -> Decision) -> Decision {
    record.map_or(Decision::Ignore(Ignored::NoRecord), decide)
}

/// What became of a claim of ours: only while the revision is SUBMITTED without a job's id.
fn claim(
    record: Option<&Video>,
    revision: &str,
    change: impl Fn(&Video, &Job) -> Option<Video>,
    now: Timestamp,
) -> Decision {
    let video = match of_revision(record, revision) {
        Ok(video) => video,
        Err(reason) => return Decision::Ignore(reason),
    };
    match &video.job {
        Some(job) if job.id.is_none() && video.status == Status::Submitted => {
            match change(video, job) {
                Some(next) => write(next, record, now),
                None => Decision::Ignore(Ignored::NothingNew),
            }
        }
        _ => Decision::Ignore(Ignored::AlreadyHandled),
    }
}

/// Percent by which a job must have got further for the record to say so: each is a write, and twenty are enough for
/// a person who watches.
const PERCENT_STEP: u8 = 5;

fn change_job(
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
        created_at: job.created_at.or(Some(now)),
        ..job.clone()
    };
    if let JobChange::Progressed { percent } = change {
        let known = video.progress_percent;
        let is_step = percent.is_some_and(|percent| {
            known.is_none_or(|known| percent >= known.saturating_add(PERCENT_STEP))
        });
        if video.status == Status::Processing && !is_step {
            return Decision::Ignore(Ignored::NothingNew);
        }
        next.status = Status::Processing;
        next.progress_percent = *percent;
        job.started_at = job.started_at.or(Some(now));
    } else {
        next.progress_percent = None;
        job.finished_at = Some(now);
    }
    match change {
        JobChange::Progressed { .. } => {}
        JobChange::Completed(groups) => {
            next.status = Status::Ready;
            next.failure = None;
            let playback = Playback {
                clip: video.clip,
                ..Playback::new(&video.id, revision, &job, groups)
            };
            if let Some(old) = next.playback.replace(playback) {
                keep_for_viewers(&mut next.replaced, old.revision, now);
            }
            job.making = job.making.done(groups);
        }
        JobChange::Failed(failure) => {
            next.status = Status::Failed;
            next.failure = Some(failure.clone());
        }
        JobChange::Canceled => next.status = Status::Canceled,
    }
    next.job = Some(job);
    write(next, record, now)
}

/// What was played until now goes away when those who are watching it have finished.
fn keep_for_viewers(replaced: &mut Vec<Replaced>, revision: String, now: Timestamp) {
    let kept_until = Some(now.plus_ms(REPLACED_KEPT_MS));
    match replaced.iter_mut().find(|entry| entry.revision == revision) {
        Some(entry) => entry.kept_until = kept_until,
        None => replaced.push(Replaced {
            revision,
            job: None,
            kept_until,
        }),
    }
}

fn of_revision<'a>(record: Option<&'a Video>, revision: &str) -> Result<&'a Video, Ignored> {
    let video = record.ok_or(Ignored::NoRecord)?;
    let current = video.revision.as_deref() == Some(revision);
    current.then_some(video).ok_or(Ignored::OtherRevision)
}

fn write(video: Video, before: Option<&Video>, now: Timestamp) -> Decision {
    let next = Video {
        updated_at: now,
        ..video
    };
    Decision::Write(Box::new(next.watched(before)))
}

#[cfg(test)]
mod tests;
