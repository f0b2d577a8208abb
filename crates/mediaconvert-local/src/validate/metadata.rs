//! User metadata:
//! <https://docs.aws.amazon.com/mediaconvert/latest/ug/user-metadata-tags.html>.

use serde_json::Value;

/// Entries at most.
const ENTRIES: usize = 10;
/// Characters of a key at most.
const KEY: usize = 128;
/// Characters of a value at most.
const VALUE: usize = 256;

pub(super) fn check(metadata: Option<&Value>) -> Result<(), String> {
    let entries = metadata.and_then(Value::as_object);
    if entries.is_some_and(|entries| entries.len() > ENTRIES) {
        return Err(format!(
            "/userMetadata: Should have at most {ENTRIES} items"
        ));
    }
    for (key, value) in entries.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if key.is_empty() || key.chars().count() > KEY || !is_plain(key) || key.starts_with("aws:")
        {
            return Err(format!("The user metadata key '{key}' is invalid."));
        }
        if value.chars().count() > VALUE || !is_plain(value) {
            return Err(format!("The user metadata value '{value}' is invalid."));
        }
    }
    Ok(())
}

fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
}
