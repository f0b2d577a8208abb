#![expect(
    clippy::needless_pass_by_value,
    reason = "settings are written as literals at the call"
)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::media::{Audio, Track, TrackKind, Video};
use crate::ratio::Ratio;

fn track(index: u32, kind: TrackKind) -> Track {
    Track {
        index,
        id: Some(index + 1),
        codec: String::new(),
        four_cc: None,
        profile: None,
        start: None,
        duration: Some(10.0),
        bit_rate: None,
        language: Some(if index == 2 { "fra" } else { "und" }.to_owned()),
        kind,
    }
}

fn video(width: u32, height: u32) -> Video {
    Video {
        width,
        height,
        sample_aspect_ratio: Ratio::ONE,
        rotation: 0,
        average_frame_rate: Ratio::new(25, 1),
        base_frame_rate: Ratio::new(25, 1),
        interlaced: false,
        top_field_first: None,
        pixel_format: "yuv420p".to_owned(),
        level: None,
        color_primaries: None,
        color_transfer: None,
        color_space: None,
        hdr10: None,
    }
}

fn audio(channels: u32) -> TrackKind {
    TrackKind::Audio(Audio {
        channels,
        sample_rate: 44_100,
        layout: None,
        bits_per_sample: None,
    })
}

fn media(kinds: impl IntoIterator<Item = TrackKind>) -> Media {
    Media {
        format: "mov,mp4,m4a,3gp,3g2,mj2".to_owned(),
        duration: Some(10.0),
        tracks: (0..)
            .zip(kinds)
            .map(|(index, kind)| track(index, kind))
            .collect(),
        ..Media::default()
    }
}

fn h264(modifier: &str, height: u32, more: Value) -> Value {
    let mut settings = json!({
        "rateControlMode": "QVBR", "maxBitrate": 3_000_000, "qvbrSettings": {"qvbrQualityLevel": 7},
        "gopSize": 2, "gopSizeUnits": "SECONDS", "codecProfile": "HIGH"
    });
    settings
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({
        "nameModifier": modifier, "containerSettings": {"container": "CMFC"},
        "videoDescription": {"height": height, "codecSettings": {"codec": "H_264", "h264Settings": settings}}
    })
}

fn aac(more: Value) -> Value {
    let mut description = json!({
        "audioSourceName": "Audio Selector 1",
        "codecSettings": {"codec": "AAC", "aacSettings": {"bitrate": 128_000, "sampleRate": 48000}}
    });
    description
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({"nameModifier": "_audio", "containerSettings": {"container": "CMFC"}, "audioDescriptions": [description]})
}

fn stills() -> Value {
    json!({
        "outputGroupSettings": {"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": {"destination": "s3://out/v/video"}},
        "outputs": [{"nameModifier": "_poster", "containerSettings": {"container": "RAW"},
            "videoDescription": {"width": 320, "codecSettings": {"codec": "FRAME_CAPTURE", "frameCaptureSettings":
                {"framerateNumerator": 1, "framerateDenominator": 3, "maxCaptures": 2, "quality": 80}}}}]
    })
}

fn settings(outputs: &[Value], rotate: &str) -> Value {
    json!({
        "inputs": [{"fileInput": "s3://in/clip.mp4", "videoSelector": {"rotate": rotate}, "audioSelectors": {
            "Audio Selector 1": {"defaultSelection": "DEFAULT", "tracks": [1]},
            "French": {"selectorType": "LANGUAGE_CODE", "languageCode": "FRA"},
            "Third": {"tracks": [3]}
        }}],
        "outputGroups": [
            {"outputGroupSettings": {"type": "CMAF_GROUP_SETTINGS", "cmafGroupSettings": {
                "destination": "s3://out/v/video", "segmentLength": 6, "segmentLengthControl": "GOP_MULTIPLE"}},
             "outputs": outputs},
            stills()
        ]
    })
}

fn planned(settings: &Value, media: &Media) -> Result<Plan, PlanError> {
    let sources = Sources::single(media.clone(), "/jobs/source");
    plan(&Settings::from_json(settings).unwrap(), &sources)
}

/// The command, a line for each output.
fn command(plan: &Plan) -> String {
    plan.arguments
        .join(" ")
        .replace(" -max_muxing", "\n-max_muxing")
        .replace(';', ";\n")
}

