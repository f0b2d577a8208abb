//! What the function is asked to do: `{}` is a round.

use serde::Deserialize;

use crate::rebuild::Cursor;

/// The payload of an invocation.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// Look at this one video now, instead of a round.
    #[serde(default)]
    pub video: Option<String>,
    /// Make lost records again, from here on, instead of a round.
    #[serde(default)]
    pub rebuild: Option<Cursor>,
    /// Take everything that hasn't come for lost, however short ago it was due: once an outage is over.
    #[serde(default)]
    pub impatient: bool,
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Request};
    use serde_json::{Value, from_value, json};

    fn parse(payload: Value) -> Result<Request, serde_json::Error> {
        from_value(payload)
    }

    #[test]
    fn nothing_asks_for_a_round_and_a_name_for_one_video() {
        assert_eq!(parse(json!({})).unwrap(), Request::default());
        let asked = parse(json!({"video": "v"})).unwrap();
        assert_eq!(asked.video.as_deref(), Some("v"));
        assert!(parse(json!({"impatient": true})).unwrap().impatient);
        let rebuild = json!({"rebuild": {"uploads": {}}});
        assert_eq!(parse(rebuild).unwrap().rebuild, Some(Cursor::default()));
        assert!(parse(json!({"vido": "v"})).is_err());
    }
}
