"""What the local stack starts, it stops; what it did not start, it leaves alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import process
from local.errors import LocalError
from local.process import BackgroundProcess

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)",
]


@pytest.fixture
def background(tmp_path: Path) -> Iterator[BackgroundProcess]:
    started = BackgroundProcess("thing", tmp_path)
    yield started
    started.stop()


def test_a_started_process_runs_until_it_is_stopped(background: BackgroundProcess) -> None:
    assert background.start(SLEEP, {})
    pid = background.pid()
    assert pid is not None
    assert background.stop()
    assert background.pid() is None
    assert not _exists(pid)
    assert not background.stop()


def test_an_unchanged_process_keeps_running(background: BackgroundProcess) -> None:
    background.start(SLEEP, {"A": "1"})
    pid = background.pid()
    assert not background.start(SLEEP, {"A": "1"})
    assert background.pid() == pid


def test_a_changed_environment_or_file_restarts_it(background: BackgroundProcess, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_text("old")
    background.start(SLEEP, {"A": "1"}, depends_on=[binary])
    first = background.pid()
    assert background.start(SLEEP, {"A": "2"}, depends_on=[binary])
    second = background.pid()
    binary.write_text("new")
    assert background.start(SLEEP, {"A": "2"}, depends_on=[binary])
    assert len({first, second, background.pid()}) == 3


def test_a_stranger_with_the_same_process_id_is_left_alone(background: BackgroundProcess, tmp_path: Path) -> None:
    background.start(SLEEP, {})
    ours = background.pid()
    with subprocess.Popen(SLEEP) as stranger:
        try:
            file = tmp_path / "run" / "thing.json"
            file.write_text(json.dumps(json.loads(file.read_text()) | {"pid": stranger.pid, "startedAt": "earlier"}))
            assert background.pid() is None
            assert not background.stop()
            assert stranger.poll() is None
        finally:
            stranger.kill()
            os.kill(ours, 9)


def test_a_process_that_does_not_stop_is_killed_with_its_children(
    background: BackgroundProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 1)
    background.start(STUBBORN, {})
    background.wait_until_ready(lambda: background.log.read_text().strip() != "")
    child = int(background.log.read_text())
    assert background.stop()
    assert not _exists(child)


def test_a_process_that_ends_at_once_says_why(background: BackgroundProcess) -> None:
    background.start([sys.executable, "-c", "raise SystemExit('port is on fire')"], {})
    with pytest.raises(LocalError, match="port is on fire"):
        background.wait_until_ready(lambda: False, seconds=10)


def _exists(pid: int) -> bool:
    """Whether the process runs, once its parent had the time to take note of its end."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.05)
    return True
