//! Errors on the wire.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tracing::error;

use crate::store::StateError;

/// An error as SDKs read it: the type in a header, the sentence in the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    kind: ErrorKind,
    message: String,
}

/// The exceptions of the service that this server raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400.
    BadRequest,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// 429.
    TooManyRequests,
    /// 500.
    InternalServerError,
}

impl ApiError {
    /// An error with a sentence.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequest, message)
    }

    /// 404.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// 409.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// 500: nothing was done, because it can't be kept.
    pub fn not_kept(error: &StateError) -> Self {
        error!("a request failed, since its result can't be kept: {error:?}");
        let message = format!("The result can't be kept: {error}. See the server's log.");
        Self::new(ErrorKind::InternalServerError, message)
    }
}

impl ErrorKind {
    fn wire(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "BadRequestException"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "ForbiddenException"),
            Self::NotFound => (StatusCode::NOT_FOUND, "NotFoundException"),
            Self::Conflict => (StatusCode::CONFLICT, "ConflictException"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
            Self::InternalServerError => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerErrorException",
            ),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, name) = self.kind.wire();
        let kind = (
            HeaderName::from_static("x-amzn-errortype"),
            HeaderValue::from_static(name),
        );
        (status, [kind], Json(json!({"message": self.message}))).into_response()
    }
}
