//! Signed addresses for the parts of an upload
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>). Up to ten thousand at a time, which
//! differ in number and length alone: what they share is put together once, where aws-sigv4 would begin anew with each.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use common::time::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

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

/// An upload under way.
#[derive(Clone, Copy, Debug)]
pub struct Multipart<'a> {
    /// Key of the object; one whose characters need no encoding.
    pub key: &'a str,
    /// S3's id of the multipart upload.
    pub upload_id: &'a str,
}

/// A part to be uploaded.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its number.
    pub number: u32,
    /// The number of bytes that S3 must be sent, no more and no less.
    pub size_bytes: u64,
}

impl Signer {
    /// Addresses for these parts, in their order, signed at `time`.
    pub fn sign(
        &self,
        upload: Multipart<'_>,
        parts: impl Iterator<Item = Part>,
        time: Timestamp,
    ) -> Vec<String> {
        let address = format!("{}/{}", self.bucket_url, upload.key);
        let (_, after_scheme) = address.split_once("://").unwrap_or_default();
        let (host, _) = after_scheme.split_once('/').unwrap_or_default();
        let path = &after_scheme[host.len()..];

        let moment = compact(time);
        let date = &moment[..DATE_LENGTH];
        let scope = format!("{date}/{}/s3/aws4_request", self.region);
        let credential = format!("{}/{scope}", self.credentials.access_key_id());
        let mut constant = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={moment}&X-Amz-Expires={VALID_SECONDS}",
            utf8_percent_encode(&credential, QUERY)
        );
        if let Some(token) = self.credentials.session_token() {
            constant.push_str("&X-Amz-Security-Token=");
            constant.extend(utf8_percent_encode(token, QUERY));
        }
        constant.push_str("&X-Amz-SignedHeaders=content-length%3Bhost");
        let upload_id = utf8_percent_encode(upload.upload_id, QUERY).to_string();
        let secret = self.credentials.secret_access_key();
        let key = generate_signing_key(secret, system_time(time), &self.region, "s3");

        let sign = |part: Part| {
            let Part { number, size_bytes } = part;
            // In the order that the canonical form has them in.
            let query = format!("{constant}&partNumber={number}&uploadId={upload_id}");
            let request = format!(
                "PUT\n{path}\n{query}\ncontent-length:{size_bytes}\nhost:{host}\n\ncontent-length;host\nUNSIGNED-PAYLOAD"
            );
            let digest = hex::encode(Sha256::digest(request));
            let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}");
            let signature = calculate_signature(&key, text.as_bytes());
            format!("{address}?{query}&X-Amz-Signature={signature}")
        };
        parts.map(sign).collect()
    }
}

/// Letters of a date in ISO 8601's basic format.
const DATE_LENGTH: usize = "YYYYMMDD".len();

/// Whole seconds in ISO 8601's basic format: `20260115T100141Z`.
fn compact(time: Timestamp) -> String {
    let text = Timestamp::from_unix_ms(time.unix_ms() / 1000 * 1000).to_string();
    let (seconds, _) = text.split_once(['.', 'Z']).unwrap_or((&text, ""));
    let mut compact = seconds.replace(['-', ':'], "");
    compact.push('Z');
    compact
}

fn system_time(time: Timestamp) -> SystemTime {
    let since_epoch = u64::try_from(time.unix_ms()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_millis(since_epoch)
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
    use std::time::Duration;

    use aws_credential_types::Credentials;
    use aws_sigv4::http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    };
    use aws_sigv4::sign::v4;
    use common::time::Timestamp;
    use percent_encoding::utf8_percent_encode;
    use proptest::prelude::*;

    use super::{Multipart, Part, QUERY, Signer, VALID_SECONDS, system_time};

    const KEY: &str = "videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4";

    fn signer(bucket_url: &str, secret: &str, token: Option<String>) -> Signer {
        Signer {
            bucket_url: bucket_url.to_owned(),
            region: "eu-central-1".to_owned(),
            credentials: Credentials::new("AKIDEXAMPLE", secret, token, None, "test"),
        }
    }

    fn address(number: u32, size_bytes: u64) -> String {
        let bucket = "https://vod-source.s3.eu-central-1.amazonaws.com";
        let upload = Multipart {
            key: KEY,
            upload_id: "up/load+id",
        };
        let part = Part { number, size_bytes };
        signer(bucket, "secret", Some("to/ken+=".to_owned()))
            .sign(
                upload,
                std::iter::once(part),
                Timestamp::from_unix_ms(1_768_471_301_999),
            )
            .remove(0)
    }

    /// The parameters of the address that aws-sigv4 makes, sorted.
    fn by_library(
        signer: &Signer,
        upload: Multipart<'_>,
        part: Part,
        time: Timestamp,
    ) -> Vec<String> {
        let identity = signer.credentials.clone().into();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(u64::from(VALID_SECONDS)));
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&signer.region)
            .name("s3")
            .time(system_time(time))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let Part { number, size_bytes } = part;
        let upload_id = utf8_percent_encode(upload.upload_id, QUERY);
        let query = format!("partNumber={number}&uploadId={upload_id}");
        let url = format!("{}/{}?{query}", signer.bucket_url, upload.key);
        let length = size_bytes.to_string();
        let headers = [("content-length", length.as_str())];
        let body = SignableBody::UnsignedPayload;
        let request = SignableRequest::new("PUT", &url, headers.into_iter(), body).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        let added = instructions.params().iter();
        let added =
            added.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY)));
        let mut all: Vec<_> = query
            .split('&')
            .map(ToOwned::to_owned)
            .chain(added)
            .collect();
        all.sort();
        all
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

    proptest! {
        #[test]
        fn the_signature_is_that_of_the_library(
            bucket_url in prop::sample::select(vec![
                "https://vod-source.s3.eu-central-1.amazonaws.com",
                "http://127.0.0.1:4566/vod-source",
                "https://s3.example.org:8443/vod-source",
            ]),
            secret in "[A-Za-z0-9/+]{40}",
            token in prop::option::of("[A-Za-z0-9/+=]{1,400}"),
            upload_id in "[ -~]{1,128}",
            number in 1u32..=10_000,
            size_bytes in 0u64..=5 << 30,
            unix_ms in 0i64..=4_000_000_000_000,
        ) {
            let signer = signer(bucket_url, &secret, token);
            let upload = Multipart { key: KEY, upload_id: &upload_id };
            let part = Part { number, size_bytes };
            let time = Timestamp::from_unix_ms(unix_ms);
            let url = signer.sign(upload, std::iter::once(part), time).remove(0);
            let (address, query) = url.split_once('?').unwrap();
            prop_assert_eq!(address, format!("{bucket_url}/{KEY}"));
            let mut ours: Vec<_> = query.split('&').collect();
            ours.sort_unstable();
            prop_assert_eq!(ours, by_library(&signer, upload, part, time));
        }
    }
}
