//! What the API is asked: a page of a library, and addresses for the parts of a large upload.

use anyhow::{Context as _, ensure};
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::aws::dynamodb::{Item, Table};
use crate::function::video_id;

/// Videos of a page, as many as the API gives at once.
pub(crate) const VIDEOS: usize = 100;
/// Parts of one request, as many as the API signs at once.
pub(crate) const PARTS: usize = 1_000;

const LIST: &str = include_str!("../../../events/api-list-videos.json");
const UPLOADING: &str = "0f4cc51e-6f3f-4a4c-8f66-2d6b4f5b7a10";
/// Requests that it takes to name each part once.
const TURNS: usize = 10;
const PART_BYTES: usize = 8 * 1024 * 1024;

/// A library of [`VIDEOS`] videos like `record`, and one more that is being uploaded.
pub(crate) fn table(mut table: Table, record: &Item) -> anyhow::Result<Table> {
    let owner = event()?["requestContext"]["authorizer"]["jwt"]["claims"]["sub"].clone();
    for number in 0..VIDEOS {
        let id = video_id(number);
        let mut item = record.clone();
        item.insert("id".to_owned(), json!({"S": id}));
        item.insert("owner".to_owned(), json!({"S": owner}));
        table.items.insert(id, item);
    }
    // Nobody's library: a list must not find it. The administrator's token opens it all the same.
    let uploading = uploading(UPLOADING)?;
    table.items.insert(UPLOADING.to_owned(), uploading);
    Ok(table)
}

/// A table with `count` videos whose uploads are complete, but for the news of that.
pub(crate) fn uploads(mut table: Table, count: usize) -> anyhow::Result<Table> {
    for number in 0..count {
        let id = video_id(number);
        table.items.insert(id.clone(), uploading(&id)?);
    }
    Ok(table)
}

/// A record as the API makes it.
fn uploading(id: &str) -> anyhow::Result<Item> {
    let time = json!({"S": "2026-01-15T10:00:03.104Z"});
    let size = (TURNS * PARTS * PART_BYTES).to_string();
    let uploading = json!({
        "id": {"S": id}, "owner": {"S": "somebody"}, "title": {"S": "large"}, "status": {"S": "UPLOADING"},
        "createdAt": time, "updatedAt": time, "fileName": {"S": "large.mp4"}, "sizeBytes": {"N": size},
        "upload": {"M": {
            "uploadId": {"S": "VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA"},
            "key": {"S": format!("videos/{id}/source.mp4")},
            "partSizeBytes": {"N": PART_BYTES.to_string()}, "expiresAt": {"S": "2096-01-15T10:00:03.104Z"},
        }},
    });
    Ok(uploading.as_object().context("an item")?.clone())
}

/// The request for a page.
pub(crate) fn list() -> anyhow::Result<Bytes> {
    let mut event = event()?;
    event["rawQueryString"] = json!(format!("limit={VIDEOS}"));
    event["queryStringParameters"] = json!({"limit": VIDEOS.to_string()});
    Ok(event.to_string().into())
}

/// The request for addresses, each time of other parts.
pub(crate) fn sign(number: usize) -> anyhow::Result<Bytes> {
    let mut event = event()?;
    let path = format!("/api/videos/{UPLOADING}/upload/parts");
    let first = number % TURNS * PARTS + 1;
    let body = json!({"partNumbers": (first..first + PARTS).collect::<Vec<_>>()}).to_string();
    event["rawPath"] = json!(path);
    event["rawQueryString"] = json!("");
    event["queryStringParameters"] = Value::Null;
    event["headers"]["content-type"] = json!("application/json");
    event["headers"]["content-length"] = json!(body.len().to_string());
    let context = &mut event["requestContext"];
    context["http"]["method"] = json!("POST");
    context["http"]["path"] = json!(path);
    context["authorizer"]["jwt"]["claims"]["cognito:groups"] = json!("[admin]");
    event["body"] = json!(body);
    Ok(event.to_string().into())
}

/// Sees that an answer holds `count` of what was asked for.
pub(crate) fn check(answer: &[u8], name: &str, count: usize) -> anyhow::Result<()> {
    let answer: Value = serde_json::from_slice(answer)?;
    let body = answer["body"].as_str().unwrap_or_default();
    let found = serde_json::from_str::<Value>(body)
        .ok()
        .and_then(|body| Some(body[name].as_array()?.len()));
    ensure!(found == Some(count), "the API answers {answer}");
    Ok(())
}

fn event() -> anyhow::Result<Value> {
    Ok(serde_json::from_str(LIST)?)
}
