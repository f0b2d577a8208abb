//! Looks through the source bucket for uploads whose S3 event never came. A page a round, so that the cost
//! doesn't grow with the library: a bucket of up to a thousand objects is seen whole in every round.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::ObjectVersion;
use common::clock::now;
use common::source::Source;
use common::table::Sweep;
use common::time::Timestamp;
use common::video::Claim;
use tracing::warn;

use crate::config::Config;
use crate::report::Report;
use crate::round::{Clients, RoundError, resubmit};

/// Age from which an object's event counts as lost, milliseconds: S3 delivers within seconds, "occasionally a
/// minute or longer" (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>), and Lambda
/// retries for some minutes.
const EVENT_QUIET_MS: i64 = 10 * 60 * 1000;

/// Time by which passes overlap, milliseconds: an upload that one of them submitted again may fail again.
const OVERLAP_MS: i64 = 24 * 3600 * 1000;

/// Checks the next page of the bucket and notes where to go on.
pub(crate) async fn run(
    clients: &Clients,
    config: &Config,
    report: &mut Report,
) -> Result<(), RoundError> {
    let mut sweep = clients.table.sweep().await?;
    let began = *sweep.began.get_or_insert_with(now);
    let page = clients
        .s3
        .list_object_versions()
        .bucket(&config.source_bucket)
        .set_key_marker(sweep.key_marker.take())
        .set_version_id_marker(sweep.version_id_marker.take())
        .send()
        .await
        .map_err(Box::new)?;
    for source in uploads(config, &page, Window::of(&sweep, now())) {
        let id = source.video_id();
        let (claim, _) = clients.table.claim(&source, now()).await?;
        match claim {
            Claim::Fresh => {
                warn!(
                    video_id = id,
                    s3_key = source.key,
                    "submitting {}: its event was lost",
                    source.key
                );
                resubmit(clients, config, &source).await?;
                report.lost_uploads += 1;
            }
            Claim::Expired | Claim::Held(_) | Claim::Refused(_) => {}
        }
    }
    let next = if page.next_key_marker.is_some() {
        Sweep {
            key_marker: page.next_key_marker,
            version_id_marker: page.next_version_id_marker,
            ..sweep
        }
    } else {
        Sweep {
            before_began: Some(began),
            ..Sweep::default()
        }
    };
    Ok(clients.table.set_sweep(&next).await?)
}

/// The uploads that a sweep looks at, by the time of their last change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Window {
    /// Older ones were seen by an earlier pass.
    from: Option<Timestamp>,
    /// Younger ones may still have their event.
    until: Timestamp,
}

impl Window {
    fn of(sweep: &Sweep, now: Timestamp) -> Self {
        Self {
            from: sweep.before_began.map(|began| began.plus_ms(-OVERLAP_MS)),
            until: now.plus_ms(-EVENT_QUIET_MS),
        }
    }

    fn holds(self, version: &ObjectVersion) -> bool {
        let modified = version
            .last_modified()
            .and_then(|time| time.to_millis().ok());
        modified
            .map(Timestamp::from_unix_ms)
            .is_some_and(|modified| {
                modified < self.until && self.from.is_none_or(|from| modified >= from)
            })
    }
}

/// The current objects of a page, as far as they are in the window.
fn uploads(config: &Config, page: &ListObjectVersionsOutput, window: Window) -> Vec<Source> {
    let current = page
        .versions()
        .iter()
        .filter(|version| version.is_latest() == Some(true));
    let sources = current
        .filter(|version| window.holds(version))
        .filter_map(|version| {
            Some(Source {
                bucket: config.source_bucket.clone(),
                key: version.key()?.to_owned(),
                version_id: version.version_id().map(str::to_owned),
                etag: version.e_tag()?.trim_matches('"').to_owned(),
                size_bytes: u64::try_from(version.size()?).ok()?,
                sequencer: None,
                attempt: 0,
            })
        });
    sources
        .filter(|source| !source.is_folder_marker())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Sweep, Window};
    use aws_sdk_s3::primitives::DateTime;
    use aws_sdk_s3::types::ObjectVersion;
    use common::time::Timestamp;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn holds(sweep: &Sweep, now: i64, modified: i64) -> bool {
        let version = ObjectVersion::builder()
            .last_modified(DateTime::from_millis(modified))
            .build();
        Window::of(sweep, Timestamp::from_unix_ms(now)).holds(&version)
    }

    #[test]
    fn a_young_object_may_still_have_its_event() {
        let sweep = Sweep::default();
        assert!(!holds(&sweep, 30 * MINUTE, 25 * MINUTE));
        assert!(holds(&sweep, 30 * MINUTE, 15 * MINUTE));
    }

    #[test]
    fn what_an_earlier_pass_has_seen_is_left_out_after_a_day() {
        let sweep = Sweep {
            before_began: Some(Timestamp::from_unix_ms(10 * DAY)),
            ..Sweep::default()
        };
        assert!(!holds(&sweep, 11 * DAY, 9 * DAY - 1));
        assert!(holds(&sweep, 11 * DAY, 9 * DAY));
        assert!(holds(&sweep, 11 * DAY, 10 * DAY));
    }
}
