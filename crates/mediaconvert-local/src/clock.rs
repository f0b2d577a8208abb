//! Times as the API and the events tell them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// A moment, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(Duration);

impl Moment {
    /// This one.
    pub fn now() -> Self {
        Self(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        )
    }

    /// Seconds since 1970, with thousandths: how the API tells times.
    pub fn seconds(self) -> Value {
        Number::from_f64(f64::from(self.0.subsec_millis()) / 1000.0 + self.whole())
            .map_or(Value::Null, Value::Number)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 are far below 2^52"
    )]
    fn whole(self) -> f64 {
        self.0.as_secs() as f64
    }

    /// Milliseconds since 1970: how events tell times.
    pub fn milliseconds(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }

    /// RFC 3339 in UTC, in whole seconds: how the envelope of an event tells times.
    pub fn rfc3339(self) -> String {
        let seconds = i64::try_from(self.0.as_secs()).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds)
            .unwrap_or_default()
            .to_string()
    }

    /// So many days later.
    #[must_use]
    pub fn in_days(self, days: u32) -> Self {
        Self(self.0 + Duration::from_hours(24) * days)
    }

    /// So long after this one.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0 + time)
    }

    /// How long it is until then.
    pub fn until(self) -> Duration {
        self.0.saturating_sub(Self::now().0)
    }

    /// How long ago it was.
    pub fn age(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_three_ways() {
        let moment = Moment(Duration::from_millis(1_768_471_204_250));
        assert_eq!(moment.seconds().to_string(), "1768471204.25");
        assert_eq!(moment.milliseconds(), 1_768_471_204_250);
        assert_eq!(moment.rfc3339(), "2026-01-15T10:00:04Z");
    }
}
