//! The classes that outputs are billed in, and what moves an output to the dearer tier.

use aws_sdk_mediaconvert::types::{
    AdvancedInputFilter, BandwidthReductionFilter, H264FramerateConversionAlgorithm,
    H264QualityTuningLevel, H265QualityTuningLevel, JobSettings, Output, OutputGroup,
    OutputGroupType, VideoCodec, VideoDescription,
};

use crate::media::{FrameRate, Media, Size};

/// How an output is billed.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// As in the output's name modifier, without the underscore before it.
    pub name: String,
    /// Picture or sound.
    pub kind: Kind,
    /// Its sound is brought to a loudness, which is billed extra.
    pub normalized: bool,
    /// What moves it to the professional tier; empty at the basic tier.
    pub professional: Vec<&'static str>,
    /// Milliseconds that it spans at most: captures end with the last one.
    limit_ms: Option<u64>,
}

/// What an output holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A picture, with or without sound.
    Picture(Picture),
    /// Sound alone.
    Audio,
    /// Captions alone, which are free.
    Captions,
}

/// A picture as it is billed.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// By its lines.
    pub resolution: Resolution,
    /// Frames per second; 30 where that isn't known.
    pub frame_rate: f64,
    /// MediaConvert's name of the codec.
    pub codec: String,
    /// The encoder looks more than once.
    pub multi_pass: bool,
}

/// A class of sizes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resolution {
    /// Below 720 lines.
    Sd,
    /// Up to 1080 lines.
    Hd,
    /// Up to 2160 lines.
    Uhd,
    /// Above.
    Larger,
}

impl Class {
    /// True at the professional tier.
    pub fn is_professional(&self) -> bool {
        !self.professional.is_empty()
    }

    /// How long it is going to be, of a source of `duration_ms`.
    pub(super) fn span_ms(&self, duration_ms: Option<u64>) -> Option<u64> {
        match (duration_ms, self.limit_ms) {
            (Some(duration), Some(limit)) => Some(duration.min(limit)),
            (duration, limit) => duration.or(limit),
        }
    }
}

/// The class of each output, in the order of the job.
pub fn classes(settings: &JobSettings, media: &Media) -> Vec<Class> {
    let filtered = settings
        .inputs()
        .iter()
        .any(|input| input.advanced_input_filter() == Some(&AdvancedInputFilter::Enabled));
    let groups = settings.output_groups().iter();
    let outputs = groups.flat_map(|group| {
        let automated = group.automated_encoding_settings().is_some();
        group
            .outputs()
            .iter()
            .map(move |output| (output, automated))
    });
    let classes = outputs.map(|(output, automated)| {
        let mut class = class(output, media);
        if class.kind != Kind::Audio && class.kind != Kind::Captions {
            if filtered {
                class.professional.push("an advanced input filter");
            }
            if automated {
                class.professional.push("automated ABR");
            }
        }
        class
    });
    classes.collect()
}

