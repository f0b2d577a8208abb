//! Does what an invocation asks for, and reports what it did.

use std::time::Duration;

use common::clock::now;
use common::sdk::LAST_WORDS_MS;
use common::time::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::config::Config;
use crate::diagnosis::Patience;
use crate::rebuild;
use crate::request::Request;
use crate::round::{self, Clients, RoundError};

/// Answers with what was done, for the caller of a request; a schedule doesn't look.
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
    let patience = if request.impatient {
        Patience::None
    } else {
        Patience::Usual
    };
    let work = async {
        if let Some(cursor) = request.rebuild {
            let rebuilt = Box::pin(rebuild::run(clients, config, cursor, deadline)).await?;
            return Ok(json!(rebuilt));
        }
        let report = match &request.video {
            Some(id) => round::look_at(clients, config, id, patience).await?,
            None => round::run(clients, config, patience, deadline).await?,
        };
        report.emit(now());
        Ok(json!(report))
    };
    timeout(left, Box::pin(work))
        .await
        .map_err(|_| RoundError::OutOfTime)?
}
