"""How a rebuild is driven: to its end, and never on after an error."""

import io
import json
from typing import Any

import pytest

from local.errors import LocalError
from local.rebuild import Reconcile, run


class FakeLambda:
    def __init__(self, *answers: Any, broken: bool = False) -> None:
        self.answers = list(answers)
        self.broken = broken
        self.asked: list[Any] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(json.loads(asked["Payload"]))
        answer = {"Payload": io.BytesIO(json.dumps(self.answers.pop(0)).encode())}
        return {**answer, "FunctionError": "Unhandled"} if self.broken else answer


def test_it_goes_on_where_the_last_invocation_stopped_and_then_has_rounds() -> None:
    there = {"jobs": {"nextToken": "t"}}
    functions = FakeLambda(
        {"restored": 2, "errors": 0, "cursor": there}, {"restored": 1, "errors": 0}, {"checked": 3}, {"checked": 0}
    )
    reconcile = Reconcile(functions, "vod-reconcile")
    assert sum(done["restored"] for done in reconcile.rebuild()) == 3
    assert reconcile.settle(lambda _: None) == 0
    assert functions.asked == [
        {"rebuild": {"uploads": {}}},
        {"rebuild": there},
        {"impatient": True},
        {"impatient": True},
    ]


def test_what_could_not_be_looked_into_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    reconcile = Reconcile(FakeLambda({"restored": 0, "errors": 1}), "vod-reconcile")
    with pytest.raises(LocalError, match="1 could not be looked into"):
        run(reconcile)
    assert "Made 0 records again." in capsys.readouterr().out


def test_a_function_that_fails_is_told_by_its_reason() -> None:
    functions = FakeLambda({"errorType": "S3", "errorMessage": "list the source bucket"}, broken=True)
    with pytest.raises(LocalError, match="list the source bucket"):
        run(Reconcile(functions, "vod-reconcile"))
