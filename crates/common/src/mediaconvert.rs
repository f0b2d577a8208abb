//! MediaConvert's jobs: finds a revision's, and stops it.
#![expect(clippy::disallowed_types, reason = "this is the edge: it sends")]

use aws_sdk_mediaconvert::Client;
use aws_sdk_mediaconvert::error::SdkError;
use aws_sdk_mediaconvert::operation::cancel_job::CancelJobError;
use aws_sdk_mediaconvert::operation::get_job::GetJobError;
use aws_sdk_mediaconvert::operation::list_jobs::ListJobsError;
use aws_sdk_mediaconvert::operation::search_jobs::SearchJobsError;
use aws_sdk_mediaconvert::types::{Job, JobStatus, Order};

use crate::job::{USER_METADATA_ID, USER_METADATA_REVISION};

/// The jobs of a queue.
#[derive(Clone, Copy, Debug)]
pub struct Jobs<'a> {
    /// Sends.
    pub client: &'a Client,
    /// Named, because a function may look into no other queue; `None` for the account's default.
    pub queue_arn: Option<&'a str>,
}

/// Twenty jobs a page: the job that is looked for was created minutes ago.
const SEARCH_PAGES: usize = 10;
/// Characters that a search takes at most.
const SEARCH_LENGTH: usize = 300;

impl Jobs<'_> {
    /// The job of a revision, if MediaConvert has one. `uri` is its source.
    ///
    /// # Errors
    ///
    /// [`JobsError`], where MediaConvert can't say.
    pub async fn find(
        &self,
        uri: &str,
        video_id: &str,
        revision: &str,
    ) -> Result<Option<Job>, JobsError> {
        let mut next_token = None;
        for _ in 0..SEARCH_PAGES {
            let (jobs, token) = self.page(uri, next_token).await?;
            let found = jobs
                .into_iter()
                .find(|job| subject(job) == Some((video_id, revision)));
            if found.is_some() || token.is_none() {
                return Ok(found);
            }
            next_token = token;
        }
        Ok(None)
    }

    /// The newest jobs of a source, a page of them.
    ///
    /// # Errors
    ///
    /// [`JobsError`], where MediaConvert can't say.
    pub async fn page(
        &self,
        uri: &str,
        next_token: Option<String>,
    ) -> Result<(Vec<Job>, Option<String>), JobsError> {
        // A list has no filter by input.
        if uri.len() > SEARCH_LENGTH {
            return self.history(next_token).await;
        }
        let queue = self.queue_arn.map(str::to_owned);
        let search = self.client.search_jobs().set_queue(queue).input_file(uri);
        let search = search.order(Order::Descending).max_results(20);
        let page = search.set_next_token(next_token).send().await;
        let page = page.map_err(Box::new)?;
        Ok((page.jobs.unwrap_or_default(), page.next_token))
    }

    /// The jobs of a video that was uploaded to `uri`, the newest first, as far back as [`Jobs::find`] looks.
    ///
    /// # Errors
    ///
    /// [`JobsError`], where MediaConvert can't say.
    pub async fn of(&self, uri: &str, video_id: &str) -> Result<Vec<Job>, JobsError> {
        let mut found = Vec::new();
        let mut next_token = None;
        for _ in 0..SEARCH_PAGES {
            let (jobs, token) = self.page(uri, next_token).await?;
            let ours = jobs.into_iter();
            found.extend(ours.filter(|job| subject(job).is_some_and(|(id, _)| id == video_id)));
            next_token = token;
            if next_token.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// A page of all jobs, the newest first.
    ///
    /// # Errors
    ///
    /// [`JobsError`], where MediaConvert can't say.
    pub async fn history(
        &self,
        next_token: Option<String>,
    ) -> Result<(Vec<Job>, Option<String>), JobsError> {
        let list = self.client.list_jobs();
        let list = list.set_queue(self.queue_arn.map(str::to_owned));
        let list = list.order(Order::Descending).max_results(20);
        let page = list.set_next_token(next_token).send().await;
        let page = page.map_err(Box::new)?;
        Ok((page.jobs.unwrap_or_default(), page.next_token))
    }

    /// Stops a job. True where it has come to its end, so that it writes nothing more; false where that takes a while.
    ///
    /// # Errors
    ///
    /// [`JobsError`], where MediaConvert doesn't answer.
    pub async fn stop(&self, job_id: &str) -> Result<bool, JobsError> {
        if self.has_ended(job_id).await? {
            return Ok(true);
        }
        match self.client.cancel_job().id(job_id).send().await {
            Ok(_) => {}
            // It has ended meanwhile, or is too far to be stopped.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(CancelJobError::is_conflict_exception) => {}
            Err(error) => return Err(Box::new(error).into()),
        }
        self.has_ended(job_id).await
    }

    async fn has_ended(&self, job_id: &str) -> Result<bool, JobsError> {
        match self.client.get_job().id(job_id).send().await {
            Ok(output) => {
                let status = output.job.and_then(|job| job.status);
                Ok(matches!(
                    status,
                    Some(JobStatus::Complete | JobStatus::Error | JobStatus::Canceled)
                ))
            }
            // Forgotten, which takes three months.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetJobError::is_not_found_exception) =>
            {
                Ok(true)
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }
}

/// The video and the revision that a job is about, `None` for a job that isn't ours.
pub fn subject(job: &Job) -> Option<(&str, &str)> {
    let metadata = job.user_metadata()?;
    let text = |name| metadata.get(name).map(String::as_str);
    Some((text(USER_METADATA_ID)?, text(USER_METADATA_REVISION)?))
}

/// Why MediaConvert doesn't tell about its jobs.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// It can't search now.
    #[error("search for the job")]
    Search(#[from] Box<SdkError<SearchJobsError>>),
    /// It can't list now.
    #[error("list the jobs")]
    List(#[from] Box<SdkError<ListJobsError>>),
    /// It can't say what became of the job.
    #[error("ask about the job")]
    Get(#[from] Box<SdkError<GetJobError>>),
    /// It can't stop the job.
    #[error("cancel the job")]
    Cancel(#[from] Box<SdkError<CancelJobError>>),
}
