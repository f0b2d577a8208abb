//! One round: every video that is due, then a part of the source bucket.

use std::time::Duration;

use aws_sdk_lambda::error::SdkError as LambdaError;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_mediaconvert::error::SdkError;
use aws_sdk_mediaconvert::operation::get_job::GetJobError;
use aws_sdk_s3::error::SdkError as S3Error;
use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadError;
use aws_sdk_s3::operation::delete_object::DeleteObjectError;
use aws_sdk_s3::operation::delete_objects::DeleteObjectsError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsError;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Error;
use common::clock::now;
use common::editions::{EditionError, Editions};
use common::error::chain;
use common::mediaconvert::JobsError;
use common::output::OutputFolder;
use common::source::Source;
use common::table::{Outcome, Table, TableError};
use common::time::Timestamp;
use common::video::{CLAIM_QUIET_MS, Event, Video};
use lambda_runtime::Diagnostic;
use tokio::time::sleep;
use tracing::{error, info, warn};

use crate::config::Config;
use crate::diagnosis::{Chore, Diagnosis, Patience};
use crate::removal::{self, Removal};
use crate::report::Report;
use crate::{job, sweep};

/// What the function talks to.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The table of video records.
    pub table: Table,
    /// Knows the jobs.
    pub mediaconvert: aws_sdk_mediaconvert::Client,
    /// Knows the objects.
    pub s3: aws_sdk_s3::Client,
    /// Invokes the submit function.
    pub lambda: aws_sdk_lambda::Client,
}

/// Time between two uploads that are submitted again. After an outage there are many, and MediaConvert refuses what comes
/// too fast: all at once would stand in each other's way, and in that of new uploads.
const PACE: Duration = Duration::from_millis(200);
/// Time that is left for the end of the round, milliseconds.
const RESERVE_MS: i64 = 10_000;
/// Most that a claim holds, milliseconds: as long as Lambda lets the submit function run.
const CLAIM_MS: i64 = 60_000;
/// The index's latest time for a video on its way, milliseconds from its claim.
const PATIENCE_MS: i64 = CLAIM_MS + CLAIM_QUIET_MS;

