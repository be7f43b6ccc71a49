"""Reads the records of a binary workbook's parts, and the values in them ([MS-XLSB], 2.1.4 and 2.5)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

LARGEST_PART = 400_000_000
"""Bytes of a part, unpacked: a sheet of some 25 million cells."""

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}

NO_TEXT = 0xFFFFFFFF


class DamagedPartError(ValueError):
    """A part that can't be read, and why."""


def records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Each record's number, where its content begins and ends; one that is cut off raises DamagedPartError."""
    at, end = 0, len(data)
    while at < end:
        try:
            kind, size = data[at], data[at + 1]
            at += 2
            if kind >= 0x80 or size >= 0x80:
                kind, size, at = _long_head(data, at - 2)
        except IndexError as error:
            raise DamagedPartError("it is cut off") from error
        stop = at + size
        if stop > end:
            raise DamagedPartError("it is cut off")
        yield kind, at, stop
        at = stop


def _long_head(data: bytes, at: int) -> tuple[int, int, int]:
    """A record's number and size, and where its content begins, when one of them takes more than a byte."""
    kind = data[at]
    at += 1
    if kind & 0x80:
        kind = kind & 0x7F | (data[at] & 0x7F) << 7
        at += 1
    size = shift = 0
    while True:
        byte = data[at]
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 or shift == 28:
            return kind, size, at


def wide(data: bytes, at: int, end: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends.

    Raises:
        DamagedPartError: it goes on beyond its record.
    """
    length = int.from_bytes(data[at : at + 4], "little")
    stop = at + 4 + 2 * (0 if length == NO_TEXT else length)
    if at + 4 > end or stop > end:
        raise DamagedPartError("a text goes on beyond its record")
    return data[at + 4 : stop].decode("utf-16-le", "replace"), stop


def short_number(data: bytes, at: int) -> float:
    """A number in 30 bits (RkNumber): whole, or the beginning of a longer one; divided by 100 where it says so."""
    raw = int.from_bytes(data[at : at + 4], "little")
    if raw & 2:
        value: float = (raw >> 2) - (1 << 30 if raw & 0x80000000 else 0)
    else:
        (value,) = struct.unpack("<d", b"\0\0\0\0" + (raw & 0xFFFFFFFC).to_bytes(4, "little"))
    return value / 100 if raw & 1 else value


def real(data: bytes, at: int) -> float:
    """A number in 64 bits."""
    (value,) = struct.unpack_from("<d", data, at)
    return float(value)
