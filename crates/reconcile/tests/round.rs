//! Rounds over a table in which something was lost.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_mediaconvert::operation::cancel_job::CancelJobOutput;
use aws_sdk_mediaconvert::operation::get_job::{GetJobError, GetJobOutput};
use aws_sdk_mediaconvert::operation::list_jobs::ListJobsOutput;
use aws_sdk_mediaconvert::operation::search_jobs::SearchJobsOutput;
use aws_sdk_mediaconvert::types::error::{InternalServerErrorException, NotFoundException};
use aws_sdk_mediaconvert::types::{Input, Job, JobSettings, JobStatus};
use aws_sdk_s3::operation::delete_object::DeleteObjectOutput;
use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;
use aws_sdk_s3::operation::get_object::{GetObjectInput, GetObjectOutput};
use aws_sdk_s3::operation::head_object::{HeadObjectError, HeadObjectOutput};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::operation::put_object::{PutObjectInput, PutObjectOutput};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::error::NotFound;
use aws_sdk_s3::types::{CommonPrefix, Object, ObjectVersion};
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use common::captions::{AddedTrack, LABEL, is_captions};
use common::clock::now;
use common::origin::{NOTE, Origin};
use common::source::Source;
use common::table::Outcome;
use common::time::Timestamp;
use common::video::{Event, JobChange, Making, Reprocess, Upload, UploadStart, Video};
use reconcile::clients::Clients;
use reconcile::config::Config;
use reconcile::diagnosis::Patience;
use reconcile::rebuild::{Cursor, Rebuilt};
use reconcile::reconciler::Reconciler;
use reconcile::report::Report;
use serde_json::Value;
use test_support::fake_table::FakeTable;

/// A stack in which half an hour has passed.
#[derive(Clone, Default)]
struct Stack {
    table: FakeTable,
    /// What MediaConvert knows; a job without a status makes it fail.
    jobs: Arc<Mutex<HashMap<String, Option<JobStatus>>>>,
    has_output: Arc<Mutex<bool>>,
    objects: Arc<Mutex<Vec<Source>>>,
    invocations: Arc<Mutex<Vec<Value>>>,
    outputs: Arc<Mutex<Vec<String>>>,
    /// What the API noted on every object: of a file of captions, its label.
    note: Arc<Mutex<Option<String>>>,
    /// Keys that were marked as deleted.
    marks: Arc<Mutex<Vec<String>>>,
    /// Jobs that MediaConvert knows by their source alone: id, video and revision.
    unnoted: Arc<Mutex<Vec<(String, String, String)>>>,
    /// Objects in a page of the source bucket's listing; all of them where it doesn't say.
    page: Option<usize>,
    /// What was read and written, by key: captions and manifests.
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    /// Keys at which a listing of the source bucket began.
    listed_from: Arc<Mutex<Vec<Option<String>>>>,
}

impl Stack {
    async fn round(&self) -> Report {
        self.invoke(None).await
    }

    fn clients(&self) -> Clients {
        Clients {
            table: self.table.table(),
            mediaconvert: self.mediaconvert(),
            s3: self.s3(),
            lambda: self.lambda(),
        }
    }

    /// A round, or a look at one video.
    async fn invoke(&self, video: Option<&str>) -> Report {
        let (clients, config) = (self.clients(), config());
        let Some(id) = video else {
            return self.round_of(60_000).await;
        };
        let reconciler = Reconciler {
            clients: &clients,
            config: &config,
        };
        let report = reconciler.look_at(id, Patience::Usual);
        Box::pin(report).await.unwrap()
    }

    /// A round that Lambda would end after so many milliseconds.
    async fn round_of(&self, ms: i64) -> Report {
        let (clients, config) = (self.clients(), config());
        let reconciler = Reconciler {
            clients: &clients,
            config: &config,
        };
        let report = reconciler.run_round(Patience::Usual, now().plus_ms(ms));
        Box::pin(report).await.unwrap()
    }

    /// The record is gone, and nothing else.
    async fn lose(&self, id: &str) {
        self.apply(id, &Event::Deleted, now()).await;
        let tombstone = self.apply(id, &Event::Removed, now()).await;
        assert!(self.table.table().remove(&tombstone).await.unwrap());
    }

