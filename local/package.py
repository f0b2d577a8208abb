"""Makes of built programs what `sam deploy` takes: a zip file for each function, and the template that names them.

python -m local.package debug      # what cargo built for the local stack
python -m local.package release    # what cargo-lambda built for AWS
"""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.paths import ROOT, packages

BUILT = {"debug": "target/debug/{name}", "release": "target/lambda/{name}/bootstrap"}
"""Where the build leaves a function's program."""

COMPRESSION = {"debug": 1, "release": 9}
"""Levels of deflate: locally a function is packed after each change, on AWS it is read at each cold start."""

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""A zip file has to name a time; with always the same one, equal programs make equal files."""


def functions(template: dict[str, Any]) -> dict[str, str]:
    """The program of each function that cargo builds, by the function's logical id."""
    return {
        name: resource["Metadata"]["BuildProperties"]["Binary"]
        for name, resource in template["Resources"].items()
        if resource.get("Metadata", {}).get("BuildMethod") == "rust-cargolambda"
    }


def package(build: str) -> None:
    """Packs each function's program of this build, and writes the template beside the zip files."""
    folder = packages(build)
    folder.mkdir(parents=True, exist_ok=True)
    template = yaml_parse((ROOT / "template.yaml").read_text())
    for function, name in functions(template).items():
        program = ROOT / BUILT[build].format(name=name)
        archive = folder / f"{name}.zip"
        if not _is_newer(archive, program):
            _zip(program, archive, COMPRESSION[build])
        resource = template["Resources"][function]
        resource["Properties"]["CodeUri"] = archive.name
        del resource["Metadata"]
    _write_if_changed(folder / "template.json", json.dumps(template, indent=1, default=str))


def _zip(program: Path, archive: Path, level: int) -> None:
    entry = zipfile.ZipInfo("bootstrap", FIRST_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100755 << 16
    unfinished = archive.with_suffix(".new")
    with zipfile.ZipFile(unfinished, "w") as file:
        file.writestr(entry, program.read_bytes(), compresslevel=level)
    unfinished.rename(archive)


def _is_newer(archive: Path, program: Path) -> bool:
    return archive.exists() and archive.stat().st_mtime > program.stat().st_mtime


def _write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    package(sys.argv[1])
