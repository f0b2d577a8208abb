//! What a run found, as JSON and as one table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::measure::Measured;
use crate::targets::targets;
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
    /// Instructions of the pure paths.
    pub(crate) instructions: BTreeMap<String, u64>,
    /// Figures of other tools, by name: [`Figure`]s.
    pub(crate) figures: Vec<Figure>,
}

/// One figure of another tool.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// How much.
    pub(crate) value: f64,
    /// Of what.
    pub(crate) unit: String,
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
                "| {} | {:.0} | {:.1} | {:.1} | {:.1} ({:.1}) | {:.1} | {:.2} ({:.2}) | {:.2} | {:.2} | {:.1} | {:.0} |",
                function.name,
                function.aws_calls,
                function.init_ms,
                function.first_ms,
                function.cold_ms,
                function.cold_best_ms,
                function.cold_cpu_ms,
                function.warm_p50_ms,
                function.warm_best_ms,
                function.warm_p99_ms,
                function.warm_cpu_ms,
                function.peak_mib,
                function.package_kib,
            );
        }
        text.push_str("\n| target | | measured |\n| --- | --: | --: |\n");
        for target in targets(self) {
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
        for (name, instructions) in &self.instructions {
            let _ = writeln!(text, "| {name}, instructions | {instructions} |");
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

    /// Every figure of the run by name.
    pub(crate) fn flat(&self) -> BTreeMap<String, f64> {
        let mut figures = BTreeMap::new();
        for function in &self.functions {
            let Ok(Value::Object(fields)) = serde_json::to_value(function) else {
                continue;
            };
            let numbers = fields
                .iter()
                .filter_map(|(name, value)| Some((name, value.as_f64()?)));
            figures
                .extend(numbers.map(|(name, value)| (format!("{} {name}", function.name), value)));
        }
        for (name, video) in [("one video", &self.video), ("a drop-in", &self.drop_in)] {
            for (figure, value) in [
                ("writeUnits", video.write_units_total),
                ("awsCalls", video.aws_calls.values().sum()),
                ("recordBytes", video.record_bytes),
            ] {
                figures.insert(format!("{name} {figure}"), crate::measure::count(value));
            }
        }
        for (name, instructions) in &self.instructions {
            #[expect(
                clippy::cast_precision_loss,
                reason = "no path takes 2^52 instructions"
            )]
            figures.insert(format!("{name} instructions"), *instructions as f64);
        }
        let others = self.figures.iter();
        figures.extend(
            others.map(|figure| (format!("{} {}", figure.name, figure.unit), figure.value)),
        );
        figures
    }
}

/// Each figure that both commits have, the least of all runs of a commit, and how the second compares with the first.
pub(crate) fn compare(base: &[Report], head: &[Report]) -> String {
    let name = |runs: &[Report]| runs.first().map_or("", |run| &run.commit).to_owned();
    let (before, after) = (best(base), best(head));
    let mut text = format!(
        "| figure | {} | {} | ratio |\n| --- | --: | --: | --: |\n",
        name(base),
        name(head)
    );
    for (name, after) in after {
        if let Some(before) = before.get(&name) {
            let ratio = after / before;
            let _ = writeln!(text, "| {name} | {before:.2} | {after:.2} | {ratio:.3} |");
        }
    }
    text
}

fn best(runs: &[Report]) -> BTreeMap<String, f64> {
    let mut best = BTreeMap::new();
    for (name, value) in runs.iter().flat_map(Report::flat) {
        let least = best.entry(name).or_insert(value);
        *least = value.min(*least);
    }
    best
}

/// The lines of a Markdown file between which the table is.
const MARKS: [&str; 2] = [
    "<!-- make bench-readme -->\n",
    "<!-- /make bench-readme -->\n",
];

/// The text with `table` between its [`MARKS`]; `None` where it hasn't got them.
pub(crate) fn inserted(text: &str, table: &str) -> Option<String> {
    let [begin, end] = MARKS;
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}

const HEAD: &str = "\
| function | AWS calls | init, ms | first, ms | cold, ms (best) | cold CPU, ms | warm p50, ms (best) | p99, ms | warm CPU, ms | peak RSS, MiB | zip, KiB |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
";

#[cfg(test)]
mod tests {
    use super::{Figure, MARKS, Report, compare, inserted};

    #[test]
    fn a_table_replaces_the_one_between_the_marks() {
        let [begin, end] = MARKS;
        let text = format!("a\n{begin}old\n{end}z\n");
        let new = inserted(&text, "new\n").unwrap();
        assert_eq!(new, format!("a\n{begin}new\n{end}z\n"));
        assert_eq!(inserted("a\nz\n", "new"), None);
    }

    #[test]
    fn a_comparison_takes_the_best_runs_and_leaves_out_what_only_one_commit_has() {
        let report = |figures: &[(&str, f64)]| Report {
            figures: figures
                .iter()
                .map(|(name, value)| Figure {
                    name: (*name).to_owned(),
                    value: *value,
                    unit: "s".to_owned(),
                })
                .collect(),
            ..Report::default()
        };
        let base = [report(&[("wall", 5.0)]), report(&[("wall", 2.0)])];
        let head = [report(&[("wall", 3.0), ("new", 1.0)])];
        let text = compare(&base, &head);
        assert!(text.contains("| wall s | 2.00 | 3.00 | 1.500 |"), "{text}");
        assert!(!text.contains("new"), "{text}");
    }
}
