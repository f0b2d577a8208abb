//! Queues, templates, presets, tags and the rest as the Rust SDK sees them. No other service answers:
//! jobs wait, or end by faults that are asked for.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_mediaconvert::Client;
use aws_sdk_mediaconvert::config::retry::RetryConfig;
use aws_sdk_mediaconvert::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_mediaconvert::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_mediaconvert::types::{
    Commitment, ContainerSettings, ContainerType, HopDestination, Input, InputPolicy, JobSettings,
    JobStatus, JobTemplateSettings, JobsQueryFilter, JobsQueryFilterKey, JobsQueryStatus, Order,
    Output, OutputGroup, OutputGroupSettings, OutputGroupType, Policy, PresetSettings, PricingPlan,
    QueueListBy, QueueStatus, RenewalType, ReservationPlanSettings, VideoCodec, VideoCodecSettings,
    VideoDescription,
};
use mediaconvert_local::server::Server;
use serde_json::json;
use support::{call, server_in, set_faults, until};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A server with a socket, and a client of it.
struct Running {
    client: Client,
    server: Server,
    _folder: TempDir,
}

async fn start(more: &[&str]) -> Running {
    let folder = TempDir::new().unwrap();
    let mut arguments = vec!["--events", "false"];
    arguments.extend(more);
    let server = server_in(folder.path(), &arguments);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = server.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = aws_sdk_mediaconvert::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(url)
        .build();
    Running {
        client: Client::from_conf(config),
        server,
        _folder: folder,
    }
}

/// The name and the message of the exception.
fn exception<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    result: Result<T, SdkError<E>>,
) -> (String, String) {
    let error = result.unwrap_err();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    (text(error.code()), text(error.message()))
}

/// One output, by its preset or whole.
fn settings(preset: Option<&str>) -> JobSettings {
    let output = match preset {
        Some(preset) => Output::builder().preset(preset),
        None => Output::builder()
            .container_settings(mp4())
            .video_description(h264(1_000_000)),
    };
    let file = aws_sdk_mediaconvert::types::FileGroupSettings::builder().destination("s3://out/v");
    let group = OutputGroupSettings::builder()
        .r#type(OutputGroupType::FileGroupSettings)
        .file_group_settings(file.build())
        .build();
    let group = OutputGroup::builder()
        .output_group_settings(group)
        .outputs(output.build())
        .build();
    JobSettings::builder()
        .inputs(Input::builder().file_input("s3://in/clip.mp4").build())
        .output_groups(group)
        .build()
}

fn mp4() -> ContainerSettings {
    ContainerSettings::builder()
        .container(ContainerType::Mp4)
        .build()
}

fn h264(bitrate: i32) -> VideoDescription {
    let settings = aws_sdk_mediaconvert::types::H264Settings::builder()
        .rate_control_mode(aws_sdk_mediaconvert::types::H264RateControlMode::Cbr)
        .bitrate(bitrate);
    let codec = VideoCodecSettings::builder()
        .codec(VideoCodec::H264)
        .h264_settings(settings.build());
    VideoDescription::builder()
        .codec_settings(codec.build())
        .build()
}

fn create(
    client: &Client,
) -> aws_sdk_mediaconvert::operation::create_job::builders::CreateJobFluentBuilder {
    client
        .create_job()
        .role("arn:aws:iam::000000000000:role/convert")
        .settings(settings(None))
}

