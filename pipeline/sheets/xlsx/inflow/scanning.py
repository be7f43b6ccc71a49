"""Reads worksheets as bytes, as fast as they can be unpacked; what it can't account for, it leaves to the exact way.

In well-formed XML a raw ``<`` stands only in tags, comments, CDATA and instructions. A block without the last three and
in which every row and cell is spelt in the usual way (``r`` first, double quotes, no prefix) can be read by pattern;
the counts of what was matched and of what is there must agree, or the block is ``OddXml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model import column_letters
from pipeline.sheets.xlsx.inflow.block import Block, BrokenSheet, OddXml, column_number, is_true
from pipeline.sheets.xlsx.inflow.strings import as_texts, is_utf8, plain_text

BLOCK = 1 << 22
"""Bytes of XML looked at in one go: some ten thousand cells, so that the patterns' start-up does not count."""

START = re.compile(rb"<sheetData\s*(/?)>")
END = b"</sheetData>"
ROW = re.compile(rb'<row r="([0-9]{1,7})"((?: [\w:]+="[^"<]*")*) ?/?>')
ATTRIBUTES = rb'((?: [a-z]+="[^"<]*")*)'
TEXT = rb'<is><t(?: xml:space="preserve")?>([^<]*)</t></is>'
TAIL = (
    rb" ?(/>|>(<f[ >/][^<]*(?:</f>)?)?(?:<v(?: xml:space=\"preserve\")?>([^<]*)</v>|<v ?/>|"
    + TEXT
    + rb"|(<is>.*?</is>|<is/>))?</c>)"
)
ROW_SIGNS = re.compile(rb"<v[ >]|<is>|<f[ >/]")
RUN = re.compile(rb"<t(?: [^>]*)?>([^<]*)</t>")
PHONETIC = re.compile(rb"<rPh .*?</rPh>", re.DOTALL)


class Scanner:
    """Scans blocks for the wanted columns and remembers how far the sheet reaches to the right."""

    def __init__(self, wanted: Sequence[int]) -> None:
        self.last_column = -1
        self.last_row = 0
        letters = "|".join(column_letters(column) for column in wanted) or "-"
        address = b'<c r="(' + letters.encode() + b')([0-9]{1,7})"'
        self._cell = re.compile(address + b"(?:" + ATTRIBUTES + TAIL + b")?", re.DOTALL)
        self._beyond = self._beyond_last()

    def _beyond_last(self) -> re.Pattern[bytes]:
        """Finds a cell to the right of the last column known so far."""
        return re.compile(rb'<c r="(?!(?:' + _up_to(self.last_column).encode() + rb")[0-9])([A-Z]*)")

    def scan(self, block: bytes) -> Block:
        """The rows of a block that is cut at row ends; raises OddXml."""
        if b"<!" in block or b"<?" in block or b"\r" in block:
            raise OddXml
        cells = block.count(b'<c r="')
        if block.count(b"<c") != cells or block.count(b"<row") != block.count(b'<row r="'):
            raise OddXml
        rows, hidden = self._rows(block)
        self._reach(block)
        return self._cells(block, rows, hidden)

    def _rows(self, block: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        found = ROW.findall(block)
        if len(found) != block.count(b"<row"):
            raise OddXml
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.bool_)
        numbers, attributes = zip(*found, strict=True)
        rows = np.array(numbers).astype(np.int64)
        if (np.diff(rows) <= 0).any() or rows[0] <= self.last_row:
            raise OddXml  # out of order, or twice: the exact way sorts and tells
        self.last_row = int(rows[-1])
        words = pa.array(attributes, pa.binary()).dictionary_encode()
        hides = np.array([hides_row(text.as_py().decode()) for text in words.dictionary], np.bool_)
        return rows, hides[words.indices.to_numpy()]

    def _reach(self, block: bytes) -> None:
        while found := self._beyond.search(block):
            self.last_column = column_number(found[1].decode())
            self._beyond = self._beyond_last()

    def _cells(self, block: bytes, rows: npt.NDArray[np.int64], hidden: npt.NDArray[np.bool_]) -> Block:
        found = self._cell.findall(block)
        content = _content(block, len(rows))
        if not found:
            return _without_cells(rows, hidden, content)
        letters, numbers, attributes, tails, formulas, values, texts, rich = zip(*found, strict=True)
        if b"" in tails:
            raise OddXml
        row = np.array(numbers).astype(np.int64)
        if not np.isin(row, rows, assume_unique=False).all():
            raise OddXml
        words = pa.array(attributes, pa.binary()).dictionary_encode()
        known = [_attributes(text.as_py().decode()) for text in words.dictionary]
        place = words.indices.to_numpy()
        kind = np.array([one[0] for one in known], np.str_)[place]
        return Block(
            rows=rows,
            hidden=hidden,
            content=content,
            column=_columns(letters),
            row=row,
            kind=kind,
            style=np.array([one[1] for one in known], np.int32)[place],
            formula=np.array(formulas, "S2") != b"",
            value=_values(values, texts, rich, kind),
        )


