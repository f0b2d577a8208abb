//! Uploads: whole, interrupted, refused.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::site::{Site, problem, video};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, Request, Respond, ResponseTemplate};

const CONTENT: &[u8] = b"abcdefghijk";
const PART: u64 = 4;

/// A site that takes uploads of the video `1` in parts of [`PART`] bytes.
async fn taking_uploads() -> Site {
    let site = Site::signed_in().await;
    let created = json!({"video": video("1", "UPLOADING"), "upload": {"uploadId": "u", "partSizeBytes": PART, "partCount": 3}});
    site.answer("POST", "/api/videos", 201, created).await;
    Mock::given(method("POST"))
        .and(path("/api/videos/1/upload/parts"))
        .respond_with(Signer(site.server.uri()))
        .mount(&site.server)
        .await;
    site.answer(
        "POST",
        "/api/videos/1/upload/complete",
        200,
        json!({"video": video("1", "UPLOADING")}),
    )
    .await;
    site
}

/// Signs whatever parts are asked for.
struct Signer(String);

impl Respond for Signer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let asked: Value = request.body_json().unwrap();
        let parts: Vec<Value> = asked["partNumbers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|number| json!({"partNumber": number, "url": format!("{}/storage/{number}", self.0), "sizeBytes": 0}))
            .collect();
        ResponseTemplate::new(200).set_body_json(json!({"parts": parts}))
    }
}

/// Storage that takes parts, and refuses part 2 the first so many times.
struct Storage {
    refusals: AtomicUsize,
    status: u16,
}

impl Storage {
    fn refusing(times: usize, status: u16) -> Self {
        Self {
            refusals: AtomicUsize::new(times),
            status,
        }
    }
}

impl Respond for Storage {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let number = request.url.path().rsplit('/').next().unwrap();
        let left = self.refusals.load(Ordering::SeqCst);
        if number == "2" && left > 0 {
            self.refusals.store(left - 1, Ordering::SeqCst);
            return ResponseTemplate::new(self.status);
        }
        ResponseTemplate::new(200).insert_header("etag", format!("\"etag-{number}\""))
    }
}

async fn store(site: &Site, storage: Storage) {
    Mock::given(method("PUT"))
        .and(path_regex("^/storage/"))
        .respond_with(storage)
        .mount(&site.server)
        .await;
}

async fn completed_with(site: &Site) -> Vec<Value> {
    site.bodies("POST", "/api/videos/1/upload/complete")
        .await
        .iter()
        .map(|body| serde_json::from_slice(body).unwrap())
        .collect()
}

