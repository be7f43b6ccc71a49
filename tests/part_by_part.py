"""Compares a patched workbook with what it was, part by part, and says every difference that is not permitted."""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from pipeline.addresses import Area, column_number
from pipeline.model.sheet import Place
from tests.workbooks import part_of

Tree = ET.Element


def local(element: Tree) -> str:
    """A tag without its namespace."""
    return element.tag.rpartition("}")[2]


def entries(path: Path) -> dict[str, bytes]:
    """Every entry as it stands in the file: local header, name, extra field, packed bytes, and what follows them."""
    with zipfile.ZipFile(path) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        ends = [info.header_offset for info in infos[1:]] + [archive.start_dir]
    data = path.read_bytes()
    return {info.filename: data[info.header_offset : end] for info, end in zip(infos, ends, strict=True)}


def directory(path: Path) -> list[tuple[object, ...]]:
    """What the directory says of every entry but its offset, sizes and sum."""
    with zipfile.ZipFile(path) as archive:
        return [
            (i.filename, i.date_time, i.external_attr, i.internal_attr, i.create_system, i.comment, i.orig_filename)
            for i in archive.infolist()
        ]


def differences(before: Path, after: Path, place: Place, first: int, names: tuple[str, ...]) -> list[str]:
    """What differs and should not, in words.

    Args:
        before: the workbook as it was.
        after: the patched one.
        place: the way back to the sheet.
        first: the first of the columns that were written.
        names: their headers.
    """
    old, new = entries(before), entries(after)
    with zipfile.ZipFile(before) as one, zipfile.ZipFile(after) as two:
        changed = {name: (one.read(name), two.read(name)) for name in old if old[name] != new.get(name)}
    found = [] if list(old) == list(new) and directory(before) == directory(after) else ["the directory"]
    sheet = part_of(before, place.sheet)
    ours = range(first, first + len(names))
    for name, (was, now) in changed.items():
        trees = ET.fromstring(was), ET.fromstring(now)
        if name == sheet:
            found += (f"{name}: {what}" for what in _sheet(*trees, place, ours))
        elif name.endswith("styles.xml"):
            found += (f"{name}: {what}" for what in _styles(*trees))
        elif "/tables/" in name:
            found += (f"{name}: {what}" for what in _table(*trees, place, ours, names))
        elif name == "xl/workbook.xml":
            found += (f"{name}: {what}" for what in _workbook(*trees))
        else:
            found.append(f"{name} changed")
    return found


def canonical(tree: Tree) -> str:
    """A tree as text, its attributes in order."""
    return ET.canonicalize(ET.tostring(tree, encoding="unicode"))


def _same(was: Tree, now: Tree, what: str) -> Iterator[str]:
    if canonical(was) != canonical(now):
        yield f"{what}\n  was {canonical(was)[:3000]}\n  now {canonical(now)[:3000]}"


def _sheet(was: Tree, now: Tree, place: Place, ours: range) -> Iterator[str]:
    """Without our cells, and with what the columns must touch set aside, the sheets are one."""
    was, now = copy.deepcopy(was), copy.deepcopy(now)
    yield from _widths(was, now, ours)
    yield from _reach(was, now, ours)
    for tree in (was, now):
        for element in tree.iter():
            if local(element) == "row":
                _without_ours(element, place, ours)
    there = {row.get("r") for row in _all(was, "row")}
    for data in _all(now, "sheetData"):
        for made in [row for row in data if row.get("r") not in there and set(row.attrib) == {"r"} and not len(row)]:
            data.remove(made)  # a row that the sheet lacked and that got a mark
    yield from _same(was, now, "the sheet")


def _without_ours(row: Tree, place: Place, ours: range) -> None:
    row.attrib.pop("spans", None)
    column = -1
    for cell in list(row):
        if local(cell) != "c":
            continue
        letters = cell.get("r", "").rstrip("0123456789")
        column = column_number(letters) if letters else column + 1
        if column in ours and int(row.get("r", "0")) >= place.header_row:
            row.remove(cell)
    if len(row) == 0 and not (row.text or "").strip():
        row.text = None


