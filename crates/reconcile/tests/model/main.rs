//! Every history of some small worlds, and random ones of larger worlds: uploads of one key, which may be deleted;
//! invocations of the submit function that may die between any two requests, several of them at the same upload; job
//! events that come never, late, twice and in any order; answers that get lost, and jobs that are not taken.
//!
//! The decisions and the conditional writes are the real ones; only the services and the order of the submit
//! function's requests are modelled. Checked by <https://docs.rs/stateright>.
//!
//! Time passes in lives of an invocation. MediaConvert's token is taken to work within one, and its search to find what was
//! created in an earlier one.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod records;
mod settle;
mod world;

use common::video::Status;
use proptest::collection::vec;
use proptest::prelude::*;
use records::{Happening, JobNumber, JobState, Upload, parse, upload_of};
use settle::settles;
use stateright::{Checker, Expectation, HasDiscoveries, Model, Property};
use world::{Guard, Luck, Step, Worker, World};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Action {
    UploadAgain,
    Invoke(Upload),
    /// An invocation's next request. It dies by never making it.
    Step(usize, Luck),
    /// Lambda stops who is at work.
    TimePasses,
    JobEnds(JobNumber, JobState),
    Deliver(JobNumber, JobState),
    Delete,
    /// The reconcile function ends the jobs and removes the uploads.
    RemoveUploads,
    /// It notes that.
    Entomb,
    /// It takes the tombstone away.
    Forget,
}

/// What may happen in a world.
#[derive(Clone, Copy, Debug)]
struct Pipeline {
    /// Uploads of the key.
    uploads: Upload,
    /// Invocations of the submit function.
    invocations: u8,
    /// The video may be deleted.
    deletes: bool,
    /// MediaConvert may lose an answer, or take no job.
    fails: bool,
    /// Lives of an invocation that pass while faults last.
    ticks: u8,
    /// What a test has taken out.
    without: Option<Guard>,
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
        for (index, worker) in world.workers.iter().enumerate() {
            actions.push(Action::Step(index, Luck::Good));
            match worker.step {
                Step::Begin if self.deletes => {
                    actions.push(Action::Step(index, Luck::OtherFirst));
                }
                Step::Create(_) if self.fails => {
                    actions.push(Action::Step(index, Luck::AnswerLost));
                    actions.push(Action::Step(index, Luck::Throttled));
                }
                _ => {}
            }
        }
        if world.ticks < self.ticks {
            actions.push(Action::TimePasses);
        }
        for (number, job) in &world.jobs {
            if job.state == JobState::Running {
                actions.push(Action::JobEnds(*number, JobState::Complete));
                actions.push(Action::JobEnds(*number, JobState::Failed));
            }
        }
        let told = world.events.iter();
        actions.extend(told.map(|(number, state)| Action::Deliver(*number, *state)));
        if self.deletes && world.deleted == 0 && world.record.is_some() {
            actions.push(Action::Delete);
        }
        if world.deleted > 0 {
            actions.extend([Action::RemoveUploads, Action::Entomb, Action::Forget]);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::UploadAgain => next.uploaded += 1,
            Action::Invoke(upload) => {
                next.started += 1;
                next.workers.push(Worker {
                    upload,
                    deadline: world.ticks + 1,
                    step: Step::Begin,
                });
            }
            Action::Step(index, luck) => {
                let worker = next.workers.remove(index);
                if let Some(step) = next.step(&worker, luck, self.without) {
                    next.workers.push(Worker { step, ..worker });
                }
            }
            Action::TimePasses => {
                next.ticks += 1;
                next.workers.retain(|worker| worker.deadline > next.ticks);
            }
            Action::JobEnds(number, state) => {
                next.jobs.get_mut(&number)?.state = state;
                next.events.insert((number, state));
            }
            Action::Deliver(number, state) => self.deliver(&mut next, number, state),
            Action::Delete => {
                next.apply(&Happening::Deleted, world.now());
                next.deleted = world.uploaded;
            }
            Action::RemoveUploads => next.remove_uploads(self.without)?,
            Action::Entomb => next.entomb()?,
            Action::Forget => next.forget(self.without)?,
        }
        next.workers.sort();
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one job a revision", |_, world: &World| {
                (1..=world.uploaded).all(|upload| world.jobs_of(upload) <= 1)
            }),
            Property::always("no write that must not be", |_, world: &World| {
                world.broken.is_none()
            }),
            Property::always(
                "a ready video plays its own revision",
                |_, world: &World| {
                    parse(world.record).is_none_or(|video| {
                        let playback = video.playback.as_ref();
                        let plays = playback
                            .map(|playback| (Some(&playback.revision), playback.renditions.len()));
                        video.status != Status::Ready || plays == Some((video.revision.as_ref(), 1))
                    })
                },
            ),
            Property::always("everything ends once faults stop", |_, world: &World| {
                settles(world)
            }),
            Property::sometimes("a video becomes ready", |_, world: &World| {
                parse(world.record).is_some_and(|video| video.status == Status::Ready)
            }),
            Property::sometimes("a job is found instead of created", |_, world: &World| {
                let finds = |worker: &Worker| {
                    matches!(worker.step, Step::Search(_)) && world.find(worker.upload).is_some()
                };
                world.workers.iter().any(finds)
            }),
        ]
    }
}

