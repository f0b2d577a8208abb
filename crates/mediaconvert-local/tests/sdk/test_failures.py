"""Jobs that fail: with the service's code and a sentence, and the next one runs."""

import subprocess

import boto3
import pytest
from conftest import CODECS, audio, free_port, job, picture, program, rendition, sound, start, stop, until


@pytest.fixture
def failed(ended, keys):
    def run(source, name, code, *words, **more):
        done = ended(**job(source, name, **more))
        assert (done["Status"], done.get("ErrorCode")) == ("ERROR", code), done.get("ErrorMessage")
        for word in words:
            assert word in done["ErrorMessage"]
        assert done["ErrorMessage"].endswith(".") and keys(name) == []
        assert done["Timing"]["FinishTime"]

    return run


def test_a_missing_object(failed, s3):
    failed("s3://source/nothing.mp4", "missing", 1404, "s3://source/nothing.mp4", "no object")


def test_a_missing_bucket(failed, s3):
    failed("s3://no-such-bucket/x.mp4", "missing-bucket", 1404)


def test_an_object_that_the_role_may_not_read(failed, s3):
    s3.put_object(Bucket="forbidden", Key="x.mp4", Body=b"x")
    failed("s3://forbidden/x.mp4", "forbidden", 1401, "access denied")


def test_a_bucket_that_the_role_may_not_write(ended, plain, s3):
    request = job(plain, "x")
    request["Settings"]["OutputGroups"][0]["OutputGroupSettings"]["CmafGroupSettings"]["Destination"] = (
        "s3://forbidden/x/video"
    )
    done = ended(**request)
    assert (done["Status"], done["ErrorCode"]) == ("ERROR", 1401) and "writing" in done["ErrorMessage"]


def test_a_role_that_cannot_be_assumed(failed, plain):
    failed(plain, "no-role", 1434, "can't be assumed", Role="arn:aws:iam::000000000000:role/nobody")


def test_text_and_emptiness(failed, s3):
    s3.put_object(Bucket="source", Key="text.mp4", Body=b"no media at all\n" * 1000)
    failed("s3://source/text.mp4", "text", 1010, "not a media file")
    s3.put_object(Bucket="source", Key="nothing.bin", Body=b"")
    failed("s3://source/nothing.bin", "empty", 1010, "empty")


def test_a_playlist_is_no_way_to_other_files(failed, s3):
    s3.put_object(
        Bucket="source", Key="list.mp4", Body=b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n"
    )
    failed("s3://source/list.mp4", "playlist", 1010)
    s3.put_object(Bucket="source", Key="concat.mp4", Body=b"ffconcat version 1.0\nfile /etc/passwd\n")
    failed("s3://source/concat.mp4", "concat", 1010)


def test_sound_without_a_picture(failed, clip):
    failed(clip("sound.m4a", *sound(), "-c:a", "aac"), "no-picture", 1020, "no video track")


def test_a_picture_without_the_sound_that_is_all(failed, clip):
    source = clip("mute.mp4", *picture(), *CODECS)
    failed(source, "no-sound", 1021, "no audio track", outputs=[audio()])


@pytest.mark.parametrize(("name", "flags"), [("head-first", ["-movflags", "+faststart"]), ("head-last", [])])
def test_a_truncated_file(failed, clip, s3, name, flags):
    clip(f"{name}.mp4", *picture(seconds=8), *sound(8), *CODECS, *flags)
    body = s3.get_object(Bucket="source", Key=f"{name}.mp4")["Body"].read()
    s3.put_object(Bucket="source", Key=f"{name}-cut.mp4", Body=body[: len(body) * 6 // 10])
    # Without its head at the end, the file can't be opened at all.
    failed(f"s3://source/{name}-cut.mp4", f"cut-{name}", 1076 if flags else 1010)


def test_the_neighbours_of_a_bad_job_are_done(convert, ended, plain, s3):
    convert.create_job(**job("s3://source/gone.mp4", "bad"))
    assert ended(**job(plain, "neighbour", [rendition("_v", Height=90)]))["Status"] == "COMPLETE"


@pytest.fixture
def small_disk(stack, tmp_path):
    """A server whose work folder is on a disk of eight megabytes; gives its client."""
    folder = tmp_path / "work"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("only root may make a small disk")
    server = None
    try:
        url = f"http://127.0.0.1:{free_port()}"
        binary = program("MEDIACONVERT_LOCAL_BIN", "mediaconvert-local")
        command = [binary, "--listen", url[7:], "--work-dir", str(folder), "--events", "false"]
        server = start(command, stack.env, tmp_path / "log", f"{url}/healthz")
        yield boto3.client(
            "mediaconvert", "us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
        )
    finally:
        if server:
            stop(server)
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_fails_its_job_and_the_next_one_runs(small_disk, clip, plain, keys):
    noise = ["-f", "lavfi", "-i", "nullsrc=s=320x180:r=25:d=2,geq=random(1)*255:128:128"]
    large = clip("large.mp4", *noise, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "1", "-pix_fmt", "yuv420p")
    assert (clip.folder / "large.mp4").stat().st_size > 2_500_000

    def run(source, name, *outputs):
        id = small_disk.create_job(**job(source, name, list(outputs)))["Job"]["Id"]

        def final():
            told = small_disk.get_job(Id=id)["Job"]
            return told if told["Status"] in ("COMPLETE", "ERROR") else None

        return until(final, f"the end of job {id}")

    def rate(modifier):
        output = rendition(modifier, Height=360)
        codec = {"RateControlMode": "CBR", "Bitrate": 80_000_000, "GopSize": 1, "GopSizeUnits": "SECONDS"}
        output["VideoDescription"]["CodecSettings"]["H264Settings"] = codec
        return output

    failed = run(large, "fulldisk", *(rate(f"_{n}") for n in range(3)))
    assert (failed["Status"], failed["ErrorCode"]) == ("ERROR", 1999), failed
    assert "disk" in failed["ErrorMessage"] and "--work-dir" in failed["ErrorMessage"], failed["ErrorMessage"]
    assert keys("fulldisk") == [], "what was uploaded before is removed"
    assert run(plain, "afterwards", rendition("_v", Height=90))["Status"] == "COMPLETE"


def test_a_source_that_does_not_fit_on_the_disk_is_told(small_disk, clip):
    noise = ["-f", "lavfi", "-i", "nullsrc=s=640x360:r=25:d=2,geq=random(1)*255:128:128"]
    source = clip("larger.mp4", *noise, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "1", "-pix_fmt", "yuv420p")
    assert (clip.folder / "larger.mp4").stat().st_size > 9_000_000
    id = small_disk.create_job(**job(source, "nodisk", [rendition("_v", Height=90)]))["Job"]["Id"]

    def failed():
        told = small_disk.get_job(Id=id)["Job"]
        return told if told["Status"] == "ERROR" else None

    told = until(failed, "the job's error")
    assert told["ErrorCode"] == 1999 and "local disk" in told["ErrorMessage"], told
