"""The styles of a converted workbook: number formats, the bold header, and a light colour for each status word.

The colours are those of a patched workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pipeline.sheets.status_style import FILLS

GENERAL, TEXT = "General", "@"
DAY, MOMENT, CLOCK = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "[h]:mm:ss"
"""For dates of a file that doesn't tell its formats."""

LONGEST_FORMAT = 250
WHOLE_FORMAT = re.compile(r'(?:"[^"]*"|\[[^\[\]"]*\]|\\.|[_*].|[^"\[\]\\_*])+')
"""A format whose quotation marks and brackets are closed; Excel calls a workbook with another one damaged."""


class ConvertedStyles:
    """Numbers of the cell styles of one workbook; all are made at once, before the workbook is saved.

    ``text``: texts, so that Excel leaves them as they are when somebody edits them; ``bold``: the same look in the
    header row, by style; ``statuses``: by status word.
    """

    def __init__(self, workbook: Any, formats: Iterable[str]) -> None:
        self._workbook = workbook
        self._by_format = {
            code: self._style(code if _is_whole(code) else GENERAL) for code in (GENERAL, DAY, MOMENT, CLOCK, *formats)
        }
        self.text = self._style(TEXT)
        self.bold = {self.text: self._style(TEXT, bold=True)} | {
            style: self._style(code if _is_whole(code) else GENERAL, bold=True)
            for code, style in self._by_format.items()
        }
        self.statuses = {str(status): self._style(TEXT, fill=fill) for status, fill in FILLS.items()}

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
        """The style of a number under a format of the book; one that Excel might not take is General."""
        return self._by_format[code]


def _is_whole(code: str) -> bool:
    return 0 < len(code) <= LONGEST_FORMAT and code.isprintable() and WHOLE_FORMAT.fullmatch(code) is not None
