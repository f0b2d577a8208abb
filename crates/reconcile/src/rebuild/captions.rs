//! The captions that were added to a video whose record is lost: by their files, and what was made of them.

use common::captions::{AddedTrack, LABEL, by_files};
use common::time::Timestamp;

use crate::error::ReconcileError;
use crate::reconciler::Reconciler;
use crate::restore::Captions;

impl Reconciler<'_> {
    /// The captions, and the folders of the manifests that these revisions have of them.
    pub(super) async fn find_captions(
        &self,
        video_id: &str,
        revisions: impl IntoIterator<Item = &str>,
    ) -> Result<Captions, ReconcileError> {
        let files = self.caption_files(video_id).await?;
        if files.is_empty() {
            return Ok(Captions::default());
        }
        let mut tracks = Vec::new();
        for track in by_files(video_id, &files) {
            let head = self
                .clients
                .s3
                .head_object()
                .bucket(&self.config.source_bucket);
            let head = head.key(track.key(video_id)).send().await;
            let head = head.map_err(Box::new)?;
            let label = head.metadata().and_then(|metadata| metadata.get(LABEL));
            tracks.push(track.labelled(label.map(String::as_str)));
        }
        let mut editions = Vec::new();
        for revision in revisions {
            let prefix = format!("{video_id}/{revision}/captions-");
            let list = self.clients.s3.list_objects_v2();
            let list = list.bucket(&self.config.converted_bucket).delimiter("/");
            let page = list.prefix(prefix).send().await.map_err(Box::new)?;
            let folders = page.common_prefixes().iter();
            let folders = folders.filter_map(|folder| folder.prefix()?.strip_prefix(video_id));
            editions.extend(folders.map(|folder| folder.trim_matches('/').to_owned()));
        }
        Ok(Captions { tracks, editions })
    }

    /// The objects of the video's folder that are there now, each with the time when it was written.
    async fn caption_files(
        &self,
        video_id: &str,
    ) -> Result<Vec<(String, Timestamp)>, ReconcileError> {
        let mut files = Vec::new();
        let (mut key, mut version) = (None, None);
        loop {
            let list = self.clients.s3.list_object_versions();
            let list = list.bucket(&self.config.source_bucket);
            let list = list.prefix(AddedTrack::folder(video_id));
            let list = list.set_key_marker(key).set_version_id_marker(version);
            let page = list.send().await.map_err(Box::new)?;
            let current = page.versions().iter();
            let current = current.filter(|version| version.is_latest() == Some(true));
            files.extend(current.filter_map(|version| {
                let written_at = version.last_modified()?.to_millis().ok()?;
                Some((
                    version.key()?.to_owned(),
                    Timestamp::from_unix_ms(written_at),
                ))
            }));
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
            if key.is_none() {
                return Ok(files);
            }
        }
    }
}
