//! What becomes of each setting: honoured, approximated, without effect here, or refused. Whatever
//! is not in the table is accepted and listed in the job's warnings: nothing is silently dropped.

mod audio;
mod captions;
mod input;
mod job;
mod output;
mod output_group;
mod picture;
mod video;

use serde_json::Value;

use crate::schema::escape;

/// What becomes of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Done as the service does it.
    Honoured,
    /// Done in another way, that the text tells.
    Approximated(&'static str),
    /// Nothing has to be done, for the reason in the text.
    Harmless(&'static str),
    /// These values need nothing to be done; others become a warning.
    Only(&'static [&'static str]),
    /// These values are honoured; others are refused, since the output would be something else.
    Among(&'static [&'static str]),
    /// Refused, for the reason in the text.
    Refused(&'static str),
}

use Support::{Among, Only, Refused};

/// Settings below one place. `*` stands for an index or a name.
pub struct Group {
    /// Path of the place, from the settings.
    pub place: &'static str,
    /// Paths from there, with what becomes of them and of all below.
    pub fields: &'static [(&'static str, Support)],
}

/// The table, by parts; the README is made of the same.
pub const TABLE: &[&[Group]] = &[
    job::GROUPS,
    input::GROUPS,
    output_group::GROUPS,
    output::GROUPS,
    picture::GROUPS,
    video::GROUPS,
    audio::GROUPS,
    captions::GROUPS,
];

/// Members whose own members are named by the caller.
const MAPS: [&str; 4] = [
    "audioSelectors",
    "audioSelectorGroups",
    "captionSelectors",
    "dynamicAudioSelectors",
];

/// Looks at each setting that is there. What is refused comes as an error, of the form of
/// [`crate::validate`]; what is not done, as warnings.
///
/// # Errors
///
/// The first setting that is refused.
pub fn examine(settings: &Value) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    visit(settings, "", "", &mut warnings)?;
    Ok(warnings)
}

fn visit(value: &Value, at: &str, pattern: &str, warnings: &mut Vec<String>) -> Result<(), String> {
    match lookup(pattern) {
        Some(Refused(reason)) if !is_empty(value) => {
            return Err(format!("{at}: this server refuses the setting: {reason}"));
        }
        Some(Among(values)) if !allows(values, value) => {
            return Err(format!(
                "{at}: this server refuses {value}: it supports {}",
                values.join(", ")
            ));
        }
        Some(Only(values)) if !allows(values, value) => {
            warnings.push(format!("{at}: {value} has no effect on this server."));
            return Ok(());
        }
        Some(_) => return Ok(()),
        None => {}
    }
    match value {
        Value::Null => Ok(()),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            // Names in a map are the caller's own.
            let map = pattern
                .rsplit('/')
                .next()
                .is_some_and(|last| MAPS.contains(&last));
            let step = if map { "*" } else { name };
            visit(
                member,
                &format!("{at}/{}", escape(name)),
                &join(pattern, step),
                warnings,
            )
        }),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().try_for_each(|(index, item)| {
                visit(
                    item,
                    &format!("{at}/{index}"),
                    &join(pattern, "*"),
                    warnings,
                )
            })
        }
        Value::Array(items) if items.is_empty() => Ok(()),
        _ => {
            warnings.push(format!("{at}: the setting has no effect on this server."));
            Ok(())
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn allows(values: &[&str], value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => values.contains(&text.as_str()),
        other => values.contains(&other.to_string().as_str()),
    }
}

fn join(pattern: &str, step: &str) -> String {
    if pattern.is_empty() {
        step.to_owned()
    } else {
        format!("{pattern}/{step}")
    }
}

fn lookup(pattern: &str) -> Option<Support> {
    TABLE.iter().copied().flatten().find_map(|group| {
        let rest = match group.place {
            "" => Some(pattern),
            place => pattern
                .strip_prefix(place)
                .and_then(|rest| rest.strip_prefix('/')),
        }?;
        group
            .fields
            .iter()
            .find(|(path, _)| *path == rest)
            .map(|(_, support)| *support)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Support::{Approximated, Harmless, Honoured};
    use super::*;

    #[test]
    fn a_setting_without_effect_is_named_in_a_warning() {
        let settings = json!({"inputs": [{"fileInput": "s3://b/k", "programNumber": 2, "filterEnable": "FORCE",
            "audioSelectors": {"a/b": {"tracks": [1], "audioDurationCorrection": "TRACK"}}}]});
        insta::assert_json_snapshot!(examine(&settings).unwrap(), @r#"
        [
          "/inputs/0/programNumber: the setting has no effect on this server.",
          "/inputs/0/filterEnable: \"FORCE\" has no effect on this server.",
          "/inputs/0/audioSelectors/a~1b/audioDurationCorrection: \"TRACK\" has no effect on this server."
        ]
        "#);
    }

    #[test]
    fn another_picture_is_refused() {
        let output = |codec: &str| json!({"outputGroups": [{"outputs": [{"videoDescription": {"codecSettings": {"codec": codec}}}]}]});
        assert_eq!(
            examine(&output("MPEG2")).unwrap_err(),
            "/outputGroups/0/outputs/0/videoDescription/codecSettings/codec: this server refuses \"MPEG2\": \
             it supports H_264, H_265, AV1, VP9, VP8, PRORES, GIF, FRAME_CAPTURE"
        );
        assert_eq!(examine(&output("H_264")), Ok(Vec::new()));
    }

    #[test]
    fn each_path_of_the_table_exists_in_the_model() {
        for group in TABLE.iter().copied().flatten() {
            for (path, _) in group.fields {
                let path = if group.place.is_empty() {
                    (*path).to_owned()
                } else {
                    format!("{}/{path}", group.place)
                };
                assert!(crate::schema::has_path("JobSettings", &path), "{path}");
            }
        }
    }

    /// `UPDATE_README=1` writes the table anew.
    #[test]
    fn the_readme_has_the_same_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let readme = std::fs::read_to_string(path).unwrap();
        let head = "| setting | what becomes of it |\n| --- | --- |\n";
        let (before, table) = readme.split_once(head).unwrap();
        let rows: String = table_rows().map(|row| row + "\n").collect();
        if std::env::var_os("UPDATE_README").is_some() {
            std::fs::write(path, format!("{before}{head}{rows}")).unwrap();
            return;
        }
        assert!(
            table == rows,
            "run `UPDATE_README=1 cargo test -p mediaconvert-local the_readme` to update the table"
        );
    }

    fn table_rows() -> impl Iterator<Item = String> {
        TABLE.iter().copied().flatten().flat_map(|group| {
            group.fields.iter().map(|(path, support)| {
                let place = group.place.replace("/*", "[]").replace('/', ".");
                let path = path.replace('/', ".");
                let dot = if place.is_empty() { "" } else { "." };
                let what = match support {
                    Honoured => "honoured".to_owned(),
                    Approximated(how) => format!("approximated: {how}"),
                    Harmless(why) => format!("nothing to do: {why}"),
                    Only([]) => "warning".to_owned(),
                    Only(values) => {
                        format!("nothing to do for {}; others: warning", values.join(", "))
                    }
                    Among(values) => format!("honoured: {}; others: refused", values.join(", ")),
                    Refused(why) => format!("refused: {why}"),
                };
                format!("| `{place}{dot}{path}` | {what} |")
            })
        })
    }
}
