"""Background processes that outlive the command which starts them.

Each has a file that names its process id together with the moment it started: a process id alone can pass on to a
stranger, and a stranger must never be signalled.
"""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

STOP_SECONDS = 20
"""How long a process may take to stop before it is killed."""


def wait_until(met: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    """Returns once the condition is met; raises with the text of `otherwise` when time is up."""
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            raise LocalError(otherwise())
        time.sleep(0.05)


@dataclass(frozen=True)
class BackgroundProcess:
    """One process of the stack: its name, its state file and its log."""

    name: str
    directory: Path

    @property
    def log(self) -> Path:
        """What the process writes to standard output and standard error."""
        return self.directory / "log" / f"{self.name}.log"

    @property
    def _state(self) -> Path:
        return self.directory / "run" / f"{self.name}.json"

    def pid(self) -> int | None:
        """The process id, or none when the process is not running (any more)."""
        state = self._read()
        if state and _started_at(state["pid"]) == state["startedAt"]:
            return state["pid"]
        return None

    def start(
        self, command: Sequence[str | Path], environment: Mapping[str, str], depends_on: Sequence[Path] = ()
    ) -> bool:
        """Starts the process unless it runs just so already; says whether it did.

        A process that runs with another command, environment or content of the files in `depends_on` is stopped first.
        """
        words = [str(word) for word in command]
        started_with = fingerprint(words, environment, depends_on)
        if self.pid() is not None:
            if self._read().get("fingerprint") == started_with:
                return False
            self.stop()
        for path in (self.log, self._state):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                words,
                env=dict(environment),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        state = {"pid": child.pid, "startedAt": _started_at(child.pid), "fingerprint": started_with, "command": words}
        self._state.write_text(json.dumps(state, indent=2))
        return True

    def wait_until_ready(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Waits for the condition; raises at once when the process ends before."""

        def met() -> bool:
            if self.pid() is None:
                raise LocalError(f"{self.name} stopped right after its start. {self._last_words()}")
            return ready()

        wait_until(met, seconds, lambda: f"{self.name} was not ready after {seconds:.0f} s. {self._last_words()}")

    def stop(self) -> bool:
        """Asks the process to stop, kills it with its children when it does not in time; says whether it ran."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            with suppress(LocalError):
                wait_until(lambda: self.pid() is None, STOP_SECONDS, lambda: "")
            self.kill()
        self._state.unlink(missing_ok=True)
        return pid is not None

    def kill(self) -> None:
        """Ends the process and its children at once, if it runs."""
        pid = self.pid()
        if pid is not None:
            # It leads its own process group, so nothing but its children is in it.
            os.killpg(pid, signal.SIGKILL)
            wait_until(lambda: self.pid() is None, STOP_SECONDS, lambda: f"{self.name} (process {pid}) does not end.")

    def _read(self) -> dict:
        try:
            return json.loads(self._state.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-15:] if self.log.exists() else []
        return "\n".join([f"The end of {self.log}:", *lines])


def fingerprint(command: Sequence[str], environment: Mapping[str, str], files: Sequence[Path]) -> str:
    """Equal for equal words, variables and contents of the files."""
    digest = hashlib.sha256(json.dumps([list(command), sorted(environment.items())]).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _started_at(pid: int) -> str | None:
    """When the process started, as text that no other process with this id can have; none when there is no process."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # if it is our own child and has ended, let it go
    try:
        # Field 3 is the state, field 22 the start in clock ticks since boot; field 2 may hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return None if fields[0] in "ZX" else f"{boot} {fields[19]}"
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
    listed = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    status, _, started = listed.stdout.strip().partition(" ")
    return started.strip() if started and not status.startswith("Z") else None
