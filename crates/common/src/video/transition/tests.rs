use proptest::prelude::*;

use super::{
    Claim, Decision, Edit, Event, Ignored, JobChange, Override, PosterTime, Reprocess, UploadStart,
    transition,
};
use crate::captions::AddedTrack;
use crate::clip::Clip;
use crate::failure::Failure;
use crate::job_event::OutputGroupDetail;
use crate::output::OutputFolder;
use crate::profile::Packaging;
use crate::source::Source;
use crate::time::Timestamp;
use crate::video::{
    CLAIM_QUIET_MS, Change, Item, Known, Making, REPLACED_KEPT_MS, Rendition, RenditionKind,
    Status, Stills, TOMBSTONE_KEPT_MS, Upload, Video,
};

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
        attempt: 0,
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
        language: None,
        label: None,
        max_bitrate: Some(4_000_000),
        average_bitrate: None,
        qvbr_quality: None,
    }
}

fn claimed(number: u8, until: Timestamp) -> Event {
    claimed_as(number, until, Packaging::Cmaf)
}

fn claimed_as(number: u8, until: Timestamp, packaging: Packaging) -> Event {
    let stills = Stills {
        poster_second: 5,
        thumbnail_seconds: 2,
        thumbnail_count: None,
        thumbnail_width: 320,
        thumbnail_height: 180,
    };
    Event::Claimed {
        source: upload(number),
        is_current: false,
        until,
        making: Making {
            profile: None,
            packaging,
            cost: None,
            renditions: vec![rendition()],
            captions: vec![],
            stills: Some(stills),
            download: true,
            left_out: vec![],
        },
    }
}

/// The same claim or rejection, decided on when the upload was wanted for the `attempt`th time after the first.
fn at_attempt(attempt: u32, event: Event) -> Event {
    match event {
        Event::Claimed {
            source,
            is_current,
            until,
            making,
        } => Event::Claimed {
            source: source.attempted(attempt),
            is_current,
            until,
            making,
        },
        Event::Rejected {
            source,
            is_current,
            failure,
        } => Event::Rejected {
            source: source.attempted(attempt),
            is_current,
            failure,
        },
        other => other,
    }
}

