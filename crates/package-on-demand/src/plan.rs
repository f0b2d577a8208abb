//! From the header of a source to its index: which tracks play, where segments are cut, what each holds.
//!
//! The picture is cut at its key frames, the sound at the picture's times, so that the segments of both say the same seconds.
//! Samples are gone through twice, and never kept: once for the cuts, once for the entries.

mod picture;
mod sound;

use crate::Refusal;
use crate::description::RawDescription;
use crate::fragment::ORIGIN_SECONDS;
use crate::index::{self, Rendition};
use crate::limits::{MAX_SAMPLES, MAX_SECONDS};
use crate::movie::{Kind, Movie, Track};
use crate::reader::Source;

/// A source that plays by being packaged on demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The index, to be kept and read with [`Index`](crate::Index).
    pub index: Vec<u8>,
    /// Tracks that aren't packaged, though others are.
    pub left_out: Vec<LeftOut>,
}

/// A track of picture or sound that isn't packaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The track's number in the source.
    pub track: u32,
    /// Why not.
    pub reason: Refusal,
}

/// Plans how a source is packaged.
///
/// # Errors
///
/// A [`Refusal`] where the source can't be packaged, or not without losing its picture or all of its sound.
pub fn package(source: &Source) -> Result<Package, Refusal> {
    let movie = Movie::read(&source.moov)?;
    let mut budget = Budget::default();
    let mut left_out = Vec::new();
    let mut renditions = Vec::new();
    let mut entries = Vec::new();

    let picture = choose_picture(&movie, &mut left_out);
    let windows = match picture {
        Some(track) => {
            let (rendition, of_picture, windows) =
                picture::package(track, &movie, source, &mut budget)?;
            renditions.push(rendition);
            entries.push(of_picture);
            Some(windows)
        }
        None => None,
    };
    let first_sound = renditions.len();
    for track in of_kind(&movie, Kind::Sound) {
        let number =
            u8::try_from(renditions.len()).map_err(|_| Refusal::TooLarge("too many tracks"))?;
        match sound::package(track, &movie, source, windows.as_ref(), number, &mut budget) {
            Ok(Some((mut rendition, of_sound))) => {
                rendition.set_default(renditions.len() == first_sound);
                renditions.push(rendition);
                entries.push(of_sound);
            }
            Ok(None) => {} // A track without samples, as some recorders leave behind.
            Err(reason @ (Refusal::SoundLeads | Refusal::CutOff)) => return Err(reason),
            Err(reason) => left_out.push(LeftOut {
                track: track.id,
                reason,
            }),
        }
    }
    if renditions.len() == first_sound
        && let Some(position) = left_out
            .iter()
            .position(|left_out| left_out.reason != Refusal::SeveralPictures)
    {
        return Err(left_out.swap_remove(position).reason);
    }
    if renditions.is_empty() {
        return Err(Refusal::NoMedia);
    }
    let index = index::write(source.len, renditions, &entries)
        .ok_or(Refusal::TooLarge("too many segments"))?;
    Ok(Package { index, left_out })
}

impl Rendition {
    fn set_default(&mut self, value: bool) {
        if let index::RenditionKind::Sound { is_default, .. } = &mut self.kind {
            *is_default = value;
        }
    }
}

fn of_kind<'m, 'a>(movie: &'m Movie<'a>, kind: Kind) -> impl Iterator<Item = &'m Track<'a>> {
    movie
        .tracks
        .iter()
        .filter(move |track| track.kind == kind && !track.descriptions.is_empty())
}

/// The picture: the first that is enabled, else the first. Covers are none.
fn choose_picture<'m, 'a>(
    movie: &'m Movie<'a>,
    left_out: &mut Vec<LeftOut>,
) -> Option<&'m Track<'a>> {
    let is_film = |track: &&Track<'_>| {
        !track
            .descriptions
            .first()
            .is_some_and(RawDescription::is_still)
    };
    let pictures: Vec<_> = of_kind(movie, Kind::Picture).filter(is_film).collect();
    let chosen = pictures
        .iter()
        .find(|track| track.is_enabled)
        .or(pictures.first())
        .copied()?;
    let others = pictures.iter().filter(|track| track.id != chosen.id);
    left_out.extend(others.map(|track| LeftOut {
        track: track.id,
        reason: Refusal::SeveralPictures,
    }));
    Some(chosen)
}

/// How many samples may still be gone through.
#[derive(Debug)]
struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_SAMPLES)
    }
}

impl Budget {
    fn spend(&mut self) -> Result<(), Refusal> {
        self.0 = self
            .0
            .checked_sub(1)
            .ok_or(Refusal::TooLarge("too many samples"))?;
        Ok(())
    }
}

/// When the picture's segments start and end, on the clock of the packaged tracks.
#[derive(Clone, Debug)]
struct Windows {
    timescale: u32,
    /// Start of each segment, in units of the time scale.
    starts: Vec<i64>,
    /// Whether another sample description starts with the segment.
    is_discontinuous: Vec<bool>,
    end: i64,
}

/// A track's clock: from media times of the source to times of the packaged track.
#[derive(Clone, Copy, Debug)]
struct Clock {
    timescale: u32,
    offset: i64,
}

impl Clock {
    fn new(timescale: u32, shift: i64) -> Result<Self, Refusal> {
        let origin = i64::from(timescale).saturating_mul(ORIGIN_SECONDS.cast_signed());
        let offset = shift
            .checked_add(origin)
            .ok_or(Refusal::Damaged("its times go further than can be"))?;
        Ok(Self { timescale, offset })
    }

    fn time(self, media_time: i64) -> Result<i64, Refusal> {
        let latest = (ORIGIN_SECONDS + 2 * MAX_SECONDS)
            .cast_signed()
            .saturating_mul(self.timescale.into());
        let time = media_time.checked_add(self.offset);
        time.filter(|time| *time <= latest)
            .ok_or(Refusal::TooLarge("it lasts too long"))
    }

    fn decode_time(self, media_time: i64) -> Result<u64, Refusal> {
        let time = self.time(media_time)?;
        u64::try_from(time).map_err(|_| Refusal::Damaged("it starts long before its own start"))
    }

    /// So many seconds in units of the time scale.
    fn units(self, seconds: u64) -> i64 {
        seconds.cast_signed().saturating_mul(self.timescale.into())
    }
}
