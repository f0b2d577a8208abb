//! The profiles that every stack has.

use super::{
    AudioPolicy, HdrPolicy, LargePictures, Packaging, Passes, Profile, Rung, Segments,
    StillsPolicy, VideoCodec, VideoPolicy,
};

/// Their names.
pub const BUILT_IN: &[&str] = &["standard", "efficient", "small", "audio", "archive"];

/// What a video is converted with where neither its owner nor the stack says anything else.
pub const DEFAULT_PROFILE: &str = "standard";

/// Shorter sides, and what a 16:9 picture of 30 frames per second gets in H.264.
///
/// Levels and bit rates start from the guide's table
/// (<https://docs.aws.amazon.com/mediaconvert/latest/ug/qvbr-guidelines.html>), the level at 1080p lowered by one: level 9
/// is for large screens and raises the bill of the delivery.
const RUNGS: [Rung; 6] = [
    rung(2160, 18_000_000, 8),
    rung(1440, 10_000_000, 8),
    rung(1080, 6_000_000, 8),
    rung(720, 4_000_000, 8),
    rung(480, 1_500_000, 7),
    rung(360, 700_000, 7),
];

const fn rung(short_side: u32, max_bitrate: u32, quality: u8) -> Rung {
    Rung {
        short_side,
        max_bitrate,
        quality,
    }
}

fn rungs(highest: u32) -> Vec<Rung> {
    let rungs = RUNGS.iter().copied();
    rungs.filter(|rung| rung.short_side <= highest).collect()
}

impl Profile {
    /// The built-in profile of this name.
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "standard" => Some(Self::standard()),
            "efficient" => Some(Self::efficient()),
            "small" => Some(Self::small()),
            "audio" => Some(Self::audio()),
            "archive" => Some(Self::archive()),
            _ => None,
        }
    }

    /// H.264 for every player, at the basic price tier. Nothing above 1080p: an output above 1080 lines is billed at twice
    /// the rate, and H.264 is the wrong codec for it. Nothing above 30 frames per second, which is billed at a quarter more.
    pub fn standard() -> Self {
        Self {
            packaging: Packaging::Cmaf,
            video: VideoPolicy::default(),
            audio: AudioPolicy::default(),
            stills: Some(StillsPolicy::default()),
            download: false,
            watermark: None,
            segments: Segments::default(),
        }
    }

    /// HEVC above 720p, up to 2160p with its frame rate and its dynamic range, beside H.264 for every player; 5.1 beside
    /// stereo. For what is watched often: the professional tier makes it dear to convert, and HEVC cheap to deliver.
    pub fn efficient() -> Self {
        let mut profile = Self::standard();
        profile.video.rungs = rungs(2160);
        profile.video.large = Some(LargePictures {
            above: 720,
            codec: VideoCodec::Hevc,
        });
        profile.video.max_frame_rate = 60;
        profile.video.hdr = HdrPolicy::Keep;
        profile.audio.surround_bitrate = Some(384_000);
        profile
    }

    /// For telephones and slow lines: two renditions, none above 540p, each billed as SD.
    pub fn small() -> Self {
        let mut profile = Self::standard();
        profile.video.rungs = vec![rung(540, 1_800_000, 7), rung(270, 400_000, 7)];
        profile.audio.stereo_bitrate = 112_000;
        profile
    }

    /// Sound alone, whatever the source: podcasts, and the sound of a recording.
    pub fn audio() -> Self {
        Self {
            packaging: Packaging::Audio,
            stills: None,
            ..Self::standard()
        }
    }

    /// One MP4 of the source's own size and frame rate, encoded with care, for keeping and downloading.
    pub fn archive() -> Self {
        let mut profile = Self::standard();
        profile.packaging = Packaging::Mp4;
        profile.video.rungs = vec![
            rung(2160, 50_000_000, 9),
            rung(1080, 16_000_000, 9),
            rung(720, 8_000_000, 9),
            rung(480, 4_000_000, 9),
        ];
        profile.video.max_frame_rate = 120;
        profile.video.passes = Passes::Multi;
        profile.audio.stereo_bitrate = 256_000;
        profile
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::standard()
    }
}

impl Default for VideoPolicy {
    fn default() -> Self {
        Self {
            rungs: rungs(1080),
            codec: VideoCodec::H264,
            large: None,
            max_frame_rate: 30,
            hdr: HdrPolicy::Map,
            passes: Passes::Single,
            per_title: false,
        }
    }
}

impl Default for AudioPolicy {
    fn default() -> Self {
        Self {
            stereo_bitrate: 128_000,
            surround_bitrate: None,
            loudness_lufs: None,
        }
    }
}

impl Default for StillsPolicy {
    fn default() -> Self {
        Self {
            // Below 720 lines, so that the still is billed as SD where stills are billed.
            poster_short_side: 540,
            thumbnail_long_side: 320,
        }
    }
}

impl Default for Segments {
    fn default() -> Self {
        Self {
            gop_seconds: 2,
            fragment_seconds: 2,
            segment_seconds: 6,
        }
    }
}
