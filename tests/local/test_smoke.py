"""How a smoke test looks at what is served, and what it writes down."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from local.smoke.cases import CASES
from local.smoke.report import AS_EXPECTED, UNPROVEN, WRONG, Finding, Report
from local.smoke.served import Unexpected, hls

MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",CHANNELS="2",URI="sound.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="Español",LANGUAGE="es",URI="words.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=640x360,AUDIO="a"
picture.m3u8
"""
TRACK = '#EXTM3U\n#EXT-X-MAP:URI="begin.cmf"\n#EXTINF:2,\nrest.cmf\n#EXT-X-ENDLIST\n'
SITE = {
    "/master.m3u8": MASTER,
    "/sound.m3u8": TRACK,
    "/picture.m3u8": TRACK,
    "/words.m3u8": "#EXTM3U\n#EXTINF:2.0,\nwords.vtt\n#EXT-X-ENDLIST\n",
    "/words.vtt": "WEBVTT\n\n00:00.200 --> 00:01.500\nHola\n",
    "/begin.cmf": "begin",
    "/rest.cmf": "rest",
}


@pytest.fixture
def site() -> Iterator[tuple[str, dict[str, str]]]:
    """A site, and what it serves."""
    files = dict(SITE)

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = files.get(self.path)
            self.send_response(200 if found is not None else 403)
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/master.m3u8", files
    server.shutdown()
    server.server_close()


def test_a_playlist_is_read_with_all_that_it_names(site: tuple[str, dict[str, str]]) -> None:
    read = hls(site[0], 2)
    assert read.variants[0]["CODECS"] == "avc1.42c01e,mp4a.40.2"
    assert [sound["CHANNELS"] for sound in read.sounds()] == ["2"]
    assert "Hola" in read.words["es"]


@pytest.mark.parametrize(
    ("path", "content", "seen"),
    [
        ("/master.m3u8", MASTER.replace("#EXT-X-STREAM-INF", "#EXT-X-OTHER"), "no variant"),
        ("/rest.cmf", None, "rest.cmf answers 403"),
        ("/begin.cmf", None, "begin.cmf answers 403"),
        ("/sound.m3u8", TRACK.replace("#EXT-X-ENDLIST\n", ""), "sound.m3u8 doesn't end"),
        ("/picture.m3u8", TRACK.replace(":2,", ":5,"), "picture.m3u8 lasts 5.0 s of 2.0 s"),
    ],
)
def test_what_does_not_play_is_seen(
    site: tuple[str, dict[str, str]], path: str, content: str | None, seen: str
) -> None:
    url, files = site
    if content is None:
        del files[path]
    else:
        files[path] = content
    with pytest.raises(Unexpected, match=seen):
        hls(url, 2)


def test_the_report_says_what_was_expected_and_seen() -> None:
    findings = [
        Finding("silent", "READY", "READY", AS_EXPECTED),
        Finding("HEVC", "a variant", "codecs avc1 | none\nat all", WRONG),
        Finding("cancelled job", "CANCELED", "it had ended", UNPROVEN),
    ]
    report = Report("vod", "eu-central-1", "abc", "2026-12-01 12:00 UTC", 61, 0.0123, findings)
    assert report.wrong() == 1
    text = str(report)
    assert "1 of 3 not as expected" in text
    assert "| HEVC | a variant | codecs avc1 \\| none at all | **not as expected** |" in text


def test_the_deletion_comes_last_and_no_case_twice() -> None:
    names = [case.name for case in CASES]
    assert names[-1] == "deleted"
    assert len(set(names)) == len(names)
