//! Measures the functions as they are deployed. `make bench` runs it; the README says what the figures mean.
#![expect(clippy::print_stdout, reason = "the table is its output")]

mod aws;
mod function;
mod http;
mod lambda;
mod library;
mod measure;
mod process;
mod report;
mod targets;
mod template;
mod tls;
mod video;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tokio::task::LocalSet;

use aws::Aws;
use measure::{Effort, measure};
use report::{Machine, Report, commit};
use targets::Figure;
use video::Way;

#[derive(Debug, Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure, and print one table.
    Run {
        /// Directory with a directory of each function, which holds its bootstrap.
        #[arg(long, default_value = "target/lambda")]
        functions: PathBuf,
        /// Directory of the programs to compare with.
        #[arg(long, default_value = "crates/bench/peers")]
        peers: PathBuf,
        /// Processes of each function.
        #[arg(long, default_value_t = 20)]
        processes: usize,
        /// Invocations of each process after the first.
        #[arg(long, default_value_t = 20)]
        warm: usize,
        /// File with figures of other tools, to put into the same table: a list of name, value and unit.
        #[arg(long)]
        figures: Vec<PathBuf>,
        /// File to write the run to.
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Put the table of a run into a Markdown file, between the lines that say where.
    Insert {
        /// The run.
        run: PathBuf,
        /// The file.
        file: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Run {
            functions,
            peers,
            processes,
            warm,
            figures,
            json,
        } => {
            let mut machine = Machine::here();
            let effort = Effort { processes, warm };
            let mut report = on_this_thread(run(&functions, &peers, effort))?;
            for path in figures {
                report.figures.extend(read::<Vec<Figure>>(&path)?);
            }
            machine.end();
            report.machine = machine;
            print!("{}", report.table());
            if let Some(path) = json {
                fs::write(&path, serde_json::to_vec_pretty(&report)?)
                    .with_context(|| format!("write {}", path.display()))?;
            }
            Ok(())
        }
        Command::Insert { run, file } => {
            let text = fs::read_to_string(&file)?;
            let text = report::inserted(&text, &read::<Report>(&run)?.table())
                .with_context(|| format!("{} has no place for a table", file.display()))?;
            fs::write(&file, text).with_context(|| format!("write {}", file.display()))
        }
    }
}

/// One thread serves all, so that the other processors are the measured process's own.
fn on_this_thread<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, future)
}

async fn run(functions: &Path, peers: &Path, effort: Effort) -> anyhow::Result<Report> {
    let directory = tempfile::tempdir()?;
    let aws = Aws::start(directory.path(), template::indexes()?).await?;
    let functions = function::ours(functions, &aws);
    let peers = function::peers(peers, &aws);
    let video = video::account(&aws, &functions, Way::Upload).await?;
    let drop_in = video::account(&aws, &functions, Way::DropIn).await?;
    Ok(Report {
        commit: commit(),
        measured_at: jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%MZ")
            .to_string(),
        functions: measure(&aws, &[functions, peers].concat(), &video.record, effort).await?,
        video,
        drop_in,
        ..Report::default()
    })
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = fs::read(path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("understand {}", path.display()))
}
