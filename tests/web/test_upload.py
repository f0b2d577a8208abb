"""Uploads through the page."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from conftest import READY_MS, screenshot, sign_in
from network import Network
from playwright.sync_api import Page, Response, Route, expect

from local.api import Api, send
from local.users import User

SLOW_BYTES_PER_SECOND = 3_000_000
PART_BYTES = 8 * 1024 * 1024
PARTS = 9


@pytest.fixture
def network() -> Iterator[Network]:
    """So slow that something can happen while a file is being sent."""
    with Network(SLOW_BYTES_PER_SECOND) as network:
        yield network


@pytest.fixture
def page(open_page: Callable[..., Page], users: dict[str, User], network: Network) -> Page:
    """The library of the first user."""
    page = open_page(proxy=network.proxy)
    sign_in(page, users["first"])
    return page


def choose(page: Page, *files: Path) -> None:
    """Chooses files as a person does."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files(list(files))


def parts_sent(page: Page) -> list[str]:
    """Numbers of the parts that S3 took from this page, from now on."""
    sent: list[str] = []

    def listen(response: Response) -> None:
        if response.request.method == "PUT" and response.ok and "partNumber=" in response.url:
            sent.append(response.url.split("partNumber=")[1].split("&")[0])

    page.on("response", listen)
    return sent


def source_of(stack: dict[str, Any], video_id: str) -> bytes:
    """What arrived in the source bucket."""
    keys = {"aws_access_key_id": stack["accessKeyId"], "aws_secret_access_key": stack["secretAccessKey"]}
    s3 = boto3.client("s3", endpoint_url=stack["awsEndpoint"], region_name=stack["region"], **keys)
    found = s3.list_objects_v2(Bucket=stack["sourceBucket"], Prefix=f"videos/{video_id}/")["Contents"]
    return s3.get_object(Bucket=stack["sourceBucket"], Key=found[0]["Key"])["Body"].read()


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    """Waits until it is so, while the page goes on."""
    deadline = time.monotonic() + READY_MS / 1000
    while not is_so():
        assert time.monotonic() < deadline, "it never came to that"
        page.wait_for_timeout(20)


