//! One round: every video that is due, then a part of the source bucket.

use aws_sdk_mediaconvert::operation::get_job::GetJobError;
use aws_sdk_mediaconvert::types::JobStatus;
use common::clock::now;
use common::error::chain;
use common::output::OutputFolder;
use common::table::Outcome;
use common::time::Timestamp;
use common::video::{CLAIM_QUIET_MS, Event, JobChange, Video};
use tracing::{error, info, warn};

use crate::diagnosis::{Chore, Diagnosis, Patience};
use crate::error::ReconcileError;
use crate::job;
use crate::reconciler::Reconciler;
use crate::removal::Removal;
use crate::report::Report;

/// Time that is left for the end of the round, milliseconds.
pub const RESERVE_MS: i64 = 10_000;
/// Most that a claim holds, milliseconds: as long as Lambda lets the submit function run.
pub const CLAIM_MS: i64 = 60_000;
/// The index's latest time for a video on its way, milliseconds from its claim.
const PATIENCE_MS: i64 = CLAIM_MS + CLAIM_QUIET_MS;

impl Reconciler<'_> {
    /// Checks until all is checked or `deadline` is near; what is left waits for the next round. Two rounds at once
    /// do no harm: every repair is a conditional write, or an event that the submit function takes as a repeat.
    ///
    /// # Errors
    ///
    /// Where the table can't be searched. A video that can't be checked is counted and logged instead.
    pub async fn run_round(
        &self,
        patience: Patience,
        deadline: Timestamp,
    ) -> Result<Report, ReconcileError> {
        let mut report = Report::default();
        // The index tells when usual patience ends.
        let due = || now().plus_ms(PATIENCE_MS - patience.left_of(PATIENCE_MS));
        let in_time = || now() < deadline.plus_ms(-RESERVE_MS);
        let mut cursor = None;
        while in_time() {
            let page = self.clients.table.due(due(), cursor).await?;
            for id in page.ids {
                if !in_time() {
                    break;
                }
                self.check(&id, patience, &mut report).await;
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        if in_time() {
            // Boxed: it holds the futures of many requests.
            Box::pin(self.sweep(patience, in_time, &mut report)).await?;
        }
        Ok(report)
    }

    /// Looks at one video now, whatever the time of its next check.
    ///
    /// # Errors
    ///
    /// Where it can't be checked; a round will.
    pub async fn look_at(&self, id: &str, patience: Patience) -> Result<Report, ReconcileError> {
        let mut report = Report {
            checked: 1,
            ..Report::default()
        };
        self.heal(id, patience, &mut report).await?;
        Ok(report)
    }

    async fn check(&self, id: &str, patience: Patience, report: &mut Report) {
        report.checked += 1;
        if let Err(error) = self.heal(id, patience, report).await {
            report.errors += 1;
            error!(
                video_id = id,
                "video {id} can't be checked: {}",
                chain(&error)
            );
        }
    }

    async fn heal(
        &self,
        id: &str,
        patience: Patience,
        report: &mut Report,
    ) -> Result<(), ReconcileError> {
        // The index is a moment old, and holds keys only.
        let Some(video) = self.clients.table.video(id).await? else {
            return Ok(());
        };
        match Diagnosis::of(&video, now(), patience) {
            Diagnosis::Healthy => {}
            Diagnosis::Remove => match Box::pin(self.remove(&video, patience)).await? {
                Removal::Done => report.removed += 1,
                Removal::Waiting => report.waiting += 1,
            },
            Diagnosis::Forget => {
                if let Some(source) = self.forget(&video).await? {
                    warn!(
                        video_id = id,
                        "submitting video {id}: it was uploaded again while it was being deleted"
                    );
                    self.resubmit(&source).await?;
                    report.lost_uploads += 1;
                }
            }
            Diagnosis::AskAbout { job_id, revision } => {
                let Some(change) = self.ask_about(&video, &revision, &job_id).await? else {
                    return Ok(());
                };
                let event = Event::Job {
                    revision,
                    job_id,
                    change,
                };
                report.lost_events += self.apply(id, &event).await?;
            }
            Diagnosis::Resubmit => {
                if let Some(source) = &video.source {
                    warn!(
                        video_id = id,
                        "submitting video {id} again: its claim ended without a job"
                    );
                    self.resubmit(source).await?;
                    report.resubmitted += 1;
                }
            }
            Diagnosis::Abandoned => {
                report.abandoned += self.apply(id, &Event::UploadAbandoned).await?;
            }
        }
        if video.captions.is_some()
            && let Some(video) = self.clients.table.video(id).await?
        {
            self.give_captions(video).await?;
        }
        for chore in Chore::of(&video, now(), patience) {
            self.do_chore(&video, chore, report).await?;
        }
        Ok(())
    }

    /// What replaced revisions left behind.
    async fn do_chore(
        &self,
        video: &Video,
        chore: Chore,
        report: &mut Report,
    ) -> Result<(), ReconcileError> {
        match chore {
            Chore::EndJob { revision, job } => {
                if self.end_job(video, &revision, &job).await? {
                    let ended = Event::ReplacedJobEnded { revision };
                    self.clients.table.apply(&video.id, &ended, now()).await?;
                }
            }
            Chore::RemoveFolder { revision } => {
                let folder = format!("{}/{revision}/", video.id);
                self.remove_folder(&folder, None).await?;
                let removed = Event::ReplacedRemoved { revision };
                self.clients.table.apply(&video.id, &removed, now()).await?;
                report.folders += 1;
                info!(video_id = video.id, "removed the replaced {folder}");
            }
        }
        Ok(())
    }

    async fn ask_about(
        &self,
        video: &Video,
        revision: &str,
        job_id: &str,
    ) -> Result<Option<JobChange>, ReconcileError> {
        let folder = OutputFolder {
            video_id: &video.id,
            revision,
        };
        let making = video.job.as_ref().map(|job| job.making.clone());
        let main = making.unwrap_or_default().played(folder);
        match self.clients.mediaconvert.get_job().id(job_id).send().await {
            Ok(output) => {
                let Some(found) = output.job else {
                    return Ok(None);
                };
                let done = found.status() == Some(&JobStatus::Complete);
                let has_output = done && self.has_all(&main).await?;
                Ok(job::change(&found, has_output))
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetJobError::is_not_found_exception) =>
            {
                Ok(Some(job::forgotten(self.has_all(&main).await?)))
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    /// 1 where the record changed.
    async fn apply(&self, id: &str, event: &Event) -> Result<u64, ReconcileError> {
        let outcome = self.clients.table.apply(id, event, now()).await?;
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
}
