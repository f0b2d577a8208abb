"""What comes out: names, manifests, pictures and sound, decoded by ffmpeg."""

import json
import subprocess
import xml.etree.ElementTree as xml

import pytest
from conftest import CODECS, audio, captures, job, picture, rendition, sound

MPD = "{urn:mpeg:dash:schema:mpd:2011}"


def decoded(manifest, kind, index):
    """Frames and seconds of one rendition of a manifest, decoded to the end; any complaint fails."""
    command = [
        "ffmpeg",
        "-v",
        "warning",
        "-allowed_extensions",
        "ALL",
        "-i",
        manifest.name,
        "-map",
        f"0:{kind}:{index}",
        "-progress",
        "pipe:1",
        "-f",
        "null",
        "-",
    ]
    done = subprocess.run(command, cwd=manifest.parent, capture_output=True, text=True, check=True)
    assert done.stderr == "", done.stderr
    values = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return int(values.get("frame", 0)), int(values["out_time_us"]) / 1e6


def streams(path):
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", "-allowed_extensions", "ALL", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["streams"]


def timelines(mpd):
    """For each representation: its initialization, and name and start of each segment in seconds."""
    for template in xml.parse(mpd).iter(f"{MPD}SegmentTemplate"):
        scale, number, segments = int(template.get("timescale")), int(template.get("startNumber")), []
        for s in template.iter(f"{MPD}S"):
            start, duration = int(s.get("t")), int(s.get("d"))
            for _ in range(int(s.get("r", 0)) + 1):
                name = template.get("media").replace("$Number%09d$", f"{number:09}")
                segments.append((name, start, duration))
                start, number = start + duration, number + 1
        yield template.get("initialization"), scale, segments


def first_decode_time(path):
    data = path.read_bytes()
    at = data.index(b"tfdt")
    return int.from_bytes(data[at + 8 : at + 16], "big")


def test_a_ladder_with_sound_and_stills(ended, clip, keys, fetched, s3):
    source = clip("ladder.mp4", *picture("1280x720", "30000/1001", 14), *sound(14), *CODECS)
    outputs = [rendition("_720p", 3_000_000, Height=720), rendition("_360p", Height=360), audio()]
    done = ended(**job(source, "ladder", outputs, [captures(3, 2, Width=320)]))
    assert done["Status"] == "COMPLETE" and done["JobPercentComplete"] == 100
    names = keys("ladder")
    segments = [f"{n:09}" for n in (1, 2, 3)]
    expected = ["video.m3u8", "video.mpd", "video_thumb.0000000.jpg", "video_thumb.0000001.jpg"]
    for modifier, extension in (("_720p", "cmfv"), ("_360p", "cmfv"), ("_audio", "cmfa")):
        expected += [f"video{modifier}.m3u8", f"video{modifier}init.{extension}"]
        expected += [f"video{modifier}_{n}.{extension}" for n in segments]
    assert names == sorted(expected)
    kinds = {
        "m3u8": "application/vnd.apple.mpegurl",
        "mpd": "application/dash+xml",
        "cmfv": "video/mp4",
        "cmfa": "audio/mp4",
        "jpg": "image/jpeg",
    }
    for name in names:
        assert s3.head_object(Bucket="out", Key=f"ladder/{name}")["ContentType"] == kinds[name.rsplit(".", 1)[1]]
    folder = fetched("ladder")
    for manifest in (folder / "video.m3u8", folder / "video.mpd"):
        for index in (0, 1):
            frames, seconds = decoded(manifest, "v", index)
            assert frames == 420 and abs(seconds - 14.014) < 0.05, manifest
        assert abs(decoded(manifest, "a", 0)[1] - 14) < 0.1
    video = [s for s in streams(folder / "video.m3u8") if s["codec_type"] == "video"]
    assert [(s["width"], s["height"]) for s in video] == [(1280, 720), (640, 360)]
    assert all(float(s["start_time"]) == 0 for s in video), "picture and sound begin together"
    playlist = (folder / "video_360p.m3u8").read_text()
    assert "#EXTINF:6.006,\n" in playlist and "#EXT-X-TARGETDURATION:6\n" in playlist
    details = done["OutputGroupDetails"]
    assert details[0]["OutputDetails"][1] == {
        "DurationInMs": 14014,
        "VideoDetails": {"WidthInPx": 640, "HeightInPx": 360},
    }
    assert details[1]["OutputDetails"][0] == {
        "DurationInMs": 6000,
        "VideoDetails": {"WidthInPx": 320, "HeightInPx": 180},
    }


