"""The API as its clients use it: through CloudFront's address, with tokens of the stack's own pool."""

import base64
import json
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from support.deployment import Deployment
from support.people import kind, signed_in
from support.waiting import wait_for

from local.api import Api, send
from local.users import invite

MEDIA = Path(__file__).parent / "media"
PART_BYTES = 8 * 1024 * 1024
PUBLIC = {"getHealth", "getConfig", "getOpenApi", "getPublicVideo", "getStoryboard"}
PUBLIC |= {"getStoryboardSheet", "signIn", "choosePassword", "refreshSession"}
SECONDS = 180


@pytest.fixture(scope="module")
def site(deployment: Deployment) -> str:
    return deployment.description["siteUrl"]


@pytest.fixture(scope="module")
def anna(deployment: Deployment) -> Api:
    return signed_in(deployment, "anna")


@pytest.fixture(scope="module")
def berta(deployment: Deployment) -> Api:
    return signed_in(deployment, "berta")


@pytest.fixture(scope="module")
def admin(deployment: Deployment, site: str) -> Api:
    return Api.signed_in(site, **deployment.description["admin"])


def calls(site: str) -> list[tuple[str, str, str]]:
    """Every documented call that needs a token: method, path and operation id."""
    paths = Api(site).expect(200, "GET", "/api/openapi.json")["paths"]
    return [
        (method.upper(), path.replace("{id}", str(uuid.uuid4())), operation["operationId"])
        for path, methods in paths.items()
        for method, operation in methods.items()
        if operation["operationId"] not in PUBLIC
    ]


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def changed(token: str, part: int, **values: Any) -> str:
    """The token with other values in its header or its claims, and the signature as it was."""
    parts = token.split(".")
    content = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
    parts[part] = encoded(json.dumps(content | values).encode())
    return ".".join(parts)


def forged(token: str) -> str:
    """The same token, signed with another key."""
    head = token.rpartition(".")[0]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return f"{head}.{encoded(key.sign(head.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def of_another_client(deployment: Deployment) -> str:
    """A token with a valid signature of the same pool, for another audience."""
    cognito = deployment.client("cognito-idp")
    pool = deployment.description["token"]["userPoolId"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="another", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    token = deployment.description["token"]
    answer = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": token["username"], "PASSWORD": token["password"]},
    )
    cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)
    return answer["AuthenticationResult"]["AccessToken"]


def test_every_call_is_refused_without_a_valid_token(deployment: Deployment, site: str, anna: Api) -> None:
    good = anna.token
    unsigned = changed(good, 0, alg="none").rpartition(".")[0] + "."
    tokens = {
        "none": None,
        "garbage": "garbage",
        "expired": changed(good, 1, exp=int(time.time()) - 60),
        "somebody else's subject": changed(good, 1, sub="berta"),
        "wrongly signed": forged(good),
        "unsigned": unsigned,
        "another audience": of_another_client(deployment),
    }
    found = calls(site)
    assert len(found) == 13
    for name, token in tokens.items():
        for method, path, operation in found:
            assert Api(site, token).send(method, path).status == 401, (name, operation)
    assert anna.send("GET", "/api/videos").status == 200


def test_the_token_for_the_page_is_not_one_for_the_api(deployment: Deployment, site: str) -> None:
    token = deployment.description["token"]
    answer = deployment.client("cognito-idp").initiate_auth(
        ClientId=token["clientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": token["username"], "PASSWORD": token["password"]},
    )
    assert Api(site, answer["AuthenticationResult"]["IdToken"]).send("GET", "/api/videos").status == 401


