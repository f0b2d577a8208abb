//! `vod list`.

use comfy_table::{CellAlignment, Table, presets};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::api::Api;
use crate::args::List;
use crate::output::Output;
use crate::video::Video;

/// Most videos that the API gives at once.
const PAGE: u32 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    videos: Vec<Video>,
    next_cursor: Option<String>,
}

pub(super) async fn run(api: &Api, arguments: &List, output: Output) -> anyhow::Result<()> {
    let mut videos = Vec::new();
    let mut cursor = None;
    let mut left = arguments.limit;
    while left > 0 {
        let page: Page = api
            .get(&path(arguments, left.min(PAGE), cursor.as_deref()))
            .await?;
        left = left.saturating_sub(u32::try_from(page.videos.len()).unwrap_or(u32::MAX));
        videos.extend(page.videos);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    output.print(&videos, || text(&videos))?;
    if cursor.is_some() {
        output.note("There are more; ask for them with --limit.");
    }
    Ok(())
}

fn path(arguments: &List, limit: u32, cursor: Option<&str>) -> String {
    let mut query = Serializer::new("/api/videos?".to_owned());
    query.append_pair("limit", &limit.to_string());
    if let Some(status) = arguments.status {
        query.append_pair("status", &status.to_string());
    }
    if let Some(search) = &arguments.search {
        query.append_pair("search", search);
    }
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    query.finish()
}

fn text(videos: &[Video]) -> String {
    if videos.is_empty() {
        return "No videos.".to_owned();
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(["ID", "STATUS", "LENGTH", "CREATED", "TITLE"]);
    for video in videos {
        table.add_row([
            video.id.clone(),
            video.progress(),
            video.duration().unwrap_or_default(),
            minute(&video.created_at),
            one_line(&video.title),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    if let Some(length) = table.column_mut(2) {
        length.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// `2026-11-23 04:00` of an RFC 3339 time in UTC.
fn minute(time: &str) -> String {
    time.chars()
        .take(16)
        .map(|c| if c == 'T' { ' ' } else { c })
        .collect()
}

/// A title is somebody's text: nothing in it may move the cursor.
pub(super) fn one_line(title: &str) -> String {
    title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{minute, one_line};

    #[test]
    fn a_title_can_not_control_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc"), "a [2Jb c");
    }

    #[test]
    fn a_time_is_cut_to_the_minute() {
        assert_eq!(minute("2026-11-23T04:00:59.123Z"), "2026-11-23 04:00");
    }
}
