//! What the function is asked to do: `{}` is a round.

use serde::Deserialize;

/// The payload of an invocation.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// Look at this one video now, instead of a round.
    #[serde(default)]
    pub video: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Request;
    use serde_json::{Value, from_value, json};

    fn parse(payload: Value) -> Result<Request, serde_json::Error> {
        from_value(payload)
    }

    #[test]
    fn nothing_asks_for_a_round_and_a_name_for_one_video() {
        assert_eq!(parse(json!({})).unwrap(), Request::default());
        let asked = parse(json!({"video": "v"})).unwrap();
        assert_eq!(asked.video.as_deref(), Some("v"));
        assert!(parse(json!({"vido": "v"})).is_err());
    }
}
