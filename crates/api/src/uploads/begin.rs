//! The beginning of an upload: the video's record first, then somewhere to send the file to.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::clock::now;
use common::origin::{NOTE, Origin};
use common::source::Source;
use common::table::Outcome;
use common::time::Timestamp;
use common::video::{Event, Upload, UploadStart};
use serde::{Deserialize, Serialize};
use tracing::info;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::clip::Clip;
use crate::extract::{Body, Checked, present};
use crate::fields::{Description, ProfileName, Title};
use crate::identity::User;
use crate::parts::{MAX_UPLOAD_BYTES, Parts};
use crate::problem::{AnyRefused, BodyRefused, FieldError, Problem, TokenRefused};
use crate::text;
use crate::view::Video;

pub(super) const DAY_MS: i64 = 24 * 3600 * 1000;
/// Stored where the declared type isn't one of a medium: nothing that a browser would run.
const PLAIN_TYPE: &str = "application/octet-stream";

/// A file that is going to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewVideo {
    /// The file's name. Only its extension says something to the service; a path in it is ignored.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "holiday.mp4"
    )]
    file_name: String,
    /// The file's size, bytes.
    #[schema(minimum = 1, maximum = 5_497_558_138_880_u64, example = 1_055_736)]
    size_bytes: u64,
    /// The file's media type.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        nullable = false,
        max_length = 255,
        pattern = r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+ *(;[ -~]*)?$",
        example = "video/mp4"
    )]
    content_type: Option<String>,
    /// What people call it; without one, the file's name less its extension.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<Title>,
    /// What people say about it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    description: Option<Description>,
    /// How it is converted; the stack's default where nothing is said.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    profile: Option<ProfileName>,
    /// Whether there is to be an MP4 file to download; without it, what the profile says. It costs as much as the
    /// rendition that it is of, and a job template makes none.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    download: Option<bool>,
    /// The part that is converted; without it, all of the file.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    clip: Option<Clip>,
}

impl Checked for NewVideo {
    fn check(&self, errors: &mut Vec<FieldError>) {
        text::line(
            "/fileName",
            &self.file_name,
            text::FILE_NAME_CHARACTERS,
            errors,
        );
        if !(1..=MAX_UPLOAD_BYTES).contains(&self.size_bytes) {
            let detail = "It must be between 1 byte and 5 TiB.";
            errors.push(FieldError::new("/sizeBytes", detail));
        }
        if let Some(content_type) = &self.content_type {
            text::media_type("/contentType", content_type, errors);
        }
        self.title.check(errors);
        self.description.check(errors);
        self.profile.check(errors);
        if let Some(clip) = self.clip {
            clip.check("/clip", errors);
        }
    }
}

/// A new video, and where to send its file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedVideo {
    /// The video.
    video: Video,
    /// Its upload.
    upload: UploadPlan,
}

/// How the file is to be cut.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadPlan {
    /// S3's id of the multipart upload.
    upload_id: String,
    /// Key of the object that it becomes.
    key: String,
    /// Size of every part but the last, bytes.
    part_size_bytes: u64,
    /// Number of parts.
    part_count: u32,
    /// When an upload that nobody finished is given up.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Begins an upload: makes the video's record and says how to cut the file. The parts go to S3, to addresses that
