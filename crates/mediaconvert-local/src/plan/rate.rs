//! Frame rates and GOPs.

use crate::media::Media;
use crate::media::Video;
use crate::ratio::Ratio;
use crate::settings::{
    EncoderSettings, GopSizeUnits, Initialize, SegmentLengthControl, StreamingSettings,
};

/// Rates to which the average of a source of variable frame rate is rounded up:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/variable-frame-rate-inputs.html>.
const CONSTANT_RATES: [u32; 8] = [1, 5, 10, 15, 24, 30, 50, 60];

/// The constant frame rate that stands for a source, and whether the source has a variable one.
pub fn of_source(media: &Media, video: &Video) -> (Ratio, bool) {
    let fallback = Ratio::new(25, 1).unwrap_or(Ratio::ONE);
    let (base, average) = match (video.base_frame_rate, video.average_frame_rate) {
        (None, None) => return (fallback, false),
        (Some(rate), None) | (None, Some(rate)) => return (rate, false),
        (Some(base), Some(average)) => (base, average),
    };
    if base.is_close_to(average, 0.01) {
        return (base, false);
    }
    // Fields are told apart by time stamps of twice the frame rate.
    if video.interlaced && (base.value() / average.value() - 2.0).abs() < 0.02 {
        return (average, false);
    }
    let variable_here = ["mp4", "matroska", "webm", "mov"];
    if !media
        .format
        .split(',')
        .any(|name| variable_here.contains(&name))
    {
        return (average, false);
    }
    let rounded = CONSTANT_RATES
        .into_iter()
        .find(|rate| f64::from(*rate) >= average.value() - 0.001)
        .unwrap_or(60);
    (Ratio::new(rounded, 1).unwrap_or(fallback), true)
}

/// The frame rate of an output.
pub fn of_output(settings: &EncoderSettings, source: Ratio) -> Ratio {
    match settings.framerate_control {
        Initialize::InitializeFromSource => source,
        Initialize::Specified => settings
            .framerate_numerator
            .zip(settings.framerate_denominator.or(Some(1)))
            .and_then(|(numerator, denominator)| Ratio::new(numerator, denominator))
            .unwrap_or(source),
    }
}

/// Frames from one key frame to the next. Where the service chooses by itself, a GOP is
/// `automatic` seconds long: that of a fragment, so that fragments and segments come out as asked.
pub fn gop_frames(settings: &EncoderSettings, rate: Ratio, automatic: f64) -> u32 {
    let frames = match (settings.gop_size_units, settings.gop_size) {
        (Some(GopSizeUnits::Frames) | None, Some(size)) => size,
        (Some(GopSizeUnits::Seconds), Some(size)) => size * rate.value(),
        (Some(GopSizeUnits::Auto), _) | (_, None) => automatic * rate.value(),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range just before"
    )]
    let frames = frames.round().clamp(1.0, 100_000.0) as u32;
    frames
}

/// Where a group's segments begin: at the first key frame of each multiple of the length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cadence {
    /// Seconds from one segment to the next.
    pub segment: f64,
    /// Seconds from one fragment to the next.
    pub fragment: f64,
    /// Key frames have to be forced, since segments are no multiple of the GOP.
    pub forced: bool,
}

/// The cadence of a group by that of its pictures; without any, as the settings say.
pub fn cadence(group: &StreamingSettings, pictures: Option<(Ratio, u32)>) -> Cadence {
    let (segment, fragment) = (
        f64::from(group.segment_length),
        f64::from(group.fragment_length),
    );
    let Some((rate, gop)) = pictures else {
        return Cadence {
            segment,
            fragment,
            forced: false,
        };
    };
    let gop = f64::from(gop) / rate.value();
    // 6 s at 29.97 frames a second are 2.997 GOPs of 60 frames; rounding up must not care for the
    // hundredth part.
    let multiples = |seconds: f64| (seconds / gop - 0.01).ceil().max(1.0);
    let fragment = (fragment / gop).round().max(1.0) * gop;
    match group.segment_length_control {
        SegmentLengthControl::GopMultiple | SegmentLengthControl::Match => Cadence {
            segment: multiples(segment) * gop,
            fragment,
            forced: false,
        },
        SegmentLengthControl::Exact => {
            let gops = segment / gop;
            let divides = (gops - gops.round()).abs() <= 0.01 * gops.max(1.0) && gops >= 0.99;
            if divides {
                Cadence {
                    segment: gops.round() * gop,
                    fragment,
                    forced: false,
                }
            } else {
                Cadence {
                    segment,
                    fragment,
                    forced: true,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(base: &str, average: &str) -> Video {
        Video {
            width: 640,
            height: 360,
            sample_aspect_ratio: Ratio::ONE,
            rotation: 0,
            average_frame_rate: average.parse().ok(),
            base_frame_rate: base.parse().ok(),
            interlaced: false,
            top_field_first: None,
            pixel_format: "yuv420p".to_owned(),
            level: None,
            color_primaries: None,
            color_transfer: None,
            color_space: None,
            hdr10: None,
        }
    }

    fn rate(base: &str, average: &str) -> (String, bool) {
        let media = Media {
            format: "mov,mp4,m4a".to_owned(),
            ..Media::default()
        };
        let (rate, variable) = of_source(&media, &video(base, average));
        (rate.to_string(), variable)
    }

    #[test]
    fn a_constant_rate_is_kept_exactly() {
        assert_eq!(
            rate("30000/1001", "30000/1001"),
            ("30000/1001".to_owned(), false)
        );
        // A phone's 30, off by the duration of one frame.
        assert_eq!(rate("30/1", "9000/301"), ("30/1".to_owned(), false));
    }

    #[test]
    fn a_variable_rate_is_rounded_up() {
        assert_eq!(rate("30/1", "2700/100"), ("30/1".to_owned(), true));
        assert_eq!(rate("90000/1", "1245/100"), ("15/1".to_owned(), true));
        assert_eq!(rate("240/1", "120/1"), ("60/1".to_owned(), true));
    }

    #[test]
    fn fields_are_not_frames() {
        let media = Media {
            format: "mov,mp4".to_owned(),
            ..Media::default()
        };
        let fields = Video {
            interlaced: true,
            top_field_first: None,
            ..video("50/1", "25/1")
        };
        assert_eq!(of_source(&media, &fields).0.to_string(), "25/1");
    }

    fn group(segment_length: u32, control: SegmentLengthControl) -> StreamingSettings {
        StreamingSettings {
            segment_length,
            segment_length_control: control,
            ..StreamingSettings::default()
        }
    }

    #[test]
    fn segments_are_whole_gops() {
        let ntsc = Ratio::new(30_000, 1001).unwrap();
        let cadence = cadence(
            &group(6, SegmentLengthControl::GopMultiple),
            Some((ntsc, 60)),
        );
        assert!((cadence.segment - 6.006).abs() < 1e-9);
        assert!((cadence.fragment - 2.002).abs() < 1e-9);
    }

    #[test]
    fn exact_segments_force_key_frames_where_gops_do_not_divide_them() {
        let rate = Ratio::new(25, 1).unwrap();
        let divided = cadence(&group(6, SegmentLengthControl::Exact), Some((rate, 50)));
        assert!(!divided.forced);
        let forced = cadence(&group(5, SegmentLengthControl::Exact), Some((rate, 50)));
        assert!(forced.forced && (forced.segment - 5.0).abs() < 1e-9);
    }
}
