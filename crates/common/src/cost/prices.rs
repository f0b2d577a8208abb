//! The price table of a region.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use super::class::{Class, Kind, Picture, Resolution};

/// The prices of a region.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    table: Arc<Table>,
    region: Region,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Table {
    version: String,
    currency: String,
    #[serde(rename = "sources")]
    _sources: BTreeMap<String, String>,
    minimum_seconds: u64,
    resolution: ResolutionFactors,
    frame_rate: FrameRateFactors,
    codec: BTreeMap<String, f64>,
    other_codec: f64,
    multi_pass: f64,
    regions: BTreeMap<String, Region>,
    other_regions: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct ResolutionFactors {
    sd: f64,
    hd: f64,
    uhd: f64,
    larger: f64,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct FrameRateFactors {
    to30: f64,
    to60: f64,
    to120: f64,
}

/// Currency a minute: of an SD picture in either tier, of sound, and of what bringing it to a loudness adds.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Region {
    basic: f64,
    professional: f64,
    audio: f64,
    normalization: f64,
}

/// Why a price table can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    /// It is not of the shape.
    #[error("read the price table")]
    Shape(#[from] serde_json::Error),
    /// The region that stands in for all others isn't there.
    #[error("the price table has no region {0}")]
    NoRegion(String),
}

impl Prices {
    /// Reads a table, in the shape of `prices/mediaconvert.json`, for a region.
    ///
    /// # Errors
    ///
    /// [`PricesError`], where the table isn't of that shape.
    pub fn from_json(text: &[u8], region: &str) -> Result<Self, PricesError> {
        Self::of(Arc::new(serde_json::from_slice(text)?), region)
    }

    fn of(table: Arc<Table>, region: &str) -> Result<Self, PricesError> {
        let other = &table.other_regions;
        let found = table.regions.get(region).or(table.regions.get(other));
        let region = found.cloned();
        let region = region.ok_or_else(|| PricesError::NoRegion(other.clone()))?;
        Ok(Self { table, region })
    }

    /// The table that comes with this version, which a process reads once.
    ///
    /// # Errors
    ///
    /// None in practice: a test reads it.
    pub fn built_in(region: &str) -> Result<Self, PricesError> {
        static TABLE: OnceLock<Arc<Table>> = OnceLock::new();
        let table = if let Some(table) = TABLE.get() {
            table
        } else {
            let text = include_bytes!("../../prices/mediaconvert.json");
            let table = serde_json::from_slice(text)?;
            TABLE.get_or_init(|| Arc::new(table))
        };
        Self::of(Arc::clone(table), region)
    }

    /// ISO 4217.
    pub fn currency(&self) -> &str {
        &self.table.currency
    }

    /// Of the table.
    pub fn version(&self) -> &str {
        &self.table.version
    }

    /// Millionths of the currency, a minute of such an output.
    pub fn rate(&self, class: &Class) -> u64 {
        let sound = match &class.kind {
            Kind::Audio => self.region.audio,
            Kind::Picture(picture) => self.picture(picture, class.is_professional()),
            Kind::Captions => 0.0,
        };
        let added = if class.normalized {
            self.region.normalization
        } else {
            0.0
        };
        millionths(sound + added)
    }

    /// Millionths of the currency for `length_ms` at `rate`.
    pub(super) fn amount(&self, rate: u64, length_ms: u64) -> u64 {
        debug_assert_eq!(self.table.minimum_seconds * 1000, super::MINIMUM_MS);
        super::amount(rate, length_ms)
    }

    fn picture(&self, picture: &Picture, professional: bool) -> f64 {
        let base = if professional {
            self.region.professional
        } else {
            self.region.basic
        };
        let resolution = match picture.resolution {
            Resolution::Sd => self.table.resolution.sd,
            Resolution::Hd => self.table.resolution.hd,
            Resolution::Uhd => self.table.resolution.uhd,
            Resolution::Larger => self.table.resolution.larger,
        };
        let rates = &self.table.frame_rate;
        let frame_rate = match picture.frame_rate {
            rate if rate <= 30.5 => rates.to30,
            rate if rate <= 60.5 => rates.to60,
            _ => rates.to120,
        };
        let codec = self.table.codec.get(&picture.codec);
        let codec = codec.copied().unwrap_or(self.table.other_codec);
        let passes = if picture.multi_pass {
            self.table.multi_pass
        } else {
            1.0
        };
        base * resolution * frame_rate * codec * passes
    }
}

fn millionths(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "prices are small and positive; what is not becomes zero"
    )]
    let rounded = (value * 1_000_000.0).round() as u64;
    rounded
}
