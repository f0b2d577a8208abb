//! Picture codecs.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only};

pub(super) const GROUPS: &[Group] = &[
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings",
        fields: &[
            ("codec", Among(&["H_264", "FRAME_CAPTURE"])),
            ("frameCaptureSettings", Honoured),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings/h264Settings",
        fields: &[
            (
                "rateControlMode",
                Approximated(
                    "x264: QVBR as a rate factor under a maximum, CBR and VBR by its buffer model",
                ),
            ),
            ("bitrate", Honoured),
            ("maxBitrate", Honoured),
            ("hrdBufferSize", Honoured),
            (
                "hrdBufferInitialFillPercentage",
                Approximated("x264's own start of the buffer"),
            ),
            (
                "hrdBufferFinalFillPercentage",
                Approximated("x264's own end of the buffer"),
            ),
            (
                "qvbrSettings/qvbrQualityLevel",
                Approximated("rate factor 37 - 2 × level"),
            ),
            (
                "qvbrSettings/qvbrQualityLevelFineTune",
                Approximated("rate factor 37 - 2 × level"),
            ),
            ("gopSize", Honoured),
            (
                "gopSizeUnits",
                Approximated("AUTO is as long as a fragment; left out with a gopSize, frames"),
            ),
            ("gopClosedCadence", Approximated("all GOPs are closed")),
            ("gopBReference", Approximated("as x264's preset says")),
            ("numberBFramesBetweenReferenceFrames", Honoured),
            ("numberReferenceFrames", Honoured),
            ("dynamicSubGop", Approximated("as x264's preset says")),
            ("minIInterval", Approximated("GOPs are of fixed length")),
            (
                "sceneChangeDetect",
                Approximated("no key frames at scene changes, so that the renditions align"),
            ),
            (
                "qualityTuningLevel",
                Approximated("x264's preset superfast, veryfast or medium, in one pass"),
            ),
            ("framerateControl", Honoured),
            ("framerateNumerator", Honoured),
            ("framerateDenominator", Honoured),
            ("framerateConversionAlgorithm", Only(&["DUPLICATE_DROP"])),
            ("parControl", Honoured),
            ("parNumerator", Honoured),
            ("parDenominator", Honoured),
            ("codecProfile", Among(&["BASELINE", "MAIN", "HIGH"])),
            ("codecLevel", Honoured),
            ("entropyEncoding", Honoured),
            ("interlaceMode", Among(&["PROGRESSIVE"])),
            (
                "adaptiveQuantization",
                Approximated("as x264's preset says"),
            ),
            (
                "spatialAdaptiveQuantization",
                Approximated("as x264's preset says"),
            ),
            (
                "temporalAdaptiveQuantization",
                Approximated("as x264's preset says"),
            ),
            (
                "flickerAdaptiveQuantization",
                Approximated("as x264's preset says"),
            ),
            (
                "explicitWeightedPrediction",
                Approximated("as x264's preset says"),
            ),
            ("softness", Only(&["0"])),
            ("slices", Approximated("as x264's preset says")),
            ("repeatPps", Only(&["DISABLED"])),
            ("syntax", Only(&["DEFAULT"])),
            ("unregisteredSeiTimecode", Only(&["DISABLED"])),
            ("fieldEncoding", Harmless("pictures are progressive")),
            ("slowPal", Only(&["DISABLED"])),
            ("telecine", Only(&["NONE"])),
            (
                "scanTypeConversionMode",
                Harmless("pictures are progressive"),
            ),
            ("endOfStreamMarkers", Harmless("players don't need them")),
            ("saliencyAwareEncoding", Only(&["DISABLED"])),
            ("writeMp4PackagingType", Only(&["AVC1"])),
        ],
    },
];
