//! Reads the id of a new job, and nothing else, of MediaConvert's answer. It repeats all settings of the job, which the SDK
//! would put together again: a ninth of an invocation's instructions, as valgrind counts them.

use aws_sdk_mediaconvert::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_mediaconvert::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_mediaconvert::error::BoxError;
use aws_sdk_mediaconvert::operation::create_job::CreateJobOutput;
use aws_sdk_mediaconvert::types::Job;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use serde::Deserialize;

/// Has a client of MediaConvert read the id alone of the jobs that it creates.
#[derive(Debug)]
pub struct OnlyTheId;

#[dyn_dispatch_hint]
impl Intercept for OnlyTheId {
    fn name(&self) -> &'static str {
        "OnlyTheId"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>();
        let creates = operation.is_some_and(|operation| operation.name() == "CreateJob");
        // The SDK knows the errors.
        if creates && context.response().status().is_success() {
            let state = config.interceptor_state();
            state.store_put(SharedResponseDeserializer::new(CreatedJob));
        }
        Ok(())
    }
}

#[derive(Debug)]
struct CreatedJob;

impl DeserializeResponse for CreatedJob {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let body = response.body().bytes().unwrap_or_default();
        let answer: Answer = serde_json::from_slice(body).map_err(OrchestratorError::other)?;
        let job = Job::builder().set_id(answer.job.id).build();
        Ok(Output::erase(CreateJobOutput::builder().job(job).build()))
    }
}

#[derive(Deserialize)]
struct Answer {
    job: AnswerJob,
}

#[derive(Deserialize)]
struct AnswerJob {
    id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::OnlyTheId;
    use aws_sdk_mediaconvert::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_mediaconvert::operation::create_job::CreateJobError;
    use aws_sdk_mediaconvert::operation::get_job::GetJobOutput;
    use aws_sdk_mediaconvert::types::JobStatus;
    use aws_sdk_mediaconvert::{Client, Config};
    use aws_smithy_http_client::test_util::infallible_client_fn;
    use aws_smithy_types::body::SdkBody;

    const JOB: &str = r#"{"job": {"arn": "arn:aws:mediaconvert:us-east-1:000000000000:jobs/1-a", "createdAt": 1768471204,
        "id": "1-a", "role": "r", "settings": {"inputs": [{"fileInput": "s3://b/k"}]}, "status": "SUBMITTED"}}"#;

    /// One whose MediaConvert answers this.
    fn client(status: u16, body: &'static str) -> Client {
        let http = infallible_client_fn(move |_| {
            let answer = http::Response::builder().status(status);
            answer.body(SdkBody::from(body)).unwrap()
        });
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .interceptor(OnlyTheId)
            .http_client(http);
        Client::from_conf(config.build())
    }

    #[tokio::test]
    async fn the_id_of_a_new_job_is_read_and_its_settings_are_not() {
        let created = client(201, JOB).create_job().send().await.unwrap();
        let job = created.job.unwrap();
        assert_eq!(job.id.as_deref(), Some("1-a"));
        assert_eq!((job.settings, job.role), (None, None));
    }

    #[tokio::test]
    async fn other_answers_are_read_whole() {
        let found = client(200, JOB).get_job().id("1-a").send().await;
        let GetJobOutput { job, .. } = found.unwrap();
        let job = job.unwrap();
        assert_eq!(job.status, Some(JobStatus::Submitted));
        assert!(job.settings.is_some());
    }

    #[tokio::test]
    async fn a_refusal_is_what_the_sdk_makes_of_it() {
        let refused = client(
            400,
            r#"{"__type": "BadRequestException", "message": "/settings: no"}"#,
        )
        .create_job()
        .send()
        .await
        .unwrap_err();
        let refused = refused.into_service_error();
        assert!(
            matches!(refused, CreateJobError::BadRequestException(_)),
            "{refused:?}"
        );
    }

    #[tokio::test]
    async fn an_answer_that_is_none_is_an_error() {
        let sent = client(201, "<html>").create_job().send().await;
        assert!(sent.is_err());
        let without = client(201, r#"{"job": {}}"#)
            .create_job()
            .send()
            .await
            .unwrap();
        assert_eq!(without.job.unwrap().id, None);
    }
}
