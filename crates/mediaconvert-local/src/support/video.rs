//! Picture codecs.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only};

pub(super) const GROUPS: &[Group] = &[
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings",
        fields: &[
            (
                "codec",
                Among(&[
                    "H_264",
                    "H_265",
                    "AV1",
                    "VP9",
                    "VP8",
                    "PRORES",
                    "GIF",
                    "FRAME_CAPTURE",
                ]),
            ),
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
            (
                "qvbrSettings/maxAverageBitrate",
                Approximated("only maxBitrate limits the rate"),
            ),
            ("bandwidthReductionFilter", Only(&[])),
            ("perFrameMetrics", Only(&[])),
            ("gopSize", Honoured),
            (
                "gopSizeUnits",
                Approximated("AUTO is as long as a fragment; left out with a gopSize, frames"),
            ),
            ("gopClosedCadence", Approximated("all GOPs are closed")),
            ("gopBReference", Honoured),
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
            (
                "framerateConversionAlgorithm",
                Among(&["DUPLICATE_DROP", "INTERPOLATE", "FRAMEFORMER"]),
            ),
            ("parControl", Honoured),
            ("parNumerator", Honoured),
            ("parDenominator", Honoured),
            ("codecProfile", Honoured),
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
            ("slices", Honoured),
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
            ("writeMp4PackagingType", Honoured),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings/h265Settings",
        fields: &[
            (
                "rateControlMode",
                Approximated(
                    "x265: QVBR as a rate factor under a maximum, CBR and VBR by its buffer model",
                ),
            ),
            ("bitrate", Honoured),
            ("maxBitrate", Honoured),
            ("hrdBufferSize", Honoured),
            (
                "hrdBufferInitialFillPercentage",
                Approximated("x265's own start of the buffer"),
            ),
            (
                "hrdBufferFinalFillPercentage",
                Approximated("x265's own end of the buffer"),
            ),
            (
                "qvbrSettings/qvbrQualityLevel",
                Approximated("rate factor 42 - 2 × level"),
            ),
            (
                "qvbrSettings/qvbrQualityLevelFineTune",
                Approximated("rate factor 42 - 2 × level"),
            ),
            (
                "qvbrSettings/maxAverageBitrate",
                Approximated("only maxBitrate limits the rate"),
            ),
            ("gopSize", Honoured),
            (
                "gopSizeUnits",
                Approximated("AUTO is as long as a fragment; left out with a gopSize, frames"),
            ),
            ("gopClosedCadence", Approximated("all GOPs are closed")),
            ("gopBReference", Honoured),
            ("numberBFramesBetweenReferenceFrames", Honoured),
            ("numberReferenceFrames", Honoured),
            ("dynamicSubGop", Approximated("as x265's preset says")),
            ("minIInterval", Approximated("GOPs are of fixed length")),
            (
                "sceneChangeDetect",
                Approximated("no key frames at scene changes, so that the renditions align"),
            ),
            (
                "qualityTuningLevel",
                Approximated("x265's preset superfast, veryfast or medium, in one pass"),
            ),
            ("framerateControl", Honoured),
            ("framerateNumerator", Honoured),
            ("framerateDenominator", Honoured),
            (
                "framerateConversionAlgorithm",
                Among(&["DUPLICATE_DROP", "INTERPOLATE", "FRAMEFORMER"]),
            ),
            ("parControl", Honoured),
            ("parNumerator", Honoured),
            ("parDenominator", Honoured),
            (
                "codecProfile",
                Approximated(
                    "MAIN_422_8BIT is written as the profile of 10 bits with pictures of 8",
                ),
            ),
            ("codecLevel", Honoured),
            ("interlaceMode", Among(&["PROGRESSIVE"])),
            (
                "scanTypeConversionMode",
                Harmless("pictures are progressive"),
            ),
            ("slowPal", Only(&["DISABLED"])),
            ("telecine", Only(&["NONE"])),
            ("slices", Honoured),
            ("writeMp4PackagingType", Honoured),
            (
                "adaptiveQuantization",
                Approximated("as x265's preset says"),
            ),
            (
                "spatialAdaptiveQuantization",
                Approximated("as x265's preset says"),
            ),
            (
                "temporalAdaptiveQuantization",
                Approximated("as x265's preset says"),
            ),
            (
                "flickerAdaptiveQuantization",
                Approximated("as x265's preset says"),
            ),
            (
                "sampleAdaptiveOffsetFilterMode",
                Approximated("as x265's preset says"),
            ),
            ("treeBlockSize", Approximated("as x265's preset says")),
            ("alternateTransferFunctionSei", Only(&["DISABLED"])),
            ("deblocking", Only(&["ENABLED"])),
            ("endOfStreamMarkers", Harmless("players don't need them")),
            ("mvOverPictureBoundaries", Only(&["ENABLED"])),
            ("mvTemporalPredictor", Only(&["ENABLED"])),
            ("temporalIds", Only(&["DISABLED"])),
            ("tiles", Only(&["DISABLED"])),
            ("tilePadding", Only(&["NONE"])),
            ("unregisteredSeiTimecode", Only(&["DISABLED"])),
            ("bandwidthReductionFilter", Only(&[])),
            ("perFrameMetrics", Only(&[])),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings/av1Settings",
        fields: &[
            (
                "rateControlMode",
                Approximated("SVT-AV1: a rate factor under a maximum"),
            ),
            ("maxBitrate", Honoured),
            (
                "qvbrSettings/qvbrQualityLevel",
                Approximated("rate factor 56 - 3 × level"),
            ),
            (
                "qvbrSettings/qvbrQualityLevelFineTune",
                Approximated("rate factor 56 - 3 × level, in whole numbers"),
            ),
            (
                "gopSize",
                Approximated(
                    "shorter where segments of EXACT length would need further key frames",
                ),
            ),
            ("bitDepth", Honoured),
            (
                "numberBFramesBetweenReferenceFrames",
                Approximated("as SVT-AV1's preset says"),
            ),
            (
                "adaptiveQuantization",
                Approximated("as SVT-AV1's preset says"),
            ),
            (
                "spatialAdaptiveQuantization",
                Approximated("as SVT-AV1's preset says"),
            ),
            ("slices", Approximated("as SVT-AV1's preset says")),
            ("filmGrainSynthesis", Only(&["DISABLED"])),
            ("framerateControl", Honoured),
            ("framerateNumerator", Honoured),
            ("framerateDenominator", Honoured),
            (
                "framerateConversionAlgorithm",
                Among(&["DUPLICATE_DROP", "INTERPOLATE", "FRAMEFORMER"]),
            ),
            ("perFrameMetrics", Only(&[])),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings/vp9Settings",
        fields: &[
            ("rateControlMode", Honoured),
            ("bitrate", Honoured),
            ("maxBitrate", Honoured),
            ("hrdBufferSize", Honoured),
            ("gopSize", Honoured),
            (
                "qualityTuningLevel",
                Approximated("libvpx's speed 5 or 3, in one pass"),
            ),
            ("framerateControl", Honoured),
            ("framerateNumerator", Honoured),
            ("framerateDenominator", Honoured),
            (
                "framerateConversionAlgorithm",
                Among(&["DUPLICATE_DROP", "INTERPOLATE", "FRAMEFORMER"]),
            ),
            ("parControl", Honoured),
            ("parNumerator", Honoured),
            ("parDenominator", Honoured),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings/vp8Settings",
        fields: &[
            ("rateControlMode", Honoured),
            ("bitrate", Honoured),
            ("maxBitrate", Honoured),
            ("hrdBufferSize", Honoured),
            ("gopSize", Honoured),
            (
                "qualityTuningLevel",
                Approximated("libvpx's speed 5 or 3, in one pass"),
            ),
            ("framerateControl", Honoured),
            ("framerateNumerator", Honoured),
            ("framerateDenominator", Honoured),
            (
                "framerateConversionAlgorithm",
                Among(&["DUPLICATE_DROP", "INTERPOLATE", "FRAMEFORMER"]),
            ),
            ("parControl", Honoured),
            ("parNumerator", Honoured),
            ("parDenominator", Honoured),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings/proresSettings",
        fields: &[
            ("codecProfile", Honoured),
            ("chromaSampling", Only(&["PRESERVE_444_SAMPLING"])),
            ("framerateControl", Honoured),
            ("framerateNumerator", Honoured),
            ("framerateDenominator", Honoured),
            (
                "framerateConversionAlgorithm",
                Among(&["DUPLICATE_DROP", "INTERPOLATE", "FRAMEFORMER"]),
            ),
            ("parControl", Honoured),
            ("parNumerator", Honoured),
            ("parDenominator", Honoured),
            ("interlaceMode", Among(&["PROGRESSIVE"])),
            (
                "scanTypeConversionMode",
                Harmless("pictures are progressive"),
            ),
            ("slowPal", Only(&["DISABLED"])),
            ("telecine", Only(&["NONE"])),
            ("perFrameMetrics", Only(&[])),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/videoDescription/codecSettings/gifSettings",
        fields: &[
            ("framerateControl", Honoured),
            ("framerateNumerator", Honoured),
            ("framerateDenominator", Honoured),
            (
                "framerateConversionAlgorithm",
                Among(&["DUPLICATE_DROP", "INTERPOLATE", "FRAMEFORMER"]),
            ),
        ],
    },
];
