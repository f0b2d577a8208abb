"""Runs the cases side by side, removes what they made, and writes the report."""

import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.api import Api
from local.deployed import Deployed
from local.errors import LocalError
from local.paths import ROOT
from local.smoke.cases import CASES, Case, Smoke, Unproven, attempt
from local.smoke.report import AS_EXPECTED, UNPROVEN, WRONG, Finding, Report
from local.smoke.served import Unexpected
from local.users import choose_password, invite

MOST_DOLLARS = 0.15
"""What it costs at most. Seven conversions of ten seconds, the least that MediaConvert bills for an output: three H.264
renditions of which one is HD make 0.17 min × (0.0075 + 0.0075 + 0.015) $ and their sound and stills as much again;
HEVC is dearer by a factor of five at most; one that is cancelled costs nothing. The rest is below a cent."""

PATIENCE_SECONDS = {True: 240.0, False: 1800.0}
"""For one case: on the local stack, and on AWS, where jobs wait for a queue that is busy."""
POLL_SECONDS = {True: 0.3, False: 5.0}


def run(deployed: Deployed, folder: Path) -> Path:
    """`make smoke`: returns the path of the report; raises if something isn't as expected."""
    outputs = deployed.outputs()
    minutes = "a minute" if deployed.is_local else "some ten minutes"
    print(f"Proves {deployed.name} with seven short videos, which it deletes again. Takes {minutes}.")
    print("It costs nothing here." if deployed.is_local else f"It costs about ${MOST_DOLLARS:.2f} at most.", flush=True)
    prefix = f"smoke-{uuid.uuid4().hex[:8]}"
    began, clock = datetime.now(UTC), time.monotonic()
    with _somebody(deployed, outputs, prefix) as (api, signing_in), tempfile.TemporaryDirectory() as media:
        smoke = Smoke(
            deployed,
            outputs,
            api,
            Path(media),
            prefix,
            PATIENCE_SECONDS[deployed.is_local],
            POLL_SECONDS[deployed.is_local],
        )
        try:
            findings, dollars = _findings(smoke)
        finally:
            _clean_up(smoke)
    report = Report(
        deployed.name,
        deployed.region(),
        _version(),
        f"{began:%Y-%m-%d %H:%M} UTC",
        time.monotonic() - clock,
        dollars,
        [signing_in, *findings],
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{deployed.name}-{began:%Y%m%d-%H%M%S}.md"
    path.write_text(str(report))
    print(f"The report is {path}; it names neither account nor addresses.")
    if report.wrong():
        raise LocalError(f"{report.wrong()} of {len(report.findings)} cases were not as expected.")
    return path


def _findings(smoke: Smoke) -> tuple[list[Finding], float]:
    begun: dict[str, Unexpected] = {}
    for case in CASES:
        try:
            if video_id := attempt(lambda case=case: case.begin(smoke)):
                smoke.videos[case.name] = video_id
        except Unexpected as error:
            begun[case.name] = error
    findings, dollars = [], 0.0
    for case in CASES:
        if case is CASES[-1]:
            dollars = _dollars(smoke)
        finding = _finding(case, smoke, begun.get(case.name))
        print(finding, flush=True)
        findings.append(finding)
    return findings, dollars


def _finding(case: Case, smoke: Smoke, failed: Unexpected | None) -> Finding:
    try:
        if failed:
            raise failed
        seen = attempt(lambda: case.look(smoke, smoke.videos.get(case.name)))
    except Unproven as error:
        return Finding(case.name, case.expected, str(error), UNPROVEN)
    except Unexpected as error:
        return Finding(case.name, case.expected, str(error), WRONG)
    return Finding(case.name, case.expected, seen or "", AS_EXPECTED)


def _dollars(smoke: Smoke) -> float:
    """What MediaConvert's part cost, as the stack itself reckons."""
    costs = [smoke.api.send("GET", f"/api/videos/{video_id}") for video_id in smoke.videos.values()]
    known = [answer.json["video"].get("cost", {}) for answer in costs if answer.status == 200]
    return sum(cost.get("actual", cost.get("estimated", 0.0)) or 0.0 for cost in known)


@contextmanager
def _somebody(deployed: Deployed, outputs: dict[str, str], name: str) -> Iterator[tuple[Api, Finding]]:
    """An administrator, who signs in for the first time as people do, and is gone afterwards."""
    case, expected = "first sign-in", "a password has to be chosen, and is good"
    if token := os.environ.get("VOD_TOKEN"):
        yield Api(outputs["SiteUrl"], token), Finding(case, expected, "VOD_TOKEN is used instead", UNPROVEN)
        return
    if "UserPoolId" not in outputs:
        raise LocalError("People sign in at a provider of the stack's own: set VOD_TOKEN to an administrator's token.")
    cognito, pool = deployed.client("cognito-idp"), outputs["UserPoolId"]
    try:
        invited = invite(cognito, pool, name, admin=True)
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"No user can be made for this: {error}") from error
    try:
        api = choose_password(outputs["SiteUrl"], invited, f"{name}-and-more")
        yield api, Finding(case, expected, "a challenge, a new password, a token", AS_EXPECTED)
    finally:
        cognito.admin_delete_user(UserPoolId=pool, Username=name)


def _clean_up(smoke: Smoke) -> None:
    """Removes what is left; what can't be removed is told, because it stays."""
    for video_id in smoke.videos.values():
        answer = smoke.api.send("DELETE", f"/api/videos/{video_id}")
        if answer.status not in (200, 202, 204, 404):
            print(f"Left behind: the video {video_id} ({answer.status})")
    for bucket, key, version in smoke.objects:
        which = {"VersionId": version} if version else {}
        try:
            smoke.client("s3").delete_object(Bucket=bucket, Key=key, **which)
        except (BotoCoreError, ClientError) as error:
            print(f"Left behind: s3://{bucket}/{key} ({error})")


def _version() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"
