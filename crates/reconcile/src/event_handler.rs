//! Does what an invocation asks for, and reports what it did.

use std::time::Duration;

use common::call_limits::LAST_WORDS_MS;
use common::clock::now;
use common::time::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::diagnosis::Patience;
use crate::error::ReconcileError;
use crate::reconciler::Reconciler;
use crate::request::Request;

/// Answers with what was done, for the caller of a request; a schedule doesn't look.
///
/// # Errors
///
/// [`ReconcileError`], also where the services leave no time: before Lambda stops the function without a word.
pub async fn handle(
    reconciler: Reconciler<'_>,
    request: Request,
    deadline: Timestamp,
) -> Result<Value, ReconcileError> {
    let left = deadline.plus_ms(-LAST_WORDS_MS).unix_ms() - now().unix_ms();
    let left = Duration::from_millis(left.try_into().unwrap_or_default());
    let patience = if request.impatient {
        Patience::None
    } else {
        Patience::Usual
    };
    let work = async {
        if let Some(cursor) = request.rebuild {
            let rebuilt = Box::pin(reconciler.rebuild(cursor, deadline)).await?;
            return Ok(json!(rebuilt));
        }
        let report = match &request.video {
            Some(id) => reconciler.look_at(id, patience).await?,
            None => reconciler.run_round(patience, deadline).await?,
        };
        report.emit(now());
        Ok(json!(report))
    };
    timeout(left, Box::pin(work))
        .await
        .map_err(|_| ReconcileError::OutOfTime)?
}