    /// The video is deleted and removed half an hour ago.
    async fn bury(&self, id: &str) {
        self.apply(id, &Event::Deleted, half_an_hour_ago()).await;
        self.apply(id, &Event::Removed, half_an_hour_ago()).await;
    }

    fn is_tombstone(&self, id: &str) -> bool {
        let video = self.table.video(id);
        video.is_some_and(|video| video.removed_at.is_some())
    }

    /// Makes all lost records again.
    async fn rebuild(&self) -> Rebuilt {
        let (clients, config) = (self.clients(), config());
        let deadline = now().plus_ms(60_000);
        let reconciler = Reconciler {
            clients: &clients,
            config: &config,
        };
        let rebuilt = reconciler.rebuild(Cursor::default(), deadline);
        let rebuilt = Box::pin(rebuilt).await.unwrap();
        assert_eq!((rebuilt.errors, &rebuilt.cursor), (0, &None));
        rebuilt
    }

    async fn apply(&self, id: &str, event: &Event, at: Timestamp) -> Video {
        match self.table.table().apply(id, event, at).await.unwrap() {
            Outcome::Written { video, .. } => *video,
            other => panic!("{event:?} was not written: {other:?}"),
        }
    }

    /// A video with output, both of the upload and of its one revision.
    async fn ready(&self, key: &str) -> String {
        let id = self.submitted(key, Some("j")).await;
        self.knows("j", Some(JobStatus::Complete));
        let revision = source(key).revision();
        self.objects.lock().unwrap().push(source(key));
        let outputs = ["video.m3u8", "video.mpd"].map(|name| format!("{id}/{revision}/{name}"));
        self.outputs.lock().unwrap().extend(outputs);
        let complete = Event::Job {
            revision,
            job_id: "j".into(),
            change: JobChange::Completed(vec![]),
        };
        self.apply(&id, &complete, half_an_hour_ago()).await;
        id
    }

