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
    run = commands("deploy", "STACK=films", "PARAMETERS=LogLevel=WARN", "--assume-new=crates/api/web/index.html")
    steps = ['local preflight --stack "films" LogLevel=WARN', "run --silent build", "sam build", "sam deploy --guided"]
    places = [run.index(step) for step in steps]
    assert places == sorted(places)
    assert '--stack-name "films" --parameter-overrides LogLevel=WARN' in run
