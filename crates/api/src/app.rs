//! What the handlers share: settings, and clients that are made when they are first needed.

use std::sync::{Arc, LazyLock};

use aws_config::SdkConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use common::clock::now;
use common::error::chain;
use common::s3_event::object_created;
use common::source::Source;
use common::table::Table;
use common::video::{Status, Video};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tracing::warn;

use crate::config::Config;
use crate::identity::User;
use crate::presign;
use crate::problem::Problem;

/// A value that is made when it is first used, so that a cold start doesn't pay for what the request doesn't need.
pub type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// The clients.
pub struct Clients {
    /// The video records.
    pub table: Table,
    /// S3.
    pub s3: Lazy<aws_sdk_s3::Client>,
    /// Lambda.
    pub lambda: Lazy<aws_sdk_lambda::Client>,
    /// Cognito.
    pub cognito: Lazy<aws_sdk_cognitoidentityprovider::Client>,
}

impl Clients {
    /// Clients with the SDK's settings.
    pub fn new(sdk: &SdkConfig, config: &Config) -> Self {
        let (s3, lambda, cognito) = (sdk.clone(), sdk.clone(), sdk.clone());
        Self {
            table: Table::new(aws_sdk_dynamodb::Client::new(sdk), &config.table),
            s3: LazyLock::new(Box::new(move || aws_sdk_s3::Client::new(&s3))),
            lambda: LazyLock::new(Box::new(move || aws_sdk_lambda::Client::new(&lambda))),
            cognito: LazyLock::new(Box::new(move || {
                aws_sdk_cognitoidentityprovider::Client::new(&cognito)
            })),
        }
    }
}

/// What the handlers share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The content of an [`App`].
pub struct Shared {
    /// Settings.
    pub config: Config,
    /// Clients.
    pub clients: Clients,
    bucket_url: OnceCell<String>,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// With these settings and clients.
    pub fn new(config: Config, clients: Clients) -> Self {
        Self(Arc::new(Shared {
            config,
            clients,
            bucket_url: OnceCell::new(),
        }))
    }

    /// The video, if `user` may know of it.
    ///
    /// # Errors
    ///
    /// 404 for a video that is missing, deleted or somebody else's.
    pub(crate) async fn video_of(&self, user: &User, id: &str) -> Result<Video, Problem> {
        self.live_video(id)
            .await?
            .filter(|video| user.may_see(&video.owner))
            .ok_or_else(Problem::no_video)
    }

    /// The video, unless it is missing or being deleted.
    ///
    /// # Errors
    ///
    /// 500, where the table can't be read.
    pub(crate) async fn live_video(&self, id: &str) -> Result<Option<Video>, Problem> {
        let video = self.clients.table.video(id).await?;
        Ok(video.filter(|video| video.status != Status::Deleting))
    }

    /// Address of the source bucket, as the SDK chooses it, without a slash at its end.
    ///
    /// # Errors
    ///
    /// 500, where the SDK can't tell.
    pub(crate) async fn bucket_url(&self) -> Result<&str, Problem> {
        let found = self
            .bucket_url
            .get_or_try_init(|| presign::bucket_url(&self.clients.s3, &self.config.source_bucket));
        found.await.map(String::as_str)
    }

    /// Starts the submit function for objects whose S3 event is long past.
    ///
    /// # Errors
    ///
    /// 500, where Lambda refuses it.
    pub(crate) async fn submit(&self, sources: &[Source]) -> Result<(), Problem> {
        let records: Vec<_> = sources
            .iter()
            .filter_map(|source| object_created(source, now())["Records"].get(0).cloned())
            .collect();
        self.start(&self.config.submit_function, &json!({ "Records": records }))
            .await
    }

    /// Lets the reconcile function look at a deleted video now. Its scheduled round does so anyway, so a failure here
    /// only makes it later.
    pub(crate) async fn remove_soon(&self, video_id: &str) {
        let event = json!({ "video": video_id });
        let started = self.start(&self.config.reconcile_function, &event).await;
        if started.is_err() {
            warn!(video_id, "video {video_id} is removed in the next round");
        }
    }

    async fn start(&self, function: &str, event: &Value) -> Result<(), Problem> {
        self.clients
            .lambda
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event.to_string()))
            .send()
            .await
            .map_err(|error| {
                warn!("start {function}: {}", chain(&error));
                Problem::internal("start a function", &error)
            })?;
        Ok(())
    }
}