#[test]
fn one_command_decodes_once_and_encodes_all() {
    let outputs = [
        h264("_720p", 720, json!({})),
        h264("_360p", 360, json!({})),
        aac(json!({})),
    ];
    let media = media([TrackKind::Video(video(1280, 720)), audio(6)]);
    let plan = planned(&settings(&outputs, "AUTO"), &media).unwrap();
    insta::assert_snapshot!(command(&plan));
}

#[test]
fn a_turned_picture_is_turned_before_it_is_sized() {
    let turned = Video {
        rotation: 90,
        ..video(1920, 1080)
    };
    let media = media([TrackKind::Video(turned)]);
    let outputs = [h264("_720p", 720, json!({}))];
    let auto = planned(&settings(&outputs, "AUTO"), &media).unwrap();
    assert!(
        command(&auto).contains("[0:0]transpose=clock,null"),
        "{}",
        command(&auto)
    );
    assert!(
        command(&auto).contains("scale=406:720:"),
        "{}",
        command(&auto)
    );
    let stored = planned(&settings(&outputs, "DEGREE_0"), &media).unwrap();
    assert!(
        command(&stored).contains("scale=1280:720:"),
        "the default leaves the picture as stored"
    );
    assert!(
        command(&stored).contains("-noautorotate"),
        "and ffmpeg must not turn it by itself"
    );
}

#[test]
fn rates_of_their_own_get_trunks_of_their_own() {
    let slow = json!({"framerateControl": "SPECIFIED", "framerateNumerator": 12, "framerateDenominator": 1});
    let outputs = [h264("_a", 720, json!({})), h264("_b", 360, slow)];
    let plan = planned(
        &settings(&outputs, "AUTO"),
        &media([TrackKind::Video(video(1280, 720))]),
    )
    .unwrap();
    let command = command(&plan);
    assert!(command.contains("[0:0]split=2[t0_0][t0_1]"), "{command}");
    assert!(
        command.contains("fps=12/1:start_time=0") && command.contains("-g 24 "),
        "{command}"
    );
}

#[test]
fn sound_of_a_silent_source_is_left_out_and_told_of() {
    let outputs = [h264("_720p", 720, json!({})), aac(json!({}))];
    let plan = planned(
        &settings(&outputs, "AUTO"),
        &media([TrackKind::Video(video(640, 272))]),
    )
    .unwrap();
    assert!(matches!(
        plan.groups[0].outputs[1].product,
        Product::Omitted
    ));
    assert_eq!(
        plan.warnings,
        ["The input has no such audio: the audio of output '_audio' was left out."]
    );
}

/// A file output of all tracks that a dynamic selector finds.
fn dynamic(selector: Value) -> Value {
    let mut settings = settings(&[h264("_v", 360, json!({}))], "AUTO");
    settings["inputs"][0]["dynamicAudioSelectors"] = json!({"All": selector});
    settings["outputGroups"][1]["outputs"][0] = json!({
        "nameModifier": "_all", "containerSettings": {"container": "MP4"},
        "audioDescriptions": aac(json!({"audioSourceName": "All"}))["audioDescriptions"]});
    settings
}

#[test]
fn a_dynamic_selector_finds_as_many_tracks_as_there_are() {
    let three = media([
        TrackKind::Video(video(640, 360)),
        audio(2),
        audio(2),
        audio(6),
    ]);
    let tracks = |selector: Value, media: &Media| {
        let command = command(&planned(&dynamic(selector), media).unwrap());
        let used = (1..4).filter(|track| command.contains(&format!("[0:{track}]")));
        used.collect::<Vec<u32>>()
    };
    assert_eq!(tracks(json!({}), &three), [1, 2, 3]);
    let french = json!({"selectorType": "LANGUAGE_CODE", "languageCode": "FRA"});
    assert_eq!(tracks(french, &three), [2]);
    let nobody = json!({"selectorType": "LANGUAGE_CODE", "languageCode": "DEU"});
    assert_eq!(tracks(nobody.clone(), &three), [0; 0]);
    let plan = planned(&dynamic(nobody), &three).unwrap();
    let expected = "The input has no such audio: the audio of output '_all' was left out.";
    assert_eq!(plan.warnings, [expected]);
}

