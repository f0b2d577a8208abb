//! The picture of an output: its size, its codec, and what is done to it before.

use aws_sdk_mediaconvert::types::{
    AntiAlias, Av1AdaptiveQuantization, Av1BitDepth, Av1FramerateControl,
    Av1FramerateConversionAlgorithm, Av1QvbrSettings, Av1RateControlMode, Av1Settings,
    ColorCorrector, ColorSpaceConversion, DeinterlaceAlgorithm, Deinterlacer, DeinterlacerControl,
    DeinterlacerMode, H264AdaptiveQuantization, H264CodecLevel, H264CodecProfile,
    H264FramerateControl, H264FramerateConversionAlgorithm, H264GopSizeUnits, H264InterlaceMode,
    H264ParControl, H264QualityTuningLevel, H264QvbrSettings, H264RateControlMode,
    H264SceneChangeDetect, H264Settings, H265AdaptiveQuantization, H265CodecLevel,
    H265CodecProfile, H265FramerateControl, H265FramerateConversionAlgorithm, H265GopSizeUnits,
    H265InterlaceMode, H265ParControl, H265QualityTuningLevel, H265QvbrSettings,
    H265RateControlMode, H265SceneChangeDetect, H265Settings, H265WriteMp4PackagingType,
    HdrToSdrToneMapper, ScalingBehavior, VideoCodec as Codec, VideoCodecSettings, VideoDescription,
    VideoPreprocessor, VideoTimecodeInsertion,
};

use super::Plan;
use crate::ladder::{Range, Step};
use crate::media::{FrameRate, Size};
use crate::profile::{Passes, VideoCodec};
use crate::video::{Rendition, RenditionKind};

/// `720p`: as the output's name modifier and the record have it.
pub(super) fn name(size: Size) -> String {
    format!("{}p", size.short_side())
}

/// The rendition as the record writes it.
pub(super) fn rendition(step: &Step) -> Rendition {
    let codec = match step.codec {
        VideoCodec::H264 => Codec::H264,
        VideoCodec::Hevc => Codec::H265,
        VideoCodec::Av1 => Codec::Av1,
    };
    Rendition {
        width: Some(step.size.width),
        height: Some(step.size.height),
        max_bitrate: Some(u64::from(step.max_bitrate)),
        ..Rendition::new(name(step.size), RenditionKind::Video, codec.as_str())
    }
}

pub(super) fn description(plan: &Plan, step: &Step) -> VideoDescription {
    let Size { width, height } = step.size;
    let side = |pixels: u32| i32::try_from(pixels).ok();
    // One side only: the service works out the other and keeps the picture's shape. Both would pad it with
    // black or stretch it where they don't fit to the pixel; and stretched it has to be where pixels become square.
    let (width, height, scaling) = if plan.square_pixels {
        (side(width), side(height), ScalingBehavior::StretchToOutput)
    } else if step.size.is_portrait() {
        (side(width), None, ScalingBehavior::Default)
    } else {
        (None, side(height), ScalingBehavior::Default)
    };
    VideoDescription::builder()
        .set_width(width)
        .set_height(height)
        .scaling_behavior(scaling)
        .anti_alias(AntiAlias::Enabled)
        .timecode_insertion(VideoTimecodeInsertion::Disabled)
        .codec_settings(codec_settings(plan, step))
        .set_video_preprocessors(preprocessors(plan, step))
        .build()
}

fn codec_settings(plan: &Plan, step: &Step) -> VideoCodecSettings {
    let settings = VideoCodecSettings::builder();
    match step.codec {
        VideoCodec::H264 => settings.codec(Codec::H264).h264_settings(h264(plan, step)),
        VideoCodec::Hevc => settings.codec(Codec::H265).h265_settings(h265(plan, step)),
        VideoCodec::Av1 => settings.codec(Codec::Av1).av1_settings(av1(plan, step)),
    }
    .build()
}

