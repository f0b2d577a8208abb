"""Runs targets of the Makefile side by side, says what they are at, and in the end how long each took.

    python3 -m local.steps downloads tools web --then programs

The Makefile calls it before any tool is installed, so the standard library has to do.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.errors import LocalError
from local.paths import ROOT

LOGS = ROOT / ".tools" / "log"
"""What each target said, one file each."""

TIMES = ROOT / ".tools" / "times.json"
"""How long each step of the command under way took, for the summary at its end."""

SAY_EVERY_SECONDS = 20
"""How often a step that goes on is told of where there is no terminal."""

LAST_LINES = 40
"""How much of a failed step's output is shown."""

CARGO_PROGRESS = re.compile(r"\b(?:Building|Checking|Downloading|Compiling)\b.*?\s(\d+)/(\d+)")


@dataclass
class Step:
    """One target of the Makefile while it runs."""

    target: str
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    """How long it took; none while it runs."""
    progress: str = ""

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began if self.seconds is None else self.seconds
        words = [self.target, self.progress if self.seconds is None else "done in", f"{seconds:.0f} s"]
        return " ".join(filter(None, words))

    def run(self) -> None:
        """Runs the target to its end; raises with what it said last when it fails."""
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{self.target}.log"
        # Cargo tells how far it is where it believes to be on a terminal.
        environment = {**os.environ, "CARGO_TERM_PROGRESS_WHEN": "always", "CARGO_TERM_PROGRESS_WIDTH": "80"}
        command = [os.environ.get("MAKE", "make"), "--no-print-directory", "--silent", self.target]
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as self._process,
        ):
            for line in _lines(self._process):
                if found := CARGO_PROGRESS.search(line):
                    self.progress = f"{found[1]} of {found[2]} crates"
                else:
                    output.write(f"{line}\n".encode())
        self.seconds = time.monotonic() - self.began
        if self._process.returncode != 0:
            said = log.read_text(errors="replace").splitlines()
            end = "\n".join(said[-LAST_LINES:])
            left_out = f" (the last {LAST_LINES} lines of {log.relative_to(ROOT)})" if len(said) > LAST_LINES else ""
            raise LocalError(f"`make {self.target}` failed{left_out}:\n{end}")

    def stop(self) -> None:
        """Ends the target and all that it started."""
        process = getattr(self, "_process", None)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)


def run_side_by_side(targets: Sequence[str]) -> None:
    """Runs the targets at once; the first that fails ends the others."""
    steps = [Step(target) for target in targets]
    failures: list[LocalError] = []

    def run(step: Step) -> None:
        try:
            step.run()
        except LocalError as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=[step], daemon=True) for step in steps]
    for thread in threads:
        thread.start()
    try:
        with LiveLine() as line:
            while any(thread.is_alive() for thread in threads) and not failures:
                line.show(" · ".join(map(str, steps)))
                threads[0 if threads[0].is_alive() else -1].join(timeout=0.2)
            line.show(" · ".join(map(str, steps)), last=True)
    finally:
        for step in steps:
            step.stop()
    if failures:
        raise failures[0]
    for step in steps:
        note_time(step.target, step.seconds or 0.0)


class LiveLine:
    """One line that is written over and over on a terminal; elsewhere a plain line now and then."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._said_at = time.monotonic()
        self._said = ""

    def __enter__(self) -> "LiveLine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal and self._said:
            print(flush=True)

    def show(self, text: str, last: bool = False) -> None:
        """Says the text: at once on a terminal, elsewhere when some time has passed or it is the last."""
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{text[:width]}", end="", flush=True)
        elif text != self._said and (last or time.monotonic() - self._said_at >= SAY_EVERY_SECONDS):
            print(text, flush=True)
            self._said_at = time.monotonic()
        self._said = text


def note_time(name: str, seconds: float) -> None:
    """Adds a step to those of the command under way."""
    TIMES.parent.mkdir(parents=True, exist_ok=True)
    TIMES.write_text(json.dumps([*_times(), [name, seconds]]))


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Notes how long the block took."""
    began = time.monotonic()
    yield
    note_time(name, time.monotonic() - began)


def print_times() -> None:
    """Says how long each step took, and forgets it: the next command counts anew."""
    times = _times()
    if times:
        width = max(len(name) for name, _ in times)
        print("\nHow long it took:")
        for name, seconds in times:
            print(f"  {name.ljust(width)}  {seconds:6.1f} s")
    TIMES.unlink(missing_ok=True)


def _times() -> list[tuple[str, float]]:
    try:
        return json.loads(TIMES.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return []


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """What a process says, line by line; a progress bar begins its line anew with a carriage return."""
    assert process.stdout is not None
    rest = b""
    while block := process.stdout.read1(65536):  # type: ignore[attr-defined]
        *lines, rest = re.split(rb"[\r\n]+", rest + block)
        yield from (line.decode(errors="replace") for line in lines if line.strip())
    if rest.strip():
        yield rest.decode(errors="replace")


def main(arguments: Sequence[str]) -> int:
    """Runs groups of targets one after the other; `--then` lies between two groups."""
    TIMES.unlink(missing_ok=True)
    groups: list[list[str]] = [[]]
    for argument in arguments:
        if argument == "--then":
            groups.append([])
        else:
            groups[-1].append(argument)
    try:
        for group in groups:
            run_side_by_side(group)
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
