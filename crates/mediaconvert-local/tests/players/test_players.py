"""Players that aren't ours play each kind of manifest to its end, in a real browser."""

import json
import pathlib
import re

import pytest
from conftest import sdk

JOBS = pathlib.Path(__file__).resolve().parent.parent / "jobs"
SECONDS = 5
KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")

# A job of tests/jobs, its manifest and the players of that kind.
HLS, DASH = ("hls", "shaka"), ("dash", "shaka")
MANIFESTS = [
    ("cmaf", "video.m3u8", HLS),
    ("cmaf", "video.mpd", DASH),
    ("cmaf-av1", "video.m3u8", HLS),
    ("cmaf-av1", "video.mpd", DASH),
    ("cmaf-hevc-and-i-frames", "video.m3u8", HLS),
    ("cmaf-hevc-and-i-frames", "video.mpd", DASH),
    ("hls-ts-hevc-subdirectories", "video.m3u8", HLS),
    ("cmaf-single-file", "video.m3u8", HLS),
    ("cmaf-single-file", "video.mpd", DASH),
    ("dash-segmented", "video.mpd", DASH),
    ("dash-on-demand", "video.mpd", DASH),
    ("dash-number-in-names", "video.mpd", DASH),
    ("dash-vp9", "video.mpd", DASH),
    ("automated-abr", "video.m3u8", HLS),
    ("hls-ts-ladder", "video.m3u8", HLS),
    ("hls-ts-audio-groups", "video.m3u8", HLS),
    ("hls-ts-single-file", "video.m3u8", HLS),
    ("hls-ts-aes128", "video.m3u8", HLS),
    ("audio-only", "hls.m3u8", HLS),
    ("audio-only", "cmaf.m3u8", HLS),
    ("audio-only", "cmaf.mpd", DASH),
    # Of samples that are encrypted, hls.js and dash.js decrypt those only whose keys a DRM gives.
    ("cmaf-aes-ctr", "video.m3u8", ("shaka",)),
    ("cmaf-aes-ctr", "video.mpd", ("shaka",)),
    ("cmaf-sample-aes", "video.m3u8", ("shaka",)),
    ("cmaf-sample-aes", "video.mpd", ("shaka",)),
]

DECODES_HEVC = """MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L63.90"')"""


def request(name, source):
    if name == "cmaf":
        outputs = [sdk.rendition("_180p", Height=180), sdk.rendition("_90p", Height=90), sdk.audio()]
        return sdk.job(source, name, outputs, cmaf={"SegmentLength": 2})
    return sdk.capitals(json.loads((JOBS / f"{name}.json").read_text())) | {"Role": sdk.ROLE}


@pytest.fixture(scope="session")
def made(ended, clip, s3, keys, site):
    """Runs a job once; gives the folder of its outputs and that folder's URL."""
    picture = sdk.picture("320x180", "25", SECONDS)
    source = clip("golden.mp4", *picture, *sdk.sound(SECONDS), *sdk.CODECS)
    done = {}

    def once(name):
        if name not in done:
            job = ended(**request(name, source))
            assert job["Status"] == "COMPLETE", job.get("ErrorMessage")
            folder = site[0] / name
            for key in keys(name):
                (folder / key).parent.mkdir(parents=True, exist_ok=True)
                s3.download_file("out", f"{name}/{key}", str(folder / key))
            (folder / "key.bin").write_bytes(KEY)
            done[name] = (folder, f"{site[1]}/{name}")
        return done[name]

    return once


CASES = [(name, manifest, player) for name, manifest, players in MANIFESTS for player in players]


@pytest.mark.parametrize(("name", "manifest", "player"), CASES)
def test_it_is_played_to_its_end(made, site, browser, name, manifest, player):
    page = browser.new_page()
    try:
        if "hevc" in name and not page.evaluate(DECODES_HEVC):
            pytest.skip("this browser decodes no HEVC")
        folder, url = made(name)
        # Playlists say where the key is. An MPD has no place for that: the page has to know the key.
        encrypted = name in ("cmaf-aes-ctr", "cmaf-sample-aes") and manifest.endswith(".mpd")
        key = f"&key={KEY.hex()}" if encrypted else ""
        page.goto(f"{site[1]}/page/player.html?player={player}{key}&url={url}/{manifest}")
        page.wait_for_function("told.ended || told.errors.length", timeout=90_000)
        told = page.evaluate("told")
    finally:
        page.close()
    assert told["errors"] == [] and told["ended"], told
    pictures, sounds = counted(folder / manifest)
    assert abs(told["seconds"] - SECONDS) < 0.3, told
    if not pictures:
        assert told["frames"] == 0, told
        return
    # Under load, a browser drops frames; it has decoded some of each second.
    assert told["frames"] > 2 * SECONDS, told
    # A picture may count once for each group of sounds; of those, players tell what goes with their picture.
    assert pictures <= told["videos"] <= pictures * max(sounds, 1), told
    # A sound that is multiplexed with the picture is counted, or isn't.
    assert (1 if sounds else 0) <= told["audios"] <= max(sounds, 1), told


CAPTIONS = [
    ("ts/video.m3u8", "hls"),
    ("ts/video.m3u8", "shaka"),
    ("cmaf/video.m3u8", "hls"),
    ("cmaf/video.m3u8", "shaka"),
    ("cmaf/video.mpd", "dash"),
    ("cmaf/video.mpd", "shaka"),
    ("dash/video.mpd", "dash"),
    ("dash/video.mpd", "shaka"),
]


@pytest.mark.parametrize(("manifest", "player"), CAPTIONS)
def test_captions_are_shown_with_their_pictures(made, s3, site, browser, manifest, player):
    srt = b"1\n00:00:00,500 --> 00:00:01,500\nFirst\n\n2\n00:00:01,800 --> 00:00:02,600\nAcross the cut\n"
    s3.put_object(Bucket="source", Key="everywhere.srt", Body=srt)
    _, url = made("captions-everywhere")
    page = browser.new_page()
    try:
        # The second of two, which nobody shows without being asked: it is one second late.
        page.goto(f"{site[1]}/page/player.html?player={player}&captions=1&url={url}/{manifest}")
        page.wait_for_function("told.ended || told.errors.length", timeout=90_000)
        told = page.evaluate("told")
    finally:
        page.close()
    assert told["errors"] == [] and told["texts"] == 2, told
    shown = {text: (start, end) for start, end, text in told["cues"]}
    assert set(shown) == {"First", "Across the cut"}, told["cues"]
    # Of transport streams, players may begin with the first time of decoding, two frames before the first picture.
    assert shown["First"] == pytest.approx((1.5, 2.5), abs=0.1)
    # Segments repeat what is seen across their cuts.
    assert any(start == pytest.approx(2.8, abs=0.1) for start, _, text in told["cues"] if text == "Across the cut")


def counted(manifest):
    """Pictures and sounds to choose from, by a look at the text."""
    text = manifest.read_text()
    if manifest.suffix == ".m3u8":
        return len(set(re.findall(r"#EXT-X-STREAM-INF:.*RESOLUTION.*\n(.*)", text))), text.count("TYPE=AUDIO")
    pictures = [part for part in text.split("<AdaptationSet")[1:] if 'mimeType="video' in part]
    return sum(part.count("<Representation ") for part in pictures), text.count("<AdaptationSet") - len(pictures)
