//! MediaConvert's *Job State Change*, as EventBridge delivers it. Parsed tolerantly: statistics may be
//! missing, numbers may come as text, members may be added.
//!
//! Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/ev_status_list.html>.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use strum::EnumString;

use crate::job::{USER_METADATA_ID, USER_METADATA_REVISION};

/// The `detail-type` of the events.
pub const DETAIL_TYPE: &str = "MediaConvert Job State Change";
/// The `source` of the events.
pub const SOURCE: &str = "aws.mediaconvert";

/// The `detail` of the event.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct JobStateChange {
    /// MediaConvert's id of the job.
    pub job_id: String,
    /// What happened: a [`JobStatus`], or a status that didn't exist when this was written.
    pub status: String,
    #[serde(default, deserialize_with = "or_default")]
    user_metadata: serde_json::Map<String, Value>,
    /// Of ERROR.
    #[serde(default, deserialize_with = "number")]
    pub error_code: Option<i64>,
    /// Of ERROR.
    #[serde(default)]
    pub error_message: Option<String>,
    /// Of `NEW_WARNING`. The documented sample has it as text.
    #[serde(default, deserialize_with = "number")]
    pub warning_code: Option<i64>,
    /// Of `NEW_WARNING`.
    #[serde(default)]
    pub warning_message: Option<String>,
    /// Of `STATUS_UPDATE`.
    #[serde(default, deserialize_with = "or_default")]
    pub job_progress: JobProgress,
    /// Of COMPLETE, in the order of the job's output groups.
    #[serde(default, deserialize_with = "or_default")]
    pub output_group_details: Vec<OutputGroupDetail>,
}

/// The statuses that the pipeline knows.
#[derive(Clone, Copy, Debug, EnumString, Eq, PartialEq)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum JobStatus {
    /// The job runs.
    Progressing,
    /// The job runs, with figures.
    StatusUpdate,
    /// What MediaConvert found in the inputs.
    InputInformation,
    /// A warning; the job goes on.
    NewWarning,
    /// The job waits in another queue.
    QueueHop,
    /// Every output is written.
    Complete,
    /// The job came to nothing.
    Error,
    /// Somebody stopped the job.
    Canceled,
}

/// Progress of a job. MediaConvert leaves it out for some jobs.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct JobProgress {
    /// Percent of all phases.
    #[serde(default, deserialize_with = "number")]
    pub job_percent_complete: Option<i64>,
}

/// An output group of COMPLETE.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct OutputGroupDetail {
    /// `CMAF_GROUP`, `FILE_GROUP`…
    #[serde(default)]
    pub r#type: Option<String>,
    /// Manifests, in no dependable order.
    #[serde(default, deserialize_with = "or_default")]
    pub playlist_file_paths: Vec<String>,
    /// In the order of the job's outputs.
    #[serde(default, deserialize_with = "or_default")]
    pub output_details: Vec<OutputDetail>,
}

/// An output of COMPLETE.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct OutputDetail {
    /// Files; of a frame capture the last image only, and none in a CMAF group.
    #[serde(default, deserialize_with = "or_default")]
    pub output_file_paths: Vec<String>,
    /// Length in milliseconds.
    #[serde(default, deserialize_with = "number")]
    pub duration_in_ms: Option<i64>,
    /// The picture.
    #[serde(default, deserialize_with = "or_default")]
    pub video_details: VideoDetails,
}

/// A picture of COMPLETE.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct VideoDetails {
    /// Pixels.
    #[serde(default, deserialize_with = "number")]
    pub width_in_px: Option<i64>,
    /// Pixels.
    #[serde(default, deserialize_with = "number")]
    pub height_in_px: Option<i64>,
    /// Bits per second.
    #[serde(default, deserialize_with = "number")]
    pub average_bitrate: Option<i64>,
    /// Average QVBR quality, 1 to 10.
    #[serde(default)]
    pub qvbr_avg_quality: Option<f64>,
}

impl JobStateChange {
    /// The status, `None` where it is one that the pipeline doesn't know.
    pub fn known_status(&self) -> Option<JobStatus> {
        self.status.parse().ok()
    }

    /// The video and the revision that the job is about, `None` for a job that isn't ours.
    pub fn subject(&self) -> Option<(&str, &str)> {
        let text = |name| {
            self.user_metadata
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        Some((text(USER_METADATA_ID)?, text(USER_METADATA_REVISION)?))
    }
}

/// A whole number, also as text or with a fraction; anything else counts as left out.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| match value {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and no figure of a job is that large"
        )]
        Value::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().map(|number| number.round() as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }))
}

/// A null counts as left out.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{JobStateChange, JobStatus};
    use serde_json::json;

    fn parse(detail: serde_json::Value) -> JobStateChange {
        serde_json::from_value(detail).unwrap()
    }

    #[test]
    fn the_least_that_an_event_can_hold_is_enough() {
        let change = parse(json!({"jobId": "1-a", "status": "COMPLETE"}));
        assert_eq!(change.known_status(), Some(JobStatus::Complete));
        assert_eq!(change.subject(), None);
        assert!(change.output_group_details.is_empty());
    }

    #[test]
    fn numbers_may_be_text_and_members_null() {
        let change = parse(json!({
            "jobId": "1-a", "status": "NEW_WARNING", "warningCode": "250003", "errorCode": 1404.0,
            "userMetadata": null, "jobProgress": null, "outputGroupDetails": null, "added": {"later": true}
        }));
        assert_eq!(change.warning_code, Some(250_003));
        assert_eq!(change.error_code, Some(1404));
    }

    #[test]
    fn a_status_of_the_future_is_parsed() {
        assert_eq!(
            parse(json!({"jobId": "1-a", "status": "PONDERING"})).known_status(),
            None
        );
    }

    #[test]
    fn half_of_the_metadata_is_not_ours() {
        let change =
            parse(json!({"jobId": "1-a", "status": "COMPLETE", "userMetadata": {"id": "v"}}));
        assert_eq!(change.subject(), None);
    }
}
