//! HLS playlists (RFC 8216bis) of a packaged source: one picture at its own bit rate, sound beside it.

use std::fmt::Write;

use crate::description::VideoRange;
use crate::index::{Rendition, RenditionKind, SegmentInfo};
use crate::limits::TARGET_SEGMENT_SECONDS;
use crate::resource::Resource;

const GROUP: &str = "sound";

const INDEPENDENT: &str = "#EXT-X-INDEPENDENT-SEGMENTS\n";

/// The multivariant playlist.
pub(crate) fn multivariant(renditions: &[Rendition]) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n");
    if renditions.iter().all(is_independent) {
        text.push_str(INDEPENDENT);
    }
    let sounds: Vec<_> = (0_u8..)
        .zip(renditions)
        .filter(|(_, rendition)| matches!(rendition.kind, RenditionKind::Sound { .. }))
        .collect();
    let has_picture = sounds.len() < renditions.len();
    // A single sound alone is the variant itself.
    let has_group = has_picture && !sounds.is_empty() || sounds.len() > 1;
    if has_group {
        for (position, (number, rendition)) in sounds.iter().enumerate() {
            media_line(&mut text, position + 1, *number, rendition);
        }
    }
    text.push_str("#EXT-X-STREAM-INF:");
    let (peak, average) = variant_bandwidth(renditions);
    let _ = write!(text, "BANDWIDTH={peak},AVERAGE-BANDWIDTH={average}");
    let mut codecs: Vec<&str> = Vec::new();
    for description in renditions
        .iter()
        .flat_map(|rendition| &rendition.descriptions)
    {
        if !codecs.contains(&description.codec.as_str()) {
            codecs.push(&description.codec);
        }
    }
    let _ = write!(text, ",CODECS=\"{}\"", codecs.join(","));
    if let Some(picture) = renditions.first()
        && let RenditionKind::Picture { range, .. } = &picture.kind
    {
        let (width, height) = display_size(picture);
        let frames: u64 = picture
            .segments
            .iter()
            .map(|segment| u64::from(segment.samples))
            .sum();
        let frame_rate = rate(frames, picture.duration(), picture.timescale);
        let range = match range {
            VideoRange::Sdr => "SDR",
            VideoRange::Pq => "PQ",
            VideoRange::Hlg => "HLG",
        };
        let _ = write!(
            text,
            ",RESOLUTION={width}x{height},FRAME-RATE={frame_rate:.3},VIDEO-RANGE={range}"
        );
    }
    if has_group {
        let _ = write!(text, ",AUDIO=\"{GROUP}\"");
    }
    let _ = writeln!(text, "\n{}", Resource::Media { rendition: 0 });
    text
}

fn media_line(text: &mut String, position: usize, number: u8, rendition: &Rendition) {
    let RenditionKind::Sound {
        language,
        channels,
        is_default,
        ..
    } = &rendition.kind
    else {
        return;
    };
    let _ = write!(
        text,
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{GROUP}\",NAME=\"Sound {position}"
    );
    if let Some(language) = language {
        let _ = write!(text, " ({language})\",LANGUAGE=\"{language}");
    }
    let is_default = if *is_default { "YES" } else { "NO" };
    let uri = Resource::Media { rendition: number };
    let _ = writeln!(
        text,
        "\",DEFAULT={is_default},AUTOSELECT=YES,CHANNELS=\"{channels}\",URI=\"{uri}\""
    );
}

/// The media playlist of a rendition.
pub(crate) fn media(number: u8, rendition: &Rendition) -> String {
    let seconds_of = |segment: &SegmentInfo| seconds(segment.duration, rendition.timescale);
    let longest = rendition
        .segments
        .iter()
        .map(seconds_of)
        .fold(0.0, f64::max);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{:.0}\n#EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-PLAYLIST-TYPE:VOD\n",
        longest.round().max(1.0)
    );
    if is_independent(rendition) {
        text.push_str(INDEPENDENT);
    }
    let mut described = None;
    for (position, segment) in (0_u32..).zip(&rendition.segments) {
        if segment.is_discontinuous && position > 0 {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        if described != Some(segment.description) || segment.is_discontinuous {
            described = Some(segment.description);
            let init = Resource::Init {
                rendition: number,
                description: segment.description,
            };
            let _ = writeln!(text, "#EXT-X-MAP:URI=\"{init}\"");
        }
        let segment_name = Resource::Segment {
            rendition: number,
            number: position,
        };
        // Microseconds: what rounding loses in a day of segments is less than a frame of sound.
        let _ = writeln!(text, "#EXTINF:{:.6},\n{segment_name}", seconds_of(segment));
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

fn is_independent(rendition: &Rendition) -> bool {
    match rendition.kind {
        RenditionKind::Picture { is_independent, .. } => is_independent,
        RenditionKind::Sound { .. } => true,
    }
}

/// Peak and average bits per second of the variant: its picture, and the sound that takes most.
pub(crate) fn variant_bandwidth(renditions: &[Rendition]) -> (u64, u64) {
    let mut sum = (0_u64, 0_u64);
    let mut sound = (0, 0);
    for rendition in renditions {
        let (peak, average) = bandwidth(rendition);
        match rendition.kind {
            RenditionKind::Picture { .. } => sum = (sum.0 + peak, sum.1 + average),
            RenditionKind::Sound { .. } => sound = (sound.0.max(peak), sound.1.max(average)),
        }
    }
    (sum.0 + sound.0, sum.1 + sound.1)
}

/// Peak and average bits per second of a rendition. The peak is that of any run of segments that lasts half of the target or
/// longer, as RFC 8216bis, 4.4.6.2 has it: a last segment of one frame says nothing.
fn bandwidth(rendition: &Rendition) -> (u64, u64) {
    let segments = &rendition.segments;
    let bits = |segments: &[SegmentInfo]| {
        segments
            .iter()
            .map(|segment| u64::from(segment.bytes) * 8)
            .sum::<u64>()
    };
    let average = rate(bits(segments), rendition.duration(), rendition.timescale);
    let shortest = u64::from(rendition.timescale) * TARGET_SEGMENT_SECONDS / 2;
    let mut peak = average;
    let (mut first, mut window_bits, mut window_duration) = (0, 0_u64, 0_u64);
    for segment in segments {
        window_bits += u64::from(segment.bytes) * 8;
        window_duration += segment.duration;
        while let Some(oldest) = segments.get(first)
            && window_duration.saturating_sub(oldest.duration) >= shortest
        {
            window_bits -= u64::from(oldest.bytes) * 8;
            window_duration -= oldest.duration;
            first += 1;
        }
        if window_duration >= shortest {
            peak = peak.max(rate(window_bits, window_duration, rendition.timescale));
        }
    }
    (whole(peak), whole(average))
}

/// So many a second.
#[expect(
    clippy::cast_precision_loss,
    reason = "a rate for people and players, not a time"
)]
fn rate(count: u64, duration: u64, timescale: u32) -> f64 {
    if duration == 0 {
        return 0.0;
    }
    count as f64 * f64::from(timescale) / duration as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are positive, and far below 2^53"
)]
fn whole(rate: f64) -> u64 {
    rate.ceil() as u64
}

