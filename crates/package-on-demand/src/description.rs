//! Sample descriptions (`stsd`): which codec a track has, whether browsers play it, and the entry as the init segment has it.
//!
//! The picture's entry is a copy, so that what players read there (colours, HDR, pixel shape) reaches them, whether this crate
//! knows the box or not. The sound's entry is written anew: `QuickTime` keeps the decoder's configuration in another place.

use std::fmt::Write;

use mp4_atom::{BufMut, FourCC};

use crate::Refusal;
use crate::aac::AudioConfig;
use crate::boxes::{Cursor, FourCc, child, children, printable};
use crate::limits::{MAX_DESCRIPTION_BYTES, MAX_DESCRIPTIONS};

/// Bytes of a picture's description before its boxes.
const PICTURE_FIXED_LEN: usize = 78;

/// The range of brightness, as `VIDEO-RANGE` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum VideoRange {
    /// Standard.
    Sdr,
    /// Perceptual quantizer.
    Pq,
    /// Hybrid log-gamma.
    Hlg,
}

/// A picture's sample description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PictureDescription {
    /// The box, as it is written.
    pub(crate) entry: Vec<u8>,
    /// As RFC 6381 names it.
    pub(crate) codec: String,
    /// Size of the coded picture, in pixels.
    pub(crate) size: (u16, u16),
    pub(crate) range: VideoRange,
}

/// A sound's sample description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SoundDescription {
    /// The box, as it is written.
    pub(crate) entry: Vec<u8>,
    /// As RFC 6381 names it.
    pub(crate) codec: String,
    pub(crate) channels: u16,
    pub(crate) config: AudioConfig,
}

/// An entry of `stsd`, as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawDescription<'a> {
    kind: FourCc,
    body: &'a [u8],
    /// Version of the `stsd` box: 1 says that sound entries of version 1 are those of the standard, not of `QuickTime`.
    list_version: u8,
}

/// The entries of an `stsd` box.
pub(crate) fn read_list(stsd: &[u8]) -> Vec<RawDescription<'_>> {
    let mut cursor = Cursor(stsd);
    let (Some((list_version, _)), Some(_)) = (cursor.version_and_flags(), cursor.u32()) else {
        return Vec::new();
    };
    children(cursor.0)
        .take(MAX_DESCRIPTIONS)
        .map(|(kind, body)| RawDescription {
            kind,
            body,
            list_version,
        })
        .collect()
}