def _reach(was: Tree, now: Tree, ours: range) -> Iterator[str]:
    """The dimension and the filter reach over our columns, and are otherwise what they were."""
    for name in ("dimension", "autoFilter", "sortState"):
        for a, b in zip(_all(was, name), _all(now, name), strict=True):
            one, two = Area.parse(a.get("ref", "")), Area.parse(b.get("ref", ""))
            if one != two and (not one or not two or two.right != ours[-1] or two.union(one) != two):
                yield f"{name} {a.get('ref')} became {b.get('ref')}"
            if one != two:
                b.set("ref", a.get("ref", ""))
    for a, b in zip(_all(was, "row"), _all(now, "row"), strict=False):
        before, after = (tuple(map(int, e.get("spans", "1:1").split(":"))) for e in (a, b))
        if a.get("r") == b.get("r") and (before[0] != after[0] or after[1] not in (before[1], ours[-1] + 1)):
            yield f"row {a.get('r')}: spans {before} became {after}"


def _all(tree: Tree, name: str) -> list[Tree]:
    return [element for element in tree.iter() if local(element) == name]


def _widths(was: Tree, now: Tree, ours: range) -> Iterator[str]:
    """Column by column, every width and look but ours is what it was; then the ranges are taken out."""
    looks = []
    for tree in (was, now):
        look: dict[int, dict[str, str]] = {}
        for col in _all(tree, "col"):
            attributes = {k: v for k, v in col.attrib.items() if k not in ("min", "max")}
            for column in range(int(col.get("min", "1")) - 1, min(int(col.get("max", "1")), 300)):
                look[column] = attributes
        looks.append(look)
        order = [int(col.get("min", "0")) for col in _all(tree, "col")]
        if order != sorted(order):
            yield f"the ranges of columns are out of order: {order}"
        for cols in [child for child in tree if local(child) == "cols"]:
            tree.remove(cols)
    for column in sorted({*looks[0], *looks[1]} - set(ours)):
        if looks[0].get(column) != looks[1].get(column):
            yield f"column {column}: {looks[0].get(column)} became {looks[1].get(column)}"
    for column in ours:
        if looks[1].get(column, {}).get("hidden") in ("1", "true"):
            yield f"our column {column} is hidden"


def _styles(was: Tree, now: Tree) -> Iterator[str]:
    """Every section begins with what it had; fonts, fills and cell styles may have more at the end."""
    now = copy.deepcopy(now)
    for section in now:
        if local(section) not in {"fonts", "fills", "cellXfs"}:
            continue
        if section.get("count", str(len(section))) != str(len(section)):
            yield f"{local(section)} has {len(section)} children and says {section.get('count')}"
        old = next(child for child in was if child.tag == section.tag)
        for extra in list(section)[len(old) :]:
            section.remove(extra)
        if "count" in old.attrib:
            section.set("count", old.attrib["count"])
    yield from _same(was, now, "the styles")


def _table(was: Tree, now: Tree, place: Place, ours: range, names: tuple[str, ...]) -> Iterator[str]:
    """The table reaches over our columns, and has a column for each."""
    now = copy.deepcopy(now)
    with_ref = [[element for element in tree.iter() if "ref" in element.attrib] for tree in (was, now)]
    for a, b in zip(*with_ref, strict=True):
        if local(a) in ("table", "autoFilter", "sortState"):
            area = Area.parse(a.get("ref", ""))
            if area is None or b.get("ref") != str(area.to_column(ours[-1])):
                yield f"{local(a)} {a.get('ref')} became {b.get('ref')}"
            b.set("ref", a.get("ref", ""))
    old, new = (_all(tree, "tableColumns")[0] for tree in (was, now))
    added = list(new)[len(old) :]
    if tuple(column.get("name") for column in added) != names or new.get("count") != str(len(new)):
        yield f"columns {[c.get('name') for c in added]}, count {new.get('count')}"
    ids = [column.get("id") for column in new]
    folded = [column.get("name", "").casefold() for column in new]
    if len(set(ids)) != len(ids) or len(set(folded)) != len(folded):
        yield f"ids {ids}, names {folded}"
    for column in added:
        new.remove(column)
    new.set("count", old.get("count", ""))
    yield from _same(was, now, "the table")


def _workbook(was: Tree, now: Tree) -> Iterator[str]:
    """Only the hidden name of the filter may differ."""
    now = copy.deepcopy(now)
    for a, b in zip(_all(was, "definedName"), _all(now, "definedName"), strict=True):
        if a.get("name") == "_xlnm._FilterDatabase":
            b.text = a.text
    yield from _same(was, now, "the workbook")
