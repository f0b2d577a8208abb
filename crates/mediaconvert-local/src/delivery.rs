//! Brings events to where they are wanted: the rules that are deployed, or a URL.
//!
//! Nobody but AWS may put events of the source `aws.mediaconvert` on a bus, and stand-ins keep to
//! that. So `rules` does what the bus would do.

mod rules;
pub mod transform;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::config::Config;
use crate::faults::{EventFate, Switches};
use crate::metrics::Metrics;
use crate::store::{Posted, Store};
use rules::Bus;
use webhook::Webhook;

/// Waits between attempts to deliver; after the last, the event waits for the next start.
const BACKOFF: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// Starts a stream of events for each job.
#[derive(Clone)]
pub struct Delivery(Arc<Inner>);

struct Inner {
    target: Target,
    faults: Switches,
    store: Arc<Store>,
    metrics: Metrics,
    tasks: TaskTracker,
    stop: CancellationToken,
}

enum Target {
    Nobody,
    Rules(Bus),
    Webhook(Webhook),
}

/// The events of one job, delivered in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Outbox(UnboundedSender<Posted>);

impl Outbox {
    /// One that somebody else reads.
    #[cfg(test)]
    pub(crate) fn to(sender: UnboundedSender<Posted>) -> Self {
        Self(sender)
    }

    /// Queues events.
    pub fn send(&self, events: Vec<Posted>) {
        for event in events {
            // The receiver is gone when the server stops; then the event waits for the next start.
            let _ = self.0.send(event);
        }
    }
}

impl Delivery {
    /// To where `config` and `sdk` say.
    pub fn new(
        config: &Config,
        sdk: &SdkConfig,
        faults: Switches,
        store: Arc<Store>,
        metrics: Metrics,
    ) -> Self {
        let target = match &config.webhook {
            _ if !config.events => Target::Nobody,
            Some(url) => Target::Webhook(Webhook::new(url)),
            None => Target::Rules(Bus::new(sdk)),
        };
        Self(Arc::new(Inner {
            target,
            faults,
            store,
            metrics,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }))
    }

    /// The stream of one job.
    pub fn outbox(&self) -> Outbox {
        let (sender, receiver) = unbounded_channel();
        self.0.spawn(self.0.clone().drain(receiver));
        Outbox(sender)
    }

    /// Waits until all that was sent is delivered or given up, but not for longer than `patience`;
    /// tells whether it was. No job may be at work any more.
    pub async fn finish(&self, patience: Duration) -> bool {
        self.0.tasks.close();
        let all = tokio::time::timeout(patience, self.0.tasks.wait()).await;
        self.0.stop.cancel();
        self.0.tasks.wait().await;
        all.is_ok()
    }
}

impl Inner {
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = work => {}
                () = stop.cancelled() => {}
            }
        });
    }

    /// Delivers the events of a job in their order, save where faults are asked for: those that are
    /// late go their own way, those that are held back follow the next one that is not.
    async fn drain(self: Arc<Self>, mut events: UnboundedReceiver<Posted>) {
        let mut held = Vec::new();
        while let Some(posted) = events.recv().await {
            let event = &posted.event;
            let fate = self.faults.on_event(event);
            if fate != EventFate::default() {
                info!(
                    job_id = event["detail"]["jobId"].as_str(),
                    job_status = event["detail"]["status"].as_str(),
                    "an event has the fault that was asked for: {fate:?}"
                );
            }
            if fate.held {
                held.push((posted, fate));
            } else if fate.delay.is_zero() {
                self.deliver(&posted, fate).await;
                for (posted, fate) in held.drain(..) {
                    self.deliver(&posted, fate).await;
                }
            } else {
                let inner = self.clone();
                self.spawn(async move { inner.deliver(&posted, fate).await });
            }
        }
        for (posted, fate) in held {
            self.deliver(&posted, fate).await;
        }
    }

    async fn deliver(&self, posted: &Posted, fate: EventFate) {
        tokio::time::sleep(fate.delay).await;
        for _ in 0..fate.copies {
            let event = &posted.event;
            if let Err(reason) = with_retries(|| self.target.deliver(event)).await {
                let detail = &event["detail"];
                let (job_id, job_status) = (detail["jobId"].as_str(), detail["status"].as_str());
                error!(
                    job_id,
                    job_status, "gave up delivering an event until the next start: {reason}"
                );
                return;
            }
        }
        self.metrics.event(true);
        self.store.delivered(posted);
    }
}

impl Target {
    async fn deliver(&self, event: &Value) -> Result<(), String> {
        match self {
            Self::Nobody => Ok(()),
            Self::Rules(bus) => bus.deliver(event).await,
            Self::Webhook(webhook) => webhook.deliver(event).await,
        }
    }
}

async fn with_retries<F: Future<Output = Result<(), String>>>(
    attempt: impl Fn() -> F,
) -> Result<(), String> {
    for wait in BACKOFF {
        match attempt().await {
            Ok(()) => return Ok(()),
            Err(reason) => warn!("delivering an event failed, trying again: {reason}"),
        }
        tokio::time::sleep(wait).await;
    }
    attempt().await
}
