//! Looks into the source itself, while MediaConvert probes it: at its header, which may turn the picture, where captions
//! in the picture would be, and at what lies beside it.

use common::captions::{Search, Track};
use common::error::chain;
use common::rotation::{self, KnownParts, ReadAt, Rotation};
use common::source::Source;
use tracing::warn;

use crate::captions;
use crate::clients::Clients;
use crate::parts::{self, Labels, Part, ReadError};

/// What was found.
pub(crate) struct Scan {
    /// How the header turns the picture, where it tells.
    pub(crate) rotation: Option<Rotation>,
    /// What the object says of itself.
    pub(crate) labels: Labels,
    /// The first look for captions in the picture.
    pub(crate) captions: Result<Search, ReadError>,
    /// The captions beside it.
    pub(crate) beside: Result<Vec<Track>, captions::ReadError>,
}

/// The object isn't there any more.
pub(crate) struct Gone;

/// Bytes that a header is read by. Only the headers of boxes are looked at, and those of the first track lie at the beginning
/// of the index, so the first window is usually the only one for a file made for streaming, and the second the last one for
/// others.
const WINDOW: u64 = 16 * 1024;
/// Windows after which a header isn't worth more.
const MAX_WINDOWS: usize = 16;

/// Reads the first window, and beside it where captions would be; then further windows, until the header is found. What lies
/// beside the source is asked last, on a connection that was read from: Probe takes longer than all of it.
///
/// # Errors
///
/// Only [`Gone`]: what can't be read otherwise is left out.
pub(crate) async fn scan(clients: &Clients, source: &Source) -> Result<Scan, Gone> {
    let (mut labels, mut known, mut search) =
        (Labels::default(), KnownParts::default(), Search::default());
    let searched = Search::first_parts(source.size_bytes);
    let mut wanted = searched.clone();
    // The whole of a small file has its header.
    if wanted.first().is_none_or(|first| first.start > 0) {
        wanted.insert(0, window(source, 0));
    }
    let taken = parts::read(clients, source, wanted, |part: Part| {
        if searched.contains(&part.range) {
            search.add(&part.bytes);
        }
        labels = part.labels;
        // The others are only memory: no header begins there.
        if part.range.start == 0 {
            known.add(0, part.bytes);
        }
    });
    let search = match taken.await {
        Err(error) if error.is_gone() => return Err(Gone),
        taken => taken.map(|()| search),
    };
    Ok(Scan {
        rotation: rotation(clients, source, known).await?,
        labels,
        captions: search,
        beside: captions::beside(clients, source).await,
    })
}

async fn rotation(
    clients: &Clients,
    source: &Source,
    mut known: KnownParts,
) -> Result<Option<Rotation>, Gone> {
    for _ in 0..MAX_WINDOWS {
        let offset = match rotation::find(&known, source.size_bytes) {
            Ok(rotation) => return Ok(rotation),
            Err(ReadAt(offset)) => offset,
        };
        let range = window(source, offset);
        let read = parts::read(clients, source, vec![range], |part| {
            known.add(part.range.start, part.bytes);
        });
        match read.await {
            Ok(()) => {}
            Err(error) if error.is_gone() => return Err(Gone),
            Err(error) => {
                // Probe may still tell the rotation, and MediaConvert turns the picture by itself; at worst, the
                // ladder is that of the unturned shape.
                warn!(
                    "the header of {} can't be read: {}",
                    source.key,
                    chain(&error)
                );
                return Ok(None);
            }
        }
    }
    Ok(None)
}

fn window(source: &Source, offset: u64) -> std::ops::Range<u64> {
    offset..(offset + WINDOW).min(source.size_bytes)
}
