"""A number or a text in a column that decides is what its number format shows, or the cell is a problem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.cells.problems import Deciding
from pipeline.cells.rendering import shown_number
from pipeline.cells.shown import MOST_NUMBERS, as_shown
from pipeline.model.sheet import CellColumn, Kind
from tests.bare_parts import styles, workbook_parts, worksheet, write_zip
from tests.decided import Decided, decided, text_cell
from tests.test_displayed import column, read

HIDES = "the format hides it; export the column again as text"


def seen(text: str, kind: Kind, code: str) -> str:
    """What is shown, or the doubt."""
    shown = as_shown(column([text], kind, code), Deciding.STATE)
    return str(shown.text.iloc[0]) if shown.doubt.iloc[0] == "" else f"? {shown.doubt.iloc[0]}"


# Excel's answers, and those of LibreOffice where it is named; programs that differ make the cell a problem.
NUMBERS = [
    ("General", "2", "2"),
    ("0", "2", "2"),
    ("0", "0.6", "1"),
    ("0", "-0.4", "0"),
    ("0.00", "1299.5", "1299.50"),
    ("0.0", "0.25", "0.3"),
    ("#,##0.00", "999.995", "1,000.00"),
    ("#,##0", "1234567", "1,234,567"),
    ("##\\,##\\,##0", "129900", "1,29,900"),
    ('"₹"#,##0.00', "1299", "₹1,299.00"),
    ("[$₹-4009]\\ #,##0.00", "1299", "₹ 1,299.00"),
    ("#,##0.00;[Red]-#,##0.00", "-1234.5", "-1,234.50"),
    ("#,##0.00_);(#,##0.00)", "-1234.5", "(1,234.50)"),
    ("0.00,", "129900", "129.90"),
    ('#,##0,"k"', "129900", "130k"),
    ("0%", "0.15", "15%"),
    ("0.##", "1.5", "1.5"),
    ("0000-00-00", "20260131", "2026-01-31"),
    ('[=1]"New Order";[=2]"Delivered";0', "2", "Delivered"),
    ('[=1]"New Order";[=2]"Delivered";0', "3", "3"),
    ('[=1]"Keep";[=0]"Cancel"', "1", "Keep"),
    ('[=1]"Keep";[=0]"Cancel"', "0", "Cancel"),
    ('"yes";"yes";"no"', "0", "no"),
    ('General" pcs"', "5", "5 pcs"),
    ('"Not "@', "1", "1"),
    ('0;0;0;"Delivered"', "1", "1"),
]


@pytest.mark.parametrize(("code", "number", "shown"), NUMBERS)
def test_a_number_is_what_its_format_shows(code: str, number: str, shown: str) -> None:
    assert seen(number, Kind.NUMBER, code) == shown


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        ('"Not "@', "Cancel Requested", "Not Cancel Requested"),
        ('@"?"', "yes", "yes?"),
        ('0;0;0;"Delivered"', "New", "Delivered"),
        ("General;General;General;\"SF\"@", "1", "SF1"),
        ("_(@_)", "New", "New"),
        ("[Red]@", "New", "New"),
        ('"Not"@', " Delivered ", "Not Delivered"),
        ("0.00", "New", "New"),
        ("dd-mm-yyyy;@", "New", "New"),
        (";;", "New", "New"),
    ],
)  # fmt: skip
def test_a_text_is_what_its_format_shows(code: str, text: str, shown: str) -> None:
    assert seen(text, Kind.TEXT, code) == shown


@pytest.mark.parametrize(
    ("kind", "text", "code", "doubt"),
    [
        (Kind.NUMBER, "1", ";;;", f"holds the number 1 under the number format ;;;: {HIDES}"),
        (Kind.NUMBER, "0", "0;0;", f"holds the number 0 under the number format 0;0;: {HIDES}"),
        (Kind.TEXT, "New", ";;;", f"holds New under the number format ;;;: {HIDES}"),
        (
            Kind.NUMBER,
            "2",
            '[=1]"Keep";[=0]"Cancel"',  # Excel shows ###
            'holds the number 2 under the number format [=1]"Keep";[=0]"Cancel": the format shows something else than '
            "is stored, and which one is meant can't be told; export the column again as text",
        ),
        (
            Kind.TEXT,
            "New",
            "@*-",
            "holds New under the number format @*-: the format shows something else than is stored, and what can't "
            "be told; export the column again as text",
        ),
        (
            Kind.DATE,
            "2026-01-31",
            "yyyy",
            "holds the date 2026-01-31 under the number format yyyy: the format does not show that day; "
            "export the column again as text",
        ),
        (
            Kind.ERROR,
            "#N/A",
            "General",
            "holds the error #N/A: the formula in the cell fails; mend it, or type the state as text",
        ),
        (
            Kind.EMPTY_FORMULA,
            "",
            "General",
            "holds a formula without a result: the program that made the file did not calculate it; open the file in "
            "Excel, save it and try again",
        ),
    ],
)  # fmt: skip
def test_what_is_hidden_or_can_not_be_told_is_a_problem(kind: Kind, text: str, code: str, doubt: str) -> None:
    assert seen(text, kind, code) == f"? {doubt}"


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("yyyy-mm-dd", True), ("mm-dd-yy", True), ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", True), ("d-mmm", True),
        ("m/d/yyyy h:mm AM/PM", True), ('yyyy"年"m"月"d"日"', True), ("yyyy-mm-ddThh:mm:ss", True), ("General", True),
        ("mmm-yy", False), ("h:mm", False), ('"31-12-2025"', False), ('dd-mm-yyyy" (old)"', False), ("d", False),
        ('[<46000]"old";dd-mm-yyyy', False), ('dd"0"mm', False), ("b yyyy", False), (";;;", False),
    ],
)  # fmt: skip
def test_a_date_counts_where_its_format_shows_the_day_and_the_month(code: str, shows: bool) -> None:
    assert (seen("2026-01-31", Kind.DATE, code) == "2026-01-31") is shows


@pytest.mark.parametrize(("code", "number"), [('"-"', "-1"), ("#", "-0.4"), ("#,", "-1"), ('"Cancel"', "-1")])
def test_a_sign_before_no_digit_is_a_problem_for_programs_differ(code: str, number: str) -> None:
    assert seen(number, Kind.NUMBER, code).startswith("? ")


def test_many_amounts_are_rounded_as_they_are_shown() -> None:
    numbers = [f"{number}.005" for number in range(MOST_NUMBERS + 10)]
    shown = as_shown(column([*numbers, "1.2E+3"], Kind.NUMBER, "#,##0.00"), Deciding.AMOUNT)
    assert shown.text.iloc[7] == "7.01"
    assert shown.text.iloc[-1] == "1200"
    for number in numbers[:50]:
        rendered = shown_number("#,##0.00", number)
        assert rendered is not None
        assert float(rendered) == float(shown.text.iloc[int(number.partition(".")[0])])
    hidden = as_shown(column(numbers, Kind.NUMBER, ";;;"), Deciding.AMOUNT)
    assert (hidden.doubt != "").all()


def test_an_awb_is_what_its_text_format_shows() -> None:
    assert read("86210010480001", Kind.TEXT, '"SF"@') == ("SF86210010480001", "")
    assert read("86210010480001", Kind.TEXT, ";;;")[1] == f"holds 86210010480001 under the number format ;;;: {HIDES}"
    assert read("0", Kind.NUMBER, "000000;;")[1] == f"holds the number 0 under the number format 000000;;: {HIDES}"
    assert read("0", Kind.NUMBER, "00000000") == ("00000000", "")


def test_formats_that_the_file_does_not_tell_change_nothing() -> None:
    cells = CellColumn(
        np.array([Kind.NUMBER], np.int8), pd.Series(["1"], dtype="str"), np.array([-1], np.int32), ("General", ";;;")
    )
    assert as_shown(cells, Deciding.MARK).text.tolist() == ["1"]


# --- which rows are picked ------------------------------------------------------------------------------------------


def orders(folder: Path, code: str, header: str, *cells: str) -> Decided:
    """What becomes of orders whose last column has a format; each cell as XML without its address and style."""
    heads = ("AWB Code", "Order ID", header)
    rows = f'<row r="1">{"".join(text_cell(f"{chr(65 + at)}1", name) for at, name in enumerate(heads))}</row>'
    for number, cell in enumerate(cells, start=2):
        rows += f'<row r="{number}">{text_cell(f"A{number}", f"8621001046390{number}")}'
        rows += f'{text_cell(f"B{number}", f"O{number}")}<c r="C{number}" s="1"{cell}</c></row>'
    parts = workbook_parts(worksheet(rows))
    parts["xl/styles.xml"] = styles(("General", code))
    return decided(write_zip(folder / "orders.xlsx", parts))


def number(value: str) -> str:
    return f"><v>{value}</v>"


def text(value: str) -> str:
    return f' t="inlineStr"><is><t>{value}</t></is>'


def test_marks_are_read_through_their_format(tmp_path: Path) -> None:
    keep = orders(tmp_path, '[=1]"Keep";[=0]"Cancel"', "Cancel", number("1"), number("0"), number("1"))
    assert keep.sent == {3: "86210010463903"}
    assert keep.left == {2: 'marked "Keep"', 4: 'marked "Keep"'}
    hidden = orders(tmp_path, ";;;", "Cancel", number("1"), number("0"))
    assert hidden.sent == {}
    assert hidden.invalid[2] == f"Orders!C2 holds the number 1 under the number format ;;;: {HIDES}"


def test_states_are_read_through_their_format(tmp_path: Path) -> None:
    negated = orders(tmp_path, '"Not "@', "Order Status", text("Cancel Requested"), text("New Order"))
    assert negated.sent == {}
    assert set(negated.left) == {2, 3}
    late = orders(tmp_path, '0;0;0;"Delivered"', "Order Status", text("Cancel Requested"))
    assert late.left == {2: 'its status "Delivered" does not ask for cancelling, and is too late for it'}
    hidden = orders(tmp_path, ";;;", "Order Status", text("Cancel Requested"))
    assert hidden.invalid == {2: f"Orders!C2 holds Cancel Requested under the number format ;;;: {HIDES}"}
