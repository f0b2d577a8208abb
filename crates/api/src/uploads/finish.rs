//! The end of an upload: its parts are put together, or it is given up.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadError;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::video::Upload;
use serde::Deserialize;
use tracing::info;
use utoipa::ToSchema;

use super::{complete_already, has_object, unquoted, upload_problem, uploading};
use crate::app::App;
use crate::edit::remove;
use crate::extract::{Body, Checked, VideoId, objects};
use crate::identity::User;
use crate::library::OneVideo;
use crate::parts::{MAX_PARTS, Parts};
use crate::problem::{
    AnyRefused, BodyRefused, FieldError, Kind, Problem, StateRefused, TokenRefused, VideoRefused,
};
use crate::view::Video;

/// All parts of an upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentParts {
    /// Every part once, in any order.
    #[schema(min_items = 1, max_items = 10_000)]
    #[serde(deserialize_with = "objects")]
    parts: Vec<SentPart>,
}

/// A part that was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SentPart {
    /// Its number.
    #[schema(minimum = 1, maximum = 10_000)]
    part_number: u32,
    /// The header `ETag` of S3's answer, with or without its quotes.
    #[schema(
        min_length = 1,
        max_length = 80,
        pattern = "^\"?[A-Za-z0-9-]+\"?$",
        example = "9b2cf535f27731c974343645a3985328"
    )]
    etag: String,
}

impl Checked for SentParts {
    fn check(&self, errors: &mut Vec<FieldError>) {
        let most = usize::try_from(MAX_PARTS).unwrap_or(usize::MAX);
        if !(1..=most).contains(&self.parts.len()) {
            errors.push(FieldError::new("/parts", "Name 1 to 10,000 parts."));
        }
        let mut seen = HashSet::with_capacity(self.parts.len());
        for (index, part) in self.parts.iter().enumerate().take(most) {
            if !seen.insert(part.part_number) {
                let pointer = format!("/parts/{index}/partNumber");
                errors.push(FieldError::new(pointer, "Name each part once."));
            }
            let tag = unquoted(&part.etag);
            let is_tag = (1..=78).contains(&tag.len())
                && tag
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !is_tag {
                let detail = "It must be the ETag that S3 answered the part with.";
                errors.push(FieldError::new(format!("/parts/{index}/etag"), detail));
            }
        }
    }
}

/// Longest wait for S3 to put an upload together. API Gateway waits for 30 seconds, the function is stopped after 29, and it makes
/// other calls before and after this one.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const COMPLETION: Duration = Duration::from_secs(24);

/// Puts the parts together, which starts the conversion. Of a large file this takes minutes: then the answer is 202, and S3
/// goes on by itself.
///
/// # Errors
///
/// 400 where parts are missing or aren't those that S3 has: nothing is lost, and it can be tried again. 404 where
/// there is no such video; 409 where the upload is gone, and, as `already-complete`, where an earlier call completed it.
#[utoipa::path(
    post, path = "/api/videos/{id}/upload/complete", operation_id = "completeUpload", tag = "uploads",
    request_body = SentParts,
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 200, description = "The upload is complete.", body = OneVideo),
        (
            status = 202, body = OneVideo,
            description = "S3 is still putting the parts together. The video's status changes when it is done.",
        ),
        AnyRefused, TokenRefused, VideoRefused, BodyRefused, StateRefused,
    )
)]
pub(crate) async fn complete(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
    Body(sent): Body<SentParts>,
) -> Result<(StatusCode, Json<OneVideo>), Problem> {
    let (upload, parts) = uploading(app.video_of(&user, &id).await?)?;
    let sent = whole(sent.parts, parts)?;
    // S3 takes a second completion for a repetition of the first, for a while, whatever it names.
    if has_object(&app, &upload.key).await? {
        return Err(complete_already());
    }
    let status = match put_together(&app.clients.s3, &app.config.source_bucket, &upload, sent).await
    {
        Ok(()) => {
            info!(video_id = id, "upload of video {id} is complete");
            StatusCode::OK
        }
        Err(SdkError::TimeoutError(_) | SdkError::ResponseError(_)) => {
            info!(
                video_id = id,
                "S3 is still putting together the upload of video {id}"
            );
            StatusCode::ACCEPTED
        }
        Err(error) => match upload_problem(&app, &upload, error, "complete the upload").await {
            problem if problem.is(Kind::BeingCompleted) => StatusCode::ACCEPTED,
            problem => return Err(problem),
        },
    };
    let video = app.video_of(&user, &id).await?;
    let video = Video::new(video, &app.config.site_url);
    Ok((status, Json(OneVideo { video })))
}