#[test]
fn an_output_of_one_track_refuses_a_dynamic_selector_that_finds_more() {
    let mut settings = dynamic(json!({}));
    settings["outputGroups"][0]["outputs"] = json!([
        h264("_v", 360, json!({})),
        aac(json!({"audioSourceName": "All"}))
    ]);
    let pictures = TrackKind::Video(video(640, 360));
    let refusal = planned(&settings, &media([pictures.clone(), audio(2), audio(2)])).unwrap_err();
    let expected = "dynamic audio selector 'All' finds 2 tracks, but output '_audio' holds one";
    assert!(refusal.to_string().starts_with(expected), "{refusal}");
    planned(&settings, &media([pictures, audio(2)])).unwrap();
}

#[test]
fn inputs_have_to_agree_on_the_number_of_dynamic_tracks() {
    let mut settings = dynamic(json!({}));
    settings["inputs"] = json!([settings["inputs"][0], settings["inputs"][0]]);
    let file = |sounds: u32| {
        let sounds = (0..sounds).map(|_| audio(2));
        let pictures = TrackKind::Video(video(640, 360));
        let media = media(std::iter::once(pictures).chain(sounds));
        Sources::single(media, "/jobs/source").inputs.remove(0)
    };
    let sources = |first: u32, second: u32| Sources {
        inputs: vec![file(first), file(second)],
        ..Sources::default()
    };
    let settings = Settings::from_json(&settings).unwrap();
    assert!(plan(&settings, &sources(2, 2)).is_ok());
    let refusal = plan(&settings, &sources(2, 1)).unwrap_err().to_string();
    assert!(refusal.contains("finds 1 tracks in input 2"), "{refusal}");
}

#[test]
fn what_the_source_lacks_has_its_own_error() {
    let pictures = settings(&[h264("_720p", 720, json!({}))], "AUTO");
    assert_eq!(
        planned(&pictures, &media([audio(2)])).unwrap_err(),
        PlanError::NoVideo
    );
    let third = settings(&[aac(json!({"audioSourceName": "Third"}))], "AUTO");
    let media = media([TrackKind::Video(video(640, 360)), audio(2)]);
    assert_eq!(
        planned(&third, &media).unwrap_err(),
        PlanError::NoTrack("Third".to_owned())
    );
}

#[test]
fn a_missing_selector_falls_back_to_the_default_one() {
    let outputs = [
        aac(json!({"audioSourceName": "Nobody"})),
        aac(json!({"audioSourceName": "French"})),
    ];
    let media = media([TrackKind::Video(video(640, 360)), audio(2), audio(2)]);
    let plan = planned(&settings(&outputs, "AUTO"), &media).unwrap();
    let command = command(&plan);
    assert!(
        command.contains("[0:1]anull") && command.contains("[0:2]anull"),
        "{command}"
    );
    let Product::CmafAudio { audio, .. } = &plan.groups[0].outputs[1].product else {
        panic!()
    };
    assert_eq!(audio.language.as_deref(), Some("fra"));
}

#[test]
fn without_a_default_selector_there_is_silence() {
    let mut settings = settings(&[aac(json!({"audioSourceName": "Nobody"}))], "AUTO");
    settings["inputs"][0]["audioSelectors"] = json!({});
    let plan = planned(
        &settings,
        &media([TrackKind::Video(video(640, 360)), audio(2)]),
    )
    .unwrap();
    assert!(
        command(&plan).contains("anullsrc=r=48000:cl=stereo:d=10,"),
        "{}",
        command(&plan)
    );
}

#[test]
fn a_remix_is_a_matrix_of_gains() {
    let remix = json!({"remixSettings": {"channelsIn": 2, "channelsOut": 2, "channelMapping": {"outputChannels": [
        {"inputChannels": [0, -6]}, {"inputChannelsFineTune": [-60, -60]}]}}});
    let media = media([TrackKind::Video(video(640, 360)), audio(2)]);
    let plan = planned(&settings(&[aac(remix)], "AUTO"), &media).unwrap();
    let command = command(&plan);
    assert!(
        command.contains("pan=stereo|c0=1.000000*c0+0.501187*c1|c1=0*c0,"),
        "{command}"
    );
}

