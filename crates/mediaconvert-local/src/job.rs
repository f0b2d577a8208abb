//! A job: what was asked for, and what has become of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Moment;
use crate::queue::Transition;

/// A job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// `<milliseconds>-<six letters or digits>`.
    pub id: String,
    /// ARN of the job.
    pub arn: String,
    /// ARN of its queue.
    pub queue: String,
    /// The request as it came.
    pub request: Map<String, Value>,
    /// Where it stands.
    pub state: State,
    /// Higher ones run first.
    pub priority: i64,
    /// When it came.
    pub created: Moment,
    /// When work on it began.
    pub started: Option<Moment>,
    /// When it ended, however.
    pub finished: Option<Moment>,
    /// How often work on it began anew, after the server had died.
    pub retries: u32,
    /// What of the settings was not done as asked.
    pub warnings: Vec<Warning>,
    /// Its moves from queue to queue.
    #[serde(default)]
    pub transitions: Vec<Transition>,
    /// Hops of its request that were made, or could not be.
    #[serde(default)]
    pub hopped: usize,
    /// `outputGroupDetails` of the job resource, once it is complete.
    pub details: Value,
}

/// What was not done as asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "KeptWarning")]
pub struct Warning {
    /// The service's, or [`WARNING_CODE`].
    pub code: u32,
    /// One sentence.
    pub message: String,
}

/// A warning in the state; before 0.2 it had no code.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeptWarning {
    Message(String),
    Whole { code: u32, message: String },
}

impl From<KeptWarning> for Warning {
    fn from(kept: KeptWarning) -> Self {
        match kept {
            KeptWarning::Message(message) => Self::from(message),
            KeptWarning::Whole { code, message } => Self { code, message },
        }
    }
}

/// A warning of this server's own.
impl From<String> for Warning {
    fn from(message: String) -> Self {
        Self {
            code: WARNING_CODE,
            message,
        }
    }
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// In the queue.
    Submitted,
    /// At work.
    Progressing(Progress),
    /// Done.
    Complete,
    /// Failed.
    Error(Failure),
    /// Stopped by a caller.
    Canceled,
}

/// How far the work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// How much of that, per cent.
    pub percent: u8,
    /// Pictures decoded so far.
    pub frames: u64,
}

/// What is being done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Serialize, Deserialize)]
pub enum Phase {
    /// Fetching and looking at the source.
    #[default]
    Probing,
    /// ffmpeg runs.
    Transcoding,
    /// Writing to S3.
    Uploading,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct Failure {
    /// The service's code:
    /// <https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_error_codes.html>.
    pub code: u16,
    /// One sentence.
    pub message: String,
}

impl Failure {
    /// A failure with a code and a sentence.
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl Phase {
    /// As on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Probing => "PROBING",
            Self::Transcoding => "TRANSCODING",
            Self::Uploading => "UPLOADING",
        }
    }

    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Probing, Self::Transcoding, Self::Uploading];
}

impl Progress {
    /// Per cent of the whole job: probing counts for 2, uploading for 8.
    pub fn overall(self) -> u8 {
        let percent = self.percent.min(100);
        match self.phase {
            Phase::Probing => percent / 50,
            Phase::Transcoding => 2 + u8::try_from(u16::from(percent) * 90 / 100).unwrap_or(90),
            Phase::Uploading => 92 + percent / 13,
        }
    }
}

impl State {
    /// As on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Progressing(_) => "PROGRESSING",
            Self::Complete => "COMPLETE",
            Self::Error(_) => "ERROR",
            Self::Canceled => "CANCELED",
        }
    }

    /// Nothing will change any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Complete | Self::Error(_) | Self::Canceled)
    }
}

