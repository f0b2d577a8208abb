//! The stills of a video for a player's seek bar: an index, and sheets with many of them, so that a player loads a few
//! pictures instead of hundreds. A sheet is put together when it is asked for; CloudFront keeps it.

use std::io::Cursor;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStreamError;
use axum::extract::{Path, State};
use axum::http::HeaderName;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use common::error::chain;
use common::video::{Sheet, Thumbnails};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{DynamicImage, ImageDecoder, ImageError, Limits, RgbImage, imageops};
use tokio::task::{JoinError, JoinSet};
use tracing::warn;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::video_id;
use crate::problem::{AnyRefused, Problem, VideoRefused};

/// JPEG quality of a sheet. Its stills were compressed once before.
const QUALITY: u8 = 75;
/// Largest side of a still, pixels, and of a sheet in every direction: what a profile can ask for is far below.
const MAX_SIDE: u32 = 16_384;
/// Most pixels of a sheet: more would not fit into the function's memory.
const MAX_PIXELS: u64 = 8_000_000;

/// Players on other sites read it, as they do the media, and of a revision it never changes; but a deleted video must
/// not be seen for long.
fn headers(content_type: &'static str) -> [(HeaderName, &'static str); 3] {
    [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "public, max-age=86400"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ]
}

/// The stills of a video as a WebVTT index for a player's seek bar. Like the stills themselves and all other media, it
/// is for everybody who knows both the video and its revision.
///
/// # Errors
///
/// 404 where that isn't what can be watched, or there are no stills.
#[utoipa::path(
    get, path = "/api/public/videos/{id}/{revision}/storyboard.vtt", operation_id = "getStoryboard", tag = "public",
    security(()),
    params(
        ("id" = String, Path, description = "The video.", format = "uuid"),
        ("revision" = String, Path, description = "`revision` of its `playback`."),
    ),
    responses(
        (status = 200, description = "The index.", body = String, content_type = "text/vtt"),
        AnyRefused, VideoRefused,
    )
)]
pub(crate) async fn index(
    State(app): State<App>,
    Path((id, revision)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let stills = stills(&app, &id, &revision).await?;
    let folder = format!("{}/api/public/videos/{id}/{revision}", app.config.site_url);
    let text = stills.storyboard(|number| format!("{folder}/storyboard/{number}.jpg"));
    Ok((headers("text/vtt; charset=utf-8"), text))
}

/// A sheet with stills, as the index names it.
///
/// # Errors
///
/// 404 where there is no such sheet.
#[utoipa::path(
    get, path = "/api/public/videos/{id}/{revision}/storyboard/{sheet}", operation_id = "getStoryboardSheet",
    tag = "public", security(()),
    params(
        ("id" = String, Path, description = "The video.", format = "uuid"),
        ("revision" = String, Path, description = "`revision` of its `playback`."),
        ("sheet" = String, Path, description = "`0.jpg` for the first one.", pattern = r"^[0-9]{1,9}\.jpg$"),
    ),
    responses(
        (status = 200, description = "The sheet.", body = Jpeg, content_type = "image/jpeg"),
        AnyRefused, VideoRefused,
    )
)]
pub(crate) async fn sheet(
    State(app): State<App>,
    Path((id, revision, name)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let number = name.strip_suffix(".jpg").filter(|number| {
        // One name for each sheet, so that it is kept once.
        number.bytes().all(|byte| byte.is_ascii_digit())
            && (*number == "0" || !number.starts_with('0'))
    });
    let number = number.and_then(|number| number.parse().ok());
    let number = number.ok_or_else(Problem::no_video)?;
    let stills = stills(&app, &id, &revision).await?;
    let sheet = stills.sheet(number).ok_or_else(Problem::no_video)?;
    let files = read(&app, &sheet)
        .await
        .map_err(|error| Problem::internal("read stills", &error))?;
    if files.iter().all(Option::is_none) {
        return Err(Problem::no_video());
    }
    let cell = (stills.width, stills.height);
    let jpeg = compose(&sheet, cell, &files)
        .map_err(|error| Problem::internal("put stills together", &error))?;
    Ok((headers("image/jpeg"), jpeg))
}

/// A picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer")]
struct Jpeg(Vec<u8>);

async fn stills(app: &App, id: &str, revision: &str) -> Result<Thumbnails, Problem> {
    let id = video_id(id).ok_or_else(Problem::no_video)?;
    let video = app.live_video(id).await?.ok_or_else(Problem::no_video)?;
    let playback = video
        .playback
        .filter(|playback| playback.revision == revision);
    playback
        .and_then(|playback| playback.thumbnails)
        .ok_or_else(Problem::no_video)
}

/// The files of a sheet's stills, in their order; `None` for one that isn't there: a source may end before it seemed to.
async fn read(app: &App, sheet: &Sheet) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
    let mut files = vec![None; sheet.stills.len()];
    let mut reading = JoinSet::new();
    for (place, key) in sheet.stills.iter().enumerate() {
        let object = app.clients.s3.get_object();
        let object = object.bucket(&app.config.converted_bucket).key(key);
        reading.spawn(async move {
            match object.send().await {
                Ok(output) => Ok((place, Some(output.body.collect().await?.to_vec()))),
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(GetObjectError::is_no_such_key) =>
                {
                    Ok((place, None))
                }
                Err(error) => Err(ReadError::from(Box::new(error))),
            }
        });
    }
    while let Some(read) = reading.join_next().await {
        let (place, file) = read??;
        if let Some(slot) = files.get_mut(place) {
            *slot = file;
        }
    }
    Ok(files)
}

