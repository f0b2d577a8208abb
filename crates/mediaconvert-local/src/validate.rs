//! The rules that the service enforces beyond its model, in the order in which it is likely to.
//!
//! A refusal is one message of the form `<path>: <rule>`, where the path leads from the settings to
//! the place, as in those of the service.

mod audio;
mod captions;
mod metadata;
mod output_group;
mod overlay;
mod video;

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::plan::destination::{SOURCE_FORM, is_source, split_url};
use crate::plan::names;
use crate::schema;
use crate::settings::{
    CaptionDescription, Container, Input, Output, OutputGroup, OutputGroupSettings, Settings,
    TimecodeSource, Toggle, VideoCodecSettings,
};
use crate::support;
use crate::timecode::Timecode;

/// A request that passed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Settings that have no effect here.
    pub warnings: Vec<String>,
}

/// Longest `fileInput`, characters.
const LONGEST_INPUT: usize = 2048;

/// Inputs of a job:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/assembling-multiple-inputs-and-input-clips.html>.
const MOST_INPUTS: usize = 150;

/// Checks the request of `CreateJob`.
///
/// # Errors
///
/// The message of the refusal.
pub fn create_job(request: &Map<String, Value>) -> Result<Checked, String> {
    let mut rest = request.clone();
    let settings = rest.remove("settings").unwrap_or(Value::Null);
    for required in ["role", "settings"] {
        if request.get(required).is_none_or(Value::is_null) {
            return Err(format!("/: {required} is a required property"));
        }
    }
    // What is left out here is checked below, with paths from the settings.
    rest.insert("settings".to_owned(), Value::Object(Map::new()));
    first(schema::check("CreateJobRequest", &Value::Object(rest), ""))?;
    first(schema::check("JobSettings", &settings, ""))?;
    let mut warnings = around(request)?;
    metadata::check(request.get("userMetadata"))?;
    structure(&settings)?;
    warnings.extend(support::examine(&settings)?);
    let settings = Settings::from_json(&settings).map_err(|error| format!("/: {error}"))?;
    inputs(&settings)?;
    output_groups(&settings)?;
    captions::outputs(&settings)?;
    Ok(Checked { warnings })
}

fn first(problems: Vec<String>) -> Result<(), String> {
    problems.into_iter().next().map_or(Ok(()), Err)
}

