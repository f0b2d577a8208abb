//! The records of the jobs that this process was told about, as it wrote them: the next event of such a job needs no read.
//! Lambda keeps a process for the events that follow, and a job has several.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use common::video::Video;

/// Records that are kept. In the table, one of a job that runs has one to two kilobytes.
const MOST: usize = 64;

/// Records by the id of their videos, the one that was written last at the end.
#[derive(Debug, Default)]
pub struct Seen(Mutex<VecDeque<Video>>);

impl Seen {
    /// Takes out the record of a video.
    pub(crate) fn take(&self, video_id: &str) -> Option<Video> {
        let mut videos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = videos.iter().position(|video| video.id == video_id)?;
        videos.remove(place)
    }

    /// Keeps a record that was taken out, or was never there, if a later decision may rest on it.
    pub(crate) fn keep(&self, video: Video) {
        if !video.keeps() {
            return;
        }
        let mut videos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if videos.len() == MOST {
            videos.pop_front();
        }
        videos.push_back(video);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Seen};
    use common::time::Timestamp;
    use common::video::{Status, Video};

    fn video(number: usize, status: Status) -> Video {
        let now = Timestamp::from_unix_ms(0);
        Video::new(number.to_string(), "o", "t", status, now)
    }

    #[test]
    fn what_was_kept_is_taken_out_once() {
        let seen = Seen::default();
        seen.keep(video(1, Status::Processing));
        assert_eq!(seen.take("1"), Some(video(1, Status::Processing)));
        assert_eq!(seen.take("1"), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let seen = Seen::default();
        (0..=MOST).for_each(|number| seen.keep(video(number, Status::Processing)));
        assert_eq!(seen.take("0"), None);
        assert!(seen.take("1").is_some() && seen.take(&MOST.to_string()).is_some());
    }

    #[test]
    fn a_video_whose_job_has_ended_is_not_kept() {
        let seen = Seen::default();
        seen.keep(video(1, Status::Ready));
        assert_eq!(seen.take("1"), None);
    }
}
