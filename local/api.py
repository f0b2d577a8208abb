"""A client of the API: what the demo and the tests need of it."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from local.errors import LocalError

SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whatever its status."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def send(method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One request."""
    request = urllib.request.Request(url, method=method, data=body, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


class Api:
    """The API, as one user or as nobody."""

    def __init__(self, site_url: str, token: str | None = None) -> None:
        self.site_url = site_url
        self.token = token

    @classmethod
    def signed_in(cls, site_url: str, username: str, password: str) -> "Api":
        """The API as this user."""
        session = cls(site_url).expect(200, "POST", "/api/session", {"username": username, "password": password})
        return cls(site_url, session["accessToken"])

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; a body is sent as JSON, and underscores in the names of headers stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return send(method, self.site_url + path, data, sent)

    def expect(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """What one request is answered, which must be with this status."""
        answer = self.send(method, path, body)
        if answer.status != status:
            raise LocalError(f"{method} {path} answered {answer.status}: {answer.body.decode(errors='replace')}")
        return answer.json if answer.body else None

    def video(self, video_id: str) -> Mapping[str, Any]:
        """One video."""
        return self.expect(200, "GET", f"/api/videos/{video_id}")["video"]

    def upload(self, path: Path, **more: Any) -> Mapping[str, Any]:
        """Uploads a file, part by part, and returns its video."""
        new = {"fileName": path.name, "sizeBytes": path.stat().st_size, **more}
        created = self.expect(201, "POST", "/api/videos", new)
        video_id, upload = created["video"]["id"], created["upload"]
        numbers = list(range(1, upload["partCount"] + 1))
        parts = self.send_parts(video_id, path, numbers)
        return self.expect(200, "POST", f"/api/videos/{video_id}/upload/complete", {"parts": parts})["video"]

    def send_parts(
        self, video_id: str, path: Path, numbers: list[int], after_each: Callable[[int], None] = lambda _: None
    ) -> list[dict[str, Any]]:
        """Sends these parts of a file to S3, and returns them as completing the upload wants them."""
        sent = []
        plan = self.expect(200, "GET", f"/api/videos/{video_id}/upload/parts")
        for start in range(0, len(numbers), 1000):
            wanted = {"partNumbers": numbers[start : start + 1000]}
            signed = self.expect(200, "POST", f"/api/videos/{video_id}/upload/parts", wanted)["parts"]
            with path.open("rb") as file:
                for part in signed:
                    file.seek((part["partNumber"] - 1) * plan["partSizeBytes"])
                    answer = send("PUT", part["url"], file.read(part["sizeBytes"]), {"Content-Type": ""})
                    if answer.status != 200:
                        raise LocalError(f"S3 answered a part with {answer.status}: {answer.body.decode()}")
                    sent.append({"partNumber": part["partNumber"], "etag": answer.headers["ETag"]})
                    after_each(part["partNumber"])
        return sent
