//! Every address that the function answers.

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{ALLOW, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tracing::{Instrument, info, info_span};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use common::captions::MAX_BYTES;

use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::{captions, edit, imports, library, openapi, public, session, storyboard, uploads, web};

/// Largest body of most requests, bytes.
const BODY_BYTES: usize = 64 * 1024;
/// Largest body of a request that names each part of an upload, bytes: ten thousand of them, written generously.
const PARTS_BODY_BYTES: usize = 2 * 1024 * 1024;

/// The operations of the API: where each is, and how it is described.
pub(crate) fn operations() -> OpenApiRouter<App> {
    let captions = OpenApiRouter::default()
        .routes(routes!(captions::put, captions::delete))
        .layer(DefaultBodyLimit::max(MAX_BYTES));
    let completion = OpenApiRouter::default()
        .routes(routes!(uploads::finish::complete))
        .layer(DefaultBodyLimit::max(PARTS_BODY_BYTES));
    OpenApiRouter::with_openapi(openapi::Frame::openapi())
        .routes(routes!(public::health))
        .routes(routes!(public::config))
        .routes(routes!(public::openapi))
        .routes(routes!(public::video))
        .routes(routes!(storyboard::index))
        .routes(routes!(storyboard::sheet))
        .routes(routes!(session::sign_in))
        .routes(routes!(session::choose_password))
        .routes(routes!(session::refresh))
        .routes(routes!(library::list, uploads::begin::create))
        .routes(routes!(library::get, edit::edit, edit::delete))
        .routes(routes!(edit::reprocess))
        .merge(captions)
        .routes(routes!(uploads::finish::abort))
        .routes(routes!(uploads::send::list, uploads::send::sign))
        .merge(completion)
        .routes(routes!(imports::import))
}

/// The router. Who asks is what `identity` finds in the request's extensions.
pub fn router(app: App) -> Router {
    let (api, _) = operations().split_for_parts();
    let api = api
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

#[cfg(test)]
mod tests {
    use super::operations;
    use crate::openapi::DOCUMENT;

    /// `UPDATE_OPENAPI=1 cargo test -p api openapi` writes the file anew.
    #[test]
    fn openapi_json_describes_the_operations() {
        let made = operations().into_openapi().to_pretty_json().unwrap() + "\n";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
            std::fs::write(path, &made).unwrap();
        } else {
            assert!(
                made == DOCUMENT,
                "openapi.json is stale; UPDATE_OPENAPI=1 cargo test -p api openapi"
            );
        }
    }
}