def test_the_dash_timeline_tells_the_times_of_the_segments(ended, plain, fetched):
    assert ended(**job(plain, "timeline"))["Status"] == "COMPLETE"
    folder = fetched("timeline")
    starts = []
    for init, scale, segments in timelines(folder / "video.mpd"):
        assert (folder / init).exists()
        clock = 0
        for name, start, duration in segments:
            assert start == clock == first_decode_time(folder / name), name
            clock += duration
        starts.append([start / scale for _, start, _ in segments])
    video, sound = starts
    assert len(video) == len(sound)
    distances = [abs(a - b) for a, b in zip(video, sound, strict=True)]
    assert max(distances) < 0.03, "segments of sound and picture are cut together"


def test_bandwidths_are_those_of_the_segments(ended, plain, fetched):
    assert ended(**job(plain, "bandwidth"))["Status"] == "COMPLETE"
    folder = fetched("bandwidth")

    def rates(modifier, extension):
        lines = (folder / f"video{modifier}.m3u8").read_text().splitlines()
        durations = [float(line[8:].rstrip(",")) for line in lines if line.startswith("#EXTINF:")]
        sizes = [(folder / line).stat().st_size * 8 for line in lines if line.endswith(f".{extension}")]
        peak = max(size / duration for size, duration in zip(sizes, durations, strict=True))
        return peak, sum(sizes) / sum(durations)

    picture, sound = rates("_360p", "cmfv"), rates("_audio", "cmfa")
    line = next(
        line for line in (folder / "video.m3u8").read_text().splitlines() if line.startswith("#EXT-X-STREAM-INF")
    )
    told = dict(part.split("=", 1) for part in line.split(":", 1)[1].split(",") if "=" in part)
    assert int(told["BANDWIDTH"]) == pytest.approx(picture[0] + sound[0], rel=0.001)
    assert int(told["AVERAGE-BANDWIDTH"]) == pytest.approx(picture[1] + sound[1], rel=0.001)


