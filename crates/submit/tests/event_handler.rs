//! The function against the events of `events/`.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "support/fake_aws.rs"]
mod fake_aws;

use std::fs;

use common::call_limits::LAST_WORDS_MS;
use common::clock::now;
use common::job::Target;
use common::source::Source;
use common::table::Outcome;
use common::time::Timestamp;
use common::video::{Making, Status};
use fake_aws::{Create, FakeAws, SourceFile, file_input};
use lambda_runtime::Diagnostic;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use submit::EventError;
use submit::clients::Clients;
use submit::config::{Budget, Config};
use submit::event_handler::handle;
use test_support::fake_table::FakeTable;

#[derive(Default)]
struct Stack {
    table: FakeTable,
    aws: FakeAws,
    s3_hangs: bool,
    budget: Option<Budget>,
    prices_key: Option<String>,
}

impl Stack {
    /// Does to the video of the sample events what follows from `event`.
    async fn apply(&self, event: &common::video::Event) {
        let table = self.table.table();
        let outcome = table.apply(ID, event, now()).await.unwrap();
        assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
    }

    /// Invokes the function, which Lambda would stop in half a minute.
    async fn invoke(&self, event: Value) -> Result<(), EventError> {
        self.invoke_until(event, now().plus_ms(30_000)).await
    }

    async fn invoke_until(&self, event: Value, deadline: Timestamp) -> Result<(), EventError> {
        let clients = Clients {
            table: self.table.table(),
            mediaconvert: self.aws.mediaconvert(),
            s3: if self.s3_hangs {
                fake_aws::hanging_s3()
            } else {
                self.aws.s3()
            },
        };
        let config = Config {
            source_bucket: "vod-source-000000000000-us-east-1".into(),
            table: "videos".into(),
            configuration_bucket: fake_aws::CONFIGURATION_BUCKET.into(),
            default_profile: "standard".into(),
            loudness_lufs: None,
            budget: self.budget,
            prices_key: self.prices_key.clone(),
            region: "us-east-1".into(),
            target: Target {
                role_arn: "arn:aws:iam::000000000000:role/vod-mediaconvert".into(),
                queue_arn: None,
                converted_bucket: "vod-converted-000000000000-us-east-1".into(),
            },
        };
        let event = to_raw_value(&event).unwrap();
        Box::pin(handle(&clients, &config, &event, deadline)).await
    }
}

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

const ID: &str = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77";

