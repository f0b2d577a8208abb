//! The log of a function: to standard output, from where Lambda takes it.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge: Lambda's variables say how to log"
)]

use std::env;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

/// Starts logging as the function's `LoggingConfig` says, which Lambda hands over in variables:
/// `AWS_LAMBDA_LOG_FORMAT` (`JSON`, or text), `AWS_LAMBDA_LOG_LEVEL` (default `INFO`).
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>.
///
/// A plain level instead of a filter by module keeps the regular expressions out of the cold start.
pub fn init() {
    let level = env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    let log = fmt()
        .with_max_level(level_filter(&level))
        .with_ansi(false)
        .with_target(false);
    if env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("json")) {
        log.json().with_span_list(false).init();
    } else {
        // CloudWatch adds the time to each line.
        log.without_time().init();
    }
}

/// Lambda's names of the levels, of which `FATAL` isn't one of `tracing`'s.
fn level_filter(level: &str) -> LevelFilter {
    match level.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::level_filter;
    use tracing::level_filters::LevelFilter;

    #[test]
    fn an_unknown_level_logs_as_if_none_was_set() {
        assert_eq!(level_filter(""), LevelFilter::INFO);
        assert_eq!(level_filter("loud"), LevelFilter::INFO);
        assert_eq!(level_filter("FATAL"), LevelFilter::ERROR);
    }
}
