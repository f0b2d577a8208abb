"""Two stacks on one machine, or a stack beside somebody else's server, get out of each other's way."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import LocalError
from local.ports import DEFAULTS, VARIABLES, Ports


@pytest.fixture(autouse=True)
def unused_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults that are free here, whatever runs on this machine."""
    free = Ports.unused()
    for name, variable in VARIABLES.items():
        monkeypatch.setitem(DEFAULTS, name, getattr(free, name))
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def choose(tmp_path: Path, *running: str) -> Ports:
    return Ports.choose(tmp_path / "ports.json", frozenset(running))


def test_free_defaults_are_taken_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = choose(tmp_path)
    assert first == Ports(**DEFAULTS)
    monkeypatch.setitem(DEFAULTS, "aws", 1)
    assert choose(tmp_path) == first


def test_a_taken_default_is_replaced_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(DEFAULTS, "site", taken)
    assert choose(tmp_path).site != taken
    assert f"Port {taken} is in use" in capsys.readouterr().err


def test_our_own_server_does_not_make_a_port_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    (tmp_path / "ports.json").write_text(f'{{"aws": {taken}}}')
    assert choose(tmp_path, "aws").aws == taken


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setenv("VOD_AWS_PORT", str(taken))
    with pytest.raises(LocalError, match=f"Port {taken} is in use"):
        choose(tmp_path)


def test_a_port_must_be_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOD_SITE_PORT", "http")
    with pytest.raises(LocalError, match="VOD_SITE_PORT is not a port number"):
        choose(tmp_path)
