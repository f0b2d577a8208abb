//! The account's policy: where inputs may come from.

use serde_json::Value;

use crate::job::Failure;
use crate::store::{Kind, Store};

/// Refuses a job with an input that the account forbids.
pub(super) fn check(store: &Store, settings: &Value) -> Result<(), Failure> {
    let Some(policy) = store.document(Kind::Policy, "") else {
        return Ok(());
    };
    let inputs = settings["inputs"].as_array().into_iter().flatten();
    for url in inputs.filter_map(|input| input["fileInput"].as_str()) {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        let member = match scheme.to_ascii_lowercase().as_str() {
            "s3" => "s3Inputs",
            "http" => "httpInputs",
            "https" => "httpsInputs",
            _ => continue,
        };
        if policy.text(member) == Some("DISALLOWED") {
            return Err(Failure::new(
                3457,
                format!("The account's policy does not allow the input '{url}'."),
            ));
        }
    }
    Ok(())
}
