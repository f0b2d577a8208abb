//! Looks into segments of MPEG transport streams, as far as playlists tell of them.
//!
//! ISO/IEC 13818-1: 2.4.3 of packets, 2.4.4 of tables, 2.4.3.6 of PES packets.

use crate::mp4::codec;

const PACKET: usize = 188;
/// Of H.264 and of HEVC, in the table of a program.
const AVC: u8 = 0x1b;
const HEVC: u8 = 0x24;

/// What a segment holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Of the picture, by RFC 6381.
    pub codec: Option<String>,
    /// Pictures that a player can begin with.
    pub key_frames: Vec<KeyFrame>,
    /// Bytes of the tables that the segment begins with.
    pub tables: u64,
}

/// A picture that a player can begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFrame {
    /// When it is shown, in ticks of 90 kHz.
    pub time: u64,
    /// Bytes before its first packet.
    pub offset: u64,
    /// Bytes to the next picture's first packet; packets of other tracks are among them.
    pub size: u64,
}

/// Looks at one segment, that begins with its tables.
pub fn scan(bytes: &[u8]) -> Scan {
    let mut scan = Scan::default();
    let mut tables = None;
    let mut program = None;
    let mut picture: Option<(u16, u8)> = None;
    let mut open: Option<KeyFrame> = None;
    let mut head = Vec::new();
    for (index, packet) in bytes.chunks_exact(PACKET).enumerate() {
        let offset = index * PACKET;
        let Some(packet) = Packet::read(packet) else {
            break;
        };
        // The service description's table has the PID 17.
        let is_table = packet.pid == 0 || packet.pid == 17 || Some(packet.pid) == program;
        if !is_table && tables.is_none() {
            tables = Some(offset);
        }
        if packet.pid == 0 {
            program = program.or_else(|| first_program(packet.payload));
        } else if Some(packet.pid) == program {
            picture = picture.or_else(|| picture_track(packet.payload));
        }
        let Some((pid, kind)) = picture else { continue };
        if packet.pid != pid {
            continue;
        }
        if packet.begins {
            if let Some(mut key_frame) = open.take() {
                key_frame.size = wide(offset) - key_frame.offset;
                scan.key_frames.push(key_frame);
                scan.codec = scan.codec.or_else(|| parameters(kind, &head));
            }
            if let (true, Some(time)) = (packet.random_access, time_stamp(packet.payload)) {
                head.clear();
                open = Some(KeyFrame {
                    time,
                    offset: wide(offset),
                    size: 0,
                });
            }
        }
        // The parameter sets come first; the picture itself may be large.
        if open.is_some() && scan.codec.is_none() && head.len() < 4096 {
            head.extend_from_slice(packet.payload);
        }
    }
    if let (Some(mut key_frame), Some((_, kind))) = (open, picture) {
        key_frame.size = wide(bytes.len()) - key_frame.offset;
        scan.key_frames.push(key_frame);
        scan.codec = scan.codec.or_else(|| parameters(kind, &head));
    }
    scan.tables = wide(tables.unwrap_or_default());
    scan
}

struct Packet<'a> {
    pid: u16,
    begins: bool,
    random_access: bool,
    payload: &'a [u8],
}

impl<'a> Packet<'a> {
    fn read(packet: &'a [u8]) -> Option<Self> {
        let [0x47, high, low, control, rest @ ..] = packet else {
            return None;
        };
        let pid = u16::from_be_bytes([high & 0x1f, *low]);
        let mut payload = rest;
        let mut random_access = false;
        if control & 0x20 != 0 {
            let (length, field) = rest.split_first()?;
            let length = usize::from(*length);
            random_access = length > 0 && field.first()? & 0x40 != 0;
            payload = field.get(length..)?;
        }
        if control & 0x10 == 0 {
            payload = &[];
        }
        Some(Self {
            pid,
            begins: high & 0x40 != 0,
            random_access,
            payload,
        })
    }
}

/// A table's section, after the pointer to it.
fn section(payload: &[u8]) -> Option<&[u8]> {
    let (pointer, rest) = payload.split_first()?;
    let section = rest.get(usize::from(*pointer)..)?;
    let [_, high, low, ..] = section else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([high & 0x0f, *low]));
    // The last four bytes are a checksum.
    section.get(..(3 + length).checked_sub(4)?)
}

