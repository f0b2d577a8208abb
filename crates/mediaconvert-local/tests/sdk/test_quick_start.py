"""The quick start of the README is run as it is printed, but for the addresses."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from conftest import CODECS, DEADLINE, ROOT, picture, sound, until

CRATE = pathlib.Path(__file__).resolve().parents[2]
MODULES = pathlib.Path(os.environ.get("PLAYERS", CRATE / "tests" / "players" / "node_modules"))


def blocks(language):
    readme = (CRATE / "README.md").read_text()
    start = readme.index("## Quick start")
    section = readme[start : readme.index("\n## ", start)]
    return re.findall(rf"```{language}\n(.*?)```", section, re.S)


@pytest.fixture
def run(stack, clip, convert, tmp_path):
    """Runs a program in a folder with the job's file; tells what it printed once its jobs have ended well."""
    clip("clip.mp4", *picture(seconds=2), *sound(2), *CODECS)
    shell = next(block for block in blocks("sh") if "job.json" in block)
    (tmp_path / "job.json").write_text(re.search(r"<<'END'\n(.*?)^END$", shell, re.S | re.M)[1])
    beside = pathlib.Path(sys.executable).parent
    env = stack.env | {"PATH": f"{beside}:{os.environ['PATH']}"}

    def once(*command):
        before = {job["Id"] for job in convert.list_jobs()["Jobs"]}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=DEADLINE)
        assert done.returncode == 0, done.stderr
        new = [job["Id"] for job in convert.list_jobs()["Jobs"] if job["Id"] not in before]
        assert len(new) == 1

        def final():
            job = convert.get_job(Id=new[0])["Job"]
            return job if job["Status"] in ("COMPLETE", "ERROR") else None

        assert until(final, "the end of the job")["Status"] == "COMPLETE"
        return done.stdout.strip()

    return once


def here(stack, text):
    assert "http://127.0.0.1:4567" in text
    return text.replace("http://127.0.0.1:4567", stack.convert)


STATUSES = ("SUBMITTED", "PROGRESSING", "COMPLETE")


def test_the_shell(run, stack, keys):
    (text,) = (block for block in blocks("sh") if "job.json" in block)
    assert run("bash", "-euc", here(stack, text)) in STATUSES
    assert {"video.m3u8", "video.mpd"} <= set(keys("cli"))


def test_python(run, stack):
    (text,) = blocks("python")
    assert run(sys.executable, "-c", here(stack, text)) in STATUSES


def test_javascript(run, stack, tmp_path):
    if not (MODULES / "@aws-sdk").is_dir():
        pytest.skip("no SDK for JavaScript: run npm ci, and set PLAYERS to its node_modules")
    (text,) = blocks("js")
    # Modules are looked for from the file upwards.
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "quick.mjs").write_text(here(stack, text))
    assert run("node", "quick.mjs") in STATUSES


def test_rust(run, stack, keys, tmp_path):
    (text,) = blocks("rust")
    source = CRATE / "examples" / "quick_start.rs"
    assert text in source.read_text()
    # The same program, with the address of this server.
    program = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "examples" / "quick_start"
    if not program.exists():
        pytest.skip("no example: run cargo build -p mediaconvert-local --examples")
    copy = tmp_path / "quick_start"
    shutil.copy(program, copy)
    assert re.fullmatch(r"\d{13}-[a-z0-9]{6}", run(str(copy), stack.convert))
    assert "sound.mp4" in keys("rust")
