//! What is known of a source before its job is built: MediaConvert's `Probe` answer, and the rotation from
//! the file's own header.

use aws_sdk_mediaconvert::types::{
    AspectRatio, Container, Format, ProbeResult, Track, TrackType, TransferCharacteristics,
    VideoProperties,
};

use crate::clip::Clip;
use crate::failure::{Failure, FailureCode};
use crate::rotation::Rotation;

/// A source that can be transcoded: it has a picture, or sound, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Length in milliseconds, where the container tells it.
    pub duration_ms: Option<u64>,
    /// The first video track.
    pub video: Option<Video>,
    /// Audio tracks, in the order of the file.
    pub audio: Vec<Audio>,
    /// Captions inside of the file, as far as Probe tells.
    pub captions: Captions,
}

/// Captions inside of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Captions {
    /// None, or none that MediaConvert makes WebVTT of.
    #[default]
    None,
    /// Perhaps in the picture, which has to be looked into for it.
    Perhaps,
    /// CEA-608 in a track beside the picture.
    Track {
        /// ISO 639 code of three letters, where the file tells it.
        language: Option<String>,
    },
}

impl Media {
    /// A part of it.
    #[must_use]
    pub fn clipped(&self, clip: Clip) -> Self {
        Self {
            duration_ms: clip.length_ms(self.duration_ms),
            ..self.clone()
        }
    }

    /// Bytes of an average picture, of a file of so many; `None` where its length or its frame rate isn't known.
    pub fn picture_bytes(&self, size_bytes: u64) -> Option<u64> {
        let rate = self.video.as_ref()?.frame_rate?;
        let per_second = size_bytes
            .saturating_mul(1000)
            .checked_div(self.duration_ms?)?;
        let of_frame = per_second.saturating_mul(rate.denominator.into());
        of_frame.checked_div(rate.numerator.into())
    }
}

/// The picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Video {
    /// Width in pixels as stored, before rotation.
    pub width: u32,
    /// Height in pixels as stored, before rotation.
    pub height: u32,
    /// Shape of a stored pixel, width to height; `None` for a square one.
    pub pixel_aspect: Option<PixelAspect>,
    /// How the picture is to be turned for viewing.
    pub rotation: Rotation,
    /// Frames per second, where Probe tells it.
    pub frame_rate: Option<FrameRate>,
    /// True where the lines of a frame belong to two moments.
    pub interlaced: bool,
    /// True for PQ and HLG transfer characteristics.
    pub hdr: bool,
}

/// Width to height of a pixel that isn't square.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PixelAspect {
    /// Part of the width.
    pub width: u32,
    /// Part of the height.
    pub height: u32,
}

/// Frames per second, as a fraction: 30000 to 1001 is NTSC's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FrameRate {
    /// Frames.
    pub numerator: u32,
    /// Seconds.
    pub denominator: u32,
}

impl FrameRate {
    /// As a number.
    pub fn per_second(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator.max(1))
    }
}

/// An audio track.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Audio {
    /// Its place among the file's audio tracks, from 1: how MediaConvert's selectors name it.
    pub track: u32,
    /// Number of channels; 2 where Probe doesn't tell.
    pub channels: u32,
    /// ISO 639 code of three letters, in lower case, as the file has it; `None` where it doesn't tell.
    pub language: Option<String>,
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
    /// The picture's size as it is viewed: in square pixels, after rotation.
    pub fn size(&self) -> Size {
        let width = match self.pixel_aspect {
            Some(PixelAspect { width, height }) => {
                scaled(self.width, width, height).clamp(1, MAX_SIDE)
            }
            None => self.width,
        };
        if self.rotation.swaps_sides() {
            Size {
                width: self.height,
                height: width,
            }
        } else {
            Size {
                width,
                height: self.height,
            }
        }
    }
}

/// No picture is wider than this, whatever a file says of its pixels.
const MAX_SIDE: u32 = 65_536;

