//! Uploads in parts: [`begin`], [`send`] and resume, [`finish`] or give up.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use common::clock::now;
use common::video::{self, Status, Upload};

use self::begin::DAY_MS;
use crate::app::App;
use crate::parts::Parts;
use crate::problem::{Kind, Problem};

pub(crate) mod begin;
pub(crate) mod finish;
pub(crate) mod send;

/// The upload that a video waits for.
fn uploading(video: video::Video) -> Result<(Upload, Parts), Problem> {
    match (video.status, video.upload, video.size_bytes) {
        (Status::Uploading, Some(upload), Some(size_bytes)) => {
            let parts = Parts::of(size_bytes, upload.part_size_bytes);
            Ok((upload, parts))
        }
        // The submit function has seen the object.
        _ if video.source.is_some() => Err(complete_already()),
        _ => Err(Problem::new(
            Kind::NotUploading,
            "This video's upload was given up. Begin a new one.",
        )),
    }
}

fn complete_already() -> Problem {
    Problem::new(
        Kind::AlreadyComplete,
        "This upload is complete already. Look at the video to see what became of it.",
    )
}

/// What S3's refusal means to the uploader.
async fn upload_problem<E>(app: &App, upload: &Upload, error: SdkError<E>, doing: &str) -> Problem
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    match error.code() {
        Some("NoSuchUpload") => over(app, upload).await,
        Some("InvalidPart" | "InvalidPartOrder" | "EntityTooSmall") => Problem::new(
            Kind::InvalidParts,
            "Some of the parts are not what S3 has. List the parts, send again what differs, and try again.",
        ),
        _ => Problem::internal(doing, &error),
    }
}

/// How an upload ended that S3 knows no more: where it was completed, its object is there, or will be.
async fn over(app: &App, upload: &Upload) -> Problem {
    match has_object(app, &upload.key).await {
        Ok(true) => complete_already(),
        Ok(false) if may_be_assembled(app, upload) => Problem::new(
            Kind::BeingCompleted,
            "S3 is putting the parts of this upload together, which can take minutes. Look at the video again in a while.",
        ),
        Ok(false) => Problem::new(
            Kind::UploadGone,
            "This upload was given up, and its parts are gone. Begin a new one.",
        ),
        Err(problem) => problem,
    }
}

/// Whether S3 may still be at work on an upload that it doesn't list.
///
/// Giving an upload up through the API removes its video too, and the bucket's rule gives none up before the end of its
/// first day, so that nothing but a completion under way takes a younger one away.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html> ("processing ... could take
/// several minutes").
fn may_be_assembled(app: &App, upload: &Upload) -> bool {
    let after_the_first_ms = (i64::from(app.config.upload_days) - 1) * DAY_MS;
    now() < upload.expires_at.plus_ms(-after_the_first_ms)
}

async fn has_object(app: &App, key: &str) -> Result<bool, Problem> {
    let head = app.clients.s3.head_object();
    let found = head.bucket(&app.config.source_bucket).key(key).send().await;
    match found {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(HeadObjectError::is_not_found) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

fn unquoted(tag: &str) -> &str {
    tag.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(tag)
}
