"""Widens the Excel table that the new columns adjoin.

A table that ends before our columns would sort its rows and leave our cells behind; widened, it carries them along.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import zip_longest

from pipeline.addresses import Area
from pipeline.xlsx.cell_text import ILLEGAL
from pipeline.xlsx.markup.edits import Markup, attribute_text
from pipeline.xlsx.tables import TablePart


def unique_names(wanted: Sequence[str], taken: Collection[str]) -> tuple[str, ...]:
    """Column names as a table allows them: no two alike in any letter case; ``status2`` where ``status`` is taken."""
    used = {name.casefold() for name in taken}
    names = []
    for name in wanted:
        free, number = name, 2
        while free.casefold() in used:
            free, number = f"{name}{number}", number + 1
        used.add(free.casefold())
        names.append(free)
    return tuple(names)


def widen(data: bytes, table: TablePart, names: Sequence[str], totals: Sequence[str] = ()) -> bytes:
    """A table's part with columns of these names added at its right; its filter and its sorting reach as far.

    Args:
        data: the part.
        table: what was read of it.
        names: the new columns' names, unique in the table.
        totals: what stands in the row of the table's totals, column by column; the part says that too (ECMA-376, part
            1, 18.5.1.3, ``totalsRowLabel``).
    """
    part = Markup(data, {"table", "autoFilter", "sortState", "tableColumns", "tableColumn"})
    right = table.area.right + len(names)
    for element in part.elements:
        area = Area.parse(element.attributes.get("ref", ""))
        if area is not None and area.right == table.area.right:
            part.set(element, "ref", str(area.to_column(right)))
    columns = part.find("table", "tableColumns")
    if columns is not None:
        present = part.all("table", "tableColumns", "tableColumn")
        highest = max((int(column.attributes.get("id", "0")) for column in present), default=0)
        prefix = part.prefix(columns)
        new = "".join(
            f'<{prefix}tableColumn id="{highest + number}" name="{attribute_text(name)}"{_label(total)}/>'
            for number, (name, total) in enumerate(zip_longest(names, totals[: len(names)], fillvalue=""), 1)
        )
        part.append_counted(columns, new, len(present) + len(names))
    return part.result()


def _label(total: str) -> str:
    return f' totalsRowLabel="{attribute_text(total)}"' if total and not ILLEGAL.search(total) else ""
