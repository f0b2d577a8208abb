//! What a round healed, for the log and for CloudWatch.

use std::io::{self, Write};

use common::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use tracing::info;

/// Counts of one round.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Unfinished videos that were looked at.
    pub checked: u64,
    /// Records that a lost job event was made up for.
    pub lost_events: u64,
    /// Claims without a job that were submitted again.
    pub resubmitted: u64,
    /// Objects without a record that were submitted: their event was lost, or came while the video was being deleted.
    pub lost_uploads: u64,
    /// Uploads that nobody finished.
    pub abandoned: u64,
    /// Deleted videos of which nothing but a tombstone is left.
    pub removed: u64,
    /// Deleted videos that wait for a job to end.
    pub waiting: u64,
    /// Folders of replaced revisions that were removed.
    pub folders: u64,
    /// Videos that could not be checked this time.
    pub errors: u64,
}

impl Report {
    /// Logs the counts, and writes them as metrics.
    pub fn emit(self, now: Timestamp) {
        let Self {
            checked,
            lost_events,
            resubmitted,
            lost_uploads,
            abandoned,
            removed,
            waiting,
            folders,
            errors,
        } = self;
        info!(
            checked,
            lost_events,
            resubmitted,
            lost_uploads,
            abandoned,
            removed,
            waiting,
            folders,
            errors,
            "checked {checked} videos, healed {}",
            self.healed()
        );
        let mut line = self.metrics(now).to_string();
        line.push('\n');
        // A line that can't be written can't be reported either.
        let _ = io::stdout().write_all(line.as_bytes());
    }

    /// Everything that was repaired.
    pub fn healed(self) -> u64 {
        self.lost_events + self.resubmitted + self.lost_uploads + self.abandoned
    }

    /// The counts in CloudWatch's embedded metric format, which costs no request.
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
    fn metrics(self, now: Timestamp) -> serde_json::Value {
        let counts = [
            ("Checked", self.checked),
            ("LostEvents", self.lost_events),
            ("Resubmitted", self.resubmitted),
            ("LostUploads", self.lost_uploads),
            ("Abandoned", self.abandoned),
            ("Removed", self.removed),
            ("Waiting", self.waiting),
            ("Folders", self.folders),
            ("Errors", self.errors),
        ];
        let names: Vec<_> = counts
            .iter()
            .map(|(name, _)| json!({"Name": name, "Unit": "Count"}))
            .collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": now.unix_ms(),
                "CloudWatchMetrics": [{"Namespace": "vod/reconcile", "Dimensions": [[]], "Metrics": names}],
            },
        });
        for (name, count) in counts {
            line[name] = count.into();
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use common::time::Timestamp;

    #[test]
    fn every_metric_has_its_value() {
        let report = Report {
            lost_events: 3,
            ..Report::default()
        };
        let line = report.metrics(Timestamp::from_unix_ms(7));
        assert_eq!(line["_aws"]["Timestamp"], 7);
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
            .as_array()
            .unwrap()
        {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric}");
        }
        assert_eq!(line["LostEvents"], 3);
    }
}
