use serde_json::json;

use super::*;

/// A job with one picture, one sound and one set of stills, that passes.
fn job() -> Value {
    json!({
        "role": "arn:aws:iam::000000000000:role/convert",
        "userMetadata": {"id": "v-1", "revision": "1"},
        "settings": {
            "timecodeConfig": {"source": "ZEROBASED"},
            "inputs": [{
                "fileInput": "s3://in/clip.mp4",
                "audioSelectors": {"Audio Selector 1": {"defaultSelection": "DEFAULT"}}
            }],
            "outputGroups": [
                {
                    "name": "ABR",
                    "outputGroupSettings": {
                        "type": "CMAF_GROUP_SETTINGS",
                        "cmafGroupSettings": {
                            "destination": "s3://out/v/1/video", "segmentLength": 6, "fragmentLength": 2
                        }
                    },
                    "outputs": [
                        {
                            "nameModifier": "_720p",
                            "containerSettings": {"container": "CMFC"},
                            "videoDescription": {"height": 720, "codecSettings": {"codec": "H_264", "h264Settings": {
                                "rateControlMode": "QVBR", "maxBitrate": 3_000_000, "gopSize": 2,
                                "gopSizeUnits": "SECONDS", "gopClosedCadence": 1
                            }}}
                        },
                        {
                            "nameModifier": "_audio",
                            "containerSettings": {"container": "CMFC"},
                            "audioDescriptions": [{"codecSettings": {"codec": "AAC", "aacSettings": {
                                "bitrate": 128_000, "codingMode": "CODING_MODE_2_0", "sampleRate": 48000
                            }}}]
                        }
                    ]
                },
                {
                    "outputGroupSettings": {
                        "type": "FILE_GROUP_SETTINGS",
                        "fileGroupSettings": {"destination": "s3://out/v/1/video"}
                    },
                    "outputs": [{
                        "nameModifier": "_poster",
                        "containerSettings": {"container": "RAW"},
                        "videoDescription": {"codecSettings": {"codec": "FRAME_CAPTURE", "frameCaptureSettings": {
                            "framerateNumerator": 1, "framerateDenominator": 3, "maxCaptures": 2
                        }}}
                    }]
                }
            ]
        }
    })
}

fn checked(job: &Value) -> Result<Vec<String>, String> {
    create_job(job.as_object().unwrap()).map(|checked| checked.warnings)
}

/// The message about the job when the member at `path` is replaced; null leaves it out.
fn refusal(path: &str, value: Value) -> String {
    let mut job = job();
    set(&mut job, path, value);
    checked(&job).unwrap_err()
}

fn set(job: &mut Value, path: &str, value: Value) {
    let (parent, member) = path.rsplit_once('/').unwrap();
    match job.pointer_mut(parent).unwrap() {
        Value::Object(object) if value.is_null() => {
            object.shift_remove(member);
        }
        Value::Object(object) => {
            object.insert(member.to_owned(), value);
        }
        other => other[member.parse::<usize>().unwrap()] = value,
    }
}

const GROUP: &str = "/settings/outputGroups/0";
const CMAF: &str = "/settings/outputGroups/0/outputGroupSettings/cmafGroupSettings";
const OUTPUT: &str = "/settings/outputGroups/0/outputs/0";
const H264: &str = "/settings/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings";
const AAC: &str =
    "/settings/outputGroups/0/outputs/1/audioDescriptions/0/codecSettings/aacSettings";

#[test]
fn our_kind_of_job_passes_without_warnings() {
    assert_eq!(checked(&job()), Ok(Vec::new()));
}

