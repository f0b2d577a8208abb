"""Requests held against the service's own model, as botocore ships it: with the patterns and enumerations that botocore
itself doesn't check."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape


@cache
def create_job() -> StructureShape:
    """What CreateJob takes."""
    model = botocore.session.get_session().get_service_model("mediaconvert")
    return model.operation_model("CreateJob").input_shape


def mistakes(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """What of a value, under the names of the wire, the model doesn't allow."""
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            yield f"{path} is no object"
            return
        members = {_on_the_wire(name, member): member for name, member in shape.members.items()}
        for name in shape.required_members:
            if _on_the_wire(name, shape.members[name]) not in value:
                yield f"{path}/{_on_the_wire(name, shape.members[name])} is required"
        for name, inner in value.items():
            if name in members:
                yield from mistakes(inner, members[name], f"{path}/{name}")
            else:
                yield f"{path}/{name} is unknown"
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        yield from _bounds(len(value), shape, path)
        for index, inner in enumerate(value):
            yield from mistakes(inner, shape.member, f"{path}/{index}")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield f"{path} is no map"
            return
        for key, inner in value.items():
            yield from mistakes(key, shape.key, f"{path}, key {key}")
            yield from mistakes(inner, shape.value, f"{path}/{key}")
    elif shape.type_name == "string":
        yield from _text(value, shape, path)
    elif shape.type_name == "boolean":
        if not isinstance(value, bool):
            yield f"{path} is neither true nor false"
    elif shape.type_name in ("integer", "long", "double", "float"):
        whole = shape.type_name in ("integer", "long")
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            yield f"{path} is no {'whole ' if whole else ''}number"
            return
        yield from _bounds(value, shape, path)


def mistakes_of_job(job: Mapping[str, Any]) -> list[str]:
    """What is wrong with the request of a job that GetJob or ListJobs tells of, under botocore's names."""
    shape = create_job()
    request = {name: value for name, value in job.items() if name in shape.members and name in _ASKED_FOR}
    return list(mistakes(as_wire(request, shape), shape))


_ASKED_FOR = ("ClientRequestToken", "JobTemplate", "Role", "Settings", "UserMetadata")
"""What a job repeats of its request as it came. Other members are of what became of it, such as the queue's ARN."""


def as_botocore(value: Any, shape: Shape) -> Any:
    """A value of the wire under the names that botocore takes."""
    if isinstance(shape, StructureShape):
        members = {_on_the_wire(name, member): (name, member) for name, member in shape.members.items()}
        return {members[name][0]: as_botocore(inner, members[name][1]) for name, inner in value.items()}
    return _inside(value, shape, as_botocore)


def as_wire(value: Any, shape: Shape) -> Any:
    """A value that botocore takes, under the names of the wire."""
    if isinstance(shape, StructureShape):
        members = shape.members
        return {_on_the_wire(name, members[name]): as_wire(inner, members[name]) for name, inner in value.items()}
    return _inside(value, shape, as_wire)


def _inside(value: Any, shape: Shape, renamed: Any) -> Any:
    if isinstance(shape, ListShape):
        return [renamed(inner, shape.member) for inner in value]
    if isinstance(shape, MapShape):
        return {key: renamed(inner, shape.value) for key, inner in value.items()}
    return value


def _on_the_wire(name: str, member: Shape) -> str:
    return member.serialization.get("name", name)


def _text(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path} is no text"
        return
    yield from _bounds(len(value), shape, path)
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(pattern, value):
        yield f"{path}: {value} doesn't match {pattern}"
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value} is none of {shape.enum}"


def _bounds(value: float, shape: Shape, path: str) -> Iterator[str]:
    """Whether a number, or a length, is within what the model says."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and value < least) or (most is not None and value > most):
        yield f"{path}: {value} is not between {least} and {most}"
