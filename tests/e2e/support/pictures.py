"""Looks at pictures: of videos and of stills, through ffmpeg."""

import subprocess
from dataclasses import dataclass

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """Red, green and blue of each pixel, row by row from the top."""

    width: int
    height: int
    pixels: bytes

    def at(self, across: float, down: float) -> Color:
        """The color at a place: 0 is left or top, 1 is right or bottom."""
        column, row = int(across * (self.width - 1)), int(down * (self.height - 1))
        start = 3 * (row * self.width + column)
        red, green, blue = self.pixels[start : start + 3]
        return red, green, blue

    def spread(self) -> int:
        """Difference of the brightest and the darkest value, after the outermost hundredths."""
        values = sorted(self.pixels)
        edge = len(values) // 100
        return values[-1 - edge] - values[edge]

    def part(self, left: int, top: int, width: int, height: int) -> "Picture":
        """A part of it, in pixels."""
        rows = range(top, top + height)
        starts = (3 * (row * self.width + left) for row in rows)
        return Picture(width, height, b"".join(self.pixels[start : start + 3 * width] for start in starts))


def frame(source: str, number: int, size: tuple[int, int] | None = None) -> Picture:
    """A frame by its number, turned as players turn it."""
    scale = f",scale={size[0]}:{size[1]}:flags=area" if size else ""
    # PPM: the header tells the size.
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", source, "-map", "0:v:0", "-frames:v", "1"]
    command += ["-vf", f"select=eq(n\\,{number}){scale}", "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "-"]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    kind, width, height, depth, pixels = made.split(maxsplit=4) if made else (b"", b"", b"", b"", b"")
    assert (kind, depth) == (b"P6", b"255"), f"{source} has no frame {number}"
    # The pixels begin one white space after the depth; what looks like white space behind it is pixels.
    pixels = made[len(made) - 3 * int(width) * int(height) :]
    return Picture(int(width), int(height), pixels)


def difference(first: Picture, second: Picture) -> float:
    """Mean difference of the values of two pictures of one size, 0 to 255."""
    assert (first.width, first.height) == (second.width, second.height)
    return sum(abs(a - b) for a, b in zip(first.pixels, second.pixels, strict=True)) / len(first.pixels)


def looks(color: Color, like: Color, tolerance: int = 70) -> bool:
    """Whether a color is this one, give or take what encoding costs."""
    return all(abs(a - b) <= tolerance for a, b in zip(color, like, strict=True))


def flashes(source: str) -> list[float]:
    """When the left of the picture turns from dark to bright, seconds."""
    command = ["ffmpeg", "-nostdin", "-v", "info", "-copyts", "-i", source, "-map", "0:v:0", "-fps_mode", "passthrough"]
    command += ["-vf", "crop=iw/4:ih/4:iw/8:ih*3/8,scale=2:2:flags=area,format=gray,showinfo"]
    said = subprocess.run([*command, "-f", "null", "-"], check=True, capture_output=True, text=True).stderr
    times, bright_before = [], False
    for line in said.splitlines():
        if "pts_time:" not in line or "mean:[" not in line:
            continue
        bright = float(line.split("mean:[")[1].split("]")[0].split()[0]) > 128
        if bright and not bright_before:
            times.append(float(line.split("pts_time:")[1].split()[0]))
        bright_before = bright
    return times
