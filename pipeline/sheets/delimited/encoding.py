"""Finds out in which encoding a text file is written, and refuses one that holds bytes which don't decode in it."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.errors import FileError
from pipeline.sheets.delimited.encoding_guess import by_letters, by_zeros
from pipeline.source_file import SourceFile

BLOCK = 8 * 1024 * 1024
"""Bytes read at a time: large enough that work per block costs nothing, small enough that memory stays flat."""

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

TWO_BYTE = {"gb18030": rb"\x81-\xfe", "big5": rb"\x81-\xfe", "cp949": rb"\x81-\xfe", "cp932": rb"\x81-\x9f\xe0-\xfc"}
"""Encodings of characters whose second byte may look like ASCII, with the range of their first bytes."""

SAMPLE = 65_536
"""Bytes that the encoding and the dialect are told from."""

CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\v\f\r\x1a\x1b"})
MOST_CONTROLS = 0.05
"""Share of control bytes beyond which a file is no text: text has none, compressed data about one in ten."""
FEW_CONTROLS = 16
"""As many may stand in a file however short it is; their rows are refused one by one."""


See = Callable[[bytes], None]


def unseen(_: bytes) -> None:
    """Nobody looks at the bytes of the file."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A text encoding by Python's name; ``guess`` says why it was taken where the file itself does not tell."""

    name: str
    bom: bytes = b""
    guess: str = ""

    @property
    def wide(self) -> bool:
        """Whether its units are of two or four bytes, so that rows are told apart in UTF-8 instead."""
        return self.name.startswith(("utf-16", "utf-32"))

    @property
    def inner(self) -> str:
        """The encoding of the blocks that ``blocks`` yields."""
        return "utf-8" if self.wide else self.name

    def to_file(self, data: bytes) -> bytes:
        """Blocks as ``blocks`` yields them, back in the file's own bytes."""
        return data.decode("utf-8").encode(self.name) if self.wide else data

    @property
    def words(self) -> str:
        """As a person reads it: ``UTF-16 LE with BOM``, ``cp1252 (guessed: …)``."""
        name = self.name.upper().replace("-LE", " LE").replace("-BE", " BE") if "utf" in self.name else self.name
        mark = " with BOM" if self.bom else ""
        return f"{name}{mark}" + (f" (guessed: {self.guess})" if self.guess else "")


def find_encoding(source: SourceFile) -> Encoding:
    """Tells a file's encoding, by its BOM, its zeros, strict UTF-8 over the whole file, else by a guess that is said.

    Raises:
        FileError: it is empty or no text, or a byte does not decode (with line and column; nothing is replaced).
    """
    with source.open() as file:
        start = file.read(SAMPLE)
    if not start.strip(b"\xef\xbb\xbf\xff\xfe"):
        raise FileError("The file is empty", "Export it again.", where=source.name)
    encoding = _by_start(start)
    _refuse_binary(start if encoding is None else start.decode(encoding.name, "ignore").encode("utf-8"), source)
    if encoding is None:
        encoding = Encoding("utf-8")
        if first_undecodable(source, encoding) is None:
            return encoding
        encoding = _guess(source)
    offset = first_undecodable(source, encoding)
    if offset is not None:
        raise _undecodable(source, encoding, offset)
    return encoding


def blocks(source: SourceFile, encoding: Encoding, size: int = BLOCK, see: See = unseen) -> Iterator[bytes]:
    """The file's text after its BOM, in blocks of bytes in which ASCII is ASCII (UTF-16 and UTF-32 become UTF-8).

    Args:
        size: bytes of a block in the file.
        see: is given all bytes of the file as they are read, the BOM too.
    """
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    with source.open() as file:
        see(file.read(len(encoding.bom)))
        while block := file.read(size):
            see(block)
            yield decoder.decode(block).encode("utf-8") if encoding.wide else block


def first_undecodable(source: SourceFile, encoding: Encoding) -> int | None:
    """Where in the file the first byte stands that does not decode."""
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    base = len(encoding.bom)
    with source.open() as file:
        file.seek(base)
        while True:
            block = file.read(BLOCK)
            waiting = len(decoder.getstate()[0])
            try:
                if encoding.wide or waiting or not block.isascii() or not block:
                    decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return base - waiting + error.start
            if not block:
                return None
            base += len(block)


def _by_start(start: bytes) -> Encoding | None:
    for bom, name in BOMS:
        if start.startswith(bom):
            return Encoding(name, bom)
    told = by_zeros(start)
    return Encoding(told, guess="every other byte is zero") if told else None


def _refuse_binary(start: bytes, source: SourceFile) -> None:
    controls = len(start) - len(start.translate(None, CONTROLS))
    if controls > max(FEW_CONTROLS, MOST_CONTROLS * len(start)):
        raise FileError(
            f"This is not a text table: {controls} of its first {len(start)} bytes are control bytes",
            "Export the orders again as CSV or .xlsx.",
            where=source.name,
        )


def _guess(source: SourceFile) -> Encoding:
    name, why = by_letters(_telling_lines(source))
    return Encoding(name, guess=why)


def _telling_lines(source: SourceFile) -> bytes:
    """The first lines with bytes beyond ASCII, at most ``SAMPLE`` bytes of them."""
    found, size = [], 0
    for block in blocks(source, Encoding("utf-8")):
        for line in re.split(rb"[\r\n]+", block) if not block.isascii() else ():
            if not line.isascii():
                found.append(line)
                size += len(line) + 1
            if size > SAMPLE:
                return b"\n".join(found)[:SAMPLE]
    return b"\n".join(found)


def _undecodable(source: SourceFile, encoding: Encoding, offset: int) -> FileError:
    """Says which byte, in which line and column, does not decode."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding.name)("strict"), translate=True)
    line, column, left = 1, 0, offset - len(encoding.bom)
    with source.open() as file:
        file.seek(len(encoding.bom))
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            text = decoder.decode(block)
            line += text.count("\n")
            column = column + len(text) if "\n" not in text else len(text) - text.rfind("\n") - 1
        byte = file.read(1)
    shown = f"The byte 0x{byte.hex().upper()}" if byte else "The end of the file"
    return FileError(
        f"{shown} does not decode as {encoding.words}",
        "Open the file where it comes from and save it again as CSV UTF-8.",
        where=f"{source.name}, line {line}, column {column + 1}",
    )
