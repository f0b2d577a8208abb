"""Follows what every part of the local stack writes, each line with the name of its source."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedReader

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalError
from local.process import BackgroundProcess
from local.stack import Stack

LOOK_BACK_SECONDS = 600
POLL_SECONDS = 0.5
# A Lambda line reaches the log when its invocation ends, with the time it was written: look behind the newest one seen.
OVERLAP_MS = 120_000


def follow(stack: Stack) -> None:
    """Prints lines until interrupted; begins with those of the last ten minutes."""
    functions = stack.description()["functions"]
    sources = [_file(process) for process in (stack.ministack, stack.mediaconvert, stack.site)]
    sources += [_function(stack, name, function) for name, function in functions.items()]
    while True:
        for source in sources:
            for line in next(source):
                print(line, flush=True)
        if stack.ministack.pid() is None:
            raise LocalError("The local stack has stopped.")
        time.sleep(POLL_SECONDS)


def _file(process: BackgroundProcess) -> Iterator[list[str]]:
    """Whole lines as they are added to the process's log."""
    if not process.log.exists():
        process.log.touch()
    with process.log.open("rb") as log:
        yield [_labelled(process.name, line) for line in log.read().decode(errors="replace").splitlines()[-20:]]
        while True:
            yield [_labelled(process.name, line) for line in _whole_lines(log)]


def _whole_lines(log: BufferedReader) -> list[str]:
    start, added = log.tell(), log.read()
    end = added.rfind(b"\n") + 1
    log.seek(start + end)
    return added[:end].decode(errors="replace").splitlines()


def _function(stack: Stack, name: str, function: str) -> Iterator[list[str]]:
    """The function's log events, each once."""
    client, group = stack.client("logs"), f"/aws/lambda/{function}"
    since, seen = int((time.time() - LOOK_BACK_SECONDS) * 1000), set()
    while True:
        lines = []
        try:
            occurrences = Counter()
            pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
            for event in (event for page in pages for event in page["events"]):
                # The emulator's events have no identity of their own, and a function may well say the same thing twice.
                identity = (event["logStreamName"], event["timestamp"], event["message"])
                occurrences[identity] += 1
                if (identity, occurrences[identity]) not in seen:
                    seen.add((identity, occurrences[identity]))
                    lines.append(_labelled(name, _readable(event["message"].rstrip()), event["timestamp"] / 1000))
                    since = max(since, event["timestamp"] - OVERLAP_MS)
        except (ClientError, BotoCoreError) as error:
            print(_labelled(name, f"(no log: {error})"), file=sys.stderr)
        yield lines


def _readable(message: str) -> str:
    """A JSON line of a function as a person reads it; anything else as it is."""
    try:
        line = json.loads(message)
        fields = dict(line["fields"])
        text = fields.pop("message", "")
    except (ValueError, KeyError, TypeError):
        return message
    spans = {
        key: value
        for span in line.get("spans", [])
        for key, value in span.items()
        if key not in ("name", "requestId", "xrayTraceId")
    }
    pairs = " ".join(f"{key}={value}" for key, value in {**spans, **fields}.items())
    return f"{line.get('level', '')} {text} {pairs}".strip()


def _labelled(name: str, line: str, when: float | None = None) -> str:
    at = datetime.now(UTC) if when is None else datetime.fromtimestamp(when, UTC)
    return f"{at:%H:%M:%S} {name:<18} {line}"
