//! A part of a source, from one moment to another, and how a job names it: by timecodes, which count frames from zero.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::media::FrameRate;

/// A part of a source.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Clip {
    /// Where it begins, milliseconds from the source's start.
    pub from_ms: u64,
    /// Where it ends, milliseconds from the source's start; `None` for the source's end.
    pub to_ms: Option<u64>,
}

/// The shortest part, milliseconds.
pub const MIN_CLIP_MS: u64 = 1000;
/// Where timecodes end, milliseconds.
pub const MAX_CLIP_MS: u64 = 24 * 3600 * 1000 - 1000;
/// Frames per second above which the number of a frame has more digits than a timecode.
pub const MAX_RATE: f64 = 100.0;
/// How far behind the source's end a clip may reach, milliseconds: people round up.
const TOLERANCE_MS: u64 = 1000;

/// Why a source has no such part; a sentence without its full stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ClipError {
    /// It ends too early.
    #[error("a clip must end at least a second after its beginning")]
    TooShort,
    /// Timecodes don't reach so far.
    #[error("a clip must lie within the first 24 hours")]
    TooLate,
    /// The source ends before it.
    #[error("the clip must lie within the video, which lasts {}.{:03} seconds", .0 / 1000, .0 % 1000)]
    Outside(u64),
}

impl Clip {
    /// Sees that it could be a part of some source.
    ///
    /// # Errors
    ///
    /// [`ClipError`], where it can't.
    pub fn check(self) -> Result<(), ClipError> {
        if self.from_ms.max(self.to_ms.unwrap_or_default()) > MAX_CLIP_MS {
            return Err(ClipError::TooLate);
        }
        let long_enough = self
            .to_ms
            .is_none_or(|to| to >= self.from_ms.saturating_add(MIN_CLIP_MS));
        long_enough.then_some(()).ok_or(ClipError::TooShort)
    }

    /// The part of a source that lasts `duration_ms`. One that reaches its end has none of its own: a timecode behind
    /// the last frame would fail the job.
    ///
    /// # Errors
    ///
    /// [`ClipError`], where the source has no such part.
    pub fn within(self, duration_ms: Option<u64>) -> Result<Self, ClipError> {
        self.check()?;
        let Some(duration) = duration_ms else {
            return Ok(self);
        };
        let to = self.to_ms.unwrap_or(duration);
        let outside = self.from_ms.saturating_add(MIN_CLIP_MS) > duration
            || to > duration.saturating_add(TOLERANCE_MS);
        if outside {
            return Err(ClipError::Outside(duration));
        }
        Ok(Self {
            to_ms: self.to_ms.filter(|to| *to < duration),
            ..self
        })
    }

    /// How long it is, of a source of `duration_ms`.
    pub fn length_ms(self, duration_ms: Option<u64>) -> Option<u64> {
        let to = [self.to_ms, duration_ms].into_iter().flatten().min()?;
        Some(to.saturating_sub(self.from_ms))
    }

    /// Its first and its last frame, as MediaConvert takes them. `rate` is the source's, where that is known; without it,
    /// and above [`MAX_RATE`], the timecodes are whole seconds, which look the same at every rate.
    pub fn timecodes(self, rate: Option<FrameRate>) -> Timecodes {
        let rate = rate
            .map(counted)
            .filter(|rate| rate.per_second() <= MAX_RATE);
        let code = |ms: u64, frames_before: u64| match rate {
            Some(rate) => timecode(frame(ms, rate).saturating_sub(frames_before), rate),
            None => clock(ms / 1000, 0),
        };
        Timecodes {
            start: (self.from_ms > 0).then(|| code(self.from_ms, 0)),
            // The frame that the end names is part of the clip.
            end: self.to_ms.map(|to| code(to, 1)),
        }
    }
}

