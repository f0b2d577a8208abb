//! What one video costs from its upload to READY: calls, write units, size of its record.

use std::collections::BTreeMap;

use anyhow::Context as _;
use hyper::body::Bytes;
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::aws::dynamodb::{Item, Table, size};
use crate::function::{Function, drop_in, job_done, job_event, uploaded};
use crate::lambda::Sandbox;

/// One video's account.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    /// DynamoDB write units by event, indexes included.
    pub(crate) write_units: Vec<(String, usize)>,
    /// Sum of those.
    pub(crate) write_units_total: usize,
    /// Calls of AWS by service and operation.
    pub(crate) aws_calls: BTreeMap<String, usize>,
    /// Size of the record of the video that is READY, bytes as DynamoDB counts them.
    pub(crate) record_bytes: usize,
    /// That record.
    #[serde(skip)]
    pub(crate) record: Item,
}

/// How a video comes into the source bucket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// Through the API, which makes its record.
    Upload,
    /// By other means.
    DropIn,
}

/// Takes a video through the functions, with the events of a job of about a minute: MediaConvert tells what the input is,
/// that the job runs, how far it is, and that it is done.
pub(crate) async fn account(
    aws: &Aws,
    functions: &[Function],
    way: Way,
) -> anyhow::Result<Account> {
    let by_name = |name: &str| {
        let found = functions.iter().find(|function| function.name == name);
        found.with_context(|| format!("the function {name} isn't built"))
    };
    let indexes = aws.state.table.borrow().indexes.clone();
    *aws.state.table.borrow_mut() = Table {
        indexes,
        ..Table::default()
    };
    aws.state.calls.borrow_mut().clear();
    aws.state.jobs.borrow_mut().clear();

    let mut account = Account::default();
    let created = match way {
        Way::Upload => {
            let mut api = Sandbox::start(&by_name("api, a list of 100 videos")?.program).await?;
            let call = Bytes::from_static(include_bytes!("../../../events/api-create-video.json"));
            step(aws, &mut account, &mut api, "the upload's begin", call).await?;
            let id = aws.state.table.borrow().items.keys().next().cloned();
            uploaded(&format!("videos/{}/source.mp4", id.context("a record")?))?
        }
        Way::DropIn => drop_in(0)?,
    };
    let mut submit = Sandbox::start(&by_name("submit")?.program).await?;
    step(aws, &mut account, &mut submit, "the upload's end", created).await?;
    let job = aws.state.jobs.borrow().first().cloned().context("a job")?;
    let mut complete = Sandbox::start(&by_name("complete")?.program).await?;
    for (status, text) in [
        (
            "INPUT_INFORMATION",
            include_str!("../../../events/mediaconvert-job-input-information.json"),
        ),
        (
            "PROGRESSING",
            include_str!("../../../events/mediaconvert-job-progressing.json"),
        ),
        (
            "STATUS_UPDATE",
            include_str!("../../../events/mediaconvert-job-status-update.json"),
        ),
    ] {
        step(
            aws,
            &mut account,
            &mut complete,
            status,
            job_event(text, &job)?,
        )
        .await?;
    }
    step(
        aws,
        &mut account,
        &mut complete,
        "COMPLETE",
        job_done(&job)?,
    )
    .await?;

    let table = aws.state.table.borrow();
    let record = table.items.values().next().context("a record")?;
    anyhow::ensure!(
        record["status"]["S"] == "READY",
        "the video isn't READY: {record:?}"
    );
    account.record_bytes = size(record);
    account.record = record.clone();
    account.write_units_total = table.write_units;
    account.aws_calls = aws.state.calls.take();
    Ok(account)
}

async fn step(
    aws: &Aws,
    account: &mut Account,
    sandbox: &mut Sandbox,
    name: &str,
    event: Bytes,
) -> anyhow::Result<()> {
    sandbox.ready().await?;
    let before = aws.state.table.borrow().write_units;
    sandbox
        .invoke(event)
        .await
        .with_context(|| format!("handle {name}"))?;
    let units = aws.state.table.borrow().write_units - before;
    account.write_units.push((name.to_owned(), units));
    Ok(())
}