fn whole(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn h264(plan: &Plan, step: &Step) -> H264Settings {
    let settings = H264Settings::builder()
        .rate_control_mode(H264RateControlMode::Qvbr)
        .qvbr_settings(
            H264QvbrSettings::builder()
                .qvbr_quality_level(i32::from(step.quality))
                .build(),
        )
        .max_bitrate(whole(step.max_bitrate))
        .quality_tuning_level(match plan.passes {
            // The best of a single pass. Several passes are billed at the professional tier.
            Passes::Single => H264QualityTuningLevel::SinglePassHq,
            Passes::Multi => H264QualityTuningLevel::MultiPassHq,
        })
        .gop_size(f64::from(plan.segments.gop_seconds))
        .gop_size_units(H264GopSizeUnits::Seconds)
        .gop_closed_cadence(1)
        // An I-frame at a cut in one rendition and not in another would put the renditions out of step.
        .scene_change_detect(H264SceneChangeDetect::Disabled)
        .min_i_interval(0)
        .interlace_mode(H264InterlaceMode::Progressive)
        .adaptive_quantization(H264AdaptiveQuantization::Auto)
        .codec_profile(H264CodecProfile::High)
        .codec_level(H264CodecLevel::Auto);
    let settings = if plan.square_pixels {
        settings
            .par_control(H264ParControl::Specified)
            .par_numerator(1)
            .par_denominator(1)
    } else {
        settings.par_control(H264ParControl::InitializeFromSource)
    };
    match step.frame_rate {
        None => settings.framerate_control(H264FramerateControl::InitializeFromSource),
        Some(rate) => settings
            .framerate_control(H264FramerateControl::Specified)
            .framerate_conversion_algorithm(H264FramerateConversionAlgorithm::DuplicateDrop)
            .framerate_numerator(whole(rate.numerator))
            .framerate_denominator(whole(rate.denominator)),
    }
    .build()
}

fn h265(plan: &Plan, step: &Step) -> H265Settings {
    let settings = H265Settings::builder()
        .rate_control_mode(H265RateControlMode::Qvbr)
        .qvbr_settings(
            H265QvbrSettings::builder()
                .qvbr_quality_level(i32::from(step.quality))
                .build(),
        )
        .max_bitrate(whole(step.max_bitrate))
        .quality_tuning_level(match plan.passes {
            Passes::Single => H265QualityTuningLevel::SinglePassHq,
            Passes::Multi => H265QualityTuningLevel::MultiPassHq,
        })
        .gop_size(f64::from(plan.segments.gop_seconds))
        .gop_size_units(H265GopSizeUnits::Seconds)
        .gop_closed_cadence(1)
        .scene_change_detect(H265SceneChangeDetect::Disabled)
        .min_i_interval(0)
        .interlace_mode(H265InterlaceMode::Progressive)
        .adaptive_quantization(H265AdaptiveQuantization::Auto)
        .codec_profile(if step.range == Range::High {
            H265CodecProfile::Main10Main
        } else {
            H265CodecProfile::MainMain
        })
        .codec_level(H265CodecLevel::Auto)
        // Apple's players take no other.
        .write_mp4_packaging_type(H265WriteMp4PackagingType::Hvc1);
    let settings = if plan.square_pixels {
        settings
            .par_control(H265ParControl::Specified)
            .par_numerator(1)
            .par_denominator(1)
    } else {
        settings.par_control(H265ParControl::InitializeFromSource)
    };
    match step.frame_rate {
        None => settings.framerate_control(H265FramerateControl::InitializeFromSource),
        Some(rate) => settings
            .framerate_control(H265FramerateControl::Specified)
            .framerate_conversion_algorithm(H265FramerateConversionAlgorithm::DuplicateDrop)
            .framerate_numerator(whole(rate.numerator))
            .framerate_denominator(whole(rate.denominator)),
    }
    .build()
}

/// Frames per second of a source that doesn't tell, where AV1's group has to be counted in frames.
const USUAL_FRAME_RATE: FrameRate = FrameRate {
    numerator: 30,
    denominator: 1,
};

fn av1(plan: &Plan, step: &Step) -> Av1Settings {
    let shown = step
        .frame_rate
        .or(plan.source_frame_rate)
        .unwrap_or(USUAL_FRAME_RATE);
    let gop = (shown.per_second() * f64::from(plan.segments.gop_seconds)).round();
    let settings = Av1Settings::builder()
        .rate_control_mode(Av1RateControlMode::Qvbr)
        .qvbr_settings(
            Av1QvbrSettings::builder()
                .qvbr_quality_level(i32::from(step.quality))
                .build(),
        )
        .max_bitrate(whole(step.max_bitrate))
        .gop_size(gop.max(1.0))
        .adaptive_quantization(Av1AdaptiveQuantization::High)
        .bit_depth(if step.range == Range::High {
            Av1BitDepth::Bit10
        } else {
            Av1BitDepth::Bit8
        });
    match step.frame_rate {
        None => settings.framerate_control(Av1FramerateControl::InitializeFromSource),
        Some(rate) => settings
            .framerate_control(Av1FramerateControl::Specified)
            .framerate_conversion_algorithm(Av1FramerateConversionAlgorithm::DuplicateDrop)
            .framerate_numerator(whole(rate.numerator))
            .framerate_denominator(whole(rate.denominator)),
    }
    .build()
}

fn preprocessors(plan: &Plan, step: &Step) -> Option<VideoPreprocessor> {
    let mapped = step.range == Range::Mapped;
    let watermark = plan.watermark.as_ref();
    (plan.deinterlace || mapped || watermark.is_some()).then(|| {
        VideoPreprocessor::builder()
            .set_deinterlacer(plan.deinterlace.then(deinterlacer))
            .set_color_corrector(mapped.then(tone_mapper))
            .set_image_inserter(watermark.map(|image| image.inserter(step.size)))
            .build()
    })
}

fn deinterlacer() -> Deinterlacer {
    Deinterlacer::builder()
        .algorithm(DeinterlaceAlgorithm::Interpolate)
        .mode(DeinterlacerMode::Deinterlace)
        // Only frames that are marked as interlaced.
        .control(DeinterlacerControl::Normal)
        .build()
}

fn tone_mapper() -> ColorCorrector {
    ColorCorrector::builder()
        .color_space_conversion(ColorSpaceConversion::Force709)
        .hdr_to_sdr_tone_mapper(HdrToSdrToneMapper::PreserveDetails)
        .build()
}
