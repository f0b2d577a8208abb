//! Looks through the source bucket for uploads whose S3 event never came. A page a round, so that the cost
//! doesn't grow with the library: a bucket of up to a thousand objects is seen whole in every round.

use common::clock::now;
use common::error::chain;
use common::source::Source;
use common::table::Sweep;
use common::time::Timestamp;
use common::video::Claim;
use tracing::{error, warn};

use crate::diagnosis::Patience;
use crate::error::ReconcileError;
use crate::reconciler::Reconciler;
use crate::report::Report;

/// Age from which an object's event counts as lost, milliseconds: S3 delivers within seconds, "occasionally a
/// minute or longer" (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>), and Lambda
/// retries for some minutes.
const EVENT_QUIET_MS: i64 = 10 * 60 * 1000;

/// Time by which passes overlap, milliseconds: an upload that one of them submitted again may fail again.
const OVERLAP_MS: i64 = 24 * 3600 * 1000;

impl Reconciler<'_> {
    /// Checks the next page of the bucket and notes where to go on. A page that isn't checked in time is the next round's again.
    pub(crate) async fn sweep(
        &self,
        patience: Patience,
        in_time: impl Fn() -> bool,
        report: &mut Report,
    ) -> Result<(), ReconcileError> {
        let mut sweep = self.clients.table.sweep().await?;
        let began = *sweep.began.get_or_insert_with(now);
        let page = self
            .clients
            .s3
            .list_object_versions()
            .bucket(&self.config.source_bucket)
            .set_key_marker(sweep.key_marker.take())
            .set_version_id_marker(sweep.version_id_marker.take())
            .send()
            .await
            .map_err(Box::new)?;
        let window = Window::of(&sweep, now(), patience);
        for (source, uploaded_at) in self.current_uploads(&page) {
            if !window.holds(uploaded_at) {
                continue;
            }
            if !in_time() {
                return Ok(());
            }
            let (id, key) = (source.video_id(), source.key.clone());
            match self.submit_what_was_lost(source, uploaded_at).await {
                Ok(false) => {}
                Ok(true) => {
                    warn!(
                        video_id = id,
                        s3_key = key,
                        "submitting {key}: its event was lost"
                    );
                    report.lost_uploads += 1;
                }
                Err(error) => {
                    report.errors += 1;
                    error!(
                        video_id = id,
                        s3_key = key,
                        "{key} can't be looked into: {}",
                        chain(&error)
                    );
                }
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
        Ok(self.clients.table.set_sweep(&next).await?)
    }

    /// True where the upload has no job and nobody is at it.
    async fn submit_what_was_lost(
        &self,
        source: Source,
        uploaded_at: Timestamp,
    ) -> Result<bool, ReconcileError> {
        let (claim, record) = self.clients.table.claim(&source, now()).await?;
        // S3 lists it as the current one, so it is later than any other.
        if !matches!(claim, Claim::Fresh | Claim::Unordered) {
            return Ok(false);
        }
        if record.is_none() {
            // Or the record was lost, and then there may be a job and an output.
            return self.rebuild_upload(source, uploaded_at).await;
        }
        self.resubmit(&source).await?;
        Ok(true)
    }
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
    fn of(sweep: &Sweep, now: Timestamp, patience: Patience) -> Self {
        Self {
            from: sweep.before_began.map(|began| began.plus_ms(-OVERLAP_MS)),
            until: now.plus_ms(-patience.left_of(EVENT_QUIET_MS)),
        }
    }

    fn holds(self, modified: Timestamp) -> bool {
        modified < self.until && self.from.is_none_or(|from| modified >= from)
    }
}

impl Reconciler<'_> {}
#[cfg(test)]
mod tests {
    use super::{Sweep, Window};
    use crate::diagnosis::Patience;
    use common::time::Timestamp;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn holds(sweep: &Sweep, now: i64, modified: i64) -> bool {
        let window = Window::of(sweep, Timestamp::from_unix_ms(now), Patience::Usual);
        window.holds(Timestamp::from_unix_ms(modified))
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
