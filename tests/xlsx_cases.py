"""The cases of the workbook reader: spellings of cells, rows and parts, and what must be read from each."""

# ruff: noqa: E501 - a case is a line, and reads better so

from __future__ import annotations

import re

from pipeline.model.sheet import Kind
from tests.bare_parts import MAIN, OFFICE, relations, shared_strings, workbook_parts, worksheet

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


SLOWLY = "<!-- whatever has a comment is read by the exact way -->"


Cell = tuple[Kind, str, str, bool]  # kind, text, format, formula


STRINGS = shared_strings("CANCELLED", "", "a\nb", "  x ", "_x000D_", "86210010463")


CELLS = {
    "a number": ('<c r="A1"><v>86210010463</v></c>', (Kind.NUMBER, "86210010463", "General", False)),
    "a number with t": ('<c r="A1" t="n"><v>12</v></c>', (Kind.NUMBER, "12", "General", False)),
    "a number as it is spelt": ('<c r="A1"><v>8.6210010463E10</v></c>', (Kind.NUMBER, "8.6210010463E10", "General", False)),
    "a whole number with a fraction": ('<c r="A1"><v>86210010463.0</v></c>', (Kind.NUMBER, "86210010463.0", "General", False)),
    "17 digits": ('<c r="A1"><v>12345678901234567</v></c>', (Kind.NUMBER, "12345678901234567", "General", False)),
    "blanks around a number": ('<c r="A1"><v> 12\n</v></c>', (Kind.NUMBER, "12", "General", False)),
    "a format": ('<c r="A1" s="3"><v>12</v></c>', (Kind.NUMBER, "12", "00000000", False)),
    "text as format": ('<c r="A1" s="2"><v>12</v></c>', (Kind.NUMBER, "12", "@", False)),
    "a style that is said to be none": ('<c r="A1" s=""><v>12</v></c>', (Kind.NUMBER, "12", "General", False)),
    "a style that is not there": ('<c r="A1" s="99"><v>12</v></c>', (Kind.NUMBER, "12", "not known", False)),
    "attributes turned round": ('<c r="A1" t="n" s="3"><v>12</v></c>', (Kind.NUMBER, "12", "00000000", False)),
    "more attributes": ('<c r="A1" s="3" cm="1" vm="2"><v>12</v></c>', (Kind.NUMBER, "12", "00000000", False)),
    "a date": ('<c r="A1" s="4"><v>46053</v></c>', (Kind.DATE, "2026-01-31", "dd/mm/yyyy", False)),
    "a date and time": ('<c r="A1" s="5"><v>46053.4375</v></c>', (Kind.DATE, "2026-01-31 10:30:00", "yyyy\\-mm\\-dd hh:mm", False)),
    "a time rounded up to midnight": ('<c r="A1" s="5"><v>46052.9999999</v></c>', (Kind.DATE, "2026-01-31", "yyyy\\-mm\\-dd hh:mm", False)),
    "a time": ('<c r="A1" s="6"><v>0.4375</v></c>', (Kind.DATE, "10:30:00", "h:mm", False)),
    "midnight": ('<c r="A1" s="6"><v>0</v></c>', (Kind.DATE, "00:00:00", "h:mm", False)),
    "a duration": ('<c r="A1" s="7"><v>1.5</v></c>', (Kind.NUMBER, "1.5", "[h]:mm", False)),
    "letters in quotes are no date": ('<c r="A1" s="8"><v>5</v></c>', (Kind.NUMBER, "5", '0" days"', False)),
    "the first day": ('<c r="A1" s="4"><v>1</v></c>', (Kind.DATE, "1900-01-01", "dd/mm/yyyy", False)),
    "the day before the one that never was": ('<c r="A1" s="4"><v>59</v></c>', (Kind.DATE, "1900-02-28", "dd/mm/yyyy", False)),
    "the day that never was": ('<c r="A1" s="4"><v>60</v></c>', (Kind.DATE, "1900-02-29", "dd/mm/yyyy", False)),
    "the day after": ('<c r="A1" s="4"><v>61</v></c>', (Kind.DATE, "1900-03-01", "dd/mm/yyyy", False)),
    "the last day": ('<c r="A1" s="4"><v>2958465</v></c>', (Kind.DATE, "9999-12-31", "dd/mm/yyyy", False)),
    "beyond the last day": ('<c r="A1" s="4"><v>86210010463</v></c>', (Kind.DATE, "86210010463", "dd/mm/yyyy", False)),
    "before the first day": ('<c r="A1" s="4"><v>-1</v></c>', (Kind.DATE, "-1", "dd/mm/yyyy", False)),
    "a date that is no number": ('<c r="A1" s="4"><v>soon</v></c>', (Kind.DATE, "soon", "dd/mm/yyyy", False)),
    "a blank with a date format": ('<c r="A1" s="4"/>', (Kind.BLANK, "", "dd/mm/yyyy", False)),
    "a date as ISO text": ('<c r="A1" t="d"><v>2026-01-31T10:30:00.000</v></c>', (Kind.DATE, "2026-01-31 10:30:00", "General", False)),
    "a day as ISO text": ('<c r="A1" t="d"><v>2026-01-31T00:00:00Z</v></c>', (Kind.DATE, "2026-01-31", "General", False)),
    "a shared text": ('<c r="A1" t="s"><v>0</v></c>', (Kind.TEXT, "CANCELLED", "General", False)),
    "a shared text of digits": ('<c r="A1" s="2" t="s"><v>5</v></c>', (Kind.TEXT, "86210010463", "@", False)),
    "a shared text with blanks": ('<c r="A1" t="s"><v>3</v></c>', (Kind.TEXT, "  x ", "General", False)),
    "a shared text with lines": ('<c r="A1" t="s"><v>2</v></c>', (Kind.TEXT, "a\nb", "General", False)),
    "a shared text with an escape": ('<c r="A1" t="s"><v>4</v></c>', (Kind.TEXT, "\r", "General", False)),
    "an empty shared text": ('<c r="A1" t="s"><v>1</v></c>', None),
    "a shared text without number": ('<c r="A1" t="s"><v></v></c>', None),
    "a shared text with a number spelt oddly": ('<c r="A1" t="s"><v> 00 </v></c>', (Kind.TEXT, "CANCELLED", "General", False)),
    "an inline text": ('<c r="A1" t="inlineStr"><is><t>NA</t></is></c>', (Kind.TEXT, "NA", "General", False)),
    "an inline text kept with its blanks": ('<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>', (Kind.TEXT, " a ", "General", False)),
    "an empty inline text": ('<c r="A1" t="inlineStr"><is><t></t></is></c>', None),
    "an empty inline text, short": ('<c r="A1" t="inlineStr"><is><t/></is></c>', None),
    "an inline text without text": ('<c r="A1" t="inlineStr"><is/></c>', None),
    "rich text": ('<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>862</t></r><r><t xml:space="preserve"> 10</t></r></is></c>', (Kind.TEXT, "862 10", "General", False)),
    "phonetic hints are no text": ('<c r="A1" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>とうきょう</t></rPh></is></c>', (Kind.TEXT, "東京", "General", False)),
    "entities": ('<c r="A1" t="inlineStr"><is><t>&lt;&amp;amp;&gt;&quot;&apos;</t></is></c>', (Kind.TEXT, "<&amp;>\"'", "General", False)),
    "character references": ('<c r="A1" t="str"><v>&#65;&#x1F600;&amp;#66;</v></c>', (Kind.TEXT, "A😀&#66;", "General", False)),
    "an escape": ('<c r="A1" t="str"><v>a_x0009_b_x005F_x0041_</v></c>', (Kind.TEXT, "a\tb_x0041_", "General", False)),
    "an escaped pair": ('<c r="A1" t="str"><v>_xD83D__xDE00_</v></c>', (Kind.TEXT, "😀", "General", False)),
    "no escape": ('<c r="A1" t="str"><v>a_xyz_b_x12_</v></c>', (Kind.TEXT, "a_xyz_b_x12_", "General", False)),
    "line ends": ('<c r="A1" t="str"><v>a\r\nb\rc&#13;</v></c>', (Kind.TEXT, "a\nb\nc\r", "General", False)),
    "a CDATA section": ('<c r="A1" t="str"><v><![CDATA[<c r="B1">]]>x</v></c>', (Kind.TEXT, '<c r="B1">x', "General", False)),
    "a comment within": ('<c r="A1"><v>86<!-- <row r="9"> -->21</v></c>', (Kind.NUMBER, "8621", "General", False)),
    "an instruction within": ('<c r="A1"><?x <v>?><v>12</v></c>', (Kind.NUMBER, "12", "General", False)),
    "a raw > in a text": ('<c r="A1" t="str"><v>a > b</v></c>', (Kind.TEXT, "a > b", "General", False)),
    "a > in an attribute of a value": ('<c r="A1" t="str"><v foo="a>b">c</v></c>', (Kind.TEXT, "c", "General", False)),
    "a > in an attribute of a text": ('<c r="A1" t="inlineStr"><is><t foo=">">c</t></is></c>', (Kind.TEXT, "c", "General", False)),
    "a > in an attribute of a formula": ('<c r="A1"><f foo="a>b">c</f><v>1</v></c>', (Kind.NUMBER, "1", "General", True)),
    "a > in an attribute": ('<c r="A1" foo="a>b"><v>1</v></c>', (Kind.NUMBER, "1", "General", False)),
    "single quotes": ("<c r='A1' s='3'><v>1</v></c>", (Kind.NUMBER, "1", "00000000", False)),
    "line breaks in a tag": ('<c\n  r="A1"\n\ts = "3" ><v >1</v ></c >', (Kind.NUMBER, "1", "00000000", False)),
    "style first": ('<c s="3" r="A1"><v>1</v></c>', (Kind.NUMBER, "1", "00000000", False)),
    "small letters": ('<c r="a1"><v>1</v></c>', (Kind.NUMBER, "1", "General", False)),
    "references in attributes": ('<c r="&#65;1" s="&#x33;"><v>1</v></c>', (Kind.NUMBER, "1", "00000000", False)),
    "a boolean": ('<c r="A1" t="b"><v>1</v></c>', (Kind.BOOLEAN, "TRUE", "General", False)),
    "a false boolean": ('<c r="A1" t="b"><v>0</v></c>', (Kind.BOOLEAN, "FALSE", "General", False)),
    "a boolean in words": ('<c r="A1" t="b"><v>true</v></c>', (Kind.BOOLEAN, "TRUE", "General", False)),
    "an error": ('<c r="A1" t="e"><v>#N/A</v></c>', (Kind.ERROR, "#N/A", "General", False)),
    "a formula": ('<c r="A1"><f>1+1</f><v>2</v></c>', (Kind.NUMBER, "2", "General", True)),
    "a formula of a text": ('<c r="A1" t="str"><f>B1&amp;"x"</f><v>86x</v></c>', (Kind.TEXT, "86x", "General", True)),
    "a formula that gives no text": ('<c r="A1" t="str"><f>""</f><v></v></c>', (Kind.BLANK, "", "General", True)),
    "a shared formula": ('<c r="A1"><f t="shared" si="0"/><v>2</v></c>', (Kind.NUMBER, "2", "General", True)),
    "the first of a shared formula": ('<c r="A1"><f t="shared" ref="A1:A9" si="0">B1</f><v>2</v></c>', (Kind.NUMBER, "2", "General", True)),
    "a formula of an error": ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', (Kind.ERROR, "#DIV/0!", "General", True)),
    "a formula without a value": ('<c r="A1"><f>1+1</f></c>', (Kind.EMPTY_FORMULA, "", "General", True)),
    "a formula with an empty value": ('<c r="A1"><f>1+1</f><v></v></c>', (Kind.EMPTY_FORMULA, "", "General", True)),
    "a formula with a short empty value": ('<c r="A1"><f>1+1</f><v/></c>', (Kind.EMPTY_FORMULA, "", "General", True)),
    "a text formula without a value": ('<c r="A1" t="str"><f>A2</f></c>', (Kind.EMPTY_FORMULA, "", "General", True)),
    "a shared formula without a value": ('<c r="A1"><f t="shared" si="0"/></c>', (Kind.EMPTY_FORMULA, "", "General", True)),
    "an empty value": ('<c r="A1"><v/></c>', None),
    "a formatted blank": ('<c r="A1" s="3"/>', (Kind.BLANK, "", "00000000", False)),
    "a formatted blank, long": ('<c r="A1" s="3"></c>', (Kind.BLANK, "", "00000000", False)),
    "blanks between tags": ('\n <c r="A1">\n  <v>1</v>\n </c>\n', (Kind.NUMBER, "1", "General", False)),
    "an extension": ('<c r="A1"><v>1</v><extLst><ext xmlns:y="urn:y"><y:v>2</y:v></ext></extLst></c>', (Kind.NUMBER, "1", "General", False)),
}  # fmt: skip


