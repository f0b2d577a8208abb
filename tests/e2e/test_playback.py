"""Each input becomes a video that plays: all of its files, from the first frame to the last."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support import manifests, pictures, sound
from support.deployment import Deployment
from support.inputs import FLASH, INPUTS, NTSC, Input
from support.library import Library, Video
from support.pictures import looks
from support.records import Records
from support.web import fetch, media_url

from local import play

RED, BLUE, CYAN = (255, 0, 0), (0, 0, 255), (0, 255, 255)
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".cmfv": "video/mp4",
    ".cmfa": "audio/mp4",
    ".jpg": "image/jpeg",
}


@pytest.fixture(params=INPUTS, ids=[item.name for item in INPUTS])
def video(request: pytest.FixtureRequest, library: Library, records: Records) -> Video:
    """One of the inputs, READY."""
    item: Input = request.param
    return library.ready(records, item)


@pytest.mark.parametrize("protocol", ["hls", "dash"])
def test_every_rendition_plays_to_the_end(deployment: Deployment, video: Video, protocol: str) -> None:
    player = play.play_hls if protocol == "hls" else play.play_dash
    played = player(media_url(deployment, video.record["playback"][protocol]))
    source = play.source_tracks(video.source)
    for rendition in played:
        play.compare(rendition, source)
    assert [rendition.track.size for rendition in played if rendition.track.kind == "video"] == list(video.input.sizes)
    assert sum(rendition.track.kind == "audio" for rendition in played) == bool(video.input.channels)


def test_the_record_describes_what_plays(video: Video) -> None:
    record, playback = video.record, video.record["playback"]
    folder = f"{record['id']}/{record['revision']}"
    assert (playback["hls"], playback["dash"]) == (f"{folder}/video.m3u8", f"{folder}/video.mpd")
    assert playback["revision"] == record["revision"]
    assert float(playback["durationMs"]) == pytest.approx(video.input.seconds * 1000, abs=50)
    assert record["source"]["sizeBytes"] == video.source.stat().st_size
    assert record["title"] == Path(video.input.file).stem
    assert not {"failure", "progressPercent"} & record.keys()
    shown, heard = _split(playback["renditions"])
    assert [(rendition["width"], rendition["height"]) for rendition in shown] == list(video.input.sizes)
    assert [rendition["name"] for rendition in shown] == [f"{min(size)}p" for size in video.input.sizes]
    for rendition in shown:
        assert rendition["codec"] == "H_264"
        # The bound is one of a buffer: it holds two seconds, which a short video may use up at once.
        assert 0 < rendition["averageBitrate"] <= float(rendition["maxBitrate"]) * (1 + 2 / video.input.seconds)
        assert 1 <= rendition["qvbrQuality"] <= 10
    assert [rendition["channels"] for rendition in heard] == [video.input.channels] * bool(video.input.channels)


def test_the_picture_is_that_of_the_source(deployment: Deployment, video: Video) -> None:
    for playlist in _playlists(deployment, video, "video"):
        for number in (0, 30):
            size = tuple(side // 8 for side in video.input.sizes[0])
            original = pictures.frame(str(video.source), number, size)
            shown = pictures.frame(playlist.url, number, size)
            before = pictures.difference(shown, original)
            assert before < 6, f"frame {number} of {playlist.url} is another picture"


def test_the_picture_stands_upright(deployment: Deployment, video: Video) -> None:
    if not video.input.has_patches:
        pytest.skip("its corners tell nothing")
    shown = [pictures.frame(playlist.url, 0) for playlist in _playlists(deployment, video, "video")]
    shown += [pictures.frame(url, 0) for url in _stills(deployment, video)]
    for picture in shown:
        corners = picture.at(0.1, 0.1), picture.at(0.9, 0.1), picture.at(0.95, 0.95)
        assert looks(corners[0], RED) and looks(corners[1], BLUE) and looks(corners[2], CYAN), corners


def test_every_channel_is_heard(deployment: Deployment, video: Video) -> None:
    playlists = _playlists(deployment, video, "audio")
    assert len(playlists) == bool(video.input.channels)
    for playlist in playlists:
        heard = sound.channels(playlist.url)
        assert len(heard) == video.input.channels
        assert all(channel.loudness > -50 for channel in heard)
        if video.input.has_tones:
            left, right = heard
            assert left.pitch == pytest.approx(440, rel=0.02)
            assert right.pitch == pytest.approx(1320, rel=0.02)


@pytest.mark.parametrize("protocol", ["hls", "dash"])
def test_a_flash_is_seen_when_its_beep_is_heard(
    deployment: Deployment, library: Library, records: Records, protocol: str
) -> None:
    video = library.ready(records, FLASH)
    url = media_url(deployment, video.record["playback"][protocol])
    (seen,) = pictures.flashes(url)
    (channel,) = sound.channels(url)
    assert seen == pytest.approx(1, abs=0.021)
    assert channel.first_loud_second() == pytest.approx(seen, abs=0.021)


def test_segments_of_all_renditions_begin_together_with_a_keyframe(
    deployment: Deployment, library: Library, records: Records, tmp_path: Path
) -> None:
    video = library.ready(records, NTSC)
    begins: list[list[float]] = []
    for playlist in _playlists(deployment, video, "video"):
        found = [manifests.packets(playlist, segment, tmp_path) for segment in playlist.segments]
        assert [len(packets) for packets in found] == [180, 180, 60]
        assert all(packets[0].is_key for packets in found)
        # A group of pictures lasts two seconds, whatever the segment.
        assert {index % 60 for packets in found for index, packet in enumerate(packets) if packet.is_key} == {0}
        begins.append([packets[0].seconds for packets in found])
        announced = [segment.seconds for segment in playlist.segments]
        assert announced == pytest.approx([180 * 1.001 / 30, 180 * 1.001 / 30, 60 * 1.001 / 30], abs=0.001)
    assert len(begins) == 2
    assert begins[0] == begins[1]
    starts = manifests.dash_starts(media_url(deployment, video.record["playback"]["dash"]))
    assert [list(map(float, times)) for times in starts.values()] == [pytest.approx([0, 6.006, 12.012], abs=0.001)] * 2
    (heard,) = _playlists(deployment, video, "audio")
    assert [segment.seconds for segment in heard.segments] == pytest.approx([6.006, 6.006, 2.0], abs=0.05)


def test_every_file_is_named_somewhere_and_tells_its_type(deployment: Deployment, video: Video) -> None:
    playback = video.record["playback"]
    hls, dash = (media_url(deployment, playback[name]) for name in ("hls", "dash"))
    segments = {
        url
        for playlist in manifests.playlists(hls)
        for url in (playlist.init, *(segment.url for segment in playlist.segments))
    }
    assert manifests.dash_files(dash) == segments
    named = segments | {hls, dash} | {playlist.url for playlist in manifests.playlists(hls)}
    named |= set(_stills(deployment, video))
    if playback["poster"].endswith(".0000001.jpg"):  # the capture before it, which can't be left out
        named.add(media_url(deployment, playback["poster"].replace(".0000001.jpg", ".0000000.jpg")))
    assert named == {media_url(deployment, key) for key in _keys(deployment, video)}
    for url in named:
        answer = fetch(url, "HEAD")
        assert (answer.status, answer.headers["Content-Type"]) == (200, TYPES[Path(url).suffix]), url


def test_poster_and_thumbnails_show_something(deployment: Deployment, video: Video) -> None:
    thumbnails = video.record["playback"]["thumbnails"]
    interval = int(thumbnails["intervalSeconds"])
    assert thumbnails["count"] == math.ceil(video.input.seconds / interval)
    assert (thumbnails["width"], thumbnails["height"]) == video.input.thumbnail
    poster, *others = _stills(deployment, video)
    for url, size in [(poster, video.input.poster), *((url, video.input.thumbnail) for url in others)]:
        body = fetch(url).body
        assert (body[:3], body[-2:]) == (b"\xff\xd8\xff", b"\xff\xd9"), f"{url} is no JPEG"
        picture = pictures.frame(url, 0)
        assert (picture.width, picture.height) == size
        assert picture.spread() > 60, f"{url} shows nothing"


def test_thumbnails_are_of_their_moments(deployment: Deployment, library: Library, records: Records) -> None:
    video = library.ready(records, NTSC)
    size = (80, 45)
    _, *thumbnails = _stills(deployment, video)
    interval = int(video.record["playback"]["thumbnails"]["intervalSeconds"])
    for number, url in enumerate(thumbnails):
        original = pictures.frame(str(video.source), math.ceil(number * interval * 30 / 1.001), size)
        assert pictures.difference(pictures.frame(url, 0, size), original) < 6, url


def test_sheets_show_the_stills_where_the_index_says(
    deployment: Deployment, library: Library, records: Records
) -> None:
    video = library.ready(records, NTSC)
    folder = f"/api/public/videos/{video.record['id']}/{video.record['revision']}"
    index = fetch(f"{deployment.description['siteUrl']}{folder}/storyboard.vtt").body.decode()
    cues = re.findall(r"^(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$", index, re.MULTILINE)
    _, *thumbnails = _stills(deployment, video)
    sheets = {url: pictures.frame(url, 0) for url, *_ in cues}
    for (url, *place), still in zip(cues, thumbnails, strict=True):
        left, top, width, height = map(int, place)
        shown = sheets[url].part(left, top, width, height)
        assert pictures.difference(shown, pictures.frame(still, 0)) < 6, still


def _split(renditions: list[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    shown = [rendition for rendition in renditions if rendition["kind"] == "VIDEO"]
    return shown, [rendition for rendition in renditions if rendition["kind"] == "AUDIO"]


def _playlists(deployment: Deployment, video: Video, kind: str) -> list[manifests.Playlist]:
    found = manifests.playlists(media_url(deployment, video.record["playback"]["hls"]))
    return [playlist for playlist in found if playlist.kind == kind]


def _stills(deployment: Deployment, video: Video) -> list[str]:
    """The poster, then the thumbnails."""
    playback = video.record["playback"]
    first, count = playback["thumbnails"]["first"], int(playback["thumbnails"]["count"])
    numbered = [first.replace(".0000000.", f".{number:07}.") for number in range(count)]
    return [media_url(deployment, key) for key in (playback["poster"], *numbered)]


def _keys(deployment: Deployment, video: Video) -> set[str]:
    folder = f"{video.record['id']}/{video.record['revision']}/"
    pages = deployment.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=deployment.converted_bucket, Prefix=folder)
    return {found["Key"] for page in listed for found in page.get("Contents", [])}
