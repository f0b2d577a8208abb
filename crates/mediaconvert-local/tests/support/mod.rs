//! A server without a socket, and what it is asked.
#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "not every test uses everything, and one that panics has failed"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use clap::Parser;
use mediaconvert_local::config::Config;
use mediaconvert_local::server::Server;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// A server whose jobs wait for ever: nobody listens on the discard port.
pub(crate) fn server() -> (Router, TempDir) {
    let folder = TempDir::new().unwrap();
    let server = server_in(folder.path(), &["--events", "false"]);
    (server.router, folder)
}

/// A server with a work folder and more arguments.
pub(crate) fn server_in(folder: &Path, more: &[&str]) -> Server {
    try_server_in(folder, more).unwrap()
}

/// The same, if it starts.
pub(crate) fn try_server_in(folder: &Path, more: &[&str]) -> Option<Server> {
    let path = folder.display().to_string();
    let mut arguments = vec!["mediaconvert-local", "--work-dir", path.as_str()];
    arguments.extend(more);
    let config = Config::parse_from(arguments);
    Server::start(&config, &sdk("http://127.0.0.1:9")).ok()
}

/// The SDK's settings for an endpoint.
pub(crate) fn sdk(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .build()
}

/// What `condition` gives as soon as it gives something.
pub(crate) async fn until<T>(what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
    until_for(Duration::from_mins(1), what, condition).await
}

/// The same, with another patience.
pub(crate) async fn until_for<T>(
    patience: Duration,
    what: &str,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    while start.elapsed() < patience {
        if let Some(result) = condition().await {
            return result;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited in vain for {what}");
}

/// The job, once it has this status.
pub(crate) async fn with_status(router: &Router, id: &str, status: &str) -> Value {
    let path = format!("/2017-08-29/jobs/{id}");
    until(&format!("{status} of {id}"), async || {
        let (_, _, body) = call(router, "GET", &path, Value::Null).await;
        (body["job"]["status"] == status).then(|| body["job"].clone())
    })
    .await
}

/// Creates a job; gives its id.
pub(crate) async fn create(router: &Router, token: &str) -> String {
    let (status, _, body) = call(router, "POST", "/2017-08-29/jobs", job("_v", token)).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    body["job"]["id"].as_str().unwrap().to_owned()
}

/// Sets faults.
pub(crate) async fn set_faults(router: &Router, faults: Value) {
    let (status, _, body) = call(router, "PUT", "/_control/faults", faults).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

pub(crate) async fn call(
    router: &Router,
    method: &str,
    path: &str,
    body: Value,
) -> (StatusCode, String, Value) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(Body::from(body))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let kind = response.headers().get("x-amzn-errortype");
    let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (
        status,
        kind,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

pub(crate) fn job(modifier: &str, token: &str) -> Value {
    json!({
        "role": "arn:aws:iam::000000000000:role/convert",
        "clientRequestToken": token,
        "settings": {
            "inputs": [{"fileInput": "s3://in/clip.mp4"}],
            "outputGroups": [{
                "outputGroupSettings": {"type": "CMAF_GROUP_SETTINGS", "cmafGroupSettings": {"destination": "s3://out/v"}},
                "outputs": [{"nameModifier": modifier, "containerSettings": {"container": "CMFC"}, "videoDescription":
                    {"codecSettings": {"codec": "H_264", "h264Settings": {"rateControlMode": "QVBR", "maxBitrate": 1_000_000}}}}]
            }]
        }
    })
}
