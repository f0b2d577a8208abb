//! The REST API as the SDKs speak it: paths, status codes, errors.
//!
//! <https://docs.aws.amazon.com/mediaconvert/latest/apireference/resources.html>

mod account;
mod control;
mod error;
mod filter;
mod jobs;
mod operations;
mod pages;
mod probe;
mod queries;
mod queues;
mod resources;
mod tags;
mod throttle;
mod watch;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::clock::Moment;
use crate::events::Sender;
use crate::faults::Switches;
use crate::metrics::Metrics;
use crate::storage::Storage;
use crate::store::Store;
use crate::worker::Workers;
pub use error::{ApiError, ErrorKind};
pub use operations::OPERATIONS;
pub use queries::Queries;
use resources::{ListQuery, Resource};
pub use throttle::Throttle;

/// What paths of the API begin with.
const VERSION: &str = "/2017-08-29";

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
    /// When the server started.
    pub started: Moment,
    /// Queries of jobs.
    pub queries: Queries,
    /// The limit of the request rate.
    pub throttle: Throttle,
    /// What is counted.
    pub metrics: Metrics,
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
        .route("/jobsQueries", post(queries::start))
        .route("/jobsQueries/{id}", get(queries::results))
        .route("/probe", post(probe::probe))
        .route("/endpoints", post(endpoints))
        .route("/queues", all_of(Resource::Queue))
        .route("/queues/{name}", one_of(Resource::Queue))
        .route("/jobTemplates", all_of(Resource::JobTemplate))
        .route("/jobTemplates/{name}", one_of(Resource::JobTemplate))
        .route("/presets", all_of(Resource::Preset))
        .route("/presets/{name}", one_of(Resource::Preset))
        .route("/tags", post(tags::tag))
        .route("/tags/{arn}", get(tags::list).put(tags::untag))
        .route(
            "/policy",
            get(account::get_policy)
                .put(account::put_policy)
                .delete(account::delete_policy),
        )
        .route("/versions", get(account::versions))
        .route("/certificates", post(account::associate))
        .route("/certificates/{arn}", delete(account::disassociate))
        .route("/resourceShares", post(account::share))
        .route_layer(from_fn_with_state(app.clone(), control::misbehave))
        .route_layer(from_fn_with_state(app.clone(), watch::watch));
    Router::new()
        .nest(VERSION, api)
        .route(
            "/_control/faults",
            get(control::get).put(control::put).delete(control::delete),
        )
        .route("/healthz", get(async || "ok\n"))
        .route("/metrics", get(watch::metrics))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app)
}

/// Making and listing.
fn all_of(resource: Resource) -> MethodRouter<App> {
    let create = async move |State(app): State<App>, body: Bytes| resource.create(&app, &body);
    let list = async move |State(app): State<App>, Query(query): Query<ListQuery>| {
        resource.list(&app, &query)
    };
    post(create).get(list)
}

/// Reading, changing and removing.
fn one_of(resource: Resource) -> MethodRouter<App> {
    let read =
        async move |State(app): State<App>, Path(name): Path<String>| resource.get(&app, &name);
    let update = async move |State(app): State<App>, Path(name): Path<String>, body: Bytes| {
        resource.update(&app, &name, &body)
    };
    let remove =
        async move |State(app): State<App>, Path(name): Path<String>| resource.delete(&app, &name);
    get(read).merge(put(update)).delete(remove)
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
    ApiError::not_found(format!("This server has no operation {method} {path}.")).into_response()
}

/// A JSON answer with a status of its own.
fn answer(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}
