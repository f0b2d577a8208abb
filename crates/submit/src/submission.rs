//! One upload's way to its job: look, inspect, claim, create, note.

use std::time::Duration;

use aws_sdk_mediaconvert::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_mediaconvert::operation::create_job::CreateJobError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use common::call_limits::LAST_WORDS_MS;
use common::clock::now;
use common::error::chain;
use common::failure::{Failure, FailureCode};
use common::job::{Order, create_job};
use common::mediaconvert::Jobs;
use common::source::Source;
use common::table::{Outcome, TableError};
use common::time::Timestamp;
use common::video::{Claim, Event, Ignored, Video};
use tokio::time::timeout;
use tracing::{Instrument, error, info, info_span, warn};

use crate::clients::Clients;
use crate::config::Config;
use crate::error::SubmitError;
use crate::inspect::{self, InspectError};
use crate::job_builder::{self, BuildError, BuiltJob};

/// Header of S3's answer about an object that was deleted, and is there no more but for the mark of that:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>.
const DELETE_MARKER: &str = "x-amz-delete-marker";

/// An upload that is to get its job.
pub(crate) struct Submission<'a> {
    clients: &'a Clients,
    config: &'a Config,
    source: Source,
    video_id: String,
    revision: String,
    deadline: Timestamp,
}

impl<'a> Submission<'a> {
    pub(crate) fn new(
        clients: &'a Clients,
        config: &'a Config,
        source: Source,
        deadline: Timestamp,
    ) -> Self {
        let (video_id, revision) = (source.video_id(), source.revision());
        Self {
            clients,
            config,
            source,
            video_id,
            revision,
            deadline,
        }
    }

    /// Brings the upload to its job, or to a FAILED record. Repeating it is safe.
    pub(crate) async fn run(&self) -> Result<(), SubmitError> {
        let span = info_span!(
            "submit",
            video_id = self.video_id,
            revision = self.revision,
            s3_key = self.source.key
        );
        async {
            // Boxed: it holds the futures of five requests.
            let left = self.deadline.plus_ms(-LAST_WORDS_MS).unix_ms() - now().unix_ms();
            let left = Duration::from_millis(left.try_into().unwrap_or_default());
            let submitted = match timeout(left, Box::pin(self.submit())).await {
                Ok(submitted) => submitted,
                Err(_) => Err(SubmitError::OutOfTime),
            };
            match &submitted {
                Ok(()) => {}
                // Lambda's retry finds the claim kept or ended: nobody has to act.
                Err(error @ SubmitError::Held(_)) => warn!("{}", chain(error)),
                Err(error) => error!("{}", chain(error)),
            }
            submitted
        }
        .instrument(span)
        .await
    }

    async fn submit(&self) -> Result<(), SubmitError> {
        if let Some(failure) = self.source.refusal() {
            let (claim, record) = self.clients.table.claim(&self.source, now()).await?;
            let Some(is_current) = self.may_claim(claim).await? else {
                return Ok(());
            };
            return self.reject(failure, record.as_ref(), is_current).await;
        }
        // The look costs nothing beside the inspection, and spares a duplicate all that follows.
        let (claim, inspected) = tokio::join!(
            self.clients.table.claim(&self.source, now()),
            inspect::inspect(self.clients, &self.source)
        );
        let (claim, record) = claim?;
        let Some(is_current) = self.may_claim(claim).await? else {
            return Ok(());
        };
        let planned = match inspected {
            Ok(inspected) => {
                let (clients, config) = (self.clients, self.config);
                let (record, source) = (record.as_ref(), self.as_seen(record.as_ref()));
                match job_builder::build(clients, config, &source, record, inspected).await {
                    Ok(job) => Ok(job),
                    Err(BuildError::Unusable(failure)) => Err(failure),
                    Err(BuildError::Unread(error)) => return Err(error),
                }
            }
            // Late news of a deleted video must not bring it back.
            Err(InspectError::Gone) if record.is_none() && self.was_deleted().await? => {
                info!("ignored the event: its video and its object were deleted");
                return Ok(());
            }
            Err(InspectError::Gone) => Err(inspect::gone()),
            Err(InspectError::Unusable(failure)) => Err(failure),
            Err(InspectError::Probe(error)) => return Err(error.into()),
        };
        match planned {
            Ok(job) => {
                self.claim_and_create(job, record.as_ref(), is_current)
                    .await
            }
            Err(failure) => self.reject(failure, record.as_ref(), is_current).await,
        }
    }