/// The same claim or rejection of an upload that was found without its event.
fn without_sequencer(event: Event) -> Event {
    let found = |source| Source {
        sequencer: None,
        ..source
    };
    match event {
        Event::Claimed {
            source,
            is_current,
            until,
            making,
        } => Event::Claimed {
            source: found(source),
            is_current,
            until,
            making,
        },
        Event::Rejected {
            source,
            is_current,
            failure,
        } => Event::Rejected {
            source: found(source),
            is_current,
            failure,
        },
        other => other,
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

/// The record after one more event, which must be written.
fn written(record: &Video, event: &Event) -> Video {
    match transition(Some(record), event, at(20)) {
        Decision::Write(next) => *next,
        other => panic!("{event:?} was not written: {other:?}"),
    }
}

fn ignored(record: &Video, event: &Event) -> Ignored {
    match transition(Some(record), event, at(20)) {
        Decision::Ignore(reason) => reason,
        other => panic!("{event:?} was not ignored: {other:?}"),
    }
}

fn started() -> Event {
    Event::UploadStarted(Box::new(UploadStart {
        id: upload(1).video_id(),
        owner: "a-user".into(),
        title: "Holiday".into(),
        description: None,
        file_name: "holiday.mp4".into(),
        size_bytes: 1,
        content_type: Some("video/mp4".into()),
        profile: None,
        download: Some(true),
        clip: None,
        upload: Upload {
            upload_id: "u".into(),
            key: upload(1).key,
            part_size_bytes: 5_242_880,
            expires_at: at(1000),
        },
    }))
}

fn edit(title: Option<&str>, description: Option<&str>) -> Event {
    Event::Edited(Edit {
        title: title.map(str::to_owned),
        description: description.map(str::to_owned),
        poster: None,
    })
}

fn captions(language: &str, text: &str) -> Event {
    Event::CaptionsAdded(AddedTrack::new(language, None, text))
}

fn reprocess() -> Event {
    Event::Reprocessed(Reprocess::default())
}

/// Of the first revision again, so that events about that are about it.
fn reprocessed_but_not_claimed() -> Video {
    let ended = job(1, "j0", failed());
    let video = after(&[claimed(1, at(40)), ended, reprocess()]);
    Video {
        revision: Some(upload(1).revision()),
        source: Some(upload(1)),
        replaced: vec![],
        ..video
    }
}

/// Records in every state, and what they are called.
fn every_state() -> Vec<(&'static str, Video)> {
    let running = job(1, "j1", JobChange::Progressed { percent: None });
    let ended = |change| after(&[claimed(1, at(40)), created(1, "j1"), job(1, "j1", change)]);
    vec![
        ("UPLOADING", after(&[started()])),
        ("SUBMITTED, no claim", reprocessed_but_not_claimed()),
        ("SUBMITTED, no job id", after(&[claimed(1, at(40))])),
        (
            "SUBMITTED, job id",
            after(&[claimed(1, at(40)), created(1, "j1")]),
        ),
        ("PROCESSING", after(&[claimed(1, at(40)), running])),
        ("READY", ended(complete())),
        ("FAILED", ended(failed())),
        ("CANCELED", ended(JobChange::Canceled)),
        (
            "DELETING",
            after(&[claimed(1, at(40)), created(1, "j1"), Event::Deleted]),
        ),
    ]
}

/// One event of each kind about the first upload, and what it is called.
fn every_event() -> Vec<(&'static str, Event)> {
    let revision = || upload(1).revision();
    let failure = || Failure::of_service(Some(1040), None);
    vec![
        ("upload started", started()),
        (
            "recorded",
            Event::Recorded(Box::new(reprocessed_but_not_claimed())),
        ),
        ("upload abandoned", Event::UploadAbandoned),
        ("edited", edit(Some("Another title"), None)),
        ("deleted", Event::Deleted),
        ("reprocessed", reprocess()),
        ("removed", Event::Removed),
        ("claimed", claimed(1, at(90))),
        ("claimed anew", claimed(2, at(90))),
        (
            "rejected",
            Event::Rejected {
                source: upload(1),
                is_current: false,
                failure: failure(),
            },
        ),
        ("job created", created(1, "j1")),
        (
            "job refused",
            Event::JobRefused {
                revision: revision(),
                failure: failure(),
            },
        ),
        (
            "claim released",
            Event::ClaimReleased {
                revision: revision(),
                until: at(40),
            },
        ),
        (
            "job runs",
            job(1, "j1", JobChange::Progressed { percent: Some(50) }),
        ),
        ("job complete", job(1, "j1", complete())),
        ("job failed", job(1, "j1", failed())),
        ("job canceled", job(1, "j1", JobChange::Canceled)),
        ("other job complete", job(1, "j2", complete())),
        ("old job complete", job(9, "j9", complete())),
        (
            "replaced job ended",
            Event::ReplacedJobEnded {
                revision: revision(),
            },
        ),
        (
            "replaced removed",
            Event::ReplacedRemoved {
                revision: revision(),
            },
        ),
    ]
}

#[test]
fn every_pair_of_state_and_event_is_decided_on_purpose() {
    let states: Vec<_> = std::iter::once(("no record", None))
        .chain(
            every_state()
                .into_iter()
                .map(|(name, video)| (name, Some(video))),
        )
        .collect();
    let mut table = String::new();
    for (event_name, event) in every_event() {
        table.extend([event_name, "\n"]);
        for (state_name, video) in &states {
            let decided = match transition(video.as_ref(), &event, at(39)) {
                Decision::Write(next) => {
                    let job_id = next.job.as_ref().and_then(|job| job.id.as_deref());
                    format!(
                        "{}{}{}",
                        next.status.as_str(),
                        job_id.map_or(String::new(), |id| format!(", {id}")),
                        if next.replaced.is_empty() {
                            ""
                        } else {
                            ", one replaced"
                        }
                    )
                }
                Decision::Ignore(reason) => format!("- ({reason})"),
                Decision::Wait(_) => "waits".to_owned(),
            };
            table.push_str("    ");
            table.extend([format!("{state_name:<21}"), decided, "\n".to_owned()]);
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn an_upload_through_the_api_keeps_what_was_declared() {
    let video = after(&[started(), claimed(1, at(40))]);
    assert_eq!(video.owner, "a-user");
    assert_eq!(video.title, "Holiday");
    assert_eq!(video.file_name.as_deref(), Some("holiday.mp4"));
    assert_eq!((video.status, video.upload), (Status::Submitted, None));
}

#[test]
fn an_edit_changes_the_texts_alone() {
    let before = after(&[claimed(1, at(40)), created(1, "j1")]);
    let Decision::Write(edited) = transition(Some(&before), &edit(Some("T"), Some("D")), at(11))
    else {
        panic!()
    };
    let expected = Video {
        title: "T".into(),
        description: Some("D".into()),
        updated_at: at(11),
        ..before
    };
    assert_eq!(*edited, expected);
    assert_eq!(
        ignored(&edited, &edit(Some("T"), None)),
        Ignored::NothingNew
    );
    let Decision::Write(cleared) = transition(Some(&edited), &edit(None, Some("")), at(12)) else {
        panic!()
    };
    assert_eq!(cleared.description, None);
}

#[test]
fn captions_are_added_in_every_status_and_played_once_their_edition_is_written() {
    let added = [
        started(),
        captions("en", "a"),
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", complete()),
    ];
    let ready = after(&added);
    let revision = upload(1).revision();
    assert!(ready.misses_edition().is_some());
    assert_eq!(ready.check_at, Some(at(10).plus_ms(CLAIM_QUIET_MS)));
    let written = |revision: &str, edition| Event::EditionWritten {
        revision: revision.to_owned(),
        edition,
    };
    let edition = ready.edition();
    for stale in [written(&revision, Some(1)), written("other", edition)] {
        assert_eq!(ignored(&ready, &stale), Ignored::OtherRevision);
    }
    let Decision::Write(played) = transition(Some(&ready), &written(&revision, edition), at(11))
    else {
        panic!()
    };
    assert!(played.misses_edition().is_none() && played.watch.is_none());
    let hls = played.playback.as_ref().unwrap().hls.clone().unwrap();
    assert!(hls.ends_with("/captions-10000/video.m3u8"), "{hls}");
    assert_eq!(
        ignored(&played, &written(&revision, edition)),
        Ignored::NothingNew
    );
    assert_eq!(ignored(&played, &captions("en", "a")), Ignored::NothingNew);
    let remove = Event::CaptionsRemoved {
        language: "en".into(),
    };
    let Decision::Write(removed) = transition(Some(&played), &remove, at(12)) else {
        panic!()
    };
    assert_eq!(ignored(&removed, &remove), Ignored::NothingNew);
    let Decision::Write(plain) = transition(Some(&removed), &written(&revision, None), at(13))
    else {
        panic!()
    };
    let hls = plain.playback.as_ref().unwrap().hls.clone().unwrap();
    assert!(hls.ends_with(&format!("{revision}/video.m3u8")), "{hls}");
    assert_eq!(
        plain.replaced[0].revision,
        format!("{revision}/captions-10000")
    );
    assert_eq!(plain.check_at, Some(at(13).plus_ms(REPLACED_KEPT_MS)));
}

#[test]
fn nothing_but_the_removal_needs_is_left_of_a_deleted_video() {
    let deleted = after(&[
        started(),
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", complete()),
        edit(None, Some("D")),
        claimed(2, at(40)),
        created(2, "j2"),
        Event::Deleted,
    ]);
    let item: Item = serde_dynamo::to_item(&deleted).unwrap();
    let mut names: Vec<_> = item.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "checkAt",
            "createdAt",
            "id",
            "job",
            "replaced",
            "revision",
            "source",
            "status",
            "updatedAt",
            "watch"
        ]
    );
    assert_eq!(deleted.job.unwrap().id.as_deref(), Some("j2"));
    assert_eq!(deleted.check_at, Some(deleted.updated_at));
}

#[test]
fn a_deleted_video_stays_deleted_whatever_comes_late() {
    for (name, video) in every_state() {
        let Decision::Write(deleting) = transition(Some(&video), &Event::Deleted, at(20)) else {
            assert_eq!(name, "DELETING");
            continue;
        };
        let Decision::Write(tombstone) = transition(Some(&deleting), &Event::Removed, at(30))
        else {
            panic!("{name} can't be removed")
        };
        for (_, event) in every_event() {
            if event != Event::Removed {
                assert_eq!(ignored(&deleting, &event), Ignored::Deleting, "{event:?}");
            }
            assert_eq!(ignored(&tombstone, &event), Ignored::Deleting, "{event:?}");
        }
    }
}

#[test]
fn a_tombstone_tells_what_was_deleted_and_when_and_until_when_it_stays() {
    let deleted = after(&[claimed(1, at(40)), created(1, "j1"), Event::Deleted]);
    assert_eq!(deleted.forgotten_from(), None);
    let Decision::Write(tombstone) = transition(Some(&deleted), &Event::Removed, at(50)) else {
        panic!()
    };
    let until = at(50).plus_ms(TOMBSTONE_KEPT_MS);
    assert_eq!(tombstone.forgotten_from(), Some(until));
    let expected = Video {
        removed_at: Some(at(50)),
        check_at: Some(until),
        job: None,
        ..deleted
    };
    assert_eq!(
        *tombstone, expected,
        "later uploads are told by the time of the deletion"
    );
}

#[test]
fn a_clip_is_of_one_upload_and_stays_until_another_is_chosen() {
    let clip = |from_ms| Clip {
        from_ms,
        to_ms: Some(9_000),
    };
    let wanted = |clip| {
        Event::Reprocessed(Reprocess {
            clip,
            ..Reprocess::default()
        })
    };
    let poster = Event::Edited(Edit {
        poster: Some(PosterTime(Some(7))),
        ..Edit::default()
    });
    let end = |record: Video| {
        let revision = record.revision.clone().unwrap();
        let job_id = record.job.clone().unwrap().id.unwrap();
        let change = complete();
        written(
            &record,
            &Event::Job {
                revision,
                job_id,
                change,
            },
        )
    };
    let claim = |record: &Video, number| {
        let attempt = record.as_processed(&upload(number)).attempt;
        let claimed = written(record, &at_attempt(attempt, claimed(number, at(80))));
        let revision = claimed.revision.clone().unwrap();
        let job_id = "j".to_owned();
        written(&claimed, &Event::JobCreated { revision, job_id })
    };
    let first = written(&end(claim(&after(&[started()]), 1)), &poster);
    assert_eq!(
        first.source_ms(),
        first.playback.as_ref().unwrap().duration_ms
    );

    let part = written(&first, &wanted(Some(Override(Some(clip(1_000))))));
    assert_eq!((part.clip, part.poster_seconds), (Some(clip(1_000)), None));
    let part = end(claim(&part, 1));
    assert_eq!(part.clip_of(&upload(1)), Some(clip(1_000)));
    assert_eq!(part.source_ms(), None, "it is the length of the part");

    let same = end(claim(&written(&part, &wanted(None)), 1));
    assert_eq!(same.clip, Some(clip(1_000)));
    assert_eq!(written(&same, &wanted(Some(Override(None)))).clip, None);

    assert_eq!(same.clip_of(&upload(2)), None);
    assert_eq!(
        claim(&same, 2).clip,
        None,
        "of another upload it is no part"
    );
}

#[test]
fn a_download_is_linked_once_it_is_made() {
    let ready = after(&[
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", complete()),
    ]);
    let playback = ready.playback.unwrap();
    let (id, revision) = (&ready.id, ready.revision.unwrap());
    let expected = format!("{id}/{revision}/video_download.mp4");
    assert_eq!(playback.file, Some(expected));
    assert!(playback.hls.is_some(), "beside the streams");
    assert!(!ready.job.unwrap().making.download, "it is made");
}

#[test]
fn reprocessing_is_a_new_revision_of_the_same_upload() {
    let first = after(&[
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", complete()),
    ]);
    let Decision::Write(again) = transition(
        Some(&first),
        &Event::Reprocessed(Reprocess {
            profile: Some("hevc".into()),
            download: Some(Override(Some(true))),
            clip: None,
        }),
        at(20),
    ) else {
        panic!()
    };
    assert_eq!(again.status, Status::Submitted);
    assert_eq!(again.profile.as_deref(), Some("hevc"));
    assert_eq!(again.download, Some(true));
    assert_eq!(
        again.playback, first.playback,
        "it can be watched meanwhile"
    );
    assert_ne!(again.revision, first.revision);
    assert_eq!(
        Claim::decide(Some(&again), &upload(1), at(20)),
        Claim::Fresh,
        "the event of the same upload may claim it at once"
    );
    // Whoever saw the video before knows nothing of the profile that is wanted now.
    assert_eq!(ignored(&again, &claimed(1, at(80))), Ignored::OtherRevision);
    let rejected = Event::Rejected {
        source: upload(1),
        is_current: false,
        failure: Failure::of_service(Some(1040), None),
    };
    assert_eq!(ignored(&again, &rejected), Ignored::OtherRevision);
    let claimed = written(&again, &at_attempt(1, claimed(1, at(80))));
    assert_eq!(claimed.revision, again.revision);
    assert_eq!(
        ignored(&claimed, &job(1, "j1", complete())),
        Ignored::OtherRevision
    );
    assert_eq!(ignored(&claimed, &reprocess()), Ignored::NotFinished);
}

#[test]
fn of_two_uploads_whose_order_nobody_told_only_the_current_one_takes_the_others_place() {
    // What the sweep found has no sequencer.
    let found = |number| Source {
        sequencer: None,
        ..upload(number)
    };
    let claim = |source: Source, is_current| {
        let Event::Claimed { until, making, .. } = claimed(1, at(80)) else {
            panic!()
        };
        Event::Claimed {
            source,
            is_current,
            until,
            making,
        }
    };
    for (old, new) in [
        (upload(1), found(2)),
        (found(1), upload(2)),
        (found(1), found(2)),
    ] {
        let second = after(&[claim(new.clone(), false)]);
        assert_eq!(Claim::decide(Some(&second), &old, at(20)), Claim::Unordered);
        assert_eq!(
            ignored(&second, &claim(old.clone(), false)),
            Ignored::OtherRevision,
            "late news of the first one"
        );
        let first = after(&[claim(old, false)]);
        let replaced = written(&first, &claim(new.clone(), true));
        assert_eq!(replaced.revision, Some(new.revision()));
    }
}

#[test]
fn without_an_upload_there_is_nothing_to_reprocess() {
    let abandoned = after(&[started(), Event::UploadAbandoned]);
    assert_eq!(ignored(&abandoned, &reprocess()), Ignored::NoSource);
}

#[test]
fn a_replaced_revision_is_kept_until_nobody_watches_it_any_more() {
    let old = upload(1).revision();
    let removed = Event::ReplacedRemoved {
        revision: old.clone(),
    };
    let mut events = vec![
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", complete()),
        claimed(2, at(40)),
        created(2, "j2"),
    ];
    let converting = after(&events);
    assert_eq!(converting.replaced[0].revision, old);
    assert_eq!(converting.replaced[0].kept_until, None);
    assert_eq!(ignored(&converting, &removed), Ignored::NothingNew);
    events.push(job(2, "j2", failed()));
    let spoiled = after(&events);
    assert_eq!(
        spoiled.check_at, None,
        "the old one plays on: nothing to do"
    );
    assert_eq!(ignored(&spoiled, &removed), Ignored::NothingNew);
    events.pop();
    events.push(job(2, "j2", complete()));
    let ready = after(&events);
    let kept_until = at(10).plus_ms(REPLACED_KEPT_MS);
    assert_eq!(ready.replaced[0].kept_until, Some(kept_until));
    assert_eq!(ready.check_at, Some(kept_until));
    events.push(removed);
    let tidy = after(&events);
    assert_eq!((tidy.replaced.len(), tidy.check_at), (0, None));
}

#[test]
fn the_job_of_a_replaced_revision_is_remembered_until_it_has_ended() {
    let old = upload(1).revision();
    let mut events = vec![claimed(1, at(40)), created(1, "j1"), claimed(2, at(40))];
    let replaced = after(&events).replaced;
    let job_id = replaced[0].job.as_ref().and_then(|job| job.id.as_deref());
    assert_eq!(job_id, Some("j1"));
    let removed = Event::ReplacedRemoved {
        revision: old.clone(),
    };
    assert_eq!(ignored(&after(&events), &removed), Ignored::NothingNew);
    events.push(Event::ReplacedJobEnded { revision: old });
    events.push(removed);
    assert!(after(&events).replaced.is_empty());
}

#[test]
fn a_rejected_upload_leaves_no_folder_behind() {
    let rejected = Event::Rejected {
        source: upload(1),
        is_current: false,
        failure: Failure::of_service(None, None),
    };
    assert!(after(&[rejected, claimed(2, at(40))]).replaced.is_empty());
}

#[test]
fn the_time_of_the_next_check_is_written_once_a_stage() {
    let mut events = vec![claimed(1, at(40))];
    let expected = Some(at(40).plus_ms(CLAIM_QUIET_MS));
    assert_eq!(after(&events).check_at, expected);
    for event in [
        created(1, "j1"),
        job(1, "j1", JobChange::Progressed { percent: None }),
        edit(Some("T"), None),
    ] {
        events.push(event);
        assert_eq!(after(&events).check_at, expected);
    }
    events.push(job(1, "j1", complete()));
    let ready = after(&events);
    assert_eq!((ready.watch, ready.check_at), (None, None));
    let uploading = after(&[started()]);
    assert_eq!(uploading.check_at, Some(at(1000)));
}

#[test]
fn a_job_has_a_history() {
    let mut record = None;
    for (second, event) in [
        (10, claimed(1, at(40))),
        (11, created(1, "j1")),
        (12, job(1, "j1", JobChange::Progressed { percent: None })),
        (13, job(1, "j1", JobChange::Progressed { percent: Some(9) })),
        (14, job(1, "j1", complete())),
    ] {
        let Decision::Write(next) = transition(record.as_ref(), &event, at(second)) else {
            panic!()
        };
        record = Some(*next);
    }
    let job = record.unwrap().job.unwrap();
    assert_eq!(
        (job.created_at, job.started_at, job.finished_at),
        (Some(at(11)), Some(at(12)), Some(at(14)))
    );
}

#[test]
fn percents_are_written_in_steps() {
    let video = after(&[
        claimed(1, at(40)),
        created(1, "j1"),
        job(1, "j1", JobChange::Progressed { percent: Some(40) }),
    ]);
    let progress = |percent| {
        job(
            1,
            "j1",
            JobChange::Progressed {
                percent: Some(percent),
            },
        )
    };
    assert_eq!(ignored(&video, &progress(44)), Ignored::NothingNew);
    assert!(matches!(
        transition(Some(&video), &progress(45), at(20)),
        Decision::Write(_)
    ));
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
        Some(format!("{}/{}/video.m3u8", video.id, upload(1).revision()))
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
        is_current: false,
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
    let attempt = 0..2_u32;
    let packaging = prop_oneof![
        Just(Packaging::Cmaf),
        Just(Packaging::Audio),
        Just(Packaging::Hls),
        Just(Packaging::Mp4),
    ];
    // What the sweep found has no sequencer.
    let upload = (upload_number, attempt, packaging, any::<bool>());
    let event = (0..26, upload, job_id, change, 0..100_i64).prop_map(
        |(kind, (number, attempt, packaging, is_found), job_id, change, until)| {
            let revision = self::upload(number).attempted(attempt).revision();
            let job_id = job_id.to_owned();
            let failure = Failure::of_service(Some(1040), None);
            let seen = |event| {
                let event = at_attempt(attempt, event);
                if is_found {
                    without_sequencer(event)
                } else {
                    event
                }
            };
            match kind {
                0 | 1 => seen(claimed_as(number, at(until), packaging)),
                2 => seen(Event::Rejected {
                    source: self::upload(number),
                    is_current: false,
                    failure,
                }),
                3 | 4 => Event::JobCreated { revision, job_id },
                5 => Event::JobRefused { revision, failure },
                6 => Event::ClaimReleased {
                    revision,
                    until: at(until),
                },
                7 => started(),
                8 => Event::UploadAbandoned,
                9 => edit(Some("T"), None),
                10 => Event::Deleted,
                11 => reprocess(),
                12 => Event::Removed,
                13 => Event::ReplacedJobEnded { revision },
                14 => Event::ReplacedRemoved { revision },
                15 => captions("en", "a"),
                16 => captions("de", &job_id),
                17 => Event::CaptionsRemoved {
                    language: "en".into(),
                },
                18 => Event::EditionWritten {
                    revision,
                    edition: u64::try_from(until * 1000)
                        .ok()
                        .filter(|edition| *edition > 0),
                },
                _ => Event::Job {
                    revision,
                    job_id,
                    change,
                },
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
            let may_repeat = matches!(event, Event::Claimed { .. } | Event::ClaimReleased { .. });
            prop_assert!(may_repeat || matches!(again, Decision::Ignore(_)), "{event:?} twice: {again:?}");
            let of_replaced = matches!(event, Event::ReplacedJobEnded { .. } | Event::ReplacedRemoved { .. });
            if let Some(before) = &before {
                let entombed = before.removed_at.is_none() && event == Event::Removed;
                prop_assert!(before.status != Status::Deleting || entombed, "{event:?} changed a deleted video");
                let same = before.revision == next.revision;
                let leaves_it = same && before.status == next.status;
                let may_leave = matches!(event, Event::Deleted);
                prop_assert!(!before.status.is_terminal() || !same || leaves_it || may_leave, "{event:?} left a final state");
                if let (Some(old), Some(new)) = (&before.source, &next.source) {
                    let again = new.is_same_upload(old) && (same || new.attempt == old.attempt + 1);
                    prop_assert!(again || new.is_later_than(old) == Some(true), "{event:?} went back to an older upload");
                }
                let job_id = |video: &Video| video.job.as_ref().and_then(|job| job.id.clone());
                let (old_id, new_id) = (job_id(before), job_id(&next));
                let is_gone = next.status == Status::Deleting && !before.is_on_its_way();
                prop_assert!(!same || is_gone || old_id.is_none() || old_id == new_id, "{event:?} exchanged the job");
                // A job that may run is never forgotten: it is the revision's, or among the replaced ones.
                let known = |video: &Video, id: &str| {
                    let replaced = video.replaced.iter().filter_map(|entry| entry.job.as_ref());
                    let jobs = replaced.chain(video.job.as_ref());
                    jobs.filter_map(|job| job.id.as_deref()).any(|known| known == id)
                };
                if before.is_on_its_way() && let Some(id) = old_id {
                    prop_assert!(known(&next, &id), "{event:?} forgot the job {id}");
                }
                if before.playback.is_some() && next.status != Status::Deleting {
                    prop_assert!(next.playback.is_some(), "{event:?} took the playback away");
                }
                if of_replaced {
                    prop_assert_eq!((before.updated_at, before.status), (next.updated_at, next.status));
                }
            }
            if next.status == Status::Ready {
                let playback = next.playback.as_ref().unwrap();
                prop_assert_eq!(Some(&playback.revision), next.revision.as_ref());
                prop_assert!(!playback.renditions.is_empty());
                let job = before.as_ref().filter(|before| before.is_on_its_way()).and_then(|before| before.job.as_ref());
                if let Some(job) = job {
                    let folder = OutputFolder { video_id: &next.id, revision: &playback.revision };
                    let plays: Vec<_> = [&playback.hls, &playback.dash, &playback.file].into_iter().flatten().cloned().collect();
                    prop_assert_eq!(plays, job.making.played(folder), "all that its packaging promises");
                }
            }
            prop_assert_eq!(next.status == Status::Failed, next.failure.is_some());
            if let Some(before) = &before && next.status != Status::Deleting {
                let of_captions = matches!(event, Event::CaptionsAdded(_) | Event::CaptionsRemoved { .. });
                prop_assert!(of_captions || before.captions == next.captions, "{event:?} changed the captions");
            }
            if let Some(playback) = &next.playback {
                let folder = OutputFolder { video_id: &next.id, revision: &playback.revision };
                if playback.takes_captions() {
                    prop_assert_eq!(playback.hls.clone(), Some(folder.hls_of(playback.edition)));
                    prop_assert_eq!(playback.dash.clone(), Some(folder.dash_of(playback.edition)));
                } else {
                    prop_assert_eq!(playback.edition, None);
                }
                prop_assert!(next.replaced.iter().all(|entry| !next.plays(&entry.revision) || entry.job.is_none()));
            }
            // What may have to be repaired is in the index, and what isn't over stays there.
            prop_assert_eq!(next.watch.is_some(), next.check_at.is_some());
            prop_assert!(next.status.is_terminal() || next.watch.is_some());
            prop_assert_eq!(next.status == Status::Deleting, next.owner.is_empty());
            item = Some(written);
        }
    }
}

/// Ways to a job that was created: of a first upload, of one that replaces another, and of one that is converted anew.
fn any_submission() -> impl Strategy<Value = (Vec<Event>, Source)> {
    let first = || vec![claimed(1, at(40)), created(1, "j1")];
    let again = upload(1).attempted(1);
    let anew = Event::JobCreated {
        revision: again.revision(),
        job_id: "j2".into(),
    };
    let second = vec![claimed(2, at(40)), created(2, "j2")];
    let third = vec![
        job(1, "j1", complete()),
        reprocess(),
        at_attempt(1, claimed(1, at(40))),
        anew,
    ];
    prop_oneof![
        Just((first(), upload(1))),
        Just(([first(), second].concat(), upload(2))),
        Just(([first(), third].concat(), again)),
    ]
}

/// What the others do while a job runs: `j1` of the first upload, or `j2` of this one.
fn meanwhile(source: &Source) -> impl Strategy<Value = Event> + use<> {
    let (first, revision) = (upload(1).revision(), source.revision());
    let job = move |change| Event::Job {
        revision: revision.clone(),
        job_id: if revision == upload(1).revision() {
            "j1"
        } else {
            "j2"
        }
        .into(),
        change,
    };
    let progress = proptest::option::of(0..100_u8);
    prop_oneof![
        4 => progress.prop_map(move |percent| job(JobChange::Progressed { percent })),
        1 => Just(captions("en", "a")),
        1 => Just(Event::CaptionsRemoved { language: "en".into() }),
        1 => Just(edit(Some("T"), None)),
        1 => Just(Event::Deleted),
        1 => Just(Event::ReplacedJobEnded { revision: first.clone() }),
        1 => Just(Event::ReplacedRemoved { revision: first.clone() }),
        1 => Just(Event::EditionWritten { revision: first, edition: None }),
        1 => Just(claimed(3, at(40))),
    ]
}

proptest! {
    #[test]
    fn a_decision_on_a_record_whose_job_runs_is_as_good_later(
        (before, then) in any_submission().prop_flat_map(|(before, source)| {
            (Just(before), proptest::collection::vec(meanwhile(&source), 1..10))
        }),
        percent in proptest::option::of(0..=100_u8),
    ) {
        let read = |item: &Item| -> Video { serde_dynamo::from_item(item.clone()).unwrap() };
        let mut states: Vec<Item> = Vec::new();
        for event in before.into_iter().chain(then) {
            let before = states.last().map(read);
            let Decision::Write(next) = transition(before.as_ref(), &event, at(10)) else { continue };
            let change = Change::between(states.last(), &next).unwrap();
            states.push(change.apply(states.last()).unwrap());
        }
        let current = read(states.last().unwrap());
        // Replaced revisions aren't guarded where they stay as they are.
        let runs = |video: &Video| video.is_on_its_way() && video.replaced.is_empty();
        for seen in states.iter().map(read).filter(runs) {
            let Some(job_id) = seen.job.as_ref().and_then(|job| job.id.clone()) else { continue };
            for change in [JobChange::Progressed { percent }, complete(), failed()] {
                let revision = seen.revision.clone().unwrap();
                let event = Event::Job { revision, job_id: job_id.clone(), change };
                let Decision::Write(next) = transition(Some(&seen), &event, at(20)) else { continue };
                let write = Change::of(Some(&Known::from(seen.clone())), &next).unwrap();
                let Some(written) = write.apply(states.last()) else { continue };
                let wanted = transition(Some(&current), &event, at(20));
                let written = Box::new(read(&written));
                prop_assert_eq!(Decision::Write(written), wanted, "{:?}", event);
            }
        }
    }
}

/// What somebody does to the captions: read at one moment, written at a later one.
#[derive(Clone, Debug)]
enum Captioning {
    Put(&'static str, u8),
    Remove(&'static str),
    /// Writes the manifests of what was read.
    Write,
}

fn any_captioning() -> impl Strategy<Value = (Captioning, usize)> {
    let language = || prop_oneof![Just("en"), Just("de"), Just("fr")];
    let what = prop_oneof![
        (language(), 0..3_u8).prop_map(|(language, text)| Captioning::Put(language, text)),
        language().prop_map(Captioning::Remove),
        Just(Captioning::Write),
    ];
    (what, 0..4_usize)
}

proptest! {
    #[test]
    fn no_captions_are_lost_whoever_writes_at_the_same_time(
        actions in proptest::collection::vec(any_captioning(), 1..30)
    ) {
        let ready = after(&[claimed(1, at(40)), created(1, "j1"), job(1, "j1", complete())]);
        let mut states = vec![Change::between(None, &ready).unwrap().apply(None).unwrap()];
        let mut expected = std::collections::BTreeMap::new();
        let read = |item: &Item| -> Video { serde_dynamo::from_item(item.clone()).unwrap() };
        let write = |states: &mut Vec<Item>, event: &Event, age: usize| {
            // What was read may be older than what is there; then it is read again, as the table does.
            for age in [age, 0] {
                let seen = states[states.len() - 1 - age.min(states.len() - 1)].clone();
                let Decision::Write(next) = transition(Some(&read(&seen)), event, at(11)) else {
                    if age == 0 { return false }
                    continue;
                };
                let change = Change::between(Some(&seen), &next).unwrap();
                if let Some(written) = change.apply(states.last()) {
                    states.push(written);
                    return true;
                }
            }
            false
        };
        for (action, age) in actions {
            match action {
                Captioning::Put(language, text) => {
                    let event = captions(language, &text.to_string());
                    write(&mut states, &event, age);
                    expected.insert(language, text);
                }
                Captioning::Remove(language) => {
                    write(&mut states, &Event::CaptionsRemoved { language: language.into() }, age);
                    expected.remove(language);
                }
                Captioning::Write => {
                    let seen = read(&states[states.len() - 1 - age.min(states.len() - 1)]);
                    let Some(playback) = seen.misses_edition() else { continue };
                    let event = Event::EditionWritten { revision: playback.revision.clone(), edition: seen.edition() };
                    write(&mut states, &event, age);
                }
            }
            let now = read(states.last().unwrap());
            let tracks = now.captions.iter().flat_map(|added| &added.tracks);
            let found: Vec<_> = tracks.map(|track| (track.language.clone(), track.digest.clone())).collect();
            let wanted: Vec<_> = expected.iter().map(|(language, text)| {
                let track = AddedTrack::new(language, None, &text.to_string());
                (track.language, track.digest)
            }).collect();
            prop_assert_eq!(found, wanted);
        }
        let last = read(states.last().unwrap());
        let written = Event::EditionWritten { revision: upload(1).revision(), edition: last.edition() };
        write(&mut states, &written, 0);
        let last = read(states.last().unwrap());
        prop_assert!(last.misses_edition().is_none());
        let playing = last.playback.unwrap().edition;
        let is_kept = last.replaced.iter().all(|entry| {
            playing.is_none_or(|playing| !entry.revision.ends_with(&format!("captions-{playing}")))
        });
        prop_assert!(is_kept, "what plays is never removed");
        // Nobody ever played manifests that were made for other captions.
        for state in &states {
            let video = read(state);
            let edition = video.playback.and_then(|playback| playback.edition);
            prop_assert!(edition <= video.captions.map(|added| added.edition).max(edition));
        }
    }
}
