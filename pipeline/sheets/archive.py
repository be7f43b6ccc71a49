"""Opens zip containers (.xlsx, .xlsb, .ods) only when unpacking them can't hurt, and XML only without entities."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from pipeline.errors import FileTrouble

try:
    from isal import isal_zlib as zlib
except ImportError:  # a machine without a built isal: the same, slower
    import zlib  # type: ignore[no-redef]

BROKEN: Any = (zlib.error, zipfile.BadZipFile, struct.error, EOFError)

MOST_ENTRIES = 20_000  # a workbook with every feature has some hundred parts
LARGEST_ENTRY = 16_000_000_000  # 1,048,576 x 100 cells come to about 5 GB of XML
LARGEST_TOTAL = 24_000_000_000
LARGEST_RATIO = 400  # a sheet of one repeated row packs 1:200; bombs 1:1000
RATIO_COUNTS_FROM = 50_000_000  # bytes; below, no ratio can hurt
LARGEST_SMALL_PART = 64_000_000  # styles, relationships, workbook: parts that are held whole

READ_SIZE = 1 << 18

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Archive:
    """A checked zip: its entries by name, and by name in small letters."""

    path: Path
    entries: dict[str, zipfile.ZipInfo]

    def find(self, name: str) -> str | None:
        """The entry's own spelling of a part's name; the format compares them in any letter case."""
        if name in self.entries:
            return name
        folded = name.lower()
        return next((entry for entry in self.entries if entry.lower() == folded), None)

    def read(self, name: str) -> bytes:
        """A small part, whole."""
        info = self.entries[name]
        if info.file_size > LARGEST_SMALL_PART:
            raise FileTrouble(
                f"Its part {name} is too large to be true", "Save it again in Excel.", where=self.path.name
            )
        return b"".join(self.stream(name))

    def stream(self, name: str) -> Iterator[bytes]:
        """A part, piece by piece; never more than its directory announces.

        Raises:
            FileTrouble: it is damaged, or larger than announced.
        """
        info = self.entries[name]
        got = crc = 0
        try:
            with self.path.open("rb") as file:
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


def data_offset(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where an entry's packed bytes begin."""
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
            yield unpack.decompress(packed, 1 << 22) if unpack else packed
            packed = unpack.unconsumed_tail if unpack else b""
    if unpack:
        yield unpack.flush()


def _damaged(path: Path, what: str) -> FileTrouble:
    return FileTrouble(
        f"This file is damaged: {what}", "Open it in Excel and save it again, or export it anew.", where=path.name
    )


def open_archive(path: Path) -> Archive:
    """Checks a zip by its directory, before anything is unpacked.

    Raises:
        FileTrouble: truncated, encrypted, or a bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError, UnicodeDecodeError) as error:
        raise _damaged(path, "the end is missing, or it was cut while being copied") from error
    entries = {info.filename: info for info in infos if not info.is_dir()}
    _check_sizes(path, infos)
    _check_each(path, infos)
    return Archive(path, entries)


def _check_sizes(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    largest = max((info.file_size for info in infos), default=0)
    bombs = [i for i in infos if i.file_size > RATIO_COUNTS_FROM and i.file_size > LARGEST_RATIO * i.compress_size]
    if len(infos) > MOST_ENTRIES or total > LARGEST_TOTAL or largest > LARGEST_ENTRY or bombs:
        raise FileTrouble(
            f"This file would unpack to {total / 1e9:,.1f} GB in {len(infos):,} parts, as no real workbook does",
            "If it is genuine, save the one sheet as CSV and use that.",
            where=path.name,
        )


def _check_each(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    ends_at = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.flag_bits & ENCRYPTED:
            raise FileTrouble("This file is protected with a password", "Save it without one.", where=path.name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileTrouble("This file is packed in an unusual way", "Save it again in Excel.", where=path.name)
        if info.header_offset < ends_at:
            raise _damaged(path, "its parts overlap")
        ends_at = info.header_offset + LOCAL_HEADER.size + info.compress_size


class ForbiddenXml(ValueError):
    """XML with a document type, and so perhaps with entities; no genuine workbook has one."""


def make_parser(namespace_separator: str | None = " ") -> expat.XMLParserType:
    """An expat parser that refuses document types and entities."""
    parser = expat.ParserCreate(namespace_separator=namespace_separator)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(*_: object) -> None:
        raise ForbiddenXml

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def parse_xml(data: bytes) -> ET.Element:
    """A small XML part as a tree; raises ForbiddenXml or expat.ExpatError."""
    builder = ET.TreeBuilder()
    parser = make_parser("}")

    def name(text: str) -> str:
        return "{" + text if "}" in text else text

    parser.StartElementHandler = lambda tag, attributes: builder.start(
        name(tag), {name(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda tag: builder.end(name(tag))
    parser.CharacterDataHandler = builder.data
    parser.Parse(data, True)
    return builder.close()