    fn is_empty(&self) -> bool {
        self.objects.lock().unwrap().is_empty() && self.outputs.lock().unwrap().is_empty()
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
        let (stopping, unnoted) = (self.jobs.clone(), self.unnoted.clone());
        let cancel =
            mock!(aws_sdk_mediaconvert::Client::cancel_job).then_compute_output(move |request| {
                let id = request.id().unwrap().to_owned();
                let canceled = Some(JobStatus::Canceled);
                stopping.lock().unwrap().insert(id, canceled);
                CancelJobOutput::builder().build()
            });
        let search =
            mock!(aws_sdk_mediaconvert::Client::search_jobs).then_compute_output(move |_| {
                let jobs = unnoted.lock().unwrap().clone();
                let jobs = jobs.into_iter().map(|(job_id, id, revision)| {
                    let job = Job::builder().id(job_id).user_metadata("id", id);
                    job.user_metadata("revision", revision).build()
                });
                let jobs = Some(jobs.collect());
                SearchJobsOutput::builder().set_jobs(jobs).build()
            });
        let unnoted = self.unnoted.clone();
        let list = mock!(aws_sdk_mediaconvert::Client::list_jobs).then_compute_output(move |_| {
            let jobs = unnoted.lock().unwrap().clone();
            let jobs = jobs.into_iter().map(|(job_id, id, revision)| {
                let input = Input::builder().file_input("s3://vod-source/films/gone.mp4");
                let settings = JobSettings::builder().inputs(input.build());
                let job = Job::builder().id(job_id).status(JobStatus::Complete);
                let job = job.settings(settings.build()).user_metadata("id", id);
                job.user_metadata("revision", revision).build()
            });
            ListJobsOutput::builder()
                .set_jobs(Some(jobs.collect()))
                .build()
        });
        mock_client!(
            aws_sdk_mediaconvert,
            RuleMode::MatchAny,
            [&get, &cancel, &search, &list]
        )
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        let (has_output, objects) = (self.has_output.clone(), self.objects.clone());
        let (uploads, made) = (self.objects.clone(), self.outputs.clone());
        let note = self.note.clone();
        let head = mock!(aws_sdk_s3::Client::head_object).then_compute_response(move |request| {
            let key = request.key().unwrap();
            let is_there = if request.bucket() == Some("vod-source") {
                uploads
                    .lock()
                    .unwrap()
                    .iter()
                    .any(|object| object.key == key)
            } else {
                *has_output.lock().unwrap() || made.lock().unwrap().iter().any(|made| made == key)
            };
            if is_there {
                let metadata = note.lock().unwrap().clone();
                let name = if is_captions(key) { LABEL } else { NOTE };
                let metadata = metadata.map(|note| HashMap::from([(name.to_owned(), note)]));
                let head = HeadObjectOutput::builder().set_metadata(metadata);
                MockResponse::Output(head.build())
            } else {
                MockResponse::Error(HeadObjectError::NotFound(NotFound::builder().build()))
            }
        });
        let (page, listed_from) = (self.page.unwrap_or(1000), self.listed_from.clone());
        let list =
            mock!(aws_sdk_s3::Client::list_object_versions).then_compute_output(move |request| {
                let after = request.key_marker().unwrap_or_default();
                if request.prefix().is_none() {
                    let marker = request.key_marker().map(str::to_owned);
                    listed_from.lock().unwrap().push(marker);
                }
                let prefix = request.prefix().unwrap_or_default();
                let objects = objects.lock().unwrap();
                let mut found: Vec<_> = objects
                    .iter()
                    .filter(|object| object.key.starts_with(prefix) && object.key.as_str() > after)
                    .collect();
                found.sort_by(|a, b| a.key.cmp(&b.key));
                let more = found.len() > page;
                found.truncate(page);
                let last = found.last().filter(|_| more).map(|object| &object.key);
                ListObjectVersionsOutput::builder()
                    .set_next_key_marker(last.cloned())
                    .set_versions(Some(found.into_iter().map(version).collect()))
                    .build()
            });
        let outputs = self.outputs.clone();
        let list_outputs =
            mock!(aws_sdk_s3::Client::list_objects_v2).then_compute_output(move |request| {
                let outputs = outputs.lock().unwrap();
                let prefix = request.prefix().unwrap();
                let found = outputs.iter().filter(|key| key.starts_with(prefix));
                let output = ListObjectsV2Output::builder();
                if request.delimiter().is_none() {
                    let found = found.map(|key| Object::builder().key(key).build());
                    return output.set_contents(Some(found.collect())).build();
                }
                let folders = found.filter_map(|key| key[prefix.len()..].split_once('/'));
                let folders: BTreeSet<_> = folders.map(|(folder, _)| folder).collect();
                let folders = folders.into_iter().map(|folder| {
                    let prefix = format!("{prefix}{folder}/");
                    CommonPrefix::builder().prefix(prefix).build()
                });
                output.set_common_prefixes(Some(folders.collect())).build()
            });
        let (outputs, objects) = (self.outputs.clone(), self.objects.clone());
        let delete =
            mock!(aws_sdk_s3::Client::delete_objects).then_compute_output(move |request| {
                for doomed in request.delete().unwrap().objects() {
                    let (key, version) = (doomed.key(), doomed.version_id());
                    match version {
                        None => outputs.lock().unwrap().retain(|output| output != key),
                        Some(_) => objects.lock().unwrap().retain(|object| {
                            object.key != key || object.version_id.as_deref() != version
                        }),
                    }
                }
                DeleteObjectsOutput::builder().build()
            });
        let marks = self.marks.clone();
        let mark = mock!(aws_sdk_s3::Client::delete_object).then_compute_output(move |request| {
            assert_eq!(request.if_match(), Some("\"e\""), "of this upload alone");
            marks
                .lock()
                .unwrap()
                .push(request.key().unwrap().to_owned());
            DeleteObjectOutput::builder().build()
        });
        let fake = self.clone();
        let get = mock!(aws_sdk_s3::Client::get_object)
            .then_compute_output(move |request| fake.gave(request));
        let fake = self.clone();
        let put = mock!(aws_sdk_s3::Client::put_object)
            .then_compute_output(move |request| fake.took(request));
        mock_client!(
            aws_sdk_s3,
            RuleMode::MatchAny,
            [&head, &list, &list_outputs, &delete, &mark, &get, &put]
        )
    }

    fn gave(&self, request: &GetObjectInput) -> GetObjectOutput {
        let bytes = self.files.lock().unwrap()[request.key().unwrap()].clone();
        GetObjectOutput::builder().body(bytes.into()).build()
    }

