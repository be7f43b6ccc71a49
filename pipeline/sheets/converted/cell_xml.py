"""Spells the cells of one column as worksheet XML: texts as texts, numbers as the file spells them, dates as dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from pipeline.addresses import column_letters
from pipeline.model.sheet import CellColumn, Kind
from pipeline.sheets.converted.styles import CLOCK, DAY, GENERAL, MOMENT, ConvertedStyles
from pipeline.xlsx.cell_text import cell_text

EXCEL_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})

WHOLE = re.compile(r"[0-9]{1,15}")
SAME_DIGITS = re.compile(r"General|0(\.0+)?|#,##0(\.0+)?|0(\.0+)?E\+00")
"""Formats that show a whole number's own digits, grouped or shortened at most."""
ZEROS = re.compile(r"0+")
TIME = re.compile(r"([0-9]+):([0-9]{2}):([0-9]{2})")


def cell_texts(
    column: int, rows: Sequence[int], cells: CellColumn, looks: ConvertedStyles, *, as_text: bool
) -> list[str]:
    """One column's cells, "" where it is blank.

    Args:
        as_text: write whole numbers as texts, for Excel would show the next long one as 8.62E+10.
    """
    texts, kinds = cells.text.tolist(), cells.kind.tolist()
    if set(kinds) <= {Kind.BLANK, Kind.TEXT} and (cells.format < 0).all():
        return spelt_texts(column, rows, texts, [looks.text] * len(rows))
    letters = column_letters(column)
    codes = [cells.formats[index] if index >= 0 else "" for index in cells.format.tolist()]
    spell = _as_text if as_text else _as_stored
    return [
        spell(f"{letters}{row}", kind, text, code, looks)
        for row, kind, text, code in zip(rows, kinds, texts, codes, strict=True)
    ]


def spelt_texts(column: int, rows: Sequence[int], texts: Sequence[str], styles: Sequence[int]) -> list[str]:
    """Texts as cells; never formulas, whatever they begin with."""
    letters = column_letters(column)
    return [
        _text(f"{letters}{row}", text, style) if text else ""
        for row, text, style in zip(rows, texts, styles, strict=True)
    ]


def _text(address: str, text: str, style: int) -> str:
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{cell_text(text)}</t></is></c>'


def _as_text(address: str, kind: int, text: str, code: str, looks: ConvertedStyles) -> str:
    """A whole number whose format changes nothing but leading zeros becomes the text that a person sees."""
    if kind == Kind.NUMBER and WHOLE.fullmatch(text):
        if SAME_DIGITS.fullmatch(code):
            return _text(address, text, looks.text)
        if ZEROS.fullmatch(code):
            return _text(address, text.zfill(len(code)), looks.text)
    return _as_stored(address, kind, text, code, looks)


def _as_stored(address: str, kind: int, text: str, code: str, looks: ConvertedStyles) -> str:
    match kind:
        case Kind.NUMBER:
            return _number(address, text.removeprefix("+"), code or GENERAL, looks)
        case Kind.DATE if (serial := _serial(text)) is not None:
            usual = CLOCK if TIME.fullmatch(text) else MOMENT if " " in text else DAY
            return _number(address, repr(serial), code or usual, looks)
        case Kind.BOOLEAN:
            return f'<c r="{address}" t="b"><v>{int(text == "TRUE")}</v></c>'
        case Kind.ERROR if text in EXCEL_ERRORS:
            return f'<c r="{address}" t="e"><v>{text}</v></c>'
    return _text(address, text, looks.number(code) if code and kind == Kind.TEXT else looks.text) if text else ""


def _number(address: str, text: str, code: str, looks: ConvertedStyles) -> str:
    return f'<c r="{address}" s="{looks.number(code)}"><v>{text}</v></c>'


@lru_cache(maxsize=1 << 16)
def _serial(text: str) -> float | None:
    """A day's number in Excel's calendar, which begins with 1900; None for what stands outside of it."""
    from openpyxl.utils.datetime import to_excel

    if clock := TIME.fullmatch(text):
        return (int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3])) / 86_400
    try:
        serial = float(to_excel(datetime.fromisoformat(text)))  # type: ignore[no-untyped-call]
    except ValueError:
        return None
    return serial if serial >= 1 else None
