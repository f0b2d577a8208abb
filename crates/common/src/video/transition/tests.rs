use proptest::prelude::*;

use super::{Claim, Decision, Event, Ignored, JobChange, transition};
use crate::failure::Failure;
use crate::job_event::OutputGroupDetail;
use crate::source::Source;
use crate::time::Timestamp;
use crate::video::{Change, Item, Rendition, RenditionKind, Status, Stills, Video};

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_ms(second * 1000)
}

fn upload(number: u8) -> Source {
    Source {
        bucket: "vod-source".into(),
        key: "a.mp4".into(),
        version_id: Some(format!("v{number}")),
        etag: "e".into(),
        size_bytes: 1,
        sequencer: Some(format!("{number:04X}")),
    }
}

fn rendition() -> Rendition {
    Rendition {
        name: "720p".into(),
        kind: RenditionKind::Video,
        codec: "H_264".into(),
        width: Some(1280),
        height: Some(720),
        channels: None,
        max_bitrate: Some(4_000_000),
        average_bitrate: None,
        qvbr_quality: None,
    }
}

fn claimed(number: u8, until: Timestamp) -> Event {
    let stills = Stills {
        poster_number: 1,
        thumbnail_seconds: 2,
        thumbnail_width: 320,
        thumbnail_height: 180,
    };
    Event::Claimed {
        source: upload(number),
        until,
        renditions: vec![rendition()],
        stills,
    }
}

fn created(number: u8, job_id: &str) -> Event {
    Event::JobCreated {
        revision: upload(number).revision(),
        job_id: job_id.into(),
    }
}

fn job(number: u8, job_id: &str, change: JobChange) -> Event {
    Event::Job {
        revision: upload(number).revision(),
        job_id: job_id.into(),
        change,
    }
}

fn failed() -> JobChange {
    JobChange::Failed(Failure::of_service(Some(1010), None))
}

fn complete() -> JobChange {
    JobChange::Completed(vec![])
}

/// The record after these events, which must all be written.
fn after(events: &[Event]) -> Video {
    let mut record = None;
    for event in events {
        match transition(record.as_ref(), event, at(10)) {
            Decision::Write(next) => record = Some(*next),
            other => panic!("{event:?} was not written: {other:?}"),
        }
    }
    record.unwrap()
}

fn ignored(record: &Video, event: &Event) -> Ignored {
    match transition(Some(record), event, at(20)) {
        Decision::Ignore(reason) => reason,
        other => panic!("{event:?} was not ignored: {other:?}"),
    }
}

#[test]
fn the_way_of_a_video() {
    let video = after(&[
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", JobChange::Progressed { percent: None }),
        job(1, "j1", JobChange::Progressed { percent: Some(40) }),
        job(1, "j1", complete()),
    ]);
    assert_eq!(video.status, Status::Ready);
    assert_eq!(video.progress_percent, None);
    let playback = video.playback.unwrap();
    assert_eq!(
        playback.hls,
        format!("{}/{}/video.m3u8", video.id, upload(1).revision())
    );
    assert_eq!(playback.renditions, [rendition()]);
}

#[test]
fn an_upload_is_claimed_once() {
    let video = after(&[claimed(1, at(40))]);
    assert_eq!(
        transition(Some(&video), &claimed(1, at(50)), at(39)),
        Decision::Wait(at(40))
    );
    assert_eq!(
        Claim::decide(Some(&video), &upload(1), at(39)),
        Claim::Held(at(40))
    );
}

#[test]
fn an_expired_claim_may_be_taken_over() {
    let video = after(&[claimed(1, at(40))]);
    assert_eq!(
        Claim::decide(Some(&video), &upload(1), at(40)),
        Claim::Expired
    );
    assert!(matches!(
        transition(Some(&video), &claimed(1, at(80)), at(40)),
        Decision::Write(_)
    ));
}

