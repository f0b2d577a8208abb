//! The shapes of the service model: which members exist, of which type, within which limits.
//!
//! The table in `schema/model.json` is condensed from the model that the AWS SDKs are generated
//! from; `tools/make_schema.py` makes it anew. Rules that the model doesn't know are in
//! [`crate::validate`].

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

static MODEL: LazyLock<HashMap<String, Shape>> = LazyLock::new(|| {
    #[expect(
        clippy::expect_used,
        reason = "part of the binary, parsed by every test of it"
    )]
    serde_json::from_str(include_str!("schema/model.json")).expect("the embedded model is JSON")
});

#[derive(Debug, Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: Kind,
    min: Option<f64>,
    max: Option<f64>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    #[serde(default)]
    members: BTreeMap<String, String>,
    #[serde(default)]
    required: Vec<String>,
    member: Option<String>,
    value: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Structure,
    List,
    Map,
    String,
    Boolean,
    Integer,
    Long,
    Double,
    Float,
    Timestamp,
}

/// Checks `value` against the shape called `name`; each problem is one message of the form
/// `<path>: <rule>`, where `path` is the JSON pointer to the member, after `at`.
pub fn check(name: &str, value: &Value, at: &str) -> Vec<String> {
    let mut problems = Vec::new();
    visit(name, value, at, &mut problems);
    problems
}

/// Checks a request against the shape called `name`.
///
/// # Errors
///
/// The first problem, as [`check`] tells it.
pub fn first(name: &str, request: &Map<String, Value>) -> Result<(), String> {
    let problems = check(name, &Value::Object(request.clone()), "");
    problems.into_iter().next().map_or(Ok(()), Err)
}

fn visit(name: &str, value: &Value, at: &str, problems: &mut Vec<String>) {
    let Some(shape) = MODEL.get(name) else { return };
    // SDKs leave out what is not set; a null says the same.
    if value.is_null() {
        return;
    }
    let path = if at.is_empty() { "/" } else { at };
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(object)) => {
            for required in &shape.required {
                if object.get(required).is_none_or(Value::is_null) {
                    problems.push(format!("{path}: {required} is a required property"));
                }
            }
            for (key, member) in object {
                match shape.members.get(key) {
                    Some(shape) => visit(shape, member, &format!("{at}/{key}"), problems),
                    None => problems.push(format!("{path}: {key} is not a known property")),
                }
            }
        }
        (Kind::List, Value::Array(items)) => {
            limits(shape, count(items.len()), path, " items", problems);
            for (index, item) in items.iter().enumerate() {
                let member = shape.member.as_deref().unwrap_or_default();
                visit(member, item, &format!("{at}/{index}"), problems);
            }
        }
        (Kind::Map, Value::Object(object)) => {
            for (key, item) in object {
                let member = shape.value.as_deref().unwrap_or_default();
                visit(member, item, &format!("{at}/{}", escape(key)), problems);
            }
        }
        (Kind::String, Value::String(text)) => {
            limits(
                shape,
                count(text.chars().count()),
                path,
                " characters",
                problems,
            );
            if !shape.values.is_empty() && !shape.values.contains(text) {
                let values = shape.values.join(", ");
                problems.push(format!("{path}: '{text}' should be one of {values}"));
            }
        }
        (Kind::Boolean, Value::Bool(_)) | (Kind::Timestamp, Value::Number(_)) => {}
        (Kind::Integer | Kind::Long, Value::Number(number)) if is_whole(number) => {
            limits(
                shape,
                number.as_f64().unwrap_or_default(),
                path,
                "",
                problems,
            );
        }
        (Kind::Double | Kind::Float, Value::Number(number)) => {
            limits(
                shape,
                number.as_f64().unwrap_or_default(),
                path,
                "",
                problems,
            );
        }
        (kind, _) => problems.push(format!("{path}: Should be {}", noun(kind))),
    }
}

fn is_whole(number: &serde_json::Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0)
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
fn count(length: usize) -> f64 {
    length as f64
}

fn limits(shape: &Shape, value: f64, path: &str, unit: &str, problems: &mut Vec<String>) {
    // A minimum of a string or list is about its length: the wording follows the service's own
    // "Should have at least 1 items".
    let (low, high) = if unit.is_empty() {
        ("be greater than or equal to", "be less than or equal to")
    } else {
        ("have at least", "have at most")
    };
    if let Some(min) = shape.min.filter(|min| value < *min) {
        problems.push(format!("{path}: Should {low} {min}{unit}"));
    }
    if let Some(max) = shape.max.filter(|max| value > *max) {
        problems.push(format!("{path}: Should {high} {max}{unit}"));
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure | Kind::Map => "an object",
        Kind::List => "an array",
        Kind::String => "a string",
        Kind::Boolean => "a boolean",
        Kind::Integer | Kind::Long => "an integer",
        Kind::Double | Kind::Float | Kind::Timestamp => "a number",
    }
}

/// Whether a path of member names, with `*` for an index or a name in a map, leads to a member.
pub fn has_path(root: &str, path: &str) -> bool {
    let mut name = root;
    for step in path.split('/') {
        let Some(shape) = MODEL.get(name) else {
            return false;
        };
        let next = match (step, shape.kind) {
            ("*", Kind::List) => shape.member.as_ref(),
            ("*", Kind::Map) => shape.value.as_ref(),
            (member, Kind::Structure) => shape.members.get(member),
            _ => None,
        };
        let Some(next) = next else { return false };
        name = next;
    }
    true
}

/// Escapes a map key as one token of a JSON pointer (RFC 6901).
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(settings: &Value) -> Vec<String> {
        check("JobSettings", settings, "")
    }

    #[test]
    fn a_setting_of_the_model_passes() {
        let settings = json!({"inputs": [{"fileInput": "s3://b/k", "filterStrength": 3}]});
        assert_eq!(messages(&settings), Vec::<String>::new());
    }

    #[test]
    fn a_problem_is_named_by_its_path() {
        let settings = json!({"outputGroups": [{"outputs": [
            {"videoDescription": {"width": 31, "scalingBehavior": "BIGGER", "hieght": 2}},
            {"nameModifier": 7}
        ]}]});
        insta::assert_json_snapshot!(messages(&settings), @r#"
        [
          "/outputGroups/0/outputs/0/videoDescription/width: Should be greater than or equal to 32",
          "/outputGroups/0/outputs/0/videoDescription/scalingBehavior: 'BIGGER' should be one of DEFAULT, FILL, FIT, FIT_NO_UPSCALE, SMART_CROP, STRETCH_TO_OUTPUT",
          "/outputGroups/0/outputs/0/videoDescription: hieght is not a known property",
          "/outputGroups/0/outputs/1/nameModifier: Should be a string"
        ]
        "#);
    }

    #[test]
    fn a_required_member_is_asked_for() {
        let request = json!({"role": "arn:aws:iam::000000000000:role/r"});
        let problems = check("CreateJobRequest", &request, "");
        assert_eq!(problems, ["/: settings is a required property"]);
    }

    #[test]
    fn the_keys_of_a_map_are_free() {
        let settings = json!({"inputs": [{"audioSelectors": {"Audio/1": {"tracks": [0]}}}]});
        assert_eq!(
            messages(&settings),
            ["/inputs/0/audioSelectors/Audio~11/tracks/0: Should be greater than or equal to 1"]
        );
    }
}
