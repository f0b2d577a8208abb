"""Which pieces of which inputs come out, frame by frame: each frame of the sources has a brightness of its own."""

import pytest
from conftest import job, level, pixels, rendition, samples, tone
from test_jobs import decoded, probed


def ramp(size, rate, seconds, step):
    """Frame n is as bright as 20 + step × n."""
    drawn = f"nullsrc=s={size}:r={rate}:d={seconds},geq=lum='20+{step}*N':cb=128:cr=128,format=yuv420p"
    return ["-f", "lavfi", "-i", drawn]


@pytest.fixture(scope="module")
def pieces(clip):
    x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-c:a", "aac"]
    tones = ("sine=f=400:r=48000", "sine=f=900:r=48000")
    clip(
        "ramp.mp4",
        *ramp("320x180", 25, 4, 2),
        "-f",
        "lavfi",
        "-i",
        f"{tones[0]}:d=4",
        *x264,
        "-timecode",
        "01:00:00:00",
    )
    clip("square.mp4", *ramp("160x160", 30, 1, 5), *x264)
    clip("ramp.ts", *ramp("320x180", 25, 2, 3), "-f", "lavfi", "-i", f"{tones[1]}:d=2", *x264)


# The brightness of each frame: 25 and 10 frames of the first input, 25 of the second, 25 of the third.
EXPECTED = [20 + 2 * n for n in [*range(50, 75), *range(5, 15)]]
EXPECTED += [20 + 5 * n * 30 / 25 for n in range(25)] + [20 + 3 * n for n in range(25, 50)]


def test_clips_and_inputs_follow_each_other_frame_by_frame(pieces, run):
    job, folder = run("clips-and-stitches")
    found = [y for y, _, _ in pixels(folder / "video_file.mp4", 160, 90)]
    assert len(found) == len(EXPECTED) == 85
    # Of 30 frames a second, 25 are kept: which ones, rounding decides.
    for number, (is_, should) in enumerate(zip(found, EXPECTED, strict=True)):
        assert abs(is_ - should) <= (5 if 35 <= number < 60 else 1), (number, is_, should)
    # The square is padded; the others fill the frame.
    left = [y for y, _, _ in pixels(folder / "video_file.mp4", 10, 90)]
    assert all(y <= 17 for y in left[35:60]) and min(left[:35] + left[60:]) > 25
    assert job["OutputGroupDetails"][0]["OutputDetails"][0]["DurationInMs"] == pytest.approx(3400, abs=25)
    stills = [pixels(folder / f"video_thumb.000000{n}.jpg", 160, 90)[0][0] for n in range(3)]
    assert stills == pytest.approx([EXPECTED[n] for n in (0, 25, 50)], abs=6)


def test_the_sound_of_each_piece_is_heard_with_its_picture(pieces, run):
    _, folder = run("clips-and-stitches")
    for path in (folder / "video_file.mp4", folder / "video.m3u8"):
        (sound,) = samples(path)
        first, silent, last = sound[800:10_400], sound[11_600:18_800], sound[19_800:26_400]
        assert tone(first, 400) > 0.05 > 10 * tone(first, 900)
        assert level(silent) < 0.001
        assert tone(last, 900) > 0.05 > 10 * tone(last, 400)
        assert len(sound) / 8000 == pytest.approx(3.4, abs=0.05)
    assert decoded(folder / "video.m3u8", "0:v:0") == (85, 3.4)
    assert [s["nb_read_frames"] for s in probed(folder / "video_file.mp4") if s["codec_type"] == "video"] == ["85"]


def clipped(url, *clippings, **more):
    request = job(url, "clipped", [rendition("_v", Height=90)])
    clippings = [dict(zip(("StartTimecode", "EndTimecode"), clip, strict=True)) for clip in clippings]
    clippings = [{name: text for name, text in clip.items() if text} for clip in clippings]
    request["Settings"]["Inputs"][0] |= {"InputClippings": clippings} | more
    return request


def test_a_piece_late_in_a_long_input_is_found_without_decoding_all(clip, ended, fetched, stack):
    source = clip(
        "late.mp4", *ramp("64x64", 25, 40, 0.2), "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-crf", "10"
    )
    assert ended(**clipped(source, ("00:00:30:00", "00:00:30:24")))["Status"] == "COMPLETE"
    found = [y for y, _, _ in pixels(fetched("clipped") / "video.m3u8", 40, 40)]
    assert len(found) == 25
    assert all(abs(y - (20 + 0.2 * n)) <= 1.5 for n, y in enumerate(found, 750)), found
    assert " -ss 25 -t 11.000000 -i " in stack.log.read_text()


@pytest.mark.parametrize(
    ("clip_of", "code"),
    [(("00:00:00:00", "00:00:09:00"), 1060), (("00:00:04:00", None), 1060), (("01:00:00:00", None), 1060)],
)
def test_timecodes_that_the_input_does_not_have_are_an_error(pieces, ended, clip_of, code):
    done = ended(**clipped("s3://source/ramp.mp4", clip_of, TimecodeSource="ZEROBASED"))
    assert (done["Status"], done["ErrorCode"]) == ("ERROR", code)
    assert "it goes from 00:00:00:00 to 00:00:03:24" in done["ErrorMessage"]


def test_an_input_without_picture_fits_no_stitch(pieces, clip, ended):
    request = job("s3://source/ramp.mp4", "soundless", [rendition("_v", Height=90)])
    alone = clip("alone.wav", "-f", "lavfi", "-i", "sine=d=1")
    request["Settings"]["Inputs"].append({"FileInput": alone})
    done = ended(**request)
    assert (done["Status"], done["ErrorCode"]) == ("ERROR", 1020)


def test_captions_follow_their_input(ended, pieces, s3, fetched):
    s3.put_object(Bucket="source", Key="two.srt", Body=b"1\n00:00:00,500 --> 00:00:03,000\nTwo\n")
    request = clipped("s3://source/ramp.mp4", ("01:00:01:00", "01:00:01:24"), TimecodeSource="EMBEDDED")
    inputs = request["Settings"]["Inputs"]
    source = {"SourceType": "SRT", "FileSourceSettings": {"SourceFile": "s3://source/two.srt"}}
    selectors = {"Captions Selector 1": {"SourceSettings": source}}
    inputs.append({"FileInput": "s3://source/square.mp4", "CaptionSelectors": selectors})
    inputs[0]["CaptionSelectors"] = selectors
    request["Settings"]["OutputGroups"][0]["Outputs"].append(
        {
            "NameModifier": "_en",
            "ContainerSettings": {"Container": "CMFC"},
            "CaptionDescriptions": [
                {
                    "CaptionSelectorName": "Captions Selector 1",
                    "DestinationSettings": {"DestinationType": "WEBVTT"},
                    "LanguageCode": "ENG",
                }
            ],
        }
    )
    done = ended(**request)
    assert done["Status"] == "COMPLETE", done
    times = [line for line in (fetched("clipped") / "video_en.vtt").read_text().splitlines() if "-->" in line]
    # A caption goes on to the end of its piece, and no further; the last one's end is its own.
    assert [t.split(" -->")[0] for t in times] == ["00:00:00.000", "00:00:01.500"]
    assert times[0].startswith("00:00:00.000 --> 00:00:01.000")
