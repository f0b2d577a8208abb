"""Captions: from files and out of the picture into segments, files and pictures. Read back by ffmpeg."""

import json
import subprocess
import xml.etree.ElementTree as xml

import pytest
from conftest import CODECS, audio, job, picture, rendition
from test_outputs import decoded

MPD = "{urn:mpeg:dash:schema:mpd:2011}"

SRT = (
    "1\n00:00:01,000 --> 00:00:02,500\n<i>Fish</i> & chips\n\n"
    "2\n00:00:05,500 --> 00:00:07,000\nAcross the cut\n\nbroken\n"
)
VTT = (
    "WEBVTT\n\nSTYLE\n::cue { color: yellow }\n\n00:01.000 --> 00:02.500 line:10%\n<v Ann>Fisch &amp; Chips</v>\n\n"
    "00:05.500 --> 00:07.000\nÜber den Schnitt\n"
)
TTML = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="fr"><body><div><p begin="1s" end="2.5s">Poisson<br/>frites</p>'
    '<p begin="5.5s" end="7s">Par-dessus</p></div></body></tt>'
)
SCC = "Scenarist_SCC V1.0\n\n00:00:00:15\t9420 9420 9470 9470 46e9 73e8 942f 942f\n\n00:00:02:12\t942c 942c\n"


def cues(path):
    """Start, end and text of each cue, as ffmpeg reads them."""
    if "STYLE" in path.read_text():
        # Which ffmpeg doesn't know.
        header, _, rest = path.read_text().partition("STYLE")
        path = path.with_suffix(".plain.vtt")
        path.write_text(header + rest.split("\n\n", 1)[1])
    command = ["ffprobe", "-v", "error", "-show_packets", "-show_data", "-of", "json", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=True)
    assert done.stderr == "", done.stderr
    srt = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path.name, "-f", "srt", "-"], cwd=path.parent, capture_output=True, text=True
    )
    texts = [block.split("\n", 2)[2] for block in srt.stdout.strip().split("\n\n") if block.count("\n") > 1]
    packets = json.loads(done.stdout)["packets"]
    times = [(float(p["pts_time"]), float(p["pts_time"]) + float(p["duration_time"])) for p in packets]
    assert len(texts) == len(times), srt.stdout
    return [(*(round(t, 3) for t in time), text) for time, text in zip(times, texts, strict=True)]


def captions(modifier, selector, kind="WEBVTT", container="CMFC", extension=None, **more):
    destination = {"DestinationType": kind}
    destination |= more.pop("destination", {})
    output = {
        "NameModifier": modifier,
        "ContainerSettings": {"Container": container},
        "CaptionDescriptions": [{"CaptionSelectorName": selector, "DestinationSettings": destination} | more],
    }
    return output | ({"Extension": extension} if extension else {})


def from_file(kind, url, **more):
    return {"SourceSettings": {"SourceType": kind, "FileSourceSettings": {"SourceFile": url} | more}}


@pytest.fixture(scope="session")
def files(s3):
    for name, text in (("a.srt", "\ufeff" + SRT), ("a.vtt", VTT), ("a.ttml", TTML), ("a.scc", SCC), ("bad.vtt", SRT)):
        s3.put_object(Bucket="source", Key=f"captions/{name}", Body=text.encode())
    return "s3://source/captions"


def with_selectors(request, selectors):
    request["Settings"]["Inputs"][0]["CaptionSelectors"] = selectors
    return request


