"""The functions as AWS runs them, which `make test-packages` builds before: their size, and that they start."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.paths import ROOT, packages
from local.stack import Stack

MIB = 1024 * 1024
BUDGETS = {"submit": 4 * MIB, "complete": 4 * MIB, "reconcile": 4 * MIB, "api": 6 * MIB}
"""Largest zip file of each function, bytes: Lambda loads it at a cold start."""

EVENTS = {
    "submit": "s3-object-created.json",
    "complete": "mediaconvert-job-complete.json",
    "api": "api-list-videos.json",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELEASE", "1")
        with Stack.for_tests(tmp_path_factory.mktemp("stack")) as stack:
            yield stack


def test_no_function_is_forgotten() -> None:
    built = {path.stem for path in packages("release").glob("*.zip")}
    assert built == set(BUDGETS)


@pytest.mark.parametrize("name", BUDGETS)
def test_a_package_is_within_its_budget(name: str) -> None:
    assert (packages("release") / f"{name}.zip").stat().st_size <= BUDGETS[name]


@pytest.mark.parametrize("name", BUDGETS)
def test_a_function_starts_and_answers(name: str, stack: Stack) -> None:
    event = (
        (ROOT / "events" / EVENTS[name]).read_bytes() if name in EVENTS else b"{}"
    )  # the schedule sends nothing else
    function = stack.description()["functions"][name]
    deployed = stack.client("lambda").get_function_configuration(FunctionName=function)
    assert deployed["CodeSize"] == (packages("release") / f"{name}.zip").stat().st_size
    answer: dict[str, Any] = stack.client("lambda").invoke(FunctionName=function, Payload=event)
    payload = answer["Payload"].read()
    assert "FunctionError" not in answer, payload
    if name == "api":
        assert json.loads(payload)["statusCode"] == 200
