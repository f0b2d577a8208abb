"""Requests as they go over the wire, and as botocore takes them."""

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape


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
