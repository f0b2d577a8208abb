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
    let known = Some(track.language.clone()).filter(|tag| tag != UNKNOWN);
    Output::builder()
        .name_modifier(format!("_{}", track.name()))
        .container_settings(cmaf::container(None))
        .caption_descriptions(
            CaptionDescription::builder()
                .caption_selector_name(track.name())
                .set_custom_language_code(known)
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
