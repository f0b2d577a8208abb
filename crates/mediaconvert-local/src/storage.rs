//! Where sources come from and outputs go: S3, with the rights of a job's role.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, ResponseChecksumValidation, StalledStreamProtectionConfig};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use tempfile::TempPath;
use tokio::sync::Mutex;
use tracing::warn;

use crate::config::Config;
use crate::job::Failure;
use crate::metrics::{Direction, Metrics};
use crate::plan::destination::split_url;
use crate::spool::Spool;
use crate::web::{self, Web, WebError};

/// What names of downloaded sources begin with.
pub const SOURCE_PREFIX: &str = "source-";

/// How often a request is sent before it has failed.
pub(crate) const ATTEMPTS: u32 = 4;
/// How long a connection may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// How long a downloaded source serves again: a job often follows right after a probe.
const CACHE_LIFE: Duration = Duration::from_mins(5);
/// Sources kept at most.
const CACHE_SIZE: usize = 4;

/// S3 and STS, as this server's own identity.
#[derive(Clone)]
pub struct Storage {
    config: SdkConfig,
    client: aws_sdk_s3::Client,
    /// Without it, there are no roles.
    sts: Option<aws_sdk_sts::Client>,
    options: Options,
    cache: Arc<Cache>,
    web: Arc<Web>,
    metrics: Metrics,
}

/// How S3 is reached.
#[derive(Clone, Debug)]
struct Options {
    endpoint: Option<String>,
    path_style: bool,
    timeout: Duration,
}

/// S3 as one identity, and the web as nobody.
#[derive(Clone)]
pub struct Bucket {
    client: aws_sdk_s3::Client,
    cache: Arc<Cache>,
    web: Arc<Web>,
    /// How long a body may stand still.
    timeout: Duration,
    metrics: Metrics,
}

#[derive(Debug)]
struct Cache {
    folder: PathBuf,
    sources: Mutex<HashMap<(String, String), (Source, Instant)>>,
}

/// A downloaded object. Its file goes away with the last copy of this.
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) file: Arc<TempPath>,
    /// With quotes, as S3 gives it.
    pub etag: Option<String>,
    /// Seconds since 1970.
    pub last_modified: Option<i64>,
    /// Bytes.
    pub size: u64,
    /// As stored.
    pub content_type: Option<String>,
}

impl Source {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.file
    }
}

/// Why an object was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no such object or bucket.
    #[error("there is no object '{1}' in bucket '{0}'")]
    Missing(String, String),
    /// The identity may not read it.
    #[error("access denied to '{1}' in bucket '{0}'")]
    Denied(String, String),
    /// S3 can't be reached or broke off.
    #[error("read '{0}' from S3: {1}")]
    Transfer(String, String),
    /// It is no URL that this server reads.
    #[error("it is neither s3://bucket/key nor an HTTP address")]
    Address,
    /// A web server doesn't give it.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The local disk.
    #[error("write the downloaded source: {0}")]
    Disk(#[from] std::io::Error),
}

impl Storage {
    /// Keeps sources in `folder`.
    pub fn new(config: &Config, sdk: &SdkConfig, folder: PathBuf, metrics: Metrics) -> Self {
        let anywhere = config.s3_endpoint.is_some() || sdk.endpoint_url().is_some();
        let options = Options {
            endpoint: config.s3_endpoint.clone(),
            // A stand-in's host has no names for buckets.
            path_style: config.s3_path_style.unwrap_or(anywhere),
            timeout: Duration::from_secs_f64(config.s3_timeout_seconds),
        };
        let sts = config.assume_roles.then(|| aws_sdk_sts::Client::new(sdk));
        Self {
            client: s3(sdk, &options, None),
            sts,
            web: Arc::new(Web::new(options.timeout)),
            options,
            config: sdk.clone(),
            metrics,
            cache: Arc::new(Cache {
                folder,
                sources: Mutex::default(),
            }),
        }
    }

    /// S3 as this server itself.
    pub fn own(&self) -> Bucket {
        Bucket {
            client: self.client.clone(),
            cache: self.cache.clone(),
            web: self.web.clone(),
            timeout: self.options.timeout,
            metrics: self.metrics.clone(),
        }
    }

