//! A video as the API describes it.

use clap::ValueEnum;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use strum::Display;

/// The API's answer about one video.
#[derive(Deserialize)]
pub(crate) struct OneVideo {
    pub(crate) video: Video,
}

/// Path of a video in the API; an id is a person's input.
pub(crate) fn video_path(id: &str) -> String {
    format!("/api/videos/{}", utf8_percent_encode(id, NON_ALPHANUMERIC))
}

/// What the commands look at; the rest is kept, so that `--json` prints all that the API said.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Video {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) status: Status,
    pub(crate) created_at: String,
    pub(crate) progress_percent: Option<u8>,
    pub(crate) failure: Option<Failure>,
    pub(crate) playback: Option<Playback>,
    pub(crate) cost: Option<Cost>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// The states of a video.
#[derive(Clone, Copy, Debug, Deserialize, Display, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub(crate) enum Status {
    Uploading,
    Submitted,
    Processing,
    Ready,
    Failed,
    Canceled,
    /// One that a newer API knows.
    #[serde(other)]
    #[value(skip)]
    Unknown,
}

impl Status {
    /// Whether it stays so.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::Canceled)
    }
}

/// Why a video failed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) sentence: String,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// Where a video plays.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Playback {
    /// Length, milliseconds.
    pub(crate) duration_ms: Option<u64>,
    pub(crate) hls_url: Option<String>,
    pub(crate) dash_url: Option<String>,
    /// MP4 with picture and sound: all there is, or a download beside the streams.
    pub(crate) file_url: Option<String>,
    #[serde(default)]
    pub(crate) renditions: Vec<Rendition>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// What a conversion costs.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cost {
    pub(crate) currency: String,
    pub(crate) estimated: Option<f64>,
    pub(crate) actual: Option<f64>,
    pub(crate) per_rendition: Option<Vec<RenditionCost>>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// What one output costs.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RenditionCost {
    pub(crate) name: String,
    pub(crate) amount: Option<f64>,
    /// What moves it to the dearer tier.
    pub(crate) professional: Option<Vec<String>>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// One output of the ladder.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rendition {
    pub(crate) name: String,
    pub(crate) codec: String,
    /// Pixels.
    pub(crate) width: Option<u32>,
    /// Pixels.
    pub(crate) height: Option<u32>,
    /// Bits per second.
    pub(crate) average_bitrate: Option<u64>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

impl Video {
    /// Status and, where it is known, how far it is.
    pub(crate) fn progress(&self) -> String {
        match self.progress_percent {
            Some(percent) if self.status == Status::Processing => {
                format!("{} {percent} %", self.status)
            }
            _ => self.status.to_string(),
        }
    }

    /// Length as `h:mm:ss` or `m:ss`.
    pub(crate) fn duration(&self) -> Option<String> {
        let seconds = self.playback.as_ref()?.duration_ms?.div_euclid(1000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        Some(if hours > 0 {
            format!("{hours}:{minutes:02}:{seconds:02}")
        } else {
            format!("{minutes}:{seconds:02}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Status, Video};
    use serde_json::json;

    #[test]
    fn what_the_api_said_is_printed_whole() {
        let said = json!({
            "id": "7f", "title": "Bikes", "status": "READY", "createdAt": "2026-11-23T04:00:00.000Z", "owner": "ada",
            "playback": {"hlsUrl": "https://site/h", "dashUrl": "https://site/d", "durationMs": 3_725_000, "captions": [1],
                "renditions": [{"name": "720p", "codec": "H_264", "kind": "VIDEO", "height": 720}]},
        });
        let video: Video = serde_json::from_value(said.clone()).unwrap();
        assert_eq!(serde_json::to_value(&video).unwrap(), said);
        assert_eq!(video.duration().as_deref(), Some("1:02:05"));
    }

    #[test]
    fn a_status_of_a_newer_api_is_understood_as_not_final() {
        let status: Status = serde_json::from_value(json!("ARCHIVING")).unwrap();
        assert!(!status.is_final());
    }
}
