//! Format identifiers in names:
//! <https://docs.aws.amazon.com/mediaconvert/latest/ug/using-variables-in-your-job-settings.html>.
//!
//! An identifier stands between dollar signs; `$h%04$` is the height with at least four digits.
//! `$$` is one dollar sign. `$Number$` and `$Bandwidth$` belong to DASH.

use crate::manifest::NUMBER;
use crate::settings::{OutputGroupSettings, Settings};

/// Identifiers of destinations.
pub const OF_DESTINATIONS: [&str; 4] = ["dt", "d", "t", "fn"];
/// Identifiers of name modifiers, but for those of DASH.
pub const OF_OUTPUTS: [&str; 11] = ["dt", "d", "t", "fn", "rv", "ra", "rc", "w", "h", "f", "ex"];

/// What an output is called by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// File name of the first input, without extension.
    pub input: String,
    /// Pixels.
    pub size: Option<(u32, u32)>,
    /// Frames per second.
    pub frame_rate: Option<f64>,
    /// Bits per second.
    pub video_bitrate: Option<u32>,
    /// Bits per second of all sounds.
    pub audio_bitrate: u32,
    /// Without the dot.
    pub extension: String,
}

impl Facts {
    /// The value of an identifier; the empty text for what the output doesn't have.
    fn value(&self, name: &str) -> Option<String> {
        let number = |value: Option<u32>| value.map_or(String::new(), |value| value.to_string());
        let kilobits = |bits: u32| bits / 1000;
        let all = self
            .video_bitrate
            .unwrap_or_default()
            .saturating_add(self.audio_bitrate);
        Some(match name {
            "fn" => self.input.clone(),
            "w" => number(self.size.map(|(width, _)| width)),
            "h" => number(self.size.map(|(_, height)| height)),
            "f" => self
                .frame_rate
                .map_or(String::new(), |rate| format!("{}", rate.trunc())),
            "rv" => number(self.video_bitrate.map(kilobits)),
            "ra" => kilobits(self.audio_bitrate).to_string(),
            "rc" => kilobits(all).to_string(),
            "Bandwidth" => all.to_string(),
            "ex" => self.extension.clone(),
            _ => return None,
        })
    }

    /// A name with all that an output tells. `$Number$` stays: each segment has its own.
    pub fn resolve(&self, text: &str) -> String {
        replace(text, true, |name| self.value(name))
    }
}

/// Puts the job's start, such as `2026-01-15T10:00:04Z`, into its names.
pub fn resolve_start(settings: &mut Settings, start: &str) {
    let digits: String = start
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == 'T')
        .collect();
    let (date, time) = digits.split_once('T').unwrap_or((&digits, ""));
    let resolve = |text: &mut String| {
        *text = replace(text, false, |name| match name {
            "dt" => Some(digits.clone()),
            "d" => Some(date.to_owned()),
            "t" => Some(time.to_owned()),
            _ => None,
        });
    };
    for group in &mut settings.output_groups {
        if let Some(destination) = destination(&mut group.output_group_settings) {
            resolve(destination);
        }
        for output in &mut group.outputs {
            resolve(&mut output.name_modifier);
            if let Some(modifier) = &mut output.output_settings.hls_settings.segment_modifier {
                resolve(modifier);
            }
        }
    }
}

fn destination(settings: &mut OutputGroupSettings) -> Option<&mut String> {
    match settings {
        OutputGroupSettings::CmafGroupSettings { cmaf: own }
        | OutputGroupSettings::HlsGroupSettings { hls: own }
        | OutputGroupSettings::DashIsoGroupSettings { dash: own } => own.destination.as_mut(),
        OutputGroupSettings::FileGroupSettings { file } => file.destination.as_mut(),
    }
}

/// The identifiers in a name, without their digits.
pub fn identifiers(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        let Some((inner, after)) = after.split_once('$') else {
            break;
        };
        if !inner.is_empty() {
            found.push(inner.split_once('%').map_or(inner, |(name, _)| name));
        }
        rest = after;
    }
    found
}

/// Replaces identifiers of which there is a value; `last` makes `$$` one dollar sign.
fn replace(text: &str, last: bool, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let Some((inner, after)) = after.split_once('$') else {
            out.push('$');
            out.push_str(after);
            return out;
        };
        rest = after;
        if inner.is_empty() {
            out.push_str(if last { "$" } else { "$$" });
            continue;
        }
        let (name, digits) = inner.split_once('%').unwrap_or((inner, ""));
        if let Some(value) = value(name) {
            let digits = digits.trim_end_matches('%').parse().unwrap_or(0);
            let missing = usize::saturating_sub(digits, value.len());
            out.extend(std::iter::repeat_n('0', missing));
            out.push_str(&value);
        } else {
            out.push('$');
            out.push_str(inner);
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

/// Whether each segment of a DASH output has its number within the name.
pub fn is_numbered(modifier: &str) -> bool {
    modifier.contains(NUMBER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn facts() -> Facts {
        Facts {
            input: "clip".to_owned(),
            size: Some((1280, 720)),
            frame_rate: Some(29.97),
            video_bitrate: Some(3_000_500),
            audio_bitrate: 128_000,
            extension: "mp4".to_owned(),
        }
    }

    #[test]
    fn an_output_tells_what_it_is() {
        assert_eq!(
            facts().resolve("$fn$_$w$x$h%05$_$f$_$rv$_$ra$_$rc$.$ex$"),
            "clip_1280x00720_29_3000_128_3128.mp4"
        );
        assert_eq!(
            facts().resolve("v$Number$_$Bandwidth$"),
            "v$Number$_3128500"
        );
        assert_eq!(facts().resolve("a$$b"), "a$b");
        assert_eq!(Facts::default().resolve("_$w$_"), "__");
    }

    #[test]
    fn the_start_of_the_job_comes_first() {
        let mut settings = Settings::from_json(&json!({"outputGroups": [{
            "outputGroupSettings": {
                "type": "HLS_GROUP_SETTINGS",
                "hlsGroupSettings": {"destination": "s3://b/$d$/$fn$"}
            },
            "outputs": [{
                "nameModifier": "_$t$_$$dt$$",
                "outputSettings": {"hlsSettings": {"segmentModifier": "$dt$"}}
            }]
        }]}))
        .unwrap();
        resolve_start(&mut settings, "2020-06-04T15:05:28Z");
        let group = &settings.output_groups[0];
        assert_eq!(
            group.output_group_settings.destination(),
            Some("s3://b/20200604/$fn$")
        );
        assert_eq!(group.outputs[0].name_modifier, "_150528_$$dt$$");
        let hls = &group.outputs[0].output_settings.hls_settings;
        assert_eq!(hls.segment_modifier.as_deref(), Some("20200604T150528"));
    }

    #[test]
    fn identifiers_are_found() {
        assert_eq!(identifiers("a$$b$h%04$c$x$d$"), ["h", "x"]);
    }

    proptest! {
        #[test]
        fn names_without_dollar_signs_stay(text in "[^$]{0,40}") {
            prop_assert_eq!(facts().resolve(&text), text);
        }

        #[test]
        fn no_name_makes_it_panic(text in "[$%a-z0-9]{0,40}") {
            let _ = facts().resolve(&text);
            let _ = identifiers(&text);
        }
    }
}