impl RawDescription<'_> {
    /// Whether this is a still picture, such as the cover of an album.
    pub(crate) fn is_still(&self) -> bool {
        let object_type = || decoder_config(child(self.body.get(PICTURE_FIXED_LEN..)?, *b"esds")?);
        if &self.kind == b"mp4v" && matches!(object_type(), Some((0x6c | 0x6d, _))) {
            return true;
        }
        matches!(
            &self.kind,
            b"jpeg" | b"png " | b"mjpa" | b"mjpb" | b"gif " | b"tiff" | b"bmp "
        )
    }

    /// Number of the data reference that has the samples, from one.
    pub(crate) fn data_reference(&self) -> Option<u16> {
        let mut cursor = Cursor(self.body);
        cursor.skip(6)?;
        cursor.u16()
    }

    /// Reads a picture's entry.
    pub(crate) fn picture(&self) -> Result<PictureDescription, Refusal> {
        self.check_size()?;
        let (kind, codec) = match &self.kind {
            b"encv" => return Err(Refusal::Encrypted),
            b"avc1" | b"avc3" => (self.kind, self.avc()?),
            // Apple's players want the parameter sets in the entry, where they are in nearly all files; `hvc1` says so.
            b"hvc1" | b"hev1" => (*b"hvc1", self.hevc()?),
            other => return Err(Refusal::PictureCodec(picture_name(*other))),
        };
        let damaged = Refusal::Damaged("the picture's description is too short");
        let (fixed, rest) = self
            .body
            .split_at_checked(PICTURE_FIXED_LEN)
            .ok_or(damaged.clone())?;
        if child(rest, *b"sinf").is_some() {
            return Err(Refusal::Encrypted);
        }
        let mut cursor = Cursor(fixed);
        let size = cursor
            .skip(24)
            .and_then(|()| Some((cursor.u16()?, cursor.u16()?)))
            .filter(|(width, height)| *width > 0 && *height > 0)
            .ok_or(Refusal::Damaged("the picture has no size"))?;
        let entry = written(kind, |entry| {
            entry.extend([0, 0, 0, 0, 0, 0, 0, 1]);
            // What QuickTime writes here (version, vendor, quality) is nothing by the standard.
            entry.extend([0; 16]);
            entry.extend(fixed.get(24..).unwrap_or(&[]));
            for (kind, body) in children(rest) {
                entry.extend(written(kind, |child| child.extend(body)));
            }
        });
        Ok(PictureDescription {
            entry,
            codec,
            size,
            range: range(rest),
        })
    }

    fn avc(&self) -> Result<String, Refusal> {
        let config = self
            .body
            .get(PICTURE_FIXED_LEN..)
            .and_then(|rest| child(rest, *b"avcC"));
        let Some([_, profile, compatibility, level, _, sets, ..]) = config else {
            return Err(Refusal::NoParameterSets);
        };
        // Baseline, Main, Extended and High, 8 bits and 4:2:0: what browsers decode.
        if !matches!(profile, 66 | 77 | 88 | 100) {
            return Err(Refusal::PictureCodec(format!("H.264 of profile {profile}")));
        }
        if &self.kind == b"avc1" && sets.trailing_zeros() >= 5 {
            return Err(Refusal::NoParameterSets);
        }
        let kind = printable(self.kind);
        Ok(format!(
            "{kind}.{profile:02x}{compatibility:02x}{level:02x}"
        ))
    }

    fn hevc(&self) -> Result<String, Refusal> {
        let config = self
            .body
            .get(PICTURE_FIXED_LEN..)
            .and_then(|rest| child(rest, *b"hvcC"));
        let mut cursor = Cursor(config.ok_or(Refusal::NoParameterSets)?);
        let mut read = || {
            cursor.u8()?;
            Some((cursor.u8()?, cursor.u32()?, cursor.take(6)?, cursor.u8()?))
        };
        let (profile, compatibility, constraints, level) =
            read().ok_or(Refusal::NoParameterSets)?;
        let profile_number = profile & 0x1f;
        // Main and Main 10: what players of HEVC decode.
        if !matches!(profile_number, 1 | 2) {
            return Err(Refusal::PictureCodec(format!(
                "HEVC of profile {profile_number}"
            )));
        }
        let mut sets = Vec::new();
        if cursor.skip(9).is_some() {
            for _ in 0..cursor.u8().unwrap_or(0) {
                let (Some(kind), Some(count)) = (cursor.u8(), cursor.u16()) else {
                    break;
                };
                for _ in 0..count {
                    let Some(len) = cursor.u16() else { break };
                    if cursor.skip(len.into()).is_some() && !sets.contains(&(kind & 0x3f)) {
                        sets.push(kind & 0x3f);
                    }
                }
            }
        }
        if ![32, 33, 34].iter().all(|kind| sets.contains(kind)) {
            return Err(Refusal::NoParameterSets);
        }
        let space = ["", "A", "B", "C"][usize::from(profile >> 6)];
        let tier = if profile & 0x20 == 0 { 'L' } else { 'H' };
        let compatibility = compatibility.reverse_bits();
        let mut codec = format!("hvc1.{space}{profile_number}.{compatibility:X}.{tier}{level}");
        let last = constraints.iter().rposition(|byte| *byte != 0);
        for byte in constraints.iter().take(last.map_or(0, |last| last + 1)) {
            let _ = write!(codec, ".{byte:X}");
        }
        Ok(codec)
    }

    /// Reads a sound's entry, of the standard or of `QuickTime` in any version.
    pub(crate) fn sound(&self) -> Result<SoundDescription, Refusal> {
        self.check_size()?;
        let unplayable = || Refusal::SoundCodec(sound_name(self.kind));
        match &self.kind {
            b"enca" => return Err(Refusal::Encrypted),
            b"mp4a" => {}
            _ => return Err(unplayable()),
        }
        let damaged = Refusal::Damaged("the sound's description is too short");
        let mut cursor = Cursor(self.body);
        let mut read = || {
            cursor.skip(8)?;
            let version = cursor.u16()?;
            cursor.skip(6)?;
            let channels = cursor.u16()?;
            cursor.skip(10)?;
            let more = match version {
                1 if self.list_version == 0 => 16,
                2 => 36,
                _ => 0,
            };
            cursor.skip(more)?;
            Some((channels, cursor.0))
        };
        let (channels, rest) = read().ok_or(damaged)?;
        if child(rest, *b"sinf").is_some() {
            return Err(Refusal::Encrypted);
        }
        let esds = child(rest, *b"esds")
            .or_else(|| child(child(rest, *b"wave")?, *b"esds"))
            .ok_or_else(unplayable)?;
        let (object_type, config) = decoder_config(esds).ok_or_else(unplayable)?;
        if !matches!(object_type, 0x40 | 0x67) {
            return Err(Refusal::SoundCodec(match object_type {
                0x69 | 0x6b => "MP3".to_owned(),
                other => format!("object type {other:#x}"),
            }));
        }
        let config = AudioConfig::read(config).ok_or_else(unplayable)?;
        if !matches!(config.object_type, 2 | 5 | 29) {
            return Err(Refusal::SoundCodec(format!(
                "AAC of object type {}",
                config.object_type
            )));
        }
        let channels = config.channels().unwrap_or(channels);
        let rate = u16::try_from(config.core_rate).unwrap_or(0);
        let entry = written(self.kind, |entry| {
            entry.extend([0, 0, 0, 0, 0, 0, 0, 1]);
            entry.extend([0; 8]);
            entry.extend(channels.to_be_bytes());
            entry.extend([0, 16, 0, 0, 0, 0]);
            entry.extend(rate.to_be_bytes());
            entry.extend([0, 0]);
            entry.extend(written(*b"esds", |child| child.extend(esds)));
        });
        Ok(SoundDescription {
            entry,
            codec: format!("mp4a.40.{}", config.object_type),
            channels,
            config,
        })
    }

    fn check_size(&self) -> Result<(), Refusal> {
        if self.body.len() > MAX_DESCRIPTION_BYTES {
            return Err(Refusal::TooLarge("a sample description has too many bytes"));
        }
        Ok(())
    }
}

