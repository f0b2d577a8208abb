//! MediaConvert and S3 as far as the function needs them: they answer as told, and remember the jobs.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_mediaconvert::Client;
use aws_sdk_mediaconvert::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_mediaconvert::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_mediaconvert::error::{BoxError, ErrorMetadata};
use aws_sdk_mediaconvert::operation::cancel_job::CancelJobOutput;
use aws_sdk_mediaconvert::operation::create_job::{
    CreateJobError, CreateJobInput, CreateJobOutput,
};
use aws_sdk_mediaconvert::operation::get_job::GetJobOutput;
use aws_sdk_mediaconvert::operation::get_job_template::{
    GetJobTemplateError, GetJobTemplateOutput,
};
use aws_sdk_mediaconvert::operation::probe::{ProbeError, ProbeOutput};
use aws_sdk_mediaconvert::operation::search_jobs::SearchJobsOutput;
use aws_sdk_mediaconvert::types::error::{
    BadRequestException, NotFoundException, TooManyRequestsException,
};
use aws_sdk_mediaconvert::types::{
    AudioProperties, CmafGroupSettings, Codec, Container, Format, Job, JobStatus, JobTemplate,
    JobTemplateSettings, Output, OutputGroup, OutputGroupSettings, OutputGroupType, ProbeResult,
    Track, TrackType, VideoProperties,
};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::get_object_tagging::GetObjectTaggingOutput;
use aws_sdk_s3::operation::head_object::{HeadObjectError, HeadObjectOutput};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::error::{NoSuchKey, NotFound};
use aws_sdk_s3::types::{Object, Tag};
use aws_smithy_http_client::test_util::NeverClient;
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

/// How MediaConvert takes the next job.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Create {
    /// Gladly.
    #[default]
    Accept,
    /// 400.
    Refuse,
    /// 429.
    Throttle,
}

/// What the source is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum SourceFile {
    /// 720p with 5.1.
    #[default]
    Video,
    /// Something that Probe refuses.
    Garbage,
    /// Sound alone.
    AudioOnly,
    /// No longer there.
    Gone,
    /// No longer there, and S3 has a mark that says so.
    Deleted,
}

/// What the services do, and what was asked of them.
#[derive(Clone, Default)]
pub(crate) struct FakeAws {
    create: Arc<Mutex<Create>>,
    source: Arc<Mutex<SourceFile>>,
    jobs: Arc<Mutex<Vec<CreateJobInput>>>,
    canceled: Arc<Mutex<Vec<String>>>,
    metadata: Arc<Mutex<Option<String>>>,
    tag: Arc<Mutex<Option<String>>>,
    profiles: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    beside: Arc<Mutex<Vec<(String, String)>>>,
    content: Arc<Mutex<Option<Vec<u8>>>>,
    hidden_below: Arc<Mutex<u64>>,
    current: Arc<Mutex<Option<String>>>,
    while_probing: Arc<Mutex<Option<Meanwhile>>>,
    while_creating: Arc<Mutex<Option<Meanwhile>>>,
}

/// What happens while MediaConvert is asked for something.
type Meanwhile = Box<dyn FnOnce() + Send>;

impl FakeAws {
    /// From now on, jobs are taken like this.
    pub(crate) fn set_create(&self, create: Create) {
        *self.create.lock().unwrap() = create;
    }

    /// From now on, sources are like this.
    pub(crate) fn set_source(&self, source: SourceFile) {
        *self.source.lock().unwrap() = source;
    }

    /// From now on, the source's metadata names this profile.
    pub(crate) fn set_metadata(&self, profile: &str) {
        *self.metadata.lock().unwrap() = Some(profile.to_owned());
    }

    /// From now on, the source's tag names this profile.
    pub(crate) fn set_tag(&self, profile: &str) {
        *self.tag.lock().unwrap() = Some(profile.to_owned());
    }

    /// From now on, this is in sources.
    pub(crate) fn set_content(&self, content: &[u8]) {
        *self.content.lock().unwrap() = Some(content.to_owned());
    }

