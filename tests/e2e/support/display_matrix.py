"""Turns the picture of an MP4 by its display matrix, without touching the picture.

Written by hand: how ffmpeg is told to do this differs from version to version. ISO/IEC 14496-12, 8.3.2.
"""

import struct
from pathlib import Path

# Box header, version and flags, two times, track id, reserved, duration; then reserved, layer, group, volume, reserved.
_MATRIX = 8 + 4 + 5 * 4 + 16
_ONE, _ONE_OF_W = 1 << 16, 1 << 30


def turn_clockwise(path: Path) -> None:
    """Makes players turn the picture by a quarter, clockwise."""
    data = bytearray(path.read_bytes())
    (box, count) = data.find(b"tkhd") - 4, data.count(b"tkhd")
    assert box > 0 and count >= 1 and data[box + 8] == 0, "the first track's header is of version 0"
    height = struct.unpack_from(">I", data, box + _MATRIX + 40)[0]
    struct.pack_into(">9i", data, box + _MATRIX, 0, _ONE, 0, -_ONE, 0, 0, height, 0, _ONE_OF_W)
    path.write_bytes(data)
