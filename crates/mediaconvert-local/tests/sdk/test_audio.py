"""Which sound comes out, in which codec, and how loud: heard in the decoded samples."""

import json
import subprocess

import pytest
from conftest import audio, job, level, rendition, samples, tone


def sine(hertz, seconds=2):
    return ["-f", "lavfi", "-i", f"sine=f={hertz}:r=48000:d={seconds}"]


@pytest.fixture(scope="module")
def voices(clip):
    """Three sounds: stereo of 300 and 500 Hz, 700 Hz in French, 1100 Hz; beside them, 1500 Hz in a file of its own."""
    black = ["-f", "lavfi", "-i", "color=black:s=64x64:r=25:d=2"]
    filters = ["-filter_complex", "[1][2]amerge=inputs=2[stereo]"]
    maps = ["-map", "0", "-map", "[stereo]", "-map", "3", "-map", "4", "-metadata:s:a:1", "language=fra"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", "-b:a", "192k"]
    sounds = [*sine(300), *sine(500), *sine(700), *sine(1100)]
    clip("voices.ts", *black, *sounds, *filters, *maps, *codecs)
    clip("side.wav", *sine(1500))


def heard(path, track, channels=2):
    """The frequencies that are clearly there, channel by channel."""
    found = []
    for values in samples(path, f"0:a:{track}", 8000, channels):
        middle = values[2000:12000]
        found.append({hertz for hertz in (300, 500, 700, 1100, 1500) if tone(middle, hertz) > 0.02})
    return found


def test_selectors_choose_tracks_and_groups_put_them_together(voices, run):
    path = run("audio-selectors")[1] / "video_tracks.mp4"
    assert [heard(path, track) for track in range(9)] == [
        [{300}, {500}],
        [{700}, {700}],
        [{1100}, {1100}],
        [{1100}, {1100}],
        [{700}, {1100}],
        [{1500}, {1500}],
        [{500}, {300}],
        [{700}, {1500}],
        [{300}, {500}],
    ]
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=duration:stream_tags=language",
        "-of",
        "json",
        str(path),
    ]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["streams"]
    languages = [stream["tags"].get("language", "und") for stream in told]
    assert languages[1] == "fra" and languages[0] == "und" and languages[8] == "deu"
    assert all(abs(float(stream["duration"]) - 2) < 0.06 for stream in told)


def test_dynamic_selectors_take_what_is_there(voices, run):
    _, folder = run("audio-dynamic-selectors")
    all_of_them = [heard(folder / "video_all.mp4", track) for track in range(3)]
    assert all_of_them == [[{300}, {500}], [{700}, {700}], [{1100}, {1100}]]
    assert heard(folder / "video_french.mp4", 0) == [{700}, {700}]
    for name, count in (("all", 3), ("french", 1)):
        command = ["ffprobe", "-v", "error", "-show_entries", "stream=index", "-of", "json", f"video_{name}.mp4"]
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        assert len(json.loads(found.stdout)["streams"]) == count


def test_a_remix_has_exact_gains(voices, run):
    path = run("audio-selectors")[1] / "video_tracks.mp4"
    plain, swapped = (samples(path, f"0:a:{track}", 8000, 2) for track in (0, 6))
    part = slice(2000, 12000)
    assert tone(swapped[0][part], 500) / tone(plain[1][part], 500) == pytest.approx(1, abs=0.03)
    assert tone(swapped[1][part], 300) / tone(plain[0][part], 300) == pytest.approx(10 ** (-6.5 / 20), abs=0.02)


