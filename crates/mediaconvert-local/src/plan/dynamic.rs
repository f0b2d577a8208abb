//! Sound of inputs whose tracks are not known beforehand: `dynamicAudioSelectors`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::media::Media;
use crate::settings::{
    AudioDescription, AudioSelector, Container, DynamicAudioSelector, DynamicSelectorType, Output,
    OutputGroup, Settings, StreamKind,
};
use crate::sources::Sources;

use super::PlanError;

/// The same settings with a selector for each track that a dynamic one finds, and a description of
/// sound for each of those where one names it.
///
/// # Errors
///
/// When inputs differ in how many tracks there are, or an output holds but one.
pub(super) fn resolved<'a>(
    settings: &'a Settings,
    sources: &Sources,
) -> Result<Cow<'a, Settings>, PlanError> {
    let mut inputs = settings.inputs.iter();
    if inputs.all(|input| input.dynamic_audio_selectors.is_empty()) {
        return Ok(Cow::Borrowed(settings));
    }
    let mut resolved = settings.clone();
    let mut counts = BTreeMap::new();
    for (number, (input, files)) in resolved.inputs.iter_mut().zip(&sources.inputs).enumerate() {
        for (name, selector) in std::mem::take(&mut input.dynamic_audio_selectors) {
            let external = selector.external_audio_file_input.as_deref();
            let external = external.and_then(|url| sources.sounds.get(url));
            let tracks = found(&selector, &external.unwrap_or(files).media);
            let count = *counts.entry(name.clone()).or_insert(tracks.len());
            if tracks.len() != count {
                return Err(PlanError::Unsupported(format!(
                    "dynamic audio selector '{name}' finds {} tracks in input {}, and {count} in the one before, \
                     but all inputs should have the same number",
                    tracks.len(),
                    number + 1
                )));
            }
            for (index, track) in tracks.into_iter().enumerate() {
                let selector = AudioSelector {
                    tracks: vec![track],
                    external_audio_file_input: selector.external_audio_file_input.clone(),
                    offset: selector.offset,
                    ..AudioSelector::default()
                };
                input
                    .audio_selectors
                    .insert(of_track(&name, index), selector);
            }
        }
    }
    for group in &mut resolved.output_groups {
        for index in 0..group.outputs.len() {
            repeat(group, index, &counts)?;
        }
    }
    Ok(Cow::Owned(resolved))
}

/// Numbers of the tracks, among those of sound and from 1.
fn found(selector: &DynamicAudioSelector, media: &Media) -> Vec<u32> {
    let fits = |language: Option<&str>| match selector.selector_type {
        DynamicSelectorType::AllTracks => true,
        DynamicSelectorType::LanguageCode => language
            .zip(selector.language_code.as_deref())
            .is_some_and(|(own, wanted)| own.eq_ignore_ascii_case(wanted)),
    };
    let numbered = (1..).zip(media.audio());
    numbered
        .filter(|(_, (track, _))| fits(track.language.as_deref()))
        .map(|(number, _)| number)
        .collect()
}

/// The name of the selector of one track. No caller can give such a name to another.
fn of_track(name: &str, index: usize) -> String {
    format!("{name}\0{index}")
}

fn repeat(
    group: &mut OutputGroup,
    index: usize,
    counts: &BTreeMap<String, usize>,
) -> Result<(), PlanError> {
    let holds_one = holds_one(group, &group.outputs[index]);
    let output = &mut group.outputs[index];
    let mut repeated = Vec::new();
    for description in std::mem::take(&mut output.audio_descriptions) {
        let named = description.audio_source_name.as_ref();
        let Some((name, count)) = named.and_then(|name| counts.get_key_value(name)) else {
            repeated.push(description);
            continue;
        };
        if holds_one && *count > 1 {
            return Err(PlanError::Unsupported(format!(
                "dynamic audio selector '{name}' finds {count} tracks, but output '{}' holds one: \
                 use an audio selector for each, or an output group whose outputs hold several",
                output.name_modifier
            )));
        }
        repeated.extend((0..*count).map(|index| AudioDescription {
            audio_source_name: Some(of_track(name, index)),
            ..description.clone()
        }));
    }
    output.audio_descriptions = repeated;
    Ok(())
}

/// Whether an output has room for one sound only.
fn holds_one(group: &OutputGroup, output: &Output) -> bool {
    if let Some(settings) = group.output_group_settings.streaming() {
        return settings.kind != StreamKind::Hls || output.video_description.is_none();
    }
    let container = output.container_settings.as_ref();
    container.and_then(|settings| settings.container) == Some(Container::Raw)
}
