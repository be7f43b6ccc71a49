#!/bin/sh
# A cell under one of the built-in number formats 27 to 36, 50 to 58 (dates of Chinese, Japanese and Korean Excel) or 71
# (Thai) is a date to some readers and a bare number to others: 46346 is 2026-11-20 to SheetJS 0.18.5 under all of them,
# and to python-calamine 0.9.1 under all but 71; openpyxl 3.1.5 says "General" and exceljs 4.4.0 no format at all, and
# both give 46346. Such ids stand in styles.xml without a code of their own (ECMA-376 part 1, 18.8.30 lists them by
# language), so a reader that does not know them by heart has nothing to go by. LibreOffice 7.4 shows a date for each.
# Seen 2026-11-27. Needs node, npm and python3 (3.10 or newer). Fails if the behaviour is no longer as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 exceljs@4.4.0 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check XlsxWriter==3.2.0 openpyxl==3.1.5 python-calamine==0.9.1
cat >make.py <<'PY'
import xlsxwriter

with xlsxwriter.Workbook("dates.xlsx") as book:
    sheet = book.add_worksheet("S")
    for row, number in enumerate((14, 27, 31, 36, 50, 57, 58, 71)):
        sheet.write_number(row, 0, 46346, book.add_format({"num_format": number}))
PY
venv/bin/python make.py
cat >read.js <<'JS'
const assert = require("assert"), X = require("xlsx"), E = require("exceljs");
const rows = [1, 2, 3, 4, 5, 6, 7, 8];
const sheet = X.readFile("dates.xlsx", { cellDates: true }).Sheets.S;
const sheetjs = rows.map(row => sheet["A" + row].t);
console.log("SheetJS 0.18.5:        ", sheetjs.join(" "), "(d: a date)");
assert.deepEqual(sheetjs, Array(8).fill("d"));
const book = new E.Workbook();
book.xlsx.readFile("dates.xlsx").then(() => {
  const read = rows.map(row => book.getWorksheet("S").getCell("A" + row).value);
  console.log("exceljs 4.4.0:         ", read.map(value => (value instanceof Date ? "date" : value)).join(" "));
  assert.ok(read[0] instanceof Date);
  assert.deepEqual(read.slice(1), Array(7).fill(46346));
});
JS
node read.js
cat >read.py <<'PY'
import datetime

import openpyxl
from python_calamine import CalamineWorkbook

day = datetime.date(2026, 11, 20)
cells = [row[0] for row in openpyxl.load_workbook("dates.xlsx").active.iter_rows()]
print("openpyxl 3.1.5:        ", *(cell.value for cell in cells), cells[1].number_format)
assert cells[0].value.date() == day
assert [(cell.value, cell.number_format) for cell in cells[1:]] == [(46346, "General")] * 7
read = [row[0] for row in CalamineWorkbook.from_path("dates.xlsx").get_sheet_by_index(0).to_python()]
print("python-calamine 0.9.1: ", *read)
assert read == [day] * 7 + [46346.0]
PY
venv/bin/python read.py
echo "as described"
