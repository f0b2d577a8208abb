//! Placeholder until the handler lands.
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let _client = aws_sdk_dynamodb::Client::new(&config);
    run(service_fn(async |event: LambdaEvent<Value>| {
        tracing::info!(payload = %event.payload, "placeholder");
        Ok::<(), Error>(())
    }))
    .await
}
