use aws_sdk_mediaconvert::config::Credentials;
use aws_sdk_mediaconvert::types::{
    AudioNormalizationSettings, ContainerType, InputTimecodeSource, JobSettings, Output,
    OutputGroup, OutputGroupType,
};
use insta::assert_json_snapshot;
use proptest::prelude::*;

use aws_sdk_mediaconvert::operation::create_job::builders::CreateJobInputBuilder;

use super::{Plan, Recipe, Target, create_job, settings};
use crate::captions::{Search, Sidecar, Track};
use crate::clip::Clip;
use crate::failure::Failure;
use crate::media::{Audio, Captions, FrameRate, Media, PixelAspect, Video};
use crate::profile::{BUILT_IN, Packaging, Passes, Profile};
use crate::rotation::Rotation;
use crate::source::Source;
use crate::video::Made;

fn video(width: u32, height: u32) -> Video {
    Video {
        width,
        height,
        pixel_aspect: None,
        rotation: Rotation::None,
        frame_rate: Some(per_second(25)),
        interlaced: false,
        hdr: false,
    }
}

fn per_second(numerator: u32) -> FrameRate {
    FrameRate {
        numerator,
        denominator: 1,
    }
}

fn audio(track: u32, channels: u32, language: Option<&str>) -> Audio {
    Audio {
        track,
        channels,
        language: language.map(str::to_owned),
    }
}

fn media(width: u32, height: u32) -> Media {
    Media {
        duration_ms: Some(60_060),
        video: Some(video(width, height)),
        audio: vec![audio(1, 2, None)],
        captions: Captions::None,
    }
}

fn source() -> Source {
    Source {
        bucket: "vod-source".into(),
        key: "videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4".into(),
        version_id: Some("v1".into()),
        etag: "e".into(),
        size_bytes: 1,
        sequencer: None,
        attempt: 0,
    }
}

fn target() -> Target {
    Target {
        role_arn: "arn:aws:iam::123456789012:role/vod-mediaconvert".into(),
        queue_arn: None,
        converted_bucket: "vod-converted".into(),
    }
}

fn plan(media: &Media) -> Plan {
    Plan::new(&Profile::standard(), media).unwrap()
}

/// Type and name modifiers of each group of the job.
fn built(job: &JobSettings) -> Vec<(String, Vec<String>)> {
    let groups = job.output_groups().iter();
    let groups = groups.map(|group| {
        let kind = group.output_group_settings().unwrap().r#type().unwrap();
        let modifiers = group.outputs().iter();
        let modifiers = modifiers.map(|output| output.name_modifier().unwrap().to_owned());
        // `CMAF_GROUP_SETTINGS` in the settings is `CMAF_GROUP` in events.
        (
            kind.as_str().trim_end_matches("_SETTINGS").to_owned(),
            modifiers.collect(),
        )
    });
    groups.collect()
}

fn created(target: &Target, source: &Source, plan: Plan) -> CreateJobInputBuilder {
    let recipe = Recipe::Plan(Box::new(plan));
    let order = recipe.order(source, &target.destination(source));
    create_job(target, source, order)
}

/// The request as it goes over the wire.
async fn wire(target: &Target, plan: &Plan) -> serde_json::Value {
    let (http, request) = aws_smithy_http_client::test_util::capture_request(None);
    let config = aws_sdk_mediaconvert::Config::builder()
        .behavior_version_latest()
        .region(aws_sdk_mediaconvert::config::Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(http)
        .build();
    #[expect(
        clippy::disallowed_types,
        reason = "it goes no further than the capture"
    )]
    let client = aws_sdk_mediaconvert::Client::from_conf(config);
    // The capture answers nothing that is a job; only the request counts.
    let _ = created(target, &source(), plan.clone())
        .send_with(&client)
        .await;
    let request = request.expect_request();
    let mut body: serde_json::Value =
        serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    // The SDK keeps user metadata in a hash map.
    body.sort_all_objects();
    body
}

#[tokio::test]
async fn full_hd_with_stereo() {
    assert_json_snapshot!(wire(&target(), &plan(&media(1920, 1080))).await);
}

