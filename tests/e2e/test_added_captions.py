"""Captions that somebody adds to a video through the API: before, while and after it is converted."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from support import clips
from support.deployment import Deployment
from support.functions import invoke
from support.jobs import jobs_of
from support.people import kind, signed_in
from support.records import FINAL, SECONDS
from support.waiting import wait_for
from support.web import fetch

from local.api import Answer, Api

MPD = "{urn:mpeg:dash:schema:mpd:2011}"
SRT = "1\n00:00:01,200 --> 00:00:01,800\n{}\n"
TTML = """<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="fr">
<body><div><p begin="00:00:01.200" end="1.8s">Bonjour<br/>vous</p></div></body></tt>"""
# Resume caption loading, row 15, "Fish", end of caption.
SCC = "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420 9470 9470 46e9 73e8 942f 942f\n\n00:00:01:24\t942c 942c\n"
FILES = {
    "en": (SRT.format("Hello & <i>welcome</i>."), "Hello &amp; <i>welcome</i>."),
    "de": ("WEBVTT\n\n00:01.200 --> 00:01.800 line:10%\nGrüß Gott.\n", "Grüß Gott."),
    "fr": (TTML, "Bonjour\nvous"),
    "es-MX": (SCC, "Fish"),
}


@pytest.fixture(scope="module")
def anna(deployment: Deployment) -> Api:
    """The API, as a user of these tests."""
    return signed_in(deployment, "captions")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Three seconds."""
    path = tmp_path / "clip.mp4"
    clips.other_brief(path)
    return path


def add(api: Api, video_id: str, language: str, file: str) -> Answer:
    """Adds captions."""
    path = f"/api/videos/{video_id}/captions/{language}"
    return api.send("PUT", path, file.encode(), Content_Type="application/octet-stream")


def ready(api: Api, video_id: str) -> Mapping[str, Any]:
    """The video, once it is READY and plays with the captions that it has."""

    def look() -> Mapping[str, Any] | None:
        video = api.video(video_id)
        if video["status"] not in FINAL:
            return None
        assert video["status"] == "READY", video
        has_edition = "/captions-" in video["playback"]["hlsUrl"]
        return video if has_edition == bool(video["captions"]) else None

    return wait_for(look, f"end of {video_id}", SECONDS)


def text(url: str) -> str:
    answer = fetch(url)
    assert answer.status == 200, url
    return answer.body.decode()


def said_by_hls(playback: Mapping[str, Any]) -> dict[str, str]:
    """What each track of captions says, by its language."""
    url = playback["hlsUrl"]
    master = text(url)
    for line in master.splitlines():
        if line and not line.startswith("#"):
            assert "#EXTINF" in text(urljoin(url, line)), "what plays is found from the edition's folder"
    said = {}
    for line in (line for line in master.splitlines() if "TYPE=SUBTITLES" in line):
        playlist = urljoin(url, re.search('URI="([^"]+)"', line)[1])
        segments = [line for line in text(playlist).splitlines() if line and not line.startswith("#")]
        said[re.search('LANGUAGE="([^"]+)"', line)[1]] = "".join(text(urljoin(playlist, it)) for it in segments)
    return said


def said_by_dash(playback: Mapping[str, Any]) -> dict[str, str]:
    """The same, of those that are a file each."""
    url = playback["dashUrl"]
    root = ElementTree.fromstring(text(url))
    base = root.find(f"{MPD}BaseURL")
    base = urljoin(url, base.text) if base is not None else url
    said = {}
    for set_ in root.iter(f"{MPD}AdaptationSet"):
        file = set_.find(f"{MPD}Representation/{MPD}BaseURL")
        if set_.get("contentType") == "text" and file is not None:
            said[set_.get("lang")] = text(urljoin(base, file.text))
    return said