    /// From now on, ranges of fewer bytes show nothing of it.
    pub(crate) fn hide_content_below(&self, bytes: u64) {
        *self.hidden_below.lock().unwrap() = bytes;
    }

    /// Another object of the source bucket.
    pub(crate) fn put_beside(&self, key: &str, text: &str) {
        self.beside
            .lock()
            .unwrap()
            .push((key.to_owned(), text.to_owned()));
    }

    /// A file in the configuration bucket.
    pub(crate) fn put_profile(&self, key: &str, content: impl AsRef<[u8]>) {
        let content = content.as_ref().to_vec();
        self.profiles
            .lock()
            .unwrap()
            .insert(key.to_owned(), content);
    }

    /// Ids of the jobs that were canceled.
    pub(crate) fn canceled(&self) -> Vec<String> {
        self.canceled.lock().unwrap().clone()
    }

    /// From now on, this is the source's current version.
    pub(crate) fn set_current(&self, version_id: &str) {
        *self.current.lock().unwrap() = Some(version_id.to_owned());
    }

    /// Does this while the next source is probed.
    pub(crate) fn while_probing(&self, meanwhile: impl FnOnce() + Send + 'static) {
        *self.while_probing.lock().unwrap() = Some(Box::new(meanwhile));
    }

    /// Does this while the next job is created.
    pub(crate) fn while_creating(&self, meanwhile: impl FnOnce() + Send + 'static) {
        *self.while_creating.lock().unwrap() = Some(Box::new(meanwhile));
    }

    /// The jobs that were created, in order.
    pub(crate) fn jobs(&self) -> Vec<CreateJobInput> {
        self.jobs.lock().unwrap().clone()
    }

    /// A client of MediaConvert.
    pub(crate) fn mediaconvert(&self) -> Client {
        let (probing, creating, searching) = (self.clone(), self.clone(), self.clone());
        let probe = mock!(Client::probe).then_compute_response(move |_| {
            if let Some(meanwhile) = probing.while_probing.lock().unwrap().take() {
                meanwhile();
            }
            match *probing.source.lock().unwrap() {
                SourceFile::Video => {
                    MockResponse::Output(probed(&[TrackType::Video, TrackType::Audio]))
                }
                SourceFile::AudioOnly => MockResponse::Output(probed(&[TrackType::Audio])),
                SourceFile::Garbage | SourceFile::Gone | SourceFile::Deleted => {
                    let refused = BadRequestException::builder()
                        .message("The file could not be read.")
                        .build();
                    MockResponse::Error(ProbeError::BadRequestException(refused))
                }
            }
        });
        let create = mock!(Client::create_job).then_compute_response(move |request| {
            match *creating.create.lock().unwrap() {
                Create::Accept => {}
                Create::Refuse => {
                    let message = "/outputGroups/0/outputs: Should have at least 1 items";
                    let meta = ErrorMetadata::builder().message(message).build();
                    let refused = BadRequestException::builder().meta(meta).build();
                    return MockResponse::Error(CreateJobError::BadRequestException(refused));
                }
                Create::Throttle => {
                    let throttled = TooManyRequestsException::builder()
                        .message("Too many requests.")
                        .build();
                    return MockResponse::Error(CreateJobError::TooManyRequestsException(
                        throttled,
                    ));
                }
            }
            if let Some(meanwhile) = creating.while_creating.lock().unwrap().take() {
                meanwhile();
            }
            let mut jobs = creating.jobs.lock().unwrap();
            jobs.push(request.clone());
            MockResponse::Output(
                CreateJobOutput::builder()
                    .job(job(jobs.len(), request))
                    .build(),
            )
        });
        let search = mock!(Client::search_jobs).then_compute_response(move |request| {
            let jobs = searching.jobs();
            let found = jobs
                .iter()
                .enumerate()
                .filter(|(_, job)| file_input(job) == request.input_file());
            let found = found
                .map(|(index, job_request)| job(index + 1, job_request))
                .collect();
            MockResponse::Output(SearchJobsOutput::builder().set_jobs(Some(found)).build())
        });
        let (asked, stopping) = (self.clone(), self.clone());
        let get = mock!(Client::get_job).then_compute_output(move |request| {
            let canceled = asked.canceled();
            let stopped = canceled.iter().any(|id| Some(id.as_str()) == request.id());
            let status = if stopped {
                JobStatus::Canceled
            } else {
                JobStatus::Submitted
            };
            GetJobOutput::builder()
                .job(Job::builder().status(status).build())
                .build()
        });
        let cancel = mock!(Client::cancel_job).then_compute_output(move |request| {
            let id = request.id().unwrap().to_owned();
            stopping.canceled.lock().unwrap().push(id);
            CancelJobOutput::builder().build()
        });
        let template = mock!(Client::get_job_template).then_compute_response(|request| {
            if request.name() == Some("House") {
                return MockResponse::Output(house());
            }
            let missing = NotFoundException::builder().build();
            MockResponse::Error(GetJobTemplateError::NotFoundException(missing))
        });
        mock_client!(
            aws_sdk_mediaconvert,
            RuleMode::MatchAny,
            [&probe, &create, &search, &get, &cancel, &template],
            |config| match std::env::var_os("CREATED_JOBS") {
                Some(folder) => config.interceptor(KeepJobs(folder.into())),
                None => config,
            }
        )
    }

