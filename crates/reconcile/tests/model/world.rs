//! A small world: a record, the bucket, MediaConvert's jobs, and the invocations that are at work.

use std::collections::{BTreeMap, BTreeSet};

use common::time::Timestamp;
use common::video::{CLAIM_QUIET_MS, Claim, Ignored, Job, Status, Video};
use reconcile::diagnosis::{Diagnosis, Patience, is_settled};

use crate::records::{
    Decided, Happening, JobNumber, JobState, Record, Upload, at, claims, decide, keep, parse,
    source, upload_of, written,
};

/// A state of the model.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct World {
    pub(crate) record: Option<Record>,
    /// The last upload that S3 has taken.
    pub(crate) uploaded: Upload,
    /// The last upload that was there when somebody deleted the video; 0 as long as nobody has.
    pub(crate) deleted: Upload,
    /// The last upload that was removed; 0 for none.
    pub(crate) removed: Upload,
    pub(crate) jobs: BTreeMap<JobNumber, MadeJob>,
    /// Everything that MediaConvert has ever told. It is delivered any number of times, also none.
    pub(crate) events: BTreeSet<(JobNumber, JobState)>,
    /// In order: which of two like invocations is which makes no difference.
    pub(crate) workers: Vec<Worker>,
    /// Invocations that there were.
    pub(crate) started: u8,
    /// Time that has passed, in lives of an invocation.
    pub(crate) ticks: u8,
    /// What must never happen, and did.
    pub(crate) broken: Option<&'static str>,
}

/// A job that MediaConvert has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct MadeJob {
    pub(crate) upload: Upload,
    pub(crate) state: JobState,
    /// When it was created.
    pub(crate) tick: u8,
}

/// An invocation of the submit function.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Worker {
    pub(crate) upload: Upload,
    /// When Lambda stops it.
    pub(crate) deadline: u8,
    pub(crate) step: Step,
}

/// Between two requests of the submit function.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Step {
    /// It is about to look at the object and to read the record, which it does at the same time.
    Begin,
    /// It has looked at the object, and is about to read the record.
    Read { seen: bool },
    /// It has read the record, and is about to look at the object.
    Look { read: Option<Record> },
    /// It is about to write its claim over what it read, or a rejection of what it didn't see.
    Claim { read: Option<Record>, seen: bool },
    /// It is about to look for a job of an earlier try, with this claim.
    Search(Record),
    /// It is about to create the job, with this claim.
    Create(Record),
    /// It is about to note the job's id over what it knows.
    Note(JobNumber, Option<Record>),
    /// It is about to cancel a job that nobody waits for any more.
    Cancel(JobNumber),
    /// It is about to give up its claim.
    Release,
}

/// How a request goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Luck {
    /// As it should. Where two are under way, the look at the object is answered first.
    Good,
    /// The other of the two is answered first.
    OtherFirst,
    /// It is carried out, and its answer gets lost.
    AnswerLost,
    /// MediaConvert takes no job now.
    Throttled,
}

/// What the pipeline guards itself with, and a test takes out to see that it is missed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Guard {
    /// The condition on the write.
    Condition,
    /// The search for an earlier try's job.
    Search,
    /// MediaConvert's memory of a job's token.
    Token,
    /// The claim's end.
    Lease,
    /// The removal's wait for the end of a claim.
    Settled,
    /// That a deleted video takes no events.
    Deleting,
    /// That a tombstone outlives those who saw the video.
    Tombstone,
    /// That a job's event is about the record's revision.
    Revision,
}

impl World {
    pub(crate) fn now(&self) -> Timestamp {
        at(self.ticks)
    }

    pub(crate) fn has_object(&self, upload: Upload) -> bool {
        upload > self.removed && upload <= self.uploaded
    }

    pub(crate) fn jobs_of(&self, upload: Upload) -> usize {
        let jobs = self.jobs.values();
        jobs.filter(|job| job.upload == upload).count()
    }

    /// Writes what was decided on `read`, if the record still allows it. `None` where it doesn't.
    fn write(&mut self, read: Option<Record>, next: Record, guarded: bool) -> Option<()> {
        let (record, broken) = written(read, next, self.record, guarded)?;
        self.broken = self.broken.or(broken);
        let about = parse(Some(record))?;
        if self.record.is_none() && !self.has_object(upload_of(&about)) {
            self.broken = Some("a removed video got a record");
        }
        self.record = Some(record);
        Some(())
    }

