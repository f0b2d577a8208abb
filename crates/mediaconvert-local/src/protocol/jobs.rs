//! The operations on jobs.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tracing::{error, info};
use uuid::Uuid;

use super::{ApiError, App, ErrorKind, answer, queues};
use crate::clock::Moment;
use crate::job::{self, Job};
use crate::store::Filter;
use crate::validate;
use crate::worker::Stopped;

/// Jobs on a page at most, and when nothing else is asked for.
const PAGE: usize = 20;

/// `CreateJob`.
pub(super) async fn create(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let request = object(&body)?;
    let checked = validate::create_job(&request).map_err(|message| {
        info!("refused a job: {message}");
        ApiError::new(ErrorKind::BadRequest, message)
    })?;
    let queue = match request.get("queue").and_then(Value::as_str) {
        Some(queue) => queues::find(&app, queue)?,
        None => queues::default_arn(&app),
    };
    let created = Moment::now();
    let id = new_id(created);
    let arn = format!(
        "arn:aws:mediaconvert:{}:{}:jobs/{id}",
        app.sender.region, app.sender.account
    );
    let job = Job {
        arn,
        queue,
        priority: request.get("priority").and_then(Value::as_i64).unwrap_or(0),
        state: job::State::Submitted,
        created,
        started: None,
        finished: None,
        retries: 0,
        warnings: checked.warnings,
        details: Value::Null,
        request,
        id,
    };
    let job = app.workers.submit(job).map_err(|error| {
        error!("could not keep a job: {error:?}");
        let message = format!("The job can't be kept: {error}. See the server's log.");
        ApiError::new(ErrorKind::InternalServerError, message)
    })?;
    Ok(answer(StatusCode::CREATED, json!({"job": job.resource()})))
}

/// The body as an object; none at all is an empty one.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::new(
            ErrorKind::BadRequest,
            "/: Should be an object",
        )),
        Err(error) => Err(ApiError::new(
            ErrorKind::BadRequest,
            format!("The request is not JSON: {error}"),
        )),
    }
}

/// Milliseconds since 1970 and six letters or digits.
fn new_id(created: Moment) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let random = Uuid::new_v4();
    let letters = random
        .as_bytes()
        .iter()
        .take(6)
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % 36]));
    format!("{}-{}", created.milliseconds(), letters.collect::<String>())
}

/// `GetJob`.
pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let job = app.store.get(&id).ok_or_else(|| no_job(&id))?;
    Ok(answer(StatusCode::OK, json!({"job": job.resource()})))
}

/// `CancelJob`. Jobs that wait or are at work can be stopped; that others give a conflict is a
/// guess, the API Reference doesn't say.
pub(super) async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let job = app.store.get(&id).ok_or_else(|| no_job(&id))?;
    match app.workers.cancel(&job.id) {
        Stopped::Now => Ok(answer(StatusCode::ACCEPTED, json!({}))),
        Stopped::AlreadyFinal => {
            let status = app.store.get(&id).map_or("gone", |job| job.state.name());
            let message = format!("The job {id} can't be canceled: its status is {status}.");
            Err(ApiError::new(ErrorKind::Conflict, message))
        }
    }
}

fn no_job(id: &str) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("The job {id} was not found."))
}

/// What `ListJobs` and `SearchJobs` are asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListQuery {
    max_results: Option<String>,
    next_token: Option<String>,
    order: Option<String>,
    queue: Option<String>,
    status: Option<String>,
    input_file: Option<String>,
}

/// `ListJobs`, newest first.
pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<ListQuery>,
) -> Result<Response, ApiError> {
    let query = ListQuery {
        input_file: None,
        ..query
    };
    page(&app, query)
}

/// `SearchJobs`, newest first.
pub(super) async fn search(
    State(app): State<App>,
    Query(query): Query<ListQuery>,
) -> Result<Response, ApiError> {
    page(&app, query)
}

fn page(app: &App, query: ListQuery) -> Result<Response, ApiError> {
    let limit = match query.max_results.as_deref().map(str::parse) {
        None => PAGE,
        Some(Ok(limit @ 1..=PAGE)) => limit,
        Some(_) => {
            return Err(ApiError::new(
                ErrorKind::BadRequest,
                "maxResults: Should be from 1 to 20",
            ));
        }
    };
    one_of(
        "order",
        query.order.as_deref(),
        &["ASCENDING", "DESCENDING"],
    )?;
    let statuses = ["SUBMITTED", "PROGRESSING", "COMPLETE", "CANCELED", "ERROR"];
    one_of("status", query.status.as_deref(), &statuses)?;
    let from = match query.next_token.as_deref().map(str::parse) {
        None => None,
        Some(Ok(from)) => Some(from),
        Some(Err(_)) => {
            return Err(ApiError::new(
                ErrorKind::BadRequest,
                "The nextToken is invalid.",
            ));
        }
    };
    let filter = Filter {
        queue: query
            .queue
            .map(|queue| queues::find(app, &queue))
            .transpose()?,
        status: query.status,
        input: query.input_file,
        ascending: query.order.as_deref() == Some("ASCENDING"),
    };
    let (jobs, next) = app.store.page(&filter, from, limit);
    let mut body = json!({"jobs": jobs.iter().map(Job::resource).collect::<Vec<_>>()});
    if let Some(next) = next {
        body["nextToken"] = json!(next.to_string());
    }
    Ok(answer(StatusCode::OK, body))
}

fn one_of(name: &str, value: Option<&str>, values: &[&str]) -> Result<(), ApiError> {
    match value {
        Some(value) if !values.contains(&value) => {
            let message = format!("{name}: '{value}' should be one of {}", values.join(", "));
            Err(ApiError::new(ErrorKind::BadRequest, message))
        }
        _ => Ok(()),
    }
}
