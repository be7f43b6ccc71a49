"""Tells what an OLE compound file holds (an old workbook, a letter, a mail, an encrypted package) by its directory.

Layout: Microsoft, [MS-CFB] "Compound File Binary File Format", sections 2.2 to 2.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

HEADER = struct.Struct("<76s109I")
SHIFTS = (9, 12)  # sectors of 512 or 4096 bytes; the format knows no others
IN_HEADER = 109  # FAT sectors that the header itself lists
NO_SECTOR = 0xFFFFFFFA  # and above: end of a chain, free, …
NO_ENTRY = 0xFFFFFFFF
ENTRY_SIZE = 128
MOST_SECTORS = 4_096  # of a directory: some thousand streams; a workbook has five
MOST_LISTS = 50_000  # sectors that list FAT sectors: enough for files of 4 GB


def root_names(path: Path) -> frozenset[str]:
    """The names of the streams and folders at the root, in small letters; none where the directory is damaged."""
    with path.open("rb") as file:
        try:
            return frozenset(_names(b"".join(_directory(file))))
        except (struct.error, OverflowError):
            return frozenset()


def _directory(file: IO[bytes]) -> Iterator[bytes]:
    """The directory's sectors, along their chain."""
    header, *listed = HEADER.unpack(file.read(HEADER.size))
    shift = int.from_bytes(header[30:32], "little")
    if shift not in SHIFTS:
        return
    sector = int.from_bytes(header[48:52], "little")
    more = int.from_bytes(header[68:72], "little")
    seen: set[int] = set()
    while sector < NO_SECTOR and sector not in seen and len(seen) < MOST_SECTORS:
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


def _names(directory: bytes) -> Iterator[str]:
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
        length = min(int.from_bytes(directory[at + 64 : at + 66], "little"), 64)
        yield directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace").lower()
        waiting += struct.unpack_from("<2I", directory, at + 68)
