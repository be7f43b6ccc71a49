"""Writes amounts as the sheet's readers do: in the currency of its column, and with lakhs where it has them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

LOOKED_AT = 2_000
"""Different amounts of a column that are looked at."""

SIGN = re.compile(
    r"₹|r\$|us\$|\$|€|£|¥|\brs\b\.?|\binr\b|\b(?:brl|usd|eur|gbp|aed|sar|qar|omr|kwd|bhd|sgd|myr|npr|bdt|lkr)\b"
)
"""What names a currency in an amount, small letters; most of those that ``model.amounts`` reads."""

SHOWN = {"rs": "₹", "rs.": "₹", "inr": "₹", "us$": "US$", "usd": "US$", "r$": "R$", "brl": "R$", "eur": "€", "gbp": "£"}
"""How a currency is shown, where that is not how the sheet writes it."""

LAKHS = re.compile(r"(?<![0-9,])[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?![0-9,])")
"""``10,84,587``: in lakhs and crores, as India writes it."""


@dataclass(frozen=True, slots=True)
class Currency:
    """How one column's amounts are written: the sign before them, and whether in lakhs."""

    sign: str = ""
    lakhs: bool = False

    @staticmethod
    def of(amounts: pd.Series[str] | None) -> Currency:
        """The currency that most of a column's amounts name, if any; None: a sheet without amounts."""
        if amounts is None:
            return Currency()
        texts = [str(text).lower() for text in amounts[amounts != ""].drop_duplicates().head(LOOKED_AT)]
        signs = Counter(found[0] for found in map(SIGN.search, texts) if found)
        sign = signs.most_common(1)[0][0] if signs else ""
        shown = SHOWN.get(sign, sign.upper())
        return Currency(shown, shown == "₹" or any(LAKHS.search(text) for text in texts))

    def shown(self, amount: object) -> str:
        """An exact amount for people: ``1084587`` is ``₹10,84,587.00``."""
        value = Decimal(str(amount))
        whole, _, rest = f"{abs(value):.2f}".partition(".")
        body = _in_lakhs(whole) if self.lakhs else f"{int(whole):,}"
        gap = " " if self.sign[-1:].isalpha() else ""
        return f"{'-' if value < 0 else ''}{self.sign}{gap}{body}.{rest}"


def _in_lakhs(digits: str) -> str:
    """``1084587`` as ``10,84,587``: the last three digits together, the others in pairs."""
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])
