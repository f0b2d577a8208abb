//! HEVC, by x265.

use std::fmt::Write as _;

use crate::settings::Toggle;

use super::{Arguments, PlannedVideo, Range, Rate, level, preset};

pub(super) fn arguments(video: &PlannedVideo, forced: Option<f64>) -> Vec<String> {
    let settings = &video.settings;
    let profile = settings.codec_profile.as_deref().unwrap_or("MAIN_MAIN");
    let mut out = Arguments::default();
    out.set("-c:v", "libx265");
    out.set("-preset", preset(settings.quality_tuning_level));
    out.set("-profile:v", self::profile(profile));
    out.set("-g", video.gop);
    out.set("-keyint_min", video.gop);
    if let Some(b_frames) = settings.b_frames {
        out.set("-bf", b_frames);
    }
    if let Some(references) = settings.number_reference_frames {
        out.set("-refs", references);
    }
    out.force(forced);
    let rate = video.rate();
    if let Rate::Quality { level, .. } = rate {
        out.set("-crf", format!("{:.2}", rate_factor(level)));
    }
    out.bits(rate);
    out.set("-x265-params", parameters(video, profile));
    // The service's default is HEV1, which Apple's players refuse.
    out.set(
        "-tag:v",
        match settings.write_mp4_packaging_type.as_deref() {
            Some("HVC1") => "hvc1",
            _ => "hev1",
        },
    );
    out.0
}

/// What only x265's own options say.
fn parameters(video: &PlannedVideo, profile: &str) -> String {
    let mut text = "log-level=error:scenecut=0:open-gop=0".to_owned();
    // Writing to a String can't fail.
    if let Some(level) = video.settings.codec_level.as_deref().and_then(level) {
        let tier = u8::from(profile.ends_with("_HIGH"));
        let _ = write!(text, ":level-idc={level}:high-tier={tier}");
    }
    if let Some(slices) = video.settings.slices {
        let _ = write!(text, ":slices={slices}");
    }
    if let Some(reference) = video.settings.gop_b_reference {
        let _ = write!(
            text,
            ":b-pyramid={}",
            u8::from(reference == Toggle::Enabled)
        );
    }
    if let Rate::Constant { .. } = video.rate() {
        text.push_str(":strict-cbr=1:hrd=1");
    }
    if video.range == Range::Pq {
        // Headers with each key frame, since players may begin at any.
        text.push_str(":hdr10=1:repeat-headers=1");
    }
    if let Some(hdr10) = &video.hdr10 {
        let _ = write!(text, ":{}", hdr10.x265());
    }
    text
}

/// x265's constant rate factor for a QVBR level. Its 28 looks like x264's 23, say its makers:
/// <https://x265.readthedocs.io/en/stable/cli.html#cmdoption-crf>.
fn rate_factor(level: f64) -> f64 {
    42.0 - 2.0 * level
}

fn profile(name: &str) -> &'static str {
    match name {
        "MAIN10_MAIN" | "MAIN10_HIGH" => "main10",
        // x265 has no profile of 8 bits and 4:2:2 alone.
        "MAIN_422_8BIT_MAIN"
        | "MAIN_422_8BIT_HIGH"
        | "MAIN_422_10BIT_MAIN"
        | "MAIN_422_10BIT_HIGH" => "main422-10",
        _ => "main",
    }
}

pub(super) fn pixel_format(profile: &str) -> &'static str {
    match profile {
        "MAIN10_MAIN" | "MAIN10_HIGH" => "yuv420p10le",
        "MAIN_422_8BIT_MAIN" | "MAIN_422_8BIT_HIGH" => "yuv422p",
        "MAIN_422_10BIT_MAIN" | "MAIN_422_10BIT_HIGH" => "yuv422p10le",
        _ => "yuv420p",
    }
}
