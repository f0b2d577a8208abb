//! What everybody may ask.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::app::App;
use crate::config::SignIn;
use crate::extract::VideoId;
use crate::openapi;
use crate::parts::MAX_UPLOAD_BYTES;
use crate::problem::{AnyRefused, Problem, VideoRefused};
use crate::view::Playback;
use common::profile::BUILT_IN;

/// That the service answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    #[schema(value_type = String)]
    status: &'static str,
}

/// Says that the service answers.
#[utoipa::path(
    get, path = "/api/health", operation_id = "getHealth", tag = "public", security(()),
    responses((status = 200, description = "It does.", body = Health))
)]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// What a page or a program has to know before anybody has signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicConfig {
    /// How people sign in.
    sign_in: SignInConfig,
    /// Largest file, bytes.
    max_upload_bytes: u64,
    /// Names of the profiles that every stack has; it may have more of its own.
    #[schema(value_type = Vec<String>)]
    profiles: &'static [&'static str],
    /// The profile of videos for which none is chosen.
    default_profile: String,
    /// Whether anybody who knows a video's id may watch it.
    public_playback: bool,
}

/// How people sign in.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum SignInConfig {
    /// With user name and password, at `/api/session`.
    Password,
    /// At an OpenID Connect provider.
    Oidc {
        /// Its issuer.
        #[schema(format = "uri")]
        authority: String,
        /// The client to sign in with.
        #[serde(rename = "clientId")]
        client_id: String,
        /// The audience to ask for, where tokens aren't for the client itself.
        #[schema(nullable = false)]
        audience: Option<String>,
    },
}

/// What has to be known before anybody has signed in.
#[utoipa::path(
    get, path = "/api/config", operation_id = "getConfig", tag = "public", security(()),
    responses((status = 200, description = "The service's settings.", body = PublicConfig))
)]
pub(crate) async fn config(State(app): State<App>) -> Json<PublicConfig> {
    Json(PublicConfig {
        sign_in: match &app.config.sign_in {
            SignIn::Password { .. } => SignInConfig::Password,
            SignIn::Oidc {
                authority,
                client_id,
                audience,
            } => SignInConfig::Oidc {
                authority: authority.clone(),
                client_id: client_id.clone(),
                audience: (audience != client_id).then(|| audience.clone()),
            },
        },
        max_upload_bytes: MAX_UPLOAD_BYTES,
        profiles: BUILT_IN,
        default_profile: app.config.default_profile.clone(),
        public_playback: app.config.public_playback,
    })
}

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", operation_id = "getOpenApi", tag = "public", security(()),
    responses((status = 200, description = "An OpenAPI document.", body = Object))
)]
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], openapi::DOCUMENT)
}

/// A video that anybody may watch.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicVideo {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// What people call it.
    title: String,
    /// What people say about it.
    #[schema(nullable = false)]
    description: Option<String>,
    /// What can be watched.
    playback: Playback,
}

/// What a player needs to show a video to somebody who hasn't signed in; only where the stack's parameter
/// `PublicPlayback` allows it.
///
/// # Errors
///
/// 404 where it doesn't, or there is nothing to watch.
#[utoipa::path(
    get, path = "/api/public/videos/{id}", operation_id = "getPublicVideo", tag = "public", security(()),
    params(("id" = String, Path, description = "The video.", format = "uuid")),
    responses(
        (status = 200, description = "The video.", body = PublicVideo),
        AnyRefused, VideoRefused,
    )
)]
pub(crate) async fn video(
    State(app): State<App>,
    VideoId(id): VideoId,
) -> Result<Json<PublicVideo>, Problem> {
    if !app.config.public_playback {
        return Err(Problem::no_video());
    }
    let video = app.live_video(&id).await?.ok_or_else(Problem::no_video)?;
    let playback = Playback::of(&video, &app.config.site_url).ok_or_else(Problem::no_video)?;
    Ok(Json(PublicVideo {
        id: video.id,
        title: video.title,
        description: video.description,
        playback,
    }))
}
