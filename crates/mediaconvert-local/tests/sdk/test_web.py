"""Inputs from a web server that isn't S3, and behaves as its paths say."""

import collections
import http.server
import re
import threading

import pytest
from botocore.exceptions import ClientError
from conftest import CODECS, audio, free_port, job, picture, rendition, sound

SECONDS = 3


@pytest.fixture(scope="module")
def web(clip):
    """Gives the URL of a path; `asked` counts the requests of each."""
    clip("web.mp4", *picture("320x180", "25", SECONDS), *sound(SECONDS), *CODECS)
    body = (clip.folder / "web.mp4").read_bytes()
    asked = collections.Counter()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked[self.path] += 1
            kind = self.path.split("/")[1]
            if kind.isdigit():
                return self.give(int(kind))
            if kind in ("moved", "circle"):
                return self.give(302, Location="/file/web.mp4" if kind == "moved" else self.path)
            if kind == "busy" and asked[self.path] < 3:
                return self.give(503)
            part = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if part and kind != "whole" and self.headers.get("If-Range") == '"1"':
                first = int(part[1])
                told = f"bytes {first}-{len(body) - 1}/{len(body)}"
                return self.give(206, body[first:], **{"Content-Range": told})
            # Not all that was told of, and then the connection goes.
            rest = body[: len(body) // 2] if kind in ("broken", "whole") else body
            return self.give(200, rest, len(body), ETag='"1"')

        def give(self, status, content=b"", length=None, **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "video/mp4")
            # The next request would come too late for this connection.
            self.send_header("Connection", "close")
            self.send_header("Content-Length", str(len(content) if length is None else length))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def url(path):
        return f"http://127.0.0.1:{server.server_port}/{path}/web.mp4"

    url.asked, url.size = asked, len(body)
    yield url
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["file", "moved", "busy", "broken"])
def test_an_input_of_a_web_server_is_transcoded(web, ended, keys, kind):
    request = job(web(kind), f"web-{kind}", [rendition("_180p", Height=180), audio()])
    group = request["Settings"]["OutputGroups"][0]["OutputGroupSettings"]["CmafGroupSettings"]
    group["Destination"] = f"s3://out/web-{kind}/"
    done = ended(**request)
    assert done["Status"] == "COMPLETE", done.get("ErrorMessage")
    (details,) = done["OutputGroupDetails"]
    assert [abs(output["DurationInMs"] - 1000 * SECONDS) < 100 for output in details["OutputDetails"]] == [True] * 2
    # Named after the file, and read no oftener than it takes.
    assert "web.m3u8" in keys(f"web-{kind}")
    times = {"moved": 1, "busy": 3, "broken": 2}
    assert kind not in times or web.asked[f"/{kind}/web.mp4"] == times[kind]


CODES = [("401", 3401), ("403", 3403), ("404", 3404), ("410", 3999), ("500", 3450), ("circle", 3999), ("whole", 3408)]


@pytest.mark.parametrize(("kind", "code"), CODES)
def test_a_failing_web_server_is_told_by_its_code(web, ended, kind, code):
    done = ended(**job(web(kind), f"web-{kind}"))
    assert (done["Status"], done.get("ErrorCode")) == ("ERROR", code), done.get("ErrorMessage")


def test_no_web_server_is_an_error_too(ended):
    done = ended(**job(f"http://127.0.0.1:{free_port()}/web.mp4", "web-none"))
    assert (done["Status"], done.get("ErrorCode")) == ("ERROR", 3451), done.get("ErrorMessage")
    assert "refused" in done["ErrorMessage"]


def test_a_web_server_is_probed(web, convert):
    (result,) = convert.probe(InputFiles=[{"FileUrl": web("file")}])["ProbeResults"]
    assert result["Container"]["Format"] == "mp4"
    assert (result["Metadata"]["FileSize"], result["Metadata"]["ETag"]) == (web.size, '"1"')
    with pytest.raises(ClientError) as refused:
        convert.probe(InputFiles=[{"FileUrl": web("404")}])
    assert refused.value.response["Error"]["Code"] == "NotFoundException"
