"""Waits for what must become true."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

POLL_SECONDS = 0.1


def wait_for(look: Callable[[], Found | None], what: str, seconds: float) -> Found:
    """What `look` finds, as soon as it finds something; fails when there is nothing in time."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"In {seconds:.0f} s there was no {what}.")
        time.sleep(POLL_SECONDS)
