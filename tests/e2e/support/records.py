"""Video records, as the table holds them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr

from support.deployment import Deployment
from support.waiting import wait_for

Record = Mapping[str, Any]

FINAL = ("READY", "FAILED", "CANCELED")
SECONDS = 180
"""How long a video may take: many are on their way at once."""


def an_hour_ago() -> str:
    """A time as records tell it."""
    return (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Records:
    """Looks records up, and remembers which a test has asked for."""

    def __init__(self, deployment: Deployment) -> None:
        self._table = deployment.table
        self._ids: dict[str, str] = {}
        self.touched: dict[str, Record | None] = {}
        """What the current test last saw of each key."""

    def find(self, key: str) -> Record | None:
        """The record of the video that was uploaded under this key."""
        if key in self._ids:
            record = self.get(self._ids[key])
        else:
            record = next(iter(self.all(Attr("source.key").eq(key))), None)
            if record:
                self._ids[key] = record["id"]
        self.touched[key] = record
        return record

    def get(self, video_id: str) -> Record | None:
        """The record of this id."""
        return self._table.get_item(Key={"id": video_id}, ConsistentRead=True).get("Item")

    def all(self, condition: Any) -> list[Record]:
        """Every record that meets the condition."""
        scan = {"FilterExpression": condition, "ConsistentRead": True}
        found: list[Record] = []
        while True:
            page = self._table.scan(**scan)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def wait(self, key: str, what: str, met: Callable[[Record], bool], seconds: float = SECONDS) -> Record:
        """The record, once it meets the condition."""

        def look() -> Record | None:
            record = self.find(key)
            return record if record and met(record) else None

        return wait_for(look, f"{what} of {key}", seconds)

    def wait_removed(self, video_id: str, seconds: float = SECONDS) -> None:
        """Returns when nothing but a tombstone is left of the video."""
        wait_for(lambda: "removedAt" in (self.get(video_id) or {}), f"end of video {video_id}", seconds)

    def wait_for_end(self, key: str, version: str | None = None, seconds: float = SECONDS) -> Record:
        """The record, once it is final: of this version of the object, if one is named."""

        def met(record: Record) -> bool:
            return record["status"] in FINAL and version in (None, record["source"].get("versionId"))

        return self.wait(key, "final record", met, seconds)