def test_each_codec_goes_into_its_container(voices, run):
    folder = run("audio-codecs")[1]
    expected = {
        "mp3.mp3": ("mp3", "44100", 1),
        "mp2.mp2": ("mp2", "48000", 2),
        "flac.flac": ("flac", "48000", 2),
        "wav.wav": ("pcm_s24le", "32000", 2),
        "aiff.aiff": ("pcm_s16be", "48000", 2),
        "ac3.ac3": ("ac3", "48000", 2),
        "eac3.mp4": ("eac3", "48000", 1),
        "opus.webm": ("opus", "48000", 2),
        "vorbis.webm": ("vorbis", "48000", 2),
    }
    found = {}
    for name in expected:
        path = folder / f"video_{name}"
        command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
        (stream,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["streams"]
        found[name] = (stream["codec_name"], stream["sample_rate"], stream["channels"])
        channels = stream["channels"]
        assert heard(path, 0, channels) == ([{300, 500}] if channels == 1 else [{300}, {500}]), name
    assert found == expected


def loudness(path):
    """Integrated loudness (LUFS) and true peak (dBFS), by ITU-R BS.1770."""
    command = ["ffmpeg", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = said[said.rindex("Summary:") :].split()
    return float(summary[summary.index("I:") + 1]), float(summary[summary.index("Peak:") + 1])


def test_sound_is_made_as_loud_as_asked_for(run, clip):
    clip("quiet.wav", "-f", "lavfi", "-i", "anoisesrc=c=pink:r=48000:a=0.02:d=10:s=7", "-ac", "2")
    folder = run("audio-loudness")[1]
    before, _ = loudness(folder / "video_asis.mp4")
    assert before < -35
    assert loudness(folder / "video_usual.mp4")[0] == pytest.approx(-23, abs=1)
    loud, peak = loudness(folder / "video_loud.mp4")
    assert loud == pytest.approx(-16, abs=1) and peak < -2
    assert abs(len(samples(folder / "video_loud.mp4")[0]) / 8000 - 10) < 0.1


def test_high_efficiency_aac_is_written_as_low_complexity_with_a_warning(voices, ended, fetched):
    sound = audio(bitrate=32_000)
    sound["AudioDescriptions"][0]["CodecSettings"]["AacSettings"]["CodecProfile"] = "HEV1"
    done = ended(**job("s3://source/voices.ts", "hev1", [rendition("_v", Height=64), sound]))
    assert done["Status"] == "COMPLETE", done
    assert "codecProfile" in done["Messages"]["Warning"][0]
    assert 'mp4a.40.2"' in (fetched("hev1") / "video.m3u8").read_text()


def test_a_track_that_is_not_there_is_an_error(voices, ended):
    request = job("s3://source/voices.ts", "fourth", [audio()])
    request["Settings"]["Inputs"][0]["AudioSelectors"]["Audio Selector 1"]["Tracks"] = [1, 4]
    done = ended(**request)
    assert (done["Status"], done["ErrorCode"]) == ("ERROR", 1021), done


def test_stitched_inputs_with_their_own_tracks_make_one_sound(voices, ended, fetched):
    request = job("s3://source/voices.ts", "two-voices", [rendition("_v", Height=64), audio()])
    inputs = request["Settings"]["Inputs"]
    inputs[0]["AudioSelectors"] = {"Audio Selector 1": {"Tracks": [2, 3]}}
    external = {"ExternalAudioFileInput": "s3://source/side.wav", "Offset": 500}
    clipping = {"StartTimecode": "00:00:00:00", "EndTimecode": "00:00:00:24"}
    inputs.append({"FileInput": "s3://source/voices.ts", "AudioSelectors": {"Audio Selector 1": external}})
    inputs[1] |= {"InputClippings": [clipping], "TimecodeSource": "ZEROBASED"}
    done = ended(**request)
    assert done["Status"] == "COMPLETE", done
    left, right = samples(fetched("two-voices") / "video.m3u8", channels=2)
    assert tone(left[2000:14000], 700) > 0.02 and tone(right[2000:14000], 1100) > 0.02
    # The second piece's sound comes half a second later than its picture.
    assert level(left[16800:19600]) < 0.001 and tone(left[20800:23600], 1500) > 0.02
    assert len(left) / 8000 == pytest.approx(3, abs=0.1)