    /// Whether to go on, and then whether S3 was seen to have this upload as the current one, which is looked for only
    /// where nobody told the order of two.
    async fn may_claim(&self, claim: Claim) -> Result<Option<bool>, SubmitError> {
        let reason = match claim {
            Claim::Fresh | Claim::Expired => return Ok(Some(false)),
            Claim::Unordered if self.is_current().await? => return Ok(Some(true)),
            Claim::Unordered => Ignored::OtherRevision,
            Claim::Held(until) => return Err(SubmitError::Held(until)),
            Claim::Refused(reason) => reason,
        };
        ignored(reason);
        Ok(None)
    }

    /// `before` is the record as it was seen. Where it is gone meanwhile, the video was deleted, and stays so.
    async fn reject(
        &self,
        failure: Failure,
        before: Option<&Video>,
        is_current: bool,
    ) -> Result<(), SubmitError> {
        // Late news of a deleted video must not bring it back.
        if before.is_none() && !self.is_there().await? && self.was_deleted().await? {
            info!("ignored the event: its video and its object were deleted");
            return Ok(());
        }
        let code = failure.code.clone();
        let event = Event::Rejected {
            source: self.as_seen(before),
            is_current,
            failure,
        };
        match self.change(before, &event).await? {
            Outcome::Written { .. } => warn!(
                failure_code = code,
                "video {} can't be converted: {code}", self.video_id
            ),
            Outcome::Ignored(reason) => ignored(reason),
            Outcome::Wait(until) => return Err(SubmitError::Held(until)),
        }
        Ok(())
    }

    /// `record` is as it was seen. Where there was none, the claim makes it: the object was there since this invocation
    /// began, so no video of it can have been removed, or its tombstone would still say so.
    async fn claim_and_create(
        &self,
        job: BuiltJob,
        record: Option<&Video>,
        is_current: bool,
    ) -> Result<(), SubmitError> {
        let event = Event::Claimed {
            source: self.as_seen(record),
            is_current,
            until: self.deadline,
            making: job.making,
        };
        let (video, before) = match self.change(record, &event).await? {
            Outcome::Written { video, before } => (video, before),
            Outcome::Ignored(reason) => {
                ignored(reason);
                return Ok(());
            }
            Outcome::Wait(until) => return Err(SubmitError::Held(until)),
        };
        // S3's event doesn't know how often the upload was processed; the record does.
        let source = video.source.clone().unwrap_or_else(|| self.source.clone());
        let claimed = Submission::new(self.clients, self.config, source, self.deadline);
        let created = claimed
            .carry_out(job.order, &video, before.as_deref())
            .await;
        if created.is_err() {
            claimed.release().await;
        }
        created
    }

    /// What the claim was made for.
    async fn carry_out(
        &self,
        order: Order,
        video: &Video,
        before: Option<&Video>,
    ) -> Result<(), SubmitError> {
        self.stop_replaced(video).await;
        let taken_over =
            before.is_some_and(|before| before.revision == video.revision && before.job.is_some());
        // Boxed: it holds the futures of three requests.
        Box::pin(self.find_or_create(order, video, taken_over)).await
    }

