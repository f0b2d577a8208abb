"""Bad input to the API: a problem document says what is wrong, nothing changes, and no log calls it our mistake."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.deployment import Deployment
from support.functions import log
from support.people import kind, signed_in

from local.api import Api, send

MEDIA = Path(__file__).parent / "media"
PART_BYTES = 8 * 1024 * 1024
FILE = {"fileName": "a.mp4", "sizeBytes": 1}
TAG = "0" * 32
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nFish\n\n"


@dataclass(frozen=True)
class Library:
    """What the calls are about."""

    anna: Api
    waiting: str
    """A video of Anna's whose upload has two parts, of which the second has arrived."""
    etag: str
    """Of the second part."""
    ready: str
    """A video of Anna's whose upload is complete."""
    foreign: str
    """A video of somebody else's that waits for its upload."""


@pytest.fixture(scope="module")
def library(deployment: Deployment) -> Library:
    anna, berta = signed_in(deployment, "anna"), signed_in(deployment, "berta")
    new = {"fileName": "large.mp4", "sizeBytes": PART_BYTES + 100}
    waiting = anna.expect(201, "POST", "/api/videos", new)["video"]["id"]
    (part,) = anna.expect(200, "POST", f"/api/videos/{waiting}/upload/parts", {"partNumbers": [2]})["parts"]
    etag = send("PUT", part["url"], bytes(100), {"Content-Type": ""}).headers["ETag"]
    ready = anna.upload(MEDIA / "bikes.mp4")["id"]
    foreign = berta.expect(201, "POST", "/api/videos", FILE)["video"]["id"]
    return Library(anna, waiting, etag, ready, foreign)


@pytest.fixture(scope="module", autouse=True)
def quiet_log(deployment: Deployment, library: Library) -> Iterator[None]:
    """Nothing of all this is logged as a mistake of ours."""

    def complaints() -> list[str]:
        lines = [line.text for line in log(deployment, "api")]
        return [line for line in lines if any(f'"level":"{level}"' in line for level in ("ERROR", "WARN"))]

    before = complaints()
    yield
    assert complaints() == before


@pytest.fixture(autouse=True)
def unchanged(library: Library) -> Iterator[None]:
    """Nothing changes but what converting the one video changes."""

    def state() -> Any:
        videos = library.anna.expect(200, "GET", "/api/videos")["videos"]
        parts = library.anna.expect(200, "GET", f"/api/videos/{library.waiting}/upload/parts")
        return [video for video in videos if video["id"] != library.ready], len(videos), parts

    before = state()
    yield
    assert state() == before


INVALID = (400, "invalid-request")
NOT_FOUND = (404, "not-found")

