"""Reads one cell of an OpenDocument table from its attributes and the text that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.ods_number_formats import format_of

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
VALUE_TYPE = f"{OFFICE}value-type"
ERROR_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
FORMULA = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 formula"

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
ERROR = re.compile(r"#[A-Z0-9/?! ]+[!?AD0]?|Err:[0-9]+")
DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}:[0-9]{2})[0-9.,]*Z?)?")
DURATION = re.compile(r"PT([0-9]{1,6})H([0-9]{1,2})M([0-9]{1,2})(?:[.,][0-9]+)?S")


class Value(NamedTuple):
    """What a cell stores, its number format ("" when it has none that could be told), whether it is computed."""

    kind: Kind
    text: str
    format: str
    formula: bool


def value_of(attributes: Mapping[str, str], shown: str) -> Value | None:
    """The cell's value; None when it is blank."""
    formula = FORMULA in attributes
    if formula and (attributes.get(ERROR_TYPE) == "error" or ERROR.fullmatch(shown)):
        return Value(Kind.ERROR, shown or "#VALUE!", "", formula)
    typed = attributes.get(VALUE_TYPE, "")
    read = BY_TYPE.get(typed)
    if read is not None:
        attribute, convert = read
        return convert(attributes.get(attribute, ""), shown, formula)
    if typed == "string":
        return _text(attributes.get(f"{OFFICE}string-value", shown), formula)
    if formula and not shown:
        return Value(Kind.EMPTY_FORMULA, "", "", formula)
    return _text(shown, formula)


def _text(text: str, formula: bool) -> Value | None:
    return Value(Kind.TEXT, text, "", formula) if text or formula else None


def _number(stored: str, shown: str, formula: bool) -> Value | None:
    if stored in ("0", "1") and shown in ("FALSE", "TRUE"):  # LibreOffice's way to keep a boolean of another program
        return _boolean(shown.lower(), shown, formula)
    if NUMBER.fullmatch(stored):
        return Value(Kind.NUMBER, stored, format_of(stored, shown) if shown else "", formula)
    if not stored and not shown and formula:
        return Value(Kind.EMPTY_FORMULA, "", "", formula)
    return _text(shown or stored, formula)


def _boolean(stored: str, _: str, formula: bool) -> Value:
    return Value(Kind.BOOLEAN, "TRUE" if stored == "true" else "FALSE", "", formula)


def _date(stored: str, shown: str, formula: bool) -> Value | None:
    found = DAY.fullmatch(stored)
    if not found:
        return _text(shown or stored, formula)
    if found[2] and found[2] != "00:00:00":
        return Value(Kind.DATE, f"{found[1]} {found[2]}", "yyyy-mm-dd hh:mm:ss", formula)
    return Value(Kind.DATE, found[1], "yyyy-mm-dd", formula)


def _time(stored: str, shown: str, formula: bool) -> Value | None:
    found = DURATION.fullmatch(stored)
    if not found:
        return _text(shown or stored, formula)
    hours, minutes, seconds = (int(part) for part in found.groups())
    return Value(Kind.DATE, f"{hours:02}:{minutes:02}:{seconds:02}", "[h]:mm:ss", formula)


BY_TYPE: Mapping[str, tuple[str, Callable[[str, str, bool], Value | None]]] = {
    "float": (f"{OFFICE}value", _number),
    "currency": (f"{OFFICE}value", _number),
    "percentage": (f"{OFFICE}value", _number),
    "date": (f"{OFFICE}date-value", _date),
    "time": (f"{OFFICE}time-value", _time),
    "boolean": (f"{OFFICE}boolean-value", _boolean),
}
"""Where a cell of a type has its value, and who reads it (ODF 1.3 part 3, 19.387)."""
