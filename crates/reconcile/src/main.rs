//! Scheduled Lambda: repairs what an event never told us. This file wires.

use common::aws;
use common::sdk;
use common::table::Table;
use common::telemetry;
use common::time::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use reconcile::config::Config;
use reconcile::event_handler;
use reconcile::request::Request;
use reconcile::round::Clients;

/// The workspace's `Cargo.toml` says why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = Config::from_env()?; // a bad setting stops the cold start, not a round
    let sdk_config = aws::load().await?;
    let mediaconvert_config = aws_sdk_mediaconvert::config::Builder::from(&sdk_config)
        .retry_config(sdk::mediaconvert_retries())
        .timeout_config(sdk::mediaconvert_timeouts())
        .build();
    let clients = Clients {
        table: Table::new(aws_sdk_dynamodb::Client::new(&sdk_config), &config.table),
        mediaconvert: aws_sdk_mediaconvert::Client::from_conf(mediaconvert_config),
        s3: aws_sdk_s3::Client::new(&sdk_config),
        lambda: aws_sdk_lambda::Client::new(&sdk_config),
    };
    run(service_fn(async |event: LambdaEvent<Request>| {
        let deadline =
            Timestamp::from_unix_ms(event.context.deadline.try_into().unwrap_or(i64::MAX));
        Box::pin(event_handler::handle(
            &clients,
            &config,
            event.payload,
            deadline,
        ))
        .await
        .map_err(Diagnostic::from)
    }))
    .await
}
