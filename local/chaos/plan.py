"""What is uploaded, and what befalls it. Pure: the same seed gives the same plan."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random


class Content(Enum):
    """What a file holds."""

    FIRST = "first"
    SECOND = "second"
    TEXT = "text"
    CUT = "cut"


class Fate(Enum):
    """What people do with a video after they uploaded it."""

    KEEP = "kept"
    REPLACE = "replaced"
    SPOIL = "spoiled by its replacement"
    DELETE = "deleted"
    DELETE_AND_RETURN = "deleted and uploaded again"


GOOD = (Content.FIRST, Content.SECOND)
_FATES = (Fate.REPLACE, Fate.DELETE, Fate.DELETE_AND_RETURN, Fate.SPOIL, Fate.REPLACE, Fate.DELETE)
"""In turns, so that a short run has each."""


@dataclass(frozen=True)
class Title:
    """A video of the plan."""

    number: int
    content: Content
    fate: Fate
    through_api: bool
    """Uploaded in parts to an address of the API; else put into the bucket."""
    after_seconds: float
    """From the upload to its fate: most are still on their way then."""

    @property
    def key(self) -> str:
        """Where it is put into the bucket, if it is not uploaded through the API."""
        return f"chaos/{self.number:04} {self.content.value}+ü.mp4"

    @property
    def last_content(self) -> Content | None:
        """What the video holds in the end; none if it is deleted."""
        return {
            Fate.KEEP: self.content,
            Fate.REPLACE: Content.SECOND if self.content is Content.FIRST else Content.FIRST,
            Fate.SPOIL: Content.TEXT,
            Fate.DELETE: None,
            Fate.DELETE_AND_RETURN: self.content,
        }[self.fate]

    @property
    def last_status(self) -> str | None:
        """What the record says in the end; none if there is no record."""
        if self.last_content is None:
            return None
        return "READY" if self.last_content in GOOD else "FAILED"


def titles(seed: int, count: int) -> Sequence[Title]:
    """The videos: two of three are left in peace, one of eight is no video at all."""
    random = Random(f"{seed} titles")
    made = []
    for number in range(count):
        content = GOOD[number % 2]
        if number % 8 == 5:
            content = random.choice((Content.TEXT, Content.CUT))
        fate = _FATES[number // 3 % len(_FATES)] if number % 3 == 0 else Fate.KEEP
        # A deletion leaves a moment, since S3 tells the time of an upload in whole seconds.
        after = random.uniform(0.0, 6.0)
        through_api = fate is not Fate.DELETE_AND_RETURN and random.random() < 0.4
        made.append(Title(number, content, fate, through_api, after))
    return made


def drop_in_id(bucket: str, key: str) -> str:
    """The id of the video that an object becomes which is put into the bucket."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"s3://{bucket}/{key}"))


def mediaconvert_faults(seed: int) -> dict[str, object]:
    """How mediaconvert-local misbehaves."""
    return {
        "seed": seed,
        "api": [
            {"fault": "DONE_BUT_SILENT", "operation": "CreateJob", "probability": 0.03, "times": 3},
            {"fault": "DONE_BUT_500", "operation": "CreateJob", "probability": 0.05},
            {"fault": "ANSWER_500", "probability": 0.03},
            {"fault": "THROTTLE", "probability": 0.15},
        ],
        "jobs": [{"fault": "SLOW", "probability": 0.2, "delayMilliseconds": [500, 3000]}],
        "events": [
            {"fault": "LOSE", "probability": 0.1},
            {"fault": "DUPLICATE", "probability": 0.2},
            {"fault": "REORDER", "probability": 0.2},
            {"fault": "DELAY", "probability": 0.2, "delayMilliseconds": [0, 4000]},
        ],
    }


@dataclass(frozen=True)
class Delivery:
    """How an S3 event is delivered: after so many seconds each time, or never."""

    delays: tuple[float, ...]


def delivery(seed: int, key: str, nth: int) -> Delivery:
    """What befalls the n-th event of a key: one of ten is lost, one of five comes twice, some late."""
    random = Random(f"{seed} event {key} {nth}")
    if random.random() < 0.1:
        return Delivery(())
    first = random.uniform(0.0, 3.0) if random.random() < 0.3 else 0.0
    twice = (
        (random.choice((0.0, random.uniform(0.0, 2.0), random.uniform(8.0, 15.0))),) if random.random() < 0.2 else ()
    )
    return Delivery((first, *twice))
