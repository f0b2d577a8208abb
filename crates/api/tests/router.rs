//! The router, without a socket and with AWS stood in for.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "support/fake_aws.rs"]
mod fake_aws;

use std::collections::BTreeMap;

use api::config::{Config, SignIn};
use api::router::router;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use common::captions::removal_key;
use common::time::Timestamp;
use common::video::{Playback, Status, Video};
use fake_aws::FakeAws;
use http_body_util::BodyExt;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt;

const ANNA: &str = "anna";
const BERTA: &str = "berta";
const ADMIN: &str = "root";
const MIB: u64 = 1024 * 1024;

struct Site {
    aws: FakeAws,
    router: Router,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
    text: String,
}

impl Answer {
    fn kind(&self) -> &str {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], self.status.as_u16());
        assert!(
            self.body["detail"].as_str().unwrap().ends_with('.'),
            "{}",
            self.body
        );
        self.body["type"]
            .as_str()
            .unwrap()
            .strip_prefix("/problems/")
            .unwrap()
    }
}

impl Site {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let aws = FakeAws::default();
        let router = router(aws.app(change));
        Self { aws, router }
    }

    async fn send(&self, user: Option<&str>, mut request: Request<Body>) -> Answer {
        if let Some(user) = user {
            request.extensions_mut().insert(context(user));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    async fn call(&self, user: Option<&str>, call: &str, body: Option<Value>) -> Answer {
        let (method, path) = call.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(user, request.body(body).unwrap()).await
    }

    async fn get(&self, user: &str, path: &str) -> Answer {
        self.call(Some(user), &format!("GET {path}"), None).await
    }

    /// A new video of Anna's, of three parts; its id.
    async fn upload(&self) -> String {
        let new =
            json!({"fileName": "Holiday.MP4", "sizeBytes": 20 * MIB, "contentType": "video/mp4"});
        let created = self.call(Some(ANNA), "POST /api/videos", Some(new)).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
        created.body["video"]["id"].as_str().unwrap().to_owned()
    }

    fn put(&self, number: u32, owner: &str, title: &str, status: Status) -> String {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let made = Timestamp::from_unix_ms(1_768_471_301_000 + i64::from(number));
        self.aws
            .table
            .clone()
            .extend([Video::new(&id, owner, title, status, made)]);
        id
    }
}

fn context(user: &str) -> RequestContext {
    let groups = if user == ADMIN { "[admin]" } else { "[]" };
    serde_json::from_value(json!({
        "accountId": "123456789012", "apiId": "a", "routeKey": "ANY /api/{proxy+}", "stage": "$default",
        "requestId": "r", "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_u64,
        "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
        "authorizer": {"jwt": {"claims": {"sub": user, "cognito:groups": groups}, "scopes": null}},
    }))
    .unwrap()
}

const ID: &str = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77";

/// Every documented call, with an id in its path.
fn documented() -> Vec<(String, bool)> {
    let document: Value = serde_json::from_str(api::openapi::DOCUMENT).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let calls = paths.iter().flat_map(|(path, methods)| {
        methods
            .as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| {
                let needs_token = operation["security"] == json!([{"token": []}]);
                let path = path.replace("{id}", ID);
                (format!("{} {path}", method.to_uppercase()), needs_token)
            })
    });
    calls.collect()
}

#[tokio::test]
async fn without_a_token_nothing_but_the_public_calls_answers() {
    let site = Site::new();
    let mut guarded = 0;
    for (call, needs_token) in documented() {
        let answer = site.call(None, &call, None).await;
        if needs_token {
            assert_eq!(answer.kind(), "sign-in-needed", "{call}");
            guarded += 1;
        } else {
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{call}");
        }
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{call}");
    }
    assert_eq!(guarded, 13);
}

#[tokio::test]
async fn an_upload_is_cut_signed_listed_and_completed() {
    let site = Site::new();
    let id = site.upload().await;
    let record = site.aws.table.video(&id).unwrap();
    assert_eq!(
        (record.owner.as_str(), record.title.as_str()),
        (ANNA, "Holiday")
    );
    assert_eq!(
        record.upload.as_ref().unwrap().key,
        format!("videos/{id}/source.mp4")
    );
    assert_eq!(site.aws.content_type().as_deref(), Some("video/mp4"));
    // A record that is lost can be made again from this.
    let origin = site.aws.origin().unwrap();
    assert_eq!(
        (&origin.owner, &origin.title),
        (&record.owner, &record.title)
    );
    assert_eq!(origin.created_at, record.created_at);

    let parts = format!("/api/videos/{id}/upload/parts");
    let signed = site
        .call(
            Some(ANNA),
            &format!("POST {parts}"),
            Some(json!({"partNumbers": [3, 1]})),
        )
        .await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.body);
    let last = &signed.body["parts"][0];
    assert_eq!(
        (&last["partNumber"], &last["sizeBytes"]),
        (&json!(3), &json!(4 * MIB))
    );
    let url = last["url"].as_str().unwrap();
    let (address, query) = url.split_once('?').unwrap();
    assert_eq!(
        address,
        format!("https://vod-source.s3.eu-central-1.amazonaws.com/videos/{id}/source.mp4")
    );
    for parameter in ["partNumber=3", "X-Amz-SignedHeaders=content-length%3Bhost"] {
        assert!(query.split('&').any(|found| found == parameter), "{url}");
    }

    for (number, etag) in [(1, "aa"), (2, "bb"), (3, "cc")] {
        site.aws.send_part(number, etag);
    }
    let listed = site.get(ANNA, &parts).await;
    assert_eq!(
        listed.body["parts"][1],
        json!({"partNumber": 2, "etag": "bb", "sizeBytes": 5})
    );
    assert_eq!(listed.body["partCount"], 3);

    let complete = format!("POST /api/videos/{id}/upload/complete");
    let tags = |last: &str| {
        json!({"parts": [
            {"partNumber": 2, "etag": "\"bb\""}, {"partNumber": 1, "etag": "aa"}, {"partNumber": 3, "etag": last},
        ]})
    };
    let wrong = site.call(Some(ANNA), &complete, Some(tags("dd"))).await;
    assert_eq!(wrong.kind(), "invalid-parts");
    assert_eq!((site.aws.completions(), site.aws.has_upload()), (0, true));
    let done = site.call(Some(ANNA), &complete, Some(tags("cc"))).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(done.body["video"]["id"], json!(id));
    // The submit function hasn't seen it yet; S3 has it all the same.
    let again = site.call(Some(ANNA), &complete, Some(tags("cc"))).await;
    assert_eq!(
        (again.status, again.kind()),
        (StatusCode::CONFLICT, "already-complete")
    );
    assert_eq!(site.get(ANNA, &parts).await.kind(), "already-complete");
    assert_eq!(site.aws.completions(), 1);
}

