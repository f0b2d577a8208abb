"""Fetches as a viewer does."""

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message

from support.deployment import Deployment


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whatever its status."""

    status: int
    headers: Message
    body: bytes


def fetch(url: str, method: str = "GET", **headers: str) -> Answer:
    """One request; underscores in the names of headers stand for hyphens."""
    request = urllib.request.Request(
        url, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def media_url(deployment: Deployment, key: str) -> str:
    """Where a viewer finds an object of the converted bucket."""
    return f"{deployment.media_base_url}/{urllib.parse.quote(key)}"


def bucket_url(deployment: Deployment, bucket: str, key: str = "") -> str:
    """Where the bucket itself has an object."""
    return f"{deployment.description['awsEndpoint']}/{bucket}/{urllib.parse.quote(key)}"
