"""What is drawn over pictures, and which part of them comes out where: looked up in the decoded pixels."""

import subprocess

import pytest
from conftest import job, pixels, rendition

X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "8", "-pix_fmt", "yuv420p"]
TV = ["-color_primaries", "smpte170m", "-color_trc", "smpte170m", "-colorspace", "smpte170m", "-color_range", "tv"]


def luma(path, x, y):
    return [y for y, _, _ in pixels(path, x, y)]


@pytest.fixture(scope="module")
def drawn(run, clip):
    # Gray, and over it a white square whose right half is transparent.
    clip("gray.mp4", "-f", "lavfi", "-i", "color=0x404040:s=320x180:r=25:d=2", *X264, *TV)
    half = "nullsrc=s=20x20:d=1:r=1,format=rgba,geq=r=255:g=255:b=255:a='255*lt(X,10)'"
    clip("logo.png", "-f", "lavfi", "-i", half, "-frames:v", "1")
    return run("image-overlays")[1]


def test_an_image_over_an_output_has_its_place_opacity_and_alpha(drawn):
    logo = drawn / "video_logo.mp4"
    gray, white = 71, 235
    # Half of it shows through, which is the default; the right half is transparent.
    assert luma(logo, 64, 70) == pytest.approx([(gray + white) / 2] * 50, abs=4)
    assert luma(logo, 74, 70) == pytest.approx([gray] * 50, abs=3)
    assert luma(logo, 54, 70) == pytest.approx([gray] * 50, abs=3)
    assert luma(drawn / "video_plain.mp4", 64, 70) == pytest.approx([gray] * 50, abs=3)
    still = drawn / "video_thumb.0000000.jpg"
    assert luma(still, 64, 70)[0] > 230 and luma(still, 74, 70)[0] == pytest.approx(gray, abs=4)


def test_an_image_fades_in_stays_and_fades_out(drawn):
    # From frame 10 for 600 ms, the first 400 of which it fades in; then it fades out for 400 more.
    seen = [(y - 71) / (235 - 71) for y in luma(drawn / "video_logo.mp4", 104, 30)]
    assert seen[:10] == pytest.approx([0] * 10, abs=0.03)
    assert seen[15] == pytest.approx(0.5, abs=0.12)
    assert seen[21:25] == pytest.approx([1] * 4, abs=0.05)
    assert seen[30] == pytest.approx(0.5, abs=0.12)
    assert seen[36:] == pytest.approx([0] * 14, abs=0.05)
    assert all(a <= b + 0.02 for a, b in zip(seen[9:20], seen[10:21], strict=True)), seen


def test_an_image_over_an_input_is_on_all_outputs_and_scales_with_them(drawn):
    # In the input, 40 pixels wide from 01:00:01:00 on for ten frames; half of that in the outputs.
    for name in ("plain", "logo"):
        path = drawn / f"video_{name}.mp4"
        assert [y > 225 for y in luma(path, 4, 4)] == [25 <= n < 35 for n in range(50)]
        assert max(luma(path, 14, 4)) < 80


@pytest.fixture(scope="module")
def placed(run, clip):
    quarters = "nullsrc=s=320x180:r=25:d=1,geq=lum='40+60*gte(X,160)+100*gte(Y,90)':cb=128:cr=128"
    clip("quarters.mp4", "-f", "lavfi", "-i", quarters, *X264)
    return run("crop-position-timecode")[1]


def test_a_part_of_the_picture_becomes_the_picture(placed):
    path = placed / "video_crop.mp4"
    assert {luma(path, x, y)[3] for x in (2, 80, 156) for y in (2, 40, 86)} <= {99, 100, 101}
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", str(path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "160,90"


def test_a_picture_has_its_place_in_a_black_frame(placed):
    path = placed / "video_position.mp4"
    for x, y in [(20, 40), (116, 96)]:
        assert luma(path, x, y)[3] == pytest.approx(140, abs=4), (x, y)
    for x, y in [(16, 60), (122, 60), (60, 36), (60, 102)]:
        assert luma(path, x, y)[3] == pytest.approx(16, abs=4), (x, y)


def test_timecodes_are_drawn_where_they_belong_and_change_with_each_frame(placed):
    path = placed / "video_timecode.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "format=gray", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    frames = [raw[n * 320 * 180 : (n + 1) * 320 * 180] for n in range(25)]

    def box(frame, rows, columns):
        return bytes(frame[y * 320 + x] for y in rows for x in columns)

    text = range(180 - 34, 180 - 12), range(320 - 130, 320 - 14)
    for before, after in zip(frames, frames[1:], strict=False):
        differ = sum(abs(a - b) > 60 for a, b in zip(box(before, *text), box(after, *text), strict=True))
        assert differ > 5, "the number of the frame changes"
    assert max(box(frames[0], *text)) > 220 and min(box(frames[0], *text)) < 40
    assert max(box(frames[0], range(88), range(320))) < 110, "and nothing is drawn elsewhere"
    # At 10:00:00:00 nearly all digits change at once.
    changed = [
        sum(abs(a - b) > 60 for a, b in zip(box(x, *text), box(y, *text), strict=True))
        for x, y in zip(frames, frames[1:], strict=False)
    ]
    assert changed.index(max(changed)) == 4, changed


def test_an_image_that_is_none_and_a_part_that_is_not_there_are_errors(drawn, placed, ended, s3):
    s3.put_object(Bucket="source", Key="fake.png", Body=b"no picture at all")
    request = job("s3://source/gray.mp4", "fake", [rendition("_v", Height=90)])
    video = request["Settings"]["OutputGroups"][0]["Outputs"][0]["VideoDescription"]
    image = {"ImageInserterInput": "s3://source/fake.png", "ImageX": 0, "ImageY": 0}
    video["VideoPreprocessors"] = {"ImageInserter": {"InsertableImages": [image]}}
    done = ended(**request)
    assert (done["Status"], done["ErrorCode"]) == ("ERROR", 1010), done
    video["VideoPreprocessors"] = {}
    video["Crop"] = {"X": 200, "Y": 0, "Width": 200, "Height": 90}
    done = ended(**request)
    assert (done["Status"], done["ErrorCode"]) == ("ERROR", 1040), done
    assert "320 by 180" in done["ErrorMessage"]
