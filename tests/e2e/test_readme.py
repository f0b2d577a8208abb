"""The commands that README shows for people's own code are run as they are printed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.deployment import Deployment
from support.inputs import MEDIA
from support.waiting import wait_for

from local.paths import ROOT


@pytest.mark.skipif(shutil.which("jq") is None or shutil.which("curl") is None, reason="the commands use curl and jq")
def test_the_calls_of_the_readme_upload_a_video(deployment: Deployment, tmp_path: Path) -> None:
    (script,) = re.findall(r"```sh\n(site=.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    site = deployment.description["siteUrl"]
    script = script.replace("http://127.0.0.1:4568", site)
    shutil.copy(MEDIA / "bikes.mp4", tmp_path / "clip.mp4")
    shown = "set -euo pipefail\n" + script + 'echo "id=$id"\n'
    ended = subprocess.run(["bash", "-c", shown], cwd=tmp_path, capture_output=True, text=True, check=True)
    (video_id,) = re.findall(r"^id=(.+)$", ended.stdout, re.MULTILINE)

    def is_ready() -> bool:
        return deployment.table.get_item(Key={"id": video_id})["Item"]["status"] == "READY"

    wait_for(is_ready, f"READY video {video_id}", 120)
