//! Removes a deleted video: its jobs, its uploads, its output, in this order, so that nothing writes what was just removed
//! and whatever is interrupted is found again by the record; and the record when nobody can bring the video back.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{Delete, DeleteMarkerEntry, ObjectIdentifier, ObjectVersion};
use common::captions::AddedTrack;
use common::clock::now;
use common::source::{Source, is_api_key};
use common::time::Timestamp;
use common::video::{Event, Job, Video};
use tracing::info;

use crate::diagnosis::{Patience, is_settled};
use crate::error::ReconcileError;
use crate::reconciler::Reconciler;

/// How far a removal got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Removal {
    /// Nothing but a tombstone is left.
    Done,
    /// A job may still write.
    Waiting,
}

impl Reconciler<'_> {
    /// Removes all that is left of the video but its record, which becomes its tombstone.
    pub(crate) async fn remove(
        &self,
        video: &Video,
        patience: Patience,
    ) -> Result<Removal, ReconcileError> {
        let current = video.revision.as_ref().zip(video.job.as_ref());
        let replaced = video
            .replaced
            .iter()
            .filter_map(|entry| Some((&entry.revision, entry.job.as_ref()?)));
        let mut ended = true;
        for (revision, job) in current.into_iter().chain(replaced) {
            ended &= is_settled(job, now(), patience) && self.end_job(video, revision, job).await?;
        }
        if !ended {
            return Ok(Removal::Waiting);
        }
        self.remove_uploads(video).await?;
        self.remove_files(&video.id, None).await?;
        self.clients
            .table
            .apply(&video.id, &Event::Removed, now())
            .await?;
        info!(video_id = video.id, "nothing is left of video {}", video.id);
        Ok(Removal::Done)
    }

    /// Removes the tombstone, and says what was uploaded in the video's place meanwhile: the event of that was ignored.
    pub(crate) async fn forget(&self, tombstone: &Video) -> Result<Option<Source>, ReconcileError> {
        // Whoever was adding captions when the video was deleted may have written since then. What takes its place is later.
        let until = tombstone.forgotten_from();
        self.remove_files(&tombstone.id, until).await?;
        if !self.clients.table.remove(tombstone).await? {
            return Ok(None);
        }
        let Some(removed) = &tombstone.source else {
            return Ok(None);
        };
        let list = self.clients.s3.list_object_versions();
        let list = list.bucket(&self.config.source_bucket).prefix(&removed.key);
        // Listings are in the order of keys, and of a key's versions the current one comes first.
        let page = list.max_keys(1).send().await.map_err(Box::new)?;
        let uploads = self.current_uploads(&page).into_iter();
        let mut uploads = uploads.map(|(source, _)| source);
        Ok(uploads.find(|source| source.key == removed.key))
    }

    /// True where the revision's job writes nothing more, or never was created.
    pub(crate) async fn end_job(
        &self,
        video: &Video,
        revision: &str,
        job: &Job,
    ) -> Result<bool, ReconcileError> {
        let jobs = self.jobs();
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
    async fn remove_uploads(&self, video: &Video) -> Result<(), ReconcileError> {
        let keys = [
            video.upload.as_ref().map(|upload| upload.key.as_str()),
            video.source.as_ref().map(|source| source.key.as_str()),
        ];
        if let Some(upload) = &video.upload {
            // First, so that it can't be completed afterwards.
            let abort = self.clients.s3.abort_multipart_upload();
            let abort = abort.bucket(&self.config.source_bucket).key(&upload.key);
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
            self.remove_versions(key, video.updated_at).await?;
        }
        Ok(())
    }

    /// What was made of the video, and the files of captions that were added to it: all, or what was written until then.
    async fn remove_files(
        &self,
        video_id: &str,
        until: Option<Timestamp>,
    ) -> Result<(), ReconcileError> {
        self.remove_captions(&AddedTrack::folder(video_id), until)
            .await?;
        self.remove_folder(&format!("{video_id}/"), until).await
    }

    /// All versions of all files of captions that were added.
    async fn remove_captions(
        &self,
        folder: &str,
        until: Option<Timestamp>,
    ) -> Result<(), ReconcileError> {
        loop {
            let list = self.clients.s3.list_object_versions();
            let list = list.bucket(&self.config.source_bucket).prefix(folder);
            let page = list.send().await.map_err(Box::new)?;
            let versions = page.versions().iter().map(|version| {
                let modified = version.last_modified();
                (version.key(), version.version_id(), modified)
            });
            let markers = page.delete_markers().iter().map(|marker| {
                let modified = marker.last_modified();
                (marker.key(), marker.version_id(), modified)
            });
            let doomed: Vec<_> = versions
                .chain(markers)
                .filter(|(.., modified)| was_there(*modified, until))
                .filter_map(|(key, version, _)| Some((key?.to_owned(), version.map(str::to_owned))))
                .collect();
            if doomed.is_empty() {
                return Ok(());
            }
            self.delete_objects(&self.config.source_bucket, doomed)
                .await?;
        }
    }

    async fn remove_versions(
        &self,
        key: &str,
        deleted_at: Timestamp,
    ) -> Result<(), ReconcileError> {
        loop {
            let list = self.clients.s3.list_object_versions();
            let page = list
                .bucket(&self.config.source_bucket)
                .prefix(key)
                .send()
                .await
                .map_err(Box::new)?;
            let doomed = Doomed::of(&page, key, deleted_at);
            if let Some(etag) = doomed.unmarked {
                self.mark_deleted(key, etag).await?;
            }
            // Listings are in the order of keys, so those of exactly this one come first.
            if doomed.versions.is_empty() {
                return Ok(());
            }
            let versions = doomed.versions.into_iter();
            let versions = versions.map(|version| (key.to_owned(), Some(version)));
            self.delete_objects(&self.config.source_bucket, versions.collect())
                .await?;
        }
    }

    /// Marks a key as deleted, unless another upload has come meanwhile, which then is left alone.
    async fn mark_deleted(&self, key: &str, etag: String) -> Result<(), ReconcileError> {
        let delete = self.clients.s3.delete_object();
        let delete = delete.bucket(&self.config.source_bucket).key(key);
        match delete.if_match(etag).send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "NoSuchKey")) => {
                Ok(())
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    /// Everything under this prefix of the converted bucket, or what was written until then.
    pub(crate) async fn remove_folder(
        &self,
        prefix: &str,
        until: Option<Timestamp>,
    ) -> Result<(), ReconcileError> {
        loop {
            let list = self.clients.s3.list_objects_v2();
            let page = list
                .bucket(&self.config.converted_bucket)
                .prefix(prefix)
                .send()
                .await
                .map_err(Box::new)?;
            let doomed: Vec<_> = page
                .contents()
                .iter()
                .filter(|object| was_there(object.last_modified(), until))
                .filter_map(|object| Some((object.key()?.to_owned(), None)))
                .collect();
            if doomed.is_empty() {
                return Ok(());
            }
            self.delete_objects(&self.config.converted_bucket, doomed)
                .await?;
        }
    }

    /// A thousand at most, which is what a page of a listing holds.
    async fn delete_objects(
        &self,
        bucket: &str,
        doomed: Vec<(String, Option<String>)>,
    ) -> Result<(), ReconcileError> {
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
            .map_err(|error| ReconcileError::Delete(Box::new(error.into())))?;
        let output = self
            .clients
            .s3
            .delete_objects()
            .bucket(bucket)
            .delete(delete)
            .send()
            .await
            .map_err(Box::new)?;
        match output.errors().first() {
            None => Ok(()),
            Some(refused) => Err(ReconcileError::NotDeleted {
                key: refused.key().unwrap_or_default().to_owned(),
                code: refused.code().unwrap_or_default().to_owned(),
            }),
        }
    }
}

