"""Everything goes wrong that can, and every video comes to its right end. `make chaos` is the long version."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import clips
from support.deployment import Deployment
from support.functions import invoke
from support.jobs import jobs_of
from support.records import FINAL, Record, Records
from support.uploads import upload
from support.waiting import wait_for
from support.web import fetch

from local.chaos import Chaos
from local.stack import Stack

SEED = 7
VIDEOS = 12
BURST = 12


@pytest.fixture
def slow_mediaconvert(spare_stack: Stack) -> Iterator[Stack]:
    """A stack whose MediaConvert takes one request a second of each kind."""
    spare_stack.restart_mediaconvert("--requests-per-second", "1")
    yield spare_stack
    spare_stack.restart_mediaconvert()


def test_a_burst_beyond_the_rate_of_jobs_gets_each_upload_its_job_once(
    slow_mediaconvert: Stack, tmp_path: Path
) -> None:
    deployment = Deployment(slow_mediaconvert.description())
    records = Records(deployment)
    clips.brief(tmp_path / "brief.mp4")
    keys = [f"burst/{number}.mp4" for number in range(BURST)]
    with ThreadPoolExecutor(BURST) as pool:
        list(pool.map(lambda key: upload(deployment, tmp_path / "brief.mp4", key), keys))

    def all_ended() -> list[Record] | None:
        # As its schedule does, in less time.
        invoke(deployment, "reconcile", {"impatient": True})
        found = [record for key in keys if (record := records.find(key)) and record["status"] in FINAL]
        return found if len(found) == BURST else None

    ended = wait_for(all_ended, "end of all of the burst", 240)
    assert {record["status"] for record in ended} == {"READY"}
    told = fetch(f"{deployment.description['mediaConvertEndpoint']}/metrics").body.decode()
    assert [line for line in told.splitlines() if 'code="429"' in line], "the rate was exceeded"
    # Asked for at the usual rate, or the answers would be refused too.
    slow_mediaconvert.restart_mediaconvert()
    for record in ended:
        assert len(jobs_of(deployment, record["id"])) == 1


def test_whatever_goes_wrong_every_video_comes_to_its_right_end(spare_stack: Stack) -> None:
    outcome = Chaos(spare_stack, SEED, VIDEOS).run()
    print(outcome)
    assert outcome.verdict.problems == []
    assert outcome.injected["S3 events lost"] and outcome.injected["events LOSE"], "misfortunes were at work"
