//! The captions beside a source and inside of it. What can't be used is left out and logged: it must not fail the video.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Error;
use aws_sdk_s3::primitives::ByteStreamError;
use common::captions::{
    Format, MAX_BYTES, MAX_TRACKS, Search, Sidecar, Track, check, is_readable, stem,
};
use common::error::chain;
use common::media::{self, Media};
use common::source::Source;
use tracing::{info, warn};

use crate::clients::Clients;
use crate::parts;

/// The tracks, in the order of their names, one a language. Beside what came through the API, nothing can be put but through
/// the API, so S3 isn't asked.
///
/// # Errors
///
/// Where S3 doesn't answer: a try later may find the captions.
pub(crate) async fn beside(clients: &Clients, source: &Source) -> Result<Vec<Track>, ReadError> {
    if source.is_api_upload() {
        return Ok(Vec::new());
    }
    let listed = clients
        .s3
        .list_objects_v2()
        .bucket(&source.bucket)
        .prefix(format!("{}.", stem(&source.key)))
        .send()
        .await
        .map_err(Box::new)?;
    let mut tracks: Vec<Track> = Vec::new();
    for object in listed.contents() {
        let Some(key) = object.key() else { continue };
        let Some(sidecar) = Sidecar::of(key, &source.key) else {
            continue;
        };
        if !is_readable(key) {
            warn!(
                s3_key = key,
                "left out {key}: MediaConvert knows its extension in small or in capital letters only"
            );
            continue;
        }
        let format = sidecar.format;
        let track = sidecar.track(key);
        let is_second = tracks.iter().any(|known| known.language == track.language);
        if is_second || tracks.len() == MAX_TRACKS {
            warn!(
                s3_key = key,
                "left out {key}: there are captions in that language already, or too many"
            );
            continue;
        }
        if usable(clients, source, (key, format), object.size()).await? {
            info!(s3_key = key, "the captions in {key} go with the video");
            tracks.push(track);
        }
    }
    Ok(tracks)
}

async fn usable(
    clients: &Clients,
    source: &Source,
    (key, wanted): (&str, Format),
    size_bytes: Option<i64>,
) -> Result<bool, ReadError> {
    let size_bytes = size_bytes.and_then(|size| usize::try_from(size).ok());
    if size_bytes.is_none_or(|size| size > MAX_BYTES) {
        warn!(
            s3_key = key,
            "left out {key}: it is larger than captions are"
        );
        return Ok(false);
    }
    let object = clients.s3.get_object().bucket(&source.bucket).key(key);
    let object = match object.send().await {
        Ok(object) => object,
        // Archived, or deleted since: a try later finds it no other way.
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_invalid_object_state() || error.is_no_such_key()) =>
        {
            warn!(s3_key = key, "left out {key}: {}", chain(&error));
            return Ok(false);
        }
        Err(error) => return Err(Box::new(error).into()),
    };
    let bytes = object.body.collect().await?.into_bytes();
    match check(&bytes) {
        Ok(format) if format == wanted => Ok(true),
        Ok(_) => {
            warn!(
                s3_key = key,
                "left out {key}: its content isn't what its extension says"
            );
            Ok(false)
        }
        Err(error) => {
            warn!(s3_key = key, "left out {key}: {}", chain(&error));
            Ok(false)
        }
    }
}

/// The tracks that the source has in itself. `search` is the first look into its picture.
///
/// # Errors
///
/// Where S3 doesn't answer: a try later may find the captions.
pub(crate) async fn inside(
    clients: &Clients,
    source: &Source,
    media: &Media,
    search: Result<Search, parts::ReadError>,
) -> Result<Vec<Track>, parts::ReadError> {
    let tracks = match &media.captions {
        media::Captions::None => Vec::new(),
        media::Captions::Track { language } => vec![Track::ancillary(language.as_deref())],
        media::Captions::Perhaps => {
            let mut search = search?;
            let size = source.size_bytes;
            let larger = search.larger_parts(size, media.picture_bytes(size));
            parts::read(clients, source, larger, |part| search.add(&part.bytes)).await?;
            let further = search.further_parts(size);
            parts::read(clients, source, further, |part| search.add(&part.bytes)).await?;
            search.tracks()
        }
    };
    for track in &tracks {
        info!(
            "the source's own captions {} go with the video",
            track.label
        );
    }
    Ok(tracks)
}

/// Captions can't be read now.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// S3 doesn't list what lies beside the source.
    #[error("look for captions")]
    List(#[from] Box<SdkError<ListObjectsV2Error>>),
    /// S3 doesn't give a file.
    #[error("read captions")]
    Get(#[from] Box<SdkError<GetObjectError>>),
    /// The connection broke.
    #[error("read captions")]
    Body(#[from] ByteStreamError),
}
