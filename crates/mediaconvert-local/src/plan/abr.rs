//! The ladder of automated ABR.
//!
//! The service looks at the picture; what it decides by is not known. Here the source's size and
//! frame rate decide: the highest rendition has the source's size, each further one two thirds of
//! the bits of the one above it, and the largest usual size that those bits are enough for.

use crate::settings::{AbrRule, AbrSettings, OutputGroup, RenditionSize, Toggle};

/// Heights of usual renditions, pixels.
const HEIGHTS: [u32; 9] = [2160, 1440, 1080, 720, 540, 432, 360, 270, 234];
/// Bits that a pixel of a frame should have at least: 720p at 30 frames a second has 1.4 Mb/s.
const ENOUGH: f64 = 0.05;
/// Bits that a pixel of a frame has any use for.
const PLENTY: f64 = 0.12;
/// From one rendition to the next.
const STEP: f64 = 2.0 / 3.0;

/// One rendition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rung {
    /// Pixels, even.
    pub width: u32,
    /// Pixels, even.
    pub height: u32,
    /// Bits per second at most.
    pub max_bitrate: u32,
}

/// The renditions for a source of so many pixels and frames per second, highest first.
pub fn ladder(settings: &AbrSettings, source: (u32, u32), rate: f64) -> Vec<Rung> {
    let sizes = sizes(settings, source);
    let needs = |size: (u32, u32), bits: f64| f64::from(size.0) * f64::from(size.1) * rate * bits;
    let (least, most) = (
        f64::from(settings.min_abr_bitrate),
        f64::from(settings.max_abr_bitrate),
    );
    let top = sizes.first().copied().unwrap_or(source);
    let mut bits = needs(top, PLENTY).clamp(least.min(most), most);
    let count = usize::try_from(settings.max_renditions).unwrap_or(usize::MAX);
    let mut rungs: Vec<Rung> = Vec::new();
    while rungs.len() < count && (rungs.is_empty() || bits >= least) {
        let size = if rungs.is_empty() {
            top
        } else {
            sizes
                .iter()
                .copied()
                .find(|size| needs(*size, ENOUGH) <= bits)
                .or(sizes.last().copied())
                .unwrap_or(source)
        };
        rungs.push(rung(size, bits));
        bits *= STEP;
    }
    for size in required(settings, source) {
        let there = |rung: &Rung| (rung.width, rung.height) == size;
        if rungs.iter().any(there) {
            continue;
        }
        let bits = needs(size, f64::midpoint(ENOUGH, PLENTY)).clamp(least.min(most), most);
        let own = rung(size, bits);
        // It takes the place of the one nearest to it, but for the highest.
        let nearest = rungs
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, rung)| !required(settings, source).contains(&(rung.width, rung.height)))
            .min_by_key(|(_, rung)| rung.height.abs_diff(size.1))
            .map(|(index, _)| index);
        match nearest {
            Some(index) if rungs.len() >= count => rungs[index] = own,
            _ => rungs.push(own),
        }
    }
    rungs.sort_by_key(|rung| std::cmp::Reverse((rung.max_bitrate, rung.height)));
    rungs
}

fn rung((width, height): (u32, u32), bits: f64) -> Rung {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between the bounds of the settings"
    )]
    let max_bitrate = bits.round() as u32;
    Rung {
        width,
        height,
        max_bitrate,
    }
}

/// Sizes to choose from, largest first: never larger than the source, unless a rule wants it.
fn sizes(settings: &AbrSettings, source: (u32, u32)) -> Vec<(u32, u32)> {
    let mut allowed: Option<&[RenditionSize]> = None;
    let mut bottom = 0;
    for rule in &settings.rules {
        match rule {
            AbrRule::AllowedRenditions { sizes } => allowed = Some(sizes),
            AbrRule::MinBottomRenditionSize { size } => bottom = size.width * size.height,
            // The highest has the source's size, and nothing is scaled up.
            AbrRule::MinTopRenditionSize { .. } | AbrRule::ForceIncludeRenditions { .. } => {}
        }
    }
    let fits = |size: &(u32, u32)| size.0 <= source.0 && size.1 <= source.1;
    let mut sizes: Vec<(u32, u32)> = if let Some(allowed) = allowed {
        allowed
            .iter()
            .map(|size| (size.width, size.height))
            .filter(fits)
            .collect()
    } else {
        // Of an upright picture, the width is the short side.
        let short = source.0.min(source.1);
        let scaled = |height: &u32| {
            let scale = |side: u32| even(u64::from(side) * u64::from(*height), short);
            (scale(source.0), scale(source.1))
        };
        let whole = (source.0 & !1, source.1 & !1);
        std::iter::once(whole)
            .chain(HEIGHTS.iter().filter(|height| **height < short).map(scaled))
            .filter(|size| size.0 * size.1 >= bottom)
            .collect()
    };
    sizes.sort_by_key(|size| std::cmp::Reverse(size.0 * size.1));
    sizes.dedup();
    if sizes.is_empty() {
        sizes.push((source.0 & !1, source.1 & !1));
    }
    sizes
}

fn required(settings: &AbrSettings, source: (u32, u32)) -> Vec<(u32, u32)> {
    let fits = |size: &&RenditionSize| size.width <= source.0 && size.height <= source.1;
    let mut found = Vec::new();
    for rule in &settings.rules {
        let sizes: Vec<&RenditionSize> = match rule {
            AbrRule::ForceIncludeRenditions { sizes } => sizes.iter().collect(),
            AbrRule::AllowedRenditions { sizes } => sizes
                .iter()
                .filter(|size| size.required == Some(Toggle::Enabled))
                .collect(),
            _ => Vec::new(),
        };
        found.extend(
            sizes
                .into_iter()
                .filter(fits)
                .map(|size| (size.width, size.height)),
        );
    }
    found
}

