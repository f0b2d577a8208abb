//! Which renditions a source gets: by its shorter side, never larger than the source, in its own shape.

use crate::media::{Size, Video};
use crate::profile::{Profile, Rung};

/// A video rendition to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The picture's size in pixels, both even. One side is asked of MediaConvert, the other follows from
    /// the source's shape.
    pub size: Size,
    /// Upper bound of the bit rate, bits per second.
    pub max_bitrate: u32,
    /// QVBR quality level, 1 to 10.
    pub quality: u8,
}

/// MediaConvert's smallest width and height, pixels.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html> (`VideoDescription`).
pub const MIN_SIDE: u32 = 32;
/// Largest H.264 picture, pixels, in either orientation.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/reference-codecs-containers.html>.
const H264_MAX: (u32, u32) = (4096, 2160);
/// Two renditions whose shorter sides are closer than this factor are one too many.
const MIN_STEP: f64 = 1.2;
/// Above this many frames per second, a rendition needs more bits.
const BASE_FRAME_RATE: f64 = 31.0;

/// The renditions of `video`, largest first. Empty where the source is smaller than MediaConvert encodes.
///
/// A source between two rungs gets its own size as the top; one below the lowest rung, its own size alone.
pub fn ladder(profile: &Profile, video: &Video) -> Vec<Step> {
    let source = video.size();
    let Some(top) = top_short_side(profile, source) else {
        return Vec::new();
    };
    let lower = profile
        .rungs
        .iter()
        .map(|rung| rung.short_side)
        .filter(|rung| f64::from(top) >= f64::from(*rung) * MIN_STEP);
    std::iter::once(top)
        .chain(lower)
        .filter(|short_side| fit(source, *short_side).short_side() >= MIN_SIDE)
        .map(|short_side| step(profile, video, short_side))
        .collect()
}

/// `source` scaled so that its shorter side is `short_side`; both sides even and no larger than the source.
pub fn fit(source: Size, short_side: u32) -> Size {
    let short_side = even(short_side.min(source.short_side()));
    let long_side = other_side(source.long_side(), short_side, source.short_side());
    source.shaped(short_side, long_side)
}

/// `source` scaled so that its longer side is `long_side`; both sides even and no larger than the source.
pub fn fit_long(source: Size, long_side: u32) -> Size {
    let long_side = even(long_side.min(source.long_side()));
    let short_side = other_side(source.short_side(), long_side, source.long_side());
    source.shaped(short_side, long_side)
}

/// `side`, scaled as its neighbour goes from `from` to `to`: to the nearest even number, up on a tie, as the
/// service does (405 becomes 406).
fn other_side(side: u32, to: u32, from: u32) -> u32 {
    let (exact, from) = (u64::from(side) * u64::from(to), u64::from(from).max(1));
    let nearest = (exact + from) / (2 * from) * 2;
    u32::try_from(nearest).unwrap_or(u32::MAX).min(even(side))
}

fn even(value: u32) -> u32 {
    value - value % 2
}

fn top_short_side(profile: &Profile, source: Size) -> Option<u32> {
    let highest = profile.rungs.iter().map(|rung| rung.short_side).max()?;
    let by_long_side =
        u64::from(H264_MAX.0) * u64::from(source.short_side()) / u64::from(source.long_side());
    let limit = u32::try_from(by_long_side)
        .unwrap_or(u32::MAX)
        .min(H264_MAX.1)
        .min(highest);
    let top = source.short_side().min(limit);
    Some(top - top % 2).filter(|top| *top >= MIN_SIDE)
}

fn step(profile: &Profile, video: &Video, short_side: u32) -> Step {
    let size = fit(video.size(), short_side);
    let rung = rung_for(profile, short_side);
    // Bits follow the picture's area, relative to 16:9 at the same shorter side…
    let shape = f64::from(size.long_side()) * 9.0 / (f64::from(size.short_side()) * 16.0);
    // … and its motion: twice the frames, half as many bits again.
    let motion = if video.frame_rate.is_some_and(|rate| rate > BASE_FRAME_RATE) {
        1.5
    } else {
        1.0
    };
    let bitrate = f64::from(rung.max_bitrate) * shape.clamp(0.5, 2.0) * motion;
    Step {
        size,
        max_bitrate: rounded(bitrate),
        quality: rung.quality,
    }
}

/// The rung at `short_side`, between the profile's own by the picture's area.
fn rung_for(profile: &Profile, short_side: u32) -> Rung {
    let below = profile
        .rungs
        .iter()
        .filter(|rung| rung.short_side <= short_side)
        .max_by_key(|rung| rung.short_side);
    let above = profile
        .rungs
        .iter()
        .filter(|rung| rung.short_side >= short_side)
        .min_by_key(|rung| rung.short_side);
    let area = |side: u32| f64::from(side) * f64::from(side);
    match (below, above) {
        (Some(below), Some(above)) if below.short_side < above.short_side => {
            let share = (area(short_side) - area(below.short_side))
                / (area(above.short_side) - area(below.short_side));
            let (low, high) = (f64::from(below.max_bitrate), f64::from(above.max_bitrate));
            Rung {
                short_side,
                max_bitrate: rounded(low + (high - low) * share),
                quality: below.quality,
            }
        }
        (Some(rung), _) => Rung {
            short_side,
            ..*rung
        },
        (None, Some(lowest)) => {
            let share = area(short_side) / area(lowest.short_side);
            let max_bitrate = rounded(f64::from(lowest.max_bitrate) * share).max(MIN_BITRATE);
            Rung {
                short_side,
                max_bitrate,
                quality: lowest.quality,
            }
        }
        (None, None) => Rung {
            short_side,
            max_bitrate: MIN_BITRATE,
            quality: 7,
        },
    }
}

