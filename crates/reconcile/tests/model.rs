//! Every history of a small world: two uploads of one key, up to three invocations of the submit function that may
//! die between any two steps, job events that come never, late, twice and in any order.
//!
//! The decisions and the conditional writes are the real ones; only the services and the order of the submit
//! function's steps are modelled. Checked by <https://docs.rs/stateright>.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_mediaconvert::types::{Job, JobStatus};
use common::failure::Failure;
use common::profile::Packaging;
use common::source::Source;
use common::time::Timestamp;
use common::video::{
    Change, Claim, Decision, Event, Item, JobChange, Making, Rendition, RenditionKind, Status,
    Video, transition,
};
use reconcile::diagnosis::Diagnosis;
use reconcile::job;
use stateright::{Checker, HasDiscoveries, Model, Property};

const MINUTE: i64 = 60_000;
/// How long Lambda lets an invocation run.
const LIFETIME: i64 = MINUTE;
/// Minutes that pass while faults last.
const MINUTES: u8 = 2;

type Upload = u8;
type JobNumber = u8;

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
struct World {
    /// The record, as JSON: a record has fractions, which have no hash.
    record: Option<String>,
    /// The last upload that S3 has taken.
    uploaded: Upload,
    jobs: BTreeMap<JobNumber, (Upload, JobState)>,
    /// Everything that MediaConvert has ever told. It is delivered any number of times, also none.
    events: BTreeSet<(JobNumber, JobState)>,
    workers: Vec<Worker>,
    started: u8,
    minutes: u8,
    /// What must never happen, and did.
    broken: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum JobState {
    Running,
    Complete,
    Failed,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Worker {
    upload: Upload,
    deadline_minute: u8,
    step: Step,
}

/// Between two requests of the submit function.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Step {
    /// It is about to read the record.
    Read,
    /// It is about to write its claim over what it read.
    Claim(Option<String>),
    /// It is about to look for a job of an earlier try.
    Search,
    /// It is about to create the job.
    Create,
    /// It is about to read the record again.
    ReadToNote(JobNumber),
    /// It is about to note the job's id over what it read.
    Note(JobNumber, Option<String>),
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Action {
    UploadAgain,
    Invoke(Upload),
    Step(usize),
    Die(usize),
    MinutePasses,
    JobEnds(JobNumber, JobState),
    Deliver(JobNumber, JobState),
}

struct Pipeline {
    /// Uploads of the key.
    uploads: Upload,
    /// Invocations of the submit function.
    invocations: u8,
    /// Guards that a test takes out, to see that the model misses them.
    without: Option<Guard>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Guard {
    /// The condition on the write.
    Condition,
    /// The search for an earlier try's job.
    Search,
    /// The claim's end.
    Lease,
}

fn source(upload: Upload) -> Source {
    Source {
        bucket: "vod-source".into(),
        key: "a.mp4".into(),
        version_id: Some(format!("v{upload}")),
        etag: "e".into(),
        size_bytes: 1,
        attempt: 0,
        sequencer: Some(format!("{upload:04X}")),
    }
}

fn minute(minutes: u8) -> Timestamp {
    Timestamp::from_unix_ms(i64::from(minutes) * MINUTE)
}

fn parse(record: Option<&String>) -> Option<Video> {
    record.map(|record| serde_json::from_str(record).unwrap())
}

fn item(record: Option<&String>) -> Option<Item> {
    parse(record).map(|video| serde_dynamo::to_item(video).unwrap())
}

fn claim(upload: Upload, until: Timestamp) -> Event {
    let rendition = Rendition {
        name: "720p".into(),
        kind: RenditionKind::Video,
        codec: "H_264".into(),
        width: None,
        height: None,
        channels: None,
        language: None,
        label: None,
        max_bitrate: None,
        average_bitrate: None,
        qvbr_quality: None,
    };
    Event::Claimed {
        source: source(upload),
        until,
        making: Making {
            profile: None,
            packaging: Packaging::Cmaf,
            cost: None,
            renditions: vec![rendition],
            stills: None,
        },
    }
}

fn job_event(upload: Upload, number: JobNumber, state: JobState) -> Event {
    let change = match state {
        JobState::Running => JobChange::Progressed { percent: None },
        JobState::Complete => JobChange::Completed(vec![]),
        JobState::Failed => JobChange::Failed(Failure::of_service(Some(1999), None)),
    };
    Event::Job {
        revision: source(upload).revision(),
        job_id: number.to_string(),
        change,
    }
}

impl World {
    /// Writes what was decided on `read`, if the record still allows it. `None` where it doesn't.
    fn write(&mut self, read: Option<&String>, next: &Video, guarded: bool) -> Option<()> {
        let before = item(read);
        let change = Change::between(before.as_ref(), next).unwrap();
        let held = item(self.record.as_ref());
        let written = if guarded {
            change.apply(held.as_ref())?
        } else {
            change.apply(before.as_ref())?
        };
        let video: Video = serde_dynamo::from_item(written).unwrap();
        let old = parse(self.record.as_ref());
        if let Some(old) = old {
            let same = old.revision == video.revision;
            if same && old.status.is_terminal() && video != old {
                self.broken = Some("a final state was left");
            }
            let newer = video
                .source
                .as_ref()
                .unwrap()
                .is_later_than(old.source.as_ref().unwrap());
            if !same && newer != Some(true) {
                self.broken = Some("an old upload overwrote a new one");
            }
        }
        self.record = Some(serde_json::to_string(&video).unwrap());
        Some(())
    }

    fn apply(&mut self, event: &Event, now: Timestamp) {
        if let Decision::Write(next) = transition(parse(self.record.as_ref()).as_ref(), event, now)
        {
            let read = self.record.clone();
            self.write(read.as_ref(), &next, true).unwrap();
        }
    }

    fn create(&mut self, upload: Upload) -> JobNumber {
        let number = JobNumber::try_from(self.jobs.len()).unwrap();
        self.jobs.insert(number, (upload, JobState::Running));
        self.events.insert((number, JobState::Running));
        number
    }

    fn find(&self, upload: Upload) -> Option<JobNumber> {
        self.jobs
            .iter()
            .find(|(_, (of, _))| *of == upload)
            .map(|(number, _)| *number)
    }

    /// One request of a worker. `None` ends it.
    fn step(&mut self, worker: &Worker, without: Option<Guard>) -> Option<Worker> {
        let Worker {
            upload,
            deadline_minute,
            step,
        } = worker.clone();
        let now = minute(self.minutes);
        let deadline = minute(deadline_minute);
        let next = match step {
            Step::Read => Step::Claim(self.record.clone()),
            Step::Claim(read) => {
                let record = parse(read.as_ref());
                let mut decided_on = record.clone();
                if without == Some(Guard::Lease)
                    && let Some(job) = decided_on.as_mut().and_then(|video| video.job.as_mut())
                {
                    job.claimed_until = now;
                }
                let taken_over =
                    Claim::decide(decided_on.as_ref(), &source(upload), now) == Claim::Expired;
                let Decision::Write(next) =
                    transition(decided_on.as_ref(), &claim(upload, deadline), now)
                else {
                    return None;
                };
                match self.write(read.as_ref(), &next, without != Some(Guard::Condition)) {
                    None => Step::Read,
                    Some(()) if taken_over && without != Some(Guard::Search) => Step::Search,
                    Some(()) => Step::Create,
                }
            }
            Step::Search => self.find(upload).map_or(Step::Create, Step::ReadToNote),
            Step::Create => Step::ReadToNote(self.create(upload)),
            Step::ReadToNote(number) => Step::Note(number, self.record.clone()),
            Step::Note(number, read) => {
                let event = Event::JobCreated {
                    revision: source(upload).revision(),
                    job_id: number.to_string(),
                };
                let Decision::Write(next) = transition(parse(read.as_ref()).as_ref(), &event, now)
                else {
                    return None;
                };
                match self.write(read.as_ref(), &next, true) {
                    None => Step::ReadToNote(number),
                    Some(()) => return None,
                }
            }
        };
        Some(Worker {
            step: next,
            ..worker.clone()
        })
    }

    /// What becomes of this world once faults stop and the reconcile function has its rounds.
    fn settled(&self) -> Self {
        let mut world = self.clone();
        world.workers.clear();
        for round in 1..6_i64 {
            let now = Timestamp::from_unix_ms(round * 60 * MINUTE);
            for (_, state) in world.jobs.values_mut() {
                if *state == JobState::Running {
                    *state = JobState::Complete;
                }
            }
            let record = parse(world.record.as_ref());
            if world.ended(record.as_ref()) {
                break;
            }
            let swept = Claim::decide(record.as_ref(), &source(world.uploaded), now);
            let diagnosis = record.as_ref().map(|video| Diagnosis::of(video, now));
            if swept == Claim::Fresh || diagnosis == Some(Diagnosis::Resubmit) {
                world.submit_undisturbed(now);
            } else if let Some(Diagnosis::AskAbout { job_id, revision }) = diagnosis {
                let (_, state) = world.jobs[&job_id.parse::<JobNumber>().unwrap()];
                let status = if state == JobState::Failed {
                    JobStatus::Error
                } else {
                    JobStatus::Complete
                };
                let change = job::change(&Job::builder().status(status).build(), true).unwrap();
                world.apply(
                    &Event::Job {
                        revision,
                        job_id,
                        change,
                    },
                    now,
                );
            }
        }
        world
    }

    /// The last upload has come to its end.
    fn ended(&self, record: Option<&Video>) -> bool {
        record.is_some_and(|video| {
            video.status.is_terminal() && video.revision == Some(source(self.uploaded).revision())
        })
    }

    fn submit_undisturbed(&mut self, now: Timestamp) {
        let until = now.plus_ms(LIFETIME);
        let upload = self.uploaded;
        let taken_over = Claim::decide(parse(self.record.as_ref()).as_ref(), &source(upload), now)
            == Claim::Expired;
        self.apply(&claim(upload, until), now);
        let found = if taken_over { self.find(upload) } else { None };
        let number = found.unwrap_or_else(|| self.create(upload));
        let revision = source(upload).revision();
        self.apply(
            &Event::JobCreated {
                revision,
                job_id: number.to_string(),
            },
            now,
        );
    }
}

impl Model for Pipeline {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            uploaded: 1,
            ..World::default()
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.uploaded < self.uploads {
            actions.push(Action::UploadAgain);
        }
        if world.started < self.invocations {
            actions.extend((1..=world.uploaded).map(Action::Invoke));
        }
        for index in 0..world.workers.len() {
            // Lambda stops an invocation at its deadline.
            if world.minutes < world.workers[index].deadline_minute {
                actions.push(Action::Step(index));
            }
            actions.push(Action::Die(index));
        }
        if world.minutes < MINUTES {
            actions.push(Action::MinutePasses);
        }
        for (number, (_, state)) in &world.jobs {
            if *state == JobState::Running {
                actions.push(Action::JobEnds(*number, JobState::Complete));
                actions.push(Action::JobEnds(*number, JobState::Failed));
            }
        }
        actions.extend(
            world
                .events
                .iter()
                .map(|(number, state)| Action::Deliver(*number, *state)),
        );
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::UploadAgain => next.uploaded = 2,
            Action::Invoke(upload) => {
                next.started += 1;
                next.workers.push(Worker {
                    upload,
                    deadline_minute: world.minutes + 1,
                    step: Step::Read,
                });
            }
            Action::Step(index) => {
                let worker = next.workers.remove(index);
                if let Some(worker) = next.step(&worker, self.without) {
                    next.workers.insert(index, worker);
                }
            }
            Action::Die(index) => {
                next.workers.remove(index);
            }
            Action::MinutePasses => next.minutes += 1,
            Action::JobEnds(number, state) => {
                next.jobs.get_mut(&number)?.1 = state;
                next.events.insert((number, state));
            }
            Action::Deliver(number, state) => {
                let (upload, _) = next.jobs[&number];
                next.apply(&job_event(upload, number, state), minute(world.minutes));
            }
        }
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one job a revision", |_, world: &World| {
                (1..=2)
                    .all(|upload| world.jobs.values().filter(|(of, _)| *of == upload).count() <= 1)
            }),
            Property::always("no write that must not be", |_, world: &World| {
                world.broken.is_none()
            }),
            Property::always(
                "a ready video plays its own revision",
                |_, world: &World| {
                    parse(world.record.as_ref()).is_none_or(|video| {
                        let playback = video
                            .playback
                            .map(|playback| (Some(playback.revision), playback.renditions.len()));
                        video.status != Status::Ready || playback == Some((video.revision, 1))
                    })
                },
            ),
            Property::always("everything ends once faults stop", |_, world: &World| {
                let settled = world.settled();
                let one_job = (1..=2).all(|upload| {
                    settled
                        .jobs
                        .values()
                        .filter(|(of, _)| *of == upload)
                        .count()
                        <= 1
                });
                settled.ended(parse(settled.record.as_ref()).as_ref())
                    && one_job
                    && settled.broken.is_none()
            }),
            Property::sometimes("a video becomes ready", |_, world: &World| {
                parse(world.record.as_ref()).is_some_and(|video| video.status == Status::Ready)
            }),
            Property::sometimes("a job is found instead of created", |_, world: &World| {
                world.workers.iter().any(|worker| {
                    worker.step == Step::Search && world.find(worker.upload).is_some()
                })
            }),
        ]
    }
}

