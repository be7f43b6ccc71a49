"""Streams a worksheet part through the quick way: its head, blocks of whole rows, its tail; never the part at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.containers.zip_rewrite import Chunk
from pipeline.xlsx.markup.edits import codec_of
from pipeline.xlsx.patching.cell_xml import NEVER, MakeCells
from pipeline.xlsx.patching.fallbacks import NotPlain
from pipeline.xlsx.patching.fast_rows import AlikeRows
from pipeline.xlsx.patching.regex_rows import PlainRows
from pipeline.xlsx.patching.sheet_parts import Frame

LONGEST_HEAD = 16_000_000
"""Bytes before the rows; a real sheet has some thousand."""


_HEAD = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)sheetData(?:\s[^<>]*)?>")


def patch_plain(pieces: Iterator[bytes], frame: Frame, make_cells: MakeCells, header_row: int) -> Iterator[Chunk]:
    """The worksheet part with our cells, piece by piece.

    Args:
        pieces: the part, in pieces of any size.
        frame: edits what stands before and behind the rows.
        make_cells: makes the cells.
        header_row: where the new headers go; 0: nowhere.
    Raises:
        NotPlain: this part must go the exact way.
    """
    head, prefix, kept = _head(pieces)
    yield frame.head(head)
    cells = make_cells(prefix)
    rows, alike = PlainRows(cells, header_row), AlikeRows(cells, header_row)
    opening, closing = f"<{prefix}row ".encode(), f"</{prefix}sheetData".encode()
    while (end := kept.find(closing)) < 0:
        piece = next(pieces, None)
        if piece is None:
            raise NotPlain
        cut = piece.rfind(opening)
        if cut < 0:  # a row longer than a piece, or its tag stands across two of them
            kept, piece = b"", kept + piece
            cut = max(piece.rfind(opening), 0)
        yield from _block(rows, alike, (kept, piece[:cut]))
        kept = piece[cut:]
    yield from _block(rows, alike, (kept[:end],))
    yield rows.missing(NEVER)
    yield frame.tail(head, b"".join((kept[end:], *pieces)))


def _block(rows: PlainRows, alike: AlikeRows, parts: tuple[bytes, ...]) -> Iterator[Chunk]:
    """Whole rows: all at once where they are alike, else one by one."""
    if rows.last < rows.header_row:
        heading, rest = _behind_header(b"".join(parts), rows)
        yield rows.block(heading)
        parts = (rest,)
    patched = alike.block(parts, rows.last, rows.position)
    if patched is None:
        yield rows.block(*parts)
        return
    rows.passed(patched.last, patched.marks)
    yield patched.head
    yield patched.body


def _behind_header(block: bytes, rows: PlainRows) -> tuple[bytes, bytes]:
    """The rows up to the header's, which is not like the others, and those behind it."""
    begin = block.find(b'<%brow r="%d"' % (rows.prefix, rows.header_row))
    end = block.find(b">", block.find(rows.close, begin)) + 1 if begin >= 0 else 0
    return block[:end], block[end:]


def _head(pieces: Iterator[bytes]) -> tuple[bytes, str, bytes]:
    """Everything up to the tag of ``sheetData``, its prefix, and what was read beyond."""
    buffer = b""
    for piece in pieces:
        buffer += piece
        found = _HEAD.search(buffer)
        if found is None and len(buffer) < LONGEST_HEAD:
            continue
        plain = found and not found[0].endswith(b"/>") and b"<!" not in buffer[: found.end()]
        if not found or not plain or codec_of(buffer) != "utf-8":
            break
        return buffer[: found.end()], found[1].decode(), buffer[found.end() :]
    raise NotPlain