/// The upload of the sample events.
fn source() -> Source {
    let event = event("s3-object-created");
    let s3 = &event["Records"][0]["s3"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Source {
        bucket: text(&s3["bucket"]["name"]),
        key: text(&s3["object"]["key"]),
        version_id: Some(text(&s3["object"]["versionId"])),
        etag: text(&s3["object"]["eTag"]),
        size_bytes: s3["object"]["size"].as_u64().unwrap(),
        sequencer: Some(text(&s3["object"]["sequencer"])),
        attempt: 0,
    }
}

#[tokio::test]
async fn an_upload_gets_one_job() {
    let stack = Stack::default();
    stack.invoke(event("s3-object-created")).await.unwrap();
    let video = stack.table.video(ID).unwrap();
    assert_eq!(video.status, Status::Submitted);
    assert_eq!(
        video.revision.as_deref(),
        Some("759f1595e0ce528b"),
        "events/mediaconvert-job-*.json name it"
    );
    let job = video.job.unwrap();
    assert_eq!(job.id.as_deref(), Some("1768471204000-job001"));
    let names: Vec<_> = job
        .making
        .renditions
        .iter()
        .map(|rendition| rendition.name.as_str())
        .collect();
    assert_eq!(names, ["720p", "480p", "360p", "audio"]);
    let calls = (stack.table.reads(), stack.table.writes());
    assert_eq!(calls, (1, 2), "a look, the claim and the job's id");
}

#[tokio::test]
async fn captions_beside_a_drop_in_go_with_its_job_and_bad_ones_do_not_stop_it() {
    let stack = Stack::default();
    let folder = "films";
    let srt = "1\n00:00:01,000 --> 00:00:02,000\nFish\n";
    for (name, text) in [
        ("source.en.srt", srt),
        (
            "source.de.vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nFisch\n",
        ),
        (
            "source.en.vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nA second in English\n",
        ),
        ("source.fr.srt", "not captions"),
        ("source.it.vtt", srt),
        ("source.notes.txt", "text"),
    ] {
        stack.aws.put_beside(&format!("{folder}/{name}"), text);
    }
    let mut dropped = event("s3-object-created");
    dropped["Records"][0]["s3"]["object"]["key"] = format!("{folder}/source.mp4").into();
    stack.invoke(dropped).await.unwrap();
    let jobs = stack.aws.jobs();
    let settings = jobs[0].settings().unwrap();
    let outputs = settings.output_groups()[0].outputs().iter();
    let names: Vec<_> = outputs
        .filter(|output| !output.caption_descriptions().is_empty())
        .filter_map(|output| output.name_modifier())
        .collect();
    assert_eq!(names, ["_captions_en", "_captions_de"]);
    let selectors = settings.inputs()[0].caption_selectors().unwrap();
    let source = selectors["captions_en"].source_settings().unwrap();
    assert_eq!(source.source_type().unwrap().as_str(), "SRT");
    assert_eq!(
        source.file_source_settings().unwrap().source_file(),
        Some(format!("s3://vod-source-000000000000-us-east-1/{folder}/source.en.srt").as_str())
    );
    let making = stack.table.only_video().job.unwrap().making;
    let labels: Vec<_> = making
        .captions
        .iter()
        .map(|track| track.label.as_str())
        .collect();
    assert_eq!(labels, ["English", "German"]);
}

#[tokio::test]
async fn s3_is_not_asked_what_lies_beside_an_upload_through_the_api() {
    let stack = Stack::default();
    let beside = format!("videos/{ID}/source.en.srt");
    let srt = "1\n00:00:01,000 --> 00:00:02,000\nFish\n";
    stack.aws.put_beside(&beside, srt);
    stack.invoke(event("s3-object-created")).await.unwrap();
    let making = stack.table.video(ID).unwrap().job.unwrap().making;
    assert_eq!(making.captions, []);
}

/// CC1 says "Hi" in the user data of a picture.
const CAPTIONED: &[u8] = b"\xB5\x001GA94\x03\x42\xFF\xFC\x94\x20\xFC\xC8\xE9\xFF";

#[tokio::test]
async fn captions_in_the_picture_go_with_the_job() {
    let stack = Stack::default();
    stack.aws.set_content(CAPTIONED);
    stack.invoke(event("s3-object-created")).await.unwrap();
    let jobs = stack.aws.jobs();
    let settings = jobs[0].settings().unwrap();
    let selectors = settings.inputs()[0].caption_selectors().unwrap();
    let source = selectors["captions_cc1"].source_settings().unwrap();
    assert_eq!(source.source_type().unwrap().as_str(), "EMBEDDED");
    let channel = source.embedded_source_settings().unwrap();
    assert_eq!(channel.source608_channel_number(), Some(1));
    let making = stack.table.video(ID).unwrap().job.unwrap().making;
    assert_eq!(making.captions[0].label, "CC1");
}

#[tokio::test]
async fn captions_of_a_small_file_are_found_in_the_first_look() {
    let stack = Stack::default();
    stack.aws.set_content(CAPTIONED);
    let mut small = event("s3-object-created");
    small["Records"][0]["s3"]["object"]["size"] = 100_000.into();
    stack.invoke(small).await.unwrap();
    let making = stack.table.video(ID).unwrap().job.unwrap().making;
    assert_eq!(making.captions[0].label, "CC1");
}

#[tokio::test]
async fn captions_that_only_a_larger_part_shows_go_with_the_job() {
    let stack = Stack::default();
    stack.aws.set_content(CAPTIONED);
    // Probe tells no frame rate, so a part may lie within a picture.
    stack.aws.hide_content_below(512 * 1024);
    stack.invoke(event("s3-object-created")).await.unwrap();
    let making = stack.table.video(ID).unwrap().job.unwrap().making;
    assert_eq!(making.captions[0].label, "CC1");
}

#[tokio::test]
async fn a_picture_without_captions_gets_no_track_of_them() {
    let stack = Stack::default();
    stack
        .aws
        .set_content(b"\xB5\x001GA94\x03\x42\xFF\xFC\x80\x80\xFD\x80\x80\xFF");
    stack.invoke(event("s3-object-created")).await.unwrap();
    let jobs = stack.aws.jobs();
    let settings = jobs[0].settings().unwrap();
    assert_eq!(settings.inputs()[0].caption_selectors(), None);
}

#[tokio::test]
async fn captions_never_become_a_video() {
    let stack = Stack::default();
    let mut captions = event("s3-object-created");
    captions["Records"][0]["s3"]["object"]["key"] = "film.en.srt".into();
    stack.invoke(captions).await.unwrap();
    assert!(stack.aws.jobs().is_empty());
    assert_eq!(stack.table.writes(), 0);
}

#[tokio::test]
async fn an_event_that_comes_twice_makes_no_second_job() {
    let stack = Stack::default();
    for _ in 0..2 {
        stack.invoke(event("s3-object-created")).await.unwrap();
    }
    assert_eq!(stack.aws.jobs().len(), 1);
    assert_eq!(stack.table.writes(), 2);
}

#[tokio::test]
async fn two_workers_on_one_event_make_one_job() {
    let stack = Stack::default();
    let (first, second) = tokio::join!(
        stack.invoke(event("s3-object-created")),
        stack.invoke(event("s3-object-created"))
    );
    assert!(first.is_ok() || second.is_ok());
    assert_eq!(stack.aws.jobs().len(), 1);
}

#[tokio::test]
async fn a_multipart_upload_is_an_upload() {
    let stack = Stack::default();
    stack
        .invoke(event("s3-object-created-multipart"))
        .await
        .unwrap();
    assert_eq!(
        stack.table.video(ID).unwrap().source.unwrap().size_bytes,
        734_003_200
    );
}

#[tokio::test]
async fn keys_are_decoded_as_s3_encodes_them() {
    let stack = Stack::default();
    stack
        .invoke(event("s3-object-created-encoded-key"))
        .await
        .unwrap();
    let jobs = stack.aws.jobs();
    let expected = "s3://vod-source-000000000000-us-east-1/drop in/summer 100% café+bar 🎬.mp4";
    assert_eq!(file_input(&jobs[0]), Some(expected));
    let video = stack.table.only_video();
    assert_eq!(video.title, "summer 100% café+bar 🎬");
    assert_eq!(video.owner, "drop-in");
}

#[tokio::test]
async fn a_bad_record_does_not_hide_its_neighbour() {
    let stack = Stack::default();
    stack
        .invoke(event("s3-object-created-two-records"))
        .await
        .unwrap();
    assert_eq!(stack.aws.jobs().len(), 1);
    assert_eq!(stack.table.video(ID).unwrap().status, Status::Submitted);
}

#[tokio::test]
async fn a_record_of_another_shape_fails_the_event_after_its_neighbours() {
    let stack = Stack::default();
    let mut event = event("s3-object-created");
    event["Records"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"not": "a record"}));
    let error = Diagnostic::from(stack.invoke(event).await.unwrap_err());
    assert_eq!(error.error_type, "Event");
    assert_eq!(stack.aws.jobs().len(), 1);
}

