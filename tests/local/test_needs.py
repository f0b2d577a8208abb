"""What is said of a machine that lacks something: one sentence, before anything long begins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import needs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return tmp_path


def add(folder: Path, name: str, says: str = "") -> None:
    """A program that says one thing."""
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    ("what", "next_step"),
    [("rust", "rustup.rs"), ("node", "nodejs.org"), ("ffmpeg", "package manager"), ("chromium", "package manager")],
)
def test_a_missing_program_is_named_with_what_to_do(
    what: str, next_step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert needs.main([what]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1
    assert next_step in said


def test_an_old_compiler_is_told_apart_from_a_missing_one(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cargo", "cc"):
        add(programs, name)
    add(programs, "rustc", "rustc 1.70.0 (90c541806 2023-05-31)")
    assert needs.main(["rust"]) == 1
    assert "this is 1.70" in capsys.readouterr().err


def test_an_old_node_is_told(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(programs, "npm")
    add(programs, "node", "v16.20.2")
    assert needs.main(["node"]) == 1
    assert "this is v16.20.2" in capsys.readouterr().err


def test_an_old_python_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert needs.main(["python"]) == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_a_full_disk_is_told_before_the_first_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(needs, "ROOT", tmp_path)
    monkeypatch.setattr(needs.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0.3e9}))
    assert needs.main(["space"]) == 1
    assert "Only 0.3 GB are free" in capsys.readouterr().err


def test_all_that_is_missing_is_said_at_once(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert needs.main(["rust", "node", "ffmpeg"]) == 1
    assert capsys.readouterr().err.count("error: ") == 3


@pytest.mark.parametrize("target", ["build", "deploy"])
def test_make_says_it_before_any_step(target: str, tmp_path: Path) -> None:
    for name in ("bash", "sed", "find", "env", "python3"):
        (tmp_path / name).symlink_to(Path(subprocess.check_output(["which", name], text=True).strip()))
    (tmp_path / "python3").unlink()
    (tmp_path / "python3").symlink_to(sys.executable)
    make = subprocess.check_output(["which", "make"], text=True).strip()
    ended = subprocess.run(
        [make, target],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "error: Rust is missing" in ended.stderr
    assert ended.stdout == ""