#[test]
fn rate_control_follows_the_mode() {
    let media = media([TrackKind::Video(video(1280, 720))]);
    let encoder = |more: Value| {
        let plan = planned(&settings(&[h264("_v", 720, more)], "AUTO"), &media).unwrap();
        command(&plan)
    };
    let qvbr =
        encoder(json!({"qvbrSettings": {"qvbrQualityLevel": 8, "qvbrQualityLevelFineTune": 0.33}}));
    assert!(
        qvbr.contains("-crf 20.33 -maxrate 3000000 -bufsize 6000000"),
        "{qvbr}"
    );
    let cbr = encoder(
        json!({"rateControlMode": "CBR", "bitrate": 2_000_000, "hrdBufferSize": 3_000_000}),
    );
    assert!(
        cbr.contains("-b:v 2000000 -minrate 2000000 -maxrate 2000000 -bufsize 3000000"),
        "{cbr}"
    );
    let vbr = encoder(json!({"rateControlMode": "VBR", "bitrate": 2_000_000}));
    assert!(
        vbr.contains("-b:v 2000000 -maxrate 3000000 -bufsize 6000000"),
        "{vbr}"
    );
}

#[test]
fn exact_segments_that_gops_do_not_divide_force_key_frames() {
    let mut settings = settings(&[h264("_v", 720, json!({}))], "AUTO");
    let cmaf = &mut settings["outputGroups"][0]["outputGroupSettings"]["cmafGroupSettings"];
    cmaf["segmentLength"] = json!(5);
    cmaf["segmentLengthControl"] = json!("EXACT");
    let plan = planned(&settings, &media([TrackKind::Video(video(1280, 720))])).unwrap();
    assert!(
        command(&plan).contains("-force_key_frames expr:gte(t,n_forced*5)"),
        "{}",
        command(&plan)
    );
}

#[test]
fn transport_streams_are_cut_by_ffmpeg() {
    let mut muxed = h264("_720p", 720, json!({}));
    muxed["containerSettings"] =
        json!({"container": "M3U8", "m3u8Settings": {"videoPid": 481, "audioPids": [482]}});
    muxed["audioDescriptions"] = aac(json!({}))["audioDescriptions"].clone();
    let mut alone = aac(json!({}));
    alone["containerSettings"] = json!({"container": "M3U8"});
    let mut in_stream = alone.clone();
    in_stream["outputSettings"] = json!({"hlsSettings": {"audioOnlyContainer": "M2TS"}});
    let mut settings = settings(&[muxed, alone, in_stream], "AUTO");
    settings["outputGroups"][0]["outputGroupSettings"] = json!({"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": {
        "destination": "s3://out/v/video", "segmentLength": 6, "minSegmentLength": 0,
        "segmentLengthControl": "GOP_MULTIPLE"}});
    let media = media([TrackKind::Video(video(1280, 720)), audio(2)]);
    insta::assert_snapshot!(command(&planned(&settings, &media).unwrap()));
}

#[test]
fn each_container_has_its_muxer() {
    let file = |container: &str, codec: Value| {
        json!({
            "nameModifier": format!("_{container}"),
            "containerSettings": {"container": container},
            "videoDescription": {"height": 360, "codecSettings": codec}
        })
    };
    let vbr = |codec: &str, member: &str| json!({"codec": codec, member: {"bitrate": 1_000_000}});
    let mut settings = settings(&[], "AUTO");
    settings["outputGroups"] = json!([{
        "outputGroupSettings": {"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": {"destination": "s3://out/v"}},
        "outputs": [
            file("MP4", vbr("H_265", "h265Settings")),
            file("MOV", json!({"codec": "PRORES"})),
            file("M2TS", vbr("H_265", "h265Settings")),
            file("WEBM", vbr("VP9", "vp9Settings")),
            file("GIF", json!({"codec": "GIF"})),
            file("RAW", vbr("H_264", "h264Settings")),
        ]
    }]);
    let media = media([TrackKind::Video(video(1280, 720))]);
    insta::assert_snapshot!(command(&planned(&settings, &media).unwrap()));
}

