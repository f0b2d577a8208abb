//! Requests are counted, and held back when there are too many.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::operations::operation;
use super::{ApiError, App, ErrorKind};

/// Refuses requests above the rate, and counts all.
pub(super) async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(name) = name(&request) else {
        return next.run(request).await;
    };
    let started = Instant::now();
    let response = if app.throttle.admits(name, started) {
        next.run(request).await
    } else {
        ApiError::new(ErrorKind::TooManyRequests, "Too Many Requests").into_response()
    };
    let code = response.status().as_u16();
    app.metrics.answered(name, code, started.elapsed());
    response
}

/// The operation that a request asks for.
pub(super) fn name(request: &Request) -> Option<&'static str> {
    let route = request.extensions().get::<MatchedPath>()?;
    operation(request.method().as_str(), route.as_str())
}

/// `GET /metrics`.
pub(super) async fn metrics(State(app): State<App>) -> Response {
    let text = app.metrics.text(&app.store);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind))],
        text,
    )
        .into_response()
}