fn all_parts() -> Value {
    json!({"parts": [
        {"partNumber": 1, "etag": "\"etag-1\""},
        {"partNumber": 2, "etag": "\"etag-2\""},
        {"partNumber": 3, "etag": "\"etag-3\""},
    ]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_arrives_in_parts() {
    let site = taking_uploads().await;
    store(&site, Storage::refusing(0, 500)).await;
    let file = site.file("bikes.mp4", CONTENT);
    site.vod(&["upload", &file])
        .assert()
        .success()
        .stdout(contains("bikes.mp4"));
    for (number, bytes) in [(1, b"abcd".as_slice()), (2, b"efgh"), (3, b"ijk")] {
        assert_eq!(
            site.bodies("PUT", &format!("/storage/{number}")).await,
            [bytes]
        );
    }
    assert_eq!(completed_with(&site).await, [all_parts()]);
    let created: Value =
        serde_json::from_slice(&site.bodies("POST", "/api/videos").await[0]).unwrap();
    assert_eq!(created, json!({"fileName": "bikes.mp4", "sizeBytes": 11}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_sent_again_after_an_error_and_signed_anew_when_its_time_is_over() {
    for (status, signatures) in [(503, 1), (403, 2)] {
        let site = taking_uploads().await;
        store(&site, Storage::refusing(1, status)).await;
        let file = site.file("bikes.mp4", CONTENT);
        site.vod(&["upload", &file]).assert().success();
        assert_eq!(
            site.bodies("PUT", "/storage/2").await.len(),
            2,
            "after {status}"
        );
        let signed = site.bodies("POST", "/api/videos/1/upload/parts").await;
        assert_eq!(signed.len(), signatures, "after {status}");
        assert_eq!(completed_with(&site).await, [all_parts()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_goes_on_with_the_parts_that_are_missing() {
    let site = taking_uploads().await;
    store(&site, Storage::refusing(1, 400)).await;
    let file = site.file("bikes.mp4", CONTENT);
    site.vod(&["upload", &file])
        .assert()
        .failure()
        .stderr(contains("send part 2"));

    let sent = json!({"uploadId": "u", "partSizeBytes": PART, "partCount": 3, "parts": [
        {"partNumber": 1, "etag": "\"etag-1\"", "sizeBytes": 4},
        // A part of a wrong size is sent again.
        {"partNumber": 3, "etag": "\"half\"", "sizeBytes": 1},
    ]});
    site.answer("GET", "/api/videos/1/upload/parts", 200, sent)
        .await;
    let before = site.bodies("PUT", "/storage/1").await.len();
    site.vod(&["upload", &file]).assert().success();
    assert_eq!(site.bodies("POST", "/api/videos").await.len(), 1);
    assert_eq!(site.bodies("PUT", "/storage/1").await.len(), before);
    assert_eq!(completed_with(&site).await, [all_parts()]);

    // It is finished: the same file again is another video.
    site.vod(&["upload", &file]).assert().success();
    assert_eq!(site.bodies("POST", "/api/videos").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_site_forgot_begins_anew() {
    let site = taking_uploads().await;
    store(&site, Storage::refusing(1, 400)).await;
    let file = site.file("bikes.mp4", CONTENT);
    site.vod(&["upload", &file]).assert().failure();
    let refusal = problem("not-found", 404, "There is no such video.");
    site.answer("GET", "/api/videos/1/upload/parts", 404, refusal)
        .await;
    site.vod(&["upload", &file]).assert().success();
    assert_eq!(site.bodies("POST", "/api/videos").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_completed_without_an_answer_is_no_second_video() {
    let site = taking_uploads().await;
    store(&site, Storage::refusing(1, 400)).await;
    let file = site.file("bikes.mp4", CONTENT);
    site.vod(&["upload", &file]).assert().failure();
    let refusal = problem("already-complete", 409, "The upload is complete already.");
    site.answer("GET", "/api/videos/1/upload/parts", 409, refusal)
        .await;
    let finished = json!({"video": video("1", "PROCESSING")});
    site.answer("GET", "/api/videos/1", 200, finished).await;
    let sent = site.bodies("PUT", "/storage/1").await.len();
    site.vod(&["upload", &file])
        .assert()
        .success()
        .stdout(contains("bikes.mp4"));
    assert_eq!(site.bodies("POST", "/api/videos").await.len(), 1);
    assert_eq!(site.bodies("PUT", "/storage/1").await.len(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn completing_once_more_after_a_lost_answer_is_no_failure() {
    let site = taking_uploads().await;
    store(&site, Storage::refusing(0, 500)).await;
    let refusal = problem("already-complete", 409, "The upload is complete already.");
    site.answer("POST", "/api/videos/1/upload/complete", 409, refusal)
        .await;
    let finished = json!({"video": video("1", "SUBMITTED")});
    site.answer("GET", "/api/videos/1", 200, finished).await;
    let file = site.file("bikes.mp4", CONTENT);
    site.vod(&["upload", &file])
        .assert()
        .success()
        .stdout(contains("bikes.mp4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_in_trouble_is_no_reason_to_begin_anew() {
    let site = taking_uploads().await;
    store(&site, Storage::refusing(1, 400)).await;
    let file = site.file("bikes.mp4", CONTENT);
    site.vod(&["upload", &file]).assert().failure();
    let trouble = problem("internal", 500, "Something went wrong on our side.");
    site.answer_once("GET", "/api/videos/1/upload/parts", "first", 400, trouble)
        .await;
    let sent = json!({"uploadId": "u", "partSizeBytes": PART, "partCount": 3, "parts": []});
    site.answer("GET", "/api/videos/1/upload/parts", 200, sent)
        .await;
    site.vod(&["upload", &file]).assert().failure();
    site.vod(&["upload", &file]).assert().success();
    assert_eq!(site.bodies("POST", "/api/videos").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_never_hides_its_neighbours() {
    let site = taking_uploads().await;
    store(&site, Storage::refusing(0, 500)).await;
    let (empty, good) = (site.file("empty.mp4", b""), site.file("good.mp4", CONTENT));
    site.vod(&["upload", &empty, "/nowhere.mp4", &good])
        .assert()
        .code(1)
        .stdout(contains("good.mp4"))
        .stderr(
            contains("empty.mp4: the file is empty").and(contains("/nowhere.mp4: read the file")),
        );
}
