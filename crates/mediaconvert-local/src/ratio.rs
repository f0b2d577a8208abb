//! Exact fractions, for frame rates and pixel aspect ratios.

use std::fmt;
use std::str::FromStr;

/// A positive fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: u32,
    denominator: u32,
}

impl Ratio {
    /// One to one.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// `None` unless both terms are positive.
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Some(Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    /// The upper term.
    pub fn numerator(self) -> u32 {
        self.numerator
    }

    /// The lower term.
    pub fn denominator(self) -> u32 {
        self.denominator
    }

    /// The fraction upside down.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self {
            numerator: self.denominator,
            denominator: self.numerator,
        }
    }

    /// The nearest floating-point number.
    pub fn value(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Whether both are the same but for a relative `tolerance`.
    pub fn is_close_to(self, other: Self, tolerance: f64) -> bool {
        (self.value() / other.value() - 1.0).abs() <= tolerance
    }
}

fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// Reads ffprobe's `30000/1001` and `16:15`.
impl FromStr for Ratio {
    type Err = NoRatio;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (numerator, denominator) = text.split_once(['/', ':']).ok_or(NoRatio)?;
        let parse = |term: &str| term.parse::<u32>().map_err(|_| NoRatio);
        Self::new(parse(numerator)?, parse(denominator)?).ok_or(NoRatio)
    }
}

/// The text is not a positive fraction.
#[derive(Debug, thiserror::Error)]
#[error("not a positive fraction")]
pub struct NoRatio;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_kept_in_lowest_terms() {
        let ratio: Ratio = "60000/2002".parse().unwrap();
        assert_eq!(ratio.to_string(), "30000/1001");
        assert!("0/0".parse::<Ratio>().is_err());
        assert!("25".parse::<Ratio>().is_err());
    }
}
