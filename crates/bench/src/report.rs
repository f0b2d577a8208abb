//! What a run found, as JSON and as one table.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::measure::Measured;
use crate::targets::{Figure, targets};
use crate::video::Account;

/// A run.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// What was measured: the commit, with `-dirty` where the tree has changes.
    pub(crate) commit: String,
    /// When.
    pub(crate) measured_at: String,
    /// Where.
    pub(crate) machine: Machine,
    /// The functions and what they are compared with.
    pub(crate) functions: Vec<Measured>,
    /// What one video costs that is uploaded through the API.
    pub(crate) video: Account,
    /// What one costs that is put into the bucket by other means.
    #[serde(default)]
    pub(crate) drop_in: Account,
    /// Figures of other tools, by name: [`Figure`]s.
    pub(crate) figures: Vec<Figure>,
}

/// The machine of a run.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// Number of processors.
    pub(crate) processors: usize,
    /// Load of the last minute before the run: above a few tenths, other work was in the way.
    pub(crate) load_before: f64,
    /// Load of the last minute of the run.
    pub(crate) load_after: f64,
}

impl Machine {
    /// This machine, now.
    pub(crate) fn here() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
        let model = model.and_then(|line| Some(line.split_once(':')?.1.trim()));
        Self {
            processor: model.unwrap_or("unknown").to_owned(),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            load_before: load(),
            load_after: f64::NAN,
        }
    }

    /// Notes the load at the end of the run.
    pub(crate) fn end(&mut self) {
        self.load_after = load();
    }
}

fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split(' ').next().and_then(|load| load.parse().ok());
    first.unwrap_or(f64::NAN)
}

/// The commit that the tree is at.
pub(crate) fn commit() -> String {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok()
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

impl Report {
    /// The run as Markdown.
    pub(crate) fn table(&self) -> String {
        let machine = &self.machine;
        let mut text = format!(
            "{} at {}, on {} × {}; load {:.1} before, {:.1} after\n\n",
            self.commit,
            self.measured_at,
            machine.processors,
            machine.processor,
            machine.load_before,
            machine.load_after
        );
        text.push_str(HEAD);
        for function in &self.functions {
            // Writing to a String can't fail.
            let _ = writeln!(
                text,
                "| {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.0} |",
                function.name,
                function.aws_calls,
                function.init_ms,
                function.cold_ms,
                function.peak_mib,
                function.package_kib,
            );
        }
        text.push_str("\n| target | | measured |\n| --- | --: | --: |\n");
        for target in targets(&self.functions, &self.figures) {
            let _ = writeln!(text, "{target}");
        }
        text.push_str("\n| else | |\n| --- | --: |\n");
        for (name, video) in [("one video", &self.video), ("a drop-in", &self.drop_in)] {
            for (event, units) in &video.write_units {
                let _ = writeln!(text, "| {name}: write units of {event} | {units} |");
            }
            let total = video.write_units_total;
            let _ = writeln!(text, "| {name}: write units in all | {total} |");
            let calls: usize = video.aws_calls.values().sum();
            let _ = writeln!(text, "| {name}: calls of AWS | {calls} |");
            let record = video.record_bytes;
            let _ = writeln!(text, "| {name}: its record, bytes | {record} |");
        }
        for figure in &self.figures {
            let _ = writeln!(
                text,
                "| {}, {} | {:.2} |",
                figure.name, figure.unit, figure.value
            );
        }
        text
    }
}

/// The lines of a Markdown file between which the table is.
const MARKS: [&str; 2] = ["<!-- make bench-docs -->\n", "<!-- /make bench-docs -->\n"];

/// The text with `table` between its [`MARKS`]; `None` where it hasn't got them.
pub(crate) fn inserted(text: &str, table: &str) -> Option<String> {
    let [begin, end] = MARKS;
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}

const HEAD: &str = "\
| function | AWS calls | init, ms | cold, ms | peak RSS, MiB | zip, KiB |
| --- | --: | --: | --: | --: | --: |
";

#[cfg(test)]
mod tests {
    use super::{MARKS, inserted};

    #[test]
    fn a_table_replaces_the_one_between_the_marks() {
        let [begin, end] = MARKS;
        let text = format!("a\n{begin}old\n{end}z\n");
        let new = inserted(&text, "new\n").unwrap();
        assert_eq!(new, format!("a\n{begin}new\n{end}z\n"));
        assert_eq!(inserted("a\nz\n", "new"), None);
    }
}
