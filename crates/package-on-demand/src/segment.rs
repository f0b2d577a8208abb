//! One segment: its entry in the index, the bytes of the source it needs, and the fragment that they become.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::fragment;
use crate::index::{Damage, SegmentInfo};
use crate::limits::{
    MAX_HOLE_BYTES, MAX_SAMPLES, MAX_SEGMENT_BYTES, MAX_SEGMENT_READ_BYTES, MAX_SEGMENT_READS,
};

/// A sample as it is packaged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackagedSample {
    /// Offset and bytes in the source; `None` for a frame of silence.
    pub(crate) bytes: Option<(u64, u32)>,
    pub(crate) decode_time: u64,
    /// Used where no sample follows.
    pub(crate) duration: u32,
    pub(crate) composition_offset: i32,
    pub(crate) is_sync: bool,
}

/// A segment's entry in the index: runs, since most tables repeat themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) rendition: u8,
    pub(crate) number: u32,
    pub(crate) decode_time: u64,
    /// Frames of silence before and after the samples of the source.
    silent_before: u32,
    silent_after: u32,
    /// How many samples last how long.
    durations: Vec<(u32, u32)>,
    /// How many samples are shown how long after they are decoded.
    composition_offsets: Vec<(u32, i32)>,
    /// Positions of the samples that decoding can start at; `None`: all of them.
    sync: Option<Vec<u32>>,
    /// Bytes of each sample of the source.
    sizes: Vec<u32>,
    /// Runs of samples that lie one after the other: from where the last run ended to where this one starts, and its samples.
    chunks: Vec<(i64, u32)>,
}

/// Collects the samples of a segment.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    entry: Entry,
    count: u32,
    last: Option<PackagedSample>,
    /// Where the last sample of the source ended.
    end: u64,
    media_bytes: u64,
}

fn push_run<T: PartialEq>(runs: &mut Vec<(u32, T)>, value: T) {
    match runs.last_mut() {
        Some((count, last)) if *last == value => *count += 1,
        _ => runs.push((1, value)),
    }
}

/// How many samples the runs have.
fn total<T>(runs: &[(u32, T)]) -> Option<u32> {
    runs.iter().map(|run| run.0).try_fold(0, u32::checked_add)
}

impl Builder {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a sample, which takes `silence_len` bytes if it is silent.
    pub(crate) fn push(
        &mut self,
        sample: PackagedSample,
        silence_len: usize,
    ) -> Result<(), Refusal> {
        self.close_last(sample.decode_time)?;
        let entry = &mut self.entry;
        if self.count == 0 {
            entry.decode_time = sample.decode_time;
            entry.sync = Some(Vec::new());
        }
        if let Some((offset, size)) = sample.bytes {
            match entry.chunks.last_mut() {
                Some((_, samples)) if self.end == offset => *samples += 1,
                _ => {
                    let gap = offset.checked_signed_diff(self.end);
                    entry.chunks.push((gap.ok_or(Refusal::CutOff)?, 1));
                }
            }
            entry.sizes.push(size);
            self.end = offset.saturating_add(size.into());
            self.media_bytes += u64::from(size);
        } else {
            if entry.sizes.is_empty() {
                entry.silent_before += 1;
            } else {
                entry.silent_after += 1;
            }
            self.media_bytes += u64::try_from(silence_len).unwrap_or(0);
        }
        push_run(&mut entry.composition_offsets, sample.composition_offset);
        if sample.is_sync
            && let Some(sync) = &mut entry.sync
        {
            sync.push(self.count);
        }
        self.count += 1;
        self.last = Some(sample);
        let bytes = self.media_bytes + fragment::overhead(self.count);
        if bytes > MAX_SEGMENT_BYTES {
            return Err(Refusal::SegmentTooLarge(bytes));
        }
        Ok(())
    }