#[tokio::test]
async fn phone_clip_with_mono_in_a_queue() {
    let mut clip = media(1920, 1080);
    clip.video = Some(Video {
        rotation: Rotation::Clockwise90,
        ..video(1920, 1080)
    });
    clip.audio = vec![audio(1, 1, None)];
    let queue_arn = Some("arn:aws:mediaconvert:us-east-1:123456789012:queues/vod".into());
    assert_json_snapshot!(
        wire(
            &Target {
                queue_arn,
                ..target()
            },
            &plan(&clip)
        )
        .await
    );
}

#[tokio::test]
async fn interlaced_with_surround() {
    let mut broadcast = media(1920, 1080);
    broadcast.video = Some(Video {
        interlaced: true,
        ..video(1920, 1080)
    });
    broadcast.audio = vec![audio(1, 6, None)];
    assert_json_snapshot!(wire(&target(), &plan(&broadcast)).await);
}

#[tokio::test]
async fn silent_odd_size_of_unknown_length() {
    let mut odd = media(853, 481);
    odd.audio.clear();
    odd.duration_ms = None;
    assert_json_snapshot!(wire(&target(), &plan(&odd)).await);
}

#[tokio::test]
async fn tiny_and_short() {
    let mut tiny = media(160, 120);
    tiny.duration_ms = Some(1_500);
    assert_json_snapshot!(wire(&target(), &plan(&tiny)).await);
}

#[test]
fn a_picture_below_32_pixels_is_refused() {
    let failure = Plan::new(&Profile::standard(), &media(64, 20)).unwrap_err();
    assert_eq!(failure.code, "SOURCE_TOO_SMALL");
}

fn plan_with(profile: &str, media: &Media) -> Plan {
    Plan::new(&Profile::built_in(profile).unwrap(), media).unwrap()
}

#[test]
fn a_profile_of_sound_refuses_a_silent_source() {
    let mut silent = media(1280, 720);
    silent.audio.clear();
    let failure = Plan::new(&Profile::audio(), &silent).unwrap_err();
    assert_eq!(failure.code, "NO_AUDIO");
}

#[tokio::test]
async fn efficient_keeps_two_languages_surround_and_high_dynamic_range() {
    let mut film = media(3840, 2160);
    film.video = Some(Video {
        hdr: true,
        frame_rate: Some(per_second(60)),
        ..video(3840, 2160)
    });
    film.audio = vec![audio(1, 6, Some("eng")), audio(2, 2, Some("ger"))];
    let plan = plan_with("efficient", &film);
    let names: Vec<_> = plan
        .making()
        .renditions
        .into_iter()
        .map(|rendition| (rendition.name, rendition.label.unwrap_or(rendition.codec)))
        .collect();
    insta::assert_debug_snapshot!(names);
    assert_json_snapshot!(wire(&target(), &plan).await);
}

#[tokio::test]
async fn archive_is_one_file_with_its_sound() {
    let mut fast = media(1920, 1080);
    fast.video = Some(Video {
        frame_rate: Some(per_second(60)),
        ..video(1920, 1080)
    });
    assert_json_snapshot!(wire(&target(), &plan_with("archive", &fast)).await);
}

#[tokio::test]
async fn a_podcast_gets_its_sound_alone() {
    let podcast = Media {
        video: None,
        ..media(1, 1)
    };
    assert_eq!(plan(&podcast).packaging(), Packaging::Audio);
    assert_json_snapshot!(wire(&target(), &plan(&podcast)).await);
}

#[test]
fn sound_alone_has_one_variant_and_a_download_of_its_default_track() {
    let podcast = Media {
        video: None,
        audio: vec![audio(1, 2, Some("eng")), audio(2, 2, Some("ger"))],
        ..media(1, 1)
    };
    let profile = Profile {
        download: true,
        ..Profile::audio()
    };
    let plan = Plan::new(&profile, &podcast).unwrap();
    let job = settings(&source(), &plan, "s3://b/v/r/video");
    let [streams, files] = job.output_groups() else {
        panic!("two groups: {:?}", built(&job));
    };
    let offered = streams.outputs().iter().map(|output| {
        let cmfc = output.container_settings().unwrap().cmfc_settings();
        cmfc.unwrap().audio_track_type().unwrap().as_str()
    });
    assert_eq!(
        offered.collect::<Vec<_>>(),
        ["AUDIO_ONLY_VARIANT_STREAM", "ALTERNATE_AUDIO_AUTO_SELECT"]
    );
    assert_eq!(files.outputs()[0].audio_descriptions().len(), 1);
}

