//! A named choice of ladder, codecs and extras, from which job settings are built. Serialisable: a stack's own profiles
//! are JSON files of this shape, in which everything that is left out is as in [`Profile::standard`].

mod built_in;
mod choice;

use serde::{Deserialize, Serialize};

pub use built_in::{BUILT_IN, DEFAULT_PROFILE};
pub use choice::{Choices, MAX_NAME, Named};

/// What is made of a source.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Profile {
    /// How the renditions are put into files.
    pub packaging: Packaging,
    /// The picture; of no account with [`Packaging::Audio`].
    pub video: VideoPolicy,
    /// The sound.
    pub audio: AudioPolicy,
    /// Poster and thumbnails; `null` for none. Never of a source without a picture.
    pub stills: Option<StillsPolicy>,
    /// An MP4 file beside the streams, to download. Billed like any other output.
    pub download: bool,
    /// An image over every rendition; `null` for none. Stills stay without it.
    pub watermark: Option<WatermarkPolicy>,
    /// Groups of pictures and segments.
    pub segments: Segments,
}

/// How the renditions are put into files.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Packaging {
    /// Fragmented segments that serve both HLS and DASH.
    #[default]
    Cmaf,
    /// One MP4 file of the highest rendition, with its sound in it.
    Mp4,
    /// As CMAF, but sound alone, whatever the source.
    Audio,
    /// Segments for HLS alone; of job templates, never of a profile.
    Hls,
}

/// What is made of a picture.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct VideoPolicy {
    /// The renditions that are offered to a source large enough, highest first. The first one is the largest that is
    /// ever made.
    pub rungs: Vec<Rung>,
    /// The codec of every rung up to [`Self::large`]'s limit.
    pub codec: VideoCodec,
    /// Another codec for large pictures; `null` for the same.
    pub large: Option<LargePictures>,
    /// Frames per second. Faster sources are slowed to their half, third… that is not above it, so that the frames
    /// which stay are the source's own: 60 becomes 30, 50 becomes 25, 59.94 becomes 29.97.
    pub max_frame_rate: u32,
    /// What becomes of high dynamic range.
    pub hdr: HdrPolicy,
    /// How often the encoder looks at the picture.
    pub passes: Passes,
    /// Renditions that came out alike the last time that the same upload was converted are left out the next time.
    pub per_title: bool,
}

/// A rendition of the ladder, for a 16:9 picture of up to 30 frames per second in H.264.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rung {
    /// Shorter side of the picture, pixels.
    pub short_side: u32,
    /// Upper bound of the bit rate, bits per second.
    pub max_bitrate: u32,
    /// QVBR quality level, 1 to 10.
    pub quality: u8,
}

/// The codec of large pictures.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LargePictures {
    /// Shorter side above which a picture is large, pixels.
    pub above: u32,
    /// Their codec.
    pub codec: VideoCodec,
}

/// A codec of pictures.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// H.264, also called AVC: every player has it, and it alone is billed at the basic tier.
    H264,
    /// HEVC, also called H.265.
    Hevc,
    /// AV1.
    Av1,
}

/// What becomes of high dynamic range.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HdrPolicy {
    /// HEVC and AV1 keep it, with 10 bits; H.264 is tone-mapped all the same, because few players show it there.
    Keep,
    /// Every rendition is tone-mapped to standard dynamic range.
    Map,
}

/// How often the encoder looks at the picture.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Passes {
    /// Once, with care: the best of the basic tier.
    Single,
    /// Several times, at the professional tier.
    Multi,
}

/// What is made of the sound: a stereo rendition of each language track, in AAC-LC.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AudioPolicy {
    /// Bit rate of a stereo rendition, bits per second: one of the values that AAC-LC takes at 48 kHz.
    pub stereo_bitrate: u32,
    /// Bit rate of the 5.1 rendition that a surround track gets beside the stereo one, bits per second; `null` for none.
    pub surround_bitrate: Option<u32>,
    /// Loudness that every rendition is brought to, LUFS; `null` leaves it as it is, and the stack's setting counts.
    /// Billed by the minute.
    pub loudness_lufs: Option<f64>,
}

/// How large stills are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StillsPolicy {
    /// Shorter side of the poster, pixels.
    pub poster_short_side: u32,
    /// Longer side of a thumbnail, pixels.
    pub thumbnail_long_side: u32,
}

/// An image over every rendition.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WatermarkPolicy {
    /// Key of a PNG in the stack's configuration bucket, below `watermarks/`.
    pub image: String,
    /// Where it lies.
    #[serde(default)]
    pub corner: Corner,
    /// Its width, percent of the picture's.
    #[serde(default = "tenth")]
    pub width_percent: u32,
    /// How much of it is seen, percent; beside what is transparent in the image itself.
    #[serde(default = "all")]
    pub opacity: u32,
}

