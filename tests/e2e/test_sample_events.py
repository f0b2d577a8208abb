"""Each file of `events/`, invoked on the stack, has the outcome that it is a sample of.

The uploads that they tell of were never made, so those of the source bucket end as gone.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr
from support.deployment import Deployment
from support.functions import ask, invoke
from support.jobs import jobs_of
from support.records import Record, Records
from support.samples import JOB_ID, REVISION, VIDEO_ID, about, names, sample_for

SOURCE_KEY = f"videos/{VIDEO_ID}/source.mp4"
UPLOADS = {
    # The API makes the record before the upload: without one, the video was deleted.
    "s3-object-created": {},
    "s3-object-created-multipart": {},
    "s3-object-created-encoded-key": {"drop in/summer 100% café+bar 🎬.mp4": "1404"},
    "s3-object-created-empty": {"drop-in/empty.mp4": "EMPTY_SOURCE"},
    "s3-object-created-unsupported": {"drop-in/notes.txt": "UNSUPPORTED_FORMAT"},
    "s3-object-created-two-records": {"notes.txt": "UNSUPPORTED_FORMAT"},
    "s3-object-created-other-bucket": {},
    "s3-object-created-undecodable-key": {},
    "s3-test-event": {},
}
"""The keys that get a record, and the code of its failure."""

JOBS = {
    "mediaconvert-job-progressing": {"status": "PROCESSING"},
    "mediaconvert-job-status-update": {"status": "PROCESSING", "progressPercent": 38},
    "mediaconvert-job-complete": {"status": "READY"},
    "mediaconvert-job-error": {"status": "FAILED"},
    "mediaconvert-job-canceled": {"status": "CANCELED"},
    "mediaconvert-job-input-information": {},
    "mediaconvert-job-new-warning": {},
    "mediaconvert-job-queue-hop": {},
    "mediaconvert-job-foreign": {},
}
"""What becomes of the record of a job that was just submitted; nothing where it stays as it is."""


REQUESTS = {"api-list-videos": (200, "videos"), "api-create-video": (201, "upload")}
"""How the API answers, and what the answer holds."""


def test_no_sample_is_forgotten() -> None:
    assert names() == sorted([*UPLOADS, *JOBS, *REQUESTS])


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_answered(deployment: Deployment, name: str) -> None:
    status, field = REQUESTS[name]
    answer = ask(deployment, sample_for(deployment, name))
    assert answer["statusCode"] == status
    body = json.loads(answer["body"])
    assert field in body
    if "video" in body:
        deployment.table.delete_item(Key={"id": body["video"]["id"]})


@pytest.fixture(autouse=True)
def _nothing_is_left(deployment: Deployment, records: Records) -> Iterator[None]:
    """The samples name videos of their own; each test begins and ends without them."""
    keys = [key for outcome in UPLOADS.values() for key in outcome]

    def forget() -> None:
        for record in [*records.all(Attr("source.key").is_in(keys)), {"id": VIDEO_ID}]:
            deployment.table.delete_item(Key={"id": record["id"]})

    forget()
    yield
    forget()


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_has_its_outcome(deployment: Deployment, records: Records, name: str) -> None:
    before = {record["id"] for record in records.all(Attr("id").exists())}
    event = sample_for(deployment, name)
    for _ in range(2):  # the second time changes nothing
        assert invoke(deployment, "submit", event).error is None
        made = [record for record in records.all(Attr("id").exists()) if record["id"] not in before]
        assert {record["source"]["key"]: record["failure"]["code"] for record in made} == UPLOADS[name]
        assert not [job for record in made for job in jobs_of(deployment, record["id"])]


@pytest.mark.parametrize("name", JOBS)
def test_a_job_event_has_its_outcome(deployment: Deployment, records: Records, name: str) -> None:
    submitted = _submitted(deployment)
    deployment.table.put_item(Item=submitted)
    outcome: Mapping[str, Any] = JOBS[name]
    seen: list[Record | None] = []
    for _ in range(2):  # the second time changes nothing
        assert invoke(deployment, "complete", sample_for(deployment, name)).error is None
        seen.append(records.get(VIDEO_ID))
    after, again = seen
    assert after is not None and again == after
    if not outcome:
        assert after == submitted
    else:
        assert outcome.items() <= after.items()
        assert after["updatedAt"] > submitted["updatedAt"]
    assert after["title"] == "Summer" and after["addedLater"] == {"kept": True}


def test_complete_makes_the_record_playable(deployment: Deployment, records: Records) -> None:
    deployment.table.put_item(Item=_submitted(deployment))
    assert invoke(deployment, "complete", sample_for(deployment, "mediaconvert-job-complete")).error is None
    playback = records.get(VIDEO_ID)["playback"]
    assert playback["hls"] == f"{VIDEO_ID}/{REVISION}/video.m3u8"
    assert playback["durationMs"] == 5290
    assert playback["renditions"][0]["averageBitrate"] == 1_690_000
    assert playback["renditions"][0]["qvbrQuality"] == Decimal("7.9")


def test_error_says_why(deployment: Deployment, records: Records) -> None:
    deployment.table.put_item(Item=_submitted(deployment))
    event = sample_for(deployment, "mediaconvert-job-error")
    assert invoke(deployment, "complete", event).error is None
    failure = records.get(VIDEO_ID)["failure"]
    assert (failure["code"], failure["message"]) == ("1010", event["detail"]["errorMessage"])
    assert failure["sentence"].endswith(".")


def test_complete_that_overtakes_the_submit_function_is_adopted(deployment: Deployment, records: Records) -> None:
    unnamed = _submitted(deployment)
    del unnamed["job"]["id"]
    deployment.table.put_item(Item=unnamed)
    assert invoke(deployment, "complete", sample_for(deployment, "mediaconvert-job-complete")).error is None
    record = records.get(VIDEO_ID)
    assert (record["status"], record["job"]["id"]) == ("READY", JOB_ID)


def test_an_event_of_another_revision_leaves_a_claimed_upload_alone(deployment: Deployment, records: Records) -> None:
    unnamed = _submitted(deployment)
    del unnamed["job"]["id"]
    deployment.table.put_item(Item=unnamed)
    for name in JOBS:
        event = about(sample_for(deployment, name), VIDEO_ID, "0123456789abcdef", JOB_ID)
        assert invoke(deployment, "complete", event).error is None
        assert records.get(VIDEO_ID) == unnamed, name


def _submitted(deployment: Deployment) -> dict[str, Any]:
    """The record as the submit function leaves it, with an attribute that no function knows."""
    return {
        "id": VIDEO_ID,
        "owner": "somebody",
        "title": "Summer",
        "status": "SUBMITTED",
        "createdAt": "2026-01-15T10:00:00.000Z",
        "updatedAt": "2026-01-15T10:00:03.500Z",
        "revision": REVISION,
        "source": {
            "bucket": deployment.source_bucket,
            "key": SOURCE_KEY,
            "versionId": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH",
            "etag": "0d4a2f3c8e7b65914c1f0ab2d3e4f567",
            "sizeBytes": 1055736,
            "sequencer": "0065A5037B4C7A9F2E",
        },
        "job": {
            "id": JOB_ID,
            "claimedUntil": "2026-01-15T10:01:03.500Z",
            "renditions": [
                {
                    "name": "720p",
                    "kind": "VIDEO",
                    "codec": "H_264",
                    "width": 1280,
                    "height": 720,
                    "maxBitrate": 4000000,
                },
                {"name": "480p", "kind": "VIDEO", "codec": "H_264", "width": 854, "height": 480, "maxBitrate": 1500000},
                {"name": "360p", "kind": "VIDEO", "codec": "H_264", "width": 640, "height": 360, "maxBitrate": 700000},
                {"name": "audio", "kind": "AUDIO", "codec": "AAC", "channels": 2, "maxBitrate": 128000},
            ],
            "stills": {"posterNumber": 1, "thumbnailSeconds": 2, "thumbnailWidth": 320, "thumbnailHeight": 180},
        },
        "addedLater": {"kept": True},
    }
