//! The operations on queues. There is one, `Default`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::{ApiError, App, ErrorKind, answer};

const DEFAULT: &str = "Default";

/// ARN of the queue `Default`.
pub(super) fn default_arn(app: &App) -> String {
    format!(
        "arn:aws:mediaconvert:{}:{}:queues/{DEFAULT}",
        app.sender.region, app.sender.account
    )
}

/// ARN of the queue with this name or ARN.
pub(super) fn find(app: &App, queue: &str) -> Result<String, ApiError> {
    let arn = default_arn(app);
    if queue == DEFAULT || queue == arn {
        Ok(arn)
    } else {
        Err(ApiError::new(
            ErrorKind::NotFound,
            format!("The queue {queue} was not found."),
        ))
    }
}

/// `GetQueue`.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    find(&app, &name)?;
    Ok(answer(StatusCode::OK, json!({"queue": queue(&app)})))
}

/// `ListQueues`.
pub(super) async fn list(State(app): State<App>) -> Response {
    answer(
        StatusCode::OK,
        json!({"queues": [queue(&app)], "totalConcurrentJobs": app.concurrent_jobs}),
    )
}

fn queue(app: &App) -> Value {
    let (submitted, progressing) = app.store.counts();
    json!({
        "arn": default_arn(app),
        "name": DEFAULT,
        "type": "SYSTEM",
        "pricingPlan": "ON_DEMAND",
        "status": "ACTIVE",
        "concurrentJobs": app.concurrent_jobs,
        "submittedJobsCount": submitted,
        "progressingJobsCount": progressing,
    })
}
