//! Looks into a source: MediaConvert's Probe, and beside it the file itself.

use aws_sdk_mediaconvert::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_mediaconvert::operation::probe::{ProbeError, ProbeOutput};
use aws_sdk_mediaconvert::types::ProbeInputFile;
use common::captions::{Search, Track};
use common::failure::{Failure, FailureCode, SOURCE_NOT_FOUND};
use common::media::Media;
use common::source::Source;

use crate::captions;
use crate::clients::Clients;
use crate::parts::{Labels, ReadError};
use crate::source_scan::{Gone, scan};

/// A source as it was found.
pub(crate) struct Inspected {
    /// What it holds.
    pub(crate) media: Media,
    /// What it says of itself.
    pub(crate) labels: Labels,
    /// The first look for captions in the picture.
    pub(crate) captions: Result<Search, ReadError>,
    /// The captions beside it.
    pub(crate) beside: Result<Vec<Track>, captions::ReadError>,
}

/// Asks MediaConvert, and looks into the file meanwhile: Probe takes much longer.
pub(crate) async fn inspect(clients: &Clients, source: &Source) -> Result<Inspected, InspectError> {
    let (probed, scanned) = tokio::join!(probe(clients, source), scan(clients, source));
    let scanned = scanned?;
    let output = probed.map_err(classify)?;
    let results = output.probe_results.unwrap_or_default();
    let result = results
        .first()
        .ok_or_else(|| Failure::ours(FailureCode::UnreadableSource))?;
    Ok(Inspected {
        media: Media::from_probe(result, scanned.rotation)?,
        labels: scanned.labels,
        captions: scanned.captions,
        beside: scanned.beside,
    })
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

/// Why a source can't be planned for.
pub(crate) enum InspectError {
    /// The object isn't there any more.
    Gone,
    /// It never will be a video.
    Unusable(Failure),
    /// Probe doesn't answer now.
    Probe(ProbeFailed),
}

impl From<Gone> for InspectError {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
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
