//! Measures functions: fresh processes, one after the other, each function in turn.

use std::time::Duration;

use anyhow::Context as _;
use hyper::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::Aws;
use crate::aws::dynamodb::{Item, Table};
use crate::function::{Function, Trigger, drop_in, job_done, package_kib, upload};
use crate::lambda::Sandbox;
use crate::library;

/// What one function takes. Medians over the processes, except where said.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measured {
    /// Name of the function.
    pub(crate) name: String,
    /// Calls of AWS in one invocation.
    pub(crate) aws_calls: f64,
    /// From the start of the process to its first request for an event, milliseconds.
    pub(crate) init_ms: f64,
    /// From the start of the process to its first answer, milliseconds.
    pub(crate) cold_ms: f64,
    /// Most resident memory, MiB.
    pub(crate) peak_mib: f64,
    /// Size of what is deployed, deflated, KiB.
    pub(crate) package_kib: f64,
}

/// How often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Processes of each function.
    pub(crate) processes: usize,
    /// Invocations of each process after the first.
    pub(crate) warm: usize,
}

#[derive(Debug, Default)]
struct Samples {
    init: Vec<f64>,
    cold: Vec<f64>,
    peak: Vec<f64>,
    calls: Vec<f64>,
}

/// Measures each function.
///
/// In turns, so that whatever else the machine does in a certain minute falls on all of them; and after a first turn that
/// doesn't count, which brings the programs into the page cache.
pub(crate) async fn measure(
    aws: &Aws,
    functions: &[Function],
    record: &Item,
    effort: Effort,
) -> anyhow::Result<Vec<Measured>> {
    let tables = submit(aws, functions, record, effort.warm + 1).await?;
    let mut samples: Vec<_> = functions.iter().map(|_| Samples::default()).collect();
    for turn in 0..=effort.processes {
        for (function, samples) in functions.iter().zip(&mut samples) {
            let mut one = Samples::default();
            let taken = run(aws, function, &tables, effort.warm, &mut one);
            taken
                .await
                .with_context(|| format!("measure {}", function.name))?;
            if turn > 0 || effort.processes == 1 {
                samples.add(one);
            }
        }
    }
    let measured = functions.iter().zip(samples).map(|(function, samples)| {
        Ok(Measured {
            name: function.name.clone(),
            aws_calls: median(&samples.calls),
            init_ms: median(&samples.init),
            cold_ms: median(&samples.cold),
            peak_mib: median(&samples.peak),
            package_kib: package_kib(&function.package)?,
        })
    });
    measured.collect()
}

/// What the functions meet.
struct Tables {
    empty: Table,
    /// With records whose uploads are complete.
    uploads: Table,
    library: Table,
    /// As uploads leave it that were submitted.
    submitted: Table,
    /// The user metadata of their jobs.
    jobs: Vec<Value>,
}

async fn submit(
    aws: &Aws,
    functions: &[Function],
    record: &Item,
    count: usize,
) -> anyhow::Result<Tables> {
    let submit = functions.iter().find(|function| function.name == "submit");
    let submit =
        submit.context("the function submit is needed: its records are what the others work on")?;
    let empty = Table {
        indexes: aws.state.table.borrow().indexes.clone(),
        ..Table::default()
    };
    let uploads = library::uploads(empty.clone(), count)?;
    aws.state.table.replace(uploads.clone());
    aws.state.jobs.take();
    let mut sandbox = Sandbox::start(&submit.program).await?;
    for number in 0..count {
        sandbox.ready().await?;
        sandbox
            .invoke(upload(number)?)
            .await
            .context("submit an upload")?;
    }
    Ok(Tables {
        library: library::table(empty.clone(), record)?,
        submitted: aws.state.table.replace(empty.clone()),
        uploads,
        empty,
        jobs: aws.state.jobs.take(),
    })
}

async fn run(
    aws: &Aws,
    function: &Function,
    tables: &Tables,
    warm: usize,
    samples: &mut Samples,
) -> anyhow::Result<()> {
    *aws.state.table.borrow_mut() = match function.trigger {
        Trigger::JobDone => tables.submitted.clone(),
        Trigger::Library => tables.library.clone(),
        Trigger::Upload => tables.uploads.clone(),
        Trigger::DropIn | Trigger::Schedule => tables.empty.clone(),
    };
    aws.state.calls.borrow_mut().clear();
    let event = |number: usize| -> anyhow::Result<Bytes> {
        match function.trigger {
            Trigger::Upload => upload(number),
            Trigger::DropIn => drop_in(number),
            Trigger::JobDone => job_done(tables.jobs.get(number).context("a job")?),
            Trigger::Schedule => Ok(Bytes::from_static(b"{}")),
            Trigger::Library => library::list(),
        }
    };

    let mut sandbox = Sandbox::start(&function.program).await?;
    samples.init.push(milliseconds(sandbox.ready().await?));
    let (answer, _) = sandbox.invoke(event(0)?).await?;
    samples.cold.push(milliseconds(sandbox.age()));
    // Where another fails, the invocation does.
    if function.trigger == Trigger::Library {
        library::check(&answer)?;
    }
    for number in 1..=warm {
        sandbox.ready().await?;
        sandbox.invoke(event(number)?).await?;
    }
    sandbox.ready().await?;
    samples.peak.push(sandbox.peak_mib()?);
    let calls = aws.state.calls.borrow().values().sum();
    samples.calls.push(count(calls) / count(warm + 1));
    Ok(())
}

impl Samples {
    fn add(&mut self, other: Self) {
        self.init.extend(other.init);
        self.cold.extend(other.cold);
        self.peak.extend(other.peak);
        self.calls.extend(other.calls);
    }
}

/// Milliseconds of a duration.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A count to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a run are far below 2^52"
)]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}

/// The value in the middle; NaN of none.
fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len().saturating_sub(1) / 2;
    sorted.get(middle).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_one_of_the_samples() {
        assert_eq!(median(&[5.0, 1.0, 4.0, 2.0, 3.0]).to_string(), "3");
        assert_eq!(median(&[2.0, 1.0]).to_string(), "1");
        assert!(median(&[]).is_nan());
    }
}
