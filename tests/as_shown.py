"""Compares what the product believes a cell shows with LibreOffice and npm ssf: numbers and texts under many formats.

    make as-shown                prints the disagreements as a table of Markdown (needs LibreOffice, node and npm)

A cell that the product refuses (a problem) is no disagreement by itself: it shows in the count. What counts is a cell
that the product believes although another program shows something else. docs/as-shown.md says who is right, and why.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from xlsxwriter import Workbook

from pipeline.cells.displayed import as_seen
from pipeline.cells.problems import Deciding
from pipeline.cells.shown import as_shown
from pipeline.sheets import open_book

SSF = "0.11.2"

AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,,,,,true"

NUMBERS = (0, 1, 2, -1, 5, 12, 0.5, 1.005, 2.5, -2.5, 0.004, -0.004, 999.995, 1234.5, -1234.5, 1299, 100000, 1234567)
NUMBERS += (12345678, 86210010461, 131900000001, 12345678901234)

NUMBER_FORMATS = (
    *("General", "0", "0.00", "0.0#", "#,##0", "#,##0.00", "#", "#.##", "?", "0.??", "000000000000", "0000-0000-0000"),
    *("0.0E+00", "##0.0E+0", "# ?/?", "# ??/??", "0%", "0.00%", "0,", "0.0,,", "0\\ 000", "00 00", '0"x"', '"SF"0'),
    *(
        "#,##,##0",
        "[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;##,##0",
        "0;(0)",
        "0;-0;",
        "0;0;",
        ";;;",
        ";",
    ),
    *("0;;", '0;-0;"none"', '0;0;0;"Delivered"', "@", '"Not "@', '[=1]"Keep";[=0]"Cancel"', '[=2]"Delivered"'),
    *('[=2]"Delivered";0', "[<0]0;0.0", "[>100]0;[<=100]0.0;General", "[Red]0", "[Color3]0;[Blue]-0", "[$₹-4009]#,##0"),
    *(
        "[$-409]0.00",
        "[$-4000439]0",
        "_-* #,##0_-",
        "_(* #,##0.00_);_(* (#,##0.00)",
        "* 0",
        "*x0",
        "0_)",
        "\\A0",
        "!a0",
    ),
    *('"Yes";"No";"Never"', '"-"', "General;-General", 'General" pcs"', '"AWB "General', "+0;-0", "0.00 ", "$0", "0 %"),
    *("0;[Red]-0", "0.0;;;", "[>1]0", "[<=1]0;0.00", "[=0]0;[=1]0.0;0.00", "00.0.0", "0/0", '0"/"0', "#,", "#,##0,"),
)
"""Those that Excel's own list holds, those of public exports, and those where programs are known to differ."""

TEXTS = ("86210010461", "Delivered", "0012", " x ", "1299")

TEXT_FORMATS = (
    "General",
    "0",
    "@",
    '"SF"@',
    "@@",
    "@*x",
    ";;;",
    ";;;@",
    '0;0;0;"Delivered"',
    '0;0;0;"is "@',
    '"a"0;@" b"',
)
TEXT_FORMATS += ('"Not "@', "[Red]@", "_(@_)", "0;-0", "@;0", '0;"x"@')