/// First and last frame of a clip, `HH:MM:SS:FF`; `None` for those of the source. Without frame numbers left out (the
/// drop-frame count, `HH:MM:SS;FF`): each number is a frame, at 29.97 frames per second as well.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/setting-up-timecode.html>.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timecodes {
    /// The first frame.
    pub start: Option<String>,
    /// The last frame.
    pub end: Option<String>,
}

/// What the service counts a source at whose frames aren't of one length: the average, rounded up to one of these.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/variable-frame-rate-inputs.html>.
const CONSTANT_RATES: [u32; 8] = [1, 5, 10, 15, 24, 30, 50, 60];
/// Frames per second by which a constant rate may be told inexactly.
const INEXACT: f64 = 0.005;

fn counted(rate: FrameRate) -> FrameRate {
    let per_second = rate.per_second();
    let near = |other: f64| (per_second - other).abs() < INEXACT;
    let halves = (per_second * 2.0).round() / 2.0;
    let ntsc = per_second.ceil() * 1000.0 / 1001.0;
    if near(halves) || near(ntsc) {
        return rate;
    }
    let above = CONSTANT_RATES
        .into_iter()
        .find(|constant| f64::from(*constant) >= per_second);
    FrameRate {
        numerator: above.unwrap_or(60),
        denominator: 1,
    }
}

/// Number of the frame that begins nearest to `ms`.
fn frame(ms: u64, rate: FrameRate) -> u64 {
    let (numerator, denominator) = (u64::from(rate.numerator), u64::from(rate.denominator));
    let per = 1000 * denominator.max(1);
    (ms.saturating_mul(numerator) + per / 2) / per
}

fn timecode(frame: u64, rate: FrameRate) -> String {
    let (numerator, denominator) = (
        u64::from(rate.numerator),
        u64::from(rate.denominator).max(1),
    );
    let nominal = ((numerator + denominator / 2) / denominator).max(1);
    clock(frame / nominal, frame % nominal)
}

fn clock(seconds: u64, frames: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}:{frames:02}")
}

#[cfg(test)]
mod tests {
    use super::{Clip, ClipError, MAX_CLIP_MS};
    use crate::media::FrameRate;
    use proptest::prelude::*;

    fn clip(from_ms: u64, to_ms: impl Into<Option<u64>>) -> Clip {
        Clip {
            from_ms,
            to_ms: to_ms.into(),
        }
    }

    fn rate(numerator: u32, denominator: u32) -> FrameRate {
        FrameRate {
            numerator,
            denominator,
        }
    }

    fn codes(clip: Clip, rate: Option<FrameRate>) -> (Option<String>, Option<String>) {
        let codes = clip.timecodes(rate);
        (codes.start, codes.end)
    }

    fn text(start: &str, end: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        (some(start), some(end))
    }

    #[test]
    fn timecodes_name_the_first_and_the_last_frame() {
        let of = |from, to, numerator, denominator| {
            codes(clip(from, to), Some(rate(numerator, denominator)))
        };
        assert_eq!(of(2_000, 4_000, 25, 1), text("00:00:02:00", "00:00:03:24"));
        assert_eq!(
            of(12_520, 3_723_040, 25, 1),
            text("00:00:12:13", "01:02:03:00")
        );
        assert_eq!(of(0, 1_000, 60, 1), text("", "00:00:00:59"));
        assert_eq!(
            codes(clip(90_000, None), Some(rate(24, 1))),
            text("00:01:30:00", "")
        );
    }

    #[test]
    fn at_29_97_frames_per_second_an_hour_has_107_892_frames() {
        let codes = codes(clip(3_600_000, 7_200_000), Some(rate(30_000, 1001)));
        // 107 892 = 59 × 1800 + 56 × 30 + 12, and 215 783 is the last one before the second hour.
        assert_eq!(codes, text("00:59:56:12", "01:59:52:23"));
    }

