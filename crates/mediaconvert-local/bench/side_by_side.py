"""Measures jobs beside ffmpeg alone.

    python3 crates/mediaconvert-local/bench/side_by_side.py [--seconds 20] [--rounds 6] [--figures FILE]

A job of four renditions and a sound is run by the server, from one S3 bucket to another, and beside it the best command
that we could write by hand for the same outputs: one decode, split to the same encoders, of which ffmpeg itself makes
CMAF segments, an MPD and playlists. It reads from the local disk and writes to it, and uploads nothing: what the job
takes longer goes into fetching, cutting, manifests and uploading. One at a time and two at once.

Both take turns, and turns at being first, so that a busy machine slows both. Seconds on the clock, seconds of the
processor and the largest memory are medians of the rounds. A ratio is of the best round of each, because whatever else
the machine does only adds to one; that of the sums of all rounds is told beside it. What S3's stand-in uses of the
processor is told, too: it takes part in the clock of a job, and is none of ours. JSON goes to standard output, what
`make bench` lists to FILE.

MEDIACONVERT_LOCAL_BIN and MINISTACK name the programs; build with --release for numbers that count."""

import argparse
import concurrent.futures
import importlib.util
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import statistics
import subprocess
import tempfile
import time

import boto3

CRATE = pathlib.Path(__file__).resolve().parent.parent
BITRATES = {1080: 6_000_000, 720: 4_000_000, 540: 2_500_000, 360: 1_000_000}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


