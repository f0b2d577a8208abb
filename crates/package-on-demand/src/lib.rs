//! Just-in-time packaging: HLS over fragmented MP4, made on request from the bytes of an MP4 or `QuickTime` source.
//!
//! Most of what people upload is H.264 and AAC already. Such a source plays the moment its header was read: this crate plans
//! segments at its key frames, and makes each by copying the samples that a player asks for. Nothing is encoded, nothing but a
//! small index is kept. Times come out as the source's edit lists say, within a sample, on one clock for picture and sound.
//!
//! The crate does no I/O and knows no service. Bytes go in, bytes come out:
//!
//! ```no_run
//! use package_on_demand::{Index, Reader, Resource, Step, package};
//!
//! # fn read(range: std::ops::Range<u64>) -> Vec<u8> { Vec::new() }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once: find the header, plan, keep the index.
//! let mut reader = Reader::new(123_456_789);
//! let source = loop {
//!     match reader.step()? {
//!         Step::Read(range) => reader.provide(read(range))?,
//!         Step::Done(source) => break source,
//!     }
//! };
//! let kept = package(&source)?.index;
//!
//! // For each request: the head of the index, an entry of it, a range or a few of the source.
//! let index = Index::read(&kept)?;
//! if let Resource::Segment { rendition, number } = "0-17.m4s".parse()? {
//!     let entry = index.entry_range(rendition, number)?;
//!     let entry = &kept[usize::try_from(entry.start)?..usize::try_from(entry.end)?];
//!     let segment = index.segment(rendition, number, entry)?;
//!     let parts: Vec<_> = segment.reads().iter().cloned().map(read).collect();
//!     let fragment = segment.fragment(&parts)?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # How it is built
//!
//! | module | takes | gives |
//! | --- | --- | --- |
//! | `reader` | ranges of the source | the `moov` box, the samples of `moof` boxes |
//! | `boxes`, `movie`, `description`, `edits`, `language`, `aac` | the `moov` box | tracks: codec, times, languages, what is presented |
//! | `tables`, `movie_fragments` | sample tables, `moof` boxes | samples, one by one |
//! | `plan` | tracks and samples | segments: cuts at key frames, sound beside them |
//! | `index`, `segment` | segments | the index, and from it the reads and bytes of one segment |
//! | `fragment`, `playlist`, `resource` | the index | init segments, `moof`, playlists, names |
//! | [`limits`] | | what one source may cost at most |
//!
//! # Boxes by library and by hand
//!
//! [`mp4_atom`] writes: its types are the boxes, and it computes their flags and versions. It doesn't read here. It decodes any
//! box that it knows inside a sample description, another one among them, so that 52 KB of nested `stsd` end the process by its
//! stack (0.17.0); it has no `stz2`; a box must end where its fields do, which those of cameras don't; and it copies each table
//! into memory. `re_mp4` and `mp4` read whole files, `symphonia-format-isomp4` reads for its own decoders. So reading is this
//! crate's own: borrowed, without recursion, lenient with what isn't needed and strict with what is.
//!
//! # What a source must be
//!
//! H.264 in 8 bits and 4:2:0, or HEVC of Main and Main 10, with AAC-LC or HE-AAC, or such sound alone. Everything else gets a
//! [`Refusal`], whose sentence says why, and waits for the conversion.

mod aac;
mod boxes;
mod description;
mod edits;
mod fragment;
mod index;
mod language;
pub mod limits;
mod movie;
mod movie_fragments;
mod plan;
mod playlist;
mod reader;
mod refusal;
mod resource;
mod segment;
mod tables;

pub use description::VideoRange;
pub use fragment::ORIGIN_SECONDS;
pub use index::{Damage, Index};
pub use plan::{LeftOut, Package, package};
pub use reader::{Reader, Source, Step};
pub use refusal::Refusal;
pub use resource::{Resource, UnknownResource};
pub use segment::Segment;