impl Job {
    /// A member of the request.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.request.get(member).and_then(Value::as_str)
    }

    /// The settings as they came.
    pub fn settings(&self) -> &Value {
        self.request.get("settings").unwrap_or(&Value::Null)
    }

    /// `userMetadata`, empty when there is none.
    pub fn user_metadata(&self) -> Value {
        self.request
            .get("userMetadata")
            .cloned()
            .unwrap_or_else(|| json!({}))
    }

    /// The resource as `GetJob` shows it.
    pub fn resource(&self) -> Value {
        let mut job = Map::new();
        let mut set = |name: &str, value: Value| {
            job.insert(name.to_owned(), value);
        };
        set("id", json!(self.id));
        set("arn", json!(self.arn));
        set("status", json!(self.state.name()));
        set("createdAt", json!(self.created.seconds()));
        set("queue", json!(self.queue));
        set("priority", json!(self.priority));
        set(
            "billingTagsSource",
            json!(self.text("billingTagsSource").unwrap_or("JOB")),
        );
        set(
            "statusUpdateInterval",
            json!(self.text("statusUpdateInterval").unwrap_or("SECONDS_60")),
        );
        set(
            "simulateReservedQueue",
            json!(self.text("simulateReservedQueue").unwrap_or("DISABLED")),
        );
        set("accelerationStatus", json!(self.acceleration_status()));
        set(
            "accelerationSettings",
            self.request
                .get("accelerationSettings")
                .cloned()
                .unwrap_or_else(|| json!({"mode": "DISABLED"})),
        );
        set("retryCount", json!(self.retries));
        set("userMetadata", self.user_metadata());
        for member in [
            "role",
            "settings",
            "clientRequestToken",
            "hopDestinations",
            "jobTemplate",
        ] {
            if let Some(value) = self.request.get(member) {
                set(member, value.clone());
            }
        }
        if let Some(version) = self.text("jobEngineVersion") {
            set("jobEngineVersionRequested", json!(version));
        }
        if self.started.is_some() {
            set("jobEngineVersionUsed", json!(ENGINE_VERSION));
        }
        if !self.transitions.is_empty() {
            let transitions = self.transitions.iter().map(Transition::to_json);
            set("queueTransitions", transitions.collect());
        }
        let mut timing = json!({"submitTime": self.created.seconds()});
        for (name, moment) in [("startTime", self.started), ("finishTime", self.finished)] {
            if let Some(moment) = moment {
                timing[name] = json!(moment.seconds());
            }
        }
        set("timing", timing);
        let messages = self.warnings.iter().map(|warning| &warning.message);
        let messages: Vec<&String> = messages.collect();
        set("messages", json!({"info": [], "warning": messages}));
        if !self.warnings.is_empty() {
            set("warnings", warnings(&self.warnings));
        }
        match &self.state {
            State::Progressing(progress) => {
                set("currentPhase", json!(progress.phase.name()));
                set("jobPercentComplete", json!(progress.overall()));
            }
            State::Complete => {
                set("jobPercentComplete", json!(100));
                set("outputGroupDetails", self.details.clone());
            }
            State::Error(failure) => {
                set("errorCode", json!(failure.code));
                set("errorMessage", json!(failure.message));
            }
            State::Submitted | State::Canceled => {}
        }
        Value::Object(job)
    }

    fn acceleration_status(&self) -> &'static str {
        let mode = self
            .request
            .get("accelerationSettings")
            .and_then(|settings| settings.get("mode"));
        match mode.and_then(Value::as_str) {
            Some("PREFERRED" | "ENABLED") => "NOT_ACCELERATED",
            _ => "NOT_APPLICABLE",
        }
    }
}

/// The code of this server's own warnings, outside of the ranges that the service uses.
pub const WARNING_CODE: u32 = 900_000;

/// The only version of the job engine: <https://docs.aws.amazon.com/mediaconvert/latest/ug/job-engine-versions.html>.
pub const ENGINE_VERSION: &str = "2026-11-01";

/// `warnings` of jobs and events.
pub fn warnings(warnings: &[Warning]) -> Value {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for warning in warnings {
        *counts.entry(warning.code).or_default() += 1;
    }
    let counts = counts.into_iter();
    counts
        .map(|(code, count)| json!({"code": code, "count": count}))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_never_goes_back() {
        let mut last = 0;
        for phase in Phase::ALL {
            for percent in 0..=100 {
                let overall = Progress {
                    phase,
                    percent,
                    frames: 0,
                }
                .overall();
                assert!(
                    overall >= last && overall <= 99,
                    "{phase:?} {percent}: {overall}"
                );
                last = overall;
            }
        }
    }
}
