"""What the failure queues hold, in words, and what a replay does with it."""

import io
import json
from typing import Any

import pytest

from local.failures import QUEUES, Queues, read

OUTPUTS = {name: name.removesuffix("Url") for name in QUEUES} | {
    name: f"vod-{name.removesuffix('FunctionName').lower()}" for name in QUEUES.values()
}
S3_EVENT = {"Records": [{"s3": {"object": {"key": "summer+100%25.mp4"}}}]}


def message(body: Any, attributes: dict[str, str] | None = None, number: int = 1) -> dict[str, Any]:
    return {
        "Body": body if isinstance(body, str) else json.dumps(body),
        "ReceiptHandle": f"receipt {number}",
        "Attributes": {"SentTimestamp": str(1_800_000_000_000 + number * 1000)},
        "MessageAttributes": {
            name: {"StringValue": value, "DataType": "String"} for name, value in (attributes or {}).items()
        },
    }


def given_up(payload: Any) -> dict[str, Any]:
    return {
        "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": payload,
        "responsePayload": {"errorType": "CreateJob", "errorMessage": "create the job: throttled"},
    }


class FakeSqs:
    def __init__(self, queues: dict[str, list[dict[str, Any]]]) -> None:
        self.queues = queues
        self.hidden: set[str] = set()

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        found = [item for item in self.queues.get(asked["QueueUrl"], []) if item["ReceiptHandle"] not in self.hidden]
        self.hidden |= {item["ReceiptHandle"] for item in found}
        return {"Messages": found} if found else {}

    def change_message_visibility(self, **asked: Any) -> None:
        self.hidden.discard(asked["ReceiptHandle"])

    def delete_message(self, **asked: Any) -> None:
        queue = self.queues[asked["QueueUrl"]]
        queue[:] = [item for item in queue if item["ReceiptHandle"] != asked["ReceiptHandle"]]


class FakeLambda:
    def __init__(self, broken: frozenset[str] = frozenset()) -> None:
        self.broken = broken
        self.invoked: list[tuple[str, Any]] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.invoked.append((asked["FunctionName"], json.loads(asked["Payload"])))
        if asked["FunctionName"] not in self.broken:
            return {"Payload": io.BytesIO(b"null")}
        body = json.dumps({"errorType": "Table", "errorMessage": "write the video record"}).encode()
        return {"FunctionError": "Unhandled", "Payload": io.BytesIO(body)}


def test_an_upload_that_was_given_up_on_is_told_by_its_key() -> None:
    failure = read(message(given_up(S3_EVENT)), "q", "vod-submit")
    assert str(failure) == (
        "2027-01-15 08:00:01  vod-submit  summer 100%.mp4\n    CreateJob: create the job: throttled"
    )


def test_an_event_that_was_never_delivered_is_told_with_its_reason() -> None:
    event = {"detail": {"userMetadata": {"id": "v"}, "jobId": "j", "status": "COMPLETE"}}
    attributes = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not allowed"}
    failure = read(message(event, attributes), "q", "vod-complete")
    assert (failure.subject, failure.error) == ("video v, job j COMPLETE", "NO_PERMISSIONS: not allowed")


@pytest.mark.parametrize("body", ["no JSON", [1], {"requestPayload": None}, {"Records": [1]}, {"requestPayload": {}}])
def test_a_message_of_any_shape_is_told(body: Any) -> None:
    assert str(read(message(body), "q", "vod-submit"))


def test_listing_leaves_everything_where_it_is() -> None:
    sqs = FakeSqs({"SubmitFailures": [message(given_up(S3_EVENT))]})
    queues = Queues(OUTPUTS, sqs, FakeLambda())
    assert len(queues.list()) == len(queues.list()) == 1


def test_a_replay_removes_what_succeeds_and_keeps_what_fails() -> None:
    event = {"detail": {"userMetadata": {"id": "v"}}}
    sqs = FakeSqs(
        {
            "SubmitFailures": [message(given_up(S3_EVENT), number=1)],
            "UndeliveredEvents": [message(event, number=2)],
        }
    )
    functions = FakeLambda(broken=frozenset({"vod-complete"}))
    queues = Queues(OUTPUTS, sqs, functions)
    errors = [error for _, error in queues.replay()]
    assert functions.invoked == [("vod-submit", S3_EVENT), ("vod-complete", event)]
    assert errors == [None, "Table: write the video record"]
    assert [failure.function for failure in queues.list()] == ["vod-complete"]