#[test]
fn the_name_of_a_stream_has_only_characters_that_the_service_takes() {
    let mut film = media(1280, 720);
    film.audio = vec![audio(1, 2, Some("nob")), audio(2, 8, Some("roh"))];
    let job = settings(&source(), &plan(&film), "s3://b/v/r/video");
    let sounds = job.output_groups()[0].outputs().iter();
    for description in sounds.flat_map(Output::audio_descriptions) {
        let name = description.stream_name().unwrap();
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == ' ';
        assert!(!name.is_empty() && name.chars().all(is_plain), "{name}");
    }
}

#[test]
fn tracks_of_the_same_language_are_told_apart() {
    let mut film = media(1280, 720);
    film.audio = vec![
        audio(1, 2, Some("fre")),
        audio(2, 2, Some("fre")),
        audio(3, 2, None),
        audio(4, 2, None),
    ];
    let tracks: Vec<_> = plan(&film)
        .making()
        .renditions
        .into_iter()
        .filter_map(|rendition| Some((rendition.name, rendition.label?)))
        .collect();
    let expected = [
        ("audio_fre", "French"),
        ("audio_fre_2", "French 2"),
        ("audio", "Audio"),
        ("audio_2", "Audio 2"),
    ];
    assert_eq!(
        tracks,
        expected.map(|(name, label)| (name.to_owned(), label.to_owned()))
    );
}

#[test]
fn loudness_is_corrected_only_where_a_target_is_set() {
    let mut profile = Profile::standard();
    for lufs in [None, Some(-16.0)] {
        profile.audio.loudness_lufs = lufs;
        let plan = Plan::new(&profile, &media(1280, 720)).unwrap();
        let job = settings(&source(), &plan, "s3://b/v/r/video");
        let sound = job.output_groups()[0].outputs().last().unwrap();
        let target = sound.audio_descriptions()[0]
            .audio_normalization_settings()
            .and_then(AudioNormalizationSettings::target_lkfs);
        assert_eq!(target, lufs);
    }
}

#[test]
fn surround_is_mixed_without_clipping() {
    for (channels, profile) in [(6, "standard"), (8, "standard"), (8, "efficient")] {
        let mut film = media(1280, 720);
        film.audio = vec![audio(1, channels, None)];
        let job = settings(&source(), &plan_with(profile, &film), "s3://b/v/r/video");
        let sound = job.output_groups()[0].outputs().last().unwrap();
        let remix = sound.audio_descriptions()[0].remix_settings().unwrap();
        for channel in remix.channel_mapping().unwrap().output_channels() {
            let gains = channel.input_channels();
            assert_eq!(gains.len(), usize::try_from(channels).unwrap());
            let sum: f64 = gains
                .iter()
                .filter(|gain| **gain > -60)
                .map(|gain| 10_f64.powf(f64::from(*gain) / 20.0))
                .sum();
            assert!(
                sum <= 1.6,
                "a full-scale signal on every channel is rare, but {sum} is too loud"
            );
        }
    }
}

/// Bit rates of AAC-LC: <https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html>.
const AAC_BITRATES: [i32; 10] = [
    56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 256_000, 384_000,
];

fn any_media() -> impl Strategy<Value = Media> {
    let picture = (
        32..8192_u32,
        32..8192_u32,
        0..4,
        proptest::option::of((1..240_u32, 1..3_u32)),
        any::<bool>(),
        any::<bool>(),
        proptest::option::of((1..10_u32, 1..10_u32)),
    );
    let picture = picture.prop_map(
        |(width, height, turn, frame_rate, interlaced, hdr, pixel_aspect)| Video {
            pixel_aspect: pixel_aspect
                .filter(|(width, height)| width != height)
                .map(|(width, height)| PixelAspect { width, height }),
            rotation: Rotation::from_degrees(turn * 90).unwrap_or_default(),
            frame_rate: frame_rate.map(|(numerator, denominator)| FrameRate {
                numerator,
                denominator,
            }),
            interlaced,
            hdr,
            ..video(width, height)
        },
    );
    let language = proptest::option::of(proptest::sample::select(&["eng", "ger", "tlh"][..]));
    let sound = proptest::collection::vec((1..9_u32, language), 0..4);
    let length = proptest::option::of(1..50_000_000_u64);
    (proptest::option::weighted(0.9, picture), sound, length).prop_map(
        |(video, sound, duration_ms)| Media {
            duration_ms,
            video,
            audio: sound
                .into_iter()
                .zip(1..)
                .map(|((channels, language), track)| audio(track, channels, language))
                .collect(),
            captions: Captions::None,
        },
    )
}

