use aws_sdk_dynamodb::types::AttributeValue;

use super::{Change, EVERYBODY, Item, Known};
use crate::time::Timestamp;
use crate::video::{Job, Status, Video};

fn video(status: Status, job_id: Option<&str>) -> Video {
    Video {
        revision: Some("r".into()),
        job: Some(Job {
            id: job_id.map(str::to_owned),
            ..Job::claimed(Timestamp::from_unix_ms(30_000))
        }),
        progress_percent: Some(3),
        ..Video::new(
            "v",
            "drop-in",
            "a title",
            status,
            Timestamp::from_unix_ms(0),
        )
    }
}

fn item(video: &Video) -> Item {
    serde_dynamo::to_item(video).unwrap()
}

#[test]
fn a_new_record_is_written_only_where_there_is_none() {
    let submitted = video(Status::Submitted, None);
    let change = Change::between(None, &submitted).unwrap();
    let (name, value) = EVERYBODY;
    let mut written = item(&submitted);
    written.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
    assert_eq!(change.apply(None), Some(written));
    assert_eq!(change.apply(Some(&item(&submitted))), None);
    let request = change.into_request("videos");
    assert_eq!(
        request.get_condition_expression().as_deref(),
        Some("attribute_not_exists(#id)")
    );
}

#[test]
fn only_what_differs_is_written_and_what_is_gone_is_removed() {
    let before = video(Status::Processing, Some("j"));
    let after = Video {
        status: Status::Canceled,
        progress_percent: None,
        ..before.clone()
    };
    let request = Change::between(Some(&item(&before)), &after)
        .unwrap()
        .into_request("videos");
    assert_eq!(
        request.get_update_expression().as_deref(),
        Some("SET #status = :v0 REMOVE #progressPercent")
    );
    assert_eq!(
        request.get_condition_expression().as_deref(),
        Some("#revision = :v1 AND #status = :v2 AND #job.#id = :v3 AND #job.#claimedUntil = :v4")
    );
}

#[test]
fn an_absent_job_id_is_part_of_the_guard() {
    let before = video(Status::Submitted, None);
    let after = video(Status::Submitted, Some("j"));
    let change = Change::between(Some(&item(&before)), &after).unwrap();
    assert_eq!(change.apply(Some(&item(&before))), Some(item(&after)));
    let somebody_elses = item(&video(Status::Submitted, Some("other")));
    assert_eq!(change.apply(Some(&somebody_elses)), None);
    let request = change.into_request("videos");
    assert!(
        request
            .get_condition_expression()
            .as_deref()
            .unwrap()
            .contains("attribute_not_exists(#job.#id)")
    );
}

#[test]
fn attributes_that_this_version_does_not_know_survive() {
    let before = video(Status::Submitted, Some("j"));
    let mut held = item(&before);
    held.insert("ofTheFuture".into(), AttributeValue::Bool(true));
    let after = Video {
        status: Status::Failed,
        ..before
    };
    let written = Change::between(Some(&held), &after)
        .unwrap()
        .apply(Some(&held))
        .unwrap();
    assert_eq!(
        written.get("ofTheFuture"),
        Some(&AttributeValue::Bool(true))
    );
    assert_eq!(
        written.get("status"),
        Some(&AttributeValue::S("FAILED".into()))
    );
}

#[test]
fn a_title_that_was_edited_meanwhile_is_kept() {
    let before = video(Status::Submitted, Some("j"));
    let after = Video {
        status: Status::Processing,
        ..before.clone()
    };
    let change = Change::between(Some(&item(&before)), &after).unwrap();
    let edited = item(&Video {
        title: "edited".into(),
        ..before
    });
    let written = change.apply(Some(&edited)).unwrap();
    assert_eq!(
        written.get("title"),
        Some(&AttributeValue::S("edited".into()))
    );
}

#[test]
fn a_change_that_only_removes_sets_nothing() {
    let before = video(Status::Processing, Some("j"));
    let after = Video {
        progress_percent: None,
        ..before.clone()
    };
    let request = Change::between(Some(&item(&before)), &after)
        .unwrap()
        .into_request("videos");
    assert_eq!(
        request.get_update_expression().as_deref(),
        Some("REMOVE #progressPercent")
    );
}

#[test]
fn a_record_is_guarded_alike_whether_it_was_read_or_written() {
    let submitted = video(Status::Submitted, None);
    for known in [
        video(Status::Processing, Some("j")),
        Video {
            revision: None,
            job: None,
            ..submitted.clone()
        },
        submitted,
    ] {
        assert_eq!(Known::try_from(item(&known)).unwrap(), Known::from(known));
    }
}
