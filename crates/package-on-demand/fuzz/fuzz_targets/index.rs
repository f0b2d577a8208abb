//! Any bytes as an index: refused, or read without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use package_on_demand::{Index, Resource};

fuzz_target!(|bytes: &[u8]| {
    let Ok(index) = Index::read(bytes) else { return };
    index.multivariant_playlist();
    for resource in index.resources().take(1000) {
        if let Resource::Segment { rendition, number } = resource
            && let Ok(range) = index.entry_range(rendition, number)
            && let Some(entry) = bytes.get(range.start as usize..range.end as usize)
            && let Ok(segment) = index.segment(rendition, number, entry)
        {
            let parts: Vec<_> = segment.reads().iter().map(|_| Vec::new()).collect();
            let _ = segment.fragment(&parts);
        }
    }
});
