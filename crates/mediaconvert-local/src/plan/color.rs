//! Colours: what a source has, and how another space is made of it.
//!
//! zscale and tonemap do it, which ffmpeg has when it was built with zimg.

use crate::media::Video;
use crate::settings::{
    ColorCorrector, ColorSpace, ColorSpaceConversion, ColorSpaceUsage, SampleRange, ToneMapper,
    VideoSelector,
};

use super::video::Range;

/// A space of colours, in ffmpeg's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Colors {
    primaries: String,
    transfer: String,
    matrix: String,
    /// Something else than the file's own words.
    changed: bool,
    full: Option<bool>,
}

impl Colors {
    /// Of a source, as its file says or as the settings say in its place.
    pub(super) fn of_source(video: &Video, selector: &VideoSelector) -> Self {
        let told = video.color_transfer.is_some() || video.color_space.is_some();
        let asked = match selector.color_space_usage {
            ColorSpaceUsage::Fallback if told => None,
            _ => space(selector.color_space),
        };
        let full = match selector.sample_range {
            SampleRange::Follow => None,
            SampleRange::FullRange => Some(true),
            SampleRange::LimitedRange => Some(false),
        };
        if let Some((primaries, transfer, matrix)) = asked {
            return Self {
                primaries: primaries.to_owned(),
                transfer: transfer.to_owned(),
                matrix: matrix.to_owned(),
                changed: true,
                full,
            };
        }
        // What players take pictures for that say nothing.
        let usual = if video.height.min(video.width) < 720 {
            "smpte170m"
        } else {
            "bt709"
        };
        let or = |told: &Option<String>, usual: &str| told.as_deref().unwrap_or(usual).to_owned();
        Self {
            primaries: or(&video.color_primaries, usual),
            transfer: or(&video.color_transfer, "bt709"),
            matrix: or(&video.color_space, usual),
            changed: false,
            full,
        }
    }

    /// The matrix between its colours and red, green and blue, in the words of scale.
    pub(super) fn matrix(&self) -> &'static str {
        match self.matrix.as_str() {
            "bt709" => "bt709",
            "bt2020nc" | "bt2020c" => "bt2020",
            _ => "smpte170m",
        }
    }

    /// What manifests say of it.
    pub(super) fn range(&self) -> Range {
        Range::of_transfer(Some(&self.transfer))
    }

    /// After a conversion.
    pub(super) fn converted(&self, to: ColorSpaceConversion) -> Self {
        match target(to).and_then(space) {
            None => self.clone(),
            Some((primaries, transfer, matrix)) => Self {
                primaries: primaries.to_owned(),
                transfer: transfer.to_owned(),
                matrix: matrix.to_owned(),
                changed: true,
                full: Some(false),
            },
        }
    }

    /// Filters that say what the colours are.
    fn tags(&self) -> String {
        let range = match self.full {
            None => "",
            Some(true) => ":range=full",
            Some(false) => ":range=limited",
        };
        format!(
            "setparams=color_primaries={}:color_trc={}:colorspace={}{range}",
            self.primaries, self.transfer, self.matrix
        )
    }

    /// Filters between this source and an output, each with a comma before it.
    pub(super) fn filters(&self, corrector: &ColorCorrector) -> String {
        let mut filters = String::new();
        let mut then = |filter: &str| {
            filters.push(',');
            filters.push_str(filter);
        };
        let to = self.converted(corrector.color_space_conversion);
        let same = (&to.primaries, &to.transfer, &to.matrix)
            == (&self.primaries, &self.transfer, &self.matrix);
        if self.changed || self.full.is_some() || !same {
            then(&self.tags());
        }
        if !same {
            then(&self.conversion(&to, corrector));
        }
        if let Some(correction) = correction(corrector) {
            then(&correction);
        }
        if let Some(hue) = corrector.hue.filter(|hue| *hue != 0) {
            then(&format!("hue=h={hue}"));
        }
        filters
    }

    fn conversion(&self, to: &Self, corrector: &ColorCorrector) -> String {
        let Self {
            primaries,
            transfer,
            matrix,
            ..
        } = to;
        let white = corrector.sdr_reference_white_level.unwrap_or(100);
        let last = format!("zscale=t={transfer}:m={matrix}:r=limited:npl={white}");
        match (self.range() == Range::Sdr, to.range() == Range::Sdr) {
            (true, true) => format!("zscale=p={primaries}:t={transfer}:m={matrix}:r=limited"),
            // Of HDR, white is a hundred candelas; what is brighter has to find room.
            (false, true) => {
                let curve = match corrector.hdr_to_sdr_tone_mapper {
                    ToneMapper::Vibrant if self.range() == Range::Pq => "mobius",
                    _ => "hable",
                };
                format!(
                    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p={primaries},\
                     tonemap=tonemap={curve}:desat=0,zscale=t={transfer}:m={matrix}:r=limited"
                )
            }
            (true, false) => {
                format!("zscale=t=linear:npl={white},format=gbrpf32le,zscale=p={primaries},{last}")
            }
            // A screen of a thousand candelas is what HLG is made for.
            (false, false) => {
                format!("zscale=p={primaries}:t={transfer}:m={matrix}:r=limited:npl=1000")
            }
        }
    }
}

/// Primaries, transfer and matrix.
fn space(space: ColorSpace) -> Option<(&'static str, &'static str, &'static str)> {
    match space {
        ColorSpace::Follow => None,
        ColorSpace::Rec601 => Some(("smpte170m", "smpte170m", "smpte170m")),
        ColorSpace::Rec709 => Some(("bt709", "bt709", "bt709")),
        ColorSpace::Hdr10 => Some(("bt2020", "smpte2084", "bt2020nc")),
        ColorSpace::Hlg2020 => Some(("bt2020", "arib-std-b67", "bt2020nc")),
    }
}

fn target(conversion: ColorSpaceConversion) -> Option<ColorSpace> {
    match conversion {
        ColorSpaceConversion::None => None,
        ColorSpaceConversion::Force601 => Some(ColorSpace::Rec601),
        ColorSpaceConversion::Force709 => Some(ColorSpace::Rec709),
        ColorSpaceConversion::ForceHdr10 => Some(ColorSpace::Hdr10),
        ColorSpaceConversion::ForceHlg2020 => Some(ColorSpace::Hlg2020),
    }
}

/// Brightness, contrast and saturation, at any depth of bits. What the steps of the service's
/// scales do is not documented: 50 changes nothing, and 100 doubles.
fn correction(corrector: &ColorCorrector) -> Option<String> {
    let factor = |value: Option<u32>| f64::from(value.unwrap_or(50)) / 50.0;
    let (contrast, saturation) = (factor(corrector.contrast), factor(corrector.saturation));
    let brightness = (factor(corrector.brightness) - 1.0) / 2.0;
    let same = |value: f64| (value - 1.0).abs() < f64::EPSILON;
    if same(contrast) && same(saturation) && same(brightness + 1.0) {
        return None;
    }
    let middle = "(maxval+minval)/2";
    let color = format!("clip((val-{middle})*{saturation}+{middle}\\,minval\\,maxval)");
    Some(format!(
        "lutyuv=y=clip((val-{middle})*{contrast}+{middle}+{brightness}*(maxval-minval)\\,minval\\,maxval):u={color}:v={color}"
    ))
}
