"""Watching, editing and deleting."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import screenshot, sign_in, wait_for, wait_until_ready
from playwright.sync_api import Page, expect

from local.api import Api
from local.users import User

CURRENT_TIME = "document.querySelector('video').currentTime"
SIZE = "(v => `${v.videoWidth}x${v.videoHeight}`)(document.querySelector('video'))"


def choose_quality(page: Page, height: int) -> None:
    """By the player's menu, which remembers where in it one was."""
    page.locator("video").hover()
    page.get_by_role("button", name="Settings").click()
    wanted = page.get_by_role("menuitemradio", name=f"{height}p")
    quality = page.get_by_role("menuitem", name="Quality")
    expect(wanted.or_(quality).first).to_be_visible()
    if not wanted.is_visible():
        quality.click()
    wanted.click()
    page.get_by_role("button", name="Settings").click()


def test_a_video_plays_in_several_qualities_and_seeks(page: Page, ready_video: dict[str, Any]) -> None:
    page.get_by_role("link", name="Big Buck Bunny").first.click()
    play = page.get_by_role("button", name="Play").first
    expect(play).to_be_visible()
    play.click()
    wait_for(page, f"{CURRENT_TIME} > 0.5")

    # The clip is short: however long a switch takes, it goes on playing meanwhile.
    page.evaluate("document.querySelector('video').loop = true")
    sizes = {page.evaluate(SIZE)}
    heights = sorted(
        {rendition["height"] for rendition in ready_video["playback"]["renditions"] if "height" in rendition}
    )
    assert len(heights) >= 2
    for height in heights[:2]:
        choose_quality(page, height)
        page.evaluate("document.querySelector('video').currentTime = 0")
        page.evaluate("document.querySelector('video').play()")
        wait_for(page, f"document.querySelector('video').videoHeight === {height} && {CURRENT_TIME} > 0.2")
        sizes.add(page.evaluate(SIZE))
    assert len(sizes) >= 2

    page.locator("video").hover()
    seek_bar = page.get_by_role("slider", name="Seek")
    box = seek_bar.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    expect(page.locator(".vds-thumbnail img").first).to_be_visible()
    screenshot(page, "watch")
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    wait_for(page, f"{CURRENT_TIME} >= {ready_video['playback']['durationMs'] / 1000 * 0.5}")


def test_a_player_has_speeds_and_a_picture_in_the_picture_and_keys(page: Page, ready_video: dict[str, Any]) -> None:
    page.goto(f"/videos/{ready_video['id']}")
    expect(page.get_by_role("button", name="Play").first).to_be_visible()
    wait_for(page, "document.querySelector('video')?.readyState >= 2")
    page.evaluate("document.querySelector('video').loop = true")
    page.keyboard.press("k")
    wait_for(page, f"{CURRENT_TIME} > 0.2")
    page.keyboard.press("m")
    wait_for(page, "document.querySelector('video').muted")
    page.keyboard.press("Shift+Period")
    wait_for(page, "document.querySelector('video').playbackRate > 1")
    page.keyboard.press("ArrowRight")
    page.locator("video").hover()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Speed").click()
    slowest = page.get_by_role("slider", name="Speed").bounding_box()
    assert slowest
    page.mouse.click(slowest["x"] + 1, slowest["y"] + slowest["height"] / 2)
    wait_for(page, "document.querySelector('video').playbackRate < 1")
    page.get_by_role("button", name="Settings").click()
    page.locator("video").hover()
    page.get_by_role("button", name="PiP").click()
    wait_for(page, "document.pictureInPictureElement !== null")


def test_addresses_are_copied(
    open_page: Callable[..., Page], users: dict[str, User], ready_video: dict[str, Any]
) -> None:
    page = open_page(f"/videos/{ready_video['id']}", permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, users["first"])
    for name, url in (("HLS", ready_video["playback"]["hlsUrl"]), ("DASH", ready_video["playback"]["dashUrl"])):
        page.get_by_role("button", name=f"Copy {name} address").click()
        expect(page.get_by_text("Copied", exact=True).first).to_be_attached()
        assert page.evaluate("navigator.clipboard.readText()") == url
        assert page.request.get(url).ok


def test_details_tell_what_was_made(page: Page, ready_video: dict[str, Any]) -> None:
    page.goto(f"/videos/{ready_video['id']}")
    table = page.get_by_role("table", name="Renditions")
    for rendition in ready_video["playback"]["renditions"]:
        shown = rendition.get("label", rendition["name"])
        expect(table.get_by_role("rowheader", name=shown, exact=True)).to_be_visible()
    expect(page.get_by_label("HLS", exact=True)).to_have_value(ready_video["playback"]["hlsUrl"])
    expect(page.get_by_role("region", name="History")).to_contain_text("Ready")