    fn close_last(&mut self, next: u64) -> Result<(), Refusal> {
        if let Some(last) = self.last.take() {
            let duration = next
                .checked_sub(last.decode_time)
                .and_then(|duration| u32::try_from(duration).ok())
                .ok_or(Refusal::Damaged("its times run backwards"))?;
            push_run(&mut self.entry.durations, duration);
        }
        Ok(())
    }

    /// Writes the entry, and takes the next segment's samples from now on. The last sample lasts until `next` is decoded.
    pub(crate) fn finish(
        &mut self,
        rendition: u8,
        number: u32,
        next: Option<u64>,
    ) -> Result<(Vec<u8>, SegmentInfo), Refusal> {
        if let Some(last) = self.last {
            let own = last.decode_time.saturating_add(last.duration.into());
            self.close_last(next.unwrap_or(own))?;
        }
        let Self {
            mut entry,
            count,
            media_bytes,
            ..
        } = std::mem::take(self);
        if entry
            .sync
            .as_ref()
            .is_some_and(|sync| sync.len() == to_usize(count))
        {
            entry.sync = None;
        }
        (entry.rendition, entry.number) = (rendition, number);
        let reads: u64 = entry.chunk_ranges().map_or(u64::MAX, |chunks| {
            let reads = plan_reads(&chunks);
            reads.iter().map(|read| read.end - read.start).sum()
        });
        if reads > MAX_SEGMENT_READ_BYTES {
            return Err(Refusal::Scattered);
        }
        let bytes = entry.write();
        let info = SegmentInfo {
            duration: 0,
            bytes: u32::try_from(media_bytes + fragment::overhead(count)).unwrap_or(u32::MAX),
            entry_bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            samples: count,
            description: 0,
            is_discontinuous: false,
        };
        Ok((bytes, info))
    }
}

impl Entry {
    /// The entry's bytes, with a checksum before them.
    fn write(&self) -> Vec<u8> {
        // Writing to memory doesn't fail; an empty entry would be refused when it is read.
        let body = postcard::to_stdvec(self).unwrap_or_default();
        let mut bytes = crc32fast::hash(&body).to_le_bytes().to_vec();
        bytes.extend(body);
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Damage> {
        let (checksum, body) = bytes.split_first_chunk().ok_or(Damage::Short)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
            return Err(Damage::Checksum);
        }
        let entry: Self = postcard::from_bytes(body).map_err(|_| Damage::Content)?;
        let count = entry.count().ok_or(Damage::Content)?;
        let is_whole = count > 0
            && u64::from(count) <= MAX_SAMPLES
            && total(&entry.durations) == Some(count)
            && total(&entry.composition_offsets) == Some(count);
        if is_whole {
            Ok(entry)
        } else {
            Err(Damage::Content)
        }
    }

    fn count(&self) -> Option<u32> {
        u32::try_from(self.sizes.len())
            .ok()?
            .checked_add(self.silent_before)?
            .checked_add(self.silent_after)
    }

    /// The runs of samples in the source, in the order of decoding.
    fn chunk_ranges(&self) -> Option<Vec<Range<u64>>> {
        let mut sizes = self.sizes.iter();
        let mut end = 0_u64;
        let ranges = self.chunks.iter().map(|(gap, samples)| {
            let start = end.checked_add_signed(*gap)?;
            end = start;
            for _ in 0..*samples {
                end = end.checked_add(u64::from(*sizes.next()?))?;
            }
            Some(start..end)
        });
        let ranges = ranges.collect::<Option<Vec<_>>>()?;
        sizes.next().is_none().then_some(ranges)
    }
}

/// A segment that is ready to be read and written.
#[derive(Clone, Debug)]
pub struct Segment {
    entry: Entry,
    chunks: Vec<Range<u64>>,
    reads: Vec<Range<u64>>,
    silence: Vec<u8>,
}

