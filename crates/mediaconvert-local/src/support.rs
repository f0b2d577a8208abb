//! What becomes of each setting: honoured, approximated, without effect here, or refused. Whatever
//! is not in the table is accepted and listed in the job's warnings: nothing is silently dropped.

use serde_json::Value;

use crate::schema::escape;

/// What becomes of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Done as the service does it.
    Honoured,
    /// Done in another way, that the text tells.
    Approximated(&'static str),
    /// Nothing has to be done, for the reason in the text.
    Harmless(&'static str),
    /// These values need nothing to be done; others become a warning.
    Only(&'static [&'static str]),
    /// These values are honoured; others are refused, since the output would be something else.
    Among(&'static [&'static str]),
    /// Refused, for the reason in the text.
    Refused(&'static str),
}

use Support::{Among, Approximated, Harmless, Honoured, Only, Refused};

/// Settings below one place. `*` stands for an index or a name.
pub struct Group {
    /// Path of the place, from the settings.
    pub place: &'static str,
    /// Paths from there, with what becomes of them and of all below.
    pub fields: &'static [(&'static str, Support)],
}

/// The table; the README is made of the same.
pub const TABLE: &[Group] = &[
    Group {
        place: "",
        fields: &[
            (
                "adAvailOffset",
                Harmless("only for ad markers, which are not written"),
            ),
            (
                "timecodeConfig/source",
                Harmless("timecodes are not written"),
            ),
            (
                "timecodeConfig/anchor",
                Harmless("timecodes are not written"),
            ),
            (
                "timecodeConfig/start",
                Harmless("timecodes are not written"),
            ),
        ],
    },
    Group {
        place: "inputs/*",
        fields: &[
            ("fileInput", Honoured),
            (
                "timecodeSource",
                Harmless("matters only with clipping, which is refused"),
            ),
            ("filterEnable", Only(&["AUTO", "DISABLE"])),
            ("filterStrength", Harmless("the filters it sets are off")),
            ("deblockFilter", Only(&["DISABLED"])),
            ("denoiseFilter", Only(&["DISABLED"])),
            (
                "psiControl",
                Approximated("ffmpeg's own scan of transport streams"),
            ),
            ("inputScanType", Only(&["AUTO"])),
            ("inputClippings", Refused("clipping is not supported")),
            ("imageInserter", Refused("image overlays are not supported")),
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
            ("crop", Refused("cropping is not supported")),
            ("position", Refused("positioning is not supported")),
            ("captionSelectors", Refused("captions are not supported")),
            (
                "audioSelectorGroups",
                Refused("audio selector groups are not supported"),
            ),
            (
                "dynamicAudioSelectors",
                Refused("dynamic audio selectors are not supported"),
            ),
            ("advancedInputFilter", Only(&["DISABLED"])),
        ],
    },
    Group {
        place: "inputs/*/videoSelector",
        fields: &[
            ("rotate", Honoured),
            ("colorSpace", Only(&["FOLLOW"])),
            (
                "colorSpaceUsage",
                Harmless("the source's own colour is followed"),
            ),
            ("alphaBehavior", Only(&["DISCARD"])),
            ("embeddedTimecodeOverride", Only(&["NONE"])),
            ("padVideo", Only(&["DISABLED"])),
            ("sampleRange", Only(&["FOLLOW"])),
        ],
    },
    Group {
        place: "inputs/*/audioSelectors/*",
        fields: &[
            ("defaultSelection", Honoured),
            ("selectorType", Among(&["TRACK", "PID", "LANGUAGE_CODE"])),
            ("tracks", Honoured),
            ("pids", Honoured),
            ("languageCode", Honoured),
            ("offset", Honoured),
            (
                "programSelection",
                Harmless("only for Dolby E, which is not decoded"),
            ),
            ("audioDurationCorrection", Only(&["DISABLED"])),
            (
                "externalAudioFileInput",
                Refused("external audio files are not supported"),
            ),
            (
                "remixSettings",
                Refused("remixing in a selector is not supported; remix in the output"),
            ),
        ],
    },
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
    Group {
        place: "outputGroups/*/outputs/*",
        fields: &[
            ("nameModifier", Honoured),
            ("extension", Honoured),
            ("preset", Refused("presets are not supported")),
            ("captionDescriptions", Refused("captions are not supported")),
            (
                "containerSettings/container",
                Among(&["CMFC", "MP4", "MOV", "RAW"]),
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
            (
                "containerSettings/mp4Settings/moovPlacement",
                Only(&["PROGRESSIVE_DOWNLOAD"]),
            ),
            ("containerSettings/mp4Settings/cslgAtom", Only(&["EXCLUDE"])),
            (
                "containerSettings/mp4Settings/freeSpaceBox",
                Only(&["EXCLUDE"]),
            ),
            (
                "containerSettings/mp4Settings/audioDuration",
                Only(&["DEFAULT_CODEC_DURATION"]),
            ),
        ],
    },
    Group {
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
            ("codecSettings/codec", Among(&["H_264", "FRAME_CAPTURE"])),
            ("codecSettings/frameCaptureSettings", Honoured),
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
    Group {
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
            ("codecSettings/codec", Among(&["AAC"])),
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
            ("codecSettings/aacSettings/codecProfile", Among(&["LC"])),
            ("codecSettings/aacSettings/rateControlMode", Among(&["CBR"])),
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
        ],
    },
];

/// Looks at each setting that is there. What is refused comes as an error, of the form of
/// [`crate::validate`]; what is not done, as warnings.
///
/// # Errors
///
/// The first setting that is refused.
pub fn examine(settings: &Value) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    visit(settings, "", "", &mut warnings)?;
    Ok(warnings)
}

