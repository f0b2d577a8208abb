"""Uploads to the source bucket."""

import subprocess
import sys
from pathlib import Path

from support.deployment import Deployment

PART_BYTES = 5 * 1024 * 1024


def upload(deployment: Deployment, path: Path, key: str) -> str:
    """Uploads by boto3, and returns the version that the object became."""
    s3 = deployment.client("s3")
    with path.open("rb") as body:
        return s3.put_object(Bucket=deployment.source_bucket, Key=key, Body=body)["VersionId"]


def upload_by_cli(deployment: Deployment, path: Path, key: str) -> str:
    """Uploads by `aws s3 cp` in several parts, and returns the version that the object became."""
    assert path.stat().st_size > PART_BYTES, "small enough for one part"
    settings = path.with_suffix(".aws-config")
    settings.write_text(
        f"[default]\ns3 =\n  multipart_threshold = {PART_BYTES}\n  multipart_chunksize = {PART_BYTES}\n"
    )
    aws = Path(sys.executable).with_name("aws")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(path.parent), "AWS_CONFIG_FILE": str(settings)}
    subprocess.run(
        [aws, "s3", "cp", "--only-show-errors", path, f"s3://{deployment.source_bucket}/{key}"],
        env={**environment, **deployment.environment()},
        check=True,
    )
    uploaded = deployment.client("s3").head_object(Bucket=deployment.source_bucket, Key=key)
    assert uploaded["ETag"].strip('"').endswith("-2"), "an upload in two parts"
    return uploaded["VersionId"]
