//! Which job is next, and which moves to another queue.

use std::collections::HashMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::info;

use super::Inner;
use crate::clock::Moment;
use crate::delivery::Outbox;
use crate::events;
use crate::job::{Job, Warning};
use crate::queue::{self, Hop, Queue, Transition};

/// The service's code for a hop that was not possible:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/warning_codes.html>.
const NO_HOP: u32 = 100_000;

/// What a job that is not final has beside its record.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) outbox: Outbox,
    pub(super) cancel: CancellationToken,
    pub(super) running: bool,
    /// Name of its queue.
    queue: String,
    priority: i64,
    /// When it came.
    created: Moment,
    /// Those that are left, soonest first.
    hops: Vec<Hop>,
}

impl Open {
    pub(super) fn new(job: &Job, outbox: Outbox, cancel: CancellationToken) -> Self {
        Self {
            outbox,
            cancel,
            running: false,
            queue: queue::name_of(&job.queue).to_owned(),
            priority: job.priority,
            created: job.created,
            hops: queue::hops(job).into_iter().skip(job.hopped).collect(),
        }
    }
}

/// The job to start: highest priority first, then the order of coming, of queues that are neither
/// paused nor full.
fn next(open: &HashMap<String, Open>, queue: impl Fn(&str) -> Option<Queue>) -> Option<String> {
    let mut room: HashMap<&str, bool> = HashMap::new();
    let waiting = open.iter().filter(|(_, job)| !job.running);
    let mut waiting: Vec<(&String, &Open)> = waiting.collect();
    waiting.sort_by_key(|(id, job)| (-job.priority, job.created, *id));
    let chosen = waiting.into_iter().find(|(_, job)| {
        *room.entry(job.queue.as_str()).or_insert_with(|| {
            let of_queue = |other: &&Open| other.running && other.queue == job.queue;
            let running = open.values().filter(of_queue).count();
            let queue = queue(&job.queue);
            queue.is_some_and(|q| !q.paused && q.slots.is_none_or(|slots| running < slots))
        })
    });
    chosen.map(|(id, _)| id.clone())
}

impl Inner {
    /// Takes the next job.
    pub(super) fn next(&self) -> Option<(String, Open)> {
        let mut open = self.open();
        let id = next(&open, |name| Queue::find(&self.store, name))?;
        let job = open.get_mut(&id)?;
        job.running = true;
        Some((id, job.clone()))
    }

    /// Moves jobs that wait too long, until the server stops.
    pub(super) async fn hop(&self) {
        loop {
            let came = self.hopping.notified();
            let wait = self.hop_those_due();
            tokio::select! {
                () = came => {}
                () = tokio::time::sleep(wait) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    /// Moves those whose time has come; tells how long it is until the next.
    fn hop_those_due(&self) -> Duration {
        let due = |job: &Open| {
            let hop = job.hops.first().filter(|_| !job.running)?;
            let minutes = u32::try_from(hop.wait_minutes).unwrap_or(u32::MAX);
            Some(job.created.after(self.options.hop_minute * minutes).until())
        };
        let mut next = Duration::from_hours(1);
        let mut moved = false;
        for (id, job) in self.open().iter_mut() {
            while let Some(wait) = due(job) {
                if !wait.is_zero() {
                    next = next.min(wait);
                    break;
                }
                let hop = job.hops.remove(0);
                self.move_to(id, job, &hop);
                moved = true;
            }
        }
        if moved {
            self.arrived.notify_one();
        }
        next
    }

    fn move_to(&self, id: &str, open: &mut Open, hop: &Hop) {
        let name = queue::name_of(&hop.queue);
        let Some(before) = self.store.get(id) else {
            return;
        };
        let there = Queue::find(&self.store, name).is_some();
        let warning = Warning {
            code: NO_HOP,
            message: format!("The job could not hop to the queue {name}: it is not there."),
        };
        let changed = self.store.change(
            id,
            |job| {
                job.hopped += 1;
                if there {
                    let to = queue::arn(&self.sender, name);
                    job.transitions.push(Transition {
                        at: Moment::now(),
                        from: std::mem::replace(&mut job.queue, to.clone()),
                        to,
                    });
                    job.priority = hop.priority.unwrap_or(job.priority);
                } else {
                    job.warnings.push(warning.clone());
                }
            },
            |job| {
                if there {
                    vec![events::queue_hop(&self.sender, job, &before)]
                } else {
                    Vec::new()
                }
            },
        );
        let Some((job, posted)) = changed else { return };
        queue::name_of(&job.queue).clone_into(&mut open.queue);
        open.priority = job.priority;
        open.outbox.send(posted);
        info!(
            job_id = id,
            "job {id} waited for {} min, and is in queue {} now", hop.wait_minutes, open.queue
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(queue: &str, priority: i64, age: u64, running: bool) -> Open {
        let (sender, _) = tokio::sync::mpsc::unbounded_channel();
        Open {
            outbox: Outbox::to(sender),
            cancel: CancellationToken::new(),
            running,
            queue: queue.to_owned(),
            priority,
            created: serde_json::from_value(serde_json::json!({"secs": 1000 - age, "nanos": 0}))
                .unwrap(),
            hops: Vec::new(),
        }
    }

    fn chosen(jobs: &[(&str, Open)]) -> Option<String> {
        let jobs = jobs.iter().map(|(id, job)| ((*id).to_owned(), job.clone()));
        next(&jobs.collect(), |name| {
            Some(Queue {
                name: name.to_owned(),
                paused: name == "paused",
                slots: (name == "narrow").then_some(1),
            })
        })
    }

    #[test]
    fn priority_comes_before_age_and_paused_or_full_queues_wait() {
        let old = ("old", open("Default", 0, 9, false));
        let young = ("young", open("Default", 0, 5, false));
        let urgent = ("urgent", open("Default", 1, 1, false));
        let paused = ("paused", open("paused", 50, 9, false));
        let busy = ("busy", open("narrow", 0, 9, true));
        let blocked = ("blocked", open("narrow", 50, 9, false));
        let jobs = [
            young.clone(),
            old.clone(),
            paused.clone(),
            busy,
            blocked.clone(),
        ];
        assert_eq!(chosen(&jobs).as_deref(), Some("old"));
        assert_eq!(chosen(&[old, urgent, young]).as_deref(), Some("urgent"));
        assert_eq!(chosen(std::slice::from_ref(&paused)), None);
        assert_eq!(chosen(&[paused, blocked]).as_deref(), Some("blocked"));
    }
}