def number(text: str) -> Cell:
    return Kind.NUMBER, text, "General", False


ROWS = {
    "leading blank rows are counted": ('<row r="7"><c r="C7"><v>1</v></c></row>', {7: (False, True, {"C7": number("1")})}),
    "hidden rows": (
        '<row r="1" hidden="1"/><row r="2" hidden="true" ht="15"/><row r="3" hidden="0"/><row r="4" hidden="false"/>',
        {1: (True, False, {}), 2: (True, False, {}), 3: (False, False, {}), 4: (False, False, {})},
    ),
    "rows of no height are hidden": (
        '<row r="1" ht="0" customHeight="1"/><row r="2" ht="0.0"/><row r="3" ht="0.75"/><row r="4" ht="10"/><row r="5" ht=""/>',
        {1: (True, False, {}), 2: (True, False, {}), 3: (False, False, {}), 4: (False, False, {}), 5: (False, False, {})},
    ),
    "a closed outline is hidden by its rows": (
        '<row r="1" outlineLevel="1" hidden="1"/><row r="2" collapsed="1" spans="1:2" x14ac:dyDescent="0.25"/>',
        {1: (True, False, {}), 2: (False, False, {})},
    ),
    "cells without addresses follow one another": (
        '<row r="3"><c><v>1</v></c><c r="D3"><v>2</v></c><c><v>3</v></c></row>',
        {3: (False, True, {"A3": number("1"), "D3": number("2"), "E3": number("3")})},
    ),
    "rows without numbers follow one another": (
        '<row><c><v>1</v></c></row><row r="5"><c><v>2</v></c></row><row><c><v>3</v></c></row>',
        {1: (False, True, {"A1": number("1")}), 5: (False, True, {"A5": number("2")}), 6: (False, True, {"A6": number("3")})},
    ),
    "rows out of order are put in order": (
        '<row r="9"><c r="A9"><v>9</v></c></row><row r="2" hidden="1"><c r="B2"><v>2</v></c></row><row r="5"/>',
        {2: (True, True, {"B2": number("2")}), 5: (False, False, {}), 9: (False, True, {"A9": number("9")})},
    ),
    "cells out of order have their own places": (
        '<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>',
        {1: (False, True, {"A1": number("1"), "C1": number("3")})},
    ),
    "content in a column that nobody asked for": (
        '<row r="1"><c r="Z1"><v>1</v></c></row><row r="2"><c r="Z2" s="1"/></row>',
        {1: (False, True, {}), 2: (False, False, {})},
    ),
    "the last cell of all": (
        '<row r="1048576"><c r="A1048576"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row>',
        {1048576: (False, True, {"A1048576": number("1")})},
    ),
    "a comment that looks like rows": (
        '<row r="1"><c r="A1"><v>1</v></c></row><!-- </sheetData><row r="2"><c r="A2"><v>2</v></c></row> -->'
        '<row r="3"><c r="A3"><v>3</v></c></row>',
        {1: (False, True, {"A1": number("1")}), 3: (False, True, {"A3": number("3")})},
    ),
    "no rows": ("", {}),
}  # fmt: skip


