//! Brings events to the rules that are deployed.
//!
//! Nobody but AWS may put events of the source `aws.mediaconvert` on a bus, and stand-ins keep to
//! that. So this module does what the bus would do: it asks for the rules of the default bus, lets
//! EventBridge itself match their patterns, and invokes the functions they target.

pub mod transform;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_eventbridge::types::{RuleState, Target};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::task::TaskTracker;
use tracing::{debug, error, warn};

use crate::storage::said;

/// Waits between attempts to reach EventBridge or Lambda; the event is given up after the last.
const BACKOFF: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// Starts a stream of events for each job.
#[derive(Clone)]
pub struct Delivery {
    bus: Option<Bus>,
    tasks: TaskTracker,
}

/// The events of one job, delivered in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Outbox(UnboundedSender<Value>);

impl Outbox {
    /// Queues an event.
    pub fn send(&self, event: Value) {
        // The receiver lives as long as there are senders; only a dying runtime ends it earlier.
        let _ = self.0.send(event);
    }
}

impl Delivery {
    /// To the rules of the default bus.
    pub fn to_rules(config: &SdkConfig) -> Self {
        let bus = Bus {
            rules: aws_sdk_eventbridge::Client::new(config),
            functions: aws_sdk_lambda::Client::new(config),
        };
        Self {
            bus: Some(bus),
            tasks: TaskTracker::new(),
        }
    }

    /// To nobody.
    pub fn none() -> Self {
        Self {
            bus: None,
            tasks: TaskTracker::new(),
        }
    }

    /// The stream of one job.
    pub fn outbox(&self) -> Outbox {
        let (sender, receiver) = unbounded_channel();
        self.tasks.spawn(drain(self.bus.clone(), receiver));
        Outbox(sender)
    }

    /// Waits until all that was sent is delivered or given up. No job may be at work any more.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn drain(bus: Option<Bus>, mut events: UnboundedReceiver<Value>) {
    while let Some(event) = events.recv().await {
        let Some(bus) = &bus else { continue };
        let detail = &event["detail"];
        let (job_id, job_status) = (detail["jobId"].as_str(), detail["status"].as_str());
        if let Err(reason) = with_retries(|| bus.deliver(&event)).await {
            error!(job_id, job_status, "gave up delivering an event: {reason}");
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

#[derive(Clone)]
struct Bus {
    rules: aws_sdk_eventbridge::Client,
    functions: aws_sdk_lambda::Client,
}

impl Bus {
    /// Delivers to all targets of all rules that match. A retry delivers to all of them again:
    /// delivery is at least once, as on AWS.
    async fn deliver(&self, event: &Value) -> Result<(), String> {
        let text = event.to_string();
        let mut token = None;
        loop {
            let page = self.rules.list_rules().set_next_token(token).send().await;
            let page = page.map_err(|error| format!("list the rules: {}", said(&error)))?;
            for rule in page.rules() {
                let (Some(name), Some(pattern)) = (rule.name(), rule.event_pattern()) else {
                    continue;
                };
                if rule.state() == Some(&RuleState::Disabled)
                    || !self.matches(name, pattern, &text).await?
                {
                    continue;
                }
                for target in self.targets(name).await? {
                    self.invoke(rule.arn().unwrap_or(name), &target, event)
                        .await?;
                }
            }
            token = page.next_token().map(ToOwned::to_owned);
            if token.is_none() {
                return Ok(());
            }
        }
    }

    async fn matches(&self, rule: &str, pattern: &str, event: &str) -> Result<bool, String> {
        let answer = self
            .rules
            .test_event_pattern()
            .event_pattern(pattern)
            .event(event)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.result()),
            // One broken pattern must not keep the event from the other rules.
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|r| r.status().is_client_error()) =>
            {
                warn!(
                    rule,
                    "left out a rule whose pattern can't be tested: {}",
                    said(&error)
                );
                Ok(false)
            }
            Err(error) => Err(format!("test the pattern of rule {rule}: {}", said(&error))),
        }
    }

    async fn targets(&self, rule: &str) -> Result<Vec<Target>, String> {
        let mut targets = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .rules
                .list_targets_by_rule()
                .rule(rule)
                .set_next_token(token)
                .send()
                .await;
            let page =
                page.map_err(|error| format!("list the targets of rule {rule}: {}", said(&error)))?;
            token = page.next_token().map(ToOwned::to_owned);
            targets.extend(page.targets.unwrap_or_default());
            if token.is_none() {
                return Ok(targets);
            }
        }
    }

    async fn invoke(&self, rule: &str, target: &Target, event: &Value) -> Result<(), String> {
        let function = target.arn();
        if !function.contains(":lambda:") {
            warn!(
                rule,
                target = function,
                "left out a target that is no Lambda function"
            );
            return Ok(());
        }
        let payload = match payload(rule, target, event) {
            Ok(payload) => payload,
            Err(reason) => {
                error!(rule, target = function, "left out a target: {reason}");
                return Ok(());
            }
        };
        let answer = self
            .functions
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .send()
            .await;
        match answer {
            Ok(_) => {
                debug!(rule, target = function, "delivered an event");
                Ok(())
            }
            // A function that is gone won't come back by asking again.
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|r| r.status().as_u16() == 404) =>
            {
                error!(
                    rule,
                    target = function,
                    "left out a target: {}",
                    said(&error)
                );
                Ok(())
            }
            Err(error) => Err(format!("invoke {function}: {}", said(&error))),
        }
    }
}

fn payload(rule: &str, target: &Target, event: &Value) -> Result<String, String> {
    if let Some(input) = target.input() {
        return Ok(input.to_owned());
    }
    if let Some(path) = target.input_path() {
        return transform::select(path, event)
            .map(ToString::to_string)
            .ok_or_else(|| format!("its input path {path} leads nowhere"));
    }
    if let Some(transformer) = target.input_transformer() {
        let paths = transformer.input_paths_map().into_iter().flatten();
        let paths = paths.map(|(name, path)| (name.as_str(), path.as_str()));
        return transform::apply(transformer.input_template(), paths, event, rule);
    }
    Ok(event.to_string())
}
