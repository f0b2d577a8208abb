//! What a run is to reach. A peer of the same run is the measure where there is one: ratios hold on any machine.
//!
//! A ratio is of the medians over all processes. They take turns, so that a busy minute falls on both programs; the quickest
//! of twenty is whichever met a quiet moment.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::measure::Measured;

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

/// The tutorial's function that each of ours is measured beside.
const BESIDE: [(&str, &str); 5] = [
    ("submit", "Node.js convert"),
    ("submit, a drop-in", "Node.js convert"),
    ("complete", "Node.js complete"),
    ("reconcile", "Node.js complete"),
    (LIST, "Node.js complete"),
];
/// Times that a cold start of the tutorial's takes, at least.
const COLD_TIMES: f64 = 14.0;
const LIST: &str = "api, a list of 100 videos";
/// Most memory that a function has resident, MiB, and size of its package, KiB.
const SIZES: [(&str, &str, f64, f64); 4] = [
    ("submit", "submit", 16.0, 4096.0),
    ("complete", "complete", 16.0, 4096.0),
    ("reconcile", "reconcile", 16.0, 4096.0),
    ("api", LIST, 24.0, 6144.0),
];

/// Most that a function takes, whatever it is given.
fn peak_mib(functions: &[Measured], name: &str) -> f64 {
    let given = functions.iter();
    let given = given.filter(|each| each.name.split(',').next() == Some(name));
    given.map(|each| each.peak_mib).fold(f64::NAN, f64::max)
}

/// The targets of what was measured.
pub(crate) fn targets(functions: &[Measured], figures: &[Figure]) -> Vec<Target> {
    let function = |name: &str| functions.iter().find(|found| found.name == name);
    let figure = |name: &str| figures.iter().find(|found| found.name == name);
    let mut targets = Vec::new();
    let mut add = |name: String, bound, measured, unit| {
        targets.push(Target {
            name,
            bound,
            measured,
            unit,
        });
    };
    for (name, peer) in BESIDE {
        if let (Some(ours), Some(theirs)) = (function(name), function(peer)) {
            let times = theirs.cold_ms / ours.cold_ms;
            let name = format!("{peer} : {name}, cold");
            add(name, AtLeast(COLD_TIMES), times, "");
        }
    }
    for (name, measured, peak, zip) in SIZES {
        let Some(found) = function(measured) else {
            continue;
        };
        let resident = peak_mib(functions, name);
        add(format!("{name}, peak RSS"), AtMost(peak), resident, "MiB");
        let deflated = found.package_kib;
        add(format!("{name}, zip"), AtMost(zip), deflated, "KiB");
    }
    for (name, bound, unit) in [
        (
            "mediaconvert-local, 1 at once: wall beside ffmpeg alone",
            1.0,
            "×",
        ),
        ("pipeline without the transcode, median", 0.5, "s"),
    ] {
        if let Some(found) = figure(name) {
            add(name.to_owned(), AtMost(bound), found.value, unit);
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::{AtLeast, AtMost, Measured, Target, targets};
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
        let measured = |name: &str, cold: f64| -> Measured {
            let value = json!({
                "name": name, "awsCalls": 1.0, "initMs": 1.0, "coldMs": cold, "peakMib": 1.0, "packageKib": 1.0,
            });
            serde_json::from_value(value).unwrap()
        };
        let functions = [measured("submit", 2.0), measured("Node.js convert", 8.0)];
        let found = targets(&functions, &[]);
        let names = found.iter().filter(|each| each.name.starts_with("Node.js"));
        let ratios: Vec<_> = names.map(|each| each.measured.to_string()).collect();
        assert_eq!(ratios, ["4"]);
    }
}