    fn took(&self, request: &PutObjectInput) -> PutObjectOutput {
        let key = request.key().unwrap().to_owned();
        let bytes = request.body().bytes().unwrap().to_vec();
        self.files.lock().unwrap().insert(key.clone(), bytes);
        self.outputs.lock().unwrap().push(key);
        PutObjectOutput::builder().build()
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
        let revision = source.revision();
        let claim = Event::Claimed {
            source,
            is_current: false,
            until: half_an_hour_ago(),
            making: Making::default(),
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

fn config() -> Config {
    Config {
        source_bucket: "vod-source".into(),
        converted_bucket: "vod-converted".into(),
        table: "videos".into(),
        submit_function: "vod-submit".into(),
        queue_arn: None,
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
async fn a_complete_job_with_half_of_its_manifests_is_a_failure() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Complete));
    let revision = source("a.mp4").revision();
    let half = format!("{id}/{revision}/video.m3u8");
    stack.outputs.lock().unwrap().push(half);
    stack.round().await;
    let failed = ("FAILED", Some("OUTPUT_MISSING".into()));
    assert_eq!(stack.outcome(&id), failed);
}

#[tokio::test]
async fn an_upload_that_nobody_finished_is_given_up() {
    let stack = Stack::default();
    let start = |id: &str, expires_at| {
        Event::UploadStarted(Box::new(UploadStart {
            id: id.into(),
            owner: "anna".into(),
            title: "t".into(),
            description: None,
            file_name: "t.mp4".into(),
            size_bytes: 7,
            content_type: None,
            profile: None,
            download: None,
            clip: None,
            upload: Upload {
                upload_id: "u".into(),
                key: format!("videos/{id}/source.mp4"),
                part_size_bytes: 5,
                expires_at,
            },
        }))
    };
    let (old, young) = (start("old", half_an_hour_ago()), start("young", now()));
    stack.apply("old", &old, half_an_hour_ago()).await;
    stack.apply("young", &young, half_an_hour_ago()).await;
    let later = start("later", now().plus_ms(60_000));
    stack.apply("later", &later, half_an_hour_ago()).await;
    assert_eq!(stack.round().await.abandoned, 2);
    let abandoned = ("FAILED", Some("UPLOAD_ABANDONED".to_owned()));
    assert_eq!(stack.outcome("old"), abandoned);
    assert_eq!(stack.outcome("later"), ("UPLOADING", None));
    assert_eq!(stack.round().await.abandoned, 0);
}

#[tokio::test]
async fn a_record_that_is_gone_while_its_output_is_there_comes_back_in_a_round() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    stack.lose(&id).await;
    assert_eq!(stack.round().await.lost_uploads, 1);
    assert_eq!(stack.outcome(&id), ("READY", None));
    assert!(stack.invocations.lock().unwrap().is_empty(), "no new job");
}

#[tokio::test]
async fn a_round_goes_through_all_pages_of_what_is_due() {
    let stack = Stack::default();
    stack.knows("j", Some(JobStatus::Canceled));
    for number in 0..120 {
        stack.submitted(&format!("{number}.mp4"), Some("j")).await;
    }
    let report = stack.round().await;
    assert_eq!((report.checked, report.lost_events), (120, 120));
}

#[tokio::test]
async fn a_round_stops_in_time_and_the_next_one_goes_on() {
    let stack = Stack::default();
    stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Canceled));
    assert_eq!(stack.round_of(0).await, Report::default());
    assert!(
        stack.listed_from.lock().unwrap().is_empty(),
        "no time to sweep"
    );
    assert_eq!(stack.round().await.lost_events, 1);
}

#[tokio::test]
async fn the_sweep_goes_on_where_the_last_round_stopped_and_then_begins_anew() {
    let stack = Stack {
        page: Some(2),
        ..Stack::default()
    };
    let keys = ["a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4"];
    stack.objects.lock().unwrap().extend(keys.map(source));
    let mut found = Vec::new();
    for _ in 0..4 {
        found.push(stack.round().await.lost_uploads);
    }
    assert_eq!(found, [2, 2, 1, 0]);
    let from = stack.listed_from.lock().unwrap().clone();
    let from: Vec<_> = from.iter().map(Option::as_deref).collect();
    assert_eq!(from, [None, Some("b.mp4"), Some("d.mp4"), None]);
}

