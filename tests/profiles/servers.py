"""A MediaConvert of the tests' own, with buckets to read and write."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import pytest

from local.paths import MEDIACONVERT_LOCAL, TOOLS

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
SOURCE, CONVERTED = "source", "converted"


@dataclass(frozen=True)
class Servers:
    """Addresses of the two servers."""

    s3: str
    mediaconvert: str

    def client(self, service: str) -> Any:
        """A client of one of them."""
        return boto3.client(
            service,
            endpoint_url=self.mediaconvert if service == "mediaconvert" else self.s3,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


def _address() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The local MediaConvert, and the emulator that has its buckets."""
    folder = tmp_path_factory.mktemp("servers")
    s3, convert = _address(), _address()
    base = {**os.environ, "TMPDIR": str(folder)}
    emulated = {"GATEWAY_PORT": s3.split(":")[1], "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0"}
    commands = {
        f"http://{s3}/_ministack/ready": ([TOOLS / "ministack"], base | emulated | {"SFTP_ENABLED": "0"}),
        f"http://{convert}/healthz": (
            [MEDIACONVERT_LOCAL, "--listen", convert, "--work-dir", folder / "work"],
            base | KEYS | {"AWS_ENDPOINT_URL": f"http://{s3}"},
        ),
    }
    started: list[subprocess.Popen[bytes]] = []
    try:
        for url, (command, env) in commands.items():
            log = folder / f"{Path(command[0]).name}.log"
            with log.open("wb") as out:
                started.append(subprocess.Popen(command, env=env, stdout=out, stderr=out))
            _wait_for(url, started[-1], log)
        found = Servers(f"http://{s3}", f"http://{convert}")
        for bucket in (SOURCE, CONVERTED):
            found.client("s3").create_bucket(Bucket=bucket)
        yield found
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)
