"""The styles of a converted workbook: number formats, the bold header, and a light colour for each status word.

The colours are those of a patched workbook.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from pipeline.sheets.xlsx.styles import FILLS

TEXT = "@"

LONGEST_FORMAT = 250
WHOLE_FORMAT = re.compile(r'(?:"[^"]*"|\[[^\[\]"]*\]|\\.|[_*].|[^"\[\]\\_*])+')
"""A format whose quotation marks and brackets are closed; Excel calls a workbook with another one damaged."""


class Looks:
    """Numbers of the cell styles of one workbook, each made when it is first asked for."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._by_format: dict[str, int] = {}

    def _style(self, code: str, *, bold: bool = False, fill: str = "") -> int:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font, PatternFill

        cell = WriteOnlyCell(self._workbook.worksheets[0])
        cell.number_format = code
        if bold:
            cell.font = Font(bold=True)
        if fill:
            cell.fill = PatternFill("solid", fgColor=fill)
        return int(cell.style_id)

    def number(self, code: str) -> int:
        """The style of a number under this format; a format that Excel might not take becomes General."""
        if code not in self._by_format:
            self._by_format[code] = self._style(code if _is_whole(code) else "General")
        return self._by_format[code]

    @cached_property
    def text(self) -> int:
        """Texts, so that Excel leaves them as they are when somebody edits them."""
        return self._style(TEXT)

    @cached_property
    def header(self) -> int:
        """The header row."""
        return self._style(TEXT, bold=True)

    @cached_property
    def statuses(self) -> dict[str, int]:
        """The styles of the status words."""
        return {str(status): self._style(TEXT, fill=fill) for status, fill in FILLS.items()}


def _is_whole(code: str) -> bool:
    return 0 < len(code) <= LONGEST_FORMAT and code.isprintable() and WHOLE_FORMAT.fullmatch(code) is not None