#[test]
fn messages_name_the_place_and_the_rule() {
    let at = |base: &str, member: &str| format!("{base}/{member}");
    let cases = [
        ("/role".to_owned(), json!(null)),
        ("/role".to_owned(), json!("convert")),
        ("/settings".to_owned(), json!(null)),
        ("/settings/inputs".to_owned(), json!([])),
        ("/settings/inputs/0/fileInput".to_owned(), json!(null)),
        (
            "/settings/inputs/0/fileInput".to_owned(),
            json!("https://x/y.mp4?token=1"),
        ),
        (
            "/settings/inputs/0/fileInput".to_owned(),
            json!("https://x/y.m3u8"),
        ),
        ("/settings/outputGroups".to_owned(), json!([])),
        (at(GROUP, "outputs"), json!([])),
        (
            at(GROUP, "outputGroupSettings/type"),
            json!("MS_SMOOTH_GROUP_SETTINGS"),
        ),
        (
            at(GROUP, "outputGroupSettings"),
            json!({"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": {"destination": "s3://out/v"}}),
        ),
        (
            at(GROUP, "outputGroupSettings"),
            json!({
                "type": "HLS_GROUP_SETTINGS",
                "hlsGroupSettings": {"destination": "s3://out/v", "segmentLength": 6, "minSegmentLength": 0}
            }),
        ),
        (at(CMAF, "mpdProfile"), json!("ON_DEMAND_PROFILE")),
        (
            at(CMAF, "additionalManifests"),
            json!([{"manifestNameModifier": "_x", "selectedOutputs": ["_nothing"]}]),
        ),
        (at(OUTPUT, "containerSettings"), json!(null)),
        (at(OUTPUT, "containerSettings/container"), json!("M3U8")),
        (at(OUTPUT, "containerSettings/container"), json!("MP4")),
        (at(OUTPUT, "nameModifier"), json!(null)),
        (at(OUTPUT, "nameModifier"), json!("_audio")),
        (at(OUTPUT, "videoDescription/height"), json!(721)),
        (at(OUTPUT, "videoDescription/height"), json!(4320)),
        (
            at(OUTPUT, "videoDescription/codecSettings/codec"),
            json!("MPEG2"),
        ),
        (
            at(OUTPUT, "videoDescription/codecSettings/codec"),
            json!("VP8"),
        ),
        (
            at(OUTPUT, "audioDescriptions"),
            json!([{"codecSettings": {"codec": "AAC"}}]),
        ),
        (at(CMAF, "destination"), json!(null)),
        (at(CMAF, "destination"), json!("/tmp/out")),
        (at(CMAF, "minFinalSegmentLength"), json!(6)),
        (at(CMAF, "segmentLength"), json!(5)),
        (
            at(CMAF, "encryption"),
            json!({"type": "SPEKE", "spekeKeyProvider": {}}),
        ),
        (at(H264, "maxBitrate"), json!(null)),
        (at(H264, "rateControlMode"), json!("CBR")),
        (at(H264, "gopSize"), json!(3)),
        (at(H264, "gopClosedCadence"), json!(0)),
        (at(H264, "gopClosedCadence"), json!(2)),
        (at(H264, "framerateControl"), json!("SPECIFIED")),
        (at(H264, "parControl"), json!("SPECIFIED")),
        (at(AAC, "bitrate"), json!(100_000)),
        (at(AAC, "bitrate"), json!(32_000)),
        (at(AAC, "sampleRate"), json!(47_000)),
        ("/userMetadata/id".to_owned(), json!("50%")),
        ("/userMetadata/aws:x".to_owned(), json!("1")),
        ("/statusUpdateInterval".to_owned(), json!("SECONDS_11")),
        ("/priority".to_owned(), json!(51)),
        ("/jobEngineVersion".to_owned(), json!("latest")),
    ];
    let messages: Vec<String> = cases
        .into_iter()
        .map(|(path, value)| format!("{path} = {value} => {}", refusal(&path, value.clone())))
        .collect();
    insta::assert_json_snapshot!(messages);
}

#[test]
fn a_cadence_of_two_fits_a_fragment_of_four_seconds() {
    let mut job = job();
    set(&mut job, &format!("{H264}/gopClosedCadence"), json!(2));
    set(&mut job, &format!("{CMAF}/fragmentLength"), json!(4));
    set(&mut job, &format!("{CMAF}/segmentLength"), json!(8));
    assert_eq!(checked(&job), Ok(Vec::new()));
}

#[test]
fn ntsc_frames_fit_whole_seconds() {
    let mut job = job();
    for (member, value) in [
        ("gopSize", json!(60)),
        ("gopSizeUnits", json!("FRAMES")),
        ("framerateControl", json!("SPECIFIED")),
        ("framerateNumerator", json!(30000)),
        ("framerateDenominator", json!(1001)),
    ] {
        set(&mut job, &format!("{H264}/{member}"), value);
    }
    assert_eq!(checked(&job), Ok(Vec::new()));
}

#[test]
fn a_job_of_frame_captures_alone_is_refused() {
    let mut job = job();
    job["settings"]["outputGroups"]
        .as_array_mut()
        .unwrap()
        .remove(0);
    assert_eq!(
        checked(&job).unwrap_err(),
        "/outputGroups: Should have at least 1 output that is not a frame capture"
    );
}