fn is_still(output: &Output) -> bool {
    output
        .container_settings()
        .and_then(|settings| settings.container())
        == Some(&ContainerType::Raw)
}

proptest! {
    /// The rules that MediaConvert enforces beyond its model, on every job that we can make.
    #[test]
    fn every_job_keeps_the_rules_of_the_service(
        media in any_media(), profile in proptest::sample::select(BUILT_IN), download in any::<bool>(),
    ) {
        let profile = Profile { download, ..Profile::built_in(profile).unwrap() };
        let Ok(plan) = Plan::new(&profile, &media) else { return Ok(()) };
        let job = settings(&source(), &plan, "s3://vod-converted/v/r/video");
        prop_assert_eq!(job.inputs().len(), 1);
        let picture = media.video.as_ref().filter(|_| profile.packaging != Packaging::Audio);
        let mut names = std::collections::HashSet::new();
        for group in job.output_groups() {
            prop_assert!(!group.outputs().is_empty(), "a group needs an output");
            let kind = group.output_group_settings().unwrap().r#type().unwrap();
            for output in group.outputs() {
                let container = output.container_settings().and_then(|settings| settings.container());
                prop_assert!(container.is_some(), "every output needs container settings");
                if *kind == OutputGroupType::CmafGroupSettings {
                    prop_assert_eq!(container, Some(&ContainerType::Cmfc), "CMAF takes CMFC");
                    let video = usize::from(output.video_description().is_some());
                    prop_assert_eq!(video + output.audio_descriptions().len() + output.caption_descriptions().len(), 1, "CMAF takes one track an output");
                }
                prop_assert!(names.insert(output.name_modifier().unwrap()), "modifiers tell the outputs apart");
                if let Some(video) = output.video_description() {
                    let sides: Vec<_> = [video.width(), video.height()].into_iter().flatten().collect();
                    let squared = picture.unwrap().pixel_aspect.is_some() && !is_still(output);
                    prop_assert_eq!(sides.len(), if squared { 2 } else { 1 }, "one side only, so that the shape is kept");
                    prop_assert!(sides.iter().all(|side| side % 2 == 0 && (32..=8192).contains(side)), "even, 32 to 8192");
                    let codec = video.codec_settings().unwrap();
                    if let Some(h264) = codec.h264_settings() {
                        prop_assert!(h264.max_bitrate().is_some(), "QVBR needs a bound");
                        prop_assert!(h264.gop_closed_cadence() != Some(0), "segmented outputs need closed groups");
                        let several = h264.quality_tuning_level().unwrap().as_str() == "MULTI_PASS_HQ";
                        prop_assert_eq!(several, profile.video.passes == Passes::Multi, "basic tier");
                    }
                    if let Some(stills) = codec.frame_capture_settings() {
                        prop_assert!((1..=10_000_000).contains(&stills.max_captures().unwrap_or(1)));
                        prop_assert!(stills.framerate_denominator().unwrap() >= 1);
                    }
                    let filters = video.video_preprocessors();
                    let deinterlaced = filters.is_some_and(|filters| filters.deinterlacer().is_some());
                    prop_assert_eq!(deinterlaced, picture.unwrap().interlaced && !is_still(output), "professional tier only where needed");
                    let mapped = filters.is_some_and(|filters| filters.color_corrector().is_some());
                    prop_assert!(!mapped || picture.unwrap().hdr, "nothing else is mapped");
                }
                for audio in output.audio_descriptions() {
                    prop_assert!(job.inputs()[0].audio_selectors().unwrap().contains_key(audio.audio_source_name().unwrap()));
                    let aac = audio.codec_settings().unwrap().aac_settings().unwrap();
                    prop_assert!(AAC_BITRATES.contains(&aac.bitrate().unwrap()), "a bit rate of AAC-LC at 48 kHz");
                    prop_assert_eq!(aac.sample_rate(), Some(48_000));
                }
            }
        }
        prop_assert!(!job.output_groups().iter().flat_map(OutputGroup::outputs).all(is_still), "no job of stills alone");
        let descriptions = job.output_groups()[0].outputs().iter().flat_map(Output::audio_descriptions);
        let surround = profile.audio.surround_bitrate.map_or(0, |_| media.audio.iter().filter(|track| track.channels >= 6).count());
        prop_assert_eq!(descriptions.count(), media.audio.len() + surround, "each track, and no audio output for a silent source");
        let made = plan.making();
        let described: Vec<_> = made.groups().into_iter()
            .map(|(kind, outputs)| (kind.as_str().to_owned(), outputs.iter().map(Made::modifier).collect::<Vec<_>>()))
            .collect();
        prop_assert_eq!(described, built(&job), "the job's end is read by the description");
    }

    /// At most 10 entries, key ≤ 128, value ≤ 256, of letters, digits and a few signs:
    /// <https://docs.aws.amazon.com/mediaconvert/latest/ug/user-metadata-tags.html>.
    #[test]
    fn user_metadata_and_token_are_accepted_for_any_key(key in "\\PC{1,200}") {
        let source = Source { key, ..source() };
        let request = created(&target(), &source, plan(&media(1280, 720)));
        for (name, value) in request.get_user_metadata().as_ref().unwrap() {
            let fits = |text: &str, most: usize| text.len() <= most && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            prop_assert!(fits(name, 128) && fits(value, 256), "{name}={value}");
        }
        prop_assert!(request.get_client_request_token().as_ref().unwrap().len() <= 64);
    }
}

