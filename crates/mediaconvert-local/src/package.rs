//! Cuts the fragmented file of one track into CMAF segments.
//!
//! ffmpeg decides where fragments begin by a duration, and audio drifts away from the picture that
//! way. So its fragments are taken apart here, and put together again at the group's own times.

use std::io::Read;

use crate::encryption::samples::SampleCipher;
use crate::mp4::{Fragment, Init, Mp4Error, Reader, put_fragment, put_styp};
use crate::settings::CompositionOffsets;

/// Where segments and fragments begin.
#[derive(Clone, Copy, Debug)]
pub struct Cuts {
    /// Seconds from one segment to the next.
    pub segment: f64,
    /// Seconds from one fragment to the next, counted anew in each segment.
    pub fragment: f64,
    /// A shorter last segment becomes part of the one before it. Seconds.
    pub min_final: f64,
    /// Samples before time zero, that the encoder needs to get going: AAC's first.
    pub priming: u32,
    /// How pictures are told to be shown in another order than they are decoded in.
    pub offsets: CompositionOffsets,
}

/// One segment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// When it begins. Ticks.
    pub start: u64,
    /// Ticks.
    pub duration: u64,
    /// The file.
    pub bytes: Vec<u8>,
    /// The key frames that its fragments begin with.
    pub key_frames: Vec<KeyFrame>,
}

/// A key frame that a fragment begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFrame {
    /// When it is shown. Ticks.
    pub time: u64,
    /// Bytes of the segment before its fragment.
    pub offset: u64,
    /// Bytes from there to the key frame's end.
    pub size: u64,
}

/// Cuts one track.
pub struct Packager<R> {
    reader: Reader<R>,
    cuts: Cuts,
    timescale: f64,
    next: Cutter,
    /// Samples read and not yet in a segment.
    source: Option<Fragment>,
    priming: u32,
    sequence: u32,
    held: Option<Vec<Fragment>>,
    finished: bool,
    end: Option<End>,
    cipher: Option<SampleCipher>,
}

/// Tells when the picture ends, in seconds; waits until that is known.
type End = Box<dyn FnOnce() -> Option<f64> + Send>;

/// Puts samples into fragments and those into segments.
#[derive(Default)]
struct Cutter {
    /// Where in the track the next sample is. Ticks.
    time: u64,
    /// Taken off each sample's offset.
    shift: i32,
    /// Segments begun.
    begun: u32,
    segment: Vec<Fragment>,
}

impl<R: Read> Packager<R> {
    /// Starts with the track's header.
    ///
    /// # Errors
    ///
    /// When the file has no header.
    pub fn open(source: R, cuts: Cuts) -> Result<(Self, Init), Mp4Error> {
        let (mut reader, mut init) = Reader::open(source)?;
        let first = reader.fragment()?;
        // Of B frames, the first picture is decoded some frames before it is shown.
        let ahead = first
            .as_ref()
            .and_then(|fragment| fragment.samples.first())
            .map_or(0, |first| first.offset);
        let mut next = Cutter::default();
        match cuts.offsets {
            CompositionOffsets::Signed => next.shift = ahead,
            CompositionOffsets::Unsigned => {
                if let Ok(ahead @ 1..) = u32::try_from(ahead) {
                    init = init.starting_at(ahead)?;
                }
            }
        }
        let packager = Self {
            reader,
            timescale: f64::from(init.timescale),
            priming: cuts.priming,
            cuts,
            next,
            source: first,
            sequence: 0,
            held: None,
            finished: false,
            end: None,
            cipher: None,
        };
        Ok((packager, init))
    }

    /// A last segment that begins close to the end of the picture joins the one before: sound that is
    /// a little longer than the picture gets no segment of its own. `end` is asked when the track has
    /// ended, and tells seconds.
    #[must_use]
    pub fn beside(mut self, end: impl FnOnce() -> Option<f64> + Send + 'static) -> Self {
        self.end = Some(Box::new(end));
        self
    }

    /// All samples are encrypted.
    #[must_use]
    pub fn protected(mut self, cipher: Option<SampleCipher>) -> Self {
        self.cipher = cipher;
        self
    }

