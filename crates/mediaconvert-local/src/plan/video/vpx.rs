//! VP8 and VP9, by libvpx.

use crate::settings::{Codec, QualityTuningLevel};

use super::{Arguments, PlannedVideo};

pub(super) fn arguments(video: &PlannedVideo, forced: Option<f64>) -> Vec<String> {
    let mut out = Arguments::default();
    let vp9 = video.codec == Codec::Vp9;
    out.set("-c:v", if vp9 { "libvpx-vp9" } else { "libvpx" });
    out.set("-deadline", "good");
    out.set(
        "-cpu-used",
        match video.settings.quality_tuning_level {
            QualityTuningLevel::MultiPassHq => 3,
            _ => 5,
        },
    );
    if vp9 {
        out.set("-row-mt", 1);
    }
    out.set("-g", video.gop);
    out.set("-keyint_min", video.gop);
    out.force(forced);
    out.bits(video.rate());
    out.0
}