#[tokio::test]
async fn queues_are_made_listed_in_pages_changed_and_removed() {
    let Running { client, .. } = start(&[]).await;
    let made = client
        .create_queue()
        .name("slow")
        .description("d")
        .send()
        .await
        .unwrap();
    let made = made.queue.unwrap();
    assert_eq!(
        made.arn.unwrap(),
        "arn:aws:mediaconvert:us-east-1:000000000000:queues/slow"
    );
    assert_eq!(made.pricing_plan, Some(PricingPlan::OnDemand));
    let plan = ReservationPlanSettings::builder()
        .commitment(Commitment::OneYear)
        .renewal_type(RenewalType::Expire)
        .reserved_slots(3)
        .build();
    let reserved = client
        .create_queue()
        .name("reserved")
        .pricing_plan(PricingPlan::Reserved);
    let (code, message) = exception(reserved.clone().send().await);
    assert_eq!(code, "BadRequestException");
    assert!(message.contains("reservationPlanSettings"), "{message}");
    let reserved = reserved
        .reservation_plan_settings(plan)
        .send()
        .await
        .unwrap();
    let plan = reserved.queue.unwrap().reservation_plan.unwrap();
    assert_eq!(plan.reserved_slots, Some(3));
    assert!(plan.expires_at > plan.purchased_at);
    for taken in ["slow", "Default"] {
        let (code, _) = exception(client.create_queue().name(taken).send().await);
        assert_eq!(code, "ConflictException", "{taken}");
    }
    let mut names = Vec::new();
    let pages = client
        .list_queues()
        .list_by(QueueListBy::Name)
        .order(Order::Descending)
        .into_paginator()
        .page_size(2)
        .send();
    let pages: Vec<_> = pages.collect().await;
    assert_eq!(pages.len(), 2);
    for page in pages {
        names.extend(
            page.unwrap()
                .queues
                .unwrap()
                .into_iter()
                .map(|queue| queue.name.unwrap()),
        );
    }
    assert_eq!(names, ["slow", "reserved", "Default"]);
    let update = client
        .update_queue()
        .name("slow")
        .status(QueueStatus::Paused);
    let queue = update.send().await.unwrap().queue.unwrap();
    assert_eq!(
        (queue.status, queue.description.as_deref()),
        (Some(QueueStatus::Paused), Some("d"))
    );
    let id = create(&client)
        .queue("slow")
        .send()
        .await
        .unwrap()
        .job
        .unwrap()
        .id
        .unwrap();
    let (code, message) = exception(client.delete_queue().name("slow").send().await);
    assert_eq!(code, "ConflictException");
    assert!(message.contains("1 jobs wait"), "{message}");
    client.cancel_job().id(id).send().await.unwrap();
    client.delete_queue().name("slow").send().await.unwrap();
    let (code, message) = exception(client.get_queue().name("slow").send().await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("NotFoundException", "The queue slow was not found.")
    );
    let (code, _) = exception(client.delete_queue().name("Default").send().await);
    assert_eq!(code, "BadRequestException");
}

#[tokio::test]
async fn a_paused_queue_holds_its_jobs_and_others_go_on() {
    let Running { client, server, .. } = start(&[]).await;
    set_faults(&server.router, json!({"jobs": [{"fault": "FAIL"}]})).await;
    client
        .create_queue()
        .name("held")
        .status(QueueStatus::Paused)
        .send()
        .await
        .unwrap();
    let held = create(&client)
        .queue("held")
        .priority(50)
        .send()
        .await
        .unwrap();
    let held = held.job.unwrap().id.unwrap();
    let other = create(&client)
        .send()
        .await
        .unwrap()
        .job
        .unwrap()
        .id
        .unwrap();
    let status = async |id: &str, wanted: JobStatus| {
        until(&format!("{wanted} of {id}"), async || {
            let job = client.get_job().id(id).send().await.unwrap().job.unwrap();
            (job.status.as_ref() == Some(&wanted)).then_some(job)
        })
        .await
    };
    status(&other, JobStatus::Error).await;
    status(&held, JobStatus::Submitted).await;
    let queue = client
        .get_queue()
        .name("held")
        .send()
        .await
        .unwrap()
        .queue
        .unwrap();
    assert_eq!(queue.submitted_jobs_count, Some(1));
    client
        .update_queue()
        .name("held")
        .status(QueueStatus::Active)
        .send()
        .await
        .unwrap();
    status(&held, JobStatus::Error).await;
}

