"""A job of each built-in profile runs, and what comes out is what went in: picture, shape, colours and sound."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from servers import CONVERTED, SOURCE, Servers
from service_model import as_botocore, create_job, mistakes_of_job

from local.paths import EXAMPLES

SECONDS = 3
SAME = 0.9
"""Structural similarity above which two pictures are the same one."""


@dataclass(frozen=True)
class Made:
    """What a job made of a source."""

    source: Path
    folder: Path

    def file(self, name: str) -> Path:
        """One of its files, without the base name."""
        return self.folder / f"video{name}"


Make = Callable[..., Made]


def ffmpeg(*arguments: str) -> str:
    """Runs it, and gives what it says."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def streams(path: Path) -> list[dict[str, Any]]:
    """What ffprobe finds."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["streams"]


def picture(path: Path) -> dict[str, Any]:
    """Its first picture."""
    return next(stream for stream in streams(path) if stream["codec_type"] == "video")


def size(path: Path) -> tuple[int, int]:
    """Width and height."""
    found = picture(path)
    return found["width"], found["height"]


def seconds(path: Path) -> float:
    """How long its picture is, frame by frame."""
    said = ffmpeg("-i", str(path), "-map", "0:v:0", "-vf", "showinfo", "-f", "null", "-")
    times = [float(time) for time in re.findall(r"pts_time:([\d.]+)", said)]
    rate = Fraction(picture(path)["avg_frame_rate"])
    return times[-1] - times[0] + float(1 / rate)


def combed(path: Path) -> float:
    """The part of its frames that look like two moments."""
    said = ffmpeg("-i", str(path), "-map", "0:v:0", "-vf", "idet", "-f", "null", "-")
    first, second, whole = (
        int(count) for count in re.findall(r"Multi.*TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)", said)[-1]
    )
    return (first + second) / max(first + second + whole, 1)


def similarity(shown: Path, source: Path, before: str = "null") -> float:
    """Structural similarity of a rendition to its source: 1 is the same."""
    width, height = size(shown)
    rate = picture(shown)["avg_frame_rate"]
    graph = f"[0:v]fps={rate},setpts=N[a];[1:v]{before},fps={rate},scale={width}:{height},setsar=1,setpts=N[b];"
    said = ffmpeg("-i", str(shown), "-i", str(source), "-lavfi", f"{graph}[a][b]ssim=shortest=1", "-f", "null", "-")
    found = re.search(r"All:([\d.]+)", said)
    assert found, said
    return float(found[1])


def colors(path: Path, places: list[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Red, green and blue of pixels of its first picture, as a player shows them that goes by its size."""
    width, _ = size(path)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-frames:v", "1", "-pix_fmt", "rgb24"]
    command += ["-vf", f"scale=in_color_matrix={'bt709' if width >= 1280 else 'bt601'}", "-f", "rawvideo", "-"]
    pixels = subprocess.run(command, check=True, capture_output=True).stdout
    return [tuple(pixels[(y * width + x) * 3 :][:3]) for x, y in places]


@pytest.fixture
def make(servers: Servers, tmp_path: Path, request: pytest.FixtureRequest) -> Make:
    """Makes a source with ffmpeg, and runs the job that a profile makes of it."""

    def made(profile: str, *source: str) -> Made:
        path = tmp_path / "source.mp4"
        ffmpeg(*source, "-t", str(SECONDS), str(path))
        key = f"{request.node.name}.mp4"
        s3, mediaconvert = servers.client("s3"), servers.client("mediaconvert")
        s3.upload_file(str(path), SOURCE, key)
        command = [EXAMPLES / "jobs", profile, path, SOURCE, key, CONVERTED]
        planned = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        job = mediaconvert.create_job(**as_botocore(json.loads(planned), create_job()))["Job"]
        assert mistakes_of_job(job) == []
        end = time.monotonic() + 300
        while (found := mediaconvert.get_job(Id=job["Id"])["Job"])["Status"] not in ("COMPLETE", "ERROR"):
            assert time.monotonic() < end, found
            time.sleep(0.2)
        assert found["Status"] == "COMPLETE", found.get("ErrorMessage")
        for item in s3.list_objects_v2(Bucket=CONVERTED, Prefix=_folder(found))["Contents"]:
            s3.download_file(CONVERTED, item["Key"], str(tmp_path / Path(item["Key"]).name))
        return Made(path, tmp_path)

    return made


def _folder(job: dict[str, Any]) -> str:
    metadata = job["UserMetadata"]
    return f"{metadata['id']}/{metadata['revision']}/"


def test_standard_keeps_an_upright_picture_upright_and_halves_its_frame_rate(make: Make) -> None:
    made = make("standard", "-f", "lavfi", "-i", "testsrc2=s=480x854:r=60", "-pix_fmt", "yuv420p")
    for name, expected in {"_480p.m3u8": (480, 854), "_360p.m3u8": (360, 640)}.items():
        assert size(made.file(name)) == expected
        assert picture(made.file(name))["avg_frame_rate"] == "30/1"
        assert similarity(made.file(name), made.source) > SAME
    assert made.file("_poster.0000000.jpg").exists()
    assert "_audio" not in made.file(".m3u8").read_text(), "a silent source has no sound"