CALLS: dict[str, tuple[str, Any, tuple[int, str]]] = {
    "nothing": ("POST /api/videos", {}, INVALID),
    "no file name": ("POST /api/videos", {"sizeBytes": 1}, INVALID),
    "no size": ("POST /api/videos", {"fileName": "a.mp4"}, INVALID),
    "a size of nothing": ("POST /api/videos", FILE | {"sizeBytes": 0}, INVALID),
    "a negative size": ("POST /api/videos", FILE | {"sizeBytes": -5}, INVALID),
    "a fraction of a byte": ("POST /api/videos", FILE | {"sizeBytes": 1.5}, INVALID),
    "a size in words": ("POST /api/videos", FILE | {"sizeBytes": "1"}, INVALID),
    "more than 5 TiB": ("POST /api/videos", FILE | {"sizeBytes": 5 * 1024**4 + 1}, INVALID),
    "an endless number": ("POST /api/videos", b'{"fileName": "a.mp4", "sizeBytes": 1e999}', INVALID),
    "a title that is too long": ("POST /api/videos", FILE | {"title": "x" * 201}, INVALID),
    "an empty title": ("POST /api/videos", FILE | {"title": " "}, INVALID),
    "a title that steers a terminal": ("POST /api/videos", FILE | {"title": "\x1b[2J"}, INVALID),
    "a number as the title": ("POST /api/videos", FILE | {"title": 5}, INVALID),
    "a description that is too long": ("POST /api/videos", FILE | {"description": "x" * 5001}, INVALID),
    "a key of one's own": ("POST /api/videos", FILE | {"key": "videos/../../x"}, INVALID),
    "a text file": ("POST /api/videos", FILE | {"fileName": "notes.txt"}, INVALID),
    "a path to a text file": ("POST /api/videos", FILE | {"fileName": "../../etc/passwd.txt"}, INVALID),
    "a line break in a name": ("POST /api/videos", FILE | {"fileName": "a\nb.mp4"}, INVALID),
    "a header in a type": ("POST /api/videos", FILE | {"contentType": "video/mp4\r\nX-Evil: 1"}, INVALID),
    "a profile that can't be": ("POST /api/videos", FILE | {"profile": "../x"}, INVALID),
    "an array": ("POST /api/videos", ["a.mp4", 1], INVALID),
    "half an object": ("POST /api/videos", b"{", INVALID),
    "two objects": ("POST /api/videos", b'{"fileName":"a.mp4","sizeBytes":1}{}', INVALID),
    "a body of a megabyte": ("POST /api/videos", FILE | {"title": "x" * 1_000_000}, (413, "too-large")),
    "part 0": ("POST {waiting}/upload/parts", {"partNumbers": [0]}, INVALID),
    "part -1": ("POST {waiting}/upload/parts", {"partNumbers": [-1]}, INVALID),
    "part 3 of 2": ("POST {waiting}/upload/parts", {"partNumbers": [3]}, INVALID),
    "part 10001": ("POST {waiting}/upload/parts", {"partNumbers": [10_001]}, INVALID),
    "the same part twice": ("POST {waiting}/upload/parts", {"partNumbers": [1, 1]}, INVALID),
    "no parts": ("POST {waiting}/upload/parts", {"partNumbers": []}, INVALID),
    "too many parts": ("POST {waiting}/upload/parts", {"partNumbers": list(range(1, 1002))}, INVALID),
    "a part in words": ("POST {waiting}/upload/parts", {"partNumbers": ["one"]}, INVALID),
    "half of the parts": (
        "POST {waiting}/upload/complete",
        {"parts": [{"partNumber": 2, "etag": "{etag}"}]},
        (400, "invalid-parts"),
    ),
    "wrong tags": (
        "POST {waiting}/upload/complete",
        {"parts": [{"partNumber": 1, "etag": TAG}, {"partNumber": 2, "etag": TAG}]},
        (400, "invalid-parts"),
    ),
    "tags that are none": (
        "POST {waiting}/upload/complete",
        {"parts": [{"partNumber": 1, "etag": "<x>"}, {"partNumber": 2, "etag": "{etag}"}]},
        INVALID,
    ),
    "no parts at all": ("POST {waiting}/upload/complete", {"parts": []}, INVALID),
    "completing twice": (
        "POST {ready}/upload/complete",
        {"parts": [{"partNumber": 1, "etag": TAG}]},
        (409, "already-complete"),
    ),
    "more parts of a complete upload": ("POST {ready}/upload/parts", {"partNumbers": [1]}, (409, "already-complete")),
    "giving up a complete upload": ("DELETE {ready}/upload", None, (409, "already-complete")),
    "converting what has no upload": ("POST {waiting}/reprocess", {}, (409, "not-finished")),
    "an unknown profile to convert with": ("POST {ready}/reprocess", {"profile": "Ultra!"}, INVALID),
    "an empty new title": ("PATCH {waiting}", {"title": ""}, INVALID),
    "no new title": ("PATCH {waiting}", {"title": None}, INVALID),
    "a new title that is too long": ("PATCH {waiting}", {"title": "x" * 201}, INVALID),
    "a new owner": ("PATCH {waiting}", {"owner": "berta"}, INVALID),
    "a poster before the start": ("PATCH {waiting}", {"posterSeconds": -1}, INVALID),
    "captions that are none": ("PUT {waiting}/captions/en", b"Dear diary", INVALID),
    "captions without a file": ("PUT {waiting}/captions/en", None, INVALID),
    "captions as JSON": ("PUT {waiting}/captions/en", {"text": "Hello"}, INVALID),
    "captions with a time that is none": ("PUT {waiting}/captions/en", SRT.replace(b"00:02", b"soon"), INVALID),
    "captions of three megabytes": ("PUT {waiting}/captions/en", SRT * 75_000, (413, "too-large")),
    "captions in no language": ("PUT {waiting}/captions/en_US", SRT, INVALID),
    "captions without a label": ("PUT {waiting}/captions/en?label=", SRT, INVALID),
    "captions with a long label": (f"PUT {{waiting}}/captions/en?label={'x' * 61}", SRT, INVALID),
    "removing captions in no language": ("DELETE {waiting}/captions/en_US", None, INVALID),
    "somebody else's captions": ("PUT {foreign}/captions/en", SRT, NOT_FOUND),
    "removing somebody else's captions": ("DELETE {foreign}/captions/en", None, NOT_FOUND),
    "captions of a video that isn't there": (f"PUT /api/videos/{uuid.uuid4()}/captions/en", SRT, NOT_FOUND),
    "somebody else's video": ("GET {foreign}", None, NOT_FOUND),
    "somebody else's title": ("PATCH {foreign}", {"title": "Mine"}, NOT_FOUND),
    "somebody else's deletion": ("DELETE {foreign}", None, NOT_FOUND),
    "somebody else's conversion": ("POST {foreign}/reprocess", {}, NOT_FOUND),
    "somebody else's upload": ("POST {foreign}/upload/parts", {"partNumbers": [1]}, NOT_FOUND),
    "somebody else's parts": ("GET {foreign}/upload/parts", None, NOT_FOUND),
    "somebody else's completion": (
        "POST {foreign}/upload/complete",
        {"parts": [{"partNumber": 1, "etag": TAG}]},
        NOT_FOUND,
    ),
    "giving up somebody else's upload": ("DELETE {foreign}/upload", None, NOT_FOUND),
    "a video that isn't there": (f"GET /api/videos/{uuid.uuid4()}", None, NOT_FOUND),
    "an id that is none": ("GET /api/videos/x", None, NOT_FOUND),
    "a spelling of an id that isn't ours": ("GET /api/videos/{WAITING}", None, NOT_FOUND),
    "a cursor that is none": ("GET /api/videos?cursor=x", None, (400, "invalid-cursor")),
    "too many videos": ("GET /api/videos?limit=101", None, INVALID),
    "no videos": ("GET /api/videos?limit=0", None, INVALID),
    "a status that is none": ("GET /api/videos?status=LOST", None, INVALID),
    "everybody's videos": ("GET /api/videos?owner=berta", None, (403, "admin-only")),
    "a parameter that is none": ("GET /api/videos?sort=title", None, INVALID),
    "a search that is too long": (f"GET /api/videos?search={'x' * 201}", None, INVALID),
    "somebody else's bucket": ("POST /api/imports", {"bucket": "x", "prefix": ""}, (403, "admin-only")),
    "a call that there isn't": ("GET /api/nothing", None, NOT_FOUND),
    "a method that there isn't": ("PUT /api/videos", {}, (405, "method-not-allowed")),
}


