//! `vod upload`: each file in parts, several at a time, going on where an earlier try stopped.

mod journal;
mod part;
mod plan;
mod progress;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use crate::api::{Api, ApiError};
use crate::args::Upload;
use crate::output::Output;
use crate::upload::journal::{File, Journal};
use crate::upload::part::{Address, Sender};
use crate::upload::plan::Part;
use crate::upload::progress::{Bar, Bars};
use crate::video::Video;
use crate::video::{OneVideo, video_path};

/// Files that are sent at the same time; their parts share one allowance.
const FILES_AT_ONCE: usize = 2;

/// Addresses that are asked for at once. They end after some time, so not all at the beginning.
const ADDRESSES_AT_ONCE: usize = 50;

/// What the API calls an upload that an earlier call completed.
const ALREADY_COMPLETE: &str = "/problems/already-complete";
const BEING_COMPLETED: &str = "/problems/being-completed";

#[derive(Deserialize)]
struct Created {
    video: Video,
    upload: Multipart,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Multipart {
    part_size_bytes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    part_size_bytes: u64,
    parts: Vec<Sent>,
}

/// A part that S3 has.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    part_number: u32,
    etag: String,
    size_bytes: u64,
}

/// What an earlier command made of a file.
enum Earlier {
    Nothing,
    /// The video's id, and what S3 has of it.
    Interrupted(String, Listing),
    /// It is complete: only the answer that said so was lost.
    Finished(Box<Video>),
}

/// Sends the files; answers the videos' ids, and whether every file was sent.
pub(crate) async fn run(
    api: &Api,
    arguments: Upload,
    output: Output,
) -> anyhow::Result<(Vec<String>, bool)> {
    if arguments.title.is_some() && arguments.files.len() > 1 {
        bail!("a title is for one file; upload the others separately");
    }
    let bars = Bars::new(output.shows_progress());
    let upload = Uploads {
        api,
        arguments: &arguments,
        journal: Journal::open()?,
        slots: Arc::new(Semaphore::new(arguments.parallel.into())),
        bars: &bars,
    };
    let all = stream::iter(&arguments.files)
        .map(|path| {
            let upload = &upload;
            async move { (path, upload.one(path).await) }
        })
        .buffered(FILES_AT_ONCE);
    tokio::pin!(all);
    let mut ids = Vec::new();
    let mut all_sent = true;
    loop {
        let next = tokio::select! {
            next = all.next() => next,
            _ = tokio::signal::ctrl_c() => bail!("interrupted; run the same command again, and it goes on from here"),
        };
        match next {
            None => return Ok((ids, all_sent)),
            Some((path, Ok(video))) => {
                bars.suspend(|| {
                    output.print(&video, || format!("{}  {}", video.id, path.display()))
                })?;
                ids.push(video.id);
            }
            // One bad file never hides its neighbours.
            Some((path, Err(error))) => {
                let error = error.context(path.display().to_string());
                bars.suspend(|| output.error(&error));
                all_sent = false;
            }
        }
    }
}

/// What the uploads of one command share.
struct Uploads<'a> {
    api: &'a Api,
    arguments: &'a Upload,
    journal: Journal,
    slots: Arc<Semaphore>,
    bars: &'a Bars,
}

