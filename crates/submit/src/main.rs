//! S3-trigger Lambda: submits a MediaConvert job for each uploaded video. This file wires.

use aws_sdk_s3::config::ResponseChecksumValidation;
use common::call_limits;
use common::sdk_config;
use common::table::Table;
use common::telemetry;
use common::time::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;
use submit::clients::Clients;
use submit::config::Config;
use submit::event_handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = Config::from_env()?; // a bad setting stops the cold start, not an event
    let sdk_config = sdk_config::load().await?;
    let mediaconvert_config = aws_sdk_mediaconvert::config::Builder::from(&sdk_config)
        .retry_config(call_limits::mediaconvert_retries())
        .timeout_config(call_limits::mediaconvert_timeouts())
        .build();
    let dynamodb = aws_sdk_dynamodb::Client::new(&sdk_config);
    // A range has no checksum of its own; the SDK would warn of each object that was uploaded in parts.
    let s3_config = aws_sdk_s3::config::Builder::from(&sdk_config)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .build();
    let clients = Clients {
        table: Table::new(dynamodb, &config.table),
        mediaconvert: aws_sdk_mediaconvert::Client::from_conf(mediaconvert_config),
        s3: aws_sdk_s3::Client::from_conf(s3_config),
    };
    run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let deadline =
            Timestamp::from_unix_ms(event.context.deadline.try_into().unwrap_or(i64::MAX));
        event_handler::handle(&clients, &config, &event.payload, deadline)
            .await
            .map_err(Diagnostic::from)
    }))
    .await
}
