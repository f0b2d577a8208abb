//! The picture: what is presented of it, and where its segments are cut.

use super::{Budget, Clock, Windows};
use crate::Refusal;
use crate::description::PictureDescription;
use crate::edits::Presentation;
use crate::fragment;
use crate::index::{Description, Rendition, RenditionKind, SegmentInfo};
use crate::limits::{
    LONG_SEGMENT_SECONDS, MAX_SECONDS, MAX_SEGMENT_BYTES, MAX_SEGMENT_SECONDS,
    TARGET_SEGMENT_SECONDS,
};
use crate::movie::{Movie, Track};
use crate::reader::Source;
use crate::segment::{Builder, PackagedSample};
use crate::tables::Sample;

/// Key frames that are closer than this share a [`Group`], which bounds the groups of a picture that has key frames only.
const GROUPS_A_SECOND: i64 = 4;

/// Bytes of a group after which the next key frame starts another in any case.
const GROUP_BYTES: u64 = MAX_SEGMENT_BYTES / 8;

/// A key frame and what follows it: segments are cut between groups.
#[derive(Clone, Copy, Debug)]
struct Group {
    /// Number of its first sample.
    first: u64,
    samples: u32,
    bytes: u64,
    decode_time: i64,
    /// When it is seen first. Pictures that follow an open group's key frame may be shown before it.
    start: i64,
    /// When its key frame is seen.
    key_time: i64,
    description: u32,
}

/// Which samples are packaged.
#[derive(Clone, Copy, Debug)]
struct Selection {
    first: u64,
    last: u64,
    /// When the first sample is presented.
    first_time: i64,
    /// The least composition offset, where it is negative, else zero.
    least_offset: i32,
    presentation: Presentation,
}

impl Selection {
    /// Whether a sample is packaged: those that are shown before the first key frame and before the edit's start aren't.
    fn holds(&self, number: u64, sample: &Sample) -> bool {
        let time = sample.presentation_time();
        let is_cut = time < self.presentation.start && time < self.first_time;
        (self.first..=self.last).contains(&number) && !is_cut
    }
}

/// Packages the picture.
pub(super) fn package(
    track: &Track<'_>,
    movie: &Movie<'_>,
    source: &Source,
    budget: &mut Budget,
) -> Result<(Rendition, Vec<u8>, Windows), Refusal> {
    // What browsers can't play is told first: it is what a person understands.
    if let Some(first) = track.descriptions.first() {
        first.picture()?;
    }
    let presentation = track.presentation(movie.timescale)?;
    let clock = Clock::new(track.timescale, presentation.shift)?;
    let (selection, groups, end) = survey(track, source, presentation, clock, budget)?;
    let segments = cut(&groups, end, clock.timescale, MAX_SEGMENT_BYTES)?;
    let windows = windows(&segments, &groups, end, clock)?;

    let mut descriptions = Descriptions::new(track);
    let (mut entries, mut infos) = (Vec::new(), Vec::new());
    let mut builder = Builder::default();
    let mut numbers = (0_u32..).zip(&segments).peekable();
    let mut finish =
        |builder: &mut Builder, next, number: u32, segment: &Segment| -> Result<(), Refusal> {
            let (entry, info) = builder.finish(0, number, next)?;
            let position = usize::try_from(number).unwrap_or(usize::MAX);
            entries.extend(entry);
            infos.push(SegmentInfo {
                duration: segment.duration,
                description: descriptions.number(segment.description)?,
                is_discontinuous: windows
                    .is_discontinuous
                    .get(position)
                    .copied()
                    .unwrap_or(false),
                ..info
            });
            Ok(())
        };
    let mut current = numbers.next();
    for (number, sample) in (0_u64..).zip(track.samples(source)?) {
        let sample = sample?;
        if number > selection.last {
            break;
        }
        if !selection.holds(number, &sample) {
            continue;
        }
        budget.spend()?;
        // Decoded early enough to be shown later, never before: not every player reads negative offsets of fragments.
        let early = i64::from(selection.least_offset);
        let decode_time = clock.decode_time(sample.decode_time.saturating_add(early))?;
        let composition_offset = sample
            .composition_offset
            .checked_sub(selection.least_offset)
            .ok_or(Refusal::Damaged("its times go further than can be"))?;
        if let Some((_, next)) = numbers.peek()
            && next.first == number
            && let Some((position, segment)) = current
        {
            finish(&mut builder, Some(decode_time), position, segment)?;
            current = numbers.next();
        }
        let packaged = PackagedSample {
            bytes: Some((sample.offset, sample.size)),
            decode_time,
            duration: sample.duration,
            composition_offset,
            is_sync: sample.is_sync,
        };
        builder.push(packaged, 0)?;
    }
    if let Some((position, segment)) = current {
        finish(&mut builder, None, position, segment)?;
    }
    let descriptions = descriptions.used;
    let range = descriptions
        .first()
        .map_or(crate::VideoRange::Sdr, |(_, description)| description.range);
    let rendition = Rendition {
        kind: RenditionKind::Picture {
            matrix: track.matrix,
            size: track.size,
            range,
            is_independent: !segments.iter().any(|segment| segment.is_open),
        },
        timescale: track.timescale,
        descriptions: descriptions
            .into_iter()
            .map(|(_, description)| Description {
                entry: description.entry,
                codec: description.codec,
                size: description.size,
            })
            .collect(),
        segments: infos,
    };
    Ok((rendition, entries, windows))
}

