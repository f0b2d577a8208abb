"""Sends one video through the whole pipeline, shows how it gets on, and plays what comes out."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local import play
from local.api import Api
from local.errors import LocalError
from local.stack import Stack
from local.steps import note_time, print_times, timed

STALL_SECONDS = 300
"""How long a video may stay as it is before the demo gives up."""

CLIP_SECONDS = 5


def run(stack: Stack, video: Path | None) -> None:
    """The demo; raises with the reason when anything does not end as it should."""
    source = video or _make_clip(stack.directory / "work" / "demo.mp4")
    if not source.is_file():
        raise LocalError(f"{source} is not a file; give the path of a video: make demo VIDEO=path")
    print("Starting the local stack …", flush=True)
    with timed("start and deploy"):
        description = stack.up()
    token = description["token"]
    api = Api.signed_in(description["siteUrl"], token["username"], token["password"])
    began = time.monotonic()
    size_bytes = source.stat().st_size
    print(f"Uploading {source.name} ({size_bytes / 1e6:.1f} MB) as {token['username']}", flush=True)
    video_id = api.upload(source)["id"]
    video = _follow(api, video_id)
    took = time.monotonic() - began
    note_time("upload to ready", took)
    if video["status"] != "READY":
        failure = video.get("failure", {})
        sentence = failure.get("sentence", "The record does not say why.")
        raise LocalError(f"{source.name} ended as {video['status']} ({failure.get('code', 'no code')}): {sentence}")
    playback = video["playback"]
    print()
    _print_renditions(playback["renditions"])
    print()
    urls = {name: playback[f"{name}Url"] for name in ("hls", "dash", "poster") if f"{name}Url" in playback}
    for name, url in urls.items():
        print(f"{name.upper() if name != 'poster' else 'Poster':<8}{url}")
    print()
    with timed("play"):
        _play(urls, source, playback["renditions"])
    print_times()
    print()
    print(f"From upload to ready {took:.1f} s. The stack stays up: {description['siteUrl']}/, make logs, make down.")
    print(f"Sign in there as {token['username']} with {token['password']}.")


def _make_clip(path: Path) -> Path:
    """A moving test picture with a running clock and a tone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"new-{path.name}")
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30"]
        command += ["-f", "lavfi", "-i", "sine=frequency=440:beep_factor=4:sample_rate=48000", "-t", str(CLIP_SECONDS)]
        command += ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"]
        command += ["-movflags", "+faststart", str(unfinished)]
        subprocess.run(command, check=True)
        unfinished.rename(path)
    return path


def _follow(api: Api, video_id: str) -> Mapping[str, Any]:
    """Shows the video's progress until it has reached its end."""
    began = changed = time.monotonic()
    before = None
    line = _Line()
    while True:
        video = api.video(video_id)
        seen = (video["status"], video.get("progressPercent"), video["updatedAt"])
        now = time.monotonic()
        if seen != before:
            before, changed = seen, now
        elif now - changed > STALL_SECONDS:
            line.end()
            raise LocalError(
                f"Nothing happened for {STALL_SECONDS} s, the video is still {video['status']}; look at: make logs"
            )
        percent = video.get("progressPercent")
        line.show(f"{video['status']}{'' if percent is None else f' {percent:.0f} %'}", now - began)
        if video["status"] in ("READY", "FAILED", "CANCELED"):
            line.end()
            return video
        time.sleep(0.05)


class _Line:
    """One line that is written over and over on a terminal, and only when it says something new elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._said = ""

    def show(self, text: str, seconds: float) -> None:
        if self._terminal:
            print(f"\r\033[K{text} · {seconds:.0f} s", end="", flush=True)
        elif text != self._said:
            print(f"{text} · {seconds:.1f} s", flush=True)
        self._said = text

    def end(self) -> None:
        if self._terminal:
            print()


def _print_renditions(renditions: Sequence[Mapping[str, Any]]) -> None:
    rows = [("Rendition", "Size", "Codec", "Average", "Maximum", "Quality")]
    for rendition in renditions:
        size = f"{rendition['width']}×{rendition['height']}" if rendition.get("width") else ""
        quality = rendition.get("qvbrQuality")
        rows.append(
            (
                rendition["name"],
                size,
                rendition["codec"],
                _bit_rate(rendition.get("averageBitrate")),
                _bit_rate(rendition.get("maxBitrate")),
                "" if quality is None else f"{quality:.1f}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        left = (cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True))
        right = (cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True))
        print("  ".join([*left, *right]).rstrip())


def _bit_rate(bits: int | None) -> str:
    return "" if bits is None else f"{bits / 1000:,.0f} kb/s"


def _play(urls: Mapping[str, str], source: Path, renditions: Sequence[Mapping[str, Any]]) -> None:
    """Plays both manifests in full and holds them against the source and the record."""
    print("Playing every rendition to the end …", flush=True)
    for name in ("hls", "dash"):
        if name not in urls:
            raise LocalError(f"The record names no {name.upper()} manifest.")
    with ThreadPoolExecutor() as players:
        original = players.submit(play.source_tracks, source)
        playing = {
            "hls": players.submit(play.play_hls, urls["hls"]),
            "dash": players.submit(play.play_dash, urls["dash"]),
        }
        poster = players.submit(play.picture_size, urls["poster"]) if "poster" in urls else None
    for name, player in playing.items():
        played = player.result()
        for rendition in played:
            play.compare(rendition, original.result())
        if len(played) != len(renditions):
            raise LocalError(
                f"The {name.upper()} manifest offers {len(played)} renditions, the record {len(renditions)}."
            )
        tracks = ", ".join(_summary(rendition.track) for rendition in played)
        print(f"{name.upper():<8}plays: {tracks}", flush=True)
    if poster:
        width, height = poster.result()
        print(f"Poster  shows: {width}×{height}")


def _summary(track: play.Track) -> str:
    if track.size is None:
        return f"sound {track.seconds:.2f} s"
    width, height = track.size
    return f"{width}×{height} {track.frames} frames {track.seconds:.2f} s"