fn tenth() -> u32 {
    10
}

fn all() -> u32 {
    100
}

/// A corner of the picture.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Corner {
    /// Upper left.
    TopLeft,
    /// Upper right.
    #[default]
    TopRight,
    /// Lower left.
    BottomLeft,
    /// Lower right.
    BottomRight,
}

/// Lengths in whole seconds. Each divides the next: players may otherwise ask for segments that don't exist.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Segments {
    /// A group of pictures.
    pub gop_seconds: u32,
    /// A fragment.
    pub fragment_seconds: u32,
    /// A segment. Source of the six:
    /// <https://developer.apple.com/documentation/http-live-streaming/hls-authoring-specification-for-apple-devices>.
    pub segment_seconds: u32,
}

/// What is wrong with a profile; a sentence without its full stop.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Mistake(String);

/// Bit rates of AAC-LC in stereo at 48 kHz, bits per second, half of which suit one channel.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html>.
const STEREO_BITRATES: [u32; 5] = [112_000, 128_000, 160_000, 192_000, 256_000];
/// Of AAC-LC in 5.1 at 48 kHz.
const SURROUND_BITRATES: [u32; 6] = [256_000, 288_000, 320_000, 384_000, 448_000, 512_000];

impl Profile {
    /// Reads a stack's own profile.
    ///
    /// # Errors
    ///
    /// [`Mistake`], where the text isn't a profile, or one that MediaConvert would refuse.
    pub fn from_json(text: &[u8]) -> Result<Self, Mistake> {
        let profile: Self =
            serde_json::from_slice(text).map_err(|error| Mistake(error.to_string()))?;
        profile.check()?;
        Ok(profile)
    }

    /// Sees that MediaConvert would take the jobs.
    ///
    /// # Errors
    ///
    /// The first [`Mistake`].
    pub fn check(&self) -> Result<(), Mistake> {
        if self.packaging == Packaging::Hls {
            return Err(Mistake("packaging must be cmaf, mp4 or audio".into()));
        }
        self.video.check()?;
        self.audio.check()?;
        if let Some(stills) = self.stills {
            within("stills.posterShortSide", stills.poster_short_side, 32, 2160)?;
            within(
                "stills.thumbnailLongSide",
                stills.thumbnail_long_side,
                32,
                1920,
            )?;
        }
        if let Some(watermark) = &self.watermark {
            watermark.check()?;
        }
        self.segments.check()
    }
}

/// What the keys of watermarks begin with: MediaConvert's role may read them, and nothing else of the bucket.
const WATERMARKS: &str = "watermarks/";

impl WatermarkPolicy {
    fn check(&self) -> Result<(), Mistake> {
        let name = self.image.strip_prefix(WATERMARKS).unwrap_or_default();
        let stem = [".png", ".PNG"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        if stem.is_none_or(str::is_empty) {
            return Err(Mistake(
                "watermark.image must be the key of a PNG below watermarks/, such as watermarks/logo.png".into(),
            ));
        }
        within("watermark.widthPercent", self.width_percent, 1, 100)?;
        within("watermark.opacity", self.opacity, 1, 100)
    }
}

impl VideoPolicy {
    fn check(&self) -> Result<(), Mistake> {
        within("video.maxFrameRate", self.max_frame_rate, 1, 120)?;
        if self.rungs.is_empty() {
            return Err(Mistake("video.rungs must have at least one rung".into()));
        }
        for rung in &self.rungs {
            within("shortSide of a rung", rung.short_side, 32, 4320)?;
            within(
                "maxBitrate of a rung",
                rung.max_bitrate,
                100_000,
                100_000_000,
            )?;
            within("quality of a rung", u32::from(rung.quality), 1, 10)?;
        }
        let falls = self.rungs.windows(2).all(|pair| {
            pair[0].short_side > pair[1].short_side && pair[0].max_bitrate > pair[1].max_bitrate
        });
        if falls {
            Ok(())
        } else {
            Err(Mistake(
                "video.rungs must come highest first, in size and in bit rate".into(),
            ))
        }
    }
}

impl AudioPolicy {
    fn check(&self) -> Result<(), Mistake> {
        one_of("audio.stereoBitrate", self.stereo_bitrate, &STEREO_BITRATES)?;
        if let Some(bitrate) = self.surround_bitrate {
            one_of("audio.surroundBitrate", bitrate, &SURROUND_BITRATES)?;
        }
        match self.loudness_lufs {
            Some(lufs) if !(QUIETEST..=0.0).contains(&lufs) => Err(Mistake(
                "audio.loudnessLufs must be between -59 and 0".into(),
            )),
            _ => Ok(()),
        }
    }
}

/// The least that MediaConvert normalises to, LUFS.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobs.html> (`AudioNormalizationSettings`).
const QUIETEST: f64 = -59.0;

impl Segments {
    fn check(self) -> Result<(), Mistake> {
        within("segments.gopSeconds", self.gop_seconds, 1, 10)?;
        within("segments.segmentSeconds", self.segment_seconds, 1, 60)?;
        let divides = |part: u32, whole: u32| part > 0 && whole.is_multiple_of(part);
        let (gop, fragment) = (self.gop_seconds, self.fragment_seconds);
        if divides(gop, fragment) && divides(fragment, self.segment_seconds) {
            Ok(())
        } else {
            Err(Mistake(
                "segments must be so that gopSeconds divides fragmentSeconds, and that segmentSeconds"
                    .into(),
            ))
        }
    }
}

fn within(name: &str, value: u32, least: u32, most: u32) -> Result<(), Mistake> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(Mistake(format!(
            "{name} must be between {least} and {most}"
        )))
    }
}

