"""Carries a plan out: uploads, what people do meanwhile, misfortunes, and at last peace."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.api import Api
from local.chaos import clips
from local.chaos.faults import Killer, MediaConvertFaults, UnreliableEvents, bury_sooner, shorten_claims
from local.chaos.plan import Content, Fate, Title, drop_in_id, titles
from local.chaos.verdict import Found, Sent, Verdict, judge, look
from local.errors import LocalError
from local.stack import Stack

AT_ONCE = 8
"""People who upload at the same time."""
CLAIM_SECONDS = 30
"""Lambda's time for the submit function, which is how long a killed one holds its claim."""
ROUND_SECONDS = 3.0
"""Between two rounds of the reconcile function, which take everything for lost that has not come."""
TURN_SECONDS = 0.5
"""For each upload that a round submits again, before the next round: all functions share this machine, and a round
takes for lost what only hasn't had its turn."""
QUIET_SECONDS = 5.0
"""Without a change, before another round may find something to do."""
PATIENCE_SECONDS = 120.0
"""How long nothing may change, once the misfortunes have ended, before the run is given up."""


@dataclass(frozen=True)
class Outcome:
    """What became of a run."""

    verdict: Verdict
    injected: Mapping[str, int]
    """What was done to the stack, and how often."""
    healed: Mapping[str, int]
    """What the reconcile function counted."""
    seconds: float

    def __str__(self) -> str:
        def table(counts: Mapping[str, int]) -> str:
            return "\n".join(f"  {count:6}  {name}" for name, count in sorted(counts.items()) if count)

        parts = [f"Done to it:\n{table(self.injected)}", f"The reconcile function:\n{table(self.healed)}"]
        parts.append(f"In the end, after {self.seconds:.0f} s:\n{table(self.verdict.counts)}")
        if self.verdict.problems:
            parts.append("WRONG:\n" + "\n".join(f"  {problem}" for problem in self.verdict.problems))
        return "\n".join(parts)


