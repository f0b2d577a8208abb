"""What is most likely to be otherwise on AWS than here, each with what is expected of it."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from local import clips, play
from local.api import Api
from local.chaos.plan import drop_in_id
from local.deployed import Deployed
from local.errors import LocalError
from local.paths import ROOT
from local.smoke.served import Unexpected, color, fetch, hls

Video = Mapping[str, Any]

END = ("READY", "FAILED", "CANCELED")
WORDS = "Hola desde el paseo"
SUBTITLES = f"1\n00:00:00,200 --> 00:00:01,500\n{WORDS}\n"
ADDED = "WEBVTT\n\n00:00.200 --> 00:01.500\nGuten Tag\n"
MAGENTA = (255, 0, 255)


class Unproven(Exception):
    """The case couldn't be tried, through nobody's fault; says why."""


@dataclass
class Smoke:
    """A run: the stack, somebody who may see everything, and what has been made."""

    deployed: Deployed
    outputs: Mapping[str, str]
    api: Api
    folder: Path
    prefix: str
    """Begins the names of all that is made, so that nothing of the stack's own is met."""
    patience_seconds: float
    poll_seconds: float
    videos: dict[str, str] = field(default_factory=dict)
    """The id of each case's video."""
    objects: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Bucket, key and version of what was put beside the videos."""
    clients: dict[str, BaseClient] = field(default_factory=dict)

    def client(self, service: str) -> BaseClient:
        """A client with the rights of the person who runs this."""
        if service not in self.clients:
            self.clients[service] = self.deployed.client(service)
        return self.clients[service]

    def clip(self, name: str, make: Callable[[Path], None]) -> Path:
        """A file to upload."""
        path = self.folder / name
        make(path)
        return path

    def put(self, bucket: str, key: str, content: bytes, keep: bool = False) -> Mapping[str, Any]:
        """Puts an object, which is removed at the end."""
        answer = self.client("s3").put_object(Bucket=self.outputs[bucket], Key=key, Body=content)
        if not keep:
            self.objects.append((self.outputs[bucket], key, answer.get("VersionId")))
        return answer

    def profile(self, name: str, content: Any) -> str:
        """Makes a profile of the stack's own."""
        profile = f"{self.prefix}-{name}"
        self.put("ConfigurationBucketName", f"profiles/{profile}.json", json.dumps(content).encode())
        return profile

    def wait(self, what: str, look: Callable[[], Any]) -> Any:
        """What `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + self.patience_seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                raise Unexpected(f"no {what} in {self.patience_seconds:.0f} s")
            time.sleep(self.poll_seconds)
        return found

    def ended(self, video_id: str) -> Video:
        """A video that has come to its end."""

        def look() -> Video | None:
            answer = self.api.send("GET", f"/api/videos/{video_id}")
            if answer.status == 404:  # a drop-in that no event has told of yet
                return None
            if answer.status != 200:
                raise Unexpected(f"the API answers {answer.status}")
            video = answer.json["video"]
            return video if video["status"] in END else None

        return self.wait("end of the video", look)

    def ready(self, video_id: str) -> Video:
        """A video that is READY."""
        video = self.ended(video_id)
        if video["status"] != "READY":
            failure = video.get("failure", {})
            sentence = failure.get("sentence", "without a reason")
            raise Unexpected(f"{video['status']} {failure.get('code', '')}: {sentence}")
        return video

    def record(self, video_id: str) -> Mapping[str, Any]:
        """The record as the table holds it, in DynamoDB's own form."""
        table = self.outputs["VideosTableName"]
        found = self.client("dynamodb").get_item(TableName=table, Key={"id": {"S": video_id}}, ConsistentRead=True)
        return found.get("Item", {})


@dataclass(frozen=True)
class Case:
    """What is tried."""

    name: str
    expected: str
    begin: Callable[[Smoke], str | None]
    """Begins it and returns the id of its video, so that all are converted side by side."""
    look: Callable[[Smoke, str | None], str]
    """Says what was seen; raises `Unexpected` if it isn't what was expected."""


def begin_nothing(_: Smoke) -> None:
    """For what is about another case's video."""


def look_at_page(smoke: Smoke, _: str | None) -> str:
    page = fetch(f"{smoke.api.site_url}/").decode(errors="replace")
    if "/assets/" not in page:
        raise Unexpected("a page without the web app: it was not part of the build")
    return "the page, with the web app"


def begin_sound(smoke: Smoke) -> str:
    return smoke.api.upload(smoke.clip("sound.m4a", clips.sound_alone))["id"]


def look_at_sound(smoke: Smoke, video_id: str) -> str:
    playback = smoke.ready(video_id)["playback"]
    master = hls(playback["hlsUrl"], 3)
    if any("RESOLUTION" in variant for variant in master.variants):
        raise Unexpected("a variant with a picture")
    played = play.play_dash(playback["dashUrl"])
    return f"READY; HLS has {len(master.variants)} variant, DASH plays {played[0].track.seconds:.1f} s"


