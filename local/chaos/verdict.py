"""Whether every video came to its right end. Looks at the stack from outside: table, buckets, jobs, and as a viewer."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from local.chaos.plan import Content, Title
from local.play import PlaybackError, play_hls
from local.stack import Stack

FINAL = ("READY", "FAILED", "CANCELED")
SECONDS = {Content.FIRST: 1.0, Content.SECOND: 2.0}
"""How long what was uploaded plays."""


@dataclass(frozen=True)
class Sent:
    """A video that was uploaded."""

    title: Title
    video_id: str
    key: str
    version: str | None
    """Of the last upload that was put into the bucket; none if all went through the API."""


@dataclass(frozen=True)
class Found:
    """What the stack holds."""

    records: Mapping[str, Mapping[str, Any]]
    jobs: Sequence[Mapping[str, Any]]
    outputs: Mapping[str, Sequence[str]]
    """Keys of the converted bucket by video."""
    sources: Mapping[str, Sequence[str]]
    """Versions in the source bucket by key; marks of deletion are none."""

    def has_ended(self, sent: Sent) -> bool:
        """Whether the video is at what should be its end."""
        record = self.records.get(sent.video_id)
        if record is None or sent.title.last_status is None:
            return record is None and sent.title.last_status is None
        is_last = sent.version in (None, record.get("source", {}).get("versionId"))
        return is_last and record["status"] in FINAL

    def unfinished(self) -> list[Mapping[str, Any]]:
        """Jobs that are under way, and records."""
        jobs = [job for job in self.jobs if job["Status"] in ("SUBMITTED", "PROGRESSING")]
        return jobs + [record for record in self.records.values() if record["status"] not in FINAL]

    def signature(self) -> object:
        """Differs where something has changed."""
        records = sorted((name, record["updatedAt"]) for name, record in self.records.items())
        jobs = sorted((job["Id"], job["Status"], job.get("JobPercentComplete", 0)) for job in self.jobs)
        return records, jobs

    def told(self) -> str:
        """In few words."""
        statuses = Counter(record["status"] for record in self.records.values())
        return ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))


@dataclass(frozen=True)
class Verdict:
    """What was found right, in numbers, and what was not, in words."""

    counts: Mapping[str, int]
    problems: Sequence[str]


def look(stack: Stack, described: Mapping[str, Any]) -> Found:
    """All of it."""
    scanned = stack.client("dynamodb").get_paginator("scan").paginate(TableName=described["table"], ConsistentRead=True)
    from boto3.dynamodb.types import TypeDeserializer

    read = TypeDeserializer().deserialize
    items = [{name: read(value) for name, value in item.items()} for page in scanned for item in page["Items"]]
    jobs: list[Mapping[str, Any]] = []
    for page in stack.client("mediaconvert").get_paginator("list_jobs").paginate(MaxResults=20):
        jobs += page["Jobs"]
    s3 = stack.client("s3")
    outputs, sources = defaultdict(list), defaultdict(list)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=described["convertedBucket"]):
        for item in page.get("Contents", []):
            outputs[item["Key"].partition("/")[0]].append(item["Key"])
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=described["sourceBucket"]):
        for item in page.get("Versions", []):
            sources[item["Key"]].append(item["VersionId"])
    return Found({item["id"]: item for item in items if "status" in item}, jobs, outputs, sources)


def judge(sent: Sequence[Sent], others: AbstractSet[str], found: Found, described: Mapping[str, Any]) -> Verdict:
    """Every promise, about every video. `others` are the videos that were there before."""
    problems: list[str] = []
    for one in sent:
        problems += (f"{_name(one)}: {problem}" for problem in _of_video(one, found))
    problems += _of_jobs(found)
    problems += _of_strangers({one.video_id for one in sent} | others, found)
    ready = [one for one in sent if found.records.get(one.video_id, {}).get("status") == "READY"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for problem in pool.map(partial(_of_playback, found=found, base=described["mediaBaseUrl"]), ready):
            problems += [problem] if problem else []
    counts = Counter(f"videos {record['status']}" for record in found.records.values())
    counts |= Counter(f"jobs {job['Status']}" for job in found.jobs)
    counts["videos gone, as they were deleted"] = sum(one.video_id not in found.records for one in sent)
    counts["playlists decoded to their end"] = len(ready)
    return Verdict(counts, problems)


def _of_video(sent: Sent, found: Found) -> Iterable[str]:
    record = found.records.get(sent.video_id)
    if sent.title.last_status is None:
        left = [*found.outputs.get(sent.video_id, ()), *found.sources.get(sent.key, ())]
        if record is not None:
            yield f"was deleted, and is {record['status']}"
        if left:
            yield f"was deleted, and left {len(left)} objects, such as {left[0]}"
        return
    if record is None:
        yield "has no record"
        return
    if record["status"] != sent.title.last_status:
        yield f"is {record['status']} {record.get('failure', {}).get('code', '')} instead of {sent.title.last_status}"
    if sent.version not in (None, record.get("source", {}).get("versionId")):
        yield "is not about the last upload"
    of_revision = [job for job in found.jobs if job.get("UserMetadata", {}).get("revision") == record.get("revision")]
    expected = 0 if sent.title.last_content is Content.TEXT else 1
    if len(of_revision) != expected:
        yield f"has {len(of_revision)} jobs of its revision"
    if record["status"] == "READY" and record["playback"]["revision"] != record["revision"]:
        yield "plays another revision"


def _of_jobs(found: Found) -> Iterable[str]:
    revisions = Counter(
        (job.get("UserMetadata", {}).get("id"), job.get("UserMetadata", {}).get("revision")) for job in found.jobs
    )
    for (video_id, revision), count in revisions.items():
        if count > 1 or video_id is None:
            yield f"revision {revision} of video {video_id} has {count} jobs"
    for item in found.unfinished():
        yield f"{item.get('id') or item.get('Id')} is still {item.get('status') or item.get('Status')}"


def _of_strangers(known: set[str], found: Found) -> Iterable[str]:
    for video_id in found.records.keys() - known:
        yield f"nobody uploaded video {video_id}"
    for video_id in found.outputs.keys() - found.records.keys() - known:
        yield f"the output of video {video_id} belongs to nobody"


def _of_playback(sent: Sent, found: Found, base: str) -> str | None:
    try:
        played = play_hls(f"{base}/{quote(found.records[sent.video_id]['playback']['hls'])}")
    except PlaybackError as error:
        return f"{_name(sent)}: {error}"
    wanted = SECONDS.get(sent.title.last_content, 0.0)
    for rendition in played:
        if abs(rendition.track.seconds - wanted) > 0.3:
            return (
                f"{_name(sent)}: {rendition.name} plays for {rendition.track.seconds:.2f} s instead of {wanted:.0f} s"
            )
    return None


def _name(sent: Sent) -> str:
    return f"{sent.key} ({sent.title.content.value}, {sent.title.fate.value}, video {sent.video_id})"
