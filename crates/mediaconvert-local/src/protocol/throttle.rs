//! A limit of the request rate, as the service has one for each operation and account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Counts requests of each operation by itself. Without a rate, all may pass.
#[derive(Clone, Debug)]
pub struct Throttle {
    /// Requests a second.
    rate: Option<f64>,
    buckets: Arc<Mutex<HashMap<&'static str, Bucket>>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Requests that may pass at once.
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    /// At most `rate` requests a second, and as many at once (but one at least).
    pub fn new(rate: Option<f64>) -> Self {
        Self {
            rate,
            buckets: Arc::default(),
        }
    }

    /// Whether a request may pass now.
    pub fn admits(&self, operation: &'static str, now: Instant) -> bool {
        let Some(rate) = self.rate else { return true };
        let most = rate.max(1.0);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(operation).or_insert(Bucket {
            tokens: most,
            filled: now,
        });
        let passed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * rate).min(most);
        bucket.filled = now;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_operation_has_its_own_rate() {
        let throttle = Throttle::new(Some(2.0));
        let start = Instant::now();
        let admitted = |operation, after: u64| {
            throttle.admits(operation, start + Duration::from_millis(after))
        };
        let got: Vec<bool> = (0..3).map(|_| admitted("GetJob", 0)).collect();
        assert_eq!(got, [true, true, false]);
        assert!(admitted("ListJobs", 0));
        assert!(!admitted("GetJob", 400));
        assert!(admitted("GetJob", 510));
        assert!(!admitted("GetJob", 510));
    }

    #[test]
    fn without_a_rate_all_pass() {
        let throttle = Throttle::new(None);
        assert!((0..1000).all(|_| throttle.admits("GetJob", Instant::now())));
    }
}
