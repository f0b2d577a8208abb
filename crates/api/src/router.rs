//! Every address that the function answers.

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{ALLOW, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post, put};
use tracing::{Instrument, info, info_span};

use common::captions::MAX_BYTES;

use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::{captions, edit, imports, library, public, session, storyboard, uploads, web};

/// Largest body of most requests, bytes.
const BODY_BYTES: usize = 64 * 1024;
/// Largest body of a request that names each part of an upload, bytes: ten thousand of them, written generously.
const PARTS_BODY_BYTES: usize = 2 * 1024 * 1024;

/// The router. Who asks is what [`crate::identity`] finds in the request's extensions.
pub fn router(app: App) -> Router {
    let api = Router::new()
        .route("/api/health", get(public::health))
        .route("/api/config", get(public::config))
        .route("/api/openapi.json", get(public::openapi))
        .route("/api/public/videos/{id}", get(public::video))
        .route(
            "/api/public/videos/{id}/{revision}/storyboard.vtt",
            get(storyboard::index),
        )
        .route(
            "/api/public/videos/{id}/{revision}/storyboard/{sheet}",
            get(storyboard::sheet),
        )
        .route("/api/session", post(session::sign_in))
        .route("/api/session/new-password", post(session::choose_password))
        .route("/api/session/refresh", post(session::refresh))
        .route(
            "/api/videos",
            get(library::list).post(uploads::begin::create),
        )
        .route(
            "/api/videos/{id}",
            get(library::get).patch(edit::edit).delete(edit::delete),
        )
        .route("/api/videos/{id}/reprocess", post(edit::reprocess))
        .route(
            "/api/videos/{id}/captions/{language}",
            put(captions::put)
                .delete(captions::delete)
                .layer(DefaultBodyLimit::max(MAX_BYTES)),
        )
        .route("/api/videos/{id}/upload", delete(uploads::finish::abort))
        .route(
            "/api/videos/{id}/upload/parts",
            get(uploads::send::list).post(uploads::send::sign),
        )
        .route(
            "/api/videos/{id}/upload/complete",
            post(uploads::finish::complete).layer(DefaultBodyLimit::max(PARTS_BODY_BYTES)),
        )
        .route("/api/imports", post(imports::import))
        .route("/api", any(no_such_call))
        .route("/api/", any(no_such_call))
        .route("/api/{*rest}", any(no_such_call))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(as_api));
    Router::new()
        .merge(api)
        .fallback(web::serve)
        .with_state(app)
        .layer(from_fn(logged))
}

async fn no_such_call(uri: Uri) -> Problem {
    let detail = format!("There is no call {}. See /api/openapi.json.", uri.path());
    Problem::new(Kind::NotFound, detail)
}

/// What all answers of the API have in common: nothing keeps them that doesn't say so itself, and a refused method is a problem document too.
async fn as_api(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = response.headers().get(ALLOW).cloned();
        let detail = "This address doesn't know that method. See /api/openapi.json.";
        response = Problem::new(Kind::MethodNotAllowed, detail).into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
    }
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// One line for each request. The path holds ids, the query may hold what people search for.
async fn logged(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let span = info_span!("request", %method, path);
    let response = next.run(request).instrument(span).await;
    let status = response.status().as_u16();
    let took_ms = began.elapsed().as_millis();
    info!(%method, path, status, took_ms, "{method} {path} {status}");
    response
}
