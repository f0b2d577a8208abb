//! Captions that somebody added to a video, by its record.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::MAX_TRACKS;
use crate::language;
use crate::time::Timestamp;

/// Most characters of a label.
pub const MAX_LABEL: usize = 60;
/// Name of the label among the metadata of a track's file: `x-amz-meta-vod-label`.
pub const LABEL: &str = "vod-label";

/// In the place of a digest: the captions in this language were removed.
const REMOVED: &str = "removed";

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
        key(video_id, &self.language, &self.digest)
    }

    /// The label as the file's metadata hold it, which are ASCII.
    pub fn noted_label(&self) -> String {
        BASE64_STANDARD.encode(&self.label)
    }

    /// The same track with the label that its file has; with its own where that has none.
    #[must_use]
    pub fn labelled(self, noted: Option<&str>) -> Self {
        let label = noted
            .and_then(|noted| BASE64_STANDARD.decode(noted).ok())
            .and_then(|label| String::from_utf8(label).ok());
        Self {
            label: label.unwrap_or(self.label),
            ..self
        }
    }

    /// Where a video's added files are in the source bucket.
    pub fn folder(video_id: &str) -> String {
        format!("videos/{video_id}/captions/")
    }
}

fn key(video_id: &str, language: &str, digest: &str) -> String {
    format!("{}{language}.{digest}.vtt", AddedTrack::folder(video_id))
}

/// Key of the empty object that says that a video's captions in this language were removed. Their file stays, since somebody
/// may just be adding it again; without the record, this tells.
pub fn removal_key(video_id: &str, language: &str) -> String {
    key(video_id, language, REMOVED)
}

/// The tracks that a video had, by the objects in its folder and the times when they were written: in each language the last
/// file, unless the captions were removed since. S3 tells whole seconds; of one second, a file counts more than a removal.
pub fn by_files(video_id: &str, objects: &[(String, Timestamp)]) -> Vec<AddedTrack> {
    let folder = AddedTrack::folder(video_id);
    let mut last: Vec<(Timestamp, bool, AddedTrack)> = Vec::new();
    for (key, written_at) in objects {
        let name = key.strip_prefix(&folder);
        let name = name.and_then(|name| name.strip_suffix(".vtt")?.split_once('.'));
        let Some((language, digest)) = name.filter(|(language, _)| language::is_tag(language))
        else {
            continue;
        };
        let track = AddedTrack {
            language: language.to_owned(),
            label: language::label(language),
            digest: digest.to_owned(),
        };
        let found = (*written_at, digest != REMOVED, track);
        let known = last
            .iter_mut()
            .find(|(.., known)| language::is_same(&known.language, language));
        match known {
            Some(known) if (known.0, known.1) > (found.0, found.1) => {}
            Some(known) => *known = found,
            None => last.push(found),
        }
    }
    let mut tracks: Vec<_> = last
        .into_iter()
        .filter_map(|(_, is_file, track)| is_file.then_some(track))
        .collect();
    tracks.sort_by(|one, other| one.language.cmp(&other.language));
    tracks.truncate(MAX_TRACKS);
    tracks
}

impl Added {
    /// True where there is room for a track in this language: that of the same language gives way to it.
    pub fn takes(&self, language: &str) -> bool {
        let others = self.tracks.iter();
        let others = others.filter(|known| !language::is_same(&known.language, language));
        others.count() < MAX_TRACKS
    }

    /// With another track, which takes the place of one in the same language. `None` where it is there already, and where
    /// there are too many.
    #[must_use]
    pub fn with(before: Option<&Self>, track: &AddedTrack, edition: u64) -> Option<Self> {
        if before.is_some_and(|added| !added.takes(&track.language)) {
            return None;
        }
        let mut tracks = before.map(|added| added.tracks.clone()).unwrap_or_default();
        if tracks.contains(track) {
            return None;
        }
        tracks.retain(|known| !language::is_same(&known.language, &track.language));
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
    use super::{Added, AddedTrack, by_files, removal_key};
    use crate::captions::MAX_TRACKS;
    use crate::time::Timestamp;

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

    #[test]
    fn a_label_is_noted_on_its_file_whatever_its_letters() {
        let track = AddedTrack::new("de", Some("Für Gehörlose ☀".into()), "a");
        let noted = track.noted_label();
        assert!(noted.is_ascii());
        let plain = AddedTrack::new("de", None, "a");
        assert_eq!(plain.clone().labelled(Some(&noted)), track);
        for noted in [None, Some("ü"), Some("/w==")] {
            assert_eq!(plain.clone().labelled(noted), plain, "{noted:?}");
        }
    }

    #[test]
    fn what_was_added_last_and_not_removed_since_is_known_by_its_files() {
        let at = Timestamp::from_unix_ms;
        let (old, new, german) = (track("en", "a"), track("eng", "b"), track("de", "c"));
        let left = |objects: &[(String, i64)]| {
            let objects: Vec<_> = objects
                .iter()
                .map(|(key, ms)| (key.clone(), at(*ms)))
                .collect();
            by_files("v", &objects)
        };
        let added = [
            (new.key("v"), 2),
            (old.key("v"), 1),
            (german.key("v"), 1),
            (german.key("other"), 9),
            (format!("{}notes.vtt", AddedTrack::folder("v")), 9),
            (format!("{}English.d.vtt", AddedTrack::folder("v")), 9),
        ];
        assert_eq!(left(&added), [german.clone(), new.clone()]);
        let removed = |ms| [added.as_slice(), &[(removal_key("v", "en"), ms)]].concat();
        assert_eq!(left(&removed(3)), std::slice::from_ref(&german));
        // Removed before the last file was added, or in the same second.
        for ms in [1, 2] {
            let mut listed = removed(ms);
            assert_eq!(left(&listed), [german.clone(), new.clone()]);
            listed.reverse();
            assert_eq!(left(&listed), [german.clone(), new.clone()]);
        }
        let again = [removed(3).as_slice(), &[(old.key("v"), 4)]].concat();
        assert_eq!(left(&again), [german, old]);
    }
}