impl Uploads<'_> {
    async fn one(&self, path: &Path) -> anyhow::Result<Video> {
        let file = File::look_at(path, &self.api.site().await).await?;
        let (id, part_size_bytes, sent) = match self.earlier(&file).await? {
            Earlier::Nothing => self.begin(path, &file).await?,
            Earlier::Interrupted(id, listing) => (id, listing.part_size_bytes, listing.parts),
            Earlier::Finished(video) => {
                self.journal.forget(&file)?;
                return Ok(*video);
            }
        };
        let bar = self.bars.add(path, file.size_bytes);
        bar.advance(sent.iter().map(|part| part.size_bytes).sum());
        let parts = plan::missing(
            file.size_bytes,
            part_size_bytes,
            &numbers(&sent, &file, part_size_bytes),
        );
        let mut done: Vec<(u32, String)> = sent
            .into_iter()
            .filter(|sent| !parts.iter().any(|part| part.number == sent.part_number))
            .map(|part| (part.part_number, part.etag))
            .collect();
        done.extend(self.send(path, &id, parts, &bar).await?);
        done.sort_unstable();
        let parts: Vec<Value> = done
            .iter()
            .map(|(number, etag)| json!({"partNumber": number, "etag": etag}))
            .collect();
        let route = format!("{}/upload/complete", video_path(&id));
        let completed = self
            .api
            .post_repeatable(&route, &json!({"parts": parts}))
            .await;
        let OneVideo { video } = match completed {
            // The answer to an earlier try was lost.
            Err(error) if error.is_of_kind(ALREADY_COMPLETE) => {
                self.api.get(&video_path(&id)).await?
            }
            completed => completed?,
        };
        self.journal.forget(&file)?;
        bar.finish();
        Ok(video)
    }

    /// What an earlier command made of the same file, if it didn't see the end.
    async fn earlier(&self, file: &File) -> anyhow::Result<Earlier> {
        let Some(id) = self.journal.find(file)? else {
            return Ok(Earlier::Nothing);
        };
        let path = video_path(&id);
        match self.api.get(&format!("{path}/upload/parts")).await {
            Ok(listing) => Ok(Earlier::Interrupted(id, listing)),
            Err(error)
                if error.is_of_kind(ALREADY_COMPLETE) || error.is_of_kind(BEING_COMPLETED) =>
            {
                let OneVideo { video } = self.api.get(&path).await?;
                Ok(Earlier::Finished(Box::new(video)))
            }
            // Given up or deleted meanwhile: it is a new upload.
            Err(ApiError::Refused(_, StatusCode::CONFLICT | StatusCode::NOT_FOUND)) => {
                self.journal.forget(file)?;
                Ok(Earlier::Nothing)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn begin(&self, path: &Path, file: &File) -> anyhow::Result<(String, u64, Vec<Sent>)> {
        let name = path
            .file_name()
            .context("it has no name")?
            .to_string_lossy();
        let mut body = Map::new();
        body.insert("fileName".to_owned(), Value::from(name.as_ref()));
        body.insert("sizeBytes".to_owned(), Value::from(file.size_bytes));
        for (field, value) in [
            ("title", &self.arguments.title),
            ("profile", &self.arguments.profile),
        ] {
            if let Some(value) = value {
                body.insert(field.to_owned(), Value::from(value.as_str()));
            }
        }
        if self.arguments.download {
            body.insert("download".to_owned(), Value::from(true));
        }
        if let Some(clip) = self.arguments.part.clip() {
            body.insert("clip".to_owned(), clip);
        }
        let created: Created = self.api.post("/api/videos", &Value::Object(body)).await?;
        self.journal.remember(file, &created.video.id)?;
        Ok((created.video.id, created.upload.part_size_bytes, Vec::new()))
    }

    /// Sends the parts and answers their `ETag`s.
    async fn send(
        &self,
        path: &Path,
        id: &str,
        parts: Vec<Part>,
        bar: &Bar,
    ) -> anyhow::Result<Vec<(u32, String)>> {
        let route = format!("{}/upload/parts", video_path(id));
        let sender = Sender {
            api: self.api,
            route: &route,
            path,
            bar,
        };
        let groups: Vec<Vec<Part>> = parts
            .chunks(ADDRESSES_AT_ONCE)
            .map(<[Part]>::to_vec)
            .collect();
        stream::iter(groups)
            .then(|group| sender.sign(group))
            .map_ok(|signed: Vec<(Part, Address)>| stream::iter(signed.into_iter().map(anyhow::Ok)))
            .try_flatten()
            .map_ok(|(part, address)| {
                let (sender, slots) = (&sender, Arc::clone(&self.slots));
                async move {
                    let _slot = slots.acquire_owned().await?;
                    let etag = sender.send(part, address).await?;
                    anyhow::Ok((part.number, etag))
                }
            })
            .try_buffer_unordered(self.arguments.parallel.into())
            .try_collect()
            .await
    }
}

/// Numbers of the parts that S3 has whole.
fn numbers(sent: &[Sent], file: &File, part_size_bytes: u64) -> Vec<u32> {
    sent.iter()
        .filter(|part| {
            plan::part(part.part_number, file.size_bytes, part_size_bytes)
                .is_some_and(|planned| planned.size_bytes == part.size_bytes)
        })
        .map(|part| part.part_number)
        .collect()
}

/// An absolute path: the same file by whatever name it is called.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    path.canonicalize().context("find the file")
}
