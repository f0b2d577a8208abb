"""CloudFront's address on one machine.

The emulator tells distributions apart by the Host header, as CloudFront does, and neither ffmpeg nor a browser can send
the name of a distribution to a loopback address. This server does: whatever it is asked for it asks of the
distribution, and hands the answer through as it comes.
"""

import argparse
import http.client
import signal
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
BLOCK_BYTES = 256 * 1024
UPSTREAM_SECONDS = 120


class SiteProxy(ThreadingHTTPServer):
    """Serves one distribution, with web app, API and media, on one loopback port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, upstream_port: int, distribution: str) -> None:
        super().__init__(("127.0.0.1", port), Forward)
        self.upstream_port = upstream_port
        self.distribution = distribution


class Forward(BaseHTTPRequestHandler):
    """One viewer's connection."""

    server: SiteProxy
    protocol_version = "HTTP/1.1"
    timeout = UPSTREAM_SECONDS

    def forward(self) -> None:
        """Sends the request on and the answer back, piece by piece: a segment is never held as a whole."""
        length = int(self.headers.get("content-length", 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", *HOP_BY_HOP}}
        headers["Host"] = self.server.distribution
        headers["X-Forwarded-For"] = self.client_address[0]
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream_port, timeout=UPSTREAM_SECONDS)
        try:
            upstream.request(self.command, self.path, self.rfile.read(length) if length else None, headers)
            answer = upstream.getresponse()
        except OSError as error:
            self.send_error(502, f"The emulator does not answer: {error}")
            return
        else:
            self._answer(answer)
        finally:
            upstream.close()

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Refuses all but the seven methods below, as CloudFront does. http.server asks for `do_` and a method."""
        if name.startswith("do_"):
            return lambda: self.send_error(405)
        raise AttributeError(name)

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        if not bodiless and answer.getheader("content-length") is None:
            # Its end is not announced, so the end of the connection has to say it.
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        while not bodiless and (block := answer.read(BLOCK_BYTES)):
            self.wfile.write(block)

    def handle_one_request(self) -> None:
        """As inherited, but a viewer who hangs up in the middle is nothing to report."""
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream-port", type=int, required=True)
    parser.add_argument("--distribution", required=True, help="domain name of the distribution")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    SiteProxy(arguments.port, arguments.upstream_port, arguments.distribution).serve_forever()


if __name__ == "__main__":
    main()
