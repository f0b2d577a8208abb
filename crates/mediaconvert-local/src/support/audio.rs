//! Sound of outputs.

use super::Group;
use super::Support::{Among, Harmless, Honoured, Only};

pub(super) const GROUPS: &[Group] = &[Group {
    place: "outputGroups/*/outputs/*/audioDescriptions/*",
    fields: &[
        ("audioSourceName", Honoured),
        (
            "audioTypeControl",
            Harmless("audio types exist in transport streams only"),
        ),
        (
            "audioType",
            Harmless("audio types exist in transport streams only"),
        ),
        ("languageCode", Honoured),
        ("languageCodeControl", Honoured),
        ("streamName", Honoured),
        ("remixSettings/channelsIn", Harmless("the mapping tells")),
        ("remixSettings/channelsOut", Harmless("the mapping tells")),
        ("remixSettings/channelMapping", Honoured),
        ("codecSettings/codec", Among(&["AAC"])),
        ("codecSettings/aacSettings/bitrate", Honoured),
        ("codecSettings/aacSettings/sampleRate", Honoured),
        (
            "codecSettings/aacSettings/codingMode",
            Among(&[
                "CODING_MODE_1_0",
                "CODING_MODE_2_0",
                "CODING_MODE_5_1",
                "CODING_MODE_AUTO",
            ]),
        ),
        ("codecSettings/aacSettings/codecProfile", Among(&["LC"])),
        ("codecSettings/aacSettings/rateControlMode", Among(&["CBR"])),
        ("codecSettings/aacSettings/rawFormat", Only(&["NONE"])),
        ("codecSettings/aacSettings/specification", Only(&["MPEG4"])),
        (
            "codecSettings/aacSettings/audioDescriptionBroadcasterMix",
            Only(&["NORMAL"]),
        ),
        (
            "codecSettings/aacSettings/passthroughControl",
            Only(&["NO_PASSTHROUGH"]),
        ),
    ],
}];