/// Puts stills together. One that can't be read leaves its place black.
fn compose(
    sheet: &Sheet,
    (width, height): (u32, u32),
    files: &[Option<Vec<u8>>],
) -> Result<Vec<u8>, ComposeError> {
    let size = (
        width.saturating_mul(sheet.columns),
        height.saturating_mul(sheet.rows),
    );
    let fits =
        size.0.max(size.1) <= MAX_SIDE && u64::from(size.0) * u64::from(size.1) <= MAX_PIXELS;
    if !fits {
        return Err(ComposeError::TooLarge);
    }
    let mut picture = RgbImage::new(size.0, size.1);
    for (place, file) in (0u32..).zip(files) {
        let Some(file) = file else { continue };
        let still = match decode(file) {
            Ok(still) => still,
            Err(error) => {
                warn!("still {place} of a sheet can't be read: {}", chain(&error));
                continue;
            }
        };
        // MediaConvert chooses one side of a still by itself, and may choose a pixel more.
        let still = imageops::crop_imm(&still, 0, 0, width, height).to_image();
        let (x, y) = (
            place % sheet.columns * width,
            place / sheet.columns * height,
        );
        imageops::replace(&mut picture, &still, x.into(), y.into());
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&picture)?;
    Ok(jpeg)
}

fn decode(file: &[u8]) -> Result<RgbImage, ImageError> {
    let mut decoder = JpegDecoder::new(Cursor::new(file))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_PIXELS * 3);
    decoder.set_limits(limits)?;
    Ok(DynamicImage::from_decoder(decoder)?.into_rgb8())
}

/// Why stills can't be read.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    /// S3 doesn't give one.
    #[error("read a still")]
    Get(#[from] Box<SdkError<GetObjectError>>),
    /// The connection broke.
    #[error("read a still")]
    Body(#[from] ByteStreamError),
    /// The reading task broke.
    #[error("read a still")]
    Task(#[from] JoinError),
}

/// Why a sheet can't be made.
#[derive(Debug, thiserror::Error)]
enum ComposeError {
    /// Its stills are too large for it.
    #[error("the stills are too large for a sheet")]
    TooLarge,
    /// The encoder refuses it.
    #[error("write a sheet")]
    Encode(#[from] ImageError),
}

#[cfg(test)]
mod tests {
    use super::{JpegEncoder, RgbImage, compose, decode};
    use common::video::Thumbnails;
    use image::Rgb;

    fn still(color: [u8; 3], (width, height): (u32, u32)) -> Vec<u8> {
        let picture = RgbImage::from_pixel(width, height, Rgb(color));
        let mut jpeg = Vec::new();
        JpegEncoder::new(&mut jpeg).encode_image(&picture).unwrap();
        jpeg
    }

    #[test]
    fn stills_lie_row_by_row_and_missing_ones_leave_their_place_black() {
        let thumbnails = Thumbnails {
            first: "v/r/video_thumb.0000000.jpg".into(),
            count: 7,
            interval_seconds: 2,
            width: 32,
            height: 16,
        };
        let sheet = thumbnails.sheet(0).unwrap();
        let files = [
            Some(still([255, 0, 0], (32, 16))),
            None,
            Some(b"no picture".to_vec()),
            Some(still([0, 0, 255], (32, 18))),
            Some(still([255; 3], (30, 16))),
            Some(still([0, 255, 0], (32, 16))),
            Some(still([255, 255, 0], (32, 16))),
        ];
        let jpeg = compose(&sheet, (32, 16), &files).unwrap();
        let picture = decode(&jpeg).unwrap();
        assert_eq!(picture.dimensions(), (160, 32));
        for (place, color) in [
            ((0, 0), [255, 0, 0]),
            ((1, 0), [0; 3]),
            ((2, 0), [0; 3]),
            ((3, 0), [0, 0, 255]),
            ((4, 0), [255; 3]),
            ((0, 1), [0, 255, 0]),
            ((1, 1), [255, 255, 0]),
            ((3, 1), [0; 3]),
        ] {
            let pixel = picture.get_pixel(place.0 * 32 + 12, place.1 * 16 + 8);
            let near = pixel
                .0
                .iter()
                .zip(color)
                .all(|(is, be)| is.abs_diff(be) < 24);
            assert!(near, "{place:?}: {pixel:?}");
        }
        assert!(compose(&sheet, (4096, 4096), &files).is_err());
    }
}
