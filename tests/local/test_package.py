"""What `sam deploy` is handed."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from local import package

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which each function is built."""
    monkeypatch.setattr(package, "ROOT", tmp_path)
    monkeypatch.setattr(package, "packages", lambda build: tmp_path / "packages" / build)
    (tmp_path / "template.yaml").write_text((ROOT / "template.yaml").read_text())
    for name in package.functions(yaml_parse((ROOT / "template.yaml").read_text())).values():
        program = tmp_path / "target" / "debug" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(f"program {name}".encode())
    return tmp_path


def test_each_function_is_a_zip_file_that_lambda_can_start(checkout: Path) -> None:
    package.package("debug")
    folder = checkout / "packages" / "debug"
    template = json.loads((folder / "template.json").read_text())
    functions = [found for found in template["Resources"].values() if found["Type"] == "AWS::Serverless::Function"]
    assert len(functions) >= 4
    for function in functions:
        archive = folder / function["Properties"]["CodeUri"]
        with zipfile.ZipFile(archive) as file:
            (entry,) = file.infolist()
            assert entry.filename == "bootstrap"
            assert entry.external_attr >> 16 & 0o111, "Lambda can't start what isn't executable"
            assert file.read(entry) == f"program {archive.stem}".encode()


def test_the_template_is_the_same_but_for_where_the_code_is(checkout: Path) -> None:
    package.package("debug")
    packed = json.loads((checkout / "packages" / "debug" / "template.json").read_text())
    source = json.loads(json.dumps(yaml_parse((ROOT / "template.yaml").read_text()), default=str))
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            packed_resource = packed["Resources"][next(n for n, r in source["Resources"].items() if r is resource)]
            packed_resource["Properties"]["CodeUri"] = resource["Properties"]["CodeUri"]
            packed_resource["Metadata"] = resource["Metadata"]
    assert packed == source


def test_equal_programs_make_equal_files(checkout: Path) -> None:
    package.package("debug")
    archive = checkout / "packages" / "debug" / "submit.zip"
    before = archive.read_bytes()
    archive.unlink()
    os.utime(checkout / "target" / "debug" / "submit", (1, 1))
    package.package("debug")
    assert archive.read_bytes() == before


def test_a_changed_program_is_packed_again_and_its_neighbours_are_not(checkout: Path) -> None:
    package.package("debug")
    folder = checkout / "packages" / "debug"
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.zip")}
    program = checkout / "target" / "debug" / "submit"
    program.write_bytes(b"changed")
    os.utime(program, (2**31, 2**31))
    package.package("debug")
    changed = {path.name for path in folder.glob("*.zip") if path.stat().st_mtime_ns != before[path.name]}
    assert changed == {"submit.zip"}
