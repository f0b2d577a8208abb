//! Takes an S3 notification apart: which records are ours, and what became of each.

use std::collections::HashMap;

use aws_lambda_events::s3::{S3EventRecord, S3Object};
use common::captions::is_captions;
use common::error::chain;
use common::source::{Source, decode_key};
use common::time::Timestamp;
use serde_json::value::RawValue;
use tracing::{error, info, warn};

use crate::clients::Clients;
use crate::config::Config;
use crate::error::{EventError, RecordError};
use crate::submission::Submission;

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
