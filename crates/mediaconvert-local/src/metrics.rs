//! What is counted, for Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tracing::error;

use crate::store::Store;

/// Counters of a server; all parts count into the same.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: Family<Call, Counter>,
    request_seconds: Family<Operation, Histogram>,
    jobs: Family<Status, Gauge>,
    waiting: Family<Queue, Gauge>,
    finished: Family<Status, Counter>,
    wait_seconds: Histogram,
    job_seconds: Family<Status, Histogram>,
    ffmpeg_seconds: Counter<f64, AtomicU64>,
    bytes: Family<Transfer, Counter>,
    events: Family<Delivery, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    operation: &'static str,
    code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Queue {
    queue: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transfer {
    direction: Direction,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivery {
    delivered: &'static str,
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Direction {
    /// From S3.
    Read,
    /// To S3.
    Written,
}

impl Default for Metrics {
    fn default() -> Self {
        // A request takes from a millisecond to a minute, a job from a second to a day.
        let of_requests = || Histogram::new(exponential_buckets(0.001, 4.0, 9));
        let of_jobs = || Histogram::new(exponential_buckets(1.0, 4.0, 9));
        let mut inner = Inner {
            registry: Registry::with_prefix("mediaconvert_local"),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(of_requests),
            jobs: Family::default(),
            waiting: Family::default(),
            finished: Family::default(),
            wait_seconds: of_jobs(),
            job_seconds: Family::new_with_constructor(of_jobs),
            ffmpeg_seconds: Counter::default(),
            bytes: Family::default(),
            events: Family::default(),
        };
        let registry = &mut inner.registry;
        registry.register(
            "requests",
            "Answers of the API by operation and status code",
            inner.requests.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time until an answer of the API",
            Unit::Seconds,
            inner.request_seconds.clone(),
        );
        registry.register("jobs", "Jobs by status", inner.jobs.clone());
        registry.register(
            "jobs_waiting",
            "Jobs that wait, by queue",
            inner.waiting.clone(),
        );
        registry.register(
            "jobs_finished",
            "Jobs that ended since the start, by status",
            inner.finished.clone(),
        );
        registry.register_with_unit(
            "job_wait",
            "Time from the submission of a job to its start",
            Unit::Seconds,
            inner.wait_seconds.clone(),
        );
        registry.register_with_unit(
            "job_duration",
            "Time from the start of a job to its end",
            Unit::Seconds,
            inner.job_seconds.clone(),
        );
        registry.register_with_unit(
            "ffmpeg",
            "Time that ffmpeg ran",
            Unit::Seconds,
            inner.ffmpeg_seconds.clone(),
        );
        registry.register_with_unit(
            "s3",
            "Contents of objects, by direction",
            Unit::Bytes,
            inner.bytes.clone(),
        );
        registry.register(
            "events",
            "Events, by whether they were delivered or given up until the next start",
            inner.events.clone(),
        );
        Self(Arc::new(inner))
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, operation: &'static str, code: u16, after: Duration) {
        let call = Call { operation, code };
        self.0.requests.get_or_create(&call).inc();
        let seconds = self
            .0
            .request_seconds
            .get_or_create(&Operation { operation });
        seconds.observe(after.as_secs_f64());
    }

    /// Counts the start of a job.
    pub fn started(&self, waited: Duration) {
        self.0.wait_seconds.observe(waited.as_secs_f64());
    }

    /// Counts the end of a job, and how long it was at work.
    pub fn finished(&self, status: &'static str, worked: Option<Duration>) {
        let status = Status { status };
        self.0.finished.get_or_create(&status).inc();
        if let Some(worked) = worked {
            let seconds = self.0.job_seconds.get_or_create(&status);
            seconds.observe(worked.as_secs_f64());
        }
    }

    /// Adds to the time of ffmpeg.
    pub fn ffmpeg(&self, ran: Duration) {
        self.0.ffmpeg_seconds.inc_by(ran.as_secs_f64());
    }

    /// Adds to what went from or to S3.
    pub fn transferred(&self, direction: Direction, bytes: u64) {
        let transfer = Transfer { direction };
        self.0.bytes.get_or_create(&transfer).inc_by(bytes);
    }

    /// Counts an event.
    pub fn event(&self, delivered: bool) {
        let delivered = if delivered { "true" } else { "false" };
        self.0.events.get_or_create(&Delivery { delivered }).inc();
    }

    /// All of it, in the text format of `OpenMetrics`.
    pub fn text(&self, store: &Store) -> String {
        let inner = &self.0;
        let statuses = store.statuses();
        for status in ["SUBMITTED", "PROGRESSING", "COMPLETE", "CANCELED", "ERROR"] {
            let count = statuses.get(status).copied().unwrap_or_default();
            let gauge = inner.jobs.get_or_create(&Status { status });
            gauge.set(count.try_into().unwrap_or(i64::MAX));
        }
        inner.waiting.clear();
        for (queue, count) in store.waiting() {
            let gauge = inner.waiting.get_or_create(&Queue { queue });
            gauge.set(count.try_into().unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        if let Err(reason) = encode(&mut text, &inner.registry) {
            error!("the metrics could not be written: {reason}");
        }
        text
    }
}
