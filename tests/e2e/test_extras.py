"""What is made of a video beside its streams, or of a part of it, because somebody asked for it."""

import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from support import clips, pictures
from support.deployment import Deployment
from support.jobs import jobs_of
from support.people import signed_in
from support.records import FINAL, SECONDS
from support.waiting import wait_for

from local import play
from local.api import Api


@pytest.fixture(scope="module")
def anna(deployment: Deployment) -> Api:
    """The API, as a user of these tests."""
    return signed_in(deployment, "extras")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """29.97 frames per second, 14 seconds."""
    path = tmp_path_factory.mktemp("extras") / "clip.mp4"
    clips.ntsc(path)
    return path


def ended(api: Api, video_id: str) -> dict[str, Any]:
    """The video, once it has come to its end."""

    def look() -> dict[str, Any] | None:
        video = api.video(video_id)
        return dict(video) if video["status"] in FINAL else None

    return wait_for(look, f"end of {video_id}", SECONDS)


def ready(api: Api, video_id: str) -> dict[str, Any]:
    """The video, once it is READY."""
    video = ended(api, video_id)
    assert video["status"] == "READY", video
    return video


def best_match(source: Path, numbers: range, url: str, number: int) -> int:
    """Which of these frames of the source a frame of a video is."""
    size = (214, 120)
    shown = pictures.frame(url, number, size)
    differences = {n: pictures.difference(shown, pictures.frame(str(source), n, size)) for n in numbers}
    best = min(differences, key=differences.__getitem__)
    assert differences[best] < 6, "it is another picture"
    return best


def test_a_download_is_an_mp4_of_the_whole_video_and_has_its_price(anna: Api, clip: Path, tmp_path: Path) -> None:
    video = ready(anna, anna.upload(clip, download=True)["id"])
    url = video["playback"]["fileUrl"]
    assert url.startswith(f"{anna.site_url}/"), "a link of the page's own site, so that browsers save it"
    saved = tmp_path / "saved.mp4"
    urllib.request.urlretrieve(url, saved)
    tracks = play.source_tracks(saved)
    assert [track.kind for track in tracks] == ["video", "audio"]
    for track in tracks:
        play.compare(play.Rendition("download", track), play.source_tracks(clip))
    for number in (0, 410):
        original = pictures.frame(str(clip), number, (106, 60))
        assert pictures.difference(pictures.frame(str(saved), number, (106, 60)), original) < 6
    costs = {cost["name"]: cost["amount"] for cost in video["cost"]["perRendition"]}
    assert costs["download"] == costs["480p"]
    assert video["cost"]["actual"] == pytest.approx(sum(costs.values()))

    anna.expect(202, "POST", f"/api/videos/{video['id']}/reprocess", {"download": None})
    again = ready(anna, video["id"])
    assert "fileUrl" not in again["playback"]
    assert "download" not in [cost["name"] for cost in again["cost"]["perRendition"]]


def test_a_clip_begins_and_ends_with_the_frames_that_were_asked_for(
    deployment: Deployment, anna: Api, clip: Path, tmp_path: Path
) -> None:
    part = {"fromSeconds": 3.5, "toSeconds": 9}
    video = ready(anna, anna.upload(clip, clip=part)["id"])
    assert video["clip"] == part
    hls = video["playback"]["hlsUrl"]
    shown = next(rendition for rendition in play.play_hls(hls) if rendition.track.kind == "video")
    # 3.5 s and 9 s of 29.97 frames a second: from the 105th frame up to the 270th, which isn't part of it.
    assert shown.track.frames == 270 - 105
    assert best_match(clip, range(103, 108), urljoin(hls, shown.name), 0) == 105
    assert best_match(clip, range(267, 272), urljoin(hls, shown.name), 164) == 269
    assert video["playback"]["durationMs"] == pytest.approx(5505, abs=60)

    path = f"/api/videos/{video['id']}/reprocess"
    whole = anna.expect(202, "POST", path, {"clip": None})["video"]
    assert whole["playback"]["revision"] == video["revision"], "the part plays until then"
    whole = ready(anna, video["id"])
    assert "clip" not in whole
    assert whole["playback"]["durationMs"] == pytest.approx(14_000, abs=60)
    assert whole["cost"]["estimated"] > video["cost"]["estimated"]
    assert len(jobs_of(deployment, video["id"])) == 2, "one a revision"
    refused = anna.send("POST", path, {"clip": {"fromSeconds": 3, "toSeconds": 90}})
    assert refused.status == 400
    assert "lasts 14." in refused.json["errors"][0]["detail"]


