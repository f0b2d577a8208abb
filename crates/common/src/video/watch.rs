//! When the reconcile function has to look at a video next. Pure.

use super::{Replaced, Status, Video, Watch};
use crate::time::Timestamp;

/// Time after the end of a claim before anybody makes up for it, milliseconds: Lambda's own retries come first, one
/// and two minutes after.
pub const CLAIM_QUIET_MS: i64 = 5 * 60 * 1000;
/// Time after which an upload that doesn't say when it ends is given up, milliseconds: a day more than the default
/// after which the bucket's lifecycle drops its parts.
pub const UPLOAD_QUIET_MS: i64 = 8 * 24 * 3600 * 1000;
/// How long a replaced revision stays for those who are watching it, milliseconds.
pub const REPLACED_KEPT_MS: i64 = 24 * 3600 * 1000;
/// How long the record of a removed video stays as a tombstone, milliseconds: longer than Lambda lets any function of the
/// stack run. Whoever saw the object before it was removed then finds the video deleted, not unknown, for as long as it
/// lives, so nobody makes the video anew.
pub const TOMBSTONE_KEPT_MS: i64 = 3 * 60 * 1000;

impl Video {
    /// The record, watched from the right time on. `before` is what it was: as long as a revision is on its way, the
    /// time stays as it is.
    pub(super) fn watched(self, before: Option<&Self>) -> Self {
        let stays = before
            .filter(|before| before.is_on_its_way() && before.revision == self.revision)
            .and_then(|before| before.check_at)
            .filter(|_| self.is_on_its_way());
        let check_at = stays.or_else(|| self.next_check());
        Self {
            watch: check_at.map(|_| Watch::Open),
            check_at,
            ..self
        }
    }

    fn next_check(&self) -> Option<Timestamp> {
        match self.status {
            Status::Uploading => Some(self.upload_ends()),
            Status::Submitted | Status::Processing => {
                let claimed_until = self.job.as_ref().map(|job| job.claimed_until);
                Some(
                    claimed_until
                        .unwrap_or(self.updated_at)
                        .plus_ms(CLAIM_QUIET_MS),
                )
            }
            Status::Deleting => Some(self.forgotten_from().unwrap_or(self.updated_at)),
            Status::Ready | Status::Failed | Status::Canceled => {
                // Whoever changed that writes the manifests at once, unless something went wrong.
                let edition = self.misses_edition();
                let edition = edition.map(|_| self.updated_at.plus_ms(CLAIM_QUIET_MS));
                let chores = self.replaced.iter();
                let chores = chores.filter_map(|replaced| self.next_chore(replaced));
                chores.chain(edition).min()
            }
        }
    }

    /// From when something can be done about a replaced revision; `None` while it plays.
    fn next_chore(&self, replaced: &Replaced) -> Option<Timestamp> {
        match &replaced.job {
            Some(job) if job.id.is_some() => Some(self.updated_at),
            Some(job) => Some(job.claimed_until.plus_ms(CLAIM_QUIET_MS)),
            None if self.plays(&replaced.revision) => None,
            None => Some(replaced.kept_until.unwrap_or(self.updated_at)),
        }
    }

    /// From when a removed video's record is of no use any more; `None` while something else is left.
    pub fn forgotten_from(&self) -> Option<Timestamp> {
        let removed_at = self.removed_at?;
        Some(removed_at.plus_ms(TOMBSTONE_KEPT_MS))
    }

    /// When an unfinished upload is given up.
    pub fn upload_ends(&self) -> Timestamp {
        match &self.upload {
            Some(upload) => upload.expires_at,
            None => self.updated_at.plus_ms(UPLOAD_QUIET_MS),
        }
    }

    /// True where this revision is what can be watched.
    pub fn plays(&self, revision: &str) -> bool {
        self.playback
            .as_ref()
            .is_some_and(|playback| playback.revision == revision)
    }

    /// True from the claim on, until the job has ended.
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.status, Status::Submitted | Status::Processing)
    }
}
