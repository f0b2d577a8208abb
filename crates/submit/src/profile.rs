//! Finds the profile of an upload: its name from the nearest place that names one, its content from the stack's
//! configuration bucket or from a job template.

use aws_sdk_mediaconvert::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_mediaconvert::operation::get_job_template::GetJobTemplateError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::get_object_tagging::GetObjectTaggingError;
use aws_sdk_s3::primitives::ByteStreamError;
use common::cost::{Prices, PricesError};
use common::failure::{Failure, FailureCode};
use common::job::{PNG_HEAD_BYTES, Template, Watermark};
use common::profile::{Choices, Named, Profile};
use common::source::Source;

use crate::clients::Clients;
use crate::config::Config;
use crate::parts::Labels;

/// Name of the object's metadata and of its tag.
const LABEL: &str = "profile";
/// No profile is larger, bytes.
const MAX_BYTES: i64 = 64 * 1024;

/// What an upload is converted with.
pub(crate) enum Chosen {
    /// A profile.
    Profile(Box<Profile>),
    /// A job template of the account.
    Template(Box<Template>),
}

/// The profile's name. The tags cost a request, so they are read only where the object has some and nothing nearer names
/// a profile.
pub(crate) async fn name(
    clients: &Clients,
    config: &Config,
    source: &Source,
    record: Option<&str>,
    labels: &Labels,
) -> Result<String, ProfileError> {
    let nearer = Choices {
        record,
        metadata: labels.metadata.get(LABEL).map(String::as_str),
        ..Choices::default()
    };
    let tag = if nearer.name().is_empty() && labels.has_tags {
        tag(clients, source).await?
    } else {
        None
    };
    let choices = Choices {
        tag: tag.as_deref(),
        default: &config.default_profile,
        ..nearer
    };
    Ok(choices.name().to_owned())
}

async fn tag(clients: &Clients, source: &Source) -> Result<Option<String>, ProfileError> {
    let tagging = clients
        .s3
        .get_object_tagging()
        .bucket(&source.bucket)
        .key(&source.key)
        .set_version_id(source.version_id.clone())
        .send()
        .await
        .map_err(Box::new)?;
    let mut tags = tagging.tag_set.into_iter();
    Ok(tags.find(|tag| tag.key == LABEL).map(|tag| tag.value))
}

/// The profile of this name.
pub(crate) async fn find(
    clients: &Clients,
    config: &Config,
    name: &str,
) -> Result<Chosen, ProfileError> {
    match Named::parse(name) {
        Some(Named::BuiltIn(name)) => match Profile::built_in(&name) {
            Some(mut profile) => {
                profile.audio.loudness_lufs = config.loudness_lufs;
                Ok(Chosen::Profile(Box::new(profile)))
            }
            None => Err(unknown(&name).into()),
        },
        Some(Named::Own(key)) => own(clients, config, name, &key).await,
        Some(Named::Template(template)) => self::template(clients, name, &template).await,
        None => Err(unknown(name).into()),
    }
}

async fn own(
    clients: &Clients,
    config: &Config,
    name: &str,
    key: &str,
) -> Result<Chosen, ProfileError> {
    let got = clients
        .s3
        .get_object()
        .bucket(&config.configuration_bucket)
        .key(key)
        .send()
        .await;
    let output = match got {
        Ok(output) => output,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetObjectError::is_no_such_key) =>
        {
            return Err(unknown(name).into());
        }
        Err(error) => return Err(Box::new(error).into()),
    };
    if output
        .content_length()
        .is_some_and(|bytes| bytes > MAX_BYTES)
    {
        return Err(invalid(name, "the file is larger than 64 KiB").into());
    }
    let text = output.body.collect().await?.into_bytes();
    match Profile::from_json(&text) {
        Ok(mut profile) => {
            let stack = config.loudness_lufs;
            profile.audio.loudness_lufs = profile.audio.loudness_lufs.or(stack);
            Ok(Chosen::Profile(Box::new(profile)))
        }
        Err(mistake) => Err(invalid(name, &mistake.to_string()).into()),
    }
}

