"""What a cell's style makes of its number: the number format in Excel's own words, and whether it is a date."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.sheets.xlsx.package import Package, local

GENERAL = "General"

BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""ECMA-376 part 1, 18.8.30; the ids between are dates of East Asian locales."""

LOCALE_DATES = frozenset({*range(27, 37), *range(50, 59)})

NOT_CODE = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
"""What shows literally, pads, or colours; [h] and its like are durations."""

EPOCH_1900 = np.datetime64("1899-12-30", "s")  # serial 61 is 1900-03-01 in both Excel's calendar and ours
EPOCH_1904 = np.datetime64("1904-01-01", "s")
LAST_SERIAL = 2_958_466  # 10000-01-01
LEAP_BUG_ENDS = 60  # Excel believes in 1900-02-29, serial 60


@dataclass(frozen=True, slots=True)
class Formats:
    """The number formats of a workbook: ``of_style`` gives the place in ``codes`` for each cell style."""

    codes: tuple[str, ...]
    dates: npt.NDArray[np.bool_]
    of_style: npt.NDArray[np.int32]


def is_date(code: str) -> bool:
    """Whether a number format shows a date or a time."""
    return bool(re.search(r"[ymdhs]|AM/PM", NOT_CODE.sub("", code.partition(";")[0]), re.IGNORECASE)) and (
        "general" not in code.lower()
    )


def read_formats(package: Package) -> Formats:
    """The formats of a workbook; one without styles shows everything as General."""
    if package.styles is None:
        return Formats((GENERAL,), np.array([False]), np.array([0], np.int32))
    tree = package.xml(package.styles)
    custom: dict[int, str] = {}
    used: list[int] = []
    for part in tree:
        if local(part.tag) == "numFmts":
            custom = {_number(one.get("numFmtId")): one.get("formatCode", GENERAL) for one in part}
        if local(part.tag) == "cellXfs":
            used = [_number(one.get("numFmtId")) for one in part if local(one.tag) == "xf"]
    ids = list(dict.fromkeys([0, *used]))
    codes = tuple(custom.get(one) or BUILT_IN.get(one, GENERAL) for one in ids)
    dates = np.array([one in LOCALE_DATES or is_date(code) for one, code in zip(ids, codes, strict=True)])
    place = {one: number for number, one in enumerate(ids)}
    return Formats(codes, dates, np.array([place[one] for one in used] or [0], np.int32))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else 0


def iso_dates(spelt: pd.Series[str], *, date1904: bool) -> pd.Series[str]:
    """Serial numbers as ISO text: ``2026-01-31``, with a time ``2026-01-31 10:30:00``; others stay as spelt."""
    serial = pd.to_numeric(spelt, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if not date1904:
        serial = np.where(serial < LEAP_BUG_ENDS, serial + 1, serial)
    fits = (serial >= 0) & (serial < LAST_SERIAL)
    seconds = np.round(np.where(fits, serial, 0) * 86_400).astype("int64")
    moments = (EPOCH_1904 if date1904 else EPOCH_1900) + seconds.astype("timedelta64[s]")
    text = pd.Series(np.datetime_as_string(moments, unit="s"), index=spelt.index, dtype="str").str.replace("T", " ")
    text = text.str.removesuffix(" 00:00:00")
    return text.where(pd.Series(fits, index=spelt.index), spelt)
