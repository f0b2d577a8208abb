"""Makes clips: short, small, and of a picture that has an up, a down, a left and a right.

Every picture moves, and has a red patch in its upper left corner and a blue one in its upper right; sound is a low
tone on the left and a high one on the right.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

LOW_HZ, HIGH_HZ = 440, 1320
STEREO = f"aevalsrc=0.4*sin(2*PI*{LOW_HZ}*t)|0.4*sin(2*PI*{HIGH_HZ}*t):s=48000"
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50")
AAC = ("-c:a", "aac", "-b:a", "96k")


def picture(width: int, height: int, rate: str = "25") -> str:
    """The moving picture; the size it is drawn in is even, as some filters want, and the size it ends in any."""
    drawn = f"testsrc2=size={width + width % 2}x{height + height % 2}:rate={rate}"
    patches = "drawbox=x=0:y=0:w=iw/4:h=ih/4:color=red:t=fill,drawbox=x=iw*3/4:y=0:w=iw/4:h=ih/4:color=blue:t=fill"
    return f"{drawn},{patches},scale={width}:{height}"


def landscape(path: Path) -> None:
    """The most ordinary of videos."""
    make(path, 3, picture(960, 540), STEREO, *H264, *AAC, "-movflags", "+faststart")


def brief(path: Path) -> None:
    """A picture that takes little time to convert, and has no sound."""
    make(path, 2, picture(320, 180), None, *H264)


def portrait(path: Path) -> None:
    """Higher than wide as it is stored."""
    make(path, 2, picture(360, 640), STEREO, *H264, *AAC)


def silent(path: Path) -> None:
    """No sound, and large enough for more than one rendition."""
    make(path, 3, picture(640, 360), None, *H264, "-movflags", "+faststart")


def sound_alone(path: Path) -> None:
    """No picture, as a podcast."""
    run("-f", "lavfi", "-i", STEREO, "-t", "3", *AAC, str(path))


def surround(path: Path) -> None:
    """A tone in each of six channels."""
    tones = "|".join(f"0.2*sin(2*PI*{220 * number}*t)" for number in range(1, 7))
    sound = ("-f", "lavfi", "-i", f"aevalsrc={tones}:c=5.1:s=48000")
    run("-f", "lavfi", "-i", picture(640, 360), *sound, "-t", "3", *H264, "-c:a", "aac", "-b:a", "256k", str(path))


def large(path: Path) -> None:
    """720p, without sound."""
    make(path, 2, picture(1280, 720), None, *H264, "-movflags", "+faststart")


def long(path: Path) -> None:
    """A picture that takes a while to convert."""
    make(path, 30, picture(1280, 720), None, *H264, "-movflags", "+faststart")


def watermark(path: Path) -> None:
    """A picture of one colour, magenta, that no clip has."""
    run("-f", "lavfi", "-i", "color=magenta:size=64x32", "-frames:v", "1", str(path))


def make(path: Path, seconds: int, shown: str, heard: str | None, *codecs: str) -> None:
    """A file of this picture and this sound, if any."""
    inputs: Sequence[str] = ("-f", "lavfi", "-i", shown)
    if heard:
        inputs = (*inputs, "-f", "lavfi", "-i", heard)
    run(*inputs, "-t", str(seconds), *codecs, str(path))


def run(*arguments: str) -> None:
    """Runs ffmpeg, which overwrites what there is."""
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)
