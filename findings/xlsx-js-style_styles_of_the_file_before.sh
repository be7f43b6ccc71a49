#!/bin/sh
# npm xlsx-js-style 1.2.0 (SheetJS with cell styles) keeps the styles of the .xlsx that it wrote last, for the whole
# process. A workbook that is written afterwards as XML Spreadsheet 2003, .xlsb or .xls names them in its cells, and they
# are not in the file: its cells say ss:StyleID="s23", and its Styles have "Default" alone; the .xls names a cell format
# (XF) 18 that it lacks. The same workbook written first is whole. LibreOffice 7.4 shows those cells without a format;
# xlrd 2.0.2 refuses the .xls (KeyError: 18), which it reads when it was written first.
# Seen 2026-11-27. Needs node, npm and python3. Fails if the behaviour is no longer as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx-js-style@1.2.0 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check xlrd==2.0.2
cat >write.js <<'JS'
const X = require("xlsx-js-style");
const write = (file, bookType) => {
  const book = X.utils.book_new();
  X.utils.book_append_sheet(book, X.utils.aoa_to_sheet([["AWB"], [86210010461]]), "Orders");
  X.writeFile(book, file, { bookType });
};
write("before.xml", "xlml");
write("before.xls", "biff8");
write("between.xlsx", "xlsx");
write("after.xml", "xlml");
write("after.xls", "biff8");
JS
node write.js
venv/bin/python - <<'PY'
import re

import xlrd


def styles(name):
    text = open(name, encoding="utf-8").read()
    named = set(re.findall(r'ss:StyleID="(\w+)"', text))
    there = set(re.findall(r'<Style ss:ID="(\w+)"', text))
    print(name, "names", sorted(named), "and has", sorted(there))
    return named - there


def first(name):
    try:
        value = xlrd.open_workbook(name).sheet_by_index(0).cell_value(1, 0)
    except KeyError as error:
        value = f"KeyError: {error}"
    print(name, "read by xlrd 2.0.2:", value)
    return value


assert styles("before.xml") == set()
assert styles("after.xml") != set()
assert first("before.xls") == 86210010461
assert first("after.xls") == "KeyError: 18"
PY
echo "as described"
