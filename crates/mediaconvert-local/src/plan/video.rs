//! How a picture track is encoded.
//!
//! GOPs are closed and of fixed length, with no key frames at scene changes, so that the renditions
//! of a group switch at the same frames. The encoders' own sides are below.

mod av1;
mod gif;
mod h264;
mod hevc;
mod prores;
mod vpx;

use crate::media::Hdr10;
use crate::ratio::Ratio;
use crate::settings::{Codec, EncoderSettings, QualityTuningLevel, RateControlMode};

use super::size::Geometry;

/// A picture track.
#[derive(Clone, Debug)]
pub struct PlannedVideo {
    /// Its codec.
    pub codec: Codec,
    /// Its size.
    pub geometry: Geometry,
    /// Frames per second.
    pub frame_rate: Ratio,
    /// Frames from one key frame to the next.
    pub gop: u32,
    /// Quality level that was asked for, 1 to 10, of QVBR.
    pub quality: Option<f64>,
    /// The most bits per second that were asked for.
    pub max_bitrate: Option<u32>,
    /// What a screen needs to know to show it in HDR, passed on from the source.
    pub hdr10: Option<Hdr10>,
    /// What manifests say of its brightness.
    pub range: Range,
    settings: EncoderSettings,
}

/// What manifests say of a picture's brightness (RFC 8216bis, `VIDEO-RANGE`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// Standard.
    #[default]
    Sdr,
    /// Hybrid log-gamma.
    Hlg,
    /// SMPTE ST 2084.
    Pq,
}

impl Range {
    /// Of ffprobe's transfer characteristics.
    pub fn of_transfer(transfer: Option<&str>) -> Self {
        match transfer {
            Some("smpte2084") => Self::Pq,
            Some("arib-std-b67") => Self::Hlg,
            _ => Self::Sdr,
        }
    }

    /// As in a playlist.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sdr => "SDR",
            Self::Hlg => "HLG",
            Self::Pq => "PQ",
        }
    }
}

/// How bits are spent, in figures.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rate {
    /// By quality, 1 to 10, under a maximum.
    Quality { level: f64, max: u32, buffer: u32 },
    /// Around an average, under a maximum.
    Average { bitrate: u32, max: u32, buffer: u32 },
    /// All the time the same.
    Constant { bitrate: u32, buffer: u32 },
}

impl PlannedVideo {
    pub(super) fn new(
        codec: Codec,
        settings: &EncoderSettings,
        geometry: Geometry,
        frame_rate: Ratio,
        gop: u32,
    ) -> Self {
        let quality =
            (settings.mode(codec) == RateControlMode::Qvbr).then(|| quality(settings, geometry));
        Self {
            codec,
            geometry,
            frame_rate,
            gop,
            quality,
            max_bitrate: settings.highest_bitrate(),
            hdr10: None,
            range: Range::Sdr,
            settings: settings.clone(),
        }
    }

    /// The same, with what the source's tags say of its brightness. Only codecs and bit depths that
    /// can carry it do so.
    pub(super) fn with_brightness(mut self, range: Range, hdr10: Option<Hdr10>) -> Self {
        if matches!(
            self.codec,
            Codec::H265 | Codec::Av1 | Codec::Vp9 | Codec::H264
        ) {
            self.range = range;
            self.hdr10 = hdr10.filter(|_| range == Range::Pq);
        }
        self
    }

    /// Bits per second in names: of QVBR the most, otherwise the average.
    pub fn nominal_bitrate(&self) -> Option<u32> {
        self.settings.bitrate.or(self.settings.max_bitrate)
    }

    /// ffmpeg's arguments. `forced` are the seconds at whose multiples key frames are forced.
    pub fn encoder(&self, forced: Option<f64>) -> Vec<String> {
        match self.codec {
            Codec::H264 => h264::arguments(self, forced),
            Codec::H265 => hevc::arguments(self, forced),
            Codec::Av1 => av1::arguments(self, forced),
            Codec::Vp8 | Codec::Vp9 => vpx::arguments(self, forced),
            Codec::Prores => prores::arguments(self),
            Codec::Gif => gif::arguments(),
        }
    }

    /// The last filters before the encoder. `name` makes the names of their pads.
    pub fn last_filters(&self, name: &str) -> String {
        match self.codec {
            Codec::Gif => gif::filters(name),
            _ => format!("format={}", self.pixel_format()),
        }
    }

