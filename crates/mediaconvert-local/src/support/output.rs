//! Outputs and their containers.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only};

pub(super) const GROUPS: &[Group] = &[Group {
    place: "outputGroups/*/outputs/*",
    fields: &[
        ("nameModifier", Honoured),
        ("extension", Honoured),
        ("preset", Honoured),
        (
            "containerSettings/container",
            Among(&[
                "CMFC", "M3U8", "MPD", "MP4", "MOV", "M2TS", "WEBM", "GIF", "RAW",
            ]),
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
                "AUDIO_ONLY_VARIANT_STREAM",
            ]),
        ),
        (
            "containerSettings/cmfcSettings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
        (
            "containerSettings/cmfcSettings/iFrameOnlyManifest",
            Approximated("the first key frame of each fragment"),
        ),
        (
            "containerSettings/cmfcSettings/descriptiveVideoServiceFlag",
            Honoured,
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
        ("outputSettings/hlsSettings/audioGroupId", Honoured),
        ("outputSettings/hlsSettings/audioRenditionSets", Honoured),
        ("outputSettings/hlsSettings/audioTrackType", Honoured),
        (
            "outputSettings/hlsSettings/descriptiveVideoServiceFlag",
            Honoured,
        ),
        ("outputSettings/hlsSettings/segmentModifier", Honoured),
        ("outputSettings/hlsSettings/audioOnlyContainer", Honoured),
        (
            "outputSettings/hlsSettings/iFrameOnlyManifest",
            Approximated("INCLUDE_AS_TS is done as INCLUDE"),
        ),
        ("containerSettings/m3u8Settings/transportStreamId", Honoured),
        ("containerSettings/m3u8Settings/programNumber", Honoured),
        ("containerSettings/m3u8Settings/pmtPid", Honoured),
        ("containerSettings/m3u8Settings/videoPid", Honoured),
        ("containerSettings/m3u8Settings/audioPids", Honoured),
        ("containerSettings/m3u8Settings/ptsOffset", Honoured),
        ("containerSettings/m3u8Settings/ptsOffsetMode", Honoured),
        (
            "containerSettings/m3u8Settings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
        ("containerSettings/m3u8Settings/nielsenId3", Only(&["NONE"])),
        (
            "containerSettings/m3u8Settings/scte35Source",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/m3u8Settings/timedMetadata",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/m3u8Settings/audioPtsOffsetDelta",
            Only(&["0"]),
        ),
        (
            "containerSettings/m3u8Settings/audioFramesPerPes",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/dataPTSControl",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/maxPcrInterval",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/patInterval",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/pcrControl",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/pcrPid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/pmtInterval",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/privateMetadataPid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/scte35Pid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/m3u8Settings/timedMetadataPid",
            Harmless("ffmpeg's own packets"),
        ),
        (
            "containerSettings/mpdSettings/accessibilityCaptionHints",
            Only(&["EXCLUDE"]),
        ),
        (
            "containerSettings/mpdSettings/audioDuration",
            Only(&["DEFAULT_CODEC_DURATION"]),
        ),
        (
            "containerSettings/mpdSettings/c2paManifest",
            Only(&["EXCLUDE"]),
        ),
        ("containerSettings/mpdSettings/klvMetadata", Only(&["NONE"])),
        (
            "containerSettings/mpdSettings/manifestMetadataSignaling",
            Only(&["DISABLED"]),
        ),
        ("containerSettings/mpdSettings/scte35Esam", Only(&["NONE"])),
        (
            "containerSettings/mpdSettings/scte35Source",
            Only(&["NONE"]),
        ),
        (
            "containerSettings/mpdSettings/timedMetadata",
            Only(&["NONE"]),
        ),
    ],
}];
