"""Makes tests/data/converted.xls and .ods once, through LibreOffice; the data are made up.

    python tests/data/make_converted.py

The files are kept beside this script, so that the tests need no LibreOffice.
"""

from __future__ import annotations

import subprocess
import tempfile
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).parent

ROWS = (
    ("86210010463", "A-1001", "Cancel Requested", 1299.5, date(2026, 1, 31), "text AWB", True),
    (86210010464, "A-1002", "Delivered", 250, datetime.fromisoformat("2026-01-31T10:30"), "number AWB", False),
    (12345, "A-1003", "To Cancel", 0, date(2026, 2, 1), "padded by its format", True),
    (1319480000000, "A-1004", "To Cancel", 99.99, date(2026, 2, 2), "shown shortened", True),
    (86210010466, "A-1005", "To Cancel", 10, date(2026, 2, 3), "hidden row", True),
    ("=NA()", "A-1006", "To Cancel", "=D4*2", date(2026, 2, 4), "an error, a formula", True),
    (1234567890123456, "A-1007", "To Cancel", 1, date(2026, 2, 5), "sixteen digits", True),
)
FORMATS = {6: "00000000", 7: "0.00E+00"}  # row -> number format of its AWB


def make_source(path: Path) -> None:
    """The workbook that both files are made from."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Orders"
    sheet.append(["Orders of January"])
    sheet.append([])
    sheet.append(["AWB No", "Order ID", "Status", "Amount", "Order Date", "Note", "Paid"])
    for row in ROWS:
        sheet.append(row)
    for number, code in FORMATS.items():
        sheet.cell(number, 1).number_format = code
    for number in range(4, 11):
        sheet.cell(number, 4).number_format = "#,##0.00"
        sheet.cell(number, 5).number_format = "yyyy-mm-dd hh:mm" if number == 5 else "dd/mm/yyyy"
    sheet.row_dimensions[8].hidden = True
    text = sheet.cell(12, 6)  # a block after a blank row: a text that looks like a formula
    text.value, text.data_type = "=1+1", "s"
    workbook.create_sheet("Notes").append(["nothing to see"])
    workbook.create_sheet("Old").sheet_state = "hidden"
    workbook["Old"].append(["AWB No"])
    workbook.save(path)


def main() -> None:
    """Converts the source into both formats."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "converted.xlsx"
        make_source(source)
        for kind in ("xls", "ods"):
            subprocess.run(
                ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]  # noqa: RUF005
                + ["--convert-to", kind, "--outdir", str(HERE), str(source)],
                check=True,
            )


if __name__ == "__main__":
    main()