#[tokio::test]
async fn a_job_that_waits_too_long_hops() {
    let Running { client, server, .. } = start(&["--hop-minute-seconds", "0.2"]).await;
    set_faults(&server.router, json!({"jobs": [{"fault": "FAIL"}]})).await;
    for name in ["first", "gone"] {
        client
            .create_queue()
            .name(name)
            .status(QueueStatus::Paused)
            .send()
            .await
            .unwrap();
    }
    let hop = |queue: &str, minutes| {
        HopDestination::builder()
            .queue(queue)
            .wait_minutes(minutes)
            .priority(7)
            .build()
    };
    let refused = create(&client)
        .queue("first")
        .hop_destinations(hop("first", 1));
    assert_eq!(exception(refused.send().await).0, "BadRequestException");
    let job = create(&client)
        .queue("first")
        .hop_destinations(hop("Default", 3))
        .hop_destinations(hop("gone", 1));
    let id = job.send().await.unwrap().job.unwrap().id.unwrap();
    client.delete_queue().name("gone").send().await.unwrap();
    let job = until("the end of the job", async || {
        let job = client.get_job().id(&id).send().await.unwrap().job.unwrap();
        (job.status == Some(JobStatus::Error)).then_some(job)
    })
    .await;
    let moves = job.queue_transitions.unwrap();
    assert_eq!(moves.len(), 1);
    assert!(
        moves[0]
            .source_queue
            .as_ref()
            .unwrap()
            .ends_with("queues/first")
    );
    assert!(job.queue.unwrap().ends_with("queues/Default"));
    assert_eq!(job.priority, Some(7));
    assert_eq!(
        job.warnings.unwrap()[0].code,
        Some(100_000),
        "the hop to the queue that is gone"
    );
}

/// Runs a test on a large stack: the SDK's settings are large, and unoptimized they don't fit on that
/// of a test's thread.
fn on_a_large_stack<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let large = std::thread::Builder::new().stack_size(32 << 20);
    let test = large.spawn(move || runtime().block_on(Box::pin(test())));
    test.unwrap().join().unwrap();
}

/// A preset `small/1` of category `c`, and a job template `My Template/1` of one output with it.
async fn with_template() -> Running {
    let running = start(&[]).await;
    let client = &running.client;
    let preset = PresetSettings::builder()
        .container_settings(mp4())
        .video_description(h264(750_000))
        .build();
    let create = client
        .create_preset()
        .name("small/1")
        .category("c")
        .settings(preset);
    Box::pin(create.send()).await.unwrap();
    let groups = settings(Some("small/1")).output_groups;
    let template = JobTemplateSettings::builder()
        .set_output_groups(groups)
        .build();
    client.create_queue().name("other").send().await.unwrap();
    let create = client
        .create_job_template()
        .name("My Template/1")
        .priority(4)
        .queue("other")
        .settings(template)
        .send();
    let made = Box::pin(create).await.unwrap();
    assert!(
        made.job_template
            .unwrap()
            .arn
            .unwrap()
            .ends_with("jobTemplates/My Template/1")
    );
    running
}

#[test]
fn a_job_is_made_of_its_template_and_preset() {
    on_a_large_stack(make_a_job_of_template_and_preset);
}

async fn make_a_job_of_template_and_preset() {
    let Running { client, .. } = &Box::pin(with_template()).await;
    let own = JobSettings::builder()
        .set_inputs(settings(None).inputs)
        .build();
    let create = client
        .create_job()
        .role("arn:aws:iam::000000000000:role/convert")
        .settings(own);
    let job = create
        .clone()
        .job_template("My Template/1")
        .send()
        .await
        .unwrap()
        .job
        .unwrap();
    assert_eq!(
        (job.priority, job.job_template.as_deref()),
        (Some(4), Some("My Template/1"))
    );
    assert!(job.queue.unwrap().ends_with("queues/other"));
    let output = &job.settings.unwrap().output_groups.unwrap()[0]
        .outputs
        .clone()
        .unwrap()[0];
    assert_eq!(output.preset.as_deref(), Some("small/1"));
    assert_eq!(
        output.container_settings.as_ref().unwrap().container,
        Some(ContainerType::Mp4)
    );
    let (code, message) = exception(create.clone().job_template("none").send().await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("NotFoundException", "The job template none was not found.")
    );
    let wrong = client
        .create_job()
        .role("arn:aws:iam::000000000000:role/convert");
    let (code, message) = exception(wrong.settings(settings(Some("none"))).send().await);
    assert_eq!(code, "BadRequestException");
    assert!(
        message.starts_with("/outputGroups/0/outputs/0/preset"),
        "{message}"
    );
}

#[test]
fn templates_and_presets_are_changed_listed_and_removed() {
    on_a_large_stack(change_template_and_preset);
}

