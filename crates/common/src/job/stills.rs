//! Poster and thumbnails, by frame capture beside the streams.

use aws_sdk_mediaconvert::types::{
    ContainerSettings, ContainerType, FileGroupSettings, FrameCaptureSettings, Output, OutputGroup,
    OutputGroupSettings, OutputGroupType, VideoCodec, VideoCodecSettings, VideoDescription,
};

use crate::ladder;
use crate::media::Size;
use crate::output::{POSTER, THUMBNAIL};
use crate::profile::StillsPolicy;
use crate::video::Stills;

/// The stills of a video.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StillsPlan {
    /// Where the poster is taken, seconds from the start; 0 for the first frame. Early: the capture ends
    /// with it, and captures may be billed by the time that they span.
    poster_second: u32,
    poster: Size,
    thumbnail_seconds: u32,
    /// At least so many: the picture may be a little shorter than the file.
    thumbnail_count: Option<u32>,
    thumbnail: Size,
}

/// A seek bar shows no more thumbnails than this.
const MAX_THUMBNAILS: u64 = 100;
/// Seconds between thumbnails of a short video.
const MIN_THUMBNAIL_SECONDS: u64 = 2;
/// Seconds between thumbnails where the length isn't known.
const THUMBNAIL_SECONDS: u32 = 10;
/// The first seconds are often black: the poster comes from behind them, where the video is long enough.
const POSTER_SECOND: u64 = 5;
/// Longest side of a still, pixels.
const MAX_LONG_SIDE: u32 = 4096;
/// JPEG quality, 1 to 100.
const QUALITY: i32 = 80;

impl StillsPlan {
    /// Of a picture of the size `source`.
    pub(super) fn new(policy: StillsPolicy, source: Size, duration_ms: Option<u64>) -> Self {
        let seconds = duration_ms.map(|ms| ms / 1000);
        let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        let poster_second = seconds.map_or(0, |seconds| small((seconds / 4).min(POSTER_SECOND)));
        let thumbnail_seconds = seconds.map_or(THUMBNAIL_SECONDS, |seconds| {
            small(seconds.div_ceil(MAX_THUMBNAILS).max(MIN_THUMBNAIL_SECONDS))
        });
        Self {
            poster_second,
            poster: poster_size(policy, source),
            thumbnail_seconds,
            thumbnail_count: seconds
                .map(|seconds| small(seconds / u64::from(thumbnail_seconds)).max(1)),
            thumbnail: thumbnail_size(policy, source),
        }
    }

    /// What the record keeps until the job ends.
    pub(super) fn record(&self) -> Stills {
        Stills {
            poster_second: self.poster_second,
            thumbnail_seconds: self.thumbnail_seconds,
            thumbnail_count: self.thumbnail_count,
            thumbnail_width: self.thumbnail.width,
            thumbnail_height: self.thumbnail.height,
        }
    }

    /// The first frame is captured always, and is number 0.
    fn poster_number(&self) -> u32 {
        u32::from(self.poster_second > 0)
    }
}

/// Short side as the profile says, but no panorama that MediaConvert can't make.
fn poster_size(policy: StillsPolicy, source: Size) -> Size {
    let size = ladder::fit(source, policy.poster_short_side);
    if size.long_side() > MAX_LONG_SIDE {
        ladder::fit_long(source, MAX_LONG_SIDE)
    } else {
        size
    }
}

/// Long side as the profile says, but no side below what MediaConvert makes.
fn thumbnail_size(policy: StillsPolicy, source: Size) -> Size {
    let size = ladder::fit_long(source, policy.thumbnail_long_side);
    if size.short_side() < ladder::MIN_SIDE {
        ladder::fit(source, ladder::MIN_SIDE)
    } else {
        size
    }
}

/// The group of the files beside the streams.
pub(super) fn output_group(outputs: Vec<Output>, destination: &str) -> OutputGroup {
    OutputGroup::builder()
        .name("Files")
        .output_group_settings(
            OutputGroupSettings::builder()
                .r#type(OutputGroupType::FileGroupSettings)
                .file_group_settings(
                    FileGroupSettings::builder()
                        .destination(destination)
                        .build(),
                )
                .build(),
        )
        .set_outputs(Some(outputs))
        .build()
}

/// Poster and thumbnails.
pub(super) fn outputs(stills: &StillsPlan) -> Vec<Output> {
    let poster = capture(
        POSTER,
        stills.poster,
        stills.poster_second.max(1),
        Some(stills.poster_number() + 1),
    );
    let thumbnails = capture(THUMBNAIL, stills.thumbnail, stills.thumbnail_seconds, None);
    vec![poster, thumbnails]
}

/// Captures the first frame, then one every `seconds`.
fn capture(modifier: &str, size: Size, seconds: u32, max_captures: Option<u32>) -> Output {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    // One side only, as in the ladder.
    let (width, height) = if size.is_portrait() {
        (None, Some(number(size.height)))
    } else {
        (Some(number(size.width)), None)
    };
    let frame_capture = FrameCaptureSettings::builder()
        .framerate_numerator(1)
        .framerate_denominator(number(seconds))
        .set_max_captures(max_captures.map(number))
        .quality(QUALITY)
        .build();
    Output::builder()
        .name_modifier(modifier)
        .container_settings(
            ContainerSettings::builder()
                .container(ContainerType::Raw)
                .build(),
        )
        .video_description(
            VideoDescription::builder()
                .set_width(width)
                .set_height(height)
                .codec_settings(
                    VideoCodecSettings::builder()
                        .codec(VideoCodec::FrameCapture)
                        .frame_capture_settings(frame_capture)
                        .build(),
                )
                .build(),
        )
        .build()
}

#[cfg(test)]
mod tests {
    use super::thumbnail_size;
    use crate::media::Size;
    use crate::profile::StillsPolicy;

    #[test]
    fn a_thumbnail_has_the_long_side_of_the_profile() {
        for (width, height, expected) in [
            (1920, 1080, (320, 180)),
            (854, 480, (320, 180)),
            (853, 481, (320, 180)),
            (1080, 1920, (180, 320)),
            (640, 480, (320, 240)),
            (160, 120, (160, 120)),
            (4096, 64, (2048, 32)),
        ] {
            let Size { width, height } =
                thumbnail_size(StillsPolicy::default(), Size { width, height });
            assert_eq!((width, height), expected);
        }
    }
}
