"""Reads the styles of an OpenDocument: what format a cell has, and which texts are struck out or hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.sheets.converted.ods_data_styles import (
    KINDS,
    NUMBER,
    PARTS,
    STYLE,
    DataStyle,
    code_of,
    literal,
    number,
    quoted,
    started,
)

TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
FONT = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0 "

NO_HEIGHT = re.compile(r"0+(?:\.0+)?[a-z]*")
DEFAULT = "Default"
DEEPEST = 20  # styles that stand upon one another


@dataclass(frozen=True, slots=True)
class Look:
    """How a text looks: struck out or hidden, and raised or lowered (by how much)."""

    struck: bool = False
    raised: str = ""


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Format:
    """The number format of a cell: its code, whether a number under it is a date, and whether the document names it."""

    code: str
    date: bool = False
    named: bool = True


UNNAMED = Format("General", named=False)


class OdsStyles:
    """Takes the events of the XML inside ``office:styles`` and ``office:automatic-styles``."""

    def __init__(self) -> None:
        self.hidden_tables: set[str] = set()
        self.flat_rows: set[str] = set()  # of no height
        self.flat_columns: set[str] = set()  # of no width
        self._style = ""
        self._parents: dict[str, str] = {}
        self._data_of: dict[str, str] = {}
        self._looks: dict[str, Look] = {}
        self._data: dict[str, DataStyle] = {}
        self._open: DataStyle | None = None
        self._number: Mapping[str, str] | None = None
        self._embedded: dict[int, str] = {}
        self._texts: list[str] | None = None
        self._place = 0
        self.format_of = cache(self._format_of)
        self.look_of = cache(self._look_of)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if name in KINDS:
            self._open = self._data[attributes.get(f"{STYLE}name", "")] = started(name, attributes)
        elif self._open is not None:
            self._start_part(self._open, name, attributes)
        elif name == f"{STYLE}style":
            self._start_style(attributes)
        elif name == f"{STYLE}table-properties" and attributes.get(f"{TABLE}display") == "false":
            self.hidden_tables.add(self._style)
        elif name == f"{STYLE}table-row-properties" and NO_HEIGHT.fullmatch(attributes.get(f"{STYLE}row-height", "")):
            self.flat_rows.add(self._style)
        elif name == f"{STYLE}table-column-properties" and NO_HEIGHT.fullmatch(
            attributes.get(f"{STYLE}column-width", "")
        ):
            self.flat_columns.add(self._style)
        elif name == f"{STYLE}text-properties":
            self._looks[self._style] = _look(attributes)

    def _start_style(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get(f"{STYLE}name", "")
        self._parents[self._style] = attributes.get(f"{STYLE}parent-style-name", "")
        if data := attributes.get(f"{STYLE}data-style-name"):
            self._data_of[self._style] = data

    def _start_part(self, style: DataStyle, name: str, attributes: Mapping[str, str]) -> None:
        if name == f"{NUMBER}number":
            self._number, self._embedded = attributes, {}
        elif name in (f"{NUMBER}text", f"{NUMBER}currency-symbol", f"{NUMBER}fill-character"):
            self._texts = []
        elif name == f"{NUMBER}embedded-text":
            self._texts = []
            place = attributes.get(f"{NUMBER}position", "")
            self._place = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else 0
        elif name == f"{STYLE}map":
            style.maps.append((attributes.get(f"{STYLE}condition", ""), attributes.get(f"{STYLE}apply-style-name", "")))
        elif (spell := PARTS.get(name)) is not None:
            code = spell(attributes)
            style.pieces.append(f"[{code}]" if style.elapsed and name == f"{NUMBER}hours" else code)

    def characters(self, text: str) -> None:
        """Literal text of a style."""
        if self._texts is not None:
            self._texts.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._open is None:
            return
        if name in KINDS:
            self._open = None
        elif name == f"{NUMBER}number" and self._number is not None:
            self._open.pieces.append(number(self._number, self._embedded))
            self._number = None
        elif self._texts is not None:
            self._end_text(self._open, name, "".join(self._texts))

    def _end_text(self, style: DataStyle, name: str, text: str) -> None:
        self._texts = None
        if name == f"{NUMBER}embedded-text":
            self._embedded[self._place] = text
        elif name == f"{NUMBER}fill-character":
            style.pieces.append(f"*{text[:1]}" if text else "")
        elif text:
            style.pieces.append(quoted(text) if name.endswith("symbol") else literal(text))

    def _format_of(self, style: str) -> Format | None:
        """The format of a cell's style ("" for none); None where the document does not hold the style."""
        name = style or DEFAULT
        if name not in self._parents and name != DEFAULT:
            return None
        for _ in range(DEEPEST):
            if (data := self._data_of.get(name)) is not None:
                found = self._data.get(data)
                return None if found is None else Format(code_of(found, self._data), found.date)
            if not name or name == DEFAULT:
                break
            name = self._parents.get(name, "")
        return Format("General", named=bool(style))

    def _look_of(self, style: str) -> Look:
        """How texts under a style look, its parents' look included."""
        name, found = style or DEFAULT, PLAIN
        for _ in range(DEEPEST):
            look = self._looks.get(name, PLAIN)
            found = Look(found.struck or look.struck, found.raised or look.raised)
            if not name or name == DEFAULT:
                break
            name = self._parents.get(name, "")
        return found


def _look(attributes: Mapping[str, str]) -> Look:
    lines = (attributes.get(f"{STYLE}text-line-through-{what}", "none") for what in ("style", "type"))
    hidden = attributes.get(f"{TEXT}display") == "none" or attributes.get(f"{FONT}display") == "none"
    raised = attributes.get(f"{STYLE}text-position", "0%").split(" ")[0]
    return Look(hidden or any(line != "none" for line in lines), "" if raised in ("0%", "") else raised)
