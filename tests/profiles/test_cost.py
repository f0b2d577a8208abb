"""What `make cost` says: the table of the README, and the choice for a file."""

import subprocess
from pathlib import Path

from local.paths import EXAMPLES, ROOT


def cost(*arguments: str) -> str:
    """What the tool prints."""
    return subprocess.run([EXAMPLES / "cost", *arguments], check=True, capture_output=True, text=True).stdout


def test_the_table_of_the_readme_is_what_the_tool_prints() -> None:
    assert cost() in (ROOT / "README.md").read_text()


def test_the_choice_for_a_file_is_explained(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=50", "-t", "2", "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-v", "error", *source, str(clip)], check=True)
    said = cost(str(clip), "efficient")
    assert "1280x720: as large as the source" in said
    assert "slowed" not in said
    assert "fixed ladder" in said and "AWS solution" in said
    assert "slowed to 25.00 frames per second" in cost(str(clip))