def test_captions_become_renditions_of_both_manifests(ended, plain, files, fetched, s3):
    outputs = [
        rendition("_360p", Height=360),
        audio(),
        captions("_en", "English", LanguageCode="ENG", LanguageDescription="English"),
        captions(
            "_de",
            "German",
            LanguageCode="DEU",
            destination={"WebvttDestinationSettings": {"StylePassthrough": "STRICT", "Accessibility": "ENABLED"}},
        ),
        captions("_fr", "French", CustomLanguageCode="fr-CA"),
        captions("_scc", "Scenarist", LanguageCode="ENG", LanguageDescription="English"),
    ]
    selectors = {
        "English": from_file("SRT", f"{files}/a.srt"),
        "German": from_file("WEBVTT", f"{files}/a.vtt", TimeDelta=250, TimeDeltaUnits="MILLISECONDS"),
        "French": from_file("TTML", f"{files}/a.ttml"),
        "Scenarist": from_file(
            "SCC", f"{files}/a.scc", Framerate={"FramerateNumerator": 30, "FramerateDenominator": 1}
        ),
    }
    done = ended(**with_selectors(job(plain, "captions", outputs), selectors))
    assert done["Status"] == "COMPLETE", done
    assert [d.get("DurationInMs") for d in done["OutputGroupDetails"][0]["OutputDetails"]][2:] == [0, 0, 0, 0]
    folder = fetched("captions")
    assert cues(folder / "video_en.vtt") == [(1, 2.5, "Fish & chips"), (5.5, 7, "Across the cut\nbroken")]
    assert cues(folder / "video_de.vtt")[1][:2] == (5.75, 7.25)
    assert "STYLE\n::cue { color: yellow }" in (folder / "video_de.vtt").read_text()
    assert "line:10%\n<v Ann>Fisch &amp; Chips</v>" in (folder / "video_de.vtt").read_text()
    assert cues(folder / "video_fr.vtt")[0] == (1, 2.5, "Poisson\nfrites")
    # The pair of EOC is the seventh word after 00:00:00:15.
    assert cues(folder / "video_scc.vtt") == [(0.7, 2.4, "Fish")]
    # A cue that is seen across a cut is in both segments, at its own times.
    assert [cue[2] for cue in cues(folder / "video_en_000000001.vtt")] == ["Fish & chips", "Across the cut\nbroken"]
    assert cues(folder / "video_en_000000002.vtt") == [(5.5, 7, "Across the cut\nbroken")]
    assert s3.head_object(Bucket="out", Key="captions/video_en_000000001.vtt")["ContentType"] == "text/vtt"

    master = (folder / "video.m3u8").read_text()
    lines = [line for line in master.splitlines() if "TYPE=SUBTITLES" in line]
    assert all('SUBTITLES="subs"' in line for line in master.splitlines() if line.startswith("#EXT-X-STREAM-INF"))
    assert lines[0] == (
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",LANGUAGE="eng",NAME="English",AUTOSELECT=YES,DEFAULT=YES,'
        'FORCED=NO,URI="video_en.m3u8"'
    )
    assert "DEFAULT=NO" in lines[1] and "describes-music-and-sound" in lines[1]
    assert 'LANGUAGE="fr-CA",NAME="fr-CA"' in lines[2] and 'NAME="English 2"' in lines[3]
    playlist = (folder / "video_en.m3u8").read_text()
    assert "EXT-X-MAP" not in playlist and playlist.count("#EXTINF:") == 2
    assert playlist.count("#EXTINF:") == (folder / "video_360p.m3u8").read_text().count("#EXTINF:")
    sets = [s for s in xml.parse(folder / "video.mpd").iter(f"{MPD}AdaptationSet") if s.get("mimeType") == "text/vtt"]
    assert [s.get("lang") for s in sets] == ["eng", "deu", "fr-CA", "eng"]
    assert [s.find(f".//{MPD}BaseURL").text for s in sets][:2] == ["video_en.vtt", "video_de.vtt"]
    assert sets[0].find(f"{MPD}Role").get("value") == "subtitle"
    assert sets[1].find(f"{MPD}Accessibility").get("value") == "caption"
    assert decoded(folder / "video_360p.m3u8", "v", 0)[0] == 200


def test_captions_become_files(ended, plain, files, fetched):
    outputs = [
        captions("_en", "English", "SRT", "RAW"),
        captions("_en", "English", "TTML", "RAW"),
        captions("_en", "English", "IMSC", "RAW", LanguageCode="ENG"),
        captions("_vtt", "English", "WEBVTT", "RAW", "vtt"),
    ]
    selectors = {"English": from_file("SRT", f"{files}/a.srt", TimeDelta=1)}
    request = with_selectors(job(plain, "captionfiles", stills=outputs), selectors)
    done = ended(**request)
    assert done["Status"] == "COMPLETE", done
    folder = fetched("captionfiles")
    expected = [(2, 3.5, "Fish & chips"), (6.5, 8, "Across the cut\nbroken")]
    assert cues(folder / "video_en.srt") == expected and cues(folder / "video_vtt.vtt") == expected
    for name in ("video_en.ttml", "video_en.xml"):
        paragraphs = list(xml.parse(folder / name).iter("{http://www.w3.org/ns/ttml}p"))
        assert [p.get("begin") for p in paragraphs] == ["00:00:02.000", "00:00:06.500"]
        assert paragraphs[0].text == "Fish & chips"