#[tokio::test]
async fn a_page_that_takes_longer_than_the_round_is_the_next_ones_again() {
    let stack = Stack::default();
    let keys = ["a.mp4", "b.mp4", "c.mp4"];
    stack.objects.lock().unwrap().extend(keys.map(source));
    // Ten seconds are kept for the end, and one upload takes longer than the rest.
    let first = stack.round_of(10_150).await.lost_uploads;
    assert!(first < 3, "{first}");
    assert_eq!(first + stack.round().await.lost_uploads, 3);
    assert_eq!(*stack.listed_from.lock().unwrap(), [None, None]);
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
async fn two_rounds_at_once_remove_a_video_and_its_tombstone_once() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    stack.apply(&id, &Event::Deleted, now()).await;
    tokio::join!(stack.invoke(Some(&id)), stack.invoke(Some(&id)));
    assert!(stack.is_empty() && stack.is_tombstone(&id));
    let other = stack.submitted("b.mp4", Some("j")).await;
    stack.bury(&other).await;
    tokio::join!(stack.round(), stack.round());
    assert!(stack.table.video(&other).is_none());
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

#[tokio::test]
async fn nothing_but_a_tombstone_is_left_of_a_deleted_video_after_one_look() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    stack.apply(&id, &Event::Deleted, now()).await;
    assert_eq!(stack.invoke(Some(&id)).await.removed, 1);
    assert!(stack.is_empty());
    assert_eq!(*stack.marks.lock().unwrap(), ["a.mp4"]);
    assert!(stack.is_tombstone(&id));
    assert_eq!(stack.invoke(Some(&id)).await.removed, 0, "again: nothing");
    assert!(stack.is_tombstone(&id), "it outlives all who saw the video");
}

/// Captions that were added, with all that an edition of them is made from.
async fn add_captions(stack: &Stack, id: &str, at: Timestamp) -> Video {
    let track = AddedTrack::new("en", None, "WEBVTT\n");
    let video = stack
        .apply(id, &Event::CaptionsAdded(track.clone()), at)
        .await;
    let key = track.key(id);
    let playback = video.playback.clone().unwrap();
    stack.files.lock().unwrap().extend([
        (
            key.clone(),
            b"WEBVTT\n\n00:01.000 --> 00:02.000\nFish\n".to_vec(),
        ),
        (
            playback.hls.unwrap(),
            b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n".to_vec(),
        ),
        (
            playback.dash.unwrap(),
            b"<MPD><Period><AdaptationSet/></Period></MPD>".to_vec(),
        ),
    ]);
    stack.objects.lock().unwrap().push(source(&key));
    video
}

#[tokio::test]
async fn captions_whose_manifests_nobody_wrote_are_in_what_plays_after_a_round() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    let added = add_captions(&stack, &id, half_an_hour_ago()).await;
    assert_eq!(stack.round().await.errors, 0);
    let video = stack.table.video(&id).unwrap();
    let playback = video.playback.unwrap();
    assert_eq!(playback.edition, Some(added.captions.unwrap().edition));
    let made = stack.outputs.lock().unwrap().clone();
    assert!(made.contains(&playback.hls.unwrap()), "{made:?}");
    assert_eq!(stack.round().await.errors, 0);
    assert_eq!(*stack.outputs.lock().unwrap(), made, "once");
    assert_eq!(video.check_at, None);
}

#[tokio::test]
async fn an_edition_that_another_replaced_goes_after_a_day() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    let two_days_ago = now().plus_ms(-2 * 24 * 3600 * 1000);
    let added = add_captions(&stack, &id, two_days_ago).await;
    let revision = added.playback.as_ref().unwrap().revision.clone();
    let edition = added.edition();
    let written = Event::EditionWritten {
        revision: revision.clone(),
        edition,
    };
    stack.apply(&id, &written, two_days_ago).await;
    let folder = format!("{id}/{revision}/captions-{}/", edition.unwrap());
    stack
        .outputs
        .lock()
        .unwrap()
        .push(format!("{folder}video.m3u8"));
    let removed = Event::CaptionsRemoved {
        language: "en".into(),
    };
    stack.apply(&id, &removed, two_days_ago).await;
    let plain = Event::EditionWritten {
        revision,
        edition: None,
    };
    stack.apply(&id, &plain, two_days_ago).await;
    assert_eq!(stack.round().await.folders, 1);
    let outputs = stack.outputs.lock().unwrap().clone();
    assert_eq!(outputs.len(), 2, "the conversion's own stay: {outputs:?}");
    assert!(!outputs.iter().any(|key| key.starts_with(&folder)));
}

