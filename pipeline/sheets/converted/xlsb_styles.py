"""Reads the styles and shared texts of a binary workbook ([MS-XLSB], 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.sheets.converted.text_runs import PLAIN, Font, is_struck
from pipeline.sheets.converted.xlsb_records import records, wide
from pipeline.xlsx.reading.number_formats import BUILT_IN, is_date

FORMAT, FONT, STYLE = 44, 43, 47
CELL_STYLES, CELL_STYLES_END = 617, 618
SHARED_TEXT = 19
RICH = 1
STRIKES = 8


@dataclass(frozen=True, slots=True)
class XlsbStyle:
    """A cell's style: its number format ("" when it is not known which), whether that shows a date, and its font."""

    code: str
    date: bool
    font: Font


NO_STYLE = XlsbStyle("", date=False, font=PLAIN)


@dataclass(frozen=True, slots=True)
class SharedText:
    """A text that cells share, with the places where other fonts begin in it."""

    text: str
    runs: Sequence[tuple[int, Font]] = ()

    def is_struck(self, own: Font) -> bool:
        """See ``text_runs.is_struck``."""
        return is_struck(own, self.runs)


def read_fonts(data: bytes) -> list[Font]:
    """The fonts of the part of the styles."""
    return [
        Font(bool(data[at + 2] & STRIKES), int.from_bytes(data[at + 6 : at + 8], "little"))
        for kind, at, end in records(data)
        if kind == FONT and end - at >= 8
    ]


def read_styles(data: bytes, fonts: Sequence[Font]) -> list[XlsbStyle]:
    """The styles of cells, in their order.

    Raises:
        DamagedPartError: a record is cut off.
    """
    codes: dict[int, str] = {}
    found: list[XlsbStyle] = []
    within = False
    for kind, at, end in records(data):
        if kind == FORMAT:
            codes[int.from_bytes(data[at : at + 2], "little")], _ = wide(data, at + 2, end)
        elif kind in (CELL_STYLES, CELL_STYLES_END):
            within = kind == CELL_STYLES
        elif kind == STYLE and within:
            number, font = (int.from_bytes(data[at + place : at + place + 2], "little") for place in (2, 4))
            code = codes.get(number) or BUILT_IN.get(number, "")
            found.append(XlsbStyle(code, is_date(code), fonts[font] if font < len(fonts) else PLAIN))
    return found


def read_shared(data: bytes, fonts: Sequence[Font]) -> list[SharedText]:
    """The texts that cells share.

    Raises:
        DamagedPartError: a text is cut off.
    """
    return [rich_text(data, at, end, fonts) for kind, at, end in records(data) if kind == SHARED_TEXT]


def rich_text(data: bytes, at: int, end: int, fonts: Sequence[Font]) -> SharedText:
    """A text behind its flags, with its fonts (RichStr)."""
    text, stop = wide(data, at + 1, end)
    if not data[at] & RICH or stop + 4 > end:
        return SharedText(text)
    count = min(int.from_bytes(data[stop : stop + 4], "little"), (end - stop - 4) // 4)
    runs = []
    for place in range(stop + 4, stop + 4 + 4 * count, 4):
        begin, font = (int.from_bytes(data[place + step : place + step + 2], "little") for step in (0, 2))
        runs.append((begin, fonts[font] if font < len(fonts) else PLAIN))
    return SharedText(text, tuple(runs))
