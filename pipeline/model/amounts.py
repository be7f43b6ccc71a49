"""Reads amounts as people and programs write them, exactly: for ``--where`` and for the sums of the report.

What could be two numbers is judged by its column as a whole: ``1.299`` is 1299 where other amounts have a decimal
comma, one and a bit where others have a decimal point, and neither where nothing tells.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model.texts import as_array

EXACT = pa.decimal128(38, 9)
"""Amounts are exact, for two numbers of 18 digits may differ in the last one."""

PLAIN = r"^-?(?:0|[1-9][0-9]{0,24})(?:\.[0-9]{1,9})?$"
"""A number as a program writes it: most sheets have no other. ``007`` is none: it is another reference than 7."""

TWO_WAYS = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
"""``1.299``: a thousand and more, or one and a bit."""

_SIGNS = (
    r"(?:₹|r\$|us\$|\$|€|£|¥|rs\.?|inr|brl|usd|eur|gbp|aed|sar|qar|omr|kwd|bhd|sgd|myr|npr|bdt|lkr|mxn|ars|cop|clp)"
)
"""Currencies seen in exports (docs/order-exports.md) and their neighbours; the sum is the sheet's own currency."""

_DIGITS = r"[0-9][0-9.,'’ \x{A0}\x{2009}\x{202F}]*|\.[0-9]+"

WRITTEN = (
    rf"(?i)^['\"]?\s*(?P<open>\()?\s*(?P<minus>[-+]?)\s*(?P<sign>{_SIGNS})?(?P<gap>\s*)(?P<inner>[-+]?)"
    rf"(?P<digits>{_DIGITS})\s*(?P<behind>{_SIGNS})?\s*(?P<end>/[-=])?\s*(?P<side>cr|dr)?\.?(?P<after>-?)"
    r"\s*(?P<close>\))?['\"]?$"
)
"""``Rs. 1,299/-``, ``1299 INR``, ``(1,299.00)``, ``1,299.00 CR``, ``1,234.00-``: brackets, a minus behind and CR (a
credit) say that it is below zero."""

_GROUPED = r"^[0-9]{1,3}(?:[ '’\x{A0}\x{2009}\x{202F}][0-9]{2,3})*[ '’\x{A0}\x{2009}\x{202F}][0-9]{3}(?:[.,][0-9]*)?$"
_COMMAS = r"^[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?$"
_POINTS = r"^[0-9]{1,3}(?:\.[0-9]{3})*(?:\.[0-9]{3},[0-9]{1,2}|,[0-9]{1,2}|(?:\.[0-9]{3}){2,})$|^[0-9]+,[0-9]{1,2}$"
_DOTTED = r"^(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)$"
_ONE_COMMA = r"^[1-9][0-9]{0,2},[0-9]{3}$"


def numbers(texts: pa.Array, *, point: bool = False) -> pa.Array:
    """The amounts among texts, exact (``EXACT``); null where a text is none, is blank, or could be two.

    Args:
        texts: of one column, large strings.
        point: whether ``1.299`` has a decimal point, whatever the others say: a person wrote it in an expression.
    """
    plain = pc.fill_null(pc.match_substring_regex(texts, PLAIN), False)
    doubtful = pc.and_(plain, pc.fill_null(pc.match_substring_regex(texts, TWO_WAYS), False))
    odd = pc.and_(pc.invert(plain), pc.fill_null(pc.not_equal(texts, ""), False))
    if not pc.any(pc.or_(odd, doubtful), min_count=0).as_py():
        return pc.cast(pc.if_else(plain, texts, None), EXACT)
    changed, evidence = _spelt_plainly(texts.filter(odd))
    dots = pc.and_(plain, pc.invert(doubtful))
    evidence.point |= bool(pc.any(pc.and_(dots, pc.match_substring(texts, ".")), min_count=0).as_py())
    texts = pc.replace_with_mask(pc.if_else(plain, texts, None), odd, changed)
    texts = _settled(texts, evidence, point=point)
    return pc.cast(texts, EXACT)


@dataclass(slots=True)
class _Evidence:
    """Whether a column has amounts with a decimal point for certain, and with a decimal comma."""

    point: bool = False
    comma: bool = False


