//! What a job costs: its outputs sorted into the classes that the service bills, and their price. Pure; an estimate,
//! because the service's prices are known only in part. `prices/mediaconvert.json` says where each number is from.

mod automated;
pub mod class;
pub mod peers;
mod prices;

use aws_sdk_mediaconvert::types::JobSettings;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

pub use automated::{Automated, automated};
pub use class::{Class, Picture, Resolution, classes};
pub use prices::{Prices, PricesError};

use crate::media::Media;

/// What a job costs, as the record has it. Amounts are millionths of the currency.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// ISO 4217.
    pub currency: String,
    /// Version of the prices.
    pub prices: String,
    /// Of the whole job, before it; absent where the source doesn't tell its length.
    pub estimated: Option<u64>,
    /// Of the whole job, after it; absent where the service doesn't tell what it made.
    pub actual: Option<u64>,
    /// By output, without captions, which are free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputCost>,
    /// Why something else is made than the chosen profile says.
    pub note: Option<String>,
}

/// What an output costs.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputCost {
    /// As in the output's name modifier.
    pub name: String,
    /// Millionths of the currency, a minute.
    pub rate: u64,
    /// Estimated before the job, actual after it.
    pub amount: Option<u64>,
    /// What moves it to the dearer professional tier; empty at the basic tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub professional: Vec<String>,
}

/// Milliseconds in the hundredth of a minute, which is what is counted.
const STEP_MS: u64 = 600;

/// The cost of a job of these settings, before it runs.
pub fn estimate(prices: &Prices, settings: &JobSettings, media: &Media) -> Cost {
    let classes = classes(settings, media).into_iter();
    let billed = classes.filter(|class| class.kind != class::Kind::Captions);
    let outputs = billed.map(|class| {
        let rate = prices.rate(&class);
        let length = class.span_ms(media.duration_ms);
        OutputCost {
            name: class.name,
            rate,
            amount: length.map(|length| prices.amount(rate, length)),
            professional: class.professional.into_iter().map(Into::into).collect(),
        }
    });
    let outputs: Vec<_> = outputs.collect();
    Cost {
        currency: prices.currency().to_owned(),
        prices: prices.version().to_owned(),
        estimated: total(&outputs),
        actual: None,
        outputs,
        note: None,
    }
}

impl Cost {
    /// The cost once the job is done. `length_ms` tells how long an output became, by its name; one that it doesn't know
    /// keeps its estimate.
    pub(crate) fn settled(mut self, length_ms: impl Fn(&str) -> Option<u64>) -> Self {
        let mut told = false;
        for output in &mut self.outputs {
            if let Some(length) = length_ms(&output.name) {
                output.amount = Some(amount(output.rate, length));
                told = true;
            }
        }
        self.actual = total(&self.outputs).filter(|_| told);
        self
    }
}

fn total(outputs: &[OutputCost]) -> Option<u64> {
    outputs.iter().map(|output| output.amount).sum()
}

/// The shortest that is billed, milliseconds.
const MINIMUM_MS: u64 = 10_000;

fn amount(rate: u64, length_ms: u64) -> u64 {
    if length_ms == 0 {
        return 0;
    }
    let steps = length_ms.max(MINIMUM_MS).div_ceil(STEP_MS);
    rate.saturating_mul(steps) / 100
}

#[cfg(test)]
mod tests;
