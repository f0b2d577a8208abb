//! The control endpoint, `/_control/faults`, and the faults of calls that it asks for.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
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
    let settings = FaultSettings::from_json(&body).map_err(ApiError::bad_request)?;
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
    let name = super::watch::name(&request);
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

#[cfg(test)]
mod tests {
    use super::super::OPERATIONS;
    use super::super::operations::operation;

    #[test]
    fn each_operation_has_a_path_of_its_own() {
        for (name, method, path) in OPERATIONS {
            let route = format!("/2017-08-29{path}");
            assert_eq!(operation(method, &route), Some(name));
        }
        assert_eq!(operation("PUT", "/jobs"), None);
    }
}
