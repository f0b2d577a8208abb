"""Each CreateJob that a unit test makes, held against the service's own model."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from service_model import create_job, mistakes

from local.paths import ROOT

SNAPSHOTS = ROOT / "crates" / "common" / "src" / "job" / "snapshots"


def _requests(folder: Path) -> dict[str, Any]:
    """The snapshots that are requests; others are of parts of one."""
    bodies = {path.stem: path.read_text().split("---\n", 2)[2] for path in sorted(folder.glob("*.snap"))}
    return {name: json.loads(body) for name, body in bodies.items() if '"settings": {' in body}


REQUESTS = _requests(SNAPSHOTS)


def test_there_are_snapshots() -> None:
    assert len(REQUESTS) >= 8


@pytest.mark.parametrize("name", REQUESTS)
def test_a_snapshot_is_what_the_service_takes(name: str) -> None:
    assert list(mistakes(REQUESTS[name], create_job())) == []


def _tests_of_submit() -> Path:
    """The program with the tests of the submit function, as `make test-programs` builds it."""
    command = ["cargo", "test", "--locked", "--workspace", "--test", "event_handler", "--no-run", "--quiet"]
    built = subprocess.run([*command, "--message-format", "json"], check=True, cwd=ROOT, capture_output=True, text=True)
    (program,) = [
        message["executable"]
        for message in map(json.loads, built.stdout.splitlines())
        if message.get("executable") and "crates/submit/tests/" in message["target"]["src_path"]
    ]
    return Path(program)


def test_every_job_of_the_submit_functions_tests_is_what_the_service_takes(tmp_path: Path) -> None:
    environment = {**os.environ, "CREATED_JOBS": str(tmp_path)}
    # As cargo runs it. A test that fails here fails among the unit tests too.
    subprocess.run(
        [_tests_of_submit(), "--quiet"], cwd=ROOT / "crates/submit", env=environment, check=True, capture_output=True
    )
    made = {path.name: json.loads(path.read_text()) for path in tmp_path.iterdir()}
    assert len(made) >= 30
    found = [f"{name}: {mistake}" for name, job in made.items() for mistake in mistakes(job, create_job())]
    assert found == []
