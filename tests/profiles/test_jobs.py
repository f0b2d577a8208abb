"""Each job that a built-in profile makes of thirty typical sources, held against the service's own model."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StructureShape
from servers import Servers
from wire import as_botocore

from local.paths import EXAMPLES


@pytest.fixture(scope="session")
def jobs() -> list[dict[str, Any]]:
    """The requests, with the names of their sources and profiles."""
    made = subprocess.run([EXAMPLES / "jobs"], check=True, capture_output=True, text=True).stdout
    return json.loads(made)


@pytest.fixture(scope="session")
def request_shape() -> Shape:
    """What CreateJob takes, as botocore has it from the service."""
    model = botocore.session.get_session().get_service_model("mediaconvert")
    return model.operation_model("CreateJob").input_shape


def mistakes(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """What of `value` the model doesn't allow."""
    if isinstance(shape, StructureShape):
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name in shape.required_members:
            if shape.members[name].serialization.get("name", name) not in value:
                yield f"{path}/{name} is required"
        for name, inner in value.items():
            if name in members:
                yield from mistakes(inner, members[name], f"{path}/{name}")
            else:
                yield f"{path}/{name} is unknown"
    elif isinstance(shape, ListShape):
        yield from bounds(len(value), shape, path)
        for index, inner in enumerate(value):
            yield from mistakes(inner, shape.member, f"{path}/{index}")
    elif isinstance(shape, MapShape):
        for key, inner in value.items():
            yield from mistakes(inner, shape.value, f"{path}/{key}")
    elif shape.type_name == "string":
        if not isinstance(value, str):
            yield f"{path} is no text"
            return
        yield from bounds(len(value), shape, path)
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            yield f"{path}: {value} doesn't match {pattern}"
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value} is none of {shape.enum}"
    elif shape.type_name in ("integer", "long", "double", "float"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{path} is no number"
            return
        yield from bounds(value, shape, path)


def bounds(value: float, shape: Shape, path: str) -> Iterator[str]:
    """Whether a number, or a length, is within what the model says."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and value < least) or (most is not None and value > most):
        yield f"{path}: {value} is not between {least} and {most}"


def test_every_job_is_what_the_service_takes(jobs: list[dict[str, Any]], request_shape: Shape) -> None:
    profiles = {job["profile"] for job in jobs}
    assert profiles == {"standard", "efficient", "small", "audio", "archive", "AV1 and loudness", "extras"}
    # One source is silent, and the profile audio has nothing to make of it.
    assert len(jobs) == 30 * len(profiles) - 1
    found = [
        f"{job['profile']} of {job['source']}: {mistake}"
        for job in jobs
        for mistake in mistakes(job["request"], request_shape)
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


def test_a_mistake_is_found(jobs: list[dict[str, Any]], request_shape: Shape) -> None:
    request = json.loads(json.dumps(jobs[0]["request"]))
    group = request["settings"]["outputGroups"][0]
    group["outputs"][0]["videoDescription"]["height"] = 31
    group["outputs"][1]["containerSettings"]["container"] = "CMAF"
    group["outputGroupSettings"]["colour"] = "red"
    del request["role"]
    assert len(list(mistakes(request, request_shape))) == 4


def test_the_local_mediaconvert_takes_every_job(
    jobs: list[dict[str, Any]], request_shape: Shape, servers: Servers
) -> None:
    mediaconvert = servers.client("mediaconvert")
    # A queue that starts nothing.
    mediaconvert.create_queue(Name="paused", Status="PAUSED")
    refused = []
    for number, job in enumerate(jobs):
        request = as_botocore(job["request"], request_shape) | {"ClientRequestToken": str(number), "Queue": "paused"}
        try:
            mediaconvert.create_job(**request)
        except ClientError as error:
            refused.append(f"{job['profile']} of {job['source']}: {error}")
    assert refused == []
