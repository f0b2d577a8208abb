//! The queue, and what happens to a job in it.

mod gather;
mod growing;
mod policy;
mod prepare;
mod queue;
mod run;
mod upload;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::clock::Moment;
use crate::delivery::{Delivery, Outbox};
use crate::events::{self, Sender};
use crate::faults::Switches;
use crate::job::{Failure, Job, Progress, State};
use crate::metrics::Metrics;
use crate::storage::Storage;
use crate::store::{Added, StateError, Store, Unfinished};
use queue::Open;

/// What names of the folders of jobs begin with.
pub const JOB_PREFIX: &str = "job-";

/// The queue and its workers.
#[derive(Clone)]
pub struct Workers(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    storage: Storage,
    delivery: Delivery,
    sender: Sender,
    options: Options,
    /// Jobs that are not final.
    open: Mutex<HashMap<String, Open>>,
    /// A job may be able to start.
    arrived: Notify,
    /// A job came that may have to hop.
    hopping: Notify,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// How jobs are worked on.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the jobs' own folders.
    pub folder: PathBuf,
    /// Jobs at work at the same time.
    pub jobs: usize,
    /// Whether jobs with a sound-only output send `STATUS_UPDATE`. The service's guide says they
    /// can't; in practice they do.
    pub audio_only_status_updates: bool,
    /// Threads of each of ffmpeg's coders; it decides itself when left out.
    pub threads: Option<usize>,
    /// How long ffmpeg may make no progress.
    pub patience: Duration,
    /// How long a minute of queue hopping is.
    pub hop_minute: Duration,
    /// What goes wrong on request.
    pub faults: Switches,
    /// What is counted.
    pub metrics: Metrics,
}

/// How a request to stop a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It is stopped.
    Now,
    /// There is nothing to stop any more.
    AlreadyFinal,
}

impl Workers {
    /// Starts as many workers as `options` say; they go on where the last server stopped.
    pub fn start(
        store: Arc<Store>,
        unfinished: Unfinished,
        storage: Storage,
        delivery: Delivery,
        sender: Sender,
        options: Options,
    ) -> Self {
        let workers = Self(Arc::new(Inner {
            store,
            storage,
            delivery,
            sender,
            open: Mutex::default(),
            arrived: Notify::new(),
            hopping: Notify::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            options,
        }));
        workers.resume(unfinished);
        let inner = workers.0.clone();
        workers.0.tasks.spawn(async move { inner.hop().await });
        for _ in 0..workers.0.options.jobs.max(1) {
            let inner = workers.0.clone();
            workers.0.tasks.spawn(async move { inner.work().await });
        }
        workers
    }

    /// Events that were left behind come before those that their jobs send now.
    fn resume(&self, unfinished: Unfinished) {
        for job in unfinished.jobs {
            info!(
                job_id = job.id,
                job_status = job.state.name(),
                "took up job {} again",
                job.id
            );
            self.enqueue(&job);
        }
        let mut ended: HashMap<String, Outbox> = HashMap::new();
        for posted in unfinished.events {
            let id = posted.event["detail"]["jobId"].as_str().unwrap_or_default();
            let open = self.0.open().get(id).map(|open| open.outbox.clone());
            let outbox = open.unwrap_or_else(|| {
                let outbox = ended.entry(id.to_owned());
                outbox.or_insert_with(|| self.0.delivery.outbox()).clone()
            });
            outbox.send(vec![posted]);
        }
    }

    /// Puts a job into the queue, unless its token brings back another.
    ///
    /// # Errors
    ///
    /// When it can't be kept; then there is no such job.
    pub fn submit(&self, job: Job) -> Result<Job, StateError> {
        match self.0.store.add(&job)? {
            Added::Replayed(before) => {
                info!(
                    job_id = before.id,
                    "replayed job {} for a repeated request token", before.id
                );
                Ok(*before)
            }
            Added::New => {
                self.enqueue(&job);
                info!(
                    job_id = job.id,
                    job_status = "SUBMITTED",
                    "accepted job {}",
                    job.id
                );
                Ok(job)
            }
        }
    }

    fn enqueue(&self, job: &Job) {
        let cancel = self.0.stop.child_token();
        let open = Open::new(job, self.0.delivery.outbox(), cancel);
        self.0.open().insert(job.id.clone(), open);
        self.0.arrived.notify_one();
        self.0.hopping.notify_one();
    }

    /// Looks for a job to start: a queue has changed.
    pub fn wake(&self) {
        self.0.arrived.notify_one();
    }

    /// Stops a job.
    pub fn cancel(&self, id: &str) -> Stopped {
        let canceled = self.0.store.change(
            id,
            |job| job.state = State::Canceled,
            |job| vec![events::canceled(&self.0.sender, job)],
        );
        let Some((job, posted)) = canceled else {
            return Stopped::AlreadyFinal;
        };
        self.0.ended(&job);
        let mut open = self.0.open();
        let waiting = open.get(id).is_some_and(|job| !job.running);
        let job = if waiting {
            open.remove(id)
        } else {
            open.get(id).cloned()
        };
        drop(open);
        if let Some(open) = job {
            open.cancel.cancel();
            open.outbox.send(posted);
        }
        info!(job_id = id, job_status = "CANCELED", "canceled job {id}");
        Stopped::Now
    }