    /// The next segment; `None` after the last.
    ///
    /// # Errors
    ///
    /// When the file breaks off.
    pub fn segment(&mut self) -> Result<Option<Segment>, Mp4Error> {
        loop {
            if self.finished {
                return self.held.take().map(|last| self.write(last)).transpose();
            }
            if let Some(fragments) = self.cut()? {
                // One is held back, since the last may have to join it.
                if let Some(before) = self.held.replace(fragments) {
                    return self.write(before).map(Some);
                }
                continue;
            }
            self.finished = true;
            let last = std::mem::take(&mut self.next.segment);
            let alone = self.end.take().and_then(|end| end()).is_some_and(|end| {
                let start = last.first().map_or(0, |fragment| fragment.time);
                let start = seconds(start, self.timescale);
                (start - end).abs() < self.cuts.segment.min(1.0)
            });
            let short = alone || seconds(ticks(&last), self.timescale) < self.cuts.min_final;
            match &mut self.held {
                Some(before) if short || last.is_empty() => before.extend(last),
                _ => {
                    let last = (!last.is_empty()).then_some(last);
                    if let Some(before) = std::mem::replace(&mut self.held, last) {
                        return self.write(before).map(Some);
                    }
                }
            }
        }
    }

    /// Reads until a segment is full.
    fn cut(&mut self) -> Result<Option<Vec<Fragment>>, Mp4Error> {
        loop {
            let fragment = match self.source.take() {
                Some(fragment) => fragment,
                None => match self.reader.fragment()? {
                    Some(fragment) => fragment,
                    None => return Ok(None),
                },
            };
            let mut from = 0usize;
            for (index, sample) in fragment.samples.iter().enumerate() {
                let size = usize::try_from(sample.size).unwrap_or(usize::MAX);
                let data = fragment
                    .data
                    .get(from..from.saturating_add(size))
                    .ok_or(Mp4Error::Box("mdat"))?;
                if self.priming > 0 {
                    self.priming -= 1;
                    from += size;
                    continue;
                }
                let half = f64::from(sample.duration) / 2.0;
                let begins = sample.sync && self.begins_segment(half);
                if begins && !self.next.segment.is_empty() {
                    self.source = Some(Fragment {
                        time: 0,
                        samples: fragment.samples[index..].to_vec(),
                        data: fragment.data[from..].to_vec(),
                    });
                    return Ok(Some(std::mem::take(&mut self.next.segment)));
                }
                if begins {
                    self.next.begun = self.number_at(half) + 1;
                }
                let anew = begins || (sample.sync && self.begins_fragment(half));
                let mut sample = *sample;
                sample.offset = sample.offset.saturating_sub(self.next.shift);
                let time = self.next.time;
                self.next.time += u64::from(sample.duration);
                from += size;
                match self.next.segment.last_mut() {
                    Some(open) if !anew => {
                        open.samples.push(sample);
                        open.data.extend_from_slice(data);
                    }
                    _ => self.next.segment.push(Fragment {
                        time,
                        samples: vec![sample],
                        data: data.to_vec(),
                    }),
                }
            }
        }
    }

    /// Whether a segment begins at the next sample; `half` of its duration early is on time.
    fn begins_segment(&self, half: f64) -> bool {
        self.number_at(half) >= self.next.begun
    }

    /// The number of the segment that the next sample belongs to by its time.
    fn number_at(&self, half: f64) -> u32 {
        let time = (as_float(self.next.time) + half) / self.timescale;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and saturating is right for a video of centuries"
        )]
        let number = (time / self.cuts.segment) as u32;
        number
    }

    fn begins_fragment(&self, half: f64) -> bool {
        let Some(open) = self.next.segment.last() else {
            return true;
        };
        let length = as_float(self.next.time - open.time) + half;
        length / self.timescale >= self.cuts.fragment
    }

    fn write(&mut self, mut fragments: Vec<Fragment>) -> Result<Segment, Mp4Error> {
        let mut bytes = Vec::new();
        put_styp(&mut bytes);
        let mut key_frames = Vec::new();
        for fragment in &mut fragments {
            self.sequence += 1;
            let before = bytes.len();
            let secrets = match &mut self.cipher {
                Some(cipher) => cipher.encrypt(fragment)?,
                None => Vec::new(),
            };
            put_fragment(&mut bytes, fragment, self.sequence, &secrets);
            if let Some(first) = fragment.samples.first().filter(|sample| sample.sync) {
                let head = bytes.len() - before - fragment.data.len();
                key_frames.push(KeyFrame {
                    time: fragment.time,
                    offset: u64::try_from(before).unwrap_or(u64::MAX),
                    size: u64::try_from(head).unwrap_or(u64::MAX) + u64::from(first.size),
                });
            }
        }
        Ok(Segment {
            start: fragments.first().map_or(0, |fragment| fragment.time),
            duration: ticks(&fragments),
            bytes,
            key_frames,
        })
    }
}

fn ticks(fragments: &[Fragment]) -> u64 {
    fragments.iter().map(Fragment::duration).sum()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "ticks of any real video are below 2^52"
)]
fn as_float(ticks: u64) -> f64 {
    ticks as f64
}

/// Seconds of a number of ticks.
pub fn seconds(ticks: u64, timescale: f64) -> f64 {
    as_float(ticks) / timescale
}

#[cfg(test)]
mod tests;
