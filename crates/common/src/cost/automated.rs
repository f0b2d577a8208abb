//! Whether automated ABR, which lets the service choose the renditions, would be cheaper.

use aws_sdk_mediaconvert::types::JobSettings;

use super::class::{Kind, is_streamed};
use super::{Prices, classes};
use crate::media::Media;

/// Renditions that automated ABR can be held to, at least.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html> (`AutomatedAbrSettings`).
const FEWEST: usize = 3;

/// Automated ABR beside a job's own ladder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Automated {
    /// The pictures of the job as it is; millionths of the currency.
    pub ladder: u64,
    /// The least that the service would bill for its own choice of pictures.
    pub automated: u64,
}

impl Automated {
    /// Whether it is cheaper at its least. It may make more renditions, and cost more.
    pub fn may_pay(self) -> bool {
        self.automated < self.ladder
    }
}

/// Weighs automated ABR against the ladder of a job, before it runs. How many renditions it makes shows only afterwards, so
/// it is taken for cheap: for three, the job's largest, which it makes as well, and the two smallest. Each is billed at the
/// professional tier in several passes. `None` where the length isn't known, or nothing is streamed.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/auto-abr.html>.
pub fn automated(prices: &Prices, settings: &JobSettings, media: &Media) -> Option<Automated> {
    let length = media.duration_ms?;
    let streamed = settings
        .output_groups()
        .iter()
        .filter(|group| is_streamed(group));
    let streamed: usize = streamed.map(|group| group.outputs().len()).sum();
    let mut pictures = classes(settings, media);
    pictures.truncate(streamed);
    pictures.retain(|class| matches!(class.kind, Kind::Picture(_)));
    let largest = pictures.first()?.clone();
    let sum =
        |rates: &mut dyn Iterator<Item = u64>| rates.map(|rate| prices.amount(rate, length)).sum();
    let ladder = sum(&mut pictures.iter().map(|class| prices.rate(class)));
    let others = (FEWEST - 1).min(pictures.len() - 1);
    let smallest = pictures.iter().rev().take(others).cloned();
    let automated = sum(
        &mut std::iter::once(largest).chain(smallest).map(|mut class| {
            if let Kind::Picture(picture) = &mut class.kind {
                picture.multi_pass = true;
            }
            class.professional.push("automated ABR");
            prices.rate(&class)
        }),
    );
    Some(Automated { ladder, automated })
}

#[cfg(test)]
mod tests {
    use super::automated;
    use crate::cost::Prices;
    use crate::cost::tests::{media, prices, settings};
    use crate::profile::Profile;

    #[test]
    fn by_the_prices_of_this_version_it_never_pays_beside_the_basic_tier() {
        for name in ["standard", "small", "audio"] {
            let profile = Profile::built_in(name).unwrap();
            for (width, height) in [(3840, 2160), (1920, 1080), (854, 480)] {
                let media = media(width, height, 600_000);
                let found = automated(&prices(), &settings(&profile, &media), &media);
                assert!(
                    found.is_none_or(|found| !found.may_pay()),
                    "{name}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn beside_many_renditions_of_the_professional_tier_it_may_pay() {
        let media = media(3840, 2160, 600_000);
        let job = settings(&Profile::efficient(), &media);
        assert!(automated(&prices(), &job, &media).unwrap().may_pay());
    }

    #[test]
    fn three_renditions_at_the_professional_tier_are_weighed_against_four_at_the_basic_one() {
        let media = media(1920, 1080, 600_000);
        let job = settings(&Profile::standard(), &media);
        let found = automated(&prices(), &job, &media).unwrap();
        // HD, SD and SD: (2 + 1 + 1) × 0.024 × 1.5 × 10 minutes, beside (2 + 2 + 1 + 1) × 0.0075 × 10.
        assert_eq!((found.automated, found.ladder), (1_440_000, 450_000));
    }

    #[test]
    fn where_the_professional_tier_is_cheap_it_may_pay() {
        let text = include_str!("../../prices/mediaconvert.json");
        let cheap = text.replace(r#""professional": 0.024"#, r#""professional": 0.006"#);
        let prices = Prices::from_json(cheap.as_bytes(), "us-east-1").unwrap();
        let media = media(1920, 1080, 600_000);
        let job = settings(&Profile::standard(), &media);
        assert!(automated(&prices, &job, &media).unwrap().may_pay());
    }
}
