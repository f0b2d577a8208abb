"""Makes lost records again: lets the reconcile function go through the buckets and the history of jobs."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalError
from local.failures import LOCAL_STACK, stack_outputs
from local.stack import Stack

ROUND_SECONDS = 3.0
ROUNDS = 40
"""How often it is looked whether the videos have come to their end. Later rounds go on with what is left."""


@dataclass(frozen=True)
class Reconcile:
    """The reconcile function of a deployed stack."""

    functions: BaseClient
    name: str

    @classmethod
    def of_local(cls, stack: Stack) -> "Reconcile":
        """That of the local stack."""
        outputs = stack_outputs(stack.client("cloudformation"), LOCAL_STACK)
        return cls(stack.client("lambda"), outputs["ReconcileFunctionName"])

    @classmethod
    def of_aws(cls, name: str) -> "Reconcile":
        """That of a stack in the account of the person's own credentials."""
        try:
            # As long as the function may take, and no second invocation after it.
            patient = Config(read_timeout=150, retries={"total_max_attempts": 1})
            outputs = stack_outputs(boto3.client("cloudformation"), name)
            return cls(boto3.client("lambda", config=patient), outputs["ReconcileFunctionName"])
        except (BotoCoreError, ClientError) as error:
            raise LocalError(f"AWS can't be asked about the stack {name}: {error}") from error

    def rebuild(self) -> Iterator[Mapping[str, Any]]:
        """What each invocation did, until all is looked at."""
        cursor: Any = {"uploads": {}}
        while cursor:
            done = self._ask({"rebuild": cursor})
            yield done
            cursor = done.get("cursor")

    def settle(self, sleep: Callable[[float], None] = time.sleep) -> int:
        """Rounds until no video is on its way, or for long enough; returns how many still are."""
        left = 0
        for _ in range(ROUNDS):
            left = self._ask({"impatient": True})["checked"]
            if not left:
                break
            sleep(ROUND_SECONDS)
        return left

    def _ask(self, request: Any) -> Mapping[str, Any]:
        try:
            answer = self.functions.invoke(FunctionName=self.name, Payload=json.dumps(request).encode())
        except (BotoCoreError, ClientError) as error:
            raise LocalError(f"{self.name} can't be invoked: {error}. Try again: what is done stays done.") from error
        said = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise LocalError(f"{self.name} failed: {said.get('errorMessage')}. Try again: what is done stays done.")
        return said


def run(reconcile: Reconcile) -> None:
    """`make rebuild`."""
    restored = errors = 0
    for done in reconcile.rebuild():
        restored, errors = restored + done["restored"], errors + done["errors"]
        print(f"Made {restored} records again …", flush=True)
    left = reconcile.settle() if restored else 0
    print(f"Made {restored} records again." + (f" {left} videos are still on their way." if left else ""))
    if errors:
        raise LocalError(f"{errors} could not be looked into; the function's log says why. Then: make rebuild")
