"""Reads one cell of an OpenDocument table from its attributes, its style and the text that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.ods_shown_formats import format_of, seen_format
from pipeline.sheets.converted.ods_styles import UNNAMED, Format
from pipeline.sheets.converted.serials import BEGIN_1900, serial_text
from pipeline.sheets.converted.text_formats import shows_texts_otherwise

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
VALUE_TYPE = f"{OFFICE}value-type"
ERROR_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
FORMULA = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 formula"

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
ERROR = re.compile(r"#[A-Z0-9/?! ]+[!?AD0]?|Err:[0-9]+")
DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}:[0-9]{2})[0-9.,]*Z?)?")
DURATION = re.compile(r"PT([0-9]{1,6})H([0-9]{1,2})M([0-9]{1,2})(?:[.,][0-9]+)?S")


class OdsValue(NamedTuple):
    """What a cell stores, its number format ("" when it has none that could be told), whether it is computed."""

    kind: Kind
    text: str
    format: str
    formula: bool


@dataclass(frozen=True, slots=True)
class OdsShown:
    """What the document shows for a cell: its text, the format of its style (None: not in it), and day 0."""

    text: str
    format: Format | None = UNNAMED
    begin: date = BEGIN_1900


def value_of(attributes: Mapping[str, str], shown: OdsShown) -> OdsValue | None:
    """The cell's value; None when it is blank."""
    formula = FORMULA in attributes
    if formula and (attributes.get(ERROR_TYPE) == "error" or ERROR.fullmatch(shown.text)):
        return OdsValue(Kind.ERROR, shown.text or "#VALUE!", "", formula)
    typed = attributes.get(VALUE_TYPE, "")
    read = BY_TYPE.get(typed)
    if read is not None:
        attribute, convert = read
        return convert(attributes.get(attribute, ""), shown, formula)
    if typed == "string":
        return _text(attributes.get(f"{OFFICE}string-value", shown.text), shown, formula)
    if formula and not shown.text:
        return OdsValue(Kind.EMPTY_FORMULA, "", "", formula)
    return _text(shown.text, shown, formula)


def _text(text: str, shown: OdsShown, formula: bool) -> OdsValue | None:
    code = shown.format.code if shown.format and shows_texts_otherwise(shown.format.code) else ""
    return OdsValue(Kind.TEXT, text, code, formula) if text or formula else None


def _number(stored: str, shown: OdsShown, formula: bool) -> OdsValue | None:
    if stored in ("0", "1") and shown.text in ("FALSE", "TRUE"):  # LibreOffice's way to keep another's boolean
        return _boolean(shown.text.lower(), shown, formula)
    if NUMBER.fullmatch(stored):
        if shown.format and shown.format.date and (day := serial_text(float(stored), shown.begin)):
            return OdsValue(Kind.DATE, day, shown.format.code, formula)
        return OdsValue(Kind.NUMBER, stored, _number_format(stored, shown), formula)
    if not stored and not shown.text and formula:
        return OdsValue(Kind.EMPTY_FORMULA, "", "", formula)
    return _text(shown.text or stored, shown, formula)


def _number_format(stored: str, shown: OdsShown) -> str:
    if shown.format is None:
        return format_of(stored, shown.text) if shown.text else ""
    return seen_format(stored, shown.text, shown.format.code, named=shown.format.named)


def _boolean(stored: str, _: OdsShown, formula: bool) -> OdsValue:
    return OdsValue(Kind.BOOLEAN, "TRUE" if stored == "true" else "FALSE", "", formula)


def _date(stored: str, shown: OdsShown, formula: bool) -> OdsValue | None:
    found = DAY.fullmatch(stored)
    if not found:
        return _text(shown.text or stored, shown, formula)
    timed = found[2] and found[2] != "00:00:00"
    usual = "yyyy-mm-dd hh:mm:ss" if timed else "yyyy-mm-dd"
    return OdsValue(Kind.DATE, f"{found[1]} {found[2]}" if timed else found[1], _date_format(shown, usual), formula)


def _time(stored: str, shown: OdsShown, formula: bool) -> OdsValue | None:
    found = DURATION.fullmatch(stored)
    if not found:
        return _text(shown.text or stored, shown, formula)
    hours, minutes, seconds = (int(part) for part in found.groups())
    text = f"{hours:02}:{minutes:02}:{seconds:02}"
    return OdsValue(Kind.DATE, text, _date_format(shown, "[h]:mm:ss"), formula)


def _date_format(shown: OdsShown, usual: str) -> str:
    """The style's own where it is one for dates."""
    code = shown.format.code if shown.format else ""
    return code if shown.format and (shown.format.date or code.startswith("[h")) else usual


BY_TYPE: Mapping[str, tuple[str, Callable[[str, OdsShown, bool], OdsValue | None]]] = {
    "float": (f"{OFFICE}value", _number),
    "currency": (f"{OFFICE}value", _number),
    "percentage": (f"{OFFICE}value", _number),
    "date": (f"{OFFICE}date-value", _date),
    "time": (f"{OFFICE}time-value", _time),
    "boolean": (f"{OFFICE}boolean-value", _boolean),
}
"""Where a cell of a type has its value, and who reads it (ODF 1.3 part 3, 19.387)."""
