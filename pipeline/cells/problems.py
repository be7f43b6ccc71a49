"""What can be wrong with a cell that should hold an AWB or an order reference, in the words that a person reads.

A doubt is one sentence, ``holds WHAT: WHY; WHAT TO DO``; the cell's address is put in front of it later. WHY is the
same for every cell of a kind and has no colon, so that doubts can be counted by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from pipeline.cells.characters import UNSEEN, shown
from pipeline.cells.digits import KEPT_DIGITS
from pipeline.model.sheet import Kind


class Family(StrEnum):
    """What the cells of a column should be, as a doubt calls it."""

    AWB = "AWB"
    REFERENCE = "order reference"


class Deciding(StrEnum):
    """What the cells of a column should be that decides which rows are picked."""

    STATE = "state"
    MARK = "yes or no"
    DATE = "date"
    AMOUNT = "amount"
    VALUE = "value"  # of any other column that --where names


@dataclass(frozen=True, slots=True)
class Doubt:
    """``what`` a cell holds (``{}``: what is stored) and ``why`` that is not believed, with what to do."""

    what: str
    why: str


AGAIN = "export the column again as text"

NO_NUMBER = {
    Kind.DATE: Doubt("the date {}", f"Excel made a date of it; {AGAIN}"),
    Kind.BOOLEAN: Doubt(
        "{} as a truth value", "it is TRUE or FALSE for Excel, no {family}; type the right one as text"
    ),
    Kind.ERROR: Doubt("the error {}", "the formula in the cell fails; mend it, or type the {family} as text"),
    Kind.EMPTY_FORMULA: Doubt(
        "a formula without a result",
        "the program that made the file did not calculate it; open the file in Excel, save it and try again",
    ),
}
"""Cells that are neither text nor number."""

NO_DATE = Doubt("the number {} under a date format", f"Excel shows ##### for it; {AGAIN}")

UNREADABLE = Doubt("{} as a number", f"that is no number; {AGAIN}")
LONG = Doubt("{} as a number", f"Excel keeps only {KEPT_DIGITS} digits of a number, so the last ones are lost; {AGAIN}")
NEGATIVE = Doubt("the number {}", "no {family} is below zero; look up the right one")
FRACTION = Doubt("the number {exact}", "no {family} has a fraction; look up the right one")
ROUNDED = Doubt(
    "the number {exact}, which shows as {}", "a calculation left a fraction behind; type the right {family} as text"
)
UNKNOWN_FORMAT = Doubt(
    "the number {}", "this kind of file does not tell whether zeros belong in front; save it as .xlsx and use that"
)
NO_STYLE = Doubt("the number {}", "the file lacks the style of the cell; open it in Excel, save it and try again")
HIDDEN = Doubt("the number {} under the number format {format}", f"the format hides it; {AGAIN}")
FORMAT = Doubt(
    "the number {} under the number format {format}",
    f"the format shows something else than is stored, and which one is meant can't be told; {AGAIN}",
)
"""Number cells. A whole number below 16 digits is exact, however a scientific format or a narrow column shortens it."""

HIDDEN_TEXT = Doubt("{} under the number format {format}", f"the format hides it; {AGAIN}")
FORMAT_TEXT = Doubt(
    "{} under the number format {format}",
    f"the format shows something else than is stored, and what can't be told; {AGAIN}",
)
"""Texts."""

STRUCK = Doubt(
    "{}, and it or a part of it is struck out or raised",
    "what is struck out is not meant; write the right {family} without, or delete the row",
)

NO_DAY = Doubt("the date {} under the number format {format}", f"the format does not show that day; {AGAIN}")

PRINTED = Doubt("{}", f"it is printed with decimals in a column where other numbers are not; {AGAIN}")
"""``123.00``, where not the whole column is written so."""

LOST = Doubt("{}", f"the digits were lost when the file was saved again; {AGAIN}")
LOST_PATTERN = r"(?i)^[+-]?[0-9]+(?:[.,][0-9]+e[+-]?|e[+])[0-9]+$"
"""``1.31948E+12``, ``3,60003E+14``: 77 of 141 cells of a real export (docs/order-exports.md). ``1E5`` is text."""

PLACEHOLDERS = (
    *("na", "nil", "null", "none", "nan", "nat", "undefined", "empty", "blank", "missing", "x", "tba", "tbd", "0"),
    *("notassigned", "notyetassigned", "awbnotassigned", "unassigned", "tobeassigned", "tobeadded", "awaited"),
    *("notavailable", "unavailable", "notapplicable", "notgenerated", "awbnotgenerated", "notyetgenerated"),
    *("awbpending", "noawb", "noawbnumber", "notracking", "notrackingnumber", "notshipped", "nottracked"),
    *("handdelivery", "handdelivered", "byhand", "selfship", "selfshipped", "selfdelivery", "selfpickup"),
    *("selfcollect", "storepickup", "localpickup"),
)
"""What stands where there is no AWB, without blanks and signs: ``N/A``, R's ``NA``, ``Hand Delivery``. A text of signs
only, ``--``, is another."""

UNSEEN_INSIDE = Doubt("{} with {name} inside", "nobody can see that character; type the {family} anew")

_ONE = "[A-Za-z-]{0,6}[0-9][0-9A-Za-z-]{4,29}"
_SEVERAL_PATTERN = rf"^{_ONE}(?:[\s\p{{Z}},;/|&+]+{_ONE})+$"

TEXTS: dict[Family, tuple[tuple[str, Doubt], ...]] = {
    Family.AWB: (
        (  # A comma would silently make two AWBs of one in the request (docs/contract-ithink.md, section 3).
            _SEVERAL_PATTERN,
            Doubt("{}", "more than one AWB stands in the cell; give each a row of its own"),
        ),
        (rf"[^\P{{C}}\t\n\r]|{UNSEEN[6:]}", UNSEEN_INSIDE),
        (  # Digits of other scripts, Cyrillic and Greek letters that look like Latin ones, dashes that are no hyphen.
            r"[^\x00-\x7F\p{Z}]",
            Doubt("{} with {name} inside", "an AWB has only letters A to Z, digits 0 to 9 and hyphens; type it anew"),
        ),
        (LOST_PATTERN, LOST),
        (r"[\s\p{Z}]", Doubt("{}", "a blank stands inside; write it without, if it is one AWB")),
    ),
    Family.REFERENCE: ((UNSEEN, UNSEEN_INSIDE), (LOST_PATTERN, LOST)),
}
"""Texts, without what was around them: the first pattern (RE2) that is found. A reference may hold blanks, slashes,
signs and the letters of any language."""


def sentences(
    stored: pd.Series[str], doubt: Doubt, family: Family | Deciding, **said: pd.Series[str]
) -> pd.Series[str]:
    """The doubts of some cells.

    Args:
        stored: what the cells hold.
        doubt: what is wrong with all of them.
        family: what they should be.
        said: what else the doubt has a place for, by its name.
    """
    words = f"holds {doubt.what}: {doubt.why}".replace("{family}", family)
    values = {"{}": stored, **{f"{{{name}}}": value for name, value in said.items()}}
    sentence = pd.Series("", index=stored.index, dtype="str")
    for part in re.split(r"(\{\w*\})", words):
        sentence = sentence + (shown(values[part]) if part in values else part)
    return sentence
