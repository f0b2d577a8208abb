//! The static metadata of HDR10: SMPTE ST 2086 and CTA-861.3.

use serde::Deserialize;

use super::SideData;

/// What a screen needs to know of an HDR10 picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hdr10 {
    /// The screen it was made on: x and y of red, green, blue and white in 1/50000, then the most
    /// and the least luminance in 1/10000 cd/m².
    pub mastering: Option<[u32; 10]>,
    /// The brightest pixel and the brightest frame on average, cd/m².
    pub content_light: Option<(u32, u32)>,
}

/// ffprobe's side data of the two kinds.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    red_x: Option<String>,
    red_y: Option<String>,
    green_x: Option<String>,
    green_y: Option<String>,
    blue_x: Option<String>,
    blue_y: Option<String>,
    white_point_x: Option<String>,
    white_point_y: Option<String>,
    max_luminance: Option<String>,
    min_luminance: Option<String>,
    max_content: Option<u32>,
    max_average: Option<u32>,
}

impl Hdr10 {
    pub(super) fn read(side_data: &[SideData]) -> Option<Self> {
        let told = || side_data.iter().map(|data| &data.hdr10);
        let read = Self {
            mastering: told().find_map(Told::mastering),
            content_light: told().find_map(|told| told.max_content.zip(told.max_average)),
        };
        (read != Self::default()).then_some(read)
    }

    /// In x265's words: <https://x265.readthedocs.io/en/stable/cli.html#cmdoption-master-display>.
    pub fn x265(&self) -> String {
        let mastering = self.mastering.map(|m| {
            let [rx, ry, gx, gy, bx, by, wx, wy, max, min] = m;
            format!(
                "master-display=G({gx},{gy})B({bx},{by})R({rx},{ry})WP({wx},{wy})L({max},{min})"
            )
        });
        let light = self
            .content_light
            .map(|(max, average)| format!("max-cll={max},{average}"));
        join(mastering, light)
    }

    /// In SVT-AV1's words, whose figures are fractions of one.
    pub fn svt_av1(&self) -> String {
        let mastering = self.mastering.map(|m| {
            let at = |n: u32| f64::from(n) / 50_000.0;
            let light = |n: u32| f64::from(n) / 10_000.0;
            let [rx, ry, gx, gy, bx, by, wx, wy, max, min] = m;
            format!(
                "mastering-display=G({},{})B({},{})R({},{})WP({},{})L({},{})",
                at(gx),
                at(gy),
                at(bx),
                at(by),
                at(rx),
                at(ry),
                at(wx),
                at(wy),
                light(max),
                light(min)
            )
        });
        let light = self
            .content_light
            .map(|(max, average)| format!("content-light={max},{average}"));
        join(mastering, light)
    }
}

fn join(first: Option<String>, second: Option<String>) -> String {
    first
        .into_iter()
        .chain(second)
        .collect::<Vec<_>>()
        .join(":")
}

impl Told {
    fn mastering(&self) -> Option<[u32; 10]> {
        let color = |text: &Option<String>| scaled(text.as_deref()?, 50_000.0);
        let light = |text: &Option<String>| scaled(text.as_deref()?, 10_000.0);
        Some([
            color(&self.red_x)?,
            color(&self.red_y)?,
            color(&self.green_x)?,
            color(&self.green_y)?,
            color(&self.blue_x)?,
            color(&self.blue_y)?,
            color(&self.white_point_x)?,
            color(&self.white_point_y)?,
            light(&self.max_luminance)?,
            light(&self.min_luminance)?,
        ])
    }
}

/// A fraction such as `34000/50000` in parts of `1 / scale`.
fn scaled(fraction: &str, scale: f64) -> Option<u32> {
    let (numerator, denominator) = fraction.split_once('/')?;
    let value = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()? * scale;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked just before"
    )]
    (0.0..=f64::from(u32::MAX))
        .contains(&value)
        .then(|| value.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_ffprobe_are_scaled() {
        assert_eq!(scaled("34000/50000", 50_000.0), Some(34_000));
        assert_eq!(scaled("8847360/13107", 10_000.0), Some(6_750_103));
        assert_eq!(scaled("1/0", 1.0), None);
        assert_eq!(scaled("-1/1", 1.0), None);
    }
}
