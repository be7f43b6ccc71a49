"""The messes of docs/order-exports.md that need a workbook, each made by hand; every name and number in them is made
up."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

HEADER = ("Order No", "AWB No", "Status")
TO_CANCEL = "Cancel Requested"

Build = Callable[[Workbook], None]


def made(build: Build) -> bytes:
    """A workbook, the same bytes on every day."""
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 11, 1, tzinfo=UTC).replace(tzinfo=None)})
    build(book)
    book.close()
    with zipfile.ZipFile(buffer) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    return zipped(parts)


def zipped(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of these parts, with one fixed time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def rows(sheet: Worksheet, *lines: Sequence[object], first: int = 0) -> None:
    """Writes rows as they stand: texts as texts, numbers as numbers."""
    for number, line in enumerate(lines, start=first):
        for column, value in enumerate(line):
            if isinstance(value, str) and value:
                sheet.write_string(number, column, value)
            elif value not in ("", None):
                sheet.write(number, column, value)


def simple(*lines: Sequence[object], name: str = "Orders") -> bytes:
    """A workbook of one sheet."""
    return made(lambda book: rows(book.add_worksheet(name), *lines))


def order(number: int, awb: object, status: str = TO_CANCEL) -> tuple[object, ...]:
    """One made-up order."""
    return (f"SO-{number}", awb, status)


def number_format(shown: str, *awbs: object) -> bytes:
    """AWBs as numbers under a number format."""

    def build(book: Workbook) -> None:
        sheet, style = book.add_worksheet("Orders"), book.add_format({"num_format": shown})
        rows(sheet, HEADER, *(order(number, "") for number in range(1, len(awbs) + 1)))
        for number, awb in enumerate(awbs, start=1):
            sheet.write(number, 1, awb, style)

    return made(build)


def formulas(*results: tuple[str, object]) -> bytes:
    """AWBs as formulas, with what the file says that they come to."""

    def build(book: Workbook) -> None:
        sheet = book.add_worksheet("Orders")
        rows(sheet, HEADER, *(order(number, "") for number in range(1, len(results) + 1)))
        for number, (formula, value) in enumerate(results, start=1):
            sheet.write_formula(number, 1, formula, None, value)

    return made(build)


def group_row_above(book: Workbook) -> None:
    """A merged group row, then the header."""
    sheet = book.add_worksheet("Orders")
    sheet.merge_range(0, 0, 0, 1, "Order", book.add_format({"align": "center"}))
    rows(sheet, ("AWB No", "Order No", "Status"), ("86210010463", "SO-1", TO_CANCEL), first=1)


def formatted_empty_rows(book: Workbook) -> None:
    """Two orders and a thousand rows with nothing but a border."""
    sheet, border = book.add_worksheet("Orders"), book.add_format({"border": 1})
    rows(sheet, HEADER, order(1, "86210010463"), order(2, "86210010464"))
    for number in range(3, 1003):
        for column in range(3):
            sheet.write_blank(number, column, None, border)


def one_sheet_a_month(book: Workbook) -> None:
    """Three months, three spellings."""
    rows(book.add_worksheet("Sep 26"), ("AWBNO.", "STATUS"), ("86210010463", TO_CANCEL))
    rows(book.add_worksheet("Oct 26"), ("AWB NO.", "Status"), ("86210010464", TO_CANCEL))
    rows(book.add_worksheet("Nov 26"), ("Awb No", "STATUS "), ("86210010465", TO_CANCEL))


def sheets(*, hide: Callable[[Worksheet], None] | None = None) -> Build:
    """A cover first, then the orders, which may be hidden."""

    def build(book: Workbook) -> None:
        rows(book.add_worksheet("Read me"), ("How to use this workbook",), ("Fill in the AWB of each order.",))
        orders = book.add_worksheet("Orders")
        rows(orders, HEADER, order(1, "86210010463"))
        if hide is not None:
            hide(orders)

    return build


def filtered_rows(book: Workbook) -> None:
    """A filter that shows one of three orders."""
    sheet = book.add_worksheet("Orders")
    rows(sheet, HEADER, order(1, "86210010463"), order(2, "86210010464", "New"), order(3, "86210010465", "New"))
    sheet.autofilter(0, 0, 3, 2)
    sheet.filter_column(2, f'x == "{TO_CANCEL}"')
    for number in (2, 3):
        sheet.set_row(number, None, None, {"hidden": True})


def rich_text(book: Workbook) -> None:
    """An AWB of which two digits are bold."""
    sheet, bold = book.add_worksheet("Orders"), book.add_format({"bold": True})
    rows(sheet, HEADER, order(1, ""))
    sheet.write_rich_string(1, 1, "862100", bold, "10", "463")


def hyperlinks(book: Workbook) -> None:
    """An AWB that leads to the courier's page."""
    sheet = book.add_worksheet("Orders")
    rows(sheet, HEADER, order(1, ""))
    sheet.write_url(1, 1, "https://courier.example/track", string="86210010463")


