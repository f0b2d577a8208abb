//! A record that was lost, made again from what is left elsewhere. Pure.

use std::collections::BTreeMap;

use common::captions::{Added, AddedTrack};
use common::origin::Origin;
use common::output::OutputFolder;
use common::profile::Packaging;
use common::source::Source;
use common::time::Timestamp;
use common::video::{DROP_IN_OWNER, Job, Playback, REPLACED_KEPT_MS, Replaced, Status, Video};

/// What S3 and MediaConvert know of an upload that has no record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Facts {
    /// The current object.
    pub(crate) source: Source,
    /// When it was uploaded.
    pub(crate) uploaded_at: Timestamp,
    /// What the API noted on it.
    pub(crate) origin: Option<Origin>,
    /// Revisions of the video that MediaConvert knows a job of, the newest first.
    pub(crate) jobs: Vec<String>,
    /// Revisions whose output is complete.
    pub(crate) outputs: BTreeMap<String, Packaging>,
    /// The captions that were added to the video.
    pub(crate) captions: Captions,
}

/// What S3 knows of the captions that were added to a video.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Captions {
    /// Those that count.
    pub(crate) tracks: Vec<AddedTrack>,
    /// Folders of manifests with some of them, inside of the revisions': `{revision}/captions-{edition}`.
    pub(crate) editions: Vec<String>,
}

impl Captions {
    /// The video with these captions. What plays gets manifests of a number that is new; those that there are stay for who
    /// is watching.
    fn given(self, video: Video, now: Timestamp) -> Video {
        let Self { tracks, editions } = self;
        let edition = u64::try_from(now.unix_ms()).unwrap_or_default();
        let captions = (!tracks.is_empty()).then_some(Added { edition, tracks });
        let editions = editions.into_iter();
        let replaced = editions.map(|revision| kept(revision, now));
        Video {
            captions,
            replaced: video.replaced.into_iter().chain(replaced).collect(),
            ..video
        }
    }
}

fn kept(revision: String, now: Timestamp) -> Replaced {
    Replaced {
        revision,
        job: None,
        kept_until: Some(now.plus_ms(REPLACED_KEPT_MS)),
    }
}

/// How often an upload may have been processed anew.
const ATTEMPTS: u32 = 100;

/// The record. Where it is SUBMITTED, the upload is to be handed to the submit function: that finds the job which the
/// revision has, by its search after a claim that has ended, or creates the one that it never had.
pub(crate) fn restore(facts: Facts, now: Timestamp) -> Video {
    let is_known =
        |revision: &String| facts.jobs.contains(revision) || facts.outputs.contains_key(revision);
    let attempts = (0..=ATTEMPTS).rev();
    let attempt = attempts
        .map(|attempt| (attempt, facts.source.attempted(attempt).revision()))
        .find(|(_, revision)| is_known(revision))
        .map_or(0, |(attempt, _)| attempt);
    let source = facts.source.attempted(attempt);
    let revision = source.revision();
    let video = titled(&source, facts.origin, facts.uploaded_at);
    let id = video.id.clone();
    let has_output = facts.outputs.contains_key(&revision);
    // MediaConvert forgets a job after three months.
    let is_ready = has_output && !facts.jobs.contains(&revision);
    let plays = if is_ready {
        Some(revision.clone())
    } else {
        // The newest of the others; of those whose job is forgotten, any.
        let mut others = facts.jobs.iter().chain(facts.outputs.keys().rev());
        let played = others.find(|other| **other != revision && facts.outputs.contains_key(*other));
        played.cloned()
    };
    let replaced = facts.outputs.keys();
    let replaced = replaced
        .filter(|other| **other != revision && plays.as_ref() != Some(*other))
        .map(|other| kept(other.clone(), now));
    let video = Video {
        status: if is_ready {
            Status::Ready
        } else {
            Status::Submitted
        },
        job: (!is_ready).then(|| Job::claimed(now)),
        playback: plays.as_ref().map(|plays| {
            let packaging = facts.outputs.get(plays).copied().unwrap_or_default();
            Playback {
                // A part that somebody chose later is noted nowhere else.
                clip: video.clip.filter(|_| is_ready && attempt == 0),
                ..Playback::by_name(&id, plays, packaging)
            }
        }),
        replaced: replaced.collect(),
        revision: Some(revision),
        source: Some(source),
        ..video
    };
    facts.captions.given(video, now)
}

/// The record of an output whose upload is gone: it can be watched, and no more.
pub(crate) fn restore_output(
    folder: OutputFolder<'_>,
    packaging: Packaging,
    title: String,
    created_at: Timestamp,
    captions: Captions,
    now: Timestamp,
) -> Video {
    let OutputFolder { video_id, revision } = folder;
    let video = Video {
        revision: Some(revision.to_owned()),
        playback: Some(Playback::by_name(video_id, revision, packaging)),
        ..Video::new(video_id, DROP_IN_OWNER, title, Status::Ready, created_at)
    };
    captions.given(video, now)
}

