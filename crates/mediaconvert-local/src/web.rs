//! Sources from web servers: plain requests without credentials.
//!
//! Any address that this server reaches is read, its own machine's too: it is a tool for one machine.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use tempfile::NamedTempFile;
use tracing::warn;

use crate::spool::Spool;
use crate::storage::{ATTEMPTS, CONNECT, FetchError, Source};

/// How long to wait before a request is sent again; twice as long each time.
const PAUSE: Duration = Duration::from_millis(200);
/// Redirections that are followed: as many as the service does.
const REDIRECTIONS: u32 = 1;

/// Reads from web servers.
#[derive(Debug)]
pub struct Web {
    connector: Connector,
    timeout: Duration,
}

/// Why a web server didn't give a file.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// It answered with that status.
    #[error("the server answered {0}")]
    Answer(u16),
    /// It can't be reached, or says nothing.
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    /// It broke off again and again.
    #[error("the transfer broke off: {0}")]
    Broken(String),
}

impl WebError {
    /// The service's code for it:
    /// <https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_error_codes.html>.
    pub fn code(&self) -> u16 {
        match self {
            Self::Answer(401) => 3401,
            Self::Answer(403) => 3403,
            Self::Answer(404) => 3404,
            Self::Answer(500..) => 3450,
            Self::Answer(_) => 3999,
            Self::Unreachable(_) => 3451,
            Self::Broken(_) => 3408,
        }
    }
}

/// Whether a URL is that of a file on a web server.
pub fn is_address(url: &str) -> bool {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (host, path) = rest.split_once('/')?;
        Some((scheme.to_ascii_lowercase(), host, path))
    });
    parts.is_some_and(|(scheme, host, path)| {
        matches!(scheme.as_str(), "http" | "https") && !host.is_empty() && !path.is_empty()
    })
}

/// What speaks HTTP, with as much patience for a connection and for each answer.
pub(crate) fn connector(connect: Duration, read: Duration) -> Connector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(connect)
        .read_timeout(read)
        .build();
    Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .connector_settings(settings)
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .build()
}

impl Web {
    /// With as much patience for each answer, and for each piece of it.
    pub fn new(timeout: Duration) -> Self {
        Self {
            connector: connector(CONNECT, timeout),
            timeout,
        }
    }

    /// Fetches a file; where it breaks off, goes on from there.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub async fn fetch(&self, url: &str, file: NamedTempFile) -> Result<Source, FetchError> {
        let (file, path) = file.into_parts();
        let mut spool = Spool::new(tokio::fs::File::from_std(file));
        let first = self.patiently(url, None).await?;
        let told = |name| first.headers().get(name).map(str::to_owned);
        let (etag, content_type) = (told("etag"), told("content-type"));
        let last_modified = told("last-modified")
            .and_then(|time| DateTime::from_str(&time, DateTimeFormat::HttpDate).ok())
            .map(|time| time.secs());
        let mut body = ByteStream::new(first.into_body());
        let mut attempts = 1;
        while let Some(broken) = spool.take(body, self.timeout).await? {
            if attempts == ATTEMPTS {
                return Err(WebError::Broken(broken).into());
            }
            attempts += 1;
            warn!(
                size_bytes = spool.size,
                "reading {url} broke off, going on from there: {broken}"
            );
            let rest = Rest {
                from: spool.size,
                etag: etag.as_deref(),
            };
            let answer = self.patiently(url, Some(rest)).await?;
            if answer.status().as_u16() != 206 {
                // All of it, from the beginning: it has changed, or this server gives no parts.
                return Err(WebError::Broken(broken).into());
            }
            body = ByteStream::new(answer.into_body());
        }
        Ok(Source {
            size: spool.finish().await?,
            file: Arc::new(path),
            etag,
            last_modified,
            content_type,
        })
    }

    /// Asks, and again when the server is busy or gone.
    async fn patiently(&self, url: &str, rest: Option<Rest<'_>>) -> Result<HttpResponse, WebError> {
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match self.redirected(url, rest).await {
                Err(WebError::Answer(500..) | WebError::Unreachable(_)) => {}
                settled => return settled,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.redirected(url, rest).await
    }

    /// Asks, and goes where the server sends it.
    async fn redirected(
        &self,
        url: &str,
        rest: Option<Rest<'_>>,
    ) -> Result<HttpResponse, WebError> {
        let mut url = url.to_owned();
        for _ in 0..REDIRECTIONS {
            let answer = self.ask(&url, rest).await?;
            let place = answer.headers().get("location");
            match (answer.status().as_u16(), place) {
                (301 | 302, Some(place)) => url = resolved(&url, place),
                _ => return checked(answer),
            }
        }
        checked(self.ask(&url, rest).await?)
    }

    async fn ask(&self, url: &str, rest: Option<Rest<'_>>) -> Result<HttpResponse, WebError> {
        let unreachable = |error: &(dyn Error + 'static)| WebError::Unreachable(innermost(error));
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url).map_err(|error| unreachable(&error))?;
        if let Some(Rest { from, etag }) = rest {
            let headers = request.headers_mut();
            headers.insert("range", format!("bytes={from}-"));
            if let Some(etag) = etag.filter(|etag| !etag.starts_with("W/")) {
                headers.insert("if-range", etag.to_owned());
            }
        }
        let answer = self.connector.call(request).await;
        answer.map_err(|error| unreachable(&error))
    }
}

/// What of a file is still to come.
#[derive(Clone, Copy)]
struct Rest<'a> {
    /// Bytes that are there.
    from: u64,
    /// Of the file that they are of.
    etag: Option<&'a str>,
}

/// What is at the bottom of an error: above it, the library says "other" or "io error" only.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut at = error;
    while let Some(cause) = at.source() {
        at = cause;
    }
    at.to_string()
}

fn checked(answer: HttpResponse) -> Result<HttpResponse, WebError> {
    if answer.status().is_success() {
        Ok(answer)
    } else {
        Err(WebError::Answer(answer.status().as_u16()))
    }
}

/// A place as a redirection tells it: whole, or another path of the same server.
fn resolved(url: &str, place: &str) -> String {
    if !place.starts_with('/') || place.starts_with("//") {
        return place.to_owned();
    }
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    format!("{}{place}", &url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_lead_to_other_servers_and_paths() {
        assert_eq!(resolved("http://h:1/a/b", "/c"), "http://h:1/c");
        assert_eq!(resolved("http://h:1/a/b", "https://i/c"), "https://i/c");
    }

    #[test]
    fn each_failure_has_its_code() {
        let codes = [401, 403, 404, 410, 500, 503].map(|status| WebError::Answer(status).code());
        assert_eq!(codes, [3401, 3403, 3404, 3999, 3450, 3450]);
    }
}