    /// Whether somebody deleted the object, or another upload took its place, whose own event tells of it. False where
    /// S3 knows nothing of the key: then nobody else would tell that something came.
    async fn was_deleted(&self) -> Result<bool, SubmitError> {
        // The API makes the record first, so there was one.
        if self.source.is_api_upload() {
            return Ok(true);
        }
        let head = self.clients.s3.head_object();
        let head = head.bucket(&self.source.bucket).key(&self.source.key);
        match head.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                let answer = error.raw_response();
                let marked = answer.and_then(|answer| answer.headers().get(DELETE_MARKER));
                Ok(marked == Some("true"))
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    async fn is_there(&self) -> Result<bool, SubmitError> {
        let head = self.clients.s3.head_object();
        let head = head.bucket(&self.source.bucket).key(&self.source.key);
        match head
            .set_version_id(self.source.version_id.clone())
            .send()
            .await
        {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Ok(false)
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    /// Whether S3 gives this upload to whoever asks for its key.
    async fn is_current(&self) -> Result<bool, SubmitError> {
        let head = self.clients.s3.head_object();
        let head = head.bucket(&self.source.bucket).key(&self.source.key);
        match head.send().await {
            Ok(found) => Ok(match &self.source.version_id {
                Some(version_id) => found.version_id() == Some(version_id),
                None => found.e_tag().map(|tag| tag.trim_matches('"')) == Some(&self.source.etag),
            }),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Ok(false)
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    async fn find_or_create(
        &self,
        order: Order,
        claimed: &Video,
        taken_over: bool,
    ) -> Result<(), SubmitError> {
        let jobs = self.jobs();
        if taken_over
            && let Some(job) = jobs
                .find(&self.source.uri(), &self.video_id, &self.revision)
                .await?
            && let Some(job_id) = job.id
        {
            info!(
                job_id,
                "found the job that an earlier try created for video {}", self.video_id
            );
            return self.note(job_id, claimed).await;
        }
        let request = create_job(&self.config.target, &self.source, order);
        match request.send_with(&self.clients.mediaconvert).await {
            Ok(output) => {
                let job_id = output
                    .job
                    .and_then(|job| job.id)
                    .ok_or(SubmitError::NoJob)?;
                info!(job_id, "submitted a job for video {}", self.video_id);
                self.note(job_id, claimed).await
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(CreateJobError::is_bad_request_exception) =>
            {
                self.refused(error).await
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    async fn note(&self, job_id: String, claimed: &Video) -> Result<(), SubmitError> {
        let event = Event::JobCreated {
            revision: self.revision.clone(),
            job_id: job_id.clone(),
        };
        match self.change(Some(claimed), &event).await? {
            // An event of the job may have come first and named it.
            Outcome::Ignored(reason @ (Ignored::AlreadyHandled | Ignored::NothingNew)) => {
                ignored(reason);
            }
            // The video was deleted or replaced while its job was created: nobody waits for it any more.
            Outcome::Ignored(reason) => {
                info!(job_id, "stopping a job that came too late: {reason}");
                self.stop(&job_id).await;
            }
            Outcome::Written { .. } | Outcome::Wait(_) => {}
        }
        Ok(())
    }

    /// Stops the jobs of the revisions that this one replaces.
    async fn stop_replaced(&self, video: &Video) {
        for replaced in &video.replaced {
            if let Some(job_id) = replaced.job.as_ref().and_then(|job| job.id.as_deref()) {
                info!(job_id, "stopping the job of a replaced revision");
                self.stop(job_id).await;
            }
        }
    }

    /// Spares its cost. The reconcile function makes sure of it, so a failure here is nobody's concern.
    async fn stop(&self, job_id: &str) {
        if let Err(error) = self.jobs().stop(job_id).await {
            warn!(job_id, "the job can't be stopped now: {}", chain(&error));
        }
    }

    fn jobs(&self) -> Jobs<'_> {
        Jobs {
            client: &self.clients.mediaconvert,
            queue_arn: self.config.target.queue_arn.as_deref(),
        }
    }

    /// Trying again can't help: the same settings are refused again.
    async fn refused(&self, error: SdkError<CreateJobError>) -> Result<(), SubmitError> {
        error!(
            "MediaConvert refused the job of video {}: {}",
            self.video_id,
            chain(&error)
        );
        let message = error.message().unwrap_or_default().to_owned();
        let failure = Failure::ours(FailureCode::JobRefused).with_message(message);
        self.apply(&Event::JobRefused {
            revision: self.revision.clone(),
            failure,
        })
        .await?;
        Ok(())
    }

    /// Gives up the claim, so that the next try needn't wait for its end.
    async fn release(&self) {
        let event = Event::ClaimReleased {
            revision: self.revision.clone(),
            until: self.deadline,
        };
        if let Err(error) = self.apply(&event).await {
            // The claim ends by itself at the deadline.
            warn!(
                "the claim on video {} stays until {}: {}",
                self.video_id,
                self.deadline,
                chain(&error)
            );
        }
    }

    /// What is decided on a record must not be done to a later attempt, of which more may be wanted.
    fn as_seen(&self, record: Option<&Video>) -> Source {
        record.map_or_else(
            || self.source.clone(),
            |video| video.as_processed(&self.source),
        )
    }

    async fn apply(&self, event: &Event) -> Result<Outcome, TableError> {
        self.clients.table.apply(&self.video_id, event, now()).await
    }

    async fn change(&self, known: Option<&Video>, event: &Event) -> Result<Outcome, TableError> {
        self.clients
            .table
            .apply_to(&self.video_id, known, event, now())
            .await
    }
}

fn ignored(reason: Ignored) {
    info!("ignored the event: {reason}");
}
