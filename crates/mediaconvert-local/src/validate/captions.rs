//! Rules of captions:
//! <https://docs.aws.amazon.com/mediaconvert/latest/ug/including-captions.html>.

use std::collections::BTreeSet;

use crate::schema;
use crate::settings::{
    CaptionDescription, CaptionDestinationType, CaptionSelector, CaptionSourceType, Codec,
    Container, Input, Output, OutputGroup, OutputGroupSettings, Settings,
};

use super::source;

/// Endings that the service accepts.
const EXTENSIONS: [&str; 9] = [
    "scc", "ttml", "dfxp", "stl", "srt", "xml", "smi", "vtt", "webvtt",
];

/// Selectors of an input at most.
const MOST_SELECTORS: usize = 100;

pub(super) fn selectors(input: &Input, at: &str) -> Result<(), String> {
    let at = format!("{at}/captionSelectors");
    if input.caption_selectors.len() > MOST_SELECTORS {
        return Err(format!("{at}: Should have at most {MOST_SELECTORS} items"));
    }
    for (name, selector) in &input.caption_selectors {
        self::selector(selector, &format!("{at}/{}", schema::escape(name)))?;
    }
    Ok(())
}

fn selector(selector: &CaptionSelector, at: &str) -> Result<(), String> {
    let at = format!("{at}/sourceSettings");
    let settings = &selector.source_settings;
    let kind = settings
        .source_type
        .ok_or_else(|| format!("{at}: sourceType is a required property"))?;
    let Some(file) = &settings.file_source_settings else {
        let in_files = [
            CaptionSourceType::Scc,
            CaptionSourceType::Ttml,
            CaptionSourceType::SmpteTt,
            CaptionSourceType::Smi,
        ];
        if in_files.contains(&kind) {
            return Err(format!("{at}: fileSourceSettings is a required property"));
        }
        return Ok(());
    };
    let at = format!("{at}/fileSourceSettings/sourceFile");
    source(&file.source_file, &at)?;
    let extension = file.source_file.rsplit('.').next().unwrap_or_default();
    if !EXTENSIONS.contains(&extension.to_lowercase().as_str()) {
        return Err(format!(
            "{at}: Should end in one of {}",
            EXTENSIONS.join(", ")
        ));
    }
    Ok(())
}

pub(super) fn outputs(settings: &Settings) -> Result<(), String> {
    let names: BTreeSet<&str> = settings
        .inputs
        .iter()
        .flat_map(|input| input.caption_selectors.keys())
        .map(String::as_str)
        .collect();
    for (number, group) in settings.output_groups.iter().enumerate() {
        for (index, output) in group.outputs.iter().enumerate() {
            let at = format!("/outputGroups/{number}/outputs/{index}/captionDescriptions");
            self::output(group, output, &names, &at)?;
        }
    }
    Ok(())
}

fn output(
    group: &OutputGroup,
    output: &Output,
    names: &BTreeSet<&str>,
    at: &str,
) -> Result<(), String> {
    let alone = output.video_description.is_none() && output.audio_descriptions.is_empty();
    if alone && output.caption_descriptions.len() > 1 {
        return Err(format!("{at}: Should have at most 1 items"));
    }
    for (index, description) in output.caption_descriptions.iter().enumerate() {
        let at = format!("{at}/{index}");
        self::description(group, output, description, &at)?;
        if !names.contains(description.selector()) {
            return Err(format!(
                "{at}/captionSelectorName: '{}' is not a caption selector of any input",
                description.selector()
            ));
        }
    }
    Ok(())
}

fn description(
    group: &OutputGroup,
    output: &Output,
    description: &CaptionDescription,
    at: &str,
) -> Result<(), String> {
    use CaptionDestinationType::{BurnIn, Embedded, Imsc, Srt, Ttml};
    let at = format!("{at}/destinationSettings");
    let kind = description
        .kind()
        .ok_or_else(|| format!("{at}: destinationType is a required property"))?;
    let at = format!("{at}/destinationType");
    if matches!(kind, BurnIn | Embedded) {
        if output.video_description.is_none() {
            return Err(format!("{at}: Should be in an output with a video"));
        }
        let codec = output
            .video_description
            .as_ref()
            .and_then(|video| Some(video.codec_settings.encoder()?.0));
        if kind == Embedded && codec != Some(Codec::H264) {
            return Err(format!(
                "{at}: this server keeps embedded captions only in H_264"
            ));
        }
        if codec.is_none() {
            return Err(format!(
                "{at}: this server draws no captions into frame captures"
            ));
        }
        return Ok(());
    }
    if output.video_description.is_some() || !output.audio_descriptions.is_empty() {
        return Err(format!(
            "{at}: Should be in an output without video and audio"
        ));
    }
    let container = output
        .container_settings
        .as_ref()
        .and_then(|settings| settings.container);
    match &group.output_group_settings {
        OutputGroupSettings::FileGroupSettings { .. } => {
            if container != Some(Container::Raw) {
                return Err(format!("{at}: Should be in a RAW container"));
            }
            Ok(())
        }
        _ if matches!(kind, Srt | Ttml) => Err(format!(
            "{at}: Should be one of WEBVTT, IMSC in this type of output group"
        )),
        _ if kind == Imsc => Err(format!(
            "{at}: this server writes IMSC only into files of their own"
        )),
        _ => Ok(()),
    }
}
