//! The boxes of Common Encryption: ISO/IEC 23001-7.

use super::{Init, Mp4Error, put_box, read_box};
use crate::encryption::samples::{PATTERN, SampleCipher, Secret, Units};

impl Init {
    /// The same for a track whose samples are encrypted.
    ///
    /// # Errors
    ///
    /// When the header describes no track.
    pub fn protected(&self, cipher: &SampleCipher) -> Result<Self, Mp4Error> {
        const PATH: [[u8; 4]; 6] = [*b"moov", *b"trak", *b"mdia", *b"minf", *b"stbl", *b"stsd"];
        Ok(Self {
            bytes: changed(&self.bytes, &PATH, &|stsd| entry(stsd, cipher))?,
            ..self.clone()
        })
    }
}

/// Makes another body of a box.
type Change<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<u8>, Mp4Error>;

/// Boxes, of which the one at the end of `path` has another body.
fn changed(boxes: &[u8], path: &[[u8; 4]], change: Change<'_>) -> Result<Vec<u8>, Mp4Error> {
    let Some((first, path)) = path.split_first() else {
        return change(boxes);
    };
    let mut out = Vec::new();
    let mut rest = boxes;
    while let Some((kind, body)) = read_box(&mut rest)? {
        if kind == *first {
            put_box(&mut out, kind, &changed(&body, path, change)?);
        } else {
            put_box(&mut out, kind, &body);
        }
    }
    Ok(out)
}

/// The sample entry of an encrypted track, with what it was before in it.
fn entry(stsd: &[u8], cipher: &SampleCipher) -> Result<Vec<u8>, Mp4Error> {
    let (head, mut entries) = stsd.split_at_checked(8).ok_or(Mp4Error::Box("stsd"))?;
    let (kind, mut body) = read_box(&mut entries)?.ok_or(Mp4Error::Box("stsd"))?;
    let picture = cipher.units() != Units::None;
    let mut tenc = if cipher.constant().is_some() {
        let skipped = u8::try_from(PATTERN - 1).unwrap_or(u8::MAX);
        let pattern = if picture { 0x10 | skipped } else { 0 };
        vec![1, 0, 0, 0, 0, pattern, 1, 0]
    } else {
        vec![0, 0, 0, 0, 0, 0, 1, 8]
    };
    tenc.extend(cipher.protected.key_id.as_bytes());
    if let Some(vector) = cipher.constant() {
        tenc.push(u8::try_from(vector.len()).unwrap_or(u8::MAX));
        tenc.extend(vector);
    }
    let mut key = Vec::new();
    put_box(&mut key, *b"tenc", &tenc);
    let mut schm = vec![0; 4];
    schm.extend(cipher.protected.scheme.name().as_bytes());
    schm.extend(0x0001_0000u32.to_be_bytes());
    let mut sinf = Vec::new();
    put_box(&mut sinf, *b"frma", &kind);
    put_box(&mut sinf, *b"schm", &schm);
    put_box(&mut sinf, *b"schi", &key);
    put_box(&mut body, *b"sinf", &sinf);
    let mut out = head.to_vec();
    put_box(&mut out, if picture { *b"encv" } else { *b"enca" }, &body);
    out.extend(entries);
    Ok(out)
}

/// What tells how the samples of a fragment are encrypted; `before` are the bytes from the beginning
/// of its `moof` to these boxes.
pub(super) fn secrets(secrets: &[Secret], before: usize) -> Vec<u8> {
    if secrets.is_empty() {
        return Vec::new();
    }
    let count = u32::try_from(secrets.len()).unwrap_or(u32::MAX);
    let in_parts = secrets.iter().any(|secret| !secret.parts.is_empty());
    let mut senc = vec![0, 0, 0, if in_parts { 2 } else { 0 }];
    senc.extend(count.to_be_bytes());
    let mut sizes = vec![0; 5];
    sizes.extend(count.to_be_bytes());
    for secret in secrets {
        let from = senc.len();
        senc.extend(secret.vector.iter().flatten());
        if in_parts {
            let parts = u16::try_from(secret.parts.len()).unwrap_or(u16::MAX);
            senc.extend(parts.to_be_bytes());
            for (clear, encrypted) in &secret.parts {
                senc.extend(clear.to_be_bytes());
                senc.extend(encrypted.to_be_bytes());
            }
        }
        sizes.push(u8::try_from(senc.len() - from).unwrap_or(u8::MAX));
    }
    let mut out = Vec::new();
    // Where there is nothing to tell of any sample, their number is enough.
    if senc.len() > 8 {
        put_box(&mut out, *b"saiz", &sizes);
        // The information begins in `senc`, after its own head; `saio` has 20 bytes.
        let offset = u32::try_from(before + out.len() + 20 + 16).unwrap_or(u32::MAX);
        let mut place = vec![0, 0, 0, 0, 0, 0, 0, 1];
        place.extend(offset.to_be_bytes());
        put_box(&mut out, *b"saio", &place);
    }
    put_box(&mut out, *b"senc", &senc);
    out
}
