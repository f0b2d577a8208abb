//! The picture before it is encoded.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only};

pub(super) const GROUPS: &[Group] = &[Group {
    place: "outputGroups/*/outputs/*/videoDescription",
    fields: &[
        ("width", Honoured),
        ("height", Honoured),
        (
            "scalingBehavior",
            Among(&[
                "DEFAULT",
                "STRETCH_TO_OUTPUT",
                "FIT",
                "FIT_NO_UPSCALE",
                "FILL",
            ]),
        ),
        ("sharpness", Approximated("always bicubic scaling")),
        ("antiAlias", Harmless("the service ignores it too")),
        ("afdSignaling", Only(&["NONE"])),
        ("respondToAfd", Only(&["NONE"])),
        (
            "colorMetadata",
            Approximated("the source's colour metadata is passed on"),
        ),
        ("dropFrameTimecode", Harmless("timecodes are not written")),
        ("timecodeInsertion", Only(&["DISABLED"])),
        ("timecodeTrack", Only(&["DISABLED"])),
        ("chromaPositionMode", Only(&["AUTO"])),
        (
            "crop",
            Approximated(
                "in pixels of the source; without a width or height, the frame is as large as the part",
            ),
        ),
        ("position", Honoured),
        (
            "videoPreprocessors/deinterlacer/mode",
            Approximated(
                "DEINTERLACE by yadif or bwdif; INVERSE_TELECINE by fieldmatch and decimate, with 4/5 of the \
                 source's rate; ADAPTIVE by fieldmatch and yadif, without leaving out frames",
            ),
        ),
        (
            "videoPreprocessors/deinterlacer/algorithm",
            Approximated(
                "bwdif for INTERPOLATE, INTERPOLATE_TICKER and LINEAR_INTERPOLATION, yadif otherwise",
            ),
        ),
        ("videoPreprocessors/deinterlacer/control", Honoured),
        (
            "videoPreprocessors/imageInserter/insertableImages",
            Approximated("PNG, BMP and TGA; blended as numbers, whatever their brightness in HDR"),
        ),
        (
            "videoPreprocessors/imageInserter/sdrReferenceWhiteLevel",
            Only(&["100"]),
        ),
        (
            "videoPreprocessors/timecodeBurnin",
            Approximated(
                "white on black in DejaVu Sans Mono, or what fontconfig has in its place; a space after the prefix",
            ),
        ),
        (
            "videoPreprocessors/colorCorrector/colorSpaceConversion",
            Among(&[
                "NONE",
                "FORCE_601",
                "FORCE_709",
                "FORCE_HDR10",
                "FORCE_HLG_2020",
            ]),
        ),
        (
            "videoPreprocessors/colorCorrector/hdrToSdrToneMapper",
            Approximated("ffmpeg's tonemap: hable for PRESERVE_DETAILS, mobius for VIBRANT"),
        ),
        ("videoPreprocessors/colorCorrector/hdr10Metadata", Honoured),
        (
            "videoPreprocessors/colorCorrector/sdrReferenceWhiteLevel",
            Honoured,
        ),
        ("videoPreprocessors/colorCorrector/maxLuminance", Only(&[])),
        (
            "videoPreprocessors/colorCorrector/sampleRangeConversion",
            Only(&["NONE"]),
        ),
        (
            "videoPreprocessors/colorCorrector/brightness",
            Approximated("50 changes nothing, 100 adds half of the range"),
        ),
        (
            "videoPreprocessors/colorCorrector/contrast",
            Approximated("50 changes nothing, 100 doubles the distance from the middle"),
        ),
        (
            "videoPreprocessors/colorCorrector/saturation",
            Approximated("50 changes nothing, 100 doubles it"),
        ),
        ("videoPreprocessors/colorCorrector/hue", Honoured),
        (
            "videoPreprocessors/noiseReducer/filter",
            Approximated(
                "bilateral, avgblur, gblur, unsharp, median, hqdn3d and atadenoise of ffmpeg; LANCZOS as a lighter gblur",
            ),
        ),
        (
            "videoPreprocessors/noiseReducer/filterSettings/strength",
            Approximated("of ffmpeg's filters"),
        ),
        (
            "videoPreprocessors/noiseReducer/spatialFilterSettings/strength",
            Approximated("of hqdn3d"),
        ),
        (
            "videoPreprocessors/noiseReducer/spatialFilterSettings/postFilterSharpenStrength",
            Approximated("of unsharp"),
        ),
        (
            "videoPreprocessors/noiseReducer/spatialFilterSettings/speed",
            Harmless("there is one speed"),
        ),
        (
            "videoPreprocessors/noiseReducer/temporalFilterSettings/strength",
            Approximated("of atadenoise"),
        ),
        (
            "videoPreprocessors/noiseReducer/temporalFilterSettings/speed",
            Harmless("there is one speed"),
        ),
    ],
}];
