//! One upload's way to its job: look, inspect, claim, create, note.

use aws_sdk_mediaconvert::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_mediaconvert::operation::create_job::CreateJobError;
use aws_sdk_mediaconvert::operation::list_jobs::ListJobsError;
use aws_sdk_mediaconvert::operation::search_jobs::SearchJobsError;
use aws_sdk_mediaconvert::types::{Job, Order};
use common::clock::now;
use common::error::chain;
use common::failure::{Failure, FailureCode};
use common::job::{Plan, USER_METADATA_ID, USER_METADATA_REVISION, create_job};
use common::profile::Profile;
use common::source::Source;
use common::table::{Outcome, TableError};
use common::time::Timestamp;
use common::video::{Claim, Event, Ignored};
use tracing::{Instrument, error, info, info_span, warn};

use crate::config::Config;
use crate::event_handler::Clients;
use crate::inspect::{self, InspectError};

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
            let submitted = Box::pin(self.submit()).await;
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
            return self.reject(failure).await;
        }
        // The look costs nothing beside the inspection, and spares a duplicate all that follows.
        let (claim, inspected) = tokio::join!(
            self.clients.table.claim(&self.source, now()),
            inspect::inspect(self.clients, &self.source)
        );
        let (claim, _) = claim?;
        match claim {
            Claim::Fresh | Claim::Expired => {}
            Claim::Held(until) => return Err(SubmitError::Held(until)),
            Claim::Refused(reason) => {
                ignored(reason);
                return Ok(());
            }
        }
        let planned = match inspected {
            Ok(media) => Plan::new(&Profile::standard(), &media),
            Err(InspectError::Unusable(failure)) => Err(failure),
            Err(InspectError::Probe(error)) => return Err(error.into()),
        };
        match planned {
            Ok(plan) => self.claim_and_create(&plan).await,
            Err(failure) => self.reject(failure).await,
        }
    }

    async fn reject(&self, failure: Failure) -> Result<(), SubmitError> {
        let code = failure.code.clone();
        let event = Event::Rejected {
            source: self.source.clone(),
            failure,
        };
        match self.apply(&event).await? {
            Outcome::Written { .. } => warn!(
                failure_code = code,
                "video {} can't be converted: {code}", self.video_id
            ),
            Outcome::Ignored(reason) => ignored(reason),
            Outcome::Wait(until) => return Err(SubmitError::Held(until)),
        }
        Ok(())
    }

    async fn claim_and_create(&self, plan: &Plan) -> Result<(), SubmitError> {
        let event = Event::Claimed {
            source: self.source.clone(),
            until: self.deadline,
            renditions: plan.renditions(),
            stills: plan.stills().record(),
        };
        let (video, before) = match self.apply(&event).await? {
            Outcome::Written { video, before } => (video, before),
            Outcome::Ignored(reason) => {
                ignored(reason);
                return Ok(());
            }
            Outcome::Wait(until) => return Err(SubmitError::Held(until)),
        };
        let taken_over =
            before.is_some_and(|before| before.revision == video.revision && before.job.is_some());
        // S3's event doesn't know how often the upload was processed; the record does.
        let source = video.source.unwrap_or_else(|| self.source.clone());
        let claimed = Submission::new(self.clients, self.config, source, self.deadline);
        let created = claimed.find_or_create(plan, taken_over).await;
        if created.is_err() {
            claimed.release().await;
        }
        created
    }

    async fn find_or_create(&self, plan: &Plan, taken_over: bool) -> Result<(), SubmitError> {
        if taken_over && let Some(job_id) = self.find().await? {
            info!(
                job_id,
                "found the job that an earlier try created for video {}", self.video_id
            );
            return self.note(job_id).await;
        }
        let request = create_job(&self.config.target, &self.source, plan);
        match request.send_with(&self.clients.mediaconvert).await {
            Ok(output) => {
                let job_id = output
                    .job
                    .and_then(|job| job.id)
                    .ok_or(SubmitError::NoJob)?;
                info!(job_id, "submitted a job for video {}", self.video_id);
                self.note(job_id).await
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

    /// The job of this revision, if MediaConvert has one.
    async fn find(&self) -> Result<Option<String>, SubmitError> {
        let uri = self.source.uri();
        let client = &self.clients.mediaconvert;
        // Named, because the function may look into no other queue.
        let queue = self.config.target.queue_arn.clone();
        let mut next_token = None;
        for _ in 0..SEARCH_PAGES {
            // A search takes at most 300 characters; a list has no filter by input.
            let (jobs, token) = if uri.len() <= 300 {
                let search = client
                    .search_jobs()
                    .set_queue(queue.clone())
                    .input_file(&uri)
                    .order(Order::Descending)
                    .max_results(20);
                let page = search
                    .set_next_token(next_token)
                    .send()
                    .await
                    .map_err(Box::new)?;
                (page.jobs, page.next_token)
            } else {
                let list = client
                    .list_jobs()
                    .set_queue(queue.clone())
                    .order(Order::Descending)
                    .max_results(20);
                let page = list
                    .set_next_token(next_token)
                    .send()
                    .await
                    .map_err(Box::new)?;
                (page.jobs, page.next_token)
            };
            if let Some(job) = jobs.into_iter().flatten().find(|job| self.is_ours(job)) {
                return Ok(job.id);
            }
            if token.is_none() {
                break;
            }
            next_token = token;
        }
        Ok(None)
    }

    fn is_ours(&self, job: &Job) -> bool {
        let says = |name, value: &String| {
            job.user_metadata().and_then(|metadata| metadata.get(name)) == Some(value)
        };
        says(USER_METADATA_ID, &self.video_id) && says(USER_METADATA_REVISION, &self.revision)
    }

    async fn note(&self, job_id: String) -> Result<(), SubmitError> {
        let event = Event::JobCreated {
            revision: self.revision.clone(),
            job_id,
        };
        if let Outcome::Ignored(reason) = self.apply(&event).await? {
            // An event of the job may have come first and named it; a newer upload may have replaced this one.
            ignored(reason);
        }
        Ok(())
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

    async fn apply(&self, event: &Event) -> Result<Outcome, TableError> {
        self.clients.table.apply(&self.video_id, event, now()).await
    }
}

/// Twenty jobs a page: the job that is looked for was created minutes ago.
const SEARCH_PAGES: usize = 10;

fn ignored(reason: Ignored) {
    info!("ignored the event: {reason}");
}

/// Why an upload has no job yet. All of them are worth another try.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The record can't be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// MediaConvert can't look into the source now.
    #[error(transparent)]
    Probe(#[from] inspect::ProbeFailed),
    /// MediaConvert can't say whether there is a job.
    #[error("search for the job")]
    SearchJobs(#[from] Box<SdkError<SearchJobsError>>),
    /// MediaConvert can't say whether there is a job.
    #[error("list the jobs")]
    ListJobs(#[from] Box<SdkError<ListJobsError>>),
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
            Self::SearchJobs(_) | Self::ListJobs(_) => "FindJob",
            Self::CreateJob(_) | Self::NoJob => "CreateJob",
            Self::Held(_) => "Held",
        }
    }
}
