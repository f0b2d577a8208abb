//! Queries of jobs: asked for first, fetched then.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::filter::Filter;
use super::jobs::place;
use super::pages::{PAGE, object};
use super::{ApiError, App, answer};
use crate::job::Job;
use crate::schema;

/// Queries that are remembered.
const REMEMBERED: usize = 1000;

/// The last queries. They are forgotten when the server stops.
#[derive(Clone, Debug, Default)]
pub struct Queries(Arc<Mutex<VecDeque<Query>>>);

#[derive(Clone, Debug)]
struct Query {
    id: String,
    /// A job is found if one of these takes it; if there are none, each job is.
    filters: Vec<Filter>,
    ascending: bool,
    limit: usize,
    from: Option<usize>,
}

impl Queries {
    fn add(&self, query: Query) {
        let mut queries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queries.len() == REMEMBERED {
            queries.pop_front();
        }
        queries.push_back(query);
    }

    fn get(&self, id: &str) -> Option<Query> {
        let queries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queries.iter().find(|query| query.id == id).cloned()
    }
}

/// `StartJobsQuery`.
pub(super) async fn start(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let request = object(&body)?;
    schema::first("StartJobsQueryRequest", &request).map_err(ApiError::bad_request)?;
    let mut filters = Vec::new();
    let asked = request.get("filterList").and_then(Value::as_array);
    for (index, filter) in asked.into_iter().flatten().enumerate() {
        let at = format!("/filterList/{index}");
        let (Some(key), Some(values)) = (filter["key"].as_str(), filter["values"].as_array())
        else {
            let message = format!("{at}: key and values are required properties");
            return Err(ApiError::bad_request(message));
        };
        let of_value = |value| Filter::of_key(key, value);
        filters.extend(values.iter().filter_map(Value::as_str).filter_map(of_value));
    }
    let limit = request.get("maxResults").and_then(Value::as_u64);
    let query = Query {
        id: Uuid::new_v4().to_string(),
        filters,
        ascending: request
            .get("order")
            .is_some_and(|order| order == "ASCENDING"),
        limit: limit.map_or(PAGE, |limit| limit.try_into().unwrap_or(PAGE)),
        from: place(request.get("nextToken").and_then(Value::as_str))?,
    };
    let answered = json!({"id": query.id});
    app.queries.add(query);
    Ok(answer(StatusCode::CREATED, answered))
}

/// `GetJobsQueryResults`. The jobs are looked for now, which is quick, so that no query is ever at
/// work.
pub(super) async fn results(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let query = app
        .queries
        .get(&id)
        .ok_or_else(|| ApiError::not_found(format!("The jobs query {id} was not found.")))?;
    let takes = |job: &Job| {
        query.filters.is_empty() || query.filters.iter().any(|filter| filter.takes(job))
    };
    let (jobs, next) = app
        .store
        .page(takes, query.ascending, query.from, query.limit);
    let jobs: Vec<Value> = jobs.iter().map(Job::resource).collect();
    let mut body = json!({"jobs": jobs, "status": "COMPLETE"});
    if let Some(next) = next {
        body["nextToken"] = json!(next.to_string());
    }
    Ok(answer(StatusCode::OK, body))
}
