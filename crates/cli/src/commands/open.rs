//! `vod open`.

use serde_json::json;

use crate::api::Api;
use crate::output::Output;
use crate::video::{OneVideo, video_path};

pub(super) async fn run(api: &Api, id: &str, output: Output) -> anyhow::Result<()> {
    let OneVideo { video } = api.get(&video_path(id)).await?;
    let site = api.site().await;
    let page = format!(
        "{}/videos/{}",
        site.as_str().trim_end_matches('/'),
        video.id
    );
    output.print(&json!({"url": page}), || page.clone())?;
    if open::that_detached(&page).is_err() {
        output.note("No browser could be started; open the address yourself.");
    }
    Ok(())
}