#[test]
fn a_remix_has_to_fit_its_channels() {
    let mut job = job();
    let audio = "/settings/outputGroups/0/outputs/1/audioDescriptions/0/remixSettings";
    let mapping = json!({"outputChannels": [{"inputChannels": [0, -60]}, {"inputChannels": [0]}]});
    set(
        &mut job,
        audio,
        json!({"channelsIn": 2, "channelsOut": 2, "channelMapping": mapping}),
    );
    assert_eq!(
        checked(&job).unwrap_err(),
        "/outputGroups/0/outputs/1/audioDescriptions/0/remixSettings/channelMapping/outputChannels/1/inputChannels: \
         Should have as many items as channelsIn"
    );
}

#[test]
fn settings_without_effect_are_warned_of() {
    let mut job = job();
    set(&mut job, "/tags", json!({"team": "a"}));
    set(
        &mut job,
        &format!("{OUTPUT}/videoDescription/videoPreprocessors"),
        json!({"hdr10Plus": {"masteringMonitorNits": 1000}}),
    );
    insta::assert_json_snapshot!(checked(&job).unwrap(), @r#"
    [
      "/outputGroups/0/outputs/0/videoDescription/videoPreprocessors/hdr10Plus/masteringMonitorNits: the setting has no effect on this server."
    ]
    "#);
}

/// The job with one group of the type, whose output is a picture with sound.
fn group_of(kind: &str, container: &str, own: &Value, codec: &Value) -> Value {
    let member = match kind {
        "HLS" => "hlsGroupSettings",
        "DASH_ISO" => "dashIsoGroupSettings",
        "CMAF" => "cmafGroupSettings",
        _ => "fileGroupSettings",
    };
    let mut job = job();
    let mut settings = json!({"destination": "s3://out/v/1/x"});
    for (name, value) in own.as_object().unwrap() {
        settings[name] = value.clone();
    }
    job["settings"]["outputGroups"][0] = json!({
        "outputGroupSettings": {"type": format!("{kind}_GROUP_SETTINGS"), member: settings},
        "outputs": [{
            "nameModifier": "_v",
            "containerSettings": {"container": container},
            "videoDescription": {"codecSettings": codec}
        }]
    });
    job
}

#[test]
fn groups_and_codecs_have_their_rules() {
    let vbr = |codec: &str, member: &str| json!({"codec": codec, member: {"bitrate": 1_000_000}});
    let h264 = || vbr("H_264", "h264Settings");
    let key = |more: Value| {
        let mut encryption = json!({"type": "STATIC_KEY", "encryptionMethod": "AES128", "staticKeyProvider":
            {"url": "https://k", "staticKeyValue": "2b7e151628aed2a6abf7158809cf4f3c"}});
        for (name, value) in more.as_object().unwrap() {
            encryption[name] = value.clone();
        }
        json!({"minSegmentLength": 0, "encryption": encryption})
    };
    let cases = [
        group_of("HLS", "M3U8", &json!({"minSegmentLength": 0}), &h264()),
        group_of("HLS", "M3U8", &json!({}), &h264()),
        group_of("HLS", "CMFC", &json!({"minSegmentLength": 0}), &h264()),
        group_of(
            "HLS",
            "M3U8",
            &json!({"minSegmentLength": 0}),
            &vbr("VP9", "vp9Settings"),
        ),
        group_of(
            "HLS",
            "M3U8",
            &json!({"minSegmentLength": 0, "segmentsPerSubdirectory": 3}),
            &h264(),
        ),
        group_of("HLS", "M3U8", &key(json!({})), &h264()),
        group_of(
            "HLS",
            "M3U8",
            &key(json!({"encryptionMethod": "SAMPLE_AES"})),
            &h264(),
        ),
        group_of("HLS", "M3U8", &key(json!({"type": "SPEKE"})), &h264()),
        group_of(
            "HLS",
            "M3U8",
            &key(json!({"staticKeyProvider": {"url": "https://k"}})),
            &h264(),
        ),
        group_of("DASH_ISO", "MPD", &json!({}), &vbr("VP9", "vp9Settings")),
        group_of("DASH_ISO", "M3U8", &json!({}), &h264()),
        group_of(
            "DASH_ISO",
            "MPD",
            &json!({"encryption": {"spekeKeyProvider": {}}}),
            &h264(),
        ),
        group_of("CMAF", "CMFC", &json!({}), &vbr("VP9", "vp9Settings")),
        group_of(
            "CMAF",
            "CMFC",
            &json!({}),
            &json!({"codec": "AV1", "av1Settings": {"rateControlMode": "QVBR"}}),
        ),
        group_of("FILE", "WEBM", &json!({}), &vbr("VP8", "vp8Settings")),
        group_of("FILE", "WEBM", &json!({}), &h264()),
        group_of("FILE", "MXF", &json!({}), &h264()),
        group_of("FILE", "MP4", &json!({}), &json!({"codec": "PRORES"})),
        group_of("FILE", "MOV", &json!({}), &json!({"codec": "PRORES"})),
        group_of(
            "FILE",
            "MP4",
            &json!({"destination": "s3://out/$w$/"}),
            &h264(),
        ),
        group_of(
            "FILE",
            "MP4",
            &json!({}),
            &json!({"codec": "H_265", "h265Settings": {"bitrate": 2, "maxBitrate": 1000}}),
        ),
        group_of(
            "FILE",
            "MP4",
            &json!({}),
            &json!({"codec": "H_265", "h265Settings": {"bitrate": 2_000_000, "maxBitrate": 1_000_000}}),
        ),
        group_of(
            "FILE",
            "MP4",
            &json!({}),
            &json!({"codec": "H_264", "h264Settings": {"rateControlMode": "QVBR", "maxBitrate": 1_000_000,
                "qvbrSettings": {"maxAverageBitrate": 500_000}}}),
        ),
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|job| match checked(job) {
            Ok(warnings) => format!("passes, {} warnings", warnings.len()),
            Err(message) => message,
        })
        .collect();
    insta::assert_json_snapshot!(told);
}

#[test]
fn automated_abr_has_its_rules() {
    let of = |abr: Value, codec: Value| {
        let mut job = group_of("CMAF", "CMFC", &json!({}), &codec);
        job["settings"]["outputGroups"][0]["automatedEncodingSettings"] =
            json!({"abrSettings": abr});
        checked(&job).map_or_else(|message| message, |_| "passes".to_owned())
    };
    let good = || json!({"codec": "H_264", "h264Settings": {"rateControlMode": "QVBR", "qualityTuningLevel": "MULTI_PASS_HQ"}});
    let size = json!([{"width": 640, "height": 360}]);
    let told = [
        of(json!({}), good()),
        of(
            json!({}),
            json!({"codec": "H_264", "h264Settings": {"rateControlMode": "QVBR"}}),
        ),
        of(json!({}), json!({"codec": "AV1"})),
        of(
            json!({"minAbrBitrate": 5_000_000, "maxAbrBitrate": 4_000_000}),
            good(),
        ),
        of(
            json!({"rules": [
                {"type": "FORCE_INCLUDE_RENDITIONS", "forceIncludeRenditions": size},
                {"type": "ALLOWED_RENDITIONS", "allowedRenditions": size}
            ]}),
            good(),
        ),
    ];
    insta::assert_json_snapshot!(told);
}

#[test]
fn rectangles_images_timecodes_and_colours_have_their_rules() {
    let video = format!("{OUTPUT}/videoDescription");
    let before = format!("{video}/videoPreprocessors");
    let input = "/settings/inputs/0";
    let image = |more: Value| {
        let mut image = json!({"imageInserterInput": "s3://in/logo.png", "imageX": 0, "imageY": 0});
        image
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"insertableImages": [image]})
    };
    let cases = [
        (
            format!("{video}/crop"),
            json!({"x": 1, "y": 0, "width": 10, "height": 10}),
        ),
        (
            format!("{input}/position"),
            json!({"x": 0, "y": 0, "width": 10, "height": 11}),
        ),
        (
            format!("{input}/imageInserter"),
            image(json!({"imageX": null})),
        ),
        (
            format!("{input}/imageInserter"),
            image(json!({"startTime": "1 s"})),
        ),
        (
            format!("{input}/imageInserter"),
            image(json!({"imageInserterInput": "ftp://in/logo.png"})),
        ),
        (before.clone(), json!({"timecodeBurnin": {"fontSize": 11}})),
        (
            before.clone(),
            json!({"colorCorrector": {"colorSpaceConversion": "FORCE_HDR10"}}),
        ),
        (
            before,
            json!({"colorCorrector": {"colorSpaceConversion": "FORCE_P3DCI"}}),
        ),
        (format!("{input}/timecodeSource"), json!("SPECIFIEDSTART")),
        (format!("{input}/inputClippings"), json!([{}])),
        (
            format!("{input}/inputClippings"),
            json!([{"startTimecode": "00:00:02:00", "endTimecode": "00:00:01:00"}]),
        ),
        (
            "/settings/timecodeConfig".to_owned(),
            json!({"source": "SPECIFIEDSTART"}),
        ),
    ];
    let messages: Vec<String> = cases
        .into_iter()
        .map(|(path, value)| refusal(&path, value))
        .collect();
    insta::assert_snapshot!(messages.join("\n"));
}
