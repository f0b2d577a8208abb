//! Rounds over a table in which something was lost.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(
    unreachable_pub,
    reason = "the support module is shared with other crates"
)]

#[path = "../../common/tests/support/fake_table.rs"]
mod fake_table;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_mediaconvert::operation::get_job::{GetJobError, GetJobOutput};
use aws_sdk_mediaconvert::types::error::{InternalServerErrorException, NotFoundException};
use aws_sdk_mediaconvert::types::{Job, JobStatus};
use aws_sdk_s3::operation::head_object::{HeadObjectError, HeadObjectOutput};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::ObjectVersion;
use aws_sdk_s3::types::error::NotFound;
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use common::clock::now;
use common::source::Source;
use common::time::Timestamp;
use common::video::{Event, Stills, Video};
use fake_table::FakeTable;
use reconcile::config::Config;
use reconcile::report::Report;
use reconcile::round::{Clients, run};
use serde_json::Value;

/// A stack in which half an hour has passed.
#[derive(Clone, Default)]
struct Stack {
    table: FakeTable,
    /// What MediaConvert knows; a job without a status makes it fail.
    jobs: Arc<Mutex<HashMap<String, Option<JobStatus>>>>,
    has_output: Arc<Mutex<bool>>,
    objects: Arc<Mutex<Vec<Source>>>,
    invocations: Arc<Mutex<Vec<Value>>>,
}

impl Stack {
    async fn round(&self) -> Report {
        let clients = Clients {
            table: self.table.table(),
            mediaconvert: self.mediaconvert(),
            s3: self.s3(),
            lambda: self.lambda(),
        };
        let config = Config {
            source_bucket: "vod-source".into(),
            converted_bucket: "vod-converted".into(),
            table: "videos".into(),
            submit_function: "vod-submit".into(),
        };
        Box::pin(run(&clients, &config, now().plus_ms(60_000)))
            .await
            .unwrap()
    }

    fn mediaconvert(&self) -> aws_sdk_mediaconvert::Client {
        let jobs = self.jobs.clone();
        let get =
            mock!(aws_sdk_mediaconvert::Client::get_job).then_compute_response(move |request| {
                match jobs.lock().unwrap().get(request.id().unwrap()) {
                    Some(Some(status)) => {
                        let job = Job::builder()
                            .status(status.clone())
                            .error_code(1010)
                            .build();
                        MockResponse::Output(GetJobOutput::builder().job(job).build())
                    }
                    Some(None) => MockResponse::Error(GetJobError::InternalServerErrorException(
                        InternalServerErrorException::builder().build(),
                    )),
                    None => MockResponse::Error(GetJobError::NotFoundException(
                        NotFoundException::builder().build(),
                    )),
                }
            });
        mock_client!(aws_sdk_mediaconvert, RuleMode::MatchAny, [&get])
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        let (has_output, objects) = (self.has_output.clone(), self.objects.clone());
        let head = mock!(aws_sdk_s3::Client::head_object).then_compute_response(move |_| {
            if *has_output.lock().unwrap() {
                MockResponse::Output(HeadObjectOutput::builder().build())
            } else {
                MockResponse::Error(HeadObjectError::NotFound(NotFound::builder().build()))
            }
        });
        let list = mock!(aws_sdk_s3::Client::list_object_versions).then_compute_output(move |_| {
            let versions = objects.lock().unwrap().iter().map(version).collect();
            ListObjectVersionsOutput::builder()
                .set_versions(Some(versions))
                .build()
        });
        mock_client!(aws_sdk_s3, RuleMode::MatchAny, [&head, &list])
    }

    fn lambda(&self) -> aws_sdk_lambda::Client {
        let invocations = self.invocations.clone();
        let invoke = mock!(aws_sdk_lambda::Client::invoke).then_compute_output(move |request| {
            assert_eq!(request.function_name(), Some("vod-submit"));
            let payload = serde_json::from_slice(request.payload().unwrap().as_ref()).unwrap();
            invocations.lock().unwrap().push(payload);
            InvokeOutput::builder().status_code(202).build()
        });
        mock_client!(aws_sdk_lambda, RuleMode::MatchAny, [&invoke])
    }

    /// Claims an upload half an hour ago, and notes the job where there is one.
    async fn submitted(&self, key: &str, job_id: Option<&str>) -> String {
        let source = source(key);
        let id = source.video_id();
        let stills = Stills {
            poster_number: 0,
            thumbnail_seconds: 2,
            thumbnail_width: 320,
            thumbnail_height: 180,
        };
        let revision = source.revision();
        let claim = Event::Claimed {
            source,
            until: half_an_hour_ago(),
            renditions: vec![],
            stills,
        };
        self.table
            .table()
            .apply(&id, &claim, half_an_hour_ago())
            .await
            .unwrap();
        if let Some(job_id) = job_id {
            let created = Event::JobCreated {
                revision,
                job_id: job_id.into(),
            };
            self.table
                .table()
                .apply(&id, &created, half_an_hour_ago())
                .await
                .unwrap();
        }
        id
    }

    fn knows(&self, job_id: &str, status: Option<JobStatus>) {
        self.jobs.lock().unwrap().insert(job_id.to_owned(), status);
    }

    fn outcome(&self, id: &str) -> (&'static str, Option<String>) {
        let Video {
            status, failure, ..
        } = self.table.video(id).unwrap();
        (status.as_str(), failure.map(|failure| failure.code))
    }
}