def _up_to(column: int) -> str:
    """A pattern for the letters of the columns up to this one: for column Z ``[A-Z]``."""
    if column < 0:
        return "-"
    letters = column_letters(column)
    parts = ["[A-Z]" * size for size in range(1, len(letters))]
    for at, letter in enumerate(letters):
        top = chr(ord(letter) - 1) if at < len(letters) - 1 else letter
        if top >= "A":
            parts.append(f"{letters[:at]}[A-{top}]" + "[A-Z]" * (len(letters) - at - 1))
    return "|".join(parts)


def hides_row(attributes: str) -> bool:
    """Whether a row's attributes hide it: by name, or by a height of nothing."""
    named = dict(re.findall(r"([\w:]+)=[\"']([^\"']*)[\"']", attributes))
    flat = re.fullmatch(r"0*\.?0*", named.get("ht", "1")) is not None and bool(named.get("ht"))
    return is_true(named.get("hidden", "")) or flat


def _attributes(text: str) -> tuple[str, int]:
    named = dict(re.findall(r'([a-z]+)="([^"]*)"', text))
    style = named.get("s", "0")
    if not style.isdigit() or len(style) > 7:
        raise BrokenSheet(f"a cell has the style {style!r}")
    return named.get("t", "n"), int(style)


def _content(block: bytes, count: int) -> npt.NDArray[np.bool_]:
    """Which rows hold anything: a value, a text or a formula in whatever column."""
    pieces = block.split(b"<row ")[1:]
    return np.fromiter((ROW_SIGNS.search(piece) is not None for piece in pieces), np.bool_, count)


def _columns(letters: tuple[bytes, ...]) -> npt.NDArray[np.int32]:
    words = pa.array(letters, pa.binary()).dictionary_encode()
    numbers = np.array([column_number(one.as_py().decode()) for one in words.dictionary], np.int32)
    found: npt.NDArray[np.int32] = numbers[words.indices.to_numpy()]
    return found


def _values(
    values: tuple[bytes, ...], texts: tuple[bytes, ...], rich: tuple[bytes, ...], kind: npt.NDArray[np.str_]
) -> pa.Array:
    """What the cells hold; texts resolved, the others as spelt."""
    column = as_texts(pa.array(values, pa.binary()))
    inline = kind == "inlineStr"
    if inline.any():
        column = pc.if_else(pa.array(inline), as_texts(pa.array(texts, pa.binary())), column)
    formatted = [number for number, markup in enumerate(rich) if markup]
    if formatted:
        mask = np.zeros(len(rich), np.bool_)
        mask[formatted] = True
        column = pc.replace_with_mask(
            column, pa.array(mask), pa.array([rich_text(rich[n]) for n in formatted], pa.string())
        )
    return column


def rich_text(markup: bytes) -> str:
    """The text of runs with formats; phonetic hints are no text of the cell."""
    return "".join(plain_text(run.decode()) for run in RUN.findall(PHONETIC.sub(b"", markup)))


def _without_cells(rows: npt.NDArray[np.int64], hidden: npt.NDArray[np.bool_], content: npt.NDArray[np.bool_]) -> Block:
    none = np.empty(0, np.int64)
    return Block(
        rows, hidden, content, none.astype(np.int32), none, np.empty(0, np.str_), none.astype(np.int32),
        np.empty(0, np.bool_), pa.array([], pa.string()),
    )  # fmt: skip


def blocks(stream: Iterator[bytes]) -> Iterator[bytes]:
    """The rows of a worksheet in pieces that are cut at row ends; raises OddXml where it is spelt unusually."""
    rest = b""
    for piece in stream:
        rest += piece
        if found := START.search(rest):
            break
        if len(rest) > BLOCK:
            raise OddXml
    else:
        raise OddXml
    if not is_utf8(rest[:200]) or b"<!" in rest[: found.start()]:
        raise OddXml
    rest = b"" if found[1] else rest[found.end() :]
    if not found[1]:
        yield from _cut(rest, stream)
    for _ in stream:  # to its end, so that damage there is found as well
        pass


def _cut(rest: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    for piece in stream:
        if len(rest) >= BLOCK:
            end = rest.find(END)
            if end >= 0:
                break
            cut = rest.rfind(b"<row")
            if cut <= 0:
                raise OddXml  # a row larger than a block
            yield rest[:cut]
            rest = rest[cut:]
        rest += piece
    end = rest.find(END)
    if end < 0:
        raise BrokenSheet("its end is missing")
    yield rest[:end]
