//! Encrypts samples one by one, so that all around them stays readable: Common Encryption,
//! ISO/IEC 23001-7.

use std::ops::Range;

use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::iv::FixedLength;
use uuid::Uuid;

use super::{EncryptionError, hexadecimal};
use crate::mp4::Fragment;
use crate::settings::{Encryption, EncryptionMethod};

/// Bytes of a block of AES.
const BLOCK: usize = 16;

/// In pictures, one block of so many is encrypted by [`Scheme::Cbcs`].
pub(crate) const PATTERN: usize = 10;

/// Bytes at the beginning of each slice that stay as they are. Players have to be able to read its
/// header, which is shorter in what x264 and x265 write.
const CLEAR: usize = 96;

/// What is done with a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// AES-CTR of all, with a vector of its own for each sample.
    Cenc,
    /// AES-CBC with one vector: of some blocks of pictures, and all whole ones of sound.
    Cbcs,
}

impl Scheme {
    /// As in `schm` and in MPDs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cenc => "cenc",
            Self::Cbcs => "cbcs",
        }
    }
}

/// What players are told of the encryption of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protected {
    /// What is done with a sample.
    pub scheme: Scheme,
    /// Which key it is.
    pub key_id: Uuid,
}

impl Protected {
    /// Of the settings; `None` where whole segments are encrypted. The job gives the key no name: the
    /// first half of the SHA-256 of its URL is one that all tracks have in common.
    pub fn new(settings: &Encryption) -> Option<Self> {
        let scheme = match settings.encryption_method? {
            EncryptionMethod::Aes128 => return None,
            EncryptionMethod::SampleAes => Scheme::Cbcs,
            EncryptionMethod::AesCtr => Scheme::Cenc,
        };
        let provider = settings.static_key_provider.as_ref()?;
        let url = digest(&SHA256, provider.url.as_deref()?.as_bytes());
        let key_id = Uuid::from_bytes(*url.as_ref().first_chunk()?);
        Some(Self { scheme, key_id })
    }
}

/// How slices are told apart from what stays readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// H.264's.
    Avc,
    /// HEVC's.
    Hevc,
    /// There are none: all of the sample is encrypted.
    None,
}

impl Units {
    /// Of a codec by RFC 6381.
    pub fn of(codec: &str) -> Self {
        match codec.get(..4) {
            Some("avc1" | "avc3") => Self::Avc,
            Some("hvc1" | "hev1") => Self::Hevc,
            _ => Self::None,
        }
    }

    fn is_slice(self, first: u8) -> bool {
        match self {
            Self::Avc => (1..=5).contains(&(first & 0x1f)),
            Self::Hevc => (first >> 1) & 0x3f < 32,
            Self::None => false,
        }
    }
}

/// What a player needs to decrypt one sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secret {
    /// Where it differs from sample to sample.
    pub vector: Option<[u8; 8]>,
    /// Bytes that are as they were, and encrypted ones after them; none when all is encrypted.
    pub parts: Vec<(u16, u32)>,
}

/// Encrypts the samples of one track.
#[derive(Clone, Debug)]
pub struct SampleCipher {
    /// What players are told.
    pub protected: Protected,
    key: [u8; BLOCK],
    /// Constant, or where the counter of samples begins.
    vector: [u8; BLOCK],
    units: Units,
    /// Samples encrypted.
    samples: u64,
}

impl SampleCipher {
    /// For a track of that codec; `None` where whole segments are encrypted.
    pub fn new(settings: &Encryption, codec: &str) -> Option<Self> {
        let provider = settings.static_key_provider.as_ref()?;
        let vector = match &settings.constant_initialization_vector {
            Some(vector) => hexadecimal(vector)?,
            None => Uuid::new_v4().into_bytes(),
        };
        Some(Self {
            protected: Protected::new(settings)?,
            key: hexadecimal(provider.static_key_value.as_deref()?)?,
            vector,
            units: Units::of(codec),
            samples: 0,
        })
    }

    /// How slices are told apart.
    pub fn units(&self) -> Units {
        self.units
    }

    /// The vector of all samples, if there is but one.
    pub fn constant(&self) -> Option<[u8; BLOCK]> {
        (self.protected.scheme == Scheme::Cbcs).then_some(self.vector)
    }

    /// Encrypts the samples of a fragment; tells of each.
    ///
    /// # Errors
    ///
    /// When the library refuses.
    pub fn encrypt(&mut self, fragment: &mut Fragment) -> Result<Vec<Secret>, EncryptionError> {
        let mut secrets = Vec::new();
        let mut rest = fragment.data.as_mut_slice();
        for sample in &fragment.samples {
            let size = usize::try_from(sample.size).unwrap_or(usize::MAX);
            let (data, after) = rest.split_at_mut(size.min(rest.len()));
            rest = after;
            secrets.push(self.sample(data)?);
        }
        Ok(secrets)
    }

