//! Writes the outputs of a job to S3.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::prepare::{Body, Object, Prepared};
use super::run::Stop;
use crate::events::GroupDetail;
use crate::job::Failure;
use crate::storage::Bucket;

/// Objects written at the same time.
const AT_ONCE: usize = 8;

/// Writes the outputs of one job.
pub(super) struct Upload<'a> {
    bucket: Bucket,
    cancel: &'a CancellationToken,
    written: Arc<Mutex<Vec<(String, String)>>>,
}

impl<'a> Upload<'a> {
    pub(super) fn new(bucket: Bucket, cancel: &'a CancellationToken) -> Self {
        Self {
            bucket,
            cancel,
            written: Arc::default(),
        }
    }

    /// Writes all objects; manifests come last, when what they name is there.
    pub(super) async fn run(
        &mut self,
        prepared: Prepared,
        report: impl Fn(u8),
    ) -> Result<Vec<GroupDetail>, Stop> {
        let total = prepared.media.len() + prepared.playlists.len() + prepared.manifests.len();
        let mut done = 0;
        for objects in [prepared.media, prepared.playlists, prepared.manifests] {
            let permits = Arc::new(Semaphore::new(AT_ONCE));
            let mut tasks = JoinSet::new();
            for object in objects {
                let (bucket, permits, written) =
                    (self.bucket.clone(), permits.clone(), self.written.clone());
                tasks.spawn(async move {
                    // The semaphore is never closed.
                    let _permit = permits.acquire().await;
                    put(&bucket, object, &written).await
                });
            }
            loop {
                let result = tokio::select! {
                    result = tasks.join_next() => result,
                    // Dropping the set ends the tasks.
                    () = self.cancel.cancelled() => return Err(Stop::Canceled),
                };
                match result {
                    None => break,
                    Some(Ok(Ok(()))) => {
                        done += 1;
                        report(u8::try_from(done * 100 / total.max(1)).unwrap_or(100));
                    }
                    Some(Ok(Err(failure))) => return Err(failure.into()),
                    Some(Err(error)) => {
                        return Err(
                            Failure::new(1999, format!("An upload broke off: {error}.")).into()
                        );
                    }
                }
            }
        }
        Ok(prepared.details)
    }

    /// Removes what was written. The role of a job may often only write, so the server does this as
    /// itself.
    pub(super) async fn undo(&self, own: &Bucket) {
        let written =
            std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        for (bucket, key) in written {
            if let Err(reason) = own.remove(&bucket, &key).await {
                warn!(
                    s3_bucket = bucket,
                    s3_key = key,
                    "left a partial output behind: {reason}"
                );
            }
        }
    }
}

async fn put(
    bucket: &Bucket,
    object: Object,
    written: &Mutex<Vec<(String, String)>>,
) -> Result<(), Failure> {
    let name = (object.bucket.clone(), object.key.clone());
    // Noted before: a request that is broken off may still have an effect.
    written
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(name.clone());
    let body = match object.body {
        Body::Text(text) => ByteStream::from(text.into_bytes()),
        Body::File(path) => ByteStream::from_path(path).await.map_err(|error| {
            Failure::new(1999, format!("The work folder can't be read: {error}."))
        })?,
    };
    let result = bucket
        .put(&object.bucket, &object.key, body, object.kind)
        .await;
    if result.is_err() {
        // What was there before and may not be overwritten is not ours to remove.
        written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|other| *other != name);
    }
    result
}
