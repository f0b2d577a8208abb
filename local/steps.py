"""Runs targets of the Makefile side by side, says what they are at, and in the end how long each took.

    python3 -m local.steps crates tools web --then programs         # three at once, then one
    python3 -m local.steps --show suite-e2e,suite-unit suite-web      # one after the other, and a third beside them

With --show, all that a target said is printed when it has ended.

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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError
from local.paths import ROOT

LOGS = ROOT / ".tools" / "log"
"""What each target said, one file each."""

TIMES = ROOT / ".tools" / "times.json"
"""How long each step of the command under way took, for the summary at its end."""

SAY_EVERY_SECONDS = 20
"""How often a step that goes on is told of where there is no terminal."""

STOP_SECONDS = 30
"""How long a step may take to end when it is asked to."""

LAST_LINES = 40
"""How much of a failed step's output is shown."""

CARGO_PROGRESS = re.compile(r"\b(?:Building|Checking|Downloading|Compiling)\b.*?\s(\d+)/(\d+)")
PYTEST_PROGRESS = re.compile(r"\[ *(\d+)%\]$")


@dataclass
class Step:
    """One target of the Makefile."""

    target: str
    began: float | None = None
    seconds: float | None = None
    """How long it took; none until it has ended."""
    progress: str = ""
    shown: bool = False
    _process: "subprocess.Popen[bytes] | None" = None

    def __str__(self) -> str:
        if self.began is None:
            return f"{self.target} waits"
        seconds = time.monotonic() - self.began if self.seconds is None else self.seconds
        words = [self.target, self.progress if self.seconds is None else "done in", f"{seconds:.0f} s"]
        return " ".join(filter(None, words))

    @property
    def log(self) -> Path:
        """What the target says."""
        return LOGS / f"{self.target}.log"

    def run(self) -> None:
        """Runs the target to its end; raises when it fails."""
        self.began = time.monotonic()
        LOGS.mkdir(parents=True, exist_ok=True)
        # Cargo tells how far it is where it believes to be on a terminal.
        environment = {**os.environ, "CARGO_TERM_PROGRESS_WHEN": "always", "CARGO_TERM_PROGRESS_WIDTH": "80"}
        command = [os.environ.get("MAKE", "make"), "--no-print-directory", "--silent", self.target]
        with (
            self.log.open("wb") as output,
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
                    continue
                if found := PYTEST_PROGRESS.search(line):
                    self.progress = f"{found[1]} %"
                output.write(f"{line}\n".encode())
        self.seconds = time.monotonic() - self.began
        if self._process.returncode != 0:
            raise LocalError(f"`make {self.target}` failed")

    def last_words(self) -> str:
        """The end of what the target said."""
        said = self.log.read_text(errors="replace").splitlines()
        left_out = f"(the last {LAST_LINES} lines of {self.log.relative_to(ROOT)})"
        return "\n".join([*([left_out] if len(said) > LAST_LINES else []), *said[-LAST_LINES:]])

    def interrupt(self) -> None:
        """Asks the target and all that it started to end, as Ctrl-C does: tests then stop their stacks."""
        self._signal(signal.SIGINT)

    def stop(self) -> None:
        """Waits for the target to end, and ends it where it doesn't."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)


def run_side_by_side(chains: Sequence[Sequence[str]], show: bool) -> None:
    """Runs the chains at once, and each chain's targets one after the other; the first that fails ends them all.

    With `show`, all that a target said is printed at its end; without it, only the end of what a failed one said.
    """
    steps = [[Step(target) for target in chain] for chain in chains]
    every = [step for chain in steps for step in chain]
    failures: list[tuple[Step, LocalError]] = []

    def run(chain: Sequence[Step]) -> None:
        for step in chain:
            try:
                if not failures:
                    step.run()
            except LocalError as error:
                failures.append((step, error))

    threads = [threading.Thread(target=run, args=[chain], daemon=True) for chain in steps]
    for thread in threads:
        thread.start()
    try:
        with LiveLine() as line:
            while any(thread.is_alive() for thread in threads) and not failures:
                line.show(" · ".join(map(str, every)))
                for step in every:
                    if show and step.seconds is not None and not step.shown:
                        line.print(step.log.read_text(errors="replace").rstrip())
                        step.shown = True
                next(thread for thread in [*filter(threading.Thread.is_alive, threads), threads[0]]).join(timeout=0.2)
            line.show(" · ".join(map(str, every)), last=True)
    finally:
        for step in every:
            step.interrupt()
        for step in every:
            step.stop()
    for step in every:
        if show and step.seconds is not None and not step.shown:
            print(step.log.read_text(errors="replace").rstrip(), flush=True)
    if failures:
        failed, error = failures[0]
        raise LocalError(str(error) if show else f"{error}:\n{failed.last_words()}")
    for step in every:
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

    def print(self, text: str) -> None:
        """Prints lines that stay."""
        print(f"\r\033[K{text}" if self._terminal else text, flush=True)

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
    # A shell starts what runs in the background deaf to Ctrl-C, and so would be what is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    TIMES.unlink(missing_ok=True)
    groups: list[list[list[str]]] = [[]]
    for argument in arguments:
        if argument == "--then":
            groups.append([])
        elif argument != "--show":
            groups[-1].append(argument.split(","))
    try:
        for group in groups:
            run_side_by_side(group, "--show" in arguments)
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