    /// A client of S3.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let fake = self.clone();
        let get = mock!(aws_sdk_s3::Client::get_object).then_compute_response(move |request| {
            if request.bucket() == Some(CONFIGURATION_BUCKET) {
                let profiles = fake.profiles.lock().unwrap();
                let content = request.key().and_then(|key| profiles.get(key));
                return match content {
                    Some(content) => {
                        let body = ByteStream::from(content.clone());
                        MockResponse::Output(GetObjectOutput::builder().body(body).build())
                    }
                    None => {
                        MockResponse::Error(GetObjectError::NoSuchKey(NoSuchKey::builder().build()))
                    }
                };
            }
            let beside = fake.beside.lock().unwrap();
            let mut others = beside.iter();
            if let Some((_, text)) = others.find(|(key, _)| request.key() == Some(key)) {
                let body = ByteStream::from(text.clone().into_bytes());
                return MockResponse::Output(GetObjectOutput::builder().body(body).build());
            }
            if matches!(
                *fake.source.lock().unwrap(),
                SourceFile::Gone | SourceFile::Deleted
            ) {
                return MockResponse::Error(GetObjectError::NoSuchKey(
                    NoSuchKey::builder().build(),
                ));
            }
            let content = fake.content.lock().unwrap().clone();
            let least = *fake.hidden_below.lock().unwrap();
            let content = content.filter(|_| length(request.range()) >= least);
            let content = content.unwrap_or_else(|| b"no header of a MOV or MP4 file".to_vec());
            let body = ByteStream::from(content);
            let mut output = GetObjectOutput::builder().body(body);
            if let Some(profile) = fake.metadata.lock().unwrap().as_ref() {
                output = output.metadata("profile", profile);
            }
            if fake.tag.lock().unwrap().is_some() {
                output = output.tag_count(1);
            }
            MockResponse::Output(output.build())
        });
        let fake = self.clone();
        let tags = mock!(aws_sdk_s3::Client::get_object_tagging).then_compute_output(move |_| {
            let profile = fake.tag.lock().unwrap().clone().unwrap_or_default();
            let tag = Tag::builder()
                .key("profile")
                .value(profile)
                .build()
                .unwrap();
            GetObjectTaggingOutput::builder()
                .tag_set(tag)
                .build()
                .unwrap()
        });
        let fake = self.clone();
        let head = mock!(aws_sdk_s3::Client::head_object).then_compute_response(move |_| {
            let source = *fake.source.lock().unwrap();
            if source == SourceFile::Deleted {
                let mut answer =
                    HttpResponse::new(StatusCode::try_from(404).unwrap(), SdkBody::empty());
                answer.headers_mut().insert("x-amz-delete-marker", "true");
                return MockResponse::Http(answer);
            }
            if source == SourceFile::Gone {
                return MockResponse::Error(HeadObjectError::NotFound(NotFound::builder().build()));
            }
            let current = fake.current.lock().unwrap().clone();
            MockResponse::Output(HeadObjectOutput::builder().set_version_id(current).build())
        });
        let fake = self.clone();
        let list = mock!(aws_sdk_s3::Client::list_objects_v2).then_compute_output(move |request| {
            let beside = fake.beside.lock().unwrap();
            let prefix = request.prefix().unwrap_or_default();
            let objects = beside.iter().filter(|(key, _)| key.starts_with(prefix));
            let objects = objects.map(|(key, text)| {
                let size = i64::try_from(text.len()).unwrap();
                Object::builder().key(key).size(size).build()
            });
            ListObjectsV2Output::builder()
                .set_contents(Some(objects.collect()))
                .build()
        });
        mock_client!(aws_sdk_s3, RuleMode::MatchAny, [&get, &head, &tags, &list])
    }
}

