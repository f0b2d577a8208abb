"""The table can be made again from what lies in the buckets and what MediaConvert remembers."""

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from support import clips
from support.commands import as_on_aws
from support.deployment import Deployment
from support.jobs import jobs_of
from support.records import Record, Records
from support.uploads import upload
from support.waiting import wait_for
from support.web import fetch

from local.api import Api
from local.rebuild import Reconcile
from local.stack import Stack

PLAYED = ("revision", "hls", "dash")
KEPT = ("id", "owner", "title", "description", "fileName", "status", "revision", "playback", "createdAt", "profile")


def library(deployment: Deployment) -> dict[str, Record]:
    items = deployment.table.scan(ConsistentRead=True)["Items"]
    videos = (item for item in items if "status" in item and "removedAt" not in item)
    return {item["id"]: {name: item.get(name) for name in KEPT} for item in videos}


def lose_the_table(deployment: Deployment) -> None:
    for item in deployment.table.scan(ConsistentRead=True)["Items"]:
        deployment.table.delete_item(Key={"id": item["id"]})


def test_a_lost_table_is_made_again_without_new_jobs(spare_stack: Stack, tmp_path: Path) -> None:
    deployment = Deployment(spare_stack.description())
    records = Records(deployment)
    api = Api.signed_in(
        deployment.description["siteUrl"],
        deployment.description["token"]["username"],
        deployment.description["token"]["password"],
    )
    clips.small(tmp_path / "own.mp4")
    clips.brief(tmp_path / "brief.mp4")
    clips.text(tmp_path / "text.mp4")
    own = api.upload(tmp_path / "own.mp4", title="Sommer – été ☀", description="Am See")["id"]
    for key, file in {
        "dropped in.mp4": "brief",
        "replaced.mp4": "brief",
        "bad.mp4": "text",
        "spoiled.mp4": "brief",
    }.items():
        upload(deployment, tmp_path / f"{file}.mp4", key)
    first = {key: records.wait_for_end(key) for key in ("replaced.mp4", "spoiled.mp4")}
    upload(deployment, tmp_path / "own.mp4", "replaced.mp4")
    version = upload(deployment, tmp_path / "text.mp4", "spoiled.mp4")
    records.wait_for_end("spoiled.mp4", version)
    for key in ("dropped in.mp4", "bad.mp4", f"videos/{own}/source.mp4"):
        records.wait_for_end(key)
    records.wait("replaced.mp4", "second revision", lambda now: _is_after(now, first["replaced.mp4"]))
    _add_captions(api, own, "de", "Weg", "German")
    _add_captions(api, own, "en", "Fish", "Für Gehörlose ☀")
    _wait_for_another_second()
    api.expect(200, "DELETE", f"/api/videos/{own}/captions/de")
    captions = api.video(own)["captions"]
    assert captions == [{"language": "en", "label": "Für Gehörlose ☀", "playing": True}]
    admin = Api.signed_in(deployment.description["siteUrl"], **deployment.description["admin"])
    upload(deployment, tmp_path / "brief.mp4", "deleted.mp4")
    deleted = records.wait_for_end("deleted.mp4")["id"]
    admin.expect(204, "DELETE", f"/api/videos/{deleted}")
    records.wait_removed(deleted)
    ids = {own} | {records.find(key)["id"] for key in ("dropped in.mp4", "replaced.mp4", "bad.mp4", "spoiled.mp4")}
    everything = library(deployment)
    before = {video_id: everything[video_id] for video_id in ids}
    jobs = {video_id: len(jobs_of(deployment, video_id)) for video_id in before}
    assert before[own]["title"] == "Sommer – été ☀"

    lose_the_table(deployment)
    reconcile = Reconcile.of_local(spare_stack)
    assert sum(done["restored"] for done in reconcile.rebuild()) == len(everything)
    assert reconcile.settle() == 0

    after = library(deployment)
    assert after.keys() == everything.keys()
    for video_id, video in before.items():
        _assert_alike(after[video_id], video)
    assert {video_id: len(jobs_of(deployment, video_id)) for video_id in before} == jobs
    again = api.video(own)
    assert (again["title"], again["captions"]) == ("Sommer – été ☀", captions)
    assert "Fish" in fetch(urljoin(again["playback"]["hlsUrl"], "en.vtt")).body.decode()

    assert "Made 0 records again." in as_on_aws(spare_stack, "rebuild")
    assert library(deployment) == after


def _add_captions(api: Api, video_id: str, language: str, words: str, label: str) -> None:
    file = f"1\n00:00:01,000 --> 00:00:02,000\n{words}\n".encode()
    path = f"/api/videos/{video_id}/captions/{language}?label={quote(label)}"
    answer = api.send("PUT", path, file, Content_Type="application/octet-stream")
    assert answer.status == 200, answer.body


def _wait_for_another_second() -> None:
    """S3 tells when a file was written in whole seconds."""
    before = int(time.time())
    wait_for(lambda: int(time.time()) > before, "next second", 5)


def _is_after(now: Record, before: Record) -> bool:
    return now["revision"] != before["revision"] and now["status"] == "READY"


def _assert_alike(after: dict[str, Any], before: dict[str, Any]) -> None:
    """All of it, but for what only events tell, the edition of captions, and the time of a drop-in: its last upload."""
    plays = [
        {key: re.sub(r"/captions-\d+/", "/captions/", (video["playback"] or {}).get(key) or "") for key in PLAYED}
        for video in (after, before)
    ]
    assert not before["playback"] or plays[0] == plays[1]
    if before["status"] == "READY":
        assert after["playback"]["thumbnails"].keys() == before["playback"]["thumbnails"].keys()
        names = [[item["name"] for item in video["playback"]["renditions"]] for video in (after, before)]
        assert names[0] == names[1]
    same = [name for name in KEPT if name not in ("playback", "createdAt")]
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    if before["owner"] != "drop-in":
        assert after["createdAt"] == before["createdAt"]
