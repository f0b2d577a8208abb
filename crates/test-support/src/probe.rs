//! Looks into a local file, as MediaConvert's Probe looks into a source.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use common::media::{Audio, Captions, FrameRate, Media, PixelAspect, Video};
use common::rotation::Rotation;
use serde_json::Value;

/// What MediaConvert's Probe would say, by ffprobe.
///
/// # Errors
///
/// Where ffprobe can't be run, or can't read the file.
pub fn probe(path: &str) -> Result<Media> {
    let mut command = Command::new("ffprobe");
    command.args([
        "-v",
        "error",
        "-of",
        "json",
        "-show_format",
        "-show_streams",
        "--",
    ]);
    let output = command.arg(path).output().context("ffprobe can't be run")?;
    ensure!(
        output.status.success(),
        "{path} can't be read: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let found: Value = serde_json::from_slice(&output.stdout)?;
    let none = Vec::new();
    let streams = found["streams"].as_array().unwrap_or(&none);
    let of = |kind: &str| -> Vec<_> {
        let streams = streams.iter();
        streams
            .filter(|stream| stream["codec_type"] == kind)
            .collect()
    };
    let picture = of("video");
    let picture = picture
        .iter()
        .find(|stream| stream["disposition"]["attached_pic"] != 1);
    let sound = of("audio")
        .into_iter()
        .zip(1..)
        .map(|(stream, track)| Audio {
            track,
            channels: number(&stream["channels"]).unwrap_or(2),
            language: stream["tags"]["language"].as_str().map(str::to_owned),
        });
    let seconds = found["format"]["duration"]
        .as_str()
        .and_then(|text| text.parse::<f64>().ok());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length is positive, and a fraction of a millisecond doesn't matter"
    )]
    let duration_ms = seconds.map(|seconds| (seconds * 1000.0) as u64);
    let media = Media {
        duration_ms,
        video: picture.and_then(|stream| video(stream)),
        audio: sound.collect(),
        captions: Captions::None,
    };
    Ok(media)
}

fn video(stream: &Value) -> Option<Video> {
    let ratio = |text: &Value, by: char| {
        let (over, under) = text.as_str()?.split_once(by)?;
        let (over, under): (u32, u32) = (over.parse().ok()?, under.parse().ok()?);
        (over > 0 && under > 0).then_some((over, under))
    };
    let turned = stream["side_data_list"].as_array().and_then(|list| {
        let turned = list.iter().find_map(|entry| entry["rotation"].as_i64())?;
        // Counter-clockwise, as ffprobe tells it.
        Rotation::from_degrees(i32::try_from(-turned).ok()?)
    });
    let aspect = ratio(&stream["sample_aspect_ratio"], ':').filter(|(over, under)| over != under);
    Some(Video {
        width: number(&stream["width"])?,
        height: number(&stream["height"])?,
        pixel_aspect: aspect.map(|(width, height)| PixelAspect { width, height }),
        rotation: turned.unwrap_or_default(),
        frame_rate: ratio(&stream["avg_frame_rate"], '/').map(|(numerator, denominator)| {
            FrameRate {
                numerator,
                denominator,
            }
        }),
        interlaced: matches!(
            stream["field_order"].as_str(),
            Some("tt" | "bb" | "tb" | "bt")
        ),
        hdr: matches!(
            stream["color_transfer"].as_str(),
            Some("smpte2084" | "arib-std-b67")
        ),
    })
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|value| u32::try_from(value).ok())
}