/// True for what was written until then, and for what doesn't say when.
fn was_there(modified: Option<&DateTime>, until: Option<Timestamp>) -> bool {
    let modified = modified.and_then(|time| time.to_millis().ok());
    let times = modified.zip(until);
    times.is_none_or(|(modified, until)| modified <= until.unix_ms())
}

/// What goes of a key. Pure.
#[derive(Debug, Default, Eq, PartialEq)]
struct Doomed {
    /// Versions of the object, and marks of earlier deletions.
    versions: Vec<String>,
    /// Entity tag of the object that is to get a mark. Only a drop-in needs one: late news of it is told by that from
    /// news of an object that nobody has deleted. The bucket's lifecycle takes the mark away when nothing is under it.
    unmarked: Option<String>,
}

impl Doomed {
    fn of(page: &ListObjectVersionsOutput, key: &str, deleted_at: Timestamp) -> Self {
        let was_there = |modified| was_there(modified, Some(deleted_at));
        let needs_mark = !is_api_key(key);
        let versions = page
            .versions()
            .iter()
            .filter(|version| version.key() == Some(key) && was_there(version.last_modified()));
        let unmarked = versions
            .clone()
            .filter(|version| needs_mark && version.is_latest() == Some(true))
            .find_map(|version| version.e_tag())
            .map(str::to_owned);
        let markers = page.delete_markers().iter().filter(|marker| {
            let is_the_mark = needs_mark && marker.is_latest() == Some(true);
            marker.key() == Some(key) && was_there(marker.last_modified()) && !is_the_mark
        });
        Self {
            versions: versions
                .filter_map(ObjectVersion::version_id)
                .chain(markers.filter_map(DeleteMarkerEntry::version_id))
                .map(str::to_owned)
                .collect(),
            unmarked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Doomed;
    use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
    use aws_sdk_s3::primitives::DateTime;
    use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion};
    use common::time::Timestamp;

    /// A version by its number, of which the seconds of its time and its tag follow.
    fn version(key: &str, number: i64, is_latest: bool) -> ObjectVersion {
        ObjectVersion::builder()
            .key(key)
            .version_id(number.to_string())
            .e_tag(format!("e{number}"))
            .is_latest(is_latest)
            .last_modified(DateTime::from_secs(number))
            .build()
    }

    fn marker(key: &str, number: i64, is_latest: bool) -> DeleteMarkerEntry {
        DeleteMarkerEntry::builder()
            .key(key)
            .version_id(number.to_string())
            .is_latest(is_latest)
            .last_modified(DateTime::from_secs(number))
            .build()
    }

    fn doomed(
        key: &str,
        versions: Vec<ObjectVersion>,
        markers: Vec<DeleteMarkerEntry>,
    ) -> (Vec<String>, Option<String>) {
        let page = ListObjectVersionsOutput::builder()
            .set_versions(Some(versions))
            .set_delete_markers(Some(markers))
            .build();
        let doomed = Doomed::of(&page, key, Timestamp::from_unix_ms(5_000));
        (doomed.versions, doomed.unmarked)
    }

    #[test]
    fn a_drop_in_is_marked_and_goes_with_all_earlier_versions() {
        let versions = vec![
            version("a", 5, true),
            version("a", 3, false),
            version("ab", 2, true),
        ];
        let (versions, mark) = doomed("a", versions, vec![marker("a", 4, false)]);
        assert_eq!(versions, ["5", "3", "4"]);
        assert_eq!(mark.as_deref(), Some("e5"));
    }

    #[test]
    fn the_mark_stays() {
        let (versions, mark) = doomed(
            "a",
            vec![version("a", 3, false)],
            vec![marker("a", 4, true)],
        );
        assert_eq!((versions, mark), (vec!["3".to_owned()], None));
    }

    #[test]
    fn a_later_upload_stays_and_is_not_marked() {
        let versions = vec![version("a", 6, true), version("a", 3, false)];
        let (versions, mark) = doomed("a", versions, vec![]);
        assert_eq!((versions, mark), (vec!["3".to_owned()], None));
    }

    #[test]
    fn nothing_is_left_of_an_upload_through_the_api() {
        let key = "videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4";
        let markers = vec![marker(key, 4, true)];
        let (versions, mark) = doomed(key, vec![version(key, 3, false)], markers);
        assert_eq!(
            (versions, mark),
            (vec!["3".to_owned(), "4".to_owned()], None)
        );
    }
}