/// Whether its outputs are one stream in several qualities.
pub(super) fn is_streamed(group: &OutputGroup) -> bool {
    let settings = group.output_group_settings();
    let kind = settings.and_then(|settings| settings.r#type());
    kind.is_some_and(|kind| *kind != OutputGroupType::FileGroupSettings)
}

fn class(output: &Output, media: &Media) -> Class {
    let name = output.name_modifier().unwrap_or_default();
    let audio = output.audio_descriptions();
    let picture = output.video_description();
    // A preset keeps what it holds to itself: it counts as a picture of the source's size.
    let is_picture = picture.is_some() || (audio.is_empty() && output.preset().is_some());
    let kind = if is_picture {
        Kind::Picture(self::picture(picture, media))
    } else if audio.is_empty() {
        Kind::Captions
    } else {
        Kind::Audio
    };
    Class {
        name: name.trim_start_matches('_').to_owned(),
        kind,
        normalized: audio
            .iter()
            .any(|audio| audio.audio_normalization_settings().is_some()),
        professional: picture.map(professional).unwrap_or_default(),
        limit_ms: picture.and_then(captured_ms),
    }
}

fn picture(video: Option<&VideoDescription>, media: &Media) -> Picture {
    let source = media.video.as_ref();
    let source_rate = source
        .and_then(|source| source.frame_rate)
        .map(FrameRate::per_second);
    let settings = video.and_then(VideoDescription::codec_settings);
    let codec = settings.and_then(|settings| settings.codec());
    let is_capture = codec == Some(&VideoCodec::FrameCapture);
    let rate = video.and_then(frame_rate).or(source_rate);
    Picture {
        resolution: resolution(lines(video, source.map(crate::media::Video::size))),
        frame_rate: rate.filter(|_| !is_capture).unwrap_or(30.0),
        // Counted like a picture of the basic tier.
        codec: match codec {
            Some(codec) if !is_capture => codec.as_str().to_owned(),
            _ => VideoCodec::H264.as_str().to_owned(),
        },
        multi_pass: video.is_some_and(multi_pass),
    }
}

/// Lines of the picture: its shorter side, which follows from the source's shape where one side alone is asked for.
fn lines(video: Option<&VideoDescription>, source: Option<Size>) -> u32 {
    let side = |side: Option<i32>| side.and_then(|side| u32::try_from(side).ok());
    let width = video.and_then(|video| side(video.width()));
    let height = video.and_then(|video| side(video.height()));
    let of_source = |numerator: u32, denominator: u32, side: u32| {
        let lines = u64::from(side) * u64::from(numerator) / u64::from(denominator).max(1);
        u32::try_from(lines).unwrap_or(u32::MAX)
    };
    match (width, height, source) {
        (Some(width), Some(height), _) => width.min(height),
        (Some(width), None, Some(source)) => {
            width.min(of_source(source.height, source.width, width))
        }
        (None, Some(height), Some(source)) => {
            height.min(of_source(source.width, source.height, height))
        }
        (None, None, Some(source)) => source.short_side(),
        (width, height, None) => height.or(width).unwrap_or(1080),
    }
}

fn resolution(lines: u32) -> Resolution {
    match lines {
        0..=719 => Resolution::Sd,
        720..=1080 => Resolution::Hd,
        1081..=2160 => Resolution::Uhd,
        _ => Resolution::Larger,
    }
}

fn frame_rate(video: &VideoDescription) -> Option<f64> {
    let settings = video.codec_settings()?;
    let (numerator, denominator) = if let Some(own) = settings.h264_settings() {
        (own.framerate_numerator(), own.framerate_denominator())
    } else if let Some(own) = settings.h265_settings() {
        (own.framerate_numerator(), own.framerate_denominator())
    } else if let Some(own) = settings.av1_settings() {
        (own.framerate_numerator(), own.framerate_denominator())
    } else {
        (None, None)
    };
    Some(f64::from(numerator?) / f64::from(denominator?.max(1)))
}

fn multi_pass(video: &VideoDescription) -> bool {
    let settings = video.codec_settings();
    let h264 = settings.and_then(|settings| settings.h264_settings());
    let h265 = settings.and_then(|settings| settings.h265_settings());
    h264.and_then(|own| own.quality_tuning_level()) == Some(&H264QualityTuningLevel::MultiPassHq)
        || h265.and_then(|own| own.quality_tuning_level())
            == Some(&H265QualityTuningLevel::MultiPassHq)
}

/// Settings that aren't of the basic tier, which holds AVC in one pass, VP8 and VP9, clipping, stitching and overlays.
/// Source: <https://aws.amazon.com/mediaconvert/pricing/>; the deinterlacer by the change log of AWS's own solution.
fn professional(video: &VideoDescription) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    let settings = video.codec_settings();
    match settings.and_then(|settings| settings.codec()) {
        None
        | Some(VideoCodec::H264 | VideoCodec::Vp8 | VideoCodec::Vp9 | VideoCodec::FrameCapture) => {
        }
        Some(_) => reasons.push("its codec"),
    }
    if multi_pass(video) {
        reasons.push("several passes");
    }
    if let Some(h264) = settings.and_then(|settings| settings.h264_settings()) {
        let reduced = h264.bandwidth_reduction_filter();
        if reduced.is_some_and(|filter| *filter != BandwidthReductionFilter::builder().build()) {
            reasons.push("a bandwidth reduction filter");
        }
        if matches!(
            h264.framerate_conversion_algorithm(),
            Some(
                H264FramerateConversionAlgorithm::Interpolate
                    | H264FramerateConversionAlgorithm::Frameformer
            )
        ) {
            reasons.push("interpolated frames");
        }
    }
    if let Some(filters) = video.video_preprocessors() {
        if filters.deinterlacer().is_some() {
            reasons.push("a deinterlacer");
        }
        if filters.color_corrector().is_some() {
            reasons.push("colour correction");
        }
        if filters.noise_reducer().is_some() {
            reasons.push("a noise reducer");
        }
        if filters.dolby_vision().is_some() || filters.hdr10_plus().is_some() {
            reasons.push("dynamic metadata");
        }
        if filters.partner_watermarking().is_some() {
            reasons.push("a partner's watermark");
        }
    }
    reasons
}

/// Milliseconds that the captures span, where their number has an end.
fn captured_ms(video: &VideoDescription) -> Option<u64> {
    let capture = video.codec_settings()?.frame_capture_settings()?;
    let count = u64::try_from(capture.max_captures()?).ok()?;
    let numerator = u64::try_from(capture.framerate_numerator()?).ok()?.max(1);
    let denominator = u64::try_from(capture.framerate_denominator()?).ok()?;
    Some(count * denominator * 1000 / numerator)
}
