"""What becomes of each row of a file, as ``cancel`` would decide it, or the words of the refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pipeline.errors import PipelineError
from pipeline.jobs.read_orders import OrdersRead, read_orders
from pipeline.model.options import SelectionOptions
from tests.bare_parts import workbook_parts, worksheet, write_zip
from tests.silent import Silent

TODAY = "2026-11-27"


@dataclass(frozen=True)
class Decided:
    """``sent``: row -> AWB; ``invalid``: row -> its problems; ``question``: why ``cancel`` would ask first."""

    sent: dict[int, str] = field(default_factory=dict)
    invalid: dict[int, str] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    question: str = ""
    refused: str = ""
    notes: tuple[str, ...] = ()


def decided(path: Path, **said: Any) -> Decided:
    """Reads a file and says what becomes of its rows."""
    try:
        return _decided(read_orders(path, SelectionOptions(today=TODAY, **said), Silent()))
    except PipelineError as error:
        return Decided(refused=str(error))


def _decided(found: OrdersRead) -> Decided:
    picked = found.gathered.picked
    good = picked["problems"] == ""
    left = found.gathered.left_out["remark"]
    return Decided(
        sent={int(str(row)): str(awb) for row, awb in picked.loc[good, "awb"].items()},
        invalid={int(str(row)): str(why) for row, why in picked.loc[~good, "problems"].items()},
        left={int(str(row)): str(why) for row, why in left.items()},
        question=found.question,
        notes=tuple(found.notes),
    )


def text_cell(address: str, text: str, style: int = 0) -> str:
    """A cell with its text inside."""
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def sheet_of(folder: Path, *rows: tuple[str | int | float | None, ...], after: str = "", before: str = "") -> Path:
    """A bare workbook: texts stand in the cells, numbers as numbers, and None is no cell."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [_cell(f"{chr(65 + column)}{number}", cell) for column, cell in enumerate(row) if cell is not None]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return write_zip(folder / "orders.xlsx", workbook_parts(worksheet("".join(lines), before, after)))


def _cell(address: str, cell: str | float) -> str:
    return text_cell(address, cell) if isinstance(cell, str) else f'<c r="{address}"><v>{cell}</v></c>'


def merged(*areas: str) -> str:
    """The element that merges areas."""
    return "<mergeCells>" + "".join(f'<mergeCell ref="{area}"/>' for area in areas) + "</mergeCells>"