def test_a_frame_becomes_the_poster(page: Page, api: Api, ready_video: dict[str, Any]) -> None:
    page.goto(f"/videos/{ready_video['id']}")
    expect(page.get_by_role("button", name="Play").first).to_be_visible()
    wait_for(page, "document.querySelector('video')?.readyState >= 1")
    page.evaluate("document.querySelector('video').currentTime = 4")
    wait_for(page, f"{CURRENT_TIME} === 4 && !document.querySelector('video').seeking")
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as chosen:
        page.get_by_role("button", name="Use this frame as the poster").click()
    assert chosen.value.ok
    poster = api.video(ready_video["id"])["playback"]["posterUrl"]
    assert poster != ready_video["playback"]["posterUrl"]
    assert page.request.get(poster).headers["content-type"] == "image/jpeg"


def test_title_and_description_can_be_edited(page: Page, api: Api, clip: Path) -> None:
    video_id = api.upload(clip, title="To be edited")["id"]
    page.goto(f"/videos/{video_id}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill("<i>Edited</i>")
    page.get_by_label("Description").fill("Line one\nLine two")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="<i>Edited</i>")).to_be_visible()
    assert api.video(video_id)["description"] == "Line one\nLine two"
    wait_until_ready(api, video_id)


def test_a_video_is_deleted_after_a_question(page: Page, api: Api, clip: Path) -> None:
    video_id = wait_until_ready(api, api.upload(clip, title="To be deleted")["id"])["id"]
    page.goto(f"/videos/{video_id}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep").click()
    assert api.video(video_id)["id"] == video_id
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Your videos")).to_be_visible()
    expect(page.get_by_role("link", name="To be deleted")).to_have_count(0)
    assert api.send("GET", f"/api/videos/{video_id}").status == 404


def test_others_do_not_see_it(
    open_page: Callable[..., Page], users: dict[str, User], ready_video: dict[str, Any]
) -> None:
    page = open_page(f"/videos/{ready_video['id']}")
    sign_in(page, users["other"])
    # Signing in goes on where one wanted to be.
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("link", name="All videos").click()
    expect(page.get_by_role("heading", name="No videos yet")).to_be_visible()


def test_the_library_searches_and_filters(page: Page, ready_video: dict[str, Any]) -> None:
    expect(page.get_by_role("link", name="Big Buck Bunny").first).to_be_visible()
    screenshot(page, "library")
    page.get_by_label("Search in titles").fill("nothing is called so")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_label("Search in titles").fill("buck")
    expect(page.get_by_role("link", name="Big Buck Bunny").first).to_be_visible()
    page.get_by_label("Show").select_option("Canceled")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_a_card_shows_the_stills_in_turn_while_it_is_pointed_at_or_focused(
    page: Page, ready_video: dict[str, Any]
) -> None:
    card = page.get_by_role("link", name="Big Buck Bunny").first
    preview = card.locator(".preview")
    expect(card).to_be_visible()
    for begin, end in ((card.hover, lambda: page.mouse.move(0, 0)), (card.focus, card.blur)):
        expect(preview).to_have_count(0)
        begin()
        for number in (0, 1, 2):
            expect(preview).to_have_attribute("src", re.compile(rf"_thumb\.000000{number}\.jpg$"))
        end()
    expect(preview).to_have_count(0)
    assert ready_video["playback"]["thumbnails"]["count"] >= 3


def test_nothing_moves_for_who_wants_that(
    open_page: Callable[..., Page], users: dict[str, User], ready_video: dict[str, Any]
) -> None:
    page = open_page(reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "_thumb." in request.url else None)
    sign_in(page, users["first"])
    card = page.get_by_role("link", name="Big Buck Bunny").first
    card.hover()
    card.focus()
    expect(card).to_be_focused()
    # Whatever would be asked for is asked for at once, before a page can be left and come back to.
    card.click()
    expect(page.get_by_role("heading", name="Big Buck Bunny")).to_be_visible()
    first = ready_video["playback"]["thumbnails"]["firstUrl"]
    assert first not in asked


def test_more_is_loaded_when_asked_for_and_not_before(
    open_page: Callable[..., Page], stack: dict[str, Any], users: dict[str, User]
) -> None:
    many = Api.signed_in(stack["siteUrl"], users["many"].name, users["many"].password)
    for number in range(25):
        many.expect(201, "POST", "/api/videos", {"fileName": f"clip {number}.mp4", "sizeBytes": 1})
    page = open_page()
    further: list[str] = []
    page.on("request", lambda request: further.append(request.url) if "cursor=" in request.url else None)
    sign_in(page, users["many"])
    cards = page.get_by_role("list", name="Videos").get_by_role("listitem")
    expect(cards).to_have_count(24)
    assert further == []
    page.get_by_role("button", name="Load more").click()
    expect(cards).to_have_count(25)
    expect(page.get_by_role("button", name="Load more")).to_be_hidden()


def test_signing_out_ends_it(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_told(open_page: Callable[..., Page], users: dict[str, User]) -> None:
    page = open_page()
    page.get_by_label("User name").fill(users["first"].name)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