    /// Kills what is at work, and delivers the events that are due, but not for longer than
    /// `patience`. Jobs and events that are not done are taken up again at the next start.
    pub async fn stop(&self, patience: Duration) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.open().clear();
        if !self.0.delivery.finish(patience).await {
            warn!("stopped before all events were delivered; they follow at the next start");
        }
    }
}

impl Inner {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn work(&self) {
        loop {
            let arrived = self.arrived.notified();
            if let Some((id, open)) = self.next() {
                // Others may be waiting for the jobs behind this one.
                self.arrived.notify_one();
                self.run(&id, &open).await;
                self.open().remove(&id);
                // Its queue may have room for another, which a worker beside this one can take.
                self.arrived.notify_one();
            } else {
                tokio::select! {
                    () = arrived => {}
                    () = self.stop.cancelled() => return,
                }
            }
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    async fn run(&self, id: &str, open: &Open) {
        let started = self.store.change(
            id,
            |job| {
                job.state = State::Progressing(Progress::default());
                job.started = Some(Moment::now());
            },
            |job| {
                let warning = |warning| events::new_warning(&self.sender, job, warning);
                let mut told = vec![events::progressing(&self.sender, job)];
                told.extend(job.warnings.iter().map(warning));
                told
            },
        );
        let Some((job, posted)) = started else { return };
        open.outbox.send(posted);
        self.options.metrics.started(job.created.age());
        let run = run::Run::new(self, &job, open);
        let updates = self.status_updates(&job, open);
        let ended = tokio::select! {
            ended = run.to_end() => ended,
            () = updates => unreachable_end(),
        };
        match ended {
            Ok(groups) => self.complete(id, open, &groups),
            Err(run::Stop::Canceled) => {}
            Err(run::Stop::Failed(failure)) => self.fail(id, open, &failure),
        }
    }

    fn ended(&self, job: &Job) {
        let worked = job.started.map(Moment::age);
        self.options.metrics.finished(job.state.name(), worked);
    }

    fn complete(&self, id: &str, open: &Open, groups: &[events::GroupDetail]) {
        let details = groups.iter().map(events::GroupDetail::in_job).collect();
        let done = self.store.change(
            id,
            |job| {
                job.state = State::Complete;
                job.details = Value::Array(details);
            },
            |job| vec![events::complete(&self.sender, job, groups)],
        );
        if let Some((job, posted)) = done {
            let duration_ms = job.started.map(|started| started.age().as_millis());
            open.outbox.send(posted);
            self.ended(&job);
            info!(
                job_id = id,
                job_status = "COMPLETE",
                duration_ms,
                "finished job {id}"
            );
        }
    }

    fn fail(&self, id: &str, open: &Open, failure: &Failure) {
        let failed = self.store.change(
            id,
            |job| job.state = State::Error(failure.clone()),
            |job| vec![events::error(&self.sender, job, failure)],
        );
        if let Some((job, posted)) = failed {
            open.outbox.send(posted);
            self.ended(&job);
            log_failure(id, failure);
        }
    }

    /// Sends updates for as long as it is polled. The first comes one interval after the start.
    async fn status_updates(&self, job: &Job, open: &Open) {
        let audio_only = has_audio_only_output(job.settings());
        if audio_only && !self.options.audio_only_status_updates {
            return std::future::pending().await;
        }
        let interval = Duration::from_secs(update_seconds(job.text("statusUpdateInterval")));
        loop {
            tokio::time::sleep(interval).await;
            if let Some(job) = self.store.get(&job.id)
                && let State::Progressing(progress) = job.state
            {
                let event = events::status_update(&self.sender, &job, progress);
                open.outbox.send(self.store.post(event));
            }
        }
    }
}

fn log_failure(id: &str, failure: &Failure) {
    error!(
        job_id = id,
        job_status = "ERROR",
        error_code = failure.code,
        "job {id} failed: {}",
        failure.message
    );
}

/// Updates never end by themselves.
fn unreachable_end() -> Result<Vec<events::GroupDetail>, run::Stop> {
    Err(run::Stop::Failed(Failure::new(
        1999,
        "The job's progress reports ended before the job did.",
    )))
}

/// `SECONDS_60`, when left out.
fn update_seconds(interval: Option<&str>) -> u64 {
    interval
        .and_then(|name| name.strip_prefix("SECONDS_")?.parse().ok())
        .unwrap_or(60)
}

fn has_audio_only_output(settings: &Value) -> bool {
    let groups = settings["outputGroups"].as_array().into_iter().flatten();
    groups
        .flat_map(|group| group["outputs"].as_array().into_iter().flatten())
        .any(|output| {
            output["videoDescription"].is_null() && output["audioDescriptions"].is_array()
        })
}