def test_a_part_that_an_upload_turns_out_not_to_have_is_told_and_has_no_job(
    deployment: Deployment, anna: Api, clip: Path
) -> None:
    video_id = anna.upload(clip, clip={"fromSeconds": 60})["id"]
    video = ended(anna, video_id)
    assert (video["status"], video["failure"]["code"]) == ("FAILED", "CLIP_OUTSIDE_SOURCE")
    assert jobs_of(deployment, video_id) == []


def test_a_watermark_lies_in_its_corner_of_every_rendition_and_of_the_download(
    deployment: Deployment, anna: Api, tmp_path: Path
) -> None:
    s3, bucket = deployment.client("s3"), deployment.description["configurationBucket"]
    image, gray = tmp_path / "logo.png", tmp_path / "gray.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:s=64x32", "-frames:v", "1", image], check=True
    )
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=gray:s=854x480:r=25", "-t", "2", *clips.H264, gray],
        check=True,
    )
    s3.upload_file(str(image), bucket, "watermarks/logo.png")
    mark = {"image": "watermarks/logo.png", "corner": "bottomLeft", "widthPercent": 25}
    profile = {"watermark": mark, "download": True}
    s3.put_object(Bucket=bucket, Key="profiles/branded.json", Body=json.dumps(profile).encode())
    video = ready(anna, anna.upload(gray, profile="branded")["id"])
    hls = video["playback"]["hlsUrl"]
    shown = [urljoin(hls, rendition.name) for rendition in play.play_hls(hls) if rendition.track.kind == "video"]
    assert len(shown) == 2
    for url in (*shown, video["playback"]["fileUrl"]):
        picture = pictures.frame(url, 10)
        assert pictures.looks(picture.at(0.15, 0.88), (255, 0, 0)), url
        for across, down in ((0.01, 0.99), (0.3, 0.88), (0.15, 0.6), (0.85, 0.88), (0.15, 0.12)):
            assert pictures.looks(picture.at(across, down), (128, 128, 128), 20), (url, across, down)
    assert not any(cost["professional"] for cost in video["cost"]["perRendition"]), "the basic tier has overlays"

    s3.delete_object(Bucket=bucket, Key="watermarks/logo.png")
    anna.expect(202, "POST", f"/api/videos/{video['id']}/reprocess")
    failed = ended(anna, video["id"])
    assert (failed["status"], failed["failure"]["code"]) == ("FAILED", "INVALID_PROFILE")
    assert failed["playback"]["revision"] == video["revision"], "what there was still plays"
    assert len(jobs_of(deployment, video["id"])) == 1


def test_renditions_that_come_out_alike_are_left_out_the_next_time(
    deployment: Deployment, anna: Api, tmp_path: Path
) -> None:
    still = tmp_path / "still.mp4"
    picture = ["-f", "lavfi", "-i", "color=gray:s=854x480:r=25", "-t", "4"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, *clips.H264, still], check=True)
    profile = {"video": {"perTitle": True}}
    bucket = deployment.description["configurationBucket"]
    deployment.client("s3").put_object(Bucket=bucket, Key="profiles/thrifty.json", Body=json.dumps(profile).encode())
    video = ready(anna, anna.upload(still, profile="thrifty")["id"])
    renditions = [[rendition["name"] for rendition in video["playback"]["renditions"]]]
    for _ in range(2):
        anna.expect(202, "POST", f"/api/videos/{video['id']}/reprocess")
        again = ready(anna, video["id"])
        renditions.append([rendition["name"] for rendition in again["playback"]["renditions"]])
    assert renditions == [["480p", "360p"], ["480p"], ["480p"]]
    assert again["cost"]["note"] == "without 360p: it came out alike"
    assert again["cost"]["actual"] < video["cost"]["actual"]
