//! Reads parts of the source, several at a time.

use std::collections::HashMap;
use std::ops::Range;

use aws_sdk_mediaconvert::error::ProvideErrorMetadata as _;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStreamError;
use common::source::Source;
use tokio::task::JoinSet;

use crate::clients::Clients;

/// A part, as it was read.
pub(crate) struct Part {
    /// Where it is, bytes from the beginning.
    pub(crate) range: Range<u64>,
    /// What is there.
    pub(crate) bytes: Vec<u8>,
    /// What the object says of itself, which comes with each part.
    pub(crate) labels: Labels,
}

/// What an object says of itself, beside its content.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// Metadata that whoever uploaded it gave it, by names without `x-amz-meta-`.
    pub(crate) metadata: HashMap<String, String>,
    /// True where there are tags to read.
    pub(crate) has_tags: bool,
}

/// Parts that are read at the same time. Each takes its length in memory, and a connection of its own; what the first look
/// reads is there before Probe answers even so.
const AT_ONCE: usize = 2;

/// Hands over each of the parts, in whatever order they come.
///
/// # Errors
///
/// The first of S3; the others are read nevertheless.
pub(crate) async fn read(
    clients: &Clients,
    source: &Source,
    ranges: Vec<Range<u64>>,
    mut take: impl FnMut(Part),
) -> Result<(), ReadError> {
    let mut ranges = ranges.into_iter();
    let mut reading = JoinSet::new();
    let mut outcome = Ok(());
    loop {
        while reading.len() < AT_ONCE
            && let Some(range) = ranges.next()
        {
            reading.spawn(read_one(request(clients, source, &range), range));
        }
        match reading.join_next().await {
            Some(Ok(Ok(part))) => take(part),
            Some(Ok(Err(error))) => outcome = outcome.and(Err(error)),
            // Only a panic ends a task that nobody stops, and it was reported.
            Some(Err(_)) => {}
            None => return outcome,
        }
    }
}

fn request(clients: &Clients, source: &Source, range: &Range<u64>) -> GetObjectFluentBuilder {
    clients
        .s3
        .get_object()
        .bucket(&source.bucket)
        .key(&source.key)
        // The version that the event is about: a newer one has an event of its own.
        .set_version_id(source.version_id.clone())
        .range(format!("bytes={}-{}", range.start, range.end - 1))
}

async fn read_one(request: GetObjectFluentBuilder, range: Range<u64>) -> Result<Part, ReadError> {
    let output = request.send().await.map_err(Box::new)?;
    // One piece of memory, because it is searched as one.
    let length = usize::try_from(range.end - range.start).unwrap_or_default();
    let mut bytes = Vec::with_capacity(length);
    let mut body = output.body;
    while let Some(piece) = body.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(Part {
        range,
        bytes,
        labels: Labels {
            // S3 counts the tags for those who may read them.
            has_tags: output.tag_count.is_some_and(|count| count > 0),
            metadata: output.metadata.unwrap_or_default(),
        },
    })
}

/// The source can't be read now.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// S3 doesn't give a part.
    #[error("read the source")]
    Get(#[from] Box<SdkError<GetObjectError>>),
    /// The connection broke.
    #[error("read the source")]
    Body(#[from] ByteStreamError),
}

impl ReadError {
    /// True where the object isn't there any more.
    pub(crate) fn is_gone(&self) -> bool {
        let Self::Get(error) = self else { return false };
        let no_key = error
            .as_service_error()
            .is_some_and(GetObjectError::is_no_such_key);
        no_key || error.code() == Some("NoSuchVersion")
    }
}
