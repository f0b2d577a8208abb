//! The library: lists of videos, and one of them.

use axum::Json;
use axum::extract::State;
use common::table::{Position, Shelf};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::cursor;
use crate::extract::{Checked, Query, VideoId, present};
use crate::filter::Filter;
use crate::identity::User;
use crate::problem::{AnyRefused, FieldError, Kind, Problem, TokenRefused, VideoRefused};
use crate::summary::VideoSummary;
use crate::text;
use crate::view::{Video, VideoStatus};

/// Videos on a page, where the request doesn't say.
const USUAL_LIMIT: usize = 30;
/// Most videos on a page.
const MAX_LIMIT: usize = 100;
/// Records that are read at once for a filtered list: as many as one `BatchGetItem` takes.
const BATCH: usize = 100;
/// Records that one request reads at most. A page of a search that finds little is shorter then, and its cursor goes on.
const MAX_READ: usize = 2000;

/// What a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Most videos on the page; 30 where nothing is said.
    #[serde(default, deserialize_with = "present")]
    #[param(minimum = 1, maximum = 100, required = false, nullable = false)]
    limit: Option<usize>,
    /// `nextCursor` of the page before, with the same other parameters.
    #[serde(default, deserialize_with = "present")]
    #[param(max_length = 200, required = false, nullable = false)]
    cursor: Option<String>,
    /// Only videos in this status.
    #[serde(default, deserialize_with = "present")]
    #[param(inline, required = false, nullable = false)]
    status: Option<VideoStatus>,
    /// Only videos whose title contains each of these words, in whatever case.
    #[serde(default, deserialize_with = "present")]
    #[param(max_length = 200, required = false, nullable = false)]
    search: Option<String>,
    /// Only this user's videos; for administrators, who are shown everybody's without it.
    #[serde(default, deserialize_with = "present")]
    #[param(min_length = 1, max_length = 200, required = false, nullable = false)]
    owner: Option<String>,
}

impl Checked for ListQuery {
    fn check(&self, errors: &mut Vec<FieldError>) {
        if !(1..=MAX_LIMIT).contains(&self.limit.unwrap_or(USUAL_LIMIT)) {
            errors.push(FieldError::new("limit", "It must be between 1 and 100."));
        }
        if let Some(search) = &self.search {
            text::lines("search", search, text::SEARCH_CHARACTERS, errors);
        }
        if let Some(owner) = &self.owner {
            text::line("owner", owner, text::SEARCH_CHARACTERS, errors);
        }
    }
}

/// A page of a library.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoPage {
    /// Newest first.
    videos: Vec<VideoSummary>,
    /// Where the next page starts; absent at the end. A page of a search may be short, even empty, and still have one.
    #[schema(nullable = false)]
    next_cursor: Option<String>,
}

/// One video.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneVideo {
    /// The video.
    pub(crate) video: Video,
}

/// Videos, newest first.
///
/// # Errors
///
/// 400 for a cursor of another list; 403 for somebody else's library.
#[utoipa::path(
    get, path = "/api/videos", operation_id = "listVideos", tag = "library", params(ListQuery),
    security(("token" = [])),
    responses(
        (status = 200, description = "A page of the library.", body = VideoPage),
        (status = 403, description = "Somebody else's library.", body = Problem, content_type = "application/problem+json"),
        AnyRefused, TokenRefused,
    )
)]
pub(crate) async fn list(
    State(app): State<App>,
    user: User,
    Query(query): Query<ListQuery>,
) -> Result<Json<VideoPage>, Problem> {
    let shelf = match query.owner {
        Some(owner) if user.is_admin || owner == user.id => Shelf::Owner(owner),
        Some(_) => {
            return Err(Problem::new(
                Kind::AdminOnly,
                "Only administrators see the videos of others. Leave out the owner to see yours.",
            ));
        }
        None if user.is_admin => Shelf::Everybody,
        None => Shelf::Owner(user.id),
    };
    let status = query.status.map(Into::into);
    let filter = Filter::new(status, query.search.as_deref());
    let list = format!("{shelf:?} {status:?} {:?}", query.search);
    let key = &app.config.cursor_key;
    let start = match &query.cursor {
        None => None,
        Some(text) => Some(cursor::decode(key, &list, text).ok_or_else(|| {
            Problem::new(
                Kind::InvalidCursor,
                "This cursor belongs to another list. Start again without a cursor.",
            )
        })?),
    };
    let limit = query.limit.unwrap_or(USUAL_LIMIT);
    let (videos, next) = page(&app, &shelf, &filter, limit, start).await?;
    Ok(Json(VideoPage {
        videos,
        next_cursor: next.and_then(|position| cursor::encode(key, &list, &position)),
    }))
}

/// Up to `limit` videos, and where to go on.
async fn page(
    app: &App,
    shelf: &Shelf,
    filter: &Filter,
    limit: usize,
    start: Option<Position>,
) -> Result<(Vec<VideoSummary>, Option<Position>), Problem> {
    let table = &app.clients.table;
    let mut videos = Vec::with_capacity(limit);
    let mut after = start;
    let mut read = 0;
    loop {
        let wanted = if filter.takes_all() {
            limit - videos.len()
        } else {
            BATCH
        };
        let keys = table.shelf(shelf, wanted, after.as_ref()).await?;
        let ids: Vec<_> = keys
            .positions
            .iter()
            .map(|position| position.id.clone())
            .collect();
        let records = table.listed(&ids).await?;
        read += keys.positions.len();
        let mut records = records.into_iter().peekable();
        let last = keys.positions.len().saturating_sub(1);
        for (index, position) in keys.positions.into_iter().enumerate() {
            let record = records.next_if(|record| record.id == position.id);
            // A record that was deleted since, or isn't shown, is passed over.
            if let Some(record) = record.filter(|record| filter.takes(record.status, &record.title))
            {
                videos.push(VideoSummary::new(record, &app.config.site_url));
            }
            let is_end = index == last && !keys.more;
            if videos.len() == limit {
                return Ok((videos, (!is_end).then_some(position)));
            }
            after = Some(position);
        }
        if !keys.more {
            return Ok((videos, None));
        }
        if read >= MAX_READ {
            return Ok((videos, after));
        }
    }
}

/// One video.
///
/// # Errors
///
/// 404 where there is none, or it is somebody else's.
#[utoipa::path(
    get, path = "/api/videos/{id}", operation_id = "getVideo", tag = "library",
    params(("id" = String, Path, description = "The video.", format = "uuid")), security(("token" = [])),
    responses(
        (status = 200, description = "The video.", body = OneVideo),
        AnyRefused, TokenRefused, VideoRefused,
    )
)]
pub(crate) async fn get(
    State(app): State<App>,
    user: User,
    VideoId(id): VideoId,
) -> Result<Json<OneVideo>, Problem> {
    let record = app.video_of(&user, &id).await?;
    Ok(Json(OneVideo {
        video: Video::new(record, &app.config.site_url),
    }))
}