#[test]
fn a_claim_that_became_a_job_is_never_taken_over() {
    let video = after(&[claimed(1, at(40)), created(1, "j1")]);
    assert_eq!(
        Claim::decide(Some(&video), &upload(1), at(1000)),
        Claim::Refused(Ignored::AlreadyHandled)
    );
}

#[test]
fn complete_that_overtakes_the_job_id_is_adopted() {
    let video = after(&[claimed(1, at(40)), job(1, "j1", complete())]);
    assert_eq!(video.status, Status::Ready);
    assert_eq!(video.job.as_ref().unwrap().id.as_deref(), Some("j1"));
    assert_eq!(ignored(&video, &created(1, "j1")), Ignored::AlreadyHandled);
}

#[test]
fn a_released_claim_is_open_at_once_but_only_by_its_holder() {
    let video = after(&[claimed(1, at(40))]);
    let release = |until| Event::ClaimReleased {
        revision: upload(1).revision(),
        until,
    };
    assert_eq!(ignored(&video, &release(at(41))), Ignored::NothingNew);
    let Decision::Write(open) = transition(Some(&video), &release(at(40)), at(12)) else {
        panic!()
    };
    assert_eq!(
        Claim::decide(Some(&open), &upload(1), at(12)),
        Claim::Expired
    );
}

#[test]
fn final_states_are_final() {
    for end in [complete(), failed(), JobChange::Canceled] {
        let video = after(&[claimed(1, at(40)), created(1, "j1"), job(1, "j1", end)]);
        for late in [
            JobChange::Progressed { percent: Some(99) },
            complete(),
            failed(),
            JobChange::Canceled,
        ] {
            assert_eq!(ignored(&video, &job(1, "j1", late)), Ignored::NothingNew);
        }
        assert_eq!(
            ignored(&video, &claimed(1, at(90))),
            Ignored::AlreadyHandled
        );
    }
}

#[test]
fn progress_never_goes_back() {
    let video = after(&[
        claimed(1, at(40)),
        job(1, "j1", JobChange::Progressed { percent: Some(40) }),
    ]);
    for late in [None, Some(39), Some(40)] {
        assert_eq!(
            ignored(
                &video,
                &job(1, "j1", JobChange::Progressed { percent: late })
            ),
            Ignored::NothingNew
        );
    }
}

#[test]
fn another_job_of_the_same_revision_changes_nothing() {
    let video = after(&[claimed(1, at(40)), created(1, "j1")]);
    assert_eq!(
        ignored(&video, &job(1, "j2", complete())),
        Ignored::OtherJob
    );
}

#[test]
fn a_new_upload_keeps_the_old_playback_until_it_is_ready() {
    let mut events = vec![
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", complete()),
        claimed(2, at(90)),
    ];
    let video = after(&events);
    assert_eq!(video.status, Status::Submitted);
    assert_eq!(
        video.playback.as_ref().unwrap().revision,
        upload(1).revision()
    );
    assert_eq!(
        ignored(&video, &job(1, "j1", failed())),
        Ignored::OtherRevision
    );
    events.push(job(2, "j2", complete()));
    assert_eq!(
        after(&events).playback.unwrap().revision,
        upload(2).revision()
    );
}

#[test]
fn a_late_event_of_an_old_upload_does_not_bring_it_back() {
    let video = after(&[claimed(2, at(40))]);
    assert_eq!(ignored(&video, &claimed(1, at(90))), Ignored::OtherRevision);
}

#[test]
fn a_rejection_is_a_failed_record_and_a_new_upload_mends_it() {
    let rejected = Event::Rejected {
        source: upload(1),
        failure: Failure::of_service(Some(1404), None),
    };
    let video = after(std::slice::from_ref(&rejected));
    assert_eq!((video.status, video.title.as_str()), (Status::Failed, "a"));
    assert_eq!(ignored(&video, &rejected), Ignored::AlreadyHandled);
    let mended = after(&[rejected, claimed(2, at(40))]);
    assert_eq!((mended.status, mended.failure), (Status::Submitted, None));
}

