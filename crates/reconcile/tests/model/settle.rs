//! What becomes of a world once faults stop, and the reconcile function has its rounds.

use std::collections::BTreeSet;

use aws_sdk_mediaconvert::types::{Job, JobStatus};
use common::video::{Claim, Decision, Event, Video, transition};
use reconcile::diagnosis::{Chore, Diagnosis, Patience};
use reconcile::job;

use crate::records::{
    Happening, JobNumber, JobState, Memory, Upload, at, claims, keep, parse, source, upload_of,
};
use crate::world::World;

/// Whether a world comes to its right end.
pub(crate) fn settles(world: &World) -> bool {
    static SETTLES: Memory<World, bool> = Memory::new();
    // Whoever was at work dies, so they make no difference, nor does what was told, nor when.
    let mut settling = World {
        workers: Vec::new(),
        events: BTreeSet::new(),
        started: 0,
        ticks: 0,
        ..world.clone()
    };
    for job in settling.jobs.values_mut() {
        job.tick = 0;
    }
    SETTLES.get(settling.clone(), || {
        let settled = settled(settling);
        let record = parse(settled.record);
        settled.has_ended(record.as_deref())
            && (1..=settled.uploaded).all(|upload| settled.jobs_of(upload) <= 1)
            && settled.broken.is_none()
    })
}

/// More than any of the worlds needs.
const ROUNDS: u8 = 8;
/// Between two rounds, in lives of an invocation: more than anything waits for.
const ROUND: u8 = 10;

fn settled(mut world: World) -> World {
    for _ in 0..ROUNDS {
        world.ticks += ROUND;
        let now = world.now();
        if let Some(video) = parse(world.record) {
            for chore in Chore::of(&video, now, Patience::Usual) {
                if let Chore::EndJob { revision, job } = chore {
                    world.end_job(&revision, &job);
                    world.apply(&Happening::ReplacedJobEnded(revision), now);
                }
            }
            world.heal(&Diagnosis::of(&video, now, Patience::Usual), &video);
        }
        let record = parse(world.record);
        if world.has_ended(record.as_deref()) {
            break;
        }
        // The sweep of the bucket.
        if claims(world.record, world.uploaded, now) == Claim::Fresh {
            world.submit_undisturbed(world.uploaded);
        }
        for job in world.jobs.values_mut() {
            if job.state == JobState::Running {
                job.state = JobState::Complete;
            }
        }
    }
    world
}

impl World {
    fn heal(&mut self, diagnosis: &Diagnosis, video: &Video) {
        match diagnosis {
            Diagnosis::Healthy | Diagnosis::Abandoned => {}
            Diagnosis::Remove => {
                let removed = self.remove_uploads(None).and_then(|()| self.entomb());
                removed.unwrap();
            }
            Diagnosis::Forget => {
                self.forget(None).unwrap();
            }
            Diagnosis::Resubmit => self.submit_undisturbed(upload_of(video)),
            Diagnosis::AskAbout { job_id, revision } => {
                let status = match self.jobs[&job_id.parse::<JobNumber>().unwrap()].state {
                    JobState::Running => JobStatus::Progressing,
                    JobState::Failed => JobStatus::Error,
                    JobState::Canceled => JobStatus::Canceled,
                    JobState::Complete => JobStatus::Complete,
                };
                let change = job::change(&Job::builder().status(status).build(), true).unwrap();
                let event = Event::Job {
                    revision: revision.clone(),
                    job_id: job_id.clone(),
                    change,
                };
                if let Decision::Write(next) =
                    transition(parse(self.record).as_deref(), &event, self.now())
                {
                    self.record = Some(keep(*next));
                }
            }
        }
    }

    /// The last upload has come to its end, or the video to its own.
    fn has_ended(&self, record: Option<&Video>) -> bool {
        if self.deleted == self.uploaded {
            return record.is_none() && self.removed == self.deleted;
        }
        let revision = source(self.uploaded).revision();
        record.is_some_and(|video| {
            let of_the_last = video.revision.as_deref() == Some(revision.as_str());
            of_the_last && video.status.is_terminal()
        })
    }

    fn submit_undisturbed(&mut self, upload: Upload) {
        let now = self.now();
        if !self.has_object(upload) {
            if self.record.is_some() {
                self.apply(&Happening::Rejected(upload), now);
            }
            return;
        }
        let taken_over = claims(self.record, upload, now) == Claim::Expired;
        self.apply(&Happening::Claimed(upload, at(self.ticks + 1)), now);
        let found = if taken_over { self.find(upload) } else { None };
        let number = found.unwrap_or_else(|| self.create(upload, None));
        self.apply(&Happening::Created(upload, number), now);
    }
}
