"""Starts ministack and mediaconvert-local for the tests, each on a free port, with policies enforced.

Environment: MINISTACK and MEDIACONVERT_LOCAL_BIN are the programs; without them, those on PATH or
of `cargo build`. AWS_CLI is the AWS CLI; without it, `aws` on PATH or beside this Python.
"""

import array
import json
import math
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.request

import boto3
import botocore.config
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[4]
JOBS = pathlib.Path(__file__).resolve().parent.parent / "jobs"
REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/convert"
DEADLINE = 120


def program(variable, name):
    beside = pathlib.Path(sys.executable).parent / name
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    choices = [os.environ.get(variable), shutil.which(name), beside, target / "debug" / name, target / "release" / name]
    for choice in choices:
        if choice and pathlib.Path(choice).exists():
            return str(choice)
    pytest.exit(f"{name} not found: set {variable}", 2)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(condition, what, deadline=DEADLINE):
    """What `condition` gives as soon as it is true."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"waited {deadline} s for {what}")


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


def start(command, env, log, ready):
    with open(log, "wb") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
    try:
        until(lambda: process.poll() is not None or answers(ready), ready, 30)
        assert process.poll() is None, pathlib.Path(log).read_text()
    except BaseException:
        process.kill()
        raise
    return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    aws, convert = (f"http://127.0.0.1:{free_port()}" for _ in range(2))

    def port(url):
        return url.rsplit(":", 1)[1]

    for name in ("s3", "tmp"):
        (folder / name).mkdir()
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_ENDPOINT_URL": aws}
    ministack_env = base | {
        "GATEWAY_PORT": port(aws),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder / "tmp"),
    }
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    env = base | credentials | {"AWS_REGION": REGION}
    server = None
    ministack = start(
        [program("MINISTACK", "ministack")], ministack_env, folder / "ministack.log", f"{aws}/_ministack/ready"
    )
    try:
        binary = program("MEDIACONVERT_LOCAL_BIN", "mediaconvert-local")
        command = [binary, "--listen", f"127.0.0.1:{port(convert)}", "--work-dir", str(folder / "work")]
        server = start(command, env, folder / "server.log", f"{convert}/healthz")
        yield types.SimpleNamespace(aws=aws, convert=convert, env=env, folder=folder, log=folder / "server.log")
    finally:
        for process in (server, ministack):
            if process:
                stop(process)


@pytest.fixture(scope="session")
def client(stack):
    """Makes boto3 clients."""
    session = boto3.Session("test", "test", region_name=REGION)
    config = botocore.config.Config(retries={"mode": "standard", "max_attempts": 1})

    def make(service):
        endpoint = stack.convert if service == "mediaconvert" else stack.aws
        return session.client(service, endpoint_url=endpoint, config=config)

    return make


@pytest.fixture(scope="session")
def convert(client):
    return client("mediaconvert")


@pytest.fixture(scope="session")
def s3(client):
    """S3, with a bucket `source` that the role reads and a bucket `out` that it writes, and no more."""
    s3, iam = client("s3"), client("iam")
    for bucket in ("source", "forbidden", "out"):
        s3.create_bucket(Bucket=bucket)
    trust = {"Effect": "Allow", "Principal": {"Service": "mediaconvert.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="convert", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(
        RoleName="convert",
        PolicyName="s3",
        PolicyDocument=document(
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::source/*"},
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::out/*"},
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::source"},
        ),
    )
    return s3


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="session")
def clip(s3, tmp_path_factory):
    """Makes a clip with ffmpeg once, uploads it, and gives its URL."""
    folder = tmp_path_factory.mktemp("clips")

    def make(name, *arguments):
        path = folder / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, str(path)], check=True)
            s3.upload_file(str(path), "source", name)
        return f"s3://source/{name}"

    make.folder = folder
    return make


def picture(size="640x360", rate="25", seconds=3):
    # testsrc2 makes odd sizes even.
    odd = any(int(side) % 2 for side in size.split("x"))
    return ["-f", "lavfi", "-i", f"{'testsrc' if odd else 'testsrc2'}=s={size}:r={rate}:d={seconds}"]


def sound(seconds=3, source="sine=f=440"):
    return ["-f", "lavfi", "-i", f"{source}:d={seconds}"]


CODECS = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]


@pytest.fixture(scope="session")
def plain(clip):
    return clip("plain.mp4", *picture(seconds=8), *sound(8), *CODECS)


def rendition(modifier, bitrate=1_000_000, **sizes):
    settings = {
        "RateControlMode": "QVBR",
        "QvbrSettings": {"QvbrQualityLevel": 7},
        "MaxBitrate": bitrate,
        "GopSize": 2,
        "GopSizeUnits": "SECONDS",
        "GopClosedCadence": 1,
        "SceneChangeDetect": "DISABLED",
        "CodecProfile": "HIGH",
    }
    return {
        "NameModifier": modifier,
        "ContainerSettings": {"Container": "CMFC"},
        "VideoDescription": {**sizes, "CodecSettings": {"Codec": "H_264", "H264Settings": settings}},
    }


def audio(mode="CODING_MODE_2_0", bitrate=128_000, **more):
    settings = {"Bitrate": bitrate, "CodingMode": mode, "SampleRate": 48000}
    description = {"AudioSourceName": "Audio Selector 1", "CodecSettings": {"Codec": "AAC", "AacSettings": settings}}
    return {
        "NameModifier": "_audio",
        "ContainerSettings": {"Container": "CMFC"},
        "AudioDescriptions": [description | more],
    }


def captures(seconds=1, most=3, **sizes):
    settings = {"FramerateNumerator": 1, "FramerateDenominator": seconds, "MaxCaptures": most, "Quality": 80}
    return {
        "NameModifier": "_thumb",
        "ContainerSettings": {"Container": "RAW"},
        "VideoDescription": {**sizes, "CodecSettings": {"Codec": "FRAME_CAPTURE", "FrameCaptureSettings": settings}},
    }


def job(source, name, outputs=None, stills=None, cmaf=None, **more):
    """A request of CreateJob, whose outputs begin with `s3://out/<name>/video`."""
    destination = f"s3://out/{name}/video"
    outputs = outputs or [rendition("_360p", Height=360), audio()]
    settings = {
        "Destination": destination,
        "SegmentLength": 6,
        "FragmentLength": 2,
        "SegmentLengthControl": "GOP_MULTIPLE",
        "ManifestDurationFormat": "FLOATING_POINT",
        "TargetDurationCompatibilityMode": "SPEC_COMPLIANT",
    }
    groups = [
        {
            "OutputGroupSettings": {"Type": "CMAF_GROUP_SETTINGS", "CmafGroupSettings": settings | (cmaf or {})},
            "Outputs": outputs,
        }
    ]
    if stills:
        groups.append(
            {
                "OutputGroupSettings": {
                    "Type": "FILE_GROUP_SETTINGS",
                    "FileGroupSettings": {"Destination": destination},
                },
                "Outputs": stills,
            }
        )
    selectors = {"Audio Selector 1": {"DefaultSelection": "DEFAULT", "Tracks": [1]}}
    source = {
        "FileInput": source,
        "AudioSelectors": selectors,
        "VideoSelector": {"Rotate": "AUTO"},
        "TimecodeSource": "ZEROBASED",
    }
    return {"Role": ROLE, "Settings": {"Inputs": [source], "OutputGroups": groups}} | more


@pytest.fixture(scope="session")
def ended(convert):
    """Submits a job and waits for its end."""

    def run(**request):
        id = convert.create_job(**request)["Job"]["Id"]

        def final():
            job = convert.get_job(Id=id)["Job"]
            return job if job["Status"] in ("COMPLETE", "ERROR", "CANCELED") else None

        return until(final, f"the end of job {id}")

    return run


@pytest.fixture(scope="session")
def keys(s3):
    """Names of the outputs of a job."""

    def listed(name):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="out", Prefix=f"{name}/")
        return sorted(item["Key"].split("/", 1)[1] for page in pages for item in page.get("Contents", []))

    return listed


@pytest.fixture(scope="session")
def fetched(s3, keys, tmp_path_factory):
    """The outputs of a job as files of a folder."""

    def fetch(name):
        folder = tmp_path_factory.mktemp("outputs")
        for key in keys(name):
            s3.download_file("out", f"{name}/{key}", str(folder / key))
        return folder

    return fetch


def capitals(value, names=True):
    """The same with names as boto3 wants them; those of selectors are the caller's own."""
    if isinstance(value, dict):
        own = {"audioSelectors", "audioSelectorGroups", "dynamicAudioSelectors", "captionSelectors"}
        own |= {name[0].upper() + name[1:] for name in own}
        return {(k[0].upper() + k[1:]) if names else k: capitals(v, k not in own) for k, v in value.items()}
    return [capitals(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="session")
def run(ended, clip, s3, keys, tmp_path_factory):
    """Runs a job of `tests/jobs` once; gives the job and the folder of its outputs."""
    clip("golden.mp4", *picture("320x180", "25", 5), *sound(5), *CODECS)
    done = {}

    def once(name, warnings=False):
        if name not in done:
            request = capitals(json.loads((JOBS / f"{name}.json").read_text()))
            job = ended(**request, Role=ROLE)
            assert job["Status"] == "COMPLETE", job.get("ErrorMessage")
            assert ("Warnings" in job) == warnings, job["Messages"]
            folder = tmp_path_factory.mktemp(name)
            for key in keys(name):
                (folder / key).parent.mkdir(parents=True, exist_ok=True)
                s3.download_file("out", f"{name}/{key}", str(folder / key))
            done[name] = (job, folder)
        return done[name]

    return once


def pixels(path, x, y, stream="0:v:0"):
    """The brightness and the colours (Y, Cb, Cr; 8 bits) of one place in each frame."""
    filters = f"crop=2:2:{x}:{y}:exact=1,scale=1:1:flags=area,format=yuv444p"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", stream, "-vf", filters, "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return [tuple(raw[at : at + 3]) for at in range(0, len(raw), 3)]


def samples(path, stream="0:a:0", rate=8000, channels=1):
    """The samples of a sound (-1 to 1), channel by channel."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", stream, "-ar", str(rate)]
    command += ["-ac", str(channels)] if channels else []
    raw = array.array("h", subprocess.run([*command, "-f", "s16le", "-"], capture_output=True, check=True).stdout)
    return [[value / 32768 for value in raw[n :: max(channels, 1)]] for n in range(max(channels, 1))]


def level(values):
    """Root mean square."""
    return math.sqrt(sum(value * value for value in values) / max(len(values), 1))


def tone(values, hertz, rate=8000):
    """How strong a frequency is in samples: 1 of a sine of full scale."""
    turn = 2 * math.pi * hertz / rate
    re = sum(value * math.cos(turn * n) for n, value in enumerate(values))
    im = sum(value * math.sin(turn * n) for n, value in enumerate(values))
    return 2 * math.hypot(re, im) / max(len(values), 1)
