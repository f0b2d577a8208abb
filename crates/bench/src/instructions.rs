//! Instructions of the pure paths: unlike times, they are the same in every run, so they show a regression of a percent.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, ensure};
use bench::paths::{NAMES, Paths};

/// Runs of a path in the shorter and in the longer of two counts; what start and end of the process take cancels out.
const RUNS: [u64; 2] = [10, 60];

/// Instructions of one run of each path, counted by valgrind; none where valgrind isn't installed.
pub(crate) fn count() -> anyhow::Result<BTreeMap<String, u64>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(BTreeMap::new());
    }
    let counted = NAMES.iter().map(|name| {
        let [few, many] = RUNS;
        let instructions = (callgrind(name, many)? - callgrind(name, few)?) / (many - few);
        Ok(((*name).to_owned(), instructions))
    });
    counted.collect()
}

/// Takes a path some times; what [`count`] has valgrind watch.
pub(crate) fn take(name: &str, times: u64) -> anyhow::Result<()> {
    let paths = Paths::new()?;
    (0..times).try_for_each(|_| paths.take(name))
}

fn callgrind(name: &str, times: u64) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["path", name, &times.to_string()])
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {log}");
    let collected = log
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .context("valgrind's count")?;
    Ok(collected.1.trim().parse()?)
}
