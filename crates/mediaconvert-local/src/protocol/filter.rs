//! Which jobs a list, a search or a query is about.

use serde_json::Value;

use crate::job::{Job, State};
use crate::queue;

/// What a job has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// In the queue of this name or ARN.
    Queue(String),
    /// Of this status.
    Status(String),
    /// With an input of this URL, or with this in its name.
    Input(String),
    /// Submitted for this version.
    VersionRequested(String),
    /// Run by this version.
    VersionUsed(String),
    /// With an output of this codec.
    AudioCodec(String),
    /// With an output of this codec.
    VideoCodec(String),
    /// Failed with this code.
    ErrorCode(String),
}

impl Filter {
    /// Of a key of `JobsQueryFilterKey`.
    pub(super) fn of_key(key: &str, value: &str) -> Option<Self> {
        let value = value.to_owned();
        Some(match key {
            "queue" => Self::Queue(value),
            "status" => Self::Status(value),
            "fileInput" => Self::Input(value),
            "jobEngineVersionRequested" => Self::VersionRequested(value),
            "jobEngineVersionUsed" => Self::VersionUsed(value),
            "audioCodec" => Self::AudioCodec(value),
            "videoCodec" => Self::VideoCodec(value),
            "errorCode" => Self::ErrorCode(value),
            _ => return None,
        })
    }

    pub(super) fn takes(&self, job: &Job) -> bool {
        match self {
            Self::Queue(given) => queue::name_of(&job.queue) == queue::name_of(given),
            Self::Status(status) => job.state.name() == status,
            Self::Input(part) => list(job.settings(), "inputs").any(|input| {
                let url = input["fileInput"].as_str();
                url.is_some_and(|url| url.contains(part))
            }),
            Self::VersionRequested(version) => job.text("jobEngineVersion") == Some(version),
            Self::VersionUsed(version) => *version == crate::job::ENGINE_VERSION,
            Self::AudioCodec(codec) => outputs(job)
                .flat_map(|output| list(output, "audioDescriptions"))
                .any(|audio| audio["codecSettings"]["codec"] == **codec),
            Self::VideoCodec(codec) => outputs(job)
                .any(|output| output["videoDescription"]["codecSettings"]["codec"] == **codec),
            Self::ErrorCode(code) => {
                matches!(&job.state, State::Error(failure) if failure.code.to_string() == *code)
            }
        }
    }
}

fn outputs(job: &Job) -> impl Iterator<Item = &Value> {
    list(job.settings(), "outputGroups").flat_map(|group| list(group, "outputs"))
}

fn list<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    value[member].as_array().into_iter().flatten()
}
