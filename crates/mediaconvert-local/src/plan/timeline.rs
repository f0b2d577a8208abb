//! Which pieces of the inputs the outputs are made of, one after the other:
//! <https://docs.aws.amazon.com/mediaconvert/latest/ug/assembling-multiple-inputs-and-input-clips.html>.

use crate::captions::{SECOND, Window};
use crate::media::Media;
use crate::ratio::Ratio;
use crate::settings::{Input, InputClipping, TimecodeSource};
use crate::sources::{InputFiles, Sources};
use crate::timecode::Timecode;

use super::PlanError;
use super::rate;

/// A piece that begins earlier in its input is decoded from the input's beginning. Seconds.
const WORTH_SEEKING: f64 = 10.0;
/// How long before its piece the reading of an input begins and after it ends, since key frames and
/// the interleaving of tracks are where they are. Seconds.
const MARGIN: f64 = 5.0;
/// How far a timecode may lie behind the end that the container tells. Seconds.
const TOLERANCE: f64 = 0.5;

/// A piece of an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Index of the input.
    pub input: usize,
    /// Where it is in the input and in the outputs.
    pub window: Window,
    /// How long it is, if that can be told before it is read. Seconds.
    pub seconds: Option<f64>,
    /// It is not all of the input.
    pub clipped: bool,
    /// How much of the input is skipped without reading it. Seconds.
    pub skipped: f64,
}

impl Piece {
    /// When it begins, at the times of what ffmpeg reads. Seconds.
    pub(super) fn start(&self) -> f64 {
        seconds(self.window.start) - self.skipped
    }

    /// When it ends, at the times of what ffmpeg reads. Seconds.
    pub(super) fn end(&self) -> Option<f64> {
        self.window.end.map(|end| seconds(end) - self.skipped)
    }

    /// ffmpeg's arguments for reading no more than the piece.
    pub(super) fn reading(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.skipped > 0.0 {
            arguments.extend(["-ss".to_owned(), self.skipped.to_string()]);
        }
        if let Some(end) = self.end().filter(|_| self.clipped) {
            arguments.extend(["-t".to_owned(), format!("{:.6}", end + MARGIN)]);
        }
        arguments
    }
}

/// The pieces of all inputs, in the order of the outputs.
pub(super) fn pieces(inputs: &[Input], sources: &Sources) -> Result<Vec<Piece>, PlanError> {
    let mut pieces = Vec::new();
    for (number, (input, files)) in inputs.iter().zip(&sources.inputs).enumerate() {
        if input.input_clippings.is_empty() {
            pieces.push(Piece {
                input: number,
                window: Window {
                    start: 0,
                    end: None,
                    offset: 0,
                },
                seconds: length(&files.media),
                clipped: false,
                skipped: 0.0,
            });
        }
        for clipping in &input.input_clippings {
            pieces.push(piece(number, input, files, clipping)?);
        }
    }
    let (mut offset, last) = (0, pieces.len().saturating_sub(1));
    for (number, piece) in pieces.iter_mut().enumerate() {
        piece.window.offset = offset;
        let Some(length) = piece.seconds else {
            continue;
        };
        offset += micros(length);
        // What goes on behind the end of a picture must not reach into the next piece.
        if number < last && piece.window.end.is_none() {
            piece.window.end = Some(piece.window.start + micros(length));
        }
    }
    Ok(pieces)
}

