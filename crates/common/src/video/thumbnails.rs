//! Stills at regular intervals: which one shows a moment, and the index by which players show them at the seek bar.

use std::fmt::Write as _;

use super::Thumbnails;

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

    /// The index: a WebVTT file with a cue for each still, whose text is its address.
    pub fn storyboard(&self, url: impl Fn(String) -> String) -> String {
        let mut text = "WEBVTT\n".to_owned();
        for number in 0..self.count {
            let Some(key) = self.key(number) else { break };
            let start = u64::from(number) * u64::from(self.interval_seconds);
            let end = start + u64::from(self.interval_seconds);
            // Writing to a String can't fail.
            let _ = write!(text, "\n{} --> {}\n{}\n", time(start), time(end), url(key));
        }
        text
    }
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
        let text = thumbnails(2, 1800).storyboard(|key| format!("https://site/{key}"));
        assert_eq!(
            text,
            "WEBVTT\n\n00:00:00.000 --> 00:30:00.000\nhttps://site/v/r/video_thumb.0000000.jpg\n\n\
             00:30:00.000 --> 01:00:00.000\nhttps://site/v/r/video_thumb.0000001.jpg\n"
        );
    }
}