/// The members beside the settings.
fn around(request: &Map<String, Value>) -> Result<Vec<String>, String> {
    let text = |member: &str| {
        request
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let role = text("role");
    if !role.starts_with("arn:") || !role.contains(":role/") {
        return Err(format!("/role: '{role}' should be the ARN of a role"));
    }
    let token = text("clientRequestToken");
    if token.len() > 64 || !token.is_ascii() {
        return Err("/clientRequestToken: Should have at most 64 ASCII characters".to_owned());
    }
    let version = text("jobEngineVersion");
    let is_date = |c: char| c.is_ascii_digit() || c == '-';
    if !version.is_empty() && (version.len() != 10 || !version.chars().all(is_date)) {
        return Err("/jobEngineVersion: Should be of the form YYYY-MM-DD".to_owned());
    }
    let mut warnings = Vec::new();
    let acceleration = request
        .get("accelerationSettings")
        .map(|settings| &settings["mode"]);
    if acceleration.is_some_and(|mode| mode != "DISABLED") {
        warnings
            .push("/accelerationSettings: the setting has no effect on this server.".to_owned());
    }
    Ok(warnings)
}

/// What has to be there before anything else can be told.
fn structure(settings: &Value) -> Result<(), String> {
    for member in ["inputs", "outputGroups"] {
        if settings[member].is_null() {
            return Err(format!("/: {member} is a required property"));
        }
        if settings[member].as_array().is_some_and(Vec::is_empty) {
            return Err(format!("/{member}: Should have at least 1 items"));
        }
    }
    for (number, group) in settings["outputGroups"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let at = format!("/outputGroups/{number}");
        required(group, &at, "outputGroupSettings")?;
        required(
            &group["outputGroupSettings"],
            &format!("{at}/outputGroupSettings"),
            "type",
        )?;
        required(group, &at, "outputs")?;
        let outputs = group["outputs"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if outputs.is_empty() {
            return Err(format!("{at}/outputs: Should have at least 1 items"));
        }
        for (index, output) in outputs.iter().enumerate() {
            let at = format!("{at}/outputs/{index}");
            if output["preset"].is_null() {
                required(output, &at, "containerSettings")?;
                required(
                    &output["containerSettings"],
                    &format!("{at}/containerSettings"),
                    "container",
                )?;
            }
            if let video @ Value::Object(_) = &output["videoDescription"] {
                let at = format!("{at}/videoDescription");
                required(video, &at, "codecSettings")?;
                required(
                    &video["codecSettings"],
                    &format!("{at}/codecSettings"),
                    "codec",
                )?;
            }
            for (track, audio) in output["audioDescriptions"]
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
            {
                let at = format!("{at}/audioDescriptions/{track}");
                required(audio, &at, "codecSettings")?;
                required(
                    &audio["codecSettings"],
                    &format!("{at}/codecSettings"),
                    "codec",
                )?;
            }
        }
    }
    Ok(())
}

fn required(object: &Value, at: &str, member: &str) -> Result<(), String> {
    if object[member].is_null() {
        return Err(format!("{at}: {member} is a required property"));
    }
    Ok(())
}

fn inputs(settings: &Settings) -> Result<(), String> {
    overlay::of_job(settings)?;
    if settings.inputs.len() > MOST_INPUTS {
        return Err(format!("/inputs: Should have at most {MOST_INPUTS} items"));
    }
    for (number, input) in settings.inputs.iter().enumerate() {
        let at = format!("/inputs/{number}");
        if input.file_input.is_empty() {
            return Err(format!("{at}: fileInput is a required property"));
        }
        if input.file_input.chars().count() > LONGEST_INPUT {
            return Err(format!(
                "{at}/fileInput: Should have at most {LONGEST_INPUT} characters"
            ));
        }
        source(&input.file_input, &format!("{at}/fileInput"))?;
        if input.file_input.to_lowercase().ends_with(".m3u8") {
            return Err(format!("{at}/fileInput: this server reads no HLS inputs"));
        }
        timecodes(input, &at)?;
        overlay::of_input(input, &at)?;
        captions::selectors(input, &at)?;
        audio::selectors(input, &at)?;
    }
    Ok(())
}

/// Of the URL of anything that is read.
fn source(url: &str, at: &str) -> Result<(), String> {
    if is_source(url) {
        return Ok(());
    }
    Err(format!("{at}: {SOURCE_FORM}"))
}

/// Of an input's clips and of its first frame.
fn timecodes(input: &Input, at: &str) -> Result<(), String> {
    let read = |text: &Option<String>, at: String| -> Result<Option<Timecode>, String> {
        let Some(text) = text else { return Ok(None) };
        let timecode = text.parse().map_err(|error| format!("{at}: {error}"))?;
        Ok(Some(timecode))
    };
    let start = read(&input.timecode_start, format!("{at}/timecodeStart"))?;
    if input.timecode_source == TimecodeSource::Specifiedstart && start.is_none() {
        return Err(format!("{at}: timecodeStart is a required property"));
    }
    for (number, clipping) in input.input_clippings.iter().enumerate() {
        let at = format!("{at}/inputClippings/{number}");
        let first = read(&clipping.start_timecode, format!("{at}/startTimecode"))?;
        let last = read(&clipping.end_timecode, format!("{at}/endTimecode"))?;
        match (first, last) {
            (None, None) => {
                return Err(format!(
                    "{at}: Should have a startTimecode or an endTimecode"
                ));
            }
            (Some(first), Some(last)) if first.is_after(last) => {
                return Err(format!(
                    "{at}/endTimecode: Should not be before startTimecode"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn output_groups(settings: &Settings) -> Result<(), String> {
    let mut names = HashSet::new();
    for (number, group) in settings.output_groups.iter().enumerate() {
        let at = format!("/outputGroups/{number}");
        destination(group, &at)?;
        output_group::check(group, &at)?;
        for (index, output) in group.outputs.iter().enumerate() {
            let at = format!("{at}/outputs/{index}");
            if output.name_modifier.is_empty() && needs_modifiers(group) {
                return Err(format!("{at}: nameModifier is a required property"));
            }
            identifiers(&output.name_modifier, group, &format!("{at}/nameModifier"))?;
            let segments = output
                .output_settings
                .hls_settings
                .segment_modifier
                .as_deref();
            let place = format!("{at}/outputSettings/hlsSettings/segmentModifier");
            identifiers(segments.unwrap_or_default(), group, &place)?;
            self::output(output, group, &at)?;
            let url = group
                .output_group_settings
                .destination()
                .unwrap_or_default();
            let name = format!("{url}{}.{}", output.name_modifier, extension(output));
            // What identifiers come to is known only together with the source, and automated ABR
            // makes modifiers of its own.
            let known = !output.name_modifier.contains('$') && !group.is_automated();
            if known && !names.insert(name) {
                return Err(format!(
                    "{at}/nameModifier: another output has the same name"
                ));
            }
        }
    }
    let stills = |output: &Output| {
        let codec = output
            .video_description
            .as_ref()
            .map(|video| &video.codec_settings);
        matches!(codec, Some(VideoCodecSettings::FrameCapture { .. }))
    };
    // The service doesn't support it; its words for that are not known.
    if settings
        .output_groups
        .iter()
        .flat_map(|group| &group.outputs)
        .all(stills)
    {
        return Err(
            "/outputGroups: Should have at least 1 output that is not a frame capture".to_owned(),
        );
    }
    Ok(())
}

/// Whether the files of outputs would have the names of others: the playlist of one that of the group.
fn needs_modifiers(group: &OutputGroup) -> bool {
    let Some(settings) = group.output_group_settings.streaming() else {
        return false;
    };
    let playlists = settings.write_hls_manifest == Toggle::Enabled;
    (group.outputs.len() > 1 || playlists) && !group.is_automated()
}

fn is_streaming(group: &OutputGroup) -> bool {
    group.output_group_settings.streaming().is_some()
}

fn extension(output: &Output) -> String {
    let container = output
        .container_settings
        .as_ref()
        .and_then(|settings| settings.container);
    let own = match container {
        Some(Container::Mp4) => "mp4",
        Some(Container::Mov) => "mov",
        Some(Container::M2ts) => "m2ts",
        Some(Container::Webm) => "webm",
        Some(Container::Gif) => "gif",
        Some(Container::Raw)
            if output.video_description.is_none() && output.audio_descriptions.is_empty() =>
        {
            let captions = output.caption_descriptions.first();
            return output
                .extension
                .clone()
                .unwrap_or_else(|| format!("{:?}", captions.and_then(CaptionDescription::kind)));
        }
        Some(Container::Raw) => "raw",
        _ => "cmf",
    };
    output.extension.clone().unwrap_or_else(|| own.to_owned())
}

fn destination(group: &OutputGroup, at: &str) -> Result<(), String> {
    let member = group.output_group_settings.member();
    let at = format!("{at}/outputGroupSettings/{member}");
    let url = group.output_group_settings.destination();
    let url = url.ok_or_else(|| format!("{at}: destination is a required property"))?;
    if split_url(url).is_none() {
        return Err(format!(
            "{at}/destination: Should be of the form s3://bucket/folder/name"
        ));
    }
    let unknown = |name: &&str| !names::OF_DESTINATIONS.contains(name);
    if let Some(name) = names::identifiers(url).into_iter().find(unknown) {
        return Err(format!(
            "{at}/destination: ${name}$ is no format identifier of a destination"
        ));
    }
    Ok(())
}

fn identifiers(text: &str, group: &OutputGroup, at: &str) -> Result<(), String> {
    let dash = matches!(
        group.output_group_settings,
        OutputGroupSettings::DashIsoGroupSettings { .. }
    );
    for name in names::identifiers(text) {
        let known = match name {
            "Number" | "Bandwidth" => dash,
            name => names::OF_OUTPUTS.contains(&name),
        };
        if !known {
            return Err(format!(
                "{at}: ${name}$ is no format identifier of this type of output group"
            ));
        }
    }
    // The service asks for it in all outputs of a group, or in none.
    if dash
        && group
            .outputs
            .iter()
            .any(|output| names::is_numbered(&output.name_modifier))
        && at.ends_with("/nameModifier")
        && !names::is_numbered(text)
    {
        return Err(format!(
            "{at}: Should contain $Number$, as other outputs of the group do"
        ));
    }
    Ok(())
}

fn output(output: &Output, group: &OutputGroup, at: &str) -> Result<(), String> {
    let container = output
        .container_settings
        .as_ref()
        .and_then(|settings| settings.container);
    let allowed: &[Container] = match &group.output_group_settings {
        OutputGroupSettings::CmafGroupSettings { .. } => &[Container::Cmfc],
        OutputGroupSettings::HlsGroupSettings { .. } => &[Container::M3u8, Container::Raw],
        OutputGroupSettings::DashIsoGroupSettings { .. } => &[Container::Mpd, Container::Cmfc],
        OutputGroupSettings::FileGroupSettings { .. } => {
            use Container::{Gif, M2ts, Mov, Mp4, Raw, Webm};
            &[Mp4, Mov, M2ts, Webm, Gif, Raw]
        }
    };
    if container.is_some_and(|container| !allowed.contains(&container)) {
        let names: Vec<&str> = allowed.iter().map(|container| container.name()).collect();
        return Err(format!(
            "{at}/containerSettings/container: Should be one of {} in this type of output group",
            names.join(", ")
        ));
    }
    let (video, sounds) = (&output.video_description, &output.audio_descriptions);
    let captions = &output.caption_descriptions;
    if video.is_none() && sounds.is_empty() && captions.is_empty() {
        return Err(format!(
            "{at}: Should have a videoDescription, audioDescriptions or captionDescriptions"
        ));
    }
    let hls = matches!(
        group.output_group_settings,
        OutputGroupSettings::HlsGroupSettings { .. }
    );
    if is_streaming(group) && !hls && usize::from(video.is_some()) + sounds.len() > 1 {
        return Err(format!(
            "{at}: Should have one video or one audio, and no more, in a CMAF or DASH ISO output group"
        ));
    }
    if hls && video.is_none() && sounds.len() > 1 {
        return Err(format!(
            "{at}/audioDescriptions: Should have at most 1 items in an output without video"
        ));
    }
    if let Some(video) = video {
        let stills = matches!(
            video.codec_settings,
            VideoCodecSettings::FrameCapture { .. }
        );
        if stills && container != Some(Container::Raw) {
            return Err(format!(
                "{at}/containerSettings/container: Should be RAW for the codec FRAME_CAPTURE"
            ));
        }
        if matches!(container, Some(Container::Raw | Container::Gif)) && !sounds.is_empty() {
            return Err(format!(
                "{at}/audioDescriptions: Should not be set beside a videoDescription in this container"
            ));
        }
        video::check(video, container, group, &format!("{at}/videoDescription"))?;
    } else if container == Some(Container::Gif) {
        return Err(format!("{at}: videoDescription is a required property"));
    } else if container == Some(Container::Raw) && sounds.len() > 1 {
        return Err(format!(
            "{at}/audioDescriptions: Should have at most 1 items in the container RAW"
        ));
    }
    for (track, audio) in sounds.iter().enumerate() {
        audio::check(audio, container, &format!("{at}/audioDescriptions/{track}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