def test_efficient_keeps_languages_surround_and_frame_rate(make: Make) -> None:
    surround = "sine=440:d=3,aformat=channel_layouts=mono,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0"
    source = ["-f", "lavfi", "-i", "testsrc2=s=1536x864:r=60", "-f", "lavfi", "-i", surround]
    source += ["-f", "lavfi", "-i", "sine=880", "-map", "0", "-map", "1", "-map", "2", "-pix_fmt", "yuv420p"]
    made = make("efficient", *source, "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger")
    large, small = made.file("_864p.m3u8"), made.file("_480p.m3u8")
    assert (picture(large)["codec_name"], picture(small)["codec_name"]) == ("hevc", "h264")
    assert picture(large)["avg_frame_rate"] == "60/1"
    assert similarity(large, made.source) > SAME
    channels = {
        name: streams(made.file(f"_audio_{name}.m3u8"))[0]["channels"] for name in ("eng", "eng_surround", "ger")
    }
    assert channels == {"eng": 2, "eng_surround": 6, "ger": 1}
    playlist = made.file(".m3u8").read_text()
    offered = re.findall(r"#EXT-X-MEDIA:TYPE=AUDIO.*", playlist)
    assert [re.search(r'NAME="([^"]*)"', line)[1] for line in offered] == ["English", "English surround", "German"]
    assert ["DEFAULT=YES" in line for line in offered] == [True, True, False]


def test_a_variable_frame_rate_becomes_a_constant_one_of_the_same_length(make: Make) -> None:
    # Three frames of ten are missing, as of a telephone in the dark: 21 a second, which the service rounds up to 24.
    uneven = "testsrc2=s=640x360:r=30,select=not(between(mod(n\\,10)\\,3\\,5))"
    made = make("standard", "-f", "lavfi", "-i", uneven, "-fps_mode", "vfr", "-pix_fmt", "yuv420p")
    source = picture(made.source)
    assert source["r_frame_rate"] != source["avg_frame_rate"], "it is variable"
    shown = made.file("_360p.m3u8")
    assert picture(shown)["avg_frame_rate"] == "24/1"
    assert seconds(shown) == pytest.approx(seconds(made.source), abs=0.1)
    assert similarity(shown, made.source) > SAME


def test_an_interlaced_picture_has_no_combs(make: Make, tmp_path: Path) -> None:
    moving = ["-f", "lavfi", "-i", "testsrc2=s=720x576:r=50,setsar=16/15"]
    fields = ["-vf", "tinterlace=interleave_top,fieldorder=tff", "-flags", "+ilme+ildct", "-x264-params", "tff=1"]
    made = make("standard", *moving, *fields, "-pix_fmt", "yuv420p")
    shown = made.file("_576p.m3u8")
    assert size(shown) == (768, 576)
    assert picture(shown)["avg_frame_rate"] == "25/1"
    progressive = tmp_path / "progressive.mp4"
    ffmpeg(*moving, "-t", str(SECONDS), "-r", "25", "-pix_fmt", "yuv420p", str(progressive))
    assert similarity(shown, progressive) > similarity(made.source, progressive)
    assert combed(made.source) > 0.8 and combed(shown) < 0.1


def test_small_maps_high_dynamic_range_to_standard(make: Make) -> None:
    hdr = ["-vf", "format=yuv420p10le", "-c:v", "libx265", "-color_primaries", "bt2020", "-color_trc", "smpte2084"]
    hdr += [
        "-colorspace",
        "bt2020nc",
        "-x265-params",
        "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
    ]
    made = make("small", "-f", "lavfi", "-i", "testsrc2=s=960x540:r=25", *hdr, "-tag:v", "hvc1")
    shown = picture(made.file("_540p.m3u8"))
    assert shown["pix_fmt"] == "yuv420p"
    assert shown.get("color_transfer", "bt709") == "bt709"
    assert (size(made.file("_540p.m3u8")), size(made.file("_270p.m3u8"))) == ((960, 540), (480, 270))


def test_colors_stay_what_they_are_when_high_dynamic_range_goes(make: Make) -> None:
    names = ["red", "lime", "blue", "white"]
    patches = [f"color=c={name}:s=240x540:r=25,format=gbrp[{name}]" for name in names]
    side_by_side = f"{''.join(f'[{name}]' for name in names)}hstack=inputs={len(names)}"
    # As a camera does it: light, in wider primaries, with 100 candelas for the white of SDR.
    bright = [
        "setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=full",
        "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt2020",
        "zscale=t=smpte2084:m=bt2020nc:r=limited:npl=100,format=yuv420p10le",
    ]
    graph = ";".join([*patches, ",".join([side_by_side, *bright])])
    told = "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    made = make("small", "-filter_complex", graph, "-c:v", "libx265", "-x265-params", told, "-tag:v", "hvc1")
    assert picture(made.source)["color_transfer"] == "smpte2084"
    red, green, blue, white = colors(made.file("_540p.m3u8"), [(120, 270), (360, 270), (600, 270), (840, 270)])
    for strong, color in enumerate((red, green, blue)):
        others = [value for place, value in enumerate(color) if place != strong]
        assert color[strong] > 100 and max(others) < 40, f"{names[strong]} became {color}"
    assert min(white) > 100 and max(white) - min(white) < 8, f"white became {white}"


def test_audio_makes_sound_alone(make: Make) -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25", "-f", "lavfi", "-i", "sine=440", "-pix_fmt", "yuv420p"]
    made = make("audio", *source)
    (heard,) = streams(made.file("_audio.m3u8"))
    assert (heard["codec_type"], heard["sample_rate"]) == ("audio", "48000")
    assert not list(made.folder.glob("video_*.cmfv"))


def test_archive_is_one_file_in_square_pixels(make: Make) -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=s=720x576:r=50", "-f", "lavfi", "-i", "sine=440", "-vf", "setsar=64/45"]
    made = make("archive", *source, "-pix_fmt", "yuv420p")
    file = made.file("_576p.mp4")
    assert size(file) == (1024, 576)
    assert picture(file).get("sample_aspect_ratio", "1:1") == "1:1"
    assert picture(file)["avg_frame_rate"] == "50/1"
    assert [stream["codec_type"] for stream in streams(file)] == ["video", "audio"]
    assert similarity(file, made.source) > SAME