/// `value` times `numerator` by `denominator`, to the nearest.
fn scaled(value: u32, numerator: u32, denominator: u32) -> u32 {
    let (product, by) = (
        u64::from(value) * u64::from(numerator),
        u64::from(denominator).max(1),
    );
    u32::try_from((product + by / 2) / by).unwrap_or(u32::MAX)
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
    /// The failure for the record, where there is nothing to see and nothing to hear: Probe leaves the format blank for
    /// what it doesn't recognise.
    pub fn from_probe(
        result: &ProbeResult,
        header_rotation: Option<Rotation>,
    ) -> Result<Self, Failure> {
        let container = result
            .container()
            .filter(|container| container.format().is_some() && !container.tracks().is_empty())
            .ok_or_else(|| Failure::ours(FailureCode::UnreadableSource))?;
        let picture = container
            .tracks()
            .iter()
            .find(|track| track.track_type() == Some(&TrackType::Video))
            .filter(|_| !holds_sound_alone(container));
        let audio = audio(container.tracks());
        if picture.is_none() && audio.is_empty() {
            return Err(Failure::ours(FailureCode::NoVideo));
        }
        let longest = container
            .tracks()
            .iter()
            .filter_map(Track::duration)
            .fold(None, |longest: Option<f64>, next| {
                Some(longest.map_or(next, |longest| longest.max(next)))
            });
        Ok(Self {
            duration_ms: container.duration().or(longest).and_then(milliseconds),
            video: picture
                .map(|track| {
                    track
                        .video_properties()
                        .and_then(|properties| video(properties, header_rotation))
                        .ok_or_else(|| Failure::ours(FailureCode::UnreadableSource))
                })
                .transpose()?,
            audio,
            captions: picture.map_or(Captions::None, |picture| captions(container, picture)),
        })
    }
}

/// What MediaConvert takes captions from depends on the container:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/captions-support-tables-by-container-type.html>. Subtitle tracks of
/// MP4 and Matroska aren't among them.
fn captions(container: &Container, picture: &Track) -> Captions {
    use aws_sdk_mediaconvert::types::Codec;
    let format = container.format();
    let mut tracks = container.tracks().iter();
    if matches!(format, Some(Format::Quicktime | Format::Mxf))
        && let Some(track) = tracks.find(|track| track.codec() == Some(&Codec::C608))
    {
        let properties = track.data_properties();
        let code = properties.and_then(|data| data.language_code());
        return Captions::Track {
            language: code.and_then(language),
        };
    }
    let in_container = matches!(
        format,
        Some(Format::Mp4 | Format::Quicktime | Format::Mpegts | Format::Mxf)
    );
    let in_codec = matches!(
        picture.codec(),
        Some(Codec::Avc | Codec::Hevc | Codec::Mpeg2)
    );
    if in_container && in_codec {
        Captions::Perhaps
    } else {
        Captions::None
    }
}

/// True for containers in which a picture is the cover of a record.
fn holds_sound_alone(container: &Container) -> bool {
    matches!(
        container.format(),
        Some(
            Format::Aac
                | Format::Ac3
                | Format::Eac3
                | Format::Flac
                | Format::Mp3
                | Format::Ogg
                | Format::Wave
        )
    )
}

fn video(properties: &VideoProperties, header_rotation: Option<Rotation>) -> Option<Video> {
    let codec = properties.codec_metadata();
    let rotation = properties
        .rotation()
        .map_or(header_rotation, Rotation::from_degrees)
        .unwrap_or_default();
    // The container's word before the codec's, as players have it.
    let pixel_aspect = properties
        .sample_aspect_ratio()
        .or_else(|| codec.and_then(|codec| codec.sample_aspect_ratio()));
    Some(Video {
        width: positive(properties.width())?,
        height: positive(properties.height())?,
        pixel_aspect: pixel_aspect.and_then(self::pixel_aspect),
        rotation,
        frame_rate: properties.frame_rate().and_then(|rate| {
            Some(FrameRate {
                numerator: positive(rate.numerator())?,
                denominator: positive(rate.denominator())?,
            })
        }),
        interlaced: codec.is_some_and(|codec| {
            // The strings of `scanType` aren't documented; a field order is told only for interlaced video.
            let scan_type = codec.scan_type().unwrap_or_default().to_ascii_lowercase();
            codec.field_order().is_some() || scan_type.starts_with("interlaced")
        }),
        hdr: is_hdr(properties),
    })
}

