//! Reads a job event, lets `common` decide, writes the record.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use common::clock::now;
use common::editions::{EditionError, Editions};
use common::error::chain;
use common::failure::Failure;
use common::job_event::{DETAIL_TYPE, JobStateChange, JobStatus, SOURCE};
use common::table::{Outcome, TableError};
use common::video::{Event, JobChange};
use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;
use tracing::{info, warn};

/// Writes what the event says about a video. Repeating it changes nothing.
///
/// # Errors
///
/// [`EventError`], where the event can't be understood or the record can't be written. Lambda tries the event
/// twice more, then sends it to the failure queue:
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>.
pub async fn handle(editions: &Editions<'_>, event: &RawValue) -> Result<(), EventError> {
    let event: EventBridgeEvent<Box<RawValue>> =
        serde_json::from_str(event.get()).map_err(EventError::Envelope)?;
    if event.source != SOURCE || event.detail_type != DETAIL_TYPE {
        info!(
            event_source = event.source,
            detail_type = event.detail_type,
            "ignored an event of something else"
        );
        return Ok(());
    }
    let change: JobStateChange =
        serde_json::from_str(event.detail.get()).map_err(EventError::Detail)?;
    let (job_id, job_status) = (&change.job_id, &change.status);
    let Some((video_id, revision)) = change.subject() else {
        info!(
            job_id,
            job_status, "ignored an event of a job that isn't ours"
        );
        return Ok(());
    };
    let Some(job_change) = job_change(video_id, &change) else {
        return Ok(());
    };
    let event = Event::Job {
        revision: revision.to_owned(),
        job_id: job_id.clone(),
        change: job_change,
    };
    let (known_status, table) = (change.known_status(), editions.table);
    match table.apply(video_id, &event, now()).await? {
        Outcome::Written { video, .. } => {
            let status = video.status.as_str();
            let failure_code = video.failure.as_ref().map(|failure| &failure.code);
            info!(
                video_id,
                revision, job_id, job_status, failure_code, "video {video_id} is {status}"
            );
            Box::pin(editions.complete(*video)).await?;
        }
        Outcome::Ignored(reason) => {
            info!(
                video_id,
                revision, job_id, job_status, "ignored the event: {reason}"
            );
            // The first delivery may have ended between the record and the manifests.
            if known_status == Some(JobStatus::Complete)
                && let Some(video) = table.video(video_id).await?
            {
                Box::pin(editions.complete(video)).await?;
            }
        }
        // Only an upload waits for a claim.
        Outcome::Wait(until) => warn!(
            video_id,
            revision, job_id, "the event would wait until {until}"
        ),
    }
    Ok(())
}

/// What the event changes about the record; the rest only tells the log something.
fn job_change(video_id: &str, change: &JobStateChange) -> Option<JobChange> {
    let (job_id, job_status) = (&change.job_id, &change.status);
    match change.known_status() {
        Some(JobStatus::Progressing) => Some(JobChange::Progressed { percent: None }),
        Some(JobStatus::StatusUpdate) => {
            let percent = change.job_progress.job_percent_complete;
            let percent = percent.and_then(|percent| u8::try_from(percent.clamp(0, 100)).ok());
            Some(JobChange::Progressed { percent })
        }
        Some(JobStatus::Complete) => {
            Some(JobChange::Completed(change.output_group_details.clone()))
        }
        Some(JobStatus::Error) => {
            let failure = Failure::of_service(change.error_code, change.error_message.clone());
            Some(JobChange::Failed(failure))
        }
        Some(JobStatus::Canceled) => Some(JobChange::Canceled),
        Some(JobStatus::NewWarning) => {
            let (warning_code, message) = (
                change.warning_code,
                change.warning_message.as_deref().unwrap_or_default(),
            );
            warn!(
                video_id,
                job_id, warning_code, "MediaConvert warns about video {video_id}: {message}"
            );
            None
        }
        Some(JobStatus::InputInformation | JobStatus::QueueHop) => {
            info!(
                video_id,
                job_id, job_status, "{job_status} of video {video_id}"
            );
            None
        }
        None => {
            warn!(
                video_id,
                job_id, job_status, "ignored an unknown status of video {video_id}"
            );
            None
        }
    }
}

/// Why an event failed.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Not an EventBridge event.
    #[error("the event is not an EventBridge event")]
    Envelope(#[source] serde_json::Error),
    /// The detail isn't a job state change.
    #[error("the event's detail is not a MediaConvert job state change")]
    Detail(#[source] serde_json::Error),
    /// The record can't be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The captions that were added to the video can't be put into its manifests now.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

impl From<EventError> for Diagnostic {
    fn from(error: EventError) -> Self {
        let error_type = match &error {
            EventError::Envelope(_) | EventError::Detail(_) => "Event",
            EventError::Table(_) | EventError::Edition(EditionError::Table(_)) => "Table",
            EventError::Edition(_) => "S3",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: chain(&error),
        }
    }
}
