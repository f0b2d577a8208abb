//! Captions: from files beside the source, and from inside of it, to WebVTT in the streams.

use std::collections::HashMap;

use aws_sdk_mediaconvert::types::{
    AncillarySourceSettings, CaptionDescription, CaptionDestinationSettings,
    CaptionDestinationType, CaptionSelector, CaptionSourceSettings, CaptionSourceType,
    EmbeddedSourceSettings, FileSourceSettings, Output, WebvttDestinationSettings,
    WebvttStylePassthrough,
};

use super::cmaf;
use crate::captions::{Format, Origin, Track, UNKNOWN};
use crate::source::Source;

/// The input's selectors, by name.
pub(super) fn selectors(
    source: &Source,
    tracks: &[Track],
) -> Option<HashMap<String, CaptionSelector>> {
    let selectors = tracks
        .iter()
        .map(|track| (track.name(), selector(source, track)));
    Some(selectors.collect()).filter(|selectors: &HashMap<_, _>| !selectors.is_empty())
}

fn selector(source: &Source, track: &Track) -> CaptionSelector {
    let settings = CaptionSourceSettings::builder();
    let settings = match &track.origin {
        Origin::File { key, format } => {
            let file = FileSourceSettings::builder()
                .source_file(format!("s3://{}/{key}", source.bucket))
                .build();
            settings
                .source_type(match format {
                    Format::WebVtt => CaptionSourceType::Webvtt,
                    Format::Srt => CaptionSourceType::Srt,
                    Format::Ttml => CaptionSourceType::Ttml,
                    Format::Scc => CaptionSourceType::Scc,
                })
                .file_source_settings(file)
        }
        Origin::Picture { channel } => settings
            .source_type(CaptionSourceType::Embedded)
            .embedded_source_settings(
                EmbeddedSourceSettings::builder()
                    .source608_channel_number((*channel).into())
                    .build(),
            ),
        Origin::Ancillary { ancillary } => settings
            .source_type(CaptionSourceType::Ancillary)
            .ancillary_source_settings(
                AncillarySourceSettings::builder()
                    .source_ancillary_channel_number((*ancillary).into())
                    .build(),
            ),
    };
    CaptionSelector::builder()
        .source_settings(settings.build())
        .build()
}

/// The output of a track: CMAF takes WebVTT, one track an output.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/ttml-and-webvtt-output-captions.html>.
pub(super) fn output(track: &Track) -> Output {
    let webvtt = WebvttDestinationSettings::builder()
        // Places and colours, where the file has them and WebVTT knows them.
        .style_passthrough(WebvttStylePassthrough::Enabled)
        .build();
    let known = Some(&track.language).filter(|tag| *tag != UNKNOWN);
    Output::builder()
        .name_modifier(format!("_{}", track.name()))
        .container_settings(cmaf::container(None))
        .caption_descriptions(
            CaptionDescription::builder()
                .caption_selector_name(track.name())
                .set_custom_language_code(known.and_then(|tag| custom_code(tag)))
                .language_description(&track.label)
                .destination_settings(
                    CaptionDestinationSettings::builder()
                        .destination_type(CaptionDestinationType::Webvtt)
                        .webvtt_destination_settings(webvtt)
                        .build(),
                )
                .build(),
        )
        .build()
}

/// As much of a language's tag as the service takes: subtags of letters, so that `es-419` becomes `es`. Names and labels of
/// tracks keep the whole tag, which tells two of the same code apart.
/// Source: the pattern of `CaptionDescription.customLanguageCode` in the service model, `^[A-Za-z]{2,3}(-[A-Za-z-]+)?$`.
fn custom_code(tag: &str) -> Option<String> {
    let is_of_letters =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let parts: Vec<_> = tag.split('-').take_while(is_of_letters).collect();
    let is_language = parts
        .first()
        .is_some_and(|language| (2..=3).contains(&language.len()));
    is_language.then(|| parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::custom_code;

    #[test]
    fn a_tag_is_cut_to_what_the_service_takes() {
        for (tag, code) in [
            ("en", Some("en")),
            ("pt-BR", Some("pt-BR")),
            ("zh-Hant-TW", Some("zh-Hant-TW")),
            ("es-419", Some("es")),
            ("sl-IT-nedis", Some("sl-IT-nedis")),
            ("de-CH-1996", Some("de-CH")),
            ("x-klingon", None),
        ] {
            assert_eq!(custom_code(tag).as_deref(), code, "{tag}");
        }
    }
}
