//! The sample tables of a progressive file (`stts`, `ctts`, `stsc`, `stsz` or `stz2`, `stco` or `co64`, `stss`), walked in step.
//!
//! The tables stay where they were read: a two-hour film has half a million samples, and walking them twice is quicker than
//! keeping them once. Counts are held against the bytes that are there before anything believes them.

use crate::Refusal;
use crate::boxes::{Cursor, child};
use crate::limits::MAX_SAMPLES;

/// A sample of a track, in the order of decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Where its bytes start in the file.
    pub(crate) offset: u64,
    /// Its bytes.
    pub(crate) size: u32,
    /// Number of its sample description, from one.
    pub(crate) description: u32,
    /// When it is decoded, in units of the track's time scale.
    pub(crate) decode_time: i64,
    /// From its decoding to the next one's.
    pub(crate) duration: u32,
    /// From its decoding to its presentation.
    pub(crate) composition_offset: i32,
    /// Whether decoding can start here.
    pub(crate) is_sync: bool,
}

impl Sample {
    /// When it is shown or heard, before the edit list.
    pub(crate) fn presentation_time(&self) -> i64 {
        self.decode_time
            .saturating_add(i64::from(self.composition_offset))
    }
}

/// The sample tables of one track.
#[derive(Clone, Debug)]
pub(crate) struct Tables<'a> {
    count: u32,
    sizes: Sizes<'a>,
    durations: &'a [[u8; 8]],
    composition_offsets: &'a [[u8; 8]],
    chunk_runs: &'a [[u8; 12]],
    chunks: Chunks<'a>,
    /// `None`: every sample is one.
    sync: Option<&'a [[u8; 4]]>,
}