async fn change_template_and_preset() {
    let Running { client, .. } = &Box::pin(with_template()).await;
    let change = client
        .update_job_template()
        .name("My Template/1")
        .description("new")
        .send();
    let changed = Box::pin(change).await.unwrap().job_template.unwrap();
    assert_eq!(
        (changed.description.as_deref(), changed.priority),
        (Some("new"), Some(4))
    );
    let listed = client.list_presets().category("c").send().await.unwrap();
    assert_eq!(listed.presets.unwrap()[0].name.as_deref(), Some("small/1"));
    let none = client.list_presets().category("d").send().await.unwrap();
    assert!(none.presets.unwrap().is_empty());
    client.delete_preset().name("small/1").send().await.unwrap();
    client
        .delete_job_template()
        .name("My Template/1")
        .send()
        .await
        .unwrap();
    let change = client.update_preset().name("small/1").description("x");
    assert_eq!(
        exception(Box::pin(change.send()).await).0,
        "NotFoundException"
    );
    let gone = client.get_job_template().name("My Template/1").send().await;
    assert_eq!(exception(gone).0, "NotFoundException");
}

#[tokio::test]
async fn tags_follow_their_resource() {
    let Running { client, .. } = start(&[]).await;
    let job = create(&client)
        .tags("a", "1")
        .send()
        .await
        .unwrap()
        .job
        .unwrap();
    let arn = job.arn.unwrap();
    client
        .tag_resource()
        .arn(&arn)
        .tags("b", "2")
        .send()
        .await
        .unwrap();
    client
        .untag_resource()
        .arn(&arn)
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let tags = async |arn: &str| {
        let listed = client.list_tags_for_resource().arn(arn).send().await;
        listed.map(|listed| listed.resource_tags.unwrap().tags.unwrap())
    };
    assert_eq!(
        tags(&arn).await.unwrap(),
        HashMap::from([("b".to_owned(), "2".to_owned())])
    );
    let queue = client
        .create_queue()
        .name("q")
        .tags("k", "v")
        .send()
        .await
        .unwrap();
    let queue = queue.queue.unwrap().arn.unwrap();
    assert_eq!(tags(&queue).await.unwrap()["k"], "v");
    client.delete_queue().name("q").send().await.unwrap();
    assert_eq!(exception(tags(&queue).await).0, "NotFoundException");
    client.create_queue().name("q").send().await.unwrap();
    assert!(
        tags(&queue).await.unwrap().is_empty(),
        "a new queue has no old tags"
    );
    let refused = client
        .tag_resource()
        .arn(&arn)
        .tags("aws:x", "2")
        .send()
        .await;
    assert_eq!(exception(refused).0, "BadRequestException");
}

