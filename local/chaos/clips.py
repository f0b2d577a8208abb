"""The files: as small as videos get, so that many are converted in little time."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.chaos.plan import Content


def make(folder: Path) -> Mapping[Content, Path]:
    """One file of each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {content: folder / f"{content.value}.mp4" for content in Content}
    _clip(paths[Content.FIRST], 1, "192x108")
    _clip(paths[Content.SECOND], 2, "128x96")
    _clip(paths[Content.CUT], 4, "320x180")
    # The index comes first, so that only the job finds out.
    data = paths[Content.CUT].read_bytes()
    paths[Content.CUT].write_bytes(data[: len(data) // 2])
    paths[Content.TEXT].write_text("These are notes, not a video.\n" * 200)
    return paths


def _clip(path: Path, seconds: int, size: str) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25"]
    command += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", str(seconds)]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac"]
    subprocess.run([*command, "-movflags", "+faststart", str(path)], check=True)