#[tokio::test]
async fn what_can_not_be_a_video_is_a_failed_record_without_a_job() {
    for (name, code) in [
        ("s3-object-created-unsupported", "UNSUPPORTED_FORMAT"),
        ("s3-object-created-empty", "EMPTY_SOURCE"),
    ] {
        let stack = Stack::default();
        for _ in 0..2 {
            stack.invoke(event(name)).await.unwrap();
        }
        let video = stack.table.only_video();
        assert_eq!(
            (video.status, video.failure.unwrap().code.as_str()),
            (Status::Failed, code)
        );
        assert_eq!((stack.aws.jobs().len(), stack.table.writes()), (0, 1));
    }
}

#[tokio::test]
async fn what_probe_finds_wrong_is_a_failed_record_without_a_job() {
    for (source, code) in [(SourceFile::Garbage, "UNREADABLE_SOURCE")] {
        let stack = Stack::default();
        stack.aws.set_source(source);
        stack.invoke(event("s3-object-created")).await.unwrap();
        let video = stack.table.only_video();
        assert_eq!(
            (video.status, video.failure.unwrap().code.as_str()),
            (Status::Failed, code)
        );
        assert!(stack.aws.jobs().is_empty());
    }
}

/// What an upload's job is to make, by name of the rendition.
async fn renditions(stack: &Stack) -> (Option<String>, Vec<String>) {
    stack.invoke(event("s3-object-created")).await.unwrap();
    let job = stack.table.video(ID).unwrap().job.unwrap();
    let names = job.making.renditions.into_iter().map(|made| made.name);
    (job.making.profile, names.collect())
}

#[tokio::test]
async fn sound_alone_becomes_a_job_without_a_picture() {
    let stack = Stack::default();
    stack.aws.set_source(SourceFile::AudioOnly);
    let (profile, names) = renditions(&stack).await;
    assert_eq!(
        (profile.as_deref(), names),
        (Some("standard"), vec!["audio".to_owned()])
    );
    assert_eq!(
        stack.table.video(ID).unwrap().job.unwrap().making.stills,
        None
    );
}

