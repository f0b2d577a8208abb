//! A named choice of ladder and extras, from which job settings are built.

/// What is made of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The renditions that are offered to a source large enough, highest first.
    pub rungs: Vec<Rung>,
    /// Bit rate of the stereo rendition, bits per second: one of the values that AAC-LC takes at 48 kHz.
    pub audio_bitrate: u32,
    /// Shorter side of the poster, pixels.
    pub poster_short_side: u32,
    /// Longer side of a thumbnail, pixels.
    pub thumbnail_long_side: u32,
}

/// A rendition of the ladder, for a 16:9 picture of up to 30 frames per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rung {
    /// Shorter side of the picture, pixels.
    pub short_side: u32,
    /// Upper bound of the bit rate, bits per second.
    pub max_bitrate: u32,
    /// QVBR quality level, 1 to 10.
    pub quality: u8,
}

impl Profile {
    /// H.264 for every player, at the basic price tier.
    ///
    /// Levels and bit rates start from the guide's table
    /// (<https://docs.aws.amazon.com/mediaconvert/latest/ug/qvbr-guidelines.html>), the level at 1080p
    /// lowered by one: level 9 is for large screens and raises the bill of the delivery. Nothing above
    /// 1080p: an output above 1080 lines is billed at twice the rate, and H.264 is the wrong codec for it.
    pub fn standard() -> Self {
        let rung = |short_side, max_bitrate, quality| Rung {
            short_side,
            max_bitrate,
            quality,
        };
        Self {
            rungs: vec![
                rung(1080, 6_000_000, 8),
                rung(720, 4_000_000, 8),
                rung(480, 1_500_000, 7),
                rung(360, 700_000, 7),
            ],
            audio_bitrate: 128_000,
            // Below 720 lines, so that the still is billed as SD where stills are billed.
            poster_short_side: 540,
            thumbnail_long_side: 320,
        }
    }
}
