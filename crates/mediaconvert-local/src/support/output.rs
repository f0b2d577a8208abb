//! Outputs and their containers.

use super::Group;
use super::Support::{Among, Honoured, Only, Refused};

pub(super) const GROUPS: &[Group] = &[Group {
    place: "outputGroups/*/outputs/*",
    fields: &[
        ("nameModifier", Honoured),
        ("extension", Honoured),
        ("preset", Refused("presets are not supported")),
        ("captionDescriptions", Refused("captions are not supported")),
        (
            "containerSettings/container",
            Among(&["CMFC", "MP4", "MOV", "RAW"]),
        ),
        ("containerSettings/cmfcSettings/audioGroupId", Honoured),
        (
            "containerSettings/cmfcSettings/audioRenditionSets",
            Honoured,
        ),
        (
            "containerSettings/cmfcSettings/audioTrackType",
            Among(&[
                "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT",
                "ALTERNATE_AUDIO_AUTO_SELECT",
                "ALTERNATE_AUDIO_NOT_AUTO_SELECT",
            ]),
        ),
        (
            "containerSettings/cmfcSettings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
        (
            "containerSettings/cmfcSettings/iFrameOnlyManifest",
            Only(&["EXCLUDE"]),
        ),
        (
            "containerSettings/cmfcSettings/descriptiveVideoServiceFlag",
            Only(&["DONT_FLAG"]),
        ),
        ("containerSettings/cmfcSettings/scte35Esam", Only(&["NONE"])),
        (
            "containerSettings/cmfcSettings/scte35Source",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/cmfcSettings/timedMetadata",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/cmfcSettings/klvMetadata",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/cmfcSettings/manifestMetadataSignaling",
            Only(&["DISABLED"]),
        ),
        (
            "containerSettings/cmfcSettings/c2paManifest",
            Only(&["EXCLUDE"]),
        ),
        (
            "containerSettings/mp4Settings/moovPlacement",
            Only(&["PROGRESSIVE_DOWNLOAD"]),
        ),
        ("containerSettings/mp4Settings/cslgAtom", Only(&["EXCLUDE"])),
        (
            "containerSettings/mp4Settings/freeSpaceBox",
            Only(&["EXCLUDE"]),
        ),
        (
            "containerSettings/mp4Settings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
    ],
}];