TROUBLES = {
    "two cells": ('<row r="17"><c r="C17"><v>1</v></c><c r="C17"><v>2</v></c></row>', {17: "two cells claim C17"}),
    "two cells apart": (
        '<row r="17"><c r="C17"><v>1</v></c><c r="D17"/><c r="C17"><v>2</v></c></row>', {17: "two cells claim C17"}
    ),
    "two cells of columns that nobody asked for": (
        '<row r="17"><c r="C17"><v>1</v></c><c r="AA17"/><c r="AA17"/></row>', {17: "two cells claim AA17"}
    ),
    "two rows": (
        '<row r="17"><c r="C17"><v>1</v></c></row><row r="17"><c r="D17"><v>2</v></c></row>',
        {17: "two rows of the file claim the number 17"},
    ),
    "two rows apart": (
        '<row r="17"><c r="C17"><v>1</v></c></row><row r="18"/><row r="17"><c r="C17"><v>2</v></c></row>',
        {17: "two cells claim C17"},
    ),
    "an address of another row": (
        '<row r="17"><c r="C18"><v>1</v></c></row>', {17: "a cell with the address C18 stands in row 17"}
    ),
}  # fmt: skip


PLAIN_ROWS = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="inlineStr"><is><t>Zürich €</t></is></c></row>'


