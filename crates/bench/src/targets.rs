//! What a run is to reach. A peer of the same run is the measure where there is one: ratios hold on any machine.
//!
//! A ratio is of the medians over all processes. They take turns, so that a busy minute falls on both programs; the quickest
//! of twenty is whichever met a quiet moment. A time without a peer is that of the quickest process: whatever else the machine
//! does only ever adds to it.

use std::fmt;

use crate::measure::{Measured, count};
use crate::report::Report;

/// What was to be reached, and what was.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    name: String,
    bound: Bound,
    measured: f64,
    unit: &'static str,
}

/// On which side of its value a target is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}
use Bound::{AtLeast, AtMost};

impl Target {
    fn is_met(&self) -> bool {
        match self.bound {
            AtLeast(bound) => self.measured >= bound,
            AtMost(bound) => self.measured <= bound,
        }
    }
}

impl fmt::Display for Target {
    /// A row of a Markdown table.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, bound) = match self.bound {
            AtLeast(bound) => ("≥", bound),
            AtMost(bound) => ("≤", bound),
        };
        let Self { name, unit, .. } = self;
        let measured = format!("{:.2} {unit}", self.measured);
        let missed = if self.is_met() { "" } else { ", **missed**" };
        write!(
            formatter,
            "| {name} | {sign} {bound} {unit} | {}{missed} |",
            measured.trim()
        )
    }
}

/// What is measured, the peer beside which it is, and how many times the peer takes at least: cold, and warm.
const BESIDE: [(&str, &str, Option<f64>, f64); 3] = [
    ("submit", "Node.js convert", Some(14.0), 3.0),
    ("complete", "Node.js complete", Some(20.0), 6.0),
    (
        "complete, a job's begin and end",
        "Node.js complete",
        None,
        6.0,
    ),
];
const PEAK_MIB: f64 = 14.0;
const PACKAGE_KIB: f64 = 4096.0;

/// Most that a function takes, whatever it is given.
fn peak_mib(report: &Report, name: &str) -> f64 {
    let given = report.functions.iter();
    let given = given.filter(|each| each.name.split(',').next() == Some(name));
    given.map(|each| each.peak_mib).fold(f64::NAN, f64::max)
}

/// The targets of what was measured.
pub(crate) fn targets(report: &Report) -> Vec<Target> {
    let function = |name: &str| report.functions.iter().find(|found| found.name == name);
    let figure = |name: &str| report.figures.iter().find(|found| found.name == name);
    let mut targets = Vec::new();
    let mut add = |name: String, bound, measured, unit| {
        targets.push(Target {
            name,
            bound,
            measured,
            unit,
        });
    };
    for (name, peer, cold, warm) in BESIDE {
        let (Some(ours), Some(theirs)) = (function(name), function(peer)) else {
            continue;
        };
        let times = |of: fn(&Measured) -> f64| of(theirs) / of(ours);
        if let Some(cold) = cold {
            let measured = times(|each| each.cold_ms);
            add(
                format!("{peer} : {name}, cold"),
                AtLeast(cold),
                measured,
                "",
            );
        }
        let measured = times(|each| each.warm_p50_ms);
        let name = format!("{peer} : {name}, warm p50");
        add(name, AtLeast(warm), measured, "");
    }
    for name in ["submit", "complete"] {
        let Some(ours) = function(name) else { continue };
        let (peak, zip) = (peak_mib(report, name), ours.package_kib);
        add(format!("{name}, peak RSS"), AtMost(PEAK_MIB), peak, "MiB");
        add(format!("{name}, zip"), AtMost(PACKAGE_KIB), zip, "KiB");
    }
    if let Some(list) = function("api, a list of 100 videos") {
        add(
            "api, cold".to_owned(),
            AtMost(20.0),
            list.cold_best_ms,
            "ms",
        );
        add(
            list.name.clone() + ", warm p50",
            AtMost(3.0),
            list.warm_best_ms,
            "ms",
        );
    }
    if let Some(sign) = function("api, 1,000 signed parts") {
        let all = sign.warm_best_ms * 10.0;
        add(
            "api, 10,000 signed parts, ten requests".to_owned(),
            AtMost(250.0),
            all,
            "ms",
        );
    }
    for (name, video) in [("one video", &report.video), ("a drop-in", &report.drop_in)] {
        add(
            format!("{name}, write units"),
            AtMost(4.0),
            count(video.write_units_total),
            "",
        );
        add(
            format!("{name}, its record"),
            AtMost(4096.0),
            count(video.record_bytes),
            "bytes",
        );
    }
    for (name, bound, unit) in [
        (
            "mediaconvert-local, 1 at once: wall beside ffmpeg alone",
            1.05,
            "×",
        ),
        ("pipeline without the transcode, median", 1.5, "s"),
    ] {
        if let Some(found) = figure(name) {
            add(name.to_owned(), AtMost(bound), found.value, unit);
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::{AtLeast, AtMost, Target, targets};
    use crate::measure::Measured;
    use crate::report::Report;
    use serde_json::json;

    fn row(bound: super::Bound, measured: f64) -> String {
        let (name, unit) = ("wall".to_owned(), "s");
        Target {
            name,
            bound,
            measured,
            unit,
        }
        .to_string()
    }

    #[test]
    fn a_target_that_is_missed_says_so() {
        assert_eq!(row(AtMost(1.5), 1.5), "| wall | ≤ 1.5 s | 1.50 s |");
        assert_eq!(
            row(AtMost(1.5), 1.6),
            "| wall | ≤ 1.5 s | 1.60 s, **missed** |"
        );
        assert_eq!(row(AtLeast(3.0), 3.0), "| wall | ≥ 3 s | 3.00 s |");
        assert_eq!(
            row(AtLeast(3.0), 2.9),
            "| wall | ≥ 3 s | 2.90 s, **missed** |"
        );
        // What couldn't be measured was not reached.
        assert!(row(AtMost(1.5), f64::NAN).contains("missed"));
    }

    #[test]
    fn two_programs_are_compared_by_their_medians() {
        let measured = |name: &str, median: f64| -> Measured {
            let value = json!({
                "name": name, "awsCalls": 1.0, "initMs": 1.0, "firstMs": 1.0, "coldMs": median, "coldBestMs": 1.0,
                "coldCpuMs": 1.0, "warmP50Ms": median, "warmBestMs": 1.0, "warmP99Ms": 1.0, "warmCpuMs": 1.0,
                "peakMib": 1.0, "packageKib": 1.0,
            });
            serde_json::from_value(value).unwrap()
        };
        let report = Report {
            functions: vec![measured("submit", 2.0), measured("Node.js convert", 8.0)],
            ..Report::default()
        };
        let found = targets(&report);
        let names = found.iter().filter(|each| each.name.starts_with("Node.js"));
        let ratios: Vec<_> = names.map(|each| each.measured.to_string()).collect();
        assert_eq!(ratios, ["4", "4"]);
    }
}
