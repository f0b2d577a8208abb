"""The end of the server."""

import os
import pathlib
import signal

import boto3
from conftest import CODECS, free_port, job, picture, program, rendition, start, stop, until


def children(pid):
    """Processes of a server, without its threads."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_sigterm_kills_ffmpeg_and_the_next_start_cleans_up(stack, clip, tmp_path):
    source = clip("long.mp4", *picture("1280x720", seconds=60), *CODECS)
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        program("MEDIACONVERT_LOCAL_BIN", "mediaconvert-local"),
        "--listen",
        url[7:],
        "--work-dir",
        str(tmp_path / "work"),
        "--events",
        "false",
    ]
    server = start(command, stack.env, tmp_path / "log", f"{url}/healthz")
    client = boto3.client(
        "mediaconvert", "us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
    )
    client.create_job(**job(source, "stopped", [rendition(f"_{n}", Height=720) for n in range(4)]))
    (ffmpeg,) = until(lambda: children(server.pid), "ffmpeg")
    stop(server)
    assert server.returncode == 0
    until(lambda: not pathlib.Path(f"/proc/{ffmpeg}").exists(), "the end of ffmpeg", 5)
    assert not list((tmp_path / "work").glob("job-*"))
    (tmp_path / "work" / "job-1-a").mkdir()
    (tmp_path / "work" / "source-x").touch()
    (tmp_path / "work" / "precious").touch()
    stop(start(command, stack.env, tmp_path / "log", f"{url}/healthz"))
    assert sorted(os.listdir(tmp_path / "work")) == ["precious", "state.sqlite3"]


def test_jobs_outlive_a_server_that_is_killed_and_ffmpeg_does_not(stack, clip, keys, tmp_path):
    source = clip("killed.mp4", *picture("1280x720", seconds=12), *CODECS)
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        program("MEDIACONVERT_LOCAL_BIN", "mediaconvert-local"),
        "--listen",
        url[7:],
        "--work-dir",
        str(tmp_path / "work"),
        "--events",
        "false",
    ]
    server = start(command, stack.env, tmp_path / "log", f"{url}/healthz")
    client = boto3.client(
        "mediaconvert", "us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
    )
    ids = [
        client.create_job(**job(source, f"killed-{n}", [rendition("_v", Height=720 if n == 0 else 90)]))["Job"]["Id"]
        for n in range(2)
    ]
    (ffmpeg,) = until(lambda: children(server.pid), "ffmpeg")
    # One that stands still can't notice that nobody listens any more.
    os.kill(ffmpeg, signal.SIGSTOP)
    server.kill()
    server.wait()
    until(lambda: not pathlib.Path(f"/proc/{ffmpeg}").exists(), "the end of ffmpeg", 10)
    server = start(command, stack.env, tmp_path / "log", f"{url}/healthz")
    try:

        def finished():
            jobs = [client.get_job(Id=id)["Job"] for id in ids]
            return jobs if all(job["Status"] not in ("SUBMITTED", "PROGRESSING") for job in jobs) else None

        jobs = until(finished, "the end of both jobs")
        assert [(job["Status"], job["RetryCount"]) for job in jobs] == [("COMPLETE", 1), ("COMPLETE", 0)]
        assert "video.m3u8" in keys("killed-0") and "video.m3u8" in keys("killed-1")
    finally:
        stop(server)
