//! Scheduled Lambda: repairs what an event never told us. This file wires.

use common::call_limits;
use common::sdk_config;
use common::table::Table;
use common::telemetry;
use common::time::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use reconcile::clients::Clients;
use reconcile::config::Config;
use reconcile::event_handler;
use reconcile::reconciler::Reconciler;
use reconcile::request::Request;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = Config::from_env()?; // a bad setting stops the cold start, not a round
    let sdk_config = sdk_config::load().await?;
    let mediaconvert_config = aws_sdk_mediaconvert::config::Builder::from(&sdk_config)
        .retry_config(call_limits::mediaconvert_retries())
        .timeout_config(call_limits::mediaconvert_timeouts())
        .build();
    let clients = Clients {
        table: Table::new(aws_sdk_dynamodb::Client::new(&sdk_config), &config.table),
        mediaconvert: aws_sdk_mediaconvert::Client::from_conf(mediaconvert_config),
        s3: aws_sdk_s3::Client::new(&sdk_config),
        lambda: aws_sdk_lambda::Client::new(&sdk_config),
    };
    let reconciler = Reconciler {
        clients: &clients,
        config: &config,
    };
    run(service_fn(async |event: LambdaEvent<Request>| {
        let deadline =
            Timestamp::from_unix_ms(event.context.deadline.try_into().unwrap_or(i64::MAX));
        Box::pin(event_handler::handle(reconciler, event.payload, deadline))
            .await
            .map_err(Diagnostic::from)
    }))
    .await
}
