//! A function that makes the two calls of `complete`, by the same SDK, and does nothing else: what `complete` can't fall below
//! as long as it reads before it writes.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::de::IgnoredAny;

/// The functions' own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::new(&common::aws::load().await?);
    run(service_fn(async |_: LambdaEvent<IgnoredAny>| {
        let id = || AttributeValue::S("nothing".to_owned());
        let found = client.get_item().table_name("vod-videos").key("id", id());
        found.consistent_read(true).send().await?;
        let written = client
            .update_item()
            .table_name("vod-videos")
            .key("id", id());
        written
            .update_expression("SET #status = :status")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", AttributeValue::S("READY".to_owned()))
            .send()
            .await?;
        Ok::<_, Error>(())
    }))
    .await
}
