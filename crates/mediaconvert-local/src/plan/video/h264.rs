//! H.264, by x264.

use crate::settings::{EntropyEncoding, Toggle};

use super::{Arguments, PlannedVideo, Rate, level, preset};

pub(super) fn arguments(video: &PlannedVideo, forced: Option<f64>) -> Vec<String> {
    let settings = &video.settings;
    let profile = settings.codec_profile.as_deref().unwrap_or("MAIN");
    let mut out = Arguments::default();
    out.set("-c:v", "libx264");
    out.set("-preset", preset(settings.quality_tuning_level));
    out.set("-profile:v", self::profile(profile));
    if let Some(level) = settings.codec_level.as_deref().and_then(level) {
        out.set("-level:v", level);
    }
    out.set("-g", video.gop);
    out.set("-keyint_min", video.gop);
    out.set("-sc_threshold", 0);
    if let Some(b_frames) = settings.b_frames.filter(|_| profile != "BASELINE") {
        out.set("-bf", b_frames);
    }
    match settings.gop_b_reference {
        Some(Toggle::Enabled) => out.set("-b-pyramid", "normal"),
        Some(Toggle::Disabled) => out.set("-b-pyramid", "none"),
        None => {}
    }
    if let Some(references) = settings.number_reference_frames {
        out.set("-refs", references);
    }
    if let Some(slices) = settings.slices {
        out.set("-slices", slices);
    }
    if settings.entropy_encoding == Some(EntropyEncoding::Cavlc) {
        out.set("-coder", "vlc");
    }
    out.force(forced);
    let rate = video.rate();
    if let Rate::Quality { level, .. } = rate {
        out.set("-crf", format!("{:.2}", rate_factor(level)));
    }
    out.bits(rate);
    if let Rate::Constant { .. } = rate {
        out.set("-x264-params", "nal-hrd=cbr:force-cfr=1");
    }
    if settings.write_mp4_packaging_type.as_deref() == Some("AVC3") {
        out.set("-tag:v", "avc3");
    }
    out.0
}

/// x264's constant rate factor for a QVBR level: 7, the usual choice, is 23, x264's own default;
/// 10, "nearly lossless", is 17. The service tells nothing that could be measured here.
fn rate_factor(level: f64) -> f64 {
    37.0 - 2.0 * level
}

fn profile(name: &str) -> &'static str {
    match name {
        "BASELINE" => "baseline",
        "HIGH" => "high",
        "HIGH_10BIT" => "high10",
        "HIGH_422" | "HIGH_422_10BIT" => "high422",
        _ => "main",
    }
}

pub(super) fn pixel_format(profile: &str) -> &'static str {
    match profile {
        "HIGH_10BIT" => "yuv420p10le",
        "HIGH_422" => "yuv422p",
        "HIGH_422_10BIT" => "yuv422p10le",
        _ => "yuv420p",
    }
}
