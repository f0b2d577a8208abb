//! How a picture track is encoded.

use crate::ratio::Ratio;
use crate::settings::{
    CodecProfile, EntropyEncoding, H264Settings, QualityTuningLevel, RateControlMode,
};

use super::size::Geometry;

/// A picture track.
#[derive(Clone, Debug)]
pub struct PlannedVideo {
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
    settings: H264Settings,
}

impl PlannedVideo {
    pub(super) fn new(
        settings: &H264Settings,
        geometry: Geometry,
        frame_rate: Ratio,
        gop: u32,
    ) -> Self {
        let quality = (settings.rate_control_mode == RateControlMode::Qvbr)
            .then(|| quality(settings, geometry));
        Self {
            geometry,
            frame_rate,
            gop,
            quality,
            max_bitrate: settings.max_bitrate.or(settings.bitrate),
            settings: settings.clone(),
        }
    }

    /// ffmpeg's arguments. `forced` are the seconds at whose multiples key frames are forced.
    ///
    /// GOPs are closed and of fixed length, with no key frames at scene changes, so that the
    /// renditions of a group switch at the same frames.
    pub fn encoder(&self, forced: Option<f64>) -> Vec<String> {
        let settings = &self.settings;
        let mut arguments = Vec::new();
        let mut set = |name: &str, value: &dyn ToString| {
            arguments.extend([name.to_owned(), value.to_string()]);
        };
        set("-c:v", &"libx264");
        set("-preset", &preset(settings.quality_tuning_level));
        set("-profile:v", &profile(settings.codec_profile));
        if let Some(level) = settings.codec_level.as_deref().and_then(level) {
            set("-level:v", &level);
        }
        set("-g", &self.gop);
        set("-keyint_min", &self.gop);
        set("-sc_threshold", &0);
        if let Some(b_frames) = settings
            .b_frames
            .filter(|_| settings.codec_profile != CodecProfile::Baseline)
        {
            set("-bf", &b_frames);
        }
        if let Some(references) = settings.number_reference_frames {
            set("-refs", &references);
        }
        if settings.entropy_encoding == Some(EntropyEncoding::Cavlc) {
            set("-coder", &"vlc");
        }
        if let Some(seconds) = forced {
            set(
                "-force_key_frames",
                &format!("expr:gte(t,n_forced*{seconds})"),
            );
        }
        let bitrate = settings
            .bitrate
            .or(settings.max_bitrate)
            .unwrap_or(5_000_000);
        match settings.rate_control_mode {
            RateControlMode::Qvbr => {
                set(
                    "-crf",
                    &format!("{:.2}", rate_factor(self.quality.unwrap_or(7.0))),
                );
                let max = settings.max_bitrate.unwrap_or(bitrate);
                set("-maxrate", &max);
                set(
                    "-bufsize",
                    &settings.hrd_buffer_size.unwrap_or(max.saturating_mul(2)),
                );
            }
            RateControlMode::Vbr => {
                let max = settings
                    .max_bitrate
                    .unwrap_or(bitrate.saturating_add(bitrate / 2));
                set("-b:v", &bitrate);
                set("-maxrate", &max);
                set(
                    "-bufsize",
                    &settings.hrd_buffer_size.unwrap_or(max.saturating_mul(2)),
                );
            }
            RateControlMode::Cbr => {
                set("-b:v", &bitrate);
                set("-minrate", &bitrate);
                set("-maxrate", &bitrate);
                set("-bufsize", &settings.hrd_buffer_size.unwrap_or(bitrate));
                set("-x264-params", &"nal-hrd=cbr:force-cfr=1");
            }
        }
        arguments
    }
}

/// The level of the settings, or what the guide starts with for the size:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/qvbr-guidelines.html>.
fn quality(settings: &H264Settings, geometry: Geometry) -> f64 {
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

/// x264's constant rate factor for a QVBR level: 7, the usual choice, is 23, x264's own default;
/// 10, "nearly lossless", is 17. The service tells nothing that could be measured here.
fn rate_factor(level: f64) -> f64 {
    37.0 - 2.0 * level
}

/// Chosen for speed: a local run is for trying things out.
fn preset(level: QualityTuningLevel) -> &'static str {
    match level {
        QualityTuningLevel::SinglePass => "superfast",
        QualityTuningLevel::SinglePassHq => "veryfast",
        QualityTuningLevel::MultiPassHq => "medium",
    }
}

fn profile(profile: CodecProfile) -> &'static str {
    match profile {
        CodecProfile::Baseline => "baseline",
        CodecProfile::Main => "main",
        CodecProfile::High => "high",
    }
}

/// `LEVEL_4_1` as `4.1`; nothing for `AUTO`.
fn level(name: &str) -> Option<String> {
    Some(name.strip_prefix("LEVEL_")?.replace('_', "."))
}