fn even(product: u64, divisor: u32) -> u32 {
    let side = product / u64::from(divisor.max(1)) / 2 * 2;
    u32::try_from(side.max(2)).unwrap_or(u32::MAX - 1)
}

/// The group with one output of the picture for each rung. Their name modifiers end in `_1`, `_2`, …
/// from the highest on, and those of other outputs without one go on from there; how the service
/// calls them is not known.
pub fn expanded(group: &OutputGroup, ladder: &[Rung]) -> OutputGroup {
    let level = group
        .automated_encoding_settings
        .as_ref()
        .and_then(|automated| automated.abr_settings.as_ref())
        .and_then(|settings| settings.max_quality_level);
    let mut expanded = group.clone();
    expanded.outputs.clear();
    let mut unnamed = 0;
    for output in &group.outputs {
        let encoded = output
            .video_description
            .as_ref()
            .and_then(|video| video.codec_settings.encoder());
        if encoded.is_none() {
            let mut output = output.clone();
            if output.name_modifier.is_empty() {
                unnamed += 1;
                output.name_modifier = format!("_{}", ladder.len() + unnamed);
            }
            expanded.outputs.push(output);
            continue;
        }
        for (number, rung) in (1..).zip(ladder) {
            let mut output = output.clone();
            output.name_modifier = format!("{}_{number}", output.name_modifier);
            if let Some(video) = &mut output.video_description {
                video.width = Some(rung.width);
                video.height = Some(rung.height);
                if let Some(encoder) = video.codec_settings.encoder_mut() {
                    encoder.max_bitrate = Some(rung.max_bitrate);
                    if let Some(level) = level {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "1 to 10, by the schema"
                        )]
                        let whole = level.floor().clamp(1.0, 10.0) as u32;
                        encoder.qvbr_settings.qvbr_quality_level = Some(whole);
                        encoder.qvbr_settings.qvbr_quality_level_fine_tune =
                            Some(level - level.floor());
                    }
                }
            }
            expanded.outputs.push(output);
        }
    }
    expanded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn settings(rules: &serde_json::Value, most: u32) -> AbrSettings {
        serde_json::from_value(json!({"rules": rules, "maxRenditions": most})).unwrap()
    }

    #[test]
    fn the_ladder_of_1080p() {
        let ladder = ladder(&settings(&json!([]), 15), (1920, 1080), 30.0);
        let told: Vec<String> = ladder
            .iter()
            .map(|rung| format!("{}x{} {}", rung.width, rung.height, rung.max_bitrate))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn sizes_that_are_asked_for_are_there() {
        let forced = json!([{"type": "FORCE_INCLUDE_RENDITIONS", "forceIncludeRenditions": [
            {"width": 640, "height": 480}, {"width": 3840, "height": 2160}]}]);
        let found = ladder(&settings(&forced, 4), (1920, 1080), 30.0);
        assert_eq!(found.len(), 4);
        assert!(
            found
                .iter()
                .any(|rung| (rung.width, rung.height) == (640, 480))
        );
        assert!(found.iter().all(|rung| rung.height <= 1080));
        let allowed = json!([{"type": "ALLOWED_RENDITIONS", "allowedRenditions": [
            {"width": 1280, "height": 720}, {"width": 640, "height": 360, "required": "ENABLED"}]}]);
        let found = ladder(&settings(&allowed, 15), (1920, 1080), 30.0);
        assert!(found.iter().all(|rung| [720, 360].contains(&rung.height)));
        assert!(found.iter().any(|rung| rung.height == 360));
    }

    #[test]
    fn outputs_without_names_are_numbered_on() {
        let group = json!({
            "automatedEncodingSettings": {"abrSettings": {}},
            "outputGroupSettings": {"type": "CMAF_GROUP_SETTINGS"},
            "outputs": [
                {"audioDescriptions": [{"codecSettings": {"codec": "AAC"}}]},
                {"videoDescription": {"codecSettings": {"codec": "H_264"}}}]});
        let group = serde_json::from_value(group).unwrap();
        let ladder = ladder(&settings(&json!([]), 3), (1920, 1080), 30.0);
        let outputs = expanded(&group, &ladder).outputs;
        let names: Vec<&str> = outputs
            .iter()
            .map(|output| output.name_modifier.as_str())
            .collect();
        assert_eq!(names, ["_4", "_1", "_2", "_3"]);
    }

    proptest! {
        #[test]
        fn a_ladder_keeps_its_bounds(
            (width, height) in (32u32..4097, 32u32..4097), rate in 1.0f64..120.0,
            most in 3u32..16, (low, high) in (100_000u32..1_000_000, 1_000_000u32..100_000_000),
        ) {
            let settings = AbrSettings {
                max_abr_bitrate: high, min_abr_bitrate: low, max_renditions: most, ..AbrSettings::default()
            };
            let ladder = ladder(&settings, (width, height), rate);
            prop_assert!(!ladder.is_empty() && ladder.len() <= 15);
            prop_assert!(u32::try_from(ladder.len()).unwrap() <= most);
            for rung in &ladder {
                prop_assert!(rung.width % 2 == 0 && rung.height % 2 == 0);
                prop_assert!(rung.width <= width && rung.height <= height);
                prop_assert!((low..=high).contains(&rung.max_bitrate));
            }
        }
    }
}
