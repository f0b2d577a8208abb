"""When all is done. These tests come last."""

from boto3.dynamodb.conditions import Attr
from support.deployment import Deployment
from support.functions import BY_EVENT, failures
from support.jobs import jobs_of
from support.library import Library
from support.records import FINAL, Records


def test_every_video_came_to_an_end(records: Records, library: Library, prefix: str) -> None:
    videos = records.all(Attr("source.key").begins_with(f"{prefix}/"))
    assert len(videos) > 15
    assert [record for record in videos if record["status"] not in FINAL] == []


def test_no_revision_has_two_jobs(deployment: Deployment, records: Records, library: Library, prefix: str) -> None:
    for record in records.all(Attr("source.key").begins_with(f"{prefix}/")):
        revisions = [job["UserMetadata"]["revision"] for job in jobs_of(deployment, record["id"])]
        assert len(revisions) == len(set(revisions)), record["source"]["key"]


def test_no_event_of_an_input_was_given_up_on(deployment: Deployment, library: Library, records: Records) -> None:
    for key in library.all_keys():
        video_id = records.find(key)["id"]
        for name in BY_EVENT:
            assert not failures(deployment, name, video_id), key
