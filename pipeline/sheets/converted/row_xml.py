"""Spells the rows of a sheet as worksheet XML, column by column, and beside them what became of each row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.addresses import column_letters
from pipeline.model.sheet import RawFrame
from pipeline.sheets.converted.cell_xml import cell_texts, spelt_texts
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.merged import MergedArea, apart
from pipeline.sheets.converted.styles import ConvertedStyles

if TYPE_CHECKING:
    import pandas as pd

HIDDEN = ' hidden="1"'
STYLE = re.compile(r' s="([0-9]+)"')


@dataclass(frozen=True, slots=True)
class Added:
    """The added columns: where each of them stands, their headers, and the marks by row number."""

    columns: tuple[int, ...]
    headers: tuple[str, ...]
    marks: pd.DataFrame

    def covers(self, column: int) -> bool:
        """Whether an added column stands here (in place of one from an earlier run)."""
        return column in self.columns


@dataclass(frozen=True, slots=True)
class Sheeting:
    """One sheet to write: how many columns it has, its header row (0: none), and what is special about it.

    ``as_text``: columns whose numbers are written as texts.
    """

    name: str
    width: int
    header_row: int = 0
    as_text: frozenset[int] = frozenset()
    added: Added | None = None


def rows_xml(book: GridBook, sheeting: Sheeting, looks: ConvertedStyles, size: int) -> Iterator[bytes]:
    """The sheet's rows, in pieces of at most ``size`` of them."""
    for frame in book.stored(sheeting.name, range(sheeting.width), size):
        yield frame_xml(frame, sheeting, looks)


def frame_xml(frame: RawFrame, sheeting: Sheeting, looks: ConvertedStyles) -> bytes:
    """Some rows of the sheet, with what became of them."""
    rows = frame.rows.tolist()
    columns = {
        column: cell_texts(column, rows, cells, looks, as_text=column in sheeting.as_text)
        for column, cells in frame.columns.items()
        if cells.kind.any() and not (sheeting.added and sheeting.added.covers(column))
    }
    if sheeting.added is not None:
        columns |= _added(sheeting.added, rows, sheeting.header_row, looks)
    if sheeting.header_row in rows:
        at = rows.index(sheeting.header_row)
        for spelt in columns.values():
            spelt[at] = STYLE.sub(lambda style: f' s="{looks.bold[int(style[1])]}"', spelt[at], count=1)
    return _joined(frame, rows, [columns[column] for column in sorted(columns)])


def _joined(frame: RawFrame, rows: Sequence[int], columns: list[list[str]]) -> bytes:
    lines = map("".join, zip(*columns, strict=True)) if columns else [""] * len(rows)
    spelt = [
        f'<row r="{row}"{HIDDEN if hidden else ""}>{line}</row>'
        for row, hidden, line in zip(rows, frame.hidden.tolist(), lines, strict=True)
    ]
    return "".join(spelt).encode()


def _added(added: Added, rows: Sequence[int], header_row: int, looks: ConvertedStyles) -> dict[int, list[str]]:
    """The added columns' cells; the status in its colour."""
    marks = added.marks.reindex(list(rows)).astype("str").fillna("")
    found: dict[int, list[str]] = {}
    for offset, header in enumerate(added.headers):
        texts = marks.iloc[:, offset].tolist()
        if header_row in rows:
            texts[rows.index(header_row)] = header
        styles = [looks.statuses.get(text, looks.text) for text in texts] if offset == 0 else [looks.text] * len(rows)
        found[added.columns[offset]] = spelt_texts(added.columns[offset], rows, texts, styles)
    return found


def unplaced(book: GridBook, sheeting: Sheeting) -> int:
    """How many marks belong to no row of the sheet; there are none unless the file was exchanged meanwhile."""
    if sheeting.added is None:
        return 0
    found = sum(
        int(sheeting.added.marks.index.isin(frame.rows).sum()) for frame in book.stored(sheeting.name, (), 1 << 20)
    )
    return len(sheeting.added.marks) - found


def merged_xml(book: GridBook, sheeting: Sheeting) -> bytes:
    """The sheet's merged areas, "" where it has none; those that reach into the added columns are not merged again."""
    added = sheeting.added
    columns = () if added is None else added.columns
    areas = [_address(area) for area in apart(book.grids[sheeting.name].merged, columns)]
    spelt = "".join(f'<mergeCell ref="{address}"/>' for address in areas)
    return f'<mergeCells count="{len(areas)}">{spelt}</mergeCells>'.encode() if areas else b""


def _address(area: MergedArea) -> str:
    return f"{column_letters(area.left)}{area.top}:{column_letters(area.right)}{area.bottom}"