/// Checks until all is checked or `deadline` is near; what is left waits for the next round. Two rounds at once
/// do no harm: every repair is a conditional write, or an event that the submit function takes as a repeat.
///
/// # Errors
///
/// Where the table can't be searched. A video that can't be checked is counted and logged instead.
pub async fn run(
    clients: &Clients,
    config: &Config,
    patience: Patience,
    deadline: Timestamp,
) -> Result<Report, RoundError> {
    let mut report = Report::default();
    // The index tells when usual patience ends.
    let due = || now().plus_ms(PATIENCE_MS - patience.left_of(PATIENCE_MS));
    let in_time = || now() < deadline.plus_ms(-RESERVE_MS);
    let mut cursor = None;
    while in_time() {
        let page = clients.table.due(due(), cursor).await?;
        for id in page.ids {
            if !in_time() {
                break;
            }
            check(clients, config, &id, patience, &mut report).await;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    if in_time() {
        // Boxed: it holds the futures of many requests.
        Box::pin(sweep::run(clients, config, patience, in_time, &mut report)).await?;
    }
    Ok(report)
}

/// Looks at one video now, whatever the time of its next check.
///
/// # Errors
///
/// Where it can't be checked; a round will.
pub async fn look_at(
    clients: &Clients,
    config: &Config,
    id: &str,
    patience: Patience,
) -> Result<Report, RoundError> {
    let mut report = Report {
        checked: 1,
        ..Report::default()
    };
    heal(clients, config, id, patience, &mut report).await?;
    Ok(report)
}

async fn check(
    clients: &Clients,
    config: &Config,
    id: &str,
    patience: Patience,
    report: &mut Report,
) {
    report.checked += 1;
    if let Err(error) = heal(clients, config, id, patience, report).await {
        report.errors += 1;
        error!(
            video_id = id,
            "video {id} can't be checked: {}",
            chain(&error)
        );
    }
}

async fn heal(
    clients: &Clients,
    config: &Config,
    id: &str,
    patience: Patience,
    report: &mut Report,
) -> Result<(), RoundError> {
    // The index is a moment old, and holds keys only.
    let Some(video) = clients.table.video(id).await? else {
        return Ok(());
    };
    match Diagnosis::of(&video, now(), patience) {
        Diagnosis::Healthy => {}
        Diagnosis::Remove => match Box::pin(removal::run(clients, config, &video, patience)).await?
        {
            Removal::Done => report.removed += 1,
            Removal::Waiting => report.waiting += 1,
        },
        Diagnosis::Forget => {
            if let Some(source) = removal::forget(clients, config, &video).await? {
                warn!(
                    video_id = id,
                    "submitting video {id}: it was uploaded again while it was being deleted"
                );
                resubmit(clients, config, &source).await?;
                report.lost_uploads += 1;
            }
        }
        Diagnosis::AskAbout { job_id, revision } => {
            let Some(change) = ask(clients, config, &video, &revision, &job_id).await? else {
                return Ok(());
            };
            let event = Event::Job {
                revision,
                job_id,
                change,
            };
            report.lost_events += apply(clients, id, &event).await?;
        }
        Diagnosis::Resubmit => {
            if let Some(source) = &video.source {
                warn!(
                    video_id = id,
                    "submitting video {id} again: its claim ended without a job"
                );
                resubmit(clients, config, source).await?;
                report.resubmitted += 1;
            }
        }
        Diagnosis::Abandoned => {
            report.abandoned += apply(clients, id, &Event::UploadAbandoned).await?;
        }
    }
    if video.captions.is_some()
        && let Some(video) = clients.table.video(id).await?
    {
        give_captions(clients, config, video).await?;
    }
    for chore in Chore::of(&video, now(), patience) {
        tidy(clients, config, &video, chore, report).await?;
    }
    Ok(())
}

/// Sees to it that what plays has the captions that were added.
pub(crate) async fn give_captions(
    clients: &Clients,
    config: &Config,
    video: Video,
) -> Result<(), RoundError> {
    if video.misses_edition().is_some() {
        let editions = Editions {
            s3: &clients.s3,
            table: &clients.table,
            source_bucket: &config.source_bucket,
            converted_bucket: &config.converted_bucket,
        };
        Box::pin(editions.complete(video)).await?;
    }
    Ok(())
}

/// What replaced revisions left behind.
async fn tidy(
    clients: &Clients,
    config: &Config,
    video: &Video,
    chore: Chore,
    report: &mut Report,
) -> Result<(), RoundError> {
    match chore {
        Chore::EndJob { revision, job } => {
            if removal::end_job(clients, config, video, &revision, &job).await? {
                let ended = Event::ReplacedJobEnded { revision };
                clients.table.apply(&video.id, &ended, now()).await?;
            }
        }
        Chore::RemoveFolder { revision } => {
            let folder = format!("{}/{revision}/", video.id);
            removal::remove_folder(clients, config, &folder, None).await?;
            let removed = Event::ReplacedRemoved { revision };
            clients.table.apply(&video.id, &removed, now()).await?;
            report.folders += 1;
            info!(video_id = video.id, "removed the replaced {folder}");
        }
    }
    Ok(())
}

async fn ask(
    clients: &Clients,
    config: &Config,
    video: &Video,
    revision: &str,
    job_id: &str,
) -> Result<Option<common::video::JobChange>, RoundError> {
    let folder = OutputFolder {
        video_id: &video.id,
        revision,
    };
    let making = video.job.as_ref().map(|job| job.making.clone());
    let main = making.unwrap_or_default().played(folder);
    match clients.mediaconvert.get_job().id(job_id).send().await {
        Ok(output) => {
            let Some(found) = output.job else {
                return Ok(None);
            };
            let done = found.status() == Some(&aws_sdk_mediaconvert::types::JobStatus::Complete);
            let has_output = done && has_all(clients, config, &main).await?;
            Ok(job::change(&found, has_output))
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetJobError::is_not_found_exception) =>
        {
            Ok(Some(job::forgotten(has_all(clients, config, &main).await?)))
        }
        Err(error) => Err(Box::new(error).into()),
    }
}

pub(crate) async fn has_all(
    clients: &Clients,
    config: &Config,
    keys: &[String],
) -> Result<bool, RoundError> {
    for key in keys {
        let head = clients
            .s3
            .head_object()
            .bucket(&config.converted_bucket)
            .key(key)
            .send()
            .await;
        match head {
            Ok(_) => {}
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(Box::new(error).into()),
        }
    }
    Ok(true)
}

/// 1 where the record changed.
async fn apply(clients: &Clients, id: &str, event: &Event) -> Result<u64, RoundError> {
    let outcome = clients.table.apply(id, event, now()).await?;
    let Outcome::Written { video, .. } = outcome else {
        return Ok(0);
    };
    let status = video.status.as_str();
    info!(
        video_id = id,
        revision = video.revision,
        "video {id} is {status}: an event about it was lost"
    );
    Ok(1)
}

/// Hands the upload to the submit function, as S3 would have, and leaves time for it before the next.
pub(crate) async fn resubmit(
    clients: &Clients,
    config: &Config,
    source: &Source,
) -> Result<(), RoundError> {
    let event = common::s3_event::object_created(source, now()).to_string();
    clients
        .lambda
        .invoke()
        .function_name(&config.submit_function)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(event))
        .send()
        .await
        .map_err(Box::new)?;
    sleep(PACE).await;
    Ok(())
}

/// Why a video can't be checked.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The record can't be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// MediaConvert doesn't say what became of the job.
    #[error("ask about the job")]
    GetJob(#[from] Box<SdkError<GetJobError>>),
    /// S3 doesn't say whether the output is there.
    #[error("look for the output")]
    Head(#[from] Box<S3Error<HeadObjectError>>),
    /// S3 doesn't list the source bucket.
    #[error("list the source bucket")]
    List(#[from] Box<S3Error<ListObjectVersionsError>>),
    /// MediaConvert doesn't tell about a job.
    #[error(transparent)]
    Jobs(#[from] JobsError),
    /// S3 doesn't list the converted bucket.
    #[error("list the converted bucket")]
    ListOutputs(#[from] Box<S3Error<ListObjectsV2Error>>),
    /// S3 doesn't end an upload.
    #[error("abort the upload")]
    Abort(#[from] Box<S3Error<AbortMultipartUploadError>>),
    /// S3 doesn't delete.
    #[error("delete the objects")]
    Delete(#[from] Box<S3Error<DeleteObjectsError>>),
    /// S3 doesn't mark the key of a deleted upload.
    #[error("mark the key as deleted")]
    Mark(#[from] Box<S3Error<DeleteObjectError>>),
    /// S3 deleted others, but not this one.
    #[error("delete {key}: {code}")]
    NotDeleted {
        /// The object's key.
        key: String,
        /// S3's code of the reason.
        code: String,
    },
    /// The services took longer than Lambda gives.
    #[error("the services didn't answer in time")]
    OutOfTime,
    /// The captions that were added to the video can't be put into its manifests now.
    #[error(transparent)]
    Edition(#[from] EditionError),
    /// The submit function can't be invoked.
    #[error("invoke the submit function")]
    Invoke(#[from] Box<LambdaError<InvokeError>>),
}

impl From<RoundError> for Diagnostic {
    fn from(error: RoundError) -> Self {
        let error_type = match &error {
            RoundError::Table(_) | RoundError::Edition(EditionError::Table(_)) => "Table",
            RoundError::GetJob(_) | RoundError::Jobs(_) => "GetJob",
            RoundError::Edition(_)
            | RoundError::Head(_)
            | RoundError::List(_)
            | RoundError::ListOutputs(_)
            | RoundError::Abort(_)
            | RoundError::Delete(_)
            | RoundError::Mark(_)
            | RoundError::NotDeleted { .. } => "S3",
            RoundError::OutOfTime => "OutOfTime",
            RoundError::Invoke(_) => "Invoke",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: chain(&error),
        }
    }
}
