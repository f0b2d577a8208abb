//! How a sound track is encoded.

use crate::settings::{CodingMode, SoundCodec, SoundRateControl, SoundSettings, VbrQuality};

/// Number of channels, of a source with so many.
pub(super) fn channels(codec: SoundCodec, settings: &SoundSettings, source: u32) -> u32 {
    let named = match codec {
        SoundCodec::Aac => settings.coding_mode.or(Some(CodingMode::Stereo)),
        // The service's defaults are not documented: as many as there are.
        SoundCodec::Ac3 | SoundCodec::Eac3 => settings.coding_mode.or(Some(CodingMode::Auto)),
        _ => None,
    };
    match named {
        Some(CodingMode::Mono) => 1,
        Some(CodingMode::Stereo) => 2,
        Some(CodingMode::Surround) => 6,
        Some(CodingMode::Auto) => match source {
            0 | 1 => 1,
            2..=5 => 2,
            _ => 6,
        },
        None => {
            let most = match codec {
                SoundCodec::Wav | SoundCodec::Aiff => 64,
                SoundCodec::Flac => 8,
                _ => 2,
            };
            let follow = settings.channels.filter(|channels| *channels > 0);
            follow.unwrap_or(source).clamp(1, most)
        }
    }
}

/// Hertz, of a source with so many.
pub(super) fn sample_rate(codec: SoundCodec, settings: &SoundSettings, source: Option<u32>) -> u32 {
    let usual = match codec {
        SoundCodec::Aac | SoundCodec::Wav | SoundCodec::Aiff | SoundCodec::Flac => source,
        _ => None,
    };
    settings.sample_rate.or(usual).unwrap_or(48_000)
}

/// Bits per second.
pub(super) fn bitrate(
    codec: SoundCodec,
    settings: &SoundSettings,
    channels: u32,
    sample_rate: u32,
) -> u32 {
    let depth = settings.bit_depth.unwrap_or(16);
    let usual = match codec {
        SoundCodec::Aac => match (&settings.rate_control_mode, &settings.vbr_quality) {
            (Some(SoundRateControl::Vbr), Some(VbrQuality::Name(name))) => {
                let each = match name.as_str() {
                    "LOW" => 32_000,
                    "MEDIUM_LOW" => 48_000,
                    "HIGH" => 96_000,
                    _ => 64_000,
                };
                return each * channels;
            }
            _ => 48_000 * channels,
        },
        // ETSI TS 102 366, as the API Reference says.
        SoundCodec::Ac3 | SoundCodec::Eac3 => match channels {
            1 => 96_000,
            2 => 192_000,
            _ => 384_000,
        },
        SoundCodec::Opus => 96_000,
        SoundCodec::Mp2 => 192_000,
        SoundCodec::Mp3 | SoundCodec::Vorbis => 128_000,
        SoundCodec::Flac | SoundCodec::Wav | SoundCodec::Aiff => {
            return channels.saturating_mul(sample_rate).saturating_mul(depth);
        }
    };
    settings.bitrate.unwrap_or(usual)
}

/// ffmpeg's arguments for the track at `index` of a file.
pub(super) fn arguments(
    codec: SoundCodec,
    settings: &SoundSettings,
    bitrate: u32,
    index: usize,
) -> Vec<String> {
    let deep = settings.bit_depth.is_some_and(|bits| bits > 16);
    let name = match codec {
        SoundCodec::Aac => "aac",
        SoundCodec::Ac3 => "ac3",
        SoundCodec::Eac3 => "eac3",
        SoundCodec::Mp2 => "mp2",
        SoundCodec::Mp3 => "libmp3lame",
        SoundCodec::Opus => "libopus",
        SoundCodec::Vorbis => "libvorbis",
        SoundCodec::Flac => "flac",
        SoundCodec::Wav if deep => "pcm_s24le",
        SoundCodec::Wav => "pcm_s16le",
        SoundCodec::Aiff if deep => "pcm_s24be",
        SoundCodec::Aiff => "pcm_s16be",
    };
    let mut arguments = vec![format!("-c:a:{index}"), name.to_owned()];
    let mut set = |option: &str, value: String| {
        arguments.extend([format!("{option}:{index}"), value]);
    };
    let quality = match &settings.vbr_quality {
        Some(VbrQuality::Level(level)) => Some(*level),
        _ => None,
    };
    match codec {
        SoundCodec::Vorbis => set("-q:a", quality.unwrap_or(4).to_string()),
        SoundCodec::Mp3 if settings.rate_control_mode == Some(SoundRateControl::Vbr) => {
            set("-q:a", quality.unwrap_or(4).to_string());
        }
        SoundCodec::Flac => set("-sample_fmt:a", if deep { "s32" } else { "s16" }.to_owned()),
        SoundCodec::Wav | SoundCodec::Aiff => {}
        _ => set("-b:a", bitrate.to_string()),
    }
    arguments
}
