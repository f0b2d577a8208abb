//! Scenarist closed captions: CEA-608 in hexadecimal, with a timecode for each run of pairs.

use std::str::FromStr;

use super::cea608::Decoder;
use super::{Captions, CaptionsError, SECOND};
use crate::ratio::Ratio;
use crate::timecode::Timecode;

/// How long the last caption stays when nothing ends it. Microseconds.
const LAST: i64 = 4 * SECOND;

/// Reads channel 1 of a file whose timecodes count at `rate`.
///
/// # Errors
///
/// When the first line isn't that of the format.
pub fn read(text: &str, rate: Ratio) -> Result<Captions, CaptionsError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if !lines
        .next()
        .is_some_and(|first| first.starts_with("Scenarist_SCC"))
    {
        return Err(CaptionsError::Format(
            "SCC",
            "it does not begin with 'Scenarist_SCC'".to_owned(),
        ));
    }
    let mut decoder = Decoder::new(1);
    let mut skipped = 0;
    let mut next = 0;
    for line in lines {
        let (code, words) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let Ok(code) = Timecode::from_str(code) else {
            skipped += 1;
            continue;
        };
        // One pair a frame; a line that comes too early waits for the one before it.
        let mut frame = code.frame(rate).max(next);
        for word in words.split_whitespace() {
            match u16::from_str_radix(word, 16) {
                Ok(word) => decoder.feed(time(frame, rate), word.to_be_bytes()),
                Err(_) => skipped += 1,
            }
            frame += 1;
        }
        next = frame;
    }
    let mut captions = decoder.finish(time(next, rate) + LAST);
    if skipped > 0 {
        captions
            .warnings
            .push(format!("{skipped} unreadable lines or words were skipped"));
    }
    Ok(captions)
}

/// Microseconds of a frame.
fn time(frame: i64, rate: Ratio) -> i64 {
    frame * SECOND * i64::from(rate.denominator()) / i64::from(rate.numerator()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420 9470 9470 c8e9 a180 942f 942f\n\n\
                        broken line\n00:00:03:00\t942c 942c zzzz\n";

    #[test]
    fn a_file_is_read() {
        let captions = read(FILE, "30/1".parse().unwrap()).unwrap();
        let [cue] = captions.cues.as_slice() else {
            panic!("{captions:?}")
        };
        assert_eq!(
            (cue.start, cue.end, cue.text()),
            (1_200_000, 3_000_000, "Hi!".to_owned())
        );
        assert_eq!(captions.warnings.len(), 1);
    }

    #[test]
    fn another_file_is_refused() {
        assert!(read("WEBVTT\n", Ratio::ONE).is_err());
    }
}
