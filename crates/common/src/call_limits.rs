//! How long the functions wait for a service, and how often they try: one place for all of them.
//!
//! A hung or throttling service has to end in an error of ours, which names the call, before Lambda stops the function,
//! which names nothing. So each call is bounded, and the functions bound the sum by their own deadline.

use std::time::Duration;

use aws_sdk_mediaconvert::config::retry::RetryConfig;
use aws_sdk_mediaconvert::config::timeout::TimeoutConfig;

/// Time that a function keeps for its own last words, milliseconds before Lambda's deadline.
pub const LAST_WORDS_MS: i64 = 2_000;

/// Most that a call of DynamoDB, S3 or Lambda takes, its retries included.
pub const CALL: Duration = Duration::from_secs(10);
/// Most that a call of MediaConvert takes, its retries included.
pub const MEDIACONVERT_CALL: Duration = Duration::from_secs(20);

/// Retries of DynamoDB, S3 and Lambda, whose limits grow with their use: the SDK's standard three attempts.
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_backoff(Duration::from_secs(2))
}

/// Time-outs of DynamoDB, S3 and Lambda, which answer within milliseconds.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(4))
        .operation_timeout(CALL)
        .build()
}

/// Retries of MediaConvert, whose requests an account has few of a second. The adaptive mode slows the client down as
/// long as it is throttled, instead of adding to the burst.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
pub fn mediaconvert_retries() -> RetryConfig {
    RetryConfig::adaptive()
        .with_max_attempts(6)
        .with_max_backoff(Duration::from_secs(5))
}

/// Time-outs of MediaConvert: Probe reads the source and may take seconds.
pub fn mediaconvert_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(12))
        .operation_timeout(MEDIACONVERT_CALL)
        .build()
}

#[cfg(test)]
mod tests {
    use super::{mediaconvert_timeouts, timeouts};

    #[test]
    fn an_attempt_ends_before_its_operation_so_that_there_is_another() {
        for config in [timeouts(), mediaconvert_timeouts()] {
            assert!(config.connect_timeout() < config.operation_attempt_timeout());
            assert!(config.operation_attempt_timeout() < config.operation_timeout());
        }
    }
}