fn half_an_hour_ago() -> Timestamp {
    now().plus_ms(-30 * 60 * 1000)
}

fn source(key: &str) -> Source {
    Source {
        bucket: "vod-source".into(),
        key: key.into(),
        version_id: Some("v1".into()),
        etag: "e".into(),
        size_bytes: 7,
        sequencer: None,
        attempt: 0,
    }
}

fn version(source: &Source) -> ObjectVersion {
    ObjectVersion::builder()
        .key(&source.key)
        .set_version_id(source.version_id.clone())
        .e_tag(format!("\"{}\"", source.etag))
        .size(7)
        .is_latest(true)
        .last_modified(DateTime::from_millis(half_an_hour_ago().unix_ms()))
        .build()
}

#[tokio::test]
async fn a_lost_complete_makes_the_video_ready() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Complete));
    *stack.has_output.lock().unwrap() = true;
    assert_eq!(
        stack.round().await,
        Report {
            checked: 1,
            lost_events: 1,
            ..Report::default()
        }
    );
    assert_eq!(stack.outcome(&id), ("READY", None));
}

#[tokio::test]
async fn a_complete_job_without_its_output_is_a_failure() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Complete));
    stack.round().await;
    assert_eq!(
        stack.outcome(&id),
        ("FAILED", Some("OUTPUT_MISSING".into()))
    );
}

#[tokio::test]
async fn lost_ends_of_other_kinds_are_found_too() {
    for (status, expected) in [
        (JobStatus::Error, ("FAILED", Some("1010".to_owned()))),
        (JobStatus::Canceled, ("CANCELED", None)),
        (JobStatus::Progressing, ("PROCESSING", None)),
        (JobStatus::Submitted, ("SUBMITTED", None)),
    ] {
        let stack = Stack::default();
        let id = stack.submitted("a.mp4", Some("j")).await;
        stack.knows("j", Some(status));
        stack.round().await;
        assert_eq!(stack.outcome(&id), expected);
    }
}

#[tokio::test]
async fn a_job_that_mediaconvert_forgot_is_judged_by_its_output() {
    for (has_output, expected) in [
        (true, ("READY", None)),
        (false, ("FAILED", Some("JOB_LOST".to_owned()))),
    ] {
        let stack = Stack::default();
        let id = stack.submitted("a.mp4", Some("j")).await;
        *stack.has_output.lock().unwrap() = has_output;
        stack.round().await;
        assert_eq!(stack.outcome(&id), expected);
    }
}

#[tokio::test]
async fn a_claim_without_a_job_is_submitted_again() {
    let stack = Stack::default();
    stack.submitted("summer 100% café.mp4", None).await;
    assert_eq!(stack.round().await.resubmitted, 1);
    let invocations = stack.invocations.lock().unwrap();
    let object = &invocations[0]["Records"][0]["s3"]["object"];
    assert_eq!(object["key"], "summer+100%25+caf%C3%A9.mp4");
    assert_eq!(
        object["versionId"], "v1",
        "the same upload, so the same revision"
    );
}

#[tokio::test]
async fn an_object_without_a_record_is_submitted() {
    let stack = Stack::default();
    stack.submitted("known.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Submitted));
    *stack.objects.lock().unwrap() = vec![source("known.mp4"), source("unknown.mp4")];
    assert_eq!(stack.round().await.lost_uploads, 1);
    assert_eq!(
        stack.invocations.lock().unwrap()[0]["Records"][0]["s3"]["object"]["key"],
        "unknown.mp4"
    );
}

#[tokio::test]
async fn a_new_version_without_its_event_is_submitted() {
    let stack = Stack::default();
    stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Submitted));
    let newer = Source {
        version_id: Some("v2".into()),
        ..source("a.mp4")
    };
    *stack.objects.lock().unwrap() = vec![newer];
    assert_eq!(stack.round().await.lost_uploads, 1);
}

#[tokio::test]
async fn a_video_that_can_not_be_checked_does_not_hide_the_others() {
    let stack = Stack::default();
    stack.submitted("a.mp4", Some("broken")).await;
    stack.knows("broken", None);
    let id = stack.submitted("b.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Canceled));
    let report = stack.round().await;
    assert_eq!((report.errors, report.lost_events), (1, 1));
    assert_eq!(stack.outcome(&id), ("CANCELED", None));
}

#[tokio::test]
async fn two_rounds_at_once_heal_once() {
    let stack = Stack::default();
    stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Canceled));
    let (first, second) = tokio::join!(stack.round(), stack.round());
    assert_eq!(first.lost_events + second.lost_events, 1);
}

#[tokio::test]
async fn a_healed_stack_stays_as_it_is() {
    let stack = Stack::default();
    stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Canceled));
    *stack.objects.lock().unwrap() = vec![source("a.mp4")];
    stack.round().await;
    assert_eq!(stack.round().await.healed(), 0);
}

#[tokio::test]
async fn a_repair_that_can_not_be_written_is_made_by_the_next_round() {
    let stack = Stack::default();
    stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Canceled));
    stack.table.fail_write_after(0);
    assert_eq!(stack.round().await.errors, 1);
    assert_eq!(stack.round().await.lost_events, 1);
    assert_eq!(stack.table.only_video().status.as_str(), "CANCELED");
}
