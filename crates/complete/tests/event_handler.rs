//! The function against the events of `events/`.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::error::NoSuchKey;
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use common::captions::AddedTrack;

use common::cost::{Cost, OutputCost};
use common::editions::Editions;
use common::profile::Packaging;
use common::time::Timestamp;
use common::video::{Edit, Event, Making, Rendition, RenditionKind, Status, Stills, Video};
use common::{clock::now, source::Source};
use complete::event_handler::{EventError, handle};
use insta::assert_json_snapshot;
use lambda_runtime::Diagnostic;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use test_support::fake_table::FakeTable;

const ID: &str = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77";

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The upload of `events/s3-object-created.json`.
fn source() -> Source {
    Source {
        bucket: "vod-source-000000000000-us-east-1".into(),
        key: format!("videos/{ID}/source.mp4"),
        version_id: Some("3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH".into()),
        etag: "0d4a2f3c8e7b65914c1f0ab2d3e4f567".into(),
        size_bytes: 1_055_736,
        sequencer: None,
        attempt: 0,
    }
}

fn rendition(name: &str, kind: RenditionKind, codec: &str, size: Option<(u32, u32)>) -> Rendition {
    Rendition {
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
        channels: size.is_none().then_some(2),
        max_bitrate: Some(1_000_000),
        ..Rendition::new(name, kind, codec)
    }
}

fn estimated() -> Cost {
    let output = |name: &str, rate| OutputCost {
        name: name.into(),
        rate,
        amount: Some(1_000_000),
        professional: vec![],
    };
    Cost {
        currency: "USD".into(),
        prices: "2026-11-23".into(),
        estimated: Some(3_000_000),
        actual: None,
        outputs: vec![
            output("720p", 15_000),
            output("audio", 5_000),
            output("unheard-of", 1),
        ],
        note: None,
    }
}

/// A table in which submit has claimed the upload, but not yet noted the job's id.
async fn claimed() -> FakeTable {
    let table = FakeTable::default();
    let claim = Event::Claimed {
        source: source(),
        is_current: false,
        until: now(),
        making: Making {
            profile: None,
            packaging: Packaging::Cmaf,
            cost: Some(estimated()),
            renditions: vec![
                rendition("720p", RenditionKind::Video, "H_264", Some((1280, 720))),
                rendition("480p", RenditionKind::Video, "H_264", Some((854, 480))),
                rendition("360p", RenditionKind::Video, "H_264", Some((640, 360))),
                rendition("audio", RenditionKind::Audio, "AAC", None),
            ],
            captions: vec![],
            stills: Some(Stills {
                poster_second: 5,
                thumbnail_seconds: 2,
                thumbnail_count: None,
                thumbnail_width: 320,
                thumbnail_height: 180,
            }),
            download: false,
            left_out: vec![],
        },
    };
    table
        .table()
        .apply(ID, &claim, Timestamp::from_unix_ms(0))
        .await
        .unwrap();
    table
}

/// Where S3 has nothing, which nobody asks for who has no captions.
async fn handled(table: &FakeTable, event: Value) -> Result<(), EventError> {
    handled_with(table, &FakeS3::default(), event).await
}

async fn handled_with(table: &FakeTable, s3: &FakeS3, event: Value) -> Result<(), EventError> {
    let editions = Editions {
        s3: &s3.client(),
        table: &table.table(),
        source_bucket: "vod-source",
        converted_bucket: "vod-converted",
    };
    handle(&editions, &to_raw_value(&event).unwrap()).await
}

