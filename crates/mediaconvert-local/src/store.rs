//! The jobs, and what else callers keep, in memory and in a file. All that the rest of the server asks of a store is here.
//!
//! Reads come from memory. What must outlive the server is also written: a job when it comes and
//! when its status changes, together with the events that tell of it, which stay until they are
//! delivered. How far a job is, is kept in memory only.

mod database;
mod documents;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tracing::error;

use crate::clock::Moment;
use crate::job::{Job, Progress, State};
use crate::queue;
use database::Database;
pub use database::StateError;
use documents::Documents;
pub use documents::{Document, Kind};

/// How long a request token is remembered:
/// <https://docs.aws.amazon.com/mediaconvert/latest/apireference/idempotency.html>.
const TOKEN_LIFE: Duration = Duration::from_mins(1);

/// The jobs.
pub struct Store(Mutex<Inner>);

struct Inner {
    /// In the order in which they came.
    jobs: Vec<Job>,
    positions: HashMap<String, usize>,
    tokens: HashMap<String, (String, Moment)>,
    documents: Documents,
    database: Database,
}

/// An event to deliver.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Where it is kept until then; nowhere when the file could not be written.
    pub row: Option<i64>,
    /// The event.
    pub event: Value,
}

/// What a server left behind.
#[derive(Debug)]
pub struct Unfinished {
    /// Jobs that wait, or that were at work: these begin anew.
    pub jobs: Vec<Job>,
    /// Events that were not delivered, in the order in which they were sent.
    pub events: Vec<Posted>,
}

/// Whether a job is new.
pub enum Added {
    /// It is.
    New,
    /// The token brought back a job of the last minute.
    Replayed(Box<Job>),
}

impl Store {
    /// Opens the file, and makes it if there is none.
    ///
    /// # Errors
    ///
    /// When it is in use, of another version, broken or not to be written.
    pub fn open(file: &Path) -> Result<(Self, Unfinished), StateError> {
        let (database, kept) = Database::open(file)?;
        let mut inner = Inner {
            jobs: Vec::new(),
            positions: HashMap::new(),
            tokens: HashMap::new(),
            documents: kept.documents,
            database,
        };
        let mut unfinished = Vec::new();
        for mut job in kept.jobs {
            if matches!(job.state, State::Progressing(_)) {
                job.state = State::Progressing(Progress::default());
                job.retries += 1;
                inner.database.save(Some(&job), &[])?;
            }
            if !job.state.is_final() {
                unfinished.push(job.clone());
            }
            if let Some(token) = job.text("clientRequestToken") {
                let used = (job.id.clone(), job.created);
                inner.tokens.insert(token.to_owned(), used);
            }
            inner.push(job);
        }
        let unfinished = Unfinished {
            jobs: unfinished,
            events: kept.events,
        };
        Ok((Self(Mutex::new(inner)), unfinished))
    }

    /// Adds a job, unless its token was used within the last minute.
    ///
    /// # Errors
    ///
    /// When it can't be written; then there is no such job.
    pub fn add(&self, job: &Job) -> Result<Added, StateError> {
        let mut inner = self.lock();
        inner.tokens.retain(|_, (_, used)| used.age() < TOKEN_LIFE);
        let token = job.text("clientRequestToken").map(ToOwned::to_owned);
        let before = token.as_ref().and_then(|token| inner.tokens.get(token));
        if let Some(before) = before.and_then(|(id, _)| inner.get(id)) {
            return Ok(Added::Replayed(Box::new(before.clone())));
        }
        inner.database.save(Some(job), &[])?;
        if let Some(token) = token {
            inner.tokens.insert(token, (job.id.clone(), job.created));
        }
        inner.push(job.clone());
        Ok(Added::New)
    }

    /// The job with this id.
    pub fn get(&self, id: &str) -> Option<Job> {
        self.lock().get(id).cloned()
    }

