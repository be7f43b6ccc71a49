"""Order amounts as exact sums: texts such as "₹ 1,299.00" in, hundredths out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

SIGNS = r"(?i)(?:₹|rs\.?|inr|brl|r\$|usd|us\$|\$|eur|€)"
"""Currency signs seen in exports (docs/order-exports.md); the sum is the sheet's own currency, whichever that is."""

PLAIN = r"-?[0-9]{1,13}(?:\.[0-9]{1,10})?"
"""An amount as a program writes it: most sheets have no other."""


def hundredths(amounts: pd.Series[str]) -> pd.Series[int]:
    """Amounts as whole hundredths, exact; missing (``pd.NA``) where the text is no amount, blank ones included.

    ``1,299.00``, ``1299``, ``₹1,299.5``, ``1,29,900.00`` (lakhs) and ``99,99`` (decimal comma) are amounts.
    """
    readable = amounts.str.fullmatch(PLAIN)
    if not readable.all():
        amounts = amounts.where(readable, _plainly(amounts[~readable]))
        readable = readable | amounts.str.fullmatch(PLAIN)
        amounts = amounts.where(readable)
    value = pc.cast(pa.array(amounts, type=pa.large_string()), pa.float64())
    return pd.Series(pd.array(value, dtype="Float64"), index=amounts.index).mul(100).round().astype("Int64")


def _plainly(amounts: pd.Series[str]) -> pd.Series[str]:
    """Amounts without signs, blanks and grouping; what is no amount stays something that is none."""
    plain = amounts.str.replace(SIGNS, "", regex=True).str.replace(r"[\s\u00a0']", "", regex=True)
    decimal_comma = plain.str.fullmatch(r"-?[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]{1,2}")
    plain = plain.where(~decimal_comma, plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False))
    grouped = plain.str.fullmatch(r"-?[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?")
    return plain.where(~grouped, plain.str.replace(",", "", regex=False))


@dataclass(slots=True)
class Tally:
    """A running sum of amounts: hundredths, and how many texts could not be read as one."""

    total: int = 0
    unreadable: int = 0

    def add(self, amounts: pd.Series[str]) -> None:
        """Adds a column; blanks count as nothing."""
        if amounts.empty:
            return
        value = hundredths(amounts)
        self.total += int(value.sum())
        self.unreadable += int((value.isna() & (amounts.str.strip() != "")).sum())


def as_amount(total: int) -> str:
    """Hundredths as text: 129900 is ``1299.00``."""
    sign = "-" if total < 0 else ""
    whole, rest = divmod(abs(total), 100)
    return f"{sign}{whole}.{rest:02d}"