fn pid(bytes: &[u8]) -> Option<u16> {
    let [high, low] = bytes else { return None };
    Some(u16::from_be_bytes([high & 0x1f, *low]))
}

fn first_program(payload: &[u8]) -> Option<u16> {
    section(payload)?
        .get(8..)?
        .chunks_exact(4)
        .find(|entry| entry[..2] != [0, 0])
        .and_then(|entry| pid(&entry[2..]))
}

fn picture_track(payload: &[u8]) -> Option<(u16, u8)> {
    let section = section(payload)?;
    let information = usize::from(pid(section.get(10..12)?)? & 0x0fff);
    let mut rest = section.get(12 + information..)?;
    while let [kind, a, b, c, d, after @ ..] = rest {
        if matches!(*kind, AVC | HEVC) {
            return Some((pid(&[*a, *b])?, *kind));
        }
        rest = after.get(usize::from(pid(&[*c, *d])? & 0x0fff)..)?;
    }
    None
}

/// Of a PES packet's head.
fn time_stamp(payload: &[u8]) -> Option<u64> {
    let [0, 0, 1, _, _, _, _, flags, _, rest @ ..] = payload else {
        return None;
    };
    // 3, 15 and 15 bits, each group followed by a marker.
    let (high, rest) = rest.split_first()?;
    let [middle, low] = [rest.get(..2)?, rest.get(2..4)?]
        .map(|pair| pair.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)) >> 1);
    (flags & 0x80 != 0).then(|| (u64::from(*high) >> 1 & 7) << 30 | middle << 15 | low)
}

/// The codec by the sequence's parameters.
fn parameters(kind: u8, stream: &[u8]) -> Option<String> {
    let wanted = |head: u8| match kind {
        AVC => head & 0x1f == 7,
        _ => head >> 1 & 0x3f == 33,
    };
    let at = stream
        .windows(4)
        .position(|bytes| bytes[..3] == [0, 0, 1] && wanted(bytes[3]))?
        + 3;
    // Three is put between zeros, lest they look like a start.
    let mut plain = Vec::new();
    let mut zeros = 0;
    for byte in stream.get(at..)?.iter().take(64) {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        plain.push(*byte);
    }
    match kind {
        AVC => codec::avc("avc1", &plain).ok(),
        // Two bytes of head and one of the sequence's own; then as in a configuration record.
        _ => codec::hevc("hvc1", plain.get(2..)?).ok(),
    }
}

fn wide(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn key_frames_and_codecs_of_real_segments_are_found() {
        let folder = tempfile::tempdir().unwrap();
        for (encoder, expected) in [("libx264", "avc1.4d400b"), ("libx265", "hvc1.1.6.L30.90")] {
            let path = folder.path().join(format!("{encoder}.ts"));
            let done = std::process::Command::new("ffmpeg")
                .args([
                    "-v",
                    "error",
                    "-f",
                    "lavfi",
                    "-i",
                    "testsrc2=s=128x72:r=25:d=2",
                ])
                .args([
                    "-f", "lavfi", "-i", "sine=d=2", "-pix_fmt", "yuv420p", "-c:v", encoder,
                ])
                .args([
                    "-preset",
                    "superfast",
                    "-profile:v",
                    "main",
                    "-g",
                    "25",
                    "-keyint_min",
                    "25",
                ])
                .args([
                    "-x265-params",
                    "log-level=error:open-gop=0",
                    "-level:v",
                    "1.1",
                ])
                .args([
                    "-muxdelay",
                    "0",
                    "-muxpreload",
                    "0",
                    "-output_ts_offset",
                    "2",
                ])
                .arg(&path)
                .status()
                .unwrap();
            assert!(done.success());
            let scan = scan(&std::fs::read(&path).unwrap());
            let codec = scan.codec.unwrap();
            assert_eq!(codec, expected);
            let times: Vec<u64> = scan.key_frames.iter().map(|frame| frame.time).collect();
            assert_eq!(times, [180_000, 270_000]);
            assert_eq!(scan.tables, 564);
            assert!(scan.key_frames.iter().all(|frame| frame.size > 188));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_scanner_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            for packet in bytes.chunks_mut(PACKET) {
                packet[0] = 0x47;
            }
            let _ = scan(&bytes);
            let _ = parameters(HEVC, &bytes);
        }
    }
}
