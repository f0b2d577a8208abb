//! Looks into a source: MediaConvert's Probe, and beside it the file's own header.

use std::collections::HashMap;

use aws_sdk_mediaconvert::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_mediaconvert::operation::probe::{ProbeError, ProbeOutput};
use aws_sdk_mediaconvert::types::ProbeInputFile;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStreamError;
use common::error::chain;
use common::failure::{Failure, FailureCode, SOURCE_NOT_FOUND};
use common::media::Media;
use common::rotation::{self, Parts, ReadAt, Rotation};
use common::source::Source;
use tracing::warn;

use crate::event_handler::Clients;

/// What the object says of itself, beside its content.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// Metadata that whoever uploaded it gave it, by names without `x-amz-meta-`.
    pub(crate) metadata: HashMap<String, String>,
    /// True where there are tags to read.
    pub(crate) has_tags: bool,
}

/// What the source holds, and what it says of itself.
pub(crate) async fn inspect(
    clients: &Clients,
    source: &Source,
) -> Result<(Media, Labels), InspectError> {
    let mut labels = Labels::default();
    let (probed, header) = tokio::join!(
        probe(clients, source),
        read_rotation(clients, source, &mut labels)
    );
    let rotation = match header {
        Ok(rotation) => rotation,
        Err(HeaderError::Gone) => return Err(InspectError::Gone),
        Err(HeaderError::Get(error)) => {
            // Probe may still tell the rotation, and MediaConvert turns the picture by itself; at worst, the
            // ladder is that of the unturned shape.
            warn!(
                "the header of {} can't be read: {}",
                source.key,
                chain(&error)
            );
            None
        }
        Err(HeaderError::Body(error)) => {
            warn!(
                "the header of {} can't be read: {}",
                source.key,
                chain(&error)
            );
            None
        }
    };
    let output = match probed {
        Ok(output) => output,
        Err(error) => return Err(classify(error)),
    };
    let results = output.probe_results.unwrap_or_default();
    let result = results
        .first()
        .ok_or_else(|| Failure::ours(FailureCode::UnreadableSource))?;
    Ok((Media::from_probe(result, rotation)?, labels))
}

async fn probe(clients: &Clients, source: &Source) -> Result<ProbeOutput, SdkError<ProbeError>> {
    let file = ProbeInputFile::builder().file_url(source.uri()).build();
    clients.mediaconvert.probe().input_files(file).send().await
}

fn classify(error: SdkError<ProbeError>) -> InspectError {
    let message = error.message().unwrap_or_default().to_owned();
    match error.as_service_error() {
        Some(ProbeError::BadRequestException(_)) => Failure::ours(FailureCode::UnreadableSource)
            .with_message(message)
            .into(),
        Some(ProbeError::NotFoundException(_)) => InspectError::Gone,
        _ => InspectError::Probe(ProbeFailed(Box::new(error))),
    }
}

/// The failure of a video whose object is gone.
pub(crate) fn gone() -> Failure {
    Failure::of_service(Some(SOURCE_NOT_FOUND), None)
}

/// Bytes of one range request. Only the headers of boxes are looked at, and those of the first track lie at the beginning
/// of the index, so the first request is usually the only one for a file made for streaming, and the second the last one
/// for others.
const WINDOW: u64 = 16 * 1024;
/// Requests after which a header isn't worth more.
const MAX_WINDOWS: usize = 16;

async fn read_rotation(
    clients: &Clients,
    source: &Source,
    labels: &mut Labels,
) -> Result<Option<Rotation>, HeaderError> {
    let mut parts = Parts::default();
    for _ in 0..MAX_WINDOWS {
        let offset = match rotation::find(&parts, source.size_bytes) {
            Ok(rotation) => return Ok(rotation),
            Err(ReadAt(offset)) => offset,
        };
        parts.add(offset, read_range(clients, source, offset, labels).await?);
    }
    Ok(None)
}

async fn read_range(
    clients: &Clients,
    source: &Source,
    offset: u64,
    labels: &mut Labels,
) -> Result<Vec<u8>, HeaderError> {
    let last = (offset + WINDOW).min(source.size_bytes).saturating_sub(1);
    let request = clients
        .s3
        .get_object()
        .bucket(&source.bucket)
        .key(&source.key)
        .range(format!("bytes={offset}-{last}"));
    // The version that the event is about: a newer one has an event of its own.
    let output = request
        .set_version_id(source.version_id.clone())
        .send()
        .await
        .map_err(|error| {
            let no_key = error
                .as_service_error()
                .is_some_and(GetObjectError::is_no_such_key);
            let missing = no_key || error.code() == Some("NoSuchVersion");
            if missing {
                HeaderError::Gone
            } else {
                HeaderError::Get(Box::new(error))
            }
        })?;
    // Each range comes with them; S3 counts the tags for those who may read them.
    labels.has_tags = output.tag_count().is_some_and(|count| count > 0);
    labels.metadata = output.metadata.unwrap_or_default();
    let body = output.body.collect().await.map_err(HeaderError::Body)?;
    Ok(body.to_vec())
}

enum HeaderError {
    Gone,
    Get(Box<SdkError<GetObjectError>>),
    Body(ByteStreamError),
}

/// Why a source can't be planned for.
pub(crate) enum InspectError {
    /// The object isn't there any more.
    Gone,
    /// It never will be a video.
    Unusable(Failure),
    /// Probe doesn't answer now.
    Probe(ProbeFailed),
}

impl From<Failure> for InspectError {
    fn from(failure: Failure) -> Self {
        Self::Unusable(failure)
    }
}

/// MediaConvert refused to probe (throttled, not allowed) or could not be reached.
#[derive(Debug, thiserror::Error)]
#[error("probe the source")]
pub struct ProbeFailed(#[source] Box<SdkError<ProbeError>>);
