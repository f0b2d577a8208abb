//! Sending a file: signed addresses for its parts, and which of them have arrived.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use common::clock::now;
use common::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{unquoted, upload_problem, uploading};
use crate::app::App;
use crate::extract::{Body, Checked, VideoId};
use crate::identity::User;
use crate::presign::{VALID_SECONDS, part_url};
use crate::problem::{
    AnyRefused, BodyRefused, FieldError, Problem, StateRefused, TokenRefused, VideoRefused,
};

/// Most addresses of parts in one answer: signed addresses are long.
const MAX_SIGNED: usize = 1000;

/// Parts that are going to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct WantedParts {
    /// Their numbers, each once.
    #[schema(min_items = 1, max_items = 1000)]
    #[schema(value_type = Vec<PartNumber>)]
    part_numbers: Vec<u32>,
}

/// Number of a part; the first is 1.
#[derive(ToSchema)]
#[schema(minimum = 1, maximum = 10_000)]
pub(crate) struct PartNumber(
    #[expect(dead_code, reason = "describes the numbers in the OpenAPI document")] u32,
);

impl Checked for WantedParts {
    fn check(&self, errors: &mut Vec<FieldError>) {
        if !(1..=MAX_SIGNED).contains(&self.part_numbers.len()) {
            errors.push(FieldError::new(
                "/partNumbers",
                "Ask for 1 to 1000 parts at once.",
            ));
        }
        let mut seen = HashSet::with_capacity(self.part_numbers.len());
        for (index, number) in self.part_numbers.iter().enumerate().take(MAX_SIGNED) {
            if !seen.insert(number) {
                let pointer = format!("/partNumbers/{index}");
                errors.push(FieldError::new(pointer, "Name each part once."));
            }
        }
    }
}

/// Where to send parts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedParts {
    /// In the order in which they were asked for.
    parts: Vec<SignedPart>,
}

/// Where to send one part: with PUT, as it is, without any headers of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedPart {
    /// Its number.
    part_number: u32,
    /// The signed address.
    #[schema(format = "uri")]
    url: String,
    /// The number of bytes that S3 takes at this address, no more and no less.
    size_bytes: u64,
    /// Until when the address can be used; ask again then.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Signed addresses to send parts to.
///
/// # Errors
///
/// 404 where there is no such video; 409 where it isn't being uploaded.
#[utoipa::path(
    post, path = "/api/videos/{id}/upload/parts", operation_id = "signUploadParts", tag = "uploads",
    request_body = WantedParts,
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 200, description = "The addresses.", body = SignedParts),
        AnyRefused, TokenRefused, VideoRefused, BodyRefused, StateRefused,
    )
)]
pub(crate) async fn sign(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
    Body(wanted): Body<WantedParts>,
) -> Result<Json<SignedParts>, Problem> {
    let (upload, parts) = uploading(app.video_of(&user, &id).await?)?;
    let now = now();
    let expires_at = now.plus_ms(i64::from(VALID_SECONDS) * 1000);
    let (s3, bucket) = (&app.clients.s3, &app.config.source_bucket);
    let mut signed = Vec::with_capacity(wanted.part_numbers.len());
    let mut errors = Vec::new();
    for (index, part_number) in wanted.part_numbers.into_iter().enumerate() {
        let Some(size_bytes) = parts.size_of(part_number) else {
            errors.push(FieldError::new(
                format!("/partNumbers/{index}"),
                format!("This upload has the parts 1 to {}.", parts.count()),
            ));
            continue;
        };
        signed.push(SignedPart {
            part_number,
            url: part_url(s3, bucket, &upload, (part_number, size_bytes), now).await?,
            size_bytes,
            expires_at,
        });
    }
    if errors.is_empty() {
        Ok(Json(SignedParts { parts: signed }))
    } else {
        Err(Problem::invalid(errors))
    }
}

/// What has arrived of an upload.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadedParts {
    /// S3's id of the multipart upload.
    upload_id: String,
    /// Size of every part but the last, bytes.
    part_size_bytes: u64,
    /// Number of parts of the whole file.
    part_count: u32,
    /// The parts that S3 has, in their order.
    parts: Vec<UploadedPart>,
}

/// A part that S3 has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadedPart {
    /// Its number.
    part_number: i32,
    /// Its entity tag, which completing the upload asks for.
    etag: String,
    /// Its size, bytes.
    size_bytes: i64,
}

/// The parts that have arrived: an interrupted upload goes on with the others.
///
/// # Errors
///
/// 404 where there is no such video; 409 where it isn't being uploaded.
#[utoipa::path(
    get, path = "/api/videos/{id}/upload/parts", operation_id = "listUploadParts", tag = "uploads",
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 200, description = "What S3 has.", body = UploadedParts),
        AnyRefused, TokenRefused, VideoRefused, StateRefused,
    )
)]
pub(crate) async fn list(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
) -> Result<Json<UploadedParts>, Problem> {
    let (upload, parts) = uploading(app.video_of(&user, &id).await?)?;
    let mut pages = app
        .clients
        .s3
        .list_parts()
        .bucket(&app.config.source_bucket)
        .key(&upload.key)
        .upload_id(&upload.upload_id)
        .into_paginator()
        .send();
    let mut arrived = Vec::new();
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => return Err(upload_problem(&app, &upload, error, "list the parts").await),
        };
        arrived.extend(
            page.parts
                .unwrap_or_default()
                .into_iter()
                .filter_map(|part| {
                    Some(UploadedPart {
                        part_number: part.part_number?,
                        etag: unquoted(&part.e_tag?).to_owned(),
                        size_bytes: part.size?,
                    })
                }),
        );
    }
    Ok(Json(UploadedParts {
        upload_id: upload.upload_id,
        part_size_bytes: parts.part_size_bytes(),
        part_count: parts.count(),
        parts: arrived,
    }))
}
