//! Faults on request, and events at a webhook. No other service answers: jobs end by the faults.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use mediaconvert_local::server::Server;
use serde_json::{Value, json};
use support::{call, create, job, server, server_in, set_faults, until, with_status};
use tempfile::TempDir;
use tokio::net::TcpListener;

const JOBS: &str = "/2017-08-29/jobs";

/// Keeps what is posted to it.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<(Value, Instant)>>>);

impl Receiver {
    /// Starts it; answers `broken` times with 503 first.
    async fn start(broken: u32) -> (Self, String) {
        let receiver = Self::default();
        let (kept, broken) = (receiver.clone(), Arc::new(Mutex::new(broken)));
        let take = async move |Json(event): Json<Value>| {
            let mut broken = broken.lock().unwrap();
            if *broken > 0 {
                *broken -= 1;
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            kept.0.lock().unwrap().push((event, Instant::now()));
            StatusCode::NO_CONTENT
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let router = Router::new().route("/events", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    fn statuses(&self) -> Vec<String> {
        let events = self.0.lock().unwrap();
        let status =
            |(event, _): &(Value, _)| event["detail"]["status"].as_str().map(str::to_owned);
        events.iter().filter_map(status).collect()
    }
}

/// The statuses that are posted of a job that fails, under faults of its events; `count` are waited
/// for, and then for the end of all deliveries.
async fn told(events: Value, count: usize) -> (Vec<String>, Receiver) {
    let (receiver, url) = Receiver::start(0).await;
    let folder = TempDir::new().unwrap();
    let server = server_in(folder.path(), &["--webhook", &url]);
    let faults = json!({"jobs": [{"fault": "FAIL", "code": 1404}], "events": events});
    set_faults(&server.router, faults).await;
    create(&server.router, "a").await;
    until("the events", async || {
        (receiver.statuses().len() >= count).then_some(())
    })
    .await;
    server.stop().await;
    (receiver.statuses(), receiver)
}

#[tokio::test]
async fn events_are_posted_in_order_and_again_after_a_failure() {
    let (receiver, url) = Receiver::start(2).await;
    let folder = TempDir::new().unwrap();
    let server = server_in(folder.path(), &["--webhook", &url]);
    set_faults(&server.router, json!({"jobs": [{"fault": "FAIL"}]})).await;
    let id = create(&server.router, "a").await;
    until("the events", async || {
        (receiver.statuses().len() == 2).then_some(())
    })
    .await;
    assert_eq!(receiver.statuses(), ["PROGRESSING", "ERROR"]);
    let events = receiver.0.lock().unwrap();
    assert_eq!(events[0].0["source"], "aws.mediaconvert");
    assert_eq!(events[1].0["detail"]["jobId"], json!(id));
}

#[tokio::test]
async fn duplicate_events() {
    let rule = json!([{"fault": "DUPLICATE", "status": "ERROR"}]);
    assert_eq!(told(rule, 3).await.0, ["PROGRESSING", "ERROR", "ERROR"]);
}

#[tokio::test]
async fn lost_events() {
    let rule = json!([{"fault": "LOSE", "status": "PROGRESSING"}]);
    assert_eq!(told(rule, 1).await.0, ["ERROR"]);
}

#[tokio::test]
async fn reordered_events() {
    let rule = json!([{"fault": "REORDER", "status": "PROGRESSING"}]);
    assert_eq!(told(rule, 2).await.0, ["ERROR", "PROGRESSING"]);
    let rule = json!([{"fault": "REORDER"}]);
    assert_eq!(
        told(rule, 2).await.0,
        ["PROGRESSING", "ERROR"],
        "held back to the job's end"
    );
}

#[tokio::test]
async fn late_events() {
    let rule =
        json!([{"fault": "DELAY", "delayMilliseconds": [300, 300], "status": "PROGRESSING"}]);
    let (statuses, receiver) = told(rule, 2).await;
    assert_eq!(statuses, ["ERROR", "PROGRESSING"]);
    let events = receiver.0.lock().unwrap();
    assert!(events[1].1 - events[0].1 > Duration::from_millis(100));
}

#[tokio::test]
async fn jobs_fail_and_are_slow_on_request() {
    let (router, _folder) = server();
    let fail =
        json!({"fault": "FAIL", "code": 1401, "message": "No.", "times": 1, "input": "clip"});
    let slow = json!({"fault": "SLOW", "delayMilliseconds": [200, 200]});
    set_faults(&router, json!({"jobs": [fail, slow]})).await;
    let id = create(&router, "a").await;
    let failed = with_status(&router, &id, "ERROR").await;
    assert_eq!(
        (&failed["errorCode"], &failed["errorMessage"]),
        (&json!(1401), &json!("No."))
    );
    let timing = &failed["timing"];
    let took = timing["finishTime"].as_f64().unwrap() - timing["startTime"].as_f64().unwrap();
    assert!(took >= 0.19, "{timing}");
    let slow = json!({"fault": "SLOW", "delayMilliseconds": [60_000, 60_000]});
    set_faults(&router, json!({"jobs": [slow]})).await;
    let id = create(&router, "b").await;
    with_status(&router, &id, "PROGRESSING").await;
    call(&router, "DELETE", &format!("{JOBS}/{id}"), Value::Null).await;
    with_status(&router, &id, "CANCELED").await;
}

#[tokio::test]
async fn calls_are_throttled_for_a_while() {
    let (router, _folder) = server();
    let rule = json!({"fault": "THROTTLE", "operation": "ListJobs", "times": 2});
    set_faults(&router, json!({"api": [rule]})).await;
    for _ in 0..2 {
        let (status, kind, _) = call(&router, "GET", JOBS, Value::Null).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException")
        );
    }
    assert_eq!(
        call(&router, "GET", JOBS, Value::Null).await.0,
        StatusCode::OK
    );
    let (_, _, told) = call(&router, "GET", "/_control/faults", Value::Null).await;
    assert_eq!(told["applied"]["api"], json!([2]));
}

#[tokio::test]
async fn an_answer_is_lost_but_the_job_is_there() {
    let (router, _folder) = server();
    set_faults(
        &router,
        json!({"api": [{"fault": "DONE_BUT_500", "operation": "CreateJob", "times": 1}]}),
    )
    .await;
    let (status, kind, _) = call(&router, "POST", JOBS, job("_v", "a")).await;
    assert_eq!(
        (status, kind.as_str()),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerErrorException"
        )
    );
    let (_, _, page) = call(&router, "GET", JOBS, Value::Null).await;
    let id = create(&router, "a").await;
    assert_eq!(
        page["jobs"][0]["id"],
        json!(id),
        "the token brings back what was done"
    );

    set_faults(
        &router,
        json!({"api": [{"fault": "ANSWER_500", "times": 1}]}),
    )
    .await;
    assert_eq!(
        call(&router, "POST", JOBS, job("_v", "b")).await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let (_, _, page) = call(&router, "GET", JOBS, Value::Null).await;
    assert_eq!(
        page["jobs"].as_array().unwrap().len(),
        1,
        "nothing was done"
    );
}

#[tokio::test]
async fn an_answer_never_comes_until_the_server_stops() {
    let folder = TempDir::new().unwrap();
    let Server {
        router, stopping, ..
    } = server_in(folder.path(), &["--events", "false"]);
    set_faults(
        &router,
        json!({"api": [{"fault": "DONE_BUT_SILENT", "operation": "CreateJob"}]}),
    )
    .await;
    let caller = router.clone();
    let silent = tokio::spawn(async move { call(&caller, "POST", JOBS, job("_v", "a")).await });
    until("the job", async || {
        let (_, _, page) = call(&router, "GET", JOBS, Value::Null).await;
        page["jobs"][0]["id"].is_string().then_some(())
    })
    .await;
    assert!(!silent.is_finished());
    stopping.cancel();
    silent.await.unwrap();
}

#[tokio::test]
async fn faults_are_replaced_ended_and_checked() {
    let (router, _folder) = server();
    set_faults(&router, json!({"api": [{"fault": "THROTTLE"}]})).await;
    assert_eq!(
        call(&router, "GET", JOBS, Value::Null).await.0,
        StatusCode::TOO_MANY_REQUESTS
    );
    let (status, kind, body) = call(
        &router,
        "PUT",
        "/_control/faults",
        json!({"api": [{"fault": "X"}]}),
    )
    .await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::BAD_REQUEST, "BadRequestException"),
        "{body}"
    );
    let (_, _, told) = call(&router, "DELETE", "/_control/faults", Value::Null).await;
    assert_eq!(
        told,
        json!({"faults": {"seed": 0, "api": [], "jobs": [], "events": []}, "applied": {"api": [], "jobs": [], "events": []}})
    );
    assert_eq!(
        call(&router, "GET", JOBS, Value::Null).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_event_that_is_late_when_the_server_stops_comes_after_the_next_start() {
    let (receiver, url) = Receiver::start(0).await;
    let folder = TempDir::new().unwrap();
    let server = server_in(folder.path(), &["--webhook", &url]);
    let late = json!({"fault": "DELAY", "delayMilliseconds": [60_000, 60_000], "status": "ERROR"});
    set_faults(
        &server.router,
        json!({"jobs": [{"fault": "FAIL"}], "events": [late]}),
    )
    .await;
    let id = create(&server.router, "a").await;
    with_status(&server.router, &id, "ERROR").await;
    server.stop().await;
    assert_eq!(receiver.statuses(), ["PROGRESSING"]);
    drop(server);

    let server = server_in(folder.path(), &["--webhook", &url]);
    until("the event", async || {
        (receiver.statuses().len() == 2).then_some(())
    })
    .await;
    assert_eq!(receiver.statuses(), ["PROGRESSING", "ERROR"]);
    with_status(&server.router, &id, "ERROR").await;
}
