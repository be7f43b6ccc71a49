"""Reads the numbers of number cells digit by digit, exactly as the file spells them; no rounding anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

SPELT = r"^(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:[.](?P<rest>[0-9]*))?(?:[eE](?P<power>[+-]?[0-9]{1,5}))?$"
"""How files spell a number (XML Schema's double): ``86210010463``, ``86210010463.0``, ``8.6210010463E10``, ``.5``."""

PRINTED = "(?:0|[1-9][0-9]*)(?:[.][0-9]*[1-9])?"
"""A number that is spelt as a person would write it; with few digits it is not rounded either."""

MOST_PLACES = 40
"""Digits before the point that are written out; more than these is no number of ours."""

LEAST_PLACES = -20
"""Zeros between the point and the first digit that are written out."""

KEPT_DIGITS = 15
"""Digits of a number that Excel keeps (Microsoft, "Excel specifications and limits": number precision)."""


@dataclass(frozen=True, slots=True)
class Numerals:
    """Numbers as digits, side by side: ``whole`` without zeros in front ("0" for nothing), ``rest`` without zeros at
    the end; both "" where ``readable`` is False."""

    readable: npt.NDArray[np.bool_]
    negative: npt.NDArray[np.bool_]
    whole: pd.Series[str]
    rest: pd.Series[str]


def numerals(spelt: pd.Series[str]) -> Numerals:
    """The digits of each number; zeros are put in for a power of ten, and nothing is calculated.

    Args:
        spelt: numbers as the file spells them.
    """
    count = len(spelt)
    if spelt.str.endswith(".0").any():  # floats as Python and many writers spell them
        spelt = spelt.str.replace(r"^([0-9]+)\.0$", r"\1", regex=True)
    plain = spelt.str.fullmatch("0|[1-9][0-9]*").to_numpy(dtype=bool)
    whole = spelt
    rest = pd.Series("", index=spelt.index, dtype="str")
    readable, negative = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    others = np.flatnonzero(~plain)
    if len(others):
        found = _powers(pa.array(spelt.iloc[others], type=pa.large_string()))
        whole, rest = with_rows(whole, others, found.whole), with_rows(rest, others, found.rest)
        readable[others], negative[others] = found.readable, found.negative
    return Numerals(readable, negative, whole, rest)


def _powers(spelt: pa.Array) -> Numerals:
    parts = pc.extract_regex(pc.utf8_trim_whitespace(spelt), SPELT)
    sign, before, after, power = (_field(parts, name) for name in ("sign", "whole", "rest", "power"))
    digits = pc.binary_join_element_wise(before, after, pa.scalar("", pa.large_string()))
    readable = np.asarray(parts.is_valid()) & (np.asarray(pc.utf8_length(digits)) > 0)
    exponent = pc.if_else(pc.equal(power, ""), "0", pc.utf8_ltrim(power, "+"))
    point = np.asarray(pc.utf8_length(before)) + np.asarray(pc.cast(exponent, pa.int64()))
    point = np.clip(point, LEAST_PLACES, MOST_PLACES)
    whole = pd.Series("", index=range(len(spelt)), dtype="str")
    rest = whole.copy()
    digits = pd.Series(digits, dtype="str")
    for place in np.unique(point):  # at most 61 of them, one or two in any real file
        rows = np.flatnonzero(point == place)
        some = digits.iloc[rows]
        whole.iloc[rows] = some.str.slice(0, max(place, 0)).str.pad(max(place, 0), side="right", fillchar="0")
        rest.iloc[rows] = "0" * max(-place, 0) + some.str.slice(max(place, 0))
    whole = whole.str.lstrip("0")
    return Numerals(
        readable,
        np.asarray(pc.equal(sign, "-")),
        whole.mask(whole == "", "0").where(readable, ""),
        rest.str.rstrip("0").where(readable, ""),
    )


def _field(parts: pa.StructArray, name: str) -> pa.Array:
    return pc.fill_null(pc.struct_field(parts, name), "")


def as_printed(spelt: pd.Series[str]) -> pd.Series[str]:
    """Numbers as a person would write them: ``86210010463``, ``1299.5``; what is no number stays as it is.

    Digits beyond the 15th are a computer's arithmetic where there is a point (0.1 + 0.2): rounded as Excel shows them.
    """
    odd = np.flatnonzero(~(spelt.str.fullmatch(PRINTED) & (spelt.str.len() <= KEPT_DIGITS)).to_numpy(dtype=bool))
    if len(odd) == 0:
        return spelt
    some = spelt.iloc[odd]
    return with_rows(spelt, odd, written_out(numerals(some), some))


def with_rows(texts: pd.Series[str], rows: npt.NDArray[np.intp], new: pd.Series[str]) -> pd.Series[str]:
    """Texts with other ones in some rows, in their order; quick where these are all rows."""
    if len(rows) == len(texts):
        return pd.Series(new.array, index=texts.index)
    texts = texts.copy()
    texts.iloc[rows] = new
    return texts


def written_out(found: Numerals, spelt: pd.Series[str]) -> pd.Series[str]:
    """``as_printed`` of numbers that were taken apart already."""
    plain = found.readable & ~found.negative & (found.whole.str.len() < MOST_PLACES).to_numpy(dtype=bool)
    plain &= (found.rest == "").to_numpy(dtype=bool)
    odd = np.flatnonzero(~plain)
    text = found.whole
    if len(odd) == 0:
        return text
    changed = _oddly_printed(text.iloc[odd], found.rest.iloc[odd], found.negative[odd], spelt.iloc[odd])
    return with_rows(text, odd, changed)


def _oddly_printed(
    whole: pd.Series[str], rest: pd.Series[str], negative: npt.NDArray[np.bool_], spelt: pd.Series[str]
) -> pd.Series[str]:
    text = whole.where(rest == "", whole + "." + rest)
    text = text.where(~negative | (text == "0").to_numpy(dtype=bool), "-" + text)
    places = whole.str.lstrip("0").str.len()
    long = (rest != "") & (places <= KEPT_DIGITS) & (places + rest.str.len() > KEPT_DIGITS)
    rows = np.flatnonzero(long.to_numpy(dtype=bool))
    if len(rows):
        text.iloc[rows] = pd.Series([_rounded(value) for value in text.iloc[rows]], dtype="str")
    return text.where((whole != "") & (whole.str.len() < MOST_PLACES), spelt)


def _rounded(text: str) -> str:
    shown = f"{Decimal(f'{float(text):.{KEPT_DIGITS}g}'):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