/// Asks S3 once: a second request while it is at work could be told that there is no such upload.
async fn put_together(
    s3: &Client,
    bucket: &str,
    upload: &Upload,
    parts: CompletedMultipartUpload,
) -> Result<(), SdkError<CompleteMultipartUploadError>> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_timeout(COMPLETION)
        .operation_attempt_timeout(COMPLETION)
        .read_timeout(COMPLETION);
    let once = aws_sdk_s3::config::Builder::new()
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build());
    s3.complete_multipart_upload()
        .bucket(bucket)
        .key(&upload.key)
        .upload_id(&upload.upload_id)
        .multipart_upload(parts)
        .customize()
        .config_override(once)
        .send()
        .await
        .map(drop)
}

/// All parts, in order.
fn whole(mut sent: Vec<SentPart>, parts: Parts) -> Result<CompletedMultipartUpload, Problem> {
    sent.sort_by_key(|part| part.part_number);
    let all = sent
        .iter()
        .map(|part| part.part_number)
        .eq(1..=parts.count());
    if !all {
        let detail = format!(
            "The upload has the parts 1 to {}, and completing it takes all of them. Send what is missing and try again.",
            parts.count()
        );
        return Err(Problem::new(Kind::InvalidParts, detail));
    }
    let parts = sent.iter().map(|part| {
        CompletedPart::builder()
            .set_part_number(i32::try_from(part.part_number).ok())
            .e_tag(unquoted(&part.etag))
            .build()
    });
    Ok(CompletedMultipartUpload::builder()
        .set_parts(Some(parts.collect()))
        .build())
}

/// Gives an upload up: what has arrived of it and the video's record are removed.
///
/// # Errors
///
/// 404 where it is somebody else's; 409 where the upload is complete.
#[utoipa::path(
    delete, path = "/api/videos/{id}/upload", operation_id = "abortUpload", tag = "uploads",
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 204, description = "The upload and its video are gone, or were already."),
        AnyRefused, TokenRefused, VideoRefused, StateRefused,
    )
)]
pub(crate) async fn abort(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
) -> Result<StatusCode, Problem> {
    let Some(video) = app.live_video(&id).await? else {
        return Ok(StatusCode::NO_CONTENT);
    };
    if !user.may_see(&video.owner) {
        return Err(Problem::no_video());
    }
    let (upload, _) = uploading(video)?;
    // Part by part it would otherwise go on being paid for until the removal comes to it.
    let aborted = app
        .clients
        .s3
        .abort_multipart_upload()
        .bucket(&app.config.source_bucket)
        .key(&upload.key)
        .upload_id(&upload.upload_id)
        .send()
        .await;
    match aborted {
        Ok(_) => {}
        Err(error) if error.code() == Some("NoSuchUpload") => {}
        Err(error) => return Err(error.into()),
    }
    remove(&app, &id).await
}

#[cfg(test)]
mod tests {
    use super::{Client, SdkError, SentPart, Upload, put_together, whole};
    use crate::parts::Parts;
    use aws_sdk_s3::config::{BehaviorVersion, Region};
    use aws_smithy_async::rt::sleep::TokioSleep;
    use aws_smithy_http_client::test_util::NeverClient;
    use common::time::Timestamp;
    use tokio::time::Instant;

    fn sent(numbers: &[u32]) -> Vec<SentPart> {
        let part = |&part_number| SentPart {
            part_number,
            etag: "\"abc\"".to_owned(),
        };
        numbers.iter().map(part).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn s3_is_asked_once_and_waited_for_as_long_as_the_gateway_allows() {
        let never = NeverClient::new();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .with_test_defaults()
            .sleep_impl(TokioSleep::new())
            .http_client(never.clone())
            .timeout_config(common::call_limits::timeouts())
            .retry_config(common::call_limits::retries());
        let upload = Upload {
            upload_id: "u".to_owned(),
            key: "videos/v/source.mp4".to_owned(),
            part_size_bytes: 1,
            expires_at: Timestamp::from_unix_ms(0),
        };
        let parts = whole(sent(&[1]), Parts::of(1, 1)).unwrap();
        let began = Instant::now();
        let client = Client::from_conf(config.build());
        let answer = put_together(&client, "source", &upload, parts).await;
        assert!(matches!(answer, Err(SdkError::TimeoutError(_))));
        assert_eq!((never.num_calls(), began.elapsed().as_secs()), (1, 24));
    }

    #[test]
    fn completing_takes_every_part_once_in_whatever_order() {
        let parts = Parts::of(25, 10);
        let all = whole(sent(&[3, 1, 2]), parts).unwrap();
        let numbers: Vec<_> = all
            .parts()
            .iter()
            .filter_map(aws_sdk_s3::types::CompletedPart::part_number)
            .collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(all.parts()[0].e_tag(), Some("abc"));
        for numbers in [&[1, 2][..], &[1, 2, 3, 4], &[0, 1, 2], &[1, 2, 2]] {
            assert!(whole(sent(numbers), parts).is_err(), "{numbers:?}");
        }
    }
}
