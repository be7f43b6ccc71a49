"""What a cell's style makes of its number: the number format in Excel's own words, and whether it is a date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.xlsx.package import Package, local

GENERAL = "General"

BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)', 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd"),
}  # fmt: skip
"""ECMA-376 part 1, 18.8.30, and Excel's own 5 to 8 and 41 to 44. 27 to 36 and 50 to 58 are dates whose look depends on
the language of the machine (China, Japan, Korea, Taiwan); that they are dates does not."""

NOT_CODE = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]', re.DOTALL)
"""What shows literally, pads, colours, or names a language or condition."""

ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
FRACTION = re.compile(r"s\.0+", re.IGNORECASE)
DATE_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
DIGIT_CODE = re.compile(r"[0#?]")

EPOCH_1900 = np.datetime64("1899-12-30", "D")  # serial 61 is 1900-03-01 in both Excel's calendar and ours
EPOCH_1904 = np.datetime64("1904-01-01", "D")
NO_SUCH_DAY = 60  # Excel believes in 1900-02-29
END_1900 = 2_958_466  # 10000-01-01
END_1904 = END_1900 - 1462
DAY = 86_400
BLANK, MIDNIGHT = (pa.scalar(text, pa.large_string()) for text in (" ", "00:00:00"))

ISO = r"^(-?[0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?$"


@dataclass(frozen=True, slots=True)
class Formats:
    """The number formats of a workbook: ``of_style`` gives the place in ``codes`` for each cell style.

    ``struck``: which cell styles strike the text out.
    """

    codes: tuple[str, ...]
    dates: npt.NDArray[np.bool_]
    of_style: npt.NDArray[np.int32]
    struck: npt.NDArray[np.bool_]


def is_date(code: str) -> bool:
    """Whether a number format shows a date or a time of day; a duration (``[h]:mm``) is neither."""
    plain = NOT_CODE.sub(lambda found: found[0] if ELAPSED.fullmatch(found[0]) else "", code)
    return any(_shows_date(section) for section in plain.split(";"))


def _shows_date(section: str) -> bool:
    if ELAPSED.search(section):
        return False
    section = FRACTION.sub("s", section)
    return bool(DATE_CODE.search(section)) and not DIGIT_CODE.search(section)


def read_formats(package: Package) -> Formats:
    """The formats of a workbook; one without styles shows everything as General.

    Raises:
        WorkbookError: the styles are damaged.
    """
    custom: dict[int, str] = {}
    used: list[int] = []
    fonts: list[bool] = []
    struck: list[bool] = []
    for part in package.xml(package.styles) if package.styles else ():
        if local(part.tag) == "numFmts":
            custom = {_number(one.get("numFmtId")): one.get("formatCode", GENERAL) for one in part}
        if local(part.tag) == "fonts":
            fonts = [any(is_struck(local(one.tag), one.attrib) for one in font) for font in part]
        if local(part.tag) == "cellXfs":
            styles = [one for one in part if local(one.tag) == "xf"]
            used = [_number(one.get("numFmtId")) for one in styles]
            struck = [_number(one.get("fontId")) < len(fonts) and fonts[_number(one.get("fontId"))] for one in styles]
    ids = list(dict.fromkeys([0, *used]))
    codes = tuple(custom.get(one) or BUILT_IN.get(one, GENERAL) for one in ids)
    place = {one: number for number, one in enumerate(ids)}
    return Formats(
        codes=codes,
        dates=np.array([is_date(code) for code in codes], bool),
        of_style=np.array([place[one] for one in used] or [0], np.int32),
        struck=np.array(struck or [False], bool),
    )


def is_struck(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element of a font strikes the text out (ECMA-376 part 1, 18.4.10)."""
    return name == "strike" and attributes.get("val", "1").lower() not in ("0", "false", "off")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def serial_dates(spelt: pa.Array, *, date1904: bool) -> pa.Array:
    """Serial numbers as ISO text: ``2026-01-31``, with a time ``2026-01-31 10:30:00``, or ``10:30:00`` for a time
    alone (below 1). What Excel shows as ``####`` (below 0, beyond the year 9999) stays as spelt.
    """
    serial = _numbers(spelt)
    fits = (serial >= 0) & (serial < (END_1904 if date1904 else END_1900) - 0.5 / DAY)
    seconds = np.rint(np.where(fits, serial, 0) * DAY).astype(np.int64)
    days, day_of = np.unique(seconds // DAY, return_inverse=True)
    times, time_of = np.unique(seconds % DAY, return_inverse=True)
    day_texts = pa.array(_days(days, date1904=date1904), pa.large_string())
    time_texts = pa.array([f"{t // 3600:02}:{t // 60 % 60:02}:{t % 60:02}" if t else "" for t in times.tolist()])
    day, time = day_texts.take(pa.array(day_of)), time_texts.cast(pa.large_string()).take(pa.array(time_of))
    both = pc.utf8_trim_whitespace(pc.binary_join_element_wise(day, time, BLANK))
    both = pc.if_else(pc.equal(both, ""), MIDNIGHT, both)
    return pc.if_else(pa.array(fits), both, spelt)


def _days(days: npt.NDArray[np.int64], *, date1904: bool) -> list[str]:
    """The dates of whole serial numbers; day 0 of the 1900 system is none: the cell holds but a time."""
    if date1904:
        return [str(text) for text in np.datetime_as_string(EPOCH_1904 + days)]
    shifted = np.where(days < NO_SUCH_DAY, days + 1, days)
    texts = [str(text) for text in np.datetime_as_string(EPOCH_1900 + shifted)]
    odd = {0: "", NO_SUCH_DAY: "1900-02-29"}
    return [odd.get(day, text) for day, text in zip(days.tolist(), texts, strict=True)]


def _numbers(spelt: pa.Array) -> npt.NDArray[np.float64]:
    """Numbers as floats; what is none becomes -1."""
    try:
        found: npt.NDArray[np.float64] = spelt.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        found = np.array([_one_number(text) for text in spelt.to_pylist()], np.float64)
    return np.where(np.isfinite(found), found, -1.0)


def _one_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


def iso_dates(spelt: pa.Array) -> pa.Array:
    """Dates that a strict workbook spells itself (``2026-01-31T10:30:00``) as the others are spelt here."""
    spaced = pc.replace_substring_regex(spelt, ISO, r"\1 \2")
    return pc.replace_substring_regex(spaced, r"^(\S+) 00:00(?::00)?$", r"\1")