#[tokio::test]
async fn captions_go_with_their_video_even_those_that_came_during_its_deletion() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    add_captions(&stack, &id, now()).await;
    stack.apply(&id, &Event::Deleted, now()).await;
    assert_eq!(stack.invoke(Some(&id)).await.removed, 1);
    assert!(stack.is_empty());

    let id = stack.submitted("b.mp4", Some("j")).await;
    stack.bury(&id).await;
    let key = format!("{}en.0.vtt", AddedTrack::folder(&id));
    stack.objects.lock().unwrap().push(source(&key));
    let edition = format!("{id}/r/captions-1/en.vtt");
    stack.outputs.lock().unwrap().push(edition);
    assert_eq!(stack.invoke(Some(&id)).await.errors, 0);
    assert!(stack.is_empty());
}

#[tokio::test]
async fn a_tombstone_goes_when_it_has_outlived_all_who_saw_the_video() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", Some("j")).await;
    stack.bury(&id).await;
    assert_eq!(stack.round().await.lost_uploads, 0);
    assert!(stack.table.video(&id).is_none());
}

#[tokio::test]
async fn what_was_uploaded_in_place_of_a_deleted_video_is_submitted_when_its_tombstone_goes() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", Some("j")).await;
    stack.bury(&id).await;
    let again = Source {
        version_id: Some("v2".into()),
        ..source("a.mp4")
    };
    *stack.objects.lock().unwrap() = vec![again];
    assert_eq!(stack.invoke(Some(&id)).await.lost_uploads, 1);
    let invocations = stack.invocations.lock().unwrap();
    let object = &invocations[0]["Records"][0]["s3"]["object"];
    assert_eq!(
        (&object["key"], &object["versionId"]),
        (&"a.mp4".into(), &"v2".into())
    );
}

#[tokio::test]
async fn a_tombstone_of_another_deletion_stays() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", Some("j")).await;
    stack.bury(&id).await;
    let first = stack.table.video(&id).unwrap();
    let table = stack.table.table();
    assert!(table.remove(&first).await.unwrap());
    assert!(!table.remove(&first).await.unwrap(), "it is gone already");
    let id = stack.submitted("a.mp4", Some("j")).await;
    assert!(!table.remove(&first).await.unwrap(), "a video again");
    stack.apply(&id, &Event::Deleted, now()).await;
    let deleted = stack.table.video(&id).unwrap();
    assert!(!table.remove(&deleted).await.unwrap(), "not yet removed");
    stack.apply(&id, &Event::Removed, now()).await;
    assert!(!table.remove(&first).await.unwrap());
    assert!(stack.is_tombstone(&id));
}

#[tokio::test]
async fn a_deletion_that_nobody_looked_at_is_done_by_a_round() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    let a_while_ago = half_an_hour_ago().plus_ms(20 * 60 * 1000);
    stack.apply(&id, &Event::Deleted, a_while_ago).await;
    assert_eq!(stack.round().await.removed, 1);
    assert!(stack.is_empty() && stack.is_tombstone(&id));
}

