//! A sound track: cut where the picture is, silent where the picture has no sound.

use super::{Budget, Clock, Windows};
use crate::Refusal;
use crate::aac::AudioConfig;
use crate::description::SoundDescription;
use crate::index::{Description, Rendition, RenditionKind, SegmentInfo};
use crate::limits::{MAX_SOUND_LEAD_SECONDS, MIN_SEGMENT_SECONDS, TARGET_SEGMENT_SECONDS};
use crate::movie::{Movie, Track};
use crate::playlist::seconds;
use crate::reader::Source;
use crate::segment::{Builder, PackagedSample};

/// Packages a sound track; `None` where nothing of it is presented.
pub(super) fn package(
    track: &Track<'_>,
    movie: &Movie<'_>,
    source: &Source,
    windows: Option<&Windows>,
    number: u8,
    budget: &mut Budget,
) -> Result<Option<(Rendition, Vec<u8>)>, Refusal> {
    let presentation = track.presentation(movie.timescale)?;
    let clock = Clock::new(track.timescale, presentation.shift)?;
    let mut packager: Option<Packager<'_>> = None;
    let mut descriptions = Descriptions {
        track,
        current: None,
    };
    for sample in track.samples(source)? {
        budget.spend()?;
        let sample = sample?;
        let time = sample.presentation_time();
        if time >= presentation.end {
            break;
        }
        let end = time.saturating_add(sample.duration.into());
        // What ends before the cut is there to prime the decoder. Players that place segments one after the other would count
        // it as heard, and be late by it.
        if end <= presentation.start {
            continue;
        }
        let described = descriptions.get(sample.description)?;
        let packager = match &mut packager {
            Some(packager) => packager,
            none => none.insert(Packager::new(
                clock,
                number,
                windows,
                described,
                clock.time(time)?,
            )?),
        };
        if clock.time(end)? <= packager.cuts.start() {
            continue;
        }
        let copied = PackagedSample {
            bytes: Some((sample.offset, sample.size)),
            decode_time: clock.decode_time(sample.decode_time)?,
            duration: sample.duration,
            composition_offset: sample.composition_offset,
            is_sync: true,
        };
        packager.push(copied)?;
    }
    let Some(packager) = packager else {
        return Ok(None);
    };
    let Some((segments, entries)) = packager.finish()? else {
        return Ok(None);
    };
    let Some(description) = descriptions.current.map(|(_, description)| description) else {
        return Ok(None);
    };
    let rendition = Rendition {
        kind: RenditionKind::Sound {
            language: track.language.clone(),
            channels: description.channels,
            is_default: false,
            silence: description.config.silence().unwrap_or_default(),
        },
        timescale: track.timescale,
        descriptions: vec![Description {
            entry: description.entry,
            codec: description.codec,
            size: (0, 0),
        }],
        segments,
    };
    Ok(Some((rendition, entries)))
}

/// The one sample description that is used, under whatever numbers.
struct Descriptions<'t, 'a> {
    track: &'t Track<'a>,
    current: Option<(u32, SoundDescription)>,
}

impl Descriptions<'_, '_> {
    fn get(&mut self, number: u32) -> Result<&SoundDescription, Refusal> {
        if self
            .current
            .as_ref()
            .is_none_or(|(current, _)| *current != number)
        {
            let raw = usize::try_from(number)
                .ok()
                .and_then(|number| self.track.descriptions.get(number.checked_sub(1)?))
                .ok_or(Refusal::Damaged("a sample has no description"))?;
            if !self.track.is_own(raw) {
                return Err(Refusal::External);
            }
            let described = raw.sound()?;
            if self
                .current
                .as_ref()
                .is_some_and(|(_, current)| *current != described)
            {
                return Err(Refusal::SoundChanges);
            }
            self.current = Some((number, described));
        }
        self.current
            .as_ref()
            .map(|(_, description)| description)
            .ok_or(Refusal::Damaged("a sample has no description"))
    }
}

/// When segments of sound start, in units of the sound's time scale.
struct Cuts<'w> {
    clock: Clock,
    windows: Option<&'w Windows>,
    /// Without a picture, the first sample.
    first: i64,
}

impl Cuts<'_> {
    fn start(&self) -> i64 {
        self.at(0)
    }

    /// Start of a segment. Beyond the picture, the sound goes on in segments of its own.
    fn at(&self, window: usize) -> i64 {
        let target = self.clock.units(TARGET_SEGMENT_SECONDS);
        let beyond = |from: i64, windows: usize| {
            let windows = i64::try_from(windows).unwrap_or(i64::MAX);
            from.saturating_add(target.saturating_mul(windows))
        };
        let Some(windows) = self.windows else {
            return beyond(self.first, window);
        };
        if let Some(start) = windows.starts.get(window) {
            return self.in_sound_units(*start, windows);
        }
        // A little more than the picture goes into the last segment.
        let end = self.in_sound_units(windows.end, windows);
        let end = end.saturating_add(self.clock.units(MIN_SEGMENT_SECONDS));
        beyond(end, window - windows.starts.len())
    }

    /// Where the picture ends, if there is one.
    fn picture_end(&self) -> Option<i64> {
        self.windows
            .map(|windows| self.in_sound_units(windows.end, windows))
    }

    /// A time of the picture, rounded up: a sample that starts at a cut belongs to what follows.
    fn in_sound_units(&self, time: i64, windows: &Windows) -> i64 {
        let (from, to) = (
            i128::from(windows.timescale),
            i128::from(self.clock.timescale),
        );
        let scaled = i128::from(time) * to;
        let rounded = scaled.div_euclid(from) + i128::from(scaled.rem_euclid(from) > 0);
        i64::try_from(rounded).unwrap_or(i64::MAX)
    }

    fn is_discontinuous(&self, window: usize) -> bool {
        self.windows
            .and_then(|windows| windows.is_discontinuous.get(window).copied())
            .unwrap_or(false)
    }
}

