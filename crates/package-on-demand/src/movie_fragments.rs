//! The samples of a fragmented file: `moof` boxes, as they are found.

use crate::Refusal;
use crate::boxes::{Cursor, child, children};
use crate::limits::{MAX_FRAGMENT_SAMPLES, MAX_TRACKS};
use crate::tables::{Sample, Tables};

const SHORT: Refusal = Refusal::Damaged("a fragment is shorter than its count");

/// The samples of all fragments so far.
#[derive(Debug, Default)]
pub(crate) struct MovieFragments {
    tracks: Vec<FragmentTrack>,
    samples: usize,
}

/// A track's defaults (`trex`) and what its fragments hold.
#[derive(Debug)]
struct FragmentTrack {
    id: u32,
    defaults: Defaults,
    /// Where a fragment goes on that doesn't tell its time.
    end: i64,
    runs: Vec<Run>,
    samples: Vec<RunSample>,
}

#[derive(Clone, Copy, Debug)]
struct Defaults {
    description: u32,
    duration: u32,
    size: u32,
    flags: u32,
}

/// Samples whose bytes and times follow each other.
#[derive(Debug)]
struct Run {
    offset: u64,
    decode_time: i64,
    description: u32,
    /// Where its samples start and end among the track's.
    first: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug)]
struct RunSample {
    size: u32,
    duration: u32,
    composition_offset: i32,
    is_sync: bool,
}

impl MovieFragments {
    /// Starts with the defaults of a `moov` box; `None` where it announces no fragments.
    pub(crate) fn announced(moov: &[u8]) -> Option<Self> {
        let mvex = child(moov, *b"mvex")?;
        let tracks = children(mvex)
            .filter(|(kind, _)| kind == b"trex")
            .take(MAX_TRACKS)
            .filter_map(|(_, body)| {
                let mut cursor = Cursor(body);
                cursor.skip(4)?;
                let id = cursor.u32()?;
                Some(FragmentTrack {
                    id,
                    defaults: Defaults {
                        description: cursor.u32()?,
                        duration: cursor.u32()?,
                        size: cursor.u32()?,
                        flags: cursor.u32()?,
                    },
                    end: end_of_tables(moov, id).unwrap_or(0),
                    runs: Vec::new(),
                    samples: Vec::new(),
                })
            })
            .collect();
        Some(Self { tracks, samples: 0 })
    }

