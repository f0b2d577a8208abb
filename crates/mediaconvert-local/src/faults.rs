//! What goes wrong on request, for the tests of those who build on this server.
//!
//! A [`Faults`] decides, and does nothing else: it is told of each call, job and event, and says
//! what becomes of it. Its chances are drawn from a seed: under the same settings, the n-th call, job
//! or event that a rule matches always has the same fate, whatever happens beside it.

pub mod settings;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::job::Failure;
use settings::{ApiFault, Chance, EventFault, FaultSettings, JobFault};

/// The faults that are asked for, and how often each rule was considered and applied.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    settings: FaultSettings,
    api: Vec<Count>,
    jobs: Vec<Count>,
    events: Vec<Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    matched: u64,
    applied: u64,
}

/// What becomes of a job before its work begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFate {
    /// How long it stands still.
    pub delay: Duration,
    /// Then it fails.
    pub failure: Option<Failure>,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFate {
    /// How many times it is delivered.
    pub copies: u32,
    /// How long it is kept back; those behind it don't wait.
    pub delay: Duration,
    /// It follows the next event of its job.
    pub held: bool,
}

impl Default for EventFate {
    fn default() -> Self {
        Self {
            copies: 1,
            delay: Duration::ZERO,
            held: false,
        }
    }
}

impl Faults {
    /// From settings that were checked.
    pub fn new(settings: FaultSettings) -> Self {
        let counts = |rules: usize| vec![Count::default(); rules];
        Self {
            api: counts(settings.api.len()),
            jobs: counts(settings.jobs.len()),
            events: counts(settings.events.len()),
            settings,
        }
    }

    /// What goes wrong with a call; the first rule that applies decides.
    pub fn on_call(&mut self, operation: &str) -> Option<ApiFault> {
        let seed = self.settings.seed;
        for (index, (rule, count)) in self.settings.api.iter().zip(&mut self.api).enumerate() {
            let matches = rule.operation.as_deref().is_none_or(|o| o == operation);
            if matches && count.draw(rule.chance(), seed, 1, index).is_some() {
                return Some(rule.fault);
            }
        }
        None
    }

    /// What goes wrong with a job that was asked for by `request`. Delays add up; the first failure
    /// counts.
    pub fn on_job(&mut self, request: &Value) -> JobFate {
        let seed = self.settings.seed;
        let mut fate = JobFate::default();
        for (index, (rule, count)) in self.settings.jobs.iter().zip(&mut self.jobs).enumerate() {
            if !rule.matches(request) {
                continue;
            }
            let Some(random) = count.draw(rule.chance(), seed, 2, index) else {
                continue;
            };
            match rule.fault {
                JobFault::Slow => fate.delay += between(rule.delay_milliseconds, random),
                JobFault::Fail if fate.failure.is_none() => fate.failure = Some(rule.failure()),
                JobFault::Fail => {}
            }
        }
        fate
    }

    /// What goes wrong with an event. All rules that apply do so; to lose it wins.
    pub fn on_event(&mut self, event: &Value) -> EventFate {
        let seed = self.settings.seed;
        let mut fate = EventFate::default();
        let mut lost = false;
        for (index, (rule, count)) in self
            .settings
            .events
            .iter()
            .zip(&mut self.events)
            .enumerate()
        {
            if !rule.matches(event) {
                continue;
            }
            let Some(random) = count.draw(rule.chance(), seed, 3, index) else {
                continue;
            };
            match rule.fault {
                EventFault::Lose => lost = true,
                EventFault::Duplicate => fate.copies += 1,
                EventFault::Delay => fate.delay += between(rule.delay_milliseconds, random),
                EventFault::Reorder => fate.held = true,
            }
        }
        if lost {
            fate = EventFate {
                copies: 0,
                ..EventFate::default()
            };
        }
        fate
    }

    /// The settings, and how often each rule was applied.
    pub fn to_json(&self) -> Value {
        let applied = |counts: &[Count]| {
            let counts = counts.iter().map(|count| count.applied);
            counts.collect::<Vec<_>>()
        };
        json!({
            "faults": self.settings,
            "applied": {
                "api": applied(&self.api),
                "jobs": applied(&self.jobs),
                "events": applied(&self.events),
            },
        })
    }
}

impl Count {
    /// Counts a match; when the rule applies, gives a number at random for what it does.
    fn draw(&mut self, chance: Chance, seed: u64, list: u64, rule: usize) -> Option<u64> {
        if chance.times.is_some_and(|times| self.applied >= times) {
            return None;
        }
        let rule = u64::try_from(rule).unwrap_or(u64::MAX);
        let start = mix(mix(mix(seed) ^ list) ^ rule) ^ self.matched;
        self.matched += 1;
        let applies = fraction(mix(start)) < chance.probability;
        applies.then(|| {
            self.applied += 1;
            mix(start ^ 1 << 63)
        })
    }
}

/// `SplitMix64`: <https://prng.di.unimi.it/splitmix64.c>.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// From 0 to, but without, 1.
fn fraction(random: u64) -> f64 {
    f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / 4_294_967_296.0
}

fn between(range: Option<[u64; 2]>, random: u64) -> Duration {
    let [least, most] = range.unwrap_or_default();
    let width = most.saturating_sub(least).saturating_add(1);
    Duration::from_millis(least + random % width)
}

/// The faults of a server; all parts look at the same.
#[derive(Clone, Debug, Default)]
pub struct Switches(Arc<Mutex<Faults>>);

impl Switches {
    /// Forgets what was set, and sets these.
    pub fn set(&self, settings: FaultSettings) {
        *self.lock() = Faults::new(settings);
    }

    /// See [`Faults::on_call`].
    pub fn on_call(&self, operation: &str) -> Option<ApiFault> {
        self.lock().on_call(operation)
    }

    /// See [`Faults::on_job`].
    pub fn on_job(&self, request: &Value) -> JobFate {
        self.lock().on_job(request)
    }

    /// See [`Faults::on_event`].
    pub fn on_event(&self, event: &Value) -> EventFate {
        self.lock().on_event(event)
    }

    /// See [`Faults::to_json`].
    pub fn to_json(&self) -> Value {
        self.lock().to_json()
    }

    fn lock(&self) -> MutexGuard<'_, Faults> {
        // Counting can't leave anything half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
