//! Takes an S3 notification apart: which records are ours, and what became of each.

use std::collections::HashMap;

use aws_lambda_events::s3::{S3EventRecord, S3Object};
use common::captions::is_captions;
use common::error::chain;
use common::source::{Source, decode_key};
use common::table::Table;
use common::time::Timestamp;
use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;
use tracing::{error, info, warn};

use crate::config::Config;
use crate::submission::{Submission, SubmitError};

/// What the function talks to.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The table of video records.
    pub table: Table,
    /// Probes sources and takes jobs.
    pub mediaconvert: aws_sdk_mediaconvert::Client,
    /// Reads the headers of sources.
    pub s3: aws_sdk_s3::Client,
}

/// Submits one job for each record. A bad record never hides its neighbours.
///
/// `deadline` is when Lambda stops this invocation: no claim of ours needs to hold for longer.
///
/// # Errors
///
/// The first failure, once every record had its turn. Lambda tries the event twice more, then sends it to the
/// failure queue: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>.
pub async fn handle(
    clients: &Clients,
    config: &Config,
    event: &RawValue,
    deadline: Timestamp,
) -> Result<(), EventError> {
    let mut outcome = Ok(());
    for record in records(event)? {
        let submitted = match source(config, record) {
            Ok(Some(source)) => Submission::new(clients, config, source, deadline)
                .run()
                .await
                .map_err(EventError::from),
            Ok(None) => Ok(()),
            Err(error) => {
                error!("{}", chain(&error));
                Err(EventError::from(error))
            }
        };
        outcome = outcome.and(submitted);
    }
    outcome
}

/// The records, each still to be understood, so that one of another shape doesn't hide the others.
fn records(event: &RawValue) -> Result<Vec<&RawValue>, EventError> {
    let event: HashMap<String, &RawValue> =
        serde_json::from_str(event.get()).map_err(|_| EventError::NotAnEvent)?;
    let Some(records) = event.get("Records") else {
        // S3 sends such an event, `s3:TestEvent`, when a notification is set up.
        let name = event.get("Event").map(|name| name.get().trim_matches('"'));
        info!(event_name = name, "ignored an event without records");
        return Ok(Vec::new());
    };
    let records: Vec<_> =
        serde_json::from_str(records.get()).map_err(|_| EventError::NotAnEvent)?;
    if records.is_empty() {
        info!("ignored an event with an empty list of records");
    }
    Ok(records)
}

/// The upload that a record is about, `None` where it isn't for us.
fn source(config: &Config, record: &RawValue) -> Result<Option<Source>, RecordError> {
    let record: S3EventRecord = serde_json::from_str(record.get())?;
    let created = record
        .event_name
        .as_deref()
        .is_none_or(|name| name.starts_with("ObjectCreated:"));
    let bucket = record.s3.bucket.name.unwrap_or_default();
    let object = record.s3.object;
    if !created || bucket != config.source_bucket {
        info!(
            s3_bucket = bucket,
            event_name = record.event_name,
            "ignored an event of something else"
        );
        return Ok(None);
    }
    let encoded = object.key.as_deref().ok_or(RecordError::NoKey)?;
    let Ok(key) = decode_key(encoded) else {
        // No object can have such a key, so there is nothing that a retry could find.
        warn!(
            s3_key = encoded,
            "ignored a record whose key can't be decoded"
        );
        return Ok(None);
    };
    let source = understand(bucket, key, object)?;
    if is_captions(&source.key) {
        info!(
            s3_key = source.key,
            "{} is taken when the video beside it is converted", source.key
        );
        return Ok(None);
    }
    if source.is_folder_marker() {
        info!(s3_key = source.key, "ignored a folder marker");
        return Ok(None);
    }
    Ok(Some(source))
}

fn understand(bucket: String, key: String, object: S3Object) -> Result<Source, RecordError> {
    Ok(Source {
        bucket,
        key,
        version_id: object.version_id,
        etag: object
            .e_tag
            .ok_or(RecordError::NoEtag)?
            .trim_matches('"')
            .to_owned(),
        size_bytes: object
            .size
            .and_then(|size| u64::try_from(size).ok())
            .ok_or(RecordError::NoSize)?,
        sequencer: object.sequencer,
        attempt: 0,
    })
}

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
