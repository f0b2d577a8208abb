"""How steps run side by side: what people see meanwhile, and what they see when one fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import steps

ROOT = Path(__file__).resolve().parents[2]

MAKEFILE = """
quick:
	@echo quick is done
compile:
	@for done in 1 2 3; do printf '\\r   Building [==>   ] %s/3: some-crate   ' $$done >&2; sleep 0.5; done; echo
noisy:
	@for line in $$(seq 60); do echo line $$line; done; exit 3
tidy:
	@trap 'echo tidied >tidied; exit 130' INT; touch began; while :; do sleep 0.05; done
late:
	@while [ ! -e began ]; do sleep 0.05; done; exit 3
endless:
	@echo $$$$ >endless.pid; exec sleep 600
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a Makefile of its own."""
    (tmp_path / "Makefile").write_text(MAKEFILE)
    for name, value in {
        "ROOT": tmp_path,
        "LOGS": tmp_path / "log",
        "TIMES": tmp_path / "times.json",
        "SAY_EVERY_SECONDS": 0.05,
    }.items():
        monkeypatch.setattr(steps, name, value)
    monkeypatch.delenv("MAKE", raising=False)
    monkeypatch.delenv("MAKEFLAGS", raising=False)
    return tmp_path


@pytest.mark.usefixtures("checkout")
def test_a_compile_tells_how_many_crates_are_done(capfd: pytest.CaptureFixture[str]) -> None:
    assert steps.main(["quick", "--then", "compile"]) == 0
    said = capfd.readouterr().out
    assert "compile 2 of 3 crates" in said
    assert "compile done in" in said
    assert "\r" not in said and "\033" not in said, "plain lines where there is no terminal"


@pytest.mark.usefixtures("checkout")
def test_the_summary_names_each_step_once_and_is_said_once(capfd: pytest.CaptureFixture[str]) -> None:
    steps.main(["quick", "--then", "compile"])
    with steps.timed("deploy"):
        pass
    steps.print_times()
    steps.print_times()
    summary = capfd.readouterr().out.partition("How long it took:")[2].split("\n")
    assert [line.split()[0] for line in summary if line] == ["quick", "compile", "deploy"]


def test_a_failed_step_shows_what_it_said_last(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert steps.main(["noisy", "--then", "quick"]) == 1
    said = capfd.readouterr()
    assert "`make noisy` failed" in said.err
    assert "line 60" in said.err and "line 1\n" not in said.err
    assert "line 1\n" in (checkout / "log" / "noisy.log").read_text()
    assert "quick" not in said.out


def test_a_failure_ends_what_runs_beside_it(checkout: Path) -> None:
    assert steps.main(["endless", "noisy"]) == 1
    started = checkout / "endless.pid"
    if started.exists():  # it may have been ended before it began
        with pytest.raises(ProcessLookupError):
            for _ in range(200):
                os.kill(int(started.read_text()), 0)
                subprocess.run(["sleep", "0.05"], check=True)


def test_what_is_ended_may_tidy_up(checkout: Path) -> None:
    assert steps.main(["tidy", "late"]) == 1
    assert (checkout / "tidied").exists()


@pytest.mark.usefixtures("checkout")
def test_a_chain_runs_one_after_the_other_and_what_it_says_is_shown_whole(capfd: pytest.CaptureFixture[str]) -> None:
    assert steps.main(["--show", "quick,compile", "noisy"]) == 1
    said = capfd.readouterr()
    assert "line 1\n" in said.out and "line 60" in said.out
    assert "`make noisy` failed" in said.err
    assert steps.main(["--show", "quick,compile"]) == 0
    said = capfd.readouterr()
    assert "quick is done" in said.out
    assert "compile waits" in said.out or "compile done" in said.out


def test_it_runs_before_any_tool_is_installed() -> None:
    alone = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import local.steps, local.needs",
    ]
    subprocess.run(alone, check=True)