    /// S3 as the role of a job.
    ///
    /// # Errors
    ///
    /// The failure of the job, with the service's codes for roles.
    pub async fn assume(&self, role: &str, job_id: &str) -> Result<Bucket, Failure> {
        let Some(sts) = &self.sts else {
            return Ok(self.own());
        };
        let answer = sts
            .assume_role()
            .role_arn(role)
            .role_session_name(format!("mediaconvert-{job_id}"))
            .send()
            .await
            .map_err(|error| {
                let reason = said(&error);
                match error.code() {
                    Some("NoSuchEntity") => {
                        Failure::new(1433, format!("The role '{role}' does not exist: {reason}."))
                    }
                    Some("ValidationError" | "MalformedPolicyDocument") => {
                        Failure::new(1515, format!("The role '{role}' is malformed: {reason}."))
                    }
                    // A role that is missing and one that must not be assumed look the same.
                    Some("AccessDenied") => Failure::new(
                        1434,
                        format!("The role '{role}' does not exist or can't be assumed: {reason}."),
                    ),
                    _ => Failure::new(
                        1999,
                        format!("The role '{role}' could not be assumed: {reason}."),
                    ),
                }
            })?;
        let credentials = answer.credentials.ok_or_else(|| {
            Failure::new(1999, format!("The role '{role}' came without credentials."))
        })?;
        let credentials = Credentials::new(
            credentials.access_key_id,
            credentials.secret_access_key,
            Some(credentials.session_token),
            None,
            "AssumeRole",
        );
        Ok(Bucket {
            client: s3(&self.config, &self.options, Some(credentials)),
            cache: self.cache.clone(),
            web: self.web.clone(),
            timeout: self.options.timeout,
            metrics: self.metrics.clone(),
        })
    }
}

fn s3(
    config: &SdkConfig,
    options: &Options,
    credentials: Option<Credentials>,
) -> aws_sdk_s3::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(options.timeout);
    // A body that stands still for as long is a failure too, and tried again.
    let stalls = StalledStreamProtectionConfig::enabled().grace_period(options.timeout);
    let mut builder = aws_sdk_s3::config::Builder::from(config)
        .force_path_style(options.path_style)
        .timeout_config(timeouts.build())
        .stalled_stream_protection(stalls.build())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        // An object that was uploaded in parts has a checksum of its parts, which the SDK would warn of.
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    if let Some(endpoint) = &options.endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    if let Some(credentials) = credentials {
        builder = builder.credentials_provider(credentials);
    }
    aws_sdk_s3::Client::from_conf(builder.build())
}

