"""Writes tables as a new workbook: texts as texts, the header frozen and under a filter, columns as wide as they need.

Written as XML at once (ECMA-376 part 1, 18); a library that makes an object of each cell takes a minute for
100,000 rows.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One worksheet to write: its name, the area under its filter (``A1:F20``), and its part in pieces."""

    name: str
    area: str
    pieces: Iterable[str]


def write_tables(tables: Sequence[PlainTable], target: Path) -> None:
    """Writes tables as a workbook, complete and flushed.

    Args:
        tables: at least one, each of at most ``MOST_ROWS_BELOW`` rows and with a name of its own.
        target: a temporary path.
    """
    write_workbook([Worksheet(table.name, area(table), sheet_xml(table)) for table in tables], target)


def area(table: PlainTable) -> str:
    """The cells of a table, its header among them."""
    return f"A1:{column_letters(len(table.rows.columns) - 1)}{len(table.rows) + 1}"


def write_workbook(sheets: Sequence[Worksheet], target: Path) -> None:
    """Writes a workbook, complete and flushed.

    Args:
        sheets: at least one, each with a name of its own.
        target: a temporary path.
    """
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as whole:
            for name, text in _frame_parts(sheets).items():
                whole.writestr(name, text)
            for number, sheet in enumerate(sheets, 1):
                with whole.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                    part.writelines(piece.encode() for piece in sheet.pieces)
        file.flush()
        os.fsync(file.fileno())


def sheet_xml(table: PlainTable) -> Iterator[str]:
    """The worksheet's part, in pieces."""
    yield beginning(1, list(_widths(table)))
    letters = [column_letters(column) for column in range(len(table.rows.columns))]
    names = [str(name) for name in table.rows.columns]
    yield row_xml(1, [text_cell(f"{letter}1", name, HEADER) for letter, name in zip(letters, names, strict=True)])
    for start in range(0, len(table.rows), AT_ONCE):
        part = table.rows.iloc[start : start + AT_ONCE]
        columns = [_cells(table, name, letter, part, start + 2) for name, letter in zip(names, letters, strict=True)]
        lines = map("".join, zip(*columns, strict=True))
        yield "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, start + 2))
    yield ending(area(table))


def beginning(header_row: int, widths: Sequence[int]) -> str:
    """A worksheet up to its rows: what is above the row below the header stays in sight; 0: nothing does."""
    pane = f'<pane ySplit="{header_row}" topLeftCell="A{header_row + 1}" activePane="bottomLeft" state="frozen"/>'
    cols = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>' for place, width in enumerate(widths, 1)
    )
    return (
        f'{START}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{pane if header_row else ""}'
        f"</sheetView></sheetViews><cols>{cols}</cols><sheetData>"
    )


def ending(area: str) -> str:
    """What follows the rows: the filter over an area, "" for none."""
    return "</sheetData>" + (f'<autoFilter ref="{area}"/>' if area else "") + "</worksheet>"


def _cells(table: PlainTable, name: str, letter: str, part: pd.DataFrame, first: int) -> list[str]:
    rows = range(first, first + len(part))
    coloured = name == table.statuses
    return column_cells(letter, rows, part[name].astype("str"), table.numbers.get(name), coloured=coloured)


def column_cells(
    letter: str, rows: Sequence[int], texts: pd.Series[str], number: int | None = None, *, coloured: bool = False
) -> list[str]:
    """The cells of some rows of a column, "" where it is blank.

    Args:
        letter: of the column.
        rows: their numbers.
        texts: what they hold.
        number: the style of plain numbers; None: they are texts as well.
        coloured: whether status words have their colour.
    """
    plain = texts.str.fullmatch(PLAIN_NUMBER).tolist() if number else [False] * len(texts)
    colours = STATUS_STYLES if coloured else {}
    return [
        f'<c r="{letter}{row}" s="{number}"><v>{text}</v></c>'
        if is_number
        else text_cell(f"{letter}{row}", text, colours.get(text, TEXT))
        for row, text, is_number in zip(rows, texts.tolist(), plain, strict=True)
    ]


def text_cell(address: str, text: str, style: int) -> str:
    """A text; "" for none."""
    if not text:
        return ""
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{cell_text(text)}</t></is></c>'


def row_xml(number: int, cells: Iterable[str]) -> str:
    """A row."""
    return f'<row r="{number}">{"".join(cells)}</row>'


def _widths(table: PlainTable) -> Iterator[int]:
    for name in table.rows.columns:
        yield width_for([str(name) + "  ", *table.rows[name].iloc[:WIDTH_ROWS].astype("str")])


def width_for(texts: Iterable[str]) -> int:
    """How wide a column must be for these, in characters, within reason."""
    return min(max(max((len(text) for text in texts), default=0) + 2, NARROWEST), WIDEST)


def _frame_parts(tables: Sequence[Worksheet]) -> dict[str, str]:
    """The parts of the package beside its worksheets."""
    numbers = range(1, len(tables) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPES}.worksheet+xml"/>' for n in numbers
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"{_quoted(table.name)}!{_absolute(table.area)}</definedName>"
        for n, table in enumerate(tables)
        if table.area
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
        f"{filters and f'<definedNames>{filters}</definedNames>'}</workbook>",
        "xl/_rels/workbook.xml.rels": f'{START}<Relationships xmlns="{RELS}">{links}<Relationship '
        f'Id="rIdStyles" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _styles(),
    }


def _absolute(area: str) -> str:
    """``A1:F20`` as ``$A$1:$F$20``."""
    return re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", area)


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
