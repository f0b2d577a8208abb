"""Listens to sound, through ffmpeg."""

import array
import math
import subprocess
from dataclasses import dataclass

RATE = 48_000


@dataclass(frozen=True)
class Channel:
    """One channel, -1 to 1."""

    samples: array.array

    @property
    def loudness(self) -> float:
        """Root mean square, dB below full scale."""
        power = math.fsum(sample * sample for sample in self.samples) / max(len(self.samples), 1)
        return 10 * math.log10(power) if power else -math.inf

    @property
    def pitch(self) -> float:
        """Cycles per second of a pure tone."""
        middle = self.samples[len(self.samples) // 4 : -len(self.samples) // 4]
        crossings = sum(a < 0 <= b for a, b in zip(middle, middle[1:], strict=False))
        return crossings * RATE / len(middle)

    def first_loud_second(self, level: float = 0.1) -> float:
        """When it is louder than this for the first time."""
        return next(number for number, sample in enumerate(self.samples) if abs(sample) > level) / RATE


def channels(source: str) -> list[Channel]:
    """The channels of the first sound track, decoded; the first sample is the one of presentation time 0."""
    counted = ["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "stream=channels", "-of", "csv=p=0"]
    count = int(subprocess.run([*counted, source], check=True, capture_output=True).stdout.split()[0])
    decode = ["ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", source, "-map", "0:a:0"]
    decode += ["-af", f"aresample={RATE}:async=1:first_pts=0", "-f", "f32le", "-"]
    samples = array.array("f", subprocess.run(decode, check=True, capture_output=True).stdout)
    return [Channel(samples[number::count]) for number in range(count)]
