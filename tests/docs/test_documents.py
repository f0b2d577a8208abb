"""What the documents point to is there: links, headings, commands. `make check` runs this."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def documents() -> list[Path]:
    """Every Markdown file that git knows."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).exists()]


@cache
def headings(document: Path) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    found = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def commands(text: str, program: str) -> Iterator[str]:
    """The first word after a program's name, wherever the text shows it as code."""
    for code in CODE.findall(text):
        for found in re.finditer(rf"(?:^|[`\s;&|])(?:\w+=\S+ )*{program} ([a-z][a-z0-9-]*)", code):
            yield found[1]


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target in LINK.findall(CODE.sub("", document.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in headings(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_target_of_make_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(commands(document.read_text(), "make")) - targets == set()


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_vod_exists(document: Path) -> None:
    source = (ROOT / "crates" / "cli" / "src" / "args.rs").read_text()
    (variants,) = re.findall(r"enum Command \{\n(.*?)\n\}", source, re.DOTALL)
    names = re.findall(r"^    (\w+)[(,]", variants, re.MULTILINE)
    known = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in names}
    assert {"login", "watch-status"} <= known
    assert set(commands(document.read_text(), "vod")) - known == set()
