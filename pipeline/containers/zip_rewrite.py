"""Writes a zip again with a few parts replaced; every other part keeps its bytes, packed as they are, and its place.

Headers, extra fields, dates, data descriptors and the archive's comment are copied; only the directory at the end says
new offsets. (APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.)
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from pipeline.containers.zip_archive import LOCAL_HEADER, Archive
from pipeline.errors import FileError

try:
    from isal import isal_zlib as zlib
except ImportError:  # a machine without a built isal: the same, slower
    import zlib  # type: ignore[no-redef]

LEVEL = 1
"""How hard replaced parts are packed: ISA-L's 1 and 2 take the same time; zlib's 6 would take four times as long."""

LIMIT = 0xFFFFFFFF
"""What the zip format's 32-bit fields hold and, in such a field, the sign that the value stands in a zip64 field."""

LIKELY_LARGE = 4
"""Parts of a fourth of that get room for a zip64 field, for their new size is not known before they are written."""

COPY_SIZE = 1 << 20

CENTRAL = struct.Struct("<4s4B4H3L5H2L")
END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR64 = struct.Struct("<4sLQL")
ZIP64_FIELD = 0x0001
GROWTH_HINT = struct.pack("<HHHH12x", 0xA220, 16, 0xA028, 16)  # OPC's own padding field: 20 bytes, as a zip64 field is
HAS_DESCRIPTOR = 0x0008


Chunk = bytes | memoryview
"""A piece of a part's new content."""


class ZipTooLargeError(Exception):
    """A new part outgrew the sizes that its header has room for."""


class Packed(NamedTuple):
    """What a written part came to."""

    crc: int
    packed: int
    plain: int


@dataclass(slots=True)
class ZipEntry:
    """An entry of the directory: its record there, and where its part stands in the old and in the new file."""

    info: zipfile.ZipInfo
    record: bytes
    offset: int = 0
    new: Packed | None = None


def rewrite_zip(archive: Archive, target: Path, replaced: Mapping[str, Iterable[Chunk]], *, limit: int = LIMIT) -> None:
    """Writes ``archive`` to ``target`` with the contents of some entries replaced; the target is flushed to the disk.

    Args:
        archive: the opened zip.
        target: overwritten.
        replaced: new contents by entry name, piece by piece.
        limit: sizes and offsets from here on stand in zip64 fields; readers understand that for smaller ones too.
    Raises:
        FileError: the zip contradicts itself.
        ZipTooLargeError: a new part is larger than its header can say.
    """
    try:
        with archive.source.open() as old, target.open("wb") as new:
            entries = _directory(archive, old)
            last = {archive.entries[name].header_offset: pieces for name, pieces in replaced.items()}
            _copy_parts(old, new, entries, archive.directory_start, last, limit)
            _write_directory(new, entries, archive.comment, limit)
            new.flush()
            os.fsync(new.fileno())
    except (struct.error, zipfile.BadZipFile) as error:
        raise FileError(
            "This file is damaged: its directory contradicts its parts",
            "Save it again in Excel.",
            where=archive.path.name,
        ) from error


def _directory(archive: Archive, old: IO[bytes]) -> list[ZipEntry]:
    old.seek(archive.directory_start)
    entries = []
    for info in archive.directory:
        fixed = old.read(CENTRAL.size)
        fields = CENTRAL.unpack(fixed)
        if fields[0] != b"PK\x01\x02":
            raise zipfile.BadZipFile("no directory record")
        entries.append(ZipEntry(info, fixed + old.read(fields[12] + fields[13] + fields[14])))
    return entries


def _copy_parts(
    old: IO[bytes],
    new: IO[bytes],
    entries: list[ZipEntry],
    end: int,
    replaced: Mapping[int, Iterable[Chunk]],
    limit: int,
) -> None:
    """All parts in the order in which they stand; with each goes whatever stands between it and the next."""
    ordered = sorted(entries, key=lambda entry: entry.info.header_offset)
    ends = [entry.info.header_offset for entry in ordered[1:]] + [end]
    if ordered:
        _copy(old, new, 0, ordered[0].info.header_offset)
    for entry, stop in zip(ordered, ends, strict=True):
        start = entry.info.header_offset
        entry.offset = new.tell()
        if start in replaced:
            entry.new = _write_part(old, new, entry.info, replaced[start], limit)
        else:
            _copy(old, new, start, stop)


def _copy(old: IO[bytes], new: IO[bytes], start: int, stop: int) -> None:
    old.seek(start)
    left = stop - start
    while left > 0:
        piece = old.read(min(COPY_SIZE, left))
        if not piece:
            raise zipfile.BadZipFile("cut short")
        new.write(piece)
        left -= len(piece)


