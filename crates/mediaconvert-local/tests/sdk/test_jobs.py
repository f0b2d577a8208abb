"""Each job of `tests/jobs`, as one would hand it to the service: what comes out is read by parsers and decoders that
aren't ours.

A job is what the console exports. Names in camel case are taken as well: boto3 wants them with a capital."""

import json
import pathlib
import subprocess
from fractions import Fraction

import m3u8
import pytest
from conftest import JOBS, picture
from mpegdash.parser import MPEGDASHParser

FRAMES, SECONDS = 125, 5
KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
VECTOR = "0x000102030405060708090a0b0c0d0e0f"


def probed(path, *more):
    """The streams, with their frames counted by decoding; any complaint fails."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", *more, path.name]
    result = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=True)
    assert result.stderr == "", result.stderr
    return json.loads(result.stdout)["streams"]


def packets(path):
    """Presentation time and key flag of the packets of the first stream."""
    command = ["ffprobe", "-v", "error", "-select_streams", "0", "-show_entries", "packet=pts_time,flags"]
    result = subprocess.run([*command, "-of", "csv=p=0", str(path)], capture_output=True, text=True, check=True)
    rows = [line.split(",")[:2] for line in result.stdout.split()]
    return [(float(time), "K" in flags) for time, flags in rows]


def decoded(manifest, stream):
    """Frames and seconds of one stream of a manifest, decoded to its end; any complaint fails."""
    command = ["ffmpeg", "-v", "warning", "-allowed_extensions", "ALL", "-i", manifest.name, "-map", stream]
    command += ["-progress", "pipe:1", "-f", "null", "-"]
    result = subprocess.run(command, cwd=manifest.parent, capture_output=True, text=True, check=True)
    assert result.stderr == "", result.stderr
    values = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    return int(values.get("frame", 0)), int(values["out_time_us"]) / 1e6


def playlist(path):
    parsed = m3u8.load(str(path))
    assert parsed.is_endlist or parsed.is_variant
    return parsed


def seconds(path):
    return [segment.duration for segment in playlist(path).segments]


def representations(path):
    mpd = MPEGDASHParser.parse(str(path))
    (period,) = mpd.periods
    return mpd, [(aset, rep) for aset in period.adaptation_sets for rep in aset.representations]


def durations(job):
    return [detail["DurationInMs"] for group in job["OutputGroupDetails"] for detail in group["OutputDetails"]]


def test_every_job_file_has_a_test():
    source = "".join(path.read_text() for path in pathlib.Path(__file__).parent.glob("test_*.py"))
    assert [path.stem for path in JOBS.glob("*.json") if f'("{path.stem}"' not in source] == []


def test_hls_of_transport_streams(run):
    job, folder = run("hls-ts-ladder")
    multivariant = playlist(folder / "video.m3u8")
    variants = {p.uri: p.stream_info for p in multivariant.playlists}
    assert list(variants) == ["video_180p.m3u8", "video_90p.m3u8"]
    assert variants["video_180p.m3u8"].resolution == (320, 180)
    assert variants["video_180p.m3u8"].codecs.startswith("avc1.4d40")
    assert variants["video_180p.m3u8"].codecs.endswith(",mp4a.40.2")
    assert variants["video_180p.m3u8"].bandwidth > variants["video_90p.m3u8"].bandwidth
    assert seconds(folder / "video_180p.m3u8") == [2, 2, 1] == seconds(folder / "video_90p.m3u8")
    dates = [s.program_date_time for s in playlist(folder / "video_180p.m3u8").segments]
    assert dates[2] is not None and (dates[2] - dates[0]).total_seconds() == 4
    for name in ("video_180p", "video_90p"):
        assert decoded(folder / f"{name}.m3u8", "0:v:0")[0] == FRAMES
        assert abs(decoded(folder / f"{name}.m3u8", "0:a:0")[1] - SECONDS) < 0.1
    # The renditions switch at the same times.
    starts = [[packets(folder / f"video_{size}_0000{n}.ts")[0] for n in (1, 2, 3)] for size in ("180p", "90p")]
    assert starts[0] == starts[1] == [(2.0, True), (4.0, True), (6.0, True)]
    assert [stream["id"] for stream in probed(folder / "video_180p_00002.ts")] == ["0x1e1", "0x1e2"]
    assert durations(job) == [5000, 5000]


def test_a_playlist_of_key_frames_of_transport_streams(run):
    for name in ("hls-ts-ladder", "hls-ts-single-file"):
        _, folder = run(name)
        (variant,) = playlist(folder / "video.m3u8").iframe_playlists
        assert variant.uri == "video_180p_I-Frame.m3u8"
        listed = playlist(folder / variant.uri)
        assert listed.is_i_frames_only and [s.duration for s in listed.segments] == [2, 2, 1]
        for number, segment in enumerate(listed.segments):
            size, offset = map(int, segment.byterange.split("@"))
            tables, start = map(int, segment.init_section.byterange.split("@"))
            head = (folder / segment.init_section.uri).read_bytes()[start : start + tables]
            path = folder / f"key{number}.ts"
            path.write_bytes(head + (folder / segment.uri).read_bytes()[offset : offset + size])
            command = ["ffmpeg", "-v", "error", "-i", path.name, "-map", "0:v", "-f", "framemd5", "-"]
            result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
            assert len([line for line in result.stdout.splitlines() if line[0] != "#"]) == 1


def test_hls_with_sound_in_groups(run):
    job, folder = run("hls-ts-audio-groups")
    multivariant = playlist(folder / "video.m3u8")
    assert [(m.group_id, m.uri, m.default) for m in multivariant.media] == [
        ("low", "video_low.m3u8", "YES"),
        ("high", "video_high.m3u8", "YES"),
    ]
    variants = [(p.uri, p.stream_info.audio, p.stream_info.resolution) for p in multivariant.playlists]
    assert variants == [
        ("video_video.m3u8", "low", (320, 180)),
        ("video_video.m3u8", "high", (320, 180)),
        ("video_alone.m3u8", None, None),
    ]
    # Packed sound tells in an ID3 tag when it begins, in the clock of the picture.
    for number, begins in ((1, 2.0), (2, 4.0), (3, 6.0)):
        data = (folder / f"video_low_0000{number}.aac").read_bytes()
        owner = data.index(b"com.apple.streaming.transportStreamTimestamp\0") + 45
        told = int.from_bytes(data[owner : owner + 8], "big") / 90000
        assert data[:3] == b"ID3" and abs(told - begins) < 0.03
    assert (folder / "video_high_00001.ts").exists()
    for name in ("low", "high", "alone"):
        assert abs(sum(seconds(folder / f"video_{name}.m3u8")) - SECONDS) < 0.1
        assert abs(decoded(folder / f"video_{name}.m3u8", "0:a:0")[1] - SECONDS) < 0.1
    assert all(abs(duration - 5000) < 100 for duration in durations(job))


def test_hls_in_a_single_file(run):
    _, folder = run("hls-ts-single-file")
    listed = playlist(folder / "video_180p.m3u8")
    assert {s.uri for s in listed.segments} == {"video_180p.ts"}
    ranges = [tuple(map(int, s.byterange.split("@"))) for s in listed.segments]
    ends = [offset + size for size, offset in ranges]
    assert [offset for _, offset in ranges] == [0, *ends[:-1]]
    assert ends[-1] == (folder / "video_180p.ts").stat().st_size
    assert decoded(folder / "video_180p.m3u8", "0:v:0")[0] == FRAMES


def test_hls_encrypted_with_a_static_key(run):
    _, folder = run("hls-ts-aes128")
    (key,) = {(k.method, k.uri, k.iv) for k in playlist(folder / "video_180p.m3u8").keys}
    assert key == ("AES-128", "key.bin", VECTOR)
    assert (folder / "video_180p_00001.ts").read_bytes()[0] != 0x47
    (folder / "key.bin").write_bytes(KEY)
    assert decoded(folder / "video_180p.m3u8", "0:v:0")[0] == FRAMES


SCHEMES = [("cmaf-aes-ctr", "SAMPLE-AES-CTR", None, "cenc"), ("cmaf-sample-aes", "SAMPLE-AES", VECTOR, "cbcs")]


@pytest.mark.parametrize(("name", "method", "vector", "scheme"), SCHEMES)
def test_samples_encrypted_with_a_static_key(run, name, method, vector, scheme):
    _, folder = run(name)
    tracks = {"_180p": ("0:v", FRAMES), "_audio": ("0:a", None)}
    for modifier, (stream, frames) in tracks.items():
        listed = playlist(folder / f"video{modifier}.m3u8")
        assert {(key.method, key.uri, key.iv) for key in listed.keys if key} == {(method, "key.bin", vector)}
        head = listed.segments[0].init_section.uri
        count, lasts = 0, 0
        # One by one: ffmpeg mixes up the fragments of encrypted segments that are strung together.
        for segment in dict.fromkeys(segment.uri for segment in listed.segments):
            names = dict.fromkeys([head, segment])
            (folder / "whole.mp4").write_bytes(b"".join((folder / each).read_bytes() for each in names))
            # ffmpeg knows the key, and decrypts: nothing is lost or broken.
            decrypt = ["ffmpeg", "-v", "warning", "-xerror", "-decryption_key", KEY.hex(), "-i", "whole.mp4"]
            decrypt += ["-map", stream, "-progress", "pipe:1", "-f", "null", "-"]
            result = subprocess.run(decrypt, cwd=folder, capture_output=True, text=True, check=True)
            assert result.stderr == "", result.stderr
            values = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
            lasts += int(values["out_time_us"]) / 1e6
            count += int(values.get("frame", 0))
            # Without it there is no picture to see, and no sound to hear.
            plain = ["ffmpeg", "-v", "error", "-xerror", "-i", "whole.mp4", "-map", stream, "-f", "null", "-"]
            assert subprocess.run(plain, cwd=folder, capture_output=True).returncode != 0
        assert abs(lasts - SECONDS) < 0.1
        assert frames is None or count == frames
    told = (folder / "video.mpd").read_text()
    assert told.count(f'value="{scheme}" cenc:default_KID="') == 2
    mpd, found = representations(folder / "video.mpd")
    assert len(found) == len(tracks)


def test_sound_without_a_picture(run):
    _, folder = run("audio-only")
    for name in ("hls", "cmaf"):
        (variant,) = playlist(folder / f"{name}.m3u8").playlists
        assert variant.stream_info.codecs == "mp4a.40.2" and variant.uri == f"{name}_low.m3u8"
        assert abs(decoded(folder / variant.uri, "0:a:0")[1] - SECONDS) < 0.1


def test_hls_by_automated_abr_with_sound_in_all(run):
    _, folder = run("automated-abr-hls")
    variants = playlist(folder / "video.m3u8").playlists
    assert [p.uri for p in variants] == ["video_1.m3u8", "video_2.m3u8"]
    for variant in variants:
        kinds = [stream["codec_type"] for stream in probed(folder / variant.uri)]
        assert kinds == ["video", "audio"]
        assert decoded(folder / variant.uri, "0:v:0")[0] == FRAMES


def test_a_preset_of_the_service_is_made_of_its_name(run):
    job, folder = run("system-presets", warnings=True)
    (warning,) = job["Messages"]["Warning"]
    assert warning.startswith("/outputGroups/0/outputs/0/preset: System-Ott_Hls") and "what its name says" in warning
    video, audio = probed(folder / "video_270p.m3u8")
    assert (video["width"], video["height"], video["r_frame_rate"]) == (480, 270, "15/1")
    assert (video["codec_name"], audio["codec_name"]) == ("h264", "aac")


def test_hls_in_folders_with_a_short_end(run):
    _, folder = run("hls-ts-hevc-subdirectories")
    listed = playlist(folder / "video_180p.m3u8")
    assert [s.uri for s in listed.segments] == [f"video_180p/00001/video_180p_s_0000{n}.ts" for n in (1, 2)]
    assert seconds(folder / "video_180p.m3u8") == [2, 3]
    codecs = playlist(folder / "video.m3u8").playlists[0].stream_info.codecs
    assert codecs.startswith("hvc1.1.6.L") and codecs.endswith("mp4a.40.2")
    assert decoded(folder / "video_180p.m3u8", "0:v:0")[0] == FRAMES


def test_dash_in_segments(run):
    job, folder = run("dash-segmented")
    assert not list(folder.glob("*.m3u8"))
    mpd, found = representations(folder / "video.mpd")
    assert mpd.profiles == "urn:mpeg:dash:profile:isoff-main:2011"
    assert [(r.width, r.height) for _, r in found if r.width] == [(320, 180), (160, 90)]
    for _, rep in found:
        (template,) = rep.segment_templates
        assert template.media.endswith("_$Number%09d$.mp4") and (folder / template.initialization).exists()
    for index in (0, 1):
        assert decoded(folder / "video.mpd", f"0:v:{index}")[0] == FRAMES
    _, small = representations(folder / "video_small.mpd")
    assert [rep.width for _, rep in small] == [160, None]
    assert decoded(folder / "video_small.mpd", "0:v:0")[0] == FRAMES
    assert durations(job)[:2] == [5000, 5000]


@pytest.mark.parametrize("name", ["dash-on-demand", "cmaf-single-file"])
def test_single_files_with_an_index(run, name):
    _, folder = run("dash-on-demand") if name == "dash-on-demand" else run("cmaf-single-file")
    extension = "mp4" if name == "dash-on-demand" else "cmfv"
    mpd, found = representations(folder / "video.mpd")
    assert mpd.profiles == "urn:mpeg:dash:profile:isoff-on-demand:2011"
    for _, rep in found:
        path = folder / rep.base_urls[0].base_url_value
        (base,) = rep.segment_bases
        start, end = map(int, base.index_range.split("-"))
        data = path.read_bytes()
        assert (
            data[start + 4 : start + 8] == b"sidx" and int.from_bytes(data[start : start + 4], "big") == end - start + 1
        )
        assert base.initializations[0].range == f"0-{start - 1}"
    assert decoded(folder / "video.mpd", "0:v:0")[0] == FRAMES
    # The index says where the segments are.
    data = (folder / f"video_180p.{extension}").read_bytes()
    at = data.index(b"sidx") - 4
    body = data[at + 8 : at + int.from_bytes(data[at : at + 4], "big")]
    position, scale = at + 8 + len(body), int.from_bytes(body[8:12], "big")
    lengths = []
    for entry in range(24, len(body), 12):
        assert data[position + 4 : position + 8] == b"styp"
        position += int.from_bytes(body[entry : entry + 4], "big")
        lengths.append(Fraction(int.from_bytes(body[entry + 4 : entry + 8], "big"), scale))
    assert position == len(data) and lengths == [2, 2, 1]
    assert [stream["nb_read_frames"] for stream in probed(folder / f"video_180p.{extension}")] == [str(FRAMES)]


def test_numbers_within_names_of_dash(run):
    _, folder = run("dash-number-in-names")
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(["video.mpd", *(f"video_{t}_{n}.mp4" for t in "av" for n in ("init", 1, 2, 3))])
    (video, _) = [rep.segment_templates[0] for _, rep in representations(folder / "video.mpd")[1]]
    assert (video.media, video.initialization) == ("video_v_$Number$.mp4", "video_v_init.mp4")
    assert Fraction(video.duration, video.timescale) == 2 and not video.segment_timelines
    # ffmpeg's demuxer looks for one segment too many where there is no timeline.
    whole = b"".join((folder / f"video_v_{n}.mp4").read_bytes() for n in ("init", 1, 2, 3))
    (folder / "whole.mp4").write_bytes(whole)
    assert [stream["nb_read_frames"] for stream in probed(folder / "whole.mp4")] == [str(FRAMES)]


def test_cmaf_of_hevc(run):
    _, folder = run("cmaf-hevc-and-i-frames")
    multivariant = playlist(folder / "video.m3u8")
    assert multivariant.playlists[0].stream_info.codecs.startswith("hvc1.1.6.L")
    (stream,) = probed(folder / "video_180p.m3u8", "-allowed_extensions", "ALL")
    assert (stream["codec_name"], stream["codec_tag_string"], stream["nb_read_frames"]) == ("hevc", "hvc1", str(FRAMES))
    # Each key frame can be read by itself, from the range that the playlist tells.
    (variant,) = multivariant.iframe_playlists
    listed = playlist(folder / variant.uri)
    assert listed.is_i_frames_only and [s.duration for s in listed.segments] == [2, 2, 1]
    for segment in listed.segments:
        size, offset = map(int, segment.byterange.split("@"))
        data = (folder / segment.uri).read_bytes()[offset : offset + size]
        assert data[4:8] == b"moof"
        (folder / "key.mp4").write_bytes((folder / segment.init_section.uri).read_bytes() + data)
        command = ["ffmpeg", "-v", "quiet", "-i", "key.mp4", "-frames:v", "1", "-f", "framemd5", "-"]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        assert len([line for line in result.stdout.splitlines() if line[0] != "#"]) == 1


def test_cmaf_of_av1(run):
    _, folder = run("cmaf-av1")
    codecs = playlist(folder / "video.m3u8").playlists[0].stream_info.codecs
    assert codecs.startswith("av01.0.") and codecs.endswith(".10,mp4a.40.2")
    assert seconds(folder / "video_180p.m3u8") == [2, 2, 1]
    assert decoded(folder / "video_180p.m3u8", "0:v:0")[0] == FRAMES


def test_cmaf_in_a_single_file_plays_as_hls(run):
    _, folder = run("cmaf-single-file")
    listed = playlist(folder / "video_180p.m3u8")
    assert {s.uri for s in listed.segments} == {"video_180p.cmfv"}
    assert decoded(folder / "video_180p.m3u8", "0:v:0")[0] == FRAMES
    mute = playlist(folder / "video_mute.m3u8")
    assert [p.uri for p in mute.playlists] == ["video_180p.m3u8"] and not mute.media
    assert playlist(folder / "video.m3u8").iframe_playlists[0].uri == "video_180p_I-Frame.m3u8"


def test_sheets_of_pictures_for_seeking(run):
    _, folder = run("cmaf-trick-play")
    lines = (folder / "video.m3u8").read_text().splitlines()
    (told,) = [line for line in lines if line.startswith("#EXT-X-IMAGE-STREAM-INF:")]
    assert 'RESOLUTION=80x46,CODECS="jpeg",URI="video_tiles.m3u8"' in told
    listed = playlist(folder / "video_tiles.m3u8")
    # Ten pictures, half a second apart: six in the first sheet.
    assert [s.uri for s in listed.segments] == ["video_tiles_000000001.jpg", "video_tiles_000000002.jpg"]
    assert [s.duration for s in listed.segments] == [3, 2] and listed.is_images_only
    for segment in listed.segments:
        (sheet,) = probed(folder / segment.uri)
        assert (sheet["width"], sheet["height"]) == (240, 92)
    _, found = representations(folder / "video.mpd")
    images, rep = found[-1]
    assert (images.mime_type, rep.width, rep.height) == ("image/jpeg", 240, 92)
    assert images.segment_templates[0].media == "video_tiles_$Number%09d$.jpg"


FILES = {
    "video_h264.mp4": [("h264", FRAMES), ("aac", None)],
    "video_main10.mp4": [("hevc", FRAMES)],
    "video_av1.mp4": [("av1", FRAMES)],
    "video_prores.mov": [("prores", FRAMES)],
    "video_ts.m2ts": [("h264", FRAMES), ("aac", None)],
    "video_vp9.webm": [("vp9", FRAMES)],
    "video_vp8.webm": [("vp8", FRAMES)],
    "video_gif.gif": [("gif", 25)],
    "video_raw.h265": [("hevc", FRAMES)],
    "video_sound.aac": [("aac", None)],
}


def test_files_of_each_container(run, s3):
    job, folder = run("file-containers")
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    for name, expected in FILES.items():
        found = probed(folder / name)
        assert [(s["codec_name"], int(s["nb_read_frames"])) for s in found if s["codec_type"] == "video"] == [
            (codec, frames) for codec, frames in expected if frames
        ], name
        assert [s["codec_name"] for s in found] == [codec for codec, _ in expected]
    details = [detail["VideoDetails"] for detail in job["OutputGroupDetails"][0]["OutputDetails"][:-1]]
    assert [d["HeightInPx"] for d in details] == [180, 180, 180, 180, 180, 180, 180, 90, 180]


def test_settings_of_h264(run):
    _, folder = run("file-containers")
    video = probed(folder / "video_h264.mp4")[0]
    assert (video["profile"], video["level"], video["has_b_frames"], video["refs"]) == ("High", 30, 1, 2)
    times = packets(folder / "video_h264.mp4")
    assert [round(time) for time, key in times if key] == [0, 1, 2, 3, 4]
    command = [
        "ffmpeg",
        "-v",
        "trace",
        "-i",
        "video_h264.mp4",
        "-c",
        "copy",
        "-bsf:v",
        "trace_headers",
        "-f",
        "null",
        "-",
    ]
    trace = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stderr
    coder = [line.split()[-1] for line in trace.splitlines() if "entropy_coding_mode_flag" in line]
    assert set(coder) == {"0"}


def test_settings_of_mp4_and_mpeg_ts(run):
    _, folder = run("file-containers")
    main10 = (folder / "video_main10.mp4").read_bytes()
    assert main10[8:12] == b"mp42" and main10.index(b"mdat") < main10.index(b"moov")
    faststart = (folder / "video_h264.mp4").read_bytes()
    assert faststart.index(b"moov") < faststart.index(b"mdat")
    video = probed(folder / "video_main10.mp4")[0]
    assert (video["codec_tag_string"], video["pix_fmt"]) == ("hvc1", "yuv420p10le")
    assert [stream["id"] for stream in probed(folder / "video_ts.m2ts")] == ["0x1e1", "0x1e2"]


def test_hdr10_goes_on_from_the_source(run, clip):
    screen = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
    color = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    parameters = ["-x265-params", f"log-level=error:hdr10=1:repeat-headers=1:{color}:{screen}"]
    tags = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"]
    encoder = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", *parameters, *tags]
    clip("hdr10.mp4", *picture("128x72", "25", 1), *encoder, "-tag:v", "hvc1")
    _, folder = run("hdr10")
    for name in ("hevc", "av1"):
        command = ["ffprobe", "-v", "error", "-show_frames", "-read_intervals", "%+#1", "-of", "json"]
        result = subprocess.run(
            [*command, str(folder / f"video_{name}.mp4")], capture_output=True, text=True, check=True
        )
        frame = json.loads(result.stdout)["frames"][0]
        assert (frame["color_transfer"], frame["color_primaries"]) == ("smpte2084", "bt2020"), name
        told = {data["side_data_type"]: data for data in frame["side_data_list"]}
        screen, light = told["Mastering display metadata"], told["Content light level metadata"]
        assert Fraction(screen["red_x"]) == pytest.approx(Fraction(34000, 50000), abs=1e-4), name
        assert Fraction(screen["max_luminance"]) == pytest.approx(1000, abs=0.1), name
        assert (light["max_content"], light["max_average"]) == (1000, 400), name


def test_names_in_camel_case(run):
    _, folder = run("camel-case")
    assert probed(folder / "video.mp4")[0]["height"] == 90


def test_a_ladder_by_automated_abr(run):
    job, folder = run("automated-abr")
    variants = [(p.uri, p.stream_info.resolution) for p in playlist(folder / "video.m3u8").playlists]
    assert variants[0] == ("video_abr_1.m3u8", (320, 180)) and ("video_abr_3.m3u8", (96, 54)) in variants
    assert len(variants) == 3
    sizes = [detail.get("VideoDetails") for detail in job["OutputGroupDetails"][0]["OutputDetails"]]
    assert [size and (size["WidthInPx"], size["HeightInPx"]) for size in sizes] == [*(s for _, s in variants), None]
    for uri, _ in variants:
        assert decoded(folder / uri, "0:v:0")[0] == FRAMES


def test_names_of_format_identifiers(run):
    job, folder = run("format-identifiers")
    day = job["Timing"]["StartTime"].strftime("%Y%m%d")
    names = [f"golden-{day}_{size}_{bits}k_25fps.mp4" for size, bits in (("160x0090", 360), ("320x0180", 720))]
    assert sorted(path.name for path in folder.iterdir()) == names


def test_dash_of_vp9(run):
    job, folder = run("dash-vp9")
    mpd, ((_, video), _) = representations(folder / "video.mpd")
    assert video.codecs.startswith("vp09.00.") and video.height == 90
    assert decoded(folder / "video.mpd", "0:v:0")[0] == FRAMES
    assert durations(job)[0] == 5000
