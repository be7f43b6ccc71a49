"""The numbers of the report page: money, bars by courier and by remark, and the rows that need a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from pipeline.model.amount_sums import AmountSum, orders_of
from pipeline.model.amounts import as_amount
from pipeline.report.currency import Currency
from pipeline.report.summary import NEEDS_A_PERSON, Summary
from schemas.annotated import Status

MOST_ROWS = 2_000
"""Rows that need a person shown on the page; the sheet has them all."""

MOST_BARS = 10
"""Bars in a chart; the rest is told as a number."""

LONGEST_REMARK = 500
"""Characters of a remark on the page; the sheet has it whole."""

LONGEST_NAME = 120
"""Characters of a courier, an AWB or a reference."""

LONGEST_BAR = 160
"""Characters of a remark in the chart."""

MOST_REMARKS = 50_000
"""Different remarks that are looked at for the chart, the most frequent first."""

OWN_DETAILS = (
    (r" ?\(run [0-9a-f-]+, [0-9-]+\)", " (an earlier run)"),
    (r"\brow [0-9]+", "row …"),
    (r"\b[A-Z]{1,3}[1-9][0-9]{0,6}\b|\b[0-9]{6,}\b", "…"),
    (r"^… holds .+?: |^…: ", ""),
)
"""What makes the same remark another one in each row (run, row, cell, AWB, its value), and what stands for it."""

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Characters that no page can show; a browser would drop some of them without a word."""

COD_WORDS = r"(?i)\bcod\b|cash on delivery|collect"
"""How exports say that a parcel is paid on delivery (docs/order-exports.md, payment column)."""


def grouped(amount: object) -> str:
    """An amount or a count for people: ``1299000.5`` is ``1,299,000.50``, and 1500 is ``1,500``."""
    return f"{amount:,}" if isinstance(amount, int) else f"{Decimal(str(amount)):,.2f}"