async fn template(clients: &Clients, name: &str, template: &str) -> Result<Chosen, ProfileError> {
    let got = clients
        .mediaconvert
        .get_job_template()
        .name(template)
        .send()
        .await;
    match got {
        Ok(output) => {
            let template = output.job_template;
            let template = template.ok_or_else(|| invalid(name, "the job template is empty"))?;
            Ok(Chosen::Template(Box::new(Template::new(template)?)))
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetJobTemplateError::is_not_found_exception) =>
        {
            Err(unknown(name).into())
        }
        Err(error) => Err(Box::new(error).into()),
    }
}

/// The image of a profile's watermark.
pub(crate) async fn watermark(
    clients: &Clients,
    config: &Config,
    name: &str,
    profile: &Profile,
) -> Result<Option<Watermark>, ProfileError> {
    let Some(policy) = profile.watermark.clone() else {
        return Ok(None);
    };
    let bucket = &config.configuration_bucket;
    let got = clients
        .s3
        .get_object()
        .bucket(bucket)
        .key(&policy.image)
        .range(format!("bytes=0-{}", PNG_HEAD_BYTES - 1))
        .send()
        .await;
    let image = policy.image.clone();
    let head = match got {
        Ok(output) => output.body.collect().await?.to_vec(),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetObjectError::is_no_such_key) =>
        {
            let why = format!("the watermark {image} isn't in the configuration bucket");
            return Err(invalid(name, &why).into());
        }
        // An empty file has no such range.
        Err(error) if error.code() == Some("InvalidRange") => Vec::new(),
        Err(error) => return Err(Box::new(error).into()),
    };
    match Watermark::new(policy, bucket, &head) {
        Some(watermark) => Ok(Some(watermark)),
        None => Err(invalid(name, &format!("the watermark {image} is no PNG")).into()),
    }
}

/// The prices of the region: of the stack's own table, or of the one that comes with this version.
pub(crate) async fn prices(clients: &Clients, config: &Config) -> Result<Prices, ProfileError> {
    let Some(key) = &config.prices_key else {
        return Ok(Prices::built_in(&config.region)?);
    };
    let output = clients
        .s3
        .get_object()
        .bucket(&config.configuration_bucket)
        .key(key)
        .send()
        .await
        .map_err(Box::new)?;
    let text = output.body.collect().await?.into_bytes();
    Ok(Prices::from_json(&text, &config.region)?)
}

fn unknown(name: &str) -> Failure {
    Failure::ours(FailureCode::UnknownProfile).with_message(format!("no profile is called {name}"))
}

fn invalid(name: &str, why: &str) -> Failure {
    Failure::ours(FailureCode::InvalidProfile).with_message(format!("{name}: {why}"))
}

/// Why an upload has no profile.
#[derive(Debug)]
pub(crate) enum ProfileError {
    /// There is none, or none that can be used: trying again can't help.
    Unusable(Failure),
    /// It can't be read now.
    Unread(ReadProfile),
}

/// A profile can't be read now.
#[derive(Debug, thiserror::Error)]
pub enum ReadProfile {
    /// S3 refused the file or could not be reached.
    #[error("read the profile")]
    Get(#[from] Box<SdkError<GetObjectError>>),
    /// The file broke off.
    #[error("read the profile")]
    Body(#[from] ByteStreamError),
    /// S3 refused the tags or could not be reached.
    #[error("read the object's tags")]
    Tags(#[from] Box<SdkError<GetObjectTaggingError>>),
    /// The stack's own price table is none.
    #[error(transparent)]
    Prices(#[from] PricesError),
    /// MediaConvert refused the template or could not be reached.
    #[error("read the job template")]
    Template(#[from] Box<SdkError<GetJobTemplateError>>),
}

impl From<Failure> for ProfileError {
    fn from(failure: Failure) -> Self {
        Self::Unusable(failure)
    }
}

impl<E: Into<ReadProfile>> From<E> for ProfileError {
    fn from(error: E) -> Self {
        Self::Unread(error.into())
    }
}
