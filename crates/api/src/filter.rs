//! Which videos a list shows.

use common::video::Status;

/// What is asked for; by default everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    status: Option<Status>,
    words: Vec<String>,
}

impl Filter {
    /// Videos in this status whose title contains every word of `search`, in whatever case.
    pub(crate) fn new(status: Option<Status>, search: Option<&str>) -> Self {
        let words = search.unwrap_or_default().split_whitespace();
        Self {
            status,
            words: words.map(str::to_lowercase).collect(),
        }
    }

    /// True where every video is shown.
    pub(crate) fn takes_all(&self) -> bool {
        self.status.is_none() && self.words.is_empty()
    }

    /// True where a video in this status, of this title, is shown.
    pub(crate) fn takes(&self, status: Status, title: &str) -> bool {
        if status == Status::Deleting || self.status.is_some_and(|wanted| wanted != status) {
            return false;
        }
        if self.words.is_empty() {
            return true;
        }
        let title = title.to_lowercase();
        self.words.iter().all(|word| title.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use common::video::Status;

    #[test]
    fn every_word_must_be_in_the_title_in_whatever_case() {
        let finds =
            |search| Filter::new(None, Some(search)).takes(Status::Ready, "Sommer in Österreich");
        for search in ["sommer", "ÖSTER som", "  in  ", ""] {
            assert!(finds(search), "{search:?}");
        }
        assert!(!finds("sommer winter"));
    }

    #[test]
    fn a_status_excludes_the_others_and_a_deleted_video_is_never_shown() {
        let ready = Filter::new(Some(Status::Ready), None);
        assert!(ready.takes(Status::Ready, "a"));
        assert!(!ready.takes(Status::Failed, "a"));
        assert!(!Filter::default().takes(Status::Deleting, "a"));
    }
}
