"""Tells the rows that are no orders: totals, footers, descriptions of the columns, headers repeated on each page.

A row with a believable AWB is never put aside. One that also bears the word "Total" gets a doubt instead: a sum of AWBs
looks like an AWB.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from pipeline.load.totals import named_totals
from pipeline.model.texts import TextBytes, as_array, blank
from schemas.columns import CANONICAL, Meaning, Profile, fold
from schemas.marks import Mark, mark_of

BLANK = "blank"
A_TOTAL = "a total, not an order"
A_FOOTER = "a footer, not an order"
A_DESCRIPTION = "a description row, not an order"
A_HEADER = "a repeated header, not an order"
IN_A_TOTAL = "is in a row that is called a total: a sum of AWBs looks like one too; delete the row, or mend its name"

AWB_SIGNS = r"[A-Za-z0-9-]*[0-9][A-Za-z0-9-]*"
AWB_LENGTHS = (6, 30)
"""What an AWB looks like: 6 to 30 letters, digits and hyphens (docs/contract-ithink.md, part 3), and here also at
least one digit."""

LABELS = (
    (
        A_TOTAL,
        r"\s*(?:(?:grand|sub|page|net|overall|final)[\s-]*)?(?:totals?|sum|summe|soma|suma)"
        r"(?:\s+(?:amount|value|orders?|records?|rows|geral|general))?\s*[:=]?\s*[0-9.,]*\s*",
    ),
    (
        A_FOOTER,
        r"\s*[*#=-]*\s*(?:\(?[0-9][0-9,]*\s+(?:record|row|order|result|entr|item)[a-z()]*\b.*"
        r"|(?:no\.?|number)\s+of\s+(?:record|row|order)s?\b.*|report\s+(?:generated|downloaded|created)\b.*"
        r"|end\s+of\s+(?:the\s+)?(?:report|file|list|page|data)\b.*|page\s+[0-9]+(?:\s+of\s+[0-9]+)?"
        r"|(?:generated|downloaded|exported|printed|created)\s+(?:on|by|at|from)\b.*"
        r"|(?:note|disclaimer|remark|legend)s?\s*:.*|this\s+is\s+(?:a\s+)?(?:computer|system)[\s-]+generated.*)\s*",
    ),
)
"""What stands in the rows at the end of a table: seen in real exports ("37 record(s) downloaded"), and its sisters."""

DESCRIPTIONS_WITHIN = 5
"""Rows below the header that may describe the columns (TikTok Shop has one, upload templates up to three)."""

LEAST_DESCRIBED = 2
"""A row that describes columns describes more than one."""

KINDS_OF_CELLS = frozenset(
    {"text", "string", "number", "numeric", "integer", "alphanumeric", "varchar", "mandatory", "optional", "required"}
)
"""What a description says where it is one word only; ``NULL`` and ``pending`` stand in an order without an AWB."""

NAMES_OF_A_HEADER = 2
"""So many cells of a row that are known names of columns make it a header; the AWB's own name is enough by itself."""

SAMPLE = 1_000
FEW_IN_SAMPLE = 100
"""So few different texts among the first of a column, and it repeats itself."""

