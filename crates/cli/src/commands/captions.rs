//! `vod captions`.

use anyhow::Context;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::api::Api;
use crate::args::Captions;
use crate::output::Output;
use crate::video::{OneVideo, video_path};

pub(super) async fn run(api: &Api, arguments: &Captions, output: Output) -> anyhow::Result<()> {
    let Captions { id, language, .. } = arguments;
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let path = format!("{}/captions/{}", video_path(id), encoded(language));
    let Some(file) = &arguments.file else {
        api.delete(&path).await?;
        return output.print(
            &json!({"id": id, "language": language, "removed": true}),
            || format!("{id} has no added captions in {language}."),
        );
    };
    let content = std::fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let label = arguments.label.as_deref();
    let query = label.map_or(String::new(), |label| format!("?label={}", encoded(label)));
    let OneVideo { video } = api.put(&format!("{path}{query}"), content).await?;
    output.print(&video, || format!("{id} has captions in {language}."))
}
