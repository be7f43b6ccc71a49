"""Makes the sample exports. Everything in them is made up; AWB endings choose what the built-in service answers.

python sample_data/make_samples.py            says which files would change, and changes none
python sample_data/make_samples.py --write    writes them
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent
HEADERS = (
    "Order No", "Order Date", "Customer", "City", "Courier", "AWB No", "Order Status", "Payment Mode", "Amount",
    "GST 18%", "Note",
)  # fmt: skip
CITIES = ("Pune", "Surat", "Kochi", "Nagpur", "Indore", "Jaipur", "Mysuru", "Bhopal")
COURIERS = ("Delhivery", "Xpressbees", "Ecom Express", "Blue Dart")
CUSTOMERS = ("A. Example", "B. Sample", "C. Specimen", "D. Muster", "E. Demo", "F. Beispiel")
TO_CANCEL, LATE, OPEN = "Cancel Requested", "Delivered", "Ready to Ship"

ENDINGS = (
    "01", "02", "03", "80", "90", "91", "04", "92", "93", "05", "94", "06", "97", "98", "07", "96", "08", "09", "10",
    "11",
)  # fmt: skip
"""Of the AWBs to cancel, in turn: one for each answer of the built-in service, but for the cut connection."""


@dataclass(frozen=True)
class Order:
    """One made-up order."""

    ref: str
    day: date
    customer: str
    city: str
    courier: str
    awb: str
    status: str
    payment: str
    amount: float


def orders(count: int = 60) -> list[Order]:
    """The orders of the sample, the same every time."""
    made, asked = [], 0
    for number in range(count):
        status = TO_CANCEL if number % 2 == 0 else (LATE, OPEN, "In Transit")[number % 3]
        ending = ENDINGS[asked % len(ENDINGS)] if status == TO_CANCEL else f"{20 + number % 50:02d}"
        asked += status == TO_CANCEL
        made.append(
            Order(
                ref=f"SO-{24100 + number}",
                day=date(2026, 10, 1) + timedelta(days=number // 2),
                customer=CUSTOMERS[number % len(CUSTOMERS)],
                city=CITIES[number % len(CITIES)],
                courier=COURIERS[number % len(COURIERS)],
                awb=f"1319{4800000 + number * 137:07d}{ending}",
                status=status,
                payment="COD" if number % 3 == 0 else "Prepaid",
                amount=round(349 + (number * 7919) % 4200 + (number % 4) * 0.25, 2),
            )
        )
    return made


def write_xlsx(path: Path) -> None:
    """A believable ERP export: titles, formats, formulas, a filter, a hidden row, a chart, bad AWBs."""
    book = xlsxwriter.Workbook(path)
    book.set_properties(
        {"created": datetime(2026, 11, 1, tzinfo=UTC).replace(tzinfo=None), "title": "Made-up order export"}
    )
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "white", "border": 1, "text_wrap": True})
    day = book.add_format({"num_format": "dd-mm-yyyy"})
    money = book.add_format({"num_format": '"₹" #,##0.00'})
    whole = book.add_format({"num_format": "0"})
    sheet = book.add_worksheet("Orders")
    sheet.merge_range("A1:K1", "Example Traders - order register, October 2026", title)
    sheet.write("A2", "Made-up data for trying bulk-cancel")
    sheet.write_row(3, 0, HEADERS, head)
    sheet.freeze_panes(4, 1)
    for column, width in enumerate((11, 12, 14, 10, 14, 18, 18, 13, 12, 11, 24)):
        sheet.set_column(column, column, width)
    listed = orders()
    for row, order in enumerate(listed, 4):
        sheet.write_row(row, 0, (order.ref,))
        sheet.write_datetime(row, 1, datetime.combine(order.day, datetime.min.time()), day)
        sheet.write_row(row, 2, (order.customer, order.city, order.courier))
        _write_awb(sheet, row, order, whole)
        sheet.write_row(row, 6, (order.status, order.payment))
        sheet.write_number(row, 8, order.amount, money)
        sheet.write_formula(row, 9, f"=ROUND(I{row + 1}*0.18/1.18,2)", money, round(order.amount * 0.18 / 1.18, 2))
    last = 4 + len(listed)
    sheet.set_row(4 + 10, None, None, {"hidden": True})  # hidden by hand: left out unless --include-hidden
    sheet.write(4 + 22, 10, "same parcel as two rows above")
    sheet.autofilter(3, 0, last - 1, len(HEADERS) - 1)
    sheet.conditional_format(4, 8, last - 1, 8, {"type": "data_bar", "bar_color": "#9DC3E6"})
    sheet.write(last + 1, 7, "Grand Total", book.add_format({"bold": True}))
    sheet.write_formula(last + 1, 8, f"=SUM(I5:I{last})", money, round(sum(order.amount for order in listed), 2))
    _second_sheet(book, listed)
    book.close()
    _fix_times(path)


def _write_awb(sheet: xlsxwriter.worksheet.Worksheet, row: int, order: Order, whole: xlsxwriter.format.Format) -> None:
    number = row - 4
    if number == 24:
        sheet.write_string(row, 5, orders()[22].awb)  # two rows, one parcel
    elif number == 26:
        sheet.write_string(row, 5, "1.31948E+12")  # digits lost by a re-save
    elif number == 28:
        sheet.write_blank(row, 5, None)
    elif number == 30:
        sheet.write_number(row, 5, 13194800001234567890)  # too long for a number cell
    elif number % 5 == 0:
        sheet.write_number(row, 5, int(order.awb), whole)
    else:
        sheet.write_string(row, 5, order.awb)


def _second_sheet(book: xlsxwriter.Workbook, listed: list[Order]) -> None:
    sheet = book.add_worksheet("By courier")
    sheet.write_row(0, 0, ("Courier", "Amount"))
    for row, courier in enumerate(COURIERS, 1):
        total = round(sum(order.amount for order in listed if order.courier == courier), 2)
        sheet.write(row, 0, courier)
        sheet.write_formula(row, 1, f"=SUMIF(Orders!E5:E64,A{row + 1},Orders!I5:I64)", None, total)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "='By courier'!$A$2:$A$5", "values": "='By courier'!$B$2:$B$5", "name": "Amount"})
    sheet.insert_chart("D2", chart)


def _fix_times(path: Path) -> None:
    """The same bytes on every machine and day."""
    with zipfile.ZipFile(path) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def plain_csv() -> bytes:
    """A tidy courier panel export."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(("Order ID", "AWB Code", "Courier Company", "Status", "Payment Method", "Order Total"))
    for order in orders(40):
        status = "CANCELLATION REQUESTED" if order.status == TO_CANCEL else order.status.upper()
        lines.writerow((order.ref, order.awb, order.courier, status, order.payment, f"{order.amount:.2f}"))
    return text.getvalue().encode()