def test_everybody_may_ask_what_is_public(site: str) -> None:
    anybody = Api(site)
    assert anybody.expect(200, "GET", "/api/health") == {"status": "ok"}
    assert anybody.expect(200, "GET", "/api/config")["signIn"] == {"kind": "password"}
    assert kind(anybody.send("GET", f"/api/public/videos/{uuid.uuid4()}")) == "not-found"
    page = anybody.send("GET", "/watch/anything")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_a_first_password_is_chosen_and_a_session_goes_on(deployment: Deployment, site: str) -> None:
    anybody, name = Api(site), f"new-{uuid.uuid4().hex[:8]}"
    invited = invite(deployment.client("cognito-idp"), deployment.description["token"]["userPoolId"], name)
    credentials = {"username": name, "password": invited.password}
    challenge = anybody.expect(200, "POST", "/api/session", credentials)
    assert (challenge["challenge"], challenge["username"]) == ("NEW_PASSWORD", name)
    chosen = {"username": name, "session": challenge["session"], "newPassword": "a password of my own"}
    session = anybody.expect(200, "POST", "/api/session/new-password", chosen)
    refreshed = anybody.expect(200, "POST", "/api/session/refresh", {"refreshToken": session["refreshToken"]})
    assert Api(site, refreshed["accessToken"]).send("GET", "/api/videos").status == 200
    assert kind(anybody.send("POST", "/api/session", credentials)) == "wrong-credentials"
    unknown = {"username": "nobody-of-this-name", "password": "a password of my own"}
    assert kind(anybody.send("POST", "/api/session", unknown)) == "wrong-credentials"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of two parts: a clip, and bytes behind its end that no player reads."""
    path = tmp_path_factory.mktemp("large") / "Large Clip.MP4"
    clip = (MEDIA / "bikes.mp4").read_bytes()
    padding_bytes = PART_BYTES + 1000 - len(clip)
    path.write_bytes(clip + padding_bytes.to_bytes(4, "big") + b"free" + bytes(padding_bytes - 8))
    return path


def ended(api: Api, video_id: str) -> dict[str, Any]:
    """The video, once it has come to its end."""

    def look() -> dict[str, Any] | None:
        video = api.video(video_id)
        return video if video["status"] in ("READY", "FAILED", "CANCELED") else None

    return wait_for(look, f"end of {video_id}", SECONDS)


def test_an_interrupted_upload_resumes_and_becomes_ready(anna: Api, berta: Api, large: Path) -> None:
    new = {"fileName": large.name, "sizeBytes": large.stat().st_size, "title": "<b>Summer</b>"}
    created = anna.expect(201, "POST", "/api/videos", new)
    video_id = created["video"]["id"]
    path = f"/api/videos/{video_id}"
    assert created["upload"]["key"] == f"videos/{video_id}/source.mp4"
    assert created["upload"]["partCount"] == 2
    first = anna.send_parts(video_id, large, [1])
    # Here the connection breaks, and the page forgets everything but the id.
    arrived = anna.expect(200, "GET", f"{path}/upload/parts")
    assert [part["partNumber"] for part in arrived["parts"]] == [1]
    assert arrived["parts"][0]["sizeBytes"] == PART_BYTES
    assert arrived["parts"][0]["etag"] == first[0]["etag"].strip('"')
    too_early = anna.send("POST", f"{path}/upload/complete", {"parts": first})
    assert (too_early.status, kind(too_early)) == (400, "invalid-parts")
    second = anna.send_parts(video_id, large, [2])
    wrong = [*first, {"partNumber": 2, "etag": "0" * 32}]
    assert kind(anna.send("POST", f"{path}/upload/complete", {"parts": wrong})) == "invalid-parts"
    done = anna.expect(200, "POST", f"{path}/upload/complete", {"parts": [*first, *second]})
    assert done["video"]["id"] == video_id
    again = anna.send("POST", f"{path}/upload/complete", {"parts": [*first, *second]})
    assert (again.status, kind(again)) == (409, "already-complete")
    video = ended(anna, video_id)
    assert (video["status"], video["title"]) == ("READY", "<b>Summer</b>")
    assert [entry["status"] for entry in video["history"]][:2] == ["UPLOADING", "SUBMITTED"]
    assert video["playback"]["hlsUrl"].startswith(f"{anna.site_url}/{video_id}/")
    assert send("GET", video["playback"]["hlsUrl"]).body.startswith(b"#EXTM3U")
    for late in (
        anna.send("GET", f"{path}/upload/parts"),
        anna.send("POST", f"{path}/upload/parts", {"partNumbers": [1]}),
        anna.send("POST", f"{path}/upload/complete", {"parts": [*first, *second]}),
        anna.send("DELETE", f"{path}/upload"),
    ):
        assert (late.status, kind(late)) == (409, "already-complete")
    assert kind(berta.send("GET", path)) == "not-found"

    before = video["revision"]
    again = anna.expect(202, "POST", f"{path}/reprocess", {})["video"]
    assert again["revision"] != before
    assert again["playback"]["revision"] == before, "what can be watched stays until then"
    assert kind(anna.send("POST", f"{path}/reprocess")) == "not-finished"
    video = ended(anna, video_id)
    assert (video["status"], video["playback"]["revision"]) == ("READY", again["revision"])


@pytest.fixture
def waiting(anna: Api, large: Path) -> tuple[str, dict[str, Any]]:
    """A video of Anna's that waits for its upload, and the address of its first part."""
    new = {"fileName": large.name, "sizeBytes": large.stat().st_size}
    video_id = anna.expect(201, "POST", "/api/videos", new)["video"]["id"]
    (part,) = anna.expect(200, "POST", f"/api/videos/{video_id}/upload/parts", {"partNumbers": [1]})["parts"]
    return video_id, part


