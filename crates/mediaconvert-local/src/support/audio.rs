//! Sound of outputs.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only};

pub(super) const GROUPS: &[Group] = &[Group {
    place: "outputGroups/*/outputs/*/audioDescriptions/*",
    fields: &[
        ("audioSourceName", Honoured),
        (
            "audioTypeControl",
            Harmless("audio types exist in transport streams only"),
        ),
        (
            "audioType",
            Harmless("audio types exist in transport streams only"),
        ),
        ("languageCode", Honoured),
        ("languageCodeControl", Honoured),
        ("streamName", Honoured),
        ("remixSettings/channelsIn", Harmless("the mapping tells")),
        ("remixSettings/channelsOut", Harmless("the mapping tells")),
        ("remixSettings/channelMapping", Honoured),
        (
            "codecSettings/codec",
            Among(&[
                "AAC", "AC3", "EAC3", "MP2", "MP3", "OPUS", "VORBIS", "FLAC", "WAV", "AIFF",
            ]),
        ),
        ("codecSettings/aacSettings/bitrate", Honoured),
        ("codecSettings/aacSettings/sampleRate", Honoured),
        (
            "codecSettings/aacSettings/codingMode",
            Among(&[
                "CODING_MODE_1_0",
                "CODING_MODE_2_0",
                "CODING_MODE_5_1",
                "CODING_MODE_AUTO",
            ]),
        ),
        ("codecSettings/aacSettings/codecProfile", Only(&["LC"])),
        ("codecSettings/aacSettings/rateControlMode", Honoured),
        (
            "codecSettings/aacSettings/vbrQuality",
            Approximated("32, 48, 64 and 96 kbit/s a channel, on average"),
        ),
        ("codecSettings/aacSettings/rawFormat", Only(&["NONE"])),
        ("codecSettings/aacSettings/specification", Only(&["MPEG4"])),
        (
            "codecSettings/aacSettings/audioDescriptionBroadcasterMix",
            Only(&["NORMAL"]),
        ),
        (
            "codecSettings/aacSettings/passthroughControl",
            Only(&["NO_PASSTHROUGH"]),
        ),
        ("customLanguageCode", Honoured),
        (
            "audioNormalizationSettings/algorithm",
            Approximated("all measure as BS.1770-3 and EBU R 128 do; -1 differs by its target"),
        ),
        (
            "audioNormalizationSettings/algorithmControl",
            Approximated(
                "CORRECT_AUDIO by ffmpeg's loudnorm in one pass; MEASURE_ONLY leaves the sound as it is",
            ),
        ),
        (
            "audioNormalizationSettings/targetLkfs",
            Approximated("from -70 to -5"),
        ),
        (
            "audioNormalizationSettings/truePeakLimiterThreshold",
            Honoured,
        ),
        (
            "audioNormalizationSettings/correctionGateLevel",
            Only(&["-70"]),
        ),
        (
            "audioNormalizationSettings/loudnessLogging",
            Only(&["DONT_LOG"]),
        ),
        (
            "audioNormalizationSettings/peakCalculation",
            Only(&["NONE"]),
        ),
        ("codecSettings/ac3Settings/bitrate", Honoured),
        (
            "codecSettings/ac3Settings/codingMode",
            Among(&[
                "CODING_MODE_1_0",
                "CODING_MODE_2_0",
                "CODING_MODE_3_2_LFE",
                "CODING_MODE_AUTO",
            ]),
        ),
        ("codecSettings/ac3Settings/sampleRate", Honoured),
        ("codecSettings/eac3Settings/bitrate", Honoured),
        (
            "codecSettings/eac3Settings/codingMode",
            Among(&[
                "CODING_MODE_1_0",
                "CODING_MODE_2_0",
                "CODING_MODE_3_2",
                "CODING_MODE_AUTO",
            ]),
        ),
        ("codecSettings/eac3Settings/sampleRate", Honoured),
        ("codecSettings/mp2Settings/bitrate", Honoured),
        ("codecSettings/mp2Settings/channels", Honoured),
        ("codecSettings/mp2Settings/sampleRate", Honoured),
        ("codecSettings/mp3Settings/bitrate", Honoured),
        ("codecSettings/mp3Settings/channels", Honoured),
        ("codecSettings/mp3Settings/rateControlMode", Honoured),
        ("codecSettings/mp3Settings/sampleRate", Honoured),
        ("codecSettings/mp3Settings/vbrQuality", Honoured),
        ("codecSettings/opusSettings/bitrate", Honoured),
        ("codecSettings/opusSettings/channels", Honoured),
        ("codecSettings/opusSettings/sampleRate", Honoured),
        ("codecSettings/vorbisSettings/channels", Honoured),
        ("codecSettings/vorbisSettings/sampleRate", Honoured),
        ("codecSettings/vorbisSettings/vbrQuality", Honoured),
        ("codecSettings/flacSettings/bitDepth", Honoured),
        ("codecSettings/flacSettings/channels", Honoured),
        ("codecSettings/flacSettings/sampleRate", Honoured),
        ("codecSettings/wavSettings/bitDepth", Honoured),
        ("codecSettings/wavSettings/channels", Honoured),
        ("codecSettings/wavSettings/sampleRate", Honoured),
        ("codecSettings/wavSettings/format", Only(&["RIFF"])),
        ("codecSettings/aiffSettings/bitDepth", Honoured),
        ("codecSettings/aiffSettings/channels", Honoured),
        ("codecSettings/aiffSettings/sampleRate", Honoured),
    ],
}];
