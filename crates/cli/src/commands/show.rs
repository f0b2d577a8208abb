//! `vod show`.

use std::fmt::Write;

use crate::api::Api;
use crate::commands::list::one_line;
use crate::output::Output;
use crate::video::{OneVideo, video_path};
use crate::video::{Rendition, RenditionCost, Video};

pub(super) async fn run(api: &Api, id: &str, output: Output) -> anyhow::Result<()> {
    let OneVideo { video } = api.get(&video_path(id)).await?;
    output.print(&video, || text(&video))
}

fn text(video: &Video) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing into a string can't fail.
        let _ = writeln!(text, "{name:<10} {value}");
    };
    line("Id", &video.id);
    line("Title", &one_line(&video.title));
    line("Status", &video.progress());
    line("Created", &video.created_at);
    if let Some(failure) = &video.failure {
        line(
            "Failure",
            &format!("{} ({})", one_line(&failure.sentence), failure.code),
        );
    }
    if let Some(cost) = &video.cost {
        let amount = cost.actual.map(|amount| (amount, ""));
        if let Some((amount, kind)) = amount.or(cost.estimated.map(|amount| (amount, " estimated")))
        {
            line("Cost", &format!("{amount:.4} {}{kind}", cost.currency));
        }
        for rendition in cost.per_rendition.iter().flatten() {
            line("", &priced(rendition));
        }
    }
    if let Some(playback) = &video.playback {
        if let Some(duration) = video.duration() {
            line("Length", &duration);
        }
        let addresses = [
            ("HLS", &playback.hls_url),
            ("DASH", &playback.dash_url),
            ("File", &playback.file_url),
        ];
        for (name, url) in addresses {
            if let Some(url) = url {
                line(name, url);
            }
        }
        for rendition in &playback.renditions {
            line("Rendition", &describe(rendition));
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn priced(cost: &RenditionCost) -> String {
    let amount = cost
        .amount
        .map_or_else(|| "?".to_owned(), |amount| format!("{amount:.4}"));
    let mut text = format!("{amount} {}", cost.name);
    if let Some(reasons) = cost.professional.as_ref().filter(|all| !all.is_empty()) {
        let _ = write!(text, ", professional tier for {}", reasons.join(" and "));
    }
    text
}

fn describe(rendition: &Rendition) -> String {
    let mut text = format!("{} {}", rendition.name, rendition.codec);
    if let (Some(width), Some(height)) = (rendition.width, rendition.height) {
        let _ = write!(text, " {width}×{height}");
    }
    if let Some(bitrate) = rendition.average_bitrate {
        let _ = write!(text, " {} kbit/s", bitrate / 1000);
    }
    text
}