#[tokio::test]
async fn an_upload_that_s3_knows_no_more_is_being_completed_on_its_first_day_and_gone_later() {
    let site = Site::new();
    let id = site.upload().await;
    site.aws.forget_upload();
    let parts: Vec<_> = (1..=3)
        .map(|number| json!({"partNumber": number, "etag": "aa"}))
        .collect();
    let complete = format!("POST /api/videos/{id}/upload/complete");
    let completed = || site.call(Some(ANNA), &complete, Some(json!({"parts": parts})));
    let list = format!("/api/videos/{id}/upload/parts");

    let answer = completed().await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(answer.body["video"]["status"], "UPLOADING");
    assert_eq!(site.get(ANNA, &list).await.kind(), "being-completed");

    // Begun a day earlier.
    let mut video = site.aws.table.video(&id).unwrap();
    let upload = video.upload.as_mut().unwrap();
    upload.expires_at = upload.expires_at.plus_ms(-24 * 3600 * 1000);
    site.aws.table.clone().extend([video]);
    assert_eq!(completed().await.kind(), "upload-gone");
    assert_eq!(site.get(ANNA, &list).await.kind(), "upload-gone");
}

#[tokio::test]
async fn an_aborted_upload_is_gone_at_once_and_aborting_again_is_no_error() {
    let site = Site::new();
    let id = site.upload().await;
    for _ in 0..2 {
        let answer = site
            .call(Some(ANNA), &format!("DELETE /api/videos/{id}/upload"), None)
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    assert!(!site.aws.has_upload());
    assert_eq!(
        site.get(ANNA, &format!("/api/videos/{id}")).await.kind(),
        "not-found"
    );
    assert_eq!(
        site.aws.invoked(),
        [("vod-reconcile".to_owned(), json!({"video": id}))]
    );
}

#[tokio::test]
async fn a_new_video_is_refused_for_each_mistake_and_nothing_is_made() {
    let site = Site::new();
    let good = json!({"fileName": "a.mp4", "sizeBytes": 1});
    let long = "x".repeat(201);
    for (field, value) in [
        ("fileName", json!("")),
        ("fileName", json!("a\u{1b}[2J.mp4")),
        ("fileName", json!("notes.txt")),
        ("fileName", json!(null)),
        ("fileName", json!("x".repeat(256))),
        ("sizeBytes", json!(0)),
        ("sizeBytes", json!(-1)),
        ("sizeBytes", json!(1.5)),
        ("sizeBytes", json!("1")),
        ("sizeBytes", json!(5 * 1024 * 1024 * MIB + 1)),
        ("contentType", json!("video")),
        ("contentType", json!("video/mp4\r\nX-Evil: 1")),
        ("title", json!(" ")),
        ("title", json!(long)),
        ("title", json!(null)),
        ("title", json!({"a": 1})),
        ("description", json!("x".repeat(5001))),
        ("profile", json!("No such profile")),
        ("download", json!("yes")),
        ("clip", json!("1-2")),
        ("clip", json!({})),
        ("owner", json!("berta")),
    ] {
        let mut new = good.clone();
        new[field] = value.clone();
        let answer = site.call(Some(ANNA), "POST /api/videos", Some(new)).await;
        assert_eq!(
            (answer.status, answer.kind()),
            (StatusCode::BAD_REQUEST, "invalid-request"),
            "{field}: {value}"
        );
        let pointer = answer.body["errors"][0]["pointer"].as_str().unwrap();
        assert_eq!(pointer, format!("/{field}"), "{value}");
    }
    assert_eq!(site.aws.table.writes(), 0);
    assert!(!site.aws.has_upload());
}

#[tokio::test]
async fn an_array_is_no_object() {
    let site = Site::new();
    let video = "/api/videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77";
    for (call, body, pointer) in [
        (format!("PATCH {video}"), json!([]), ""),
        (
            format!("POST {video}/upload/complete"),
            json!({"parts": [[1, "9b2cf535f27731c9"]]}),
            "/parts/0",
        ),
    ] {
        let answer = site.call(Some(ANNA), &call, Some(body)).await;
        assert_eq!(answer.kind(), "invalid-request");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_large_is_refused() {
    let site = Site::new();
    let post = |kind: Option<&str>, body: String| {
        let mut request = Request::builder().method("POST").uri("/api/videos");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        request.body(Body::from(body)).unwrap()
    };
    let json = Some("application/json; charset=utf-8");
    for (request, kind) in [
        (post(None, "{}".into()), "not-json"),
        (post(Some("text/plain"), "{}".into()), "not-json"),
        (post(json, "{".into()), "invalid-request"),
        (post(json, String::new()), "invalid-request"),
        (post(json, "[]".into()), "invalid-request"),
        (
            post(
                json,
                format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
            ),
            "invalid-request",
        ),
        (
            post(json, "{\"title\":\"\\ud800\"}".into()),
            "invalid-request",
        ),
        (
            post(json, format!("{{\"title\":\"{}\"}}", "x".repeat(70_000))),
            "too-large",
        ),
    ] {
        assert_eq!(site.send(Some(ANNA), request).await.kind(), kind);
    }
}

#[tokio::test]
async fn html_in_a_title_is_text_and_a_path_in_a_name_leads_nowhere() {
    let site = Site::new();
    let new = json!({"fileName": "../../../../etc/x.MP4", "sizeBytes": 1, "title": "<script>alert(1)</script>"});
    let created = site.call(Some(ANNA), "POST /api/videos", Some(new)).await;
    let id = created.body["video"]["id"].as_str().unwrap();
    assert_eq!(created.body["video"]["title"], "<script>alert(1)</script>");
    assert_eq!(created.body["video"]["fileName"], "x.MP4");
    assert_eq!(
        created.body["upload"]["key"],
        json!(format!("videos/{id}/source.mp4"))
    );
    assert_eq!(created.headers["x-content-type-options"], "nosniff");
    assert_eq!(created.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn parts_out_of_range_are_refused() {
    let site = Site::new();
    let id = site.upload().await;
    let call = format!("POST /api/videos/{id}/upload/parts");
    let many: Vec<_> = (1..=1001).collect();
    for numbers in [
        json!([0]),
        json!([4]),
        json!([-1]),
        json!([]),
        json!([1, 1]),
        json!(many),
        json!(["1"]),
    ] {
        let answer = site
            .call(Some(ANNA), &call, Some(json!({"partNumbers": numbers})))
            .await;
        assert_eq!(answer.kind(), "invalid-request", "{numbers}");
    }
    let complete = format!("POST /api/videos/{id}/upload/complete");
    for parts in [
        json!([]),
        json!([{"partNumber": 1, "etag": "a b"}]),
        json!([{"partNumber": 1}]),
    ] {
        let answer = site
            .call(Some(ANNA), &complete, Some(json!({"parts": parts})))
            .await;
        assert_eq!(answer.kind(), "invalid-request", "{parts}");
    }
    let some = json!({"parts": [{"partNumber": 1, "etag": "aa"}]});
    assert_eq!(
        site.call(Some(ANNA), &complete, Some(some)).await.kind(),
        "invalid-parts"
    );
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_not_there() {
    let site = Site::new();
    let theirs = site.upload().await;
    let writes = site.aws.table.writes();
    let bodies = |call: &str| match call {
        _ if call.ends_with("/upload/parts") => Some(json!({"partNumbers": [1]})),
        _ if call.ends_with("/complete") => {
            Some(json!({"parts": [{"partNumber": 1, "etag": "aa"}]}))
        }
        _ if call.starts_with("PATCH") => Some(json!({"title": "mine now"})),
        _ => None,
    };
    let mut calls = 0;
    for (call, needs_token) in documented() {
        if !needs_token || !call.contains(ID) {
            continue;
        }
        let body = if call.starts_with("GET") {
            None
        } else {
            bodies(&call)
        };
        let foreign = site
            .call(Some(BERTA), &call.replace(ID, &theirs), body.clone())
            .await;
        assert_eq!(foreign.kind(), "not-found", "{call}");
        let missing = site.call(Some(BERTA), &call, body).await;
        if call.starts_with("DELETE") && !call.contains("/captions/") {
            assert_eq!(missing.status, StatusCode::NO_CONTENT, "{call}");
        } else {
            assert_eq!(missing.body["detail"], foreign.body["detail"], "{call}");
        }
        calls += 1;
    }
    assert_eq!((calls, site.aws.table.writes()), (10, writes));
    assert_eq!(site.aws.files("vod-source").len(), 0);
    assert_eq!(
        site.get(ADMIN, &format!("/api/videos/{theirs}"))
            .await
            .status,
        StatusCode::OK
    );
    for odd in [
        "nothing",
        "..%2f..%2fetc",
        &theirs.to_uppercase(),
        &theirs.replace('-', ""),
    ] {
        let answer = site.get(ANNA, &format!("/api/videos/{odd}")).await;
        assert_eq!(answer.kind(), "not-found", "{odd}");
    }
}

#[tokio::test]
async fn a_library_is_listed_newest_first_in_full_pages() {
    let site = Site::new();
    for number in 0..25 {
        site.put(number, ANNA, &format!("Video {number}"), Status::Ready);
        site.put(100 + number, BERTA, "Hers", Status::Ready);
    }
    let mut titles = Vec::new();
    let mut path = "/api/videos?limit=10".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = site.get(ANNA, &path).await;
        let videos = page.body["videos"].as_array().unwrap();
        sizes.push(videos.len());
        titles.extend(
            videos
                .iter()
                .map(|video| video["title"].as_str().unwrap().to_owned()),
        );
        match page.body["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/videos?limit=10&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(sizes, [10, 10, 5]);
    let expected: Vec<_> = (0..25)
        .rev()
        .map(|number| format!("Video {number}"))
        .collect();
    assert_eq!(titles, expected);
    let whole = site.get(ANNA, "/api/videos?limit=25").await;
    assert_eq!(
        whole.body.get("nextCursor"),
        None,
        "a page that ends with the library says so"
    );
}

#[tokio::test]
async fn a_search_fills_its_pages_from_far_back() {
    let site = Site::new();
    for number in 0..300 {
        let title = if number % 100 == 7 {
            "Needle & <b>thread</b>"
        } else {
            "Hay"
        };
        site.put(number, ANNA, title, Status::Ready);
    }
    site.put(999, ANNA, "Needle", Status::Failed);
    let found = site
        .get(ANNA, "/api/videos?search=NEEDLE&status=READY&limit=2")
        .await;
    assert_eq!(
        found.body["videos"].as_array().unwrap().len(),
        2,
        "{}",
        found.body
    );
    let cursor = found.body["nextCursor"].as_str().unwrap();
    let next = format!("/api/videos?search=NEEDLE&status=READY&limit=2&cursor={cursor}");
    let rest = site.get(ANNA, &next).await;
    assert_eq!(rest.body["videos"].as_array().unwrap().len(), 1);
    assert_eq!(rest.body.get("nextCursor"), None);
}

#[tokio::test]
async fn a_cursor_is_valid_in_its_own_list_only() {
    let site = Site::new();
    for number in 0..3 {
        site.put(number, ANNA, "a", Status::Ready);
        site.put(10 + number, BERTA, "b", Status::Ready);
    }
    let page = site.get(ANNA, "/api/videos?limit=1").await;
    let cursor = page.body["nextCursor"].as_str().unwrap();
    let flipped = if cursor.starts_with('A') { "B" } else { "A" };
    let tampered = format!("{flipped}{}", &cursor[1..]);
    for (user, query) in [
        (BERTA, format!("cursor={cursor}")),
        (ADMIN, format!("cursor={cursor}")),
        (ANNA, format!("cursor={tampered}")),
        (ANNA, format!("cursor={cursor}&search=a")),
        (ANNA, "cursor=".to_owned()),
        (ANNA, "cursor=%00%ff".to_owned()),
    ] {
        let answer = site.get(user, &format!("/api/videos?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(
        site.get(ANNA, &format!("/api/videos?cursor={cursor}"))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let site = Site::new();
    for query in [
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=1&limit=2",
        "status=ready",
        "status=DELETING",
        "colour=red",
    ] {
        let answer = site.get(ANNA, &format!("/api/videos?{query}")).await;
        assert_eq!(answer.kind(), "invalid-request", "{query}");
    }
}

#[tokio::test]
async fn an_administrator_sees_everybodys_videos_and_others_only_theirs() {
    let site = Site::new();
    site.put(1, ANNA, "a", Status::Ready);
    site.put(2, BERTA, "b", Status::Ready);
    let ids = |answer: &Answer| answer.body["videos"].as_array().unwrap().len();
    assert_eq!(ids(&site.get(ADMIN, "/api/videos").await), 2);
    assert_eq!(ids(&site.get(ADMIN, "/api/videos?owner=berta").await), 1);
    assert_eq!(ids(&site.get(BERTA, "/api/videos?owner=berta").await), 1);
    assert_eq!(
        site.get(ANNA, "/api/videos?owner=berta").await.kind(),
        "admin-only"
    );
}

#[tokio::test]
async fn texts_are_edited_and_an_empty_description_goes() {
    let site = Site::new();
    let id = site.put(1, ANNA, "Before", Status::Ready);
    let call = format!("PATCH /api/videos/{id}");
    let edited = site
        .call(
            Some(ANNA),
            &call,
            Some(json!({"title": " After ", "description": "First\nSecond"})),
        )
        .await;
    assert_eq!(edited.body["video"]["title"], "After");
    assert_eq!(edited.body["video"]["description"], "First\nSecond");
    let cleared = site
        .call(Some(ANNA), &call, Some(json!({"description": ""})))
        .await;
    assert_eq!(cleared.body["video"].get("description"), None);
    assert_eq!(cleared.body["video"]["title"], "After");
    let writes = site.aws.table.writes();
    for bad in [
        json!({"title": ""}),
        json!({"title": null}),
        json!({"status": "READY"}),
    ] {
        assert_eq!(
            site.call(Some(ANNA), &call, Some(bad)).await.kind(),
            "invalid-request"
        );
    }
    assert_eq!(
        site.call(Some(ANNA), &call, Some(json!({}))).await.status,
        StatusCode::OK
    );
    assert_eq!(site.aws.table.writes(), writes);
}

#[tokio::test]
async fn a_deleted_video_is_gone_at_once_and_deleting_again_is_no_error() {
    let site = Site::new();
    let id = site.put(1, ANNA, "a", Status::Ready);
    for _ in 0..2 {
        let answer = site
            .call(Some(ANNA), &format!("DELETE /api/videos/{id}"), None)
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(
        site.get(ANNA, &format!("/api/videos/{id}")).await.kind(),
        "not-found"
    );
    assert_eq!(
        site.get(ADMIN, "/api/videos").await.body["videos"],
        json!([])
    );
    assert_eq!(site.aws.invoked().len(), 1);
}

#[tokio::test]
async fn reprocessing_needs_a_finished_video_with_a_source() {
    let site = Site::new();
    let id = site.upload().await;
    let uploading = site
        .call(
            Some(ANNA),
            &format!("POST /api/videos/{id}/reprocess"),
            None,
        )
        .await;
    assert_eq!(uploading.status, StatusCode::CONFLICT, "{}", uploading.body);
    let id = site.put(1, ANNA, "a", Status::Failed);
    let call = format!("POST /api/videos/{id}/reprocess");
    assert_eq!(site.call(Some(ANNA), &call, None).await.kind(), "no-source");
    let unknown = json!({"profile": "../nonsense"});
    assert_eq!(
        site.call(Some(ANNA), &call, Some(unknown)).await.kind(),
        "invalid-request"
    );
    assert!(site.aws.invoked().is_empty());
}

#[tokio::test]
async fn a_part_that_the_upload_does_not_have_is_refused_and_changes_nothing() {
    let site = Site::new();
    let id = site.put(1, ANNA, "a", Status::Ready);
    let mut video = site.aws.table.video(&id).unwrap();
    let played = json!({"revision": "0123456789abcdef", "durationMs": 60_060, "renditions": []});
    video.playback = Some(serde_json::from_value(played).unwrap());
    video.revision = Some("0123456789abcdef".into());
    site.aws.table.clone().extend([video.clone()]);
    let call = format!("POST /api/videos/{id}/reprocess");
    for (clip, pointer) in [
        (
            json!({"fromSeconds": 50, "toSeconds": 90}),
            "/clip/toSeconds",
        ),
        (json!({"fromSeconds": 60}), "/clip/toSeconds"),
        (json!({"fromSeconds": 9, "toSeconds": 8}), "/clip/toSeconds"),
        (json!({"fromSeconds": -1}), "/clip/fromSeconds"),
        (json!({"fromSeconds": 1e300}), "/clip/fromSeconds"),
        (json!({"toSeconds": 86_400}), "/clip/toSeconds"),
        (json!({}), "/clip"),
    ] {
        let body = json!({ "clip": clip });
        let answer = site.call(Some(ANNA), &call, Some(body)).await;
        assert_eq!(answer.kind(), "invalid-request", "{clip}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{clip}");
    }
    assert_eq!(site.aws.table.video(&id), Some(video));
    assert!(site.aws.invoked().is_empty());
}

#[tokio::test]
async fn reprocessing_submits_the_same_upload_again() {
    let site = Site::new();
    let id = "00000000-0000-4000-8000-000000000001";
    let made = Timestamp::from_unix_ms(1_768_471_301_000);
    let source: Value = json!({
        "bucket": "vod-source", "key": format!("videos/{id}/source.mp4"), "versionId": "v1", "etag": "abc", "sizeBytes": 5,
    });
    site.aws.table.clone().extend([Video {
        source: Some(serde_json::from_value(source).unwrap()),
        revision: Some("0123456789abcdef".into()),
        ..Video::new(id, ANNA, "a", Status::Failed, made)
    }]);
    let answer = site
        .call(
            Some(ANNA),
            &format!("POST /api/videos/{id}/reprocess"),
            Some(json!({"download": true, "clip": {"fromSeconds": 0.5, "toSeconds": 90}})),
        )
        .await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(answer.body["video"]["status"], "SUBMITTED");
    assert_eq!(answer.body["video"]["download"], true);
    let clip = json!({"fromSeconds": 0.5, "toSeconds": 90.0});
    assert_eq!(answer.body["video"]["clip"], clip);
    let (function, event) = site.aws.invoked().remove(0);
    assert_eq!(function, "vod-submit");
    assert_eq!(event["Records"][0]["s3"]["object"]["versionId"], "v1");
}

#[tokio::test]
async fn an_import_submits_what_is_no_video_yet() {
    let site = Site::new();
    site.aws
        .put_objects(&["old/a.mp4", "old/b.mov", "old/", "new/c.mp4"]);
    let import = json!({"bucket": "vod-source", "prefix": "old/"});
    assert_eq!(
        site.call(Some(ANNA), "POST /api/imports", Some(import.clone()))
            .await
            .kind(),
        "admin-only"
    );
    let done = site
        .call(Some(ADMIN), "POST /api/imports", Some(import))
        .await;
    let keys: Vec<_> = done.body["imported"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["key"].clone())
        .collect();
    assert_eq!(
        (keys, &done.body["skipped"]),
        (vec![json!("old/a.mp4"), json!("old/b.mov")], &json!(1))
    );
    assert_eq!(
        site.aws.invoked()[0].1["Records"].as_array().unwrap().len(),
        2
    );
    let other = json!({"bucket": "somebody-elses", "prefix": ""});
    assert_eq!(
        site.call(Some(ADMIN), "POST /api/imports", Some(other))
            .await
            .kind(),
        "invalid-request"
    );
}

#[tokio::test]
async fn signing_in_answers_tokens_a_challenge_or_a_refusal() {
    let site = Site::new();
    let sign_in = async |name: &str, password: &str| {
        let body = json!({"username": name, "password": password});
        site.call(None, "POST /api/session", Some(body)).await
    };
    let session = sign_in("anna", "right").await;
    assert_eq!(
        session.body,
        json!({"accessToken": "access", "refreshToken": "refresh", "expiresInSeconds": 3600})
    );
    assert_eq!(
        sign_in("new", "right").await.body["challenge"],
        "NEW_PASSWORD"
    );
    assert_eq!(sign_in("anna", "wrong").await.kind(), "wrong-credentials");
    assert_eq!(sign_in("", "").await.kind(), "invalid-request");
}

#[tokio::test]
async fn who_signed_in_by_e_mail_chooses_a_password_by_name() {
    let site = Site::new();
    let credentials = json!({"username": "new@example.com", "password": "right"});
    let challenge = site
        .call(None, "POST /api/session", Some(credentials))
        .await
        .body;
    assert_eq!(challenge["username"], "new");
    let chosen = json!({
        "username": challenge["username"],
        "session": challenge["session"],
        "newPassword": "a password of my own",
    });
    let answer = site
        .call(None, "POST /api/session/new-password", Some(chosen))
        .await;
    assert_eq!(answer.body["accessToken"], "access");
}

#[tokio::test]
async fn with_a_provider_of_ones_own_there_is_no_password_sign_in() {
    let site = Site::with(|config| {
        config.sign_in = SignIn::Oidc {
            authority: "https://id.example".into(),
            client_id: "vod-web".into(),
            audience: "vod".into(),
        };
    });
    let body = json!({"username": "anna", "password": "right"});
    assert_eq!(
        site.call(None, "POST /api/session", Some(body))
            .await
            .kind(),
        "not-found"
    );
    let config = site.call(None, "GET /api/config", None).await;
    assert_eq!(
        config.body["signIn"],
        json!({
            "kind": "oidc", "authority": "https://id.example", "clientId": "vod-web", "audience": "vod",
        })
    );
}

#[tokio::test]
async fn public_playback_is_shown_only_where_it_is_allowed() {
    let playback: Playback = serde_json::from_value(json!({
        "revision": "r", "hls": "id/r/video.m3u8", "dash": "id/r/video.mpd", "renditions": [],
    }))
    .unwrap();
    for (allowed, status) in [(true, StatusCode::OK), (false, StatusCode::NOT_FOUND)] {
        let site = Site::with(|config| config.public_playback = allowed);
        let id = site.put(1, ANNA, "a", Status::Processing);
        let call = format!("GET /api/public/videos/{id}");
        assert_eq!(
            site.call(None, &call, None).await.status,
            StatusCode::NOT_FOUND,
            "nothing to watch yet"
        );
        let mut video = site.aws.table.video(&id).unwrap();
        video.playback = Some(playback.clone());
        site.aws.table.clone().extend([video]);
        let answer = site.call(None, &call, None).await;
        assert_eq!(answer.status, status);
        if allowed {
            assert_eq!(
                answer.body["playback"]["hlsUrl"],
                "https://site.example/id/r/video.m3u8"
            );
            assert_eq!(answer.body.get("owner"), None);
        }
    }
}

fn with_thumbnails() -> Playback {
    serde_json::from_value(json!({
        "revision": "r", "hls": "id/r/video.m3u8", "dash": "id/r/video.mpd", "renditions": [],
        "poster": "id/r/video_poster.0000001.jpg",
        "thumbnails": {"first": "id/r/video_thumb.0000000.jpg", "count": 3, "intervalSeconds": 2, "width": 320,
            "height": 180},
    }))
    .unwrap()
}

#[tokio::test]
async fn the_storyboard_is_for_everybody_who_knows_video_and_revision() {
    let site = Site::new();
    let id = site.put(1, ANNA, "a", Status::Ready);
    let mut video = site.aws.table.video(&id).unwrap();
    video.playback = Some(with_thumbnails());
    site.aws.table.clone().extend([video]);
    let url = site.get(ANNA, &format!("/api/videos/{id}")).await.body["video"]["playback"]
        ["storyboardUrl"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = url.strip_prefix("https://site.example").unwrap();
    let answer = site.call(None, &format!("GET {path}"), None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "text/vtt; charset=utf-8");
    assert_eq!(answer.headers["cache-control"], "public, max-age=86400");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    for wrong in [
        path.replace("/r/", "/other/"),
        path.replace(&id, "nobody"),
        path.replace(&id, "00000000-0000-4000-8000-000000000000"),
    ] {
        let answer = site.call(None, &format!("GET {wrong}"), None).await;
        assert_eq!(answer.kind(), "not-found", "{wrong}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn the_sheets_of_the_storyboard_show_the_stills_that_there_are() {
    let site = Site::new();
    let id = site.put(1, ANNA, "a", Status::Ready);
    let mut video = site.aws.table.video(&id).unwrap();
    video.playback = Some(with_thumbnails());
    site.aws.table.clone().extend([video]);
    let folder = format!("/api/public/videos/{id}/r/storyboard");
    let index = site
        .call(None, &format!("GET {folder}.vtt"), None)
        .await
        .text;
    let sheet = format!("https://site.example{folder}/0.jpg");
    assert!(
        index.ends_with(&format!("{sheet}#xywh=640,0,320,180\n")),
        "{index}"
    );
    let get = format!("GET {folder}/0.jpg");
    assert_eq!(site.call(None, &get, None).await.kind(), "not-found");
    site.aws
        .put_converted("id/r/video_thumb.0000001.jpg", b"a still".to_vec());
    let answer = site.call(None, &get, None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "image/jpeg");
    assert_eq!(answer.headers["cache-control"], "public, max-age=86400");
    for wrong in ["1.jpg", "00.jpg", "-1.jpg", "0.png", "99999999999.jpg", "0"] {
        let answer = site
            .call(None, &format!("GET {folder}/{wrong}"), None)
            .await;
        assert_eq!(answer.kind(), "not-found", "{wrong}");
    }
}

const SRT: &str = "1\n00:00:01,000 --> 00:00:02,000\nFish & chips\n";
const HLS: &str =
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS=\"avc1.4d401f\"\nvideo_360p.m3u8\n";
const DASH: &str = "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><Period id=\"1\">\
    <AdaptationSet contentType=\"video\"/></Period></MPD>";

impl Site {
    /// A video of Anna's that plays, and can be given captions.
    fn put_playing(&self, change: impl FnOnce(&mut Video)) -> String {
        let id = self.put(1, ANNA, "a", Status::Ready);
        let mut video = self.aws.table.video(&id).unwrap();
        video.playback = Some(Playback {
            hls: Some(format!("{id}/r/video.m3u8")),
            dash: Some(format!("{id}/r/video.mpd")),
            ..with_thumbnails()
        });
        change(&mut video);
        self.aws.table.clone().extend([video]);
        for (name, text) in [("m3u8", HLS), ("mpd", DASH)] {
            let key = format!("{id}/r/video.{name}");
            self.aws.put_converted(&key, text.into());
        }
        id
    }

    async fn put_captions(&self, path: &str, file: impl Into<Body>) -> Answer {
        let request = Request::builder().method("PUT").uri(path);
        let request = request.header("content-type", "application/octet-stream");
        self.send(Some(ANNA), request.body(file.into()).unwrap())
            .await
    }

    /// Files of what plays, by their names in its folder: the manifests are in it too.
    fn edition(&self, answer: &Answer) -> BTreeMap<String, String> {
        let playback = &answer.body["video"]["playback"];
        let hls = playback["hlsUrl"].as_str().unwrap();
        let key = hls.strip_prefix("https://site.example/").unwrap();
        let folder = key.strip_suffix("video.m3u8").unwrap();
        assert_eq!(playback["dashUrl"], hls.replace(".m3u8", ".mpd"));
        let files = self.aws.files("vod-converted").into_iter();
        files
            .filter_map(|(key, text)| Some((key.strip_prefix(folder)?.to_owned(), text)))
            .collect()
    }
}

#[tokio::test]
async fn captions_that_are_added_are_in_the_manifests_of_a_new_edition_and_removed_ones_are_not() {
    let site = Site::new();
    let id = site.put_playing(|_| {});
    let path = format!("/api/videos/{id}/captions");
    let first = site
        .put_captions(&format!("{path}/en?label=Simple%20English"), SRT)
        .await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(
        first.body["video"]["captions"],
        json!([{"language": "en", "label": "Simple English", "playing": true}])
    );
    let files = site.edition(&first);
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["en.m3u8", "en.vtt", "video.m3u8", "video.mpd"]
    );
    assert!(files["en.vtt"].contains("00:00:01.000 --> 00:00:02.000\nFish &amp; chips\n"));
    assert!(files["video.m3u8"].contains("\n../video_360p.m3u8\n"));
    assert!(files["video.mpd"].contains("<BaseURL>../</BaseURL>"));

    let again = site
        .put_captions(&format!("{path}/en?label=Simple%20English"), SRT)
        .await;
    assert_eq!(again.body, first.body, "nothing new");

    let second = site.put_captions(&format!("{path}/de"), SRT).await;
    assert!(site.edition(&second).contains_key("de.vtt"));
    assert!(site.edition(&second).contains_key("en.vtt"));
    assert_ne!(
        second.body["video"]["playback"]["hlsUrl"],
        first.body["video"]["playback"]["hlsUrl"]
    );
    let replaced = &site.aws.table.video(&id).unwrap().replaced;
    assert!(
        replaced[0].revision.starts_with("r/captions-"),
        "{replaced:?}"
    );

    for language in ["en", "de", "de", "fr"] {
        let call = format!("DELETE {path}/{language}");
        let answer = site.call(Some(ANNA), &call, None).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let files = site.aws.files("vod-source");
    let notes: Vec<_> = files
        .keys()
        .filter(|key| key.ends_with(".removed.vtt"))
        .collect();
    let expected = ["de", "en"].map(|language| removal_key(&id, language));
    assert_eq!(notes, expected.iter().collect::<Vec<_>>());
    let answer = site.get(ANNA, &format!("/api/videos/{id}")).await;
    assert_eq!(answer.body["video"]["captions"], json!([]));
    let hls = &answer.body["video"]["playback"]["hlsUrl"];
    assert_eq!(hls, &format!("https://site.example/{id}/r/video.m3u8"));
}

#[tokio::test]
async fn captions_of_a_part_begin_where_it_does() {
    let site = Site::new();
    let id = site.put_playing(|video| {
        let clip = json!({"fromMs": 500, "toMs": 1500});
        video.playback.as_mut().unwrap().clip = serde_json::from_value(clip).unwrap();
    });
    let path = format!("/api/videos/{id}/captions/en");
    let files = site.edition(&site.put_captions(&path, SRT).await);
    assert!(
        files["en.vtt"].contains("00:00:00.500 --> 00:00:01.000\n"),
        "{}",
        files["en.vtt"]
    );
}

#[tokio::test]
async fn captions_that_come_before_the_conversion_are_kept_for_it() {
    let site = Site::new();
    let id = site.upload().await;
    let path = format!("/api/videos/{id}/captions/en");
    let answer = site.put_captions(&path, SRT).await;
    let track = json!({"language": "en", "label": "English", "playing": false});
    assert_eq!(answer.body["video"]["captions"], json!([track]));
    let video = site.aws.table.video(&id).unwrap();
    let key = video.captions.unwrap().tracks[0].key(&id);
    assert!(site.aws.files("vod-source")[&key].starts_with("WEBVTT\n"));
    assert_eq!(site.aws.files("vod-converted").len(), 0);
}

#[tokio::test]
async fn captions_that_cannot_be_used_are_refused_and_change_nothing() {
    let site = Site::new();
    let id = site.put_playing(|_| {});
    let path = format!("/api/videos/{id}/captions");
    let writes = site.aws.table.writes();
    for (language, file, kind) in [
        ("en", String::new(), "invalid-request"),
        ("en", "Dear diary".into(), "invalid-request"),
        ("en", "{\"captions\": []}".into(), "invalid-request"),
        ("en", "WEBVTT\n".into(), "invalid-request"),
        ("en", SRT.replace("00:00:02", "soon"), "invalid-request"),
        ("en", SRT.repeat(50_000), "too-large"),
        ("e", SRT.into(), "invalid-request"),
        ("english", SRT.into(), "invalid-request"),
        ("en_US", SRT.into(), "invalid-request"),
        ("..%2F..%2Fen", SRT.into(), "invalid-request"),
        ("en?label=", SRT.into(), "invalid-request"),
        ("en?label=%0A", SRT.into(), "invalid-request"),
        ("en?name=a", SRT.into(), "invalid-request"),
    ] {
        let answer = site.put_captions(&format!("{path}/{language}"), file).await;
        assert_eq!(answer.kind(), kind, "{language}");
    }
    let latin = [SRT.as_bytes(), b"M\xFCller\n"].concat();
    let answer = site.put_captions(&format!("{path}/en"), latin).await;
    assert_eq!(answer.kind(), "invalid-request");
    let long = format!("{path}/en?label={}", "x".repeat(61));
    assert_eq!(
        site.put_captions(&long, SRT).await.kind(),
        "invalid-request"
    );
    assert_eq!(site.aws.table.writes(), writes);
    assert_eq!(site.aws.files("vod-source").len(), 0);
}

#[tokio::test]
async fn one_file_takes_no_captions_and_there_is_a_most() {
    let site = Site::new();
    let id = site.put_playing(|video| {
        let playback = video.playback.as_mut().unwrap();
        playback.hls = None;
        playback.dash = None;
    });
    let path = format!("/api/videos/{id}/captions/en");
    assert_eq!(site.put_captions(&path, SRT).await.kind(), "no-captions");
    let id = site.put_playing(|_| {});
    for number in 0..20 {
        let path = format!("/api/videos/{id}/captions/en-a{number:02}");
        assert_eq!(site.put_captions(&path, SRT).await.status, StatusCode::OK);
    }
    let path = format!("/api/videos/{id}/captions/de");
    assert_eq!(
        site.put_captions(&path, SRT).await.kind(),
        "too-many-captions"
    );
    assert_eq!(site.aws.files("vod-source").len(), 20, "and leaves no file");
}

#[tokio::test]
async fn two_who_add_captions_at_once_both_find_them() {
    let site = Site::new();
    let id = site.put_playing(|_| {});
    let path = format!("/api/videos/{id}/captions");
    let (english, german) = (format!("{path}/en"), format!("{path}/de"));
    let (one, other) = tokio::join!(
        site.put_captions(&english, SRT),
        site.put_captions(&german, SRT)
    );
    assert_eq!((one.status, other.status), (StatusCode::OK, StatusCode::OK));
    let answer = site.get(ANNA, &format!("/api/videos/{id}")).await;
    let files = site.edition(&answer);
    for language in ["en", "de"] {
        assert!(files.contains_key(&format!("{language}.vtt")));
        assert!(files["video.m3u8"].contains(&format!("URI=\"{language}.m3u8\"")));
    }
}

#[tokio::test]
async fn what_broke_off_before_the_manifests_is_made_up_for_by_a_repetition() {
    let site = Site::new();
    let id = site.put_playing(|_| {});
    let path = format!("/api/videos/{id}/captions/en");
    // The record has the captions, and the manifests are not noted.
    site.aws.table.fail_write_after(1);
    let broken = site.put_captions(&path, SRT).await;
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
    let video = site.aws.table.video(&id).unwrap();
    assert!(video.misses_edition().is_some());
    assert!(
        video.check_at.is_some(),
        "the reconcile function looks at it"
    );
    let hls = video.playback.unwrap().hls;
    assert_eq!(
        hls,
        Some(format!("{id}/r/video.m3u8")),
        "and what plays still does"
    );
    let answer = site.put_captions(&path, SRT).await;
    assert!(site.edition(&answer).contains_key("en.vtt"));
    assert!(
        site.aws
            .table
            .video(&id)
            .unwrap()
            .misses_edition()
            .is_none()
    );
}

#[tokio::test]
async fn the_poster_is_the_still_nearest_to_the_time_that_was_chosen() {
    let site = Site::new();
    let id = site.put(1, ANNA, "a", Status::Ready);
    let mut video = site.aws.table.video(&id).unwrap();
    video.playback = Some(with_thumbnails());
    site.aws.table.clone().extend([video]);
    let call = format!("PATCH /api/videos/{id}");
    for (seconds, poster) in [
        (json!(3), "video_thumb.0000002.jpg"),
        (json!(1000), "video_thumb.0000002.jpg"),
        (json!(null), "video_poster.0000001.jpg"),
    ] {
        let body = json!({"posterSeconds": seconds});
        let answer = site.call(Some(ANNA), &call, Some(body)).await;
        let url = &answer.body["video"]["playback"]["posterUrl"];
        assert_eq!(url, &format!("https://site.example/id/r/{poster}"));
        assert_eq!(answer.body["video"]["title"], "a");
    }
    for wrong in [json!(-1), json!(1.5), json!("3")] {
        let body = json!({ "posterSeconds": wrong });
        let answer = site.call(Some(ANNA), &call, Some(body)).await;
        assert_eq!(answer.kind(), "invalid-request");
    }
}

#[tokio::test]
async fn an_unknown_call_and_a_wrong_method_are_problems_and_other_addresses_are_the_page() {
    let site = Site::new();
    for path in ["/api", "/api/", "/api/nothing", "/api/videos/"] {
        assert_eq!(site.get(ANNA, path).await.kind(), "not-found", "{path}");
    }
    let wrong = site.call(Some(ANNA), "PUT /api/videos", None).await;
    assert_eq!(wrong.kind(), "method-not-allowed");
    assert_eq!(wrong.headers["allow"], "GET,HEAD,POST");
    let page = site.call(None, "GET /watch/anything", None).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("connect-src 'self' https://vod-source.s3.eu-central-1.amazonaws.com;"),
        "{policy}"
    );
    assert_eq!(
        site.call(None, "POST /", None).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}
