//! S3, Lambda and Cognito as far as the function needs them: they answer as told, and remember what was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use api::app::{App, Clients};
use api::config::{Config, SignIn};
use aws_sdk_cognitoidentityprovider::operation::initiate_auth::{
    InitiateAuthError, InitiateAuthOutput,
};
use aws_sdk_cognitoidentityprovider::operation::respond_to_auth_challenge::{
    RespondToAuthChallengeError, RespondToAuthChallengeOutput,
};
use aws_sdk_cognitoidentityprovider::types::error::NotAuthorizedException;
use aws_sdk_cognitoidentityprovider::types::{AuthenticationResultType, ChallengeNameType};
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::error::ErrorMetadata;
use aws_sdk_s3::operation::abort_multipart_upload::{
    AbortMultipartUploadError, AbortMultipartUploadOutput,
};
use aws_sdk_s3::operation::complete_multipart_upload::{
    CompleteMultipartUploadError, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
};
use aws_sdk_s3::operation::create_multipart_upload::CreateMultipartUploadOutput;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectInput, GetObjectOutput};
use aws_sdk_s3::operation::head_object::{HeadObjectError, HeadObjectOutput};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::operation::list_parts::{ListPartsError, ListPartsOutput};
use aws_sdk_s3::operation::put_object::{PutObjectInput, PutObjectOutput};
use aws_sdk_s3::operation::upload_part::UploadPartOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::error::{NoSuchKey, NotFound};
use aws_sdk_s3::types::{ObjectVersion, Part};
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use common::origin::{NOTE, Origin};
use serde_json::Value;

use test_support::fake_table::FakeTable;

/// What S3 has of the one upload.
#[derive(Clone, Debug, Default)]
struct Bucket {
    /// The upload is known, with these parts: number to entity tag.
    upload: Option<BTreeMap<i32, String>>,
    /// The object is there.
    object: bool,
    content_type: Option<String>,
    /// What was noted on the object.
    note: Option<String>,
    completions: usize,
    /// Objects for imports: keys.
    others: Vec<String>,
}

/// The bucket that conversions write to.
const CONVERTED_BUCKET: &str = "vod-converted";

/// Content by bucket and key.
type Files = BTreeMap<(String, String), Vec<u8>>;