PLAIN = {
    2: (
        False,
        True,
        {"A2": (Kind.TEXT, "CANCELLED", "General", False), "B2": (Kind.TEXT, "Zürich €", "General", False)},
    )
}


def prefixed(xml: str) -> str:
    return re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", xml).replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")


SHEET = worksheet(PLAIN_ROWS)


SPELLINGS: dict[str, str | bytes] = {
    "as usual": SHEET,
    "a byte order mark": b"\xef\xbb\xbf" + SHEET.encode(),
    "no declaration": SHEET.partition("?>")[2],
    "prefixes": prefixed(SHEET),
    "strict": SHEET.replace(MAIN, STRICT),
    "UTF-16": SHEET.replace("UTF-8", "UTF-16").encode("utf-16"),
    "UTF-16 without a mark": SHEET.replace("UTF-8", "UTF-16").encode("utf-16-be"),
    "cp1252": SHEET.replace("UTF-8", "windows-1252").encode("cp1252"),
    "single quotes": SHEET.replace('"', "'"),
    "line breaks": SHEET.replace(">", ">\r\n").replace("<t>\r\n", "<t>").replace("<v>\r\n", "<v>"),
    "other things around": worksheet(
        PLAIN_ROWS,
        '<sheetPr><tabColor rgb="FFFF0000"/></sheetPr><dimension ref="A1:B2"/><cols><col min="1" max="2" width="9"/></cols>',
        '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells><rowBreaks count="1"><brk id="1"/></rowBreaks>'
        "<!-- <row> --><extLst/>",
    ),
    "a comment first": SHEET.replace("<worksheet", "<!-- <sheetData> --><worksheet"),
    "an attribute first": SHEET.replace("<worksheet", '<worksheet xmlns:r="urn:r" r:x="&gt;"'),
}


