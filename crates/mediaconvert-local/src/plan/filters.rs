//! Filters of whole pictures: frames out of fields, other frame rates, less noise.

use crate::media::Video;
use crate::ratio::Ratio;
use crate::settings::{
    DeinterlaceAlgorithm, Deinterlacer, DeinterlacerControl, DeinterlacerMode, EncoderSettings,
    FramerateConversion, NoiseReducer, NoiseReducerFilter, VideoDescription,
};

/// What comes before the branches: whole frames at a constant rate from time zero.
pub(super) fn shared(
    description: &VideoDescription,
    video: &Video,
    source: Ratio,
    rate: Ratio,
) -> String {
    let fields = deinterlaced(description.video_preprocessors.deinterlacer, video);
    let encoder = description.codec_settings.encoder();
    format!(
        "{fields}{}",
        paced(encoder.map(|(_, settings)| settings), source, rate)
    )
}

fn deinterlaced(filter: Option<Deinterlacer>, video: &Video) -> String {
    let Some(Deinterlacer {
        control,
        mode,
        algorithm,
    }) = filter
    else {
        // A progressive output of an interlaced source is deinterlaced without being asked.
        let own = if video.interlaced {
            "yadif=deint=interlaced,"
        } else {
            ""
        };
        return own.to_owned();
    };
    let which = match control {
        DeinterlacerControl::ForceAllFrames => "all",
        DeinterlacerControl::Normal => "interlaced",
    };
    let name = match algorithm {
        Some(
            DeinterlaceAlgorithm::Interpolate
            | DeinterlaceAlgorithm::InterpolateTicker
            | DeinterlaceAlgorithm::LinearInterpolation,
        ) => "bwdif",
        Some(DeinterlaceAlgorithm::Blend | DeinterlaceAlgorithm::BlendTicker) | None => "yadif",
    };
    match mode {
        // Frames are put together again of the fields that belong to them; of five, one is there
        // twice. The end of it comes without the last frame's duration.
        DeinterlacerMode::InverseTelecine => {
            "fieldmatch=mode=pcn,yadif=deint=interlaced,decimate,tpad=stop=1:stop_mode=clone,"
                .to_owned()
        }
        DeinterlacerMode::Adaptive => format!("fieldmatch=mode=pcn,{name}=deint=interlaced,"),
        DeinterlacerMode::Deinterlace => format!("{name}=deint={which},"),
    }
}

/// The rate of a source after its fields became frames.
pub(super) fn rate_of_frames(description: &VideoDescription, source: Ratio) -> Ratio {
    let filter = description.video_preprocessors.deinterlacer;
    match filter.map(|filter| filter.mode) {
        Some(DeinterlacerMode::InverseTelecine) => {
            let (numerator, denominator) = (source.numerator(), source.denominator());
            Ratio::new(numerator.saturating_mul(4), denominator.saturating_mul(5)).unwrap_or(source)
        }
        _ => source,
    }
}

fn paced(settings: Option<&EncoderSettings>, source: Ratio, rate: Ratio) -> String {
    let conversion = settings.and_then(|settings| settings.framerate_conversion_algorithm);
    let last = format!("fps={rate}:start_time=0");
    match conversion {
        Some(FramerateConversion::Interpolate) if source != rate => {
            format!("fps={source}:start_time=0,framerate=fps={rate},{last}")
        }
        Some(FramerateConversion::Frameformer) if source != rate => format!(
            "fps={source}:start_time=0,minterpolate=fps={rate}:mi_mode=mci:mc_mode=aobmc:vsbmc=1,{last}"
        ),
        _ => last,
    }
}

/// Less noise, with a comma before it.
pub(super) fn denoised(reducer: Option<&NoiseReducer>) -> String {
    let Some(reducer) = reducer else {
        return String::new();
    };
    let strength = f64::from(reducer.filter_settings.strength.unwrap_or(2));
    let spatial = f64::from(reducer.spatial_filter_settings.strength.unwrap_or(4));
    let temporal = f64::from(reducer.temporal_filter_settings.strength.unwrap_or(4));
    let filter = match reducer.filter {
        None => return String::new(),
        _ if strength < 0.5 && !reducer.is_by_another_strength() => return String::new(),
        Some(NoiseReducerFilter::Bilateral) => {
            format!("bilateral=sigmaS={strength}:sigmaR={}", 0.05 * strength)
        }
        Some(NoiseReducerFilter::Mean) => format!("avgblur=sizeX={strength}"),
        Some(NoiseReducerFilter::Gaussian) => format!("gblur=sigma={}", 0.5 * strength),
        Some(NoiseReducerFilter::Lanczos) => format!("gblur=sigma={}", 0.3 * strength),
        Some(NoiseReducerFilter::Sharpen) => format!("unsharp=5:5:{}", 0.4 * strength),
        Some(NoiseReducerFilter::Conserve) => format!("median=radius={strength}"),
        Some(NoiseReducerFilter::Spatial) => {
            let sharpen = reducer.spatial_filter_settings.post_filter_sharpen_strength;
            let sharpened = sharpen
                .filter(|strength| *strength > 0)
                .map(|strength| format!(",unsharp=5:5:{}", 0.3 * f64::from(strength)));
            format!(
                "hqdn3d={spatial}:{spatial}:0.01:0.01{}",
                sharpened.unwrap_or_default()
            )
        }
        Some(NoiseReducerFilter::Temporal) => {
            // How far a pixel may be from those before and after it to count as the same.
            let (one, sum) = ((0.025 * temporal).min(0.3), 0.05 * temporal);
            format!("atadenoise=0a={one}:0b={sum}:1a={one}:1b={sum}:2a={one}:2b={sum}")
        }
    };
    format!(",{filter}")
}
