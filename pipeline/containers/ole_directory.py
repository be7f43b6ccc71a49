"""Tells what an OLE compound file holds (an old workbook, a letter, a mail, an encrypted package), and reads a stream.

Layout: Microsoft, [MS-CFB] "Compound File Binary File Format", sections 2.2 to 2.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from pipeline.source_file import SourceFile

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

HEADER = struct.Struct("<76s109I")
SHIFTS = (9, 12)  # sectors of 512 or 4096 bytes; the format knows no others
IN_HEADER = 109  # FAT sectors that the header itself lists
NO_SECTOR = 0xFFFFFFFA  # and above: end of a chain, free, …
NO_ENTRY = 0xFFFFFFFF
ENTRY_SIZE = 128
MOST_SECTORS = 4_096  # of a directory: some thousand streams; a workbook has five
SMALL = 4_096  # bytes; a smaller stream lies elsewhere, in a stream of small ones
SMALL_SHIFT = 6  # sectors of 64 bytes
MOST_LISTS = 50_000  # sectors that list FAT sectors: enough for files of 4 GB


def root_names(source: SourceFile) -> frozenset[str]:
    """The names of the streams and folders at the root, in small letters; none where the directory is damaged."""
    with source.open() as file:
        try:
            return frozenset(_name(entry) for entry in _entries(b"".join(_directory(file))))
        except (struct.error, OverflowError):
            return frozenset()


def read_stream(source: SourceFile, name: str) -> bytes:
    """A stream at the root, as far as its chain of sectors goes; b"" where there is none.

    Args:
        name: in small letters.
    """
    with source.open() as file:
        try:
            directory = b"".join(_directory(file))
            entry = next((one for one in _entries(directory) if _name(one) == name), b"")
            start, size = (int.from_bytes(entry[at : at + 4], "little") for at in (116, 120))
            most = source.size >> SHIFTS[0]
            whole = _small(file, directory, start, most) if size < SMALL else b"".join(_chain(file, start, most))
            return whole[:size]
        except (struct.error, OverflowError):
            return b""


def _small(file: IO[bytes], directory: bytes, sector: int, most: int) -> bytes:
    """A small stream: its sectors of 64 bytes lie in the root's own stream, and a FAT of their own chains them."""
    file.seek(60)
    table = b"".join(_chain(file, int.from_bytes(file.read(4), "little"), most))
    stream = b"".join(_chain(file, _word(directory, 29), most))
    found, seen = list[bytes](), set[int]()
    while sector < NO_SECTOR and sector not in seen:
        seen.add(sector)
        found.append(stream[sector << SMALL_SHIFT : (sector + 1) << SMALL_SHIFT])
        sector = _word(table, sector)
    return b"".join(found)


def _directory(file: IO[bytes]) -> Iterator[bytes]:
    """The directory's sectors."""
    file.seek(48)
    return _chain(file, int.from_bytes(file.read(4), "little"), MOST_SECTORS)


def _chain(file: IO[bytes], sector: int, most: int) -> Iterator[bytes]:
    """The sectors from this one on, along their chain."""
    file.seek(0)
    header, *listed = HEADER.unpack(file.read(HEADER.size))
    shift = int.from_bytes(header[30:32], "little")
    if shift not in SHIFTS:
        return
    more = int.from_bytes(header[68:72], "little")
    seen: set[int] = set()
    while sector < NO_SECTOR and sector not in seen and len(seen) < most:
        seen.add(sector)
        yield _sector(file, sector, shift)
        sector = _following(file, sector, shift, listed, more)


def _sector(file: IO[bytes], number: int, shift: int) -> bytes:
    file.seek((number + 1) << shift)
    return file.read(1 << shift)


def _following(file: IO[bytes], sector: int, shift: int, listed: list[int], more: int) -> int:
    """The sector after this one, as the FAT says."""
    per_sector = 1 << (shift - 2)
    which, within = divmod(sector, per_sector)
    if which < IN_HEADER:
        table = listed[which]
    else:
        steps, place = divmod(which - IN_HEADER, per_sector - 1)
        for _ in range(min(steps, MOST_LISTS)):
            more = _word(_sector(file, more, shift), per_sector - 1)
        table = _word(_sector(file, more, shift), place)
    return NO_SECTOR if table >= NO_SECTOR else _word(_sector(file, table, shift), within)


def _word(data: bytes, index: int) -> int:
    return int(struct.unpack_from("<I", data, index * 4)[0])


def _entries(directory: bytes) -> Iterator[bytes]:
    """Walks the tree of the root's children; storages below keep their own names to themselves."""
    if len(directory) < ENTRY_SIZE:
        return
    waiting, seen = [_word(directory, 19)], set[int]()
    while waiting:
        entry = waiting.pop()
        at = entry * ENTRY_SIZE
        if entry == NO_ENTRY or entry in seen or at + ENTRY_SIZE > len(directory):
            continue
        seen.add(entry)
        yield directory[at : at + ENTRY_SIZE]
        waiting += struct.unpack_from("<2I", directory, at + 68)


def _name(entry: bytes) -> str:
    length = min(int.from_bytes(entry[64:66], "little"), 64)
    return entry[: max(length - 2, 0)].decode("utf-16-le", "replace").lower()