#[derive(Clone, Copy, Debug)]
enum Sizes<'a> {
    Same(u32),
    Bits4(&'a [u8]),
    Bits8(&'a [u8]),
    Bits16(&'a [[u8; 2]]),
    Bits32(&'a [[u8; 4]]),
}

#[derive(Clone, Copy, Debug)]
enum Chunks<'a> {
    Bits32(&'a [[u8; 4]]),
    Bits64(&'a [[u8; 8]]),
}

const SHORT: Refusal = Refusal::Damaged("a sample table is shorter than its count");

impl<'a> Tables<'a> {
    /// Reads the tables of an `stbl` box.
    pub(crate) fn read(stbl: &'a [u8]) -> Result<Self, Refusal> {
        let (count, sizes) = Sizes::read(stbl)?;
        let sync = match child(stbl, *b"stss") {
            Some(body) => Some(rows(body)?),
            None => None,
        };
        let chunks = match (child(stbl, *b"stco"), child(stbl, *b"co64")) {
            (Some(body), _) => Chunks::Bits32(rows(body)?),
            (None, Some(body)) => Chunks::Bits64(rows(body)?),
            (None, None) => Chunks::Bits32(&[]),
        };
        let table = |kind| child(stbl, kind).map_or(Ok(&[] as &[_]), rows);
        let tables = Self {
            count,
            sizes,
            durations: table(*b"stts")?,
            composition_offsets: table(*b"ctts")?,
            chunk_runs: child(stbl, *b"stsc").map_or(Ok(&[] as &[_]), rows)?,
            chunks,
            sync,
        };
        if u64::from(count) > MAX_SAMPLES {
            return Err(Refusal::TooLarge("too many samples"));
        }
        if count > 0 && tables.durations.is_empty() {
            return Err(Refusal::Damaged("its samples have no times"));
        }
        Ok(tables)
    }

    /// When the last sample ends, in units of the track's time scale: where a fragment goes on that doesn't tell its time.
    pub(crate) fn end(&self) -> i64 {
        self.durations.iter().fold(0_i64, |end, row| {
            let (count, duration) = pair(*row);
            end.saturating_add(i64::from(count).saturating_mul(i64::from(duration)))
        })
    }

    /// The samples in the order of decoding.
    pub(crate) fn samples(&self) -> TableSamples<'a> {
        TableSamples {
            tables: self.clone(),
            next: 0,
            decode_time: 0,
            duration: (0, 0),
            composition_offset: (0, 0),
            chunk: 0,
            chunk_run: ChunkRun::default(),
            left_in_chunk: 0,
            offset: 0,
        }
    }
}

impl<'a> Sizes<'a> {
    fn read(stbl: &'a [u8]) -> Result<(u32, Self), Refusal> {
        let (kind, body) = match (child(stbl, *b"stsz"), child(stbl, *b"stz2")) {
            (Some(body), _) => (b"stsz", body),
            (None, Some(body)) => (b"stz2", body),
            (None, None) => return Ok((0, Self::Same(0))),
        };
        let mut cursor = Cursor(body);
        let (Some(_), Some(field), Some(count)) = (cursor.u32(), cursor.u32(), cursor.u32()) else {
            return Err(SHORT);
        };
        let wanted = usize::try_from(count).map_err(|_| SHORT)?;
        let rest = cursor.0;
        let sizes = match (kind, field & 0xff) {
            (b"stsz", _) if field != 0 => return Ok((count, Self::Same(field))),
            (b"stsz", _) => Self::Bits32(rest.as_chunks().0.get(..wanted).ok_or(SHORT)?),
            (_, 4) => Self::Bits4(rest.get(..wanted.div_ceil(2)).ok_or(SHORT)?),
            (_, 8) => Self::Bits8(rest.get(..wanted).ok_or(SHORT)?),
            (_, 16) => Self::Bits16(rest.as_chunks().0.get(..wanted).ok_or(SHORT)?),
            _ => return Err(Refusal::Damaged("its sample sizes have an unknown width")),
        };
        Ok((count, sizes))
    }

    fn get(self, index: usize) -> Option<u32> {
        match self {
            Self::Same(size) => Some(size),
            Self::Bits4(bytes) => {
                let byte = *bytes.get(index / 2)?;
                let half = if index.is_multiple_of(2) {
                    byte >> 4
                } else {
                    byte & 0x0f
                };
                Some(u32::from(half))
            }
            Self::Bits8(bytes) => bytes.get(index).copied().map(u32::from),
            Self::Bits16(rows) => rows
                .get(index)
                .map(|row| u32::from(u16::from_be_bytes(*row))),
            Self::Bits32(rows) => rows.get(index).copied().map(u32::from_be_bytes),
        }
    }
}

impl Chunks<'_> {
    fn get(self, index: usize) -> Option<u64> {
        match self {
            Self::Bits32(rows) => rows
                .get(index)
                .map(|row| u64::from(u32::from_be_bytes(*row))),
            Self::Bits64(rows) => rows.get(index).copied().map(u64::from_be_bytes),
        }
    }
}

/// The rows of a full box with an entry count.
fn rows<const N: usize>(body: &[u8]) -> Result<&[[u8; N]], Refusal> {
    let mut cursor = Cursor(body);
    let (Some(_), Some(count)) = (cursor.u32(), cursor.u32()) else {
        return Err(SHORT);
    };
    let count = usize::try_from(count).map_err(|_| SHORT)?;
    cursor.0.as_chunks().0.get(..count).ok_or(SHORT)
}

fn pair(row: [u8; 8]) -> (u32, u32) {
    let both = u64::from_be_bytes(row);
    let half = |bits: u64| u32::try_from(bits).unwrap_or(u32::MAX);
    (half(both >> 32), half(both & 0xffff_ffff))
}

/// A row of `stsc`: from which chunk on it holds, its samples, their description.
#[derive(Clone, Copy, Debug, Default)]
struct ChunkRun {
    first_chunk: u32,
    samples: u32,
    description: u32,
}

impl ChunkRun {
    fn read(row: [u8; 12]) -> Self {
        let mut fields = row.as_chunks().0.iter().copied().map(u32::from_be_bytes);
        let mut field = || fields.next().unwrap_or(0);
        Self {
            first_chunk: field(),
            samples: field(),
            description: field(),
        }
    }
}

/// Walks the tables of a track in step.
#[derive(Clone, Debug)]
pub(crate) struct TableSamples<'a> {
    tables: Tables<'a>,
    next: u32,
    decode_time: i64,
    /// How many more samples have this duration.
    duration: (u32, u32),
    /// How many more samples have this offset, as its bits.
    composition_offset: (u32, u32),
    chunk: usize,
    chunk_run: ChunkRun,
    left_in_chunk: u32,
    offset: u64,
}

impl TableSamples<'_> {
    /// The next run's value, once the present run is used up. The last value holds where a table is too short.
    fn step(rows: &mut &[[u8; 8]], run: &mut (u32, u32)) -> u32 {
        while run.0 == 0 {
            let Some((row, rest)) = rows.split_first() else {
                return run.1;
            };
            *rows = rest;
            *run = pair(*row);
        }
        run.0 -= 1;
        run.1
    }

    fn next_chunk(&mut self) -> Result<(), Refusal> {
        const NOWHERE: Refusal = Refusal::Damaged("some samples lie in no chunk");
        while self.left_in_chunk == 0 {
            if let Some((row, rest)) = self.tables.chunk_runs.split_first() {
                let run = ChunkRun::read(*row);
                let first = usize::try_from(run.first_chunk).map_err(|_| NOWHERE)?;
                if first <= self.chunk.saturating_add(1) {
                    self.tables.chunk_runs = rest;
                    self.chunk_run = run;
                    continue;
                }
            }
            self.offset = self.tables.chunks.get(self.chunk).ok_or(NOWHERE)?;
            self.chunk += 1;
            self.left_in_chunk = self.chunk_run.samples;
        }
        Ok(())
    }

    fn sample(&mut self, index: usize) -> Result<Sample, Refusal> {
        self.next_chunk()?;
        self.left_in_chunk -= 1;
        let size = self.tables.sizes.get(index).ok_or(SHORT)?;
        let duration = Self::step(&mut self.tables.durations, &mut self.duration);
        if duration > i32::MAX.cast_unsigned() {
            return Err(Refusal::Damaged("a sample lasts longer than can be"));
        }
        // Version 0 has unsigned offsets by the standard and signed ones in QuickTime; no true one needs the 32nd bit.
        let composition_offset = Self::step(
            &mut self.tables.composition_offsets,
            &mut self.composition_offset,
        )
        .cast_signed();
        let is_sync = match &mut self.tables.sync {
            None => true,
            Some(numbers) => {
                let number = self.next.saturating_add(1);
                while let Some((row, rest)) = numbers.split_first()
                    && u32::from_be_bytes(*row) < number
                {
                    *numbers = rest;
                }
                numbers
                    .first()
                    .is_some_and(|row| u32::from_be_bytes(*row) == number)
            }
        };
        let sample = Sample {
            offset: self.offset,
            size,
            description: self.chunk_run.description,
            decode_time: self.decode_time,
            duration,
            composition_offset,
            is_sync,
        };
        self.offset = self.offset.saturating_add(u64::from(size));
        self.decode_time = self.decode_time.saturating_add(i64::from(duration));
        self.next += 1;
        Ok(sample)
    }
}

