//! What is known of a source before its job is built: MediaConvert's `Probe` answer, and the rotation from
//! the file's own header.

use aws_sdk_mediaconvert::types::{
    ProbeResult, Track, TrackType, TransferCharacteristics, VideoProperties,
};

use crate::failure::{Failure, FailureCode};
use crate::rotation::Rotation;

/// A source that can be transcoded: it has a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Length in milliseconds, where the container tells it.
    pub duration_ms: Option<u64>,
    /// The first video track.
    pub video: Video,
    /// Audio tracks, in the order of the file.
    pub audio: Vec<Audio>,
}

/// The picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Video {
    /// Width in pixels as stored, before rotation.
    pub width: u32,
    /// Height in pixels as stored, before rotation.
    pub height: u32,
    /// How the picture is to be turned for viewing.
    pub rotation: Rotation,
    /// Frames per second, where Probe tells it.
    pub frame_rate: Option<f64>,
    /// True where the lines of a frame belong to two moments.
    pub interlaced: bool,
    /// True for PQ and HLG transfer characteristics.
    pub hdr: bool,
}

/// An audio track.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Audio {
    /// Number of channels; 2 where Probe doesn't tell.
    pub channels: u32,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Size {
    /// The shorter side, in pixels: what "720p" names.
    pub fn short_side(self) -> u32 {
        self.width.min(self.height)
    }

    /// The longer side, in pixels.
    pub fn long_side(self) -> u32 {
        self.width.max(self.height)
    }

    /// A picture of these sides, lying or standing as this one.
    #[must_use]
    pub fn shaped(self, short_side: u32, long_side: u32) -> Self {
        let (width, height) = if self.is_portrait() {
            (short_side, long_side)
        } else {
            (long_side, short_side)
        };
        Self { width, height }
    }

    /// True where the picture is higher than wide.
    pub fn is_portrait(self) -> bool {
        self.height > self.width
    }
}

impl Video {
    /// The picture's size as it is viewed, after rotation.
    pub fn size(&self) -> Size {
        if self.rotation.swaps_sides() {
            Size {
                width: self.height,
                height: self.width,
            }
        } else {
            Size {
                width: self.width,
                height: self.height,
            }
        }
    }
}

impl Media {
    /// Reads Probe's answer.
    ///
    /// `header_rotation` is what the file's own header says. Probe's `rotation` is left out both for an
    /// upright picture and by versions of the service that don't tell it, so the header decides then.
    /// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/probe.html>.
    ///
    /// # Errors
    ///
    /// The failure for the record, where the source isn't a video: Probe leaves the format blank for what
    /// it doesn't recognise.
    pub fn from_probe(
        result: &ProbeResult,
        header_rotation: Option<Rotation>,
    ) -> Result<Self, Failure> {
        let container = result
            .container()
            .filter(|container| container.format().is_some() && !container.tracks().is_empty())
            .ok_or_else(|| Failure::ours(FailureCode::UnreadableSource))?;
        let no_video = || Failure::ours(FailureCode::NoVideo);
        let track = container
            .tracks()
            .iter()
            .find(|track| track.track_type() == Some(&TrackType::Video))
            .ok_or_else(no_video)?;
        let properties = track.video_properties().ok_or_else(no_video)?;
        Ok(Self {
            duration_ms: container
                .duration()
                .or(track.duration())
                .and_then(milliseconds),
            video: video(properties, header_rotation)
                .ok_or_else(|| Failure::ours(FailureCode::UnreadableSource))?,
            audio: container.tracks().iter().filter_map(audio).collect(),
        })
    }
}

fn video(properties: &VideoProperties, header_rotation: Option<Rotation>) -> Option<Video> {
    let codec = properties.codec_metadata();
    let rotation = properties
        .rotation()
        .map_or(header_rotation, Rotation::from_degrees)
        .unwrap_or_default();
    Some(Video {
        width: pixels(properties.width())?,
        height: pixels(properties.height())?,
        rotation,
        frame_rate: properties.frame_rate().and_then(|rate| {
            let (numerator, denominator) = (rate.numerator()?, rate.denominator()?);
            (numerator > 0 && denominator > 0)
                .then(|| f64::from(numerator) / f64::from(denominator))
        }),
        interlaced: codec.is_some_and(|codec| {
            // The strings of `scanType` aren't documented; a field order is told only for interlaced video.
            let scan_type = codec.scan_type().unwrap_or_default().to_ascii_lowercase();
            codec.field_order().is_some() || scan_type.starts_with("interlaced")
        }),
        hdr: matches!(
            properties.transfer_characteristics(),
            Some(TransferCharacteristics::Smpte2084 | TransferCharacteristics::AribB67)
        ),
    })
}

