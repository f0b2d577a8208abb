"""What the pipeline adds to a transcode, on a local stack of its own: the time from the end of an upload to READY, less
that of the job's run. Writes figures for `bench run --figures`.

usage: PYTHONPATH=. python crates/bench/pipeline.py FIGURES.json [VIDEOS]
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from local.stack import Stack

SECONDS = 5  # of a source
PATIENCE_S = 300


def main(figures: Path, videos: int = 5) -> None:
    """Uploads videos one after the other, and writes the median and the least of what the pipeline added."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.mp4"
        make(source)
        with Stack.for_tests(Path(folder) / "stack") as stack:
            added = [overhead(stack, source, f"bench/{number}.mp4") for number in range(videos + 1)]
    # The first one starts the functions.
    cold, warm = added[0], added[1:]
    found = [("first video", cold), ("median", statistics.median(warm)), ("best", min(warm))]
    listed = [{"name": f"pipeline without the transcode, {name}", "value": value, "unit": "s"} for name, value in found]
    figures.write_text(json.dumps(listed, indent=2))


def make(path: Path) -> None:
    """A small picture with sound: what is added doesn't depend on how long the transcode takes."""
    picture, sound = "testsrc2=size=640x360:rate=25", "sine=frequency=440:sample_rate=48000"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    command += ["-t", str(SECONDS), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    subprocess.run([*command, "-movflags", "+faststart", str(path)], check=True)


def overhead(stack: Stack, source: Path, key: str) -> float:
    """Seconds from the end of the upload to READY, less those of the job's run."""
    description = stack.description()
    stack.client("s3").upload_file(str(source), description["sourceBucket"], key)
    uploaded = time.time()
    table = stack.resource("dynamodb").Table(description["table"])
    while True:
        records = [found for found in table.scan()["Items"] if found.get("source", {}).get("key") == key]
        if records and records[0]["status"] == "READY":
            break
        if records and records[0]["status"] in ("FAILED", "CANCELED") or time.time() > uploaded + PATIENCE_S:
            sys.exit(f"error: the video came to nothing: {records}")
        time.sleep(0.02)
    ready = time.time()
    return ready - uploaded - transcode(stack, records[0]["job"]["id"])


def transcode(stack: Stack, job_id: str) -> float:
    """Seconds that the job ran."""
    timing: dict[str, Any] = stack.client("mediaconvert").get_job(Id=job_id)["Job"]["Timing"]
    return (timing["FinishTime"] - timing["StartTime"]).total_seconds()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
