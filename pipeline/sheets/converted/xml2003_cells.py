"""Reads the styles of an XML Spreadsheet 2003, and one cell from its type and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.serials import BEGIN_1900, serial_text
from pipeline.sheets.converted.text_formats import shows_texts_otherwise
from pipeline.sheets.converted.text_runs import PLAIN, Font
from pipeline.xlsx.reading.number_formats import is_date

SPACE = "urn:schemas-microsoft-com:office:spreadsheet "

GENERAL = "General"
NAMED_FORMATS = {
    "": GENERAL, "General Number": GENERAL, "General Date": "m/d/yyyy h:mm", "Long Date": "d-mmm-yy",
    "Medium Date": "d-mmm-yy", "Short Date": "m/d/yyyy", "Long Time": "h:mm:ss AM/PM", "Medium Time": "h:mm AM/PM",
    "Short Time": "h:mm", "Currency": '"$"#,##0.00', "Euro Currency": '"€"#,##0.00', "Fixed": "0.00",
    "Standard": "#,##0.00", "Percent": "0.00%", "Scientific": "0.00E+00", "Yes/No": '"Yes";"Yes";"No"',
    "True/False": '"True";"True";"False"', "On/Off": '"On";"On";"Off"',
}  # fmt: skip
"""Formats that have names in this kind of file ("XML Spreadsheet Reference", ss:NumberFormat)."""

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?Z?")
NO_DAY = "1899-12-31"
"""The day of a time alone."""

DEFAULT = "Default"
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Xml2003Style:
    """A cell's style: its number format ("" where the file does not hold the style), and its font."""

    code: str = GENERAL
    font: Font = PLAIN


class Xml2003Cell(NamedTuple):
    """What a cell holds; a format is "" where there is none."""

    kind: Kind
    text: str
    format: str


class Xml2003Styles:
    """Takes the styles in; one is open at a time."""

    def __init__(self) -> None:
        self._found: dict[str, Xml2003Style] = {}
        self._parents: dict[str, str] = {}
        self._codes: set[str] = set()
        self._open = ""

    def start(self, attributes: Mapping[str, str]) -> None:
        """A style begins."""
        self._open = attributes.get(f"{SPACE}ID", "")
        self._found[self._open] = Xml2003Style()
        self._parents[self._open] = attributes.get(f"{SPACE}Parent", "")

    def number_format(self, attributes: Mapping[str, str]) -> None:
        """The number format of the style that is open."""
        code = attributes.get(f"{SPACE}Format", "")
        self._found[self._open] = replace(self._style(), code=NAMED_FORMATS.get(code, code))
        self._codes.add(self._open)

    def font(self, attributes: Mapping[str, str]) -> None:
        """The font of the style that is open."""
        position = {"Superscript": 1, "Subscript": 2}.get(attributes.get(f"{SPACE}VerticalAlign", ""), 0)
        font = Font(attributes.get(f"{SPACE}StrikeThrough") == "1", position)
        self._found[self._open] = replace(self._style(), font=font)

    def _style(self) -> Xml2003Style:
        return self._found.get(self._open, Xml2003Style())

    def of(self, name: str) -> Xml2003Style:
        """The style of this name ("" for none); one without a format of its own has its parent's."""
        if name and name not in self._found:
            return Xml2003Style("")
        found = self._found.get(name or DEFAULT, Xml2003Style())
        for _ in range(DEEPEST):
            if name in self._codes or not name:
                break
            name = self._parents.get(name, "") or (DEFAULT if name != DEFAULT else "")
            found = replace(found, code=self._found.get(name, Xml2003Style()).code)
        return found


def cell_of(kind: str, text: str, style: Xml2003Style, begin: date = BEGIN_1900) -> Xml2003Cell | None:
    """A cell; None when it is blank.

    Args:
        kind: ``ss:Type``: String, Number, DateTime, Boolean or Error.
        text: what stands in it.
        begin: day 0 of the workbook's calendar, for days that are spelt as numbers.
    """
    match kind:
        case "Number" if NUMBER.fullmatch(text.strip()):
            return _number(text.strip(), style, begin)
        case "DateTime" if found := MOMENT.fullmatch(text.strip()):
            return Xml2003Cell(Kind.DATE, _moment(found[1], found[2]), style.code if is_date(style.code) else "")
        case "Boolean" if text.strip() in ("0", "1"):
            return Xml2003Cell(Kind.BOOLEAN, "TRUE" if text.strip() == "1" else "FALSE", "")
        case "Error":
            return Xml2003Cell(Kind.ERROR, text.strip() or "#VALUE!", "")
    return Xml2003Cell(Kind.TEXT, text, style.code if shows_texts_otherwise(style.code) else "") if text else None


def _number(text: str, style: Xml2003Style, begin: date) -> Xml2003Cell:
    if is_date(style.code) and (day := serial_text(float(text), begin)):
        return Xml2003Cell(Kind.DATE, day, style.code)
    return Xml2003Cell(Kind.NUMBER, text, style.code)


def _moment(day: str, time: str) -> str:
    if day == NO_DAY:
        return time
    return day if time == "00:00:00" else f"{day} {time}"
