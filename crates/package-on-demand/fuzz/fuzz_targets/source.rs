//! Any bytes as a source: refused, or packaged to the last segment within the limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use package_on_demand::limits::MAX_SEGMENT_BYTES;
use package_on_demand::{Index, Reader, Resource, Step, package};

fuzz_target!(|file: &[u8]| {
    let mut reader = Reader::new(file.len() as u64);
    let source = loop {
        match reader.step() {
            Ok(Step::Read(range)) => {
                let bytes = file[range.start as usize..range.end as usize].to_vec();
                reader.provide(bytes).expect("all that was asked for");
            }
            Ok(Step::Done(source)) => break source,
            Err(_) => return,
        }
    };
    let Ok(packaged) = package(&source) else { return };
    let index = Index::read(&packaged.index).expect("an index is read as it was written");
    index.multivariant_playlist();
    for resource in index.resources() {
        match resource {
            Resource::Multivariant => {}
            Resource::Media { rendition } => {
                index.media_playlist(rendition).expect("a playlist");
            }
            Resource::Init { rendition, description } => {
                index.init_segment(rendition, description).expect("an init segment");
            }
            Resource::Segment { rendition, number } => {
                let range = index.entry_range(rendition, number).expect("an entry");
                let entry = &packaged.index[range.start as usize..range.end as usize];
                let segment = index.segment(rendition, number, entry).expect("a segment");
                let parts: Vec<_> = segment
                    .reads()
                    .iter()
                    .map(|read| &file[read.start as usize..read.end as usize])
                    .collect();
                let fragment = segment.fragment(&parts).expect("a fragment");
                assert!(fragment.len() as u64 <= MAX_SEGMENT_BYTES);
            }
        }
    }
});
