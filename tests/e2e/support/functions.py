"""The functions: invoking them, and what they log and leave behind."""

import json
from dataclasses import dataclass
from typing import Any

from support.deployment import Deployment

BY_EVENT = ("submit", "complete", "reconcile")
"""The functions that events start, and whose failures a queue keeps."""


@dataclass(frozen=True)
class Invocation:
    """An invocation that has ended."""

    error: dict[str, Any] | None
    """`errorType` and `errorMessage` of one that failed."""


@dataclass(frozen=True)
class LogLine:
    """A line of a function's log."""

    invocation: str
    """What the lines of one invocation have in common."""
    text: str


def invoke(deployment: Deployment, name: str, event: Any) -> Invocation:
    """Invokes `submit` or `complete`, and waits for its end."""
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.functions[name], InvocationType="RequestResponse", Payload=_payload(event)
    )
    said = answer["Payload"].read()
    return Invocation(json.loads(said) if answer.get("FunctionError") else None)


def ask(deployment: Deployment, request: Any) -> dict[str, Any]:
    """Hands `api` a request as API Gateway does, and returns its answer."""
    answer = deployment.client("lambda").invoke(FunctionName=deployment.functions["api"], Payload=_payload(request))
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def send(deployment: Deployment, name: str, event: Any) -> None:
    """Hands an event to `submit` or `complete`, as S3 and EventBridge do: Lambda repeats what fails."""
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.functions[name], InvocationType="Event", Payload=_payload(event)
    )
    assert answer["StatusCode"] == 202


def log(deployment: Deployment, name: str, containing: str = "") -> list[LogLine]:
    """The lines of a function's log that contain a text, oldest first. A line appears when its invocation ends."""
    pages = deployment.client("logs").get_paginator("filter_log_events")
    group = f"/aws/lambda/{deployment.functions[name]}"
    return [
        LogLine(event["logStreamName"], event["message"].rstrip())
        for page in pages.paginate(logGroupName=group)
        for event in page["events"]
        if containing in event["message"]
    ]


def invocations(deployment: Deployment, name: str, containing: str) -> int:
    """How many invocations logged something that contains this text."""
    return len({line.invocation for line in log(deployment, name, containing)})


def failure_queue(deployment: Deployment, name: str) -> str:
    """URL of the queue that takes what the function failed at."""
    configured = deployment.client("lambda").get_function_event_invoke_config(
        FunctionName=deployment.functions[name], Qualifier="$LATEST"
    )
    arn = configured["DestinationConfig"]["OnFailure"]["Destination"]
    return deployment.client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]


def failures(deployment: Deployment, name: str, containing: str) -> list[dict[str, Any]]:
    """Messages in the function's failure queue that contain this text. They stay there."""
    client, queue = deployment.client("sqs"), failure_queue(deployment, name)
    received: list[dict[str, Any]] = []
    while messages := _receive(client, queue):
        received += messages
    for message in received:
        client.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in received if containing in message["Body"]]


def _receive(client: Any, queue: str) -> list[dict[str, Any]]:
    # Hidden for long enough to be received once each, and not for long should this process end before it shows them.
    return client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=30).get("Messages", [])


def _payload(event: Any) -> bytes:
    return event if isinstance(event, bytes) else json.dumps(event).encode()
