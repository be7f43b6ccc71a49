"""Reads the Excel tables of a worksheet: where each stands, how it is built, which rows are its totals."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.addresses import Area
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
    def totals(self) -> range:
        """The rows of its totals, the last ones; none where they are switched off (ECMA-376, part 1, 18.5.1.2)."""
        return range(max(self.area.bottom - self.totals_rows + 1, self.area.top), self.area.bottom + 1)


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
        header_rows=_count(tree.get("headerRowCount"), 1),
        totals_rows=_count(tree.get("totalsRowCount"), 0),
        columns=columns,
        bound=bound,
    )


def _count(text: str | None, usual: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else usual
