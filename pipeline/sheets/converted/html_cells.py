"""Reads one cell of a web page: what it shows, and what Excel has written into it besides (``x:num``, formats)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.grid_builder import OTHER_FORMAT
from pipeline.sheets.converted.ods_data_styles import quoted
from pipeline.sheets.converted.ods_shown_formats import LONGEST_FIXED, seen_format
from pipeline.sheets.converted.text_formats import shows_texts_otherwise

AROUND_BREAK = re.compile(r" *\n[ \n]*")
SPACES = re.compile(r"  +")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
DIGITS = re.compile(r"[0-9]+")
ONLY_DIGITS = re.compile(r"[0#?,. ]*[0#?][0#?,. ]*")

GENERAL = "General"


class HtmlCell(NamedTuple):
    """What a cell holds; a format is "" where there is none."""

    kind: Kind
    text: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the page says of a cell besides its text: attributes of Excel's, and its number format."""

    number: str = ""
    text: str = ""
    truth: str = ""
    error: str = ""
    code: str = ""
    formula: bool = False

    @staticmethod
    def of(attributes: Mapping[str, str], code: str) -> Given:
        """From the attributes of the element."""
        return Given(
            attributes.get("x:num", "").strip(),
            attributes.get("x:str", ""),
            attributes.get("x:bool", ""),
            attributes.get("x:err", ""),
            code,
            "x:fmla" in attributes,
        )


NOTHING_GIVEN = Given()


def shown_text(pieces: list[str]) -> str:
    """The text of a cell as a browser shows it: blanks and line breaks run together."""
    text = "".join(pieces)
    if "\n" in text or "  " in text:
        text = SPACES.sub(" ", AROUND_BREAK.sub("\n", text))
    text = text.strip(" \n")
    return "" if text.isspace() else text


def read_cell(shown: str, given: Given) -> HtmlCell:
    """A cell from what it shows and what is given beside that; where they differ, a format says what is shown."""
    if given.error and shown:
        return HtmlCell(Kind.ERROR, shown)
    if given.truth and shown:
        return HtmlCell(Kind.BOOLEAN, "TRUE" if given.truth.upper() in ("TRUE", "1") else "FALSE")
    if NUMBER.fullmatch(given.number):
        code = seen_format(given.number, shown, given.code or GENERAL, named=bool(given.code))
        return HtmlCell(Kind.NUMBER, given.number, code)
    return _text(shown, given)


def _text(shown: str, given: Given) -> HtmlCell:
    if given.text and shown and given.text.strip() != shown:
        return HtmlCell(Kind.TEXT, given.text, f";;;{quoted(shown[:LONGEST_FIXED])}")
    if shows_texts_otherwise(given.code):
        return HtmlCell(Kind.TEXT, shown, f";;;{OTHER_FORMAT}")  # Excel would show something else than browsers do
    if DIGITS.fullmatch(shown) and ONLY_DIGITS.fullmatch(given.code):  # for Excel it is a number then
        number = shown.lstrip("0") or "0"
        return HtmlCell(Kind.NUMBER, number, seen_format(number, shown, given.code, named=True))
    return HtmlCell(Kind.TEXT, shown)
