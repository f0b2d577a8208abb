//! Writes the outputs of a job to S3.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::prepare::{Body, Object, Prepared};
use super::run::Stop;
use crate::events::GroupDetail;
use crate::job::Failure;
use crate::storage::Bucket;

/// Objects written at the same time.
const AT_ONCE: usize = 8;
/// How long requests under way may go on after the job was halted. One that is broken off may still have its effect, and
/// then nobody would remove what it wrote.
const GRACE: Duration = Duration::from_secs(10);

/// How far the uploads are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    /// Objects that are written, or being written, or wait for that.
    pub(super) begun: usize,
    /// Objects that are written.
    pub(super) done: usize,
}

/// Writes the outputs of one job.
pub(super) struct Upload {
    bucket: Bucket,
    cancel: CancellationToken,
    written: Arc<Mutex<Vec<(String, String)>>>,
}

impl Upload {
    pub(super) fn new(bucket: Bucket, cancel: CancellationToken) -> Self {
        Self {
            bucket,
            cancel,
            written: Arc::default(),
        }
    }

    /// Writes objects as they come, until no more can come. Nothing is on its way any more when this returns.
    pub(super) async fn stream(
        &self,
        mut objects: UnboundedReceiver<Object>,
        report: impl Fn(Moved),
    ) -> Result<(), Stop> {
        let mut tasks = JoinSet::new();
        let streamed = self.put_all(&mut objects, &mut tasks, report).await;
        if streamed.is_err() {
            self.cancel.cancel();
            let ended = timeout(GRACE, async { while tasks.join_next().await.is_some() {} });
            if ended.await.is_err() {
                warn!("broke off {} uploads of a halted job", tasks.len());
            }
        }
        streamed
    }

    async fn put_all(
        &self,
        objects: &mut UnboundedReceiver<Object>,
        tasks: &mut JoinSet<Result<(), Stop>>,
        report: impl Fn(Moved),
    ) -> Result<(), Stop> {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        let mut moved = Moved::default();
        let mut open = true;
        while open || !tasks.is_empty() {
            tokio::select! {
                object = objects.recv(), if open => match object {
                    Some(object) => {
                        let (bucket, written) = (self.bucket.clone(), self.written.clone());
                        let (permits, cancel) = (permits.clone(), self.cancel.clone());
                        tasks.spawn(async move {
                            // The semaphore is never closed.
                            let _permit = permits.acquire().await;
                            if cancel.is_cancelled() {
                                return Err(Stop::Canceled);
                            }
                            Ok(put(&bucket, object, &written).await?)
                        });
                        moved.begun += 1;
                    }
                    None => open = false,
                },
                Some(result) = tasks.join_next() => {
                    result.map_err(|error| {
                        Failure::new(1999, format!("An upload broke off: {error}."))
                    })??;
                    moved.done += 1;
                    report(moved);
                }
                () = self.cancel.cancelled() => return Err(Stop::Canceled),
            }
        }
        Ok(())
    }

    /// Writes what tells of the media, which is there now; what players start with comes last.
    pub(super) async fn finish(&self, prepared: Prepared) -> Result<Vec<GroupDetail>, Stop> {
        for objects in [prepared.playlists, prepared.manifests] {
            let (sender, receiver) = unbounded_channel();
            for object in objects {
                // The receiver is right here.
                let _ = sender.send(object);
            }
            drop(sender);
            self.stream(receiver, |_| ()).await?;
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
    let mut file = None;
    let body = match object.body {
        Body::Text(text) => ByteStream::from(text.into_bytes()),
        Body::File(path) => ByteStream::from_path(file.insert(path))
            .await
            .map_err(|error| {
                Failure::new(1999, format!("The work folder can't be read: {error}."))
            })?,
    };
    let result = bucket
        .put(&object.bucket, &object.key, body, object.kind)
        .await;
    if let (Ok(()), Some(path)) = (&result, file) {
        // The disk need not hold it any longer; the job's folder goes away at the end anyhow.
        let _ = tokio::fs::remove_file(path).await;
    }
    if result.is_err() {
        // What was there before and may not be overwritten is not ours to remove.
        written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|other| *other != name);
    }
    result
}
