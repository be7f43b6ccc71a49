"""Tells which cells of an .xls are struck out, or have parts that are struck out or raised beside others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from pipeline.sheets.converted.text_runs import PLAIN, Font, is_struck


def struck_cells(book: Any, sheet: Any) -> Callable[[int, int], bool] | None:
    """Whether a cell is struck out, by row and column from 0; None where no font of the book strikes or raises.

    Args:
        book: xlrd's, opened with its formats.
        sheet: one of its sheets.
    """
    fonts = [Font(bool(font.struck_out), int(font.escapement)) for font in book.font_list]
    if all(font == PLAIN for font in fonts):
        return None
    runs = sheet.rich_text_runlist_map

    def font(number: int) -> Font:
        return fonts[number] if 0 <= number < len(fonts) else PLAIN

    @cache
    def of_style(style: int) -> Font:
        return font(book.xf_list[style].font_index)

    def struck(row: int, column: int) -> bool:
        parts = [(place, font(number)) for place, number in runs.get((row, column), ())]
        return is_struck(of_style(sheet.cell_xf_index(row, column)), parts)

    return struck
