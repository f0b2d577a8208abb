//! Does what an invocation asks for, and reports what it did.

use std::time::Duration;

use common::clock::now;
use common::sdk::LAST_WORDS_MS;
use common::time::Timestamp;
use serde_json::Value;
use tokio::time::timeout;

use crate::config::Config;
use crate::request::Request;
use crate::round::{self, Clients, RoundError};

/// Answers with what the caller of a request wants to know; a schedule wants nothing.
///
/// # Errors
///
/// [`RoundError`], also where the services leave no time: before Lambda stops the function without a word.
pub async fn handle(
    clients: &Clients,
    config: &Config,
    request: Request,
    deadline: Timestamp,
) -> Result<Value, RoundError> {
    let left = deadline.plus_ms(-LAST_WORDS_MS).unix_ms() - now().unix_ms();
    let left = Duration::from_millis(left.try_into().unwrap_or_default());
    let work = async {
        match &request.video {
            Some(id) => round::look_at(clients, config, id).await,
            None => round::run(clients, config, deadline).await,
        }
    };
    let report = timeout(left, Box::pin(work))
        .await
        .map_err(|_| RoundError::OutOfTime)??;
    report.emit(now());
    Ok(Value::Null)
}
