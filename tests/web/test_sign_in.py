"""Who one is: sessions that end, first passwords, administrators, and a provider of one's own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from conftest import READY_MS, screenshot, sign_in
from network import Network
from playwright.sync_api import Page, Request, expect

from local.api import Api
from local.ports import Ports, accepts_connections
from local.process import BackgroundProcess
from local.stack import Stack
from local.users import User

PROVIDER = Path(__file__).parent / "provider"


def test_a_token_that_is_refused_is_renewed(page: Page, ready_video: dict[str, Any]) -> None:
    page.evaluate(
        "sessionStorage.session = JSON.stringify({...JSON.parse(sessionStorage.session), accessToken: 'ended'})"
    )
    with page.expect_response("**/api/session/refresh") as renewed:
        page.reload()
    assert renewed.value.status == 200
    expect(page.get_by_role("link", name=ready_video["title"]).first).to_be_visible()


def test_a_session_that_has_ended_leads_to_the_sign_in_page_and_back(
    page: Page, users: dict[str, User], ready_video: dict[str, Any]
) -> None:
    page.goto(f"/videos/{ready_video['id']}")
    expect(page.get_by_role("heading", name=ready_video["title"])).to_be_visible()
    page.evaluate(
        """sessionStorage.session = JSON.stringify(
             {...JSON.parse(sessionStorage.session), accessToken: 'ended', refreshToken: 'ended'})"""
    )
    page.reload()
    sign_in(page, users["first"])
    expect(page.get_by_role("heading", name=ready_video["title"])).to_be_visible()


def test_an_upload_goes_on_when_its_session_ended_and_its_user_signs_in_again(
    open_page: Callable[..., Page], users: dict[str, User], large_clip: Path
) -> None:
    with Network(3_000_000) as network:
        page = open_page(proxy=network.proxy)
        sign_in(page, users["first"])
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Upload", exact=True).click()
        chooser.value.set_files(large_clip)
        uploads = page.get_by_role("region", name="Uploads")
        expect(uploads.get_by_text("MB/s")).to_be_visible()

        # From here on the gateway refuses the token, and Cognito its renewal.
        page.route("**/api/videos*", lambda route: route.continue_(headers=ended(route.request)))
        page.route("**/api/videos/**", lambda route: route.continue_(headers=ended(route.request)))
        page.route("**/api/session/refresh", lambda route: route.continue_(post_data={"refreshToken": "ended"}))
        # The parts that have an address are sent all the same, and the upload stops at its end.
        with page.expect_response("**/upload/complete", timeout=READY_MS) as refused:
            expect(page.get_by_role("alert")).to_contain_text("Your session has ended.", timeout=READY_MS)
            screenshot(page, "session-ended")
        assert refused.value.status == 401
        page.unroute_all()
        sign_in(page, users["first"])
        uploads.get_by_role("link", name="Open").click(timeout=READY_MS)
        expect(page.get_by_role("heading", name="large clip")).to_be_visible()

        # Another user finds nothing of it.
        page.get_by_role("button", name="Sign out").click()
        sign_in(page, users["other"])
        page.get_by_role("link", name="All videos").click()
        expect(page.get_by_role("heading", name="No videos yet")).to_be_visible()
        expect(uploads).to_be_hidden()


def ended(request: Request) -> dict[str, str]:
    """The request's headers, with a token that nobody takes any more."""
    return {**request.headers, "authorization": "Bearer ended"}


def test_a_first_password_has_to_be_replaced(open_page: Callable[..., Page], stack: dict[str, Any]) -> None:
    keys = {"aws_access_key_id": stack["accessKeyId"], "aws_secret_access_key": stack["secretAccessKey"]}
    cognito = boto3.client("cognito-idp", endpoint_url=stack["awsEndpoint"], region_name=stack["region"], **keys)
    new = User("newcomer", "first-password")
    cognito.admin_create_user(
        UserPoolId=stack["token"]["userPoolId"],
        Username=new.name,
        TemporaryPassword=new.password,
        MessageAction="SUPPRESS",
    )
    page = open_page()
    page.get_by_label("User name").fill(new.name)
    page.get_by_label("Password").fill(new.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("New password")).to_be_focused()
    screenshot(page, "new-password")
    page.keyboard.type("a-password-of-my-own")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No videos yet")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, User(new.name, "a-password-of-my-own"))


