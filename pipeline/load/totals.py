"""Tells sums, counts and averages from AWBs: by the label of their row, and by arithmetic.

A sum of AWBs looks like one. Rows of totals are named in every language, before or behind what they are the total of;
and a total without a name is known by the numbers above it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.characters import made_of
from pipeline.model.texts import TextBytes, blank

NAMES = (
    "(?:grand|sub|page|net|overall|final|running)?[ -]?totals?|sums?|count|average|avg|mean|results?"
    "|(?:closing|opening) balance|summe|gesamt|gesamtsumme|gesamtergebnis|ergebnis|teilergebnis|zwischensumme|anzahl"
    "|mittelwert|durchschnitt|somme|sous-total|totaux|r[ée]sultat|moyenne|nombre|totale|subtotale|somma|media|conteggio"
    "|totaal|subtotaal|gemiddelde|aantal|suma|soma|m[ée]dia|contagem|promedio|cuenta|subtotales|totales|razem|ogółem"
    "|celkem|összesen|toplam|ara toplam|genel toplam|ortalama|totalt|summa|yhteensä|i alt|jumlah|tổng(?: cộng)?"
    '|итого?|всего|сумма|среднее|количество|разом|усього|σύνολο|المجموع|الإجمالي|סה"כ'
    "|कुल(?: योग| जोड़)?|योग|जोड़|औसत|एकूण|कुल|মোট|સરવાળો|કુલ|ਕੁੱਲ|மொத்தம்|మొత్తం|ಒಟ್ಟು|ആകെ|รวม(?:ทั้งหมด)?"
)
"""What programs and people call the row of a total: Excel's subtotals and pivot tables in their languages, SAP's
"Result", ledgers' "Closing Balance"."""

_ANYWHERE = "合計|总计|總計|合计|小计|小計|総計|平均值?$|합계|총계|소계|[∑Σ]"
_BESIDE = "(?i)^[\\s*#=–-]*(?:{names})(?:$|[{beside}])|[{beside}](?:{names})[\\s:=]*[0-9.,]*$|{anywhere}"
NAMED, LOOSELY_NAMED = (
    _BESIDE.format(names=NAMES, beside=beside, anywhere=_ANYWHERE) for beside in ("\\s:", "\\s\\pP\\pS")
)
"""A text that begins or ends with such a name; Chinese, Japanese and Korean ones stand anywhere."""

LEAST_SUMMED = 2
LEAST_AVERAGED = 3
"""Numbers above a sum, and above an average: in shuffled numbers one is easily the middle of two others."""

LONGEST = 18
"""Digits of a number that can be a total here; one above is no number to Excel (15 digits) nor to us."""

COUNTED_FROM = 100_000
"""A count below has less digits than an AWB."""

TOTAL_OF = "is the {what} of the numbers above it, and no AWB: delete the row, or type the right AWB as text"
SUM, COUNT, AVERAGE = "sum", "count", "average"

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]


def named_totals(texts: pd.Series[str], *, loosely: bool) -> pd.Series[bool]:
    """Which texts name a total; ``loosely``: also with a dash or another sign beside the name."""
    array = pa.array(texts, type=pa.large_string())
    found = pc.match_substring_regex(array, LOOSELY_NAMED if loosely else NAMED)
    return pd.Series(np.asarray(found, dtype=bool), index=texts.index)


@dataclass(slots=True)
class RunningTotals:
    """What the numbers of the rows so far come to, frame after frame: of all of them, and of those that show."""

    every: _Run | None = None
    seen: _Run | None = None

    def find(self, awbs: pd.Series[str], lonely: Flags, hidden: Flags) -> pd.Series[str]:
        """Why some cells of a frame are no AWBs; "" for the others.

        Args:
            awbs: the AWBs, "" where there is none or it is doubted.
            lonely: rows without a reference, which may be an average or a count.
            hidden: rows that do not show.
        """
        self.every, self.seen = self.every or _Run(), self.seen or _Run()
        lengths = TextBytes.of(awbs).lengths
        numbers = made_of(awbs, "[0-9]") & (lengths >= 1) & (lengths <= LONGEST)
        why = blank(awbs.index)
        for run, rows in ((self.every, numbers), (self.seen, numbers & ~hidden)):
            if run is self.seen and not hidden.any() and self.every.same_as(self.seen):
                self.seen = self.every.copy()
                continue
            places = np.flatnonzero(rows)
            if len(places):
                values = pc.cast(pa.array(awbs.iloc[places], type=pa.large_string()), pa.uint64()).to_numpy()
                for what, found in run.take(values, lonely[places]).items():
                    if found.any():
                        why.iloc[places[found]] = TOTAL_OF.format(what=what)
        return why


@dataclass(slots=True)
class _Run:
    """Sums modulo 2**64, which is exact for telling whether two are the same, and roughly, to be sure of it."""

    total: np.uint64 = field(default_factory=lambda: np.uint64(0))
    rough: float = 0.0
    count: int = 0

    def copy(self) -> _Run:
        return _Run(self.total, self.rough, self.count)

    def same_as(self, other: _Run) -> bool:
        return (self.total, self.count) == (other.total, other.count)

    def take(self, values: Words, lonely: Flags) -> dict[str, Flags]:
        """Which numbers are totals of those above them; the others are added."""
        totals = np.zeros(len(values), bool)
        found = {what: totals.copy() for what in (SUM, COUNT, AVERAGE)}
        while True:
            fresh = self._found(values, lonely, totals)
            if not any(which.any() for which in fresh.values()):
                break
            for what, which in fresh.items():
                found[what] |= which
                totals = totals | which  # a grand total is the sum of what its subtotals leave out
        rest = values[~totals]
        self.total = np.uint64((int(self.total) + int(rest.sum(dtype=np.uint64))) % 2**64)
        self.rough += float(rest.astype(np.float64).sum())
        self.count += len(rest)
        return found

    def _found(self, values: Words, lonely: Flags, totals: Flags) -> dict[str, Flags]:
        counted = np.where(totals, 0, 1)
        added = np.where(totals, np.uint64(0), values)
        with np.errstate(over="ignore"):
            until = np.cumsum(added, dtype=np.uint64) + self.total
            above = until - added
            wanted = above - values  # what the sum was where the block began
        rough = np.cumsum(added.astype(np.float64)) + self.rough
        count = np.cumsum(counted) - counted + self.count
        starts = np.concatenate([np.array([0, self.total], np.uint64), until])
        order = np.argsort(starts, kind="stable")
        places = np.searchsorted(starts[order], wanted)
        start = order[np.minimum(places, len(order) - 1)]
        rough_starts = np.concatenate([[0.0, self.rough], rough])
        counts = np.concatenate([[0, self.count], count + counted])
        rough_above = rough - np.where(totals, 0, values.astype(np.float64))
        alike = np.abs(rough_above - rough_starts[start] - values) <= values * 1e-6
        sums = (starts[start] == wanted) & alike & (count - counts[start] >= LEAST_SUMMED) & ~totals
        whole = np.maximum(count, 1).astype(np.uint64)
        fits = rough_above < 2.0**63
        averages = fits & (above == values * whole) & (count >= LEAST_AVERAGED) & lonely & ~totals
        counts_of = (values == count.astype(np.uint64)) & (values >= COUNTED_FROM) & lonely
        return {SUM: sums, COUNT: counts_of & ~totals, AVERAGE: averages}