def begin_silent(smoke: Smoke) -> str:
    return smoke.api.upload(smoke.clip("silent.mp4", clips.silent))["id"]


def look_at_silent(smoke: Smoke, video_id: str) -> str:
    video = smoke.ready(video_id)
    playback = video["playback"]
    master = hls(playback["hlsUrl"], 3)
    if master.sounds():
        raise Unexpected("a track of sound")
    size = play.picture_size(playback["posterUrl"])
    played = play.play_hls(playback["hlsUrl"])
    return f"READY; renditions that play: {len(played)}; poster {size[0]}×{size[1]}"


def begin_portrait(smoke: Smoke) -> str:
    image = smoke.clip("mark.png", clips.watermark)
    key = f"watermarks/{smoke.prefix}.png"
    smoke.put("ConfigurationBucketName", key, image.read_bytes())
    mark = {"image": key, "corner": "bottomRight", "widthPercent": 40}
    profile = smoke.profile("watermark", {"watermark": mark})
    return smoke.api.upload(smoke.clip("portrait.mp4", clips.portrait), profile=profile)["id"]


def look_at_portrait(smoke: Smoke, video_id: str) -> str:
    video = smoke.ready(video_id)
    wide = [item for item in video["playback"]["renditions"] if item.get("width", 0) > item.get("height", 0)]
    if wide:
        raise Unexpected(f"a rendition of {wide[0]['width']}×{wide[0]['height']}")
    (url, *_) = hls(video["playback"]["hlsUrl"], 2).urls
    corner = color(url, 0.85, 0.97)
    if any(abs(a - b) > 70 for a, b in zip(corner, MAGENTA, strict=True)):
        raise Unexpected(f"{corner} in the lower right corner, where the watermark should be {MAGENTA}")
    top = color(url, 0.02, 0.02)
    if top[0] < 150 or max(top[1:]) > 110:
        raise Unexpected(f"{top} in the upper left corner, which is red in the source")
    return "READY, upright, the watermark in its corner"


def begin_subtitles(smoke: Smoke) -> str:
    key = f"{smoke.prefix}/film.mp4"
    smoke.put("SourceBucketName", f"{smoke.prefix}/film.es-419.srt", SUBTITLES.encode())
    film = smoke.clip("film.mp4", clips.brief)
    smoke.put("SourceBucketName", key, film.read_bytes(), keep=True)  # goes with its video
    return drop_in_id(smoke.outputs["SourceBucketName"], key)


def look_at_subtitles(smoke: Smoke, video_id: str) -> str:
    words = hls(smoke.ready(video_id)["playback"]["hlsUrl"], 2).words
    for language, said in words.items():
        if language.startswith("es") and WORDS in said:
            return f"READY; captions in {language} say so"
    raise Unexpected(f"captions in {', '.join(words) or 'no language'}")


def begin_hevc(smoke: Smoke) -> str:
    profile = smoke.profile("hevc", {"video": {"large": {"above": 540, "codec": "hevc"}}})
    return smoke.api.upload(smoke.clip("large.mp4", clips.large), profile=profile)["id"]


def look_at_hevc(smoke: Smoke, video_id: str) -> str:
    playback = smoke.ready(video_id)["playback"]
    codecs = [variant.get("CODECS", "") for variant in hls(playback["hlsUrl"], 2).variants]
    if not any(codec.startswith(("hvc1", "hev1")) for codec in codecs):
        raise Unexpected(f"codecs {', '.join(codecs)}")
    played = play.play_hls(playback["hlsUrl"])
    return f"READY; {len(played)} renditions play: {', '.join(codecs)}"


def begin_surround(smoke: Smoke) -> str:
    return smoke.api.upload(smoke.clip("surround.mp4", clips.surround), profile="efficient")["id"]


def look_at_surround(smoke: Smoke, video_id: str) -> str:
    playback = smoke.ready(video_id)["playback"]
    channels = sorted({sound.get("CHANNELS", "?") for sound in hls(playback["hlsUrl"], 3).sounds()})
    if channels != ["2", "6"]:
        raise Unexpected(f"sound of {', '.join(channels) or 'no'} channels")
    played = play.play_hls(playback["hlsUrl"])
    return f"READY; stereo and 5.1, {len(played)} renditions play"


def look_at_added_captions(smoke: Smoke, _: str | None) -> str:
    video_id = smoke.videos["silent"]
    smoke.ready(video_id)
    path = f"/api/videos/{video_id}/captions/de"
    answer = smoke.api.send("PUT", path, ADDED.encode(), Content_Type="application/octet-stream")
    if answer.status >= 300:
        raise Unexpected(f"the API answers {answer.status}: {answer.body.decode(errors='replace')}")

    def look() -> Mapping[str, Any] | None:
        playback = smoke.api.video(video_id)["playback"]
        return playback if "/captions-" in playback["hlsUrl"] else None

    playback = smoke.wait("edition with the captions", look)
    words = hls(playback["hlsUrl"], 3).words
    if "Guten Tag" not in words.get("de", ""):
        raise Unexpected(f"captions in {', '.join(words) or 'no language'}")
    return "a new edition says them, without a job"


