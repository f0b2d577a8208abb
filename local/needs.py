"""What has to be on the machine before a build begins: one sentence for each thing that is missing.

    python3 -m local.needs programs ffmpeg

The Makefile calls it with the Python of the system, before any long step. What make installs itself is not asked for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from local.paths import ROOT

FIRST_BUILD_GIGABYTES = 4
"""Free space that a first build and the tools want; `make demo` in a fresh clone took 2.9 GB."""


def python() -> str | None:
    """Python with venv, which holds the tools."""
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one runs this to be told so)
        return f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; name one with: make PYTHON=…"
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return "Python's venv module is missing; on Debian: apt-get install python3-venv"
    return None


def rust() -> str | None:
    """Cargo, as new as the workspace asks, and a linker."""
    if shutil.which("cargo") is None:
        return "Rust is missing; install it from https://rustup.rs"
    wanted = re.search(r'^rust-version = "([\d.]+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    said = _output("rustc", "--version")
    found = re.search(r"(\d+\.\d+)", said)
    if found is None:
        return f"rustc does not tell its version ({said or 'it says nothing'}); reinstall Rust from https://rustup.rs"
    if wanted and _numbers(found[1]) < _numbers(wanted[1]):
        return f"Rust {wanted[1]} or newer is needed, this is {found[1]}; update it with: rustup update stable"
    if shutil.which("cc") is None:
        return "A C compiler is missing, which links Rust programs; on Debian: apt-get install build-essential"
    return None


def node() -> str | None:
    """Node.js with npm, which builds the web app."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "Node.js 20 or newer with npm is missing; see https://nodejs.org/en/download"
    version = _output("node", "--version")
    if _numbers(version.lstrip("v")) < (20,):
        return f"Node.js 20 or newer is needed, this is {version}; see https://nodejs.org/en/download"
    return None


def ffmpeg() -> str | None:
    """ffmpeg and ffprobe, which transcode on the local stack."""
    return _program("ffmpeg", "ffprobe")


def chromium() -> str | None:
    """Chromium, in which the page is tested."""
    return _program("chromium")


def space() -> str | None:
    """Room on the disk for a first build."""
    if (ROOT / "target").exists():
        return None
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < FIRST_BUILD_GIGABYTES:
        return f"Only {free:.1f} GB are free on the disk of {ROOT}; the first build needs {FIRST_BUILD_GIGABYTES} GB."
    return None


CHECKS: dict[str, Callable[[], str | None]] = {
    check.__name__: check for check in (python, rust, node, ffmpeg, chromium, space)
}


def _program(*names: str) -> str | None:
    missing = [name for name in names if shutil.which(name) is None]
    if not missing or (os.geteuid() == 0 and shutil.which("apt-get")):
        return None  # make installs it
    return f"{' and '.join(missing)} missing; install {names[0]} with the package manager of your system and try again"


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path.home()).stdout.strip()
    except OSError:
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def main(names: Sequence[str]) -> int:
    """Says all that is missing, so that nobody has to come back for each."""
    missing = [said for name in names if (said := CHECKS[name]()) is not None]
    for said in missing:
        print(f"error: {said}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