/// A duration in seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "durations of a day are far below 2^53 units"
)]
pub(crate) fn seconds(duration: u64, timescale: u32) -> f64 {
    duration as f64 / f64::from(timescale)
}

/// Width and height as they are shown: a quarter turn of the matrix swaps them.
fn display_size(picture: &Rendition) -> (u32, u32) {
    let coded = picture
        .descriptions
        .first()
        .map_or((0, 0), |description| description.size);
    let RenditionKind::Picture { matrix, size, .. } = &picture.kind else {
        return (0, 0);
    };
    let pixels = |fixed: u32| fixed.saturating_add(0x8000) >> 16;
    let (width, height) = match (pixels(size.0), pixels(size.1)) {
        (0, _) | (_, 0) => (coded.0.into(), coded.1.into()),
        shown => shown,
    };
    let [a, b, _, c, d, ..] = *matrix;
    if a == 0 && d == 0 && b != 0 && c != 0 {
        (height, width)
    } else {
        (width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Description;

    fn segment(duration: u64, bytes: u32) -> SegmentInfo {
        SegmentInfo {
            duration,
            bytes,
            entry_bytes: 1,
            samples: 60,
            description: 0,
            is_discontinuous: false,
        }
    }

    fn picture() -> Rendition {
        Rendition {
            kind: RenditionKind::Picture {
                matrix: [0, 0x1_0000, 0, -0x1_0000, 0, 0, 0, 0, 0x4000_0000],
                size: (1920 << 16, 1080 << 16),
                range: VideoRange::Sdr,
                is_independent: true,
            },
            timescale: 1000,
            descriptions: vec![Description {
                entry: Vec::new(),
                codec: "avc1.640028".to_owned(),
                size: (1920, 1080),
            }],
            segments: vec![
                segment(6000, 750_000),
                segment(6000, 1_500_000),
                segment(40, 100_000),
            ],
        }
    }

    fn sound(language: Option<&str>, is_default: bool) -> Rendition {
        Rendition {
            kind: RenditionKind::Sound {
                language: language.map(str::to_owned),
                channels: 2,
                is_default,
                silence: Vec::new(),
            },
            timescale: 48_000,
            descriptions: vec![Description {
                entry: Vec::new(),
                codec: "mp4a.40.2".to_owned(),
                size: (0, 0),
            }],
            segments: vec![segment(288_000, 96_000)],
        }
    }

    #[test]
    fn the_multivariant_playlist_names_what_players_choose_by() {
        let text = multivariant(&[picture(), sound(Some("de"), true), sound(None, false)]);
        assert_eq!(
            text,
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"Sound 1 (de)\",LANGUAGE=\"de\",DEFAULT=YES,AUTOSELECT=YES,\
             CHANNELS=\"2\",URI=\"1.m3u8\"\n\
             #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"Sound 2\",DEFAULT=NO,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"2.m3u8\"\n\
             #EXT-X-STREAM-INF:BANDWIDTH=2247206,AVERAGE-BANDWIDTH=1689462,CODECS=\"avc1.640028,mp4a.40.2\",\
             RESOLUTION=1080x1920,FRAME-RATE=14.950,VIDEO-RANGE=SDR,AUDIO=\"sound\"\n0.m3u8\n"
        );
    }

    #[test]
    fn a_single_sound_is_the_variant_itself() {
        let text = multivariant(&[sound(None, true)]);
        assert!(!text.contains("EXT-X-MEDIA"), "{text}");
        assert!(text.ends_with("CODECS=\"mp4a.40.2\"\n0.m3u8\n"), "{text}");
    }

    #[test]
    fn a_media_playlist_has_exact_durations() {
        assert_eq!(
            media(0, &picture()),
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"0-init0.mp4\"\n#EXTINF:6.000000,\n0-0.m4s\n#EXTINF:6.000000,\n\
             0-1.m4s\n#EXTINF:0.040000,\n0-2.m4s\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn another_description_is_a_discontinuity() {
        let mut picture = picture();
        picture.segments[1].description = 1;
        picture.segments[1].is_discontinuous = true;
        let text = media(0, &picture);
        assert!(
            text.contains("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"0-init1.mp4\"\n#EXTINF"),
            "{text}"
        );
    }
}
