//! The picture before it is encoded.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only, Refused};

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
        ("crop", Refused("cropping is not supported")),
        ("position", Refused("positioning is not supported")),
        (
            "videoPreprocessors/deinterlacer/mode",
            Approximated(
                "yadif for all modes; INVERSE_TELECINE and ADAPTIVE don't restore film frames",
            ),
        ),
        (
            "videoPreprocessors/deinterlacer/algorithm",
            Approximated("yadif for all algorithms"),
        ),
        ("videoPreprocessors/deinterlacer/control", Honoured),
        (
            "videoPreprocessors/imageInserter",
            Refused("image overlays are not supported"),
        ),
        (
            "videoPreprocessors/timecodeBurnin",
            Refused("burnt-in timecodes are not supported"),
        ),
    ],
}];
