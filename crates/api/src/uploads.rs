//! Uploads in parts: begin, sign, resume, complete, give up.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::clock::now;
use common::origin::{NOTE, Origin};
use common::profile::{BUILT_IN, Named};
use common::source::Source;
use common::table::Outcome;
use common::time::Timestamp;
use common::video::{self, Event, Status, Upload, UploadStart};
use serde::{Deserialize, Serialize};
use tracing::info;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::edit::remove;
use crate::extract::{Body, Checked, VideoId, objects, present};
use crate::identity::User;
use crate::library::OneVideo;
use crate::parts::{MAX_PARTS, MAX_UPLOAD_BYTES, Parts};
use crate::presign::{Part, VALID_SECONDS};
use crate::problem::{
    AnyRefused, BodyRefused, FieldError, Kind, Problem, StateRefused, TokenRefused, VideoRefused,
};
use crate::text;
use crate::view::Video;

/// Most addresses of parts in one answer: signed addresses are long.
const MAX_SIGNED: usize = 1000;
const DAY_MS: i64 = 24 * 3600 * 1000;
/// Stored where the declared type isn't one of a medium: nothing that a browser would run.
const PLAIN_TYPE: &str = "application/octet-stream";

/// Adds a mistake for a name that no profile can have. Whether a stack's own profile exists shows when a video is converted.
pub(crate) fn check_profile(pointer: &str, profile: Option<&str>, errors: &mut Vec<FieldError>) {
    if profile.is_some_and(|name| Named::parse(name).is_none()) {
        let detail = format!(
            "There is no such profile. Choose from: {}; or name one of your own in lower-case letters, digits and hyphens.",
            BUILT_IN.join(", ")
        );
        errors.push(FieldError::new(pointer, detail));
    }
}

/// A file that is going to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewVideo {
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
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    title: Option<String>,
    /// What people say about it.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        nullable = false,
        max_length = 5000,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
    )]
    description: Option<String>,
    /// How it is converted; the names are in `/api/config`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, max_length = 64, example = "standard")]
    profile: Option<String>,
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
        if let Some(title) = &self.title {
            text::line("/title", title, text::TITLE_CHARACTERS, errors);
        }
        if let Some(description) = &self.description {
            text::lines(
                "/description",
                description,
                text::DESCRIPTION_CHARACTERS,
                errors,
            );
        }
        check_profile("/profile", self.profile.as_deref(), errors);
    }
}

/// A new video, and where to send its file.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedVideo {
    /// The video.
    video: Video,
    /// Its upload.
    upload: UploadPlan,
}

/// How the file is to be cut.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadPlan {
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
pub async fn create(
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
    let title = new.title.map_or_else(
        || text::title_of(&file_name),
        |title| title.trim().to_owned(),
    );
    let description = new
        .description
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    let origin = Origin {
        owner: user.id.clone(),
        title: title.clone(),
        created_at: now,
        profile: new.profile.clone(),
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
        profile: new.profile,
        upload: upload.clone(),
    }));
    // If this fails, S3 gives up the parts' place by itself after some days; nothing is in it.
    let Outcome::Written { video, .. } = app.clients.table.apply(&id, &event, now).await? else {
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

/// Parts that are going to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WantedParts {
    /// Their numbers, each once.
    #[schema(min_items = 1, max_items = 1000)]
    #[schema(value_type = Vec<PartNumber>)]
    part_numbers: Vec<u32>,
}

