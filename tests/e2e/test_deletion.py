"""Deleted videos go as a whole and stay away; replaced revisions go when nobody needs them."""

import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support import clips, s3_events
from support.deployment import Deployment
from support.functions import invoke
from support.jobs import job, jobs_of
from support.records import Record, Records, an_hour_ago
from support.uploads import upload
from support.waiting import wait_for


def delete(deployment: Deployment, record: Record) -> None:
    """As the API does: the record says so, and the reconcile function is asked to look."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    drop = "playback, failure, progressPercent, title, #owner"
    # A job that has ended can't write any more, so the record forgets it.
    if record["status"] not in ("SUBMITTED", "PROCESSING"):
        drop += ", job"
    deployment.table.update_item(
        Key={"id": record["id"]},
        UpdateExpression=f"SET #status = :deleting, watch = :open, checkAt = :now, updatedAt = :now REMOVE {drop}",
        ExpressionAttributeNames={"#status": "status", "#owner": "owner"},
        ExpressionAttributeValues={":deleting": "DELETING", ":open": "OPEN", ":now": now},
    )
    assert invoke(deployment, "reconcile", {"video": record["id"]}).error is None


def let_the_tombstone_go(deployment: Deployment, video_id: str) -> None:
    """As if it had outlived everybody who may have seen the video."""
    deployment.table.update_item(
        Key={"id": video_id},
        UpdateExpression="SET removedAt = :then, checkAt = :then",
        ConditionExpression="attribute_exists(removedAt)",
        ExpressionAttributeValues={":then": an_hour_ago()},
    )
    assert invoke(deployment, "reconcile", {}).error is None


def left_of(deployment: Deployment, record: Record) -> list[Any]:
    """Versions of the source and objects of the output; S3 keeps the marker of a deletion for a while."""
    s3 = deployment.client("s3")
    versions = s3.list_object_versions(Bucket=deployment.source_bucket, Prefix=record["source"]["key"])
    outputs = s3.list_objects_v2(Bucket=deployment.converted_bucket, Prefix=f"{record['id']}/")
    return [*versions.get("Versions", []), *outputs.get("Contents", [])]


def test_nothing_is_left_of_a_deleted_video_and_late_news_do_not_bring_it_back(
    deployment: Deployment, records: Records, tmp_path: Path
) -> None:
    # A key of the API's: there, an object without a record is one whose video was deleted.
    key = f"videos/{uuid.uuid4()}/source.mp4"
    clips.brief(tmp_path / "deleted.mp4")
    for _ in range(2):
        record = records.wait_for_end(key, upload(deployment, tmp_path / "deleted.mp4", key))
    assert record["status"] == "READY"
    assert len(left_of(deployment, record)) > 10
    late = s3_events.event(s3_events.of_source(record))

    delete(deployment, record)

    assert left_of(deployment, record) == []
    tombstone = records.get(record["id"])
    assert tombstone and tombstone.keys() == {
        *("id", "library", "status", "createdAt", "updatedAt", "revision", "source", "removedAt", "watch", "checkAt")
    }
    assert invoke(deployment, "submit", late).error is None
    # Of this video alone: what other tests made up for theirs would be taken for lost uploads.
    assert invoke(deployment, "reconcile", {"video": record["id"], "impatient": True}).error is None
    assert records.get(record["id"]) == tombstone, "others may still be at work"

    let_the_tombstone_go(deployment, record["id"])

    assert records.get(record["id"]) is None
    assert invoke(deployment, "submit", late).error is None
    assert records.get(record["id"]) is None
    assert len(jobs_of(deployment, record["id"])) == 2


def test_the_job_of_a_deleted_video_is_canceled(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    key = f"{prefix}/deleted-early.mp4"
    clips.ntsc(tmp_path / "long.mp4")
    upload(deployment, tmp_path / "long.mp4", key)
    record = records.wait(key, "job", lambda record: "id" in record.get("job", {}))

    delete(deployment, record)

    def removed() -> bool:
        assert invoke(deployment, "reconcile", {"video": record["id"]}).error is None
        return "removedAt" in (records.get(record["id"]) or {})

    wait_for(removed, "end of the deletion", 60)
    let_the_tombstone_go(deployment, record["id"])
    assert records.get(record["id"]) is None
    assert job(deployment, record["job"]["id"])["Status"] == "CANCELED"
    assert left_of(deployment, record) == []


def test_what_is_uploaded_in_place_of_a_deleted_video_is_converted_when_the_tombstone_goes(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    key = f"{prefix}/again.mp4"
    clips.brief(tmp_path / "brief.mp4")
    first = records.wait_for_end(key, upload(deployment, tmp_path / "brief.mp4", key))
    delete(deployment, first)
    time.sleep(1.5)  # S3 tells the time of an upload in whole seconds
    version = upload(deployment, tmp_path / "brief.mp4", key)
    event = s3_events.event(s3_events.of_object(deployment, key))
    assert invoke(deployment, "submit", event).error is None
    assert records.get(first["id"])["status"] == "DELETING"

    let_the_tombstone_go(deployment, first["id"])

    second = records.wait_for_end(key, version)
    assert second["status"] == "READY"
    assert len(jobs_of(deployment, second["id"], second["revision"])) == 1


def test_a_new_upload_cancels_the_job_of_the_one_that_it_replaces(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    key = f"{prefix}/replaced-early.mp4"
    clips.ntsc(tmp_path / "long.mp4")
    clips.brief(tmp_path / "brief.mp4")
    upload(deployment, tmp_path / "long.mp4", key)
    first = records.wait(key, "job", lambda record: "id" in record.get("job", {}))
    second = records.wait_for_end(key, upload(deployment, tmp_path / "brief.mp4", key))
    assert second["status"] == "READY"
    assert job(deployment, first["job"]["id"])["Status"] == "CANCELED"
