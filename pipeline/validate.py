"""Checks the rows against the schema and says of each bad cell what it holds, why that won't do, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.model.reasons import Finding
from schemas.orders import CHECKS, COLUMN_OF, OPTIONAL, RULES, keeps_all_rules, orders_schema

TROUBLES = ("row", "column", "rule", "cell", "reason", "why")

FIRST_CELLS = 5
"""Addresses named beside a reason in the terminal; sheet and report have them all."""

LONGEST_SHOWN = 60
"""Characters of a cell that a reason shows."""

WITHOUT_REF = ", or empty the cell, for an AWB can be cancelled without its reference"
"""What else can be done about a doubtful reference. Its row is not sent as it is: the reference is the proof of which
answer belongs to which AWB, so the same care is asked for it."""

JOINT = "; "


class Addresses(Protocol):
    """Where the columns stand in the sheet; a ``Place`` and a ``Table`` are such."""

    @property
    def sheet(self) -> str:
        """The sheet's name; "" in delimited text."""
        ...

    @property
    def columns(self) -> Mapping[str, int]:
        """Canonical name -> column, from 0."""
        ...


def validate(frame: pd.DataFrame, addresses: Addresses) -> pd.DataFrame:
    """Checks the order rows of a canonical frame; rows that are no orders are passed over.

    Args:
        frame: a canonical frame, or some of its rows.
        addresses: where its columns stand.
    Returns:
        One line for each trouble, by row: ``row``, ``column`` (canonical name), ``rule``, ``cell`` (``Orders!C17``),
        ``reason`` (for the remark, the address included) and ``why`` (the same for every cell of that trouble).
    """
    looked_at = [column for column in CHECKS if column in frame or column not in OPTIONAL]
    orders = frame.loc[frame["aside"] == "", looked_at]  # an amount that can't be read is no reason not to cancel
    trusted = orders["awb_doubt"] == ""
    checked = orders if trusted.all() else orders.assign(awb_number=orders["awb_number"].where(trusted, ""))
    failures = _failures(checked)
    found = [_troubles(orders, rule, rows, addresses) for rule, rows in failures.items()]
    if not found:
        return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in TROUBLES})
    return pd.concat(found, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)


def _failures(orders: pd.DataFrame) -> dict[str, pd.Index[int]]:
    """The rows that break each rule, all rules at once."""
    if keeps_all_rules(orders):
        return {}
    from pandera.errors import SchemaErrors

    try:
        orders_schema().validate(orders, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        rules = {words: rule for rule, words in RULES.items()}
        if not set(cases["check"]) <= set(rules):
            raise  # a frame that is not canonical: our fault, not the sheet's
        by_words = cases.groupby("check", sort=False)["index"]
        rows = {rules[str(words)]: pd.Index(index.astype("int64")) for words, index in by_words}
        return {rule: rows[rule] for rule in RULES if rule in rows}
    return {}


def _troubles(orders: pd.DataFrame, rule: str, rows: pd.Index[int], addresses: Addresses) -> pd.DataFrame:
    column = COLUMN_OF[rule]
    letters = column_letters(addresses.columns[column])
    prefix = f"{addresses.sheet}!{letters}" if addresses.sheet else letters
    numbers = pd.Series(rows, index=rows)
    cell = prefix + numbers.astype("str")
    said = _said(orders.loc[rows], rule)
    return pd.DataFrame(
        {
            "row": numbers,
            "column": pd.Series(column, index=rows, dtype="str"),
            "rule": pd.Series(rule, index=rows, dtype="str"),
            "cell": cell,
            "reason": cell + " " + said,
            "why": said.str.replace("(?s)^.*: ", "", regex=True) if rule.endswith("trusted") else RULES[rule],
        },
    )


def _said(orders: pd.DataFrame, rule: str) -> pd.Series[str]:
    """What is wrong with the cells, without their address."""
    if rule == "awb_trusted":
        return orders["awb_doubt"]
    if rule == "order_ref_trusted":
        return orders["order_ref_doubt"] + WITHOUT_REF
    if rule.endswith("_trusted"):
        return orders[f"{COLUMN_OF[rule]}_doubt"]
    texts = orders["awb_number"]
    long = texts.str.len() > LONGEST_SHOWN
    shown = texts.mask(long, texts.str.slice(0, LONGEST_SHOWN) + "…") if long.any() else texts
    return "holds " + shown + ": " + RULES[rule]


def remarks(troubles: pd.DataFrame) -> pd.Series[str]:
    """Every reason of each row, joined; index the row number, ascending.

    Args:
        troubles: what ``validate`` found.
    """
    turn = troubles.groupby("row").cumcount()
    joined = pd.Series(troubles["reason"].array, index=pd.Index(troubles["row"], name="row"))[(turn == 0).to_numpy()]
    for number in range(1, int(turn.max()) + 1 if len(turn) else 0):  # a row has two cells that can be wrong
        more = troubles[turn == number].set_index("row")["reason"]
        joined = joined.where(~joined.index.isin(more.index), joined + JOINT + more.reindex(joined.index).fillna(""))
    return joined.sort_index()


def grouped(troubles: pd.DataFrame) -> list[Finding]:
    """The troubles by their reason, the most frequent first, with the first few addresses."""
    groups = [
        Finding(str(why), len(cells), tuple(str(cell) for cell in cells.iloc[:FIRST_CELLS]))
        for why, cells in troubles.groupby("why", sort=False)["cell"]
    ]
    return sorted(groups, key=lambda group: -group.count)
