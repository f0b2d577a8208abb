//! A function that makes as many calls of DynamoDB as its argument says, by the same SDK as ours, and does nothing else: what
//! a function of so many calls can't fall below. They come in turn, a read and a write, as those that rest on one another do.

use anyhow::Context as _;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::de::IgnoredAny;

/// The functions' own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = std::env::args().nth(1).context("a number of calls")?;
    let calls: usize = calls.parse()?;
    let client = Client::new(&common::aws::load().await?);
    run(service_fn(async |_: LambdaEvent<IgnoredAny>| {
        for number in 0..calls {
            if number.is_multiple_of(2) {
                read(&client).await?;
            } else {
                write(&client).await?;
            }
        }
        Ok::<_, Error>(())
    }))
    .await
}

async fn read(client: &Client) -> Result<(), Error> {
    let item = client.get_item().table_name("vod-videos").key("id", id());
    item.consistent_read(true).send().await?;
    Ok(())
}

async fn write(client: &Client) -> Result<(), Error> {
    let item = client
        .update_item()
        .table_name("vod-videos")
        .key("id", id());
    item.update_expression("SET #status = :status")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":status", AttributeValue::S("READY".to_owned()))
        .send()
        .await?;
    Ok(())
}

fn id() -> AttributeValue {
    AttributeValue::S("nothing".to_owned())
}
