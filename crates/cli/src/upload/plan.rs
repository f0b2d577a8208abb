//! Which bytes are which part.

/// A part of a multipart upload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Part {
    /// From 1 on.
    pub(super) number: u32,
    /// Where it begins, bytes.
    pub(super) offset: u64,
    pub(super) size_bytes: u64,
}

/// The part of this number, `None` where the file has none.
pub(super) fn part(number: u32, file_size_bytes: u64, part_size_bytes: u64) -> Option<Part> {
    let offset = u64::from(number.checked_sub(1)?).checked_mul(part_size_bytes)?;
    let size_bytes = part_size_bytes.min(file_size_bytes.checked_sub(offset)?);
    (size_bytes > 0).then_some(Part {
        number,
        offset,
        size_bytes,
    })
}

/// All parts but those that were `sent`.
pub(super) fn missing(file_size_bytes: u64, part_size_bytes: u64, sent: &[u32]) -> Vec<Part> {
    (1..)
        .map_while(|number| part(number, file_size_bytes, part_size_bytes))
        .filter(|part| !sent.contains(&part.number))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Part, missing, part};
    use proptest::prelude::*;

    #[test]
    fn a_file_of_whole_parts_has_no_empty_one_at_its_end() {
        let part = |number, offset| Part {
            number,
            offset,
            size_bytes: 5,
        };
        assert_eq!(missing(10, 5, &[]), [part(1, 0), part(2, 5)]);
        assert_eq!(missing(10, 5, &[1]), [part(2, 5)]);
    }

    #[test]
    fn there_is_no_part_beyond_the_file_or_of_no_size() {
        assert_eq!(part(0, 10, 5), None);
        assert_eq!(part(3, 10, 5), None);
        assert_eq!(part(1, 10, 0), None);
        assert_eq!(part(u32::MAX, 10, u64::MAX), None);
    }

    proptest! {
        #[test]
        fn the_parts_are_the_file(size in 1_u64..100_000, part_size in 1_u64..5_000) {
            let parts = missing(size, part_size, &[]);
            let mut end = 0;
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!(part.number as usize, index + 1);
                prop_assert_eq!(part.offset, end);
                end += part.size_bytes;
            }
            prop_assert_eq!(end, size);
        }
    }
}