fn audio(track: &Track) -> Option<Audio> {
    if track.track_type() != Some(&TrackType::Audio) {
        return None;
    }
    let channels = track
        .audio_properties()
        .and_then(|audio| pixels(audio.channels()));
    Some(Audio {
        channels: channels.unwrap_or(2),
    })
}

/// A positive count.
fn pixels(value: Option<i32>) -> Option<u32> {
    value
        .and_then(|value| u32::try_from(value).ok())
        .filter(|value| *value > 0)
}

fn milliseconds(seconds: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked, and a fraction of a millisecond doesn't matter"
    )]
    (seconds > 0.0 && seconds < 1e9).then_some((seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_mediaconvert::types::{
        AudioProperties, CodecMetadata, Container, Format, FrameRate, TrackType,
    };

    fn video_track(properties: VideoProperties) -> Track {
        Track::builder()
            .track_type(TrackType::Video)
            .video_properties(properties)
            .build()
    }

    fn full_hd() -> aws_sdk_mediaconvert::types::builders::VideoPropertiesBuilder {
        VideoProperties::builder()
            .width(1920)
            .height(1080)
            .frame_rate(
                FrameRate::builder()
                    .numerator(30000)
                    .denominator(1001)
                    .build(),
            )
    }

    fn probed(tracks: Vec<Track>) -> ProbeResult {
        let container = Container::builder()
            .format(Format::Mp4)
            .duration(60.06)
            .set_tracks(Some(tracks));
        ProbeResult::builder().container(container.build()).build()
    }

    #[test]
    fn a_phone_clip_is_portrait_by_its_header() {
        let result = probed(vec![video_track(full_hd().build())]);
        let media = Media::from_probe(&result, Some(Rotation::Clockwise90)).unwrap();
        assert_eq!(
            media.video.size(),
            Size {
                width: 1080,
                height: 1920
            }
        );
        assert_eq!(media.duration_ms, Some(60_060));
    }

    #[test]
    fn the_rotation_that_probe_tells_wins() {
        let result = probed(vec![video_track(full_hd().rotation(180).build())]);
        let media = Media::from_probe(&result, Some(Rotation::Clockwise90)).unwrap();
        assert_eq!(media.video.rotation, Rotation::Clockwise180);
    }

    #[test]
    fn audio_tracks_keep_their_channels() {
        let surround = AudioProperties::builder().channels(6).build();
        let audio = Track::builder()
            .track_type(TrackType::Audio)
            .audio_properties(surround)
            .build();
        let media =
            Media::from_probe(&probed(vec![video_track(full_hd().build()), audio]), None).unwrap();
        assert_eq!(media.audio, [Audio { channels: 6 }]);
    }

    #[test]
    fn interlaced_is_recognised_in_any_spelling() {
        for codec in [
            CodecMetadata::builder().scan_type("Interlaced"),
            CodecMetadata::builder().scan_type("INTERLACED"),
            CodecMetadata::builder().field_order("TopFieldFirst"),
        ] {
            let track = video_track(full_hd().codec_metadata(codec.build()).build());
            assert!(
                Media::from_probe(&probed(vec![track]), None)
                    .unwrap()
                    .video
                    .interlaced
            );
        }
        let progressive = CodecMetadata::builder().scan_type("progressive").build();
        let track = video_track(full_hd().codec_metadata(progressive).build());
        assert!(
            !Media::from_probe(&probed(vec![track]), None)
                .unwrap()
                .video
                .interlaced
        );
    }

    #[test]
    fn a_file_that_probe_does_not_recognise_is_unreadable() {
        let blank = ProbeResult::builder()
            .container(Container::builder().build())
            .build();
        let code = |result| Media::from_probe(result, None).unwrap_err().code;
        assert_eq!(code(&blank), "UNREADABLE_SOURCE");
        assert_eq!(code(&ProbeResult::builder().build()), "UNREADABLE_SOURCE");
    }

    #[test]
    fn sound_alone_is_no_video() {
        let audio = Track::builder().track_type(TrackType::Audio).build();
        let failure = Media::from_probe(&probed(vec![audio]), None).unwrap_err();
        assert_eq!(failure.code, "NO_VIDEO");
    }
}
