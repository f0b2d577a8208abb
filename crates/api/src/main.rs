//! HTTP API Lambda: uploads, library and playback, and the web app that it serves. This file wires.

use api::app::{App, Clients};
use api::config::Config;
use api::router::router;
use common::aws;
use common::telemetry;
use lambda_http::Error;

/// The workspace's `Cargo.toml` says why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = Config::from_env()?; // a bad setting stops the cold start, not a request
    let sdk_config = aws::load().await?;
    let clients =
        Clients::new(&sdk_config, &config).ok_or("AWS_REGION or credentials are missing")?;
    lambda_http::run(router(App::new(config, clients))).await
}
