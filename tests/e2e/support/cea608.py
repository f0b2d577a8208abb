"""Captions beside the pictures of an H.264 stream, as ATSC A/53 lays them out."""

POP_ON, SHOW = b"\x14\x20", b"\x14\x2f"
LAST_ROW = b"\x14\x70"


def beside_pictures(stream: bytes, said: str) -> bytes:
    """A stream of one slice a picture, between access unit delimiters, that says this in CC1 from its start on."""
    letters = said.encode("ascii") + b"\0" * (len(said) % 2)
    words = [letters[at : at + 2] for at in range(0, len(letters), 2)]
    pairs = iter([POP_ON, LAST_ROW, *words, SHOW])
    out = b""
    for unit in stream.split(b"\x00\x00\x01")[1:]:
        unit = unit.rstrip(b"\x00")
        is_picture = unit[0] & 0x1F in (1, 5)
        if is_picture:
            out += b"\x00\x00\x00\x01" + _user_data(next(pairs, b"\0\0"))
        out += b"\x00\x00\x00\x01" + unit
    return out


def _user_data(pair: bytes) -> bytes:
    payload = b"\xb5\x00\x31GA94\x03" + bytes([0x41, 0xFF, 0xFC, *map(_odd, pair)]) + b"\xff"
    return b"\x06\x04" + bytes([len(payload)]) + payload + b"\x80"


def _odd(byte: int) -> int:
    return byte | (0x80 if byte.bit_count() % 2 == 0 else 0)