impl Segment {
    pub(crate) fn new(entry: Entry, silence: Vec<u8>) -> Result<Self, Damage> {
        let chunks = entry.chunk_ranges().ok_or(Damage::Content)?;
        let reads = plan_reads(&chunks);
        let total: u64 = reads.iter().map(|read| read.end - read.start).sum();
        let silent = u64::from(entry.silent_before) + u64::from(entry.silent_after);
        let silence_bytes = u64::try_from(silence.len())
            .unwrap_or(u64::MAX)
            .saturating_mul(silent);
        let is_silence_missing = silent > 0 && silence.is_empty();
        if total > MAX_SEGMENT_READ_BYTES || silence_bytes > MAX_SEGMENT_BYTES || is_silence_missing
        {
            return Err(Damage::Content);
        }
        Ok(Self {
            entry,
            chunks,
            reads,
            silence,
        })
    }

    /// The ranges of the source to read: few, and none larger than its purpose. Empty for silence.
    pub fn reads(&self) -> &[Range<u64>] {
        &self.reads
    }

    /// Writes the segment: `styp`, `moof`, `mdat`. `parts` are the bytes of [`Self::reads`], in their order.
    ///
    /// # Errors
    ///
    /// [`Damage::Short`] where a part isn't as long as its range: the source isn't the one that was indexed.
    pub fn fragment(&self, parts: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, Damage> {
        if parts.len() != self.reads.len() {
            return Err(Damage::Short);
        }
        let media: usize = self
            .chunks
            .iter()
            .map(|chunk| to_usize(chunk.end - chunk.start))
            .sum();
        let silence = |count: u32| self.silence.len() * to_usize(count);
        let before = silence(self.entry.silent_before);
        let media = media + before + silence(self.entry.silent_after);
        let mut bytes = fragment::head(&self.entry, &self.samples(), media)?;
        for _ in 0..self.entry.silent_before {
            bytes.extend_from_slice(&self.silence);
        }
        for chunk in self.chunks.iter().filter(|chunk| !chunk.is_empty()) {
            let index = self.reads.partition_point(|read| read.end < chunk.end);
            let (read, part) = self
                .reads
                .get(index)
                .zip(parts.get(index))
                .ok_or(Damage::Short)?;
            let part = part.as_ref();
            if part.len() != to_usize(read.end - read.start) {
                return Err(Damage::Short);
            }
            let start = chunk
                .start
                .checked_sub(read.start)
                .map(to_usize)
                .ok_or(Damage::Content)?;
            let end = to_usize(chunk.end - read.start);
            bytes.extend_from_slice(part.get(start..end).ok_or(Damage::Short)?);
        }
        for _ in 0..self.entry.silent_after {
            bytes.extend_from_slice(&self.silence);
        }
        Ok(bytes)
    }

    /// What `trun` says of each sample.
    fn samples(&self) -> Vec<mp4_atom::TrunEntry> {
        let entry = &self.entry;
        let silence = u32::try_from(self.silence.len()).unwrap_or(0);
        let silent = |count: u32| std::iter::repeat_n(silence, to_usize(count));
        let sizes = silent(entry.silent_before)
            .chain(entry.sizes.iter().copied())
            .chain(silent(entry.silent_after));
        let durations = entry
            .durations
            .iter()
            .flat_map(|(count, value)| std::iter::repeat_n(*value, to_usize(*count)));
        let offsets = entry
            .composition_offsets
            .iter()
            .flat_map(|(count, value)| std::iter::repeat_n(*value, to_usize(*count)));
        let mut sync = entry.sync.as_deref();
        let is_sync = (0_u32..).map(move |index| match &mut sync {
            None => true,
            Some(positions) => match positions.split_first() {
                Some((first, rest)) if *first == index => {
                    *positions = rest;
                    true
                }
                _ => false,
            },
        });
        sizes
            .zip(durations)
            .zip(offsets)
            .zip(is_sync)
            .map(
                |(((size, duration), offset), is_sync)| mp4_atom::TrunEntry {
                    duration: Some(duration),
                    size: Some(size),
                    flags: Some(fragment::sample_flags(is_sync)),
                    cts: Some(offset.into()),
                },
            )
            .collect()
    }
}

/// Joins runs of samples to reads: over small holes, and over the smallest ones until the reads are few.
fn plan_reads(chunks: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut sorted: Vec<_> = chunks
        .iter()
        .filter(|chunk| !chunk.is_empty())
        .cloned()
        .collect();
    sorted.sort_unstable_by_key(|chunk| chunk.start);
    let mut reads = join(sorted, MAX_HOLE_BYTES);
    if reads.len() > MAX_SEGMENT_READS {
        let mut holes: Vec<u64> = reads
            .iter()
            .zip(reads.iter().skip(1))
            .map(|(before, after)| after.start - before.end)
            .collect();
        holes.sort_unstable();
        let largest_kept = holes.len().saturating_sub(MAX_SEGMENT_READS);
        let hole = holes.get(largest_kept).copied().unwrap_or(u64::MAX);
        reads = join(reads, hole);
    }
    reads
}

fn join(sorted: Vec<Range<u64>>, hole: u64) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in sorted {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(hole) => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    joined
}

fn to_usize(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(offset: u64, size: u32, decode_time: u64) -> PackagedSample {
        PackagedSample {
            bytes: (size > 0).then_some((offset, size)),
            decode_time,
            duration: 10,
            composition_offset: 0,
            is_sync: true,
        }
    }

    #[test]
    fn reads_are_joined_over_small_holes() {
        let far = 10 * MAX_HOLE_BYTES;
        let reads = plan_reads(&[0..10, 20..30, far..far + 5, 12..14]);
        assert_eq!(reads, [0..30, far..far + 5]);
    }

    #[test]
    fn reads_are_few_however_far_the_chunks_lie_apart() {
        let chunk =
            |index: u64| index * index * MAX_HOLE_BYTES * 2..index * index * MAX_HOLE_BYTES * 2 + 5;
        let chunks: Vec<_> = (0..40).map(chunk).collect();
        let reads = plan_reads(&chunks);
        assert!(
            (1..=MAX_SEGMENT_READS).contains(&reads.len()),
            "{}",
            reads.len()
        );
        assert_eq!(
            reads.last().map(|read| read.end),
            chunks.last().map(|chunk| chunk.end)
        );
    }

    #[test]
    fn a_segment_is_copied_from_its_reads() {
        let mut builder = Builder::default();
        builder.push(sample(0, 0, 100), 2).unwrap();
        builder.push(sample(6, 2, 110), 2).unwrap();
        builder.push(sample(8, 1, 120), 2).unwrap();
        builder.push(sample(2, 3, 130), 2).unwrap();
        let (bytes, info) = builder.finish(1, 7, Some(150)).unwrap();
        let entry = Entry::read(&bytes).unwrap();
        assert_eq!(
            (entry.rendition, entry.number, entry.decode_time),
            (1, 7, 100)
        );
        assert_eq!(entry.durations, [(3, 10), (1, 20)]);
        let segment = Segment::new(entry, b"--".to_vec()).unwrap();
        assert_eq!(segment.reads(), vec![2..9; 1]);
        let fragment = segment.fragment(&[b"cdefghi"]).unwrap();
        assert_eq!(fragment.len(), info.bytes as usize);
        assert!(fragment.ends_with(b"mdat--ghicde"));
        assert_eq!(segment.fragment(&[b"cdefgh"]), Err(Damage::Short));
    }

    #[test]
    fn a_damaged_entry_is_refused() {
        let mut builder = Builder::default();
        builder.push(sample(6, 2, 110), 2).unwrap();
        let (mut bytes, _) = builder.finish(0, 1, None).unwrap();
        bytes[6] ^= 1;
        assert_eq!(Entry::read(&bytes), Err(Damage::Checksum));
        assert_eq!(Entry::read(&[]), Err(Damage::Short));
    }
}
