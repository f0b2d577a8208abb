//! The answer of the `Probe` operation:
//! <https://docs.aws.amazon.com/mediaconvert/latest/apireference/probe.html>.

use serde_json::{Value, json};

use crate::media::{Audio, Hdr10, Media, Track, TrackKind, Video};
use crate::ratio::Ratio;
use crate::storage::Source;

/// One element of `probeResults`.
pub fn result(media: &Media, source: &Source) -> Value {
    let indexes = |wanted: fn(&TrackKind) -> bool| -> Vec<u32> {
        media
            .tracks
            .iter()
            .filter(|track| wanted(&track.kind))
            .map(|track| track.index + 1)
            .collect()
    };
    json!({
        "container": {
            "format": format(media),
            "duration": media.duration,
            "bitRate": bit_rate(media),
            "startTimecode": media.timecode,
            "tracks": media.tracks.iter().map(|track| self::track(track, media)).collect::<Vec<_>>(),
        },
        "metadata": {
            "eTag": source.etag,
            "fileSize": source.size,
            "lastModified": source.last_modified,
            "mimeType": source.content_type,
        },
        "trackMappings": [{
            "videoTrackIndexes": indexes(|kind| matches!(kind, TrackKind::Video(_))),
            "audioTrackIndexes": indexes(|kind| matches!(kind, TrackKind::Audio(_))),
            "dataTrackIndexes": indexes(|kind| matches!(kind, TrackKind::Data)),
        }],
    })
}

fn format(media: &Media) -> Option<&'static str> {
    let names: Vec<&str> = media.format.split(',').collect();
    let brand = media.brand.as_deref().map(str::trim);
    Some(match () {
        () if names.contains(&"mov") && brand == Some("qt") => "quicktime",
        () if brand.is_some_and(|brand| brand.starts_with("3gp")) => "three_gp",
        () if brand.is_some_and(|brand| brand.starts_with("3g2")) => "three_g2",
        () if names.contains(&"mp4") => "mp4",
        // ffprobe has one name for both; WebM holds only VP8, VP9 and AV1.
        () if names.contains(&"matroska") => match media.video() {
            Some((track, _)) if matches!(track.codec.as_str(), "vp8" | "vp9" | "av1") => "webm",
            _ => "matroska",
        },
        () if names.contains(&"mxf") => "mxf",
        () if names.contains(&"wav") => "wave",
        () if names.contains(&"avi") => "avi",
        () if names.contains(&"mpegts") => "mpegts",
        () if names.contains(&"mpeg") => "mpegps",
        () => match *names.first()? {
            "mp3" => "mp3",
            "flac" => "flac",
            "asf" => "asf",
            "ogg" => "ogg",
            "aac" => "aac",
            "ac3" => "ac3",
            "eac3" => "eac3",
            _ => return None,
        },
    })
}

fn track(track: &Track, media: &Media) -> Value {
    let mut value = json!({
        "index": track.index + 1,
        "codec": codec_name(&track.codec),
        "duration": track.duration.or(media.duration),
    });
    match &track.kind {
        TrackKind::Video(video) => {
            let (rate, _) = crate::plan::rate::of_source(media, video);
            let (pixel, display) = (
                aspect(Some(video.sample_aspect_ratio)),
                aspect(display_aspect_ratio(video)),
            );
            value["trackType"] = json!("video");
            value["videoProperties"] = json!({
                "rotation": Some(video.rotation).filter(|degrees| *degrees != 0),
                "sampleAspectRatio": pixel,
                "displayAspectRatio": display,
                "hdrMetadata": video.hdr10.as_ref().map(hdr),
                "width": video.width,
                "height": video.height,
                "bitDepth": video.bit_depth(),
                "bitRate": track.bit_rate,
                "frameRate": {"numerator": rate.numerator(), "denominator": rate.denominator()},
                "colorPrimaries": primaries(video),
                "transferCharacteristics": transfer(video),
                "matrixCoefficients": matrix(video),
                "codecMetadata": {
                    "profile": track.profile,
                    "level": video.level.and_then(|level| level_name(&track.codec, level)),
                    "chromaSubsampling": chroma(video),
                    "colorPrimaries": primaries(video),
                    "transferCharacteristics": transfer(video),
                    "matrixCoefficients": matrix(video),
                    "sampleAspectRatio": pixel,
                    "displayAspectRatio": display,
                    "contentLightLevel": video.hdr10.as_ref().and_then(light),
                    "fieldOrder": video.top_field_first.filter(|_| video.interlaced).map(|top| {
                        if top { "TopFieldFirst" } else { "BottomFieldFirst" }
                    }),
                    "scanType": if video.interlaced { "interlaced" } else { "progressive" },
                    "bitDepth": video.bit_depth(),
                    "width": video.width,
                    "height": video.height,
                    "codedFrameRate": {"numerator": rate.numerator(), "denominator": rate.denominator()},
                },
            });
        }
        TrackKind::Audio(audio) => {
            value["trackType"] = json!("audio");
            value["audioProperties"] = json!({
                "channels": audio.channels,
                "sampleRate": audio.sample_rate,
                "bitRate": track.bit_rate,
                "bitDepth": audio.bits_per_sample,
                "channelLayout": layout(audio),
                "languageCode": track.language,
            });
        }
        TrackKind::Data => {
            value["trackType"] = json!("data");
            value["dataProperties"] = json!({"languageCode": track.language});
        }
    }
    value
}

