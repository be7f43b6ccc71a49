"""Knows the Excel tables of a sheet, and widens the one that the new columns adjoin.

A table that ends before our columns would sort its rows and leave our cells behind; widened, it carries them along.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.addresses import Area
from pipeline.xlsx.markup.edits import Markup, attribute_text
from pipeline.xlsx.package import Package, local

BOUND_ELSEWHERE = {"queryTable": "a query", "xml": "an XML map"}
"""Types of tables whose columns are dictated by something outside the sheet (ECMA-376, part 1, 18.18.77)."""


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table: its part, its name, where it stands, and whether it can be widened (``bound``: by what it can't)."""

    part: str
    name: str
    area: Area
    header_rows: int
    totals_rows: int
    columns: tuple[str, ...]
    bound: str

    @property
    def totals_row(self) -> int | None:
        """The row of its totals, the last one."""
        return self.area.bottom if self.totals_rows else None


def read_tables(package: Package, sheet: str) -> tuple[TablePart, ...]:
    """The tables of a worksheet part."""
    parts = [rel.target for rel in package.rels_of(sheet).values() if rel.kind == "table"]
    found = (_read(package, part) for part in parts if part in package.archive.entries)
    return tuple(table for table in found if table is not None)


def _read(package: Package, part: str) -> TablePart | None:
    tree = package.xml(part)
    area = Area.parse(tree.get("ref", ""))
    if area is None:
        return None
    bound = BOUND_ELSEWHERE.get(tree.get("tableType", "worksheet"), "")
    if any(rel.kind == "queryTable" for rel in package.rels_of(part).values()):
        bound = bound or "a query"
    columns = tuple(child.get("name", "") for group in tree if local(group.tag) == "tableColumns" for child in group)
    return TablePart(
        part=part,
        name=tree.get("displayName") or tree.get("name") or "",
        area=area,
        header_rows=int(tree.get("headerRowCount", "1")),
        totals_rows=int(tree.get("totalsRowCount", "0")),
        columns=columns,
        bound=bound,
    )


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


def widen(data: bytes, table: TablePart, names: Sequence[str]) -> bytes:
    """A table's part with columns of these names added at its right; its filter and its sorting reach as far.

    Args:
        data: the part.
        table: what was read of it.
        names: the new columns' names, unique in the table.
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
            f'<{prefix}tableColumn id="{highest + number}" name="{attribute_text(name)}"/>'
            for number, name in enumerate(names, 1)
        )
        part.append_counted(columns, new, len(present) + len(names))
    return part.result()