def error_cells(book: Workbook) -> None:
    """A lookup that found nothing."""
    sheet = book.add_worksheet("Orders")
    rows(sheet, HEADER, order(1, ""), order(2, "86210010464"))
    sheet.write_formula(1, 1, "=VLOOKUP(A2,Z1:Z9,1,0)", None, "#N/A")


def dates_and_booleans(book: Workbook) -> None:
    """What Excel makes of some AWBs when they are typed."""
    sheet, style = book.add_worksheet("Orders"), book.add_format({"num_format": "dd-mm-yyyy"})
    rows(sheet, HEADER, order(1, True), order(2, ""))
    sheet.write_datetime(2, 1, datetime(2026, 1, 31, tzinfo=UTC).replace(tzinfo=None), style)


def workbooks() -> dict[str, bytes]:
    """File name -> content."""
    return {
        "mixed_storage.xlsx": simple(
            HEADER, order(1, 86210010463), order(2, "86210010464"), order(3, "SF1234567AB"), order(4, "12 12345678")
        ),
        "number_format_with_zeros.xlsx": number_format("00000000", 12345, 678),
        "number_format_that_shows_another_number.xlsx": number_format("0,", 86210010463),
        "number_format_scientific.xlsx": number_format("0.00E+00", 86210010463),
        "sixteen_digits_and_more.xlsx": simple(
            ("Order ID", "Tracking ID", "Order Status"),
            (576543210987654321, 1234567890123456, TO_CANCEL),
            ("576543210987654321", "1234567890123456", TO_CANCEL),
        ),
        "titles_above.xlsx": simple(
            ("Example Traders",), ("AWB report, November",), (), HEADER, order(1, "86210010463")
        ),
        "group_row_above.xlsx": made(group_row_above),
        "description_row_below.xlsx": simple(
            ("Order ID", "Tracking ID", "Order Status", "Shipping Provider Name"),
            ("Platform unique order ID.", "Package tracking number.", "Status of the order.", "Who carries it."),
            ("576543210987654321", "BR862100104AB", "Canceled", "Alpha Log"),
        ),
        "formula_row_below.xlsx": simple(
            (*HEADER, "Total"), ("(A)", "(B)", "(C)", "(D)"), (*order(1, "86210010463"), 349),
            (*order(2, "86210010464"), 1),
        ),
        "line_breaks_in_names.xlsx": simple(("Order\nNo ", " AWB\r\nNumber", "Status  "), order(1, "86210010463")),
        "two_columns_of_one_name.xlsx": simple(
            ("AWB NO.", "Reference", "AWB NO."), ("86210010463", "SO-1", "86210010999")
        ),
        "rto_waybill_beside_the_awb.xlsx": simple(
            ("Order ID", "AWB Code", "RTO WayBill", "Status"), ("SO-1", "86210010463", "86210010999", TO_CANCEL)
        ),
        "grand_total.xlsx": simple(HEADER, order(1, "86210010463"), order(2, "86210010464"), ("Grand Total", 2, "")),
        "grand_total_over_the_awbs.xlsx": simple(HEADER, order(1, 86210010463), ("Grand Total", 86210010463, "")),
        "block_after_a_blank_row.xlsx": simple(
            HEADER, order(1, "86210010463"), (), order(2, "86210010464"), ("Checked by",)
        ),
        "formatted_empty_rows.xlsx": made(formatted_empty_rows),
        "cover_sheet_first.xlsx": made(sheets()),
        "hidden_sheet.xlsx": made(sheets(hide=Worksheet.hide)),
        "very_hidden_sheet.xlsx": made(sheets(hide=Worksheet.very_hidden)),
        "one_sheet_a_month.xlsx": made(one_sheet_a_month),
        "filtered_rows.xlsx": made(filtered_rows),
        "formula_with_its_value.xlsx": formulas(("=B9", "86210010463"), ("=B9+1", 86210010464)),
        "formula_without_its_value.xlsx": formulas(("=B9", "")),
        "error_cells.xlsx": made(error_cells),
        "rich_text.xlsx": made(rich_text),
        "hyperlinks.xlsx": made(hyperlinks),
        "dates_and_booleans.xlsx": made(dates_and_booleans),
        "phone_numbers.xlsx": simple(HEADER, order(1, 9876543210), order(2, 8876543210)),
        "awb_is_the_order_number.xlsx": simple(
            HEADER, ("SO100001", "SO100001", TO_CANCEL), ("SO100002", "SO100002", "")
        ),
        "annotated_by_an_earlier_run.xlsx": simple(
            ("Order No", "AWB No", "Order Status", "status", "remark", "refnum"),
            ("SO-1", "86210010463", TO_CANCEL, "Success", "Cancel Request Received", "SO-1"),
        ),
    }  # fmt: skip
