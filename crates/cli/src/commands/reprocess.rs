//! `vod reprocess`.

use serde_json::{Map, Value};

use crate::api::Api;
use crate::args::Reprocess;
use crate::output::Output;
use crate::video::{OneVideo, video_path};

pub(super) async fn run(api: &Api, arguments: &Reprocess, output: Output) -> anyhow::Result<()> {
    let mut body = Map::new();
    if let Some(profile) = &arguments.profile {
        body.insert("profile".to_owned(), Value::from(profile.as_str()));
    }
    if let Some(download) = arguments.download {
        body.insert("download".to_owned(), Value::from(download));
    }
    if arguments.whole {
        body.insert("clip".to_owned(), Value::Null);
    } else if let Some(clip) = arguments.part.clip() {
        body.insert("clip".to_owned(), clip);
    }
    let path = format!("{}/reprocess", video_path(&arguments.id));
    let OneVideo { video } = api.post(&path, &Value::Object(body)).await?;
    output.print(&video, || format!("{}  {}", video.id, video.progress()))
}