/// Goes through the samples once, and finds which are packaged, their groups, and when the presentation ends.
fn survey(
    track: &Track<'_>,
    source: &Source,
    presentation: Presentation,
    clock: Clock,
    budget: &mut Budget,
) -> Result<(Selection, Vec<Group>, i64), Refusal> {
    let mut selection: Option<Selection> = None;
    let mut least_offset = 0;
    let mut first_end = i64::MAX;
    let mut groups: Vec<Group> = Vec::new();
    let mut end = i64::MIN;
    let shortest = i64::from(clock.timescale) / GROUPS_A_SECOND;
    for (number, sample) in (0_u64..).zip(track.samples(source)?) {
        budget.spend()?;
        let sample = sample?;
        least_offset = least_offset.min(sample.composition_offset);
        let time = sample.presentation_time();
        let time_end = time.saturating_add(sample.duration.into());
        // The last key frame at or before the start of the edit, else the first one.
        if sample.is_sync && (selection.is_none() || time <= presentation.start) {
            selection = Some(Selection {
                first: number,
                last: number,
                first_time: time,
                least_offset: 0,
                presentation,
            });
            first_end = time_end;
            groups.clear();
            end = i64::MIN;
        }
        let Some(selection) = &mut selection else {
            continue;
        };
        if time < presentation.start && time < selection.first_time {
            continue;
        }
        if time < presentation.end || number == selection.first {
            selection.last = number;
            end = end.max(time_end.min(presentation.end));
        }
        match groups.last_mut() {
            Some(group) if group.description != sample.description && !sample.is_sync => {
                return Err(Refusal::Damaged(
                    "its description changes between key frames",
                ));
            }
            Some(group) if !sample.is_sync || group.takes_key_frame(&sample, shortest) => {
                group.samples = group.samples.saturating_add(1);
                group.bytes = group.bytes.saturating_add(sample.size.into());
                group.start = group.start.min(time);
            }
            _ => groups.push(Group {
                first: number,
                samples: 1,
                bytes: sample.size.into(),
                decode_time: sample.decode_time,
                start: time,
                key_time: time,
                description: sample.description,
            }),
        }
    }
    let selection = Selection {
        least_offset,
        ..selection.ok_or(Refusal::NoKeyFrames)?
    };
    if first_end <= presentation.start {
        return Err(Refusal::EditBetweenKeyFrames);
    }
    groups.retain(|group| group.first <= selection.last);
    if let Some(first) = groups.first_mut() {
        first.start = first.start.max(presentation.start);
        let length = u64::try_from(end.saturating_sub(first.start)).unwrap_or(0);
        if length / u64::from(clock.timescale) > MAX_SECONDS {
            return Err(Refusal::TooLarge("it lasts too long"));
        }
    }
    Ok((selection, groups, end))
}