_LOOSE = "[\\s._\\-*:\u00a0\u200b\ufeff]+"
_ORDINAL = re.compile(r"[(\[]?(?:[0-9]{1,2}|[A-Z]{1,2})[)\].]?")
_LETTERS = re.compile(r"(?:.*[^\W\d_]){3}", flags=re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asides:
    """Why rows of a frame are no orders, the AWBs in doubt because of it, and headers of tables with other columns."""

    reason: pd.Series[str]
    doubt: pd.Series[str]
    other_tables: tuple[int, ...]


def find_asides(
    frame: pd.DataFrame,
    labels: Sequence[pd.Series[str]],
    filled: pd.Series[bool],
    profile: Profile,
    header_row: int,
    lonely: pd.Series[bool],
) -> Asides:
    """Looks for the rows of a frame that are no orders.

    Args:
        frame: the canonical columns, index the row number.
        labels: the texts of the columns where totals and footers have their label.
        filled: whether the row holds anything at all.
        profile: knows how headers and states are spelt.
        header_row: the number of the header row.
        lonely: rows without a reference in a sheet that has references.
    """
    real = _believable(frame)
    reason = blank(frame.index) if filled.all() else blank(frame.index).mask(~filled, BLANK)
    doubt = blank(frame.index)
    named = _named(frame, labels, lonely)
    doubt = doubt.mask(real & (named | _any_matches(labels, LABELS[0][1], frame.index)), IN_A_TOTAL)
    rest = frame[~real & filled]
    if rest.empty:
        return Asides(reason, doubt, ())
    texts = [label[rest.index] for label in (*labels, rest["awb_number"])]
    header, other = _headers(rest, profile)
    early = rest[(rest.index <= header_row + DESCRIPTIONS_WITHIN) & (real.cumsum() == 0)[rest.index]]
    found = {why: rest.index[_any_matches(texts, pattern, rest.index)] for why, pattern in LABELS}
    found[A_HEADER] = rest.index[header]
    found[A_DESCRIPTION] = pd.Index([row for row in early.index if _describes(early.loc[row], profile)], dtype="int64")
    for why, rows in found.items():
        reason.loc[rows] = reason.loc[rows].mask(reason.loc[rows] == "", why)
    return Asides(reason, doubt, tuple(int(row) for row in rest.index[other]))


def _named(frame: pd.DataFrame, labels: Sequence[pd.Series[str]], lonely: pd.Series[bool]) -> pd.Series[bool]:
    """Rows whose label names a total in any language: in the reference itself, or in a row without one."""
    named = named_totals(frame["order_ref"], loosely=False)
    if lonely.any():
        rows = frame.index[lonely]
        for label in labels:
            named.loc[rows] |= named_totals(label[rows], loosely=True)
    return named


def _believable(frame: pd.DataFrame) -> pd.Series[bool]:
    awbs = frame["awb_number"]
    looked = TextBytes.of(awbs)
    signs = True if looked.only("[0-9]") else awbs.str.fullmatch(AWB_SIGNS).to_numpy(dtype=bool)
    shortest, longest = AWB_LENGTHS  # in bytes: an AWB's signs are ASCII
    fits = (looked.lengths >= shortest) & (looked.lengths <= longest) & signs
    return pd.Series(fits, index=awbs.index) & (frame["awb_doubt"] == "")


def _any_matches(texts: Sequence[pd.Series[str]], pattern: str, index: pd.Index[int]) -> pd.Series[bool]:
    whole = f"(?is)^(?:{pattern})$"
    found: npt.NDArray[np.bool_] = reduce(or_, (_matches(text, whole) for text in texts), np.zeros(len(index), bool))
    return pd.Series(found, index=index, dtype="bool")


def _matches(texts: pd.Series[str], pattern: str) -> npt.NDArray[np.bool_]:
    """Arrow's own matching: pandas takes a detour over Python for a pattern in any letter case.

    A column that repeats itself, as couriers and states do, is asked once about each of its texts.
    """
    array = as_array(texts)
    if len(pc.unique(array.slice(0, SAMPLE))) > FEW_IN_SAMPLE:
        return np.asarray(pc.match_substring_regex(array, pattern), dtype=bool)
    coded = pc.dictionary_encode(array)
    hits = np.asarray(pc.match_substring_regex(coded.dictionary, pattern), dtype=bool)
    found: npt.NDArray[np.bool_] = hits[np.asarray(coded.indices)]
    return found


def _headers(rest: pd.DataFrame, profile: Profile) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Rows that repeat the header, as pages glued together have them; and those that name the columns otherwise."""
    spellings = {name: [fold(header) for header in headers] for name, headers in profile.columns.items()}
    every = [folded for headers in spellings.values() for folded in headers]
    texts = {name: rest[name].str.replace(_LOOSE, "", regex=True).str.lower() for name in CANONICAL if name in rest}
    names = pd.concat([text.isin(every) for text in texts.values()], axis=1).sum(axis=1) >= NAMES_OF_A_HEADER
    own = texts["awb_number"].isin(spellings["awb_number"])
    return own | names, names & ~own


def _describes(row: pd.Series[str], profile: Profile) -> bool:
    """Whether a row right below the header tells what the columns are for, and bears nothing that an order bears."""
    cells = {name: str(row[name]).strip() for name in (*CANONICAL, "order_date_raw") if name in row}
    filled = [text for name, text in cells.items() if text and name != "order_date"]
    if len(filled) < LEAST_DESCRIBED:
        return False
    if all(_ORDINAL.fullmatch(text) for text in filled):
        return True
    awb = cells["awb_number"]
    prose = fold(awb) in KINDS_OF_CELLS or (len(awb.split()) > 1 and _LETTERS.match(awb) is not None)
    return prose and not _like_an_order(cells, profile)


def _like_an_order(cells: Mapping[str, str], profile: Profile) -> bool:
    status = cells.get("order_status", "")
    return (
        re.fullmatch(r"\S*[0-9]\S*", cells.get("order_ref", "")) is not None
        or profile.meanings([status])[status] is not Meaning.UNKNOWN
        or mark_of(cells.get("cancel", "")) in (Mark.YES, Mark.NO)
        or cells.get("order_date", "") != ""
        or re.fullmatch(r"\D{0,4}[0-9][0-9.,]*", cells.get("amount", "")) is not None
    )