#[test]
fn captions_are_outputs_of_the_streams_behind_the_sound() {
    let track = |key| Sidecar::of(key, "film.mp4").unwrap().track(key);
    let tracks = vec![track("film.srt"), track("film.pt-BR.scc")];
    let plan = plan(&media(1280, 720)).with_captions(tracks);
    let job = settings(&source(), &plan, "s3://vod-converted/v/r/video");
    let streams = &built(&job)[0].1;
    assert!(streams.ends_with(&["_captions_und".to_owned(), "_captions_pt-BR".to_owned()]));
    let made = plan.making();
    let described: Vec<_> = made.groups()[0].1.iter().map(Made::modifier).collect();
    assert_eq!(described, *streams);
    let outputs = job.output_groups()[0].outputs();
    let languages: Vec<_> = outputs
        .iter()
        .flat_map(Output::caption_descriptions)
        .map(|description| description.custom_language_code())
        .collect();
    assert_eq!(languages, [None, Some("pt-BR")]);
}

#[test]
fn captions_of_the_source_itself_are_selected_by_their_channel() {
    let mut search = Search::default();
    search.add(b"GA94\x03\x42\xFF\xFD\x15\x20\xFDHi\xFF");
    let mut tracks = search.tracks();
    tracks.push(Track::ancillary(Some("fra")));
    let plan = plan(&media(1280, 720)).with_captions(tracks);
    let job = settings(&source(), &plan, "s3://vod-converted/v/r/video");
    let selectors = job.inputs()[0].caption_selectors().unwrap();
    let embedded = selectors["captions_cc3"].source_settings().unwrap();
    assert_eq!(embedded.source_type().unwrap().as_str(), "EMBEDDED");
    let channel = embedded.embedded_source_settings().unwrap();
    assert_eq!(channel.source608_channel_number(), Some(3));
    let ancillary = selectors["captions_cc1"].source_settings().unwrap();
    assert_eq!(ancillary.source_type().unwrap().as_str(), "ANCILLARY");
    let channel = ancillary.ancillary_source_settings().unwrap();
    assert_eq!(channel.source_ancillary_channel_number(), Some(1));
    let outputs = job.output_groups()[0].outputs().iter();
    let described: Vec<_> = outputs
        .flat_map(Output::caption_descriptions)
        .map(|it| {
            (
                it.custom_language_code(),
                it.language_description().unwrap(),
            )
        })
        .collect();
    assert_eq!(described, [(None, "CC3"), (Some("fra"), "French")]);
    assert_eq!(
        plan.making(),
        serde_json::from_value(serde_json::to_value(plan.making()).unwrap()).unwrap(),
        "the record keeps where they are"
    );
}

