"""The sample events of the repository, adapted to the stack under test."""

import json
from pathlib import Path
from typing import Any

from support.deployment import Deployment

EVENTS = Path(__file__).resolve().parents[3] / "events"

SOURCE_BUCKET = "vod-source-000000000000-us-east-1"
CONVERTED_BUCKET = "vod-converted-000000000000-us-east-1"
VIDEO_ID = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77"
REVISION = "759f1595e0ce528b"
JOB_ID = "1768471204000-ab12cd"


def names() -> list[str]:
    """All sample events."""
    return sorted(path.stem for path in EVENTS.glob("*.json"))


def sample(name: str) -> dict[str, Any]:
    """The event as it lies in the repository."""
    return json.loads((EVENTS / f"{name}.json").read_text())


def sample_for(deployment: Deployment, name: str) -> dict[str, Any]:
    """The event, of the buckets of the stack under test."""
    text = json.dumps(sample(name)).replace(SOURCE_BUCKET, deployment.source_bucket)
    return json.loads(text.replace(CONVERTED_BUCKET, deployment.converted_bucket))


def about(event: dict[str, Any], video_id: str, revision: str, job_id: str) -> dict[str, Any]:
    """The job event, as if it had come for another job."""
    text = json.dumps(event).replace(VIDEO_ID, video_id).replace(REVISION, revision).replace(JOB_ID, job_id)
    return json.loads(text)