proptest! {
    /// Whatever is stitched: the same.
    #[test]
    fn each_pad_of_several_inputs_is_made_once_and_used_once(
        inputs in prop::collection::vec((any::<bool>(), prop::collection::vec(1u32..3, 0..3), 0usize..3), 1..4),
        heights in prop::collection::vec(prop::sample::select(vec![360u32, 540, 720]), 1..4),
        tracks in prop::collection::vec(1u32..3, 0..3),
    ) {
        let mut outputs: Vec<Value> =
            heights.iter().enumerate().map(|(n, height)| h264(&format!("_{n}"), *height, json!({}))).collect();
        outputs.push(aac(json!({})));
        let mut settings = settings(&outputs, "AUTO");
        let mut sources = Sources::default();
        let described: Vec<Value> = inputs.iter().map(|(external, sounds, clips)| {
            let kinds = sounds.iter().map(|channels| audio(*channels));
            let media = media(std::iter::once(TrackKind::Video(video(640, 360))).chain(kinds));
            sources.inputs.extend(Sources::single(media, "/jobs/source").inputs);
            let mut selector = json!({"tracks": tracks.iter().filter(|n| (**n as usize) <= sounds.len()).collect::<Vec<_>>()});
            if *external {
                selector = json!({"externalAudioFileInput": "s3://in/side.wav"});
            }
            let clips: Vec<Value> = (0..*clips).map(|_| json!({"startTimecode": "00:00:01:00"})).collect();
            let image = json!({"insertableImages": [{"imageInserterInput": "s3://in/a.png", "imageX": 0, "imageY": 0}]});
            json!({"fileInput": "s3://in/clip.mp4", "timecodeSource": "ZEROBASED", "inputClippings": clips,
                "imageInserter": image, "audioSelectors": {"Audio Selector 1": selector}})
        }).collect();
        settings["inputs"] = json!(described);
        let side = Sources::single(media([audio(1)]), "/jobs/side").inputs.remove(0);
        sources.sounds.insert("s3://in/side.wav".to_owned(), side);
        let plan = plan(&Settings::from_json(&settings).unwrap(), &sources).unwrap();
        let text = plan.arguments.join(" ");
        let pads: Vec<&str> = text.split('[').skip(1).filter_map(|rest| rest.split(']').next()).collect();
        for pad in &pads {
            let count = pads.iter().filter(|other| *other == pad).count();
            prop_assert_eq!(count, if pad.contains(':') { 1 } else { 2 }, "[{}] in {}", pad, text);
        }
    }

    /// Whatever the source and the ladder: every pad that is made is used once, and every output
    /// has a file of its own.
    #[test]
    fn each_pad_is_made_once_and_used_once(
        (width, height) in (16u32..5000, 16u32..5000),
        rotation in prop::sample::select(vec![0, 90, 180, 270, 45]),
        sounds in prop::collection::vec(1u32..9, 0..3),
        heights in prop::collection::vec(prop::sample::select(vec![360u32, 540, 720, 1080]), 1..5),
        rates in prop::collection::vec(any::<bool>(), 5),
        with_audio in any::<bool>(),
    ) {
        let mut outputs: Vec<Value> = heights.iter().zip(&rates).enumerate().map(|(n, (height, own))| {
            let rate = json!({"framerateControl": "SPECIFIED", "framerateNumerator": 12, "framerateDenominator": 1});
            h264(&format!("_{n}"), *height, if *own { rate } else { json!({}) })
        }).collect();
        if with_audio {
            outputs.push(aac(json!({})));
        }
        let picture = TrackKind::Video(Video { rotation, ..video(width, height) });
        let media = media(std::iter::once(picture).chain(sounds.iter().map(|channels| audio(*channels))));
        let plan = planned(&settings(&outputs, "AUTO"), &media).unwrap();
        let text = plan.arguments.join(" ");
        let pads: Vec<&str> = text.split('[').skip(1).filter_map(|rest| rest.split(']').next()).collect();
        for pad in &pads {
            let count = pads.iter().filter(|other| *other == pad).count();
            // An input's pad is only used: it is made by the input.
            prop_assert_eq!(count, if pad.starts_with("0:") { 1 } else { 2 }, "[{}] in {}", pad, text);
        }
        let files: Vec<&String> = plan.arguments.iter().filter(|a| a.starts_with('g') && a.contains('.')).collect();
        let expected = heights.len() + usize::from(with_audio && !sounds.is_empty()) + 1;
        prop_assert_eq!(files.iter().collect::<std::collections::HashSet<_>>().len(), expected);
    }
}
