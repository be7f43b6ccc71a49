"""Streams of OLE files: a large one lies in sectors of the file, one below 4,096 bytes in the stream of small ones."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pipeline.containers.ole_directory import MAGIC, read_stream, root_names
from pipeline.source_file import SourceFile

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def chained(first: int, count: int) -> list[int]:
    """The FAT's entries of a chain of neighbours."""
    return [*range(first + 1, first + count), END]


def directory_entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    tree = struct.pack("<BBIII", kind, 1, FREE, FREE, child)
    return text.ljust(64, b"\0") + struct.pack("<H", len(text)) + tree + bytes(36) + struct.pack("<IQ", start, size)


def small_ole(content: bytes) -> bytes:
    """An OLE file with one small stream, Workbook, as [MS-CFB] 2 lays it out: FAT, directory, small FAT, streams."""
    pieces = -(-len(content) // 64)
    sectors = max(-(-len(content) // 512), 1)
    header = struct.pack("<8s16s5H6s9I", MAGIC, b"", 62, 3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0, 4096, 2, 1, END, 0)
    listed = struct.pack("<109I", 0, *[FREE] * 108)
    fat = struct.pack("<128I", *([FAT, END, END, *chained(3, sectors)] + [FREE] * 128)[:128])
    entries = directory_entry("Root Entry", 5, 1, 3, 64 * pieces) + directory_entry(
        "Workbook", 2, FREE, 0, len(content)
    )
    small = struct.pack("<128I", *([*chained(0, pieces)] + [FREE] * 128)[:128])
    return header + listed + fat + entries.ljust(512, b"\0") + small + content.ljust(512 * sectors, b"\0")


@pytest.mark.parametrize("size", [1, 63, 64, 65, 511, 512, 513, 2000, 4095])
def test_a_small_stream_is_read_whole(tmp_path: Path, size: int) -> None:
    content = bytes(range(1, 256)) * 17
    path = tmp_path / "book.xls"
    path.write_bytes(small_ole(content[:size]))
    source = SourceFile(path)
    assert root_names(source) == {"workbook"}
    assert read_stream(source, "workbook") == content[:size]
    assert read_stream(source, "book") == b""


def test_a_chain_of_small_sectors_that_goes_round_ends(tmp_path: Path) -> None:
    data = bytearray(small_ole(b"x" * 200))
    data[3 * 512 + 4 : 3 * 512 + 8] = struct.pack("<I", 0)  # the second sector names the first one as its next
    path = tmp_path / "book.xls"
    path.write_bytes(data)
    assert read_stream(SourceFile(path), "workbook") == b"x" * 128