    pub(crate) fn apply(&mut self, event: &Happening, now: Timestamp) {
        if let Decided::Write(next) = decide(self.record, event, now) {
            self.write(self.record, next, true).unwrap();
        }
    }

    /// The event as if the record weren't DELETING.
    pub(crate) fn apply_though_deleting(&mut self, event: &Happening, now: Timestamp) {
        let record = parse(self.record).map(|video| {
            let status = match video.status {
                Status::Deleting => Status::Submitted,
                status => status,
            };
            keep(Video {
                status,
                ..(*video).clone()
            })
        });
        if let Decided::Write(next) = decide(record, event, now) {
            self.write(self.record, next, true).unwrap();
        }
    }

    fn cancel(&mut self, number: JobNumber) {
        let job = self.jobs.get_mut(&number).unwrap();
        if job.state == JobState::Running {
            job.state = JobState::Canceled;
            self.events.insert((number, JobState::Canceled));
        }
    }

    /// Stops the job of a revision that nobody waits for any more.
    pub(crate) fn end_job(&mut self, revision: &str, job: &Job) {
        let noted = job.id.as_ref().map(|id| id.parse().unwrap());
        let number = noted.or_else(|| {
            let of_revision = |job: &MadeJob| source(job.upload).revision() == revision;
            let mut jobs = self.jobs.iter();
            let found = jobs.find(|(_, job)| of_revision(job));
            found.map(|(number, _)| *number)
        });
        if let Some(number) = number {
            self.cancel(number);
        }
    }

    /// Ends the jobs of a deleted video, and removes its uploads. `None` where that has to wait.
    pub(crate) fn remove_uploads(&mut self, without: Option<Guard>) -> Option<()> {
        let video = parse(self.record)?;
        if Diagnosis::of(&video, self.now(), Patience::Usual) != Diagnosis::Remove {
            return None;
        }
        let current = video.revision.clone().zip(video.job.clone());
        let replaced = video.replaced.iter();
        let replaced =
            replaced.filter_map(|entry| Some((entry.revision.clone(), entry.job.clone()?)));
        let jobs: Vec<_> = current.into_iter().chain(replaced).collect();
        // The removal waits until a search finds a job for certain; here it finds one at once.
        let settled_by = self.now().plus_ms(CLAIM_QUIET_MS);
        let waits =
            |job| without != Some(Guard::Settled) && !is_settled(job, settled_by, Patience::Usual);
        if jobs.iter().any(|(_, job)| waits(job)) {
            return None;
        }
        for (revision, job) in jobs {
            self.end_job(&revision, &job);
        }
        self.removed = self.deleted;
        let mut jobs = self.jobs.values();
        if jobs.any(|job| job.upload <= self.removed && job.state == JobState::Running) {
            self.broken = Some("a job outlived its video");
        }
        Some(())
    }

    /// Makes a tombstone of the record. `None` where something is left of the video.
    pub(crate) fn entomb(&mut self) -> Option<()> {
        let video = parse(self.record)?;
        let is_due = Diagnosis::of(&video, self.now(), Patience::Usual) == Diagnosis::Remove;
        if !is_due || self.removed < self.deleted {
            return None;
        }
        self.apply(&Happening::Removed, self.now());
        Some(())
    }

    /// Takes the tombstone away. `None` where it is of use yet.
    pub(crate) fn forget(&mut self, without: Option<Guard>) -> Option<()> {
        let video = parse(self.record)?;
        let is_due = Diagnosis::of(&video, self.now(), Patience::Usual) == Diagnosis::Forget;
        let hurries = without == Some(Guard::Tombstone) && video.removed_at.is_some();
        (is_due || hurries).then(|| self.record = None)
    }

    /// MediaConvert knows a token for a moment, and gives its job again.
    pub(crate) fn create(&mut self, upload: Upload, without: Option<Guard>) -> JobNumber {
        let mut known = self.jobs.iter();
        let known = known.find(|(_, job)| job.upload == upload && job.tick == self.ticks);
        if let Some((number, _)) = known.filter(|_| without != Some(Guard::Token)) {
            return *number;
        }
        if !self.has_object(upload) {
            self.broken = Some("a removed upload got a job");
        }
        let number = JobNumber::try_from(self.jobs.len()).unwrap();
        let (tick, state) = (self.ticks, JobState::Running);
        let made = MadeJob {
            upload,
            state,
            tick,
        };
        self.jobs.insert(number, made);
        self.events.insert((number, state));
        number
    }

