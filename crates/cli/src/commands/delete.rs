//! `vod delete`.

use serde_json::json;

use crate::api::Api;
use crate::args::Delete;
use crate::commands::list::one_line;
use crate::output::{Output, confirm};
use crate::video::{OneVideo, video_path};

pub(super) async fn run(api: &Api, arguments: &Delete, output: Output) -> anyhow::Result<()> {
    for id in &arguments.ids {
        if !arguments.yes {
            let OneVideo { video } = api.get(&video_path(id)).await?;
            let question = format!(
                "Delete “{}”, its source and all renditions?",
                one_line(&video.title)
            );
            if !confirm(&question)? {
                output.note("Kept.");
                continue;
            }
        }
        api.delete(&video_path(id)).await?;
        output.print(&json!({"id": id, "deleted": true}), || {
            format!("Deleted {id}.")
        })?;
    }
    Ok(())
}
