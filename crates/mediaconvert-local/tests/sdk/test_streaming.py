"""Outputs appear while the job is at work, and go away with it."""

import pytest
from conftest import CODECS, audio, job, picture, rendition, sound, until


@pytest.fixture(scope="module")
def long(clip):
    return clip("streamed.mp4", *picture("1280x720", seconds=48), *sound(48), *CODECS)


def working(convert, keys, name, source):
    """Starts a job; gives its id when its first segments are there, and ffmpeg is still at work."""
    outputs = [rendition(f"_{n}", Height=720) for n in range(2)] + [audio()]
    id = convert.create_job(**job(source, name, outputs))["Job"]["Id"]

    def segments():
        there = [key for key in keys(name) if key.endswith("_000000002.cmfv")]
        return there if len(there) == 2 else None

    until(segments, "the second segments of all renditions")
    assert convert.get_job(Id=id)["Job"]["CurrentPhase"] == "TRANSCODING"
    return id


def test_segments_are_written_while_ffmpeg_is_at_work_and_manifests_last(convert, keys, long):
    id = working(convert, keys, "streamed", long)
    assert not [key for key in keys("streamed") if key.endswith((".m3u8", ".mpd"))]
    done = until(lambda: (j := convert.get_job(Id=id)["Job"])["Status"] == "COMPLETE" and j, "the end of the job")
    assert done["OutputGroupDetails"][0]["OutputDetails"][0]["DurationInMs"] == 48_000
    there = keys("streamed")
    assert {"video.m3u8", "video.mpd"} <= set(there)
    assert len([key for key in there if key.startswith("video_0_0000")]) == 8
    assert len([key for key in there if key.startswith("video_audio_0000")]) == 8


def test_what_a_canceled_job_wrote_is_removed(convert, keys, long):
    id = working(convert, keys, "streamed-canceled", long)
    convert.cancel_job(Id=id)
    until(lambda: not keys("streamed-canceled"), "the removal of the segments", 30)
