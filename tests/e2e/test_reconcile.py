"""What an event never told is found and repaired."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import clips
from support.deployment import Deployment
from support.functions import invoke, log
from support.jobs import job, jobs_of
from support.records import Record, Records, an_hour_ago
from support.uploads import upload
from support.waiting import wait_for
from support.web import fetch, media_url


@contextmanager
def job_events_lost(deployment: Deployment) -> Iterator[None]:
    """Meanwhile no job event reaches a function."""
    events = deployment.client("events")
    names = [rule["Name"] for rule in events.list_rules()["Rules"] if "aws.mediaconvert" in rule["EventPattern"]]
    for name in names:
        events.disable_rule(Name=name)
    try:
        yield
    finally:
        for name in names:
            events.enable_rule(Name=name)


def let_an_hour_pass(deployment: Deployment, record: Record) -> None:
    """As if the record had not changed for an hour."""
    deployment.table.update_item(
        Key={"id": record["id"]},
        UpdateExpression="SET updatedAt = :then, checkAt = :then, job.claimedUntil = :then",
        ExpressionAttributeValues={":then": an_hour_ago()},
    )


def test_a_video_whose_job_events_were_lost_becomes_ready(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    key = f"{prefix}/lost-events.mp4"
    clips.brief(tmp_path / "lost-events.mp4")
    with job_events_lost(deployment):
        upload(deployment, tmp_path / "lost-events.mp4", key)
        record = records.wait(key, "job", lambda record: "id" in record.get("job", {}))
        wait_for(lambda: job(deployment, record["job"]["id"])["Status"] == "COMPLETE", "complete job", 120)
    assert records.find(key)["status"] == "SUBMITTED"

    let_an_hour_pass(deployment, record)
    assert invoke(deployment, "reconcile", {}).error is None

    healed = records.find(key)
    assert healed["status"] == "READY"
    assert {"width", "height"} <= healed["playback"]["renditions"][0].keys()
    assert fetch(media_url(deployment, healed["playback"]["hls"])).status == 200
    assert any(record["id"] in line.text for line in log(deployment, "reconcile", "an event about it was lost"))


def test_a_claim_whose_function_died_gets_its_job(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    key = f"{prefix}/died.mp4"
    clips.brief(tmp_path / "died.mp4")
    with job_events_lost(deployment):
        upload(deployment, tmp_path / "died.mp4", key)
        record = records.wait(key, "job", lambda record: "id" in record.get("job", {}))
    # As if the function had died between the job's creation and the note of its id.
    deployment.table.update_item(
        Key={"id": record["id"]},
        UpdateExpression="REMOVE job.id SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": "SUBMITTED"},
    )
    let_an_hour_pass(deployment, record)
    assert invoke(deployment, "reconcile", {}).error is None

    found = records.wait(key, "job's id", lambda record: "id" in record["job"])
    assert found["job"]["id"] == record["job"]["id"]
    wait_for(lambda: job(deployment, record["job"]["id"])["Status"] == "COMPLETE", "complete job", 120)
    let_an_hour_pass(deployment, found)
    assert invoke(deployment, "reconcile", {}).error is None
    assert records.find(key)["status"] == "READY"
    assert len(jobs_of(deployment, record["id"])) == 1
