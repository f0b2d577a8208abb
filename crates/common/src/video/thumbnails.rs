//! Stills at regular intervals: which one shows a moment, how they lie on sheets, and the index by which players show
//! them at the seek bar.

use std::fmt::Write as _;

use super::Thumbnails;

/// Stills in a row of a sheet.
const COLUMNS: u32 = 5;
/// Stills on a sheet: those of the usual size make some 200 kB of it.
const STILLS: u32 = 25;

/// A picture with several stills, row by row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sheet {
    /// Keys of its stills.
    pub stills: Vec<String>,
    /// Stills in a row.
    pub columns: u32,
    /// Rows, the last of which may be short.
    pub rows: u32,
}

impl Thumbnails {
    /// Key of the still with this number; `None` where the first one's name has no number.
    pub fn key(&self, number: u32) -> Option<String> {
        let stem = self.first.strip_suffix(".0000000.jpg")?;
        Some(format!("{stem}.{number:07}.jpg"))
    }

    /// Key of the still that was taken nearest to `seconds`.
    pub fn nearest(&self, seconds: u32) -> Option<String> {
        let interval = self.interval_seconds.max(1);
        let number = seconds.saturating_add(interval / 2) / interval;
        self.key(number.min(self.count.checked_sub(1)?))
    }

    /// The sheet with this number, from 0; `None` where there is none.
    pub fn sheet(&self, number: u32) -> Option<Sheet> {
        let first = number.checked_mul(STILLS).filter(|it| *it < self.count)?;
        let count = STILLS.min(self.count - first);
        let stills = (first..first + count).map(|number| self.key(number));
        let (columns, rows) = grid(count);
        Some(Sheet {
            stills: stills.collect::<Option<_>>()?,
            columns,
            rows,
        })
    }

    /// The index: a WebVTT file with a cue for each still, whose text is the address of its sheet, by number, and the part
    /// of it. Source: <https://www.w3.org/TR/media-frags/#naming-space>.
    pub fn storyboard(&self, url: impl Fn(u32) -> String) -> String {
        let mut text = "WEBVTT\n".to_owned();
        for number in 0..self.count {
            let start = u64::from(number) * u64::from(self.interval_seconds);
            let end = start + u64::from(self.interval_seconds);
            let place = number % STILLS;
            let (x, y) = (place % COLUMNS * self.width, place / COLUMNS * self.height);
            // Writing to a String can't fail.
            let _ = write!(
                text,
                "\n{} --> {}\n{}#xywh={x},{y},{},{}\n",
                time(start),
                time(end),
                url(number / STILLS),
                self.width,
                self.height
            );
        }
        text
    }
}

/// Columns and rows of so many stills.
fn grid(count: u32) -> (u32, u32) {
    (count.min(COLUMNS), count.div_ceil(COLUMNS))
}

fn time(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.000", seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::Thumbnails;

    fn thumbnails(count: u32, interval_seconds: u32) -> Thumbnails {
        Thumbnails {
            first: "v/r/video_thumb.0000000.jpg".into(),
            count,
            interval_seconds,
            width: 320,
            height: 180,
        }
    }

    #[test]
    fn the_nearest_still_is_never_behind_the_last() {
        let nearest = |seconds| thumbnails(4, 10).nearest(seconds).unwrap();
        for (seconds, number) in [(0, 0), (4, 0), (5, 1), (14, 1), (30, 3), (u32::MAX, 3)] {
            assert_eq!(
                nearest(seconds),
                format!("v/r/video_thumb.000000{number}.jpg")
            );
        }
        assert_eq!(thumbnails(0, 10).nearest(0), None);
    }

    #[test]
    fn the_index_has_a_cue_for_each_still() {
        let text = thumbnails(2, 1800).storyboard(|sheet| format!("https://site/{sheet}.jpg"));
        assert_eq!(
            text,
            "WEBVTT\n\n00:00:00.000 --> 00:30:00.000\nhttps://site/0.jpg#xywh=0,0,320,180\n\n\
             00:30:00.000 --> 01:00:00.000\nhttps://site/0.jpg#xywh=320,0,320,180\n"
        );
    }

    #[test]
    fn each_still_lies_where_the_index_says() {
        let stills = thumbnails(57, 2);
        let text = stills.storyboard(|sheet| sheet.to_string());
        let places: Vec<_> = text.lines().filter(|line| line.contains('#')).collect();
        assert_eq!(places[24], "0#xywh=1280,720,320,180");
        assert_eq!(places[25], "1#xywh=0,0,320,180");
        assert_eq!(places[56], "2#xywh=320,180,320,180");
        let sheet = stills.sheet(2).unwrap();
        assert_eq!((sheet.columns, sheet.rows), (5, 2));
        assert_eq!(sheet.stills.len(), 7);
        assert_eq!(sheet.stills[6], "v/r/video_thumb.0000056.jpg");
        assert_eq!(stills.sheet(3), None);
        assert_eq!(stills.sheet(u32::MAX), None);
        let few = thumbnails(3, 2).sheet(0).unwrap();
        assert_eq!((few.columns, few.rows), (3, 1));
        assert_eq!(thumbnails(0, 2).sheet(0), None);
    }
}