    #[test]
    fn a_variable_rate_is_counted_as_the_service_rounds_it() {
        let of = |numerator, denominator| {
            codes(clip(10_000, None), Some(rate(numerator, denominator))).0
        };
        assert_eq!(of(2_987, 100).as_deref(), Some("00:00:10:00"));
        assert_eq!(of(2_513, 100).as_deref(), Some("00:00:10:00"));
        assert_eq!(
            of(25, 2).as_deref(),
            Some("00:00:09:08"),
            "12.5 are constant"
        );
        assert_eq!(
            of(24_000, 1001).as_deref(),
            Some("00:00:10:00"),
            "frame 240 of 23.976"
        );
    }

    #[test]
    fn frames_whose_number_has_three_digits_are_not_named() {
        let clip = clip(61_900, 70_000);
        assert_eq!(
            codes(clip, Some(rate(240, 1))),
            text("00:01:01:00", "00:01:10:00")
        );
        assert_eq!(
            codes(clip, Some(rate(100, 1))),
            text("00:01:01:90", "00:01:09:99")
        );
    }

    #[test]
    fn without_a_frame_rate_there_are_whole_seconds() {
        assert_eq!(
            codes(clip(61_900, 70_000), None),
            text("00:01:01:00", "00:01:10:00")
        );
    }

    #[test]
    fn a_part_lies_within_its_source() {
        let of = |clip: Clip| clip.within(Some(60_060));
        assert_eq!(of(clip(0, 60_000)), Ok(clip(0, 60_000)));
        assert_eq!(of(clip(5_000, 60_060)), Ok(clip(5_000, None)));
        assert_eq!(
            of(clip(5_000, 61_000)),
            Ok(clip(5_000, None)),
            "people round up"
        );
        let outside = Err(ClipError::Outside(60_060));
        assert_eq!(of(clip(5_000, 90_000)), outside);
        assert_eq!(of(clip(59_500, None)), outside);
        assert_eq!(of(clip(5_000, 5_500)), Err(ClipError::TooShort));
        assert_eq!(of(clip(6_000, 5_000)), Err(ClipError::TooShort));
        assert_eq!(
            clip(0, MAX_CLIP_MS + 1).within(None),
            Err(ClipError::TooLate)
        );
        assert_eq!(clip(5_000, 90_000).within(None), Ok(clip(5_000, 90_000)));
        assert_eq!(
            ClipError::Outside(60_060).to_string(),
            "the clip must lie within the video, which lasts 60.060 seconds"
        );
    }

    proptest! {
        /// Two clips that meet share no frame and leave none out, and a clip is as long as it says, give or take a frame.
        #[test]
        fn clips_that_meet_leave_no_gap(
            from in 0..3_600_000_u64, first in 1000..3_600_000_u64, second in 1000..3_600_000_u64,
            rate in proptest::sample::select(vec![(24_000, 1001), (25, 1), (30_000, 1001), (60_000, 1001), (50, 1)]),
        ) {
            let number = |code: &str| {
                let nominal = u64::from((rate.0 + rate.1 / 2) / rate.1);
                let parts: Vec<u64> = code.split(':').map(|part| part.parse().unwrap()).collect();
                prop_assert!(parts[1] < 60 && parts[2] < 60 && parts[3] < nominal);
                Ok(((parts[0] * 60 + parts[1]) * 60 + parts[2]) * nominal + parts[3])
            };
            let rate_of = Some(super::FrameRate { numerator: rate.0, denominator: rate.1 });
            let middle = from + first;
            let before = clip(from.max(1), middle).timecodes(rate_of);
            let behind = clip(middle, middle + second).timecodes(rate_of);
            let (start, end) = (number(&before.start.unwrap())?, number(&before.end.unwrap())?);
            prop_assert_eq!(end + 1, number(&behind.start.unwrap())?);
            #[expect(clippy::cast_precision_loss, reason = "hours have few frames")]
            let (frames, exact) = ((end + 1 - start) as f64, first as f64 * f64::from(rate.0) / f64::from(rate.1) / 1000.0);
            prop_assert!((frames - exact).abs() <= 1.1, "{} frames, not {}", frames, exact);
        }
    }
}
