//! Which renditions a source gets: by its shorter side, never larger than the source, in its own shape.

use crate::media::{FrameRate, Size, Video};
use crate::profile::{HdrPolicy, Rung, VideoCodec, VideoPolicy};

/// A video rendition to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The picture's size in pixels, both even.
    pub size: Size,
    /// Its codec.
    pub codec: VideoCodec,
    /// Upper bound of the bit rate, bits per second.
    pub max_bitrate: u32,
    /// QVBR quality level, 1 to 10.
    pub quality: u8,
    /// Frames per second, where they aren't the source's.
    pub frame_rate: Option<FrameRate>,
    /// What becomes of the source's brightness and colours.
    pub range: Range,
    /// Why it is of this size.
    pub reason: Reason,
}

/// Dynamic range of a rendition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Range {
    /// Standard, as the source's.
    Standard,
    /// High, as the source's.
    High,
    /// Standard, tone-mapped from the source's.
    Mapped,
}

/// Why a rendition is of its size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It is as large as the source.
    Source,
    /// It is a rung of the profile.
    Rung,
    /// It is the largest that the profile makes.
    Profile,
    /// It is the largest that the codec takes in this shape.
    Codec,
}

/// MediaConvert's smallest width and height, pixels.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html> (`VideoDescription`).
pub const MIN_SIDE: u32 = 32;
/// Two renditions whose shorter sides are closer than this factor are one too many.
const MIN_STEP: f64 = 1.2;
/// Above this many frames per second, a rendition needs more bits.
const BASE_FRAME_RATE: f64 = 31.0;
/// A rendition may have at least so much more than the next one below, whatever their codecs are.
const MIN_BITRATE_STEP: f64 = 1.1;

/// The renditions of `video`, largest first. Empty where the source is smaller than MediaConvert encodes.
///
/// A source between two rungs gets its own size as the top; one below the lowest rung, its own size alone.
pub fn ladder(policy: &VideoPolicy, video: &Video) -> Vec<Step> {
    let source = video.size();
    let mut steps: Vec<Step> = Vec::new();
    let Some(top) = top(policy, source) else {
        return steps;
    };
    let rungs = policy
        .rungs
        .iter()
        .map(|rung| within_codec(policy, source, rung.short_side));
    for (short_side, reason) in std::iter::once(top).chain(rungs) {
        let apart = steps.last().is_none_or(|last| {
            f64::from(last.size.short_side()) >= f64::from(short_side) * MIN_STEP
        });
        if apart && fit(source, short_side).short_side() >= MIN_SIDE {
            steps.push(step(policy, video, short_side, reason));
        }
    }
    let mut least = 0.0;
    for step in steps.iter_mut().rev() {
        step.max_bitrate = step.max_bitrate.max(rounded_up(least));
        least = f64::from(step.max_bitrate) * MIN_BITRATE_STEP;
    }
    steps
}