/// Segments, and their entries in the index.
type Cut = (Vec<SegmentInfo>, Vec<u8>);

/// Cuts samples into segments.
struct Packager<'w> {
    cuts: Cuts<'w>,
    config: AudioConfig,
    silence: Option<Vec<u8>>,
    rendition: u8,
    builder: Builder,
    window: usize,
    /// Where the present segment starts, as the playlist counts.
    segment_start: i64,
    crossed_discontinuity: bool,
    /// Where the last sample ends.
    end: i64,
    segments: Vec<SegmentInfo>,
    entries: Vec<u8>,
}

impl<'w> Packager<'w> {
    fn new(
        clock: Clock,
        rendition: u8,
        windows: Option<&'w Windows>,
        described: &SoundDescription,
        first: i64,
    ) -> Result<Self, Refusal> {
        let cuts = Cuts {
            clock,
            windows,
            first,
        };
        let lead = u64::try_from(cuts.start().saturating_sub(first)).unwrap_or(0);
        if seconds(lead, clock.timescale) > MAX_SOUND_LEAD_SECONDS {
            return Err(Refusal::SoundLeads);
        }
        let segment_start = cuts.start();
        Ok(Self {
            cuts,
            config: described.config.clone(),
            silence: described.config.silence(),
            rendition,
            builder: Builder::default(),
            window: 0,
            segment_start,
            crossed_discontinuity: false,
            end: 0,
            segments: Vec::new(),
            entries: Vec::new(),
        })
    }

    /// Adds a sample of the source, after silence where it is the first and starts later than the picture.
    fn push(&mut self, sample: PackagedSample) -> Result<(), Refusal> {
        if self.is_untouched() {
            let start = sample.decode_time.cast_signed();
            let frames = self.frames_of_silence(self.cuts.start(), start)?;
            self.push_silence(start, -frames.cast_signed(), 0)?;
        }
        self.place(sample)
    }

    fn is_untouched(&self) -> bool {
        self.segments.is_empty() && self.builder.is_empty()
    }

    /// Whole frames of silence between two times.
    fn frames_of_silence(&self, from: i64, to: i64) -> Result<u64, Refusal> {
        let gap = i128::from(to.saturating_sub(from).max(0));
        let frame = i128::from(self.config.frame_len) * i128::from(self.cuts.clock.timescale);
        let frames = gap * i128::from(self.config.core_rate) / frame;
        let frames = u64::try_from(frames).map_err(|_| Refusal::TooLarge("it lasts too long"))?;
        if frames > 0 && self.silence.is_none() {
            return Err(Refusal::SoundCodec(
                "AAC with channels of its own, shorter than the picture".to_owned(),
            ));
        }
        Ok(frames)
    }

    /// Adds frames of silence, counted from a time.
    fn push_silence(&mut self, from: i64, first: i64, end: i64) -> Result<(), Refusal> {
        let frame = i128::from(self.config.frame_len) * i128::from(self.cuts.clock.timescale);
        let rate = i128::from(self.config.core_rate);
        let time = |index: i64| {
            let offset = (i128::from(index) * frame).div_euclid(rate);
            i64::try_from(offset)
                .ok()
                .and_then(|offset| from.checked_add(offset))
        };
        for index in first..end {
            let (start, end) = time(index)
                .zip(time(index + 1))
                .ok_or(Refusal::TooLarge("it lasts too long"))?;
            self.place(PackagedSample {
                bytes: None,
                decode_time: u64::try_from(start)
                    .map_err(|_| Refusal::Damaged("it starts before its own start"))?,
                duration: u32::try_from(end - start)
                    .map_err(|_| Refusal::Damaged("a sample lasts longer than can be"))?,
                composition_offset: 0,
                is_sync: true,
            })?;
        }
        Ok(())
    }

    fn place(&mut self, sample: PackagedSample) -> Result<(), Refusal> {
        let time = sample
            .decode_time
            .cast_signed()
            .saturating_add(sample.composition_offset.into());
        while self.cuts.at(self.window + 1) <= time {
            if !self.builder.is_empty() {
                self.close(Some(sample.decode_time), time)?;
            }
            self.window += 1;
            self.crossed_discontinuity |= self.cuts.is_discontinuous(self.window);
        }
        self.end = time.saturating_add(sample.duration.into());
        self.builder
            .push(sample, self.silence.as_ref().map_or(0, Vec::len))
    }

    fn close(&mut self, next: Option<u64>, end: i64) -> Result<(), Refusal> {
        let number = u32::try_from(self.segments.len())
            .map_err(|_| Refusal::TooLarge("too many segments"))?;
        let (entry, info) = self.builder.finish(self.rendition, number, next)?;
        let duration = u64::try_from(end.saturating_sub(self.segment_start))
            .map_err(|_| Refusal::Damaged("its times run backwards"))?;
        self.segments.push(SegmentInfo {
            duration,
            is_discontinuous: std::mem::take(&mut self.crossed_discontinuity),
            ..info
        });
        self.entries.extend(entry);
        self.segment_start = end;
        Ok(())
    }

    /// Ends the track, with silence where the picture is longer.
    fn finish(mut self) -> Result<Option<Cut>, Refusal> {
        if self.is_untouched() {
            return Ok(None);
        }
        if let Some(picture_end) = self.cuts.picture_end() {
            let end = self.end;
            let frames = self.frames_of_silence(end, picture_end)?;
            self.push_silence(end, 0, frames.cast_signed())?;
        }
        if !self.builder.is_empty() {
            self.close(None, self.end)?;
        }
        Ok(Some((self.segments, self.entries)))
    }
}
