//! Which videos a list shows.

use common::video::{Status, Video};

/// What is asked for; by default everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    status: Option<Status>,
    words: Vec<String>,
}

impl Filter {
    /// Videos in this status whose title contains every word of `search`, in whatever case.
    pub fn new(status: Option<Status>, search: Option<&str>) -> Self {
        let words = search.unwrap_or_default().split_whitespace();
        Self {
            status,
            words: words.map(str::to_lowercase).collect(),
        }
    }

    /// True where every video is shown.
    pub fn takes_all(&self) -> bool {
        self.status.is_none() && self.words.is_empty()
    }

    /// True for a video that is shown.
    pub fn takes(&self, video: &Video) -> bool {
        if video.status == Status::Deleting
            || self.status.is_some_and(|status| status != video.status)
        {
            return false;
        }
        if self.words.is_empty() {
            return true;
        }
        let title = video.title.to_lowercase();
        self.words.iter().all(|word| title.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use common::time::Timestamp;
    use common::video::{Status, Video};

    fn video(title: &str, status: Status) -> Video {
        Video::new("id", "anna", title, status, Timestamp::from_unix_ms(0))
    }

    #[test]
    fn every_word_must_be_in_the_title_in_whatever_case() {
        let holiday = video("Sommer in Österreich", Status::Ready);
        for search in ["sommer", "ÖSTER som", "  in  ", ""] {
            assert!(
                Filter::new(None, Some(search)).takes(&holiday),
                "{search:?}"
            );
        }
        assert!(!Filter::new(None, Some("sommer winter")).takes(&holiday));
    }

    #[test]
    fn a_status_excludes_the_others_and_a_deleted_video_is_never_shown() {
        let ready = Filter::new(Some(Status::Ready), None);
        assert!(ready.takes(&video("a", Status::Ready)));
        assert!(!ready.takes(&video("a", Status::Failed)));
        assert!(!Filter::default().takes(&video("a", Status::Deleting)));
    }
}
