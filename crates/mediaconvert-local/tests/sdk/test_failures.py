"""Jobs that fail: with the service's code and a sentence, and the next one runs."""

import pytest
from conftest import CODECS, audio, job, picture, rendition, sound


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
