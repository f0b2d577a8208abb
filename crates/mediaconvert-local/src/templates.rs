//! A job made of its own settings, those of its job template and those of its presets.
//!
//! AWS tells that the settings of the job win, not how lists are merged: by position is a guess.

use serde_json::{Map, Value};

/// What the names of the service's own presets and templates begin with.
const SYSTEM: &str = "System-";

/// Members beside the settings that a template can give.
const BESIDE: [&str; 5] = [
    "accelerationSettings",
    "hopDestinations",
    "priority",
    "queue",
    "statusUpdateInterval",
];

/// Members that say what their neighbours mean.
const KINDS: [&str; 5] = [
    "codec",
    "container",
    "destinationType",
    "sourceType",
    "type",
];

/// What a preset gives to an output.
const OF_PRESETS: [&str; 4] = [
    "audioDescriptions",
    "captionDescriptions",
    "containerSettings",
    "videoDescription",
];

/// Completes a request of `CreateJob` by a job template.
pub fn with_template(
    mut request: Map<String, Value>,
    template: &Map<String, Value>,
) -> Map<String, Value> {
    for member in BESIDE {
        if let (false, Some(value)) = (is_set(request.get(member)), template.get(member)) {
            request.insert(member.to_owned(), value.clone());
        }
    }
    let own = request.remove("settings").unwrap_or(Value::Null);
    let settings = template.get("settings").cloned().unwrap_or(Value::Null);
    request.insert("settings".to_owned(), merged(settings, own));
    request
}

/// Whether a job can do without the template of that name: one of the service's own, which nobody else
/// knows, beside groups that have all their outputs.
pub fn is_whole_without(name: &str, request: &Map<String, Value>) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default();
    let groups = request
        .get("settings")
        .map(|settings| &settings["outputGroups"]);
    let groups = groups.and_then(Value::as_array);
    let whole = |group: &Value| {
        is_set(group.get("outputGroupSettings"))
            && group["outputs"]
                .as_array()
                .is_some_and(|outputs| !outputs.is_empty())
    };
    name.starts_with(SYSTEM)
        && groups.is_some_and(|groups| !groups.is_empty() && groups.iter().all(whole))
}

/// Completes outputs by the presets that they name. `find` gives the settings of a preset. Tells of
/// those that are the service's own.
///
/// # Errors
///
/// The message of the refusal.
pub fn with_presets(
    settings: &mut Value,
    find: impl Fn(&str) -> Option<Value>,
) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    let groups = settings["outputGroups"].as_array_mut();
    for (number, group) in groups.into_iter().flatten().enumerate() {
        let outputs = group["outputs"].as_array_mut();
        for (index, output) in outputs.into_iter().flatten().enumerate() {
            let at = format!("/outputGroups/{number}/outputs/{index}");
            let Some(name) = output["preset"].as_str().map(ToOwned::to_owned) else {
                continue;
            };
            if !output["containerSettings"].is_null() {
                return Err(format!(
                    "{at}: Should have a preset or containerSettings, not both"
                ));
            }
            let preset = find(&name)
                .ok_or_else(|| format!("{at}/preset: The preset {name} was not found"))?;
            if name.starts_with(SYSTEM) {
                warnings.push(format!(
                    "{at}/preset: {name} is made of what its name says."
                ));
            }
            for member in OF_PRESETS {
                let own = output[member].take();
                let whole = merged(preset[member].clone(), own);
                if let Some(output) = output.as_object_mut() {
                    match whole {
                        Value::Null => output.remove(member),
                        whole => output.insert(member.to_owned(), whole),
                    };
                }
            }
        }
    }
    Ok(warnings)
}