@pytest.fixture(scope="module")
def clip_of_many_parts(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    """A video of more parts than are sent at once: a clip, and bytes behind its end that no player reads."""
    path = tmp_path_factory.mktemp("media") / "many parts.mp4"
    content = clip.read_bytes()
    padding = (PARTS - 1) * PART_BYTES + 1000 - len(content)
    path.write_bytes(content + padding.to_bytes(4, "big") + b"free" + os.urandom(padding - 8))
    return path


def digest(content: bytes) -> str:
    """Short enough for an assertion's message."""
    return hashlib.sha256(content).hexdigest()


def video_opened(page: Page) -> str:
    """Id of the video whose page is open."""
    return page.url.rsplit("/", 1)[1]


def test_an_upload_survives_a_cut_network_and_becomes_ready_by_itself(
    page: Page, network: Network, stack: dict[str, Any], clip_of_many_parts: Path
) -> None:
    choose(page, clip_of_many_parts)
    uploads = page.get_by_role("region", name="Uploads")
    # Some parts have arrived, and others are half sent.
    wait_until(
        page,
        lambda: any(part.taken for part in network.parts()) and any(part.is_in_the_middle for part in network.parts()),
    )
    screenshot(page, "upload")
    network.cut()
    arrived = {part.part for part in network.parts() if part.taken}
    halves = {part.part for part in network.parts() if part.was_cut and part.is_in_the_middle}
    assert arrived
    assert halves, "it hit no part in its middle"
    before = len(network.parts())
    page.wait_for_timeout(1500)  # the cut lasts so long; nothing is waited for
    network.mend()
    uploads.get_by_role("link", name="Open").click(timeout=READY_MS)
    again = [part.part for part in network.parts()[before:] if part.taken]
    assert halves <= set(again)
    assert not arrived & set(again), "a part that had arrived was sent once more"
    assert len(again) == len(set(again)), "a part was sent twice"
    assert {int(part or 0) for part in arrived | set(again)} == set(range(1, PARTS + 1))

    expect(page.get_by_role("button", name="Play").first).to_be_visible(timeout=READY_MS)
    expect(page.get_by_role("heading", name="many parts")).to_be_visible()
    assert digest(source_of(stack, video_opened(page))) == digest(clip_of_many_parts.read_bytes())


@pytest.mark.parametrize("retried_by", ["the page itself", "a click on Retry"])
def test_an_upload_whose_completion_went_unanswered_is_no_second_video(
    open_page: Callable[..., Page], users: dict[str, User], api: Api, clip: Path, retried_by: str
) -> None:
    page = open_page()
    sign_in(page, users["first"])
    before = len(api.expect(200, "GET", "/api/videos")["videos"])
    answers: list[int] = []

    def lose_the_first(route: Route) -> None:
        answers.append(route.fetch().status)
        if len(answers) > 1:
            route.fulfill(status=answers[-1], json={"type": "/problems/already-complete", "detail": "x", "status": 409})
        elif retried_by == "the page itself":
            route.abort()
        else:
            route.fulfill(status=403, body="a proxy in between")

    page.route("**/upload/complete", lose_the_first)
    choose(page, clip)
    uploads = page.get_by_role("region", name="Uploads")
    if retried_by == "a click on Retry":
        uploads.get_by_role("button", name="Retry").click(timeout=READY_MS)
    uploads.get_by_role("link", name="Open").click(timeout=READY_MS)
    expect(page.get_by_role("button", name="Play").first).to_be_visible(timeout=READY_MS)
    assert answers == ([200, 409] if retried_by == "the page itself" else [200])
    assert len(api.expect(200, "GET", "/api/videos")["videos"]) == before + 1


def test_an_upload_pauses_and_goes_on(page: Page, large_clip: Path) -> None:
    choose(page, large_clip)
    uploads = page.get_by_role("region", name="Uploads")
    uploads.get_by_role("button", name="Pause").click()
    expect(uploads.get_by_text("Paused at")).to_be_visible()
    before = uploads.get_by_text("Paused at").inner_text()
    page.wait_for_timeout(1000)  # nothing may be sent meanwhile
    assert uploads.get_by_text("Paused at").inner_text() == before
    uploads.get_by_role("button", name="Resume").click()
    expect(uploads.get_by_role("link", name="Open")).to_be_visible(timeout=READY_MS)


def test_an_upload_goes_on_after_a_reload(page: Page, stack: dict[str, Any], large_clip: Path) -> None:
    first = parts_sent(page)
    choose(page, large_clip)
    uploads = page.get_by_role("region", name="Uploads")
    expect(uploads.get_by_text("MB/s")).to_be_visible()
    with page.expect_response(lambda response: response.request.method == "PUT" and response.ok, timeout=READY_MS):
        pass
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    already = set(first)
    assert already
    again = parts_sent(page)
    # The page remembers what was left, and asks for the file.
    expect(uploads.get_by_text("Interrupted at")).to_be_visible()
    screenshot(page, "upload-interrupted")
    with page.expect_file_chooser() as chooser:
        uploads.get_by_role("button", name=f"Choose {large_clip.name} again").click()
    chooser.value.set_files(large_clip)
    uploads.get_by_role("link", name="Open").click(timeout=READY_MS)
    assert not already & set(again), "a part was sent twice"
    assert digest(source_of(stack, video_opened(page))) == digest(large_clip.read_bytes())


def test_a_canceled_upload_leaves_nothing(page: Page, api: Api, large_clip: Path) -> None:
    with page.expect_response(
        lambda response: response.url.endswith("/api/videos") and response.status == 201
    ) as created:
        choose(page, large_clip)
    video_id = created.value.json()["video"]["id"]
    uploads = page.get_by_role("region", name="Uploads")
    with page.expect_response(lambda response: response.request.method == "DELETE") as aborted:
        uploads.get_by_role("button", name="Cancel").click()
    assert aborted.value.status == 204
    expect(uploads).to_be_hidden()
    assert api.send("GET", f"/api/videos/{video_id}").status == 404


def test_what_was_left_unfinished_can_be_given_up(page: Page, api: Api, large_clip: Path) -> None:
    with page.expect_response(
        lambda response: response.url.endswith("/api/videos") and response.status == 201
    ) as created:
        choose(page, large_clip)
    video_id = created.value.json()["video"]["id"]
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/videos/{video_id}")
    expect(page.get_by_text("The upload is not finished.")).to_be_visible()
    uploads = page.get_by_role("region", name="Uploads")
    uploads.get_by_role("button", name="Cancel").click()
    expect(uploads).to_be_hidden()
    assert api.send("GET", f"/api/videos/{video_id}").status == 404


def test_a_file_that_is_no_video_fails_readably(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "not a video <b>.mp4"
    broken.write_bytes(b"This is a text.\n" * 4096)
    choose(page, broken)
    page.get_by_role("region", name="Uploads").get_by_role("link", name="Open").click(timeout=READY_MS)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("UNREADABLE_SOURCE", timeout=READY_MS)
    expect(alert.get_by_role("button", name="Retry")).to_be_visible()
    expect(page.get_by_role("heading", name="not a video <b>")).to_be_visible()
    screenshot(page, "failed")
    page.get_by_role("link", name="All videos").click()
    expect(page.get_by_role("list", name="Videos").get_by_text("Failed").first).to_be_visible()


def test_a_video_that_failed_becomes_ready_by_trying_again(page: Page, stack: dict[str, Any], clip: Path) -> None:
    # The next job of this suite is this video's: no other test runs meanwhile.
    faults = {"jobs": [{"fault": "FAIL", "code": 1999, "message": "Out of luck.", "times": 1}]}
    answer = send("PUT", f"{stack['mediaConvertEndpoint']}/_control/faults", json.dumps(faults).encode())
    assert answer.status == 200, answer.body
    choose(page, clip)
    page.get_by_role("region", name="Uploads").get_by_role("link", name="Open").click(timeout=READY_MS)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("1999", timeout=READY_MS)
    alert.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("button", name="Play").first).to_be_visible(timeout=READY_MS)
    expect(alert).to_be_hidden()


def test_an_empty_file_is_refused_before_anything_is_sent(page: Page, tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    choose(page, empty)
    expect(page.get_by_role("alert")).to_contain_text("empty.mp4 is empty")
