//! A part of a video, as requests and answers say it.

use common::clip::{self, ClipError};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::extract::present;
use crate::problem::FieldError;

/// A part of an upload: what lies between two moments, to the frame. At least one of them has to be said.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Clip {
    /// Where it begins, seconds from the start; without it, at the start.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, minimum = 0, maximum = 86_399, example = 12.5)]
    from_seconds: Option<f64>,
    /// Where it ends, seconds from the start; without it, at the end. At least one second behind the beginning.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, minimum = 1, maximum = 86_399, example = 60)]
    to_seconds: Option<f64>,
}

impl Clip {
    /// Adds a mistake where it is no part of any upload.
    pub(crate) fn check(self, pointer: &str, errors: &mut Vec<FieldError>) {
        if self.from_seconds.is_none() && self.to_seconds.is_none() {
            let detail = "Say where it begins, where it ends, or both.";
            errors.push(FieldError::new(pointer, detail));
        }
        let sides = [("from", self.from_seconds), ("to", self.to_seconds)];
        let before = errors.len();
        for (side, seconds) in sides {
            // `contains` is false of what is no number.
            if seconds.is_some_and(|seconds| !(0.0..=MAX_SECONDS).contains(&seconds)) {
                let detail = "It must be between 0 and 86399 seconds.";
                errors.push(FieldError::new(format!("{pointer}/{side}Seconds"), detail));
            }
        }
        if errors.len() == before
            && let Err(error) = clip::Clip::from(self).check()
        {
            errors.push(outside(pointer, error));
        }
    }
}

/// The mistake of a clip that an upload doesn't have.
pub(crate) fn outside(pointer: &str, error: ClipError) -> FieldError {
    let mut detail = error.to_string();
    detail[..1].make_ascii_uppercase();
    FieldError::new(format!("{pointer}/toSeconds"), format!("{detail}."))
}

/// Where timecodes end.
const MAX_SECONDS: f64 = 86_399.0;

impl From<Clip> for clip::Clip {
    fn from(clip: Clip) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the numbers were checked"
        )]
        let ms = |seconds: f64| (seconds * 1000.0).round() as u64;
        Self {
            from_ms: clip.from_seconds.map_or(0, ms),
            to_ms: clip.to_seconds.map(ms),
        }
    }
}

impl From<clip::Clip> for Clip {
    fn from(clip: clip::Clip) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a day has few milliseconds")]
        let seconds = |ms: u64| ms as f64 / 1000.0;
        Self {
            from_seconds: Some(seconds(clip.from_ms)),
            to_seconds: clip.to_ms.map(seconds),
        }
    }
}
