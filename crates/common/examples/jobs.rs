//! Writes the requests of all jobs that the built-in profiles make of thirty typical sources, as JSON on the wire: what a
//! test holds against the service's own model.
#![expect(clippy::print_stdout, reason = "that is what it is for")]
#![expect(
    clippy::disallowed_types,
    reason = "what it sends goes no further than the capture"
)]
#![expect(unreachable_pub, reason = "the sources are shared with a test")]

#[path = "../tests/support/sources.rs"]
mod sources;

use aws_sdk_mediaconvert::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_mediaconvert::{Client, Config};
use aws_smithy_http_client::test_util::capture_request;
use common::job::{Plan, Recipe, Target, create_job};
use common::media::Media;
use common::profile::{BUILT_IN, Profile};
use common::source::Source;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut jobs = Vec::new();
    for (source, media) in sources::sources() {
        for name in BUILT_IN {
            let Some(mut profile) = Profile::built_in(name) else {
                continue;
            };
            jobs.extend(
                request(&profile, &media)
                    .await
                    .map(|request| json!({"source": source, "profile": name, "request": request})),
            );
            if *name == "standard" {
                // What no built-in profile asks for by itself.
                profile.audio.loudness_lufs = Some(-16.0);
                profile.video.large = Some(common::profile::LargePictures {
                    above: 480,
                    codec: common::profile::VideoCodec::Av1,
                });
                jobs.extend(request(&profile, &media).await.map(|request| {
                    json!({"source": source, "profile": "AV1 and loudness", "request": request})
                }));
            }
        }
    }
    println!("{}", Value::from(jobs));
}

async fn request(profile: &Profile, media: &Media) -> Option<Value> {
    let source = Source {
        bucket: "vod-source".to_owned(),
        key: "source.mp4".to_owned(),
        version_id: None,
        etag: "e".to_owned(),
        size_bytes: 1,
        sequencer: None,
        attempt: 0,
    };
    let target = Target {
        role_arn: "arn:aws:iam::000000000000:role/convert".to_owned(),
        queue_arn: None,
        converted_bucket: "vod-converted".to_owned(),
    };
    let plan = Plan::new(profile, media).ok()?;
    let (http, captured) = capture_request(None);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(http)
        .build();
    let request = create_job(&target, &source, &Recipe::Plan(Box::new(plan)));
    // The capture answers nothing that is a job; only the request counts.
    let _ = request.send_with(&Client::from_conf(config)).await;
    let request = captured.expect_request();
    serde_json::from_slice(request.body().bytes()?).ok()
}
