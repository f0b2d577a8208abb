"""Jobs, as MediaConvert lists them."""

from collections.abc import Mapping
from typing import Any

from support.deployment import Deployment

Job = Mapping[str, Any]


def all_jobs(deployment: Deployment) -> list[Job]:
    """All jobs, newest first."""
    client = deployment.client("mediaconvert")
    asked: dict[str, Any] = {"MaxResults": 20}
    found: list[Job] = []
    while True:
        page = client.list_jobs(**asked)
        found += page["Jobs"]
        if not page.get("NextToken"):
            return found
        asked["NextToken"] = page["NextToken"]


def jobs_of(deployment: Deployment, video_id: str, revision: str | None = None) -> list[Job]:
    """All jobs of a video, or of one of its revisions."""
    wanted = {"id": video_id, **({"revision": revision} if revision else {})}
    return [job for job in all_jobs(deployment) if wanted.items() <= job.get("UserMetadata", {}).items()]


def job(deployment: Deployment, job_id: str) -> Job:
    """One job."""
    return deployment.client("mediaconvert").get_job(Id=job_id)["Job"]
