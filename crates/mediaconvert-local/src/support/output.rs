//! Outputs and their containers.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only, Refused};

pub(super) const GROUPS: &[Group] = &[Group {
    place: "outputGroups/*/outputs/*",
    fields: &[
        ("nameModifier", Honoured),
        ("extension", Honoured),
        ("preset", Honoured),
        ("captionDescriptions", Refused("captions are not supported")),
        (
            "containerSettings/container",
            Among(&["CMFC", "MP4", "MOV", "M2TS", "WEBM", "GIF", "RAW"]),
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
        ("containerSettings/mp4Settings/moovPlacement", Honoured),
        ("containerSettings/mp4Settings/cslgAtom", Only(&["EXCLUDE"])),
        (
            "containerSettings/mp4Settings/freeSpaceBox",
            Only(&["EXCLUDE"]),
        ),
        (
            "containerSettings/mp4Settings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
        ("containerSettings/mp4Settings/mp4MajorBrand", Honoured),
        (
            "containerSettings/mp4Settings/cttsVersion",
            Harmless("ffmpeg chooses it"),
        ),
        (
            "containerSettings/mp4Settings/c2paManifest",
            Only(&["EXCLUDE"]),
        ),
        (
            "containerSettings/movSettings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
        ("containerSettings/movSettings/clapAtom", Only(&["EXCLUDE"])),
        ("containerSettings/movSettings/cslgAtom", Only(&["EXCLUDE"])),
        (
            "containerSettings/movSettings/paddingControl",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/movSettings/reference",
            Only(&["SELF_CONTAINED"]),
        ),
        ("containerSettings/m2tsSettings/transportStreamId", Honoured),
        ("containerSettings/m2tsSettings/programNumber", Honoured),
        ("containerSettings/m2tsSettings/pmtPid", Honoured),
        ("containerSettings/m2tsSettings/videoPid", Honoured),
        ("containerSettings/m2tsSettings/audioPids", Honoured),
        ("containerSettings/m2tsSettings/bitrate", Honoured),
        (
            "containerSettings/m2tsSettings/rateMode",
            Approximated("CBR only together with a bitrate"),
        ),
        (
            "containerSettings/m2tsSettings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
        (
            "containerSettings/m2tsSettings/klvMetadata",
            Only(&["NONE"]),
        ),
        ("containerSettings/m2tsSettings/nielsenId3", Only(&["NONE"])),
        (
            "containerSettings/m2tsSettings/scte35Source",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/m2tsSettings/segmentationMarkers",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/m2tsSettings/ebpPlacement",
            Only(&["VIDEO_AND_AUDIO_PIDS"]),
        ),
        (
            "containerSettings/m2tsSettings/audioBufferModel",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/audioFramesPerPes",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/bufferModel",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/esRateInPes",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/patInterval",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/pmtInterval",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/pcrControl",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/pcrPid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/maxPcrInterval",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/privateMetadataPid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/scte35Pid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/timedMetadataPid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/dvbSubPids",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/dvbTeletextPid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/preventBufferUnderflow",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/dataPTSControl",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/segmentationStyle",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/ebpAudioInterval",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/forceTsVideoEbpOrder",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/fragmentTime",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m2tsSettings/minEbpInterval",
            Harmless("ffmpeg's own packets"),
        ),
    ],
}];