/// One upload that three invocations are at, and two uploads with one each.
fn worlds(without: Option<Guard>) -> [Pipeline; 2] {
    [
        Pipeline {
            uploads: 1,
            invocations: 3,
            without,
        },
        Pipeline {
            uploads: 2,
            invocations: 2,
            without,
        },
    ]
}

#[test]
fn every_history_keeps_the_promises() {
    for world in worlds(None) {
        let checker = world.checker().threads(2).spawn_bfs().join();
        checker.assert_no_discovery("one job a revision");
        checker.assert_no_discovery("no write that must not be");
        checker.assert_no_discovery("a ready video plays its own revision");
        checker.assert_no_discovery("everything ends once faults stop");
        checker.assert_any_discovery("a video becomes ready");
        assert!(checker.is_done(), "every state was visited");
    }
}

#[test]
fn a_guard_that_is_taken_out_is_missed() {
    for guard in [Guard::Condition, Guard::Search, Guard::Lease] {
        let missed = worlds(Some(guard)).into_iter().any(|world| {
            let checker = world
                .checker()
                .threads(2)
                .finish_when(HasDiscoveries::AnyFailures)
                .spawn_bfs()
                .join();
            checker.discovery("one job a revision").is_some()
                || checker.discovery("no write that must not be").is_some()
        });
        assert!(
            missed,
            "{guard:?} can be taken out without anybody noticing"
        );
    }
}
