//! What every part of the work needs: the services, the settings, and the steps that several parts take.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use common::captions::is_captions;
use common::clock::now;
use common::editions::Editions;
use common::mediaconvert::Jobs;
use common::s3_event::object_created;
use common::source::Source;
use common::time::Timestamp;
use common::video::Video;
use tokio::time::sleep;

use crate::clients::Clients;
use crate::config::Config;
use crate::error::ReconcileError;

/// Finds what is wrong, and repairs it.
#[derive(Clone, Copy, Debug)]
pub struct Reconciler<'a> {
    /// The services.
    pub clients: &'a Clients,
    /// The settings.
    pub config: &'a Config,
}

/// Time between two uploads that are submitted again. After an outage there are many, and MediaConvert refuses what comes
/// too fast: all at once would stand in each other's way, and in that of new uploads.
const PACE: Duration = Duration::from_millis(200);

impl Reconciler<'_> {
    /// Hands the upload to the submit function, as S3 would have, and leaves time for it before the next.
    pub(crate) async fn resubmit(&self, source: &Source) -> Result<(), ReconcileError> {
        let event = object_created(source, now()).to_string();
        self.clients
            .lambda
            .invoke()
            .function_name(&self.config.submit_function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event))
            .send()
            .await
            .map_err(Box::new)?;
        sleep(PACE).await;
        Ok(())
    }

    /// Sees to it that what plays has the captions that were added.
    pub(crate) async fn give_captions(&self, video: Video) -> Result<(), ReconcileError> {
        if video.misses_edition().is_some() {
            let editions = Editions {
                s3: &self.clients.s3,
                table: &self.clients.table,
                source_bucket: &self.config.source_bucket,
                converted_bucket: &self.config.converted_bucket,
            };
            Box::pin(editions.complete(video)).await?;
        }
        Ok(())
    }

    pub(crate) async fn has_all(&self, keys: &[String]) -> Result<bool, ReconcileError> {
        for key in keys {
            let head = self
                .clients
                .s3
                .head_object()
                .bucket(&self.config.converted_bucket)
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

    /// MediaConvert's jobs.
    pub(crate) fn jobs(&self) -> Jobs<'_> {
        Jobs {
            client: &self.clients.mediaconvert,
            queue_arn: self.config.queue_arn.as_deref(),
        }
    }

    /// The current objects of a page, each with the time of its upload.
    pub(crate) fn current_uploads(
        &self,
        page: &ListObjectVersionsOutput,
    ) -> Vec<(Source, Timestamp)> {
        let current = page
            .versions()
            .iter()
            .filter(|version| version.is_latest() == Some(true));
        let uploads = current.filter_map(|version| {
            let source = Source {
                bucket: self.config.source_bucket.clone(),
                key: version.key()?.to_owned(),
                version_id: version.version_id().map(str::to_owned),
                etag: version.e_tag()?.trim_matches('"').to_owned(),
                size_bytes: u64::try_from(version.size()?).ok()?,
                sequencer: None,
                attempt: 0,
            };
            let uploaded_at = version.last_modified()?.to_millis().ok()?;
            Some((source, Timestamp::from_unix_ms(uploaded_at)))
        });
        uploads
            .filter(|(source, _)| !source.is_folder_marker() && !is_captions(&source.key))
            .collect()
    }
}