/// True for PQ and HLG. Of transport and program streams, whose container has no field for it, only the codec tells.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/probe.html> (`CodecMetadata`).
fn is_hdr(properties: &VideoProperties) -> bool {
    let codec = properties.codec_metadata();
    let told = [
        properties.transfer_characteristics(),
        codec.and_then(|codec| codec.transfer_characteristics()),
    ];
    told.into_iter().flatten().any(|transfer| {
        matches!(
            transfer,
            TransferCharacteristics::Smpte2084 | TransferCharacteristics::AribB67
        )
    })
}

fn pixel_aspect(ratio: &AspectRatio) -> Option<PixelAspect> {
    let (width, height) = (positive(ratio.numerator())?, positive(ratio.denominator())?);
    (width != height).then_some(PixelAspect { width, height })
}

fn audio(tracks: &[Track]) -> Vec<Audio> {
    let tracks = tracks
        .iter()
        .filter(|track| track.track_type() == Some(&TrackType::Audio));
    let audio = tracks.zip(1..).map(|(track, number)| {
        let properties = track.audio_properties();
        Audio {
            track: number,
            channels: properties
                .and_then(|audio| positive(audio.channels()))
                .unwrap_or(2),
            language: properties
                .and_then(|audio| audio.language_code())
                .and_then(language),
        }
    });
    audio.collect()
}

/// Three letters that name a language; `und` names none.
fn language(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_lowercase();
    let named = code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_lowercase());
    (named && !["und", "zxx", "mis"].contains(&code.as_str())).then_some(code)
}

