"""What can't become a video: a record that says why, and nothing else is disturbed."""

from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr
from support import clips, s3_events
from support.deployment import Deployment
from support.functions import BY_EVENT, failures, invocations, invoke, log, send
from support.inputs import BAD_INPUTS, BadInput
from support.jobs import job, jobs_of
from support.library import Library
from support.records import Record, Records
from support.uploads import upload
from support.waiting import wait_for

RETRY_SECONDS = 60
"""How long the retries of an event may take."""


@pytest.fixture(params=BAD_INPUTS, ids=[item.name for item in BAD_INPUTS])
def bad(request: pytest.FixtureRequest) -> BadInput:
    """One of the bad inputs."""
    return request.param


def test_a_bad_file_becomes_a_record_that_says_why(
    deployment: Deployment, library: Library, records: Records, bad: BadInput
) -> None:
    record = library.ended(records, bad)
    _assert_failed(record, *bad.codes)
    assert len(jobs_of(deployment, record["id"])) == bad.jobs
    assert "playback" not in record
    assert not _converted(deployment, record)


def test_a_bad_file_is_looked_at_once(
    deployment: Deployment, library: Library, records: Records, bad: BadInput
) -> None:
    video_id = library.ended(records, bad)["id"]
    wait_for(lambda: log(deployment, "submit", video_id), "line in the log", 10)
    assert invocations(deployment, "submit", video_id) == 1
    assert not [line.text for line in log(deployment, "submit", video_id) if '"level":"ERROR"' in line.text]
    for name in BY_EVENT:
        assert not failures(deployment, name, video_id)
        assert not failures(deployment, name, library.key_of(bad.file))


def test_a_source_that_vanishes_before_its_job_starts_fails_with_the_code_of_the_service(
    deployment: Deployment, library: Library, records: Records
) -> None:
    assert library.status_when_it_vanished == "SUBMITTED", "the jobs before it were done too early"
    record = records.wait_for_end(library.vanished)
    _assert_failed(record, "1404")
    ended = job(deployment, record["job"]["id"])
    assert (ended["Status"], ended["ErrorCode"]) == ("ERROR", 1404)
    assert record["failure"]["message"] == ended["ErrorMessage"]


def test_a_source_that_is_gone_gets_no_job(deployment: Deployment, prefix: str, records: Records) -> None:
    key = f"{prefix}/never there.mp4"
    event = s3_events.event(s3_events.of(deployment.source_bucket, key, etag="0" * 32, size=1000, version="gone"))
    assert invoke(deployment, "submit", event).error is None
    record = records.find(key)
    _assert_failed(record, "1404")
    assert not jobs_of(deployment, record["id"])


