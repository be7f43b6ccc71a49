"""One custom property of a workbook: a text that a person does not see and Excel keeps when it saves the file.

ECMA-376 part 1, 15.2.12.2 and 22.3 (docProps/custom.xml); part 2, 9.3 (relationships) and 10.1 (content types).
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from pipeline.containers.zip_archive import Archive
from pipeline.containers.zip_rewrite import rewrite_zip
from pipeline.xlsx.package import local, read_rels, read_xml

PART = "docProps/custom.xml"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
KINDS = ("custom-properties", "customProperties")
"""How a relationship to the part ends: in the transitional and in the strict form of the format."""

TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
SPACE = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
TEXTS = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The format identifier of all custom properties ([MS-OLEPS] 2.21)."""

FIRST_PID = 2
"""Property numbers below are reserved ([MS-OLEPS] 2.18)."""


def read_property(archive: Archive, name: str) -> str | None:
    """The text of a custom property; None where the workbook has none of that name.

    Raises:
        WorkbookError: the part can't be read.
    """
    part = _part(archive)
    if part is None:
        return None
    found = [entry for entry in read_xml(archive, part) if entry.get("name") == name]
    return "".join(found[0].itertext()) if found else None


def _part(archive: Archive) -> str | None:
    found = [rel.target for rel in read_rels(archive, "").values() if rel.kind in KINDS]
    return next((target for target in found if target in archive.entries), None)


def write_property(archive: Archive, name: str, text: str, target: Path) -> None:
    """Writes the workbook with one more custom property; every other part keeps its bytes.

    Args:
        archive: the workbook; it has no property of that name yet, or that one is replaced.
        name: of the property.
        text: what it holds.
        target: overwritten; complete on return.
    """
    part = _part(archive)
    if part is not None:
        rewrite_zip(archive, target, {part: [_with(archive.read(part), _pids(archive, part), name, text)]})
        return
    types, rels = (archive.find(entry) or entry for entry in ("[Content_Types].xml", "_rels/.rels"))
    override = f'<Override PartName="/{PART}" ContentType="{TYPE}"/>'
    ids = {found.get("Id", "") for found in read_xml(archive, rels)}
    free = next(f"rIdPlan{number}" for number in range(len(ids) + 1) if f"rIdPlan{number}" not in ids)
    relation = f'<Relationship Id="{free}" Type="{KIND}" Target="{PART}"/>'
    replaced = {
        types: [_before_end(archive.read(types), "Types", override)],
        rels: [_before_end(archive.read(rels), "Relationships", relation)],
    }
    rewrite_zip(archive, target, replaced)
    empty = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="{SPACE}"></Properties>'
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr(PART, _with(empty.encode(), set(), name, text))


def _pids(archive: Archive, part: str) -> set[int]:
    found = (entry.get("pid", "") for entry in read_xml(archive, part) if local(entry.tag) == "property")
    return {int(pid) for pid in found if pid.isdecimal()}


def _with(xml: bytes, pids: set[int], name: str, text: str) -> bytes:
    """The part with the property in it; one of that name before it goes."""
    named = re.escape(quoteattr(name)).encode()
    own = re.compile(rb"<(?:\w+:)?property\b[^>]*\bname=" + named + rb".*?property>", re.DOTALL)
    pid = max(pids, default=FIRST_PID - 1) + 1
    said = (
        f'<property xmlns="{SPACE}" fmtid="{FORMAT}" pid="{pid}" name={quoteattr(name)}>'
        f'<vt:lpwstr xmlns:vt="{TEXTS}">{escape(text)}</vt:lpwstr></property>'
    )
    return _before_end(own.sub(b"", xml), "Properties", said)


def _before_end(xml: bytes, tag: str, more: str) -> bytes:
    """Puts ``more`` before the end of the outermost element, which may stand there empty (``<Types/>``)."""
    spelling = tag.encode()
    end = re.search(rb"</(?:\w+:)?" + spelling + rb"\s*>\s*$", xml.rstrip())
    if end is not None:
        return xml[: end.start()] + more.encode() + xml[end.start() :]
    closed = re.search(rb"<((?:\w+:)?" + spelling + rb")([^<>]*)/>\s*$", xml.rstrip())
    if closed is None:
        raise ValueError(f"the part does not end with {tag}")
    opened = b"<" + closed[1] + closed[2] + b">"
    return xml[: closed.start()] + opened + more.encode() + b"</" + closed[1] + b">"
