"""By keyboard, on a phone, in the dark, and by axe-core's rules."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import screenshot, sign_in, wait_for
from playwright.sync_api import Page, Response, expect

from local.users import User

WEB = Path(__file__).parents[2] / "crates" / "api" / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
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


def test_the_first_load_is_small(open_page: Callable[..., Page]) -> None:
    page = open_page("about:blank")
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    # The local stack's CDN doesn't hand on which compressions a browser takes.
    scripts = [gzip.compress(response.body()) for response in responses if response.url.endswith(".js")]
    assert scripts
    assert sum(map(len, scripts)) < FIRST_LOAD_BYTES
