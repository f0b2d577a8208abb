//! Makes lost records again, for one upload or for all: from the buckets and MediaConvert's history of jobs.

mod captions;

use std::collections::BTreeMap;

use aws_sdk_mediaconvert::types::{Job, JobStatus};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use common::clock::now;
use common::error::chain;
use common::mediaconvert::subject;
use common::origin::{NOTE, Origin};
use common::output::OutputFolder;
use common::profile::Packaging;
use common::source::Source;
use common::table::Outcome;
use common::time::Timestamp;
use common::video::{Event, Status, Video};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tracing::{error, info};

use crate::error::ReconcileError;
use crate::reconciler::Reconciler;
use crate::restore::{Facts, restore, restore_output};

/// How far the rebuilding is. Uploads come first; then the outputs of uploads that are gone, by their jobs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Cursor {
    /// In the source bucket, where S3's `KeyMarker` and `VersionIdMarker` say.
    Uploads {
        /// `None` at the beginning.
        #[serde(default)]
        key_marker: Option<String>,
        /// `None` at the beginning.
        #[serde(default)]
        version_id_marker: Option<String>,
    },
    /// In the history of jobs, where MediaConvert's `NextToken` says.
    Jobs {
        /// `None` at the beginning.
        #[serde(default)]
        next_token: Option<String>,
    },
}

impl Default for Cursor {
    fn default() -> Self {
        Self::Uploads {
            key_marker: None,
            version_id_marker: None,
        }
    }
}

/// What an invocation did.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rebuilt {
    /// Records that were made.
    pub restored: u64,
    /// Uploads and jobs that could not be looked into; the log says why, and another run tries again.
    pub errors: u64,
    /// Where to go on; `None` at the end.
    pub cursor: Option<Cursor>,
}

/// Versions of objects in a page: few enough for a page to be done in one invocation.
const PAGE: i32 = 200;
/// Time that is left for the end, milliseconds.
const RESERVE_MS: i64 = 15_000;

impl Reconciler<'_> {
    /// Goes on until all is looked at or `deadline` is near. What has a record is passed over, so a page that isn't finished
    /// is begun again at no cost, and so is all of it.
    ///
    /// # Errors
    ///
    /// Where the bucket or the history can't be listed.
    pub async fn rebuild(
        &self,
        cursor: Cursor,
        deadline: Timestamp,
    ) -> Result<Rebuilt, ReconcileError> {
        let mut rebuilt = Rebuilt {
            cursor: Some(cursor),
            ..Rebuilt::default()
        };
        let in_time = || now() < deadline.plus_ms(-RESERVE_MS);
        while in_time() {
            let next = match rebuilt.cursor.take() {
                None => break,
                Some(Cursor::Uploads {
                    key_marker,
                    version_id_marker,
                }) => {
                    let page = self
                        .clients
                        .s3
                        .list_object_versions()
                        .bucket(&self.config.source_bucket)
                        .set_key_marker(key_marker.clone())
                        .set_version_id_marker(version_id_marker.clone())
                        .max_keys(PAGE)
                        .send()
                        .await
                        .map_err(Box::new)?;
                    let mut is_done = true;
                    for (source, uploaded_at) in self.current_uploads(&page) {
                        if !in_time() {
                            is_done = false;
                            break;
                        }
                        let key = source.key.clone();
                        let restored = self.rebuild_upload(source, uploaded_at).await;
                        rebuilt.count(restored, &key);
                    }
                    match page.next_key_marker {
                        _ if !is_done => Cursor::Uploads {
                            key_marker,
                            version_id_marker,
                        },
                        Some(key_marker) => Cursor::Uploads {
                            key_marker: Some(key_marker),
                            version_id_marker: page.next_version_id_marker,
                        },
                        None => Cursor::Jobs { next_token: None },
                    }
                }
                Some(Cursor::Jobs { next_token }) => {
                    let (jobs, next_token) = self.jobs().history(next_token).await?;
                    for job in jobs {
                        let restored = self.rebuild_output(&job).await;
                        rebuilt.count(restored, job.id().unwrap_or_default());
                    }
                    if next_token.is_none() {
                        break;
                    }
                    Cursor::Jobs { next_token }
                }
            };
            rebuilt.cursor = Some(next);
        }
        Ok(rebuilt)
    }
}

impl Rebuilt {
    fn count(&mut self, restored: Result<bool, ReconcileError>, subject: &str) {
        match restored {
            Ok(restored) => self.restored += u64::from(restored),
            Err(error) => {
                self.errors += 1;
                error!("{subject} can't be looked into: {}", chain(&error));
            }
        }
    }
}