/// `signUploadParts` hands out.
///
/// # Errors
///
/// 400 for a file that the service doesn't take.
#[utoipa::path(
    post, path = "/api/videos", operation_id = "createVideo", tag = "uploads", request_body = NewVideo,
    security(("token" = [])),
    responses(
        (status = 201, description = "The video waits for its upload.", body = CreatedVideo),
        AnyRefused, TokenRefused, BodyRefused,
    )
)]
pub(crate) async fn create(
    State(app): State<App>,
    user: User,
    Body(new): Body<NewVideo>,
) -> Result<(StatusCode, Json<CreatedVideo>), Problem> {
    let id = Uuid::new_v4().to_string();
    let file_name = text::base_name(&new.file_name).trim().to_owned();
    let key = key_of(&id, &file_name);
    refuse_unreadable(&app.config.source_bucket, &key, new.size_bytes)?;
    let parts = Parts::plan(new.size_bytes);
    let now = now();
    let title = new
        .title
        .map_or_else(|| text::title_of(&file_name), Title::trimmed);
    let description = new
        .description
        .map(Description::trimmed)
        .filter(|text| !text.is_empty());
    let profile = new.profile.map(|ProfileName(name)| name);
    let origin = Origin {
        owner: user.id.clone(),
        title: title.clone(),
        created_at: now,
        profile: profile.clone(),
        download: new.download,
        clip: new.clip.map(Into::into),
        file_name: Some(file_name.clone()),
        content_type: new.content_type.clone(),
        description: description.clone(),
    };
    let note = origin.encode().map(|note| (NOTE.to_owned(), note));
    let started = app
        .clients
        .s3
        .create_multipart_upload()
        .bucket(&app.config.source_bucket)
        .key(&key)
        .content_type(stored_type(new.content_type.as_deref()))
        .set_metadata(note.map(|note| HashMap::from([note])))
        .send()
        .await?;
    let upload_id = started.upload_id.unwrap_or_default();
    let upload = Upload {
        upload_id: upload_id.clone(),
        key: key.clone(),
        part_size_bytes: parts.part_size_bytes(),
        expires_at: now.plus_ms(i64::from(app.config.upload_days) * DAY_MS),
    };
    let event = Event::UploadStarted(Box::new(UploadStart {
        id: id.clone(),
        owner: user.id,
        title,
        description,
        file_name,
        size_bytes: new.size_bytes,
        content_type: new.content_type,
        profile,
        download: new.download,
        clip: new.clip.map(Into::into),
        upload: upload.clone(),
    }));
    // If this fails, S3 gives up the parts' place by itself after some days; nothing is in it.
    let made = app.clients.table.apply_to(&id, None, &event, now).await?;
    let Outcome::Written { video, .. } = made else {
        let taken = std::io::Error::other("a new id is taken");
        return Err(Problem::internal("make a record", &taken));
    };
    info!(
        video_id = id,
        size_bytes = new.size_bytes,
        "upload of video {id} begins"
    );
    let created = CreatedVideo {
        video: Video::new(*video, &app.config.site_url),
        upload: UploadPlan {
            upload_id,
            key,
            part_size_bytes: upload.part_size_bytes,
            part_count: parts.count(),
            expires_at: upload.expires_at,
        },
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// The server's choice: of the user's name only the extension, where it is harmless.
fn key_of(id: &str, file_name: &str) -> String {
    match text::extension(file_name) {
        Some(extension) => format!("videos/{id}/source.{extension}"),
        None => format!("videos/{id}/source"),
    }
}

/// Refuses before the upload what would be refused after it.
fn refuse_unreadable(bucket: &str, key: &str, size_bytes: u64) -> Result<(), Problem> {
    let source = Source {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        version_id: None,
        etag: String::new(),
        size_bytes,
        sequencer: None,
        attempt: 0,
    };
    source.refusal().map_or(Ok(()), |failure| {
        Err(Problem::invalid(vec![FieldError::new(
            "/fileName",
            failure.sentence,
        )]))
    })
}

fn stored_type(declared: Option<&str>) -> &str {
    declared
        .filter(|kind| kind.starts_with("video/") || kind.starts_with("audio/"))
        .unwrap_or(PLAIN_TYPE)
}

#[cfg(test)]
mod tests {
    use super::{key_of, stored_type};

    const ID: &str = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77";

    #[test]
    fn the_server_chooses_the_key() {
        for (name, end) in [
            ("holiday.MOV", "source.mov"),
            ("../../../../etc/passwd", "source"),
            ("a.mp4/../../b.sh", "source.sh"),
            ("x.m%70/4", "source"),
            ("film.тест", "source"),
        ] {
            assert_eq!(key_of(ID, name), format!("videos/{ID}/{end}"), "{name}");
        }
    }

    #[test]
    fn only_media_types_are_stored() {
        assert_eq!(stored_type(Some("video/mp4")), "video/mp4");
        assert_eq!(stored_type(Some("text/html")), "application/octet-stream");
        assert_eq!(stored_type(None), "application/octet-stream");
    }
}