def _spelt_plainly(texts: pa.Array) -> tuple[pa.Array, _Evidence]:
    """Amounts as ``PLAIN`` has them; null for what is none. ``1.299`` and ``1,299`` are left as they are."""
    parts = pc.extract_regex(_ascii(texts), WRITTEN)
    field = {name: pc.fill_null(pc.struct_field(parts, name), "") for name in _NAMES}
    digits = pc.utf8_trim_whitespace(field["digits"])
    grouped = pc.match_substring_regex(digits, _GROUPED)
    digits = pc.if_else(grouped, pc.replace_substring_regex(digits, r"[ '’\x{A0}\x{2009}\x{202F}]", ""), digits)
    commas, points, dotted = (pc.match_substring_regex(digits, form) for form in (_COMMAS, _POINTS, _DOTTED))
    one_comma = pc.and_(pc.match_substring_regex(digits, _ONE_COMMA), pc.equal(field["end"], ""))  # 1,299/-: rupees
    two_ways = pc.match_substring_regex(digits, TWO_WAYS)
    found = _Evidence(
        point=_any(pc.and_(commas, pc.match_substring(digits, "."))) or _any(pc.and_(dotted, pc.invert(two_ways))),
        comma=_any(pc.and_(points, pc.invert(commas))),
    )
    swapped = pc.replace_substring(pc.replace_substring(digits, ".", ""), ",", ".")
    plain = pc.if_else(pc.and_(commas, pc.invert(one_comma)), pc.replace_substring(digits, ",", ""), digits)
    plain = pc.if_else(pc.and_(points, pc.invert(commas)), swapped, plain)
    plain = pc.replace_substring_regex(pc.replace_substring_regex(plain, r"\.$", ""), r"^\.", "0.")
    whole = pc.match_substring_regex(plain, rf"{PLAIN[:-1]}$|{_ONE_COMMA}")
    name_alone = pc.and_(pc.match_substring_regex(field["sign"], "(?i)[a-z]$"), pc.equal(field["gap"], ""))
    bare = pc.match_substring_regex(digits, "^[0-9]+$")  # RS1299 may well be a reference
    reference = pc.and_(pc.and_(name_alone, bare), pc.equal(field["end"], ""))
    brackets = pc.equal(pc.equal(field["open"], ""), pc.equal(field["close"], ""))
    right = pc.and_(pc.and_(whole, brackets), pc.invert(reference))
    signed = pc.binary_join_element_wise(_minus(field), plain, pa.scalar("", pa.large_string()))
    return pc.if_else(pc.and_(parts.is_valid(), right), signed, None), found


LARGEST = pa.scalar(Decimal(10) ** 13, EXACT)
"""A larger one is no amount of an order."""

_NAMES = ("open", "minus", "sign", "gap", "inner", "digits", "behind", "end", "side", "after", "close")


def _minus(field: dict[str, pa.Array]) -> pa.Array:
    """A minus for what is below zero, whichever way it is written."""
    below = pc.or_(pc.equal(field["open"], "("), pc.equal(pc.utf8_lower(field["side"]), "cr"))
    for name in ("minus", "inner", "after"):
        below = pc.or_(below, pc.equal(field[name], "-"))
    return pc.cast(pc.if_else(below, "-", ""), pa.large_string())


def _settled(texts: pa.Array, evidence: _Evidence, *, point: bool) -> pa.Array:
    """Texts as ``PLAIN`` has them, where the column tells what ``1.299`` and ``1,299`` are; null where it doesn't."""
    dotted = pc.match_substring_regex(texts, TWO_WAYS)
    comma = pc.match_substring(texts, ",")
    thousands = pc.replace_substring(texts, ".", "")
    if evidence.comma and not evidence.point and not point:
        texts = pc.if_else(dotted, thousands, texts)
    elif not point and (evidence.comma or not evidence.point):
        texts = pc.if_else(dotted, None, texts)
    return pc.if_else(comma, None if evidence.comma else pc.replace_substring(texts, ",", ""), texts)


def _any(flags: pa.Array) -> bool:
    return bool(pc.any(flags, min_count=0).as_py())


def _ascii(texts: pa.Array) -> pa.Array:
    """Texts with the digits and the minus of every script as ASCII has them."""
    odd = pc.invert(pc.match_substring_regex(texts, r"^[\x00-\x7F₹€£¥’\x{A0}\x{2009}\x{202F}]*$"))
    if not _any(odd):
        return texts
    folded = ["".join(map(_folded, text)) for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(folded, texts.type))


def _folded(sign: str) -> str:
    if sign in "−–—":
        return "-"
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


def hundredths(amounts: pd.Series[str]) -> pd.Series[int]:
    """Amounts as whole hundredths, half up; missing (``pd.NA``) where the text is no amount, blank ones included."""
    exact = numbers(pc.utf8_trim_whitespace(as_array(amounts)))
    exact = pc.if_else(pc.less(pc.abs(exact), LARGEST), exact, None)
    rounded = pc.cast(pc.round(exact, 2, "half_towards_infinity"), pa.decimal128(20, 2))
    whole = pc.cast(pc.multiply(rounded, pa.scalar(Decimal(100), pa.decimal128(3, 0))), pa.int64())
    return pd.Series(pd.array(whole, dtype="Int64"), index=amounts.index)


def exact_amounts(amounts: pd.Series[str]) -> pd.Series[str]:
    """Amounts as exact texts: ``Rs. 1,299/-`` is ``1299.00``; "" where the text is no amount."""
    cents = pa.array(hundredths(amounts), type=pa.int64())
    exact = pc.divide(pc.cast(cents, pa.decimal128(21, 2)), pa.scalar(Decimal(100), pa.decimal128(3, 0)))
    texts = pc.fill_null(pc.cast(pc.cast(exact, pa.decimal128(20, 2)), pa.large_string()), "")
    return pd.Series(texts.to_pylist(), index=amounts.index, dtype="str")


def as_amount(total: int) -> str:
    """Hundredths as text: 129900 is ``1299.00``."""
    sign = "-" if total < 0 else ""
    whole, rest = divmod(abs(total), 100)
    return f"{sign}{whole}.{rest:02d}"
