"""Each job that a built-in profile makes of thirty typical sources, held against the service's own model."""

import json
import subprocess
from typing import Any

import pytest
from botocore.exceptions import ClientError
from servers import Servers
from service_model import as_botocore, create_job, mistakes

from local.paths import EXAMPLES


@pytest.fixture(scope="session")
def jobs() -> list[dict[str, Any]]:
    """The requests, with the names of their sources and profiles."""
    made = subprocess.run([EXAMPLES / "jobs"], check=True, capture_output=True, text=True).stdout
    return json.loads(made)


def test_every_job_is_what_the_service_takes(jobs: list[dict[str, Any]]) -> None:
    profiles = {job["profile"] for job in jobs}
    assert profiles == {"standard", "efficient", "small", "audio", "archive", "AV1 and loudness", "extras"}
    # One source is silent, and the profile audio has nothing to make of it.
    assert len(jobs) == 30 * len(profiles) - 1
    found = [
        f"{job['profile']} of {job['source']}: {mistake}"
        for job in jobs
        for mistake in mistakes(job["request"], create_job())
    ]
    assert found == []


def test_the_extras_are_among_them(jobs: list[dict[str, Any]]) -> None:
    (job,) = [job for job in jobs if (job["profile"], job["source"]) == ("extras", "full hd, NTSC")]
    settings = job["request"]["settings"]
    (clipping,) = settings["inputs"][0]["inputClippings"]
    # Frames 370 and 2034 of 29.97 a second.
    assert clipping == {"startTimecode": "00:00:12:10", "endTimecode": "00:01:07:24"}
    outputs = [output for group in settings["outputGroups"] for output in group["outputs"]]
    assert "_download" in [output["nameModifier"] for output in outputs]
    marked = [output for output in outputs if "videoPreprocessors" in output.get("videoDescription", {})]
    assert len(marked) == 5


def test_a_mistake_is_found(jobs: list[dict[str, Any]]) -> None:
    request = json.loads(json.dumps(jobs[0]["request"]))
    group = request["settings"]["outputGroups"][0]
    group["outputs"][0]["videoDescription"]["height"] = 31
    group["outputs"][1]["containerSettings"]["container"] = "CMAF"
    group["outputGroupSettings"]["colour"] = "red"
    del request["role"]
    # A pattern, a length, a key of a map, and types.
    request["settings"]["inputs"][0]["timecodeStart"] = "99:00:00:00"
    request["settings"]["inputs"][0]["videoSelector"]["alphaBehavior"] = True
    request["userMetadata"] = {"id": 7}
    request["settings"]["outputGroups"].append({"outputs": {}})
    request["clientRequestToken"] = []
    found = list(mistakes(request, create_job()))
    assert len(found) == 9, found


def test_the_local_mediaconvert_takes_every_job(jobs: list[dict[str, Any]], servers: Servers) -> None:
    mediaconvert = servers.client("mediaconvert")
    # A queue that starts nothing.
    mediaconvert.create_queue(Name="paused", Status="PAUSED")
    refused = []
    for number, job in enumerate(jobs):
        request = as_botocore(job["request"], create_job()) | {"ClientRequestToken": str(number), "Queue": "paused"}
        try:
            mediaconvert.create_job(**request)
        except ClientError as error:
            refused.append(f"{job['profile']} of {job['source']}: {error}")
    assert refused == []