#[tokio::test]
async fn metadata_names_the_profile_and_a_tag_where_there_is_none() {
    let stack = Stack::default();
    stack.aws.set_tag("archive");
    let (profile, names) = renditions(&stack).await;
    assert_eq!(
        (profile.as_deref(), names),
        (Some("archive"), vec!["720p".to_owned()])
    );

    let stack = Stack::default();
    stack.aws.set_tag("archive");
    stack.aws.set_metadata("small");
    let (profile, names) = renditions(&stack).await;
    assert_eq!(profile.as_deref(), Some("small"));
    assert_eq!(names, ["540p", "270p", "audio"]);
}

#[tokio::test]
async fn a_file_of_the_configuration_bucket_is_a_profile() {
    let stack = Stack::default();
    stack.aws.set_metadata("courses");
    let rung = r#"{"shortSide": 480, "maxBitrate": 1000000, "quality": 7}"#;
    let text = format!(r#"{{"video": {{"rungs": [{rung}]}}, "stills": null}}"#);
    stack.aws.put_profile("profiles/courses.json", &text);
    let (profile, names) = renditions(&stack).await;
    assert_eq!(profile.as_deref(), Some("courses"));
    assert_eq!(names, ["480p", "audio"]);
}

#[tokio::test]
async fn a_job_template_is_a_profile() {
    let stack = Stack::default();
    stack.aws.set_metadata("template:House");
    let (profile, names) = renditions(&stack).await;
    assert_eq!(profile.as_deref(), Some("template:House"));
    assert_eq!(names, ["house"]);
    let jobs = stack.aws.jobs();
    let group = &jobs[0].settings().unwrap().output_groups()[0];
    let settings = group.output_group_settings().unwrap();
    let cmaf = settings.cmaf_group_settings().unwrap();
    assert_eq!(cmaf.segment_length(), Some(4));
    assert!(cmaf.destination().unwrap().ends_with("/video"));
}

#[tokio::test]
async fn a_profile_that_can_not_be_used_is_a_failed_record_without_a_job() {
    for (name, code, word) in [
        ("nowhere", "UNKNOWN_PROFILE", "nowhere"),
        ("../secret", "UNKNOWN_PROFILE", "secret"),
        ("template:None", "UNKNOWN_PROFILE", "template:None"),
        ("broken", "INVALID_PROFILE", "unknown field `vidoe`"),
    ] {
        let stack = Stack::default();
        stack
            .aws
            .put_profile("profiles/broken.json", r#"{"vidoe": 1}"#);
        stack.aws.set_metadata(name);
        stack.invoke(event("s3-object-created")).await.unwrap();
        let video = stack.table.video(ID).unwrap();
        assert_eq!(video.status, Status::Failed);
        let failure = video.failure.unwrap();
        assert_eq!(failure.code, code, "{name}");
        assert!(failure.message.unwrap().contains(word), "{name}");
        assert!(stack.aws.jobs().is_empty());
    }
}

/// What a PNG of so many pixels begins with.
fn png(width: u32, height: u32) -> Vec<u8> {
    let start = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice();
    [start, &width.to_be_bytes(), &height.to_be_bytes()].concat()
}

const BRANDED: &str = r#"{"watermark": {"image": "watermarks/logo.png", "widthPercent": 20}}"#;

#[tokio::test]
async fn a_watermark_lies_over_every_rendition_and_no_still() {
    let stack = Stack::default();
    stack.aws.set_metadata("branded");
    stack.aws.put_profile("profiles/branded.json", BRANDED);
    stack.aws.put_profile("watermarks/logo.png", png(300, 100));
    renditions(&stack).await;
    let jobs = stack.aws.jobs();
    let groups = jobs[0].settings().unwrap().output_groups();
    let marked = groups
        .iter()
        .flat_map(aws_sdk_mediaconvert::types::OutputGroup::outputs);
    let marked = marked.filter_map(|output| {
        let filters = output.video_description()?.video_preprocessors()?;
        let image = &filters.image_inserter()?.insertable_images()[0];
        assert_eq!(
            image.image_inserter_input(),
            Some(
                format!(
                    "s3://{}/watermarks/logo.png",
                    fake_aws::CONFIGURATION_BUCKET
                )
                .as_str()
            )
        );
        Some((output.name_modifier()?, image.width()?, image.height()?))
    });
    let marked: Vec<_> = marked.collect();
    assert_eq!(
        marked,
        [("_720p", 256, 85), ("_480p", 171, 57), ("_360p", 128, 43)]
    );
}

#[tokio::test]
async fn a_watermark_that_is_missing_or_no_png_is_a_failed_record_without_a_job() {
    for (image, why) in [
        (None, "isn't in the configuration bucket"),
        (Some(&b"GIF89a"[..]), "is no PNG"),
    ] {
        let stack = Stack::default();
        stack.aws.set_metadata("branded");
        stack.aws.put_profile("profiles/branded.json", BRANDED);
        if let Some(image) = image {
            stack.aws.put_profile("watermarks/logo.png", image);
        }
        stack.invoke(event("s3-object-created")).await.unwrap();
        let failure = stack.table.video(ID).unwrap().failure.unwrap();
        assert_eq!(failure.code, "INVALID_PROFILE");
        let message = failure.message.unwrap();
        assert!(
            message.contains("watermarks/logo.png") && message.contains(why),
            "{message}"
        );
        assert!(stack.aws.jobs().is_empty());
    }
}

#[tokio::test]
async fn the_record_tells_what_the_job_is_estimated_to_cost() {
    let stack = Stack::default();
    renditions(&stack).await;
    let making = stack.table.video(ID).unwrap().job.unwrap().making;
    let cost = making.cost.unwrap();
    assert_eq!(cost.currency, "USD");
    let names: Vec<_> = cost
        .outputs
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    assert_eq!(names, ["720p", "480p", "360p", "audio", "poster", "thumb"]);
    let sum = cost
        .outputs
        .iter()
        .map(|output| output.amount.unwrap())
        .sum();
    assert_eq!(cost.estimated, Some(sum));
}

#[tokio::test]
async fn a_job_above_the_limit_is_refused_without_a_job() {
    let budget = Some(Budget {
        most: 0.001,
        downgrades: true,
    });
    let stack = Stack {
        budget,
        ..Stack::default()
    };
    stack.invoke(event("s3-object-created")).await.unwrap();
    let video = stack.table.video(ID).unwrap();
    let failure = video.failure.unwrap();
    assert_eq!(failure.code, "TOO_EXPENSIVE");
    assert!(failure.message.unwrap().contains("0.00 USD is the most"));
    assert!(stack.aws.jobs().is_empty());
}

#[tokio::test]
async fn a_job_above_the_limit_is_made_smaller_where_the_stack_says_so() {
    let standard = Stack::default();
    renditions(&standard).await;
    let cost = |stack: &Stack| {
        stack
            .table
            .video(ID)
            .unwrap()
            .job
            .unwrap()
            .making
            .cost
            .unwrap()
    };
    #[expect(clippy::cast_precision_loss, reason = "a small sum")]
    let just_less = cost(&standard).estimated.unwrap() as f64 / 1e6 - 1e-6;
    for (downgrades, expected) in [(true, Some("small")), (false, None)] {
        let budget = Some(Budget {
            most: just_less,
            downgrades,
        });
        let stack = Stack {
            budget,
            ..Stack::default()
        };
        stack.invoke(event("s3-object-created")).await.unwrap();
        let job = stack.table.video(ID).unwrap().job;
        let profile = job.and_then(|job| job.making.profile);
        assert_eq!(profile.as_deref(), expected);
        if downgrades {
            assert!(
                cost(&stack)
                    .note
                    .unwrap()
                    .starts_with("small instead of standard: estimated")
            );
        }
    }
}

#[tokio::test]
async fn a_price_table_of_the_stack_counts() {
    let stack = Stack {
        prices_key: Some("prices.json".into()),
        ..Stack::default()
    };
    let table = include_str!("../../common/prices/mediaconvert.json");
    let dear = table.replace(r#""basic": 0.0075"#, r#""basic": 1.0"#);
    assert_ne!(dear, table);
    stack.aws.put_profile("prices.json", &dear);
    renditions(&stack).await;
    let cost = stack
        .table
        .video(ID)
        .unwrap()
        .job
        .unwrap()
        .making
        .cost
        .unwrap();
    assert_eq!(cost.outputs[0].rate, 2_000_000);
}

#[tokio::test]
async fn events_that_are_not_about_us_change_nothing() {
    let stack = Stack::default();
    for name in [
        "s3-object-created-other-bucket",
        "s3-object-created-undecodable-key",
        "s3-test-event",
    ] {
        stack.invoke(event(name)).await.unwrap();
    }
    stack.invoke(json!({"Records": []})).await.unwrap();
    stack.invoke(json!({})).await.unwrap();
    assert_eq!((stack.aws.jobs().len(), stack.table.writes()), (0, 0));
}

#[tokio::test]
async fn what_is_no_notification_fails_the_invocation() {
    let stack = Stack::default();
    for event in [
        json!("text"),
        json!([1, 2]),
        json!({"Records": {"s3": {}}}),
        json!({"Records": null}),
        Value::Null,
    ] {
        let error = Diagnostic::from(stack.invoke(event).await.unwrap_err());
        assert_eq!(error.error_type, "Event");
    }
}

#[tokio::test]
async fn a_refused_job_is_a_failed_record_and_is_not_tried_again() {
    let stack = Stack::default();
    stack.aws.set_create(Create::Refuse);
    stack.invoke(event("s3-object-created")).await.unwrap();
    let failure = stack.table.only_video().failure.unwrap();
    assert_eq!(failure.code, "JOB_REFUSED");
    assert_eq!(
        failure.message.as_deref(),
        Some("/outputGroups/0/outputs: Should have at least 1 items")
    );
    stack.aws.set_create(Create::Accept);
    stack.invoke(event("s3-object-created")).await.unwrap();
    assert!(stack.aws.jobs().is_empty());
}

#[tokio::test]
async fn a_throttled_job_fails_the_invocation_and_the_retry_creates_it() {
    let stack = Stack::default();
    stack.aws.set_create(Create::Throttle);
    let error = Diagnostic::from(stack.invoke(event("s3-object-created")).await.unwrap_err());
    assert_eq!(error.error_type, "CreateJob");
    assert_eq!(stack.table.only_video().status, Status::Submitted);
    stack.aws.set_create(Create::Accept);
    stack.invoke(event("s3-object-created")).await.unwrap();
    assert_eq!(stack.aws.jobs().len(), 1);
    assert!(stack.table.only_video().job.unwrap().id.is_some());
}

#[tokio::test]
async fn a_job_whose_id_was_not_noted_is_found_by_the_retry() {
    let stack = Stack::default();
    stack.table.fail_write_after(1); // the claim succeeds, the note of the id doesn't
    stack.invoke(event("s3-object-created")).await.unwrap_err();
    assert_eq!(stack.table.only_video().job.unwrap().id, None);
    stack.invoke(event("s3-object-created")).await.unwrap();
    assert_eq!(
        stack.aws.jobs().len(),
        1,
        "the retry searches before it creates"
    );
    assert_eq!(
        stack.table.only_video().job.unwrap().id.as_deref(),
        Some("1768471204000-job001")
    );
}

#[tokio::test]
async fn a_claim_keeps_others_away_until_it_ends() {
    let stack = Stack::default();
    stack.aws.set_create(Create::Throttle);
    stack.invoke(event("s3-object-created")).await.unwrap_err();
    stack.table.fail_write_after(1); // and now one dies before it can give its claim up
    stack.invoke(event("s3-object-created")).await.unwrap_err();
    stack.aws.set_create(Create::Accept);
    let error = Diagnostic::from(stack.invoke(event("s3-object-created")).await.unwrap_err());
    assert_eq!(error.error_type, "Held");
    assert!(stack.aws.jobs().is_empty());
}

/// A claim of the sample events' upload by another invocation.
fn claim_of_another() -> common::video::Event {
    common::video::Event::Claimed {
        source: source(),
        is_current: false,
        until: now().plus_ms(30_000),
        making: Making::default(),
    }
}

#[tokio::test]
async fn a_claim_that_another_makes_first_keeps_this_invocation_away() {
    let stack = Stack::default();
    let table = stack.table.clone();
    let claimed = vec![claim_of_another()];
    stack.aws.while_probing(move || meanwhile(&table, claimed));
    let error = Diagnostic::from(stack.invoke(event("s3-object-created")).await.unwrap_err());
    assert_eq!(error.error_type, "Held");
    assert!(stack.aws.jobs().is_empty());
}

#[tokio::test]
async fn a_slow_duplicate_makes_no_job_of_what_is_wanted_since() {
    let stack = Stack::default();
    let table = stack.table.clone();
    let since = vec![
        claim_of_another(),
        common::video::Event::Job {
            revision: source().revision(),
            job_id: "j".to_owned(),
            change: common::video::JobChange::Canceled,
        },
        common::video::Event::Reprocessed(common::video::Reprocess {
            profile: Some("small".to_owned()),
            ..common::video::Reprocess::default()
        }),
    ];
    stack.aws.while_probing(move || meanwhile(&table, since));
    stack.invoke(event("s3-object-created")).await.unwrap();
    assert!(
        stack.aws.jobs().is_empty(),
        "it would be of the profile before"
    );
    stack.invoke(event("s3-object-created")).await.unwrap();
    let video = stack.table.only_video();
    assert_eq!(video.job.unwrap().making.profile.as_deref(), Some("small"));
}

#[tokio::test]
async fn a_new_upload_of_the_same_key_gets_a_job_of_its_own() {
    let stack = Stack::default();
    stack.invoke(event("s3-object-created")).await.unwrap();
    stack.invoke(uploaded_again()).await.unwrap();
    stack.invoke(event("s3-object-created")).await.unwrap(); // late
    assert_eq!(stack.aws.jobs().len(), 2);
    let video = stack.table.only_video();
    assert_eq!(
        video.source.unwrap().version_id.as_deref(),
        Some("a-later-version")
    );
}

/// The second upload, as the sweep tells of it.
fn found_again() -> Value {
    let mut found = uploaded_again();
    found["Records"][0]["s3"]["object"]["sequencer"] = Value::Null;
    found
}

#[tokio::test]
async fn late_news_of_an_upload_does_not_replace_a_later_one_that_was_found_without_its_event() {
    let stack = Stack::default();
    stack.aws.set_current("a-later-version");
    stack.invoke(found_again()).await.unwrap();
    stack.invoke(event("s3-object-created")).await.unwrap(); // late
    assert_eq!(stack.aws.jobs().len(), 1);
    let source = stack.table.only_video().source.unwrap();
    assert_eq!(source.version_id.as_deref(), Some("a-later-version"));
}

#[tokio::test]
async fn a_later_upload_that_was_found_without_its_event_replaces_the_one_before() {
    let stack = Stack::default();
    stack.aws.set_current("a-later-version");
    stack.invoke(event("s3-object-created")).await.unwrap();
    stack.invoke(found_again()).await.unwrap();
    assert_eq!(stack.aws.jobs().len(), 2);
    let source = stack.table.only_video().source.unwrap();
    assert_eq!(source.version_id.as_deref(), Some("a-later-version"));
}

#[tokio::test]
async fn late_news_of_a_deleted_video_does_not_bring_it_back() {
    let stack = Stack::default();
    stack.aws.set_source(SourceFile::Gone);
    stack.invoke(event("s3-object-created")).await.unwrap();
    assert_eq!(stack.table.writes(), 0);
    assert!(stack.table.video(ID).is_none());
}

#[tokio::test]
async fn late_news_of_a_deleted_drop_in_does_not_bring_it_back() {
    let stack = Stack::default();
    stack.aws.set_source(SourceFile::Deleted);
    let event = event("s3-object-created-encoded-key");
    stack.invoke(event).await.unwrap();
    assert_eq!(stack.table.writes(), 0);
}

#[tokio::test]
async fn late_news_of_a_deleted_file_that_never_was_a_video_does_not_bring_it_back() {
    let stack = Stack::default();
    stack.aws.set_source(SourceFile::Deleted);
    let mut event = event("s3-object-created-encoded-key");
    event["Records"][0]["s3"]["object"]["key"] = json!("notes.txt");
    stack.invoke(event).await.unwrap();
    assert_eq!(stack.table.writes(), 0);
}

#[tokio::test]
async fn a_drop_in_of_which_s3_knows_nothing_fails_visibly() {
    let stack = Stack::default();
    stack.aws.set_source(SourceFile::Gone);
    stack
        .invoke(event("s3-object-created-encoded-key"))
        .await
        .unwrap();
    let video = stack.table.only_video();
    assert_eq!(video.failure.unwrap().code, "1404");
}

#[tokio::test]
async fn a_new_upload_that_is_gone_fails_the_video_that_it_was_for() {
    let stack = Stack::default();
    stack.invoke(event("s3-object-created")).await.unwrap();
    stack.aws.set_source(SourceFile::Gone);
    stack.invoke(uploaded_again()).await.unwrap();
    let video = stack.table.only_video();
    assert_eq!(video.failure.unwrap().code, "1404");
}

#[tokio::test]
async fn an_upload_that_is_gone_before_its_job_fails_visibly() {
    let stack = Stack::default();
    stack.aws.set_create(Create::Throttle);
    stack.invoke(event("s3-object-created")).await.unwrap_err();
    stack.aws.set_source(SourceFile::Gone);
    stack.invoke(event("s3-object-created")).await.unwrap();
    assert_eq!(stack.table.only_video().failure.unwrap().code, "1404");
}

#[tokio::test]
async fn an_upload_of_a_video_that_is_being_deleted_is_ignored() {
    let stack = Stack::default();
    stack.invoke(event("s3-object-created")).await.unwrap();
    for change in [common::video::Event::Deleted, common::video::Event::Removed] {
        stack.apply(&change).await;
        for event in [event("s3-object-created"), uploaded_again()] {
            stack.invoke(event).await.unwrap();
        }
        assert_eq!(stack.table.only_video().status, Status::Deleting);
    }
    assert_eq!(stack.aws.jobs().len(), 1);
}

/// Does to the video from another thread what follows from `events`, as other functions would.
fn meanwhile(table: &FakeTable, events: Vec<common::video::Event>) {
    let table = table.clone();
    let others = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            for event in events {
                let outcome = table.table().apply(ID, &event, now()).await.unwrap();
                assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
            }
        });
    });
    others.join().unwrap();
}