    /// A search finds what was created before, but not yet what was created a moment ago.
    pub(crate) fn find(&self, upload: Upload) -> Option<JobNumber> {
        let mut jobs = self.jobs.iter();
        let found = jobs.find(|(_, job)| job.upload == upload && job.tick < self.ticks);
        found.map(|(number, _)| *number)
    }

    /// One request of a worker. `None` ends it.
    pub(crate) fn step(
        &mut self,
        worker: &Worker,
        luck: Luck,
        without: Option<Guard>,
    ) -> Option<Step> {
        let (upload, now) = (worker.upload, self.now());
        let until = at(worker.deadline);
        match worker.step.clone() {
            Step::Begin if luck == Luck::OtherFirst => Some(Step::Look { read: self.record }),
            Step::Begin => Some(Step::Read {
                seen: self.has_object(upload),
            }),
            Step::Look { read } => {
                let seen = self.has_object(upload);
                Some(Step::Claim { read, seen })
            }
            Step::Read { seen } => Some(Step::Claim {
                read: self.record,
                seen,
            }),
            // Late news of a video that is gone.
            Step::Claim {
                read: None,
                seen: false,
            } => None,
            Step::Claim { read, seen: false } => {
                let Decided::Write(next) = decide(read, &Happening::Rejected(upload), now) else {
                    return None;
                };
                match self.write(read, next, without != Some(Guard::Condition)) {
                    Some(()) => None,
                    None => self.stands_in_the_way(false),
                }
            }
            Step::Claim { read, seen: true } => self.claim(read, worker, without),
            Step::Search(claimed) => {
                Some(self.find(upload).map_or(Step::Create(claimed), |number| {
                    Step::Note(number, Some(claimed))
                }))
            }
            Step::Create(claimed) => match luck {
                Luck::Throttled => Some(Step::Release),
                Luck::AnswerLost => {
                    self.create(upload, without);
                    Some(Step::Release)
                }
                Luck::Good | Luck::OtherFirst => {
                    let number = self.create(upload, without);
                    Some(Step::Note(number, Some(claimed)))
                }
            },
            Step::Note(number, known) => {
                match decide(known, &Happening::Created(upload, number), now) {
                    Decided::Write(next) => match self.write(known, next, true) {
                        // The refusal tells what is there.
                        None => Some(Step::Note(number, self.record)),
                        Some(()) => None,
                    },
                    Decided::Ignore(Ignored::AlreadyHandled | Ignored::NothingNew) => None,
                    Decided::Ignore(_) | Decided::Wait => Some(Step::Cancel(number)),
                }
            }
            Step::Cancel(number) => {
                self.cancel(number);
                None
            }
            Step::Release => {
                self.apply(&Happening::Released(upload, until), now);
                None
            }
        }
    }

    fn claim(
        &mut self,
        read: Option<Record>,
        worker: &Worker,
        without: Option<Guard>,
    ) -> Option<Step> {
        let (upload, now) = (worker.upload, self.now());
        let decided_on = match parse(read) {
            Some(video) if without == Some(Guard::Lease) => {
                let mut video = (*video).clone();
                if let Some(job) = &mut video.job {
                    job.claimed_until = now;
                }
                Some(keep(video))
            }
            _ => read,
        };
        let taken_over = claims(decided_on, upload, now) == Claim::Expired;
        let claimed = Happening::Claimed(upload, at(worker.deadline));
        let Decided::Write(next) = decide(decided_on, &claimed, now) else {
            return None;
        };
        if self
            .write(read, next, without != Some(Guard::Condition))
            .is_none()
        {
            return self.stands_in_the_way(true);
        }
        let claimed = self.record?;
        Some(if taken_over && without != Some(Guard::Search) {
            Step::Search(claimed)
        } else {
            Step::Create(claimed)
        })
    }

    /// A refused write tells what is there; where that is nothing, the video was deleted meanwhile.
    fn stands_in_the_way(&self, seen: bool) -> Option<Step> {
        let read = Some(self.record?);
        Some(Step::Claim { read, seen })
    }
}
