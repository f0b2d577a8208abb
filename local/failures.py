"""What was given up on: lists the messages in a stack's failure queues, and replays them.

A message is either the record of an invocation that Lambda gave up on, or an event that EventBridge could not deliver.
Both are read leniently, because the local stack leaves some fields out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalError
from local.stack import Stack

QUEUES = {
    "SubmitFailuresUrl": "SubmitFunctionName",
    "CompleteFailuresUrl": "CompleteFunctionName",
    "ReconcileFailuresUrl": "ReconcileFunctionName",
    "UndeliveredEventsUrl": "CompleteFunctionName",
}
"""Outputs of the stack: each queue, and the function that takes what is in it."""

LOCAL_STACK = "vod"
LOOK_SECONDS = 60
"""How long a message is hidden from others who look: long enough to receive each once."""
REPLAY_SECONDS = 900
"""The same while all are replayed one after the other."""


@dataclass(frozen=True)
class Failure:
    """One message of a failure queue."""

    queue: str
    receipt: str
    when: str
    function: str
    subject: str
    error: str
    payload: Any
    """What the function was, or should have been, invoked with."""

    def __str__(self) -> str:
        return f"{self.when}  {self.function}  {self.subject}\n    {self.error}"


class Queues:
    """The failure queues of a deployed stack."""

    def __init__(self, outputs: Mapping[str, str], sqs: BaseClient, functions: BaseClient) -> None:
        self._functions = {outputs[queue]: outputs[name] for queue, name in QUEUES.items()}
        self._sqs = sqs
        self._lambda = functions

    @classmethod
    def of_local(cls, stack: Stack) -> "Queues":
        """Those of the local stack."""
        return cls(
            stack_outputs(stack.client("cloudformation"), LOCAL_STACK), stack.client("sqs"), stack.client("lambda")
        )

    @classmethod
    def of_aws(cls, name: str) -> "Queues":
        """Those of a stack in the account of the person's own credentials."""
        try:
            # As long as the longest of the functions may take, and no second invocation after it.
            patient = Config(read_timeout=150, retries={"total_max_attempts": 1})
            outputs = stack_outputs(boto3.client("cloudformation"), name)
            return cls(outputs, boto3.client("sqs"), boto3.client("lambda", config=patient))
        except (BotoCoreError, ClientError) as error:
            raise LocalError(f"AWS can't be asked about the stack {name}: {error}") from error

    def list(self) -> list[Failure]:
        """All messages, the oldest first. They stay where they are."""
        found = [failure for queue in self._functions for failure in self._receive(queue, LOOK_SECONDS)]
        for failure in found:
            self._show_again(failure)
        return sorted(found, key=lambda failure: failure.when)

    def replay(self) -> Iterator[tuple[Failure, str | None]]:
        """Invokes each function anew and removes what succeeds; yields each message with the error that is left."""
        found = [failure for queue in self._functions for failure in self._receive(queue, REPLAY_SECONDS)]
        for failure in sorted(found, key=lambda failure: failure.when):
            error = self._invoke(failure)
            if error is None:
                self._sqs.delete_message(QueueUrl=failure.queue, ReceiptHandle=failure.receipt)
            else:
                self._show_again(failure)
            yield failure, error

    def _invoke(self, failure: Failure) -> str | None:
        try:
            answer = self._lambda.invoke(
                FunctionName=failure.function, Payload=json.dumps(failure.payload).encode(), LogType="None"
            )
        except (BotoCoreError, ClientError) as error:
            return str(error)
        return _error(json.load(answer["Payload"])) if "FunctionError" in answer else None

    def _receive(self, queue: str, seconds: int) -> Iterator[Failure]:
        asked = {
            "QueueUrl": queue,
            "MaxNumberOfMessages": 10,
            "VisibilityTimeout": seconds,
            "WaitTimeSeconds": 1,  # asks every server of the queue, not a sample of them
            "AttributeNames": ["SentTimestamp"],
            "MessageAttributeNames": ["All"],
        }
        while messages := self._sqs.receive_message(**asked).get("Messages", []):
            for message in messages:
                yield read(message, queue, self._functions[queue])

    def _show_again(self, failure: Failure) -> None:
        self._sqs.change_message_visibility(QueueUrl=failure.queue, ReceiptHandle=failure.receipt, VisibilityTimeout=0)


def read(message: Mapping[str, Any], queue: str, function: str) -> Failure:
    """A message in words. One that can't be understood is told as it is, never dropped."""
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = message["Body"]
    attributes = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    is_record = isinstance(body, dict) and "requestPayload" in body
    payload = body["requestPayload"] if is_record else body
    if is_record:
        condition = body.get("requestContext", {}).get("condition", "")
        error = _error(body.get("responsePayload")) or condition or "unknown"
    else:
        told = (attributes.get("ERROR_CODE"), attributes.get("ERROR_MESSAGE"))
        error = ": ".join(part for part in told if part) or "never delivered"
    sent = int(message.get("Attributes", {}).get("SentTimestamp", 0))
    when = datetime.fromtimestamp(sent / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Failure(queue, message["ReceiptHandle"], when, function, _subject(payload), error, payload)


def _subject(payload: Any) -> str:
    match payload:
        case {"Records": [*records]}:
            return ", ".join(_key(record) for record in records)
        case {"detail": {"userMetadata": {"id": video}, **detail}}:
            return f"video {video}, job {detail.get('jobId')} {detail.get('status')}"
        case {"video": video}:
            return f"video {video}"
        case {}:
            return "a round" if not payload else json.dumps(payload)[:200]
    return json.dumps(payload)[:200]


def _key(record: Any) -> str:
    try:
        return unquote_plus(record["s3"]["object"]["key"])
    except (KeyError, TypeError):
        return json.dumps(record)[:200]


def _error(answer: Any) -> str | None:
    if not isinstance(answer, dict):
        return None
    parts: Sequence[str | None] = (answer.get("errorType"), answer.get("errorMessage"))
    return ": ".join(part for part in parts if part) or None


def stack_outputs(cloudformation: BaseClient, name: str) -> dict[str, str]:
    """What a deployed stack tells of itself."""
    (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