impl Pipeline {
    fn deliver(self, world: &mut World, number: JobNumber, state: JobState) {
        let (mut upload, now) = (world.jobs[&number].upload, world.now());
        if self.without == Some(Guard::Revision)
            && let Some(video) = parse(world.record)
        {
            upload = upload_of(&video);
        }
        let event = Happening::Job(upload, number, state);
        if self.without == Some(Guard::Deleting) {
            world.apply_though_deleting(&event, now);
        } else {
            world.apply(&event, now);
        }
    }

    /// What doesn't hold in this world.
    fn broken_promises(self, world: &World) -> Vec<&'static str> {
        let promises = self.properties().into_iter();
        let always = promises.filter(|promise| promise.expectation == Expectation::Always);
        let broken = always.filter(|promise| !(promise.condition)(&self, world));
        broken.map(|promise| promise.name).collect()
    }
}

const PROMISES: [&str; 4] = [
    "one job a revision",
    "no write that must not be",
    "a ready video plays its own revision",
    "everything ends once faults stop",
];

/// Three invocations at one upload; two at two uploads; two at one that is deleted; and two at one that is deleted and
/// uploaded again.
fn worlds(without: Option<Guard>) -> [Pipeline; 4] {
    let of = |uploads, invocations, deletes, fails, ticks| Pipeline {
        uploads,
        invocations,
        deletes,
        fails,
        ticks,
        without,
    };
    [
        of(1, 3, false, true, 2),
        of(2, 2, false, true, 2),
        of(1, 2, true, true, 2),
        of(2, 2, true, false, 2),
    ]
}

#[test]
fn every_history_keeps_the_promises() {
    for world in worlds(None) {
        let checker = world.checker().threads(2).spawn_bfs().join();
        for promise in PROMISES {
            checker.assert_no_discovery(promise);
        }
        checker.assert_any_discovery("a video becomes ready");
        assert!(checker.is_done(), "every state was visited");
    }
}

#[test]
fn a_guard_that_is_taken_out_is_missed() {
    for guard in [
        Guard::Condition,
        Guard::Search,
        Guard::Token,
        Guard::Lease,
        Guard::Settled,
        Guard::Deleting,
        Guard::Tombstone,
        Guard::Revision,
    ] {
        let missed = worlds(Some(guard)).into_iter().any(|world| {
            let checker = world
                .checker()
                .threads(2)
                .finish_when(HasDiscoveries::AnyFailures)
                .spawn_bfs()
                .join();
            PROMISES
                .into_iter()
                .any(|promise| checker.discovery(promise).is_some())
        });
        assert!(
            missed,
            "{guard:?} can be taken out without anybody noticing"
        );
    }
}

/// More of everything than can be gone through.
const LARGE: Pipeline = Pipeline {
    uploads: 3,
    invocations: 6,
    deletes: true,
    fails: true,
    ticks: 5,
    without: None,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn any_long_history_keeps_the_promises(choices in vec(any::<prop::sample::Index>(), 0..120)) {
        let mut world = LARGE.init_states().remove(0);
        let mut history = Vec::new();
        for choice in choices {
            let mut actions = Vec::new();
            LARGE.actions(&world, &mut actions);
            if actions.is_empty() {
                break;
            }
            let action = choice.get(&actions).clone();
            history.push(action.clone());
            if let Some(next) = LARGE.next_state(&world, action) {
                world = next;
            }
            let broken = LARGE.broken_promises(&world);
            prop_assert!(broken.is_empty(), "{broken:?} after {history:?}: {world:?}");
        }
    }
}