ITEMS = '<si><t>a &amp; b</t></si><si><t/></si><si/><si><t xml:space="preserve"> c </t></si>'


RICH = (
    '<si><r><rPr><b/></rPr><t>8</t></r><r><t>62</t></r><rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/></si>'
)


SST = f'<sst xmlns="{MAIN}" count="9" uniqueCount="4">{ITEMS}{{}}<si><t>é_x0041_</t></si></sst>'


STRING_PARTS: dict[str, tuple[str | bytes, str]] = {
    "plain": (SST.format(""), ""),
    "rich": (SST.format(RICH), "862"),
    "a comment": (SST.format("<!-- </sst> --><si><t>x</t></si>"), "x"),
    "CDATA": (SST.format("<si><t><![CDATA[<si>]]></t></si>"), "<si>"),
    "prefixes": (prefixed(SST.format("")), ""),
    "strict": (SST.format("").replace(MAIN, STRICT), ""),
    "UTF-16": (('<?xml version="1.0" encoding="UTF-16"?>' + SST.format(RICH)).encode("utf-16"), "862"),
    "latin": (('<?xml version="1.0" encoding="ISO-8859-1"?>' + SST.format("")).encode("latin-1"), ""),
    "raw >": (SST.format("<si><t foo='>'>a > b></t></si>"), "a > b>"),
    "line breaks": (SST.format("").replace("><", ">\r\n<"), ""),
}


