//! `Probe`, with the rights of this server: the service reads with those of the caller, whom this
//! server does not know.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::pages::object;
use super::{ApiError, App, ErrorKind, answer};
use crate::media::{self, ProbeError};
use crate::plan::destination::{SOURCE_FORM, is_source};
use crate::probe::result;
use crate::schema;
use crate::storage::FetchError;
use crate::web::WebError;

pub(super) async fn probe(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let request = Value::Object(object(&body)?);
    if let Some(problem) = schema::check("ProbeRequest", &request, "")
        .into_iter()
        .next()
    {
        return Err(ApiError::new(ErrorKind::BadRequest, problem));
    }
    let files = request["inputFiles"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if files.is_empty() {
        return Err(ApiError::new(
            ErrorKind::BadRequest,
            "/inputFiles: Should have at least 1 items",
        ));
    }
    let mut results = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let url = file["fileUrl"].as_str().unwrap_or_default();
        results.push(one(&app, number, url).await?);
    }
    Ok(answer(StatusCode::OK, json!({"probeResults": results})))
}

/// Which exceptions the service raises for files that are missing or unreadable is documented
/// nowhere: 404, 403 and 400 are guesses.
async fn one(app: &App, number: usize, url: &str) -> Result<Value, ApiError> {
    let bad = |message: String| ApiError::new(ErrorKind::BadRequest, message);
    if !is_source(url) {
        return Err(bad(format!("/inputFiles/{number}/fileUrl: {SOURCE_FORM}")));
    }
    // The semaphore is never closed.
    let _permit = app.probes.acquire().await;
    let source = app.storage.own().source(url).await.map_err(|error| {
        let kind = match &error {
            FetchError::Missing(..) | FetchError::Web(WebError::Answer(404)) => ErrorKind::NotFound,
            FetchError::Denied(..) | FetchError::Web(WebError::Answer(401 | 403)) => {
                ErrorKind::Forbidden
            }
            FetchError::Address
            | FetchError::Transfer(..)
            | FetchError::Web(_)
            | FetchError::Disk(_) => ErrorKind::InternalServerError,
        };
        ApiError::new(kind, format!("Unable to read input file '{url}': {error}."))
    })?;
    if source.size == 0 {
        return Err(bad(format!(
            "Unable to probe input file '{url}': the file is empty."
        )));
    }
    match media::probe(source.path()).await {
        Ok(media) => Ok(result(&media, &source)),
        Err(error @ ProbeError::Unreadable(_)) => {
            Err(bad(format!("Unable to probe input file '{url}': {error}.")))
        }
        Err(error @ ProbeError::Run(_)) => Err(ApiError::new(
            ErrorKind::InternalServerError,
            format!("Unable to probe '{url}': {error}."),
        )),
    }
}