/// The frames per second of a rendition, where `max` leaves the source's no room: every second frame of the source, every
/// third… Rates that are hardly above, as variable ones come out, become `max` itself.
pub fn slowed(rate: FrameRate, max: u32) -> Option<FrameRate> {
    let (source, most) = (rate.per_second(), f64::from(max));
    if source <= most {
        return None;
    }
    let by = (1..=1000_u32).find(|by| source / f64::from(*by) < most + 1.0)?;
    if source / f64::from(by) > most {
        return Some(FrameRate {
            numerator: max,
            denominator: 1,
        });
    }
    let denominator = rate.denominator.checked_mul(by)?;
    let divisor = gcd(rate.numerator, denominator);
    Some(FrameRate {
        numerator: rate.numerator / divisor,
        denominator: denominator / divisor,
    })
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
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

fn top(policy: &VideoPolicy, source: Size) -> Option<(u32, Reason)> {
    let highest = policy.rungs.iter().map(|rung| rung.short_side).max()?;
    let own = source.short_side();
    // Even first: a pixel less may be another codec's.
    let (top, reason) = within_codec(policy, source, even(own.min(highest)));
    let reason = match reason {
        Reason::Codec => Reason::Codec,
        _ if own > highest => Reason::Profile,
        _ => Reason::Source,
    };
    (top >= MIN_SIDE).then_some((top, reason))
}

/// `short_side`, or what its codec can encode of it.
fn within_codec(policy: &VideoPolicy, source: Size, short_side: u32) -> (u32, Reason) {
    let limit = largest(codec(policy, short_side), source);
    if short_side <= limit {
        return (short_side, Reason::Rung);
    }
    // What is left may belong to the other codec, which may take less.
    let limit = limit.min(largest(codec(policy, limit), source));
    (limit, Reason::Codec)
}

fn codec(policy: &VideoPolicy, short_side: u32) -> VideoCodec {
    match policy.large {
        Some(large) if short_side > large.above => large.codec,
        _ => policy.codec,
    }
}

/// Shorter side of the largest picture of the source's shape, in either orientation.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/reference-codecs-containers.html>.
fn largest(codec: VideoCodec, source: Size) -> u32 {
    let (long_side, short_side) = match codec {
        VideoCodec::H264 | VideoCodec::Av1 => (4096, 2160),
        VideoCodec::Hevc => (8192, 4320),
    };
    let by_long_side =
        u64::from(source.short_side()) * long_side / u64::from(source.long_side()).max(1);
    even(u32::try_from(by_long_side).unwrap_or(u32::MAX)).min(short_side)
}

fn step(policy: &VideoPolicy, video: &Video, short_side: u32, reason: Reason) -> Step {
    let size = fit(video.size(), short_side);
    let rung = rung_for(policy, short_side);
    let codec = codec(policy, short_side);
    let frame_rate = video
        .frame_rate
        .and_then(|rate| slowed(rate, policy.max_frame_rate));
    // Bits follow the picture's area, relative to 16:9 at the same shorter side…
    let shape = f64::from(size.long_side()) * 9.0 / (f64::from(size.short_side()) * 16.0);
    // … its motion: twice the frames, half as many bits again…
    let shown = frame_rate.or(video.frame_rate);
    let motion = if shown.is_some_and(|rate| rate.per_second() > BASE_FRAME_RATE) {
        1.5
    } else {
        1.0
    };
    // … and what the codec makes of them.
    let thrift = match codec {
        VideoCodec::H264 => 1.0,
        VideoCodec::Hevc => 0.7,
        VideoCodec::Av1 => 0.6,
    };
    let bitrate = f64::from(rung.max_bitrate) * shape.clamp(0.5, 2.0) * motion * thrift;
    let keeps = policy.hdr == HdrPolicy::Keep && codec != VideoCodec::H264;
    Step {
        size,
        codec,
        max_bitrate: rounded(bitrate),
        quality: rung.quality,
        frame_rate,
        range: match video.hdr {
            false => Range::Standard,
            true if keeps => Range::High,
            true => Range::Mapped,
        },
        reason,
    }
}

/// The rung at `short_side`, between the profile's own by the picture's area.
fn rung_for(policy: &VideoPolicy, short_side: u32) -> Rung {
    let below = policy
        .rungs
        .iter()
        .filter(|rung| rung.short_side <= short_side)
        .max_by_key(|rung| rung.short_side);
    let above = policy
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

fn rounded_up(bitrate: f64) -> u32 {
    let nearest = rounded(bitrate);
    if f64::from(nearest) < bitrate {
        nearest + 10_000
    } else {
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::{MIN_STEP, Range, Reason, Size, Step, fit, ladder, slowed};
    use crate::media::{FrameRate, PixelAspect, Video};
    use crate::profile::{BUILT_IN, Profile, VideoCodec};
    use crate::rotation::Rotation;
    use Range::{High, Mapped};
    use VideoCodec::{H264, Hevc};
    use proptest::prelude::*;

    fn per_second(numerator: u32) -> FrameRate {
        FrameRate {
            numerator,
            denominator: 1,
        }
    }

    fn steps(profile: &str, video: &Video) -> Vec<Step> {
        ladder(&Profile::built_in(profile).unwrap().video, video)
    }

    fn video(width: u32, height: u32) -> Video {
        Video {
            width,
            height,
            pixel_aspect: None,
            rotation: Rotation::None,
            frame_rate: Some(per_second(25)),
            interlaced: false,
            hdr: false,
        }
    }

    fn sizes(video: &Video) -> Vec<(u32, u32)> {
        let steps = steps("standard", video);
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
        let top = |profile, video: &Video| steps(profile, video)[0].max_bitrate;
        let fast = Video {
            frame_rate: Some(per_second(60)),
            ..video(1280, 720)
        };
        assert_eq!(top("standard", &video(1920, 1080)), 6_000_000);
        assert_eq!(top("standard", &video(1080, 1080)), 3_380_000);
        assert_eq!(top("standard", &fast), 4_000_000, "slowed to 30");
        assert_eq!(top("efficient", &fast), 6_000_000);
    }

    #[test]
    fn frame_rates_are_halved_exactly() {
        let slow = |numerator, denominator, max| {
            let rate = FrameRate {
                numerator,
                denominator,
            };
            slowed(rate, max).map(|rate| (rate.numerator, rate.denominator))
        };
        assert_eq!(slow(60, 1, 30), Some((30, 1)));
        assert_eq!(slow(50, 1, 30), Some((25, 1)));
        assert_eq!(slow(60_000, 1001, 30), Some((30_000, 1001)));
        assert_eq!(slow(120, 1, 30), Some((30, 1)));
        assert_eq!(slow(240, 1, 60), Some((60, 1)));
        assert_eq!(slow(48, 1, 30), Some((24, 1)));
        assert_eq!(slow(30, 1, 30), None);
        assert_eq!(slow(30_000, 1001, 30), None);
        assert_eq!(slow(60, 1, 60), None);
        assert_eq!(
            slow(301, 10, 30),
            Some((30, 1)),
            "a telephone's variable rate"
        );
    }

    #[test]
    fn large_pictures_have_the_other_codec() {
        let codecs: Vec<_> = steps("efficient", &video(3840, 2160))
            .iter()
            .map(|step| (step.size.height, step.codec))
            .collect();
        assert_eq!(
            codecs,
            [
                (2160, Hevc),
                (1440, Hevc),
                (1080, Hevc),
                (720, H264),
                (480, H264),
                (360, H264)
            ]
        );
    }

    #[test]
    fn high_dynamic_range_stays_in_hevc_alone() {
        let bright = Video {
            hdr: true,
            ..video(1920, 1080)
        };
        let ranges = |profile| -> Vec<_> {
            let steps = steps(profile, &bright);
            steps.iter().map(|step| step.range).collect()
        };
        assert_eq!(ranges("efficient"), [High, Mapped, Mapped, Mapped]);
        assert_eq!(ranges("standard"), [Mapped; 4]);
        assert_eq!(steps("standard", &video(64, 64))[0].range, Range::Standard);
    }

    #[test]
    fn a_size_has_a_reason() {
        let reasons = |profile, video: &Video| -> Vec<_> {
            let steps = steps(profile, video);
            steps.iter().map(|step| step.reason).take(2).collect()
        };
        let of = |width, height| reasons("standard", &video(width, height));
        assert_eq!(of(1920, 1080), [Reason::Source, Reason::Rung]);
        assert_eq!(of(3840, 2160), [Reason::Profile, Reason::Rung]);
        assert_eq!(of(8192, 1024), [Reason::Codec, Reason::Rung]);
    }

    #[test]
    fn each_codec_keeps_to_its_own_largest_picture() {
        let sizes: Vec<_> = steps("efficient", &video(8192, 1024))
            .iter()
            .map(|step| (step.size.width, step.size.height, step.codec))
            .collect();
        assert_eq!(
            sizes,
            [(8192, 1024, Hevc), (4096, 512, H264), (2880, 360, H264)]
        );
        let narrow = &steps("efficient", &video(721, 4103))[0];
        assert_eq!((narrow.codec, narrow.size.height), (H264, 4086));
    }

    #[test]
    fn pixels_that_are_not_square_become_so() {
        let pal = Video {
            pixel_aspect: Some(PixelAspect {
                width: 64,
                height: 45,
            }),
            ..video(720, 576)
        };
        assert_eq!(sizes(&pal), [(1024, 576), (854, 480), (640, 360)]);
    }

    fn any_video() -> impl Strategy<Value = Video> {
        (
            1..9000_u32,
            1..9000_u32,
            0..4,
            proptest::option::of((1..240_u32, 1..3_u32)),
            any::<bool>(),
            proptest::option::of((1..100_u32, 1..100_u32)),
        )
            .prop_map(
                |(width, height, turn, frame_rate, hdr, pixel_aspect)| Video {
                    rotation: Rotation::from_degrees(turn * 90).unwrap_or_default(),
                    frame_rate: frame_rate.map(|(numerator, denominator)| FrameRate {
                        numerator,
                        denominator,
                    }),
                    hdr,
                    pixel_aspect: pixel_aspect.map(|(width, height)| PixelAspect { width, height }),
                    ..video(width, height)
                },
            )
    }

    proptest! {
        #[test]
        fn every_ladder_is_sound(video in any_video(), profile in proptest::sample::select(BUILT_IN)) {
            let source = video.size();
            let policy = Profile::built_in(profile).unwrap().video;
            let steps = ladder(&policy, &video);
            for step in &steps {
                let Size { width, height } = step.size;
                prop_assert!(width % 2 == 0 && height % 2 == 0, "odd: {step:?}");
                prop_assert!(width <= source.width && height <= source.height, "larger than the source: {step:?}");
                prop_assert!(width >= 32 && height >= 32, "too small: {step:?}");
                let most = if step.codec == VideoCodec::Hevc { (8192, 4320) } else { (4096, 2160) };
                prop_assert!(step.size.long_side() <= most.0 && step.size.short_side() <= most.1, "too large: {step:?}");
                let exact = f64::from(source.long_side()) * f64::from(step.size.short_side()) / f64::from(source.short_side());
                let off = (f64::from(step.size.long_side()) - exact).abs();
                prop_assert!(off <= 1.0, "shape is off by {off} pixels: {step:?}");
                prop_assert!((1..=10).contains(&step.quality));
                let shown = step.frame_rate.or(video.frame_rate);
                prop_assert!(shown.is_none_or(|rate| rate.per_second() <= f64::from(policy.max_frame_rate)), "too fast: {step:?}");
            }
            for pair in steps.windows(2) {
                let (higher, lower) = (&pair[0], &pair[1]);
                prop_assert!(f64::from(higher.size.short_side()) >= f64::from(lower.size.short_side()) * MIN_STEP);
                prop_assert!(higher.max_bitrate > lower.max_bitrate);
            }
            let reach = if steps.first().is_some_and(|step| step.codec == VideoCodec::Hevc) { 256 } else { 128 };
            let too_thin = u64::from(source.long_side()) > u64::from(source.short_side()) * reach;
            prop_assert_eq!(steps.is_empty(), source.short_side() < 32 || too_thin);
        }

        #[test]
        fn fitting_never_enlarges(width in 1..9000_u32, height in 1..9000_u32, short_side in 1..9000_u32) {
            let fitted = fit(Size { width, height }, short_side);
            prop_assert!(fitted.width <= width && fitted.height <= height);
        }
    }
}
