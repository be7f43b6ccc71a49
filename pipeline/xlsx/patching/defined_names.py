"""Widens the hidden name by which Excel remembers a sheet's filter, ``_xlnm._FilterDatabase``."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.addresses import Area
from pipeline.xlsx.markup.edits import Markup

FILTER_NAME = "_xlnm._FilterDatabase"

_RANGE = re.compile(r"!(\$?[A-Z]{1,3}\$?[0-9]+:\$?[A-Z]{1,3}\$?[0-9]+)\s*\Z")


def widen_filter_name(data: bytes, sheet: int, widen: Callable[[Area], Area | None]) -> tuple[bytes, Area | None]:
    """The workbook part with the filter's range widened, and what the range was; (data, None) when nothing was to do.

    Args:
        data: the part.
        sheet: the sheet's place among the tabs, from 0.
        widen: the new area of a filter, or None when it stays as it is.
    """
    part = Markup(data, {"definedName"})
    for name in part.all("workbook", "definedNames", "definedName"):
        if name.attributes.get("name") != FILTER_NAME or name.attributes.get("localSheetId") != str(sheet):
            continue
        text = part.inner(name)
        found = _RANGE.search(text)
        old = Area.parse(found[1]) if found else None
        new = widen(old) if old else None
        if found and new:
            start = name.inner + len(text[: found.start(1)].encode(part.codec))
            part.replace(start, start + len(found[1].encode(part.codec)), _absolute(new))
            return part.result(), old
    return data, None


def _absolute(area: Area) -> str:
    return re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", str(area))
