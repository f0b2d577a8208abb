//! Signed addresses of the source bucket: of the parts of an upload, and of the bucket itself
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>).

use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use common::time::Timestamp;
use common::video::Upload;

use crate::problem::Problem;

/// How long a part's address can be used, seconds. S3 looks when the request begins; a part that is under way at the
/// end may finish.
pub(crate) const VALID_SECONDS: u32 = 3600;

/// Address that takes one part of an upload, of `size_bytes` bytes exactly, signed at `time`. The first part has the
/// number 1.
///
/// # Errors
///
/// 500, where there are no credentials, or the number or the size is larger than S3's.
pub(crate) async fn part_url(
    s3: &Client,
    bucket: &str,
    upload: &Upload,
    (number, size_bytes): (u32, u64),
    time: Timestamp,
) -> Result<String, Problem> {
    let sign =
        |error: &(dyn std::error::Error + 'static)| Problem::internal("sign an address", error);
    let since_epoch = Duration::from_millis(time.unix_ms().try_into().unwrap_or_default());
    let presigning = PresigningConfig::builder()
        .start_time(SystemTime::UNIX_EPOCH + since_epoch)
        .expires_in(Duration::from_secs(VALID_SECONDS.into()))
        .build()
        .map_err(|error| sign(&error))?;
    let signed = s3
        .upload_part()
        .bucket(bucket)
        .key(&upload.key)
        .upload_id(&upload.upload_id)
        .part_number(i32::try_from(number).map_err(|error| sign(&error))?)
        .content_length(i64::try_from(size_bytes).map_err(|error| sign(&error))?)
        .presigned(presigning)
        .await?;
    Ok(signed.uri().to_owned())
}

/// Address of a bucket, as the SDK chooses it: by region and partition, or by the endpoint that it is told to use.
///
/// # Errors
///
/// 500, where the SDK can't tell.
pub(crate) async fn bucket_url(s3: &Client, bucket: &str) -> Result<String, Problem> {
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
    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_s3::{Client, Config};
    use common::time::Timestamp;
    use common::video::Upload;

    use super::{bucket_url, part_url};

    fn client(endpoint: Option<&str>) -> Client {
        let credentials = Credentials::new(
            "AKIDEXAMPLE",
            "secret",
            Some("to/ken+=".into()),
            None,
            "test",
        );
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(credentials)
            .force_path_style(endpoint.is_some());
        let config = match endpoint {
            Some(endpoint) => config.endpoint_url(endpoint),
            None => config,
        };
        Client::from_conf(config.build())
    }

    async fn address(number: u32, size_bytes: u64) -> String {
        let time = Timestamp::from_unix_ms(1_768_471_301_999);
        let upload = Upload {
            upload_id: "up/load+id".to_owned(),
            key: "videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4".to_owned(),
            part_size_bytes: 8 << 20,
            expires_at: time,
        };
        let part = (number, size_bytes);
        let signed = part_url(&client(None), "vod-source", &upload, part, time).await;
        signed.unwrap()
    }

    #[tokio::test]
    async fn an_address_binds_part_upload_length_and_time() {
        let url = address(7, 1000).await;
        for fragment in [
            "https://vod-source.s3.eu-central-1.amazonaws.com/videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4?",
            "partNumber=7&",
            "uploadId=up%2Fload%2Bid&",
            "X-Amz-SignedHeaders=content-length%3Bhost",
            "X-Amz-Expires=3600",
            "X-Amz-Date=20260115T100141Z",
            "X-Amz-Security-Token=to%2Fken%2B%3D",
            "X-Amz-Credential=AKIDEXAMPLE%2F20260115%2Feu-central-1%2Fs3%2Faws4_request",
        ] {
            assert!(url.contains(fragment), "{fragment} in {url}");
        }
        // S3 would hold the browser, which sends the part as it is, to a checksum of nothing.
        assert!(!url.contains("checksum"), "{url}");
    }

    #[tokio::test]
    async fn another_length_has_another_signature() {
        assert_ne!(address(7, 1000).await, address(7, 1001).await);
    }

    #[tokio::test]
    async fn a_bucket_is_where_the_sdk_finds_it() {
        let url = bucket_url(&client(None), "vod-source").await.unwrap();
        assert_eq!(url, "https://vod-source.s3.eu-central-1.amazonaws.com");
        let local = client(Some("http://127.0.0.1:4566"));
        let url = bucket_url(&local, "vod-source").await.unwrap();
        assert_eq!(url, "http://127.0.0.1:4566/vod-source");
    }
}
