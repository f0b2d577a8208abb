//! The operations on jobs.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tracing::info;
use uuid::Uuid;

use super::filter::Filter;
use super::pages::{self, PageQuery, object};
use super::resources::Resource;
use super::{ApiError, App, ErrorKind, answer, queues, tags};
use crate::clock::Moment;
use crate::job::{self, Job};
use crate::queue;
use crate::system_preset;
use crate::templates;
use crate::validate;
use crate::worker::Stopped;

/// `CreateJob`.
pub(super) async fn create(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let job = new_job(&app, object(&body)?).inspect_err(|error| info!("refused a job: {error}"))?;
    Ok(answer(StatusCode::CREATED, json!({"job": job.resource()})))
}

fn new_job(app: &App, request: Map<String, Value>) -> Result<Job, ApiError> {
    let (mut request, mut warnings) = completed(app, request)?;
    let checked = validate::create_job(&request).map_err(ApiError::bad_request)?;
    warnings.extend(checked.warnings);
    let given_tags = tags::of_request(&mut request)?;
    let queue = request.get("queue").and_then(Value::as_str);
    let queue = queues::find(app, queue.unwrap_or(queue::DEFAULT))?;
    let known = |name: &str| Resource::Queue.find(app, name).is_ok();
    queue::check_hops(&request, &queue, known).map_err(ApiError::bad_request)?;
    let created = Moment::now();
    let id = new_id(created);
    let job = Job {
        arn: app.sender.arn("jobs", &id),
        queue,
        priority: request.get("priority").and_then(Value::as_i64).unwrap_or(0),
        state: job::State::Submitted,
        created,
        started: None,
        finished: None,
        retries: 0,
        warnings: warnings.into_iter().map(Into::into).collect(),
        transitions: Vec::new(),
        hopped: 0,
        details: Value::Null,
        request,
        id,
    };
    let id = job.id.clone();
    let job = app
        .workers
        .submit(job)
        .map_err(|error| ApiError::not_kept(&error))?;
    if job.id == id {
        tags::set(app, &job.arn, given_tags)?;
    }
    Ok(job)
}

/// The request with what its template and presets say, and what is to be told of that.
fn completed(
    app: &App,
    request: Map<String, Value>,
) -> Result<(Map<String, Value>, Vec<String>), ApiError> {
    let mut warnings = Vec::new();
    let mut request = match request.get("jobTemplate").and_then(Value::as_str) {
        // A template can't make up for missing settings, and for wrong ones neither.
        Some(_) if !request.get("settings").is_some_and(Value::is_object) => request,
        Some(name) => match Resource::JobTemplate.find(app, name) {
            Ok(template) => templates::with_template(request, &template.body),
            // The console writes the name into jobs that hold all that the template says.
            Err(_) if templates::is_whole_without(name, &request) => {
                warnings.push(format!(
                    "/jobTemplate: {name} is not known to this server, which took the job as it is."
                ));
                request
            }
            Err(error) => return Err(error),
        },
        None => request,
    };
    if let Some(settings) = request.get_mut("settings") {
        let preset = |name: &str| match Resource::Preset.find(app, name) {
            Ok(preset) => preset.body.get("settings").cloned(),
            Err(_) => system_preset::settings(name),
        };
        let system = templates::with_presets(settings, preset).map_err(ApiError::bad_request)?;
        warnings.extend(system);
    }
    Ok((request, warnings))
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

/// 404 of a job.
pub(super) fn no_job(id: &str) -> ApiError {
    ApiError::not_found(format!("The job {id} was not found."))
}

/// What `ListJobs` and `SearchJobs` are asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListQuery {
    #[serde(flatten)]
    page: PageQuery,
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
    let (limit, ascending) = (query.page.limit()?, query.page.ascending()?);
    let statuses = ["SUBMITTED", "PROGRESSING", "COMPLETE", "CANCELED", "ERROR"];
    pages::one_of("status", query.status.as_deref(), &statuses)?;
    let from = place(query.page.next_token.as_deref())?;
    let queue = query.queue.map(|queue| queues::find(app, &queue));
    let filters = [
        queue.transpose()?.map(Filter::Queue),
        query.status.map(Filter::Status),
        query.input_file.map(Filter::Input),
    ];
    let takes = |job: &Job| filters.iter().flatten().all(|filter| filter.takes(job));
    let (jobs, next) = app.store.page(takes, ascending == Some(true), from, limit);
    let mut body = json!({"jobs": jobs.iter().map(Job::resource).collect::<Vec<_>>()});
    if let Some(next) = next {
        body["nextToken"] = json!(next.to_string());
    }
    Ok(answer(StatusCode::OK, body))
}

/// The place that a token of a list of jobs stands for.
pub(super) fn place(token: Option<&str>) -> Result<Option<usize>, ApiError> {
    let invalid = |_| ApiError::bad_request("The nextToken is invalid.");
    token
        .map(|token| token.parse().map_err(invalid))
        .transpose()
}
