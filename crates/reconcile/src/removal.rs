//! Removes a deleted video: its jobs, its uploads, its output, its record, in this order, so that nothing writes what
//! was just removed and whatever is interrupted is found again by the record.

use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadError;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use common::clock::now;
use common::mediaconvert::Jobs;
use common::time::Timestamp;
use common::video::{Job, Video};
use tracing::info;

use crate::config::Config;
use crate::diagnosis::is_settled;
use crate::round::{Clients, RoundError};

/// How far a removal got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Removal {
    /// Nothing is left.
    Done,
    /// A job may still write.
    Waiting,
}

/// Removes all that is left of the video.
pub(crate) async fn run(
    clients: &Clients,
    config: &Config,
    video: &Video,
) -> Result<Removal, RoundError> {
    let current = video.revision.as_ref().zip(video.job.as_ref());
    let replaced = video
        .replaced
        .iter()
        .filter_map(|entry| Some((&entry.revision, entry.job.as_ref()?)));
    let mut ended = true;
    for (revision, job) in current.into_iter().chain(replaced) {
        ended &= is_settled(job, now()) && end_job(clients, config, video, revision, job).await?;
    }
    if !ended {
        return Ok(Removal::Waiting);
    }
    remove_uploads(clients, config, video).await?;
    remove_folder(clients, config, &format!("{}/", video.id)).await?;
    if clients.table.remove(&video.id).await? {
        info!(video_id = video.id, "nothing is left of video {}", video.id);
    }
    Ok(Removal::Done)
}

/// True where the revision's job writes nothing more, or never was created.
pub(crate) async fn end_job(
    clients: &Clients,
    config: &Config,
    video: &Video,
    revision: &str,
    job: &Job,
) -> Result<bool, RoundError> {
    let jobs = Jobs {
        client: &clients.mediaconvert,
        queue_arn: config.queue_arn.as_deref(),
    };
    let job_id = match (&job.id, &video.source) {
        (Some(job_id), _) => Some(job_id.clone()),
        // The function that claimed it may have died before it noted the job.
        (None, Some(source)) => {
            let found = jobs.find(&source.uri(), &video.id, revision).await?;
            found.and_then(|job| job.id)
        }
        (None, None) => None,
    };
    match job_id {
        Some(job_id) => Ok(jobs.stop(&job_id).await?),
        None => Ok(true),
    }
}

/// All versions of the object that were there when the video was deleted. A later one is a new upload, which gets its
/// job once the record is gone.
async fn remove_uploads(
    clients: &Clients,
    config: &Config,
    video: &Video,
) -> Result<(), RoundError> {
    let keys = [
        video.upload.as_ref().map(|upload| upload.key.as_str()),
        video.source.as_ref().map(|source| source.key.as_str()),
    ];
    if let Some(upload) = &video.upload {
        // First, so that it can't be completed afterwards.
        let abort = clients.s3.abort_multipart_upload();
        let abort = abort.bucket(&config.source_bucket).key(&upload.key);
        match abort.upload_id(&upload.upload_id).send().await {
            Ok(_) => {}
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(AbortMultipartUploadError::is_no_such_upload) => {}
            Err(error) => return Err(Box::new(error).into()),
        }
    }
    let [first, second] = keys;
    for key in first.into_iter().chain(second.filter(|_| second != first)) {
        remove_versions(clients, config, key, video.updated_at).await?;
    }
    Ok(())
}

async fn remove_versions(
    clients: &Clients,
    config: &Config,
    key: &str,
    deleted_at: Timestamp,
) -> Result<(), RoundError> {
    loop {
        let list = clients.s3.list_object_versions();
        let page = list
            .bucket(&config.source_bucket)
            .prefix(key)
            .send()
            .await
            .map_err(Box::new)?;
        let was_there = |modified: Option<&aws_sdk_s3::primitives::DateTime>| {
            modified
                .and_then(|time| time.to_millis().ok())
                .is_none_or(|time| time <= deleted_at.unix_ms())
        };
        let versions = page.versions().iter().filter_map(|version| {
            let ours = version.key() == Some(key) && was_there(version.last_modified());
            ours.then(|| version.version_id()).flatten()
        });
        let markers = page.delete_markers().iter().filter_map(|marker| {
            let ours = marker.key() == Some(key) && was_there(marker.last_modified());
            ours.then(|| marker.version_id()).flatten()
        });
        let doomed: Vec<_> = versions
            .chain(markers)
            .map(|version| (key.to_owned(), Some(version.to_owned())))
            .collect();
        // Listings are in the order of keys, so those of exactly this one come first.
        if doomed.is_empty() {
            return Ok(());
        }
        delete(clients, &config.source_bucket, doomed).await?;
    }
}

/// Everything under this prefix of the converted bucket.
pub(crate) async fn remove_folder(
    clients: &Clients,
    config: &Config,
    prefix: &str,
) -> Result<(), RoundError> {
    loop {
        let list = clients.s3.list_objects_v2();
        let page = list
            .bucket(&config.converted_bucket)
            .prefix(prefix)
            .send()
            .await
            .map_err(Box::new)?;
        let doomed: Vec<_> = page
            .contents()
            .iter()
            .filter_map(|object| Some((object.key()?.to_owned(), None)))
            .collect();
        if doomed.is_empty() {
            return Ok(());
        }
        delete(clients, &config.converted_bucket, doomed).await?;
    }
}

/// A thousand at most, which is what a page of a listing holds.
async fn delete(
    clients: &Clients,
    bucket: &str,
    doomed: Vec<(String, Option<String>)>,
) -> Result<(), RoundError> {
    let objects = doomed.into_iter().map(|(key, version)| {
        ObjectIdentifier::builder()
            .key(key)
            .set_version_id(version)
            .build()
    });
    let objects = objects.collect::<Result<Vec<_>, _>>();
    let delete = objects
        .and_then(|objects| {
            Delete::builder()
                .set_objects(Some(objects))
                .quiet(true)
                .build()
        })
        .map_err(|error| RoundError::Delete(Box::new(error.into())))?;
    let output = clients
        .s3
        .delete_objects()
        .bucket(bucket)
        .delete(delete)
        .send()
        .await
        .map_err(Box::new)?;
    match output.errors().first() {
        None => Ok(()),
        Some(refused) => Err(RoundError::NotDeleted {
            key: refused.key().unwrap_or_default().to_owned(),
            code: refused.code().unwrap_or_default().to_owned(),
        }),
    }
}
