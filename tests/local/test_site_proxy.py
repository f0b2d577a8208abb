"""The stand-in for CloudFront's address hands requests and answers through unchanged."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.site_proxy import SiteProxy

BODY = bytes(range(256)) * 4096


class Distribution(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        wanted = self.headers.get("Range")
        body = BODY[10:20] if wanted else BODY
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "video/mp4")
        self.send_header("X-Seen", f"{self.command} {self.path} {self.headers['Host']} {wanted}")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def viewer() -> Iterator[http.client.HTTPConnection]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Distribution)
    proxy = SiteProxy(0, upstream.server_address[1], "dist.cloudfront.net")
    for server in (upstream, proxy):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", proxy.server_address[1], timeout=10)
    yield connection
    connection.close()
    for server in (proxy, upstream):
        server.shutdown()
        server.server_close()


def test_the_distribution_is_asked_by_its_own_name(viewer: http.client.HTTPConnection) -> None:
    viewer.request("GET", "/id/rev/a%20b.mp4?x=1")
    answer = viewer.getresponse()
    assert answer.read() == BODY
    assert answer.getheader("X-Seen") == "GET /id/rev/a%20b.mp4?x=1 dist.cloudfront.net None"
    assert answer.getheader("Content-Type") == "video/mp4"


def test_a_host_in_lower_case_is_replaced_too(viewer: http.client.HTTPConnection) -> None:
    viewer.putrequest("GET", "/a", skip_host=True)
    viewer.putheader("host", "127.0.0.1")
    viewer.endheaders()
    answer = viewer.getresponse()
    assert answer.read() == BODY
    assert answer.getheader("X-Seen") == "GET /a dist.cloudfront.net None"


def test_a_range_is_a_range(viewer: http.client.HTTPConnection) -> None:
    viewer.request("GET", "/a", headers={"Range": "bytes=10-19"})
    answer = viewer.getresponse()
    assert (answer.status, answer.read()) == (206, BODY[10:20])


def test_head_has_the_length_and_no_body_and_keeps_the_connection(viewer: http.client.HTTPConnection) -> None:
    viewer.request("HEAD", "/a")
    answer = viewer.getresponse()
    assert (answer.getheader("Content-Length"), answer.read()) == (str(len(BODY)), b"")
    viewer.request("GET", "/a")
    assert viewer.getresponse().read() == BODY


def test_a_method_that_cloudfront_does_not_know_is_refused(viewer: http.client.HTTPConnection) -> None:
    viewer.request("TRACE", "/a")
    assert viewer.getresponse().status == 405


def test_a_silent_emulator_is_a_bad_gateway() -> None:
    proxy = SiteProxy(0, 9, "dist.cloudfront.net")
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", proxy.server_address[1], timeout=10)
    connection.request("GET", "/a")
    assert connection.getresponse().status == 502
    connection.close()
    proxy.shutdown()
    proxy.server_close()
