//! Rules of pictures.

use crate::settings::{
    CmafGroupSettings, GopSizeUnits, H264Settings, Initialize, RateControlMode, VideoCodecSettings,
    VideoDescription,
};

/// Pixels of the long and the short side at most, of H.264:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/reference-codecs-containers.html>.
const LARGEST: (u32, u32) = (4096, 2160);

pub(super) fn check(
    video: &VideoDescription,
    cmaf: Option<&CmafGroupSettings>,
    at: &str,
) -> Result<(), String> {
    for (name, side) in [("width", video.width), ("height", video.height)] {
        if side.is_some_and(|side| side % 2 != 0) {
            return Err(format!("{at}/{name}: Should be a multiple of 2"));
        }
        if side.is_some_and(|side| side > LARGEST.0) {
            return Err(format!(
                "{at}/{name}: Should be less than or equal to {}",
                LARGEST.0
            ));
        }
    }
    if let (Some(width), Some(height)) = (video.width, video.height)
        && width.min(height) > LARGEST.1
    {
        let (long, short) = LARGEST;
        return Err(format!(
            "{at}: Should be at most {long} by {short} pixels, either way"
        ));
    }
    if let VideoCodecSettings::H264 { h264 } = &video.codec_settings {
        self::h264(h264, cmaf, &format!("{at}/codecSettings/h264Settings"))?;
    }
    Ok(())
}

fn h264(settings: &H264Settings, cmaf: Option<&CmafGroupSettings>, at: &str) -> Result<(), String> {
    let required = |there: bool, name: &str| {
        if there {
            Ok(())
        } else {
            Err(format!("{at}: {name} is a required property"))
        }
    };
    match settings.rate_control_mode {
        RateControlMode::Qvbr => {
            required(settings.max_bitrate.is_some(), "maxBitrate")?;
            if settings.bitrate.is_some() {
                return Err(format!(
                    "{at}/bitrate: Should not be set when rateControlMode is QVBR"
                ));
            }
        }
        RateControlMode::Cbr | RateControlMode::Vbr => {
            required(settings.bitrate.is_some(), "bitrate")?;
        }
    }
    if settings.framerate_control == Initialize::Specified {
        required(settings.framerate_numerator.is_some(), "framerateNumerator")?;
        required(
            settings.framerate_denominator.is_some(),
            "framerateDenominator",
        )?;
    }
    if settings.par_control == Initialize::Specified {
        required(settings.par_numerator.is_some(), "parNumerator")?;
        required(settings.par_denominator.is_some(), "parDenominator")?;
    }
    gop(settings, cmaf, at)
}

fn gop(settings: &H264Settings, cmaf: Option<&CmafGroupSettings>, at: &str) -> Result<(), String> {
    if settings.gop_size.is_some_and(|size| size <= 0.0) {
        return Err(format!("{at}/gopSize: Should be greater than 0"));
    }
    if settings.gop_size_units == Some(GopSizeUnits::Auto) && settings.gop_size.is_some() {
        return Err(format!(
            "{at}/gopSize: Should not be set when gopSizeUnits is AUTO"
        ));
    }
    let Some(cmaf) = cmaf else { return Ok(()) };
    if settings.gop_closed_cadence == Some(0) {
        return Err(format!(
            "{at}/gopClosedCadence: Should not be 0 in a segmented output"
        ));
    }
    // Of GOPs in frames, the length in seconds is known only together with the source.
    let seconds = match (settings.gop_size_units, settings.gop_size) {
        (Some(GopSizeUnits::Seconds), Some(size)) => size,
        (Some(GopSizeUnits::Frames) | None, Some(size))
            if settings.framerate_control == Initialize::Specified =>
        {
            size * f64::from(settings.framerate_denominator.unwrap_or(1))
                / f64::from(settings.framerate_numerator.unwrap_or(1))
        }
        _ => return Ok(()),
    };
    let closed = seconds * f64::from(settings.gop_closed_cadence.unwrap_or(1));
    for (name, length) in [
        ("fragmentLength", cmaf.fragment_length),
        ("segmentLength", cmaf.segment_length),
    ] {
        let times = f64::from(length) / closed;
        // 2 s at 29.97 frames a second are 60 frames, which last a thousandth longer.
        if times.round() < 1.0 || (times - times.round()).abs() > 0.002 * times {
            return Err(format!(
                "{at}/gopSize: {name} should be a multiple of the closed GOP, {closed} s"
            ));
        }
    }
    Ok(())
}