fn visit(value: &Value, at: &str, pattern: &str, warnings: &mut Vec<String>) -> Result<(), String> {
    match lookup(pattern) {
        Some(Refused(reason)) if !is_empty(value) => {
            return Err(format!("{at}: this server refuses the setting: {reason}"));
        }
        Some(Among(values)) if !allows(values, value) => {
            return Err(format!(
                "{at}: this server refuses {value}: it supports {}",
                values.join(", ")
            ));
        }
        Some(Only(values)) if !allows(values, value) => {
            warnings.push(format!("{at}: {value} has no effect on this server."));
            return Ok(());
        }
        Some(_) => return Ok(()),
        None => {}
    }
    match value {
        Value::Null => Ok(()),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            // Names in a map are the caller's own.
            let step = if pattern.ends_with("/audioSelectors") {
                "*"
            } else {
                name
            };
            visit(
                member,
                &format!("{at}/{}", escape(name)),
                &join(pattern, step),
                warnings,
            )
        }),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().try_for_each(|(index, item)| {
                visit(
                    item,
                    &format!("{at}/{index}"),
                    &join(pattern, "*"),
                    warnings,
                )
            })
        }
        Value::Array(items) if items.is_empty() => Ok(()),
        _ => {
            warnings.push(format!("{at}: the setting has no effect on this server."));
            Ok(())
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn allows(values: &[&str], value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => values.contains(&text.as_str()),
        other => values.contains(&other.to_string().as_str()),
    }
}

fn join(pattern: &str, step: &str) -> String {
    if pattern.is_empty() {
        step.to_owned()
    } else {
        format!("{pattern}/{step}")
    }
}

fn lookup(pattern: &str) -> Option<Support> {
    TABLE.iter().find_map(|group| {
        let rest = match group.place {
            "" => Some(pattern),
            place => pattern
                .strip_prefix(place)
                .and_then(|rest| rest.strip_prefix('/')),
        }?;
        group
            .fields
            .iter()
            .find(|(path, _)| *path == rest)
            .map(|(_, support)| *support)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_setting_without_effect_is_named_in_a_warning() {
        let settings = json!({"inputs": [{"fileInput": "s3://b/k", "programNumber": 2, "filterEnable": "FORCE",
            "audioSelectors": {"a/b": {"tracks": [1], "streams": [2]}}}]});
        insta::assert_json_snapshot!(examine(&settings).unwrap(), @r#"
        [
          "/inputs/0/programNumber: the setting has no effect on this server.",
          "/inputs/0/filterEnable: \"FORCE\" has no effect on this server.",
          "/inputs/0/audioSelectors/a~1b/streams: the setting has no effect on this server."
        ]
        "#);
    }

    #[test]
    fn another_picture_is_refused() {
        let output = |codec: &str| json!({"outputGroups": [{"outputs": [{"videoDescription": {"codecSettings": {"codec": codec}}}]}]});
        assert_eq!(
            examine(&output("H_265")).unwrap_err(),
            "/outputGroups/0/outputs/0/videoDescription/codecSettings/codec: this server refuses \"H_265\": \
             it supports H_264, FRAME_CAPTURE"
        );
        assert_eq!(examine(&output("H_264")), Ok(Vec::new()));
    }

    #[test]
    fn each_path_of_the_table_exists_in_the_model() {
        for group in TABLE {
            for (path, _) in group.fields {
                let path = if group.place.is_empty() {
                    (*path).to_owned()
                } else {
                    format!("{}/{path}", group.place)
                };
                assert!(crate::schema::has_path("JobSettings", &path), "{path}");
            }
        }
    }

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../README.md");
        let missing: Vec<String> = table_rows()
            .filter(|row| !readme.contains(row.as_str()))
            .collect();
        assert!(
            missing.is_empty(),
            "add to the table of README.md:\n{}",
            missing.join("\n")
        );
    }

    fn table_rows() -> impl Iterator<Item = String> {
        TABLE.iter().flat_map(|group| {
            group.fields.iter().map(|(path, support)| {
                let place = group.place.replace("/*", "[]").replace('/', ".");
                let path = path.replace('/', ".");
                let dot = if place.is_empty() { "" } else { "." };
                let what = match support {
                    Honoured => "honoured".to_owned(),
                    Approximated(how) => format!("approximated: {how}"),
                    Harmless(why) => format!("nothing to do: {why}"),
                    Only([]) => "warning".to_owned(),
                    Only(values) => {
                        format!("nothing to do for {}; others: warning", values.join(", "))
                    }
                    Among(values) => format!("honoured: {}; others: refused", values.join(", ")),
                    Refused(why) => format!("refused: {why}"),
                };
                format!("| `{place}{dot}{path}` | {what} |")
            })
        })
    }
}
