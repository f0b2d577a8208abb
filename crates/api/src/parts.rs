//! How a file is cut into parts, within S3's rules
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).

/// Largest file, bytes: 5 TiB.
pub(crate) const MAX_UPLOAD_BYTES: u64 = 5 * 1024 * 1024 * 1024 * 1024;
/// Most parts of an upload.
pub(crate) const MAX_PARTS: u32 = 10_000;

const MIB: u64 = 1024 * 1024;
/// Size of a part where the number of parts allows it, bytes. S3 takes 5 MiB; a little more halves the requests, and
/// what a broken connection loses is still little.
const USUAL_PART_BYTES: u64 = 8 * MIB;

/// The parts of one file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Parts {
    size_bytes: u64,
    part_size_bytes: u64,
}

impl Parts {
    /// Parts for a file of `size_bytes`: as few bytes each as S3's number of parts allows, in whole MiB.
    pub(crate) fn plan(size_bytes: u64) -> Self {
        let least = size_bytes.div_ceil(u64::from(MAX_PARTS));
        let part_size_bytes = least.next_multiple_of(MIB).max(USUAL_PART_BYTES);
        Self::of(size_bytes, part_size_bytes)
    }

    /// The parts of a file that was planned before.
    pub(crate) fn of(size_bytes: u64, part_size_bytes: u64) -> Self {
        Self {
            size_bytes,
            part_size_bytes: part_size_bytes.max(1),
        }
    }

    /// Size of every part but the last, bytes.
    pub(crate) fn part_size_bytes(self) -> u64 {
        self.part_size_bytes
    }

    /// Number of parts.
    pub(crate) fn count(self) -> u32 {
        let count = self.size_bytes.div_ceil(self.part_size_bytes);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Size of a part, bytes; `None` where there is no such part. The first part has the number 1.
    pub(crate) fn size_of(self, number: u32) -> Option<u64> {
        let before = u64::from(number.checked_sub(1)?).checked_mul(self.part_size_bytes)?;
        let rest = self.size_bytes.checked_sub(before)?;
        (rest > 0).then(|| rest.min(self.part_size_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_PARTS, MAX_UPLOAD_BYTES, MIB, Parts};
    use proptest::prelude::*;

    #[test]
    fn the_largest_file_still_fits_into_the_number_of_parts() {
        let parts = Parts::plan(MAX_UPLOAD_BYTES);
        assert!(parts.count() <= MAX_PARTS);
        assert!(parts.part_size_bytes() <= 5 * 1024 * MIB);
    }

    #[test]
    fn a_small_file_is_one_part() {
        let parts = Parts::plan(1);
        assert_eq!((parts.count(), parts.size_of(1)), (1, Some(1)));
        assert_eq!((parts.size_of(0), parts.size_of(2)), (None, None));
    }

    proptest! {
        #[test]
        fn parts_are_as_s3_wants_them_and_add_up(size in 1..=MAX_UPLOAD_BYTES) {
            let parts = Parts::plan(size);
            let count = parts.count();
            prop_assert!((1..=MAX_PARTS).contains(&count));
            prop_assert!(parts.part_size_bytes() >= 5 * MIB);
            let last = parts.size_of(count).unwrap();
            prop_assert_eq!(u64::from(count - 1) * parts.part_size_bytes() + last, size);
            prop_assert_eq!(parts.size_of(count + 1), None);
            if count > 1 {
                prop_assert_eq!(parts.size_of(1), Some(parts.part_size_bytes()));
            }
        }
    }
}