def test_an_administrator_sees_everybodys_videos(
    open_page: Callable[..., Page], stack: dict[str, Any], ready_video: dict[str, Any]
) -> None:
    page = open_page()
    sign_in(page, User(stack["admin"]["username"], stack["admin"]["password"]))
    expect(page.get_by_role("heading", name="All videos")).to_be_visible()
    card = page.get_by_role("listitem").filter(has_text=ready_video["title"]).first
    expect(card).to_contain_text(ready_video["owner"])
    card.get_by_role("link").first.click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()


@pytest.fixture(scope="module")
def site_with_a_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a site whose people sign in at an OpenID Connect provider of the operator's own."""
    ports, port = Ports.unused(), Ports.unused().site
    site = f"http://127.0.0.1:{ports.site}"
    provider = BackgroundProcess("provider", tmp_path_factory.mktemp("provider"))
    try:
        provider.start(["node", PROVIDER / "server.mjs", str(port), site], {"PATH": os.environ["PATH"]})
        provider.wait_until_ready(lambda: accepts_connections(port))
        issuer = {"JwtIssuer": f"http://127.0.0.1:{port}", "JwtAudience": "https://videos.test/api"}
        directory = tmp_path_factory.mktemp("stack")
        with Stack.for_tests(directory, ports, **issuer, JwtClientId="vod-web") as stack:
            yield stack.description()["siteUrl"]
    finally:
        provider.stop()


def sign_in_there(page: Page, name: str) -> None:
    """Signs in on the provider's pages."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any password")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_people_sign_in_at_a_provider_of_ones_own(
    open_page: Callable[..., Page], site_with_a_provider: str, clip: Path
) -> None:
    page = open_page(base_url=site_with_a_provider, path="/?from=elsewhere")
    with page.expect_response(lambda answer: "/api/videos" in answer.url and answer.ok) as listed:
        sign_in_there(page, "anna")
    expect(page.get_by_role("heading", name="No videos yet")).to_be_visible()
    assert page.url == f"{site_with_a_provider}/?from=elsewhere", "the page one came from"
    token = listed.value.request.headers["authorization"].removeprefix("Bearer ")
    video = Api(site_with_a_provider, token).upload(clip, title="Of Anna")
    assert video["owner"] == "anna"
    page.reload()
    expect(page.get_by_role("link", name="Of Anna").first).to_be_visible()

    # What is refused is renewed at the provider.
    page.evaluate(
        "sessionStorage.session = JSON.stringify({...JSON.parse(sessionStorage.session), accessToken: 'ended'})"
    )
    with page.expect_response("**/token") as renewed:
        page.reload()
    assert renewed.value.ok
    expect(page.get_by_role("link", name="Of Anna").first).to_be_visible()

    # After signing out the provider asks again, though it still knows who that was.
    page.get_by_role("button", name="Sign out").click()
    sign_in_there(page, "berta")
    expect(page.get_by_role("heading", name="No videos yet")).to_be_visible()


def test_an_administrator_of_ones_own_provider_sees_everybodys_videos(
    open_page: Callable[..., Page], site_with_a_provider: str
) -> None:
    page = open_page(base_url=site_with_a_provider)
    sign_in_there(page, "chief")
    expect(page.get_by_role("heading", name="All videos")).to_be_visible()


def test_coming_back_without_having_signed_in_is_told(
    open_page: Callable[..., Page], site_with_a_provider: str
) -> None:
    page = open_page(base_url=site_with_a_provider, path="/signed-in?error=access_denied&state=unknown")
    expect(page.get_by_role("alert")).to_contain_text("You were not signed in.")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