def shares(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The parts of one bar over all rows that are picked; those that stay are a line of their own."""
    found = {str(word): counts[word] for word in Status if counts[word] and word is not Status.SKIPPED}
    return _parts(found, sum(found.values())) if found else []


def money(summary: Summary, picked: pd.DataFrame, currency: Currency) -> list[tuple[str, str]]:
    """The lines about money, exact sums in the currency of the sheet; none without an amount column."""
    amounts = summary.amount
    if amounts is None:
        return []
    word = Status.SUCCESS if summary.run else Status.PLANNED
    lines = [("Cancelled" if summary.run else "To be cancelled", currency.shown(amounts[word]))]
    if "payment" in picked or "cod_amount" in picked:
        tally = AmountSum()
        rows = picked[picked["status"] == str(word)]
        collected = _cod(rows)
        tally.add(collected, orders_of(rows["order_ref"], rows["awb"]).reindex(collected.index))
        lines.append(("Cash on delivery among it", currency.shown(as_amount(tally.total))))
    if summary.run:
        standing = sum(Decimal(amounts[word]) for word in (Status.FAILED, Status.UNKNOWN))
        lines.append(("Still standing (Failed and Unknown)", currency.shown(standing)))
    return lines


def _cod(rows: pd.DataFrame) -> pd.Series[str]:
    if "cod_amount" in rows:
        return rows["cod_amount"]
    codes, words = pd.factorize(rows["payment"])  # a million rows, a handful of words
    paid_later = pd.Series(words, dtype="str").str.contains(COD_WORDS, regex=True).to_numpy(dtype=bool)
    return rows.loc[paid_later[codes], "amount"] if len(words) else rows["amount"]


def needs(picked: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows that need a person, the most pressing first, bounded."""
    status = picked["status"]
    places = [np.flatnonzero((status == str(word)).to_numpy(dtype=bool))[:MOST_ROWS] for word in NEEDS_A_PERSON]
    shown = picked.iloc[np.concatenate(places)[:MOST_ROWS]]
    columns = {name: shown_texts(shown[name]) for name in ("status", "awb", "order_ref")}
    return lines_of({**columns, "remark": shown_texts(shown["remark"], LONGEST_REMARK), "row": shown.index.tolist()})


def lines_of(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Columns of one length as a table's lines, each a value by its column's name."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def by_status(lines: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """The lines in their order, those of one status that follow each other together."""
    return groupby(lines, key=itemgetter("status"))


def shown_texts(texts: pd.Series[str], longest: int = LONGEST_NAME) -> list[str]:
    """A column of texts as the page shows them, see ``told``."""
    plain = texts.astype("str").tolist()
    if not CONTROLS.search("".join(plain)) and max(map(len, plain), default=0) <= longest:
        return plain  # nearly always
    return [told(text, longest) for text in plain]


def told(text: object, longest: int = LONGEST_REMARK) -> str:
    """A text from elsewhere as the page shows it: no longer than needed, and nothing in it that can't be seen."""
    plain = CONTROLS.sub("\ufffd", str(text)[: longest + 1])
    return plain if len(plain) <= longest else plain[:longest] + "…"


def couriers(picked: pd.DataFrame) -> dict[str, Any]:
    """Outcomes by courier, the largest first; and how many more couriers there are."""
    if "courier" not in picked or picked.empty:
        return {"bars": [], "more": 0}
    codes, names = pd.factorize(picked["courier"].str.strip())
    states, words = pd.factorize(picked["status"].astype("str"))
    table = np.bincount(codes * len(words) + states, minlength=len(names) * len(words)).reshape(-1, len(words))
    order = np.argsort(-table.sum(axis=1), kind="stable")
    most = int(table.sum(axis=1).max())
    bars = [
        _bar(str(names[place]), dict(zip(words, table[place].tolist(), strict=True)), most)
        for place in order[:MOST_BARS]
    ]
    return {"bars": bars, "more": len(names) - len(bars)}


def _bar(name: str, counts: Mapping[str, int], most: int) -> dict[str, Any]:
    found = {str(word): counts[word] for word in Status if counts.get(word)}
    return {
        "name": told(name, LONGEST_NAME) or "(no courier)",
        "total": sum(found.values()),
        "parts": _parts(found, most),
    }


def _parts(counts: Mapping[str, int], most: int) -> list[dict[str, Any]]:
    parts, at = [], 0
    for word, count in counts.items():
        left, right = round(100 * at / most, 2), round(100 * (at + count) / most, 2)
        parts.append({"word": word, "count": count, "left": left, "width": round(right - left, 2)})
        at += count
    return parts


def remarks(picked: pd.DataFrame, sheet: str) -> dict[str, Any]:
    """The remarks of rows that need a person, by count; what only names its own row, cell or AWB counts as one."""
    status = picked["status"]
    said = [(str(word), _counted(picked.loc[status == str(word), "remark"], sheet)) for word in NEEDS_A_PERSON]
    lines = [(word, remark, total) for word, counts in said for remark, total in counts.items()]
    lines = sorted(lines, key=lambda line: -line[2])
    shown = lines[:MOST_BARS]
    bars = [
        {"word": word, "name": remark or "(no remark)", **one_part(word, total, shown[0][2])}
        for word, remark, total in shown
    ]
    asked = int(status.isin([word for word, _ in said]).sum())
    return {"bars": bars, "more": asked - sum(total for _, _, total in shown)}


def _counted(remarks: pd.Series[str], sheet: str) -> dict[str, int]:
    """How often each remark stands there, the most frequent different ones only."""
    if remarks.empty:
        return {}
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.value_counts(pa.array(remarks, type=pa.large_string()))
    counts = pd.Series(found.field("counts").to_numpy(), index=np.arange(len(found))).nlargest(MOST_REMARKS)
    texts = found.field("values").take(pa.array(counts.index))
    plain = pd.Series(texts.to_pylist(), dtype="str").str.slice(0, 2 * LONGEST_REMARK)
    plain = plain.str.replace(f"{sheet}!", "", regex=False) if sheet else plain
    totals = counts.groupby(np.array(_folded(plain), dtype=object), sort=False).sum()
    return {str(remark): int(total) for remark, total in totals.items()}


def one_part(word: str, total: int, most: int) -> dict[str, Any]:
    """A bar of one part."""
    return {"total": total, "parts": _parts({word: total}, most)}


def _folded(remarks: pd.Series[str]) -> list[str]:
    for pattern, instead in OWN_DETAILS:
        remarks = remarks.str.replace(pattern, instead, regex=True)
    return shown_texts(remarks, LONGEST_BAR)
