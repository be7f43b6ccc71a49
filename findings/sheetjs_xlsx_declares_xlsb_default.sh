#!/bin/sh
# Every .xlsx that SheetJS (npm xlsx 0.18.5) writes declares, in [Content_Types].xml, the main content type of an
# .xlsb workbook as the default for the extension "bin", although the package holds no such part. A reader that tells
# the two formats apart by whether that content type occurs takes the .xlsx for an .xlsb. What decides is the Override
# of the main part (ECMA-376 part 2, 10.1.2.4: an Override goes before a Default).
# Seen 2026-11-27. Needs node, npm and python3. Fails if the behaviour is no longer as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
cat >make.js <<'JS'
const X = require("xlsx");
const book = X.utils.book_new();
X.utils.book_append_sheet(book, X.utils.aoa_to_sheet([["AWB"], ["86210010463"]]), "Orders");
X.writeFile(book, "plain.xlsx");
JS
node make.js
python3 - <<'PY'
import re
import zipfile

book = zipfile.ZipFile("plain.xlsx")
types = book.read("[Content_Types].xml").decode()
default = re.search(r'<Default Extension="bin" ContentType="([^"]+)"', types)
main = re.search(r'<Override PartName="/xl/workbook.xml" ContentType="([^"]+)"', types)
parts = [name for name in book.namelist() if name.endswith(".bin")]
print("xlsx 0.18.5, default for .bin:", default and default[1])
print("xlsx 0.18.5, main part:      ", main and main[1])
print("parts named *.bin:           ", parts)
assert default and default[1] == "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
assert main and main[1] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
assert parts == []
PY
echo "as described"