def ugly_csv() -> bytes:
    """A CSV as they really come: a title, semicolons, cp1252, wrappers, notes over two lines, a footer."""
    lines = [
        "Example Traders – dispatch list;;;;;",
        "",
        "Order No.;AWBNO.;Cancel;Amount;Note;City",
    ]
    for number, order in enumerate(orders(24)):
        awb = (f'="{order.awb}"', f"'{order.awb}", order.awb, f" {order.awb} ")[number % 4]
        quoted = '"' + awb.replace('"', '""') + '"' if number % 4 == 0 else awb
        mark = "yes" if order.status == TO_CANCEL else "no"
        note = '"two lines,\r\none field"' if number % 7 == 0 else "café – as usual"
        lines.append(f"{order.ref};{quoted};{mark};{order.amount:.2f};{note};{order.city}")
    lines.append("SO-24900;1,31948E+12;yes;12.00;digits lost;Pune")
    lines.append("25 record(s) downloaded;;;;;")
    return "\r\n".join(lines).encode("cp1252")


def made() -> dict[str, bytes]:
    """Every sample by its name."""
    scratch = HERE / ".orders.scratch.xlsx"
    write_xlsx(scratch)
    workbook = scratch.read_bytes()
    scratch.unlink()
    return {"orders.xlsx": workbook, "orders.csv": plain_csv(), "ugly.csv": ugly_csv()}


def main() -> int:
    """Compares, or writes with ``--write``; 1 when a file differs and was not written."""
    write = "--write" in sys.argv[1:]
    changed = [name for name, data in made().items() if not _same(HERE / name, data, write=write)]
    for name in changed:
        print(f"{name}: {'written' if write else 'would change; say --write'}")
    return 1 if changed and not write else 0


def _same(path: Path, data: bytes, *, write: bool) -> bool:
    same = path.exists() and path.read_bytes() == data
    if not same and write:
        path.write_bytes(data)
    return same


if __name__ == "__main__":
    raise SystemExit(main())