fn piece(
    number: usize,
    input: &Input,
    files: &InputFiles,
    clipping: &InputClipping,
) -> Result<Piece, PlanError> {
    let media = &files.media;
    let rate = media
        .video()
        .map_or(Ratio::new(25, 1), |(_, video)| {
            Some(rate::of_source(media, video).0)
        })
        .unwrap_or(Ratio::ONE);
    let first = first_frame(
        input.timecode_source,
        input.timecode_start.as_deref(),
        media,
        rate,
    );
    let lead = media.video().map_or(0.0, |(track, _)| {
        track
            .start
            .map_or(0.0, |start| (start - media.start).max(0.0))
    });
    let whole = length(media);
    let last = whole.map(|whole| micros(lead + whole));
    let missing = |text: &str| {
        let of_frame = |frame| Timecode::of_frame(frame, rate, first.1).to_string();
        let from = of_frame(first.0);
        let until = whole.map_or_else(
            || "its end".to_owned(),
            |whole| of_frame(first.0 + frames(whole, rate) - 1),
        );
        PlanError::Timecode(format!(
            "the input '{}' has no frame with the timecode {text}: it goes from {from} to {until}",
            input.file_input
        ))
    };
    // Frames from the beginning of the input. Timecodes begin anew at midnight.
    let counted = |text: &str| -> Result<i64, PlanError> {
        let timecode: Timecode = text.parse().map_err(|_| missing(text))?;
        let frame = timecode.frame(rate) - first.0;
        let day = Timecode::day(first.1, rate);
        Ok(if frame < 0 { frame + day } else { frame })
    };
    let at = |frame: i64| micros(lead) + frame_start(frame, rate);
    let start = match &clipping.start_timecode {
        None => 0,
        Some(text) => {
            let start = at(counted(text)?);
            if last.is_some_and(|last| start >= last) {
                return Err(missing(text));
            }
            start
        }
    };
    let end = match &clipping.end_timecode {
        None => None,
        Some(text) => {
            // The frame that the timecode names is part of the clip.
            let end = at(counted(text)? + 1);
            if last.is_some_and(|last| end > last + micros(TOLERANCE)) || end <= start {
                return Err(missing(text));
            }
            Some(last.map_or(end, |last| end.min(last)))
        }
    };
    let seekable = media.is_iso() || media.format.split(',').any(|name| name == "matroska");
    let skipped = if seekable && seconds(start) >= WORTH_SEEKING {
        seconds(start).floor() - MARGIN
    } else {
        0.0
    };
    let seconds = end.or(last).map(|end| seconds(end - start));
    Ok(Piece {
        input: number,
        window: Window {
            start,
            end,
            offset: 0,
        },
        seconds,
        clipped: true,
        skipped,
    })
}

/// The number that the first frame has, and whether timecodes drop numbers.
pub(super) fn first_frame(
    source: TimecodeSource,
    start: Option<&str>,
    media: &Media,
    rate: Ratio,
) -> (i64, bool) {
    let text = match source {
        // As the guide says of a source without timecodes: it starts at zero.
        TimecodeSource::Embedded => media.timecode.as_deref(),
        TimecodeSource::Zerobased => None,
        TimecodeSource::Specifiedstart => start,
    };
    let timecode: Option<Timecode> = text.and_then(|text| text.parse().ok());
    timecode.map_or((0, false), |timecode| {
        (timecode.frame(rate), timecode.drops())
    })
}

/// Seconds of the picture, or of the sound where there is no picture.
pub(super) fn length(media: &Media) -> Option<f64> {
    let track = media
        .video()
        .map(|(track, _)| track)
        .or(media.audio().next().map(|(track, _)| track));
    track.and_then(|track| track.duration).or(media.duration)
}

/// When a frame begins. Microseconds.
fn frame_start(frame: i64, rate: Ratio) -> i64 {
    let (numerator, denominator) = (i64::from(rate.numerator()), i64::from(rate.denominator()));
    frame.saturating_mul(SECOND).saturating_mul(denominator) / numerator
}

#[expect(clippy::cast_possible_truncation, reason = "frames of a file")]
pub(super) fn frames(seconds: f64, rate: Ratio) -> i64 {
    (seconds * rate.value()).round() as i64
}

