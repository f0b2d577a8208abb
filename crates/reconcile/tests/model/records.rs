//! What the real code makes of a record. Records are kept once each and known by a number, and each decision and write is
//! made once for all the worlds in which it comes up: the real code is slow beside the search.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, Mutex};

use common::failure::Failure;
use common::profile::Packaging;
use common::source::Source;
use common::time::Timestamp;
use common::video::{
    Change, Claim, Decision, Event, Ignored, Item, JobChange, Making, Rendition, RenditionKind,
    Status, TOMBSTONE_KEPT_MS, Video, transition,
};

/// How long Lambda lets an invocation run: as long as it can, for a tombstone to outlive it.
pub(crate) const TICK_MS: i64 = TOMBSTONE_KEPT_MS;

/// An upload of the key, from 1 on.
pub(crate) type Upload = u8;
/// A job, in the order of creation.
pub(crate) type JobNumber = u8;
/// A record, by its number in [`RECORDS`].
pub(crate) type Record = u16;

/// What MediaConvert says of a job.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum JobState {
    Running,
    Complete,
    Failed,
    Canceled,
}

/// An event, in what tells it from others.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Happening {
    Claimed(Upload, Timestamp),
    Released(Upload, Timestamp),
    Rejected(Upload),
    Created(Upload, JobNumber),
    Job(Upload, JobNumber, JobState),
    Deleted,
    Removed,
    ReplacedJobEnded(String),
}

/// What is written, or why nothing is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Decided {
    Write(Record),
    Ignore(Ignored),
    Wait,
}

/// The source of an upload.
pub(crate) fn source(upload: Upload) -> Source {
    Source {
        bucket: "vod-source".into(),
        key: "a.mp4".into(),
        version_id: Some(format!("v{upload}")),
        etag: "e".into(),
        size_bytes: 1,
        attempt: 0,
        sequencer: Some(format!("{upload:04X}")),
    }
}

/// The upload that a record is about; 0 for none.
pub(crate) fn upload_of(video: &Video) -> Upload {
    let source = video.source.as_ref();
    let version = source.and_then(|source| source.version_id.as_deref());
    version.map_or(0, |version| version[1..].parse().unwrap())
}

/// The beginning of a tick.
pub(crate) fn at(tick: u8) -> Timestamp {
    Timestamp::from_unix_ms(i64::from(tick) * TICK_MS)
}

#[derive(Default)]
struct Records {
    numbers: HashMap<String, Record>,
    kept: Vec<(Arc<Video>, Arc<Item>)>,
}

static RECORDS: LazyLock<Mutex<Records>> = LazyLock::new(Mutex::default);

/// The number of a record.
pub(crate) fn keep(video: Video) -> Record {
    let mut records = RECORDS.lock().unwrap();
    // A record has fractions, which have no hash.
    let json = serde_json::to_string(&video).unwrap();
    if let Some(number) = records.numbers.get(&json) {
        return *number;
    }
    let number = Record::try_from(records.kept.len()).unwrap();
    let item = serde_dynamo::to_item(&video).unwrap();
    records.kept.push((Arc::new(video), Arc::new(item)));
    records.numbers.insert(json, number);
    number
}

/// The record of a number.
pub(crate) fn parse(record: Option<Record>) -> Option<Arc<Video>> {
    record.map(|record| RECORDS.lock().unwrap().kept[usize::from(record)].0.clone())
}

fn item(record: Option<Record>) -> Option<Arc<Item>> {
    record.map(|record| RECORDS.lock().unwrap().kept[usize::from(record)].1.clone())
}

/// What was worked out before, by what it follows from.
pub(crate) struct Memory<Question, Answer>(LazyLock<Mutex<HashMap<Question, Answer>>>);

impl<Question: Eq + Hash, Answer: Clone> Memory<Question, Answer> {
    pub(crate) const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    pub(crate) fn get(&self, question: Question, work_out: impl FnOnce() -> Answer) -> Answer {
        let known = self.0.lock().unwrap().get(&question).cloned();
        known.unwrap_or_else(|| {
            let answer = work_out();
            self.0.lock().unwrap().insert(question, answer.clone());
            answer
        })
    }
}

