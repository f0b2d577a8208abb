//! `vod import`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::args::S3Prefix;
use crate::output::Output;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    imported: Vec<Imported>,
    skipped: u64,
    next_cursor: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Imported {
    id: String,
    key: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

pub(super) async fn run(api: &Api, from: &S3Prefix, output: Output) -> anyhow::Result<()> {
    let (mut imported, mut skipped) = (0_u64, 0);
    let mut body = json!({"bucket": from.bucket, "prefix": from.prefix});
    loop {
        let page: Page = api.post("/api/imports", &body).await?;
        for video in &page.imported {
            output.print(video, || format!("{}  {}", video.id, video.key))?;
        }
        imported += page.imported.len() as u64;
        skipped += page.skipped;
        match page.next_cursor {
            Some(cursor) => body["cursor"] = Value::from(cursor),
            None => break,
        }
    }
    output.note(&format!(
        "Imported {imported}; {skipped} were there already."
    ));
    Ok(())
}
