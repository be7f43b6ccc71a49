"""What a plan would send, as a reviewer looks at it: by state, courier, payment, age, amount; the largest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.model.amount_sums import orders_of, repeats
from pipeline.model.amounts import as_amount, hundredths
from pipeline.report.currency import Currency
from pipeline.report.figures import LONGEST_NAME, MOST_BARS, MOST_ROWS, lines_of, one_part, shown_texts, told
from schemas.annotated import Status

LARGEST = 10
"""Amounts that are named one by one."""

SAME_AWB = 20
"""Rows of one AWB that are looked at for each of these."""

GROUPS = (("order_status", "By state"), ("courier", "By courier"), ("payment", "By payment"))

AGES = ((0, "today"), (1, "1 day"), (7, "2 to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"))
"""Up to so many days old, and how that is called; the rest is older."""

AMOUNTS = ((0, "nothing, or less"), (500, "up to 500"), (1_000, "500 to 1,000"), (5_000, "1,000 to 5,000"))
"""Up to so much, and how that is called; the rest is more."""

COLUMNS = (("order_status", "State"), ("courier", "Courier"), ("payment", "Payment"), ("order_date", "Ordered"))
"""What stands beside each row of a plan, where the sheet has it."""


def planned_rows(picked: pd.DataFrame) -> pd.DataFrame:
    """The rows that would go."""
    return picked[picked["status"] == str(Status.PLANNED)]


def going(picked: pd.DataFrame, today: date, currency: Currency) -> list[tuple[str, list[dict[str, Any]]]]:
    """What would go, counted in several ways, the most first; a way that the sheet has no column for is left out.

    Args:
        picked: the picked rows of a plan.
        today: what the age of an order counts from.
        currency: of the amounts.
    """
    rows = planned_rows(picked)
    if rows.empty:
        return []
    amounts = hundredths(rows["amount"]) if "amount" in rows else None
    cents = None if amounts is None else _counted_once(amounts, rows)
    return [(title, _bars(cents, groups, currency)) for title, groups in _ways(rows, amounts, today)]


def _ways(rows: pd.DataFrame, amounts: pd.Series[int] | None, today: date) -> Iterator[tuple[str, pd.Series[str]]]:
    for name, title in GROUPS:
        if name in rows and (rows[name] != "").any():
            yield title, rows[name].str.strip()
    if "order_date" in rows and (rows["order_date"] != "").any():
        codes, days = pd.factorize(rows["order_date"])
        ages = (pd.Timestamp(today) - pd.to_datetime(pd.Series(days).str.slice(0, 10), errors="coerce")).dt.days
        yield "By age", _banded(ages.to_numpy(dtype=np.float64)[codes], AGES, "older than 90 days", "no date")
    if amounts is not None:
        numbers = amounts.to_numpy(dtype=np.float64, na_value=np.nan) / 100
        yield "By amount", _banded(numbers, AMOUNTS, "more than 5,000", "no amount")


def _banded(numbers: npt.NDArray[Any], bands: Sequence[tuple[int, str]], rest: str, none: str) -> pd.Series[str]:
    names = pd.Index([*(name for _, name in bands), rest, none])
    places = np.searchsorted([limit for limit, _ in bands], np.nan_to_num(numbers), side="left")
    codes = np.where(np.isnan(numbers), len(bands) + 1, places)
    return pd.Series(pd.Categorical.from_codes(codes, names))


def _bars(cents: npt.NDArray[Any] | None, groups: pd.Series[str], currency: Currency) -> list[dict[str, Any]]:
    codes, names = pd.factorize(groups)
    counts = np.bincount(codes, minlength=len(names))
    sums = np.zeros(len(names), dtype=np.int64)
    if cents is not None:
        np.add.at(sums, codes, cents)
    order = np.argsort(-counts, kind="stable")
    most, bars = int(counts.max()), []
    for place in order[:MOST_BARS].tolist():
        amount = "" if cents is None else currency.shown(as_amount(int(sums[place])))
        name = told(names[place], LONGEST_NAME) or "(nothing)"
        bars.append({"name": name, "amount": amount, **one_part(str(Status.PLANNED), int(counts[place]), most)})
    rest = int(counts[order[MOST_BARS:]].sum())
    if rest:
        name = f"{len(counts) - MOST_BARS:,} others"
        bars.append({"name": name, "amount": "", **one_part(str(Status.PLANNED), rest, max(most, rest))})
    return bars


def _counted_once(amounts: pd.Series[int], rows: pd.DataFrame) -> npt.NDArray[Any]:
    """What each row adds to a sum, in hundredths: nothing where the amount of its order was counted before."""
    cents: npt.NDArray[Any] = amounts.fillna(0).to_numpy(dtype=np.int64).copy()
    cents[repeats(rows["amount"], orders_of(rows["order_ref"], rows["awb"]))] = 0
    return cents


def largest(picked: pd.DataFrame, currency: Currency) -> list[dict[str, Any]]:
    """The rows of the largest amounts that would go, the largest first; none without an amount column."""
    rows = planned_rows(picked)
    if "amount" not in rows:
        return []
    cents = hundredths(rows["amount"]).dropna()
    order = cents.astype("int64").nlargest(LARGEST * SAME_AWB).index
    first = rows.loc[order].drop_duplicates("awb").head(LARGEST)
    return [line | {"amount": currency.shown(as_amount(int(cents[line["row"]])))} for line in _lines(first, ())]


def plan_lines(picked: pd.DataFrame) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of a plan for its table, those that go first, bounded; and the titles of the columns at its end."""
    go = picked["status"] == str(Status.PLANNED)
    shown = pd.concat([picked[go].head(MOST_ROWS), picked[~go].head(MOST_ROWS)]).head(MOST_ROWS)
    more = [(name, title) for name, title in (*COLUMNS, ("amount", "Amount")) if name in picked]
    return _lines(shown, more), [title for _, title in more]


def _lines(rows: pd.DataFrame, more: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    names = {name: name for name in ("status", "awb", "order_ref", "remark")} | {"courier": "courier"}
    blank = pd.Series("", index=rows.index, dtype="str")
    columns = {title: shown_texts(rows.get(name, blank)) for name, title in (*names.items(), *more)}
    return lines_of({**columns, "row": rows.index.tolist()})


def going_in_words(picked: pd.DataFrame, today: date) -> list[tuple[str, str]]:
    """The same as ``going`` for a screen: ``By courier``, ``14 Delhivery (₹30,534.00), 12 Ecom Express (…)``."""
    found = going(picked, today, Currency.of(picked.get("amount")))
    return [(title, ", ".join(map(_in_words, lines))) for title, lines in found]


def _in_words(line: dict[str, Any]) -> str:
    return f"{line['total']:,} × {line['name']}" + (f" ({line['amount']})" if line["amount"] else "")


def largest_in_words(picked: pd.DataFrame) -> list[str]:
    """The largest amounts for a screen, a line each."""
    found = largest(picked, Currency.of(picked.get("amount")))
    return [f"{line['amount']}, AWB {line['awb']}, order {line['order_ref']} (row {line['row']})" for line in found]