@pytest.mark.parametrize("what", CALLS)
def test_bad_input_is_told_and_changes_nothing(library: Library, what: str) -> None:
    call, body, expected = CALLS[what]
    ids = {name: f"/api/videos/{getattr(library, name)}" for name in ("waiting", "ready", "foreign")}
    method, path = call.format(**ids, WAITING=library.waiting.upper()).split(" ", 1)
    if isinstance(body, dict) and "parts" in body:
        body = json.loads(json.dumps(body).replace("{etag}", library.etag.strip('"')))
    answer = library.anna.send(method, path, body)
    assert (answer.status, kind(answer)) == expected
    assert answer.json["detail"].endswith(".")


def test_a_body_that_is_not_json_is_refused(library: Library) -> None:
    answer = library.anna.send(
        "POST", "/api/videos", b"fileName=a.mp4", Content_Type="application/x-www-form-urlencoded"
    )
    assert (answer.status, kind(answer)) == (415, "not-json")


def test_a_cursor_that_was_changed_is_refused(deployment: Deployment, library: Library) -> None:
    cursor = library.anna.expect(200, "GET", "/api/videos?limit=1")["nextCursor"]
    # One id in 256 ends so.
    end = "AQ" if cursor.endswith("AA") else "AA"
    for changed in (cursor[:-2] + end, cursor[1:], cursor * 2):
        answer = library.anna.send("GET", f"/api/videos?cursor={changed}")
        assert (answer.status, kind(answer)) == (400, "invalid-cursor")
    answer = signed_in(deployment, "carla").send("GET", f"/api/videos?cursor={cursor}")
    assert (answer.status, kind(answer)) == (400, "invalid-cursor")


def test_an_upload_that_was_given_up_can_not_be_completed(deployment: Deployment, library: Library) -> None:
    api = signed_in(deployment, "dora")
    video_id = api.expect(201, "POST", "/api/videos", FILE)["video"]["id"]
    key = f"videos/{video_id}/source.mp4"
    s3 = deployment.client("s3")
    (upload,) = s3.list_multipart_uploads(Bucket=deployment.source_bucket, Prefix=key)["Uploads"]
    # As the lifecycle rule of the bucket does after some days.
    s3.abort_multipart_upload(Bucket=deployment.source_bucket, Key=key, UploadId=upload["UploadId"])
    done = {"parts": [{"partNumber": 1, "etag": TAG}]}
    answer = api.send("POST", f"/api/videos/{video_id}/upload/complete", done)
    assert answer.status == 202, "on its first day, S3 may still be putting it together"
    expires_at = datetime.fromisoformat(deployment.table.get_item(Key={"id": video_id})["Item"]["upload"]["expiresAt"])
    deployment.table.update_item(
        Key={"id": video_id},
        UpdateExpression="SET upload.expiresAt = :earlier",
        ExpressionAttributeValues={":earlier": f"{expires_at - timedelta(days=1):%Y-%m-%dT%H:%M:%S.000Z}"},
    )
    answer = api.send("POST", f"/api/videos/{video_id}/upload/complete", done)
    assert (answer.status, kind(answer)) == (409, "upload-gone")
    assert kind(api.send("GET", f"/api/videos/{video_id}/upload/parts")) == "upload-gone"
