"""Each job that a built-in profile makes of thirty typical sources, held against the service's own model."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def jobs() -> list[dict[str, Any]]:
    """The requests, with the names of their sources and profiles."""
    command = ["cargo", "run", "--quiet", "--package", "common", "--example", "jobs"]
    made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
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
    assert profiles == {"standard", "efficient", "small", "audio", "archive", "AV1 and loudness"}
    # One source is silent, and the profile audio has nothing to make of it.
    assert len(jobs) == 30 * len(profiles) - 1
    found = [
        f"{job['profile']} of {job['source']}: {mistake}"
        for job in jobs
        for mistake in mistakes(job["request"], request_shape)
    ]
    assert found == []


def test_a_mistake_is_found(jobs: list[dict[str, Any]], request_shape: Shape) -> None:
    request = json.loads(json.dumps(jobs[0]["request"]))
    group = request["settings"]["outputGroups"][0]
    group["outputs"][0]["videoDescription"]["height"] = 31
    group["outputs"][1]["containerSettings"]["container"] = "CMAF"
    group["outputGroupSettings"]["colour"] = "red"
    del request["role"]
    assert len(list(mistakes(request, request_shape))) == 4


@pytest.fixture(scope="session")
def mediaconvert(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of the local MediaConvert, with a queue that starts nothing."""
    subprocess.run(["cargo", "build", "--quiet", "--package", "mediaconvert-local", "--bins"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    # Nothing is read or written there: no job starts.
    env = {**os.environ, **keys, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    work = tmp_path_factory.mktemp("mediaconvert")
    log = work / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [target / "debug" / "mediaconvert-local", "--listen", address, "--work-dir", work],
            env=env,
            stdout=out,
            stderr=out,
        )
    client = boto3.client(
        "mediaconvert",
        endpoint_url=f"http://{address}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    try:
        end = time.monotonic() + 60
        while True:
            try:
                client.create_queue(Name="paused", Status="PAUSED")
                break
            except botocore.exceptions.EndpointConnectionError:
                assert server.poll() is None and time.monotonic() < end, log.read_text()
                time.sleep(0.1)
        yield client
    finally:
        server.terminate()
        server.wait(30)


def test_the_local_mediaconvert_takes_every_job(jobs: list[dict[str, Any]], mediaconvert: Any) -> None:
    refused = []
    for number, job in enumerate(jobs):
        request = {name[0].upper() + name[1:]: value for name, value in job["request"].items()}
        request["Settings"] = as_botocore(request["Settings"], mediaconvert.meta.service_model.shape_for("JobSettings"))
        request["ClientRequestToken"] = str(number)
        try:
            mediaconvert.create_job(**request, Queue="paused")
        except botocore.exceptions.ClientError as error:
            refused.append(f"{job['profile']} of {job['source']}: {error}")
    assert refused == []


def as_botocore(value: Any, shape: Shape) -> Any:
    """A value of the wire under the names that botocore takes."""
    if isinstance(shape, StructureShape):
        members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        return {members[name][0]: as_botocore(inner, members[name][1]) for name, inner in value.items()}
    if isinstance(shape, ListShape):
        return [as_botocore(inner, shape.member) for inner in value]
    if isinstance(shape, MapShape):
        return {key: as_botocore(inner, shape.value) for key, inner in value.items()}
    return value
