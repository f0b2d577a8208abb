"""The servers of `tests/sdk`, a web server for what jobs write, and a browser.

Environment, beside that of `tests/sdk`: PLAYERS is the `node_modules` that `npm ci` made of this folder's
package.json; CHROMIUM is the browser."""

import functools
import http.server
import importlib.util
import os
import pathlib
import re
import threading

import playwright.sync_api
import pytest

FOLDER = pathlib.Path(__file__).resolve().parent


def load():
    """The neighbour, which is called like this file."""
    spec = importlib.util.spec_from_file_location("sdk", FOLDER.parent / "sdk" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sdk = load()
stack, client, convert, s3, clip = sdk.stack, sdk.client, sdk.convert, sdk.s3, sdk.clip
ended, keys = sdk.ended, sdk.keys


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder and the players, for pages from anywhere, whole or in parts."""

    protocol_version = "HTTP/1.1"
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".m3u8": "application/vnd.apple.mpegurl",
        ".mpd": "application/dash+xml",
    }
    players = None

    def translate_path(self, path):
        path = path.partition("?")[0]
        for prefix, root in (("/players/", self.players), ("/page/", FOLDER)):
            if path.startswith(prefix):
                return str(root / path.removeprefix(prefix))
        return super().translate_path(path)

    def end_headers(self):
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def do_GET(self):
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = pathlib.Path(self.translate_path(self.path))
        if not part or not path.is_file():
            return super().do_GET()
        body = path.read_bytes()
        first = int(part[1])
        last = min(int(part[2] or len(body)), len(body) - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        return self.wfile.write(body[first : last + 1])

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A folder and its URL."""
    folder = tmp_path_factory.mktemp("site")
    Handler.players = pathlib.Path(os.environ.get("PLAYERS", FOLDER / "node_modules"))
    if not (Handler.players / "hls.js").is_dir():
        pytest.exit("no players: run npm ci, and set PLAYERS to its node_modules", 2)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    options = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    options += ["--disable-sync", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with playwright.sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, headless=True, args=options)
        yield browser
        browser.close()
