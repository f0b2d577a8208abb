"""The commands of the Makefile, as a person gives them."""

import subprocess
import sys

from local.paths import ROOT
from local.stack import Stack


def as_on_aws(stack: Stack, command: str) -> str:
    """What `make COMMAND STACK=vod` says where the person's credentials and endpoints lead to the stack, not to AWS."""
    script = f'. "{stack.directory / "env"}" && exec "{sys.executable}" -m local {command} --stack vod'
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
