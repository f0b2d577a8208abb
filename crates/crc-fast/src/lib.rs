//! What aws-smithy-checksums, and with it the S3 client, uses of [crc-fast](https://docs.rs/crc-fast/1.10.0), in its place
//! (`[patch.crates-io]` of the workspace).
//!
//! crc-fast chooses among all CRCs while it runs, so the linker keeps the tables of them all: 660 KB that hardly
//! deflate, half a megabyte of each function's package, which Lambda loads at each cold start. S3 knows three of them
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>). If the SDK comes to use
//! more, this doesn't compile any more, and the patch can be taken out.

use std::fmt;

use crc::{CRC_32_ISCSI, CRC_64_NVME, Crc, Table};

static ISCSI: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
static NVME: Crc<u64, Table<1>> = Crc::<u64, Table<1>>::new(&CRC_64_NVME);

/// A checksum of S3.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CrcAlgorithm {
    /// S3's `CRC32`, which the SDK adds to each upload.
    Crc32IsoHdlc,
    /// S3's `CRC32C`.
    Crc32Iscsi,
    /// S3's `CRC64NVME`.
    Crc64Nvme,
}

/// A checksum under way.
#[derive(Clone)]
pub struct Digest(State);

#[derive(Clone)]
enum State {
    IsoHdlc(crc32fast::Hasher),
    Iscsi(crc::Digest<'static, u32>),
    Nvme(crc::Digest<'static, u64>),
}

impl Digest {
    /// Of no bytes yet.
    pub fn new(algorithm: CrcAlgorithm) -> Self {
        Self(match algorithm {
            CrcAlgorithm::Crc32IsoHdlc => State::IsoHdlc(crc32fast::Hasher::new()),
            CrcAlgorithm::Crc32Iscsi => State::Iscsi(ISCSI.digest()),
            CrcAlgorithm::Crc64Nvme => State::Nvme(NVME.digest()),
        })
    }

    /// Adds bytes to those before.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::IsoHdlc(state) => state.update(bytes),
            State::Iscsi(state) => state.update(bytes),
            State::Nvme(state) => state.update(bytes),
        }
    }

    /// The checksum of all bytes, in the lowest 32 bits where it has no more.
    pub fn finalize(self) -> u64 {
        match self.0 {
            State::IsoHdlc(state) => state.finalize().into(),
            State::Iscsi(state) => state.finalize().into(),
            State::Nvme(state) => state.finalize(),
        }
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Digest").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CrcAlgorithm, Digest};

    /// With the checksum of `123456789`, as the catalogue of CRCs gives it:
    /// <https://reveng.sourceforge.io/crc-catalogue/all.htm>.
    const ALL: [(CrcAlgorithm, u64); 3] = [
        (CrcAlgorithm::Crc32IsoHdlc, 0xCBF4_3926),
        (CrcAlgorithm::Crc32Iscsi, 0xE306_9283),
        (CrcAlgorithm::Crc64Nvme, 0xAE8B_1486_0A79_9888),
    ];

    fn checksum(algorithm: CrcAlgorithm, parts: &[&[u8]]) -> u64 {
        let mut digest = Digest::new(algorithm);
        for part in parts {
            digest.update(part);
        }
        digest.finalize()
    }

    #[test]
    fn they_are_those_of_the_catalogue() {
        for (algorithm, expected) in ALL {
            assert_eq!(
                checksum(algorithm, &[b"123456789"]),
                expected,
                "{algorithm:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn parts_come_to_the_same_as_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..300) {
            let (first, second) = bytes.split_at(at.min(bytes.len()));
            for (algorithm, _) in ALL {
                prop_assert_eq!(checksum(algorithm, &[first, second]), checksum(algorithm, &[&bytes]));
            }
        }
    }
}
