"""One text table, polluted in each way that exports are: after the idea of the Pollock benchmark (Vitagliano et al.,
"Pollock: A Data Loading Benchmark", VLDB 2023), with files of our own making."""

from __future__ import annotations

from collections.abc import Callable, Mapping

HEADER = "Order ID,Status,Customer,Phone,AWB,Remarks"
ROWS = 12
FIRST_AWB, FIRST_PHONE = 86210010460, 9876543210

Lines = list[str]
Change = Callable[[Lines], Lines]


def clean() -> Lines:
    """The table: a header and its rows, the last column blank, as it is where nobody wrote a remark."""
    rows = [f"R{n},Cancelled,Asha Rao,{FIRST_PHONE + n},{FIRST_AWB + n}," for n in range(1, ROWS + 1)]
    return [HEADER, *rows]


def awb(row: int) -> str:
    """The AWB of a row, by its order."""
    return str(FIRST_AWB + row)


def one(change: Callable[[str], str], *rows: int) -> Change:
    """Changes some rows (from 1, the third where none is named)."""

    def changed(lines: Lines) -> Lines:
        return [change(line) if at in (rows or (3,)) else line for at, line in enumerate(lines)]

    return changed


def every(change: Callable[[str], str], *, header: bool = False) -> Change:
    """Changes all rows, and the header where it is asked for."""
    return lambda lines: [change(line) if at or header else line for at, line in enumerate(lines)]


def quoted(line: str) -> str:
    """Every cell in quotes."""
    return ",".join(f'"{cell}"' for cell in line.split(","))


def named(line: str) -> str:
    """The customer's name turned about, without quotes."""
    return line.replace("Asha Rao", "Rao, Asha")


def blanks(line: str) -> str:
    """A blank behind each delimiter, and the name in quotes: they don't begin their cell."""
    return line.replace(",", ", ").replace("Asha Rao", '"Rao,Asha"')


def without_delimiter(line: str) -> str:
    """One delimiter is missing."""
    return line.replace(",Asha Rao,", ",Asha Rao ")


POLLUTIONS: Mapping[str, Change] = {
    "nothing": lambda lines: lines,
    # rows of another width
    "one delimiter too many in a row, the last cell blank": one(named),
    "one delimiter too many in a row, the last cell filled": one(lambda line: f"{named(line)}urgent"),
    "one delimiter too many in every row, a name": every(named),
    "one delimiter too many in every row, a number": every(lambda line: line.replace("Asha Rao", "1,299")),
    "two delimiters too many in a row": one(lambda line: line.replace("Asha Rao", "Rao, Asha, Dr")),
    "one delimiter too few in a row": one(without_delimiter),
    "one delimiter too few in a row, all rows end with one more": lambda lines: one(without_delimiter)(
        every(lambda line: f"{line},", header=True)(lines)
    ),
    "one delimiter too many, all rows end with one more": lambda lines: one(named)(
        every(lambda line: f"{line},", header=True)(lines)
    ),
    "every row ends with a delimiter, the header does not": every(lambda line: f"{line},"),
    "header and rows end with a delimiter": every(lambda line: f"{line},", header=True),
    "the header has a delimiter too many": lambda lines: [f"{lines[0]},", *lines[1:]],
    "a row is cut off": one(lambda line: line[:12]),
    "the last row is cut off": one(lambda line: line[: line.index(awb(12)) + 6], 12),
    # quotes
    "every cell in quotes": every(quoted, header=True),
    "one row in quotes": one(quoted),
    "a missing closing quote": one(lambda line: line.replace("Asha Rao", '"Rao, Asha')),
    "a missing opening quote": one(lambda line: line.replace("Asha Rao", 'Rao, Asha"')),
    "a quote too many inside a quoted cell": one(lambda line: line.replace("Asha Rao", '"Rao "Asha", x"')),
    "a quote inside an unquoted cell": one(lambda line: line.replace("Asha Rao", '12" Pipe Lane')),
    "quotes escaped by a backslash": one(lambda line: line.replace("Asha Rao", '"Rao \\"Asha\\""')),
    "quotes escaped by a backslash, a delimiter inside": one(lambda line: line.replace("Asha Rao", '"5\\", Rao"')),
    "a delimiter escaped by a backslash": one(lambda line: line.replace("Asha Rao", "Rao\\, Asha")),
    "quotes behind a blank, a delimiter inside": every(blanks, header=True),
    "single quotes throughout": every(
        lambda line: line.replace("Asha Rao", "'Rao, Asha'").replace("Cancelled", "'Cancelled'")
    ),
    "a line break in quotes": one(lambda line: line.replace("Asha Rao", '"Asha\nRao"')),
    "a line break without quotes": one(lambda line: line.replace("Asha Rao", "Asha\nRao")),
    # delimiters and line ends
    "semicolons": every(lambda line: line.replace(",", ";"), header=True),
    "tabs": every(lambda line: line.replace(",", "\t"), header=True),
    "a delimiter of two signs": every(lambda line: line.replace(",", "||"), header=True),
    "another delimiter in one row": one(lambda line: line.replace(",", ";")),
    "another delimiter from the seventh row on": one(lambda line: line.replace(",", ";"), *range(7, 13)),
    "line ends of two kinds": every(lambda line: f"{line}\r"),
    "no line end at the end": lambda lines: lines,
    "two rows on one line": lambda lines: [*lines[:3], lines[3] + lines[4], *lines[5:]],
    "a NUL byte in a row": one(lambda line: line.replace("Asha", "A\0sha")),
    # what stands around the table
    "lines above the header": lambda lines: ["Orders of November", "made by the shop", "", *lines],
    "lines above the header, of cells": lambda lines: ["Report,Orders", "Date,27/11/2026", *lines],
    "a total below": lambda lines: [*lines, f"Total,,,,{sum(FIRST_AWB + n for n in range(1, ROWS + 1))},"],
    "a footer below": lambda lines: [*lines, "", "12 rows"],
    "a second table below": lambda lines: [*lines, "", "Courier,Count", "Delhivery,12"],
    "the header again within": lambda lines: [*lines[:7], lines[0], *lines[7:]],
    "no header": lambda lines: lines[1:],
    "two columns of one name": lambda lines: [lines[0].replace("Remarks", "AWB"), *lines[1:]],
    "a column without a name": lambda lines: [lines[0].replace("Customer", ""), *lines[1:]],
    "blank lines between": lambda lines: [line for one in lines for line in (one, "")],
    "rows of delimiters only": lambda lines: [*lines, *[",,,,,"] * 40],
}
"""Each kind of pollution, and what it does to the lines."""


def as_bytes(kind: str) -> bytes:
    """The file of a kind."""
    text = "\n".join(POLLUTIONS[kind](clean()))
    return (text if kind == "no line end at the end" else f"{text}\n").encode()
