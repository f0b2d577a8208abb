"""Captions beside the pictures of an H.264 stream, as ATSC A/53 lays them out."""

from collections.abc import Iterable

NOTHING = b"\xf8\x80\x80"


def beside_pictures(stream: bytes, data: Iterable[bytes]) -> bytes:
    """A stream of one slice a picture, between access unit delimiters, with this beside its first pictures."""
    left = iter(data)
    out = b""
    for unit in stream.split(b"\x00\x00\x01")[1:]:
        unit = unit.rstrip(b"\x00")
        is_picture = unit[0] & 0x1F in (1, 5)
        if is_picture:
            out += b"\x00\x00\x00\x01" + _user_data(next(left, NOTHING))
        out += b"\x00\x00\x00\x01" + unit
    return out


def cea608(said: str) -> list[bytes]:
    """Says this in CC1."""
    pop_on, last_row, show = b"\x14\x20", b"\x14\x70", b"\x14\x2f"
    letters = said.encode("ascii") + b"\0" * (len(said) % 2)
    words = [letters[at : at + 2] for at in range(0, len(letters), 2)]
    return [bytes([0xFC, *map(_odd, pair)]) for pair in (pop_on, last_row, *words, show)]


def cea708(said: str) -> list[bytes]:
    """Says this in service 1, and nothing as CEA-608."""
    hidden_window = bytes([0x98, 0x00, 60, 0, 0, 31, 0x11])
    show = b"\x89\x01"
    blocks = (hidden_window, said.encode("latin-1"), show)
    return [NOTHING + _packet(number, block) for number, block in enumerate(blocks)]


def _packet(number: int, block: bytes) -> bytes:
    rest = bytes([1 << 5 | len(block)]) + block
    rest += b"\0" * (1 - len(rest) % 2)
    packet = bytes([number % 4 << 6 | (1 + len(rest)) // 2]) + rest
    pairs = [packet[at : at + 2] for at in range(0, len(packet), 2)]
    return b"".join((b"\xfe" if number else b"\xff") + pair for number, pair in enumerate(pairs))


def _user_data(data: bytes) -> bytes:
    payload = b"\xb5\x00\x31GA94\x03" + bytes([0x40 | len(data) // 3, 0xFF]) + data + b"\xff"
    return b"\x06\x04" + bytes([len(payload)]) + payload + b"\x80"


def _odd(byte: int) -> int:
    return byte | (0x80 if byte.bit_count() % 2 == 0 else 0)
