//! Timecodes: `hh:mm:ss:ff`, or `hh:mm:ss;ff` where frame numbers are dropped (SMPTE ST 12-1).

use std::fmt;
use std::str::FromStr;

use crate::ratio::Ratio;

/// A timecode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timecode {
    hours: u32,
    minutes: u32,
    seconds: u32,
    frames: u32,
    /// Two numbers a minute, but for each tenth, are left out, so that 29.97 frames a second keep
    /// up with the clock; four at 59.94.
    drop: bool,
}

/// The text is no timecode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("should be of the form HH:MM:SS:FF or HH:MM:SS;FF")]
pub struct NotATimecode;

impl FromStr for Timecode {
    type Err = NotATimecode;

    fn from_str(text: &str) -> Result<Self, NotATimecode> {
        let bytes = text.as_bytes();
        let separators = [2, 5, 8].map(|at| bytes.get(at).copied());
        let number = |at: usize, most: u32| {
            let digits = text.get(at..at + 2).ok_or(NotATimecode)?;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(NotATimecode);
            }
            digits
                .parse()
                .ok()
                .filter(|number| *number <= most)
                .ok_or(NotATimecode)
        };
        let drop = match (separators, text.len()) {
            ([Some(b':'), Some(b':'), Some(b':')], 11) => false,
            ([Some(b':'), Some(b':'), Some(b';' | b'.')], 11) => true,
            _ => return Err(NotATimecode),
        };
        Ok(Self {
            hours: number(0, 24)?,
            minutes: number(3, 59)?,
            seconds: number(6, 59)?,
            frames: number(9, 99)?,
            drop,
        })
    }
}

impl Timecode {
    /// Number of the frame that it names, from 0 at `00:00:00:00`, at a frame rate.
    pub fn frame(self, rate: Ratio) -> i64 {
        let nominal = nominal(rate);
        let minutes = i64::from(self.hours) * 60 + i64::from(self.minutes);
        let all = (minutes * 60 + i64::from(self.seconds)) * nominal + i64::from(self.frames);
        if self.drop {
            all - dropped(nominal) * (minutes - minutes / 10)
        } else {
            all
        }
    }

    /// The timecode of a frame.
    pub fn of_frame(frame: i64, rate: Ratio, drop: bool) -> Self {
        let nominal = nominal(rate);
        let mut frame = frame.max(0);
        if drop {
            let skipped = dropped(nominal);
            let (in_minute, in_ten) = (nominal * 60 - skipped, nominal * 600 - skipped * 9);
            let (tens, rest) = (frame / in_ten, frame % in_ten);
            frame += tens * skipped * 9;
            if rest >= nominal * 60 {
                frame += skipped * ((rest - nominal * 60) / in_minute + 1);
            }
        }
        let part = |number: i64| u32::try_from(number).unwrap_or_default();
        let seconds = frame / nominal;
        Self {
            hours: part(seconds / 3600 % 24),
            minutes: part(seconds / 60 % 60),
            seconds: part(seconds % 60),
            frames: part(frame % nominal),
            drop,
        }
    }

    /// Frames of a day: then timecodes begin anew.
    pub fn day(drop: bool, rate: Ratio) -> i64 {
        let last = Self {
            hours: 24,
            minutes: 0,
            seconds: 0,
            frames: 0,
            drop,
        };
        last.frame(rate)
    }

    /// Whether another one comes before it on the same day.
    pub fn is_after(self, other: Self) -> bool {
        let key = |of: Self| (of.hours, of.minutes, of.seconds, of.frames);
        key(self) > key(other)
    }

    /// Whether frame numbers are dropped.
    pub fn drops(self) -> bool {
        self.drop
    }
}

impl fmt::Display for Timecode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = if self.drop { ';' } else { ':' };
        let Self {
            hours,
            minutes,
            seconds,
            frames,
            ..
        } = self;
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}{point}{frames:02}")
    }
}

/// Frame numbers in a second: 30 at 29.97 frames a second.
fn nominal(rate: Ratio) -> i64 {
    let (numerator, denominator) = (i64::from(rate.numerator()), i64::from(rate.denominator()));
    ((numerator + denominator / 2) / denominator).max(1)
}

fn dropped(nominal: i64) -> i64 {
    nominal / 15
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(text: &str, rate: &str) -> i64 {
        text.parse::<Timecode>()
            .unwrap()
            .frame(rate.parse().unwrap())
    }

    #[test]
    fn a_timecode_names_a_frame() {
        assert_eq!(frame("00:00:01:00", "25/1"), 25);
        assert_eq!(frame("01:00:00:00", "24000/1001"), 86_400);
        // Numbers 0 and 1 of each minute, but for each tenth, don't exist.
        assert_eq!(frame("00:01:00;02", "30000/1001"), 1800);
        assert_eq!(frame("00:10:00;00", "30000/1001"), 17_982);
        assert_eq!(frame("01:00:00;00", "30000/1001"), 107_892);
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "1:00:00:00",
            "00:00:00",
            "00:60:00:00",
            "00:00:00:0x",
            "00-00-00-00",
            "25:00:00:00",
        ] {
            assert_eq!(text.parse::<Timecode>(), Err(NotATimecode), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_frame_has_one_timecode(
            number in 0i64..2_000_000,
            (rate, drop) in prop::sample::select(vec![
                ("25/1", false), ("24000/1001", false), ("30000/1001", false), ("30000/1001", true), ("60000/1001", true),
            ]),
        ) {
            let rate = rate.parse().unwrap();
            let timecode = Timecode::of_frame(number, rate, drop);
            prop_assert_eq!(timecode.frame(rate), number);
            prop_assert_eq!(timecode.to_string().parse(), Ok(timecode));
        }
    }
}
