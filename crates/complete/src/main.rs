//! EventBridge-trigger Lambda: writes what a MediaConvert job did to the video record. This file wires.

use std::sync::LazyLock;

use common::editions::Editions;
use common::sdk_config;
use common::table::Table;
use common::telemetry;
use complete::config::Config;
use complete::event_handler;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = Config::from_env()?; // a bad setting stops the cold start, not an event
    let sdk_config = sdk_config::load().await?;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&sdk_config), &config.table);
    let s3 = LazyLock::new(|| aws_sdk_s3::Client::new(&sdk_config));
    run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let editions = Editions {
            s3: &s3,
            table: &table,
            source_bucket: &config.source_bucket,
            converted_bucket: &config.converted_bucket,
        };
        event_handler::handle(&editions, &event.payload)
            .await
            .map_err(Diagnostic::from)
    }))
    .await
}
