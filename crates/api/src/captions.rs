//! Captions that people add to a video and remove from it, before and after its conversion. Nothing is encoded for them.

use aws_sdk_s3::primitives::ByteStream;
use axum::Json;
use axum::extract::{Path, State};
use common::captions::{AddedTrack, LABEL, MAX_LABEL, MAX_TRACKS, removal_key, to_webvtt};
use common::clock::now;
use common::editions::{Editions, WEBVTT};
use common::language;
use common::table::Outcome;
use common::video::{self, Event, Ignored};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::extract::{Checked, File, Query, present, video_id};
use crate::identity::User;
use crate::library::OneVideo;
use crate::problem::{
    AnyRefused, FieldError, FileRefused, Kind, Problem, StateRefused, TokenRefused, VideoRefused,
};
use crate::text;
use crate::view::Video;

/// How captions are called.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CaptionsQuery {
    /// What the player's menu shows; the language's name in English where nothing is said.
    #[serde(default, deserialize_with = "present")]
    #[param(min_length = 1, max_length = 60, required = false, nullable = false)]
    label: Option<String>,
}

impl Checked for CaptionsQuery {
    fn check(&self, errors: &mut Vec<FieldError>) {
        if let Some(label) = &self.label {
            text::line("label", label, MAX_LABEL, errors);
        }
    }
}

/// A file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the body")]
struct CaptionsFile(Vec<u8>);

/// Adds captions, or others in the place of those that were added in the same language. The body is a file of up to 2 MiB:
/// WebVTT, SRT, TTML or SCC, whatever its media type says. What can be watched has them at once, without being converted
/// anew, and so will every later conversion; captions that the source itself has in this language give way. Repeating the
/// call changes nothing.
///
/// # Errors
///
/// 404 where there is no such video, or it is somebody else's; 400 for a file that can't be used; 409 where what can be watched
/// takes no captions, or has too many.
#[utoipa::path(
    put, path = "/api/videos/{id}/captions/{language}", operation_id = "putCaptions", tag = "library",
    params(
        ("id" = String, Path, description = "The video.", format = "uuid"),
        ("language" = String, Path, description = "BCP 47 tag, such as `en` or `pt-BR`.", max_length = 35,
            pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
        CaptionsQuery,
    ),
    request_body(content = CaptionsFile, content_type = "application/octet-stream", description = "The file."), security(("token" = [])),
    responses(
        (status = 200, description = "The video as it is now.", body = OneVideo),
        AnyRefused, TokenRefused, VideoRefused, FileRefused, StateRefused,
    )
)]
pub(crate) async fn put(
    State(app): State<App>,
    user: User,
    Path((id, language)): Path<(String, String)>,
    Query(query): Query<CaptionsQuery>,
    File(body): File,
) -> Result<Json<OneVideo>, Problem> {
    let id = video_id(&id).ok_or_else(Problem::no_video)?;
    let before = app.video_of(&user, id).await?;
    let language = checked(&language)?;
    if before
        .playback
        .as_ref()
        .is_some_and(|it| !it.takes_captions())
    {
        return Err(Problem::new(
            Kind::NoCaptions,
            "This video takes no captions: only HLS together with DASH does. Convert it with another profile.",
        ));
    }
    // Before its file is there, by which a lost record would be given it.
    if before
        .captions
        .as_ref()
        .is_some_and(|added| !added.takes(language))
    {
        return Err(too_many());
    }
    let webvtt = to_webvtt(&body).map_err(|error| {
        let detail = format!("The file can't be used: {error}.");
        Problem::invalid(vec![FieldError::new("", detail)])
    })?;
    let label = query.label.map(|label| label.trim().to_owned());
    let track = AddedTrack::new(language, label, &webvtt);
    let object = app
        .clients
        .s3
        .put_object()
        .bucket(&app.config.source_bucket);
    let object = object.key(track.key(id)).content_type(WEBVTT);
    object
        .metadata(LABEL, track.noted_label())
        .body(ByteStream::from(webvtt.into_bytes()))
        .send()
        .await
        .map_err(|error| Problem::internal("keep the captions", &error))?;
    let event = Event::CaptionsAdded(track.clone());
    let after = changed(&app, id, &event).await?;
    let added = after.captions.iter().flat_map(|added| &added.tracks);
    if !added.clone().any(|known| *known == track) {
        return Err(too_many());
    }
    answer(&app, after).await
}

fn too_many() -> Problem {
    Problem::new(
        Kind::TooManyCaptions,
        format!("A video takes {MAX_TRACKS} captions at most. Remove some first."),
    )
}

/// Removes captions that were added. Those that the source itself has in this language come back.
///
/// # Errors
///
/// 404 where there is no such video, or it is somebody else's.
#[utoipa::path(
    delete, path = "/api/videos/{id}/captions/{language}", operation_id = "deleteCaptions", tag = "library",
    params(
        ("id" = String, Path, description = "The video.", format = "uuid"),
        ("language" = String, Path, description = "BCP 47 tag.", max_length = 35,
            pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    ),
    security(("token" = [])),
    responses(
        (status = 200, description = "The video as it is now.", body = OneVideo),
        AnyRefused, TokenRefused, VideoRefused,
    )
)]
pub(crate) async fn delete(
    State(app): State<App>,
    user: User,
    Path((id, language)): Path<(String, String)>,
) -> Result<Json<OneVideo>, Problem> {
    let id = video_id(&id).ok_or_else(Problem::no_video)?;
    let before = app.video_of(&user, id).await?;
    let language = checked(&language)?.to_owned();
    let mut tracks = before.captions.iter().flat_map(|added| &added.tracks);
    if tracks.any(|track| language::is_same(&track.language, &language)) {
        let note = app
            .clients
            .s3
            .put_object()
            .bucket(&app.config.source_bucket);
        let note = note.key(removal_key(id, &language)).content_type(WEBVTT);
        note.send()
            .await
            .map_err(|error| Problem::internal("note the removal of captions", &error))?;
    }
    let event = Event::CaptionsRemoved { language };
    let after = changed(&app, id, &event).await?;
    answer(&app, after).await
}

fn checked(language: &str) -> Result<&str, Problem> {
    if language::is_tag(language) {
        return Ok(language);
    }
    let detail = "It must be a language tag, such as en or pt-BR.";
    Err(Problem::invalid(vec![FieldError::new("language", detail)]))
}

/// The record after the event, or as it is where the event says nothing new.
async fn changed(app: &App, id: &str, event: &Event) -> Result<video::Video, Problem> {
    match app.clients.table.apply(id, event, now()).await? {
        Outcome::Written { video, .. } => Ok(*video),
        Outcome::Ignored(Ignored::NoRecord | Ignored::Deleting) => Err(Problem::no_video()),
        Outcome::Ignored(_) | Outcome::Wait(_) => {
            app.live_video(id).await?.ok_or_else(Problem::no_video)
        }
    }
}

/// Gives what plays its captions. Should that break off, a repetition goes on with it, and so does the reconcile function.
/// Files of captions that were removed stay in the source bucket as long as the video: another call may just have added
/// them again.
async fn answer(app: &App, after: video::Video) -> Result<Json<OneVideo>, Problem> {
    let editions = Editions {
        s3: &app.clients.s3,
        table: &app.clients.table,
        source_bucket: &app.config.source_bucket,
        converted_bucket: &app.config.converted_bucket,
    };
    let video = editions
        .complete(after)
        .await
        .map_err(|error| Problem::internal("write the manifests", &error))?;
    let video = Video::new(video, &app.config.site_url);
    Ok(Json(OneVideo { video }))
}
