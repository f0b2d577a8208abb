"""The misfortunes. Each counts what it did."""

import contextlib
import json
import os
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote_plus

from boto3.dynamodb.conditions import Attr
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from local.chaos.plan import delivery, mediaconvert_faults
from local.stack import ACCOUNT, REGION, Stack


class UnreliableEvents:
    """Stands between S3 and the submit function: S3 tells a queue, and what comes out of it is delivered, or is not.

    S3's own events, delivered as S3 does it, by an asynchronous invocation.
    """

    QUEUE = "chaos-events"

    def __init__(self, stack: Stack, seed: int) -> None:
        described = stack.description()
        self._bucket, self._function = described["sourceBucket"], described["functions"]["submit"]
        self._s3, self._sqs, self._lambda = stack.client("s3"), stack.client("sqs"), stack.client("lambda")
        self._seed = seed
        self._seen: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    @contextlib.contextmanager
    def between(self) -> Iterator[None]:
        """Inside the `with` block, S3 has no other way to the function. At its end, all that is late has come."""
        before = self._s3.get_bucket_notification_configuration(Bucket=self._bucket)
        before.pop("ResponseMetadata", None)
        self._queue = self._sqs.create_queue(QueueName=self.QUEUE)["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.QUEUE}"
        policy = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "*", "Resource": arn}
        attributes = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})}
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes=attributes)
        self._notify({"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
        self._stopped = threading.Event()
        with ThreadPoolExecutor(32) as self._late:
            reader = threading.Thread(target=self._read)
            reader.start()
            try:
                yield
            finally:
                self._notify(before)
                self._stopped.set()
                reader.join()
        self._sqs.delete_queue(QueueUrl=self._queue)

    def _notify(self, configuration: dict[str, Any]) -> None:
        self._s3.put_bucket_notification_configuration(
            Bucket=self._bucket, NotificationConfiguration=configuration, SkipDestinationValidation=True
        )

    def _read(self) -> None:
        while True:
            asked = {"QueueUrl": self._queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0}
            messages = self._sqs.receive_message(**asked).get("Messages", [])
            for message in messages:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                for record in json.loads(message["Body"]).get("Records", []):
                    self._deliver(record)
            if not messages:
                if self._stopped.is_set():
                    return
                time.sleep(0.05)

    def _deliver(self, record: dict[str, Any]) -> None:
        key = unquote_plus(record["s3"]["object"]["key"])
        # An id of the API's is another one in each run.
        kind = key if not key.startswith("videos/") else f"videos {self._seen.total()}"
        fate = delivery(self._seed, kind, self._seen[key])
        self._seen[key] += 1
        self.counts["S3 events"] += 1
        self.counts["S3 events lost"] += not fate.delays
        self.counts["S3 events twice"] += len(fate.delays) > 1
        self.counts["S3 events late"] += any(fate.delays)
        for delay in fate.delays:
            self._late.submit(self._invoke_after, delay, {"Records": [record]})

    def _invoke_after(self, delay: float, event: dict[str, Any]) -> None:
        # The end of the run is no reason to wait; the event still comes.
        self._stopped.wait(delay)
        payload = json.dumps(event).encode()
        self._lambda.invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)


REQUESTS_PER_SECOND = 10
"""Of each kind, that mediaconvert-local takes once it was restarted: fewer than a burst asks for."""


class MediaConvertFaults:
    """mediaconvert-local's own faults, and its restart, which forgets them."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._url = f"{stack.description()['mediaConvertEndpoint']}/_control/faults"
        self._faults = mediaconvert_faults(seed)
        self.counts: Counter[str] = Counter()

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Faults for as long as the `with` block lasts."""
        self._request("PUT", self._faults)
        try:
            yield
        finally:
            self._count()
            self._request("DELETE")
            if self.counts["mediaconvert-local killed"]:
                self._stack.restart_mediaconvert()

    def restart(self) -> None:
        """As if its machine lost power."""
        self._count()
        self._stack.restart_mediaconvert("--requests-per-second", str(REQUESTS_PER_SECOND))
        self.counts["mediaconvert-local killed"] += 1
        self._request("PUT", self._faults)

    def _count(self) -> None:
        told = self._request("GET")
        for name, applied in told["applied"].items():
            for rule, times in zip(self._faults[name], applied, strict=True):
                self.counts[f"{name} {rule['fault']}"] += times

    def _request(self, method: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url, method=method, data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = answer.read()
            return json.loads(said) if said else {}


class Killer:
    """Kills processes of functions while they work, which it sees by the processor time that they take."""

    VICTIMS = ("submit", "complete", "reconcile")
    LOOK_SECONDS = 0.02

    def __init__(self, stack: Stack, seed: int, every_seconds: float) -> None:
        self._parent = stack.ministack.pid()
        self._names = {stack.description()["functions"][name]: name for name in self.VICTIMS}
        self._random = Random(f"{seed} kills")
        self._every = every_seconds
        self.counts: Counter[str] = Counter()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Kills for as long as the `with` block lasts; nothing where the system has no /proc."""
        if not Path("/proc/self/stat").exists():
            yield
            return
        stopped = threading.Event()
        thread = threading.Thread(target=self._kill_until, args=(stopped,))
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def _kill_until(self, stopped: threading.Event) -> None:
        before: dict[int, int] = {}
        due = time.monotonic() + self._random.expovariate(1 / self._every)
        while not stopped.wait(self.LOOK_SECONDS):
            seen = {pid: (name, ticks) for pid, name, ticks in self._processes()}
            busy = sorted(pid for pid, (_, ticks) in seen.items() if ticks > before.get(pid, 0))
            before = {pid: ticks for pid, (_, ticks) in seen.items()}
            if busy and time.monotonic() >= due:
                victim = self._random.choice(busy)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    self.counts[f"{seen[victim][0]} killed at work"] += 1
                due = time.monotonic() + self._random.expovariate(1 / self._every)

    def _processes(self) -> Iterator[tuple[int, str, int]]:
        """The emulator's children that are functions: id, name, and processor time in ticks."""
        gone = contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError)
        children: list[str] = []
        for path in Path(f"/proc/{self._parent}/task").glob("*/children"):
            with gone:
                children += path.read_text().split()
        for pid in children:
            with gone:
                environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                named = [item.partition(b"=")[2].decode() for item in environment if item.startswith(_NAME)]
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                if named and named[0] in self._names and fields[0] not in "ZX":
                    yield int(pid), self._names[named[0]], int(fields[11]) + int(fields[12])


_NAME = b"AWS_LAMBDA_FUNCTION_NAME="


def bury_sooner(table: Any, seconds: int) -> None:
    """Lets tombstones go that have outlived all who may have seen their videos, where nobody lives longer than this."""
    now = datetime.now(UTC)

    def told(time: datetime) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    then, long_ago = told(now - timedelta(seconds=seconds)), told(now - timedelta(hours=1))
    for tombstone in table.scan(FilterExpression=Attr("removedAt").lt(then), ConsistentRead=True)["Items"]:
        with contextlib.suppress(ClientError):  # it is gone meanwhile
            table.update_item(
                Key={"id": tombstone["id"]},
                UpdateExpression="SET removedAt = :then, checkAt = :then",
                ConditionExpression=Attr("removedAt").eq(tombstone["removedAt"]),
                ExpressionAttributeValues={":then": long_ago},
            )


def shorten_claims(functions: BaseClient, submit_function: str, seconds: int) -> None:
    """Lets what a killed function holds be free sooner: a claim lasts as long as its invocation may."""
    functions.update_function_configuration(FunctionName=submit_function, Timeout=seconds)
