use aws_sdk_mediaconvert::config::Credentials;
use aws_sdk_mediaconvert::types::{
    ContainerType, JobSettings, Output, OutputGroup, OutputGroupType,
};
use insta::assert_json_snapshot;
use proptest::prelude::*;

use super::{Plan, Target, audio::AudioPlan, cmaf, create_job, settings};
use crate::media::{Audio, Media, Video};
use crate::profile::Profile;
use crate::rotation::Rotation;
use crate::source::Source;
use crate::video::Made;

fn media(width: u32, height: u32) -> Media {
    Media {
        duration_ms: Some(60_060),
        video: Video {
            width,
            height,
            rotation: Rotation::None,
            frame_rate: Some(25.0),
            interlaced: false,
            hdr: false,
        },
        audio: vec![Audio { channels: 2 }],
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
    let _ = create_job(target, &source(), plan).send_with(&client).await;
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
    clip.video.rotation = Rotation::Clockwise90;
    clip.audio = vec![Audio { channels: 1 }];
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
    broadcast.video.interlaced = true;
    broadcast.audio = vec![Audio { channels: 6 }];
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

#[test]
fn the_groups_of_pictures_divide_fragment_and_segment() {
    assert_eq!(cmaf::FRAGMENT_SECONDS % cmaf::GOP_SECONDS, 0);
    assert_eq!(cmaf::SEGMENT_SECONDS % cmaf::GOP_SECONDS, 0);
    assert_eq!(cmaf::SEGMENT_SECONDS % cmaf::FRAGMENT_SECONDS, 0);
}

#[test]
fn surround_is_mixed_without_clipping() {
    for channels in [6, 8] {
        let plan = AudioPlan::new(&Profile::standard(), Audio { channels });
        let output = plan.output();
        let remix = output.audio_descriptions()[0].remix_settings().unwrap();
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
const AAC_BITRATES: [i32; 8] = [
    56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000,
];

fn any_media() -> impl Strategy<Value = Media> {
    (
        32..8192_u32,
        32..8192_u32,
        0..4,
        proptest::option::of(1.0..120.0),
        any::<bool>(),
        proptest::option::of(1..50_000_000_u64),
        proptest::collection::vec(1..9_u32, 0..3),
    )
        .prop_map(
            |(width, height, turn, frame_rate, interlaced, duration_ms, channels)| Media {
                duration_ms,
                video: Video {
                    rotation: Rotation::from_degrees(turn * 90).unwrap_or_default(),
                    frame_rate,
                    interlaced,
                    ..media(width, height).video
                },
                audio: channels
                    .into_iter()
                    .map(|channels| Audio { channels })
                    .collect(),
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
    fn every_job_keeps_the_rules_of_the_service(media in any_media()) {
        let Ok(plan) = Plan::new(&Profile::standard(), &media) else { return Ok(()) };
        let job = settings(&source(), &plan, "s3://vod-converted/v/r/video");
        prop_assert_eq!(job.inputs().len(), 1);
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
                    prop_assert_eq!(video + output.audio_descriptions().len(), 1, "CMAF takes one track an output");
                }
                prop_assert!(names.insert(output.name_modifier().unwrap()), "modifiers tell the outputs apart");
                if let Some(video) = output.video_description() {
                    let sides: Vec<_> = [video.width(), video.height()].into_iter().flatten().collect();
                    prop_assert_eq!(sides.len(), 1, "one side only, so that the shape is kept");
                    prop_assert!(sides[0] % 2 == 0 && (32..=8192).contains(&sides[0]), "even, 32 to 8192");
                    let codec = video.codec_settings().unwrap();
                    if let Some(h264) = codec.h264_settings() {
                        prop_assert!(h264.max_bitrate().is_some(), "QVBR needs a bound");
                        prop_assert!(h264.gop_closed_cadence() != Some(0), "segmented outputs need closed groups");
                        prop_assert!(h264.quality_tuning_level().unwrap().as_str() != "MULTI_PASS_HQ", "basic tier");
                    }
                    if let Some(stills) = codec.frame_capture_settings() {
                        prop_assert!((1..=10_000_000).contains(&stills.max_captures().unwrap_or(1)));
                        prop_assert!(stills.framerate_denominator().unwrap() >= 1);
                    }
                    let deinterlaced = video.video_preprocessors().is_some_and(|filters| filters.deinterlacer().is_some());
                    prop_assert_eq!(deinterlaced, media.video.interlaced && !is_still(output), "professional tier only where needed");
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
        let tracks = job.output_groups()[0].outputs().iter().filter(|output| !output.audio_descriptions().is_empty());
        prop_assert_eq!(tracks.count(), media.audio.len().min(1), "no audio output for a silent source");
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
        let request = create_job(&target(), &source, &plan(&media(1280, 720)));
        for (name, value) in request.get_user_metadata().as_ref().unwrap() {
            let fits = |text: &str, most: usize| text.len() <= most && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            prop_assert!(fits(name, 128) && fits(value, 256), "{name}={value}");
        }
        prop_assert!(request.get_client_request_token().as_ref().unwrap().len() <= 64);
    }
}
