//! Encrypts whole segments (`AES-128` of RFC 8216, 4.3.2.4), or their samples.

pub mod samples;

use std::fmt::Write as _;

use aws_lc_rs::cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use crate::settings::{Encryption, EncryptionMethod, Presence};

/// A key with its vector.
#[derive(Clone, Debug)]
pub struct Cipher {
    key: [u8; 16],
    constant: Option<[u8; 16]>,
}

/// The library refused; there is no known way to make it.
#[derive(Debug, thiserror::Error)]
#[error("encrypt the media")]
pub struct EncryptionError;

impl Cipher {
    /// Of the settings; `None` when they have no key of 32 hexadecimal digits.
    pub fn new(settings: &Encryption) -> Option<Self> {
        let provider = settings.static_key_provider.as_ref()?;
        Some(Self {
            key: hexadecimal(provider.static_key_value.as_deref()?)?,
            constant: match &settings.constant_initialization_vector {
                Some(vector) => Some(hexadecimal(vector)?),
                None => None,
            },
        })
    }

    /// Encrypts the segment of that number in the playlist.
    ///
    /// # Errors
    ///
    /// When the library refuses.
    pub fn encrypt(&self, segment: &mut Vec<u8>, number: u64) -> Result<(), EncryptionError> {
        let vector = self
            .constant
            .unwrap_or_else(|| u128::from(number).to_be_bytes());
        let key = UnboundCipherKey::new(&AES_128, &self.key).map_err(|_| EncryptionError)?;
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(|_| EncryptionError)?;
        let context = EncryptionContext::Iv128(FixedLength::from(vector));
        key.less_safe_encrypt(segment, context)
            .map(drop)
            .map_err(|_| EncryptionError)
    }
}

/// The line of a playlist that tells players how to decrypt.
pub fn key_line(settings: &Encryption) -> String {
    let provider = settings.static_key_provider.clone().unwrap_or_default();
    let url = provider.url.unwrap_or_default();
    let method = match settings.encryption_method {
        Some(EncryptionMethod::SampleAes) => "SAMPLE-AES",
        Some(EncryptionMethod::AesCtr) => "SAMPLE-AES-CTR",
        _ => "AES-128",
    };
    let mut line = format!(
        "#EXT-X-KEY:METHOD={method},URI=\"{}\"",
        url.replace('"', "")
    );
    // Without a vector, players take the number of the segment, and could not read a constant one.
    if let Some(vector) = settings
        .constant_initialization_vector
        .as_ref()
        .filter(|_| settings.initialization_vector_in_manifest != Some(Presence::Exclude))
    {
        let _ = write!(line, ",IV=0x{vector}");
    }
    if let Some(format) = provider.key_format {
        let _ = write!(line, ",KEYFORMAT=\"{format}\"");
    }
    if let Some(versions) = provider.key_format_versions {
        let _ = write!(line, ",KEYFORMATVERSIONS=\"{versions}\"");
    }
    line
}

fn hexadecimal(text: &str) -> Option<[u8; 16]> {
    (text.len() == 32)
        .then(|| u128::from_str_radix(text, 16).ok())?
        .map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher(vector: Option<&str>) -> Cipher {
        let settings = serde_json::json!({
            "constantInitializationVector": vector,
            "staticKeyProvider": {"staticKeyValue": "2b7e151628aed2a6abf7158809cf4f3c", "url": "https://k/1"}
        });
        Cipher::new(&serde_json::from_value(settings).unwrap()).unwrap()
    }

    #[test]
    fn a_block_is_encrypted_as_the_standard_says() {
        // NIST SP 800-38A, F.2.1; a whole block of padding follows.
        let mut block = 0x6bc1_bee2_2e40_9f96_e93d_7e11_7393_172a_u128
            .to_be_bytes()
            .to_vec();
        cipher(Some("000102030405060708090a0b0c0d0e0f"))
            .encrypt(&mut block, 7)
            .unwrap();
        let expected = 0x7649_abac_8119_b246_cee9_8e9b_12e9_197d_u128.to_be_bytes();
        assert_eq!(block.len(), 32);
        assert_eq!(block[..16], expected);
    }

    #[test]
    fn the_number_of_the_segment_stands_for_a_vector() {
        let encrypted = |number| {
            let mut block = vec![0; 16];
            cipher(None).encrypt(&mut block, number).unwrap();
            block
        };
        assert_eq!(encrypted(1), encrypted(1));
        assert_ne!(encrypted(1), encrypted(2));
    }
}
