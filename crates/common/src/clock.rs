//! The time, for edges to hand to decisions.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge: decisions take the time as an argument"
)]

use std::time::SystemTime;

use crate::time::Timestamp;

/// The present moment.
pub fn now() -> Timestamp {
    // A clock before 1970 counts as 1970.
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_unix_ms(since_epoch.as_millis().try_into().unwrap_or(i64::MAX))
}