#[tokio::test]
async fn a_job_that_was_created_for_a_deleted_video_is_canceled() {
    let stack = Stack::default();
    let table = stack.table.clone();
    let deleted = vec![common::video::Event::Deleted];
    stack.aws.while_creating(move || meanwhile(&table, deleted));
    stack.invoke(event("s3-object-created")).await.unwrap();
    assert_eq!(stack.aws.jobs().len(), 1);
    assert_eq!(stack.aws.canceled(), ["1768471204000-job001"]);
    let video = stack.table.only_video();
    assert_eq!(video.status, Status::Deleting);
}

#[tokio::test]
async fn the_job_of_a_replaced_upload_is_canceled() {
    let stack = Stack::default();
    stack.invoke(event("s3-object-created")).await.unwrap();
    stack.invoke(uploaded_again()).await.unwrap();
    assert_eq!(stack.aws.jobs().len(), 2);
    assert_eq!(stack.aws.canceled(), ["1768471204000-job001"]);
}

#[tokio::test]
async fn a_reprocessed_upload_gets_a_job_of_its_own_folder() {
    let stack = Stack::default();
    stack.invoke(event("s3-object-created")).await.unwrap();
    let video = stack.table.only_video();
    let first = video.revision.unwrap();
    stack
        .apply(&common::video::Event::Job {
            revision: first.clone(),
            job_id: video.job.unwrap().id.unwrap(),
            change: common::video::JobChange::Canceled,
        })
        .await;
    let again = common::video::Event::Reprocessed(common::video::Reprocess {
        download: Some(common::video::Override(Some(true))),
        ..common::video::Reprocess::default()
    });
    stack.apply(&again).await;
    for _ in 0..2 {
        stack.invoke(event("s3-object-created")).await.unwrap();
    }
    let jobs = stack.aws.jobs();
    assert_eq!(jobs.len(), 2);
    let second = stack.table.only_video().revision.unwrap();
    assert_ne!(first, second);
    let metadata = jobs[1].user_metadata().unwrap();
    assert_eq!(metadata["revision"], second);
    let downloads = |job: usize| {
        let groups = jobs[job].settings().unwrap().output_groups();
        let outputs = groups
            .iter()
            .flat_map(aws_sdk_mediaconvert::types::OutputGroup::outputs);
        outputs
            .filter(|output| output.name_modifier() == Some("_download"))
            .count()
    };
    assert_eq!((downloads(0), downloads(1)), (0, 1));
}

#[tokio::test]
async fn a_service_that_hangs_ends_in_an_error_before_lambda_stops_the_function() {
    let stack = Stack {
        s3_hangs: true,
        ..Stack::default()
    };
    let soon = now().plus_ms(LAST_WORDS_MS + 200);
    let error = stack.invoke_until(event("s3-object-created"), soon).await;
    assert_eq!(Diagnostic::from(error.unwrap_err()).error_type, "OutOfTime");
}

fn uploaded_again() -> Value {
    let mut again = event("s3-object-created");
    again["Records"][0]["s3"]["object"]["versionId"] = json!("a-later-version");
    again["Records"][0]["s3"]["object"]["sequencer"] = json!("0065A5037B4C7A9F2F");
    again
}
