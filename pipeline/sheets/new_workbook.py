"""Writes tables as a new workbook: texts as texts, the header frozen and under a filter, columns as wide as they need.

Written as XML at once (ECMA-376 part 1, 18); a library that makes an object of each cell takes a minute for
100,000 rows.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.limits import MOST_ROWS
from pipeline.sheets.status_style import FILLS, INK
from pipeline.xlsx.cell_text import cell_text

TEXT, HEADER, WHOLE, MONEY = 1, 2, 3, 4
"""Cell styles, as ``_styles`` lists them; those of the status words come behind."""

STATUS_STYLES = {str(status): MONEY + 1 + place for place, status in enumerate(FILLS)}

PLAIN_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?"
"""What is written as a number where a column asks for it; Excel keeps 15 digits."""

WIDTH_ROWS, NARROWEST, WIDEST = 200, 8, 60
AT_ONCE = 8_192
LEVEL = 1

MOST_ROWS_BELOW = MOST_ROWS - 1
"""Rows that a worksheet holds beside its header."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True)
class PlainTable:
    """One worksheet: its name and its rows, a column of the frame a column of the sheet.

    ``numbers``: columns whose plain numbers are written as such, with the style. ``statuses``: the column whose words
    are coloured, "" for none.
    """

    name: str
    rows: pd.DataFrame
    numbers: Mapping[str, int] = field(default_factory=dict)
    statuses: str = ""


def write_tables(tables: Sequence[PlainTable], target: Path) -> None:
    """Writes the workbook, complete and flushed.

    Args:
        tables: at least one, each of at most ``MOST_ROWS_BELOW`` rows and with a name of its own.
        target: a temporary path.
    """
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as whole:
            for name, text in _frame_parts(tables).items():
                whole.writestr(name, text)
            for number, table in enumerate(tables, 1):
                with whole.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                    part.writelines(piece.encode() for piece in sheet_xml(table))
        file.flush()
        os.fsync(file.fileno())


def sheet_xml(table: PlainTable) -> Iterator[str]:
    """The worksheet's part, in pieces."""
    width, height = len(table.rows.columns), len(table.rows) + 1
    yield (
        f'{START}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{''.join(_widths(table))}</cols><sheetData>"
    )
    letters = [column_letters(column) for column in range(width)]
    names = [str(name) for name in table.rows.columns]
    yield _row(1, [_text(f"{letter}1", name, HEADER) for letter, name in zip(letters, names, strict=True)])
    for start in range(0, len(table.rows), AT_ONCE):
        part = table.rows.iloc[start : start + AT_ONCE]
        columns = [_cells(table, name, letter, part, start + 2) for name, letter in zip(names, letters, strict=True)]
        lines = map("".join, zip(*columns, strict=True))
        yield "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, start + 2))
    yield f'</sheetData><autoFilter ref="A1:{letters[-1]}{height}"/></worksheet>'


def _cells(table: PlainTable, name: str, letter: str, part: pd.DataFrame, first: int) -> list[str]:
    texts = part[name].astype("str")
    style = table.numbers.get(name)
    number = texts.str.fullmatch(PLAIN_NUMBER).tolist() if style else [False] * len(part)
    coloured = STATUS_STYLES if name == table.statuses else {}
    return [
        f'<c r="{letter}{row}" s="{style}"><v>{text}</v></c>'
        if plain
        else _text(f"{letter}{row}", text, coloured.get(text, TEXT))
        for row, (text, plain) in enumerate(zip(texts.tolist(), number, strict=True), first)
    ]


def _text(address: str, text: str, style: int) -> str:
    if not text:
        return ""
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{cell_text(text)}</t></is></c>'


def _row(number: int, cells: Sequence[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _widths(table: PlainTable) -> Iterator[str]:
    for place, name in enumerate(table.rows.columns, 1):
        longest = table.rows[name].iloc[:WIDTH_ROWS].astype("str").str.len().max()
        needed = max(len(str(name)) + 4, 0 if pd.isna(longest) else int(longest) + 2)
        width = min(max(needed, NARROWEST), WIDEST)
        yield f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'


def _frame_parts(tables: Sequence[PlainTable]) -> dict[str, str]:
    """The parts of the package beside its worksheets."""
    numbers = range(1, len(tables) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPES}.worksheet+xml"/>' for n in numbers
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"{_quoted(table.name)}!$A$1:${column_letters(len(table.rows.columns) - 1)}${len(table.rows) + 1}</definedName>"
        for n, table in enumerate(tables)
    )
    sheets = "".join(
        f'<sheet name={quoteattr(table.name)} sheetId="{n}" r:id="rId{n}"/>' for n, table in enumerate(tables, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'{START}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>{overrides}</Types>',
        "_rels/.rels": f'{START}<Relationships xmlns="{RELS}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{START}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>'
        f"<definedNames>{filters}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": f'{START}<Relationships xmlns="{RELS}">{links}<Relationship '
        f'Id="rIdStyles" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _styles(),
    }


def _quoted(name: str) -> str:
    return cell_text("'" + name.replace("'", "''") + "'")


def _styles() -> str:
    fills = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="{fill}"/><bgColor indexed="64"/></patternFill></fill>'
        for fill in FILLS.values()
    )
    formats = [(0, 0, 0), (49, 0, 0), (49, 1, 0), (3, 0, 0), (4, 0, 0)]  # General, @, @ bold, #,##0, #,##0.00
    formats += [(49, 2, 2 + place) for place in range(len(FILLS))]
    cells = "".join(
        f'<xf numFmtId="{code}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
        'applyFont="1" applyFill="1"/>'
        for code, font, fill in formats
    )
    font = '<sz val="11"/>{}<name val="Calibri"/><family val="2"/>'
    plain, bold, ink = (font.format(more) for more in ("", "", f'<color rgb="{INK}"/>'))
    return (
        f'{START}<styleSheet xmlns="{MAIN}"><fonts count="3"><font>{plain}</font><font><b/>{bold}</font>'
        f'<font>{ink}</font></fonts><fills count="{2 + len(FILLS)}"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{fills}</fills><borders count="1"><border><left/><right/>'
        '<top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" '
        f'borderId="0"/></cellStyleXfs><cellXfs count="{len(formats)}">{cells}</cellXfs><cellStyles count="1">'
        '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