/// Bits per second of the whole file.
fn bit_rate(media: &Media) -> Option<u64> {
    let seconds = media.duration.filter(|seconds| *seconds > 0.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "sizes of files are far below 2^52"
    )]
    let rate = (media.size as f64 * 8.0 / seconds).round() as u64;
    Some(rate)
}

fn aspect(ratio: Option<Ratio>) -> Option<Value> {
    ratio.map(|ratio| json!({"numerator": ratio.numerator(), "denominator": ratio.denominator()}))
}

fn display_aspect_ratio(video: &Video) -> Option<Ratio> {
    let pixel = video.sample_aspect_ratio;
    Ratio::new(
        video.width.checked_mul(pixel.numerator())?,
        video.height.checked_mul(pixel.denominator())?,
    )
}

/// Told by the codecs of Dolby exactly, by others as their channels are counted.
fn layout(audio: &Audio) -> Option<&str> {
    let layout = audio.layout.as_deref()?;
    Some(layout.split('(').next().unwrap_or(layout))
}

fn light(hdr10: &Hdr10) -> Option<Value> {
    hdr10.content_light.map(
        |(most, average)| json!({"maxContentLightLevel": most, "maxFrameAverageLightLevel": average}),
    )
}

fn hdr(hdr10: &Hdr10) -> Value {
    let mastering = hdr10.mastering.map(|m| {
        let [rx, ry, gx, gy, bx, by, wx, wy, max, min] = m;
        json!({
            "redPrimaryX": rx, "redPrimaryY": ry, "greenPrimaryX": gx, "greenPrimaryY": gy,
            "bluePrimaryX": bx, "bluePrimaryY": by, "whitePointX": wx, "whitePointY": wy,
            "maxLuminance": max, "minLuminance": min,
        })
    });
    json!({"masteringDisplayColorVolume": mastering, "contentLightLevel": light(hdr10)})
}

/// The service's name of a codec.
pub fn codec_name(ffmpeg: &str) -> &'static str {
    match ffmpeg {
        "aac" => "AAC",
        "ac3" => "AC3",
        "eac3" => "EAC3",
        "flac" => "FLAC",
        "amr_nb" | "amr_wb" => "AMR",
        "mp2" => "MP2",
        "mp3" => "MP3",
        "wmav1" => "WMA",
        "wmav2" => "WMA2",
        "wmapro" => "WMAPRO",
        "dvvideo" => "DV",
        "dnxhd" => "VC3",
        "h263" | "flv1" => "H263",
        "opus" => "OPUS",
        "vorbis" => "VORBIS",
        "av1" => "AV1",
        "h264" => "AVC",
        "hevc" => "HEVC",
        "jpeg2000" => "JPEG2000",
        "mjpeg" => "MJPEG",
        "mpeg1video" => "MPEG1",
        "mpeg2video" => "MPEG2",
        "mpeg4" => "MP4V",
        "prores" => "PRORES",
        "qtrle" => "QTRLE",
        "theora" => "THEORA",
        "rawvideo" => "UNCOMPRESSED",
        "vc1" => "VC1",
        "wmv3" => "VFW",
        "vp8" => "VP8",
        "vp9" => "VP9",
        "eia_608" => "C608",
        "webvtt" => "WEBVTT",
        pcm if pcm.starts_with("pcm_") => "PCM",
        _ => "UNKNOWN",
    }
}

/// ffprobe tells levels as numbers, each codec in its own way.
fn level_name(codec: &str, level: i32) -> Option<String> {
    match codec {
        "h264" => Some(format!("{}.{}", level / 10, level % 10)),
        "hevc" => Some(format!("{}.{}", level / 30, level % 30 / 3)),
        _ => None,
    }
}

fn chroma(video: &Video) -> &'static str {
    match video.chroma() {
        "422" => "4:2:2",
        "444" => "4:4:4",
        _ => "4:2:0",
    }
}

fn primaries(video: &Video) -> Option<&'static str> {
    Some(match video.color_primaries.as_deref()? {
        "bt709" => "ITU_709",
        "bt470m" => "ITU_470M",
        "bt470bg" => "ITU_470BG",
        "smpte170m" => "SMPTE_170M",
        "smpte240m" => "SMPTE_240M",
        "film" => "GENERIC_FILM",
        "bt2020" => "ITU_2020",
        "smpte431" => "SMPTE_431_2",
        "smpte432" => "SMPTE_EG_432_1",
        _ => return None,
    })
}

fn transfer(video: &Video) -> Option<&'static str> {
    Some(match video.color_transfer.as_deref()? {
        "bt709" => "ITU_709",
        "gamma22" => "ITU_470M",
        "gamma28" => "ITU_470BG",
        "smpte170m" => "SMPTE_170M",
        "smpte240m" => "SMPTE_240M",
        "linear" => "LINEAR",
        "iec61966-2-1" => "IEC_61966_2_1",
        "bt2020-10" => "ITU_2020_10bit",
        "bt2020-12" => "ITU_2020_12bit",
        "smpte2084" => "SMPTE_2084",
        "arib-std-b67" => "ARIB_B67",
        _ => return None,
    })
}

fn matrix(video: &Video) -> Option<&'static str> {
    Some(match video.color_space.as_deref()? {
        "bt709" => "ITU_709",
        "gbr" => "RGB",
        "fcc" => "FCC",
        "bt470bg" => "ITU_470BG",
        "smpte170m" => "SMPTE_170M",
        "smpte240m" => "SMPTE_240M",
        "ycgco" => "YCgCo",
        "bt2020nc" => "ITU_2020_NCL",
        "bt2020c" => "ITU_2020_CL",
        _ => return None,
    })
}