impl Iterator for TableSamples<'_> {
    type Item = Result<Sample, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.tables.count {
            return None;
        }
        let index = usize::try_from(self.next).ok()?;
        let sample = self.sample(index);
        if sample.is_err() {
            self.next = self.tables.count;
        }
        Some(sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full_box(kind: [u8; 4], numbers: &[u32]) -> Vec<u8> {
        let len = u32::try_from(12 + numbers.len() * 4).unwrap();
        let mut bytes = len.to_be_bytes().to_vec();
        bytes.extend(kind);
        bytes.extend([0; 4]);
        bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        bytes
    }

    fn stbl() -> Vec<u8> {
        [
            full_box(*b"stts", &[2, 2, 10, 3, 20]),
            full_box(*b"ctts", &[1, 5, 0xffff_ffff]),
            full_box(*b"stsc", &[2, 1, 2, 1, 3, 1, 2]),
            full_box(*b"stsz", &[0, 5, 1, 2, 3, 4, 5]),
            full_box(*b"stco", &[3, 100, 200, 300]),
            full_box(*b"stss", &[2, 1, 4]),
        ]
        .concat()
    }

    #[test]
    fn the_tables_are_walked_in_step() {
        let stbl = stbl();
        let tables = Tables::read(&stbl).unwrap();
        let samples: Vec<_> = tables.samples().map(Result::unwrap).collect();
        let of = |read: fn(&Sample) -> i64| samples.iter().map(read).collect::<Vec<_>>();
        assert_eq!(of(|s| s.offset.cast_signed()), [100, 101, 200, 203, 300]);
        assert_eq!(of(|s| s.decode_time), [0, 10, 20, 40, 60]);
        assert_eq!(of(|s| s.composition_offset.into()), [-1, -1, -1, -1, -1]);
        assert_eq!(of(|s| s.is_sync.into()), [1, 0, 0, 1, 0]);
        assert_eq!(of(|s| s.description.into()), [1, 1, 1, 1, 2]);
        assert_eq!(tables.end(), 80);
    }

    #[test]
    fn four_bit_sizes_are_read_from_the_upper_half() {
        let mut stz2 = full_box(*b"stz2", &[4, 3]);
        stz2.extend([0x12, 0x30]);
        stz2[3] += 2;
        let (count, sizes) = Sizes::read(&stz2).unwrap();
        let sizes: Vec<_> = (0..3).map(|index| sizes.get(index).unwrap()).collect();
        assert_eq!((count, sizes), (3, vec![1, 2, 3]));
    }

    #[test]
    fn a_count_beyond_the_table_is_refused() {
        let stbl = full_box(*b"stsz", &[0, 0xffff_ffff, 1]);
        assert_eq!(Tables::read(&stbl).unwrap_err(), SHORT);
    }

    #[test]
    fn billions_of_samples_without_a_table_are_refused() {
        let stbl = full_box(*b"stsz", &[1, 0xffff_ffff]);
        assert!(matches!(Tables::read(&stbl), Err(Refusal::TooLarge(_))));
    }

    #[test]
    fn a_sample_in_no_chunk_is_refused() {
        let stbl = [
            full_box(*b"stts", &[1, 5, 10]),
            full_box(*b"stsc", &[1, 1, 1, 1]),
            full_box(*b"stsz", &[7, 2]),
            full_box(*b"stco", &[1, 100]),
        ]
        .concat();
        let samples: Vec<_> = Tables::read(&stbl).unwrap().samples().collect();
        assert!(samples[0].is_ok());
        assert!(samples[1].is_err());
        assert_eq!(samples.len(), 2);
    }
}
