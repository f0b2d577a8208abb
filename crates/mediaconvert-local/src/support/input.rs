//! Sources.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only, Refused};

pub(super) const GROUPS: &[Group] = &[
    Group {
        place: "inputs/*",
        fields: &[
            ("fileInput", Honoured),
            ("timecodeSource", Honoured),
            ("timecodeStart", Honoured),
            ("filterEnable", Only(&["AUTO", "DISABLE"])),
            ("filterStrength", Harmless("the filters it sets are off")),
            ("deblockFilter", Only(&["DISABLED"])),
            ("denoiseFilter", Only(&["DISABLED"])),
            (
                "psiControl",
                Approximated("ffmpeg's own scan of transport streams"),
            ),
            ("inputScanType", Only(&["AUTO"])),
            ("inputClippings", Honoured),
            (
                "imageInserter/insertableImages",
                Approximated(
                    "PNG, BMP and TGA; blended as numbers, whatever their brightness in HDR",
                ),
            ),
            ("imageInserter/sdrReferenceWhiteLevel", Only(&["100"])),
            (
                "videoGenerator",
                Refused("generated inputs are not supported"),
            ),
            ("videoOverlays", Refused("video overlays are not supported")),
            ("tamsSettings", Refused("TAMS inputs are not supported")),
            (
                "decryptionSettings",
                Refused("encrypted inputs are not supported"),
            ),
            ("crop", Honoured),
            ("position", Honoured),
            ("audioSelectorGroups", Honoured),
            ("advancedInputFilter", Only(&["DISABLED"])),
        ],
    },
    Group {
        place: "inputs/*/videoSelector",
        fields: &[
            ("rotate", Honoured),
            (
                "colorSpace",
                Among(&["FOLLOW", "REC_601", "REC_709", "HDR10", "HLG_2020"]),
            ),
            ("colorSpaceUsage", Honoured),
            ("hdr10Metadata", Honoured),
            ("maxLuminance", Only(&[])),
            ("alphaBehavior", Only(&["DISCARD"])),
            ("embeddedTimecodeOverride", Only(&["NONE"])),
            ("padVideo", Only(&["DISABLED"])),
            ("sampleRange", Honoured),
        ],
    },
    Group {
        place: "inputs/*/dynamicAudioSelectors/*",
        fields: &[
            ("selectorType", Honoured),
            ("languageCode", Honoured),
            ("offset", Honoured),
            ("externalAudioFileInput", Honoured),
            ("audioDurationCorrection", Only(&["DISABLED"])),
        ],
    },
    Group {
        place: "inputs/*/audioSelectors/*",
        fields: &[
            ("defaultSelection", Honoured),
            (
                "selectorType",
                Among(&["TRACK", "PID", "LANGUAGE_CODE", "STREAM"]),
            ),
            ("tracks", Honoured),
            ("pids", Honoured),
            ("languageCode", Honoured),
            ("offset", Honoured),
            (
                "programSelection",
                Harmless("only for Dolby E, which is not decoded"),
            ),
            ("audioDurationCorrection", Only(&["DISABLED"])),
            ("streams", Honoured),
            ("customLanguageCode", Honoured),
            ("externalAudioFileInput", Honoured),
            ("remixSettings/channelsIn", Harmless("the mapping tells")),
            ("remixSettings/channelsOut", Harmless("the mapping tells")),
            ("remixSettings/channelMapping", Honoured),
            ("smpte337Passthrough", Only(&["ENABLED"])),
        ],
    },
];