def tests():
    """What starts servers and writes jobs."""
    spec = importlib.util.spec_from_file_location("sdk", CRATE / "tests" / "sdk" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tree(pid):
    """A process and those below it."""
    try:
        children = [task.read_text().split() for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [pid] + [each for child in sum(children, []) for each in tree(int(child))]


def resident(pids):
    total = 0
    for pid in pids:
        try:
            total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
        except OSError:
            continue
    return total


def used(pid):
    """Processor seconds of a process itself, and of its children that have ended."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return [(int(fields[place]) + int(fields[place + 1])) / ticks for place in (11, 13)]


def measured(work, pid):
    """Runs `work`; tells what it took, and what a process and its children took meanwhile. Of this process itself
    nothing counts: it only looks on."""
    before, start, most = used(pid), time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = pool.submit(work)
        while not running.done():
            most = max(most, resident(tree(pid)))
            concurrent.futures.wait([running], timeout=0.05)
        running.result()
    wall = time.monotonic() - start
    own, children = (now - then for now, then in zip(used(pid), before, strict=True))
    own = 0 if pid == os.getpid() else own
    return {"wall_s": wall, "cpu_s": own + children, "ffmpeg_cpu_s": children, "memory_mb": most / 2**20}


def jobs(client, sdk, source, names):
    """Runs jobs to their ends."""
    outputs = [sdk.rendition(f"_{height}", bitrate, Height=height) for height, bitrate in BITRATES.items()]
    made = [client.create_job(**sdk.job(source, name, outputs + [sdk.audio()]))["Job"]["Id"] for name in names]

    def done():
        statuses = {client.get_job(Id=id)["Job"]["Status"] for id in made}
        assert "ERROR" not in statuses, statuses
        return statuses == {"COMPLETE"}

    sdk.until(done, "the jobs", 3600)


def by_hand(command, folder, count):
    """Runs as many of a command, each in a folder of its own that goes away."""
    folders = [tempfile.mkdtemp(dir=folder) for _ in range(count)]
    running = [subprocess.Popen(["ffmpeg", *command], cwd=each, stdout=subprocess.DEVNULL) for each in folders]
    assert all(process.wait() == 0 for process in running)
    for each in folders:
        written = {path.suffix for path in pathlib.Path(each).iterdir()}
        assert {".mpd", ".m3u8", ".m4s"} <= written, written
        shutil.rmtree(each)


def best(logged, source):
    """A command for the same outputs, with the encoders of the one that the server logged."""
    words = shlex.split(logged)
    encoders = []
    for start in (at for at, word in enumerate(words) if word == "-map"):
        end = words.index("-map_metadata", start)
        encoders.append(words[start + 2 : end])
    *pictures, sound = encoders
    heights = list(BITRATES)
    assert len(pictures) == len(heights) and "-c:v" in pictures[0] and "aac" in sound
    split = f"[0:v]split={len(heights)}" + "".join(f"[s{height}]" for height in heights)
    # The first is as large as the source.
    scaled = [f"[s{height}]scale=-2:{height}:flags=bicubic[v{height}]" for height in heights[1:]]
    command = ["-nostdin", "-y", "-v", "error", "-i", str(source), "-filter_complex", ";".join([split, *scaled])]
    for index, (height, encoder) in enumerate(zip(heights, pictures, strict=True)):
        command += ["-map", f"[{'s' if index == 0 else 'v'}{height}]"]
        named = [f"{word.removesuffix(':v')}:v:{index}" if word.startswith("-") else word for word in encoder]
        command += named
    command += ["-map", "0:a", *sound, "-ac", "2", "-ar", "48000"]
    command += [
        "-f",
        "dash",
        "-seg_duration",
        "6",
        "-frag_type",
        "duration",
        "-frag_duration",
        "2",
        "-hls_playlist",
        "1",
    ]
    return [*command, "-adaptation_sets", "id=0,streams=v id=1,streams=a", "video.mpd"]


def medians(rounds):
    return {name: round(statistics.median(each[name] for each in rounds), 2) for name in rounds[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="length of the source")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--figures", type=pathlib.Path)
    given = parser.parse_args()
    sdk = tests()
    processes = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        aws, convert = (f"http://127.0.0.1:{sdk.free_port()}" for _ in range(2))
        env = {"PATH": os.environ["PATH"], "HOME": name, "TMPDIR": name, "AWS_ENDPOINT_URL": aws} | CREDENTIALS
        try:
            more = {
                "GATEWAY_PORT": aws.rsplit(":", 1)[1],
                "BIND_HOST": "127.0.0.1",
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
            }
            command = [sdk.program("MINISTACK", "ministack")]
            processes.append(sdk.start(command, env | more, folder / "ministack.log", f"{aws}/_ministack/ready"))
            command = [
                sdk.program("MEDIACONVERT_LOCAL_BIN", "mediaconvert-local"),
                "--listen",
                convert[7:],
                "--jobs",
                "2",
            ]
            command += ["--work-dir", str(folder / "work"), "--events", "false", "--assume-roles", "false"]
            log = folder / "server.log"
            processes.append(sdk.start(command, env, log, f"{convert}/healthz"))
            servers = [process.pid for process in processes]
            report = compare(sdk, given, folder, boto_clients(aws, convert), servers, log)
            print(json.dumps(report, indent=2))
            if given.figures:
                given.figures.write_text(json.dumps(figures(report), indent=2))
        finally:
            for process in reversed(processes):
                sdk.stop(process)


def figures(report):
    """The report as a list of named values."""
    found = []
    for count in (1, 2):
        result = report[f"{count}_at_once"]
        name = f"mediaconvert-local, {count} at once"
        found += [
            (f"{name}: wall beside ffmpeg alone", result["wall_ratio"], "×"),
            (f"{name}: wall beside ffmpeg alone, all rounds", result["wall_ratio_of_all"], "×"),
            (f"{name}: wall", result["job"]["wall_s"], "s"),
            (f"{name}: processor", result["job"]["cpu_s"], "s"),
            (f"{name}: processor beside ffmpeg alone", result["cpu_ratio"], "×"),
            (f"{name}: memory, ffmpeg's included", result["job"]["memory_mb"], "MiB"),
            (f"{name}: memory of ffmpeg alone", result["by_hand"]["memory_mb"], "MiB"),
        ]
    return [{"name": name, "value": value, "unit": unit} for name, value, unit in found]


def boto_clients(aws, convert):
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("s3", endpoint_url=aws), session.client("mediaconvert", endpoint_url=convert)


def compare(sdk, given, folder, clients, servers, log):
    s3, client = clients
    storage, server = servers
    source = folder / "source.mp4"
    picture, sound = sdk.picture("1920x1080", "30", given.seconds), sdk.sound(given.seconds)
    subprocess.run(["ffmpeg", "-v", "error", *picture, *sound, *sdk.CODECS, str(source)], check=True)
    for bucket in ("source", "out"):
        s3.create_bucket(Bucket=bucket)
    s3.upload_file(str(source), "source", "source.mp4")
    url, report = "s3://source/source.mp4", {"source_s": given.seconds}
    jobs(client, sdk, url, ["warm-up"])
    line = re.search(r"running ffmpeg (.*?) job_id=", re.sub(r"\x1b\[[0-9;]*m", "", log.read_text()))[1]
    command = best(line, source)
    report["job"], report["by_hand"] = f"ffmpeg {line}", shlex.join(["ffmpeg", *command])
    for count in (1, 2):
        rounds = {"job": [], "by_hand": []}

        def job(count=count, rounds=rounds):
            names = [f"{count}-{len(rounds['job'])}-{each}" for each in range(count)]
            before = used(storage)[0]
            taken = measured(lambda: jobs(client, sdk, url, names), server)
            rounds["job"].append(taken | {"s3_cpu_s": used(storage)[0] - before})

        def hand(count=count, rounds=rounds):
            rounds["by_hand"].append(measured(lambda: by_hand(command, folder, count), os.getpid()))

        for turn in range(given.rounds):
            for run in (job, hand) if turn % 2 == 0 else (hand, job):
                run()
        result = {name: medians(each) for name, each in rounds.items()}
        for figure in ("wall", "cpu"):
            ours, alone = ([each[f"{figure}_s"] for each in rounds[name]] for name in ("job", "by_hand"))
            result[f"{figure}_ratio"] = round(min(ours) / min(alone), 3)
            result[f"{figure}_ratio_of_all"] = round(sum(ours) / sum(alone), 3)
            result[f"{figure}_ratios"] = [round(job / hand, 3) for job, hand in zip(ours, alone, strict=True)]
        report[f"{count}_at_once"] = result
    return report


if __name__ == "__main__":
    main()