@dataclass
class Chaos:
    """One run on a stack that is up and that nobody else uses meanwhile."""

    stack: Stack
    seed: int
    count: int
    say: Callable[[str], None] = print
    _sent: dict[int, Sent] = field(default_factory=dict)

    def run(self) -> Outcome:
        """Uploads and misfortunes, then peace until every video has come to its end; nothing is judged before."""
        began = time.monotonic()
        self._described = self.stack.description()
        self._api = Api.signed_in(self._described["siteUrl"], **self._described["admin"])
        self._files = clips.make(self.stack.directory / "work" / "chaos")
        others = look(self.stack, self._described).records.keys()
        plan = titles(self.seed, self.count)
        shorten_claims(self.stack.client("lambda"), self._described["functions"]["submit"], CLAIM_SECONDS)
        events = UnreliableEvents(self.stack, self.seed)
        mediaconvert = MediaConvertFaults(self.stack, self.seed)
        killer = Killer(self.stack, self.seed, every_seconds=1.0)
        with events.between(), mediaconvert.on(), killer.at_work():
            self.say(f"Uploading {self.count} videos, with misfortunes …")
            self._send(plan, mediaconvert.restart)
        self.say(f"All is uploaded after {time.monotonic() - began:.0f} s; from here on, nothing goes wrong any more.")
        found = self._settle(plan)
        injected = events.counts + mediaconvert.counts + killer.counts
        verdict = judge([self._sent[title.number] for title in plan], others, found, self._described)
        return Outcome(verdict, injected, self._healed(), time.monotonic() - began)

    def _send(self, plan: Sequence[Title], in_the_middle: Callable[[], None]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as people:
            running = [people.submit(self._live, title) for title in plan]
            rest = len(running)
            restarted = False
            wait = ROUND_SECONDS
            while rest:
                time.sleep(wait)
                rest = sum(not life.done() for life in running)
                if not restarted and rest <= len(running) / 2:
                    in_the_middle()
                    restarted = True
                wait = max(ROUND_SECONDS, self._round() * TURN_SECONDS)
            for life in running:
                life.result()

    def _live(self, title: Title) -> None:
        """What people do with one video."""
        video_id, key = self._upload(title)
        versions = [self._put(key, title.content)] if not title.through_api else []
        time.sleep(title.after_seconds)
        if title.fate in (Fate.REPLACE, Fate.SPOIL):
            assert title.last_content is not None
            versions.append(self._put(key, title.last_content))
        elif title.fate in (Fate.DELETE, Fate.DELETE_AND_RETURN):
            self._delete(video_id)
            if title.fate is Fate.DELETE_AND_RETURN:
                # S3 tells the time of an upload in whole seconds: one of the same second could have been meant.
                time.sleep(1.5)
                versions.append(self._put(key, title.content))
        self._sent[title.number] = Sent(title, video_id, key, versions[-1] if versions else None)

    def _upload(self, title: Title) -> tuple[str, str]:
        if not title.through_api:
            return drop_in_id(self._described["sourceBucket"], title.key), title.key
        video_id = self._api.upload(self._files[title.content], title=f"Title {title.number} ü")["id"]
        return video_id, f"videos/{video_id}/source.mp4"

    def _put(self, key: str, content: Content) -> str:
        body = self._files[content].read_bytes()
        return self.stack.client("s3").put_object(Bucket=self._described["sourceBucket"], Key=key, Body=body)[
            "VersionId"
        ]

    def _delete(self, video_id: str) -> None:
        """As soon as the library has it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._api.send("GET", f"/api/videos/{video_id}").status == 404:
            if time.monotonic() > deadline:
                raise LocalError(f"Video {video_id} never came into the library.")
            time.sleep(0.2)
        self._api.expect(204, "DELETE", f"/api/videos/{video_id}")

    def _round(self) -> int:
        """A round of the reconcile function, in which it may be killed; how many uploads it submitted again."""
        function, asked = self._described["functions"]["reconcile"], json.dumps({"impatient": True}).encode()
        try:
            answer = self.stack.client("lambda").invoke(FunctionName=function, Payload=asked)
            report: dict[str, Any] = json.loads(answer["Payload"].read())
        except (BotoCoreError, ClientError, ValueError):
            return 0
        return report.get("resubmitted", 0) + report.get("lostUploads", 0)

    def _settle(self, plan: Sequence[Title]) -> Found:
        """Waits until nothing is on its way any more."""
        changed, before, round_due = time.monotonic(), None, 0.0
        table = self.stack.resource("dynamodb").Table(self._described["table"])
        while True:
            bury_sooner(table, CLAIM_SECONDS)
            if time.monotonic() >= round_due:
                self._round()
                round_due = time.monotonic() + QUIET_SECONDS
            found = look(self.stack, self._described)
            waiting = [sent.title.number for sent in self._sent.values() if not found.has_ended(sent)]
            if not waiting and not found.unfinished():
                return found
            seen = found.signature()
            if seen != before:
                changed, before = time.monotonic(), seen
                round_due = changed + QUIET_SECONDS
                self.say(f"  {len(waiting)} of {len(plan)} not at their end; {found.told()}")
            elif time.monotonic() - changed > PATIENCE_SECONDS:
                return found
            time.sleep(ROUND_SECONDS / 3)

    def _healed(self) -> Mapping[str, int]:
        """The metrics that all rounds logged."""
        counts: Counter[str] = Counter()
        group = f"/aws/lambda/{self._described['functions']['reconcile']}"
        for page in self.stack.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                if '"CloudWatchMetrics"' in event["message"]:
                    line: dict[str, Any] = json.loads(event["message"])
                    del line["_aws"]
                    counts.update(line)
                    counts["Rounds"] += 1
        return counts


def main(seed: int, count: int, directory: Path) -> None:
    """`make chaos`: a run on a stack of its own; raises when anything is wrong."""
    print(f"N={count} SEED={seed}", flush=True)
    Stack(directory).reset()
    with Stack.for_tests(directory) as stack:
        outcome = Chaos(stack, seed, count, lambda text: print(text, flush=True)).run()
    print(outcome)
    if outcome.verdict.problems:
        raise LocalError(
            f"{len(outcome.verdict.problems)} things are wrong; the same plan again: make chaos N={count} SEED={seed}. "
            f"The logs are in {directory / 'log'}."
        )