def test_an_address_takes_its_part_and_nothing_else(
    anna: Api, large: Path, waiting: tuple[str, dict[str, Any]]
) -> None:
    video_id, part = waiting
    content = large.read_bytes()[:PART_BYTES]
    assert part["sizeBytes"] == PART_BYTES
    assert send("PUT", part["url"], content[:-1]).status == 403, "shorter than was signed"
    assert send("PUT", part["url"], content + b"x").status == 403, "longer than was signed"
    assert send("PUT", part["url"].replace("X-Amz-Expires=3600", "X-Amz-Expires=604800"), content).status == 403
    assert send("PUT", part["url"].replace("partNumber=1", "partNumber=2"), content).status == 403
    assert send("PUT", part["url"].replace(video_id, str(uuid.uuid4())), content).status == 403
    assert anna.expect(200, "GET", f"/api/videos/{video_id}/upload/parts")["parts"] == []
    page = {"Origin": anna.site_url}
    preflight = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    allowed = send("OPTIONS", part["url"], None, preflight)
    assert allowed.status == 200
    assert "PUT" in allowed.headers["Access-Control-Allow-Methods"]
    sent = send("PUT", part["url"], content, {**page, "Content-Type": ""})
    assert sent.status == 200
    assert sent.headers["Access-Control-Allow-Origin"] in ("*", anna.site_url)
    assert "ETag" in sent.headers["Access-Control-Expose-Headers"]


def test_an_aborted_upload_leaves_nothing(
    deployment: Deployment, anna: Api, waiting: tuple[str, dict[str, Any]]
) -> None:
    video_id, _ = waiting
    for _ in range(2):
        assert anna.send("DELETE", f"/api/videos/{video_id}/upload").status == 204
    assert kind(anna.send("GET", f"/api/videos/{video_id}")) == "not-found"
    uploads = deployment.client("s3").list_multipart_uploads(Bucket=deployment.source_bucket)
    assert not any(video_id in upload["Key"] for upload in uploads.get("Uploads", []))


def test_cursors_and_owners_keep_libraries_apart(anna: Api, berta: Api, admin: Api) -> None:
    for name in ("one.mp4", "two.mp4"):
        for api in (anna, berta):
            api.expect(201, "POST", "/api/videos", {"fileName": name, "sizeBytes": 1})
    page = anna.expect(200, "GET", "/api/videos?limit=1")
    cursor = page["nextCursor"]
    mine = page["videos"][0]["owner"]
    assert kind(berta.send("GET", f"/api/videos?cursor={cursor}")) == "invalid-cursor"
    assert kind(anna.send("GET", f"/api/videos?cursor={cursor[:-2]}AA")) == "invalid-cursor"
    assert {video["owner"] for video in anna.expect(200, "GET", "/api/videos")["videos"]} == {mine}
    assert kind(berta.send("GET", f"/api/videos?owner={mine}")) == "admin-only"
    found = admin.expect(200, "GET", f"/api/videos?owner={mine}&search=TWO")["videos"]
    assert [video["title"] for video in found] == ["two"]
    assert len({video["owner"] for video in admin.expect(200, "GET", "/api/videos?limit=100")["videos"]}) >= 2


def test_a_video_is_gone_at_once_even_while_it_is_converted(anna: Api, large: Path) -> None:
    video_id = anna.upload(large)["id"]
    for _ in range(2):
        assert anna.send("DELETE", f"/api/videos/{video_id}").status == 204
    assert kind(anna.send("GET", f"/api/videos/{video_id}")) == "not-found"
