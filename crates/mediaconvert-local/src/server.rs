//! All parts, put together.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use axum::Router;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::clock::Moment;
use crate::config::Config;
use crate::delivery::Delivery;
use crate::events::Sender;
use crate::faults::Switches;
use crate::metrics::Metrics;
use crate::protocol::{App, Queries, Throttle, router};
use crate::storage::{SOURCE_PREFIX, Storage};
use crate::store::{StateError, Store};
use crate::worker::{JOB_PREFIX, Options, Workers};

/// How long the last events may take when the server stops.
const PATIENCE: Duration = Duration::from_secs(3);

/// The file in the work folder that outlives the server.
const STATE: &str = "state.sqlite3";

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The work folder can't be made, read or cleaned.
    #[error("use the work folder")]
    Folder(#[from] io::Error),
    /// The state can't be used.
    #[error("open the state")]
    State(#[from] StateError),
}

/// A server without a socket.
pub struct Server {
    /// Answers requests.
    pub router: Router,
    /// Ends requests that would stay without an answer, so that the server can stop.
    pub stopping: CancellationToken,
    workers: Workers,
}

/// The settings of the SDK: those of the environment, and the server's own.
pub async fn sdk_config(config: &Config) -> SdkConfig {
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).region(Region::new(config.region.clone()));
    if let Some(endpoint) = &config.aws_endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    loader.load().await
}

/// Removes what a server that was killed left behind.
fn clean(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with(SOURCE_PREFIX) && path.is_file() {
            std::fs::remove_file(path)?;
        } else if name.starts_with(JOB_PREFIX) && path.is_dir() {
            std::fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

impl Server {
    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// When the work folder can't be made, or the state in it can't be used.
    pub fn start(config: &Config, sdk: &SdkConfig) -> Result<Self, StartError> {
        std::fs::create_dir_all(&config.work_dir)?;
        // ffmpeg runs in another folder.
        let folder = std::fs::canonicalize(&config.work_dir)?;
        let (store, unfinished) = Store::open(&folder.join(STATE))?;
        let store = Arc::new(store);
        clean(&folder)?;
        let metrics = Metrics::default();
        let storage = Storage::new(config, sdk, folder.clone(), metrics.clone());
        let sender = Sender {
            account: config.account.clone(),
            region: config.region.clone(),
        };
        let faults = Switches::default();
        let stopping = CancellationToken::new();
        let delivery = Delivery::new(config, sdk, faults.clone(), store.clone(), metrics.clone());
        let options = Options {
            folder,
            jobs: config.jobs,
            threads: config.threads.map(usize::from),
            audio_only_status_updates: config.audio_only_status_updates,
            patience: Duration::from_secs(config.stall_seconds),
            hop_minute: Duration::from_secs_f64(config.hop_minute_seconds),
            faults: faults.clone(),
            metrics: metrics.clone(),
        };
        let workers = Workers::start(
            store.clone(),
            unfinished,
            storage.clone(),
            delivery,
            sender.clone(),
            options,
        );
        let app = App {
            store,
            workers: workers.clone(),
            storage,
            sender,
            probes: Arc::new(Semaphore::new(2)),
            concurrent_jobs: config.jobs.max(1),
            started: Moment::now(),
            queries: Queries::default(),
            throttle: Throttle::new(config.requests_per_second),
            metrics,
            faults,
            stopping: stopping.clone(),
        };
        Ok(Self {
            router: router(app),
            stopping,
            workers,
        })
    }

    /// Stops the workers: ffmpeg is killed, events that are due are delivered.
    pub async fn stop(&self) {
        self.workers.stop(PATIENCE).await;
    }
}
