"""What the tests upload, and what is to become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support import clips

MEDIA = Path(__file__).resolve().parent.parent / "media"

Make = Callable[[Path], None]
Size = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something to upload."""

    name: str
    """Of the test."""
    file: str
    """What the object is called."""
    make: Make | None = None
    """Writes the file; without it, it lies in `media`."""
    by_cli: bool = False
    """Uploaded by `aws s3 cp`, in parts."""


@dataclass(frozen=True, kw_only=True)
class Input(Source):
    """A source that is to become READY, and what it is to become."""

    sizes: tuple[Size, ...]
    """Width and height of the renditions, largest first."""
    poster: Size
    thumbnail: Size
    channels: int = 2
    """Of the sound rendition; 0 for none."""
    seconds: float = 2
    """How long it lasts."""
    has_patches: bool = True
    """The picture is marked in its corners, so that up and left can be told."""
    has_tones: bool = True
    """The sound is two tones, so that left and right can be told."""


@dataclass(frozen=True, kw_only=True)
class BadInput(Source):
    """A source that is to become FAILED."""

    codes: frozenset[str]
    """What the record may say."""
    jobs: int = 0
    """How many jobs it takes to find out."""


SURROUND = Input(
    name="16:9 with 5.1 sound",
    file="bigbuckbunny.mp4",
    sizes=((1280, 720), (854, 480), (640, 360)),
    poster=(960, 540),
    thumbnail=(320, 180),
    seconds=5.28,
    has_patches=False,
    has_tones=False,
)
SILENT = Input(
    name="silent",
    file="bikes.mp4",
    sizes=((640, 272),),
    poster=(640, 272),
    thumbnail=(320, 136),
    channels=0,
    seconds=10,
    has_patches=False,
    has_tones=False,
)
FLASH = Input(
    name="one channel",
    file="flash.mp4",
    make=clips.flash,
    sizes=((320, 180),),
    poster=(320, 180),
    thumbnail=(320, 180),
    channels=1,
    seconds=3,
    has_patches=False,
    has_tones=False,
)
SMALL = Input(
    name="4:3 below the lowest rung",
    file="small.mp4",
    make=clips.small,
    sizes=((160, 120),),
    poster=(160, 120),
    thumbnail=(160, 120),
)
TURNED = Input(
    name="portrait by rotation",
    file="turned.mp4",
    make=clips.turned,
    sizes=((540, 960), (360, 640)),
    poster=(540, 960),
    thumbnail=(180, 320),
)
PORTRAIT = Input(
    name="portrait by size",
    file="portrait.mp4",
    make=clips.portrait,
    sizes=((360, 640),),
    poster=(360, 640),
    thumbnail=(180, 320),
)
ODD = Input(
    name="odd sides",
    file="odd.mp4",
    make=clips.odd,
    sizes=((852, 480), (638, 360)),
    poster=(852, 480),
    thumbnail=(320, 180),
)
QUICKTIME = Input(
    name="QuickTime",
    file="camera.mov",
    make=clips.quicktime,
    sizes=((640, 360),),
    poster=(640, 360),
    thumbnail=(320, 180),
)
MATROSKA = Input(
    name="Matroska",
    file="film.mkv",
    make=clips.matroska,
    sizes=((640, 360),),
    poster=(640, 360),
    thumbnail=(320, 180),
    seconds=2.023,  # the picture begins behind what primes the sound's decoder
)
ODD_KEY = Input(
    name="a key that S3 encodes",
    file="été/summer 100% café+bar & ünï #1 🎬.mp4",
    make=clips.landscape,
    sizes=((960, 540), (640, 360)),
    poster=(960, 540),
    thumbnail=(320, 180),
    seconds=3,
)
NTSC = Input(
    name="29.97 frames per second, three segments",
    file="ntsc.mp4",
    make=clips.ntsc,
    by_cli=True,
    sizes=((854, 480), (640, 360)),
    poster=(854, 480),
    thumbnail=(320, 180),
    seconds=14,
)
INPUTS = (SMALL, FLASH, TURNED, SURROUND, SILENT, PORTRAIT, ODD, QUICKTIME, MATROSKA, ODD_KEY, NTSC)

BAD_INPUTS = (
    BadInput(name="text", file="text.mp4", make=clips.text, codes=frozenset({"UNREADABLE_SOURCE"})),
    BadInput(name="empty", file="empty.mp4", make=clips.empty, codes=frozenset({"EMPTY_SOURCE"})),
    BadInput(name="no index", file="no-index.mp4", make=clips.cut_before_index, codes=frozenset({"UNREADABLE_SOURCE"})),
    # Its beginning is that of a good file, so only the job finds out.
    BadInput(
        name="half of the data",
        file="half.mp4",
        make=clips.cut_in_the_middle,
        codes=frozenset({"1075", "1076"}),
        jobs=1,
    ),
    BadInput(name="text file", file="notes.txt", make=clips.text, codes=frozenset({"UNSUPPORTED_FORMAT"})),
)
