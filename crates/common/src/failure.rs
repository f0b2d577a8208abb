//! Why a video failed: a code for machines, the service's own words for engineers, and one sentence with a
//! next step for the person who uploaded it.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use strum::IntoStaticStr;

/// What a FAILED record says.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// A [`FailureCode`] of ours, or MediaConvert's numeric error code as text.
    pub code: String,
    /// What the service said, where it said something.
    pub message: Option<String>,
    /// One sentence for a person, with the next step.
    pub sentence: String,
}

/// Failures that we find ourselves.
#[derive(Clone, Copy, Debug, Eq, IntoStaticStr, PartialEq)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FailureCode {
    /// The extension is not one that MediaConvert reads.
    UnsupportedFormat,
    /// The object has no bytes.
    EmptySource,
    /// The object is not a media file, or is damaged.
    UnreadableSource,
    /// The file has neither picture nor sound.
    NoVideo,
    /// The profile makes sound alone, and the file has none.
    NoAudio,
    /// The profile that was chosen isn't there.
    UnknownProfile,
    /// The profile that was chosen can't be used.
    InvalidProfile,
    /// It would cost more than the stack allows.
    TooExpensive,
    /// The part that was chosen isn't one of the source.
    ClipOutsideSource,
    /// The picture is smaller than MediaConvert can encode.
    SourceTooSmall,
    /// MediaConvert refused the job's settings.
    JobRefused,
    /// The job is complete, but its output isn't there.
    OutputMissing,
    /// MediaConvert doesn't know the job any more, and there is no output.
    JobLost,
    /// Nobody finished the upload.
    UploadAbandoned,
}

impl FailureCode {
    /// As the record writes it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::UnsupportedFormat => {
                "This kind of file can't be converted. Upload a video file, such as MP4, MOV, MKV or WebM."
            }
            Self::EmptySource => "The uploaded file is empty. Upload it again.",
            Self::UnreadableSource => UNREADABLE,
            Self::NoVideo => NO_VIDEO,
            Self::NoAudio => NO_AUDIO,
            Self::UnknownProfile => {
                "There is no such profile. Choose another one and convert the video again."
            }
            Self::InvalidProfile => {
                "The profile that was chosen can't be used. Choose another one and convert the video again; the operators can find the mistake in the log."
            }
            Self::TooExpensive => {
                "The conversion would cost more than is allowed for one video. Choose a smaller profile, or ask the operators to raise the limit."
            }
            Self::ClipOutsideSource => {
                "The part that was chosen lies outside of the video. Choose another one and convert the video again."
            }
            Self::SourceTooSmall => {
                "The picture is smaller than 32 pixels on one side. Upload a larger version."
            }
            Self::JobRefused | Self::OutputMissing => OURS,
            Self::JobLost => "The conversion was lost. Upload the video again.",
            Self::UploadAbandoned => "The upload was never finished. Upload the video again.",
        }
    }
}

/// MediaConvert's code for an object or bucket that isn't there.
pub const SOURCE_NOT_FOUND: i64 = 1404;

impl Failure {
    /// A failure that we found ourselves.
    pub fn ours(code: FailureCode) -> Self {
        Self {
            code: code.as_str().to_owned(),
            message: None,
            sentence: code.sentence().to_owned(),
        }
    }

    /// The same, with what the service said.
    #[must_use]
    pub fn with_message(self, message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            ..self
        }
    }

    /// A failure with MediaConvert's code. `None` where an ERROR event had no code.
    pub fn of_service(code: Option<i64>, message: Option<String>) -> Self {
        Self {
            code: code.map_or_else(|| "UNKNOWN".to_owned(), |code| code.to_string()),
            message,
            sentence: code.map_or(UNKNOWN, service_sentence).to_owned(),
        }
    }
}

const UNREADABLE: &str =
    "The file can't be read as a video. Check that it plays on your device, then upload it again.";
const NO_VIDEO: &str =
    "The file has neither picture nor sound. Upload a file with a video or an audio track.";
const NO_AUDIO: &str = "The file has no sound, but the profile asks for its sound alone. Choose another profile and convert the video again.";
const OURS: &str = "The video couldn't be converted because of a fault in this service's settings. The operators can find the cause in the log.";
const UNKNOWN: &str = "The conversion failed for an unknown reason. Try again, and tell the operators if it fails twice.";

/// Classes of MediaConvert's codes.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_error_codes.html>.
fn service_sentence(code: i64) -> &'static str {
    match code {
        1010 => UNREADABLE,
        1020 => NO_VIDEO,
        1021 => {
            "The file has no sound, but its sound was asked for. Upload a file with an audio track."
        }
        1030 => {
            "The file's video or audio codec can't be converted. Export it as H.264 or HEVC with AAC sound and upload it again."
        }
        1075 | 1076 => {
            "The file is damaged or incomplete. Upload it again, and check that it plays to the end."
        }
        1404 => "The uploaded file is no longer there. Upload it again.",
        1056 | 1401 | 1432..=1434 | 1515 | 3457 => {
            "The service isn't allowed to read the upload or to write the result. The operators can find the cause in the log."
        }
        1040..=1043 | 1060 | 1080 | 1091 | 1092 => OURS,
        3400..=3999 => "The source couldn't be fetched. Try again later.",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, FailureCode};
    use proptest::prelude::*;

    #[test]
    fn a_damaged_file_is_told_to_be_uploaded_again() {
        let failure = Failure::of_service(Some(1076), Some("read failed".into()));
        assert_eq!(failure.code, "1076");
        assert!(
            failure.sentence.contains("Upload it again"),
            "{}",
            failure.sentence
        );
    }

    #[test]
    fn our_codes_are_upper_snake_case() {
        assert_eq!(
            Failure::ours(FailureCode::UnsupportedFormat).code,
            "UNSUPPORTED_FORMAT"
        );
    }

    proptest! {
        #[test]
        fn every_code_has_a_sentence_that_ends(code: Option<i64>) {
            prop_assert!(Failure::of_service(code, None).sentence.ends_with('.'));
        }
    }
}