#[test]
fn mediaconvert_can_tell_a_repeat_from_another_revision() {
    let token = |attempt| {
        let source = source().attempted(attempt);
        let request = created(&target(), &source, plan(&media(1280, 720)));
        request.get_client_request_token().clone()
    };
    assert!(token(0).is_some());
    assert_eq!(token(0), token(0));
    assert_ne!(token(0), token(1));
}

#[test]
fn a_download_is_of_the_highest_rendition_that_every_device_plays() {
    for (profile, height) in [("standard", 1080), ("efficient", 720), ("small", 540)] {
        let mut profile = Profile::built_in(profile).unwrap();
        profile.download = true;
        let mut film = media(3840, 2160);
        film.audio = vec![audio(1, 6, Some("eng")), audio(2, 2, Some("ger"))];
        let plan = Plan::new(&profile, &film).unwrap();
        let job = settings(&source(), &plan, "s3://vod-converted/v/r/video");
        let (kind, names) = &built(&job)[1];
        assert_eq!(
            (kind.as_str(), names[0].as_str()),
            ("FILE_GROUP", "_download")
        );
        let output = &job.output_groups()[1].outputs()[0];
        let picture = output.video_description().unwrap();
        assert_eq!(picture.height(), Some(height));
        assert!(picture.codec_settings().unwrap().h264_settings().is_some());
        let streams = job.output_groups()[0].outputs().iter();
        let sound = streams.flat_map(Output::audio_descriptions).count();
        assert_eq!(output.audio_descriptions().len(), sound, "all its sound");
    }
}

#[test]
fn sound_is_downloaded_as_sound_and_one_file_is_a_download_already() {
    let with_download = |profile| {
        let mut profile = Profile::built_in(profile).unwrap();
        profile.download = true;
        let plan = Plan::new(&profile, &media(1280, 720)).unwrap();
        settings(&source(), &plan, "s3://vod-converted/v/r/video")
    };
    let job = with_download("audio");
    let output = &job.output_groups()[1].outputs()[0];
    assert_eq!(output.name_modifier(), Some("_download"));
    assert!(output.video_description().is_none() && output.audio_descriptions().len() == 1);
    let (kind, names) = built(&with_download("archive")).remove(0);
    assert_eq!(kind, "FILE_GROUP");
    assert!(!names.contains(&"_download".to_owned()));
}

#[test]
fn a_clip_is_read_by_timecodes_from_zero_and_its_stills_fit_it() {
    let clip = Clip {
        from_ms: 10_000,
        to_ms: Some(18_000),
    };
    let media = media(1280, 720);
    let plan = Plan::of_clip(&Profile::standard(), &media, clip).unwrap();
    let job = settings(&source(), &plan, "s3://vod-converted/v/r/video");
    let input = &job.inputs()[0];
    assert_eq!(
        input.timecode_source(),
        Some(&InputTimecodeSource::Zerobased)
    );
    let clipping = &input.input_clippings()[0];
    assert_eq!(clipping.start_timecode(), Some("00:00:10:00"));
    assert_eq!(clipping.end_timecode(), Some("00:00:17:24"));
    assert_eq!(plan.making().stills.unwrap().thumbnail_count, Some(4));
}

#[test]
fn a_clip_of_all_clips_nothing_and_one_outside_is_a_failure() {
    let media = media(1280, 720);
    let of = |from_ms, to_ms| {
        let plan = Plan::of_clip(&Profile::standard(), &media, Clip { from_ms, to_ms })?;
        let job = settings(&source(), &plan, "s3://vod-converted/v/r/video");
        Ok::<_, Failure>(job.inputs()[0].input_clippings().len())
    };
    assert_eq!(of(0, Some(60_060)), Ok(0));
    assert_eq!(of(0, Some(60_000)), Ok(1));
    let failure = of(50_000, Some(90_000)).unwrap_err();
    assert_eq!(failure.code, "CLIP_OUTSIDE_SOURCE");
    assert!(failure.message.unwrap().contains("60.060 seconds"));
}