/// Both buckets, in memory: what is read and written lies under its key.
#[derive(Clone, Default)]
struct FakeS3 {
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl FakeS3 {
    fn put(&self, key: &str, text: &str) {
        let mut files = self.files.lock().unwrap();
        files.insert(key.to_owned(), text.into());
    }

    fn text(&self, key: &str) -> String {
        String::from_utf8(self.files.lock().unwrap()[key].clone()).unwrap()
    }

    fn client(&self) -> Client {
        let fake = self.clone();
        let get = mock!(Client::get_object).then_compute_response(move |request| {
            match fake.files.lock().unwrap().get(request.key().unwrap()) {
                Some(bytes) => MockResponse::Output(
                    GetObjectOutput::builder()
                        .body(ByteStream::from(bytes.clone()))
                        .build(),
                ),
                None => {
                    MockResponse::Error(GetObjectError::NoSuchKey(NoSuchKey::builder().build()))
                }
            }
        });
        let fake = self.clone();
        let put = mock!(Client::put_object).then_compute_output(move |request| {
            let bytes = request.body().bytes().unwrap().to_vec();
            let key = request.key().unwrap().to_owned();
            fake.files.lock().unwrap().insert(key, bytes);
            PutObjectOutput::builder().build()
        });
        mock_client!(aws_sdk_s3, RuleMode::MatchAny, [&get, &put])
    }
}

async fn deliver(table: &FakeTable, names: &[&str]) -> Video {
    for name in names {
        handled(table, event(name)).await.unwrap();
    }
    table.only_video()
}

#[tokio::test]
async fn complete_makes_the_video_ready() {
    let table = claimed().await;
    let video = deliver(
        &table,
        &["mediaconvert-job-progressing", "mediaconvert-job-complete"],
    )
    .await;
    assert_eq!(video.status, Status::Ready);
    assert_json_snapshot!(video.playback.unwrap());
}

#[tokio::test]
async fn the_lengths_of_the_outputs_settle_the_cost() {
    let table = claimed().await;
    let video = deliver(&table, &["mediaconvert-job-complete"]).await;
    let cost = video.job.unwrap().making.cost.unwrap();
    let amounts: Vec<_> = cost.outputs.iter().map(|output| output.amount).collect();
    // Five seconds are billed as ten, which is 0.17 minutes; what isn't told keeps its estimate.
    assert_eq!(amounts, [Some(2_550), Some(850), Some(1_000_000)]);
    assert_eq!(cost.actual, Some(1_003_400));
}

#[tokio::test]
async fn a_ready_record_is_small() {
    let table = claimed().await;
    let video = deliver(&table, &["mediaconvert-job-complete"]).await;
    let size = serde_json::to_string(&video).unwrap().len();
    assert!(size <= 4096, "{size} bytes");
    let making = video.job.unwrap().making;
    assert_eq!((making.renditions, making.stills), (vec![], None));
}

#[tokio::test]
async fn every_status_has_its_effect() {
    for (name, status) in [
        ("mediaconvert-job-input-information", Status::Submitted),
        ("mediaconvert-job-new-warning", Status::Submitted),
        ("mediaconvert-job-queue-hop", Status::Submitted),
        ("mediaconvert-job-progressing", Status::Processing),
        ("mediaconvert-job-status-update", Status::Processing),
        ("mediaconvert-job-complete", Status::Ready),
        ("mediaconvert-job-error", Status::Failed),
        ("mediaconvert-job-canceled", Status::Canceled),
    ] {
        let table = claimed().await;
        assert_eq!(deliver(&table, &[name]).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn an_error_carries_code_message_and_sentence() {
    let table = claimed().await;
    let failure = deliver(&table, &["mediaconvert-job-error"])
        .await
        .failure
        .unwrap();
    assert_eq!(failure.code, "1010");
    assert_eq!(
        failure.message.as_deref(),
        Some("Unable to open input file: no demuxer recognises it.")
    );
    assert!(
        failure
            .sentence
            .starts_with("The file can't be read as a video.")
    );
}

#[tokio::test]
async fn an_event_that_comes_twice_is_written_once() {
    let table = claimed().await;
    let first = deliver(&table, &["mediaconvert-job-complete"]).await;
    let writes = table.writes();
    assert_eq!(deliver(&table, &["mediaconvert-job-complete"]).await, first);
    assert_eq!(table.writes(), writes);
}

/// The id of the job in the events.
const JOB_ID: &str = "1768471204000-ab12cd";

/// A table in which the upload has its job.
async fn submitted() -> FakeTable {
    let table = claimed().await;
    let created = Event::JobCreated {
        revision: source().revision(),
        job_id: JOB_ID.into(),
    };
    table.table().apply(ID, &created, now()).await.unwrap();
    table
}

#[tokio::test]
async fn only_what_is_new_is_written() {
    let table = submitted().await;
    let writes = table.writes();
    for name in ["progressing", "status-update", "status-update", "complete"] {
        let event = event(&format!("mediaconvert-job-{name}"));
        handled(&table, event).await.unwrap();
    }
    assert_eq!(
        table.writes() - writes,
        3,
        "the second update says nothing new"
    );
    assert_eq!(table.only_video().status, Status::Ready);
}

#[tokio::test]
async fn what_others_did_since_is_found() {
    let table = submitted().await;
    let deliver = async |name: &str| {
        let event = event(&format!("mediaconvert-job-{name}"));
        handled(&table, event).await
    };
    deliver("progressing").await.unwrap();
    // Another process is told how far it is, and the API renames it.
    let update = event("mediaconvert-job-status-update");
    handled(&table, update).await.unwrap();
    let renamed = Event::Edited(Edit {
        title: Some("Another title".into()),
        ..Edit::default()
    });
    table.table().apply(ID, &renamed, now()).await.unwrap();
    deliver("complete").await.unwrap();
    let video = table.only_video();
    assert_eq!(
        (video.status, video.progress_percent, video.title.as_str()),
        (Status::Ready, None, "Another title")
    );
}

#[tokio::test]
async fn progress_of_an_older_process_does_not_go_back() {
    let table = submitted().await;
    let progressing = event("mediaconvert-job-progressing");
    handled(&table, progressing).await.unwrap();
    let mut update = event("mediaconvert-job-status-update");
    handled(&table, update.clone()).await.unwrap();
    update["detail"]["jobProgress"]["jobPercentComplete"] = json!(20);
    handled(&table, update).await.unwrap();
    assert_eq!(table.only_video().progress_percent, Some(38));
}

#[tokio::test]
async fn a_video_that_was_deleted_since_stays_deleted() {
    let table = submitted().await;
    for (name, then) in [("progressing", Some(Event::Deleted)), ("complete", None)] {
        let event = event(&format!("mediaconvert-job-{name}"));
        handled(&table, event).await.unwrap();
        if let Some(then) = then {
            table.table().apply(ID, &then, now()).await.unwrap();
        }
    }
    assert_eq!(table.only_video().status, Status::Deleting);
}

#[tokio::test]
async fn captions_that_were_added_since_are_not_overlooked() {
    let table = submitted().await;
    let progressing = event("mediaconvert-job-progressing");
    handled(&table, progressing).await.unwrap();
    let added = Event::CaptionsAdded(AddedTrack::new("en", None, "WEBVTT\n"));
    table.table().apply(ID, &added, now()).await.unwrap();
    let complete = event("mediaconvert-job-complete");
    let error = handled(&table, complete).await.unwrap_err();
    assert_eq!(
        Diagnostic::from(error).error_type,
        "S3",
        "there is no file here"
    );
    let video = table.only_video();
    assert_eq!(video.status, Status::Ready);
    assert!(video.misses_edition().is_some() && video.check_at.is_some());
}

#[tokio::test]
async fn events_out_of_order_end_in_the_same_state() {
    let table = claimed().await;
    let late = [
        "mediaconvert-job-complete",
        "mediaconvert-job-status-update",
        "mediaconvert-job-progressing",
    ];
    let video = deliver(&table, &late).await;
    assert_eq!(
        (video.status, video.progress_percent),
        (Status::Ready, None)
    );
}

#[tokio::test]
async fn progress_is_noted() {
    let table = claimed().await;
    let video = deliver(
        &table,
        &[
            "mediaconvert-job-progressing",
            "mediaconvert-job-status-update",
        ],
    )
    .await;
    assert_eq!(video.progress_percent, Some(38));
}

#[tokio::test]
async fn an_event_of_an_older_revision_changes_nothing() {
    let table = claimed().await;
    let newer = Source {
        version_id: Some("a-later-version".into()),
        ..source()
    };
    let claim = Event::Claimed {
        source: newer,
        is_current: true,
        until: now(),
        making: Making::default(),
    };
    table.table().apply(ID, &claim, now()).await.unwrap();
    assert_eq!(
        deliver(&table, &["mediaconvert-job-complete"]).await.status,
        Status::Submitted
    );
}

#[tokio::test]
async fn events_that_are_not_about_us_change_nothing() {
    let table = FakeTable::default();
    for name in ["mediaconvert-job-foreign", "mediaconvert-job-complete"] {
        handled(&table, event(name)).await.unwrap();
    }
    let mut other = event("mediaconvert-job-complete");
    other["source"] = json!("aws.s3");
    handled(&table, other).await.unwrap();
    let mut unknown = event("mediaconvert-job-complete");
    unknown["detail"]["status"] = json!("PONDERING");
    handled(&table, unknown).await.unwrap();
    assert_eq!(table.writes(), 0);
}

#[tokio::test]
async fn what_is_no_job_event_fails_the_invocation() {
    let table = FakeTable::default();
    let mut without_job = event("mediaconvert-job-complete");
    without_job["detail"] = json!({"status": "COMPLETE"});
    for event in [json!({"Records": []}), json!("text"), without_job] {
        let error = Diagnostic::from(handled(&table, event).await.unwrap_err());
        assert_eq!(error.error_type, "Event");
    }
}

#[tokio::test]
async fn a_write_that_fails_fails_the_invocation_and_the_retry_makes_it() {
    let table = claimed().await;
    table.fail_write_after(0);
    let error = handled(&table, event("mediaconvert-job-complete"))
        .await
        .unwrap_err();
    assert_eq!(Diagnostic::from(error).error_type, "Table");
    assert_eq!(
        deliver(&table, &["mediaconvert-job-complete"]).await.status,
        Status::Ready
    );
}

#[tokio::test]
async fn captions_that_were_added_before_the_end_are_in_what_plays() {
    let (table, s3) = (claimed().await, FakeS3::default());
    let webvtt = "WEBVTT\n\n00:01.000 --> 00:02.000\nFish\n";
    let track = AddedTrack::new("en", None, webvtt);
    let added = Event::CaptionsAdded(track.clone());
    table.table().apply(ID, &added, now()).await.unwrap();
    let ready = "mediaconvert-job-complete";

    // The invocation ends between the record and the manifests, and its repetition makes them.
    let error = handled_with(&table, &s3, event(ready)).await.unwrap_err();
    assert_eq!(Diagnostic::from(error).error_type, "S3");
    let video = table.only_video();
    assert_eq!(video.status, Status::Ready);
    assert!(video.misses_edition().is_some() && video.check_at.is_some());
    let playback = video.playback.unwrap();
    let (hls, dash) = (playback.hls.unwrap(), playback.dash.unwrap());
    s3.put(&track.key(ID), webvtt);
    s3.put(
        &hls,
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo_720p.m3u8\n",
    );
    s3.put(
        &dash,
        "<MPD><Period><AdaptationSet contentType=\"video\"/></Period></MPD>",
    );
    handled_with(&table, &s3, event(ready)).await.unwrap();
    let playback = table.only_video().playback.unwrap();
    let folder = format!(
        "{ID}/{}/captions-{}",
        playback.revision,
        playback.edition.unwrap()
    );
    assert_eq!(playback.hls, Some(format!("{folder}/video.m3u8")));
    assert_eq!(playback.dash, Some(format!("{folder}/video.mpd")));
    assert!(s3.text(&format!("{folder}/video.m3u8")).contains("en.m3u8"));
    assert!(s3.text(&format!("{folder}/en.vtt")).contains("Fish"));

    let writes = table.writes();
    handled_with(&table, &s3, event(ready)).await.unwrap();
    assert_eq!(table.writes(), writes, "a third time changes nothing");
}