    /// Changes a job that is not final, and keeps the events that tell of it; `None` when it is
    /// final, or unknown.
    pub fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Job),
        events: impl FnOnce(&Job) -> Vec<Value>,
    ) -> Option<(Job, Vec<Posted>)> {
        let mut inner = self.lock();
        let job = inner.open_job(id)?;
        change(job);
        if job.state.is_final() {
            job.finished = Some(Moment::now());
        }
        let job = job.clone();
        let posted = inner.post(Some(&job), events(&job));
        Some((job, posted))
    }

    /// Notes how far a job is that is not final.
    pub fn progress(&self, id: &str, progress: Progress) {
        if let Some(job) = self.lock().open_job(id) {
            job.state = State::Progressing(progress);
        }
    }

    /// Keeps an event until it is delivered.
    pub fn post(&self, event: Value) -> Vec<Posted> {
        self.lock().post(None, vec![event])
    }

    /// Forgets an event that is delivered.
    pub fn delivered(&self, posted: &Posted) {
        let removed = posted.row.map(|row| self.lock().database.remove(row));
        if let Some(Err(reason)) = removed {
            error!("an event may be delivered again at the next start: {reason:?}");
        }
    }

    /// A page of the jobs that `takes` says yes to, newest first unless `ascending`, and where the next
    /// one starts. A place is that of a job, counted from the oldest, so that new jobs don't move a
    /// page that is being read.
    pub fn page(
        &self,
        takes: impl Fn(&Job) -> bool,
        ascending: bool,
        from: Option<usize>,
        limit: usize,
    ) -> (Vec<Job>, Option<usize>) {
        let inner = self.lock();
        let total = inner.jobs.len();
        let positions: Box<dyn Iterator<Item = usize>> = if ascending {
            Box::new(from.unwrap_or(0)..total)
        } else {
            Box::new((0..from.map_or(total, |from| from.saturating_add(1)).min(total)).rev())
        };
        let mut page = Vec::new();
        for position in positions {
            let Some(job) = inner.jobs.get(position).filter(|job| takes(job)) else {
                continue;
            };
            if page.len() == limit {
                return (page, Some(position));
            }
            page.push(job.clone());
        }
        (page, None)
    }

    /// How many jobs wait in a queue, by its ARN, and how many of it are at work.
    pub fn counts(&self, queue: &str) -> (usize, usize) {
        let inner = self.lock();
        let count = |name: &str| {
            let jobs = inner.jobs.iter();
            jobs.filter(|job| job.queue == queue && job.state.name() == name)
                .count()
        };
        (count("SUBMITTED"), count("PROGRESSING"))
    }

    /// How many jobs there are of each status.
    pub fn statuses(&self) -> BTreeMap<&'static str, usize> {
        let mut statuses = BTreeMap::new();
        for job in &self.lock().jobs {
            *statuses.entry(job.state.name()).or_default() += 1;
        }
        statuses
    }

    /// How many jobs wait, by the name of their queue.
    pub fn waiting(&self) -> BTreeMap<String, usize> {
        let mut waiting = BTreeMap::from([(queue::DEFAULT.to_owned(), 0)]);
        for job in &self.lock().jobs {
            if matches!(job.state, State::Submitted) {
                let name = queue::name_of(&job.queue).to_owned();
                *waiting.entry(name).or_default() += 1;
            }
        }
        waiting
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

    fn open_job(&mut self, id: &str) -> Option<&mut Job> {
        let job = self.jobs.get_mut(*self.positions.get(id)?)?;
        (!job.state.is_final()).then_some(job)
    }

    fn push(&mut self, job: Job) {
        self.positions.insert(job.id.clone(), self.jobs.len());
        self.jobs.push(job);
    }

    /// What can't be written, on a full disk say, goes on in memory: the next start then sees an older
    /// state, and does again what was done since.
    fn post(&mut self, job: Option<&Job>, events: Vec<Value>) -> Vec<Posted> {
        let rows = self.database.save(job, &events).unwrap_or_else(|reason| {
            error!("the state could not be written: {reason:?}");
            Vec::new()
        });
        let mut rows = rows.into_iter();
        let posted = events.into_iter().map(|event| Posted {
            row: rows.next(),
            event,
        });
        posted.collect()
    }
}

#[cfg(test)]
mod tests;
