//! What a handler takes from a request, with problem documents for what isn't as it should be.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use crate::problem::{FieldError, Kind, Problem};

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

/// A request whose values can be checked beyond their types.
pub(crate) trait Checked {
    /// Adds what is wrong.
    fn check(&self, errors: &mut Vec<FieldError>);
}

impl<T: Checked> Checked for Option<T> {
    fn check(&self, errors: &mut Vec<FieldError>) {
        if let Some(value) = self {
            value.check(errors);
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Checked> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                Kind::NotJson,
                "Send the body as JSON, with the header Content-Type: application/json.",
            ));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unread(&rejection))?;
        let value = parse(&bytes)?;
        let mut errors = Vec::new();
        Checked::check(&value, &mut errors);
        if errors.is_empty() {
            Ok(Self(value))
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

/// A JSON body that may be left out.
#[derive(Debug)]
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Checked + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::new(body), state)
            .await
            .map_err(|rejection| unread(&rejection))?;
        if bytes.is_empty() || *bytes == *b"null" {
            return Ok(Self(T::default()));
        }
        let whole = Request::from_parts(parts, bytes.into());
        Body::from_request(whole, state)
            .await
            .map(|Body(value)| Self(value))
    }
}

/// A body of any type, which the handler looks into.
#[derive(Debug)]
pub(crate) struct File(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection| unread(&rejection))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(
            Kind::TooLarge,
            "The request is too large. Send less at once.",
        )
    } else {
        Problem::new(
            Kind::InvalidRequest,
            "The body could not be read. Send it again.",
        )
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::invalid(vec![FieldError::new(pointer, sentence(error.inner()))])
    })?;
    deserializer
        .end()
        .map_err(|error| Problem::invalid(vec![FieldError::new("", sentence(&error))]))?;
    Ok(value)
}

/// What has to be an object. Serde would take an array for one, its members in their order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// For fields that hold objects.
///
/// # Errors
///
/// Where one is of another type.
pub(crate) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(value)| value).collect())
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segments = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    });
    segments.collect()
}

/// What serde says, without the place, which the pointer names: `invalid type: null, expected a string`.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or_default();
    format!("This can't be read as the JSON that is expected: {said}.")
}

/// For optional fields that may be absent but not null.
///
/// # Errors
///
/// Where the value is null or of another type.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A video's id in the path. What can't be one names no video.
#[derive(Debug)]
pub(crate) struct VideoId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for VideoId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::no_video())?;
        match video_id(&id) {
            Some(_) => Ok(Self(id)),
            None => Err(Problem::no_video()),
        }
    }
}

/// The text, if it can be a video's id: only in the spelling that we write, as another one is another key of the table.
pub(crate) fn video_id(text: &str) -> Option<&str> {
    let uuid = Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().to_string() == text).then_some(text)
}

/// The query.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Checked> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Query(value) =
            axum::extract::Query::<T>::from_request_parts(parts, state)
                .await
                .map_err(|rejection| {
                    Problem::new(
                        Kind::InvalidRequest,
                        format!("The query is not valid: {}.", rejection.body_text()),
                    )
                })?;
        let mut errors = Vec::new();
        value.check(&mut errors);
        if errors.is_empty() {
            Ok(Self(value))
        } else {
            Err(Problem::invalid(errors))
        }
    }
}
