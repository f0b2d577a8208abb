"""What is uploaded before the first test looks, so that it is converted while the tests look at other things."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from support import clips
from support.deployment import Deployment
from support.inputs import BAD_INPUTS, INPUTS, MEDIA, Input, Source
from support.jobs import job
from support.records import FINAL, SECONDS, Record, Records
from support.uploads import upload, upload_by_cli


@dataclass(frozen=True)
class Upload:
    """An input that is on its way."""

    version: str
    deadline: float
    """When it should have come to its end, by the monotonic clock."""


@dataclass(frozen=True)
class Video:
    """An input that has become READY."""

    input: Input
    source: Path
    record: Record


class Library:
    """The inputs of a session: made as soon as it is, uploaded as soon as there is somewhere to upload to."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix
        self._uploads: dict[str, Upload] = {}
        self._pool = ThreadPoolExecutor(2)
        # The bad ones first: most are found out at once, and the job of the other has none to wait for.
        self._inputs: Sequence[Source] = (*BAD_INPUTS, *INPUTS)
        self._made: dict[str, Future[Path]] = {item.name: self._pool.submit(self._make, item) for item in self._inputs}
        self.vanished = self.key_of("vanished.mp4")
        """An object that is deleted while its job waits for others."""
        self.status_when_it_vanished: str | None = None
        """What its job was at, right after."""

    def key_of(self, file: str) -> str:
        """The key of a file of this session."""
        return f"{self._prefix}/{file}"

    def all_keys(self) -> list[str]:
        """The keys of all inputs."""
        return [self.vanished, *(self.key_of(item.file) for item in self._inputs)]

    def upload(self, deployment: Deployment, records: Records) -> None:
        """Uploads every input, and the one that vanishes behind them all."""
        for item in self._inputs:
            send = upload_by_cli if item.by_cli else upload
            version = send(deployment, self._made[item.name].result(), self.key_of(item.file))
            self._uploads[item.name] = Upload(version, time.monotonic() + SECONDS)
        self._pool.shutdown()
        self._vanish(deployment, records)

    def ended(self, records: Records, item: Source) -> Record:
        """The record of an input, once it is final."""
        sent = self._uploads[item.name]
        # Tests wait together, not one after the other, for what doesn't come.
        seconds = max(1.0, sent.deadline - time.monotonic())
        return records.wait_for_end(self.key_of(item.file), sent.version, seconds)

    def ready(self, records: Records, item: Input) -> Video:
        """The video of an input, once it is READY."""
        record = self.ended(records, item)
        assert record["status"] == "READY"
        return Video(item, self._made[item.name].result(), record)

    def _vanish(self, deployment: Deployment, records: Records) -> None:
        brief = self._folder / "vanished.mp4"
        clips.brief(brief)
        upload(deployment, brief, self.vanished)

        def has_job_or_failed(record: Record) -> bool:
            return "id" in record.get("job", {}) or record["status"] in FINAL

        record = records.wait(self.vanished, "job", has_job_or_failed, 60)
        deployment.client("s3").delete_object(Bucket=deployment.source_bucket, Key=self.vanished)
        if "job" in record:
            self.status_when_it_vanished = job(deployment, record["job"]["id"])["Status"]

    def _make(self, item: Source) -> Path:
        if item.make is None:
            return MEDIA / item.file
        path = self._folder / Path(item.file).name
        item.make(path)
        return path
