"""In which order the Makefile does things, where that matters."""

import shutil
import subprocess

import pytest

from local.paths import ROOT


def commands(*arguments: str) -> str:
    """What make would run."""
    told = subprocess.run(["make", "--dry-run", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_a_deploy_looks_at_the_account_first_and_builds_the_page_before_the_functions() -> None:
    run = commands("deploy", "STACK=films", "PARAMETERS=LogLevel=WARN")
    steps = ('local preflight --stack "films" LogLevel=WARN', " web --then package", "sam deploy --guided")
    places = [run.index(step) for step in steps]
    assert places == sorted(places)
    assert '--stack-name "films"' in run
    assert "--parameter-overrides Architecture=x86_64 LogLevel=WARN" in run


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_functions_are_built_for_the_processor_that_they_are_deployed_for() -> None:
    arm64 = "PARAMETERS=LogLevel=WARN Architecture=arm64"
    assert "--arm64" in commands("package", arm64)
    assert "--parameter-overrides Architecture=arm64 LogLevel=WARN" in commands("deploy", arm64)
    assert "--arm64" not in commands("package")
