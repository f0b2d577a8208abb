//! Edit lists: when a track's media are presented.
//!
//! A delay (empty edits), a cut at the start (a media time: usually the decoder's delay, or the priming of an AAC encoder) and a
//! cut at the end are what cameras, encoders and simple editors write. They become a shift and two bounds. The packaged tracks
//! carry no edit list of their own: the shift is in their times, since some players don't read edit lists of fragmented files.

use crate::Refusal;
use crate::boxes::Cursor;
use crate::limits::MAX_EDITS;

/// What is presented of a track, and when, in units of the track's time scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presentation {
    /// Added to a media time, it gives the time of presentation.
    pub(crate) shift: i64,
    /// Media time where the presentation starts; what lies before is there for the decoder at most.
    pub(crate) start: i64,
    /// Media time where it ends.
    pub(crate) end: i64,
}

impl Presentation {
    const WHOLE: Self = Self {
        shift: 0,
        start: i64::MIN,
        end: i64::MAX,
    };
}

/// An edit: how long, in units of the movie's time scale, and from which media time on; `-1` is an empty one.
#[derive(Clone, Copy, Debug)]
struct Edit {
    duration: u64,
    media_time: i64,
    is_normal_speed: bool,
}

/// Reads the body of an `elst` box, for a track with `track_scale` units a second in a movie with `movie_scale`.
pub(crate) fn read(
    elst: Option<&[u8]>,
    movie_scale: u32,
    track_scale: u32,
) -> Result<Presentation, Refusal> {
    let edits = elst.map_or(Ok(Vec::new()), edits)?;
    let to_track = |duration: u64| -> Option<i64> {
        let scaled = u128::from(duration).checked_mul(track_scale.into())?;
        let rounded = scaled.checked_add(u128::from(movie_scale) / 2)? / u128::from(movie_scale);
        i64::try_from(rounded)
            .ok()
            .filter(|time| *time < i64::MAX / 4)
    };
    let damaged = Refusal::Damaged("its edit list goes further than can be");

    let empty = edits.iter().take_while(|edit| edit.media_time == -1);
    let leading = empty.clone().count();
    let delay = empty.fold(0_u64, |sum, edit| sum.saturating_add(edit.duration));
    let delay = to_track(delay).ok_or(damaged.clone())?;
    let shown = edits.get(leading..).unwrap_or(&[]);
    let shown = match shown.iter().rposition(|edit| edit.media_time != -1) {
        Some(last) => shown.get(..=last).unwrap_or(shown),
        None => {
            return Ok(Presentation {
                shift: delay,
                ..Presentation::WHOLE
            });
        }
    };
    let Some(first) = shown.first() else {
        return Ok(Presentation::WHOLE);
    };
    // A unit of the movie's time scale, which edits are rounded to, in the track's.
    let tolerance = i64::from(track_scale / movie_scale.max(1)) + 1;
    let mut end = first.media_time;
    for (index, edit) in shown.iter().enumerate() {
        let follows =
            edit.media_time != -1 && edit.media_time.abs_diff(end) <= tolerance.unsigned_abs();
        if !edit.is_normal_speed || edit.media_time < 0 || !follows {
            return Err(Refusal::EditList);
        }
        let is_last = index + 1 == shown.len();
        end = match to_track(edit.duration).ok_or(damaged.clone())? {
            // Without an end: a fragmented file whose length wasn't known.
            0 if is_last => i64::MAX,
            duration => edit
                .media_time
                .checked_add(duration)
                .ok_or(damaged.clone())?,
        };
    }
    Ok(Presentation {
        shift: delay.checked_sub(first.media_time).ok_or(damaged)?,
        start: first.media_time,
        end,
    })
}

fn edits(elst: &[u8]) -> Result<Vec<Edit>, Refusal> {
    let short = Refusal::Damaged("its edit list is shorter than its count");
    let mut cursor = Cursor(elst);
    let (version, _) = cursor.version_and_flags().ok_or(short.clone())?;
    let count = cursor.u32().ok_or(short.clone())?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > MAX_EDITS {
        return Err(Refusal::EditList);
    }
    let edit = |cursor: &mut Cursor<'_>| {
        Some(Edit {
            duration: cursor.u32_or_u64(version)?,
            media_time: if version == 1 {
                cursor.u64()?.cast_signed()
            } else {
                cursor.i32()?.into()
            },
            is_normal_speed: cursor.u32()? == 0x0001_0000,
        })
    };
    (0..count)
        .map(|_| edit(&mut cursor).ok_or(short.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elst(edits: &[(u32, i32)]) -> Vec<u8> {
        let mut body = vec![0; 4];
        body.extend(u32::try_from(edits.len()).unwrap().to_be_bytes());
        for (duration, media_time) in edits {
            body.extend(duration.to_be_bytes());
            body.extend(media_time.to_be_bytes());
            body.extend([0, 1, 0, 0]);
        }
        body
    }

    fn read_list(edits: &[(u32, i32)]) -> Result<Presentation, Refusal> {
        read(Some(&elst(edits)), 1000, 48_000)
    }

    #[test]
    fn without_a_list_everything_is_presented() {
        assert_eq!(read(None, 1000, 48_000), Ok(Presentation::WHOLE));
        assert_eq!(read_list(&[]), Ok(Presentation::WHOLE));
    }

    #[test]
    fn a_delay_and_a_priming_become_a_shift() {
        let presentation = read_list(&[(250, -1), (2000, 1024)]).unwrap();
        assert_eq!(presentation.shift, 12_000 - 1024);
        assert_eq!((presentation.start, presentation.end), (1024, 97_024));
    }

    #[test]
    fn an_edit_without_a_length_goes_to_the_end() {
        assert_eq!(read_list(&[(0, 1024)]).unwrap().end, i64::MAX);
    }

    #[test]
    fn edits_that_follow_each_other_are_one() {
        let joined = read_list(&[(1000, 1024), (500, 49_024)]).unwrap();
        assert_eq!((joined.start, joined.end), (1024, 73_024));
        assert_eq!(read_list(&[(1000, 1024), (500, 0)]), Err(Refusal::EditList));
    }

    #[test]
    fn another_speed_is_refused() {
        let mut list = elst(&[(1000, 0)]);
        let rate = list.len() - 3;
        list[rate] = 2;
        assert_eq!(read(Some(&list), 1000, 48_000), Err(Refusal::EditList));
    }
}
