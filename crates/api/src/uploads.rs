//! Uploads in parts: [`begin`], [`send`] and resume, [`finish`] or give up.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use common::video::{self, Status, Upload};

use crate::parts::Parts;
use crate::problem::{Kind, Problem};

pub mod begin;
pub mod finish;
pub mod send;

/// The upload that a video waits for.
fn uploading(video: video::Video) -> Result<(Upload, Parts), Problem> {
    match (video.status, video.upload, video.size_bytes) {
        (Status::Uploading, Some(upload), Some(size_bytes)) => {
            let parts = Parts::of(size_bytes, upload.part_size_bytes);
            Ok((upload, parts))
        }
        _ => Err(Problem::new(
            Kind::NotUploading,
            "This video's upload is complete or was given up. Look at the video to see which.",
        )),
    }
}

fn gone() -> Problem {
    Problem::new(
        Kind::UploadGone,
        "This upload was given up, and its parts are gone. Begin a new one.",
    )
}

/// What S3's refusal means to the uploader.
fn upload_problem<E>(error: &SdkError<E>, doing: &str) -> Problem
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    match error.code() {
        Some("NoSuchUpload") => gone(),
        Some("InvalidPart" | "InvalidPartOrder" | "EntityTooSmall") => Problem::new(
            Kind::InvalidParts,
            "Some of the parts are not what S3 has. List the parts, send again what differs, and try again.",
        ),
        _ => Problem::internal(doing, error),
    }
}

fn unquoted(tag: &str) -> &str {
    tag.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(tag)
}
