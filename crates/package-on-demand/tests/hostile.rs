//! Files that nobody's camera wrote: they are refused, or packaged, and neither panics nor takes more than it may.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use package_on_demand::limits::MAX_SEGMENT_BYTES;
use package_on_demand::{Damage, Index, Resource};
use proptest::prelude::*;
use support::{Film, all_resources, atom, plan, slice};

const SMALL: Film = Film {
    frames: 702,
    key_frame_every: 61,
    frame_bytes: 40,
    sound_delay_ms: 0,
};

/// Turns bytes of the header into others, which breaks counts, sizes and names alike.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let (front, media, moov) = SMALL.header();
    let change = (
        any::<prop::sample::Index>(),
        prop_oneof![
            any::<[u8; 1]>().prop_map(|bytes| bytes.to_vec()),
            any::<[u8; 4]>().prop_map(|bytes| bytes.to_vec()),
            Just(vec![0xff; 4]),
            Just(vec![0x7f, 0xff, 0xff, 0xff]),
            Just(vec![0; 4]),
            Just(vec![0, 0, 0, 1]),
        ],
    );
    // Half of the changes hit what isn't a table: tables are most of the bytes, and the least of the ways to break a file.
    let place = prop_oneof![Just(moov.len()), Just(700)];
    prop::collection::vec((place, change), 1..6).prop_map(move |changes| {
        let mut moov = moov.clone();
        for (within, (index, bytes)) in changes {
            let start = index.index(within.min(moov.len()));
            for (target, byte) in moov.iter_mut().skip(start).zip(bytes) {
                *target = byte;
            }
        }
        let media = vec![0; usize::try_from(media).unwrap()];
        [front.clone(), media, moov].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_broken_header_is_refused_or_packaged(file in mutated()) {
        if let Ok((package, _)) = plan(&file) {
            for (name, bytes) in all_resources(&file, &package.index) {
                let is_segment = matches!(name.parse(), Ok(Resource::Segment { .. }));
                prop_assert!(!is_segment || bytes.len() as u64 <= MAX_SEGMENT_BYTES);
            }
        }
    }

    #[test]
    fn any_bytes_are_refused_or_packaged(start in prop::sample::select(vec!["ftyp", "moov", "moof", "free"]), bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let kind = start.as_bytes().try_into().unwrap();
        let file = atom(kind, &[&bytes]);
        let _ = plan(&file);
        let _ = plan(&bytes);
    }

    #[test]
    fn a_broken_index_is_refused(at in any::<prop::sample::Index>(), bit in 0..8) {
        let file = SMALL.file();
        let mut index = plan(&file).unwrap().0.index;
        let whole = Index::read(&index).unwrap();
        let at = at.index(index.len());
        index[at] ^= 1_u8 << bit;
        // Two bytes are reserved.
        if let Ok(read) = Index::read(&index) && !(6..8).contains(&at) {
            prop_assert_eq!(read, whole.clone());
            let broken = whole.resources().filter(|resource| {
                let Resource::Segment { rendition, number } = *resource else { return false };
                let range = whole.entry_range(rendition, number).unwrap();
                let entry = &slice(&index, &range);
                whole.segment(rendition, number, entry).is_err()
            });
            prop_assert_eq!(broken.count(), 1);
        }
    }
}

#[test]
fn an_entry_of_another_segment_is_refused() {
    let file = SMALL.file();
    let index = plan(&file).unwrap().0.index;
    let head = Index::read(&index).unwrap();
    let range = head.entry_range(0, 1).unwrap();
    let entry = slice(&index, &range);
    assert_eq!(head.segment(0, 0, &entry).unwrap_err(), Damage::Content);
}

#[test]
fn ten_thousand_nested_boxes_end_no_stack() {
    let mut inner = Vec::new();
    for _ in 0..10_000 {
        let entry = atom(*b"mp4a", &[&[0; 28], &inner]);
        inner = atom(*b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &entry]);
    }
    let file = atom(*b"moov", &[&inner]);
    assert!(plan(&file).is_err());
}
