"""Events, as a function sees them that a rule on the default bus targets."""

import io
import json
import uuid
import zipfile

import pytest
from conftest import CODECS, audio, captures, job, picture, rendition, sound, until

# Keeps each event as an object of its own, named by when it came.
CODE = """
import json, os, time, urllib.request
def handler(event, context):
    import boto3
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    client.put_object(Bucket="events", Key=f"{time.time_ns()}.json", Body=json.dumps(event).encode())
"""


@pytest.fixture(scope="session")
def events(client, s3):
    """The events of a job, in the order of their time stamps, as soon as all of some statuses came."""
    bus, functions, iam = client("events"), client("lambda"), client("iam")
    s3.create_bucket(Bucket="events")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    iam.create_role(RoleName="keep", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(
        RoleName="keep",
        PolicyName="s3",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::events/*"}],
            }
        ),
    )
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("keep.py", CODE)
    function = functions.create_function(
        FunctionName="keep",
        Runtime="python3.11",
        Handler="keep.handler",
        Timeout=30,
        Code={"ZipFile": package.getvalue()},
        Role="arn:aws:iam::000000000000:role/keep",
    )
    pattern = {
        "source": ["aws.mediaconvert"],
        "detail-type": ["MediaConvert Job State Change"],
        "detail": {"userMetadata": {"kept": ["yes"]}},
    }
    bus.put_rule(Name="keep", EventPattern=json.dumps(pattern))
    bus.put_targets(Rule="keep", Targets=[{"Id": "1", "Arn": function["FunctionArn"]}])

    def kept(id, statuses):
        listed = s3.list_objects_v2(Bucket="events").get("Contents", [])
        read = (
            s3.get_object(Bucket="events", Key=item["Key"])["Body"].read()
            for item in sorted(listed, key=lambda i: i["Key"])
        )
        mine = [event for event in map(json.loads, read) if event["detail"]["jobId"] == id]
        mine.sort(key=lambda event: event["detail"]["timestamp"])
        return mine if set(statuses) <= {event["detail"]["status"] for event in mine} else None

    # Each is delivered by an invocation of its own, and those overtake each other.
    return lambda id, *statuses: until(lambda: kept(id, statuses), f"{statuses} of {id}", 60)


def test_a_job_tells_of_its_life(ended, clip, events):
    source = clip("events.mp4", *picture("640x272", "30000/1001", 4), *sound(4), *CODECS)
    request = job(
        source,
        "events",
        [rendition("_v", Height=136), audio()],
        [captures(1, 2, Width=160)],
        UserMetadata={"kept": "yes"},
    )
    done = ended(**request)
    told = events(done["Id"], "PROGRESSING", "INPUT_INFORMATION", "COMPLETE")
    assert [event["detail"]["status"] for event in told] == ["PROGRESSING", "INPUT_INFORMATION", "COMPLETE"]
    for event in told:
        assert (event["version"], event["source"]) == ("0", "aws.mediaconvert")
        assert event["detail-type"] == "MediaConvert Job State Change" and event["resources"] == [done["Arn"]]
        assert uuid.UUID(event["id"]).version == 4 and event["time"].endswith("Z")
        detail = event["detail"]
        assert detail["accountId"] == event["account"] == "000000000000" and detail["queue"] == done["Queue"]
        assert detail["userMetadata"] == {"kept": "yes"} and isinstance(detail["timestamp"], int)
    (given,) = told[1]["detail"]["inputDetails"]
    assert (given["id"], given["uri"]) == (1, source)
    assert given["video"] == [
        {
            "bitDepth": 8,
            "codec": "H_264",
            "colorFormat": "YUV_420",
            "fourCC": "avc1",
            "frameRate": 29.97,
            "height": 272,
            "interlaceMode": "PROGRESSIVE",
            "sar": "1:1",
            "standard": "UNSPECIFIED",
            "streamId": 1,
            "width": 640,
        }
    ]
    assert given["audio"] == [{"channels": 1, "codec": "AAC", "language": "UND", "sampleRate": 44100, "streamId": 2}]
    cmaf, files = told[2]["detail"]["outputGroupDetails"]
    assert cmaf["type"] == "CMAF_GROUP" and cmaf["playlistFilePaths"] == [
        "s3://out/events/video.mpd",
        "s3://out/events/video.m3u8",
    ]
    picture_detail, sound_detail = cmaf["outputDetails"]
    assert "outputFilePaths" not in picture_detail and list(sound_detail) == ["durationInMs"]
    assert (picture_detail["videoDetails"]["widthInPx"], picture_detail["videoDetails"]["heightInPx"]) == (320, 136)
    assert (
        picture_detail["videoDetails"]["averageBitrate"] > 0 and picture_detail["videoDetails"]["qvbrAvgQuality"] == 7
    )
    assert files == {
        "outputDetails": [
            {
                "outputFilePaths": ["s3://out/events/video_thumb.0000001.jpg"],
                "durationInMs": 2000,
                "videoDetails": files["outputDetails"][0]["videoDetails"],
            }
        ],
        "type": "FILE_GROUP",
    }


def test_files_are_told_as_befits_the_kind_of_group(ended, clip, events):
    """Of HLS each output's own playlist, of files the file, of DASH none; besides, what players start with."""
    source = clip("kinds.mp4", *picture("128x72", "25", 2), *sound(2), *CODECS)

    def group(kind, member, container, own):
        settings = {"Destination": "s3://out/kinds/" + kind.lower(), **own}
        outputs = [rendition("_v", Height=72), audio()]
        for output in outputs:
            output["ContainerSettings"] = {"Container": container}
        return {"OutputGroupSettings": {"Type": f"{kind}_GROUP_SETTINGS", member: settings}, "Outputs": outputs}

    request = job(source, "kinds", UserMetadata={"kept": "yes"})
    request["Settings"]["OutputGroups"] = [
        group("HLS", "HlsGroupSettings", "M3U8", {"SegmentLength": 2, "MinSegmentLength": 0}),
        group("DASH_ISO", "DashIsoGroupSettings", "MPD", {"SegmentLength": 2, "FragmentLength": 2}),
        group("FILE", "FileGroupSettings", "MP4", {}),
    ]
    done = ended(**request)
    hls, dash, files = events(done["Id"], "COMPLETE")[-1]["detail"]["outputGroupDetails"]
    url = "s3://out/kinds/"
    assert (hls["type"], hls["playlistFilePaths"]) == ("HLS_GROUP", [f"{url}hls.m3u8"])
    assert [o["outputFilePaths"] for o in hls["outputDetails"]] == [[f"{url}hls_v.m3u8"], [f"{url}hls_audio.m3u8"]]
    assert hls["outputDetails"][0]["videoDetails"]["qvbrAvgQuality"] == 7
    assert (dash["type"], dash["playlistFilePaths"]) == ("DASH_ISO_GROUP", [f"{url}dash_iso.mpd"])
    assert all("outputFilePaths" not in output for output in dash["outputDetails"])
    assert files["type"] == "FILE_GROUP" and "playlistFilePaths" not in files
    assert [o["outputFilePaths"] for o in files["outputDetails"]] == [[f"{url}file_v.mp4"], [f"{url}file_audio.mp4"]]
    sizes = {
        output["videoDetails"]["heightInPx"] for group in (hls, dash, files) for output in group["outputDetails"][:1]
    }
    assert sizes == {72}
    for group in done["OutputGroupDetails"]:
        assert {"VideoDetails", "DurationInMs"} == set(group["OutputDetails"][0])
        assert set(group["OutputDetails"][1]) == {"DurationInMs"}


def test_a_failure_is_told_with_its_code(ended, events, s3):
    done = ended(**job("s3://source/gone.mp4", "gone", UserMetadata={"kept": "yes"}))
    told = [event["detail"] for event in events(done["Id"], "PROGRESSING", "ERROR")]
    assert [detail["status"] for detail in told] == ["PROGRESSING", "ERROR"]
    assert (told[1]["errorCode"], told[1]["errorMessage"]) == (1404, done["ErrorMessage"])


def test_a_cancelation_and_updates_are_told(convert, clip, events):
    source = clip("long.mp4", *picture("1280x720", seconds=60), *CODECS)
    outputs = [rendition(f"_{n}", Height=720) for n in range(4)]
    request = job(source, "told", outputs, UserMetadata={"kept": "yes"}, StatusUpdateInterval="SECONDS_10")
    id = convert.create_job(**request)["Job"]["Id"]
    update = next(
        event["detail"] for event in events(id, "STATUS_UPDATE") if event["detail"]["status"] == "STATUS_UPDATE"
    )
    convert.cancel_job(Id=id)
    progress = update["jobProgress"]
    assert update["framesDecoded"] > 0 and progress["currentPhase"] == "TRANSCODING" and progress["retryCount"] == 0
    assert 2 < progress["jobPercentComplete"] < 92
    assert progress["phaseProgress"]["PROBING"] == {"status": "COMPLETE", "percentComplete": 100}
    assert progress["phaseProgress"]["UPLOADING"] == {"status": "PENDING", "percentComplete": 0}
    told = [event["detail"]["status"] for event in events(id, "PROGRESSING", "INPUT_INFORMATION", "CANCELED")]
    assert [status for status in told if status != "STATUS_UPDATE"] == ["PROGRESSING", "INPUT_INFORMATION", "CANCELED"]
    started = convert.get_job(Id=id)["Job"]["Timing"]["StartTime"].timestamp()
    assert 9.9 < update["timestamp"] / 1000 - started < 13, "the first update comes one interval after the start"
