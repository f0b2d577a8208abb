//! `ProRes`, by ffmpeg's own encoder.

use super::{Arguments, PlannedVideo};

pub(super) fn arguments(video: &PlannedVideo) -> Vec<String> {
    let profile = video.settings.codec_profile.as_deref().unwrap_or_default();
    let mut out = Arguments::default();
    out.set("-c:v", "prores_ks");
    out.set("-profile:v", self::profile(profile));
    out.set("-vendor", "apl0");
    out.0
}

/// The service's default is `APPLE_PRORES_422`.
fn profile(name: &str) -> &'static str {
    match name {
        "APPLE_PRORES_422_PROXY" => "proxy",
        "APPLE_PRORES_422_LT" => "lt",
        "APPLE_PRORES_422_HQ" => "hq",
        "APPLE_PRORES_4444" => "4444",
        "APPLE_PRORES_4444_XQ" => "4444xq",
        _ => "standard",
    }
}

pub(super) fn pixel_format(profile: &str) -> &'static str {
    match profile {
        "APPLE_PRORES_4444" | "APPLE_PRORES_4444_XQ" => "yuv444p10le",
        _ => "yuv422p10le",
    }
}
