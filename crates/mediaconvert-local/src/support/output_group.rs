//! Packaging.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only, Refused};

pub(super) const GROUPS: &[Group] = &[
    Group {
        place: "outputGroups/*",
        fields: &[
            ("name", Harmless("a label")),
            ("customName", Harmless("a label")),
            (
                "outputGroupSettings/type",
                Among(&["CMAF_GROUP_SETTINGS", "FILE_GROUP_SETTINGS"]),
            ),
            (
                "automatedEncodingSettings",
                Refused("automated ABR is not supported"),
            ),
        ],
    },
    Group {
        place: "outputGroups/*/outputGroupSettings/cmafGroupSettings",
        fields: &[
            ("destination", Honoured),
            (
                "destinationSettings/s3Settings/accessControl/cannedAcl",
                Only(&[]),
            ),
            ("segmentLength", Honoured),
            ("fragmentLength", Honoured),
            ("segmentControl", Among(&["SEGMENTED_FILES"])),
            (
                "segmentLengthControl",
                Approximated("MATCH is done as GOP_MULTIPLE"),
            ),
            ("minFinalSegmentLength", Honoured),
            ("writeHlsManifest", Honoured),
            ("writeDashManifest", Honoured),
            ("manifestDurationFormat", Honoured),
            ("manifestCompression", Only(&["NONE"])),
            ("targetDurationCompatibilityMode", Honoured),
            (
                "codecSpecification",
                Approximated("codecs are always told by RFC 6381"),
            ),
            ("streamInfResolution", Honoured),
            ("writeSegmentTimelineInRepresentation", Honoured),
            ("dashManifestStyle", Only(&["BASIC"])),
            ("mpdProfile", Among(&["MAIN_PROFILE"])),
            ("mpdManifestBandwidthType", Honoured),
            (
                "minBufferTime",
                Approximated("taken as seconds; the segment length when left out"),
            ),
            ("baseUrl", Honoured),
            ("clientCache", Only(&["ENABLED"])),
            ("videoCompositionOffsets", Honoured),
            ("ptsOffsetHandlingForBFrames", Only(&["ZERO_BASED"])),
            ("imageBasedTrickPlay", Only(&["NONE"])),
            ("encryption", Refused("encryption is not supported")),
            (
                "additionalManifests",
                Refused("additional manifests are not supported"),
            ),
        ],
    },
    Group {
        place: "outputGroups/*/outputGroupSettings/fileGroupSettings",
        fields: &[("destination", Honoured)],
    },
];
