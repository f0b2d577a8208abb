//! The REST API as the SDKs speak it: paths, status codes, errors.
//!
//! <https://docs.aws.amazon.com/mediaconvert/latest/apireference/resources.html>

mod control;
mod error;
mod jobs;
mod probe;
mod queues;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::events::Sender;
use crate::faults::Switches;
use crate::storage::Storage;
use crate::store::Store;
use crate::worker::Workers;
pub use error::{ApiError, ErrorKind};

/// What the operations work on.
#[derive(Clone)]
pub struct App {
    /// The jobs.
    pub store: Arc<Store>,
    /// Who works on them.
    pub workers: Workers,
    /// Where probes read from.
    pub storage: Storage,
    /// Account and region.
    pub sender: Sender,
    /// Probes at the same time.
    pub probes: Arc<Semaphore>,
    /// Jobs at work at the same time.
    pub concurrent_jobs: usize,
    /// What goes wrong on request.
    pub faults: Switches,
    /// Ends requests that would stay without an answer.
    pub stopping: CancellationToken,
}

/// The server.
pub fn router(app: App) -> Router {
    let api = Router::new()
        .route("/jobs", post(jobs::create).get(jobs::list))
        .route("/jobs/{id}", get(jobs::get).delete(jobs::cancel))
        .route("/search", get(jobs::search))
        .route("/probe", post(probe::probe))
        .route("/endpoints", post(endpoints))
        .route("/queues", get(queues::list))
        .route("/queues/{name}", get(queues::get))
        .route_layer(from_fn_with_state(app.clone(), control::misbehave));
    Router::new()
        .nest("/2017-08-29", api)
        .route(
            "/_control/faults",
            get(control::get).put(control::put).delete(control::delete),
        )
        .route("/healthz", get(async || "ok\n"))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app)
}

/// `DescribeEndpoints`: the address that the caller used is the endpoint.
async fn endpoints(headers: axum::http::HeaderMap) -> Json<Value> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("127.0.0.1");
    Json(json!({"endpoints": [{"url": format!("http://{host}")}]}))
}

async fn unknown(method: Method, uri: Uri) -> Response {
    let path = uri.path();
    ApiError::new(
        ErrorKind::NotFound,
        format!("This server has no operation {method} {path}."),
    )
    .into_response()
}

/// A JSON answer with a status of its own.
fn answer(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}
