//! Writes the requests of all jobs that the built-in profiles make of thirty typical sources, as JSON on the wire: what a
//! test holds against the service's own model. With a profile, a file, the bucket and key that it is going to have, and the
//! bucket for the output, the one request for that file.
#![expect(clippy::print_stdout, reason = "that is what it is for")]
#![expect(
    clippy::disallowed_types,
    reason = "what it sends goes no further than the capture"
)]

use anyhow::{Context, Result, bail};
use aws_sdk_mediaconvert::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_mediaconvert::{Client, Config};
use aws_smithy_http_client::test_util::capture_request;
use common::clip::Clip;
use common::job::{Plan, Recipe, Target, Watermark, create_job};
use common::media::Media;
use common::profile::{BUILT_IN, LargePictures, Profile, VideoCodec};
use common::source::Source;
use serde_json::{Value, json};
use test_support::probe::probe;
use test_support::sources::sources;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let printed = match arguments.as_slice() {
        [] => every_job().await,
        [profile, path, bucket, key, converted] => {
            let profile = Profile::built_in(profile).context("there is no such profile")?;
            let target = target(converted);
            let (media, source) = (probe(path)?, source(bucket, key));
            let request = request(&profile, &media, &source, &target, None);
            request.await.context("nothing can be made of the file")?
        }
        _ => bail!("no argument, or: profile, file, bucket, key, converted bucket"),
    };
    println!("{printed}");
    Ok(())
}

/// What a profile alone doesn't say.
struct Extras {
    clip: Clip,
    watermark: Option<Watermark>,
}

fn extras() -> Extras {
    let policy = json!({"image": "watermarks/logo.png", "corner": "bottomLeft", "opacity": 70});
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\0\0\0\0\x40";
    Extras {
        clip: Clip {
            from_ms: 12_345,
            to_ms: Some(67_890),
        },
        watermark: serde_json::from_value(policy)
            .ok()
            .and_then(|policy| Watermark::new(policy, "vod-config", head)),
    }
}

async fn every_job() -> Value {
    let (source, target) = (source("vod-source", "source.mp4"), target("vod-converted"));
    let mut jobs = Vec::new();
    for (name, media) in sources() {
        let mut profiles: Vec<_> = BUILT_IN
            .iter()
            .filter_map(|profile| Some((*profile, Profile::built_in(profile)?)))
            .collect();
        // What no built-in profile asks for by itself.
        let mut other = Profile::standard();
        other.audio.loudness_lufs = Some(-16.0);
        other.video.large = Some(LargePictures {
            above: 480,
            codec: VideoCodec::Av1,
        });
        profiles.push(("AV1 and loudness", other));
        let mut with_download = Profile::standard();
        with_download.download = true;
        profiles.push(("extras", with_download));
        for (label, profile) in profiles {
            let extras = (label == "extras").then(extras);
            let request = request(&profile, &media, &source, &target, extras).await;
            jobs.extend(
                request
                    .map(|request| json!({"source": name, "profile": label, "request": request})),
            );
        }
    }
    Value::from(jobs)
}

fn source(bucket: &str, key: &str) -> Source {
    Source {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        version_id: None,
        etag: "e".to_owned(),
        size_bytes: 1,
        sequencer: None,
        attempt: 0,
    }
}

fn target(converted_bucket: &str) -> Target {
    Target {
        role_arn: "arn:aws:iam::000000000000:role/convert".to_owned(),
        queue_arn: None,
        converted_bucket: converted_bucket.to_owned(),
    }
}

async fn request(
    profile: &Profile,
    media: &Media,
    source: &Source,
    target: &Target,
    extras: Option<Extras>,
) -> Option<Value> {
    let plan = match extras {
        Some(extras) => {
            let plan = Plan::of_clip(profile, media, extras.clip).ok()?;
            plan.with_watermark(extras.watermark)
        }
        None => Plan::new(profile, media).ok()?,
    };
    let (http, captured) = capture_request(None);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(http)
        .build();
    let recipe = Recipe::Plan(Box::new(plan));
    let order = recipe.order(source, &target.destination(source));
    let request = create_job(target, source, order);
    // The capture answers nothing that is a job; only the request counts.
    let _ = request.send_with(&Client::from_conf(config)).await;
    let request = captured.expect_request();
    serde_json::from_slice(request.body().bytes()?).ok()
}