fn is_set(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

/// `base`, and over it what `over` says.
fn merged(base: Value, over: Value) -> Value {
    match (base, over) {
        (base, Value::Null) => base,
        (Value::Object(mut base), Value::Object(over)) => {
            // What belongs to another codec or container is of no use.
            let other = |kind: &str| matches!((base.get(kind), over.get(kind)), (Some(a), Some(b)) if a != b);
            if KINDS.iter().any(|kind| other(kind)) {
                return Value::Object(over);
            }
            for (name, value) in over {
                let before = base.get_mut(&name).map(Value::take);
                base.insert(name, merged(before.unwrap_or(Value::Null), value));
            }
            Value::Object(base)
        }
        (Value::Array(base), Value::Array(over)) if over.iter().all(Value::is_object) => {
            let mut over = over.into_iter();
            let mut both: Vec<Value> = base
                .into_iter()
                .map(|base| merged(base, over.next().unwrap_or(Value::Null)))
                .collect();
            both.extend(over);
            Value::Array(both)
        }
        (_, over) => over,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_job_wins_over_its_template() {
        let template = json!({"priority": 3, "queue": "slow", "settings": {
            "timecodeConfig": {"source": "ZEROBASED"},
            "inputs": [{"audioSelectors": {"A": {"tracks": [1]}}, "timecodeSource": "ZEROBASED"}],
            "outputGroups": [
                {"name": "one", "outputs": [{"nameModifier": "_a"}, {"nameModifier": "_b"}],
                 "outputGroupSettings": {"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": {"segmentLength": 6}}},
                {"name": "two"}]}});
        let job = json!({"role": "r", "priority": 5, "settings": {
            "inputs": [{"fileInput": "s3://a/b", "audioSelectors": {"A": {"tracks": [2, 3]}}}, {"fileInput": "s3://a/c"}],
            "outputGroups": [{"outputs": [{"nameModifier": "_x"}],
                "outputGroupSettings": {"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": {"destination": "s3://o/p"}}}]}});
        let both = with_template(object(&job), &object(&template));
        let expected = json!({"role": "r", "priority": 5, "queue": "slow", "settings": {
            "timecodeConfig": {"source": "ZEROBASED"},
            "inputs": [
                {"audioSelectors": {"A": {"tracks": [2, 3]}}, "timecodeSource": "ZEROBASED", "fileInput": "s3://a/b"},
                {"fileInput": "s3://a/c"}],
            "outputGroups": [
                {"name": "one", "outputs": [{"nameModifier": "_x"}, {"nameModifier": "_b"}],
                 "outputGroupSettings": {"type": "HLS_GROUP_SETTINGS",
                     "hlsGroupSettings": {"segmentLength": 6, "destination": "s3://o/p"}}},
                {"name": "two"}]}});
        assert_eq!(Value::Object(both), expected);
    }

    #[test]
    fn another_codec_takes_the_place_of_the_whole_settings() {
        let base = json!({"codec": "H_264", "h264Settings": {"bitrate": 1}});
        let over = json!({"codec": "H_265", "h265Settings": {"bitrate": 2}});
        assert_eq!(merged(base, over.clone()), over);
    }

    #[test]
    fn a_preset_completes_its_output() {
        let preset = json!({
            "containerSettings": {"container": "MP4"},
            "videoDescription": {"width": 640, "codecSettings": {"codec": "H_264"}},
        });
        let find = |name: &str| (name == "mine").then(|| preset.clone());
        let mut settings = json!({"outputGroups": [{"outputs": [
            {"preset": "mine", "videoDescription": {"width": 320}}, {"nameModifier": "x"}]}]});
        assert_eq!(with_presets(&mut settings, find), Ok(Vec::new()));
        assert_eq!(
            settings,
            json!({"outputGroups": [{"outputs": [
                {"preset": "mine", "containerSettings": {"container": "MP4"},
                 "videoDescription": {"width": 320, "codecSettings": {"codec": "H_264"}}},
                {"nameModifier": "x"}]}]})
        );
    }

    #[test]
    fn a_job_that_holds_all_does_without_a_template_of_the_service() {
        let group = json!({"outputGroupSettings": {"type": "HLS_GROUP_SETTINGS"}, "outputs": [{"preset": "p"}]});
        let whole = object(&json!({"settings": {"outputGroups": [group]}}));
        let arn =
            "arn:aws:mediaconvert:us-east-1:000000000000:jobTemplates/System-Ott_Hls_Ts_Avc_Aac";
        assert!(is_whole_without("System-Ott_Hls_Ts_Avc_Aac", &whole));
        assert!(is_whole_without(arn, &whole));
        assert!(!is_whole_without("mine", &whole));
        let empty = object(&json!({"settings": {"outputGroups": [{"outputs": []}]}}));
        assert!(!is_whole_without("System-Ott_Hls_Ts_Avc_Aac", &empty));
    }

    #[test]
    fn a_preset_that_is_unknown_or_beside_a_container_is_refused() {
        for output in [
            json!({"preset": "no"}),
            json!({"preset": "no", "containerSettings": {"container": "MP4"}}),
        ] {
            let mut settings = json!({"outputGroups": [{"outputs": [output]}]});
            let refusal = with_presets(&mut settings, |_| None).unwrap_err();
            assert!(
                refusal.starts_with("/outputGroups/0/outputs/0"),
                "{refusal}"
            );
        }
    }
}
