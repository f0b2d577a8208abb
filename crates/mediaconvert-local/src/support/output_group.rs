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
                Among(&[
                    "CMAF_GROUP_SETTINGS",
                    "HLS_GROUP_SETTINGS",
                    "DASH_ISO_GROUP_SETTINGS",
                    "FILE_GROUP_SETTINGS",
                ]),
            ),
            (
                "automatedEncodingSettings/abrSettings/maxAbrBitrate",
                Honoured,
            ),
            (
                "automatedEncodingSettings/abrSettings/minAbrBitrate",
                Honoured,
            ),
            (
                "automatedEncodingSettings/abrSettings/maxRenditions",
                Honoured,
            ),
            (
                "automatedEncodingSettings/abrSettings/maxQualityLevel",
                Honoured,
            ),
            (
                "automatedEncodingSettings/abrSettings/rules",
                Approximated(
                    "the ladder follows from the source's size and frame rate: steps of two thirds in bits, and the largest usual size that has 0.05 bits a pixel",
                ),
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
            ("segmentControl", Honoured),
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
            ("mpdProfile", Honoured),
            ("mpdManifestBandwidthType", Honoured),
            (
                "minBufferTime",
                Approximated("taken as seconds; the segment length when left out"),
            ),
            ("baseUrl", Honoured),
            ("clientCache", Honoured),
            ("videoCompositionOffsets", Honoured),
            ("ptsOffsetHandlingForBFrames", Only(&["ZERO_BASED"])),
            (
                "imageBasedTrickPlay",
                Among(&["NONE", "THUMBNAIL", "ADVANCED"]),
            ),
            (
                "imageBasedTrickPlaySettings",
                Approximated("FOLLOW_IFRAME is one picture a fragment; 5 by 5 tiles when left out"),
            ),
            ("encryption/type", Among(&["STATIC_KEY"])),
            ("encryption/encryptionMethod", Honoured),
            ("encryption/constantInitializationVector", Honoured),
            ("encryption/initializationVectorInManifest", Honoured),
            ("encryption/staticKeyProvider", Honoured),
            ("encryption/clearLeadSegments", Only(&[])),
            (
                "encryption/spekeKeyProvider",
                Refused("there is no key server here; use STATIC_KEY"),
            ),
            ("additionalManifests", Honoured),
        ],
    },
    Group {
        place: "outputGroups/*/outputGroupSettings/fileGroupSettings",
        fields: &[("destination", Honoured)],
    },
    Group {
        place: "outputGroups/*/outputGroupSettings/hlsGroupSettings",
        fields: &[
            ("destination", Honoured),
            (
                "destinationSettings/s3Settings/accessControl/cannedAcl",
                Only(&[]),
            ),
            ("segmentLength", Honoured),
            (
                "segmentLengthControl",
                Approximated("MATCH is done as GOP_MULTIPLE"),
            ),
            ("segmentControl", Honoured),
            ("minFinalSegmentLength", Honoured),
            ("baseUrl", Honoured),
            ("additionalManifests", Honoured),
            (
                "imageBasedTrickPlay",
                Among(&["NONE", "THUMBNAIL", "ADVANCED"]),
            ),
            (
                "imageBasedTrickPlaySettings",
                Approximated("FOLLOW_IFRAME is one picture a fragment; 5 by 5 tiles when left out"),
            ),
            (
                "minSegmentLength",
                Harmless("matters only for ad markers; it has to be given"),
            ),
            ("manifestDurationFormat", Honoured),
            ("manifestCompression", Only(&["NONE"])),
            ("targetDurationCompatibilityMode", Honoured),
            (
                "codecSpecification",
                Approximated("codecs are always told by RFC 6381"),
            ),
            ("streamInfResolution", Honoured),
            ("clientCache", Honoured),
            ("outputSelection", Honoured),
            (
                "directoryStructure",
                Approximated("folders named after the output; the service's names are not known"),
            ),
            (
                "segmentsPerSubdirectory",
                Approximated("folders 00001, 00002, …; the service's names are not known"),
            ),
            ("programDateTime", Approximated("from 1970-01-01 on")),
            ("programDateTimePeriod", Honoured),
            (
                "progressiveWriteHlsManifest",
                Harmless("manifests are written at the end"),
            ),
            ("audioOnlyHeader", Harmless("matters only for a DRM")),
            ("timedMetadataId3Frame", Only(&["NONE"])),
            ("timestampDeltaMilliseconds", Only(&["0"])),
            ("captionLanguageSetting", Only(&["NONE", "OMIT"])),
            ("encryption/type", Among(&["STATIC_KEY"])),
            ("encryption/encryptionMethod", Among(&["AES128"])),
            ("encryption/constantInitializationVector", Honoured),
            ("encryption/initializationVectorInManifest", Honoured),
            ("encryption/offlineEncrypted", Only(&["DISABLED"])),
            ("encryption/staticKeyProvider", Honoured),
            (
                "encryption/spekeKeyProvider",
                Refused("there is no key server here; use STATIC_KEY"),
            ),
        ],
    },
    Group {
        place: "outputGroups/*/outputGroupSettings/dashIsoGroupSettings",
        fields: &[
            ("destination", Honoured),
            (
                "destinationSettings/s3Settings/accessControl/cannedAcl",
                Only(&[]),
            ),
            ("segmentLength", Honoured),
            (
                "segmentLengthControl",
                Approximated("MATCH is done as GOP_MULTIPLE"),
            ),
            ("segmentControl", Honoured),
            ("minFinalSegmentLength", Honoured),
            ("baseUrl", Honoured),
            ("additionalManifests", Honoured),
            (
                "imageBasedTrickPlay",
                Among(&["NONE", "THUMBNAIL", "ADVANCED"]),
            ),
            (
                "imageBasedTrickPlaySettings",
                Approximated("FOLLOW_IFRAME is one picture a fragment; 5 by 5 tiles when left out"),
            ),
            ("fragmentLength", Honoured),
            ("mpdProfile", Honoured),
            ("mpdManifestBandwidthType", Honoured),
            (
                "minBufferTime",
                Approximated("taken as seconds; the segment length when left out"),
            ),
            ("writeSegmentTimelineInRepresentation", Honoured),
            ("dashManifestStyle", Only(&["BASIC"])),
            ("videoCompositionOffsets", Honoured),
            ("ptsOffsetHandlingForBFrames", Only(&["ZERO_BASED"])),
            ("hbbtvCompliance", Only(&["NONE"])),
            (
                "audioChannelConfigSchemeIdUri",
                Only(&["MPEG_CHANNEL_CONFIGURATION"]),
            ),
            (
                "encryption",
                Refused(
                    "the service encrypts it with keys of a key server only, and there is none here; \
                     use a CMAF group with a STATIC_KEY",
                ),
            ),
        ],
    },
];