@pytest.mark.parametrize(
    ("rotate", "size"),
    [("AUTO", (202, 360)), (None, (640, 360)), ("DEGREES_180", (640, 360)), ("DEGREES_270", (202, 360))],
)
def test_rotation_only_when_asked_for(ended, clip, fetched, rotate, size):
    clip("flat.mp4", *picture(), *CODECS)
    source = clip("rotated.mov", "-i", str(clip.folder / "flat.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=90")
    name = f"rotate-{rotate}"
    request = job(source, name, [rendition("_v", Height=360)])
    if rotate:
        request["Settings"]["Inputs"][0]["VideoSelector"] = {"Rotate": rotate}
    else:
        del request["Settings"]["Inputs"][0]["VideoSelector"]
    assert ended(**request)["Status"] == "COMPLETE"
    stream = streams(fetched(name) / "video.m3u8")[0]
    assert (stream["width"], stream["height"]) == size


@pytest.mark.parametrize(
    ("name", "source", "sizes", "size"),
    [
        ("odd", "321x241", {}, (320, 240)),
        ("padded", "640x360", {"Width": 320, "Height": 320}, (320, 320)),
        ("fitted", "640x360", {"Width": 320, "Height": 320, "ScalingBehavior": "FIT"}, (320, 180)),
        ("small", "160x120", {"Width": 640, "Height": 640, "ScalingBehavior": "FIT_NO_UPSCALE"}, (160, 120)),
        ("portrait", "360x640", {"Width": 180}, (180, 320)),
    ],
)
def test_sizes(ended, clip, fetched, name, source, sizes, size):
    url = clip(f"{name}.mp4", *picture(source, seconds=1), "-c:v", "libx264", "-pix_fmt", "yuv444p")
    done = ended(**job(url, f"size-{name}", [rendition("_v", **sizes)]))
    assert done["Status"] == "COMPLETE", done
    stream = streams(fetched(f"size-{name}") / "video.m3u8")[0]
    assert (stream["width"], stream["height"], stream["sample_aspect_ratio"]) == (*size, "1:1")


@pytest.mark.parametrize(
    ("mode", "bitrate", "channels"),
    [("CODING_MODE_1_0", 96_000, 1), ("CODING_MODE_2_0", 128_000, 2), ("CODING_MODE_5_1", 384_000, 6)],
)
def test_surround_sound_is_mixed_to_the_coding_mode(ended, clip, fetched, mode, bitrate, channels):
    source = clip("surround.mp4", *picture(), "-f", "lavfi", "-i", "sine=d=3", *CODECS, "-ac", "6")
    assert ended(**job(source, mode, [rendition("_v", Height=90), audio(mode, bitrate)]))["Status"] == "COMPLETE"
    folder = fetched(mode)
    assert next(s for s in streams(folder / "video.m3u8") if s["codec_type"] == "audio")["channels"] == channels
    assert f'CHANNELS="{channels}"' in (folder / "video.m3u8").read_text()


def test_channels_are_remixed(ended, clip, fetched):
    left = clip("left.mp4", *picture(), "-f", "lavfi", "-i", "sine=f=440:d=3,pan=stereo|c0=c0|c1=0*c0", *CODECS)
    swap = {
        "ChannelsIn": 2,
        "ChannelsOut": 2,
        "ChannelMapping": {"OutputChannels": [{"InputChannels": [-60, 0]}, {"InputChannels": [0, -60]}]},
    }
    assert ended(**job(left, "remix", [rendition("_v", Height=90), audio(RemixSettings=swap)]))["Status"] == "COMPLETE"
    folder = fetched("remix")
    command = [
        "ffmpeg",
        "-v",
        "info",
        "-allowed_extensions",
        "ALL",
        "-i",
        "video_audio.m3u8",
        "-af",
        "astats",
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stderr
    levels = [line.rsplit(": ", 1)[1] for line in said.splitlines() if "RMS level dB" in line]
    assert float(levels[0]) < -60 < -40 < float(levels[1]), levels


def test_a_silent_clip_gets_no_sound_and_a_warning(ended, clip, keys):
    source = clip("silent.mp4", *picture(), *CODECS)
    done = ended(**job(source, "silent"))
    assert done["Status"] == "COMPLETE" and "left out" in done["Messages"]["Warning"][0]
    assert not [name for name in keys("silent") if "audio" in name]


def test_a_short_last_segment_can_join_the_one_before(ended, clip, fetched):
    source = clip("short-end.mp4", *picture(seconds=6.4), *sound(6.4), *CODECS)
    assert ended(**job(source, "joined", cmaf={"MinFinalSegmentLength": 1}))["Status"] == "COMPLETE"
    assert (fetched("joined") / "video_360p.m3u8").read_text().count("#EXTINF") == 1


def test_a_file_of_picture_and_sound(ended, plain, fetched, keys):
    output = rendition("_file", Height=180)
    output |= {"ContainerSettings": {"Container": "MP4"}, "AudioDescriptions": audio()["AudioDescriptions"]}
    request = job(plain, "file")
    request["Settings"]["OutputGroups"] = [
        {
            "OutputGroupSettings": {
                "Type": "FILE_GROUP_SETTINGS",
                "FileGroupSettings": {"Destination": "s3://out/file/"},
            },
            "Outputs": [output],
        }
    ]
    assert ended(**request)["Status"] == "COMPLETE"
    assert keys("file") == ["plain_file.mp4"], "a destination without a name takes that of the input"
    assert sorted(s["codec_name"] for s in streams(fetched("file") / "plain_file.mp4")) == ["aac", "h264"]


def test_names_of_all_kinds_go_through(ended, clip, s3, fetched, tmp_path):
    clip("names.mp4", *picture(seconds=1), *CODECS)
    key = "a b+c%20ü😀/clip.mp4"
    s3.copy_object(Bucket="source", Key=key, CopySource={"Bucket": "source", "Key": "names.mp4"})
    request = job(f"s3://source/{key}", "names", [rendition(" ä", Height=90)])
    assert ended(**request)["Status"] == "COMPLETE"
    folder = fetched("names")
    assert (folder / "video ä.m3u8").exists() and "video%20%C3%A4.m3u8" in (folder / "video.m3u8").read_text()