/// The services.
#[derive(Clone, Default)]
pub(crate) struct FakeAws {
    /// The video records.
    pub(crate) table: FakeTable,
    bucket: Arc<Mutex<Bucket>>,
    files: Arc<Mutex<Files>>,
    invoked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl FakeAws {
    /// The application, with these services behind it.
    pub(crate) fn app(&self, change: impl FnOnce(&mut Config)) -> App {
        let mut config = Config {
            source_bucket: "vod-source".into(),
            converted_bucket: CONVERTED_BUCKET.into(),
            table: "videos".into(),
            submit_function: "vod-submit".into(),
            reconcile_function: "vod-reconcile".into(),
            site_url: "https://site.example".into(),
            upload_days: 7,
            cursor_key: "stack".into(),
            public_playback: false,
            default_profile: "standard".into(),
            sign_in: SignIn::Password {
                client_id: "client".into(),
            },
        };
        change(&mut config);
        let (s3, lambda) = (self.s3(), self.lambda());
        let clients = Clients {
            table: self.table.table(),
            s3: LazyLock::new(Box::new(|| s3)),
            lambda: LazyLock::new(Box::new(|| lambda)),
            cognito: LazyLock::new(Box::new(cognito)),
        };
        App::new(config, clients)
    }

    /// Puts a file into the bucket that conversions write to.
    pub(crate) fn put_converted(&self, key: &str, bytes: Vec<u8>) {
        let place = (CONVERTED_BUCKET.to_owned(), key.to_owned());
        self.files.lock().unwrap().insert(place, bytes);
    }

    /// What was written to a bucket: keys and texts.
    pub(crate) fn files(&self, bucket: &str) -> BTreeMap<String, String> {
        let files = self.files.lock().unwrap();
        let found = files.iter().filter(|((known, _), _)| known == bucket);
        found
            .map(|((_, key), bytes)| (key.clone(), String::from_utf8_lossy(bytes).into_owned()))
            .collect()
    }

    /// What functions were started, and with what.
    pub(crate) fn invoked(&self) -> Vec<(String, Value)> {
        self.invoked.lock().unwrap().clone()
    }

    /// A part arrives.
    pub(crate) fn send_part(&self, number: i32, etag: &str) {
        let mut bucket = self.bucket.lock().unwrap();
        let parts = bucket.upload.as_mut().unwrap();
        parts.insert(number, etag.to_owned());
    }

    /// S3 forgets the upload, as its lifecycle rule makes it.
    pub(crate) fn forget_upload(&self) {
        self.bucket.lock().unwrap().upload = None;
    }

    /// Whether S3 knows the upload.
    pub(crate) fn has_upload(&self) -> bool {
        self.bucket.lock().unwrap().upload.is_some()
    }

    /// How often parts were put together.
    pub(crate) fn completions(&self) -> usize {
        self.bucket.lock().unwrap().completions
    }

    /// What the upload was begun with, of what S3 has no word for.
    pub(crate) fn origin(&self) -> Option<Origin> {
        Origin::decode(self.bucket.lock().unwrap().note.as_ref()?)
    }

    /// The type that the object will have.
    pub(crate) fn content_type(&self) -> Option<String> {
        self.bucket.lock().unwrap().content_type.clone()
    }

    /// Objects that lie in the bucket already.
    pub(crate) fn put_objects(&self, keys: &[&str]) {
        self.bucket.lock().unwrap().others = keys.iter().map(|&key| key.to_owned()).collect();
    }

    fn complete(
        &self,
        request: &CompleteMultipartUploadInput,
    ) -> Result<(), CompleteMultipartUploadError> {
        let refused = |code: &str| {
            CompleteMultipartUploadError::generic(ErrorMetadata::builder().code(code).build())
        };
        let mut bucket = self.bucket.lock().unwrap();
        let parts = bucket
            .upload
            .clone()
            .ok_or_else(|| refused("NoSuchUpload"))?;
        for part in request.multipart_upload().unwrap().parts() {
            let has = parts.get(&part.part_number().unwrap()).map(String::as_str);
            if has != part.e_tag() {
                return Err(refused("InvalidPart"));
            }
        }
        bucket.upload = None;
        bucket.object = true;
        bucket.completions += 1;
        Ok(())
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        use aws_sdk_s3::Client;
        let no_upload = || ErrorMetadata::builder().code("NoSuchUpload").build();
        let fake = self.clone();
        let create = mock!(Client::create_multipart_upload).then_compute_output(move |request| {
            let mut bucket = fake.bucket.lock().unwrap();
            bucket.upload = Some(BTreeMap::new());
            bucket.content_type = request.content_type().map(str::to_owned);
            bucket.note = request
                .metadata()
                .and_then(|metadata| metadata.get(NOTE))
                .cloned();
            CreateMultipartUploadOutput::builder()
                .upload_id("upload")
                .build()
        });
        let fake = self.clone();
        let list = mock!(Client::list_parts).then_compute_response(move |_| {
            match &fake.bucket.lock().unwrap().upload {
                None => MockResponse::Error(ListPartsError::generic(no_upload())),
                Some(parts) => {
                    let parts = parts.iter().map(|(&number, etag)| {
                        Part::builder()
                            .part_number(number)
                            .e_tag(format!("\"{etag}\""))
                            .size(5)
                            .build()
                    });
                    MockResponse::Output(
                        ListPartsOutput::builder()
                            .set_parts(Some(parts.collect()))
                            .build(),
                    )
                }
            }
        });
        let fake = self.clone();
        // Parts are signed here and sent by others.
        let send = mock!(Client::upload_part).then_output(|| UploadPartOutput::builder().build());
        let complete = mock!(Client::complete_multipart_upload).then_compute_response(
            move |request| match fake.complete(request) {
                Ok(()) => MockResponse::Output(CompleteMultipartUploadOutput::builder().build()),
                Err(error) => MockResponse::Error(error),
            },
        );
        let fake = self.clone();
        let head = mock!(Client::head_object).then_compute_response(move |_| {
            if fake.bucket.lock().unwrap().object {
                MockResponse::Output(HeadObjectOutput::builder().build())
            } else {
                MockResponse::Error(HeadObjectError::NotFound(NotFound::builder().build()))
            }
        });
        let fake = self.clone();
        let abort =
            mock!(Client::abort_multipart_upload).then_compute_response(move |_| {
                match fake.bucket.lock().unwrap().upload.take() {
                    Some(_) => MockResponse::Output(AbortMultipartUploadOutput::builder().build()),
                    None => MockResponse::Error(AbortMultipartUploadError::generic(no_upload())),
                }
            });
        let fake = self.clone();
        let versions = mock!(Client::list_object_versions).then_compute_output(move |request| {
            let bucket = fake.bucket.lock().unwrap();
            let prefix = request.prefix().unwrap_or_default();
            let found = bucket
                .others
                .iter()
                .filter(|key| key.starts_with(prefix))
                .map(|key| {
                    ObjectVersion::builder()
                        .key(key)
                        .version_id("v1")
                        .e_tag("\"abc\"")
                        .size(if key.ends_with('/') { 0 } else { 5 })
                        .is_latest(true)
                        .build()
                });
            ListObjectVersionsOutput::builder()
                .set_versions(Some(found.collect()))
                .is_truncated(false)
                .build()
        });
        let get = mock!(Client::get_object).then_compute_response({
            let fake = self.clone();
            move |request| fake.got(request)
        });
        let put = mock!(Client::put_object).then_compute_output({
            let fake = self.clone();
            move |request| fake.took(request)
        });
        mock_client!(
            aws_sdk_s3,
            RuleMode::MatchAny,
            [
                &create, &list, &send, &complete, &head, &abort, &versions, &get, &put
            ],
            |client| client.region(Region::new("eu-central-1"))
        )
    }

    fn took(&self, request: &PutObjectInput) -> PutObjectOutput {
        let (bucket, key) = (request.bucket().unwrap(), request.key().unwrap());
        let bytes = request.body().bytes().unwrap().to_vec();
        let place = (bucket.to_owned(), key.to_owned());
        self.files.lock().unwrap().insert(place, bytes);
        PutObjectOutput::builder().build()
    }

    /// Of an upload, only to learn its address, which is signed and not asked for.
    fn got(&self, request: &GetObjectInput) -> MockResponse<GetObjectOutput, GetObjectError> {
        let output = GetObjectOutput::builder();
        let (bucket, key) = (request.bucket().unwrap(), request.key().unwrap());
        let files = self.files.lock().unwrap();
        match files.get(&(bucket.to_owned(), key.to_owned())) {
            Some(bytes) => {
                let body = ByteStream::from(bytes.clone());
                MockResponse::Output(output.body(body).build())
            }
            None if bucket != CONVERTED_BUCKET => MockResponse::Output(output.build()),
            None => MockResponse::Error(GetObjectError::NoSuchKey(NoSuchKey::builder().build())),
        }
    }

    fn lambda(&self) -> aws_sdk_lambda::Client {
        let invoked = self.invoked.clone();
        let invoke = mock!(aws_sdk_lambda::Client::invoke).then_compute_output(move |request| {
            let payload = serde_json::from_slice(request.payload().unwrap().as_ref()).unwrap();
            let function = request.function_name().unwrap().to_owned();
            invoked.lock().unwrap().push((function, payload));
            InvokeOutput::builder().status_code(202).build()
        });
        mock_client!(aws_sdk_lambda, RuleMode::MatchAny, [&invoke])
    }
}

/// Knows `anna` with the password `right`, and `new`, also as `new@example.com`, who has to choose one.
fn cognito() -> aws_sdk_cognitoidentityprovider::Client {
    use aws_sdk_cognitoidentityprovider::Client;
    let sign_in = mock!(Client::initiate_auth).then_compute_response(|request| {
        let given = request.auth_parameters().unwrap();
        let get = |name: &str| given.get(name).map(String::as_str);
        match (get("USERNAME"), get("PASSWORD")) {
            (Some("anna"), Some("right")) => MockResponse::Output(
                InitiateAuthOutput::builder()
                    .authentication_result(tokens())
                    .build(),
            ),
            (Some("new" | "new@example.com"), Some("right")) => MockResponse::Output(
                InitiateAuthOutput::builder()
                    .challenge_name(ChallengeNameType::NewPasswordRequired)
                    .session("a session of more than twenty characters")
                    .challenge_parameters("USER_ID_FOR_SRP", "new")
                    .build(),
            ),
            _ => MockResponse::Error(InitiateAuthError::NotAuthorizedException(not_authorized())),
        }
    });
    let choose = mock!(Client::respond_to_auth_challenge).then_compute_response(|request| {
        let given = request.challenge_responses().unwrap();
        // An alias is no answer to a challenge.
        if given.get("USERNAME").map(String::as_str) == Some("new") {
            return MockResponse::Output(
                RespondToAuthChallengeOutput::builder()
                    .authentication_result(tokens())
                    .build(),
            );
        }
        MockResponse::Error(RespondToAuthChallengeError::NotAuthorizedException(
            not_authorized(),
        ))
    });
    mock_client!(
        aws_sdk_cognitoidentityprovider,
        RuleMode::MatchAny,
        [&sign_in, &choose]
    )
}

fn tokens() -> AuthenticationResultType {
    AuthenticationResultType::builder()
        .access_token("access")
        .refresh_token("refresh")
        .expires_in(3600)
        .build()
}

fn not_authorized() -> NotAuthorizedException {
    NotAuthorizedException::builder()
        .meta(
            ErrorMetadata::builder()
                .code("NotAuthorizedException")
                .build(),
        )
        .build()
}
