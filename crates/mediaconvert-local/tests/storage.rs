//! An S3 that is busy, breaks off, stands still or takes nothing. Jobs are really transcoded.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clap::Parser;
use futures_util::stream::{self, StreamExt};
use mediaconvert_local::config::Config;
use mediaconvert_local::server::Server;
use serde_json::{Value, json};
use support::{call, job, until, until_for, with_status};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// An S3 of one source, whatever it is called; the name of its bucket says how it behaves.
#[derive(Clone, Default)]
struct S3 {
    clip: Bytes,
    /// What was written, by path.
    written: Arc<Mutex<BTreeMap<String, usize>>>,
    /// Requests by method and bucket.
    asked: Arc<Mutex<HashMap<String, u32>>>,
}

impl S3 {
    async fn start(clip: &Path) -> (Self, String) {
        let s3 = Self {
            clip: std::fs::read(clip).unwrap().into(),
            ..Self::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(s3.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (s3, url)
    }

    fn keys(&self) -> Vec<String> {
        self.written.lock().unwrap().keys().cloned().collect()
    }

    fn asked(&self, what: &str) -> u32 {
        self.asked.lock().unwrap().get(what).copied().unwrap_or(0)
    }

    /// How often such a request came before.
    fn count(&self, method: &Method, bucket: &str) -> u32 {
        let mut asked = self.asked.lock().unwrap();
        let count = asked.entry(format!("{method} {bucket}")).or_default();
        *count += 1;
        *count - 1
    }
}

fn busy() -> Response {
    let body =
        "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}

async fn answer(State(s3): State<S3>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let bucket = path.trim_matches('/').split('/').next().unwrap().to_owned();
    let method = request.method().clone();
    let before = s3.count(&method, &bucket);
    let range = request.headers().get(header::RANGE).cloned();
    match (method.as_str(), bucket.as_str()) {
        ("GET", "busy") if before < 2 => busy(),
        ("GET", "still") => std::future::pending().await,
        ("GET", "broken") => {
            let half = s3.clip.len() / 2;
            let Some(range) = range else {
                let part = s3.clip.slice(..half);
                let pieces = stream::iter([Ok(part), Err(std::io::Error::other("gone"))]);
                // What came before the end should arrive.
                let pieces = pieces.then(async |piece| {
                    if piece.is_err() {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                    piece
                });
                let body = Body::from_stream(pieces);
                return ([(header::ETAG, "\"1\"")], body).into_response();
            };
            let from: usize = range.to_str().unwrap()["bytes=".len()..]
                .trim_end_matches('-')
                .parse()
                .unwrap();
            let rest = s3.clip.slice(from..);
            (StatusCode::PARTIAL_CONTENT, [(header::ETAG, "\"1\"")], rest).into_response()
        }
        ("GET", "huge") => {
            let pieces = stream::iter(huge(&s3.clip)).map(Ok::<_, Infallible>);
            ([(header::ETAG, "\"1\"")], Body::from_stream(pieces)).into_response()
        }
        ("GET", _) => ([(header::ETAG, "\"1\"")], s3.clip.clone()).into_response(),
        // Written whether or not anybody still waits for the answer.
        ("PUT", "late") => {
            let writing = tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                s3.written.lock().unwrap().insert(path, 0);
                s3.count(&Method::PUT, "late, written");
            });
            writing.await.unwrap();
            StatusCode::OK.into_response()
        }
        // The first object is written, those behind it are not.
        ("PUT", _) => {
            let body = axum::body::to_bytes(request.into_body(), usize::MAX).await;
            if bucket == "full" && before > 0 {
                return busy();
            }
            s3.written.lock().unwrap().insert(path, body.unwrap().len());
            StatusCode::OK.into_response()
        }
        ("DELETE", _) => {
            s3.written.lock().unwrap().remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Bytes of zeros behind the clip: ten gigabytes.
const HUGE: u64 = 10 << 30;

/// The clip, and behind it a box of free space (ISO/IEC 14496-12, 8.1.2).
fn huge(clip: &Bytes) -> impl Iterator<Item = Bytes> + use<> {
    let mut free = vec![0, 0, 0, 1];
    free.extend(b"free");
    free.extend((HUGE + 16).to_be_bytes());
    let zeros = Bytes::from(vec![0; 1 << 20]);
    let count = usize::try_from(HUGE >> 20).unwrap();
    [clip.clone(), free.into()]
        .into_iter()
        .chain(std::iter::repeat_n(zeros, count))
}

/// Of this process, at most so far. Kilobytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_of_ten_gigabytes_needs_little_memory_and_disk() {
    let folder = TempDir::new().unwrap();
    let (server, _) = start(folder.path()).await;
    let id = create(&server, "huge", "out").await;
    let patience = Duration::from_mins(5);
    let job = until_for(patience, "the end of the job", async || {
        let path = format!("/2017-08-29/jobs/{id}");
        let (_, _, body) = call(&server.router, "GET", &path, Value::Null).await;
        let status = body["job"]["status"].as_str().unwrap();
        ["COMPLETE", "ERROR"]
            .contains(&status)
            .then(|| body["job"].clone())
    })
    .await;
    assert_eq!(job["status"], "COMPLETE", "{job}");
    // This process is the server, and the S3 too.
    let megabytes = peak_memory() / 1024;
    assert!(megabytes < 300, "{megabytes} MB");
    let source = std::fs::read_dir(folder.path().join("work")).unwrap();
    let source = source.map(|entry| entry.unwrap()).find(|entry| {
        let name = entry.file_name();
        name.to_string_lossy().starts_with("source-")
    });
    let metadata = source.unwrap().metadata().unwrap();
    assert!(metadata.len() > HUGE && metadata.blocks() * 512 < 100 << 20);
}

/// A server with little patience, without roles, and its S3.
async fn start(folder: &Path) -> (Server, S3) {
    let clip = folder.join("clip.mp4");
    let made = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x180:r=25:d=3",
        ])
        .args([
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
        ])
        .args(["-movflags", "+faststart"])
        .arg(&clip)
        .status();
    assert!(made.unwrap().success());
    let (s3, url) = S3::start(&clip).await;
    let credentials = Credentials::new("test", "test", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build();
    let work = folder.join("work").display().to_string();
    let arguments = [
        "mediaconvert-local",
        "--work-dir",
        &work,
        "--events",
        "false",
    ];
    let more = ["--assume-roles", "false", "--s3-timeout-seconds", "1"];
    let config = Config::parse_from(arguments.into_iter().chain(more));
    (Server::start(&config, &sdk).unwrap(), s3)
}

/// Creates a job that reads from one bucket and writes to another; gives its id.
async fn create(server: &Server, from: &str, to: &str) -> String {
    let mut request = job("_v", &format!("{from}-{to}"));
    let settings = &mut request["settings"];
    settings["inputs"][0]["fileInput"] = json!(format!("s3://{from}/clip.mp4"));
    settings["outputGroups"][0]["outputGroupSettings"]["cmafGroupSettings"]["destination"] =
        json!(format!("s3://{to}/{from}"));
    let (status, _, body) = call(&server.router, "POST", "/2017-08-29/jobs", request).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    body["job"]["id"].as_str().unwrap().to_owned()
}

async fn failed(server: &Server, id: &str) -> (i64, String) {
    let job: Value = with_status(&server.router, id, "ERROR").await;
    let message = job["errorMessage"].as_str().unwrap().to_owned();
    (job["errorCode"].as_i64().unwrap(), message)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_s3_that_is_busy_is_asked_again() {
    let folder = TempDir::new().unwrap();
    let (server, s3) = start(folder.path()).await;
    let id = create(&server, "busy", "out").await;
    with_status(&server.router, &id, "COMPLETE").await;
    assert_eq!(s3.asked("GET busy"), 3);
    assert!(
        s3.keys().contains(&"/out/busy.m3u8".to_owned()),
        "{:?}",
        s3.keys()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_breaks_off_is_read_on_from_there() {
    let folder = TempDir::new().unwrap();
    let (server, s3) = start(folder.path()).await;
    let id = create(&server, "broken", "out").await;
    let job = with_status(&server.router, &id, "COMPLETE").await;
    assert_eq!(s3.asked("GET broken"), 2);
    let detail = &job["outputGroupDetails"][0]["outputDetails"][0];
    assert_eq!(detail["durationInMs"], 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_s3_that_stands_still_ends_the_job_and_the_next_one_runs() {
    let folder = TempDir::new().unwrap();
    let (server, s3) = start(folder.path()).await;
    let still = create(&server, "still", "out").await;
    let next = create(&server, "fine", "out").await;
    let (code, message) = failed(&server, &still).await;
    assert_eq!(code, 1076, "{message}");
    assert!(message.contains("no answer in time"), "{message}");
    assert_eq!(s3.asked("GET still"), 4);
    with_status(&server.router, &next, "COMPLETE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_s3_that_takes_nothing_ends_the_job_and_what_was_written_is_removed() {
    let folder = TempDir::new().unwrap();
    let (server, s3) = start(folder.path()).await;
    let full = create(&server, "fine", "full").await;
    let next = create(&server, "fine", "out").await;
    let (code, message) = failed(&server, &full).await;
    assert_eq!(code, 1999, "{message}");
    assert!(message.contains("SlowDown"), "{message}");
    until("the removal", async || {
        let left = s3.keys().iter().any(|key| key.starts_with("/full/"));
        (!left).then_some(())
    })
    .await;
    assert!(s3.asked("DELETE full") > 0);
    with_status(&server.router, &next, "COMPLETE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_when_a_job_is_canceled_is_removed_too() {
    let folder = TempDir::new().unwrap();
    let (server, s3) = start(folder.path()).await;
    let id = create(&server, "fine", "late").await;
    until("an upload", async || {
        (s3.asked("PUT late") > 0).then_some(())
    })
    .await;
    let path = format!("/2017-08-29/jobs/{id}");
    let (status, _, body) = call(&server.router, "DELETE", &path, Value::Null).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    until("the removal", async || {
        (s3.asked("DELETE late") > 0).then_some(())
    })
    .await;
    until("the writes", async || {
        (s3.asked("PUT late, written") == s3.asked("PUT late")).then_some(())
    })
    .await;
    until("that nothing is left", async || {
        s3.keys().is_empty().then_some(())
    })
    .await;
}
