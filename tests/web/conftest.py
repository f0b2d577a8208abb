"""The site in a real browser, on a stack of the tests' own; with E2E_STACK=path/to/stack.json on that one instead.

Screenshots of what was seen are kept in tests/web/screenshots, which git ignores.
"""

import functools
import http.server
import json
import os
import re
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from local.api import Api
from local.stack import Stack
from local.users import User, add_user

ROOT = Path(__file__).resolve().parents[2]
PLAYERS = ROOT / ".tools/players/node_modules"
PAGE = ROOT / "crates/mediaconvert-local/tests/players/player.html"
MEDIA = Path(__file__).parents[1] / "e2e" / "media"
SCREENSHOTS = Path(__file__).parent / "screenshots"
READY_MS = 180_000
"""Longest wait for a video to be converted, milliseconds: the machine may have other things to do."""

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What `.local/stack.json` says."""
    if running := os.environ.get("E2E_STACK"):
        yield json.loads(Path(running).read_text())
        return
    with Stack.for_tests(tmp_path_factory.mktemp("stack")) as stack:
        yield stack.description()


@pytest.fixture(scope="session")
def users(stack: dict[str, Any]) -> dict[str, User]:
    """The stack's user, and others who see other videos."""
    token = stack["token"]
    keys = {"aws_access_key_id": stack["accessKeyId"], "aws_secret_access_key": stack["secretAccessKey"]}
    cognito = boto3.client("cognito-idp", endpoint_url=stack["awsEndpoint"], region_name=stack["region"], **keys)
    more = {
        "other": User("somebody-else", "another-password"),
        "many": User(f"many-{uuid.uuid4().hex[:8]}", "many-a-password"),
    }
    for user in more.values():
        add_user(cognito, token["userPoolId"], stack["siteUrl"], user)
    return {"first": User(token["username"], token["password"]), **more}


@pytest.fixture(scope="session")
def api(stack: dict[str, Any], users: dict[str, User]) -> Api:
    """The API as the first user, for what a test isn't about."""
    return Api.signed_in(stack["siteUrl"], users["first"].name, users["first"].password)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, stack: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """Opens pages of people who don't share anything; at the end no page may have broken its own security policy."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def listen(text: str) -> None:
        if re.search(r"Content.Security.Policy|Uncaught", text):
            broken.append(text)

    def open_page(path: str = "/", **options: Any) -> Page:
        usual = {"base_url": stack["siteUrl"], "viewport": {"width": 1280, "height": 860}}
        context = browser.new_context(**{**usual, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: listen(message.text))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert broken == []


@pytest.fixture
def page(open_page: Callable[..., Page], users: dict[str, User]) -> Page:
    """The library of the first user."""
    page = open_page()
    sign_in(page, users["first"])
    return page


def sign_in(page: Page, user: User) -> None:
    """Signs in on the page that asks for it."""
    page.get_by_label("User name").fill(user.name)
    page.get_by_label("Password").fill(user.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def wait_for(page: Page, expression: str) -> None:
    """Waits until it is true. The script of Playwright's own wait is one that the page's policy forbids."""
    deadline = time.monotonic() + 20
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(100)


def screenshot(page: Page, name: str) -> None:
    """Keeps a picture of what is seen."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture(scope="session")
def clip() -> Path:
    """A real video."""
    return MEDIA / "bigbuckbunny.mp4"


@pytest.fixture(scope="session")
def large_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of several parts: noise, which hardly compresses."""
    path = tmp_path_factory.mktemp("media") / "large clip.mp4"
    picture = "testsrc2=size=640x360:rate=25,noise=alls=100:allf=t"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-t", "4", "-c:v", "libx264"]
    subprocess.run(
        [*command, "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "80M", "-qp", "4", path], check=True
    )
    assert path.stat().st_size > 24_000_000, "several parts"
    return path


@pytest.fixture(scope="session")
def ready_video(api: Api, clip: Path) -> dict[str, Any]:
    """A video that can be watched."""
    return wait_until_ready(api, api.upload(clip, title="Big Buck Bunny")["id"])


def wait_until_ready(api: Api, video_id: str) -> dict[str, Any]:
    """The video, once it is READY."""
    video = wait_until_ended(api, video_id)
    assert video["status"] == "READY", video
    return video


def wait_until_ended(api: Api, video_id: str) -> dict[str, Any]:
    """The video, once it has come to its end."""
    deadline = time.monotonic() + READY_MS / 1000
    while time.monotonic() < deadline:
        video = dict(api.video(video_id))
        if video["status"] in ("READY", "FAILED", "CANCELED"):
            return video
        time.sleep(0.25)
    raise AssertionError(f"video {video_id} is still {video['status']}")


def choose(page: Page, menus: list[str], entry: str) -> None:
    """By the player's menu."""
    page.locator("video").hover()
    page.get_by_role("button", name="Settings").click()
    for menu in menus:
        page.get_by_role("menuitem", name=menu).filter(visible=True).first.click()
    page.get_by_role("menuitemradio", name=entry).filter(visible=True).first.click()
    page.get_by_role("button", name="Settings").click()


@pytest.fixture(scope="session")
def player_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page of somebody else's, with players of all kinds."""
    if not (PLAYERS / "dashjs").is_dir():
        pytest.fail("no players: make .tools/players/.installed")
    folder = tmp_path_factory.mktemp("player")
    (folder / "player.html").symlink_to(PAGE)
    (folder / "players").symlink_to(PLAYERS)
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/player.html"
    server.shutdown()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Files, without a word."""

    def log_message(self, *_: object) -> None:
        pass
