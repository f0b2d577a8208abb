//! `vod watch-status`.

use std::collections::HashMap;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::sleep;

use crate::api::Api;
use crate::commands::list::one_line;
use crate::output::Output;
use crate::video::{OneVideo, video_path};
use crate::video::{Status, Video};

/// Waits between two looks: short at first, for short videos, and then longer and longer.
const WAITS: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(500))
    .with_max_delay(Duration::from_secs(10))
    .with_factor(1.5)
    .without_max_times();

/// Prints each change until no more can come; tells whether all videos are ready.
pub(super) async fn run(api: &Api, ids: &[String], output: Output) -> anyhow::Result<bool> {
    let mut left: Vec<&String> = ids.iter().collect();
    let mut seen: HashMap<&str, (Status, Option<u8>)> = HashMap::new();
    let mut all_ready = true;
    let mut waits = WAITS.build();
    loop {
        let mut unfinished = Vec::new();
        for id in left {
            let OneVideo { video } = api.get(&video_path(id)).await?;
            let state = (video.status, video.progress_percent);
            if seen.insert(id, state) != Some(state) {
                output.print(&video, || text(&video))?;
                waits = WAITS.build();
            }
            if !video.status.is_final() {
                unfinished.push(id);
            }
            all_ready &= !video.status.is_final() || video.status == Status::Ready;
        }
        if unfinished.is_empty() {
            return Ok(all_ready);
        }
        left = unfinished;
        // They never end.
        sleep(waits.next().unwrap_or_default()).await;
    }
}

fn text(video: &Video) -> String {
    let outcome = match (&video.failure, &video.playback) {
        (Some(failure), _) => format!(": {}", one_line(&failure.sentence)),
        (None, Some(playback)) if video.status == Status::Ready => {
            let url = playback.hls_url.as_ref().or(playback.file_url.as_ref());
            url.map_or_else(String::new, |url| format!(": {url}"))
        }
        _ => String::new(),
    };
    format!("{}  {}{outcome}", video.id, video.progress())
}
