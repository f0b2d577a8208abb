//! The jobs, in memory. All that the rest of the server asks of a store is here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Moment;
use crate::job::{Job, State};

/// How long a request token is remembered:
/// <https://docs.aws.amazon.com/mediaconvert/latest/apireference/idempotency.html>.
const TOKEN_LIFE: Duration = Duration::from_mins(1);

/// The jobs.
#[derive(Default)]
pub struct Store(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// In the order in which they came.
    jobs: Vec<Job>,
    positions: HashMap<String, usize>,
    tokens: HashMap<String, (String, Moment)>,
}

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// ARN of the queue.
    pub queue: Option<String>,
    /// As on the wire.
    pub status: Option<String>,
    /// URL of an input, or a part of its name.
    pub input: Option<String>,
    /// Oldest first.
    pub ascending: bool,
}

/// Whether a job is new.
pub enum Added {
    /// It is.
    New,
    /// The token brought back a job of the last minute.
    Replayed(Box<Job>),
}

impl Store {
    /// Adds a job, unless its token was used within the last minute.
    pub fn add(&self, job: &Job) -> Added {
        let mut inner = self.lock();
        inner.tokens.retain(|_, (_, used)| used.age() < TOKEN_LIFE);
        if let Some(token) = job.text("clientRequestToken").map(ToOwned::to_owned) {
            if let Some(before) = inner.tokens.get(&token).and_then(|(id, _)| inner.get(id)) {
                return Added::Replayed(Box::new(before.clone()));
            }
            inner.tokens.insert(token, (job.id.clone(), job.created));
        }
        let position = inner.jobs.len();
        inner.positions.insert(job.id.clone(), position);
        inner.jobs.push(job.clone());
        Added::New
    }

    /// The job with this id.
    pub fn get(&self, id: &str) -> Option<Job> {
        self.lock().get(id).cloned()
    }

    /// Changes a job that is not final; `None` when it is, or is unknown.
    pub fn update<T>(&self, id: &str, change: impl FnOnce(&mut Job) -> T) -> Option<T> {
        let mut inner = self.lock();
        let position = *inner.positions.get(id)?;
        let job = inner.jobs.get_mut(position)?;
        if job.state.is_final() {
            return None;
        }
        let result = change(job);
        if job.state.is_final() {
            job.finished = Some(Moment::now());
        }
        Some(result)
    }

    /// A page of jobs, newest first, and where the next one starts. A place is that of a job, counted
    /// from the oldest, so that new jobs don't move a page that is being read.
    pub fn page(
        &self,
        filter: &Filter,
        from: Option<usize>,
        limit: usize,
    ) -> (Vec<Job>, Option<usize>) {
        let inner = self.lock();
        let total = inner.jobs.len();
        let positions: Box<dyn Iterator<Item = usize>> = if filter.ascending {
            Box::new(from.unwrap_or(0)..total)
        } else {
            Box::new((0..from.map_or(total, |from| from.saturating_add(1)).min(total)).rev())
        };
        let mut page = Vec::new();
        for position in positions {
            let Some(job) = inner.jobs.get(position).filter(|job| filter.takes(job)) else {
                continue;
            };
            if page.len() == limit {
                return (page, Some(position));
            }
            page.push(job.clone());
        }
        (page, None)
    }

    /// How many jobs wait and how many are at work.
    pub fn counts(&self) -> (usize, usize) {
        let inner = self.lock();
        let count =
            |wanted: fn(&State) -> bool| inner.jobs.iter().filter(|job| wanted(&job.state)).count();
        (
            count(|state| matches!(state, State::Submitted)),
            count(|state| matches!(state, State::Progressing(_))),
        )
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Each change is whole, whatever panicked elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn get(&self, id: &str) -> Option<&Job> {
        self.jobs.get(*self.positions.get(id)?)
    }
}

impl Filter {
    fn takes(&self, job: &Job) -> bool {
        let inputs = || job.settings()["inputs"].as_array().into_iter().flatten();
        let is_queue = |queue: &String| {
            *queue == job.queue || job.queue.ends_with(&format!(":queues/{queue}"))
        };
        self.queue.as_ref().is_none_or(is_queue)
            && self
                .status
                .as_ref()
                .is_none_or(|status| status == job.state.name())
            && self.input.as_ref().is_none_or(|wanted| {
                inputs().any(|input| {
                    input["fileInput"]
                        .as_str()
                        .is_some_and(|url| url.contains(wanted))
                })
            })
    }
}