/// A box with what `write` puts into it, which is no more than a sample description or an init segment.
pub(crate) fn written(kind: FourCc, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = bytes.encode_atom(FourCC::from(&kind), |bytes| {
        write(bytes);
        Ok(())
    });
    bytes
}

/// Object type and `AudioSpecificConfig` of an `esds` box (ISO/IEC 14496-1, 7.2.6).
fn decoder_config(esds: &[u8]) -> Option<(u8, &[u8])> {
    let mut cursor = Cursor(esds.get(4..)?);
    let mut stream = descriptor(&mut cursor, 3)?;
    stream.skip(2)?;
    let flags = stream.u8()?;
    if flags & 0x80 != 0 {
        stream.skip(2)?;
    }
    if flags & 0x40 != 0 {
        let len = stream.u8()?;
        stream.skip(len.into())?;
    }
    if flags & 0x20 != 0 {
        stream.skip(2)?;
    }
    let mut decoder = descriptor(&mut stream, 4)?;
    let object_type = decoder.u8()?;
    decoder.skip(12)?;
    let config = descriptor(&mut decoder, 5).map_or(&[] as &[u8], |config| config.0);
    Some((object_type, config))
}

/// The body of a descriptor, if it has the tag that is looked for.
fn descriptor<'a>(cursor: &mut Cursor<'a>, tag: u8) -> Option<Cursor<'a>> {
    if cursor.u8()? != tag {
        return None;
    }
    let mut len = 0_usize;
    for _ in 0..4 {
        let byte = cursor.u8()?;
        len = len << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    cursor.take(len).map(Cursor)
}

/// The range that a `colr` box tells by its transfer characteristics (ISO/IEC 23091-2).
fn range(entry_children: &[u8]) -> VideoRange {
    let transfer = child(entry_children, *b"colr").and_then(|colr| {
        let mut cursor = Cursor(colr);
        let kind = cursor.four_cc()?;
        cursor.u16()?;
        matches!(&kind, b"nclx" | b"nclc").then(|| cursor.u16())?
    });
    match transfer {
        Some(16) => VideoRange::Pq,
        Some(18) => VideoRange::Hlg,
        _ => VideoRange::Sdr,
    }
}

fn picture_name(kind: FourCc) -> String {
    match &kind {
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "ProRes".to_owned(),
        b"mp4v" => "MPEG-4 Visual".to_owned(),
        b"AVdn" => "DNxHD".to_owned(),
        b"av01" => "AV1".to_owned(),
        b"vp09" => "VP9".to_owned(),
        b"dvh1" | b"dvhe" | b"dva1" | b"dvav" => "Dolby Vision".to_owned(),
        b"jpeg" | b"mjpa" | b"mjpb" => "Motion JPEG".to_owned(),
        _ => printable(kind),
    }
}