    /// Whether it has more than 8 bits.
    pub(super) fn is_deep(&self) -> bool {
        self.pixel_format().contains("10")
    }

    fn pixel_format(&self) -> &'static str {
        let profile = self.settings.codec_profile.as_deref().unwrap_or_default();
        match self.codec {
            Codec::H264 => h264::pixel_format(profile),
            Codec::H265 => hevc::pixel_format(profile),
            Codec::Av1 if self.settings.bit_depth.as_deref() == Some("BIT_10") => "yuv420p10le",
            Codec::Prores => prores::pixel_format(profile),
            Codec::Av1 | Codec::Vp8 | Codec::Vp9 | Codec::Gif => "yuv420p",
        }
    }

    fn rate(&self) -> Rate {
        let settings = &self.settings;
        let bitrate = settings
            .bitrate
            .or(settings.max_bitrate)
            .unwrap_or(5_000_000);
        let twice = |max: u32| settings.hrd_buffer_size.unwrap_or(max.saturating_mul(2));
        match settings.mode(self.codec) {
            RateControlMode::Qvbr => {
                let max = settings.max_bitrate.unwrap_or(bitrate);
                let level = self.quality.unwrap_or(7.0);
                Rate::Quality {
                    level,
                    max,
                    buffer: twice(max),
                }
            }
            RateControlMode::Vbr => {
                let max = settings
                    .max_bitrate
                    .unwrap_or(bitrate.saturating_add(bitrate / 2));
                Rate::Average {
                    bitrate,
                    max,
                    buffer: twice(max),
                }
            }
            RateControlMode::Cbr => Rate::Constant {
                bitrate,
                buffer: settings.hrd_buffer_size.unwrap_or(bitrate),
            },
        }
    }
}

/// Arguments as they grow.
#[derive(Default)]
struct Arguments(Vec<String>);

impl Arguments {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and literals, made for the call"
    )]
    fn set(&mut self, name: &str, value: impl ToString) {
        self.0.extend([name.to_owned(), value.to_string()]);
    }

    /// Key frames at the multiples of `forced` seconds, if at all.
    fn force(&mut self, forced: Option<f64>) {
        if let Some(seconds) = forced {
            self.set(
                "-force_key_frames",
                format!("expr:gte(t,n_forced*{seconds})"),
            );
        }
    }

    /// Average, maximum and buffer in ffmpeg's common options.
    fn bits(&mut self, rate: Rate) {
        match rate {
            Rate::Quality { max, buffer, .. } => {
                self.set("-maxrate", max);
                self.set("-bufsize", buffer);
            }
            Rate::Average {
                bitrate,
                max,
                buffer,
            } => {
                self.set("-b:v", bitrate);
                self.set("-maxrate", max);
                self.set("-bufsize", buffer);
            }
            Rate::Constant { bitrate, buffer } => {
                self.set("-b:v", bitrate);
                self.set("-minrate", bitrate);
                self.set("-maxrate", bitrate);
                self.set("-bufsize", buffer);
            }
        }
    }
}

/// The level of the settings, or what the guide starts with for the size:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/qvbr-guidelines.html>.
fn quality(settings: &EncoderSettings, geometry: Geometry) -> f64 {
    let automatic = match geometry.width.min(geometry.height) {
        1080.. => 9,
        720.. => 8,
        _ => 7,
    };
    let level = f64::from(
        settings
            .qvbr_settings
            .qvbr_quality_level
            .unwrap_or(automatic),
    );
    let tune = settings
        .qvbr_settings
        .qvbr_quality_level_fine_tune
        .unwrap_or(0.0);
    // The service rounds to thirds.
    (level + (tune * 3.0).round() / 3.0).clamp(1.0, 10.0)
}

/// x264's and x265's. Chosen for speed: a local run is for trying things out.
fn preset(level: QualityTuningLevel) -> &'static str {
    match level {
        QualityTuningLevel::SinglePass => "superfast",
        QualityTuningLevel::SinglePassHq => "veryfast",
        QualityTuningLevel::MultiPass | QualityTuningLevel::MultiPassHq => "medium",
    }
}

/// `LEVEL_4_1` as `4.1`; nothing for `AUTO`.
fn level(name: &str) -> Option<String> {
    Some(name.strip_prefix("LEVEL_")?.replace('_', "."))
}

#[cfg(test)]
mod tests;
