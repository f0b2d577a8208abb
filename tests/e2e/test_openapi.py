"""The API keeps to its own description: schemathesis makes requests from it, valid and not, and judges the answers."""

import subprocess
import sys
from pathlib import Path

from support.deployment import Deployment

from local.api import Api

LEFT_OUT = (
    # What is valid for the schema may still be refused: a made-up cursor, a part that the upload doesn't have.
    "positive_data_acceptance",
    # CloudFront and its stand-in refuse methods of their own accord, before the API is asked.
    "unsupported_method",
)


def test_the_api_answers_as_it_is_described(deployment: Deployment, tmp_path: Path) -> None:
    site, token = deployment.description["siteUrl"], deployment.description["token"]
    api = Api.signed_in(site, token["username"], token["password"])
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{site}/api/openapi.json", "--url", site]
    command += ["--header", f"Authorization: Bearer {api.token}", "--seed", "1", "--max-examples", "5"]
    command += ["--phases", "examples,coverage,fuzzing", "--exclude-checks", ",".join(LEFT_OUT), "--no-color"]
    # Sign-in is throttled, and wrong passwords lock an account.
    command += ["--exclude-operation-id", "signIn", "--continue-on-failure"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stdout[-8000:]
