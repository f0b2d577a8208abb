//! Tags of jobs, queues, job templates and presets.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::pages::object;
use super::resources::Resource;
use super::{ApiError, App, answer};
use crate::schema;
use crate::store::{Document, Kind};

/// Tags of one resource at most:
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>.
const MOST: usize = 50;

/// Takes the tags out of a request that makes something.
pub(super) fn of_request(
    request: &mut Map<String, Value>,
) -> Result<Option<Map<String, Value>>, ApiError> {
    match request.remove("tags") {
        Some(Value::Object(tags)) if !tags.is_empty() => {
            check(&tags)?;
            Ok(Some(tags))
        }
        _ => Ok(None),
    }
}

fn check(tags: &Map<String, Value>) -> Result<(), ApiError> {
    for (key, value) in tags {
        let long = value
            .as_str()
            .is_some_and(|value| value.chars().count() > 256);
        if key.is_empty() || key.chars().count() > 128 || key.starts_with("aws:") || long {
            return Err(ApiError::bad_request(format!(
                "The tag '{key}' is invalid."
            )));
        }
    }
    Ok(())
}

/// Replaces the tags of a resource.
pub(super) fn set(app: &App, arn: &str, tags: Option<Map<String, Value>>) -> Result<(), ApiError> {
    edit(app, arn, |_| tags.unwrap_or_default()).map(|_| ())
}

fn edit(
    app: &App,
    arn: &str,
    change: impl FnOnce(Map<String, Value>) -> Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let kept = app.store.edit(Kind::Tags, arn, |before| {
        let after = change(before.map(|tags| tags.body).unwrap_or_default());
        (!after.is_empty()).then(|| Document::new(arn, after))
    });
    let kept = kept.map_err(|error| ApiError::not_kept(&error))?;
    Ok(kept.map(|tags| tags.body).unwrap_or_default())
}

/// Refuses the ARN of what is not there.
fn exists(app: &App, arn: &str) -> Result<(), ApiError> {
    let resources = [Resource::Queue, Resource::JobTemplate, Resource::Preset];
    let found = resources.into_iter().any(|resource| {
        arn.starts_with(&app.sender.arn(resource.plural(), "")) && resource.find(app, arn).is_ok()
    });
    let job = arn.strip_prefix(&app.sender.arn("jobs", ""));
    if found || job.is_some_and(|id| app.store.get(id).is_some()) {
        return Ok(());
    }
    Err(ApiError::not_found(format!(
        "The resource {arn} was not found."
    )))
}

/// `TagResource`.
pub(super) async fn tag(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let mut request = object(&body)?;
    schema::first("TagResourceRequest", &request).map_err(ApiError::bad_request)?;
    let arn = request["arn"].as_str().unwrap_or_default().to_owned();
    exists(&app, &arn)?;
    let tags = of_request(&mut request)?.unwrap_or_default();
    let before = app.store.document(Kind::Tags, &arn).map(|tags| tags.body);
    let known = |key: &&String| before.as_ref().is_none_or(|tags| !tags.contains_key(*key));
    let count = before.as_ref().map_or(0, Map::len) + tags.keys().filter(known).count();
    if count > MOST {
        let message = format!("A resource can have {MOST} tags at most.");
        return Err(ApiError::bad_request(message));
    }
    edit(&app, &arn, |mut all| {
        all.extend(tags);
        all
    })?;
    Ok(answer(StatusCode::OK, json!({})))
}

/// `UntagResource`.
pub(super) async fn untag(
    State(app): State<App>,
    Path(arn): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let mut request = object(&body)?;
    request.insert("arn".to_owned(), json!(arn));
    schema::first("UntagResourceRequest", &request).map_err(ApiError::bad_request)?;
    exists(&app, &arn)?;
    let keys = request.get("tagKeys").and_then(Value::as_array);
    edit(&app, &arn, |mut all| {
        for key in keys.into_iter().flatten().filter_map(Value::as_str) {
            all.remove(key);
        }
        all
    })?;
    Ok(answer(StatusCode::OK, json!({})))
}

/// `ListTagsForResource`.
pub(super) async fn list(
    State(app): State<App>,
    Path(arn): Path<String>,
) -> Result<Response, ApiError> {
    exists(&app, &arn)?;
    let tags = app.store.document(Kind::Tags, &arn);
    let tags = tags.map(|tags| tags.body).unwrap_or_default();
    let body = json!({"resourceTags": {"arn": arn, "tags": tags}});
    Ok(answer(StatusCode::OK, body))
}
