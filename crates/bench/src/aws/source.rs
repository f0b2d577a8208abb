//! The source that every upload of a run is: a minute of 1080p with stereo, its header at the front.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use hyper::body::Bytes;
use serde_json::{Value, json};

/// Size of the source, bytes.
pub(crate) const SIZE_BYTES: usize = 38_000_000;
/// Most bytes of a range.
const LONGEST: usize = 1024 * 1024;

/// MediaConvert's answer to Probe.
pub(crate) fn probe() -> Value {
    json!({"probeResults": [{
        "container": {
            "format": "mp4",
            "duration": 60.0,
            "tracks": [
                {
                    "index": 1, "codec": "AVC", "trackType": "video", "duration": 60.0,
                    "videoProperties": {
                        "width": 1920, "height": 1080, "bitDepth": 8, "bitRate": 5_000_000,
                        "frameRate": {"numerator": 25, "denominator": 1},
                        "colorPrimaries": "ITU_709", "matrixCoefficients": "ITU_709",
                        "transferCharacteristics": "ITU_709"
                    }
                },
                {
                    "index": 2, "codec": "AAC", "trackType": "audio", "duration": 60.0,
                    "audioProperties": {
                        "channels": 2, "sampleRate": 48000, "bitDepth": 16, "bitRate": 128_000,
                        "frameRate": {"numerator": 375, "denominator": 8}, "languageCode": "und"
                    }
                }
            ]
        },
        "metadata": {"fileSize": SIZE_BYTES, "mimeType": "video/mp4"},
        "trackMappings": [{"audioTrackIndexes": [2], "dataTrackIndexes": [], "videoTrackIndexes": [1]}]
    }]})
}

/// A range of the file, as long as it was asked for.
pub(crate) fn range(wanted: &RangeInclusive<usize>) -> Option<Bytes> {
    static BEGIN: LazyLock<Bytes> = LazyLock::new(|| begin().into());
    // What an encoder leaves looks like chance.
    static REST: LazyLock<Bytes> = LazyLock::new(|| {
        let bytes = (0..LONGEST as u64).map(|number| {
            let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed.to_be_bytes()[0]
        });
        bytes.collect()
    });
    let length = (wanted.end() + 1).checked_sub(*wanted.start())?;
    let of = if *wanted.start() == 0 { &BEGIN } else { &REST };
    (length <= LONGEST).then(|| of.slice(..length))
}

/// The first bytes of the file: an MP4 whose picture isn't turned.
fn begin() -> Vec<u8> {
    let mut tkhd = vec![0_u8; 84];
    for (offset, value) in [(40, 1_u32 << 16), (56, 1 << 16), (72, 1 << 30)] {
        tkhd[offset..offset + 4].copy_from_slice(&value.to_be_bytes());
    }
    tkhd[3] = 7;
    let hdlr = [&[0; 8][..], b"vide", &[0; 13]].concat();
    let track = atom(
        *b"trak",
        &[
            atom(*b"tkhd", &tkhd),
            atom(*b"mdia", &atom(*b"hdlr", &hdlr)),
        ]
        .concat(),
    );
    let moov = atom(*b"moov", &[atom(*b"mvhd", &[0; 100]), track].concat());
    let mut file = [atom(*b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41"), moov].concat();
    let rest = u32::try_from(SIZE_BYTES - file.len()).unwrap_or(u32::MAX);
    file.extend(rest.to_be_bytes());
    file.extend(b"mdat");
    file.resize(LONGEST, 0);
    file
}

fn atom(kind: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + payload.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &kind, payload].concat()
}

#[cfg(test)]
mod tests {
    use common::rotation::{KnownParts, find};

    #[test]
    fn the_first_window_holds_all_that_a_function_looks_for() {
        let mut parts = KnownParts::default();
        parts.add(0, super::range(&(0..=16_383)).unwrap().into());
        assert!(find(&parts, super::SIZE_BYTES as u64).is_ok());
    }
}
