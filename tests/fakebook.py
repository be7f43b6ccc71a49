"""A Book made of lists, for the tests of what stands above the sheets: its cells are stored as a workbook would."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.model.sheet import CellColumn, Extent, HeadRow, Kind, RawFrame, SheetInfo, Visibility

Cell = str | int | float | bool | date | None


def stored(cell: Cell) -> tuple[Kind, str]:
    """What a file would store for a value."""
    match cell:
        case None | "":
            return Kind.BLANK, ""
        case bool():
            return Kind.BOOLEAN, str(cell).upper()
        case int() | float():
            return Kind.NUMBER, str(cell)
        case datetime():
            return Kind.DATE, str(cell)
        case date():
            return Kind.DATE, cell.isoformat()
        case str():
            return Kind.TEXT, cell


@dataclass
class FakeBook:
    """``sheets_of``: sheet name -> rows, the first one is row 1."""

    sheets_of: Mapping[str, Sequence[Sequence[Cell]]]
    visibility: Mapping[str, Visibility] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    trouble: Mapping[int, str] = field(default_factory=dict)
    totals: frozenset[int] = frozenset()
    format: str = "xlsx"
    notes: tuple[str, ...] = ()
    hidden_known: bool = True
    formats_known: bool = True
    checks_itself: bool = False
    frame_size: int = 100_000
    hidden_ones: frozenset[int] = frozenset()  # columns
    read: list[tuple[int, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = Path(tempfile.gettempdir()) / "orders.xlsx"
        self.sheets = tuple(SheetInfo(name, self.visibility.get(name, Visibility.VISIBLE)) for name in self.sheets_of)

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows; blank ones are held by the file too."""
        found = []
        for number, row in enumerate(self.sheets_of[sheet][:rows], start=1):
            kinds, texts = zip(*(stored(cell) for cell in row), strict=True) if row else ((), ())
            found.append(HeadRow(number, tuple(texts), tuple(kinds)))
        return found

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """All rows below ``after``."""
        self.read.append(tuple(columns))
        rows = self.sheets_of[sheet]
        size = min(size, self.frame_size)
        for start in range(after, len(rows), size):
            part = rows[start : start + size]
            numbers = np.arange(start + 1, start + 1 + len(part), dtype=np.int64)
            yield RawFrame(
                rows=numbers,
                hidden=np.array([number in self.hidden for number in numbers], dtype=bool),
                content=np.array([any(stored(cell)[0] for cell in row) for row in part], dtype=bool),
                columns={
                    column: _column([row[column] if column < len(row) else None for row in part]) for column in columns
                },
                trouble={row: why for row, why in self.trouble.items() if row in numbers},
            )

    def hidden_columns(self, sheet: str) -> frozenset[int]:
        """Those of every sheet."""
        return self.hidden_ones

    def total_rows(self, sheet: str, column: int) -> frozenset[int]:
        """The totals of tables."""
        return self.totals

    def extent(self, sheet: str) -> Extent:
        """How far it reaches."""
        rows = self.sheets_of[sheet]
        return Extent(len(rows), max((len(row) for row in rows), default=0) - 1)


def _column(cells: Sequence[Cell]) -> CellColumn:
    kinds, texts = zip(*(stored(cell) for cell in cells), strict=True)
    return CellColumn(
        kind=np.array(kinds, dtype=np.int8),
        text=pd.Series(list(texts), dtype="str"),
        format=np.zeros(len(cells), dtype=np.int32),
        formats=("General",),
    )


def one_sheet(*rows: Sequence[Cell], **more: object) -> FakeBook:
    """A workbook with the sheet Orders."""
    return FakeBook({"Orders": rows}, **more)  # type: ignore[arg-type]
