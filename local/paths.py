"""Where things are in the checkout."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

TOOLS = Path(sys.executable).parent
"""The tools' virtual environment: this Python was started from it."""

MEDIACONVERT_LOCAL = ROOT / "target" / "debug" / "mediaconvert-local"
"""The MediaConvert stand-in, built by `cargo build`."""

EXAMPLES = ROOT / "target" / "debug" / "examples"
"""Programs for tests and for `make cost`, built together with the tests: `make test-programs`."""

STATE = ROOT / ".local"
"""State of the developer's own stack."""


def packages(build: str | None = None) -> Path:
    """Where the functions' zip files and their template are.

    A build is `debug`, which is quick to compile, or `release`, as it is deployed to AWS. Unless it is named, the
    variable RELEASE chooses.
    """
    return ROOT / "target" / "package" / (build or ("release" if os.environ.get("RELEASE") else "debug"))