impl Group {
    fn takes_key_frame(&self, key_frame: &Sample, shortest: i64) -> bool {
        key_frame.description == self.description
            && key_frame.decode_time.saturating_sub(self.decode_time) < shortest
            && self.bytes < GROUP_BYTES
    }
}

/// Groups that are one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    /// Number of its first sample.
    first: u64,
    start: i64,
    duration: u64,
    description: u32,
    /// Whether pictures before its key frame may need those of the segment before.
    is_open: bool,
}

/// Joins groups to segments: each as close to the target as its key frames and `max_bytes` allow.
fn cut(
    groups: &[Group],
    end: i64,
    timescale: u32,
    max_bytes: u64,
) -> Result<Vec<Segment>, Refusal> {
    let scale = u64::from(timescale);
    let mut segments = Vec::new();
    let mut rest = groups;
    while let Some(first) = rest.first() {
        let mut best: Option<(usize, u64)> = None;
        let (mut bytes, mut samples) = (0_u64, 0_u32);
        for (position, group) in rest.iter().enumerate() {
            bytes = bytes.saturating_add(group.bytes);
            samples = samples.saturating_add(group.samples);
            let segment_bytes = bytes.saturating_add(fragment::overhead(samples));
            if group.description != first.description || segment_bytes > max_bytes {
                if best.is_none() {
                    return Err(Refusal::SegmentTooLarge(segment_bytes));
                }
                break;
            }
            let next = rest.get(position + 1).map_or(end, |next| next.start);
            let duration = next
                .checked_sub(first.start)
                .and_then(|duration| u64::try_from(duration).ok())
                .filter(|duration| *duration > 0 || position + 1 == rest.len())
                .ok_or(Refusal::Damaged("its pictures' times run backwards"))?;
            let distance = duration.abs_diff(TARGET_SEGMENT_SECONDS * scale);
            if best.is_none_or(|(_, best)| distance < best.abs_diff(TARGET_SEGMENT_SECONDS * scale))
            {
                best = Some((position, duration));
            }
            if duration > LONG_SEGMENT_SECONDS * scale {
                break;
            }
        }
        let Some((position, duration)) = best else {
            break;
        };
        if duration > MAX_SEGMENT_SECONDS * scale {
            return Err(Refusal::KeyFramesApart(MAX_SEGMENT_SECONDS));
        }
        segments.push(Segment {
            first: first.first,
            start: first.start,
            duration,
            description: first.description,
            is_open: first.start < first.key_time,
        });
        rest = rest.get(position + 1..).unwrap_or(&[]);
    }
    Ok(segments)
}

fn windows(
    segments: &[Segment],
    groups: &[Group],
    end: i64,
    clock: Clock,
) -> Result<Windows, Refusal> {
    if segments.is_empty() || groups.is_empty() {
        return Err(Refusal::NoKeyFrames);
    }
    let starts = segments.iter().map(|segment| clock.time(segment.start));
    let changes = segments
        .iter()
        .zip(segments.iter().skip(1))
        .map(|(before, after)| before.description != after.description);
    Ok(Windows {
        timescale: clock.timescale,
        starts: starts.collect::<Result<_, _>>()?,
        is_discontinuous: std::iter::once(false).chain(changes).collect(),
        end: clock.time(end)?,
    })
}

/// The sample descriptions that are used, each once.
struct Descriptions<'t, 'a> {
    track: &'t Track<'a>,
    /// Numbers in the source, and what they describe.
    used: Vec<(u32, PictureDescription)>,
}