def test_captions_of_transport_streams_are_told_by_their_clock(run, s3, plain):
    body = b"1\n00:00:00,500 --> 00:00:01,500\nFirst\n\n2\n00:00:01,800 --> 00:00:02,600\nAcross the cut\n"
    s3.put_object(Bucket="source", Key="everywhere.srt", Body=body)
    _, folder = run("captions-everywhere")
    first = (folder / "ts/video_en_00001.vtt").read_text()
    # The first picture of the transport streams is shown at 2 s.
    assert "MPEGTS:180000\n" in first
    assert "MPEGTS:0\n" in (folder / "cmaf/video_en_000000001.vtt").read_text()
    assert cues(folder / "ts/video_en.vtt") == [(0.5, 1.5, "First"), (1.8, 2.6, "Across the cut")]
    assert cues(folder / "dash/video_fr.vtt") == [(1.5, 2.5, "First"), (2.8, 3.6, "Across the cut")]


@pytest.mark.parametrize("url, code", [("s3://source/captions/bad.vtt", 1010), ("s3://source/captions/gone.vtt", 1404)])
def test_bad_captions_fail_the_job(ended, plain, files, url, code):
    outputs = [rendition("_360p", Height=360), captions("_en", "English")]
    done = ended(**with_selectors(job(plain, f"bad{code}", outputs), {"English": from_file("WEBVTT", url)}))
    assert (done["Status"], done["ErrorCode"]) == ("ERROR", code), done


def test_a_selector_that_is_not_there_is_refused(convert, plain):
    outputs = [rendition("_360p", Height=360), captions("_en", "Nobody")]
    with pytest.raises(convert.exceptions.BadRequestException) as refused:
        convert.create_job(**job(plain, "nobody", outputs))
    assert "/outputGroups/0/outputs/1/captionDescriptions/0/captionSelectorName" in str(refused.value)


# CC1 says "One" from 1 s to 3 s, CC3 says "Two" from 2 s on, at 25 frames a second.
PAIRS = {
    (1, 15): b"\x14\x20",
    (1, 16): b"\x14\x70",
    (1, 17): b"On",
    (1, 18): b"e\x00",
    (1, 25): b"\x14\x2f",
    (1, 75): b"\x14\x2c",
    (2, 40): b"\x15\x20",
    (2, 41): b"\x15\x70",
    (2, 42): b"Tw",
    (2, 43): b"o\x00",
    (2, 50): b"\x15\x2f",
}


def parity(byte):
    return byte | (0x80 if bin(byte).count("1") % 2 == 0 else 0)


def of_608(frame):
    """CEA-608: a pair of each field."""
    pairs = [PAIRS.get((field, frame), b"\x00\x00") for field in (1, 2)]
    return b"".join(bytes([0xFC | field, *map(parity, pair)]) for field, pair in enumerate(pairs))


# Windows of one and two rows at the bottom. Service 1 shows its own from 1 s to 3 s; service 2 writes to its own while
# that is seen, from 2 s on. Two packets are of both.
ROW, ROWS = bytes([0x98, 0x00, 70, 0, 0x00, 31, 0x11]), bytes([0x9A, 0x20, 65, 0, 0x01, 31, 0x11])
BLOCKS = {
    10: [(1, ROW + b"One \x7f\x03")],
    25: [(1, b"\x89\x01")],
    50: [(1, b"\x00"), (2, ROWS + b"T")],
    51: [(2, b"wo\x03")],
    75: [(1, b"\x8a\x01"), (2, b"\x0dThr\xe9\x10\x25\x03")],
}


