//! Importing what lies in the source bucket already, from before the pipeline listened to it.

use axum::Json;
use axum::extract::State;
use common::captions::is_captions;
use common::source::Source;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tracing::info;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::{Body, Checked, present};
use crate::identity::User;
use crate::problem::{AnyRefused, BodyRefused, FieldError, Kind, Problem, TokenRefused};

/// Objects that one request looks at.
const PAGE: i32 = 100;
/// Objects that one event of the submit function names: it probes each before the next, and has a minute.
const AT_ONCE: usize = 10;
/// Longest key of S3, bytes.
const KEY_BYTES: usize = 1024;

/// What is to be imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Import {
    /// The source bucket; no other can be imported from.
    #[schema(min_length = 3, max_length = 63)]
    bucket: String,
    /// What the keys begin with; an empty text for all of them.
    #[schema(max_length = 1024)]
    prefix: String,
    /// `nextCursor` of the request before.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, min_length = 1, max_length = 1024)]
    cursor: Option<String>,
}

impl Checked for Import {
    fn check(&self, errors: &mut Vec<FieldError>) {
        for (pointer, key) in [
            ("/prefix", Some(&self.prefix)),
            ("/cursor", self.cursor.as_ref()),
        ] {
            if key.is_some_and(|key| key.len() > KEY_BYTES || key.contains('\0')) {
                errors.push(FieldError::new(
                    pointer,
                    "It must be the beginning of a key of S3.",
                ));
            }
        }
    }
}

/// What was imported.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
pub(crate) struct Imported {
    /// The objects that are being converted now.
    imported: Vec<ImportedObject>,
    /// Number of objects that were passed over: they are videos already, or are folders.
    skipped: usize,
    /// Where to go on; absent at the end.
    #[schema(nullable = false)]
    next_cursor: Option<String>,
}

/// An object that became a video.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedObject {
    /// The video's id.
    #[schema(format = "uuid")]
    id: String,
    /// The object's key.
    key: String,
}

/// Converts objects of the source bucket that are no videos yet. For administrators; a hundred objects at a time.
///
/// # Errors
///
/// 400 for another bucket; 403 for anybody but administrators.
#[utoipa::path(
    post, path = "/api/imports", operation_id = "importObjects", tag = "library", request_body = Import,
    security(("token" = [])),
    responses(
        (status = 200, description = "They are being converted.", body = Imported),
        (status = 403, description = "For administrators only.", body = Problem, content_type = "application/problem+json"),
        AnyRefused, TokenRefused, BodyRefused,
    )
)]
pub(crate) async fn import(
    State(app): State<App>,
    user: User,
    Body(import): Body<Import>,
) -> Result<Json<Imported>, Problem> {
    if !user.is_admin {
        return Err(Problem::new(
            Kind::AdminOnly,
            "Only administrators import. Upload the file instead.",
        ));
    }
    let bucket = &app.config.source_bucket;
    if import.bucket != *bucket {
        let detail = "Only the source bucket can be imported from. Copy the objects there first.";
        return Err(Problem::invalid(vec![FieldError::new("/bucket", detail)]));
    }
    let page = app
        .clients
        .s3
        .list_object_versions()
        .bucket(bucket)
        .prefix(&import.prefix)
        .set_key_marker(import.cursor)
        .max_keys(PAGE)
        .send()
        .await?;
    let sources: Vec<_> = page
        .versions()
        .iter()
        .filter(|version| version.is_latest() == Some(true))
        .filter_map(|version| {
            Some(Source {
                bucket: bucket.clone(),
                key: version.key()?.to_owned(),
                version_id: version.version_id().map(str::to_owned),
                etag: version.e_tag()?.trim_matches('"').to_owned(),
                size_bytes: u64::try_from(version.size()?).ok()?,
                sequencer: None,
                attempt: 0,
            })
        })
        .collect();
    let mut new = Vec::new();
    let mut skipped = 0;
    for source in sources {
        let known = app.clients.table.video(&source.video_id()).await?.is_some();
        if known || source.is_folder_marker() || is_captions(&source.key) {
            skipped += 1;
        } else {
            new.push(source);
        }
    }
    for some in new.chunks(AT_ONCE) {
        app.submit(some).await?;
    }
    info!("imported {} objects, passed over {skipped}", new.len());
    let imported = new.into_iter().map(|source| ImportedObject {
        id: source.video_id(),
        key: source.key,
    });
    Ok(Json(Imported {
        imported: imported.collect(),
        skipped,
        // Older versions of the last key may follow; they are no current objects, so the key is marker enough.
        next_cursor: page
            .next_key_marker
            .filter(|_| page.is_truncated == Some(true)),
    }))
}
