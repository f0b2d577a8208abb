//! Captions that somebody added to a video, by its record.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::MAX_TRACKS;
use crate::language;

/// Most characters of a label.
pub const MAX_LABEL: usize = 60;

/// What was added to a video, whatever it is converted to.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Added {
    /// Number of the manifests with just these tracks; never the same again, which is why it stays when the last track goes.
    pub edition: u64,
    /// One a language, in the order of their tags.
    pub tracks: Vec<AddedTrack>,
}

/// Captions in one language that somebody added.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddedTrack {
    /// BCP 47 tag.
    pub language: String,
    /// As the player's menu shows it.
    pub label: String,
    /// Tells the file from others of the language.
    pub digest: String,
}

impl AddedTrack {
    /// A track with this content, which is WebVTT.
    pub fn new(language: &str, label: Option<String>, webvtt: &str) -> Self {
        let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, webvtt.as_bytes());
        let mut digest = digest.simple().to_string();
        digest.truncate(16);
        Self {
            label: label.unwrap_or_else(|| language::label(language)),
            language: language.to_owned(),
            digest,
        }
    }

    /// Key of the file in the source bucket.
    pub fn key(&self, video_id: &str) -> String {
        let Self {
            language, digest, ..
        } = self;
        format!("{}{language}.{digest}.vtt", Self::folder(video_id))
    }

    /// Where a video's added files are in the source bucket.
    pub fn folder(video_id: &str) -> String {
        format!("videos/{video_id}/captions/")
    }
}

impl Added {
    /// With another track, which takes the place of one in the same language. `None` where it is there already, and where
    /// there are too many.
    #[must_use]
    pub fn with(before: Option<&Self>, track: &AddedTrack, edition: u64) -> Option<Self> {
        let mut tracks = before.map(|added| added.tracks.clone()).unwrap_or_default();
        if tracks.contains(track) {
            return None;
        }
        tracks.retain(|known| !language::is_same(&known.language, &track.language));
        if tracks.len() >= MAX_TRACKS {
            return None;
        }
        tracks.push(track.clone());
        tracks.sort_by(|one, other| one.language.cmp(&other.language));
        Some(Self { edition, tracks })
    }

    /// Without the track in this language. `None` where there is none.
    #[must_use]
    pub fn without(&self, language: &str, edition: u64) -> Option<Self> {
        let mut tracks = self.tracks.clone();
        tracks.retain(|known| !language::is_same(&known.language, language));
        if tracks.len() == self.tracks.len() {
            return None;
        }
        Some(Self { edition, tracks })
    }
}

#[cfg(test)]
mod tests {
    use super::{Added, AddedTrack};
    use crate::captions::MAX_TRACKS;

    fn track(language: &str, text: &str) -> AddedTrack {
        AddedTrack::new(language, None, text)
    }

    #[test]
    fn a_language_has_one_track() {
        let first = Added::with(None, &track("en", "a"), 5).unwrap();
        assert_eq!(
            (first.edition, first.tracks[0].label.as_str()),
            (5, "English")
        );
        assert_eq!(Added::with(Some(&first), &track("en", "a"), 6), None);
        let second = Added::with(Some(&first), &track("de", "b"), 6).unwrap();
        let third = Added::with(Some(&second), &track("eng", "c"), 7).unwrap();
        let languages: Vec<_> = third.tracks.iter().map(|it| it.language.as_str()).collect();
        assert_eq!(languages, ["de", "eng"]);
        assert_eq!(third.without("fr", 8), None);
        let fourth = third.without("en", 8).unwrap();
        assert_eq!((fourth.edition, fourth.tracks.len()), (8, 1));
        assert_eq!(fourth.without("de", 9).unwrap().tracks, []);
    }

    #[test]
    fn there_is_a_most() {
        let mut added = None;
        for number in 0..MAX_TRACKS {
            let tag = format!("en-a{number:02}");
            added = Added::with(added.as_ref(), &track(&tag, "a"), 5);
        }
        assert_eq!(Added::with(added.as_ref(), &track("de", "a"), 6), None);
        assert!(Added::with(added.as_ref(), &track("en-a00", "b"), 6).is_some());
    }

    #[test]
    fn files_lie_in_the_folder_of_the_video() {
        let track = track("pt-BR", "a");
        let key = track.key("v");
        let expected = format!("videos/v/captions/pt-BR.{}.vtt", track.digest);
        assert_eq!(key, expected);
        assert_eq!(track.digest.len(), 16);
    }
}
