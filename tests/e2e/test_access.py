"""Who may read and write what: viewers through the distribution only, each function what it needs."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.deployment import Deployment
from support.inputs import SMALL
from support.library import Library, Video
from support.records import Records
from support.web import bucket_url, fetch, media_url

PLAYER = "https://player.example"


@pytest.fixture
def video(library: Library, records: Records) -> Video:
    """A video that is READY."""
    return library.ready(records, SMALL)


def test_a_converted_object_is_read_through_the_distribution_only(deployment: Deployment, video: Video) -> None:
    key = video.record["playback"]["hls"]
    assert fetch(media_url(deployment, key)).body.startswith(b"#EXTM3U")
    assert fetch(bucket_url(deployment, deployment.converted_bucket, key)).status == 403
    with pytest.raises(ClientError, match="AccessDenied"):
        deployment.anonymous_client("s3").get_object(Bucket=deployment.converted_bucket, Key=key)


def test_nobody_reads_a_source_or_lists_a_bucket(deployment: Deployment, video: Video) -> None:
    source = video.record["source"]["key"]
    assert fetch(bucket_url(deployment, deployment.source_bucket, source)).status == 403
    assert fetch(media_url(deployment, source)).status == 404
    for bucket in (deployment.source_bucket, deployment.converted_bucket):
        assert fetch(bucket_url(deployment, bucket)).status == 403
    for path in ("", f"{video.record['id']}/"):
        assert b"ListBucketResult" not in fetch(f"{deployment.media_base_url}/{path}").body


def test_what_is_not_there_is_refused_like_what_is_forbidden(deployment: Deployment, video: Video) -> None:
    assert fetch(media_url(deployment, f"{video.record['id']}/nothing.m3u8")).status == 403


def test_a_part_of_a_file_can_be_fetched(deployment: Deployment, video: Video) -> None:
    url = media_url(deployment, video.record["playback"]["poster"])
    whole = fetch(url)
    head = fetch(url, "HEAD")
    assert (head.status, head.body) == (200, b"")
    for answer in (whole, head):
        assert int(answer.headers["Content-Length"]) == len(whole.body)
        assert answer.headers["Accept-Ranges"] == "bytes"
    for asked, expected in {"bytes=2-5": whole.body[2:6], "bytes=-7": whole.body[-7:]}.items():
        part = fetch(url, Range=asked)
        first = whole.body.find(expected, 2)
        assert (part.status, part.body) == (206, expected)
        assert part.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(whole.body)}"
    assert fetch(url, Range=f"bytes={len(whole.body)}-").status == 416


def test_a_player_on_another_site_may_read(deployment: Deployment, video: Video) -> None:
    url = media_url(deployment, video.record["playback"]["hls"])
    answer = fetch(url, Origin=PLAYER)
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", PLAYER)
    assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    preflight = fetch(url, "OPTIONS", Origin=PLAYER, **asked)
    assert preflight.status in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] in ("*", PLAYER)
    assert "GET" in preflight.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_viewer_only_reads(deployment: Deployment, video: Video, method: str) -> None:
    url = media_url(deployment, video.record["playback"]["hls"])
    assert fetch(url, method).status in (403, 405)
    assert fetch(url).status == 200


def test_a_page_on_another_site_may_upload_with_a_signed_address(deployment: Deployment, prefix: str) -> None:
    url = bucket_url(deployment, deployment.source_bucket, f"{prefix}/part")
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    preflight = fetch(url, "OPTIONS", Origin=PLAYER, **asked)
    assert preflight.status == 200
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    assert fetch(url, "PUT").status == 403  # and without one it may not


def _s3(operation: str, bucket: str) -> tuple[str, str, str]:
    return "s3", operation, bucket


# Who does what to which; a video's own source, converted file or record.
ALLOWED = {
    "submit": [_s3("get_object", "source"), ("dynamodb", "get_item", "")],
    "complete": [("dynamodb", "get_item", ""), _s3("get_object", "converted")],
    "mediaconvert": [_s3("get_object", "source")],
}
DENIED = {
    "submit": [
        _s3("put_object", "source"),
        _s3("delete_object", "source"),
        _s3("get_object", "converted"),
        _s3("put_object", "converted"),
        _s3("delete_object", "converted"),
        ("dynamodb", "delete_item", ""),
        ("dynamodb", "scan", ""),
    ],
    "complete": [
        _s3("get_object", "source"),
        _s3("delete_object", "source"),
        _s3("put_object", "converted"),
        _s3("delete_object", "converted"),
        ("dynamodb", "delete_item", ""),
        ("dynamodb", "scan", ""),
    ],
    "mediaconvert": [
        _s3("put_object", "source"),
        _s3("delete_object", "source"),
        _s3("get_object", "converted"),
        _s3("delete_object", "converted"),
        ("dynamodb", "get_item", ""),
    ],
}


@pytest.mark.parametrize("who", ALLOWED)
def test_a_role_may_do_what_it_needs_and_no_more(deployment: Deployment, video: Video, who: str) -> None:
    role = _roles(deployment)[who]
    clients = {service: deployment.client_as(role, service) for service in ("s3", "dynamodb")}
    for service, operation, bucket in ALLOWED[who]:
        _request(clients[service], deployment, video, operation, bucket)
    for service, operation, bucket in DENIED[who]:
        with pytest.raises(ClientError, match="AccessDenied"):
            _request(clients[service], deployment, video, operation, bucket)


def _roles(deployment: Deployment) -> Mapping[str, str]:
    configured = {
        name: deployment.client("lambda").get_function_configuration(FunctionName=function)
        for name, function in deployment.functions.items()
    }
    jobs = configured["submit"]["Environment"]["Variables"]["MEDIACONVERT_ROLE_ARN"]
    return {name: found["Role"] for name, found in configured.items()} | {"mediaconvert": jobs}


def _request(client: Any, deployment: Deployment, video: Video, operation: str, bucket: str) -> Any:
    table = {"TableName": deployment.description["table"]}
    key = {} if operation == "scan" else {"Key": {"id": {"S": video.record["id"]}}}
    arguments = {
        "source": {"Bucket": deployment.source_bucket, "Key": video.record["source"]["key"]},
        "converted": {"Bucket": deployment.converted_bucket, "Key": video.record["playback"]["hls"]},
        "": table | key,
    }[bucket]
    return getattr(client, operation)(**arguments)
