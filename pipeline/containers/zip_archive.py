"""Opens zip containers (.xlsx, .xlsb, .ods) only when unpacking them can't hurt, and XML only without entities."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pipeline.errors import FileError
from pipeline.source_file import SourceFile

try:
    from isal import isal_zlib as zlib
except ImportError:  # a machine without a built isal: the same, slower
    import zlib  # type: ignore[no-redef]

BROKEN: Any = (zlib.error, zipfile.BadZipFile, struct.error, EOFError)

MOST_ENTRIES = 20_000  # a workbook with every feature has some hundred parts, with an image a row some thousands
LARGEST_DIRECTORY = 20_000_000  # bytes of the zip's own list of entries: 20,000 of 1,000 bytes each
LARGEST_ENTRY = 16_000_000_000  # 1,048,576 x 100 cells come to about 5 GB of XML
LARGEST_TOTAL = 24_000_000_000
LARGEST_RATIO = 400  # a sheet of one repeated row packs 1:200; bombs 1:1000
RATIO_COUNTS_FROM = 50_000_000  # bytes; below, no ratio can hurt
LARGEST_SMALL_PART = 64_000_000  # styles, relationships, workbook: parts that are held whole; styles reach 20 MB


READ_SIZE = 1 << 18
UNPACKED_SIZE = 1 << 20
"""Bytes of a piece: larger ones, and what is made of them, don't fit in a processor's cache and take twice as long."""

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
LONGEST_END = 22 + 65_535 + 20  # the end record, the longest comment, and the way to a zip64 record
ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Archive:
    """A checked zip: its entries by name, all records of its directory, where that begins, the comment behind it."""

    source: SourceFile
    entries: dict[str, zipfile.ZipInfo]
    directory: tuple[zipfile.ZipInfo, ...]
    directory_start: int
    comment: bytes
    _spelt: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Folds the names once."""
        object.__setattr__(self, "_spelt", {_folded(name): name for name in reversed(self.entries)})

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def find(self, name: str) -> str | None:
        """The entry's own spelling of a part's name; the format compares them in any letter case."""
        return name if name in self.entries else self._spelt.get(_folded(name))

    def read(self, name: str) -> bytes:
        """A small part, whole."""
        info = self.entries[name]
        if info.file_size > LARGEST_SMALL_PART:
            raise FileError(f"Its part {name} is too large to be true", "Save it again in Excel.", where=self.path.name)
        return b"".join(self.stream(name))

    def stream(self, name: str) -> Iterator[bytes]:
        """A part, piece by piece; never more than its directory announces.

        Raises:
            FileError: it is damaged, or larger than announced.
        """
        info = self.entries[name]
        got = crc = 0
        try:
            with self.source.open() as file:
                for piece in _inflated(file, info):
                    got += len(piece)
                    crc = zlib.crc32(piece, crc)
                    if got > info.file_size:
                        raise _damaged(self.path, f"its part {name} is larger than it says")
                    yield piece
        except BROKEN as error:
            raise _damaged(self.path, f"its part {name} can't be unpacked") from error
        if got != info.file_size or crc != info.CRC:
            raise _damaged(self.path, f"its part {name} is not what it was when it was saved")


def _folded(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def data_offset(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where an entry's packed bytes begin; struct.error or BadZipFile where there is none."""
    if info.header_offset < 0:
        raise zipfile.BadZipFile("before the file")
    file.seek(info.header_offset)
    header = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    if header[0] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    return int(info.header_offset + LOCAL_HEADER.size + header[9] + header[10])


def _inflated(file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(data_offset(file, info))
    left = info.compress_size
    unpack: Any = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        packed = file.read(min(READ_SIZE, left))
        if not packed:
            raise EOFError
        left -= len(packed)
        while packed:
            yield unpack.decompress(packed, UNPACKED_SIZE) if unpack else packed
            packed = unpack.unconsumed_tail if unpack else b""
    if unpack:
        yield unpack.flush()


def _damaged(path: Path, what: str) -> FileError:
    return FileError(
        f"This file is damaged: {what}", "Open it in Excel and save it again, or export it anew.", where=path.name
    )


def open_archive(source: SourceFile) -> Archive:
    """Checks a zip by its directory, before anything is unpacked.

    Raises:
        FileError: truncated, encrypted, two entries in one place or of one name, or a bomb.
    """
    path = source.path
    try:
        _check_directory(source)
        with source.open() as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            _check_sizes(path, infos)
            _check_each(path, infos)
            _check_places(path, file, infos, archive.start_dir)
            start, comment = archive.start_dir, archive.comment
    except OSError as error:
        raise FileError(f"This file can't be read: {error.strerror or error}", where=path.name) from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError) as error:
        raise _damaged(path, "the end is missing, or it was cut while being copied") from error
    entries = {info.filename: info for info in infos if not info.is_dir()}
    return Archive(source, entries, tuple(infos), start, comment)


def _check_directory(source: SourceFile) -> None:
    """Looks at the record at the zip's end, before ``zipfile`` makes an object of every entry."""
    with source.open() as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LONGEST_END))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0:
            raise zipfile.BadZipFile("no end record")
        entries, length = struct.unpack_from("<HI", tail, at + 10)
        locator = tail[max(0, at - 20) : at]
        if locator[:4] == b"PK\x06\x07":  # zip64
            file.seek(struct.unpack_from("<Q", locator, 8)[0])
            record = file.read(56)
            if len(record) == 56 and record[:4] == b"PK\x06\x06":
                entries, length = struct.unpack_from("<QQ", record, 32)
    if entries > MOST_ENTRIES or length > LARGEST_DIRECTORY:
        raise FileError(f"This file claims {entries:,} parts, as no real workbook has", where=source.name)


def _check_sizes(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    largest = max((info.file_size for info in infos), default=0)
    bombs = [i for i in infos if i.file_size > RATIO_COUNTS_FROM and i.file_size > LARGEST_RATIO * i.compress_size]
    if len(infos) > MOST_ENTRIES or total > LARGEST_TOTAL or largest > LARGEST_ENTRY or bombs:
        raise FileError(
            f"This file would unpack to {total / 1e9:,.1f} GB in {len(infos):,} parts, as no real workbook does",
            "If it is genuine, save the one sheet as CSV and use that.",
            where=path.name,
        )


def _check_each(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    names: set[str] = set()
    for info in infos:
        if info.flag_bits & ENCRYPTED:
            raise FileError("This file is protected with a password", "Save it without one.", where=path.name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileError("This file is packed in an unusual way", "Save it again in Excel.", where=path.name)
        if info.filename in names:
            raise _damaged(path, f"it has two parts called {info.filename}")
        names.add(info.filename)


def _check_places(path: Path, file: IO[bytes], infos: list[zipfile.ZipInfo], end: int) -> None:
    """Entries that share bytes are how a small zip claims to be a huge one."""
    for info in sorted(infos, key=lambda one: one.header_offset, reverse=True):
        if data_offset(file, info) + info.compress_size > end:
            raise _damaged(path, "its parts overlap, or one is cut short")
        end = info.header_offset
