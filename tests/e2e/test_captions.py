"""Captions that lie beside a source, and those that it has in itself."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from support import clips
from support.deployment import Deployment
from support.jobs import jobs_of
from support.records import Records
from support.uploads import upload

ENGLISH = """1
00:00:00,200 --> 00:00:00,900
Hello & <i>welcome</i>.
"""
GERMAN = "WEBVTT\n\n00:00.200 --> 00:00.900\nGrüß Gott.\n"


def text(url: str) -> str:
    with urlopen(url) as answer:
        return answer.read().decode()


def test_they_become_tracks_of_hls_and_dash_and_no_videos(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    captions = {"en.srt": ENGLISH, "de.vtt": GERMAN, "fr.vtt": "This is no WebVTT."}
    for name, content in captions.items():
        (tmp_path / name).write_text(content)
        upload(deployment, tmp_path / name, f"{prefix}/with captions.{name}")
    clips.brief(tmp_path / "clip.mp4")
    key = f"{prefix}/with captions.mp4"
    record = records.wait_for_end(key, upload(deployment, tmp_path / "clip.mp4", key))
    assert record["status"] == "READY"
    assert len(jobs_of(deployment, record["id"])) == 1

    hls = f"{deployment.media_base_url}/{record['playback']['hls']}"
    tracks = [line for line in text(hls).splitlines() if "TYPE=SUBTITLES" in line]
    by_language = {re.search('LANGUAGE="([^"]+)"', line)[1]: re.search('URI="([^"]+)"', line)[1] for line in tracks}
    assert sorted(by_language) == ["de", "en"], "one that can't be read is left out"
    for language, said in (("en", "Hello &amp; <i>welcome</i>."), ("de", "Grüß Gott.")):
        playlist = urljoin(hls, by_language[language])
        segments = [line for line in text(playlist).splitlines() if line and not line.startswith("#")]
        assert any(said in text(urljoin(playlist, segment)) for segment in segments), language

    dash = text(f"{deployment.media_base_url}/{record['playback']['dash']}")
    assert sorted(re.findall('<AdaptationSet[^>]*contentType="text"[^>]*lang="([^"]+)"', dash)) == ["de", "en"]
    listed = deployment.table.scan(ProjectionExpression="#source", ExpressionAttributeNames={"#source": "source"})
    keys = [item["source"]["key"] for item in listed["Items"] if "source" in item]
    assert not [key for key in keys if key.endswith((".srt", ".vtt"))]


@pytest.mark.parametrize(
    "make, ending, language, said",
    [
        (clips.captioned, "mp4", None, "Hi there"),
        (clips.captioned_in_708, "mp4", None, "Hello"),
        (clips.captioned_beside, "mov", "fra", "Fish"),
    ],
    ids=["in the picture", "in the picture as 708", "beside it"],
)
def test_captions_of_the_source_itself_become_a_track(
    deployment: Deployment,
    prefix: str,
    records: Records,
    tmp_path: Path,
    make: Callable[[Path], None],
    ending: str,
    language: str | None,
    said: str,
) -> None:
    make(tmp_path / f"clip.{ending}")
    key = f"{prefix}/captioned.{ending}"
    record = records.wait_for_end(key, upload(deployment, tmp_path / f"clip.{ending}", key))
    assert record["status"] == "READY"
    hls = f"{deployment.media_base_url}/{record['playback']['hls']}"
    (track,) = [line for line in text(hls).splitlines() if "TYPE=SUBTITLES" in line]
    found = re.search('LANGUAGE="([^"]+)"', track)
    assert (found[1] if found else None) == language
    playlist = urljoin(hls, re.search('URI="([^"]+)"', track)[1])
    segments = [line for line in text(playlist).splitlines() if line and not line.startswith("#")]
    assert said in text(urljoin(playlist, segments[0]))
    dash = text(f"{deployment.media_base_url}/{record['playback']['dash']}")
    assert dash.count('contentType="text"') == 1


def test_a_source_without_captions_gets_no_track(
    deployment: Deployment, prefix: str, records: Records, tmp_path: Path
) -> None:
    clips.brief(tmp_path / "clip.mp4")
    key = f"{prefix}/plain.mp4"
    record = records.wait_for_end(key, upload(deployment, tmp_path / "clip.mp4", key))
    assert "SUBTITLES" not in text(f"{deployment.media_base_url}/{record['playback']['hls']}")
