"""What the manifests of a video name, and what the files behind the names hold."""

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import urljoin

from support.web import fetch

MPD = "{urn:mpeg:dash:schema:mpd:2011}"


@dataclass(frozen=True)
class Segment:
    """A segment, as its playlist announces it."""

    url: str
    seconds: float


@dataclass(frozen=True)
class Playlist:
    """The playlist of one rendition."""

    url: str
    kind: str
    """`video` or `audio`."""
    init: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Packet:
    """A picture as a file holds it: when it is decoded, and whether it can be decoded without others."""

    seconds: float
    is_key: bool


def playlists(multivariant: str) -> list[Playlist]:
    """The playlists of all renditions."""
    lines = _lines(multivariant)
    found = [
        (urljoin(multivariant, following), "video")
        for line, following in zip(lines, lines[1:], strict=False)
        if line.startswith("#EXT-X-STREAM-INF:")
    ]
    found += [
        (urljoin(multivariant, uri), "audio")
        for line in lines
        if line.startswith("#EXT-X-MEDIA:")
        for uri in re.findall(r'URI="([^"]+)"', line)
    ]
    return [_playlist(url, kind) for url, kind in dict.fromkeys(found)]


def _playlist(url: str, kind: str) -> Playlist:
    lines = _lines(url)
    (init,) = re.findall(r'^#EXT-X-MAP:URI="([^"]+)"', "\n".join(lines), re.MULTILINE)
    durations = [float(line.removeprefix("#EXTINF:").split(",")[0]) for line in lines if line.startswith("#EXTINF:")]
    names = [line for line in lines if line and not line.startswith("#")]
    assert lines[-1] == "#EXT-X-ENDLIST", f"{url} has no end"
    segments = tuple(Segment(urljoin(url, name), seconds) for name, seconds in zip(names, durations, strict=True))
    return Playlist(url, kind, urljoin(url, init), segments)


def dash_files(manifest: str) -> set[str]:
    """The addresses of all files that a DASH manifest names."""
    files = set()
    for template in _mpd(manifest).iter(f"{MPD}SegmentTemplate"):
        files.add(urljoin(manifest, template.attrib["initialization"]))
        first = int(template.attrib["startNumber"])
        for number in range(first, first + len(_timeline(template))):
            name = re.sub(r"\$Number%0(\d+)d\$", lambda width: f"{number:0{width[1]}}", template.attrib["media"])  # noqa: B023
            files.add(urljoin(manifest, name))
    return files


def dash_starts(manifest: str) -> dict[str, list[Fraction]]:
    """When the segments of each video representation begin, seconds."""
    starts = {}
    for pictures in _mpd(manifest).iter(f"{MPD}AdaptationSet"):
        if pictures.attrib["contentType"] != "video":
            continue
        for representation in pictures.iter(f"{MPD}Representation"):
            (template,) = representation.iter(f"{MPD}SegmentTemplate")
            scale = int(template.attrib["timescale"])
            starts[representation.attrib["id"]] = [Fraction(start, scale) for start in _timeline(template)]
    return starts


def packets(playlist: Playlist, segment: Segment, folder: Path) -> list[Packet]:
    """The pictures of one segment, in the order of the file."""
    alone = folder / "segment.mp4"
    alone.write_bytes(fetch(playlist.init).body + fetch(segment.url).body)
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=dts_time,flags"]
    found = json.loads(subprocess.run([*command, "-of", "json", alone], check=True, capture_output=True).stdout)
    return [Packet(float(packet["dts_time"]), "K" in packet["flags"]) for packet in found["packets"]]


def _lines(url: str) -> list[str]:
    answer = fetch(url)
    assert answer.status == 200, f"{url}: {answer.status}"
    lines = answer.body.decode().splitlines()
    assert lines[0] == "#EXTM3U", f"{url} is no playlist"
    return lines


def _mpd(url: str) -> ElementTree.Element:
    answer = fetch(url)
    assert answer.status == 200, f"{url}: {answer.status}"
    return ElementTree.fromstring(answer.body)


def _timeline(template: ElementTree.Element) -> list[int]:
    starts: list[int] = []
    next_start = 0
    for run in template.iter(f"{MPD}S"):
        next_start = int(run.get("t", next_start))
        for _ in range(int(run.get("r", 0)) + 1):
            starts.append(next_start)
            next_start += int(run.attrib["d"])
    return starts
