//! Signed addresses for the parts of an upload
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>). Many at a time, so without the
//! detour through the SDK's client that a single one would take.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningError,
    SigningParams, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::problem::Problem;

/// How long a part's address can be used, seconds. S3 looks when the request begins; a part that is under way at the
/// end may finish.
pub const VALID_SECONDS: u32 = 3600;

/// What RFC 3986 leaves as it is in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Signs addresses of one bucket.
pub struct Signer {
    /// Address of the bucket, without a slash at its end.
    pub bucket_url: String,
    /// AWS region.
    pub region: String,
    /// Whose rights the addresses carry.
    pub credentials: Credentials,
}

/// A part to be uploaded.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Key of the object; one whose characters need no encoding.
    pub key: &'a str,
    /// S3's id of the multipart upload.
    pub upload_id: &'a str,
    /// Its number.
    pub number: u32,
    /// The number of bytes that S3 must be sent, no more and no less.
    pub size_bytes: u64,
}

impl Signer {
    /// Addresses for these parts, in their order, signed at `time`.
    ///
    /// # Errors
    ///
    /// [`SignError`], which no part of ours leads to.
    pub fn sign<'a>(
        &self,
        parts: impl Iterator<Item = Part<'a>>,
        time: SystemTime,
    ) -> Result<Vec<String>, SignError> {
        let identity = self.credentials.clone().into();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(u64::from(VALID_SECONDS)));
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(time)
            .settings(settings)
            .build()?
            .into();
        parts.map(|part| self.address(part, &params)).collect()
    }

    fn address(&self, part: Part<'_>, params: &SigningParams<'_>) -> Result<String, SignError> {
        let mut url = format!(
            "{}/{}?partNumber={}&uploadId={}",
            self.bucket_url,
            part.key,
            part.number,
            utf8_percent_encode(part.upload_id, QUERY)
        );
        let length = part.size_bytes.to_string();
        let headers = [("content-length", length.as_str())];
        let request = SignableRequest::new(
            "PUT",
            &url,
            headers.into_iter(),
            SignableBody::UnsignedPayload,
        )?;
        let (instructions, _) = sign(request, params)?.into_parts();
        for (name, value) in instructions.params() {
            url.push('&');
            url.push_str(name);
            url.push('=');
            url.extend(utf8_percent_encode(value, QUERY));
        }
        Ok(url)
    }
}

/// An address could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A setting is missing.
    #[error("prepare the signature")]
    Settings(#[from] v4::signing_params::BuildError),
    /// The address can't be signed.
    #[error("sign the address")]
    Sign(#[from] SigningError),
}

/// Address of a bucket, as the SDK chooses it: by region and partition, or by the endpoint that it is told to use.
///
/// # Errors
///
/// 500, where the SDK can't tell.
pub async fn bucket_url(s3: &Client, bucket: &str) -> Result<String, Problem> {
    const KEY: &str = "key";
    let presigning = PresigningConfig::expires_in(Duration::from_mins(1))
        .map_err(|error| Problem::internal("prepare an address", &error))?;
    let signed = s3
        .get_object()
        .bucket(bucket)
        .key(KEY)
        .presigned(presigning)
        .await?;
    let whole = signed.uri();
    let path = whole.split('?').next().unwrap_or_default();
    Ok(path.trim_end_matches(KEY).trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Part, Signer};
    use aws_credential_types::Credentials;
    use std::time::{Duration, SystemTime};

    fn signer() -> Signer {
        Signer {
            bucket_url: "https://vod-source.s3.eu-central-1.amazonaws.com".to_owned(),
            region: "eu-central-1".to_owned(),
            credentials: Credentials::new(
                "AKIDEXAMPLE",
                "secret",
                Some("to/ken+=".to_owned()),
                None,
                "test",
            ),
        }
    }

    fn address(number: u32, size_bytes: u64) -> String {
        let part = Part {
            key: "videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4",
            upload_id: "up/load+id",
            number,
            size_bytes,
        };
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_768_471_301);
        signer()
            .sign(std::iter::once(part), time)
            .unwrap()
            .remove(0)
    }

    #[test]
    fn an_address_binds_part_upload_length_and_time() {
        let url = address(7, 1000);
        for fragment in [
            "https://vod-source.s3.eu-central-1.amazonaws.com/videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4?",
            "partNumber=7&uploadId=up%2Fload%2Bid&",
            "X-Amz-SignedHeaders=content-length%3Bhost",
            "X-Amz-Expires=3600",
            "X-Amz-Date=20260115T100141Z",
            "X-Amz-Security-Token=to%2Fken%2B%3D",
            "X-Amz-Credential=AKIDEXAMPLE%2F20260115%2Feu-central-1%2Fs3%2Faws4_request",
        ] {
            assert!(url.contains(fragment), "{fragment} in {url}");
        }
    }

    #[test]
    fn another_length_has_another_signature() {
        assert_ne!(address(7, 1000), address(7, 1001));
    }
}
