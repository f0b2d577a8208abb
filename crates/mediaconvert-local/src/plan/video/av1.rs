//! AV1, by SVT-AV1.

use crate::settings::QualityTuningLevel;

use super::{Arguments, PlannedVideo, Rate};

pub(super) fn arguments(video: &PlannedVideo, forced: Option<f64>) -> Vec<String> {
    let mut out = Arguments::default();
    out.set("-c:v", "libsvtav1");
    out.set("-preset", preset(video.settings.quality_tuning_level));
    out.set("-g", gop(video, forced));
    let rate = video.rate();
    match rate {
        Rate::Quality { level, .. } => {
            out.set("-crf", format!("{:.0}", rate_factor(level)));
            out.bits(rate);
        }
        Rate::Average { bitrate, .. } | Rate::Constant { bitrate, .. } => {
            out.set("-b:v", bitrate);
        }
    }
    if let Some(hdr10) = &video.hdr10 {
        out.set("-svtav1-params", hdr10.svt_av1());
    }
    out.0
}

/// The encoder can't be told where to place a key frame. So where segments are no multiple of the
/// GOP, it gets the longest GOP that they are a multiple of.
fn gop(video: &PlannedVideo, forced: Option<f64>) -> u32 {
    let Some(seconds) = forced else {
        return video.gop;
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range just before"
    )]
    let segment = (seconds * video.frame_rate.value())
        .round()
        .clamp(1.0, 100_000.0) as u32;
    (1..=video.gop.min(segment))
        .rev()
        .find(|gop| segment.is_multiple_of(*gop))
        .unwrap_or(1)
}

/// SVT-AV1's constant rate factor, 0 to 63, for a QVBR level: 7 is 35, its own default.
fn rate_factor(level: f64) -> f64 {
    56.0 - 3.0 * level
}

/// Chosen for speed.
fn preset(level: QualityTuningLevel) -> u32 {
    match level {
        QualityTuningLevel::SinglePass | QualityTuningLevel::SinglePassHq => 12,
        QualityTuningLevel::MultiPass | QualityTuningLevel::MultiPassHq => 10,
    }
}