impl Reconciler<'_> {
    /// Makes the record of an upload that has none, and sees to what is missing. False where it has one, or is gone.
    pub(crate) async fn rebuild_upload(
        &self,
        source: Source,
        uploaded_at: Timestamp,
    ) -> Result<bool, ReconcileError> {
        let id = source.video_id();
        // In this order: a removal takes the object away before the record, so an object that is there when the record is
        // missing is not what a removal is about to leave.
        if self.clients.table.video(&id).await?.is_some() {
            return Ok(false);
        }
        let Some(note) = self.read_note(&source).await? else {
            return Ok(false);
        };
        let outputs = self.outputs_of(&id).await?;
        let revisions = outputs.keys().map(String::as_str);
        let captions = self.find_captions(&id, revisions).await?;
        let facts = Facts {
            // Whoever puts a file into the bucket may not choose whose video it is.
            origin: note.filter(|_| source.is_api_upload()),
            jobs: self.revisions_with_jobs(&source).await?,
            outputs,
            captions,
            source,
            uploaded_at,
        };
        self.make_record(restore(facts, now())).await
    }

    /// Makes the record of a job's output that has none, nor an upload.
    async fn rebuild_output(&self, job: &Job) -> Result<bool, ReconcileError> {
        let (Some((video_id, revision)), Some(JobStatus::Complete)) = (subject(job), job.status())
        else {
            return Ok(false);
        };
        let folder = OutputFolder { video_id, revision };
        if self.clients.table.video(video_id).await?.is_some() {
            return Ok(false);
        }
        let Some(packaging) = self.packaging_of(folder).await? else {
            return Ok(false);
        };
        let created = job.created_at().and_then(|time| time.to_millis().ok());
        let created_at = created.map_or_else(now, Timestamp::from_unix_ms);
        let input = job
            .settings()
            .and_then(|settings| settings.inputs().first());
        let uri = input
            .and_then(|input| input.file_input())
            .unwrap_or_default();
        let key = uri.strip_prefix(&format!("s3://{}/", self.config.source_bucket));
        let title = Source {
            bucket: self.config.source_bucket.clone(),
            key: key.unwrap_or(video_id).to_owned(),
            version_id: None,
            etag: String::new(),
            size_bytes: 0,
            sequencer: None,
            attempt: 0,
        }
        .title();
        let captions = self.find_captions(video_id, [revision]).await?;
        let video = restore_output(folder, packaging, title, created_at, captions, now());
        self.make_record(video).await
    }

    async fn make_record(&self, video: Video) -> Result<bool, ReconcileError> {
        let id = video.id.clone();
        let event = Event::Recorded(Box::new(video));
        let Outcome::Written { video, .. } = self.clients.table.apply(&id, &event, now()).await?
        else {
            return Ok(false);
        };
        let status = video.status.as_str();
        info!(
            video_id = id,
            "made the record of video {id} again, {status}"
        );
        if let (Status::Submitted, Some(source)) = (video.status, &video.source) {
            self.resubmit(source).await?;
        }
        self.give_captions(*video).await?;
        Ok(true)
    }

    /// What the API noted on an object; `None` where the object is gone.
    async fn read_note(&self, source: &Source) -> Result<Option<Option<Origin>>, ReconcileError> {
        let head = self.clients.s3.head_object().bucket(&source.bucket);
        let head = head
            .key(&source.key)
            .set_version_id(source.version_id.clone());
        match head.send().await {
            Ok(found) => {
                let note = found.metadata().and_then(|metadata| metadata.get(NOTE));
                Ok(Some(note.and_then(|note| Origin::decode(note))))
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Ok(None)
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    /// Revisions of the video that MediaConvert knows a job of, the newest first.
    async fn revisions_with_jobs(&self, source: &Source) -> Result<Vec<String>, ReconcileError> {
        let jobs = self.jobs();
        let (id, uri) = (source.video_id(), source.uri());
        let found = jobs.of(&uri, &id).await?;
        let revisions = found.iter().filter_map(subject);
        Ok(revisions.map(|(_, revision)| revision.to_owned()).collect())
    }

    /// What the folder's manifests are of; they are written last. `None` without any: one MP4 has none, and is converted anew
    /// when its job is forgotten.
    async fn packaging_of(
        &self,
        folder: OutputFolder<'_>,
    ) -> Result<Option<Packaging>, ReconcileError> {
        if !self.has_all(&[folder.hls()]).await? {
            return Ok(None);
        }
        let has_dash = self.has_all(&[folder.dash()]).await?;
        Ok(Some(if has_dash {
            Packaging::Cmaf
        } else {
            Packaging::Hls
        }))
    }

    /// Revisions of the video whose output is complete.
    async fn outputs_of(
        &self,
        video_id: &str,
    ) -> Result<BTreeMap<String, Packaging>, ReconcileError> {
        let prefix = format!("{video_id}/");
        let list = self.clients.s3.list_objects_v2();
        let list = list.bucket(&self.config.converted_bucket).delimiter("/");
        // A thousand revisions are in a page.
        let page = list.prefix(&prefix).send().await.map_err(Box::new)?;
        let mut complete = BTreeMap::new();
        for folder in page.common_prefixes() {
            let folder = folder.prefix().unwrap_or_default();
            let revision = folder.trim_start_matches(&prefix).trim_end_matches('/');
            let folder = OutputFolder { video_id, revision };
            if let Some(packaging) = self.packaging_of(folder).await? {
                complete.insert(revision.to_owned(), packaging);
            }
        }
        Ok(complete)
    }
}