def begin_cancelled(smoke: Smoke) -> str:
    return smoke.api.upload(smoke.clip("long.mp4", clips.long))["id"]


def look_at_cancelled(smoke: Smoke, video_id: str) -> str:
    def job() -> str | None:
        return smoke.record(video_id).get("job", {}).get("M", {}).get("id", {}).get("S")

    job_id = smoke.wait("job", job)
    try:
        smoke.client("mediaconvert").cancel_job(Id=job_id)
    except ClientError as error:
        raise Unproven(f"the job had ended before it was cancelled: {error.response['Error']['Code']}") from error
    video = smoke.ended(video_id)
    if video["status"] != "CANCELED":
        raise Unexpected(f"{video['status']}")
    return "CANCELED"


def look_at_replayed(smoke: Smoke, _: str | None) -> str:
    video_id = smoke.videos["silent"]
    smoke.ready(video_id)
    before = smoke.record(video_id)
    source = {name: next(iter(value.values())) for name, value in before["source"]["M"].items()}
    described = {"key": quote_plus(source["key"], safe="/"), "size": int(source["sizeBytes"]), "eTag": source["etag"]}
    described |= {name: source[name] for name in ("versionId", "sequencer") if name in source}
    uploaded = _sample("s3-object-created")
    (told,) = uploaded["Records"]
    told["s3"] |= {"bucket": {"name": source["bucket"]}, "object": described}
    converted = _sample("mediaconvert-job-complete")
    converted["detail"] |= {
        "queue": smoke.outputs["MediaConvertQueueArn"],
        "jobId": before["job"]["M"]["id"]["S"],
        "userMetadata": {"id": video_id, "revision": before["revision"]["S"]},
    }
    for function, event in (("SubmitFunctionName", uploaded), ("CompleteFunctionName", converted)):
        answer = smoke.client("lambda").invoke(FunctionName=smoke.outputs[function], Payload=json.dumps(event).encode())
        if "FunctionError" in answer:
            raise Unexpected(f"{function} failed: {answer['Payload'].read().decode(errors='replace')}")
    if smoke.record(video_id) != before:
        raise Unexpected("a record that changed")
    return "the record is as before, to the last attribute"


def _sample(name: str) -> dict[str, Any]:
    """An event of the repository, to be made one of this stack."""
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


def look_at_deleted(smoke: Smoke, _: str | None) -> str:
    for video_id in smoke.videos.values():
        answer = smoke.api.send("DELETE", f"/api/videos/{video_id}")
        if answer.status not in (200, 202, 204, 404):
            raise Unexpected(f"the API answers {answer.status}")
    converted, sources = smoke.outputs["ConvertedBucketName"], smoke.outputs["SourceBucketName"]
    places = [(converted, f"{video_id}/") for video_id in smoke.videos.values()]
    places += [(sources, f"videos/{video_id}/") for video_id in smoke.videos.values()]
    places.append((sources, f"{smoke.prefix}/film.mp4"))
    s3 = smoke.client("s3")

    def gone() -> bool:
        return not any(s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions") for bucket, key in places)

    smoke.wait("end of their files", gone)
    for video_id in smoke.videos.values():
        if smoke.api.send("GET", f"/api/videos/{video_id}").status != 404:
            raise Unexpected("a video that the API still knows")
    return f"none of the {len(smoke.videos)} videos has a file left"


CASES = (
    Case("page", "the web app", begin_nothing, look_at_page),
    Case("sound alone", "READY; an HLS variant, and DASH, that play", begin_sound, look_at_sound),
    Case("silent", "READY; plays without a track of sound, with a poster", begin_silent, look_at_silent),
    Case("portrait with watermark", "READY, upright, the mark in its corner", begin_portrait, look_at_portrait),
    Case("film.es-419.srt", "READY; Spanish captions", begin_subtitles, look_at_subtitles),
    Case("HEVC", "READY; a variant in HEVC that plays", begin_hevc, look_at_hevc),
    Case("5.1", "READY; stereo and 5.1 that play", begin_surround, look_at_surround),
    Case("captions added", "they play without another job", begin_nothing, look_at_added_captions),
    Case("cancelled job", "CANCELED", begin_cancelled, look_at_cancelled),
    Case("events replayed", "nothing changes", begin_nothing, look_at_replayed),
    Case("deleted", "nothing is left", begin_nothing, look_at_deleted),
)
"""In the order in which they are looked at; the deletion is the last, and of all."""


def attempt(step: Callable[[], str | None]) -> str | None:
    """One step of a case, with every failure told as what was seen."""
    try:
        return step()
    except (LocalError, ClientError, OSError, KeyError) as error:
        raise Unexpected(f"{type(error).__name__}: {error}") from error