def test_bad_records_do_not_hide_a_good_one(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    good, text = f"{prefix}/neighbour.mp4", f"{prefix}/neighbour-text.mp4"
    clips.brief(tmp_path / "good.mp4")
    clips.text(tmp_path / "text.mp4")
    for key, file in ((good, "good.mp4"), (text, "text.mp4")):
        records.wait_for_end(key, upload(deployment, tmp_path / file, key))

    def described(file: str, size: int) -> dict[str, Any]:
        return s3_events.of(deployment.source_bucket, f"{prefix}/{file}", "0" * 32, size)

    undecodable = described("undecodable", 1000)
    undecodable["s3"]["object"]["key"] = f"{prefix}/%FF%FE.mp4"
    event = s3_events.event(
        s3_events.of_object(deployment, text, versioned=False),
        described("neighbour.txt", 1000),
        described("neighbour-empty.mp4", 0),
        described("neighbour-gone.mp4", 1000),
        undecodable,
        s3_events.of("somebody-elses-bucket", f"{prefix}/neighbour-of-another.mp4", "0" * 32, 1000),
        s3_events.of_object(deployment, good, versioned=False),
    )
    assert invoke(deployment, "submit", event).error is None
    ended = {
        key: records.wait(key, "new final record", _is_final_and_unversioned)
        for key in (good, text, *(f"{prefix}/neighbour{end}" for end in (".txt", "-empty.mp4", "-gone.mp4")))
    }
    assert ended.pop(good)["status"] == "READY"
    assert [record["failure"]["code"] for record in ended.values()] == [
        "UNREADABLE_SOURCE",
        "UNSUPPORTED_FORMAT",
        "EMPTY_SOURCE",
        "1404",
    ]
    assert not records.all(Attr("source.bucket").eq("somebody-elses-bucket"))


def test_a_record_of_another_shape_fails_the_invocation_after_its_neighbours(
    deployment: Deployment, prefix: str, records: Records
) -> None:
    key = f"{prefix}/beside a broken record.txt"
    neighbour = s3_events.of(deployment.source_bucket, key, "0" * 32, 1000)
    ended = invoke(deployment, "submit", s3_events.event({"s3": "of no shape"}, neighbour))
    assert ended.error is not None
    assert (ended.error["errorType"], ended.error["errorMessage"].split(":")[0]) == ("Event", "read the S3 record")
    _assert_failed(records.find(key), "UNSUPPORTED_FORMAT")


NOT_AN_EVENT = {
    "submit": ["{}", ["{}"], {"Records": "{}"}, {"Records": [{"s3": {"bucket": "{}"}}]}],
    "complete": [
        "{}",
        ["{}"],
        {"detail": "{}"},
        {
            "version": "0",
            "id": "6a9560a4-cc30-4219-8419-9dfcb55086cf",
            "source": "aws.mediaconvert",
            "detail-type": "MediaConvert Job State Change",
            "account": "000000000000",
            "time": "2026-01-15T10:00:30Z",
            "region": "us-east-1",
            "resources": [],
            "detail": {"jobId": ["{}"]},
        },
    ],
}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("submit", {"the event is not an S3 notification", "read the S3 record"}),
        (
            "complete",
            {"the event is not an EventBridge event", "the event's detail is not a MediaConvert job state change"},
        ),
    ],
)
def test_an_event_of_another_kind_is_logged_and_kept(
    deployment: Deployment, prefix: str, records: Records, name: str, said: set[str]
) -> None:
    events = [_marked(event, f"{prefix} is in none") for event in NOT_AN_EVENT[name]]
    for event in events:
        send(deployment, name, event)

    def look() -> list[dict[str, Any]] | None:
        kept = failures(deployment, name, f"{prefix} is in none")
        return kept if len(kept) >= len(events) else None

    kept = wait_for(look, f"{len(events)} events in the failure queue", RETRY_SECONDS)
    assert sorted(map(repr, (message["requestPayload"] for message in kept))) == sorted(map(repr, events))
    for message in kept:
        assert message["requestContext"]["condition"] == "RetriesExhausted"
        assert message["requestContext"]["approximateInvokeCount"] == 3
        assert message["responsePayload"]["errorType"] == "Event"
        assert message["responsePayload"]["errorMessage"].split(":")[0] in said
    for sentence in said:
        assert any('"level":"ERROR"' in line.text for line in log(deployment, name, sentence)), sentence


def _assert_failed(record: Record | None, *codes: str) -> None:
    assert record is not None
    assert record["status"] == "FAILED"
    assert record["failure"]["code"] in codes
    sentence = record["failure"]["sentence"]
    assert len(sentence) > 20 and sentence[0].isupper() and sentence.endswith(".")


def _is_final_and_unversioned(record: Record) -> bool:
    return record["status"] in ("READY", "FAILED") and "versionId" not in record["source"]


def _converted(deployment: Deployment, record: Record) -> list[Any]:
    return (
        deployment.client("s3")
        .list_objects_v2(Bucket=deployment.converted_bucket, Prefix=f"{record['id']}/")
        .get("Contents", [])
    )


def _marked(event: Any, mark: str) -> Any:
    """The event with the mark in the place of its braces."""
    if isinstance(event, str):
        return event.format(mark) if event == "{}" else event
    if isinstance(event, list):
        return [_marked(item, mark) for item in event]
    return {name: _marked(item, mark) for name, item in event.items()}
