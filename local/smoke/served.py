"""What a viewer gets: manifests, and everything that they name, fetched from the site."""

import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

SECONDS = 60

Color = tuple[int, int, int]


class Unexpected(Exception):
    """Something was seen that wasn't expected; says what."""


@dataclass(frozen=True)
class Hls:
    """A multivariant playlist of which every segment was fetched."""

    variants: tuple[Mapping[str, str], ...]
    """Attributes of each variant."""
    media: tuple[Mapping[str, str], ...]
    """Attributes of each rendition of sound and captions."""
    words: Mapping[str, str]
    """All that the captions of a language say."""
    urls: tuple[str, ...]
    """The variants' own playlists."""

    def sounds(self) -> list[Mapping[str, str]]:
        """Renditions of sound."""
        return [item for item in self.media if item["TYPE"] == "AUDIO"]


def fetch(url: str) -> bytes:
    """The body of what is under an address."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise Unexpected(f"{_name(url)} answers {error.code}") from error
    except (urllib.error.URLError, OSError) as error:
        raise Unexpected(f"{_name(url)} doesn't answer: {error}") from error


def hls(url: str, seconds: float) -> Hls:
    """Reads a playlist and all below it; each of its tracks has to be about this long."""
    lines = fetch(url).decode().splitlines()
    variants, media, urls, words = [], [], [], {}
    for position, line in enumerate(lines):
        if line.startswith("#EXT-X-STREAM-INF:"):
            variants.append(_attributes(line))
            urls.append(urljoin(url, lines[position + 1]))
            _track(urls[-1], seconds)
        elif line.startswith("#EXT-X-MEDIA:"):
            media.append(attributes := _attributes(line))
            if "URI" in attributes:
                said = _track(urljoin(url, attributes["URI"]), seconds)
                if attributes["TYPE"] == "SUBTITLES":
                    words[attributes.get("LANGUAGE", "")] = said.decode(errors="replace")
    if not variants:
        raise Unexpected("the HLS playlist has no variant")
    return Hls(tuple(variants), tuple(media), words, tuple(urls))


def color(url: str, across: float, down: float) -> Color:
    """The color of a first picture at a place: 0 is left or top, 1 is right or bottom."""
    place = f"crop=iw/20:ih/20:(iw-iw/20)*{across}:(ih-ih/20)*{down},scale=1:1:flags=area,format=rgb24"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", url, "-map", "0:v:0", "-frames:v", "1", "-vf", place]
    made = subprocess.run([*command, "-f", "rawvideo", "-"], check=False, capture_output=True)
    if len(made.stdout) != 3:
        raise Unexpected(f"{_name(url)} has no picture: {made.stderr.decode(errors='replace').strip()}")
    red, green, blue = made.stdout
    return red, green, blue


def _track(url: str, seconds: float) -> bytes:
    lines = fetch(url).decode().splitlines()
    if "#EXT-X-ENDLIST" not in lines:
        raise Unexpected(f"{_name(url)} doesn't end")
    lasts = sum(float(line.partition(":")[2].split(",")[0]) for line in lines if line.startswith("#EXTINF:"))
    if abs(lasts - seconds) > 1:
        raise Unexpected(f"{_name(url)} lasts {lasts:.1f} s of {seconds:.1f} s")
    files = [_attributes(line)["URI"] for line in lines if line.startswith("#EXT-X-MAP:")]
    files += [line for line in lines if line and not line.startswith("#")]
    return b"".join(fetch(urljoin(url, file)) for file in dict.fromkeys(files))


def _attributes(line: str) -> dict[str, str]:
    found = re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', line.partition(":")[2])
    return {name: value.strip('"') for name, value in found}


def _name(url: str) -> str:
    """An address without what only this stack knows."""
    return url.rpartition("/")[2]
