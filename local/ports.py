"""Which loopback ports the stack listens on."""

import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from local.errors import LocalError

DEFAULTS = {"aws": 4566, "mediaconvert": 4567, "site": 4568}
VARIABLES = {"aws": "VOD_AWS_PORT", "mediaconvert": "VOD_MEDIACONVERT_PORT", "site": "VOD_SITE_PORT"}


@dataclass(frozen=True)
class Ports:
    """The stack's ports on 127.0.0.1."""

    aws: int
    """The emulated AWS services."""
    mediaconvert: int
    """The MediaConvert stand-in."""
    site: int
    """The web app, the API and the converted objects, as CloudFront serves them."""

    @classmethod
    def unused(cls) -> "Ports":
        """Three ports that nobody uses now."""
        return cls(**dict(zip(DEFAULTS, _unused(len(DEFAULTS)), strict=True)))

    @classmethod
    def choose(cls, remembered: Path, in_use_by_us: frozenset[str]) -> "Ports":
        """The ports that the environment asks for, else those of last time, else the usual ones.

        A port that someone else uses is an error when it was asked for, and replaced by a free one otherwise. Names in
        `in_use_by_us` are those whose process runs already, so that its port looks taken.
        """
        before = json.loads(remembered.read_text()) if remembered.exists() else {}
        chosen: dict[str, int] = {}
        for name, usual in DEFAULTS.items():
            asked = os.environ.get(VARIABLES[name])
            if asked is not None and not asked.isdecimal():
                raise LocalError(f"{VARIABLES[name]} is not a port number.")
            port = int(asked or before.get(name, usual))
            ours = name in in_use_by_us and port == before.get(name)
            if not ours and (port in chosen.values() or not _is_free(port)):
                if asked:
                    raise LocalError(
                        f"Port {port} is in use by another process; stop that or set {VARIABLES[name]} to a free port."
                    )
                taken, port = port, _unused(1)[0]
                print(
                    f"Port {taken} is in use by another process; {name} takes {port} ({VARIABLES[name]} chooses).",
                    file=sys.stderr,
                )
            chosen[name] = port
        ports = cls(**chosen)
        remembered.parent.mkdir(parents=True, exist_ok=True)
        remembered.write_text(json.dumps(asdict(ports)))
        return ports


def accepts_connections(port: int) -> bool:
    """Whether something listens on the port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _unused(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports
