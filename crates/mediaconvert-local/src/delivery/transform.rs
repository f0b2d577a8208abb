//! Input paths and transformers of EventBridge targets:
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>.

use serde_json::Value;

/// What a JSON path such as `$.detail.jobId` or `$.resources[0]` leads to.
pub fn select<'a>(path: &str, event: &'a Value) -> Option<&'a Value> {
    let mut value = event;
    for step in path.strip_prefix('$')?.split('.') {
        let (name, indexes) = step.split_at(step.find('[').unwrap_or(step.len()));
        if !name.is_empty() {
            value = value.get(name)?;
        }
        for index in indexes.split('[').skip(1) {
            let index = index.strip_suffix(']')?;
            value = match index.parse::<usize>() {
                Ok(index) => value.get(index)?,
                Err(_) => value.get(index.trim_matches(['\'', '"']))?,
            };
        }
    }
    Some(value)
}

/// Fills a template in. Inside a JSON string a placeholder stands for text, elsewhere for a JSON
/// value.
///
/// # Errors
///
/// A sentence about a template that can't be filled in.
pub fn apply<'a>(
    template: &str,
    paths: impl Iterator<Item = (&'a str, &'a str)>,
    event: &Value,
    rule: &str,
) -> Result<String, String> {
    let mut values: Vec<(String, Value)> = paths
        .filter_map(|(name, path)| Some((name.to_owned(), select(path, event)?.clone())))
        .collect();
    values.push(("aws.events.rule-arn".to_owned(), rule.into()));
    values.push(("aws.events.event".to_owned(), event.clone()));
    values.push(("aws.events.event.json".to_owned(), event.clone()));
    values.push((
        "aws.events.event.ingestion-time".to_owned(),
        event["time"].clone(),
    ));
    let is_json = template.trim_start().starts_with(['{', '[', '"']);
    let mut text = String::new();
    let mut in_string = false;
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        if let Some(end) = rest.strip_prefix('<').and_then(|after| after.find('>')) {
            let name = &rest[1..=end];
            let value = values
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value);
            text.push_str(&fill(value, in_string || !is_json));
            rest = &rest[end + 2..];
            continue;
        }
        if is_json && c == '\\' {
            let end = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
            text.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        in_string ^= c == '"';
        text.push(c);
        rest = &rest[c.len_utf8()..];
    }
    if is_json && serde_json::from_str::<Value>(&text).is_err() {
        return Err("its input transformer makes no JSON".to_owned());
    }
    // A payload has to be JSON: free text travels as a string.
    Ok(if is_json {
        text
    } else {
        Value::String(text).to_string()
    })
}

fn fill(value: Option<&Value>, as_text: bool) -> String {
    match (value, as_text) {
        (None, true) => String::new(),
        (None, false) => "null".to_owned(),
        (Some(value), false) => value.to_string(),
        (Some(value), true) => {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), ToOwned::to_owned);
            let quoted = Value::String(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({"resources": ["arn:job"], "time": "now", "detail": {"jobId": "1-a", "errorCode": 1404,
               "errorMessage": "no \"such\" file", "userMetadata": {"id": "v"}}})
    }

    fn filled(template: &str) -> Result<String, String> {
        let paths = [
            ("job", "$.detail.jobId"),
            ("code", "$.detail.errorCode"),
            ("why", "$.detail.errorMessage"),
            ("meta", "$.detail.userMetadata"),
            ("gone", "$.detail.nothing"),
        ];
        apply(template, paths.into_iter(), &event(), "arn:rule")
    }

    #[test]
    fn a_path_leads_into_objects_and_arrays() {
        assert_eq!(select("$.resources[0]", &event()), Some(&json!("arn:job")));
        assert_eq!(select("$.detail['jobId']", &event()), Some(&json!("1-a")));
        assert_eq!(select("$", &event()), Some(&event()));
        assert_eq!(select("$.detail.x.y", &event()), None);
    }

    #[test]
    fn placeholders_are_values_outside_of_strings_and_text_inside() {
        assert_eq!(
            filled(
                r#"{"id": <job>, "n": <code>, "m": <meta>, "t": "job <job>: <why>", "g": <gone>}"#
            )
            .unwrap(),
            r#"{"id": "1-a", "n": 1404, "m": {"id":"v"}, "t": "job 1-a: no \"such\" file", "g": null}"#
        );
    }

    #[test]
    fn free_text_travels_as_a_string() {
        assert_eq!(
            filled("Job <job> by <aws.events.rule-arn>").unwrap(),
            r#""Job 1-a by arn:rule""#
        );
    }

    #[test]
    fn a_template_that_makes_no_json_is_refused() {
        assert!(filled(r#"{"id": <job> <job>}"#).is_err());
    }
}