    fn sample(&mut self, data: &mut [u8]) -> Result<Secret, EncryptionError> {
        let spans = match self.units {
            Units::None => std::iter::once(0..data.len()).collect(),
            units => slices(units, data),
        };
        let vector = match self.protected.scheme {
            Scheme::Cbcs => {
                for span in &spans {
                    let blocks = data.get_mut(span.clone()).unwrap_or_default();
                    self.blocks(blocks)?;
                }
                None
            }
            Scheme::Cenc => Some(self.counter(data, &spans)?),
        };
        Ok(Secret {
            vector,
            parts: match self.units {
                Units::None => Vec::new(),
                _ => parts(&spans, data.len()),
            },
        })
    }

    /// AES-CBC of the blocks that the pattern names.
    fn blocks(&self, data: &mut [u8]) -> Result<(), EncryptionError> {
        let step = if self.units == Units::None {
            1
        } else {
            PATTERN
        };
        let chosen = |data: &mut [u8], each: &mut dyn FnMut(&mut [u8])| {
            data.chunks_exact_mut(BLOCK).step_by(step).for_each(each);
        };
        let mut joined = Vec::new();
        chosen(&mut *data, &mut |block| joined.extend_from_slice(block));
        if joined.is_empty() {
            return Ok(());
        }
        let key = EncryptingKey::cbc(self.unbound()?).map_err(|_| EncryptionError)?;
        run(&key, &mut joined, self.vector)?;
        let mut encrypted = joined.chunks_exact(BLOCK);
        chosen(data, &mut |block| {
            if let Some(by) = encrypted.next() {
                block.copy_from_slice(by);
            }
        });
        Ok(())
    }

    /// AES-CTR of the spans as if they followed each other; gives the vector.
    fn counter(
        &mut self,
        data: &mut [u8],
        spans: &[Range<usize>],
    ) -> Result<[u8; 8], EncryptionError> {
        let first = u64::try_from(u128::from_be_bytes(self.vector) >> 64).unwrap_or_default();
        let vector = first.wrapping_add(self.samples).to_be_bytes();
        self.samples += 1;
        let mut whole = [0; BLOCK];
        whole[..8].copy_from_slice(&vector);
        let mut joined: Vec<u8> = spans
            .iter()
            .filter_map(|span| data.get(span.clone()))
            .flatten()
            .copied()
            .collect();
        let key = EncryptingKey::ctr(self.unbound()?).map_err(|_| EncryptionError)?;
        run(&key, &mut joined, whole)?;
        let mut encrypted = joined.into_iter();
        for span in spans {
            let clear = data.get_mut(span.clone()).unwrap_or_default();
            clear
                .iter_mut()
                .zip(&mut encrypted)
                .for_each(|(to, by)| *to = by);
        }
        Ok(vector)
    }

    fn unbound(&self) -> Result<UnboundCipherKey, EncryptionError> {
        UnboundCipherKey::new(&AES_128, &self.key).map_err(|_| EncryptionError)
    }
}

fn run(key: &EncryptingKey, data: &mut [u8], vector: [u8; BLOCK]) -> Result<(), EncryptionError> {
    let context = EncryptionContext::Iv128(FixedLength::from(vector));
    key.less_safe_encrypt(data, context)
        .map(drop)
        .map_err(|_| EncryptionError)
}

/// Where the slices of a picture are encrypted: whole blocks after the part that stays readable, as
/// counters want them. Units begin with their length in four bytes, as ffmpeg writes it.
fn slices(units: Units, sample: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(length) = sample.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let begin = at + 4;
        let end = begin.saturating_add(length).min(sample.len());
        let slice = sample
            .get(begin)
            .is_some_and(|first| units.is_slice(*first));
        let blocks = (end - begin).saturating_sub(CLEAR) / BLOCK * BLOCK;
        if slice && blocks > 0 {
            spans.push(end - blocks..end);
        }
        at = end;
    }
    spans
}