def _write_part(old: IO[bytes], new: IO[bytes], info: zipfile.ZipInfo, pieces: Iterable[Chunk], limit: int) -> Packed:
    """A part packed anew, under the header it had; its sizes are filled in once they are known."""
    old.seek(info.header_offset)
    header = list(LOCAL_HEADER.unpack(old.read(LOCAL_HEADER.size)))
    name, extra = old.read(header[9]), _without_zip64(old.read(header[10]))
    room = GROWTH_HINT if info.file_size >= limit // LIKELY_LARGE else b""
    start = new.tell()
    new.write(bytes(LOCAL_HEADER.size) + name + room + extra)
    packed = _deflate(new, pieces)
    large = max(packed.packed, packed.plain) >= limit
    if large and not room:
        raise ZipTooLargeError
    header[1] = max(header[1], 45 if large else 20)
    header[2] &= ~HAS_DESCRIPTOR
    header[3] = zipfile.ZIP_DEFLATED
    header[6:9] = (packed.crc, LIMIT, LIMIT) if large else (packed.crc, packed.packed, packed.plain)
    header[10] = len(room) + len(extra)
    field = struct.pack("<HHQQ", ZIP64_FIELD, 16, packed.plain, packed.packed) if large else room
    end = new.tell()
    new.seek(start)
    new.write(LOCAL_HEADER.pack(*header) + name + field)
    new.seek(end)
    return packed


def _deflate(new: IO[bytes], pieces: Iterable[Chunk]) -> Packed:
    """Packs pieces on a second thread (ISA-L and zlib let go of Python's lock) while the next one is made."""
    packer: Any = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    crc = packed = plain = 0

    def pack(piece: Chunk) -> Any:
        nonlocal crc
        crc = zlib.crc32(piece, crc)
        return packer.compress(piece)

    with ThreadPoolExecutor(1) as thread:
        packing = thread.submit(bytes)
        for piece in pieces:
            packed += new.write(packing.result())
            packing = thread.submit(pack, piece)
            plain += len(piece)
        packed += new.write(packing.result())
    return Packed(crc, packed + new.write(packer.flush()), plain)


def _without_zip64(extra: bytes) -> bytes:
    """An entry's extra fields but the one with its sizes."""
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind != ZIP64_FIELD:
            kept += extra[at : at + 4 + size]
        at += 4 + size
    return kept + extra[at:]


def _write_directory(new: IO[bytes], entries: list[ZipEntry], comment: bytes, limit: int) -> None:
    start = new.tell()
    for entry in entries:
        new.write(_record(entry, limit))
    size = new.tell() - start
    count = len(entries)
    large = count >= 0xFFFF or start >= limit or size >= limit
    if large:
        at = new.tell()
        new.write(END64.pack(b"PK\x06\x06", END64.size - 12, 45, 45, 0, 0, count, count, size, start))
        new.write(LOCATOR64.pack(b"PK\x06\x07", 0, at, 1))
    short = min(count, 0xFFFF)
    end = (LIMIT, LIMIT) if large else (size, start)
    new.write(END.pack(b"PK\x05\x06", 0, 0, short, short, *end, len(comment)))
    new.write(comment)


def _record(entry: ZipEntry, limit: int) -> bytes:
    """The entry's record as it was, with its new offset; and its new sizes where it was replaced."""
    fields = list(CENTRAL.unpack_from(entry.record))
    name_end = CENTRAL.size + fields[12]
    name = entry.record[CENTRAL.size : name_end]
    extra, comment = entry.record[name_end : name_end + fields[13]], entry.record[name_end + fields[13] :]
    was = entry.info
    sizes = entry.new or Packed(was.CRC, was.compress_size, was.file_size)
    plain = _without_zip64(extra)
    values = (sizes.plain, sizes.packed, entry.offset)
    large = [value for value in values if value >= limit]
    said = [LIMIT if value >= limit else value for value in values]
    if large:
        plain = struct.pack(f"<HH{len(large)}Q", ZIP64_FIELD, 8 * len(large), *large) + plain
        fields[3] = max(fields[3], 45)
    if entry.new:
        fields[3] = max(fields[3], 20)
        fields[5] &= ~HAS_DESCRIPTOR
        fields[6] = zipfile.ZIP_DEFLATED
    fields[9:12] = (sizes.crc, said[1], said[0])
    fields[13] = len(plain)
    fields[18] = said[2]
    return CENTRAL.pack(*fields) + name + plain + comment
