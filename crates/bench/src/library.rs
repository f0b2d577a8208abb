//! What the API is asked: a page of a library, and addresses for the parts of a large upload.

use anyhow::{Context as _, ensure};
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::aws::dynamodb::{Item, Table};
use crate::function::video_id;

/// Videos of a page, as many as the API gives at once.
pub(crate) const VIDEOS: usize = 100;

const LIST: &str = include_str!("../../../events/api-list-videos.json");
const PART_BYTES: usize = 8 * 1024 * 1024;

/// A library of [`VIDEOS`] videos like `record`.
pub(crate) fn table(mut table: Table, record: &Item) -> anyhow::Result<Table> {
    let owner = event()?["requestContext"]["authorizer"]["jwt"]["claims"]["sub"].clone();
    for number in 0..VIDEOS {
        let id = video_id(number);
        let mut item = record.clone();
        item.insert("id".to_owned(), json!({"S": id}));
        item.insert("owner".to_owned(), json!({"S": owner}));
        table.items.insert(id, item);
    }
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
    let size = (5 * PART_BYTES).to_string();
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

/// Sees that an answer holds a page.
pub(crate) fn check(answer: &[u8]) -> anyhow::Result<()> {
    let answer: Value = serde_json::from_slice(answer)?;
    let body = answer["body"].as_str().unwrap_or_default();
    let found = serde_json::from_str::<Value>(body)
        .ok()
        .and_then(|body| Some(body["videos"].as_array()?.len()));
    ensure!(found == Some(VIDEOS), "the API answers {answer}");
    Ok(())
}

fn event() -> anyhow::Result<Value> {
    Ok(serde_json::from_str(LIST)?)
}
