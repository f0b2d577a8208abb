//! Thirty sources as people have them.

use common::media::{Audio, Captions, FrameRate, Media, PixelAspect, Video};
use common::rotation::Rotation;

/// A source and what it is called.
pub type Named = (&'static str, Media);

fn video(width: u32, height: u32, rate: (u32, u32)) -> Media {
    Media {
        duration_ms: Some(600_000),
        video: Some(Video {
            width,
            height,
            pixel_aspect: None,
            rotation: Rotation::None,
            frame_rate: Some(FrameRate {
                numerator: rate.0,
                denominator: rate.1,
            }),
            interlaced: false,
            hdr: false,
        }),
        audio: sound(&[(2, None)]),
        captions: Captions::None,
    }
}

fn sound(tracks: &[(u32, Option<&str>)]) -> Vec<Audio> {
    let tracks = tracks.iter().zip(1..);
    let audio = tracks.map(|(&(channels, language), track)| Audio {
        track,
        channels,
        language: language.map(str::to_owned),
    });
    audio.collect()
}

fn with(mut media: Media, change: impl FnOnce(&mut Video)) -> Media {
    if let Some(video) = &mut media.video {
        change(video);
    }
    media
}

fn heard(media: Media, tracks: &[(u32, Option<&str>)]) -> Media {
    Media {
        audio: sound(tracks),
        ..media
    }
}

const P24: (u32, u32) = (24_000, 1001);
const P25: (u32, u32) = (25, 1);
const P30: (u32, u32) = (30, 1);
const NTSC: (u32, u32) = (30_000, 1001);
const P50: (u32, u32) = (50, 1);
const P60: (u32, u32) = (60, 1);
const P5994: (u32, u32) = (60_000, 1001);

/// The sources.
pub fn sources() -> Vec<Named> {
    let aspect = |width, height| {
        move |video: &mut Video| video.pixel_aspect = Some(PixelAspect { width, height })
    };
    let turned = |rotation| move |video: &mut Video| video.rotation = rotation;
    let interlaced = |video: &mut Video| video.interlaced = true;
    let hdr = |video: &mut Video| video.hdr = true;
    let film = [(6, Some("eng")), (2, Some("ger")), (2, Some("eng"))];
    vec![
        ("full hd", video(1920, 1080, P30)),
        ("full hd, 25 fps", video(1920, 1080, P25)),
        ("full hd, NTSC", video(1920, 1080, NTSC)),
        ("full hd, 50 fps", video(1920, 1080, P50)),
        ("full hd, 60 fps", video(1920, 1080, P60)),
        ("full hd, 59.94 fps", video(1920, 1080, P5994)),
        (
            "full hd, interlaced",
            with(video(1920, 1080, P25), interlaced),
        ),
        ("720p", video(1280, 720, P30)),
        ("480p", video(854, 480, P30)),
        ("360p", video(640, 360, P25)),
        (
            "PAL, wide",
            with(with(video(720, 576, P25), aspect(64, 45)), interlaced),
        ),
        (
            "NTSC, 4:3",
            with(with(video(720, 480, NTSC), aspect(8, 9)), interlaced),
        ),
        ("HDV", with(video(1440, 1080, P25), aspect(4, 3))),
        (
            "telephone, upright",
            with(video(1920, 1080, P30), turned(Rotation::Clockwise90)),
        ),
        (
            "telephone, variable rate",
            with(video(1920, 1080, (301, 10)), turned(Rotation::Clockwise270)),
        ),
        (
            "telephone, 4K60 HDR",
            with(
                with(video(3840, 2160, P60), turned(Rotation::Clockwise90)),
                hdr,
            ),
        ),
        ("telephone, slow motion", video(1920, 1080, (240, 1))),
        ("upright, stored so", video(1080, 1920, P30)),
        ("square", video(1080, 1080, P30)),
        ("laptop's screen", video(1440, 900, P30)),
        ("screen, 5K wide", video(5120, 1440, P60)),
        ("cinema, 4K scope", video(4096, 1716, P24)),
        ("4K", video(3840, 2160, P30)),
        (
            "4K HDR film",
            heard(with(video(3840, 2160, P24), hdr), &film),
        ),
        ("8K", video(7680, 4320, P60)),
        ("panorama", video(8192, 1024, P30)),
        ("tiny", video(160, 120, P25)),
        ("odd sides, silent", heard(video(853, 481, P25), &[])),
        (
            "unknown rate and length",
            Media {
                duration_ms: None,
                ..with(video(1280, 720, P30), |video| video.frame_rate = None)
            },
        ),
        (
            "podcast",
            Media {
                video: None,
                ..heard(video(1, 1, P30), &[(1, Some("eng"))])
            },
        ),
    ]
}
