//! Writes the manifests of what plays with the captions that somebody added. Whoever changes the captions or completes a
//! conversion does so; repeating it is safe.
#![expect(clippy::disallowed_types, reason = "this is the edge: it sends")]

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};

use crate::captions::edition::{self, ManifestError};
use crate::captions::{Added, end_ms, of_clip};
use crate::clock::now;
use crate::output::OutputFolder;
use crate::table::{Table, TableError};
use crate::video::{Event, Playback, Video};

/// Media type of WebVTT.
pub const WEBVTT: &str = "text/vtt; charset=utf-8";
/// Media type of an HLS playlist.
const HLS: &str = "application/vnd.apple.mpegurl";
/// Media type of a DASH manifest.
const DASH: &str = "application/dash+xml";

/// Times that it is begun anew because the video changed meanwhile.
const ATTEMPTS: usize = 5;

/// Where everything is.
#[derive(Clone, Copy, Debug)]
pub struct Editions<'a> {
    /// Sends.
    pub s3: &'a Client,
    /// The video records.
    pub table: &'a Table,
    /// Name of the bucket with the files of captions.
    pub source_bucket: &'a str,
    /// Name of the bucket with the manifests.
    pub converted_bucket: &'a str,
}

impl Editions<'_> {
    /// Sees to it that what plays has the captions that it is to have. `video` is the record as it is known; the answer is
    /// what it is then.
    ///
    /// # Errors
    ///
    /// [`EditionError`], where a file can't be read or written. What plays stays as it was.
    pub async fn complete(&self, mut video: Video) -> Result<Video, EditionError> {
        for _ in 0..ATTEMPTS {
            let Some(playback) = video.misses_edition() else {
                return Ok(video);
            };
            if let Some(added) = video
                .captions
                .as_ref()
                .filter(|_| video.edition().is_some())
            {
                // Seldom needed, and large: not a part of whoever waits for this.
                Box::pin(self.write(&video.id, playback, added)).await?;
            }
            let written = Event::EditionWritten {
                revision: playback.revision.clone(),
                edition: video.edition(),
            };
            self.table.apply(&video.id, &written, now()).await?;
            match self.table.video(&video.id).await? {
                Some(changed) => video = changed,
                // Deleted meanwhile.
                None => return Ok(video),
            }
        }
        Err(EditionError::Contended)
    }

    async fn write(
        &self,
        video_id: &str,
        playback: &Playback,
        added: &Added,
    ) -> Result<(), EditionError> {
        let folder = OutputFolder {
            video_id,
            revision: &playback.revision,
        };
        let key = |name: &str| folder.edition(added.edition, name);
        let mut end = playback.duration_ms;
        for track in &added.tracks {
            let mut text = self.read(self.source_bucket, &track.key(video_id)).await?;
            if let Some(clip) = playback.clip {
                text = of_clip(&text, clip);
            }
            end = end.max(playback.duration_ms.or_else(|| end_ms(&text)));
            let name = format!("{}.vtt", track.language);
            self.put(&key(&name), WEBVTT, text).await?;
        }
        for track in &added.tracks {
            let playlist = edition::playlist(&track.language, end.unwrap_or_default());
            let name = format!("{}.m3u8", track.language);
            self.put(&key(&name), HLS, playlist).await?;
        }
        let hls = self.read(self.converted_bucket, &folder.hls()).await?;
        let dash = self.read(self.converted_bucket, &folder.dash()).await?;
        let hls = edition::multivariant(&hls, &added.tracks)?;
        let dash = edition::mpd(&dash, added.edition, &added.tracks)?;
        let edition = Some(added.edition);
        self.put(&folder.hls_of(edition), HLS, hls).await?;
        self.put(&folder.dash_of(edition), DASH, dash).await
    }

    async fn read(&self, bucket: &str, key: &str) -> Result<String, EditionError> {
        let object = self.s3.get_object().bucket(bucket).key(key);
        let output = object.send().await.map_err(Box::new)?;
        let bytes = output.body.collect().await?.to_vec();
        String::from_utf8(bytes).map_err(|_| EditionError::NotText(key.to_owned()))
    }

    async fn put(&self, key: &str, kind: &str, text: String) -> Result<(), EditionError> {
        let object = self.s3.put_object();
        let object = object.bucket(self.converted_bucket).key(key);
        let body = ByteStream::from(text.into_bytes());
        let put = object.content_type(kind).body(body).send().await;
        put.map_err(Box::new)?;
        Ok(())
    }
}

/// Why the manifests can't be written.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// The record can't be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// S3 doesn't give a file.
    #[error("read a manifest or captions")]
    Get(#[from] Box<SdkError<GetObjectError>>),
    /// The connection broke.
    #[error("read a manifest or captions")]
    Body(#[from] ByteStreamError),
    /// A file is not what it was.
    #[error("{0} is no text")]
    NotText(String),
    /// S3 doesn't take a file.
    #[error("write a manifest or captions")]
    Put(#[from] Box<SdkError<PutObjectError>>),
    /// The conversion's manifest isn't as we know it.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Others kept changing the video; a retry finds the dust settled.
    #[error("the video kept changing")]
    Contended,
}