/// The sample as runs of readable bytes, each with encrypted ones behind it.
fn parts(spans: &[Range<usize>], size: usize) -> Vec<(u16, u32)> {
    let mut parts = Vec::new();
    let mut put = |mut clear: usize, encrypted: usize| {
        while clear > usize::from(u16::MAX) {
            parts.push((u16::MAX, 0));
            clear -= usize::from(u16::MAX);
        }
        let encrypted = u32::try_from(encrypted).unwrap_or(u32::MAX);
        parts.push((u16::try_from(clear).unwrap_or(u16::MAX), encrypted));
    };
    let mut at = 0;
    for span in spans {
        put(span.start - at, span.len());
        at = span.end;
    }
    if at < size {
        put(size - at, 0);
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mp4::Sample;

    fn cipher(method: &str, codec: &str) -> SampleCipher {
        let settings = serde_json::json!({
            "encryptionMethod": method,
            "constantInitializationVector": "000102030405060708090a0b0c0d0e0f",
            "staticKeyProvider": {"staticKeyValue": "2b7e151628aed2a6abf7158809cf4f3c", "url": "https://k/1"}
        });
        SampleCipher::new(&serde_json::from_value(settings).unwrap(), codec).unwrap()
    }

    fn fragment(samples: &[Vec<u8>]) -> Fragment {
        let sample = |data: &Vec<u8>| Sample {
            duration: 1,
            size: u32::try_from(data.len()).unwrap(),
            sync: true,
            offset: 0,
        };
        Fragment {
            time: 0,
            samples: samples.iter().map(sample).collect(),
            data: samples.concat(),
        }
    }

    fn unit(kind: u8, size: usize) -> Vec<u8> {
        let mut unit = u32::try_from(size).unwrap().to_be_bytes().to_vec();
        unit.push(kind);
        unit.resize(4 + size, 7);
        unit
    }

    #[test]
    fn sound_is_encrypted_in_whole_blocks() {
        // NIST SP 800-38A, F.2.1.
        let plain = 0x6bc1_bee2_2e40_9f96_e93d_7e11_7393_172a_u128.to_be_bytes();
        let mut fragment = fragment(&[[plain.as_slice(), &[1, 2, 3]].concat()]);
        let secrets = cipher("SAMPLE_AES", "mp4a.40.2")
            .encrypt(&mut fragment)
            .unwrap();
        let expected = 0x7649_abac_8119_b246_cee9_8e9b_12e9_197d_u128.to_be_bytes();
        assert_eq!(fragment.data, [expected.as_slice(), &[1, 2, 3]].concat());
        assert_eq!(secrets, [Secret::default()], "there is nothing to tell");
    }

    #[test]
    fn each_sample_has_a_counter_of_its_own() {
        let mut fragment = fragment(&[vec![0; 20], vec![0; 20]]);
        let secrets = cipher("AES_CTR", "mp4a.40.2")
            .encrypt(&mut fragment)
            .unwrap();
        let vectors: Vec<_> = secrets.iter().map(|secret| secret.vector).collect();
        assert_eq!(
            vectors,
            [
                Some([0, 1, 2, 3, 4, 5, 6, 7]),
                Some([0, 1, 2, 3, 4, 5, 6, 8])
            ]
        );
        assert_ne!(fragment.data[..20], fragment.data[20..]);
    }

    #[test]
    fn of_a_picture_only_the_ends_of_slices_are_encrypted() {
        let sample = [unit(9, 2), unit(5, 1000), unit(6, 500)].concat();
        for method in ["SAMPLE_AES", "AES_CTR"] {
            let mut fragment = fragment(std::slice::from_ref(&sample));
            let secrets = cipher(method, "avc1.64001f")
                .encrypt(&mut fragment)
                .unwrap();
            // 6 of the first unit and 108 of the slice stay readable, and all of the last unit.
            assert_eq!(secrets[0].parts, [(114, 896), (504, 0)], "{method}");
            assert_eq!(fragment.data[..114], sample[..114]);
            assert_ne!(fragment.data[114..130], sample[114..130]);
            assert_eq!(fragment.data[1010..], sample[1010..]);
            let second = fragment.data[130..146] != sample[130..146];
            assert_eq!(second, method == "AES_CTR", "one block of ten");
        }
    }

    proptest! {
        #[test]
        fn no_sample_is_too_odd(data in prop::collection::vec(any::<u8>(), 0..400), hevc in any::<bool>()) {
            let codec = if hevc { "hvc1" } else { "avc1" };
            let mut fragment = fragment(std::slice::from_ref(&data));
            let secrets = cipher("AES_CTR", codec).encrypt(&mut fragment).unwrap();
            let told: usize = secrets.iter().flat_map(|secret| &secret.parts)
                .map(|(clear, encrypted)| usize::from(*clear) + usize::try_from(*encrypted).unwrap()).sum();
            prop_assert_eq!(told, data.len());
        }
    }
}
