//! What manifests call a codec: RFC 6381, and for each codec the document that is named below.

use std::fmt::Write as _;

use super::{Mp4Error, find};

/// Bytes of a visual sample entry before its boxes.
const VISUAL: usize = 78;
/// Bytes of a sound sample entry before its boxes.
const SOUND: usize = 28;

/// The codec of the first sample entry, such as `avc1.4d401f` or `mp4a.40.2`.
pub(super) fn string(entries: &[u8]) -> Result<String, Mp4Error> {
    for name in ["avc1", "avc3"] {
        if let Ok(entry) = find(entries, name) {
            return avc(name, inner(entry, VISUAL, "avcC")?);
        }
    }
    for name in ["hvc1", "hev1"] {
        if let Ok(entry) = find(entries, name) {
            return hevc(name, inner(entry, VISUAL, "hvcC")?);
        }
    }
    if let Ok(entry) = find(entries, "av01") {
        return av1(inner(entry, VISUAL, "av1C")?);
    }
    if let Ok(entry) = find(entries, "vp09") {
        return vp9(inner(entry, VISUAL, "vpcC")?);
    }
    for (entry, name) in [
        ("ac-3", "ac-3"),
        ("ec-3", "ec-3"),
        ("Opus", "opus"),
        ("fLaC", "flac"),
    ] {
        if find(entries, entry).is_ok() {
            return Ok(name.to_owned());
        }
    }
    let entry = find(entries, "mp4a")?;
    mpeg4_audio(inner(entry, SOUND, "esds")?)
}

fn inner<'a>(entry: &'a [u8], skip: usize, name: &'static str) -> Result<&'a [u8], Mp4Error> {
    find(entry.get(skip..).ok_or(Mp4Error::Box(name))?, name)
}

/// ISO/IEC 14496-15, 5.3.3.1.
pub(crate) fn avc(name: &str, config: &[u8]) -> Result<String, Mp4Error> {
    match config.get(1..4) {
        Some([profile, constraints, level]) => {
            Ok(format!("{name}.{profile:02x}{constraints:02x}{level:02x}"))
        }
        _ => Err(Mp4Error::Box("avcC")),
    }
}

/// ISO/IEC 14496-15, annex E.
pub(crate) fn hevc(name: &str, config: &[u8]) -> Result<String, Mp4Error> {
    let Some([general, c0, c1, c2, c3, constraints @ .., level]) = config.get(1..13) else {
        return Err(Mp4Error::Box("hvcC"));
    };
    let space = ["", "A", "B", "C"]
        .get(usize::from(general >> 6))
        .copied()
        .unwrap_or_default();
    let compatible = u32::from_be_bytes([*c0, *c1, *c2, *c3]).reverse_bits();
    let tier = if general & 0x20 == 0 { 'L' } else { 'H' };
    let mut text = format!(
        "{name}.{space}{}.{compatible:X}.{tier}{level}",
        general & 0x1f
    );
    let told = constraints
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    for byte in constraints.iter().take(told) {
        // Writing to a String can't fail.
        let _ = write!(text, ".{byte:X}");
    }
    Ok(text)
}

/// AV1 Codec ISO Media File Format Binding, 5.
fn av1(config: &[u8]) -> Result<String, Mp4Error> {
    let Some([first, second]) = config.get(1..3) else {
        return Err(Mp4Error::Box("av1C"));
    };
    let tier = if second & 0x80 == 0 { 'M' } else { 'H' };
    let depth = match (second & 0x40 != 0, second & 0x20 != 0) {
        (true, true) => 12,
        (true, false) => 10,
        _ => 8,
    };
    Ok(format!(
        "av01.{}.{:02}{tier}.{depth:02}",
        first >> 5,
        first & 0x1f
    ))
}

/// VP Codec ISO Media File Format Binding.
fn vp9(config: &[u8]) -> Result<String, Mp4Error> {
    match config.get(4..7) {
        Some([profile, level, rest]) => {
            Ok(format!("vp09.{profile:02}.{level:02}.{:02}", rest >> 4))
        }
        _ => Err(Mp4Error::Box("vpcC")),
    }
}

/// `mp4a.40.2` of AAC-LC; other kinds, such as MP3, have no third part.
fn mpeg4_audio(esds: &[u8]) -> Result<String, Mp4Error> {
    let (kind, object) = audio_object_type(esds)?;
    Ok(match (kind, object) {
        (0x40, Some(object)) => format!("mp4a.40.{object}"),
        _ => format!("mp4a.{kind:02x}"),
    })
}

/// The object type indication of an `esds` box, and the object type of AAC's configuration in it
/// (ISO/IEC 14496-1, 7.2.6; 14496-3, 1.6.2.1).
fn audio_object_type(esds: &[u8]) -> Result<(u8, Option<u8>), Mp4Error> {
    const NONE: Mp4Error = Mp4Error::Box("esds");
    let mut rest = esds.get(4..).ok_or(NONE)?;
    let mut kind = None;
    loop {
        let Some((tag, after)) = rest.split_first() else {
            return kind.map(|kind| (kind, None)).ok_or(NONE);
        };
        // Lengths are in seven-bit groups.
        let length = after.iter().position(|byte| byte & 0x80 == 0).ok_or(NONE)? + 1;
        let body = after.get(length..).ok_or(NONE)?;
        rest = match (tag, kind) {
            (3, _) => body.get(3..),
            (4, _) => {
                kind = body.first().copied();
                body.get(13..)
            }
            (5, Some(kind)) => {
                let (first, second) = (body.first().ok_or(NONE)?, body.get(1));
                let object = match first >> 3 {
                    31 => 32 + ((first & 7) << 3) + (second.ok_or(NONE)? >> 5),
                    object => object,
                };
                return Ok((kind, Some(object)));
            }
            (_, Some(kind)) => return Ok((kind, None)),
            _ => None,
        }
        .ok_or(NONE)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_type_of_aac_is_found() {
        // ffmpeg's esds of AAC-LC: long lengths, then 0x11 0x90.
        let esds = [
            0, 0, 0, 0, 3, 0x80, 0x80, 0x80, 0x25, 0, 1, 0, 4, 0x80, 0x80, 0x80, 0x17, 0x40, 0x15,
            0, 0, 0, 0, 1, 0xf4, 0, 0, 1, 0xf4, 0, 5, 0x80, 0x80, 0x80, 5, 0x11, 0x90, 0x56, 0xe5,
            0,
        ];
        assert_eq!(mpeg4_audio(&esds).unwrap(), "mp4a.40.2");
        let mp3 = [
            0, 0, 0, 0, 3, 0x19, 0, 1, 0, 4, 0x11, 0x6b, 0x15, 0, 0, 0, 0, 1, 0xf4, 0, 0, 1, 0xf4,
            0, 6, 1, 2,
        ];
        assert_eq!(mpeg4_audio(&mp3).unwrap(), "mp4a.6b");
    }

    #[test]
    fn hevc_is_told_with_its_constraints() {
        // Main 10 at level 4.1, as in the annex's example.
        let config = [1, 0x02, 0x20, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 123, 0xf0];
        assert_eq!(hevc("hvc1", &config).unwrap(), "hvc1.2.4.L123.B0");
    }

    #[test]
    fn av1_and_vp9_tell_profile_level_and_depth() {
        assert_eq!(av1(&[0x81, 0x08, 0x4c, 0]).unwrap(), "av01.0.08M.10");
        assert_eq!(vp9(&[1, 0, 0, 0, 0, 31, 0x82, 2]).unwrap(), "vp09.00.31.08");
    }
}
