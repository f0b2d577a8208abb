"""S3 notifications, as S3 writes them."""

from typing import Any
from urllib.parse import quote_plus

from support.deployment import Deployment


def event(*records: Any) -> dict[str, Any]:
    """A notification of several objects."""
    return {"Records": list(records)}


def of_object(deployment: Deployment, key: str, versioned: bool = True) -> dict[str, Any]:
    """The record about an object that is there.

    Without its version, it is about an upload of its own: S3 names versions only where a bucket keeps them.
    """
    found = deployment.client("s3").head_object(Bucket=deployment.source_bucket, Key=key)
    version = found["VersionId"] if versioned else None
    return of(deployment.source_bucket, key, found["ETag"].strip('"'), found["ContentLength"], version)


def of(bucket: str, key: str, etag: str, size: int, version: str | None = None) -> dict[str, Any]:
    """The record about any object."""
    described = {"key": quote_plus(key, safe="/"), "size": size, "eTag": etag}
    if version:
        described["versionId"] = version
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-15T10:00:03.104Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "end-to-end-tests",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": described,
        },
    }