impl Bucket {
    /// Fetches what a URL of a job names into a file.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub async fn source(&self, url: &str) -> Result<Source, FetchError> {
        if let Some((bucket, key)) = split_url(url) {
            return self.fetch(bucket, key).await;
        }
        if !web::is_address(url) {
            return Err(FetchError::Address);
        }
        let file = tempfile::Builder::new()
            .prefix(SOURCE_PREFIX)
            .tempfile_in(&self.cache.folder)?;
        self.web.fetch(url, file).await
    }

    /// Fetches an object into a file, with one plain request; again only when it has changed.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    async fn fetch(&self, bucket: &str, key: &str) -> Result<Source, FetchError> {
        let name = (bucket.to_owned(), key.to_owned());
        let cached = self.cache.get(&name).await;
        // The request is made even so: it is the identity's right to read that is asked for.
        let answer = self
            .client
            .get_object()
            .bucket(bucket)
            .key(key)
            .set_if_none_match(cached.as_ref().and_then(|source| source.etag.clone()))
            .send()
            .await;
        let answer = match (answer, cached) {
            (Ok(answer), _) => answer,
            (Err(error), Some(cached)) if status(&error) == Some(304) => return Ok(cached),
            (Err(error), _) => return Err(refusal(&error, bucket, key)),
        };
        let source = Box::pin(self.save(answer, bucket, key)).await?;
        self.cache.put(name, source.clone()).await;
        Ok(source)
    }

    /// Writes a body to a file; where it breaks off, goes on from there.
    async fn save(
        &self,
        first: GetObjectOutput,
        bucket: &str,
        key: &str,
    ) -> Result<Source, FetchError> {
        let file = tempfile::Builder::new()
            .prefix(SOURCE_PREFIX)
            .tempfile_in(&self.cache.folder)?;
        let (file, path) = file.into_parts();
        let mut spool = Spool::new(tokio::fs::File::from_std(file));
        let mut body = first.body;
        let mut attempts = 1;
        while let Some(broken) = spool.take(body, self.timeout).await? {
            if attempts == ATTEMPTS {
                return Err(FetchError::Transfer(key.to_owned(), broken));
            }
            attempts += 1;
            warn!(
                s3_bucket = bucket,
                s3_key = key,
                size_bytes = spool.size,
                "reading broke off, going on from there: {broken}"
            );
            let rest = self.client.get_object().bucket(bucket).key(key);
            let rest = rest
                .range(format!("bytes={}-", spool.size))
                .set_if_match(first.e_tag.clone())
                .send()
                .await
                .map_err(|error| FetchError::Transfer(key.to_owned(), said(&error)))?;
            body = rest.body;
        }
        let size = spool.finish().await?;
        self.metrics.transferred(Direction::Read, size);
        Ok(Source {
            file: Arc::new(path),
            etag: first.e_tag,
            last_modified: first.last_modified.map(|time| time.secs()),
            size,
            content_type: first.content_type,
        })
    }

    /// Writes an object.
    ///
    /// # Errors
    ///
    /// The failure of the job, with the service's codes for S3.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        body: ByteStream,
        kind: &str,
    ) -> Result<(), Failure> {
        let request = self
            .client
            .put_object()
            .bucket(bucket)
            .key(key)
            .body(body)
            .content_type(kind);
        let size = request.as_input().get_body().as_ref();
        let size = size.and_then(|body| body.size_hint().1).unwrap_or_default();
        request.send().await.map_err(|error| {
            let reason = said(&error);
            match (status(&error), error.code()) {
                (_, Some("NoSuchBucket")) | (Some(404), _) => Failure::new(
                    1404,
                    format!("The output bucket '{bucket}' does not exist: {reason}."),
                ),
                (Some(403), _) => Failure::new(
                    1401,
                    format!("Access denied writing 's3://{bucket}/{key}': {reason}."),
                ),
                _ => Failure::new(
                    1999,
                    format!("Writing 's3://{bucket}/{key}' failed: {reason}."),
                ),
            }
        })?;
        self.metrics.transferred(Direction::Written, size);
        Ok(())
    }

    /// Removes an object, if it can.
    ///
    /// # Errors
    ///
    /// What S3 said.
    pub async fn remove(&self, bucket: &str, key: &str) -> Result<(), String> {
        let request = self.client.delete_object().bucket(bucket).key(key);
        request
            .send()
            .await
            .map(|_| ())
            .map_err(|error| said(&error))
    }
}

impl Cache {
    async fn get(&self, name: &(String, String)) -> Option<Source> {
        let mut sources = self.sources.lock().await;
        sources.retain(|_, (_, fetched)| fetched.elapsed() < CACHE_LIFE);
        sources.get(name).map(|(source, _)| source.clone())
    }

    async fn put(&self, name: (String, String), source: Source) {
        let mut sources = self.sources.lock().await;
        if sources.len() >= CACHE_SIZE {
            let oldest = sources
                .iter()
                .min_by_key(|(_, (_, fetched))| *fetched)
                .map(|(name, _)| name.clone());
            if let Some(oldest) = oldest {
                sources.remove(&oldest);
            }
        }
        sources.insert(name, (source, Instant::now()));
    }
}

fn refusal(error: &SdkError<GetObjectError>, bucket: &str, key: &str) -> FetchError {
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    match status(error) {
        Some(404) => FetchError::Missing(bucket, key),
        Some(401 | 403) => FetchError::Denied(bucket, key),
        _ => FetchError::Transfer(key, said(error)),
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

/// What the other side said, or what kept it from saying anything.
pub fn said<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {}", message.trim_end_matches('.')),
        (Some(code), None) => code.to_owned(),
        _ => match error {
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                "no answer in time".to_owned()
            }
            SdkError::DispatchFailure(_) => "no connection".to_owned(),
            SdkError::TimeoutError(_) => "no answer in time".to_owned(),
            SdkError::ServiceError(context) => format!("status {}", context.raw().status()),
            _ => "no usable answer".to_owned(),
        },
    }
}
