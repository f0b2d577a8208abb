//! Prints the time limits that the functions keep, seconds by name: what `template.yaml` has to leave time for.
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use common::call_limits::{CALL, LAST_WORDS_MS, MEDIACONVERT_CALL};
use common::video::TOMBSTONE_KEPT_MS;
use reconcile::{CLAIM_MS, RESERVE_MS};
use serde_json::json;

fn main() {
    let limits = json!({
        "call": CALL.as_secs(),
        "mediaConvertCall": MEDIACONVERT_CALL.as_secs(),
        "lastWords": LAST_WORDS_MS / 1000,
        "roundReserve": RESERVE_MS / 1000,
        "claim": CLAIM_MS / 1000,
        "tombstoneKept": TOMBSTONE_KEPT_MS / 1000,
    });
    println!("{limits}");
}
