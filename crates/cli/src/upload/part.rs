//! Sends one part to the address that the API signed for it.

use std::io::SeekFrom;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::TryStreamExt;
use reqwest::header::{CONTENT_LENGTH, ETAG};
use reqwest::{Body, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::time::sleep;
use tokio_util::io::ReaderStream;
use url::Url;

use super::plan::Part;
use super::progress::Bar;
use crate::api::Api;

/// Waits between attempts at a part, each twice as long as the one before, which bridges half a minute without a connection.
const WAITS: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_secs(1))
    .with_max_times(5);

/// Bytes that are read from the file at once.
const READ_BYTES: usize = 256 * 1024;

#[derive(Deserialize)]
struct Signed {
    parts: Vec<SignedPart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedPart {
    part_number: u32,
    url: Url,
}

/// Where a part may be put, for a while.
pub(super) struct Address(Url);

/// Sends the parts of one file.
pub(super) struct Sender<'a> {
    pub(super) api: &'a Api,
    /// Route of the API that signs.
    pub(super) route: &'a str,
    pub(super) path: &'a Path,
    pub(super) bar: &'a Bar,
}

impl Sender<'_> {
    /// Asks for the addresses of some parts.
    pub(super) async fn sign(&self, parts: Vec<Part>) -> anyhow::Result<Vec<(Part, Address)>> {
        let numbers: Vec<u32> = parts.iter().map(|part| part.number).collect();
        let mut signed: Signed = self
            .api
            .post_repeatable(self.route, &json!({"partNumbers": numbers}))
            .await?;
        parts
            .into_iter()
            .map(|part| {
                let found = signed
                    .parts
                    .iter()
                    .position(|signed| signed.part_number == part.number);
                let found = found.with_context(|| {
                    format!("the site gave no address for part {}", part.number)
                })?;
                Ok((part, Address(signed.parts.swap_remove(found).url)))
            })
            .collect()
    }

    /// Sends a part, again if need be, and answers its `ETag`.
    pub(super) async fn send(&self, part: Part, mut address: Address) -> anyhow::Result<String> {
        let mut waits = WAITS.build();
        loop {
            let error = match self.put(part, &address).await {
                Ok(etag) => return Ok(etag),
                Err(error) => error,
            };
            let wait = waits.next().filter(|_| error.is_worth_repeating());
            let Some(wait) = wait else {
                return Err(error).with_context(|| format!("send part {}", part.number));
            };
            sleep(wait).await;
            if let PutError::Refused(StatusCode::FORBIDDEN) = error {
                // Its time was over.
                if let Some((_, renewed)) = self.sign(vec![part]).await?.pop() {
                    address = renewed;
                }
            }
        }
    }

    async fn put(&self, part: Part, Address(url): &Address) -> Result<String, PutError> {
        let mut file = File::open(self.path).await?;
        file.seek(SeekFrom::Start(part.offset)).await?;
        let sent = self.bar.part();
        let bytes =
            ReaderStream::with_capacity(file.take(part.size_bytes), READ_BYTES).inspect_ok({
                let sent = sent.clone();
                move |bytes| sent.advance(bytes.len() as u64)
            });
        let answer = self
            .api
            .http()
            .put(url.clone())
            .header(CONTENT_LENGTH, part.size_bytes)
            .body(Body::wrap_stream(bytes))
            .send()
            .await?;
        if !answer.status().is_success() {
            return Err(PutError::Refused(answer.status()));
        }
        let etag = answer
            .headers()
            .get(ETAG)
            .and_then(|etag| etag.to_str().ok());
        let etag = etag.ok_or(PutError::NoEtag)?.to_owned();
        sent.keep();
        Ok(etag)
    }
}

/// Why a part was not taken.
#[derive(Debug, thiserror::Error)]
enum PutError {
    #[error("read the file")]
    Read(#[from] std::io::Error),
    #[error("reach the storage")]
    Send(#[from] reqwest::Error),
    #[error("the storage answered {0}")]
    Refused(StatusCode),
    #[error("the storage's answer has no ETag")]
    NoEtag,
}

impl PutError {
    fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Read(_) | Self::NoEtag => false,
            Self::Send(_) => true,
            Self::Refused(status) => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::FORBIDDEN
                            | StatusCode::REQUEST_TIMEOUT
                            | StatusCode::TOO_MANY_REQUESTS
                    )
            }
        }
    }
}
