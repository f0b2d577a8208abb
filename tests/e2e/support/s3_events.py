"""S3 notifications of our own, in the shape of the sample."""

from typing import Any
from urllib.parse import quote_plus

from support.deployment import Deployment
from support.records import Record
from support.samples import sample


def event(*records: Any) -> dict[str, Any]:
    """A notification of several objects."""
    return {"Records": list(records)}


def of(bucket: str, key: str, etag: str, size: int, version: str | None = None, sequencer: str | None = None) -> Any:
    """The record about any object.

    Without its version, it is about an upload of its own: S3 names versions only where a bucket keeps them.
    """
    (record,) = sample("s3-object-created")["Records"]
    record["s3"]["bucket"] |= {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}
    described = {"key": quote_plus(key, safe="/"), "size": size, "eTag": etag}
    described |= {"versionId": version} if version else {}
    described |= {"sequencer": sequencer} if sequencer else {}
    return {**record, "s3": {**record["s3"], "object": described}}


def of_object(deployment: Deployment, key: str, versioned: bool = True) -> Any:
    """The record about an object that is there."""
    found = deployment.client("s3").head_object(Bucket=deployment.source_bucket, Key=key)
    version = found["VersionId"] if versioned else None
    return of(deployment.source_bucket, key, found["ETag"].strip('"'), found["ContentLength"], version)


def of_source(record: Record) -> Any:
    """The record about the upload that a video was made from, as S3 sent it."""
    source = record["source"]
    return of(
        source["bucket"],
        source["key"],
        source["etag"],
        int(source["sizeBytes"]),
        source["versionId"],
        source["sequencer"],
    )
