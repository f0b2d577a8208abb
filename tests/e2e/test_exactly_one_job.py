"""Everything is delivered at least once; every upload is converted once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import clips, s3_events
from support.deployment import Deployment
from support.functions import invocations, invoke, log
from support.jobs import jobs_of
from support.records import Record, Records
from support.samples import about, names, sample_for
from support.uploads import upload
from support.waiting import wait_for
from support.web import fetch, media_url

AT_ONCE = 12


def test_an_event_that_comes_many_times_at_once_makes_one_job(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    key = f"{prefix}/often.mp4"
    clips.brief(tmp_path / "often.mp4")
    version = upload(deployment, tmp_path / "often.mp4", key)
    event = s3_events.event(s3_events.of_object(deployment, key))

    def deliver() -> int:
        """As Lambda does: again until it succeeds."""
        tries = 0

        def succeeds() -> bool:
            nonlocal tries
            tries += 1
            error = invoke(deployment, "submit", event).error
            # Whoever comes while another is at it may only be told to come again.
            assert error is None or error["errorType"] == "Held", error
            return error is None

        wait_for(succeeds, "success", 60)
        return tries

    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(deliver) for _ in range(AT_ONCE)]
        tries = sum(delivery.result() for delivery in running)
    record = records.wait_for_end(key, version)
    # And once more, for good measure, when all is done.
    assert invoke(deployment, "submit", event).error is None
    assert records.find(key) == record
    assert record["status"] == "READY"
    assert [job["Id"] for job in jobs_of(deployment, record["id"])] == [record["job"]["id"]]
    assert invocations(deployment, "submit", record["id"]) > tries >= AT_ONCE
    assert len([line for line in log(deployment, "submit", record["id"]) if "submitted a job" in line.text]) == 1


@dataclass(frozen=True)
class Replaced:
    """A video that was uploaded twice."""

    key: str
    first: Record
    meanwhile: list[Record]
    """The record as it was from the second upload on, until it was done."""
    second: Record


@pytest.fixture(scope="module")
def replaced(
    deployment: Deployment,
    prefix: str,
    session_records: Records,
    tmp_path_factory: pytest.TempPathFactory,
) -> Replaced:
    """One key, uploaded twice, with the second upload READY."""
    folder, key = tmp_path_factory.mktemp("replaced"), f"{prefix}/replaced.mp4"
    clips.brief(folder / "first.mp4")
    clips.other_brief(folder / "second.mp4")
    first = session_records.wait_for_end(key, upload(deployment, folder / "first.mp4", key))
    assert first["status"] == "READY"
    version = upload(deployment, folder / "second.mp4", key)
    meanwhile: list[Record] = []

    def look() -> Record | None:
        record = session_records.find(key)
        assert record is not None
        if record["source"]["versionId"] == version and record["status"] == "READY":
            return record
        if not meanwhile or meanwhile[-1] != record:
            meanwhile.append(record)
        # All the while, the first one plays.
        assert fetch(media_url(deployment, first["playback"]["hls"])).status == 200
        return None

    return Replaced(key, first, meanwhile, wait_for(look, f"second READY of {key}", 120))


@pytest.fixture
def twice(replaced: Replaced, records: Records) -> Replaced:
    """The video that was uploaded twice."""
    records.find(replaced.key)
    return replaced


def test_a_new_upload_is_a_new_revision_with_its_own_job_and_folder(deployment: Deployment, twice: Replaced) -> None:
    first, second = twice.first, twice.second
    assert first["id"] == second["id"]
    assert first["createdAt"] == second["createdAt"]
    assert first["revision"] != second["revision"]
    for record in (first, second):
        (job,) = jobs_of(deployment, record["id"], record["revision"])
        assert job["Id"] == record["job"]["id"]
        assert job["UserMetadata"] == {"id": record["id"], "revision": record["revision"]}
        assert record["playback"]["hls"].startswith(f"{record['id']}/{record['revision']}/")
    assert len(jobs_of(deployment, first["id"])) == 2
    assert [(item["width"], item["height"]) for item in second["playback"]["renditions"]] == [(256, 144)]


def test_playback_switches_over_only_when_the_new_revision_is_ready(twice: Replaced) -> None:
    of_the_new = [record for record in twice.meanwhile if record["revision"] == twice.second["revision"]]
    assert of_the_new
    assert {record["status"] for record in of_the_new} <= {"SUBMITTED", "PROCESSING"}
    for record in twice.meanwhile:
        assert record["playback"] == twice.first["playback"]
    assert twice.second["playback"]["revision"] == twice.second["revision"]


def test_an_upload_that_fails_leaves_the_playback_as_it_is(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    key = f"{prefix}/spoiled.mp4"
    clips.brief(tmp_path / "good.mp4")
    clips.text(tmp_path / "bad.mp4")
    good = records.wait_for_end(key, upload(deployment, tmp_path / "good.mp4", key))
    spoiled = records.wait_for_end(key, upload(deployment, tmp_path / "bad.mp4", key))
    assert (good["status"], spoiled["status"]) == ("READY", "FAILED")
    assert spoiled["playback"] == good["playback"]
    assert fetch(media_url(deployment, spoiled["playback"]["hls"])).status == 200


def test_the_event_of_a_replaced_upload_changes_nothing(
    deployment: Deployment, records: Records, twice: Replaced
) -> None:
    late = s3_events.event(s3_events.of_source(twice.first))
    assert invoke(deployment, "submit", late).error is None
    assert records.find(twice.key) == twice.second
    assert len(jobs_of(deployment, twice.second["id"])) == 2


@pytest.mark.parametrize("whose", ["the current job", "the replaced job", "a job that is none of the video's"])
def test_job_events_that_come_late_change_nothing(
    deployment: Deployment, records: Records, twice: Replaced, whose: str
) -> None:
    job_id, revision = {
        "the current job": (twice.second["job"]["id"], twice.second["revision"]),
        "the replaced job": (twice.first["job"]["id"], twice.first["revision"]),
        "a job that is none of the video's": ("1768471204000-ab12cd", twice.second["revision"]),
    }[whose]
    for name in _job_events():
        event = about(sample_for(deployment, name), twice.second["id"], revision, job_id)
        assert invoke(deployment, "complete", event).error is None
        assert records.find(twice.key) == twice.second, name


def _job_events() -> Iterator[str]:
    return (name for name in names() if name.startswith("mediaconvert-job-"))
