"""Makes the media that the tests upload: short, small, and of a picture that has an up, a down, a left and a right.

Their pictures and their sound are those of `local.clips`.
"""

from collections.abc import Iterable
from pathlib import Path

from local.clips import AAC, H264, STEREO, make, picture, run
from local.clips import HIGH_HZ as HIGH_HZ
from local.clips import LOW_HZ as LOW_HZ
from local.clips import brief as brief
from local.clips import landscape as landscape
from local.clips import portrait as portrait
from support import a53, display_matrix

FLASH_SECOND = 1.0
FLASH_SECONDS = 0.4


def small(path: Path) -> None:
    """4:3, and smaller than the lowest rung of the ladder."""
    make(path, 2, picture(160, 120), STEREO, *H264, *AAC)


def other_brief(path: Path) -> None:
    """Another one, of another size."""
    make(path, 3, picture(256, 144), None, *H264)


def odd(path: Path) -> None:
    """A width and a height that 4:2:0 has no half of."""
    make(path, 2, picture(853, 481), STEREO, "-c:v", "mpeg4", "-q:v", "3", "-pix_fmt", "yuv420p", *AAC)


def turned(path: Path) -> None:
    """As a phone that is held upright records: stored on its side, with a note to turn it by a quarter, clockwise."""
    on_its_side = f"{picture(540, 960)},transpose=cclock"
    make(path, 2, on_its_side, STEREO, *H264, *AAC)
    display_matrix.turn_clockwise(path)


def ntsc(path: Path) -> None:
    """29.97 frames per second and long enough for three segments; at a bit rate that makes it some MB large."""
    rate = ("-b:v", "5M", "-minrate", "5M", "-maxrate", "5M", "-bufsize", "5M", "-x264-params", "nal-hrd=cbr")
    make(path, 14, picture(854, 480, "30000/1001"), STEREO, *H264, *rate, *AAC, "-movflags", "+faststart")


def flash(path: Path) -> None:
    """One channel; a white flash on the left of the picture and a beep, at the same moment."""
    during = f"between(t\\,{FLASH_SECOND}\\,{FLASH_SECOND + FLASH_SECONDS - 0.001})"
    left = "drawbox=x=0:y=0:w=iw/2:h=ih:t=fill:color"
    shown = f"{picture(320, 180)},{left}=black,{left}=white:enable={during}"
    make(path, 3, shown, f"aevalsrc=0.5*sin(2*PI*1000*t)*{during}:s=48000", *H264, *AAC)


def captioned(path: Path) -> None:
    """Says "Hi there" in the picture, as CEA-608 in the first field."""
    _beside_pictures(path, a53.cea608("Hi there"))
    run("-r", "25", "-i", str(path.with_suffix(".h264")), "-c", "copy", str(path))


def captioned_in_708(path: Path) -> None:
    """Says "Hello" in the picture, as CEA-708 alone, and stores pictures in another order than they are shown in."""
    _beside_pictures(path, a53.cea708("Hello"))
    reordered = (*H264, "-bf", "3", "-x264-params", "b-adapt=0")
    run("-r", "25", "-i", str(path.with_suffix(".h264")), *reordered, str(path))


def captioned_beside(path: Path) -> None:
    """Says "Fish" in a track beside the picture, and in French."""
    words = path.with_suffix(".scc")
    words.write_text("Scenarist_SCC V1.0\n\n00:00:00:15\t9420 9420 9470 9470 46e9 73e8 942f 942f\n")
    inputs = ("-f", "lavfi", "-i", picture(320, 180), "-i", str(words), "-map", "0:v", "-map", "1:s")
    run(*inputs, "-t", "2", *H264, "-c:s", "copy", "-metadata:s:s:0", "language=fra", str(path))


def quicktime(path: Path) -> None:
    """As a camera writes: uncompressed sound, and the index at the end."""
    make(path, 2, picture(640, 360), STEREO, *H264, "-c:a", "pcm_s16le")


def matroska(path: Path) -> None:
    """Another container, with sound of another sample rate."""
    make(path, 2, picture(640, 360), STEREO.replace("48000", "44100"), *H264, *AAC)


def cut_before_index(path: Path) -> None:
    """An MP4 of which the end is missing, and with it the index."""
    make(path, 3, picture(640, 360), STEREO, *H264, *AAC)
    _cut(path)


def cut_in_the_middle(path: Path) -> None:
    """An MP4 that begins with its index, of which half of the data is missing."""
    make(path, 6, picture(640, 360), STEREO, *H264, *AAC, "-movflags", "+faststart")
    _cut(path)


def text(path: Path) -> None:
    """No video at all."""
    path.write_text("These are notes, not a video.\n" * 200)


def empty(path: Path) -> None:
    """Nothing."""
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _beside_pictures(path: Path, data: Iterable[bytes]) -> None:
    """Leaves a bare stream beside the path."""
    raw = path.with_suffix(".h264")
    once = ("-bf", "0", "-x264-params", "slices=1", "-bsf:v", "h264_metadata=aud=insert")
    make(raw, 3, picture(320, 180), None, *H264, *once)
    raw.write_bytes(a53.beside_pictures(raw.read_bytes(), data))