def of_708(frame):
    """CEA-708 alone: no pair of CEA-608 is valid."""
    pairs = [b"\xf8\x80\x80", b"\xf9\x80\x80"]
    if blocks := BLOCKS.get(frame):
        rest = b"".join(bytes([service << 5 | len(codes)]) + codes for service, codes in blocks)
        rest += b"\x00" * (1 - len(rest) % 2)
        number = list(BLOCKS).index(frame) % 4
        packet = bytes([number << 6 | (1 + len(rest)) // 2]) + rest
        pairs += [b"\xfe" + packet[at : at + 2] for at in range(0, len(packet), 2)]
        pairs[2] = b"\xff" + packet[:2]
    return b"".join(pairs) + b"\xfa\x00\x00" * (20 - len(pairs))


def with_captions(stream, data):
    """An H.264 byte stream with pictures in the order of showing, and data beside them (ATSC A/53)."""
    out, frame, seen = b"", 0, False
    for unit in stream.split(b"\x00\x00\x01")[1:]:
        unit = unit.rstrip(b"\x00")
        kind = unit[0] & 0x1F
        if kind in (1, 5) and not seen:
            pairs = data(frame)
            payload = b"\xb5\x00\x31GA94\x03" + bytes([0x40 | len(pairs) // 3, 0xFF]) + pairs + b"\xff"
            sei = b"\x06\x04" + bytes([len(payload)]) + payload + b"\x80"
            out += b"\x00\x00\x00\x01" + sei
            frame += 1
        seen = kind in (1, 5)
        out += b"\x00\x00\x00\x01" + unit
    return out


@pytest.fixture(scope="session")
def captioned(clip):
    """Makes byte streams with captions in the picture; one slice a picture, none of them B."""
    raw, delimited = clip.folder / "raw.h264", clip.folder / "aud.h264"
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-pix_fmt", "yuv420p", "-x264-params", "slices=1"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *picture("320x180", seconds=4), *encoder, str(raw)], check=True)
    # The access unit delimiters and parameter sets between pictures reset `seen`.
    filtered = ["-c", "copy", "-bsf:v", "h264_metadata=aud=insert", str(delimited)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(raw), *filtered], check=True)

    def make(data):
        path = clip.folder / f"{data.__name__}.h264"
        path.write_bytes(with_captions(delimited.read_bytes(), data))
        return path

    return make


@pytest.fixture(scope="session")
def embedded(clip, captioned):
    return clip("embedded.mp4", "-r", "25", "-i", str(captioned(of_608)), "-c", "copy")


@pytest.fixture(scope="session")
def embedded_in_708(clip, captioned):
    """With B pictures: x264 lays beside each picture what was decoded with it."""
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "3", "-x264-params", "b-adapt=0"]
    return clip("embedded708.mp4", "-r", "25", "-i", str(captioned(of_708)), *encoder)


def channels(*numbers):
    """Selectors of channels in the picture."""
    return {
        f"CC{n}": {
            "SourceSettings": {"SourceType": "EMBEDDED", "EmbeddedSourceSettings": {"Source608ChannelNumber": n}}
        }
        for n in numbers
    }


def test_embedded_captions_come_out_of_the_picture(ended, embedded, fetched):
    outputs = [rendition("_180p", Height=180), captions("_1", "CC1"), captions("_3", "CC3"), captions("_2", "CC2")]
    done = ended(**with_selectors(job(embedded, "embedded", outputs), channels(1, 2, 3)))
    assert done["Status"] == "COMPLETE", done
    assert any("channel 2" in warning for warning in done["Messages"]["Warning"])
    folder = fetched("embedded")
    assert cues(folder / "video_1.vtt") == [(1, 3, "One")]
    assert cues(folder / "video_3.vtt") == [(2, 4, "Two")]
    assert "-->" not in (folder / "video_2.vtt").read_text()


def test_embedded_captions_may_be_there_as_708_only(ended, embedded_in_708, fetched):
    outputs = [rendition("_180p", Height=180), captions("_1", "CC1"), captions("_2", "CC2"), captions("_3", "CC3")]
    done = ended(**with_selectors(job(embedded_in_708, "embedded708", outputs), channels(1, 2, 3)))
    assert done["Status"] == "COMPLETE", done
    assert any("channel 3" in warning for warning in done["Messages"]["Warning"])
    folder = fetched("embedded708")
    assert cues(folder / "video_1.vtt") == [(1, 3, "One ♪")]
    assert cues(folder / "video_2.vtt") == [(2, 3, "Two"), (3, 4, "Two\nThré…")]
    assert "-->" not in (folder / "video_3.vtt").read_text()


def test_ancillary_captions_come_out_of_the_track_beside_the_picture(ended, clip, fetched):
    (clip.folder / "track.scc").write_text(SCC)
    source = clip(
        "ancillary.mov",
        *picture("320x180", seconds=4),
        *["-i", str(clip.folder / "track.scc"), "-map", "0:v", "-map", "1:s", *CODECS, "-c:s", "copy"],
    )
    settings = {"SourceType": "ANCILLARY", "AncillarySourceSettings": {"SourceAncillaryChannelNumber": 1}}
    outputs = [rendition("_180p", Height=180), captions("_1", "CC1")]
    done = ended(**with_selectors(job(source, "ancillary", outputs), {"CC1": {"SourceSettings": settings}}))
    assert done["Status"] == "COMPLETE", done
    assert cues(fetched("ancillary") / "video_1.vtt")[0][2] == "Fish"


def test_a_text_track_is_a_source(ended, clip, fetched):
    (clip.folder / "track.srt").write_text(SRT)
    source = clip(
        "track.mkv",
        *picture("320x180", seconds=8),
        *["-i", str(clip.folder / "track.srt"), "-map", "0:v", "-map", "1:s", "-map", "1:s"],
        *["-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=fra", *CODECS],
    )
    selectors = {"French": {"LanguageCode": "FRA", "SourceSettings": {"SourceType": "SRT"}}}
    outputs = [rendition("_180p", Height=180), captions("_fr", "French")]
    done = ended(**with_selectors(job(source, "track", outputs), selectors))
    assert done["Status"] == "COMPLETE", done
    assert cues(fetched("track") / "video_fr.vtt")[0] == (1, 2.5, "Fish & chips")


def frame(path, time, region):
    """Mean of red, green and blue in a part of the picture at a time."""
    x, y, width, height = region
    filters = f"crop={width}:{height}:{x}:{y},scale=1:1:flags=area,format=rgb24"
    command = ["ffmpeg", "-v", "error", "-ss", str(time), "-i", str(path), "-frames:v", "1", "-vf", filters]
    done = subprocess.run([*command, "-f", "rawvideo", "-"], capture_output=True, check=True)
    return tuple(done.stdout)


def test_captions_are_drawn_while_they_last(ended, clip, files, fetched):
    source = clip("black.mp4", "-f", "lavfi", "-i", "color=black:s=640x360:r=25:d=4", *CODECS)
    burnt = {
        "CaptionSelectorName": "English",
        "DestinationSettings": {
            "DestinationType": "BURN_IN",
            "BurninDestinationSettings": {"FontColor": "RED", "BackgroundColor": "WHITE", "BackgroundOpacity": 255},
        },
    }
    video = rendition("_burnt", Height=360) | {"CaptionDescriptions": [burnt]}
    file = video | {"ContainerSettings": {"Container": "MP4"}, "NameModifier": "_file"}
    request = with_selectors(job(source, "burnt", [video], [file]), {"English": from_file("SRT", f"{files}/a.srt")})
    assert ended(**request)["Status"] == "COMPLETE"
    path = fetched("burnt") / "video_file.mp4"
    below, above = (270, 320, 100, 20), (270, 20, 100, 20)
    red, green, blue = frame(path, 1.5, below)
    assert blue > 100 and red > blue + 5
    assert max(frame(path, 1.5, above)) < 20
    assert max(frame(path, 0.9, below)) < 20 and max(frame(path, 2.6, below)) < 20


@pytest.mark.parametrize("kept", [False, True])
def test_embedded_captions_stay_in_the_picture_when_asked_to(ended, embedded, fetched, kept):
    name = f"kept{kept}"
    description = {"CaptionSelectorName": "CC1", "DestinationSettings": {"DestinationType": "EMBEDDED"}}
    video = rendition("_180p", Height=180) | ({"CaptionDescriptions": [description]} if kept else {})
    file = video | {"ContainerSettings": {"Container": "MP4"}}
    selectors = {"CC1": {"SourceSettings": {"SourceType": "EMBEDDED"}}}
    assert ended(**with_selectors(job(embedded, name, stills=[file]), selectors))["Status"] == "COMPLETE"
    movie = fetched(name) / "video_180p.mp4"
    command = ["ffprobe", "-v", "error", "-f", "lavfi", "-i", f"movie={movie}[out0+subcc]", "-show_packets"]
    done = subprocess.run([*command, "-select_streams", "s"], capture_output=True, text=True)
    assert ("[PACKET]" in done.stdout) == kept