DAMAGED_SHEETS = {
    "a row too far down": (worksheet('<row r="1048577"/>'), "it has a row 1,048,577, and sheets end at row 1,048,576"),
    "a row 0": (worksheet('<row r="0"/>'), "it has a row 0"),
    "a row of no number": (worksheet('<row r="one"/>'), "a row has the number 'one'"),
    "a cell too far right": (worksheet('<row r="1"><c r="XFE1"/></row>'), "row 1 has a cell beyond column XFD"),
    "an address of no cell": (worksheet('<row r="1"><c r="1A"/></row>'), "a cell of row 1 has the address '1A'"),
    "a type of no cell": (worksheet('<row r="1"><c r="A1" t="zz"/></row>'), "a cell has the type 'zz' and the style '0'"),
    "a style of no cell": (worksheet('<row r="1"><c r="A1" s="x"/></row>'), "a cell has the type 'n' and the style 'x'"),
    "a text of no number": (worksheet('<row r="1"><c r="A1" t="s"><v>x</v></c></row>'), "cell A1 names a text that the workbook does not hold"),
    "a text of too high a number": (worksheet('<row r="1"><c r="A1" t="s"><v>6</v></c></row>'), "cell A1 names a text"),
    "a text of a negative number": (worksheet('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'), "cell A1 names a text"),
    "an unknown entity": (worksheet('<row r="1"><c r="A1" t="str"><v>&nbsp;</v></c></row>'), "its XML can't be read"),
    "an ampersand": (worksheet('<row r="1"><c r="A1" t="str"><v>a & b</v></c></row>'), "its XML can't be read"),
    "a character that XML forbids": (worksheet('<row r="1"><c r="A1" t="str"><v>&#1;</v></c></row>'), "its XML can't be read"),
    "a lone surrogate": (worksheet('<row r="1"><c r="A1" t="str"><v>&#xD800;</v></c></row>'), "its XML can't be read"),
    "bytes that are no UTF-8": (worksheet('<row r="1"><c r="A1" t="str"><v>€</v></c></row>').encode("cp1252"), "its XML can't be read"),
    "an encoding that nobody knows": (SHEET.replace("UTF-8", "klingon"), "its XML can't be read"),
    "an encoding of many bytes": (SHEET.replace("UTF-8", "shift_jis"), "its XML can't be read"),
    "cut in a row": (SHEET[:-40], "its XML can't be read"),
    "cut after the rows": (SHEET.partition("</sheetData>")[0], "its end is missing"),
    "cut before the rows": (SHEET.partition("<sheetData>")[0], "its XML can't be read"),
    "a row that is not closed": (worksheet('<row r="1"><c r="A1"><v>1</v></c>'), "its XML can't be read"),
    "another kind of part": ('<chartsheet xmlns="urn:x"/>', "it is no worksheet"),
    "nothing": ("", "its XML can't be read"),
    "a DTD": ('<!DOCTYPE worksheet [<!ENTITY x "1">]>' + SHEET.partition("?>")[2].strip(), "it declares a DTD"),
    "endless depth": (worksheet("", before="<a>" * 200 + "</a>" * 200 + SLOWLY), "its XML is nested too deeply"),
}  # fmt: skip


def without(parts: dict[str, str | bytes], *names: str) -> dict[str, str | bytes]:
    return {name: content for name, content in parts.items() if name not in names}


DAMAGED_BOOKS = {
    "a zip of something else": ({"readme.txt": "hello"}, "This is no Excel workbook"),
    "a document": (
        {
            "_rels/.rels": relations(("a", f"{OFFICE}/officeDocument", "word/document.xml")),
            "word/document.xml": "<w:document xmlns:w='urn:w'/>",
        },
        "This is an Office document, but no Excel workbook",
    ),
    "no workbook": (without(workbook_parts(SHEET), "xl/workbook.xml"), "This is no Excel workbook"),
    "no relationships": (without(workbook_parts(SHEET), "xl/_rels/workbook.xml.rels"), "the worksheet 'Orders' is missing"),
    "no worksheet part": (without(workbook_parts(SHEET), "xl/worksheets/sheet1.xml"), "the worksheet 'Orders' is missing"),
    "only charts": (workbook_parts(SHEET, sheets=" "), "This workbook has no worksheet"),
    "two sheets of one name": (
        workbook_parts(SHEET, sheets='<sheet name="Orders" sheetId="1" r:id="rId1"/>' * 2), "two worksheets have one name"
    ),
    "a workbook that is no XML": (workbook_parts(SHEET) | {"xl/workbook.xml": "<workbook"}, "its part xl/workbook.xml can't be read"),
    "styles that are no XML": (workbook_parts(SHEET) | {"xl/styles.xml": "x"}, "its part xl/styles.xml can't be read"),
    "texts that are no XML": (workbook_parts(SHEET, "x"), "This workbook is damaged where its texts stand: its XML can't be read"),
    "texts that are something else": (workbook_parts(SHEET, SHEET), "This workbook is damaged where its texts stand: it holds no texts"),
    "texts cut short": (workbook_parts(SHEET, STRINGS.replace("</sst>", "")), "its end is missing"),
    "texts with a DTD": (workbook_parts(SHEET, "<!DOCTYPE sst>" + STRINGS.partition("?>")[2].strip()), "it declares a DTD"),
    "no texts": (without(workbook_parts(SHEET), "xl/sharedStrings.xml"), "cell A2 names a text that the workbook does not hold"),
}  # fmt: skip