impl<'t, 'a> Descriptions<'t, 'a> {
    fn new(track: &'t Track<'a>) -> Self {
        Self {
            track,
            used: Vec::new(),
        }
    }

    /// The position of a description among those that are used.
    fn number(&mut self, in_source: u32) -> Result<u8, Refusal> {
        let known = |used: &[(u32, PictureDescription)]| {
            used.iter().position(|(number, _)| *number == in_source)
        };
        let position = if let Some(position) = known(&self.used) {
            position
        } else {
            let raw = usize::try_from(in_source)
                .ok()
                .and_then(|number| self.track.descriptions.get(number.checked_sub(1)?))
                .ok_or(Refusal::Damaged("a sample has no description"))?;
            if !self.track.is_own(raw) {
                return Err(Refusal::External);
            }
            self.used.push((in_source, raw.picture()?));
            self.used.len() - 1
        };
        u8::try_from(position).map_err(|_| Refusal::TooLarge("too many sample descriptions"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(number: u64, start: i64, bytes: u64) -> Group {
        Group {
            first: number,
            samples: 25,
            bytes,
            decode_time: start,
            start,
            key_time: start,
            description: 1,
        }
    }

    /// Groups that start at these hundredths of a second.
    fn groups(starts: &[i64]) -> Vec<Group> {
        (0..)
            .zip(starts)
            .map(|(number, start)| group(number, *start, 1000))
            .collect()
    }

    fn durations(groups: &[Group], end: i64) -> Vec<u64> {
        let segments = cut(groups, end, 100, MAX_SEGMENT_BYTES).unwrap();
        segments.iter().map(|segment| segment.duration).collect()
    }

    #[test]
    fn segments_are_as_close_to_six_seconds_as_key_frames_allow() {
        let seconds: Vec<i64> = (0..20).map(|second| second * 100).collect();
        assert_eq!(durations(&groups(&seconds), 2000), [600, 600, 600, 200]);
        assert_eq!(
            durations(&groups(&[0, 400, 800, 1200]), 1600),
            [400, 400, 400, 400]
        );
        assert_eq!(durations(&groups(&[0, 1000]), 2000), [1000, 1000]);
        assert_eq!(durations(&groups(&[0]), 4), [4]);
    }

    #[test]
    fn a_high_bit_rate_makes_shorter_segments() {
        let groups: Vec<_> = (0..6)
            .map(|number| group(number, number.cast_signed() * 100, 2_000_000))
            .collect();
        assert_eq!(durations(&groups, 600), [200, 200, 200]);
    }

    #[test]
    fn a_group_beyond_what_can_be_answered_is_refused() {
        let refusal = cut(
            &[group(0, 0, MAX_SEGMENT_BYTES)],
            100,
            100,
            MAX_SEGMENT_BYTES,
        )
        .unwrap_err();
        assert_eq!(refusal.code(), "SEGMENT_TOO_LARGE");
    }

    #[test]
    fn key_frames_that_lie_far_apart_are_refused() {
        let refusal = cut(&groups(&[0]), 3001, 100, MAX_SEGMENT_BYTES).unwrap_err();
        assert_eq!(refusal, Refusal::KeyFramesApart(30));
    }

    #[test]
    fn times_that_run_backwards_are_refused() {
        assert!(cut(&groups(&[0, 500, 400]), 900, 100, MAX_SEGMENT_BYTES).is_err());
    }

    #[test]
    fn another_description_starts_another_segment() {
        let mut groups = groups(&[0, 100, 200]);
        groups[1].description = 2;
        groups[2].description = 2;
        let segments = cut(&groups, 300, 100, MAX_SEGMENT_BYTES).unwrap();
        let descriptions: Vec<_> = segments.iter().map(|segment| segment.description).collect();
        assert_eq!(descriptions, [1, 2]);
    }
}
