//! The faults as they are asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::job::Failure;
use crate::protocol::OPERATIONS;

/// Statuses that events tell.
const STATUSES: [&str; 8] = [
    "PROGRESSING",
    "INPUT_INFORMATION",
    "STATUS_UPDATE",
    "NEW_WARNING",
    "QUEUE_HOP",
    "COMPLETE",
    "ERROR",
    "CANCELED",
];

/// All faults.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FaultSettings {
    /// Where chances are drawn from.
    pub seed: u64,
    /// Of calls.
    pub api: Vec<ApiRule>,
    /// Of jobs.
    pub jobs: Vec<JobRule>,
    /// Of events.
    pub events: Vec<EventRule>,
}

/// What can go wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiFault {
    /// 429, nothing is done.
    Throttle,
    /// 500, nothing is done.
    #[serde(rename = "ANSWER_500")]
    Answer500,
    /// It is done, and the answer is 500.
    #[serde(rename = "DONE_BUT_500")]
    DoneBut500,
    /// It is done, and there is no answer.
    DoneButSilent,
}

/// A fault of calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiRule {
    /// What goes wrong.
    pub fault: ApiFault,
    /// With this operation; with all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// From 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// At most as often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// What can go wrong with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobFault {
    /// It fails before its work begins.
    Fail,
    /// It stands still before its work begins.
    Slow,
}

/// A fault of jobs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobRule {
    /// What goes wrong.
    pub fault: JobFault,
    /// Of FAIL: the job's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Of FAIL: the job's error message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Of SLOW: milliseconds, at least and at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_milliseconds: Option<[u64; 2]>,
    /// Only jobs of whose inputs one has a URL with this in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Only jobs with these among their user metadata.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub user_metadata: BTreeMap<String, String>,
    /// From 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// At most as often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// What can go wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventFault {
    /// It is never delivered.
    Lose,
    /// It is delivered once more.
    Duplicate,
    /// It comes late.
    Delay,
    /// It comes after the next one of its job, or after the job's end.
    Reorder,
}

/// A fault of events.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventRule {
    /// What goes wrong.
    pub fault: EventFault,
    /// Of DELAY: milliseconds, at least and at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_milliseconds: Option<[u64; 2]>,
    /// Only events of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Only events of jobs with these among their user metadata.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub user_metadata: BTreeMap<String, String>,
    /// From 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// At most as often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// When a rule that matches applies.
#[derive(Clone, Copy, Debug)]
pub struct Chance {
    /// From 0 to 1.
    pub probability: f64,
    /// At most as often.
    pub times: Option<u64>,
}

fn always() -> f64 {
    1.0
}

impl FaultSettings {
    /// Reads and checks settings.
    ///
    /// # Errors
    ///
    /// A sentence about the first thing that is wrong.
    pub fn from_json(text: &[u8]) -> Result<Self, String> {
        let settings: Self = serde_json::from_slice(text)
            .map_err(|error| format!("The faults can't be read: {error}."))?;
        for (index, rule) in settings.api.iter().enumerate() {
            rule.check().map_err(|rest| at("api", index, &rest))?;
        }
        for (index, rule) in settings.jobs.iter().enumerate() {
            rule.check().map_err(|rest| at("jobs", index, &rest))?;
        }
        for (index, rule) in settings.events.iter().enumerate() {
            rule.check().map_err(|rest| at("events", index, &rest))?;
        }
        Ok(settings)
    }
}

fn at(list: &str, index: usize, rest: &str) -> String {
    format!("/{list}/{index}/{rest}")
}

impl ApiRule {
    pub(super) fn chance(&self) -> Chance {
        Chance {
            probability: self.probability,
            times: self.times,
        }
    }

    fn check(&self) -> Result<(), String> {
        let operations = OPERATIONS.map(|(name, ..)| name);
        one_of("operation", self.operation.as_deref(), &operations)?;
        self.chance().check()
    }
}

impl JobRule {
    pub(super) fn chance(&self) -> Chance {
        Chance {
            probability: self.probability,
            times: self.times,
        }
    }

    pub(super) fn matches(&self, request: &Value) -> bool {
        let mut inputs = request["settings"]["inputs"]
            .as_array()
            .into_iter()
            .flatten();
        self.input.as_ref().is_none_or(|wanted| {
            inputs.any(|input| {
                let url = input["fileInput"].as_str();
                url.is_some_and(|url| url.contains(wanted))
            })
        }) && holds(&request["userMetadata"], &self.user_metadata)
    }

    pub(super) fn failure(&self) -> Failure {
        let message = self.message.as_deref();
        Failure::new(
            self.code.unwrap_or(1999),
            message.unwrap_or("The job fails because this fault was asked for."),
        )
    }

    fn check(&self) -> Result<(), String> {
        match self.fault {
            JobFault::Fail if self.delay_milliseconds.is_some() => {
                Err("delayMilliseconds: Only for SLOW".to_owned())
            }
            JobFault::Fail => Ok(()),
            JobFault::Slow if self.code.is_some() || self.message.is_some() => {
                Err("code: Only for FAIL".to_owned())
            }
            JobFault::Slow => range(self.delay_milliseconds),
        }?;
        self.chance().check()
    }
}

impl EventRule {
    pub(super) fn chance(&self) -> Chance {
        Chance {
            probability: self.probability,
            times: self.times,
        }
    }

    pub(super) fn matches(&self, event: &Value) -> bool {
        let detail = &event["detail"];
        self.status
            .as_ref()
            .is_none_or(|status| detail["status"] == **status)
            && holds(&detail["userMetadata"], &self.user_metadata)
    }

    fn check(&self) -> Result<(), String> {
        match self.fault {
            EventFault::Delay => range(self.delay_milliseconds)?,
            _ if self.delay_milliseconds.is_some() => {
                return Err("delayMilliseconds: Only for DELAY".to_owned());
            }
            _ => {}
        }
        one_of("status", self.status.as_deref(), &STATUSES)?;
        self.chance().check()
    }
}

impl Chance {
    fn check(self) -> Result<(), String> {
        if (0.0..=1.0).contains(&self.probability) {
            Ok(())
        } else {
            Err("probability: Should be from 0 to 1".to_owned())
        }
    }
}

fn holds(metadata: &Value, wanted: &BTreeMap<String, String>) -> bool {
    let mut wanted = wanted.iter();
    wanted.all(|(name, value)| metadata[name] == **value)
}

/// A day at most.
fn range(milliseconds: Option<[u64; 2]>) -> Result<(), String> {
    match milliseconds {
        Some([least, most]) if least <= most && most <= 86_400_000 => Ok(()),
        _ => Err(
            "delayMilliseconds: Should be two numbers, the least and the most, up to 86400000"
                .to_owned(),
        ),
    }
}

fn one_of(name: &str, value: Option<&str>, values: &[&str]) -> Result<(), String> {
    match value {
        Some(value) if !values.contains(&value) => Err(format!(
            "{name}: '{value}' should be one of {}",
            values.join(", ")
        )),
        _ => Ok(()),
    }
}