/// A positive count.
fn positive(value: Option<i32>) -> Option<u32> {
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
    use aws_sdk_mediaconvert::types::{AudioProperties, CodecMetadata, FrameRate};

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
            media.video.unwrap().size(),
            Size {
                width: 1080,
                height: 1920
            }
        );
        assert_eq!(media.duration_ms, Some(60_060));
    }

    #[test]
    fn high_dynamic_range_is_found_where_only_the_codec_tells_it() {
        for (transfer, hdr) in [
            (TransferCharacteristics::AribB67, true),
            (TransferCharacteristics::Smpte2084, true),
            (TransferCharacteristics::Itu709, false),
        ] {
            let codec = CodecMetadata::builder().transfer_characteristics(transfer);
            let stream = video_track(full_hd().codec_metadata(codec.build()).build());
            let container = Container::builder().format(Format::Mpegts).tracks(stream);
            let result = ProbeResult::builder().container(container.build()).build();
            let media = Media::from_probe(&result, None).unwrap();
            assert_eq!(media.video.unwrap().hdr, hdr);
        }
    }

    #[test]
    fn the_rotation_that_probe_tells_wins() {
        let result = probed(vec![video_track(full_hd().rotation(180).build())]);
        let media = Media::from_probe(&result, Some(Rotation::Clockwise90)).unwrap();
        assert_eq!(media.video.unwrap().rotation, Rotation::Clockwise180);
    }

    fn audio_track(channels: i32, language: &str) -> Track {
        let properties = AudioProperties::builder()
            .channels(channels)
            .language_code(language);
        Track::builder()
            .track_type(TrackType::Audio)
            .audio_properties(properties.build())
            .build()
    }

    #[test]
    fn audio_tracks_keep_their_channels_and_languages() {
        let tracks = vec![
            audio_track(6, "ENG"),
            video_track(full_hd().build()),
            audio_track(2, "und"),
        ];
        let media = Media::from_probe(&probed(tracks), None).unwrap();
        let audio = |track, channels, language: Option<&str>| Audio {
            track,
            channels,
            language: language.map(str::to_owned),
        };
        assert_eq!(media.audio, [audio(1, 6, Some("eng")), audio(2, 2, None)]);
    }

    #[test]
    fn pixels_that_are_not_square_count_in_the_size() {
        let ratio = AspectRatio::builder().numerator(64).denominator(45).build();
        let pal = VideoProperties::builder()
            .width(720)
            .height(576)
            .sample_aspect_ratio(ratio);
        let media = Media::from_probe(&probed(vec![video_track(pal.build())]), None).unwrap();
        let size = media.video.unwrap().size();
        assert_eq!((size.width, size.height), (1024, 576));
        let square = AspectRatio::builder().numerator(1).denominator(1).build();
        let track = video_track(full_hd().sample_aspect_ratio(square).build());
        let media = Media::from_probe(&probed(vec![track]), None).unwrap();
        assert_eq!(media.video.unwrap().pixel_aspect, None);
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
                    .unwrap()
                    .interlaced
            );
        }
        let progressive = CodecMetadata::builder().scan_type("progressive").build();
        let track = video_track(full_hd().codec_metadata(progressive).build());
        assert!(
            !Media::from_probe(&probed(vec![track]), None)
                .unwrap()
                .video
                .unwrap()
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
    fn sound_alone_has_no_picture() {
        let media = Media::from_probe(&probed(vec![audio_track(1, "deu")]), None).unwrap();
        assert_eq!(media.video, None);
        assert_eq!(media.audio.len(), 1);
    }

    #[test]
    fn the_cover_of_a_record_is_no_picture() {
        let container = Container::builder()
            .format(Format::Mp3)
            .tracks(video_track(full_hd().build()))
            .tracks(audio_track(2, "und"));
        let result = ProbeResult::builder().container(container.build()).build();
        assert_eq!(Media::from_probe(&result, None).unwrap().video, None);
    }

    #[test]
    fn captions_are_a_track_beside_the_picture_or_perhaps_in_it() {
        use aws_sdk_mediaconvert::types::{Codec, DataProperties};
        let captions = |format, codec, others: Vec<Track>| {
            let picture = Track::builder()
                .track_type(TrackType::Video)
                .codec(codec)
                .video_properties(full_hd().build());
            let container = Container::builder().format(format).set_tracks(Some(
                std::iter::once(picture.build()).chain(others).collect(),
            ));
            let result = ProbeResult::builder().container(container.build()).build();
            Media::from_probe(&result, None).unwrap().captions
        };
        let track = || {
            let data = DataProperties::builder().language_code("FRA").build();
            let track = Track::builder().track_type(TrackType::Data);
            vec![track.codec(Codec::C608).data_properties(data).build()]
        };
        let french = Captions::Track {
            language: Some("fra".to_owned()),
        };
        assert_eq!(captions(Format::Quicktime, Codec::Prores, track()), french);
        assert_eq!(captions(Format::Quicktime, Codec::Avc, track()), french);
        for (format, codec, expected) in [
            (Format::Mp4, Codec::Avc, Captions::Perhaps),
            (Format::Mpegts, Codec::Mpeg2, Captions::Perhaps),
            (Format::Quicktime, Codec::Prores, Captions::None),
            (Format::Matroska, Codec::Avc, Captions::None),
            (Format::Mp4, Codec::Av1, Captions::None),
        ] {
            assert_eq!(captions(format, codec, vec![]), expected);
        }
        // MediaConvert takes such a track from QuickTime and MXF only.
        assert_eq!(
            captions(Format::Mp4, Codec::Avc, track()),
            Captions::Perhaps
        );
    }

    #[test]
    fn data_alone_is_refused() {
        let data = Track::builder().track_type(TrackType::Data).build();
        let failure = Media::from_probe(&probed(vec![data]), None).unwrap_err();
        assert_eq!(failure.code, "NO_VIDEO");
    }
}