#[expect(clippy::cast_possible_truncation, reason = "times of a file")]
pub(super) fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "times of a file")]
pub(super) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Track, TrackKind, Video};

    fn sources(timecode: Option<&str>, rate: (u32, u32), seconds: f64) -> Sources {
        let rate = Ratio::new(rate.0, rate.1);
        let video = Video {
            width: 320,
            height: 180,
            sample_aspect_ratio: Ratio::ONE,
            rotation: 0,
            average_frame_rate: rate,
            base_frame_rate: rate,
            interlaced: false,
            top_field_first: None,
            pixel_format: String::new(),
            level: None,
            color_primaries: None,
            color_transfer: None,
            color_space: None,
            hdr10: None,
        };
        let track = Track {
            index: 0,
            id: None,
            codec: String::new(),
            four_cc: None,
            profile: None,
            start: None,
            duration: Some(seconds),
            bit_rate: None,
            language: None,
            kind: TrackKind::Video(video),
        };
        let media = Media {
            format: "mov,mp4".to_owned(),
            timecode: timecode.map(ToOwned::to_owned),
            tracks: vec![track],
            ..Media::default()
        };
        Sources::single(media, "source")
    }

    fn cut(
        source: &str,
        clips: &[(&str, &str)],
        sources: &Sources,
    ) -> Result<Vec<Piece>, PlanError> {
        let clips: Vec<serde_json::Value> = clips
            .iter()
            .map(|(start, end)| serde_json::json!({"startTimecode": start, "endTimecode": end}))
            .collect();
        let input = serde_json::json!({"fileInput": "s3://a/b", "timecodeSource": source,
            "timecodeStart": "10:00:00:00", "inputClippings": clips});
        pieces(&[serde_json::from_value(input).unwrap()], sources)
    }

    #[test]
    fn both_frames_of_a_clip_belong_to_it() {
        let sources = sources(None, (25, 1), 60.0);
        let pieces = cut(
            "ZEROBASED",
            &[
                ("00:00:01:00", "00:00:01:24"),
                ("00:00:00:10", "00:00:00:10"),
            ],
            &sources,
        )
        .unwrap();
        let window = |start, end, offset| Window {
            start,
            end: Some(end),
            offset,
        };
        assert_eq!(pieces[0].window, window(1_000_000, 2_000_000, 0));
        assert_eq!(pieces[1].window, window(400_000, 440_000, 1_000_000));
        assert_eq!((pieces[1].seconds, pieces[1].skipped), (Some(0.04), 0.0));
    }

    #[test]
    fn timecodes_count_from_the_one_of_the_first_frame() {
        let with = sources(Some("23:59:59;00"), (30_000, 1001), 60.0);
        // Two seconds later it is past midnight.
        let pieces = cut("EMBEDDED", &[("00:00:01;00", "00:00:01;29")], &with).unwrap();
        assert_eq!(pieces[0].window.start, 60 * 1_001_000 / 30);
        let pieces = cut("SPECIFIEDSTART", &[("10:00:02:00", "10:00:02:00")], &with).unwrap();
        assert_eq!(pieces[0].window.start, 60 * 1_001_000 / 30);
        let without = sources(None, (25, 1), 60.0);
        let pieces = cut("EMBEDDED", &[("00:00:02:00", "00:00:02:00")], &without).unwrap();
        assert_eq!(pieces[0].window.start, 2_000_000);
    }

    #[test]
    fn what_is_not_in_the_input_is_an_error() {
        let sources = sources(None, (25, 1), 60.0);
        for clip in [
            ("00:01:00:00", "00:01:01:00"),
            ("00:00:59:00", "00:01:01:00"),
        ] {
            let error = cut("ZEROBASED", &[clip], &sources).unwrap_err();
            assert!(matches!(error, PlanError::Timecode(_)), "{error:?}");
        }
        // Containers round.
        let pieces = cut("ZEROBASED", &[("00:00:59:00", "00:01:00:05")], &sources).unwrap();
        assert_eq!(
            (pieces[0].window.end, pieces[0].skipped),
            (Some(60_000_000), 54.0)
        );
    }
}
