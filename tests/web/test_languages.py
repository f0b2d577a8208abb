"""Two languages and captions in two, played by the site's own player and by others, in Chromium."""

import subprocess
import time
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from conftest import READY_MS, choose, sign_in, wait_for
from playwright.sync_api import Page, expect

from local.api import Api
from local.users import User

CAPTIONS = {"en": "Good morning.", "de": "Guten Morgen."}
SRT = "1\n00:00:00,000 --> 00:00:06,000\n{}\n"


@pytest.fixture(scope="module")
def film(stack: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A film in English and German, with captions in both beside it, READY."""
    folder = tmp_path_factory.mktemp("film")
    source = folder / "film.mp4"
    inputs = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25"]
    for hertz in (440, 880):
        inputs += ["-f", "lavfi", "-i", f"sine={hertz}"]
    languages = ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger"]
    command = ["ffmpeg", "-v", "error", *inputs, "-map", "0", "-map", "1", "-map", "2", "-t", "6"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", *languages, source], check=True)
    keys = {"aws_access_key_id": stack["accessKeyId"], "aws_secret_access_key": stack["secretAccessKey"]}
    s3 = boto3.client("s3", endpoint_url=stack["awsEndpoint"], region_name=stack["region"], **keys)
    name = f"film-{uuid.uuid4().hex[:8]}"
    for language, said in CAPTIONS.items():
        s3.put_object(Bucket=stack["sourceBucket"], Key=f"{name}.{language}.srt", Body=SRT.format(said).encode())
    s3.upload_file(str(source), stack["sourceBucket"], f"{name}.mp4")
    admin = Api.signed_in(stack["siteUrl"], stack["admin"]["username"], stack["admin"]["password"])
    deadline = time.monotonic() + READY_MS / 1000
    while time.monotonic() < deadline:
        found = admin.expect(200, "GET", f"/api/videos?search={name}")["videos"]
        if found and found[0]["status"] in ("READY", "FAILED"):
            assert found[0]["status"] == "READY", found
            return found[0]
        time.sleep(0.25)
    raise AssertionError(f"{name} was never converted")


@pytest.fixture
def watching(stack: dict[str, Any], film: dict[str, Any], open_page: Callable[..., Page]) -> Page:
    """The film's page, playing it over and over."""
    page = open_page(f"/videos/{film['id']}")
    sign_in(page, User(stack["admin"]["username"], stack["admin"]["password"]))
    wait_for(page, "document.querySelector('video')?.readyState >= 1")
    page.evaluate("document.querySelector('video').loop = true")
    page.get_by_role("button", name="Play").first.click()
    return page


def test_the_page_plays_the_language_that_is_chosen(watching: Page) -> None:
    with watching.expect_request(lambda request: "_audio_ger" in request.url):
        choose(watching, ["Audio", "Track"], "German")


def test_the_page_shows_the_captions_that_are_chosen(watching: Page) -> None:
    choose(watching, ["Captions"], "German")
    expect(watching.get_by_text("Guten Morgen.")).to_be_visible()


@pytest.mark.parametrize(("player", "manifest"), [("hls", "hlsUrl"), ("dash", "dashUrl")])
def test_other_players_play_the_second_sound_and_show_the_second_captions(
    film: dict[str, Any], player_url: str, open_page: Callable[..., Page], player: str, manifest: str
) -> None:
    page = open_page("about:blank")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{player_url}?player={player}&captions=1&audio=1&url={film['playback'][manifest]}")
    page.wait_for_function("told.ended || told.errors.length", timeout=90_000)
    told = page.evaluate("told")
    assert (told["errors"], told["ended"]) == ([], True), told
    assert (told["audios"], told["texts"]) == (2, 2)
    # Files of captions come in the order of their names: the second ones are in English.
    assert {text for _, _, text in told["cues"]} == {CAPTIONS["en"]}
    assert any("_audio_ger" in url and "init" not in url for url in fetched), "the other sound was played"
