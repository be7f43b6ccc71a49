"""Workbooks written by hand, for what no library writes: any spelling of a sheet, pivots, slicers, queries, threads."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.workbooks import CONTENT, HEADERS, MAIN, OFFICE, PACKAGE, ROWS, XML, png

STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="49"/><xf numFmtId="2"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def raw_workbook(
    path: Path, sheet: str | bytes, *, styles: str | None = STYLES, strings: tuple[str, ...] = (), main: str = MAIN
) -> Path:
    """A workbook of one sheet, ``Orders``, whose part is given as it stands."""
    rel = f'<Relationship Id="rId{{}}" Type="{OFFICE}/{{}}" Target="{{}}"/>'
    rels = rel.format(1, "worksheet", "worksheets/sheet1.xml") + rel.format(3, "sharedStrings", "sharedStrings.xml")
    kinds = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "sharedStrings": "sharedStrings"}
    if styles is not None:
        rels += rel.format(2, "styles", "styles.xml")
        kinds["styles"] = "styles"
    overrides = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{CONTENT}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    items = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in strings)
    parts = {
        "[Content_Types].xml": f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}">'
        f"{rel.format(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'{XML}<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGE}">{rels}</Relationships>',
        "xl/sharedStrings.xml": f'{XML}<sst xmlns="{main}" count="{len(strings)}">{items}</sst>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    if styles is not None:
        parts["xl/styles.xml"] = styles
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


@dataclass(frozen=True)
class Extra:
    """Parts to put into a workbook: contents by name, content types by name, relationships by the part they are of."""

    parts: Mapping[str, str | bytes]
    types: Mapping[str, str] = field(default_factory=dict)
    rels: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # part -> (type, target)
    in_sheet: str = ""  # put before the end of the first sheet
    in_workbook: str = ""


def with_parts(source: Path, target: Path, extra: Extra) -> Path:
    """A workbook with more parts, tied in by relationships and content types."""
    with zipfile.ZipFile(source) as archive:
        parts: dict[str, bytes] = {name: archive.read(name) for name in archive.namelist()}
    parts |= {name: text.encode() if isinstance(text, str) else text for name, text in extra.parts.items()}
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in extra.types.items())
    _insert(parts, "[Content_Types].xml", "</Types>", overrides)
    for part, links in extra.rels.items():
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels".lstrip("/")
        parts.setdefault(rels, f'{XML}<Relationships xmlns="{PACKAGE}"></Relationships>'.encode())
        links_xml = "".join(
            f'<Relationship Id="hand{i}" Type="{kind if "://" in kind else OFFICE + "/" + kind}" Target="{to}"'
            + (' TargetMode="External"/>' if "://" in to else "/>")
            for i, (kind, to) in enumerate(links)
        )
        _insert(parts, rels, "</Relationships>", links_xml)
    _insert(parts, "xl/worksheets/sheet1.xml", "</worksheet>", extra.in_sheet)
    _insert(parts, "xl/workbook.xml", "</workbook>", extra.in_workbook)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target


def _insert(parts: dict[str, bytes], name: str, before: str, text: str) -> None:
    old = parts[name].decode()
    at = old.rindex(before)
    parts[name] = (old[:at] + text + old[at:]).encode()


_FIELDS = "".join(f'<cacheField name="{name}" numFmtId="0"><sharedItems/></cacheField>' for name in HEADERS)
_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_MS = "http://schemas.microsoft.com/office"
_THREADS = f"{_MS}/spreadsheetml/2018/threadedcomments"

QUERY_TABLE = Extra(
    parts={
        "xl/tables/table9.xml": f'{XML}<table xmlns="{MAIN}" id="9" name="Query" displayName="Query" ref="A3:F15" '
        'tableType="queryTable" totalsRowShown="0"><autoFilter ref="A3:F15"/><tableColumns count="6">'
        + "".join(f'<tableColumn id="{i}" name="{name}" queryTableFieldId="{i}"/>' for i, name in enumerate(HEADERS, 1))
        + "</tableColumns></table>",
        "xl/queryTables/queryTable1.xml": f'{XML}<queryTable xmlns="{MAIN}" name="Query" connectionId="1"/>',
        "xl/connections.xml": f'{XML}<connections xmlns="{MAIN}"><connection id="1" name="Query" type="5" '
        'refreshedVersion="6"><dbPr connection="Provider=None"/></connection></connections>',
    },
    types={
        "xl/tables/table9.xml": f"{CONTENT}.table+xml",
        "xl/queryTables/queryTable1.xml": f"{CONTENT}.queryTable+xml",
        "xl/connections.xml": f"{CONTENT}.connections+xml",
    },
    rels={
        "xl/worksheets/sheet1.xml": (("table", "../tables/table9.xml"),),
        "xl/tables/table9.xml": (("queryTable", "../queryTables/queryTable1.xml"),),
        "xl/workbook.xml": (("connections", "connections.xml"),),
    },
    in_sheet=f'<tableParts count="1"><tablePart xmlns:r="{OFFICE}" r:id="hand0"/></tableParts>',
)

EXTRAS: Mapping[str, Extra] = {
    "pivot": Extra(
        parts={
            "xl/pivotCache/pivotCacheDefinition1.xml": f'{XML}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}" '
            f'r:id="hand0" recordCount="0" refreshOnLoad="1"><cacheSource type="worksheet">'
            f'<worksheetSource ref="A3:F15" sheet="Orders"/></cacheSource><cacheFields count="6">{_FIELDS}'
            "</cacheFields></pivotCacheDefinition>",
            "xl/pivotCache/pivotCacheRecords1.xml": f'{XML}<pivotCacheRecords xmlns="{MAIN}" count="0"/>',
            "xl/pivotTables/pivotTable1.xml": f'{XML}<pivotTableDefinition xmlns="{MAIN}" name="P" cacheId="1" '
            'dataCaption="Values"><location ref="H20:J30" firstHeaderRow="1" firstDataRow="1" firstDataCol="0"/>'
            '<pivotFields count="6">' + '<pivotField showAll="0"/>' * 6 + "</pivotFields></pivotTableDefinition>",
        },
        types={
            "xl/pivotCache/pivotCacheDefinition1.xml": f"{CONTENT}.pivotCacheDefinition+xml",
            "xl/pivotCache/pivotCacheRecords1.xml": f"{CONTENT}.pivotCacheRecords+xml",
            "xl/pivotTables/pivotTable1.xml": f"{CONTENT}.pivotTable+xml",
        },
        rels={
            "xl/workbook.xml": (("pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"),),
            "xl/pivotCache/pivotCacheDefinition1.xml": (("pivotCacheRecords", "pivotCacheRecords1.xml"),),
            "xl/worksheets/sheet2.xml": (("pivotTable", "../pivotTables/pivotTable1.xml"),),
            "xl/pivotTables/pivotTable1.xml": (("pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml"),),
        },
        in_workbook=f'<pivotCaches><pivotCache xmlns:r="{OFFICE}" cacheId="1" r:id="hand0"/></pivotCaches>',
    ),
    "slicer": Extra(
        parts={
            "xl/slicers/slicer1.xml": f'{XML}<slicers xmlns="{_X14}"><slicer name="S" cache="Slicer_S" caption="S" '
            'rowHeight="241300"/></slicers>',
            "xl/slicerCaches/slicerCache1.xml": f'{XML}<slicerCacheDefinition xmlns="{_X14}" name="Slicer_S" '
            'sourceName="Status"/>',
        },
        types={
            "xl/slicers/slicer1.xml": "application/vnd.ms-excel.slicer+xml",
            "xl/slicerCaches/slicerCache1.xml": "application/vnd.ms-excel.slicerCache+xml",
        },
        rels={
            "xl/worksheets/sheet1.xml": ((f"{_MS}/2007/relationships/slicer", "../slicers/slicer1.xml"),),
            "xl/workbook.xml": ((f"{_MS}/2007/relationships/slicerCache", "slicerCaches/slicerCache1.xml"),),
        },
        in_sheet='<extLst><ext uri="{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}" '
        f'xmlns:x15="{_MS}/spreadsheetml/2010/11/main"><x14:slicerList xmlns:x14="{_X14}">'
        f'<x14:slicer xmlns:r="{OFFICE}" r:id="hand0"/></x14:slicerList></ext></extLst>',
    ),
    "threaded comments": Extra(
        parts={
            "xl/threadedComments/threadedComment1.xml": f'{XML}<ThreadedComments xmlns="{_THREADS}">'
            '<threadedComment ref="B5" dT="2026-11-01T10:00:00.00" personId="{00000000-0000-0000-0000-000000000001}" '
            'id="{00000000-0000-0000-0000-000000000002}"><text>again?</text></threadedComment></ThreadedComments>',
            "xl/persons/person.xml": f'{XML}<personList xmlns="{_THREADS}"><person displayName="Ann" userId="Ann" '
            'id="{00000000-0000-0000-0000-000000000001}" providerId="None"/></personList>',
        },
        types={
            "xl/threadedComments/threadedComment1.xml": "application/vnd.ms-excel.threadedcomments+xml",
            "xl/persons/person.xml": "application/vnd.ms-excel.person+xml",
        },
        rels={
            "xl/worksheets/sheet1.xml": (
                (f"{_MS}/2017/10/relationships/threadedComment", "../threadedComments/threadedComment1.xml"),
            ),
            "xl/workbook.xml": ((f"{_MS}/2017/10/relationships/person", "persons/person.xml"),),
        },
    ),
    "external link": Extra(
        parts={
            "xl/externalLinks/externalLink1.xml": f'{XML}<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{OFFICE}" '
            'r:id="hand0"><sheetNames><sheetName val="Rates"/></sheetNames></externalBook></externalLink>',
        },
        types={"xl/externalLinks/externalLink1.xml": f"{CONTENT}.externalLink+xml"},
        rels={
            "xl/workbook.xml": (("externalLink", "externalLinks/externalLink1.xml"),),
            "xl/externalLinks/externalLink1.xml": (("externalLinkPath", "file:///rates.xlsx"),),
        },
        in_workbook=f'<externalReferences><externalReference xmlns:r="{OFFICE}" r:id="hand0"/></externalReferences>',
    ),
    "custom XML, printer settings, an unknown part": Extra(
        parts={
            "customXml/item1.xml": "<root xmlns='urn:made-up'>kept</root>",
            "customXml/itemProps1.xml": f'{XML}<ds:datastoreItem ds:itemID="{{00000000-0000-0000-0000-00000000000A}}" '
            'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"/>',
            "xl/printerSettings/printerSettings1.bin": b"\0\1\2printer",
            "xl/somewhere/else.png": png(),
        },
        types={
            "customXml/itemProps1.xml": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
            "xl/printerSettings/printerSettings1.bin": f"{CONTENT}.printerSettings",
            "xl/somewhere/else.png": "image/png",
        },
        rels={
            "xl/workbook.xml": (("customXml", "../customXml/item1.xml"),),
            "customXml/item1.xml": (("customXmlProps", "itemProps1.xml"),),
            "xl/worksheets/sheet1.xml": (("printerSettings", "../printerSettings/printerSettings1.bin"),),
        },
    ),
    "query table": QUERY_TABLE,
}

assert ROWS == 12  # the ranges above
