"""Fixtures of these tests."""

from servers import servers

__all__ = ["servers"]