#[tokio::test]
async fn queries_find_jobs_by_any_of_their_filters() {
    let Running { client, server, .. } = start(&[]).await;
    set_faults(
        &server.router,
        json!({"jobs": [{"fault": "FAIL", "code": 1404, "times": 1}, {"fault": "FAIL"}]}),
    )
    .await;
    for _ in 0..3 {
        create(&client).send().await.unwrap();
    }
    until("the end of all jobs", async || {
        let failed = client
            .list_jobs()
            .status(JobStatus::Error)
            .send()
            .await
            .unwrap();
        (failed.jobs.unwrap().len() == 3).then_some(())
    })
    .await;
    let filter = |key, value: &str| JobsQueryFilter::builder().key(key).values(value).build();
    let found = async |filters: Vec<JobsQueryFilter>| {
        let query = client
            .start_jobs_query()
            .set_filter_list(Some(filters))
            .send()
            .await
            .unwrap();
        let results = client
            .get_jobs_query_results()
            .id(query.id.unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(results.status, Some(JobsQueryStatus::Complete));
        results.jobs.unwrap().len()
    };
    assert_eq!(
        found(vec![filter(JobsQueryFilterKey::ErrorCode, "1404")]).await,
        1
    );
    assert_eq!(
        found(vec![filter(JobsQueryFilterKey::VideoCodec, "H_264")]).await,
        3
    );
    assert_eq!(
        found(vec![filter(JobsQueryFilterKey::VideoCodec, "AV1")]).await,
        0
    );
    let either = vec![
        filter(JobsQueryFilterKey::Status, "CANCELED"),
        filter(JobsQueryFilterKey::FileInput, "clip.mp4"),
    ];
    assert_eq!(found(either).await, 3);
    let gone = client.get_jobs_query_results().id("x").send().await;
    assert_eq!(exception(gone).0, "NotFoundException");
}

#[tokio::test]
async fn the_policy_forbids_inputs() {
    let Running { client, .. } = start(&[]).await;
    let policy = Policy::builder().s3_inputs(InputPolicy::Disallowed).build();
    client.put_policy().policy(policy).send().await.unwrap();
    let kept = client.get_policy().send().await.unwrap().policy.unwrap();
    assert_eq!(
        (kept.s3_inputs, kept.http_inputs),
        (Some(InputPolicy::Disallowed), Some(InputPolicy::Allowed))
    );
    let id = create(&client)
        .send()
        .await
        .unwrap()
        .job
        .unwrap()
        .id
        .unwrap();
    let job = until("the end of the job", async || {
        let job = client.get_job().id(&id).send().await.unwrap().job.unwrap();
        (job.status == Some(JobStatus::Error)).then_some(job)
    })
    .await;
    assert_eq!(job.error_code, Some(3457));
    client.delete_policy().send().await.unwrap();
    let kept = client.get_policy().send().await.unwrap().policy.unwrap();
    assert_eq!(kept.s3_inputs, Some(InputPolicy::Allowed));
}

#[tokio::test]
async fn versions_certificates_and_shares() {
    let Running { client, .. } = start(&[]).await;
    let versions = client
        .list_versions()
        .send()
        .await
        .unwrap()
        .versions
        .unwrap();
    let version = versions[0].version.clone().unwrap();
    let job = create(&client)
        .job_engine_version(&version)
        .send()
        .await
        .unwrap()
        .job
        .unwrap();
    assert_eq!(job.job_engine_version_requested, Some(version));
    let arn = "arn:aws:acm:us-east-1:000000000000:certificate/1";
    client
        .associate_certificate()
        .arn(arn)
        .send()
        .await
        .unwrap();
    let again = client.associate_certificate().arn(arn).send().await;
    assert_eq!(exception(again).0, "ConflictException");
    client
        .disassociate_certificate()
        .arn(arn)
        .send()
        .await
        .unwrap();
    let again = client.disassociate_certificate().arn(arn).send().await;
    assert_eq!(exception(again).0, "NotFoundException");
    let share = client.create_resource_share().support_case_id("1");
    let (code, _) = exception(share.clone().job_id("none").send().await);
    assert_eq!(code, "NotFoundException");
    let (code, _) = exception(share.job_id(job.id.unwrap()).send().await);
    assert_eq!(code, "BadRequestException");
}

#[tokio::test]
async fn too_many_requests_are_refused_and_the_sdk_retries_them() {
    let Running { client, server, .. } = start(&["--requests-per-second", "2"]).await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        let answer = client.list_jobs().send().await;
        codes.push(
            answer
                .err()
                .map(|error| error.code().unwrap_or_default().to_owned()),
        );
    }
    assert!(
        codes.contains(&Some("TooManyRequestsException".to_owned())),
        "{codes:?}"
    );
    assert!(
        client.list_queues().send().await.is_ok(),
        "each operation has a rate of its own"
    );
    let patient = client.list_jobs().customize();
    let retries = RetryConfig::standard()
        .with_max_attempts(10)
        .with_initial_backoff(Duration::from_millis(200));
    let patient = patient
        .config_override(aws_sdk_mediaconvert::config::Builder::default().retry_config(retries));
    assert!(patient.send().await.is_ok());
    let (_, _, _) = call(&server.router, "GET", "/metrics", serde_json::Value::Null).await;
}

#[tokio::test]
async fn what_was_made_outlives_the_server() {
    let folder = TempDir::new().unwrap();
    let first = server_in(folder.path(), &["--events", "false"]);
    let body = json!({"name": "kept", "tags": {"a": "b"}, "status": "PAUSED"});
    call(&first.router, "POST", "/2017-08-29/queues", body).await;
    first.stop().await;
    drop(first);
    let second = until("the state", async || {
        // The last connection may need a moment to close the file.
        support::try_server_in(folder.path(), &["--events", "false"])
    })
    .await;
    let (_, _, body) = call(
        &second.router,
        "GET",
        "/2017-08-29/queues/kept",
        serde_json::Value::Null,
    )
    .await;
    assert_eq!(body["queue"]["status"], "PAUSED");
    let arn =
        "/2017-08-29/tags/arn%3Aaws%3Amediaconvert%3Aus-east-1%3A000000000000%3Aqueues%2Fkept";
    let (_, _, body) = call(&second.router, "GET", arn, serde_json::Value::Null).await;
    assert_eq!(body["resourceTags"]["tags"], json!({"a": "b"}));
}
