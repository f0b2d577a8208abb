//! HTTP API Lambda: uploads, library and playback, and the web app that it serves. This file wires.

use api::app::{App, Clients};
use api::config::Config;
use api::router::router;
use common::sdk_config;
use common::telemetry;
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = Config::from_env()?; // a bad setting stops the cold start, not a request
    let sdk_config = sdk_config::load().await?;
    let clients = Clients::new(&sdk_config, &config);
    lambda_http::run(router(App::new(config, clients))).await
}