fn titled(source: &Source, origin: Option<Origin>, uploaded_at: Timestamp) -> Video {
    let new = |owner: &str, title: &str, created_at| Video {
        size_bytes: Some(source.size_bytes),
        ..Video::new(
            source.video_id(),
            owner,
            title,
            Status::Submitted,
            created_at,
        )
    };
    let Some(origin) = origin else {
        return Video {
            size_bytes: None,
            ..new(DROP_IN_OWNER, &source.title(), uploaded_at)
        };
    };
    Video {
        description: origin.description,
        file_name: origin.file_name,
        content_type: origin.content_type,
        profile: origin.profile,
        download: origin.download,
        clip: origin.clip,
        ..new(&origin.owner, &origin.title, origin.created_at)
    }
}

#[cfg(test)]
mod tests {
    use super::{Added, AddedTrack, Captions, Facts, restore};
    use common::clip::Clip;
    use common::origin::Origin;
    use common::profile::Packaging;
    use common::source::Source;
    use common::time::Timestamp;
    use common::video::{Claim, DROP_IN_OWNER, Status};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn facts(jobs: &[String], outputs: &[String]) -> Facts {
        Facts {
            source: source(),
            uploaded_at: at(1),
            origin: None,
            jobs: jobs.to_vec(),
            outputs: outputs
                .iter()
                .map(|revision| (revision.clone(), Packaging::Cmaf))
                .collect(),
            captions: Captions::default(),
        }
    }

    fn source() -> Source {
        Source {
            bucket: "vod-source".into(),
            key: "films/a.mp4".into(),
            version_id: Some("v2".into()),
            etag: "e".into(),
            size_bytes: 7,
            sequencer: None,
            attempt: 0,
        }
    }

    #[test]
    fn a_job_that_is_known_is_looked_for_before_another_is_created() {
        let video = restore(facts(&[source().revision()], &[]), at(5));
        assert_eq!(video.status, Status::Submitted);
        assert_eq!(
            Claim::decide(Some(&video), &source(), at(5)),
            Claim::Expired
        );
        assert_eq!(video.owner, DROP_IN_OWNER);
        assert_eq!((video.title.as_str(), video.created_at), ("a", at(1)));
    }

    #[test]
    fn an_output_whose_job_is_forgotten_plays() {
        let revision = source().revision();
        let video = restore(facts(&[], std::slice::from_ref(&revision)), at(5));
        assert_eq!((video.status, &video.job), (Status::Ready, &None));
        assert_eq!(video.playback.unwrap().revision, revision);
    }

    #[test]
    fn captions_that_were_added_come_back_in_an_edition_of_their_own() {
        let revision = source().revision();
        let english = AddedTrack::new("en", None, "a");
        let old = format!("{revision}/captions-3");
        let facts = Facts {
            captions: Captions {
                tracks: vec![english.clone()],
                editions: vec![old.clone()],
            },
            ..facts(&[], &[revision])
        };
        let video = restore(facts, at(5));
        let tracks = vec![english];
        assert_eq!(video.captions, Some(Added { edition: 5, tracks }));
        assert!(video.misses_edition().is_some());
        assert_eq!(video.replaced[0].revision, old, "for those who watch it");
    }

    #[test]
    fn the_newest_older_output_plays_until_the_current_one_is_ready() {
        let (older, newer) = ("a-newer".to_owned(), "b-older".to_owned());
        let jobs = [source().revision(), older.clone(), newer.clone()];
        let video = restore(facts(&jobs, &[older.clone(), newer.clone()]), at(5));
        assert_eq!(video.status, Status::Submitted);
        assert_eq!(video.playback.unwrap().revision, older);
        let replaced: Vec<_> = video
            .replaced
            .into_iter()
            .map(|entry| entry.revision)
            .collect();
        assert_eq!(replaced, [newer]);
    }

    #[test]
    fn the_last_attempt_counts() {
        let jobs = [source().attempted(2).revision(), source().revision()];
        let video = restore(facts(&jobs, &[]), at(5));
        assert_eq!(video.source.unwrap().attempt, 2);
        assert_eq!(video.revision.unwrap(), jobs[0]);
    }

    #[test]
    fn what_the_api_noted_comes_back() {
        let origin = Origin {
            owner: "anna".into(),
            title: "Sommer ü".into(),
            created_at: at(0),
            profile: Some("standard".into()),
            download: Some(true),
            clip: Some(Clip {
                from_ms: 500,
                to_ms: None,
            }),
            file_name: Some("a.mov".into()),
            content_type: Some("video/quicktime".into()),
            description: Some("d".into()),
        };
        let of_origin = |facts| Facts {
            origin: Some(origin.clone()),
            ..facts
        };
        let clip_of = |attempt| {
            let outputs = [source().attempted(attempt).revision()];
            let video = restore(of_origin(facts(&[], &outputs)), at(5));
            video.playback.unwrap().clip
        };
        // Of a later attempt, somebody may have wanted another part.
        assert_eq!((clip_of(0), clip_of(1)), (origin.clip, None));
        let video = restore(of_origin(facts(&[], &[])), at(5));
        let back = Origin {
            owner: video.owner,
            title: video.title,
            created_at: video.created_at,
            profile: video.profile,
            download: video.download,
            clip: video.clip,
            file_name: video.file_name,
            content_type: video.content_type,
            description: video.description,
        };
        assert_eq!((back, video.size_bytes), (origin, Some(7)));
    }
}