/// Keeps each `CreateJob` as it goes over the wire, in a file of its own: a test holds them against the service's model.
#[derive(Debug)]
struct KeepJobs(PathBuf);

#[dyn_dispatch_hint]
impl Intercept for KeepJobs {
    fn name(&self) -> &'static str {
        "KeepJobs"
    }

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        static KEPT: AtomicUsize = AtomicUsize::new(0);
        let operation = config.load::<Metadata>();
        if operation.is_some_and(|operation| operation.name() == "CreateJob") {
            let number = KEPT.fetch_add(1, Ordering::Relaxed);
            let test = std::thread::current().name().unwrap_or_default().to_owned();
            let body = context.request().body().bytes().unwrap_or_default();
            fs::write(self.0.join(format!("{test}-{number}.json")), body)?;
        }
        Ok(())
    }
}

/// The bucket with the stack's own profiles.
pub(crate) const CONFIGURATION_BUCKET: &str = "vod-config-000000000000-us-east-1";

/// Of `bytes=first-last`.
fn length(range: Option<&str>) -> u64 {
    let (first, last) = range
        .and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
        .unwrap();
    last.parse::<u64>().unwrap() + 1 - first.parse::<u64>().unwrap()
}

fn house() -> GetJobTemplateOutput {
    let group = OutputGroupSettings::builder()
        .r#type(OutputGroupType::CmafGroupSettings)
        .cmaf_group_settings(CmafGroupSettings::builder().segment_length(4).build());
    let group = OutputGroup::builder()
        .output_group_settings(group.build())
        .outputs(
            Output::builder()
                .name_modifier("_house")
                .preset("House")
                .build(),
        );
    let settings = JobTemplateSettings::builder().output_groups(group.build());
    let template = JobTemplate::builder().settings(settings.build()).build();
    GetJobTemplateOutput::builder()
        .job_template(template)
        .build()
}

/// A client of S3 that never gets an answer.
pub(crate) fn hanging_s3() -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_s3::config::Credentials::for_tests())
        .http_client(NeverClient::new())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// The source of a job.
pub(crate) fn file_input(job: &CreateJobInput) -> Option<&str> {
    job.settings()?.inputs().first()?.file_input()
}

fn job(number: usize, request: &CreateJobInput) -> Job {
    let metadata = request.user_metadata().cloned();
    Job::builder()
        .id(format!("1768471204000-job{number:03}"))
        .set_user_metadata(metadata)
        .build()
}

fn probed(kinds: &[TrackType]) -> ProbeOutput {
    let video = VideoProperties::builder().width(1280).height(720).build();
    let audio = AudioProperties::builder().channels(6).build();
    let tracks = kinds.iter().map(|kind| {
        let track = Track::builder().track_type(kind.clone());
        let is_video = *kind == TrackType::Video;
        if is_video {
            track.codec(Codec::Avc).video_properties(video.clone())
        } else {
            track.audio_properties(audio.clone())
        }
        .build()
    });
    let container = Container::builder()
        .format(Format::Mp4)
        .duration(5.28)
        .set_tracks(Some(tracks.collect()));
    ProbeOutput::builder()
        .probe_results(ProbeResult::builder().container(container.build()).build())
        .build()
}
