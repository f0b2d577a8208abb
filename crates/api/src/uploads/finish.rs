//! The end of an upload: its parts are put together, or it is given up.

use std::collections::HashSet;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
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

/// Puts the parts together, which starts the conversion.
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
        AnyRefused, TokenRefused, VideoRefused, BodyRefused, StateRefused,
    )
)]
pub(crate) async fn complete(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
    Body(sent): Body<SentParts>,
) -> Result<Json<OneVideo>, Problem> {
    let (upload, parts) = uploading(app.video_of(&user, &id).await?)?;
    let sent = whole(sent.parts, parts)?;
    // S3 takes a second completion for a repetition of the first, for a while, whatever it names.
    if has_object(&app, &upload.key).await? {
        return Err(complete_already());
    }
    let completed = app
        .clients
        .s3
        .complete_multipart_upload()
        .bucket(&app.config.source_bucket)
        .key(&upload.key)
        .upload_id(&upload.upload_id)
        .multipart_upload(sent)
        .send()
        .await;
    if let Err(error) = completed {
        return Err(upload_problem(&app, &upload, error, "complete the upload").await);
    }
    info!(video_id = id, "upload of video {id} is complete");
    let video = app.video_of(&user, &id).await?;
    Ok(Json(OneVideo {
        video: Video::new(video, &app.config.site_url),
    }))
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
    use super::{SentPart, whole};
    use crate::parts::Parts;

    fn sent(numbers: &[u32]) -> Vec<SentPart> {
        let part = |&part_number| SentPart {
            part_number,
            etag: "\"abc\"".to_owned(),
        };
        numbers.iter().map(part).collect()
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