#[tokio::test]
async fn other_videos_and_later_uploads_survive_a_deletion() {
    let stack = Stack::default();
    stack.ready("a.mp4.mp4").await;
    let id = stack.ready("a.mp4").await;
    let an_hour_ago = half_an_hour_ago().plus_ms(-30 * 60 * 1000);
    stack.apply(&id, &Event::Deleted, an_hour_ago).await;
    stack.invoke(Some(&id)).await;
    let left = stack.objects.lock().unwrap().clone();
    let keys: Vec<_> = left.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(
        keys,
        ["a.mp4.mp4", "a.mp4"],
        "the upload is younger than the deletion"
    );
    assert_eq!(stack.outputs.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn the_running_job_of_a_deleted_video_is_canceled_first() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", Some("j")).await;
    stack.knows("j", Some(JobStatus::Progressing));
    stack.apply(&id, &Event::Deleted, now()).await;
    assert_eq!(stack.invoke(Some(&id)).await.removed, 1);
    let status = stack.jobs.lock().unwrap()["j"].clone();
    assert_eq!(status, Some(JobStatus::Canceled));
}

#[tokio::test]
async fn a_deleted_video_waits_for_a_claim_that_may_become_a_job() {
    let stack = Stack::default();
    let source = source("a.mp4");
    let id = source.video_id();
    let claim = Event::Claimed {
        source,
        is_current: false,
        until: now().plus_ms(60_000),
        making: Making::default(),
    };
    stack.apply(&id, &claim, now()).await;
    stack.apply(&id, &Event::Deleted, now()).await;
    assert_eq!(stack.invoke(Some(&id)).await.waiting, 1);
    assert!(stack.table.video(&id).is_some());
}

#[tokio::test]
async fn the_job_of_a_function_that_died_before_it_noted_it_is_canceled_too() {
    let stack = Stack::default();
    let id = stack.submitted("a.mp4", None).await;
    let job = ("lost".into(), id.clone(), source("a.mp4").revision());
    stack.unnoted.lock().unwrap().push(job);
    stack.knows("lost", Some(JobStatus::Submitted));
    stack.apply(&id, &Event::Deleted, now()).await;
    assert_eq!(stack.invoke(Some(&id)).await.removed, 1);
    let status = stack.jobs.lock().unwrap()["lost"].clone();
    assert_eq!(status, Some(JobStatus::Canceled));
}

#[tokio::test]
async fn a_replaced_revision_loses_its_job_and_after_a_day_its_folder() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    let a_day_ago = now().plus_ms(-25 * 3600 * 1000);
    let reprocessed = Event::Reprocessed(Reprocess::default());
    let video = stack.apply(&id, &reprocessed, a_day_ago).await;
    let revision = video.revision.unwrap();
    let source = video.source.unwrap();
    let claim = Event::Claimed {
        source,
        is_current: false,
        until: a_day_ago.plus_ms(60_000),
        making: Making::default(),
    };
    stack.apply(&id, &claim, a_day_ago).await;
    let complete = |job_id: &str| Event::Job {
        revision: revision.clone(),
        job_id: job_id.into(),
        change: JobChange::Completed(vec![]),
    };
    stack.invoke(Some(&id)).await;
    assert_eq!(
        stack.outputs.lock().unwrap().len(),
        2,
        "the old one plays on"
    );
    stack.apply(&id, &complete("j2"), a_day_ago).await;
    let newer = format!("{id}/{revision}/video.m3u8");
    stack.outputs.lock().unwrap().push(newer.clone());
    assert_eq!(stack.round().await.folders, 1);
    assert_eq!(*stack.outputs.lock().unwrap(), [newer]);
    assert!(stack.table.video(&id).unwrap().replaced.is_empty());
}

