"""Really plays a video: fetches every rendition that a manifest offers and decodes it to the end.

ffmpeg is the player. What it decoded is counted frame by frame and compared with the source, since a player that skips
a missing segment ends without an error and too early.
"""

import json
import os
import re
import subprocess
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import urljoin

from local.errors import LocalError

DECODE_SECONDS = 1800
# Sound is cut into packets of 1024 samples and begins with some that only prime the decoder.
AUDIO_TOLERANCE_SECONDS = 0.15
VIDEO_TOLERANCE_FRAMES = 2


class PlaybackError(LocalError):
    """A rendition that does not play as it should."""


@dataclass(frozen=True)
class Track:
    """A decoded video or audio track."""

    kind: str
    """`video` or `audio`."""
    seconds: float
    """From the start of the first frame to the end of the last."""
    frames: int
    """Pictures, or packets of sound."""
    frame_rate: Fraction | None
    """Pictures a second; none for sound."""
    size: tuple[int, int] | None
    """Width and height as stored, in pixels; none for sound."""


@dataclass(frozen=True)
class Rendition:
    """One rendition of a manifest, played."""

    name: str
    track: Track


def play_hls(url: str) -> list[Rendition]:
    """Plays every variant and every audio rendition of a multivariant playlist."""
    lines = _fetch(url).decode().splitlines()
    if not lines or lines[0] != "#EXTM3U":
        raise PlaybackError(f"{url} is not an HLS playlist.")
    wanted = []
    for position, line in enumerate(lines):
        if line.startswith("#EXT-X-STREAM-INF:"):
            wanted.append(("video", next(uri for uri in lines[position + 1 :] if uri and not uri.startswith("#"))))
        elif line.startswith("#EXT-X-MEDIA:") and "TYPE=AUDIO" in line and (uri := re.search(r'URI="([^"]+)"', line)):
            wanted.append(("audio", uri[1]))
    if not wanted:
        raise PlaybackError(f"{url} offers nothing to play.")
    wanted = list(dict.fromkeys(wanted))  # each audio group may have its own variant of the same video
    return _at_once(
        [lambda kind=kind, uri=uri: Rendition(uri, _decode(urljoin(url, uri), f"{kind[0]}:0")) for kind, uri in wanted]
    )


def play_dash(url: str) -> list[Rendition]:
    """Plays every representation of a DASH manifest."""
    manifest = ElementTree.fromstring(_fetch(url))
    names = [element.get("id", "") for element in manifest.iter("{urn:mpeg:dash:schema:mpd:2011}Representation")]
    streams = _streams(url)
    if not names or len(streams) != len(names):
        raise PlaybackError(f"{url} names {len(names)} representations, of which {len(streams)} can be opened.")
    return _at_once(
        [
            lambda stream=stream, name=name: Rendition(stream["id"] or name, _decode(url, str(stream["index"]), stream))
            for stream, name in zip(streams, names, strict=True)
        ]
    )


def picture_size(url: str) -> tuple[int, int]:
    """Fetches a picture, decodes it, and returns its width and height."""
    return _decode(url, "v:0").size


def source_tracks(path: Path) -> list[Track]:
    """The first video and the first audio track of a file, decoded, to compare with."""
    first = {stream["kind"]: stream for stream in reversed(_streams(str(path)))}
    return [_decode(str(path), f"{kind[0]}:0", first[kind]) for kind in ("video", "audio") if kind in first]


def compare(rendition: Rendition, source: Sequence[Track]) -> None:
    """Raises when a rendition is shorter or longer than its source, or lacks frames."""
    track = rendition.track
    original = next((candidate for candidate in source if candidate.kind == track.kind), None)
    if original is None:
        raise PlaybackError(f"{rendition.name} has {track.kind}, its source has none.")
    if track.kind == "audio":
        if abs(track.seconds - original.seconds) > AUDIO_TOLERANCE_SECONDS:
            raise PlaybackError(
                f"{rendition.name} sounds for {track.seconds:.2f} s, its source for {original.seconds:.2f} s."
            )
        return
    expected = original.seconds * float(track.frame_rate)
    if abs(track.frames - expected) > VIDEO_TOLERANCE_FRAMES:
        raise PlaybackError(f"{rendition.name} has {track.frames} frames of {expected:.0f}.")


def _decode(source: str, specifier: str, facts: dict | None = None) -> Track:
    """Decodes one stream, named as ffmpeg names streams, to its last frame; without its facts it asks for them."""
    facts = facts or next(iter(_streams(source, specifier)), None)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-err_detect", "explode", "-noautorotate", "-i", source]
    command += ["-map", f"0:{specifier}", "-fps_mode", "passthrough", "-f", "framecrc", "-"]
    decoded = _run(command, source)
    # Each line: stream, decoding time, presentation time, duration, bytes, checksum.
    frames = [line.split(",") for line in decoded.splitlines() if line and not line.startswith("#")]
    time_base = re.search(r"^#tb 0: (\d+)/(\d+)$", decoded, re.MULTILINE)
    if facts is None or not frames or not time_base:
        raise PlaybackError(f"{source} holds no stream {specifier} that can be decoded.")
    first, last = frames[0], frames[-1]
    units = int(last[2]) + int(last[3]) - int(first[2])
    seconds = float(units * Fraction(int(time_base[1]), int(time_base[2])))
    is_video = facts["kind"] == "video"
    return Track(
        facts["kind"],
        seconds,
        len(frames),
        facts["frame_rate"] if is_video else None,
        facts["size"] if is_video else None,
    )


def _streams(source: str, specifier: str = "") -> list[dict]:
    """What ffprobe says of the video and audio streams, in their order."""
    command = ["ffprobe", "-v", "error", "-of", "json"]
    command += ["-show_entries", "stream=index,codec_type,width,height,avg_frame_rate,r_frame_rate:stream_tags=id"]
    command += ["-select_streams", specifier] if specifier else []
    return [
        {
            "index": stream["index"],
            "kind": stream["codec_type"],
            "id": stream.get("tags", {}).get("id"),
            "size": (stream.get("width"), stream.get("height")),
            "frame_rate": _rate(stream),
        }
        for stream in json.loads(_run([*command, source], source))["streams"]
        if stream["codec_type"] in ("video", "audio")
    ]


def _rate(stream: dict) -> Fraction | None:
    rates = (stream.get("avg_frame_rate", "0/0"), stream.get("r_frame_rate", "0/0"))
    return next((Fraction(rate) for rate in rates if not rate.startswith("0/") and not rate.endswith("/0")), None)


def _run(command: Sequence[str], source: str) -> str:
    """Standard output; anything on standard error is a failure, since both programs only warn of what they skip."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=DECODE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise PlaybackError(f"{source} was not decoded within {DECODE_SECONDS} s.") from None
    if ended.returncode != 0 or ended.stderr.strip():
        reason = (ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"])[0]
        raise PlaybackError(f"{source} does not play: {reason}")
    return ended.stdout


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read()
    except urllib.error.URLError as error:
        raise PlaybackError(f"{url} cannot be fetched: {error}") from None


def _at_once(tasks: Sequence[Callable[[], Rendition]]) -> list[Rendition]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [running.result() for running in [pool.submit(task) for task in tasks]]