@dataclass(frozen=True, slots=True)
class Case:
    """A cell: what is stored, its format, and whether it is a text."""

    stored: str
    code: str
    text: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What each believes that a person sees; ``word`` and ``awb`` are None where the product refuses."""

    case: Case
    word: str | None
    awb: str | None
    libreoffice: str
    ssf: str


CASES = [Case(f"{number}", code, False) for code in NUMBER_FORMATS for number in NUMBERS]
CASES += [Case(text, code, True) for code in TEXT_FORMATS for text in TEXTS]


def make(path: Path) -> Path:
    """A workbook with a case a row, in a column that is wide enough for all."""
    with Workbook(path) as book:
        sheet = book.add_worksheet("Cells")
        sheet.set_column(0, 0, 80)
        sheet.write_string(0, 0, "shown")
        looks = {case.code: book.add_format({"num_format": case.code}) for case in CASES}
        for row, case in enumerate(CASES, 1):
            if case.text:
                sheet.write_string(row, 0, case.stored, looks[case.code])
            else:
                sheet.write_number(row, 0, float(case.stored), looks[case.code])
    return path


def by_the_product(path: Path) -> list[tuple[str | None, str | None]]:
    """The cell as a word that decides, and as an AWB; None where it is a problem."""
    found: list[tuple[str | None, str | None]] = []
    for frame in open_book(path).frames("Cells", 1, [0], len(CASES) + 1):
        column = frame.columns[0]
        word, awb = as_shown(column, Deciding.STATE), as_seen(column, formats_known=True)
        words = [None if doubt else text for text, doubt in zip(word.text, word.doubt, strict=True)]
        awbs = [None if doubt else text for text, doubt in zip(awb.text, awb.doubt, strict=True)]
        found += zip(words, awbs, strict=True)
    return found


def by_libreoffice(path: Path) -> list[str]:
    """The sheet as a CSV of what its cells show."""
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", AS_SHOWN, "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with (path.parent / f"{path.stem}.csv").open(encoding="utf-8", newline="") as file:
        return [row[0] if row else "" for row in csv.reader(file)][1:]


def by_ssf(folder: Path) -> list[str]:
    """What SheetJS's formatter shows."""
    subprocess.run(["npm", "init", "-y"], cwd=folder, check=True, capture_output=True)
    fetch = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"ssf@{SSF}"]
    subprocess.run(fetch, cwd=folder, check=True, capture_output=True)
    cells = [[case.code, case.stored if case.text else float(case.stored)] for case in CASES]
    (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    program = (
        "const SSF = require('ssf'), cells = JSON.parse(require('fs').readFileSync('cells.json'));"
        "const show = ([code, value]) => { try { return SSF.format(code, value) } catch (e) { return 'ERROR' } };"
        "console.log(JSON.stringify(cells.map(show)))"
    )
    done = subprocess.run(["node", "-e", program], cwd=folder, check=True, capture_output=True, text=True)
    shown: list[str] = json.loads(done.stdout)
    return shown


def asked() -> list[Answers]:
    """Every case with the three answers."""
    with tempfile.TemporaryDirectory() as name:
        path = make(Path(name) / "cells.xlsx")
        ours, office = by_the_product(path), by_libreoffice(path)
        answers = zip(CASES, ours, office, by_ssf(path.parent), strict=True)
        return [Answers(case, word, awb, shown.strip(), ssf.strip()) for case, (word, awb), shown, ssf in answers]


def believed_otherwise(answer: Answers) -> bool:
    """Whether the product believes what one of the others does not show.

    An AWB is the digits: that they are grouped, have ``.00`` behind them or are shortened (``1.3E+11``) on the screen
    only is told apart nowhere, for the file has every digit (see ``cells.number_formats``).
    """
    if answer.word is not None and {answer.libreoffice, answer.ssf} != {answer.word.strip()}:
        return True
    return bool(answer.awb) and not all(_digits_of(shown, answer) for shown in (answer.libreoffice, answer.ssf))


def _digits_of(shown: str, answer: Answers) -> bool:
    plain = re.sub(r"[, -]|\.0*$", "", shown)
    return answer.awb == shown or plain == re.sub("[- ]", "", answer.awb or "") or "E" in shown


def main() -> None:
    """Prints the counts and the table."""
    answers = asked()
    refused = sum(answer.word is None and answer.awb is None for answer in answers)
    other = sum(answer.libreoffice != answer.ssf for answer in answers)
    told = [answer for answer in answers if believed_otherwise(answer)]
    print(f"{len(answers)} cells; the product refuses {refused} both as a word and as an AWB; ", end="")
    print(
        f"LibreOffice and ssf differ in {other}; in {len(told)} the product believes what one of them does not show.\n"
    )
    print(
        "| stored | format | product: word | product: AWB | LibreOffice | ssf |\n| --- | --- | --- | --- | --- | --- |"
    )
    for answer in told:
        said = [answer.case.stored, answer.case.code, answer.word, answer.awb, answer.libreoffice, answer.ssf]
        print("| " + " | ".join("(refused)" if text is None else f"`{text}`" for text in said) + " |")


if __name__ == "__main__":
    sys.exit(main())
