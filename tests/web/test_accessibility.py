"""By keyboard, on a phone, in the dark, and by axe-core's rules."""

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import screenshot, sign_in, wait_for, wait_until_ended
from playwright.sync_api import Page, Response, expect

from local.api import Api
from local.users import User

WEB = Path(__file__).parents[2] / "crates" / "api" / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
LIGHTHOUSE = Path(__file__).parent / "lighthouse" / "run.mjs"
LEAST_SCORE = 0.95
FIRST_LOAD_BYTES = 300_000
PHONE = {"width": 375, "height": 740}


def violations(page: Page) -> list[str]:
    """What axe-core finds that is serious or worse."""
    page.evaluate(AXE.read_text())
    # The player's previews on the seek bar, which only a pointer brings up, are pictures without a text.
    found = page.evaluate("axe.run({exclude: ['.vds-thumbnail']}).then(({violations}) => violations)")
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found if rule["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 860}, PHONE], ids=["wide", "phone"])
def test_every_page_is_accessible(
    open_page: Callable[..., Page],
    users: dict[str, User],
    ready_video: dict[str, Any],
    scheme: str,
    viewport: dict[str, int],
) -> None:
    page = open_page(color_scheme=scheme, viewport=viewport)
    look = f"{scheme}-{viewport['width']}"
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    screenshot(page, f"sign-in-{look}")
    assert violations(page) == []
    sign_in(page, users["first"])
    expect(page.get_by_role("link", name="Big Buck Bunny").first).to_be_visible()
    screenshot(page, f"library-{look}")
    assert violations(page) == []
    page.goto(f"/videos/{ready_video['id']}")
    expect(page.get_by_role("table", name="Renditions")).to_be_visible()
    expect(page.get_by_role("button", name="Play").first).to_be_visible()
    screenshot(page, f"watch-{look}")
    assert violations(page) == []
    page.get_by_role("button", name="Edit").click()
    screenshot(page, f"edit-{look}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], "it scrolls sideways"


def test_all_can_be_done_by_keyboard(
    open_page: Callable[..., Page], users: dict[str, User], ready_video: dict[str, Any]
) -> None:
    page = open_page()
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(users["first"].name)
    page.keyboard.press("Tab")
    page.keyboard.type(users["first"].password)
    page.keyboard.press("Enter")
    card = page.get_by_role("link", name="Big Buck Bunny").first
    expect(card).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if card.evaluate("(element) => element === document.activeElement"):
            break
    expect(card).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Play").first).to_be_visible()
    wait_for(page, "document.querySelector('video')?.readyState >= 2")
    page.keyboard.press("k")
    wait_for(page, "document.querySelector('video').currentTime > 0.3")
    page.keyboard.press("k")
    wait_for(page, "document.querySelector('video').paused")


def test_lighthouse_finds_every_page_accessible(
    stack: dict[str, Any], users: dict[str, User], api: Api, ready_video: dict[str, Any], tmp_path: Path
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("This is a text.\n" * 1000)
    failed = api.upload(text)["id"]
    wait_until_ended(api, failed)
    pages = {
        "library": {"path": "/", "selector": ".card"},
        "watch": {"path": f"/videos/{ready_video['id']}", "selector": ".vds-play-button"},
        "failed": {"path": f"/videos/{failed}", "selector": ".notice"},
    }
    user = {"username": users["first"].name, "password": users["first"].password}
    task = {"site": stack["siteUrl"], **user, "pages": pages, "file": str(text)}
    ended = subprocess.run(["node", LIGHTHOUSE, json.dumps(task)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert len(found) == 2 * len(["sign-in", *pages, "upload"])
    assert {name: page for name, page in found.items() if page["score"] < LEAST_SCORE} == {}


def test_the_first_load_is_small(
    open_page: Callable[..., Page], users: dict[str, User], ready_video: dict[str, Any], clip: Path
) -> None:
    page = open_page("about:blank")
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto("/")
    sign_in(page, users["first"])
    expect(page.get_by_role("link", name=ready_video["title"]).first).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files(clip)
    expect(page.get_by_role("region", name="Uploads").get_by_role("link", name="Open")).to_be_visible()
    # The local stack's CDN doesn't hand on which compressions a browser takes.
    scripts = [gzip.compress(response.body()) for response in responses if response.url.endswith(".js")]
    assert scripts
    assert sum(map(len, scripts)) < FIRST_LOAD_BYTES
