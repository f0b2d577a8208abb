//! Leaves out of a ladder what an earlier conversion of the same upload showed to be one rendition too many: at one
//! quality, simple pictures need hardly more bits when they are larger.

use crate::ladder::Step;
use crate::profile::VideoCodec;
use crate::video::Rendition;

/// Two renditions of which one needs less than this factor more bits are one too many.
const MIN_STEP: f64 = 1.2;

/// A ladder, divided.
#[derive(Clone, Debug, PartialEq)]
pub struct Trimmed {
    /// What is worth its price.
    pub kept: Vec<Step>,
    /// What isn't, as it was measured.
    pub left_out: Vec<Rendition>,
}

/// Divides `steps`, largest first, by what renditions of the same names came to. What was never measured is kept; so is
/// the largest of each codec, since players may know only one of them; and the smallest, unless the one above it fits into
/// its bound as well, since it is there for slow lines.
pub fn trim(steps: Vec<Step>, measured: &[Rendition]) -> Trimmed {
    let smallest = steps.len().saturating_sub(1);
    let mut kept: Vec<Step> = Vec::new();
    let mut left_out = Vec::new();
    for (index, step) in steps.into_iter().enumerate() {
        let own = found(&step, measured);
        let above = kept.last().filter(|above| above.codec == step.codec);
        let above = above
            .and_then(|above| found(above, measured))
            .and_then(bits);
        let alike = above
            .zip(own.and_then(bits))
            .is_some_and(|(above, own)| above < own * MIN_STEP);
        let for_slow_lines =
            index == smallest && above.is_some_and(|above| above > f64::from(step.max_bitrate));
        match own.filter(|_| alike && !for_slow_lines) {
            Some(own) => left_out.push(own.clone()),
            None => kept.push(step),
        }
    }
    Trimmed { kept, left_out }
}

fn found<'a>(step: &Step, measured: &'a [Rendition]) -> Option<&'a Rendition> {
    let codec = match step.codec {
        VideoCodec::H264 => "H_264",
        VideoCodec::Hevc => "H_265",
        VideoCodec::Av1 => "AV1",
    };
    let name = format!("{}p", step.size.short_side());
    let mut measured = measured.iter();
    measured.find(|made| made.name == name && made.codec == codec)
}

fn bits(made: &Rendition) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "bit rates are small")]
    let bits = made.average_bitrate? as f64;
    (bits > 0.0).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::{MIN_STEP, trim};
    use crate::ladder::{Step, ladder};
    use crate::media::{FrameRate, Video};
    use crate::profile::{BUILT_IN, Profile};
    use crate::rotation::Rotation;
    use crate::video::{Rendition, RenditionKind};
    use proptest::prelude::*;

    fn steps(profile: &str, short_side: u32) -> Vec<Step> {
        let video = Video {
            width: short_side * 16 / 9,
            height: short_side,
            pixel_aspect: None,
            rotation: Rotation::None,
            frame_rate: Some(FrameRate {
                numerator: 25,
                denominator: 1,
            }),
            interlaced: false,
            hdr: false,
        };
        ladder(&Profile::built_in(profile).unwrap().video, &video)
    }

    fn made(name: &str, codec: &str, kilobits: u64) -> Rendition {
        Rendition {
            average_bitrate: Some(kilobits * 1000),
            ..Rendition::new(name, RenditionKind::Video, codec)
        }
    }

    fn kept(profile: &str, short_side: u32, measured: &[Rendition]) -> Vec<u32> {
        let trimmed = trim(steps(profile, short_side), measured);
        let sides = trimmed.kept.iter().map(|step| step.size.short_side());
        sides.collect()
    }

    #[test]
    fn slides_need_one_rendition_and_a_film_all_of_them() {
        let of = |bits: [u64; 4]| {
            let names = ["1080p", "720p", "480p", "360p"].into_iter().zip(bits);
            let measured: Vec<_> = names
                .map(|(name, bits)| made(name, "H_264", bits))
                .collect();
            kept("standard", 1080, &measured)
        };
        assert_eq!(of([310, 290, 280, 270]), [1080]);
        assert_eq!(of([4100, 2300, 900, 500]), [1080, 720, 480, 360]);
        assert_eq!(
            of([2000, 1800, 1100, 1000]),
            [1080, 480, 360],
            "1100 doesn't fit a line for 700"
        );
        assert_eq!(of([900, 800, 600, 550]), [1080, 480]);
    }

    #[test]
    fn what_was_never_measured_is_kept() {
        assert_eq!(kept("standard", 1080, &[]), [1080, 720, 480, 360]);
        let some = [made("1080p", "H_264", 300), made("480p", "H_264", 290)];
        assert_eq!(kept("standard", 1080, &some), [1080, 720, 480, 360]);
    }

    #[test]
    fn codecs_are_not_weighed_against_each_other() {
        let measured = [
            made("1080p", "H_265", 600),
            made("720p", "H_264", 590),
            made("480p", "H_264", 580),
            made("360p", "H_264", 570),
        ];
        assert_eq!(kept("efficient", 1080, &measured), [1080, 720]);
    }

    proptest! {
        #[test]
        fn the_rest_is_a_ladder_that_stays(
            profile in proptest::sample::select(BUILT_IN), short_side in (180..1200_u32).prop_map(|side| side * 2),
            bits in proptest::collection::vec(proptest::option::weighted(0.8, 50..9000_u64), 8),
        ) {
            let all = steps(profile, short_side);
            let measured: Vec<_> = all.iter().zip(bits).filter_map(|(step, bits)| {
                let codec = if step.codec == crate::profile::VideoCodec::Hevc { "H_265" } else { "H_264" };
                Some(made(&format!("{}p", step.size.short_side()), codec, bits?))
            }).collect();
            let trimmed = trim(all.clone(), &measured);
            prop_assert_eq!(trimmed.kept.len() + trimmed.left_out.len(), all.len());
            prop_assert_eq!(trimmed.kept.first(), all.first(), "the largest stays");
            prop_assert!(trimmed.kept.iter().all(|step| all.contains(step)));
            for (above, below) in trimmed.kept.iter().zip(trimmed.kept.iter().skip(1)) {
                let of = |step: &Step| super::found(step, &measured).and_then(super::bits);
                let Some((above_bits, own)) = of(above).zip(of(below)) else { continue };
                let slow = Some(below) == all.last() && above_bits > f64::from(below.max_bitrate);
                prop_assert!(above.codec != below.codec || slow || above_bits >= own * MIN_STEP);
            }
            // The next conversion knows what this one measured, and what it left out.
            let known: Vec<_> = measured.iter().filter(|made| !trimmed.left_out.contains(made)).chain(&trimmed.left_out).cloned().collect();
            prop_assert_eq!(trim(all, &known), trimmed);
        }
    }
}
