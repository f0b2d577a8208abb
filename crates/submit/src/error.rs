//! What can keep an event from its end. Lambda tries it again.

use aws_sdk_mediaconvert::error::SdkError;
use aws_sdk_mediaconvert::operation::create_job::CreateJobError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use common::error::chain;
use common::mediaconvert::JobsError;
use common::table::TableError;
use common::time::Timestamp;
use lambda_runtime::Diagnostic;

use crate::profile::ReadProfile;
use crate::{captions, inspect, parts};

/// Why a record can't be understood.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It isn't shaped like an S3 record.
    #[error("read the S3 record")]
    Shape(#[from] serde_json::Error),
    /// It names no object.
    #[error("the S3 record has no object key")]
    NoKey,
    /// It doesn't tell one upload from another.
    #[error("the S3 record has no entity tag")]
    NoEtag,
    /// It doesn't tell the size.
    #[error("the S3 record has no size")]
    NoSize,
}

/// Why an event failed.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Not an S3 notification at all.
    #[error("the event is not an S3 notification: an object with a list of Records is expected")]
    NotAnEvent,
    /// A record can't be understood.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An upload didn't get its job yet.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl From<EventError> for Diagnostic {
    fn from(error: EventError) -> Self {
        let error_type = match &error {
            EventError::NotAnEvent | EventError::Record(_) => "Event",
            EventError::Submit(error) => error.error_type(),
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: chain(&error),
        }
    }
}

/// Why an upload has no job yet. All of them are worth another try.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The record can't be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The captions beside the source can't be read now.
    #[error(transparent)]
    Captions(#[from] captions::ReadError),
    /// The source can't be read now.
    #[error(transparent)]
    Read(#[from] parts::ReadError),
    /// MediaConvert can't look into the source now.
    #[error(transparent)]
    Probe(#[from] inspect::ProbeFailed),
    /// The profile can't be read now.
    #[error(transparent)]
    Profile(#[from] ReadProfile),
    /// MediaConvert can't say whether there is a job.
    #[error(transparent)]
    FindJob(#[from] JobsError),
    /// S3 can't say whether the object is still there.
    #[error("look for the object")]
    Head(#[from] Box<SdkError<HeadObjectError>>),
    /// The services took longer than Lambda gives.
    #[error("the services didn't answer in time")]
    OutOfTime,
    /// MediaConvert can't take the job now, or the stack's settings are wrong.
    #[error("create the job")]
    CreateJob(#[from] Box<SdkError<CreateJobError>>),
    /// MediaConvert answered without a job.
    #[error("MediaConvert's answer names no job")]
    NoJob,
    /// Another invocation is at it.
    #[error("another invocation holds the claim until {0}")]
    Held(Timestamp),
}

impl SubmitError {
    /// A short stable word to put an alarm on.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Table(_) => "Table",
            Self::Probe(_) => "Probe",
            Self::Profile(_) => "Profile",
            Self::FindJob(_) => "FindJob",
            Self::Head(_) | Self::Captions(_) | Self::Read(_) => "S3",
            Self::OutOfTime => "OutOfTime",
            Self::CreateJob(_) | Self::NoJob => "CreateJob",
            Self::Held(_) => "Held",
        }
    }
}
