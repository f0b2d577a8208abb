//! Answers that say why something was not done, as RFC 9457 problem documents.

use std::borrow::Cow;
use std::error::Error;

use aws_sdk_s3::error::SdkError;
use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use common::error::chain;
use common::table::TableError;
use serde::Serialize;
use tracing::error;
use utoipa::{IntoResponses, ToSchema};

/// Media type of a problem document.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why something was not done.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What kind of problem it is. Stable, for programs.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "/problems/not-found")]
    kind: &'static str,
    /// The kind in words.
    #[schema(value_type = String)]
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// One sentence for a person, with the next step.
    #[schema(value_type = String)]
    detail: Cow<'static, str>,
    /// What is wrong with the request, where several things may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// JSON pointer into the body, or the name of a query parameter.
    #[schema(example = "/title")]
    pub(crate) pointer: String,
    /// One sentence for a person.
    pub(crate) detail: String,
}

impl FieldError {
    /// About one place.
    pub(crate) fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// The kinds of problems: their `type`, title and status.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $title:literal, $status:ident;)*) => {
        /// The kinds of problems.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// `type`, title and status.
            pub(crate) fn facts(self) -> (&'static str, &'static str, StatusCode) {
                match self {
                    $(Self::$name => (concat!("/problems/", $slug), $title, StatusCode::$status),)*
                }
            }
        }
    };
}

kinds! {
    /// The request is not as described.
    InvalidRequest = "invalid-request", "The request is not valid", BAD_REQUEST;
    /// The cursor is none of ours, or of another list.
    InvalidCursor = "invalid-cursor", "The cursor is not valid", BAD_REQUEST;
    /// The parts of an upload don't make up the file.
    InvalidParts = "invalid-parts", "The parts do not make up the upload", BAD_REQUEST;
    /// There is no valid token.
    SignInNeeded = "sign-in-needed", "Sign-in needed", UNAUTHORIZED;
    /// User name or password are wrong.
    WrongCredentials = "wrong-credentials", "Wrong user name or password", UNAUTHORIZED;
    /// The account can't be signed in to in this way.
    SignInRefused = "sign-in-refused", "Sign-in refused", FORBIDDEN;
    /// Only administrators may do it.
    AdminOnly = "admin-only", "For administrators only", FORBIDDEN;
    /// There is no such thing, or it is somebody else's.
    NotFound = "not-found", "Not found", NOT_FOUND;
    /// The path exists, but not with this method.
    MethodNotAllowed = "method-not-allowed", "Method not allowed", METHOD_NOT_ALLOWED;
    /// The video isn't waiting for its upload.
    NotUploading = "not-uploading", "The video is not being uploaded", CONFLICT;
    /// The upload is complete: whoever lost the answer that said so may take it for one.
    AlreadyComplete = "already-complete", "The upload is complete already", CONFLICT;
    /// S3 is putting the parts together, which takes minutes of a large file.
    BeingCompleted = "being-completed", "The upload is being completed", CONFLICT;
    /// S3 doesn't have the upload any more.
    UploadGone = "upload-gone", "The upload is gone", CONFLICT;
    /// The video is still being converted.
    NotFinished = "not-finished", "The video is still being converted", CONFLICT;
    /// What can be watched has no place for captions.
    NoCaptions = "no-captions", "The video takes no captions", CONFLICT;
    /// There are too many captions.
    TooManyCaptions = "too-many-captions", "Too many captions", CONFLICT;
    /// There is nothing to convert.
    NoSource = "no-source", "The video has no upload", CONFLICT;
    /// The body is too large.
    TooLarge = "too-large", "The request is too large", PAYLOAD_TOO_LARGE;
    /// The body isn't JSON.
    NotJson = "not-json", "The body must be JSON", UNSUPPORTED_MEDIA_TYPE;
    /// Too many attempts.
    TooManyRequests = "too-many-requests", "Too many requests", TOO_MANY_REQUESTS;
    /// A fault of ours.
    Internal = "internal", "Something went wrong", INTERNAL_SERVER_ERROR;
}

impl Problem {
    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind == kind.facts().0
    }

    /// A problem of this kind.
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        let (name, title, status) = kind.facts();
        Self {
            kind: name,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A request with these mistakes.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.detail.clone(),
            several => format!(
                "{} things in the request are wrong; correct them and try again.",
                several.len()
            ),
        };
        Self {
            errors,
            ..Self::new(Kind::InvalidRequest, detail)
        }
    }

    /// There is no such video, as far as the caller may know.
    pub(crate) fn no_video() -> Self {
        Self::new(
            Kind::NotFound,
            "There is no such video. It may have been deleted, or belong to somebody else.",
        )
    }

    /// A fault of ours: the log gets its cause.
    pub(crate) fn internal(doing: &str, cause: &(dyn Error + 'static)) -> Self {
        error!("{doing}: {}", chain(cause));
        Self::new(
            Kind::Internal,
            "Something went wrong on our side. Try again in a moment.",
        )
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        Self::internal("use the table", &error)
    }
}

impl<E, R> From<SdkError<E, R>> for Problem
where
    E: Error + 'static,
    R: std::fmt::Debug + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::internal("call AWS", &error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// What API Gateway says in the place of a problem document, when it refuses a token or a flood of requests.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GatewayMessage {
    /// `Unauthorized`, `Forbidden`, `Too Many Requests` or the like.
    pub(crate) message: String,
}

/// What any request may be answered with.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers in the OpenAPI document")]
pub(crate) enum AnyRefused {
    /// The request is not as described.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(Problem),
    /// Too many requests; try again in a moment.
    #[response(status = 429, content_type = "application/json")]
    Throttled(GatewayMessage),
    /// A fault of the service.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
}

/// What a request that needs a token may be answered with as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers in the OpenAPI document")]
pub(crate) enum TokenRefused {
    /// There is no token, or it isn't valid.
    #[response(status = 401, content_type = "application/json")]
    Unauthorized(GatewayMessage),
}

/// What a request about one video may be answered with as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers in the OpenAPI document")]
pub(crate) enum VideoRefused {
    /// There is no such video, or it is somebody else's.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
}

/// What a request with a body may be answered with as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers in the OpenAPI document")]
pub(crate) enum BodyRefused {
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body isn't JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Problem),
}

/// What a request with a file may be answered with as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers in the OpenAPI document")]
pub(crate) enum FileRefused {
    /// The file is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
}

/// What a request that the video's state doesn't allow is answered with as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers in the OpenAPI document")]
pub(crate) enum StateRefused {
    /// The video isn't in the state for it; `type` and `detail` say which.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
}

#[cfg(test)]
mod tests {
    use super::{FieldError, Kind, Problem};
    use std::collections::HashSet;

    #[test]
    fn every_kind_has_a_type_of_its_own_and_an_error_status() {
        let types: HashSet<_> = Kind::ALL.iter().map(|kind| kind.facts().0).collect();
        assert_eq!(types.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            let (_, _, status) = kind.facts();
            assert!(status.is_client_error() || status.is_server_error());
        }
    }

    #[test]
    fn a_single_mistake_is_the_detail() {
        let one = Problem::invalid(vec![FieldError::new("/title", "Give it a title.")]);
        assert_eq!(one.detail, "Give it a title.");
        assert_eq!(one.errors.len(), 1);
    }
}
