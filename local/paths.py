"""Where things are in the checkout."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

TOOLS = Path(sys.executable).parent
"""The tools' virtual environment: this Python was started from it."""

BUILT_TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"
"""What `sam build` leaves for `sam deploy`."""

MEDIACONVERT_LOCAL = ROOT / "target" / "debug" / "mediaconvert-local"
"""The MediaConvert stand-in, built by `cargo build`."""

STATE = ROOT / ".local"
"""State of the developer's own stack."""
