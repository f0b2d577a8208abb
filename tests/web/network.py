"""A slow network that can be cut: an HTTP proxy between the browser and everything it talks to.

What the browser's own throttling and offline switch do comes too late: it has handed whole parts to the system by then.
"""

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK = 64 * 1024
HEAD_LIMIT = 64 * 1024


@dataclass
class Transfer:
    """A request, as far as it got."""

    method: str
    path: str
    size: int
    """Bytes of its body."""
    sent: int = 0
    """Bytes of it that went out."""
    taken: bool = False
    """Whether it was answered with success."""
    was_cut: bool = False
    """Whether a cut ended it."""

    @property
    def part(self) -> str | None:
        """Number of the part of an upload that it carries."""
        found = re.search(r"[?&]partNumber=(\d+)", self.path)
        return found[1] if found and self.method == "PUT" else None

    @property
    def is_in_the_middle(self) -> bool:
        """Whether some of its body went out, and some is still to come."""
        return 0 < self.sent < self.size


class Network:
    """One browser's way to the world, as long as the `with` block runs."""

    def __init__(self, upload_bytes_per_second: int) -> None:
        self._pause = CHUNK / upload_bytes_per_second
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self.transfers: list[Transfer] = []
        """All requests, in their order."""

    @property
    def proxy(self) -> dict[str, str]:
        """For a browser's context: all goes this way, even to this machine."""
        return {"server": f"http://127.0.0.1:{self._listening.getsockname()[1]}", "bypass": "<-loopback>"}

    def __enter__(self) -> "Network":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        self.cut()

    def parts(self) -> list[Transfer]:
        """The requests that carry parts of uploads."""
        return [transfer for transfer in self.transfers if transfer.part is not None]

    def cut(self) -> None:
        """Breaks every connection, and lets no new one come about."""
        with self._lock:
            self._is_cut = True
            for transfer in self.transfers:
                transfer.was_cut |= not transfer.taken
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Lets connections come about again."""
        with self._lock:
            self._is_cut = False

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        """One request; the next one comes by a connection of its own."""
        with browser, suppress(OSError, ValueError):
            head, rest = _head(browser)
            line, *fields = head.decode("latin-1").split("\r\n")
            method, url, version = line.split(" ")
            target = urlsplit(url)
            path = target.path + (f"?{target.query}" if target.query else "")
            length = next((value for name, value in map(_field, fields) if name == "content-length"), "0")
            transfer = Transfer(method, path, int(length), len(rest))
            kept = [field for field in fields if _field(field)[0] not in ("connection", "proxy-connection")]
            sent = "\r\n".join([f"{method} {path} {version}", "Connection: close", *kept, "", ""]).encode("latin-1")
            with socket.create_connection((target.hostname or "", target.port or 80)) as upstream:
                with self._lock:
                    if self._is_cut:
                        return
                    self._open |= {browser, upstream}
                    self.transfers.append(transfer)
                uploading = threading.Thread(target=self._upload, args=(browser, upstream, transfer), daemon=True)
                try:
                    upstream.sendall(sent + rest)
                    uploading.start()
                    while answer := upstream.recv(CHUNK):
                        browser.sendall(answer)
                        transfer.taken |= re.match(rb"HTTP/1\.1 2", answer) is not None
                finally:
                    with self._lock:
                        self._open -= {browser, upstream}
                    # Nobody may read from a socket that is closed: its number may be another connection's by then.
                    for connection in (browser, upstream):
                        with suppress(OSError):
                            connection.shutdown(socket.SHUT_RDWR)
                    if uploading.ident is not None:
                        uploading.join()

    def _upload(self, browser: socket.socket, upstream: socket.socket, transfer: Transfer) -> None:
        with suppress(OSError):
            while body := browser.recv(CHUNK):
                time.sleep(self._pause)
                if self._is_cut:
                    return
                upstream.sendall(body)
                transfer.sent += len(body)


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _head(browser: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        more = browser.recv(CHUNK)
        if not more or len(received) > HEAD_LIMIT:
            raise ValueError("no request")
        received += more
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest
