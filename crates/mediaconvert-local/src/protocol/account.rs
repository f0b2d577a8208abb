//! What belongs to the account: its policy, its certificates, the versions of the engine.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::pages::{self, PageQuery, object};
use super::{ApiError, App, answer};
use crate::job::ENGINE_VERSION;
use crate::schema;
use crate::store::{Document, Kind};

/// What is allowed when nobody has said anything.
fn policy(app: &App) -> Value {
    let mut policy =
        json!({"s3Inputs": "ALLOWED", "httpInputs": "ALLOWED", "httpsInputs": "ALLOWED"});
    let kept = app.store.document(Kind::Policy, "");
    for (name, value) in kept.into_iter().flat_map(|policy| policy.body) {
        policy[name] = value;
    }
    policy
}

/// `GetPolicy`.
pub(super) async fn get_policy(State(app): State<App>) -> Response {
    answer(StatusCode::OK, json!({"policy": policy(&app)}))
}

/// `PutPolicy`.
pub(super) async fn put_policy(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let mut request = object(&body)?;
    schema::first("PutPolicyRequest", &request).map_err(ApiError::bad_request)?;
    if let Some(Value::Object(body)) = request.remove("policy") {
        app.store
            .edit(Kind::Policy, "", |_| Some(Document::new("", body)))
            .map_err(|error| ApiError::not_kept(&error))?;
    }
    Ok(answer(StatusCode::OK, json!({"policy": policy(&app)})))
}

/// `DeletePolicy`.
pub(super) async fn delete_policy(State(app): State<App>) -> Result<Response, ApiError> {
    let kept = app.store.edit(Kind::Policy, "", |_| None);
    kept.map_err(|error| ApiError::not_kept(&error))?;
    Ok(answer(StatusCode::OK, json!({})))
}

/// `AssociateCertificate`. What it would encrypt, DRM keys on their way, isn't there.
pub(super) async fn associate(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let request = object(&body)?;
    schema::first("AssociateCertificateRequest", &request).map_err(ApiError::bad_request)?;
    let arn = request["arn"].as_str().unwrap_or_default();
    if !(arn.starts_with("arn:") && arn.contains(":acm:")) {
        let message = format!("/arn: '{arn}' should be the ARN of a certificate");
        return Err(ApiError::bad_request(message));
    }
    let mut taken = false;
    let kept = app.store.edit(Kind::Certificate, arn, |before| {
        taken = before.is_some();
        before.or_else(|| Some(Document::new(arn, serde_json::Map::new())))
    });
    kept.map_err(|error| ApiError::not_kept(&error))?;
    if taken {
        let message = format!("The certificate {arn} is associated already.");
        return Err(ApiError::conflict(message));
    }
    Ok(answer(StatusCode::CREATED, json!({})))
}

/// `DisassociateCertificate`.
pub(super) async fn disassociate(
    State(app): State<App>,
    Path(arn): Path<String>,
) -> Result<Response, ApiError> {
    let mut found = false;
    let kept = app.store.edit(Kind::Certificate, &arn, |before| {
        found = before.is_some();
        None
    });
    kept.map_err(|error| ApiError::not_kept(&error))?;
    if !found {
        let message = format!("The certificate {arn} is not associated.");
        return Err(ApiError::not_found(message));
    }
    Ok(answer(StatusCode::ACCEPTED, json!({})))
}

/// `ListVersions`. There is one.
pub(super) async fn versions(Query(query): Query<PageQuery>) -> Result<Response, ApiError> {
    let all = vec![ENGINE_VERSION];
    let (page, _) = pages::of(all, |version| (*version).to_owned(), &query)?;
    let page: Vec<Value> = page
        .into_iter()
        .map(|version| json!({"version": version}))
        .collect();
    Ok(answer(StatusCode::OK, json!({"versions": page})))
}

/// `CreateResourceShare`: nobody is here to share with.
pub(super) async fn share(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let request = object(&body)?;
    schema::first("CreateResourceShareRequest", &request).map_err(ApiError::bad_request)?;
    let given = request["jobId"].as_str().unwrap_or_default();
    let prefix = app.sender.arn("jobs", "");
    let id = given.strip_prefix(&prefix).unwrap_or(given);
    if app.store.get(id).is_none() {
        return Err(super::jobs::no_job(id));
    }
    Err(ApiError::bad_request(
        "This server can't share jobs with AWS Support.",
    ))
}
