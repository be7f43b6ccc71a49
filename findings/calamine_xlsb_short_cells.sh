#!/bin/sh
# SheetJS (npm xlsx 0.18.5) writes the cells of an .xlsb, from the second of a run on, as "short" records (BrtShortSt,
# BrtShortReal, …, record types 12 to 18 of [MS-XLSB] 2.4), which leave their column out: it is the one after the cell
# before. python-calamine 0.9.1 passes over these records without a word: every column but the first is missing from
# what it returns, while SheetJS reads its own file whole.
# Seen 2026-11-27. Needs node, npm and python3 (3.10 or newer). Fails if the behaviour is no longer as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-calamine==0.9.1
cat >make.js <<'JS'
const X = require("xlsx");
const rows = [["Order", "AWB", "Status"], ["SO-1", "86210010463", "Delivered"], ["SO-2", "86210010464", "New"]];
const book = X.utils.book_new();
X.utils.book_append_sheet(book, X.utils.aoa_to_sheet(rows), "Orders");
X.writeFile(book, "orders.xlsb");
const again = X.readFile("orders.xlsb");
console.log(JSON.stringify(X.utils.sheet_to_json(again.Sheets.Orders, { header: 1 })));
JS
node make.js >sheetjs.json
venv/bin/python - <<'PY'
import json

from python_calamine import CalamineWorkbook

wrote = json.load(open("sheetjs.json"))
read = CalamineWorkbook.from_path("orders.xlsb").get_sheet_by_index(0).to_python()
print("SheetJS reads:        ", wrote)
print("python-calamine 0.9.1:", read)
assert wrote == [["Order", "AWB", "Status"], ["SO-1", "86210010463", "Delivered"], ["SO-2", "86210010464", "New"]]
assert read == [["Order"], ["SO-1"], ["SO-2"]]
PY
echo "as described"