#[test]
fn a_refused_job_fails_the_video() {
    let refused = Event::JobRefused {
        revision: upload(1).revision(),
        failure: Failure::of_service(None, None),
    };
    assert_eq!(after(&[claimed(1, at(40)), refused]).status, Status::Failed);
}

#[test]
fn events_of_a_video_that_is_gone_change_nothing() {
    for event in [created(1, "j1"), job(1, "j1", complete())] {
        assert_eq!(
            transition(None, &event, at(0)),
            Decision::Ignore(Ignored::NoRecord)
        );
    }
}

fn any_event() -> impl Strategy<Value = (Event, i64)> {
    let upload_number = 1..4_u8;
    let job_id = prop_oneof![Just("j1"), Just("j2")];
    let change = prop_oneof![
        proptest::option::of(0..100_u8).prop_map(|percent| JobChange::Progressed { percent }),
        Just(JobChange::Completed(vec![OutputGroupDetail::default()])),
        Just(failed()),
        Just(JobChange::Canceled),
    ];
    let event = (0..6, upload_number, job_id, change, 0..100_i64).prop_map(
        |(kind, number, job_id, change, until)| {
            let revision = upload(number).revision();
            let failure = Failure::of_service(Some(1040), None);
            match kind {
                0 => claimed(number, at(until)),
                1 => Event::Rejected {
                    source: upload(number),
                    failure,
                },
                2 => created(number, job_id),
                3 => Event::JobRefused { revision, failure },
                4 => Event::ClaimReleased {
                    revision,
                    until: at(until),
                },
                _ => job(number, job_id, change),
            }
        },
    );
    (event, 0..100_i64)
}

proptest! {
    #[test]
    fn any_history_keeps_the_promises(history in proptest::collection::vec(any_event(), 0..40)) {
        let mut item: Option<Item> = None;
        for (event, second) in history {
            let before: Option<Video> = item.clone().map(|item| serde_dynamo::from_item(item).unwrap());
            let Decision::Write(next) = transition(before.as_ref(), &event, at(second)) else { continue };
            let change = Change::between(item.as_ref(), &next).unwrap();
            let written = change.apply(item.as_ref()).expect("the guard holds on what it was made of");
            let read: Video = serde_dynamo::from_item(written.clone()).unwrap();
            prop_assert_eq!(&read, &*next, "the write makes the record that was decided");
            // A second delivery changes nothing, unless it is a claim that has run out meanwhile.
            let again = transition(Some(&next), &event, at(second));
            let is_claim = matches!(event, Event::Claimed { .. });
            let is_release = matches!(event, Event::ClaimReleased { .. });
            prop_assert!(is_claim || is_release || matches!(again, Decision::Ignore(_)), "{event:?} twice: {again:?}");
            if let Some(before) = before {
                let same = before.revision == next.revision;
                prop_assert!(!(same && before.status.is_terminal()), "{event:?} left a final state");
                let (old, new) = (before.source.unwrap(), next.source.clone().unwrap());
                prop_assert!(same || new.is_later_than(&old) == Some(true), "{event:?} went back to an older upload");
                let job_id = |video: Option<crate::video::Job>| video.and_then(|job| job.id);
                let (old_id, new_id) = (job_id(before.job), job_id(next.job.clone()));
                prop_assert!(!same || old_id.is_none() || old_id == new_id, "{event:?} exchanged the job");
            }
            if next.status == Status::Ready {
                let playback = next.playback.as_ref().unwrap();
                prop_assert_eq!(Some(&playback.revision), next.revision.as_ref());
                prop_assert!(!playback.renditions.is_empty());
            }
            prop_assert_eq!(next.status == Status::Failed, next.failure.is_some());
            item = Some(written);
        }
    }
}
