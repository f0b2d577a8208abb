"""Each operation, as boto3 and the AWS CLI speak it."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

import botocore.exceptions
import pytest
from conftest import CODECS, DEADLINE, job, picture, rendition, sound, until


@pytest.fixture(scope="session")
def aws(stack):
    """Runs the AWS CLI; gives its JSON, or its complaint."""
    beside = pathlib.Path(sys.executable).parent / "aws"
    cli = os.environ.get("AWS_CLI") or shutil.which("aws") or (str(beside) if beside.exists() else None)
    if not cli:
        pytest.skip("no AWS CLI: set AWS_CLI")

    def run(*arguments):
        command = [cli, "--endpoint-url", stack.convert, "--output", "json", "mediaconvert", *arguments]
        done = subprocess.run(command, env=stack.env, capture_output=True, text=True, timeout=DEADLINE)
        return json.loads(done.stdout or "{}") if done.returncode == 0 else done.stderr

    return run


def refused(name, call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert error["Code"] == name, error
    return error["Message"]


def test_a_job_is_created_and_read_back_as_it_was_sent(convert, plain, ended):
    request = job(plain, "echo", UserMetadata={"id": "v", "revision": "1"}, ClientRequestToken="echo-1")
    answer = convert.create_job(**request)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    created = answer["Job"]
    assert re.fullmatch(r"\d{13}-[a-z0-9]{6}", created["Id"])
    assert created["Arn"] == f"arn:aws:mediaconvert:us-east-1:000000000000:jobs/{created['Id']}"
    assert created["Queue"].endswith(":queues/Default") and created["Status"] == "SUBMITTED"
    read = convert.get_job(Id=created["Id"])["Job"]
    assert read["Settings"] == request["Settings"] and read["UserMetadata"] == request["UserMetadata"]
    assert read["CreatedAt"] == created["CreatedAt"]


def test_a_token_brings_back_the_first_job(convert, plain):
    request = job(plain, "token", ClientRequestToken="token-1")
    first, second = (convert.create_job(**request)["Job"]["Id"] for _ in range(2))
    other = convert.create_job(**request | {"ClientRequestToken": "token-2"})["Job"]["Id"]
    assert first == second != other


def test_jobs_are_listed_in_pages_newest_first(convert, clip):
    source = clip("pages.mp4", *picture(seconds=1), *CODECS)
    made = [
        convert.create_job(**job(source, f"pages-{n}", [rendition("_v", Height=90)]))["Job"]["Id"] for n in range(5)
    ]
    pages = list(convert.get_paginator("list_jobs").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["Jobs"]) <= 2 for page in pages)
    listed = [job["Id"] for page in pages for job in page["Jobs"]]
    assert listed[:5] == made[::-1] and len(listed) == len(set(listed))
    oldest = convert.list_jobs(Order="ASCENDING", MaxResults=20)["Jobs"][0]["Id"]
    assert oldest == listed[-1]
    found = convert.search_jobs(InputFile="pages.mp4", MaxResults=20)["Jobs"]
    assert [job["Id"] for job in found] == made[::-1]
    assert (
        convert.search_jobs(InputFile="s3://source/pages.mp4")["Jobs"]
        and not convert.search_jobs(InputFile="no-such-name")["Jobs"]
    )
    until(lambda: len(convert.list_jobs(Status="COMPLETE")["Jobs"]) >= 5, "complete jobs")
    refused("BadRequestException", convert.list_jobs, MaxResults=20, NextToken="x")
    assert "maxResults" in refused("BadRequestException", convert.list_jobs, MaxResults=21)


def test_a_job_is_canceled_once(convert, clip, keys, ended, plain, stack):
    source = clip("long.mp4", *picture("1280x720", seconds=60), *CODECS)
    id = convert.create_job(**job(source, "cancel", [rendition(f"_{n}", Height=720) for n in range(4)]))["Job"]["Id"]
    until(lambda: convert.get_job(Id=id)["Job"].get("CurrentPhase") == "TRANSCODING", "ffmpeg")
    answer = convert.cancel_job(Id=id)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert convert.get_job(Id=id)["Job"]["Status"] == "CANCELED"
    assert "CANCELED" in refused("ConflictException", convert.cancel_job, Id=id)
    # The next job runs, so ffmpeg is gone and with it the folder of the job.
    assert ended(**job(plain, "after-cancel"))["Status"] == "COMPLETE"
    assert keys("cancel") == []
    assert not list((stack.folder / "work").glob(f"job-{id}-*"))


def test_a_waiting_job_is_canceled(convert, plain):
    ids = [convert.create_job(**job(plain, f"waiting-{n}"))["Job"]["Id"] for n in range(3)]
    convert.cancel_job(Id=ids[-1])
    assert convert.get_job(Id=ids[-1])["Job"]["Status"] == "CANCELED"


def test_what_is_not_there_is_not_found(convert, stack):
    refused("NotFoundException", convert.get_job, Id="1-a")
    refused("NotFoundException", convert.cancel_job, Id="1-a")
    refused("NotFoundException", convert.get_queue, Name="Other")
    refused("NotFoundException", convert.get_preset, Name="Other")
    refused("NotFoundException", convert.probe, InputFiles=[{"FileUrl": "s3://source/nothing.mp4"}])


def test_queues_and_endpoints(convert, stack):
    queue = convert.get_queue(Name="Default")["Queue"]
    assert queue["Arn"].endswith(":queues/Default") and queue["Status"] == "ACTIVE" and queue["Type"] == "SYSTEM"
    by_arn = convert.get_queue(Name=queue["Arn"])["Queue"]
    assert by_arn["Name"] == "Default", "a name in a path comes percent-encoded"
    assert convert.list_queues()["Queues"][0]["Name"] == "Default"
    assert convert.describe_endpoints()["Endpoints"] == [{"Url": stack.convert}]


def test_probe_tells_tracks(convert, clip):
    url = clip(
        "probe.mov",
        *picture("641x361", "30000/1001"),
        *sound(),
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv444p",
        "-c:a",
        "aac",
        "-metadata:s:a:0",
        "language=fra",
    )
    result = convert.probe(InputFiles=[{"FileUrl": url}])["ProbeResults"][0]
    container = result["Container"]
    assert container["Format"] == "quicktime" and 2.9 < container["Duration"] < 3.2
    video, audio = container["Tracks"]
    assert (video["Index"], video["TrackType"], video["Codec"]) == (1, "video", "AVC")
    properties = video["VideoProperties"]
    assert (properties["Width"], properties["Height"]) == (641, 361)
    assert properties["FrameRate"] == {"Numerator": 30000, "Denominator": 1001}
    assert properties["CodecMetadata"]["ScanType"] == "progressive"
    assert (audio["Codec"], audio["AudioProperties"]["Channels"], audio["AudioProperties"]["LanguageCode"]) == (
        "AAC",
        1,
        "fra",
    )
    assert result["TrackMappings"] == [{"VideoTrackIndexes": [1], "AudioTrackIndexes": [2], "DataTrackIndexes": []}]
    assert result["Metadata"]["FileSize"] > 0 and result["Metadata"]["ETag"].startswith('"')


def test_probe_tells_rotation_fields_shapes_brightness_and_timecodes(convert, clip):
    x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    fields = ["-vf", "setsar=64/45,setfield=tff", "-flags", "+ildct+ilme", "-x264-params", "tff=1"]
    urls = [clip("fields.mov", *picture("720x576", seconds=1), *fields, *x264, "-timecode", "01:02:03:04")]
    tags = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"]
    light = (
        "hdr10=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
    )
    x265 = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p10le",
        "-x265-params",
        f"log-level=error:{light}",
    ]
    urls.append(clip("probed-hdr.mp4", *picture("64x64", seconds=0.2), *x265, *tags))
    clip("upright.mp4", *picture("64x32", seconds=0.2), *x264)
    # As phones write it; this tag of ffmpeg counts the other way.
    turned = ["-i", str(clip.folder / "upright.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=270"]
    urls.append(clip("turned.mov", *turned))
    surround = ["-f", "lavfi", "-i", "anullsrc=cl=5.1(side):d=0.5", "-c:a", "ac3", "-b:a", "384k"]
    urls.append(clip("surround.ts", *surround, "-metadata:s:a:0", "language=deu"))
    results = [convert.probe(InputFiles=[{"FileUrl": url}])["ProbeResults"][0]["Container"] for url in urls]
    interlaced, hdr, turned, sound = results
    video = interlaced["Tracks"][0]["VideoProperties"]
    assert interlaced["StartTimecode"] == "01:02:03:04" and interlaced["BitRate"] > 10_000
    assert video["SampleAspectRatio"] == {"Numerator": 64, "Denominator": 45}
    assert video["DisplayAspectRatio"] == {"Numerator": 16, "Denominator": 9}
    metadata = video["CodecMetadata"]
    assert (metadata["ScanType"], metadata["FieldOrder"]) == ("interlaced", "TopFieldFirst")
    assert "Rotation" not in video and "HdrMetadata" not in video
    video = hdr["Tracks"][0]["VideoProperties"]
    assert video["HdrMetadata"]["ContentLightLevel"] == {
        "MaxContentLightLevel": 1000,
        "MaxFrameAverageLightLevel": 400,
    }
    volume = video["HdrMetadata"]["MasteringDisplayColorVolume"]
    assert (volume["RedPrimaryX"], volume["MaxLuminance"], volume["MinLuminance"]) == (34000, 10000000, 50)
    assert (
        video["CodecMetadata"]["TransferCharacteristics"] == "SMPTE_2084" and "FieldOrder" not in video["CodecMetadata"]
    )
    assert turned["Tracks"][0]["VideoProperties"]["Rotation"] == 90
    sound = sound["Tracks"][0]["AudioProperties"]
    assert (sound["ChannelLayout"], sound["Channels"], sound["LanguageCode"]) == ("5.1", 6, "deu")


def test_probe_refuses_what_is_no_media(convert, s3):
    s3.put_object(Bucket="source", Key="notes.mp4", Body=b"just text\n" * 500)
    s3.put_object(Bucket="source", Key="empty.mp4", Body=b"")
    for key, reason in (("notes.mp4", "not a media file"), ("empty.mp4", "empty")):
        assert reason in refused("BadRequestException", convert.probe, InputFiles=[{"FileUrl": f"s3://source/{key}"}])


def test_settings_are_refused_with_their_path(convert, plain):
    request = job(plain, "refused")
    request["Settings"]["OutputGroups"][0]["Outputs"] = []
    message = refused("BadRequestException", convert.create_job, **request)
    assert message == "/outputGroups/0/outputs: Should have at least 1 items"
    request = job(plain, "refused", [rendition("_v", Height=361)])
    message = refused("BadRequestException", convert.create_job, **request)
    assert message == "/outputGroups/0/outputs/0/videoDescription/height: Should be a multiple of 2"
    metadata = job(plain, "refused", UserMetadata={"key": "50%"})
    assert refused("BadRequestException", convert.create_job, **metadata) == "The user metadata value '50%' is invalid."
    refused("NotFoundException", convert.create_job, **job(plain, "refused", Queue="Other"))


def test_a_setting_without_effect_is_a_warning_of_the_job(ended, plain):
    request = job(plain, "warned", [rendition("_v", Height=90)])
    request["Settings"]["OutputGroups"][0]["Outputs"][0]["VideoDescription"]["VideoPreprocessors"] = {
        "Hdr10Plus": {"MasteringMonitorNits": 1000}
    }
    done = ended(**request)
    assert done["Status"] == "COMPLETE" and done["Warnings"] == [{"Code": 900000, "Count": 1}]
    assert done["Messages"]["Warning"] == [
        "/outputGroups/0/outputs/0/videoDescription/videoPreprocessors/hdr10Plus/masteringMonitorNits: "
        "the setting has no effect on this server."
    ]


def test_the_cli_speaks_it_too(aws, plain, tmp_path):
    request = job(plain, "cli", [rendition("_v", Height=90)])
    file = tmp_path / "job.json"
    file.write_text(json.dumps(request["Settings"]))
    created = aws("create-job", "--role", request["Role"], "--settings", f"file://{file}", "--user-metadata", "id=v")[
        "Job"
    ]
    done = until(lambda: (j := aws("get-job", "--id", created["Id"])["Job"])["Status"] == "COMPLETE" and j, "the job")
    assert done["UserMetadata"] == {"id": "v"}
    assert created["Id"] in [j["Id"] for j in aws("list-jobs", "--max-results", "20", "--no-paginate")["Jobs"]]
    assert [j["Id"] for j in aws("search-jobs", "--input-file", "plain.mp4", "--status", "COMPLETE")["Jobs"]]
    assert aws("list-queues")["Queues"][0]["Name"] == "Default"
    probed = aws("probe", "--input-files", f"FileUrl={plain}")["ProbeResults"][0]
    assert probed["Container"]["Format"] == "mp4"
    assert "(NotFoundException)" in aws("get-job", "--id", "1-a")
    assert "(ConflictException)" in aws("cancel-job", "--id", created["Id"])
    file.write_text("{}")
    complaint = aws("create-job", "--role", request["Role"], "--settings", f"file://{file}")
    assert "(BadRequestException)" in complaint and "inputs is a required property" in complaint


def test_the_server_is_healthy(stack):
    with urllib.request.urlopen(f"{stack.convert}/healthz") as response:
        assert response.status == 200