fn one_of(name: &str, value: u32, values: &[u32]) -> Result<(), Mistake> {
    if values.contains(&value) {
        return Ok(());
    }
    let values: Vec<_> = values.iter().map(u32::to_string).collect();
    Err(Mistake(format!(
        "{name} must be one of {}",
        values.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::{BUILT_IN, Mistake, Packaging, Profile, VideoCodec};

    fn mistake(text: &str) -> String {
        let Mistake(text) = Profile::from_json(text.as_bytes()).unwrap_err();
        text
    }

    #[test]
    fn every_built_in_profile_is_sound_and_survives_json() {
        for name in BUILT_IN {
            let profile = Profile::built_in(name).unwrap();
            profile
                .check()
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let text = serde_json::to_vec(&profile).unwrap();
            assert_eq!(Profile::from_json(&text).unwrap(), profile);
        }
        assert_eq!(Profile::built_in("Standard"), None);
    }

    #[test]
    fn what_an_own_profile_leaves_out_is_standard() {
        let own =
            Profile::from_json(br#"{"video": {"maxFrameRate": 60}, "stills": null}"#).unwrap();
        let mut expected = Profile::standard();
        expected.video.max_frame_rate = 60;
        expected.stills = None;
        assert_eq!(own, expected);
        let own = Profile::from_json(
            br#"{"packaging": "audio", "video": {"large": {"above": 720, "codec": "hevc"}}}"#,
        );
        let own = own.unwrap();
        assert_eq!(own.packaging, Packaging::Audio);
        assert_eq!(own.video.large.unwrap().codec, VideoCodec::Hevc);
    }

    #[test]
    fn a_mistake_in_an_own_profile_is_named() {
        assert!(mistake(r#"{"vidoe": {}}"#).contains("unknown field `vidoe`"));
        assert_eq!(
            mistake(r#"{"video": {"rungs": []}}"#),
            "video.rungs must have at least one rung"
        );
        assert_eq!(
            mistake(r#"{"segments": {"gopSeconds": 3}}"#),
            "segments must be so that gopSeconds divides fragmentSeconds, and that segmentSeconds"
        );
        assert!(mistake(r#"{"audio": {"stereoBitrate": 100000}}"#).contains("112000, 128000"));
        assert!(mistake(r#"{"audio": {"loudnessLufs": 3}}"#).contains("between -59 and 0"));
        let rung = |side, bitrate| {
            format!(r#"{{"shortSide": {side}, "maxBitrate": {bitrate}, "quality": 7}}"#)
        };
        let rungs = format!("{}, {}", rung(360, 700_000), rung(720, 4_000_000));
        let text = format!(r#"{{"video": {{"rungs": [{rungs}]}}}}"#);
        assert!(mistake(&text).contains("highest first"));
        for image in [
            "logo.png",
            "watermarks/.png",
            "watermarks/logo.svg",
            "profiles/a.png",
        ] {
            let text = format!(r#"{{"watermark": {{"image": "{image}"}}}}"#);
            assert!(mistake(&text).contains("below watermarks/"), "{image}");
        }
        let text = r#"{"watermark": {"image": "watermarks/a.png", "widthPercent": 0}}"#;
        assert!(mistake(text).contains("widthPercent must be between 1 and 100"));
        assert!(
            mistake(r#"{"watermark": {"image": "watermarks/a.png", "corner": "middle"}}"#)
                .contains("topLeft")
        );
    }
}