    /// Adds the body of a `moof` box that starts at `offset` in a file of `file_len` bytes. `false` says that its samples go
    /// beyond the file, which was cut off here; they are left out.
    pub(crate) fn add(&mut self, offset: u64, moof: &[u8], file_len: u64) -> Result<bool, Refusal> {
        let mut end_of_data = offset;
        for (kind, traf) in children(moof) {
            if &kind != b"traf" {
                continue;
            }
            let header = child(traf, *b"tfhd").ok_or(SHORT)?;
            let header = TrackHeader::read(header).ok_or(SHORT)?;
            let base = match header.base {
                Base::Given(base) => base,
                Base::Fragment => offset,
                Base::Before => end_of_data,
            };
            end_of_data = base;
            let Some(track) = self.tracks.iter_mut().find(|track| track.id == header.id) else {
                continue;
            };
            if let Some(tfdt) = child(traf, *b"tfdt") {
                let mut cursor = Cursor(tfdt);
                let (version, _) = cursor.version_and_flags().ok_or(SHORT)?;
                let time = cursor.u32_or_u64(version).ok_or(SHORT)?;
                track.end = i64::try_from(time)
                    .map_err(|_| Refusal::Damaged("a fragment starts later than can be"))?;
            }
            for (kind, trun) in children(traf) {
                if &kind == b"trun" {
                    let run = header.run(track.defaults);
                    end_of_data =
                        track.add_run(&run, trun, base, end_of_data, &mut self.samples)?;
                    if end_of_data > file_len {
                        track.drop_last_run(&mut self.samples);
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    /// The samples of a track, in the order of decoding.
    pub(crate) fn samples(
        &self,
        track_id: u32,
    ) -> impl Iterator<Item = Result<Sample, Refusal>> + use<'_> {
        let track = self.tracks.iter().find(|track| track.id == track_id);
        track.into_iter().flat_map(|track| {
            track.runs.iter().flat_map(move |run| {
                let samples = track.samples.get(run.first..run.end).unwrap_or(&[]);
                let (mut offset, mut decode_time) = (run.offset, run.decode_time);
                samples.iter().map(move |sample| {
                    let whole = Sample {
                        offset,
                        size: sample.size,
                        description: run.description,
                        decode_time,
                        duration: sample.duration,
                        composition_offset: sample.composition_offset,
                        is_sync: sample.is_sync,
                    };
                    offset = offset.saturating_add(u64::from(sample.size));
                    decode_time = decode_time.saturating_add(i64::from(sample.duration));
                    Ok(whole)
                })
            })
        })
    }
}

/// When the samples end that the `moov` box itself names.
fn end_of_tables(moov: &[u8], track_id: u32) -> Option<i64> {
    children(moov)
        .filter(|(kind, _)| kind == b"trak")
        .find(|(_, trak)| crate::movie::track_id(trak) == Some(track_id))
        .and_then(|(_, trak)| crate::movie::sample_table_box(trak))
        .and_then(|stbl| Tables::read(stbl).ok())
        .map(|tables| tables.end())
}

/// What the offsets of a track's runs are counted from.
enum Base {
    Given(u64),
    /// The `moof` box.
    Fragment,
    /// The end of the data of the track before, in the same fragment.
    Before,
}

/// A `tfhd` box.
struct TrackHeader {
    id: u32,
    base: Base,
    description: Option<u32>,
    duration: Option<u32>,
    size: Option<u32>,
    flags: Option<u32>,
}

impl TrackHeader {
    fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        let (_, flags) = cursor.version_and_flags()?;
        let id = cursor.u32()?;
        let base = if flags & 1 != 0 {
            Base::Given(cursor.u64()?)
        } else if flags & 0x02_0000 != 0 {
            Base::Fragment
        } else {
            Base::Before
        };
        let mut optional = |bit: u32| {
            if flags & bit == 0 {
                Some(None)
            } else {
                cursor.u32().map(Some)
            }
        };
        Some(Self {
            id,
            base,
            description: optional(2)?,
            duration: optional(8)?,
            size: optional(0x10)?,
            flags: optional(0x20)?,
        })
    }

    fn run(&self, defaults: Defaults) -> Defaults {
        Defaults {
            description: self.description.unwrap_or(defaults.description),
            duration: self.duration.unwrap_or(defaults.duration),
            size: self.size.unwrap_or(defaults.size),
            flags: self.flags.unwrap_or(defaults.flags),
        }
    }
}

impl FragmentTrack {
    /// Adds a `trun` box and answers where its data end.
    fn add_run(
        &mut self,
        defaults: &Defaults,
        trun: &[u8],
        base: u64,
        end_of_data: u64,
        total: &mut usize,
    ) -> Result<u64, Refusal> {
        let mut cursor = Cursor(trun);
        let (_, flags) = cursor.version_and_flags().ok_or(SHORT)?;
        let count = cursor.u32().ok_or(SHORT)?;
        let mut offset = end_of_data;
        if flags & 1 != 0 {
            let relative = cursor.i32().ok_or(SHORT)?;
            offset = base
                .checked_add_signed(relative.into())
                .ok_or(Refusal::Damaged("a fragment's data lie before the file"))?;
        }
        let mut first_flags = None;
        if flags & 4 != 0 {
            first_flags = Some(cursor.u32().ok_or(SHORT)?);
        }
        let fields = (flags & 0x0f00).count_ones();
        let count = usize::try_from(count).map_err(|_| SHORT)?;
        if fields > 0 && cursor.0.len() / 4 / usize::try_from(fields).unwrap_or(1) < count {
            return Err(SHORT);
        }
        *total = total.saturating_add(count);
        if *total > MAX_FRAGMENT_SAMPLES {
            return Err(Refusal::TooLarge("too many samples in fragments"));
        }
        let first = self.samples.len();
        let (mut end, decode_time) = (offset, self.end);
        self.samples.reserve(count);
        for _ in 0..count {
            let mut field = |bit: u32, default: u32| {
                if flags & bit == 0 {
                    Some(default)
                } else {
                    cursor.u32()
                }
            };
            let duration = field(0x100, defaults.duration).ok_or(SHORT)?;
            let size = field(0x200, defaults.size).ok_or(SHORT)?;
            let sample_flags = field(0x400, defaults.flags).ok_or(SHORT)?;
            let composition_offset = field(0x800, 0).ok_or(SHORT)?.cast_signed();
            if duration > i32::MAX.cast_unsigned() {
                return Err(Refusal::Damaged("a sample lasts longer than can be"));
            }
            let sample_flags = first_flags.take().unwrap_or(sample_flags);
            self.samples.push(RunSample {
                size,
                duration,
                composition_offset,
                is_sync: sample_flags & 0x0001_0000 == 0,
            });
            end = end.saturating_add(u64::from(size));
            self.end = self.end.saturating_add(i64::from(duration));
        }
        self.runs.push(Run {
            offset,
            decode_time,
            description: defaults.description,
            first,
            end: self.samples.len(),
        });
        Ok(end)
    }

    fn drop_last_run(&mut self, total: &mut usize) {
        if let Some(run) = self.runs.pop() {
            *total = total.saturating_sub(run.end.saturating_sub(run.first));
            self.samples.truncate(run.first);
        }
    }
}
