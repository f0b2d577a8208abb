//! Rules of pictures.

use crate::settings::{
    Codec, Container, EncoderSettings, GopSizeUnits, Initialize, OutputGroup, QualityTuningLevel,
    RateControlMode, StreamKind, StreamingSettings, VideoDescription,
};

/// Pixels of the long and the short side at most:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/reference-codecs-containers.html>.
fn largest(codec: Codec) -> (u32, u32) {
    match codec {
        Codec::H264 | Codec::Av1 | Codec::Vp8 | Codec::Vp9 => (4096, 2160),
        Codec::H265 => (8192, 4320),
        Codec::Prores => (4096, 4096),
        Codec::Gif => (3840, 3840),
    }
}

/// Containers that a codec goes into. The service's page was seen in part only: what it says of
/// VP9 outside of `WebM` and of AV1 in it is a guess.
fn containers(codec: Codec) -> &'static [Container] {
    use Container::{Cmfc, Gif, M2ts, M3u8, Mov, Mp4, Mpd, Raw, Webm};
    match codec {
        Codec::H264 | Codec::H265 => &[Cmfc, M3u8, Mpd, Mp4, Mov, M2ts, Raw],
        Codec::Av1 => &[Cmfc, Mpd, Mp4, Webm, Raw],
        Codec::Vp9 => &[Mpd, Mp4, Webm],
        Codec::Vp8 => &[Webm],
        Codec::Prores => &[Mov],
        Codec::Gif => &[Gif],
    }
}

pub(super) fn check(
    video: &VideoDescription,
    container: Option<Container>,
    group: &OutputGroup,
    at: &str,
) -> Result<(), String> {
    super::overlay::of_output(video, at)?;
    let encoder = video.codec_settings.encoder();
    let (long, short) = largest(encoder.map_or(Codec::H264, |(codec, _)| codec));
    for (name, side) in [("width", video.width), ("height", video.height)] {
        if side.is_some_and(|side| side % 2 != 0) {
            return Err(format!("{at}/{name}: Should be a multiple of 2"));
        }
        if side.is_some_and(|side| side > long) {
            return Err(format!(
                "{at}/{name}: Should be less than or equal to {long}"
            ));
        }
    }
    if let (Some(width), Some(height)) = (video.width, video.height)
        && width.min(height) > short
    {
        return Err(format!(
            "{at}: Should be at most {long} by {short} pixels, either way"
        ));
    }
    let Some((codec, settings)) = encoder else {
        return Ok(());
    };
    let at = format!("{at}/codecSettings");
    if let Some(container) = container.filter(|container| !containers(codec).contains(container)) {
        let names: Vec<&str> = containers(codec).iter().map(|c| c.name()).collect();
        return Err(format!(
            "{at}/codec: {} does not go into the container {}, but into {}",
            codec.name(),
            container.name(),
            names.join(", ")
        ));
    }
    self::encoder(codec, settings, group, &format!("{at}/{}", codec.member()))
}

fn encoder(
    codec: Codec,
    settings: &EncoderSettings,
    group: &OutputGroup,
    at: &str,
) -> Result<(), String> {
    let required = |there: bool, name: &str| {
        if there {
            Ok(())
        } else {
            Err(format!("{at}: {name} is a required property"))
        }
    };
    match settings.mode(codec) {
        _ if !codec.is_inter() => {}
        RateControlMode::Qvbr => {
            let automated = group.automated_encoding_settings.is_some();
            required(settings.max_bitrate.is_some() || automated, "maxBitrate")?;
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
    let average = settings.qvbr_settings.max_average_bitrate;
    if average.is_some()
        && (settings.mode(codec) != RateControlMode::Qvbr
            || settings.quality_tuning_level != QualityTuningLevel::MultiPassHq)
    {
        return Err(format!(
            "{at}/qvbrSettings/maxAverageBitrate: Should be set only when rateControlMode is QVBR and \
             qualityTuningLevel is MULTI_PASS_HQ"
        ));
    }
    if let (Some(bitrate), Some(max)) = (settings.bitrate, settings.max_bitrate)
        && max < bitrate
    {
        return Err(format!(
            "{at}/maxBitrate: Should be greater than or equal to bitrate"
        ));
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
    gop(settings, group.output_group_settings.streaming(), at)
}

fn gop(
    settings: &EncoderSettings,
    streaming: Option<&StreamingSettings>,
    at: &str,
) -> Result<(), String> {
    if settings.gop_size.is_some_and(|size| size <= 0.0) {
        return Err(format!("{at}/gopSize: Should be greater than 0"));
    }
    if settings.gop_size_units == Some(GopSizeUnits::Auto) && settings.gop_size.is_some() {
        return Err(format!(
            "{at}/gopSize: Should not be set when gopSizeUnits is AUTO"
        ));
    }
    let Some(streaming) = streaming else {
        return Ok(());
    };
    if settings.gop_closed_cadence == Some(0) {
        return Err(format!(
            "{at}/gopClosedCadence: Should not be 0 in a segmented output"
        ));
    }
    // Transport streams have no fragments, and the guide's own example has GOPs that don't divide its
    // segments: these get further key frames.
    if streaming.kind == StreamKind::Hls {
        return Ok(());
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
        ("fragmentLength", streaming.fragment_length),
        ("segmentLength", streaming.segment_length),
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
