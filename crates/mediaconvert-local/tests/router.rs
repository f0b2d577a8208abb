//! The server's router, called without a socket. No other service answers: what needs one fails.

mod support;

use axum::http::StatusCode;
use serde_json::{Value, json};
use support::{call, job, server};

#[tokio::test]
async fn jobs_are_created_replayed_listed_and_canceled() {
    let (router, _folder) = server();
    let mut ids = Vec::new();
    for token in ["a", "a", "b", "c"] {
        let (status, _, body) = call(&router, "POST", "/2017-08-29/jobs", job("_v", token)).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        ids.push(body["job"]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        ids[0], ids[1],
        "the same token within a minute is the same job"
    );
    let (_, _, page) = call(&router, "GET", "/2017-08-29/jobs?maxResults=2", Value::Null).await;
    assert_eq!(
        (&page["jobs"][0]["id"], &page["jobs"][1]["id"]),
        (&json!(ids[3]), &json!(ids[2]))
    );
    call(&router, "POST", "/2017-08-29/jobs", job("_v", "d")).await;
    let next = format!(
        "/2017-08-29/jobs?maxResults=2&nextToken={}",
        page["nextToken"].as_str().unwrap()
    );
    let (_, _, rest) = call(&router, "GET", &next, Value::Null).await;
    assert_eq!(
        rest["jobs"][0]["id"],
        json!(ids[0]),
        "a new job doesn't move the pages"
    );
    assert!(rest["nextToken"].is_null());
    let path = format!("/2017-08-29/jobs/{}", ids[3]);
    let (status, _, _) = call(&router, "DELETE", &path, Value::Null).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (status, kind, _) = call(&router, "DELETE", &path, Value::Null).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::CONFLICT, "ConflictException")
    );
    let (_, _, read) = call(&router, "GET", &path, Value::Null).await;
    assert_eq!(read["job"]["status"], "CANCELED");
}

#[tokio::test]
async fn refusals_have_their_type_in_the_header_and_a_sentence_in_the_body() {
    let (router, _folder) = server();
    let mut broken = job("_v", "x");
    broken["settings"]["outputGroups"][0]["outputs"] = json!([]);
    let (status, kind, body) = call(&router, "POST", "/2017-08-29/jobs", broken).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::BAD_REQUEST, "BadRequestException")
    );
    assert_eq!(
        body,
        json!({"message": "/outputGroups/0/outputs: Should have at least 1 items"})
    );
    for (method, path) in [
        ("GET", "/2017-08-29/jobs/1-a"),
        ("GET", "/2017-08-29/presets/none"),
        ("GET", "/2017-08-29/nothing"),
        ("PUT", "/2017-08-29/jobs"),
    ] {
        let (status, kind, body) = call(&router, method, path, Value::Null).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::NOT_FOUND, "NotFoundException"),
            "{path}"
        );
        assert!(body["message"].as_str().unwrap().ends_with('.'), "{body}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let (router, _folder) = server();
    for body in [
        json!([1]),
        json!("x"),
        json!({}),
        json!({"role": 7, "settings": {}}),
    ] {
        let (status, kind, _) = call(&router, "POST", "/2017-08-29/jobs", body).await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::BAD_REQUEST, "BadRequestException")
        );
    }
}

#[tokio::test]
async fn health_is_told() {
    let (router, _folder) = server();
    assert_eq!(
        call(&router, "GET", "/healthz", Value::Null).await.0,
        StatusCode::OK
    );
}