#[tokio::test]
async fn a_lost_record_is_made_again_once_and_its_job_is_looked_for() {
    let stack = Stack::default();
    stack.objects.lock().unwrap().push(source("a.mp4"));
    let id = source("a.mp4").video_id();
    let job = ("j".into(), id.clone(), source("a.mp4").revision());
    stack.unnoted.lock().unwrap().push(job);
    assert_eq!(stack.rebuild().await.restored, 1);
    let video = stack.table.video(&id).unwrap();
    // With a claim that has ended, the submit function searches before it creates a job.
    assert_eq!(stack.outcome(&id).0, "SUBMITTED");
    assert!(video.job.unwrap().claimed_until <= now());
    assert_eq!(stack.invocations.lock().unwrap().len(), 1);
    assert_eq!(stack.rebuild().await.restored, 0);
    assert_eq!(stack.invocations.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_output_whose_job_is_forgotten_is_made_ready_without_a_job() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    stack.lose(&id).await;
    assert_eq!(stack.rebuild().await.restored, 1);
    let video = stack.table.video(&id).unwrap();
    let revision = source("a.mp4").revision();
    assert_eq!(
        video.playback.unwrap().hls,
        Some(format!("{id}/{revision}/video.m3u8"))
    );
    assert!(stack.invocations.lock().unwrap().is_empty());
}

#[tokio::test]
async fn captions_that_were_added_are_in_what_plays_again() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    let before = add_captions(&stack, &id, half_an_hour_ago()).await;
    assert_eq!(stack.round().await.errors, 0);
    let old = stack.table.video(&id).unwrap().playback.unwrap();
    let track = AddedTrack {
        label: "Für Gehörlose".into(),
        ..before.captions.unwrap().tracks[0].clone()
    };
    *stack.note.lock().unwrap() = Some(track.noted_label());
    stack.lose(&id).await;
    assert_eq!(stack.rebuild().await.restored, 1);
    let video = stack.table.video(&id).unwrap();
    let captions = video.captions.unwrap();
    assert_eq!(captions.tracks, [track]);
    let playback = video.playback.unwrap();
    assert_eq!(playback.edition, Some(captions.edition));
    assert_ne!(playback.hls, old.hls);
    let hls = stack.files.lock().unwrap()[&playback.hls.unwrap()].clone();
    let hls = String::from_utf8(hls).unwrap();
    assert!(hls.contains("NAME=\"Für Gehörlose\""), "{hls}");
    let folder = format!("{}/captions-{}", old.revision, old.edition.unwrap());
    let replaced: Vec<_> = video.replaced.iter().map(|it| &it.revision).collect();
    assert_eq!(replaced, [&folder]);
}

#[tokio::test]
async fn an_output_whose_upload_is_gone_can_be_watched_again() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    add_captions(&stack, &id, half_an_hour_ago()).await;
    stack.lose(&id).await;
    let mut objects = stack.objects.lock().unwrap().clone();
    objects.retain(|object| is_captions(&object.key));
    *stack.objects.lock().unwrap() = objects;
    let job = ("j".into(), id.clone(), source("a.mp4").revision());
    stack.unnoted.lock().unwrap().push(job);
    assert_eq!(stack.rebuild().await.restored, 1);
    let video = stack.table.video(&id).unwrap();
    assert_eq!(
        (video.title.as_str(), video.status.as_str()),
        ("gone", "READY")
    );
    assert!(video.captions.is_some() && video.has_edition());
    assert_eq!(stack.rebuild().await.restored, 0);
}

#[tokio::test]
async fn nothing_comes_back_of_a_deleted_video() {
    let stack = Stack::default();
    let id = stack.ready("a.mp4").await;
    let job = ("j".into(), id.clone(), source("a.mp4").revision());
    stack.unnoted.lock().unwrap().push(job);
    stack.apply(&id, &Event::Deleted, now()).await;
    assert_eq!(
        stack.rebuild().await.restored,
        0,
        "what has a record stays as it is"
    );
    assert_eq!(stack.invoke(Some(&id)).await.removed, 1);
    assert_eq!(stack.rebuild().await.restored, 0);
    let tombstone = stack.table.video(&id).unwrap();
    assert!(stack.table.table().remove(&tombstone).await.unwrap());
    assert_eq!(stack.rebuild().await.restored, 0);
    assert!(stack.table.video(&id).is_none());
}

#[tokio::test]
async fn a_lost_record_of_an_upload_through_the_api_is_its_owners_again() {
    let stack = Stack::default();
    let key = "videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/source.mp4";
    stack.objects.lock().unwrap().push(source(key));
    stack.objects.lock().unwrap().push(source("a.mp4"));
    let origin = Origin {
        owner: "anna".into(),
        title: "Sommer".into(),
        created_at: half_an_hour_ago(),
        profile: None,
        download: None,
        clip: None,
        file_name: None,
        content_type: None,
        description: None,
    };
    *stack.note.lock().unwrap() = origin.encode();
    assert_eq!(stack.rebuild().await.restored, 2);
    let of = |key| stack.table.video(&source(key).video_id()).unwrap();
    assert_eq!(
        (of(key).owner.as_str(), of(key).title.as_str()),
        ("anna", "Sommer")
    );
    assert_eq!(
        of("a.mp4").owner,
        "drop-in",
        "whoever can write to the bucket chooses no owner"
    );
}
