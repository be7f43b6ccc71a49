"""Tells which cells of an .xls are struck out, or have parts that are struck out or raised beside others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


def struck_cells(book: Any, sheet: Any) -> Callable[[int, int], bool] | None:
    """Whether a cell is struck out, by row and column from 0; None where no font of the book strikes or raises.

    Args:
        book: xlrd's, opened with its formats.
        sheet: one of its sheets.
    """
    fonts = book.font_list
    if not any(font.struck_out or font.escapement for font in fonts):
        return None
    runs = sheet.rich_text_runlist_map

    @cache
    def look(font: int) -> tuple[bool, int]:
        known = 0 <= font < len(fonts)
        return (bool(fonts[font].struck_out), int(fonts[font].escapement)) if known else (False, 0)

    @cache
    def of_style(style: int) -> tuple[bool, int]:
        return look(book.xf_list[style].font_index)

    def struck(row: int, column: int) -> bool:
        own = of_style(sheet.cell_xf_index(row, column))
        parts = [(0, own), *((place, look(font)) for place, font in runs.get((row, column), ()))]
        if len(parts) > 1 and parts[1][0] == 0:
            parts = parts[1:]  # the first part has a font of its own
        return any(strikes for _, (strikes, _) in parts) or len({raised for _, (_, raised) in parts}) > 1

    return struck