def test_captions_that_are_added_to_what_plays_are_in_both_manifests_and_no_job_is_made(
    deployment: Deployment, anna: Api, clip: Path
) -> None:
    video_id = anna.upload(clip)["id"]
    before = ready(anna, video_id)
    for language, (file, _) in FILES.items():
        answer = add(anna, video_id, language, file)
        assert answer.status == 200, answer.body
    video = answer.json["video"]
    assert [track["language"] for track in video["captions"]] == sorted(FILES)
    for said in (said_by_hls(video["playback"]), said_by_dash(video["playback"])):
        assert sorted(said) == sorted(FILES)
        for language, (_, words) in FILES.items():
            assert words in said[language]
            assert "00:01." in said[language]
    assert len(jobs_of(deployment, video_id)) == 1
    assert said_by_hls(before["playback"]) == {}, "who watches what was there goes on with it"

    for language in FILES:
        removed = anna.expect(200, "DELETE", f"/api/videos/{video_id}/captions/{language}")["video"]
        assert language not in said_by_dash(removed["playback"])
    assert removed["playback"] == before["playback"]


def test_captions_outlive_the_conversions_that_they_come_before(deployment: Deployment, anna: Api, clip: Path) -> None:
    new = {"fileName": "clip.mp4", "sizeBytes": clip.stat().st_size}
    video_id = anna.expect(201, "POST", "/api/videos", new)["video"]["id"]
    assert add(anna, video_id, "en", SRT.format("Before")).status == 200
    parts = anna.send_parts(video_id, clip, [1])
    anna.expect(200, "POST", f"/api/videos/{video_id}/upload/complete", {"parts": parts})
    assert add(anna, video_id, "de", SRT.format("Meanwhile")).status == 200
    video = ready(anna, video_id)
    for said in (said_by_hls(video["playback"]), said_by_dash(video["playback"])):
        assert {"Before" in said["en"], "Meanwhile" in said["de"]} == {True}

    anna.expect(202, "POST", f"/api/videos/{video_id}/reprocess", {"clip": {"fromSeconds": 1, "toSeconds": 3}})
    part = ready(anna, video_id)
    assert part["playback"]["revision"] != video["playback"]["revision"]
    for said in (said_by_hls(part["playback"]), said_by_dash(part["playback"])):
        assert "00:00:00.200 --> 00:00:00.800\nBefore" in said["en"], "they begin with the part"

    anna.expect(204, "DELETE", f"/api/videos/{video_id}")
    assert invoke(deployment, "reconcile", {"video": video_id}).error is None
    s3 = deployment.client("s3")
    left = s3.list_object_versions(Bucket=deployment.source_bucket, Prefix=f"videos/{video_id}/")
    assert not left.get("Versions")
    assert not s3.list_objects_v2(Bucket=deployment.converted_bucket, Prefix=f"{video_id}/").get("Contents")


def test_captions_whose_manifests_were_never_written_are_made_up_for(
    deployment: Deployment, anna: Api, clip: Path
) -> None:
    video_id = anna.upload(clip)["id"]
    ready(anna, video_id)
    video = add(anna, video_id, "en", SRT.format("Lost")).json["video"]
    # As if the function had ended right after it noted the captions.
    folder = f"{video_id}/{video['playback']['revision']}/"
    table, key = deployment.table, {"id": video_id}
    names = {"#watch": "watch"}
    table.update_item(
        Key=key,
        UpdateExpression="SET playback.hls = :hls, playback.dash = :dash, #watch = :open, checkAt = :then "
        "REMOVE playback.edition",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":hls": f"{folder}video.m3u8",
            ":dash": f"{folder}video.mpd",
            ":open": "OPEN",
            ":then": "2026-01-01T00:00:00.000Z",
        },
    )
    assert invoke(deployment, "reconcile", {}).error is None
    assert "Lost" in said_by_hls(anna.video(video_id)["playback"])["en"]


def test_nobody_adds_captions_to_what_is_somebody_elses(deployment: Deployment, anna: Api, clip: Path) -> None:
    video_id = anna.upload(clip)["id"]
    before = ready(anna, video_id)
    other = signed_in(deployment, "other")
    answer = add(other, video_id, "en", SRT.format("Mine"))
    assert (answer.status, kind(answer)) == (404, "not-found")
    answer = other.send("DELETE", f"/api/videos/{video_id}/captions/en")
    assert (answer.status, kind(answer)) == (404, "not-found")
    assert anna.video(video_id) == before
