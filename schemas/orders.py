"""What a row of an order export must hold before its AWB may be sent: the pandera schema of the canonical columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import DataFrameSchema

SIGNS = "[A-Za-z0-9-]*"
"""Letters, digits and hyphens (docs/contract-ithink.md, section 3); matched as a whole, so no line break slips in at
the end."""

SHORTEST, LONGEST = 6, 30
"""Characters of an AWB (docs/contract-ithink.md, section 3: from Delhivery's, Blue Dart's and others' to iThink's
own of 22)."""

RULES = {
    "awb_signs": f"an AWB has only letters, digits and hyphens, {SHORTEST} to {LONGEST} of them; type the right one",
    "awb_length": f"an AWB has {SHORTEST} to {LONGEST} letters, digits and hyphens; type the right one",
    "awb_digit": "every AWB has a digit, so this is a word and not an AWB; type the right one",
    "awb_somebodys": "no parcel has a number of one digit only; type the right one",
    "awb_trusted": "the AWB can't be trusted",
    "order_ref_trusted": "the order reference can't be trusted",
    "order_status_trusted": "the state can't be told",
    "cancel_trusted": "whether it says yes or no can't be told",
}
"""Every rule in a user's words. A cell breaks one of the first four at most; for the others, its doubt says why.

Every AWB known has a digit (docs/contract-ithink.md, section 3), and ``CANCELLED`` or ``PENDING`` is what people
write where one lacks.
An AWB that is blank breaks no rule: a picked row without one is left out, and nothing is sent for it."""

COLUMN_OF = {rule: "awb_number" if rule.startswith("awb") else rule.removesuffix("_trusted") for rule in RULES}
"""The column whose cell has to be mended."""


def _signs(awbs: pd.Series[str]) -> pd.Series[bool]:
    return awbs.str.fullmatch(SIGNS)


def _length(awbs: pd.Series[str]) -> pd.Series[bool]:
    return awbs.str.len().between(SHORTEST, LONGEST) | (awbs == "") | ~_signs(awbs)


def _digit(awbs: pd.Series[str]) -> pd.Series[bool]:
    wordlike = awbs.str.fullmatch(f"[A-Za-z-]{{{SHORTEST},{LONGEST}}}")
    return ~wordlike


ONE_DIGIT = "-*(?:" + "|".join(f"{digit}[{digit}-]*" for digit in "0123456789") + ")"
"""``000000000000`` and ``111111111111`` are typed where a number is asked for and there is none."""


def _somebodys(awbs: pd.Series[str]) -> pd.Series[bool]:
    return ~awbs.str.fullmatch(ONE_DIGIT) | ~awbs.str.len().between(SHORTEST, LONGEST)


def _empty(doubts: pd.Series[str]) -> pd.Series[bool]:
    return doubts == ""


CHECKS: Mapping[str, Mapping[str, Callable[[pd.Series[str]], pd.Series[bool]]]] = {
    "awb_number": {"awb_signs": _signs, "awb_length": _length, "awb_digit": _digit, "awb_somebodys": _somebodys},
    "awb_doubt": {"awb_trusted": _empty},
    "order_ref": {},
    "order_ref_doubt": {"order_ref_trusted": _empty},
    "order_status_doubt": {"order_status_trusted": _empty},
    "cancel_doubt": {"cancel_trusted": _empty},
}
"""The columns that are looked at, with the rules that each must keep."""

OPTIONAL = ("order_status_doubt", "cancel_doubt")
"""Columns of ``CHECKS`` that only a sheet has which has the column they speak of."""


def keeps_all_rules(orders: pd.DataFrame) -> bool:
    """Whether every row keeps every rule of ``orders_schema``, told by the same checks without importing pandera.

    That import takes longer than checking 100,000 rows, and most sheets break no rule. Which rows break which rule is
    for the schema to say.
    """
    rows = orders.index
    if rows.dtype != "int64" or not rows.is_unique or (rows <= 0).any():
        return False
    return all(
        not orders[column].isna().any() and all(check(orders[column]).all() for check in checks.values())
        for column, checks in CHECKS.items()
        if column in orders or column not in OPTIONAL
    )


@cache
def orders_schema() -> DataFrameSchema:
    """The pandera schema of the order rows.

    The frame's index is the row number in the file (int, unique, above 0); its columns are ``awb_number`` and
    ``order_ref`` as a person sees them, with ``awb_doubt`` and ``order_ref_doubt`` ("" or why not to trust the cell),
    and ``order_status_doubt`` and ``cancel_doubt``; others may stand beside them. The columns are texts of pandas'
    ``str``; "" is blank, and nothing is missing.
    """
    import pandera.pandas as pa

    def column(name: str, checks: Mapping[str, Callable[[pd.Series[str]], pd.Series[bool]]]) -> pa.Column:
        named = [pa.Check(check, name=rule, error=RULES[rule]) for rule, check in checks.items()]
        return pa.Column(nullable=False, checks=named, required=name not in OPTIONAL)

    return pa.DataFrameSchema(
        {name: column(name, checks) for name, checks in CHECKS.items()},
        index=pa.Index(int, unique=True, checks=pa.Check.gt(0)),
        strict=False,
    )
