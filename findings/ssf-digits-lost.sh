#!/bin/sh
# npm ssf 0.11.2 (SheetJS's formatter) drops the first digits of a number that is longer than its format where the
# format has fixed signs between the placeholders: 12345678901234 under 0000-0000-0000 is shown as 3456-7890-1234, and
# -1 without its sign. ECMA-376 part 1, 18.8.31 and LibreOffice: the first placeholder takes all digits that are left.
# It also rounds -2.5 under 0 to -2 (half up, where spreadsheets round half away from zero), and throws at #,##,##0.
# Seen 2026-11-27. Needs node and npm. Fails if the behaviour is no longer as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ssf@0.11.2 >/dev/null
cat >show.js <<'JS'
const assert = require("assert"), SSF = require("ssf");
const show = (code, value) => { const text = SSF.format(code, value); console.log(code, value, "->", text); return text };
assert.equal(show("0000-0000-0000", 12345678901234), "3456-7890-1234");
assert.equal(show("0000-0000-0000", -1), "0000-0000-0001");
assert.equal(show("0", -2.5), "-2");
assert.equal(show("0", 2.5), "3");
assert.throws(() => SSF.format("#,##,##0", 1299));
JS
node show.js
echo "as described"