/// The real [`transition`].
pub(crate) fn decide(record: Option<Record>, event: &Happening, now: Timestamp) -> Decided {
    static DECIDED: Memory<(Option<Record>, Happening, i64), Decided> = Memory::new();
    DECIDED.get((record, event.clone(), now.unix_ms()), || match transition(
        parse(record).as_deref(),
        &event.event(),
        now,
    ) {
        Decision::Write(next) => Decided::Write(keep(*next)),
        Decision::Ignore(reason) => Decided::Ignore(reason),
        Decision::Wait(_) => Decided::Wait,
    })
}

/// The real [`Claim::decide`].
pub(crate) fn claims(record: Option<Record>, upload: Upload, now: Timestamp) -> Claim {
    Claim::decide(parse(record).as_deref(), &source(upload), now)
}

/// What the real [`Change`] makes of `held`, and what is wrong with that; `None` where its guard doesn't hold.
pub(crate) fn written(
    read: Option<Record>,
    next: Record,
    held: Option<Record>,
    guarded: bool,
) -> Option<(Record, Option<&'static str>)> {
    type Question = (Option<Record>, Record, Option<Record>, bool);
    static WRITTEN: Memory<Question, Option<(Record, Option<&'static str>)>> = Memory::new();
    WRITTEN.get((read, next, held, guarded), || {
        let before = item(read);
        let next = parse(Some(next)).unwrap();
        let change = Change::between(before.as_deref(), &next).unwrap();
        let on = if guarded { item(held) } else { before };
        let video: Video = serde_dynamo::from_item(change.apply(on.as_deref())?).unwrap();
        let broken = parse(held).and_then(|old| broken(&old, &video));
        Some((keep(video), broken))
    })
}

/// What must not be written over `old`.
fn broken(old: &Video, video: &Video) -> Option<&'static str> {
    let same = old.revision == video.revision;
    if old.status == Status::Deleting {
        let entombed = video.status == Status::Deleting && old.removed_at.is_none();
        return (!entombed).then_some("a deleted video changed");
    }
    let deleted = video.status == Status::Deleting;
    // What is left of replaced revisions is tidied up in any state.
    let untidied = Video {
        replaced: old.replaced.clone(),
        watch: old.watch,
        check_at: old.check_at,
        ..video.clone()
    };
    if same && !deleted && old.status.is_terminal() && untidied != *old {
        return Some("a final state was left");
    }
    let (new_source, old_source) = (video.source.as_ref()?, old.source.as_ref()?);
    let newer = new_source.is_later_than(old_source) == Some(true);
    (!same && !newer).then_some("an old upload overwrote a new one")
}

impl Happening {
    /// In full.
    pub(crate) fn event(&self) -> Event {
        let revision = |upload: &Upload| source(*upload).revision();
        match self {
            Self::Claimed(upload, until) => Event::Claimed {
                source: source(*upload),
                is_current: false,
                until: *until,
                making: making(),
            },
            Self::Released(upload, until) => Event::ClaimReleased {
                revision: revision(upload),
                until: *until,
            },
            Self::Rejected(upload) => Event::Rejected {
                source: source(*upload),
                is_current: false,
                failure: Failure::of_service(Some(1404), None),
            },
            Self::Created(upload, number) => Event::JobCreated {
                revision: revision(upload),
                job_id: number.to_string(),
            },
            Self::Job(upload, number, state) => Event::Job {
                revision: revision(upload),
                job_id: number.to_string(),
                change: match state {
                    JobState::Running => JobChange::Progressed { percent: None },
                    JobState::Complete => JobChange::Completed(vec![]),
                    JobState::Failed => JobChange::Failed(Failure::of_service(Some(1999), None)),
                    JobState::Canceled => JobChange::Canceled,
                },
            },
            Self::Deleted => Event::Deleted,
            Self::Removed => Event::Removed,
            Self::ReplacedJobEnded(revision) => Event::ReplacedJobEnded {
                revision: revision.clone(),
            },
        }
    }
}

fn making() -> Making {
    let rendition = Rendition {
        width: Some(1280),
        ..Rendition::new("720p", RenditionKind::Video, "H_264")
    };
    Making {
        profile: None,
        packaging: Packaging::Cmaf,
        cost: None,
        renditions: vec![rendition],
        captions: vec![],
        stills: None,
        download: false,
        left_out: vec![],
    }
}