/// Number of a part; the first is 1.
#[derive(ToSchema)]
#[schema(minimum = 1, maximum = 10_000)]
pub struct PartNumber(
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
pub struct SignedParts {
    /// In the order in which they were asked for.
    parts: Vec<SignedPart>,
}

/// Where to send one part: with PUT, as it is, without any headers of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedPart {
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
pub async fn sign(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
    Body(wanted): Body<WantedParts>,
) -> Result<Json<SignedParts>, Problem> {
    let (upload, parts) = uploading(app.video_of(&user, &id).await?)?;
    let mut sizes = Vec::with_capacity(wanted.part_numbers.len());
    let mut errors = Vec::new();
    for (index, number) in wanted.part_numbers.iter().enumerate() {
        match parts.size_of(*number) {
            Some(size_bytes) => sizes.push((*number, size_bytes)),
            None => errors.push(FieldError::new(
                format!("/partNumbers/{index}"),
                format!("This upload has the parts 1 to {}.", parts.count()),
            )),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let signer = app.signer().await?;
    let expires_at = now().plus_ms(i64::from(VALID_SECONDS) * 1000);
    let wanted = sizes.iter().map(|&(number, size_bytes)| Part {
        key: &upload.key,
        upload_id: &upload.upload_id,
        number,
        size_bytes,
    });
    let urls = signer
        .sign(wanted, SystemTime::now())
        .map_err(|error| Problem::internal("sign parts", &error))?;
    let answers = sizes
        .iter()
        .zip(urls)
        .map(|(&(part_number, size_bytes), url)| SignedPart {
            part_number,
            url,
            size_bytes,
            expires_at,
        });
    Ok(Json(SignedParts {
        parts: answers.collect(),
    }))
}

/// What has arrived of an upload.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadedParts {
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
pub struct UploadedPart {
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
pub async fn list(
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
        let page = page.map_err(|error| upload_problem(&error, "list the parts"))?;
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

/// All parts of an upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SentParts {
    /// Every part once, in any order.
    #[schema(min_items = 1, max_items = 10_000)]
    #[serde(deserialize_with = "objects")]
    parts: Vec<SentPart>,
}

/// A part that was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SentPart {
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

/// Puts the parts together, which starts the conversion. Repeating it has no effect.
///
/// # Errors
///
/// 400 where parts are missing or aren't those that S3 has: nothing is lost, and it can be tried again. 404 where
/// there is no such video; 409 where the upload is gone.
#[utoipa::path(
    post, path = "/api/videos/{id}/upload/complete", operation_id = "completeUpload", tag = "uploads",
    request_body = SentParts,
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 200, description = "The upload is complete.", body = OneVideo),
        AnyRefused, TokenRefused, VideoRefused, BodyRefused, StateRefused,
    )
)]
pub async fn complete(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
    Body(sent): Body<SentParts>,
) -> Result<Json<OneVideo>, Problem> {
    let video = app.video_of(&user, &id).await?;
    if video.source.is_some() {
        // The submit function has the object: an earlier call completed it.
        return Ok(answer(&app, video));
    }
    let (upload, parts) = uploading(video)?;
    let sent = whole(sent.parts, parts)?;
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
    match completed {
        Ok(_) => info!(video_id = id, "upload of video {id} is complete"),
        // S3 forgets an upload that it has completed; then the object is there.
        Err(error) if error.code() == Some("NoSuchUpload") => arrived(&app, &upload.key).await?,
        Err(error) => return Err(upload_problem(&error, "complete the upload")),
    }
    Ok(answer(&app, app.video_of(&user, &id).await?))
}

fn answer(app: &App, video: video::Video) -> Json<OneVideo> {
    Json(OneVideo {
        video: Video::new(video, &app.config.site_url),
    })
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

async fn arrived(app: &App, key: &str) -> Result<(), Problem> {
    let found = app
        .clients
        .s3
        .head_object()
        .bucket(&app.config.source_bucket)
        .key(key)
        .send()
        .await;
    match found {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(aws_sdk_s3::operation::head_object::HeadObjectError::is_not_found) =>
        {
            Err(gone())
        }
        Err(error) => Err(error.into()),
    }
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
pub async fn abort(
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

#[cfg(test)]
mod tests {
    use super::{SentPart, key_of, stored_type, whole};
    use crate::parts::Parts;

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
