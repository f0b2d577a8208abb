//! Scheduled Lambda: repairs what an event never told us. This file wires.

use aws_config::BehaviorVersion;
use common::clock::now;
use common::table::Table;
use common::telemetry;
use common::time::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use reconcile::config::Config;
use reconcile::round::{self, Clients};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = Config::from_env()?; // a bad setting stops the cold start, not a round
    let sdk_config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let clients = Clients {
        table: Table::new(aws_sdk_dynamodb::Client::new(&sdk_config), &config.table),
        mediaconvert: aws_sdk_mediaconvert::Client::new(&sdk_config),
        s3: aws_sdk_s3::Client::new(&sdk_config),
        lambda: aws_sdk_lambda::Client::new(&sdk_config),
    };
    run(service_fn(async |event: LambdaEvent<serde_json::Value>| {
        let deadline =
            Timestamp::from_unix_ms(event.context.deadline.try_into().unwrap_or(i64::MAX));
        let report = Box::pin(round::run(&clients, &config, deadline))
            .await
            .map_err(Diagnostic::from)?;
        report.emit(now());
        Ok::<(), Diagnostic>(())
    }))
    .await
}
