//! Changing a video: its texts, converting it anew, deleting it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::clip;
use common::clock::now;
use common::table::Outcome;
use common::video::{Edit, Event, Ignored, Override, PosterTime, Reprocess};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::clip::{Clip, outside};
use crate::extract::{Body, Checked, OptionalBody, VideoId, present};
use crate::fields::{Description, ProfileName, Title};
use crate::identity::User;
use crate::library::OneVideo;
use crate::problem::{
    AnyRefused, BodyRefused, FieldError, Kind, Problem, StateRefused, TokenRefused, VideoRefused,
};
use crate::view::Video;

/// What people read and see.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Texts {
    /// What people call it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<Title>,
    /// What people say about it; an empty text removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    description: Option<Description>,
    /// Where the poster is to be, seconds from the start: the nearest still that was taken is shown from now on, without
    /// converting anything. Null is the still that the conversion chose.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>, maximum = 4_294_967_295_u32)]
    poster_seconds: Option<PosterTime>,
}

impl Checked for Texts {
    fn check(&self, errors: &mut Vec<FieldError>) {
        self.title.check(errors);
        self.description.check(errors);
    }
}

/// Changes title, description and poster. What is left out stays.
///
/// # Errors
///
/// 404 where there is no such video, or it is somebody else's.
#[utoipa::path(
    patch, path = "/api/videos/{id}", operation_id = "editVideo", tag = "library", request_body = Texts,
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 200, description = "The video as it is now.", body = OneVideo),
        AnyRefused, TokenRefused, VideoRefused, BodyRefused,
    )
)]
pub(crate) async fn edit(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
    Body(texts): Body<Texts>,
) -> Result<Json<OneVideo>, Problem> {
    let before = app.video_of(&user, &id).await?;
    let event = Event::Edited(Edit {
        title: texts.title.map(Title::trimmed),
        description: texts.description.map(Description::trimmed),
        poster: texts.poster_seconds,
    });
    let record = match app.clients.table.apply(&id, &event, now()).await? {
        Outcome::Written { video, .. } => *video,
        Outcome::Ignored(Ignored::NoRecord | Ignored::Deleting) => return Err(Problem::no_video()),
        // The texts are what they were.
        Outcome::Ignored(_) | Outcome::Wait(_) => before,
    };
    Ok(Json(OneVideo {
        video: Video::new(record, &app.config.site_url),
    }))
}

/// Deletes a video: its record, its source, everything that was made of it, and a job that is still running. Gone for
/// people at once, and from storage soon after. Deleting what is already gone is no error.
///
/// # Errors
///
/// 404 where it is somebody else's.
#[utoipa::path(
    delete, path = "/api/videos/{id}", operation_id = "deleteVideo", tag = "library",
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 204, description = "The video is gone, or was already."),
        AnyRefused, TokenRefused, VideoRefused,
    )
)]
pub(crate) async fn delete(
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
    remove(&app, &id).await
}

/// Marks a video as deleted, and starts its removal.
pub(crate) async fn remove(app: &App, id: &str) -> Result<StatusCode, Problem> {
    match app.clients.table.apply(id, &Event::Deleted, now()).await? {
        Outcome::Written { .. } => app.remove_soon(id).await,
        // Somebody else was faster.
        Outcome::Ignored(_) | Outcome::Wait(_) => {}
    }
    Ok(StatusCode::NO_CONTENT)
}

/// How a video is converted anew.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Reprocessing {
    /// Another profile than the one before; the names are in `/api/config`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    profile: Option<ProfileName>,
    /// Whether there is to be an MP4 file to download. Null is what the profile says; what is left out stays as it was.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<bool>)]
    download: Option<Override<bool>>,
    /// The part to be converted. Null is all of the upload; what is left out stays as it was.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Clip>)]
    clip: Option<Override<Clip>>,
}

impl Checked for Reprocessing {
    fn check(&self, errors: &mut Vec<FieldError>) {
        self.profile.check(errors);
        if let Some(Override(Some(clip))) = self.clip {
            clip.check("/clip", errors);
        }
    }
}

/// Converts the same upload anew. What can be watched stays until the new revision is ready.
///
/// # Errors
///
/// 400 for a part that the upload doesn't have; 404 where there is no such video, or it is somebody else's; 409 while it is being converted, or where nothing was
/// uploaded.
#[utoipa::path(
    post, path = "/api/videos/{id}/reprocess", operation_id = "reprocessVideo", tag = "library",
    request_body = Option<Reprocessing>,
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 202, description = "The conversion is under way.", body = OneVideo),
        AnyRefused, TokenRefused, VideoRefused, BodyRefused, StateRefused,
    )
)]
pub(crate) async fn reprocess(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
    OptionalBody(wanted): OptionalBody<Reprocessing>,
) -> Result<(StatusCode, Json<OneVideo>), Problem> {
    let before = app.video_of(&user, &id).await?;
    let clip = wanted
        .clip
        .map(|Override(clip)| Override(clip.map(clip::Clip::from)));
    if let Some(Override(Some(clip))) = clip {
        // Where the length isn't known yet, the submit function finds out.
        clip.within(before.source_ms())
            .map_err(|error| Problem::invalid(vec![outside("/clip", error)]))?;
    }
    let event = Event::Reprocessed(Reprocess {
        profile: wanted.profile.map(|ProfileName(name)| name),
        download: wanted.download,
        clip,
    });
    let record = match app.clients.table.apply(&id, &event, now()).await? {
        Outcome::Written { video, .. } => *video,
        Outcome::Ignored(Ignored::NoRecord | Ignored::Deleting) => return Err(Problem::no_video()),
        Outcome::Ignored(Ignored::NoSource) => {
            return Err(Problem::new(
                Kind::NoSource,
                "Nothing was uploaded for this video. Upload it again.",
            ));
        }
        Outcome::Ignored(_) | Outcome::Wait(_) => {
            return Err(Problem::new(
                Kind::NotFinished,
                "This video is still being uploaded or converted. Wait for its end and try again.",
            ));
        }
    };
    if let Some(source) = &record.source {
        // If this is lost, the reconcile function submits it: the claim in the record is open.
        let _ = app.submit(std::slice::from_ref(source)).await;
    }
    let video = Video::new(record, &app.config.site_url);
    Ok((StatusCode::ACCEPTED, Json(OneVideo { video })))
}
