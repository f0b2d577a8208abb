"""`vod`, as people and scripts use it."""

import json
import os
import signal
import subprocess
import urllib.request
import uuid
from collections.abc import Callable
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from support import clips
from support.deployment import Deployment
from support.people import new_user
from support.uploads import upload
from support.waiting import wait_for

from local.api import Api
from local.paths import ROOT
from local.users import User

VOD = ROOT / "target" / "debug" / "vod"
SECONDS = 180
PART_BYTES = 8 * 1024 * 1024
PADDING_BYTES = 200 * 1024 * 1024

Vod = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has never used it."""
    return {"HOME": str(tmp_path), "PATH": os.defpath}


@pytest.fixture
def user(deployment: Deployment) -> User:
    return new_user(deployment, "cli")


@pytest.fixture
def vod(deployment: Deployment, home: dict[str, str], user: User) -> Vod:
    """The command of somebody who has signed in."""

    def run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [VOD, *arguments]
        return subprocess.run(
            command, env=home, input=stdin, capture_output=True, text=True, check=False, timeout=SECONDS
        )

    site = deployment.description["siteUrl"]
    signed_in = run("login", site, "--username", user.name, "--password-stdin", stdin=f"{user.password}\n")
    assert signed_in.returncode == 0, signed_in.stderr
    return run


def values(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """What a command printed for a script."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_video_is_uploaded_followed_shown_converted_anew_and_deleted(
    deployment: Deployment, vod: Vod, tmp_path: Path
) -> None:
    clips.brief(tmp_path / "Küste & Meer.mp4")
    last = values(vod("--json", "upload", tmp_path / "Küste & Meer.mp4", "--wait"))[-1]
    assert (last["status"], last["title"]) == ("READY", "Küste & Meer")
    with urllib.request.urlopen(last["playback"]["hlsUrl"]) as manifest:
        assert manifest.read().startswith(b"#EXTM3U")
    (found,) = values(vod("--json", "list", "--status", "ready", "--search", "meer"))
    assert [video["id"] for video in found] == [last["id"]]

    values(vod("--json", "reprocess", last["id"]))
    again = values(vod("--json", "watch-status", last["id"]))[-1]
    assert again["status"] == "READY"
    assert again["playback"]["revision"] != last["playback"]["revision"]
    for_people = vod("show", last["id"])
    assert "Küste & Meer" in for_people.stdout
    assert again["playback"]["hlsUrl"] in for_people.stdout

    unasked = vod("delete", last["id"])
    assert (unasked.returncode, "--yes" in unasked.stderr) == (1, True)
    assert vod("delete", "--yes", last["id"]).returncode == 0
    gone = vod("show", last["id"])
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "error: " in gone.stderr


def test_an_interrupted_upload_goes_on_where_it_stopped(
    deployment: Deployment, vod: Vod, home: dict[str, str], user: User, tmp_path: Path
) -> None:
    path = tmp_path / "large.mp4"
    clips.brief(path)
    with path.open("ab") as file:  # a box that players skip
        file.write((PADDING_BYTES + 8).to_bytes(4, "big") + b"free" + os.urandom(PADDING_BYTES))
    api = Api.signed_in(deployment.description["siteUrl"], user.name, user.password)

    def parts_sent() -> list[dict[str, Any]]:
        videos = api.expect(200, "GET", "/api/videos")["videos"]
        return videos and api.expect(200, "GET", f"/api/videos/{videos[0]['id']}/upload/parts")["parts"]

    command = [VOD, "upload", "--parallel", "1", path]
    with subprocess.Popen(command, env=home, stderr=subprocess.PIPE, text=True) as interrupted:
        wait_for(parts_sent, "part of the upload", SECONDS)
        interrupted.send_signal(signal.SIGINT)
        assert "run the same command again" in interrupted.communicate(timeout=SECONDS)[1]
    assert interrupted.returncode == 1
    assert 0 < len(parts_sent()) < PADDING_BYTES // PART_BYTES

    (video,) = values(vod("--json", "upload", path))
    (all_videos,) = values(vod("--json", "list"))
    assert [found["id"] for found in all_videos] == [video["id"]], "it is the same video"
    s3 = deployment.client("s3")
    key = s3.list_objects_v2(Bucket=deployment.source_bucket, Prefix=f"videos/{video['id']}/")["Contents"][0]["Key"]
    arrived = s3.get_object(Bucket=deployment.source_bucket, Key=key)["Body"].read()
    with path.open("rb") as file:
        assert file_digest(file, "sha256").digest() == file_digest(BytesIO(arrived), "sha256").digest()
    assert values(vod("--json", "watch-status", video["id"]))[-1]["status"] == "READY"


def test_what_cannot_be_converted_is_told_by_the_exit_status(vod: Vod, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("This is a text.\n" * 1000)
    done = vod("upload", "--wait", tmp_path / "text.mp4", tmp_path / "missing.mp4")
    assert done.returncode == 1
    assert "missing.mp4" in done.stderr, "one bad file doesn't hide the other"
    assert "FAILED: The file can't be read as a video." in done.stdout


def test_what_lies_in_the_bucket_is_imported_once_by_an_administrator(
    deployment: Deployment, vod: Vod, tmp_path: Path
) -> None:
    prefix = f"import-{uuid.uuid4().hex[:8]}"
    clips.brief(tmp_path / "clip.mp4")
    upload(deployment, tmp_path / "clip.mp4", f"{prefix}/a clip.mp4")
    source = f"s3://{deployment.source_bucket}/{prefix}/"
    refused = vod("import", source)
    assert (refused.returncode, "Only administrators" in refused.stderr) == (1, True)
    admin = deployment.description["admin"]
    site = deployment.description["siteUrl"]
    vod("login", site, "--username", admin["username"], "--password-stdin", stdin=f"{admin['password']}\n")
    done = vod("import", source)
    assert done.returncode == 0, done.stderr
    again = vod("import", source)
    assert "Imported 0; 1 were there already." in again.stderr


def test_a_wrong_password_is_told(deployment: Deployment, vod: Vod, user: User) -> None:
    site = deployment.description["siteUrl"]
    done = vod("login", site, "--username", user.name, "--password-stdin", stdin="wrong\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