/// What the smallest picture gets, bits per second.
const MIN_BITRATE: u32 = 100_000;

/// To 10 kbit/s, so that settings read well and don't jitter with a pixel.
fn rounded(bitrate: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bit rates are small and positive"
    )]
    let tens = (bitrate / 10_000.0).round() as u32;
    tens.max(1) * 10_000
}

#[cfg(test)]
mod tests {
    use super::{MIN_STEP, Size, fit, ladder};
    use crate::media::Video;
    use crate::profile::Profile;
    use crate::rotation::Rotation;
    use proptest::prelude::*;

    fn video(width: u32, height: u32) -> Video {
        Video {
            width,
            height,
            rotation: Rotation::None,
            frame_rate: Some(25.0),
            interlaced: false,
            hdr: false,
        }
    }

    fn sizes(video: &Video) -> Vec<(u32, u32)> {
        let steps = ladder(&Profile::standard(), video);
        steps
            .iter()
            .map(|step| (step.size.width, step.size.height))
            .collect()
    }

    #[test]
    fn a_full_hd_source_gets_the_whole_ladder() {
        assert_eq!(
            sizes(&video(1920, 1080)),
            [(1920, 1080), (1280, 720), (854, 480), (640, 360)]
        );
    }

    #[test]
    fn a_phone_clip_keeps_its_shape() {
        let clip = Video {
            rotation: Rotation::Clockwise90,
            ..video(1280, 720)
        };
        assert_eq!(sizes(&clip), [(720, 1280), (480, 854), (360, 640)]);
    }

    #[test]
    fn a_source_between_rungs_is_its_own_top() {
        assert_eq!(
            sizes(&video(1440, 900)),
            [(1440, 900), (1152, 720), (768, 480), (576, 360)]
        );
    }

    #[test]
    fn a_rung_too_close_below_the_top_is_left_out() {
        assert_eq!(
            sizes(&video(1280, 800)),
            [(1280, 800), (768, 480), (576, 360)]
        );
    }

    #[test]
    fn a_source_below_the_lowest_rung_gets_one_rendition_of_its_own_size() {
        assert_eq!(sizes(&video(160, 120)), [(160, 120)]);
    }

    #[test]
    fn odd_sides_become_even() {
        assert_eq!(sizes(&video(853, 481)), [(852, 480), (638, 360)]);
    }

    #[test]
    fn an_8k_source_stops_at_1080p() {
        assert_eq!(sizes(&video(7680, 4320)).first(), Some(&(1920, 1080)));
    }

    #[test]
    fn a_panorama_stays_within_what_h264_can_encode() {
        assert_eq!(sizes(&video(8192, 1024)), [(4096, 512), (2880, 360)]);
    }

    #[test]
    fn a_source_below_32_pixels_gets_nothing() {
        assert_eq!(sizes(&video(64, 30)), []);
        assert_eq!(sizes(&video(64, 33)), [(62, 32)]);
    }

    #[test]
    fn the_bitrate_follows_shape_and_frame_rate() {
        let top = |video: &Video| ladder(&Profile::standard(), video)[0].max_bitrate;
        assert_eq!(top(&video(1920, 1080)), 6_000_000);
        assert_eq!(
            top(&Video {
                frame_rate: Some(60.0),
                ..video(1920, 1080)
            }),
            9_000_000
        );
        assert_eq!(top(&video(1080, 1080)), 3_380_000);
    }

    fn any_video() -> impl Strategy<Value = Video> {
        (
            1..9000_u32,
            1..9000_u32,
            0..4,
            proptest::option::of(1.0..240.0),
        )
            .prop_map(|(width, height, turn, frame_rate)| Video {
                rotation: Rotation::from_degrees(turn * 90).unwrap_or_default(),
                frame_rate,
                ..video(width, height)
            })
    }

    proptest! {
        #[test]
        fn every_ladder_is_sound(video in any_video()) {
            let source = video.size();
            let steps = ladder(&Profile::standard(), &video);
            for step in &steps {
                let Size { width, height } = step.size;
                prop_assert!(width % 2 == 0 && height % 2 == 0, "odd: {step:?}");
                prop_assert!(width <= source.width && height <= source.height, "larger than the source: {step:?}");
                prop_assert!(width >= 32 && height >= 32, "too small: {step:?}");
                prop_assert!(step.size.long_side() <= 4096 && step.size.short_side() <= 2160, "too large: {step:?}");
                let exact = f64::from(source.long_side()) * f64::from(step.size.short_side()) / f64::from(source.short_side());
                let off = (f64::from(step.size.long_side()) - exact).abs();
                // A source side that is odd costs up to two more pixels.
                prop_assert!(off <= 2.0, "shape is off by {off} pixels: {step:?}");
                prop_assert!((1..=10).contains(&step.quality));
            }
            for pair in steps.windows(2) {
                let (higher, lower) = (&pair[0], &pair[1]);
                prop_assert!(f64::from(higher.size.short_side()) >= f64::from(lower.size.short_side()) * MIN_STEP);
                prop_assert!(higher.max_bitrate > lower.max_bitrate);
            }
            prop_assert_eq!(steps.is_empty(), source.short_side() < 32 || source.long_side() > source.short_side() * 128);
        }

        #[test]
        fn fitting_never_enlarges(width in 1..9000_u32, height in 1..9000_u32, short_side in 1..9000_u32) {
            let fitted = fit(Size { width, height }, short_side);
            prop_assert!(fitted.width <= width && fitted.height <= height);
        }
    }
}