fn sound_name(kind: FourCc) -> String {
    match &kind {
        b"sowt" | b"twos" | b"lpcm" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw " | b"NONE"
        | b"ipcm" | b"fpcm" => "PCM".to_owned(),
        b"ac-3" => "AC-3".to_owned(),
        b"ec-3" => "E-AC-3".to_owned(),
        b"alac" => "ALAC".to_owned(),
        b".mp3" | b"ms\0\x55" => "MP3".to_owned(),
        b"Opus" => "Opus".to_owned(),
        b"fLaC" => "FLAC".to_owned(),
        b"apac" => "Apple Positional Audio".to_owned(),
        _ => printable(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(kind: [u8; 4], body: &[u8]) -> RawDescription<'_> {
        RawDescription {
            kind,
            body,
            list_version: 0,
        }
    }

    fn picture(config: [u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 78];
        bytes[16] = 0x46; // a vendor, as QuickTime writes
        bytes[24..28].copy_from_slice(&[7, 128, 4, 56]);
        bytes.extend(written(config, |child| child.extend(body)));
        bytes.extend([0; 4]); // QuickTime's end of a list
        bytes
    }

    #[test]
    fn h264_is_named_by_its_configuration() {
        let body = picture(*b"avcC", &[1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 0]);
        let description = raw(*b"avc1", &body).picture().unwrap();
        assert_eq!(description.codec, "avc1.640028");
        assert_eq!(description.size, (1920, 1080));
        assert_eq!(description.entry[24], 0, "the vendor is gone");
        assert_eq!(description.entry.len(), 8 + 78 + 16);
    }

    #[test]
    fn more_than_eight_bits_are_refused() {
        let body = picture(*b"avcC", &[1, 110, 0, 0x28, 0xff, 0xe1, 0, 0]);
        let refusal = raw(*b"avc1", &body).picture().unwrap_err();
        assert_eq!(refusal.code(), "PICTURE_CODEC");
    }

    #[test]
    fn hevc_becomes_hvc1() {
        let mut config = vec![1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93];
        config.extend([0; 9]);
        config.extend([
            3, 0xa0, 0, 1, 0, 1, 0, 0xa1, 0, 1, 0, 1, 0, 0xa2, 0, 1, 0, 1, 0,
        ]);
        let body = picture(*b"hvcC", &config);
        let description = raw(*b"hev1", &body).picture().unwrap();
        assert_eq!(description.codec, "hvc1.1.6.L93.90");
        assert_eq!(&description.entry[4..8], b"hvc1");
        config.truncate(22);
        let body = picture(*b"hvcC", &config);
        assert_eq!(
            raw(*b"hev1", &body).picture(),
            Err(Refusal::NoParameterSets)
        );
    }

    #[test]
    fn encrypted_samples_are_refused() {
        let body = picture(*b"sinf", &[]);
        assert_eq!(raw(*b"encv", &body).picture(), Err(Refusal::Encrypted));
        assert_eq!(raw(*b"enca", &body).sound(), Err(Refusal::Encrypted));
    }

    #[test]
    fn quicktime_sound_has_its_configuration_in_wave() {
        let esds = [
            0, 0, 0, 0, 3, 0x80, 0x80, 0x80, 0x19, 0, 2, 0, 4, 0x11, 0x40, 0x15, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 5, 2, 0x11, 0x90, 6, 1, 2,
        ];
        let mut body = vec![0; 28 + 16];
        body[9] = 1;
        body[17] = 2;
        body.extend(written(*b"wave", |wave| {
            wave.extend(written(*b"frma", |frma| frma.extend(b"mp4a")));
            wave.extend(written(*b"esds", |child| child.extend(esds)));
            wave.extend([0, 0, 0, 8, 0, 0, 0, 0]);
        }));
        let description = raw(*b"mp4a", &body).sound().unwrap();
        assert_eq!(description.codec, "mp4a.40.2");
        assert_eq!(
            (description.channels, description.config.core_rate),
            (2, 48_000)
        );
        assert_eq!(description.entry.len(), 8 + 28 + 8 + esds.len());
        assert_eq!(
            raw(*b"sowt", &body).sound(),
            Err(Refusal::SoundCodec("PCM".into()))
        );
    }
}
