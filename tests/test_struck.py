"""Text that is struck out, or raised beside other text, is never joined to it and sent; nor is a formula's stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.xlsx.reading.number_formats import is_struck
from tests.bare_parts import DECLARATION, MAIN, workbook_parts, worksheet, write_zip
from tests.decided import Decided, decided, text_cell
from tests.xlsx_cases import SLOWLY

FONTS = '<fonts><font/><font><strike/></font><font><strike val="0"/></font><font><strike val="true"/></font></fonts>'
USED = "".join(f'<xf fontId="{font}"/>' for font in range(4))
STYLES = f'<styleSheet xmlns="{MAIN}">{FONTS}<cellXfs>{USED}</cellXfs></styleSheet>'
OUT = (
    "and it or a part of it is struck out or raised: what is struck out is not meant; write the right AWB without, or "
    "delete the row"
)
HEADERS = ("Order ID", "AWB No", "Status")


def orders(folder: Path, awb: str, strings: str = "", settings: str = "", before: str = "") -> Decided:
    """One order whose AWB cell is given as XML."""
    names = "".join(text_cell(f"{chr(65 + at)}1", name) for at, name in enumerate(HEADERS))
    rows = f'<row r="1">{names}</row><row r="2">{text_cell("A2", "OD-1")}{awb}{text_cell("C2", "Cancelled")}</row>'
    shared = f'{DECLARATION}<sst xmlns="{MAIN}"><si><t>plain</t></si>{strings}</sst>'
    parts = workbook_parts(worksheet(rows, before), shared, settings=settings)
    parts["xl/styles.xml"] = STYLES
    return decided(write_zip(folder / "orders.xlsx", parts))


STRIKE, RAISED = "<rPr><strike/></rPr>", '<rPr><vertAlign val="superscript"/></rPr>'


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("before", ["", SLOWLY])
@pytest.mark.parametrize(
    ("runs", "seen"),
    [
        (f"<r>{STRIKE}<t>86210013401</t></r><r><t>86210013402</t></r>", ""),
        (f"<r><t>86210013401</t></r><r>{STRIKE}<t> old</t></r>", ""),
        (f"<r><t>86210013401</t></r><r>{RAISED}<t>1</t></r>", ""),
        (f"<r>{STRIKE}<t>86210013401</t></r>", ""),
        ("<r><rPr><b/></rPr><t>86210</t></r><r><t>013401</t></r>", "86210013401"),
        ('<r><rPr><strike val="0"/></rPr><t>86210013401</t></r>', "86210013401"),
        (f"<r>{RAISED}<t>86210013401</t></r>", "86210013401"),
        ('<t>86210013401</t><rPh sb="0" eb="1"><t>9</t></rPh>', "86210013401"),
    ],
)
def test_parts_that_are_struck_out_or_raised_make_the_cell_a_problem(
    tmp_path: Path, runs: str, seen: str, before: str, *, shared: bool
) -> None:
    cell = '<c r="B2" t="s"><v>1</v></c>' if shared else f'<c r="B2" t="inlineStr"><is>{runs}</is></c>'
    found = orders(tmp_path, cell, f"<si>{runs}</si>" if shared else "", before=before)
    assert found.sent == ({2: seen} if seen else {})
    assert (OUT in found.invalid.get(2, "")) is not seen


@pytest.mark.parametrize(("style", "sent"), [(0, True), (1, False), (2, True), (3, False)])
def test_a_cell_that_its_style_strikes_out_is_a_problem(tmp_path: Path, style: int, *, sent: bool) -> None:
    found = orders(tmp_path, text_cell("B2", "86210013401", style))
    assert found.sent == ({2: "86210013401"} if sent else {})
    assert found.invalid == ({} if sent else {2: f"Orders!B2 holds 86210013401, {OUT}"})


def test_a_font_says_in_many_ways_that_it_strikes_nothing_out() -> None:
    spelt = [is_struck("strike", {"val": value}) for value in ("0", "false", "off", "1", "true")]
    assert spelt == [False, False, False, True, True]
    assert [is_struck("strike", {}), is_struck("b", {})] == [True, False]


# --- formulas that were never calculated ------------------------------------------------------------------------------

FORMULA = '<c r="B2"{0}><f>X1</f>{1}</c>'
UNCALCULATED = (
    "Orders!B2 holds a formula without a result: the program that made the file did not calculate it; open the file in "
    "Excel, save it and try again"
)


@pytest.mark.parametrize(
    ("kind", "value"), [("", "<v>0</v>"), ("", "<v>0.0</v>"), (' t="str"', "<v></v>"), ("", "")]
)  # fmt: skip
def test_what_stands_in_for_a_result_is_none_in_a_book_to_be_calculated(tmp_path: Path, kind: str, value: str) -> None:
    calculated = '<calcPr calcId="1" fullCalcOnLoad="1"/>'
    assert orders(tmp_path, FORMULA.format(kind, value), settings=calculated).invalid == {2: UNCALCULATED}


def test_a_result_that_is_no_stand_in_is_believed(tmp_path: Path) -> None:
    cell = FORMULA.format("", "<v>86210013401</v>")
    assert orders(tmp_path, cell, settings='<calcPr fullCalcOnLoad="1"/>').sent == {2: "86210013401"}
    assert orders(tmp_path, cell, settings='<calcPr fullCalcOnLoad="0"/>').sent == {2: "86210013401"}
