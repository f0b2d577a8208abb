//! The control endpoint, `/_control/faults`, and the faults of calls that it asks for.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::{ApiError, App, ErrorKind, answer};
use crate::faults::settings::{ApiFault, FaultSettings};

/// Tells the faults and how often each was applied.
pub(super) async fn get(State(app): State<App>) -> Response {
    answer(StatusCode::OK, app.faults.to_json())
}

/// Replaces the faults.
pub(super) async fn put(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let settings = FaultSettings::from_json(&body)
        .map_err(|message| ApiError::new(ErrorKind::BadRequest, message))?;
    info!("set faults: {settings:?}");
    app.faults.set(settings);
    Ok(answer(StatusCode::OK, app.faults.to_json()))
}

/// Ends all faults.
pub(super) async fn delete(State(app): State<App>) -> Response {
    app.faults.set(FaultSettings::default());
    info!("ended all faults");
    answer(StatusCode::OK, app.faults.to_json())
}

/// Lets calls go wrong.
pub(super) async fn misbehave(State(app): State<App>, request: Request, next: Next) -> Response {
    let name = operation(request.method(), request.uri().path());
    let fault = name.and_then(|name| app.faults.on_call(name));
    let Some(fault) = fault else {
        return next.run(request).await;
    };
    info!(
        operation = name,
        "a call has the fault that was asked for: {fault:?}"
    );
    let broken = || {
        let message = "The server failed because this fault was asked for.";
        ApiError::new(ErrorKind::InternalServerError, message).into_response()
    };
    match fault {
        ApiFault::Throttle => {
            let kind = ErrorKind::TooManyRequests;
            ApiError::new(kind, "Too many requests, as was asked for.").into_response()
        }
        ApiFault::Answer500 => broken(),
        ApiFault::DoneBut500 => {
            next.run(request).await;
            broken()
        }
        ApiFault::DoneButSilent => {
            next.run(request).await;
            // The caller hangs up, or the server stops and with it the connection.
            app.stopping.cancelled().await;
            broken()
        }
    }
}

fn operation(method: &Method, path: &str) -> Option<&'static str> {
    // Inside of a nested router, the path begins behind the version.
    let path = path.strip_prefix("/2017-08-29").unwrap_or(path);
    let mut parts = path.trim_matches('/').split('/');
    let (resource, name) = (parts.next()?, parts.next());
    Some(match (method.as_str(), resource, name) {
        ("POST", "jobs", None) => "CreateJob",
        ("GET", "jobs", None) => "ListJobs",
        ("GET", "jobs", Some(_)) => "GetJob",
        ("DELETE", "jobs", Some(_)) => "CancelJob",
        ("GET", "search", None) => "SearchJobs",
        ("POST", "probe", None) => "Probe",
        ("POST", "endpoints", None) => "DescribeEndpoints",
        ("GET", "queues", None) => "ListQueues",
        ("GET", "queues", Some(_)) => "GetQueue",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::settings::OPERATIONS;

    #[test]
    fn each_operation_has_a_path() {
        let calls = [
            (Method::POST, "/2017-08-29/jobs"),
            (Method::GET, "/jobs/1-a"),
            (Method::GET, "/jobs"),
            (Method::GET, "/search"),
            (Method::DELETE, "/jobs/1-a"),
            (Method::POST, "/probe"),
            (Method::POST, "/endpoints"),
            (Method::GET, "/queues"),
            (Method::GET, "/queues/Default"),
        ];
        let names = calls.map(|(method, path)| operation(&method, path).unwrap());
        assert_eq!(names, OPERATIONS);
    }
}
