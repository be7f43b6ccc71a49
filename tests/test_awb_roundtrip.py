"""Whatever an AWB looks like, and whichever program wrote it: it comes back the same or is refused, never another."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.load import Wishes, load
from pipeline.sheets import open_book

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"

AWBS = st.one_of(
    st.text(LETTERS + DIGITS + "-", min_size=6, max_size=30),
    st.text(DIGITS, min_size=6, max_size=30),
    st.text(DIGITS, min_size=3, max_size=27).map("000".__add__),
    st.from_regex(r"[0-9]{1,6}[Ee]-?[0-9]{4,6}", fullmatch=True),  # 12E5678: a number, for who wants to see one
    st.from_regex(r"[0-9]{4}-[0-1][0-9]-[0-3][0-9]", fullmatch=True),
    st.from_regex(r"[0-3]?[0-9]-[0-1][0-9]-[0-9]{4}", fullmatch=True).map(lambda text: text.zfill(8)),
    st.from_regex(r"-?[0-9]{6,12}-?", fullmatch=True),
    st.from_regex(r"0[xXbBoO][0-9]{4,12}", fullmatch=True),
    st.sampled_from(
        [
            "1E5000",
            "00000000",
            "-00000",
            "------",
            "Infinity",
            "-Infinity",
            "infinity",
            "TRUE-1",
            "1-JAN-26",
            "Jan-2026",
        ]
    ),
    st.builds("{}{}".format, st.from_regex("[A-Z]{1,4}", fullmatch=True), st.integers(100_000, 10**14)),
)

MIXED = st.lists(AWBS, min_size=60, max_size=120)
OF_ONE_KIND = st.one_of(
    *(
        st.lists(kind, min_size=60, max_size=120)
        for kind in (st.text(DIGITS, min_size=6, max_size=15), AWBS.filter(str.isdigit))
    )
)
"""A column that is nothing but numbers is seen otherwise than one in which codes stand as well."""

COLUMNS = st.one_of(MIXED, OF_ONE_KIND)

PLAIN = "[A-DF-Z]{2,4}[0-9]{6,}"
"""An AWB that nobody would doubt."""

DIALECTS = (
    (",", csv.QUOTE_ALL, "\r\n"),
    (",", csv.QUOTE_MINIMAL, "\n"),
    (";", csv.QUOTE_MINIMAL, "\r\n"),
    ("\t", csv.QUOTE_MINIMAL, "\n"),
    ("|", csv.QUOTE_ALL, "\n"),
    (";", csv.QUOTE_ALL, "\n"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")

HEADER = ("Order Number", "AWB Number", "Status", "City")

Rows = list[tuple[str, str, str, str]]


def rows_of(awbs: list[str]) -> Rows:
    return [(f"SO-{number}", awb, "To Cancel", "Curaçao, «Ü»") for number, awb in enumerate(awbs)]


def check(path: Path, awbs: list[str]) -> None:
    """Each row holds its AWB, or a doubt; and none is missing."""
    frame = pd.concat(list(load(open_book(path), Wishes()).frames()))
    assert list(frame["order_ref"]) == [f"SO-{number}" for number in range(len(awbs))]
    believed = frame["awb_doubt"] == ""
    got = [(sent, read) for sent, read, sure in zip(awbs, frame["awb_number"], believed, strict=True) if sure]
    none = {sent for sent in awbs if not any(map(str.isdigit, sent))}  # "------" and "BYHAND" may say: there is none
    assert [(sent, read) for sent, read in got if sent != read and not (sent in none and read == "")] == []
    with_digits = frame["awb_number"].str.contains("[0-9]")  # "Courier" beside "To Cancel" may be names of columns
    assert set(frame.loc[with_digits, "aside"]) <= {""}
    plain = frame["awb_number"].str.fullmatch(PLAIN)
    assert list(frame.loc[plain, "awb_doubt"].unique()) in ([], [""])  # refusing everything would be no art


# --- the writers ------------------------------------------------------------------------------------------------------


def by_openpyxl(path: Path, awbs: list[str]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADER, *rows_of(awbs)):
        sheet.append(row)
    book.save(path)


def by_openpyxl_unshared(path: Path, awbs: list[str]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Orders")
    for row in (HEADER, *rows_of(awbs)):
        sheet.append(row)
    book.save(path)


def by_xlsxwriter(path: Path, awbs: list[str], *, in_memory: bool = False, numbers: bool = False) -> None:
    """Texts; with ``numbers``, as a number under the format 0 what a number can hold exactly."""
    with xlsxwriter.Workbook(path, {"constant_memory": not in_memory, "strings_to_formulas": False}) as book:
        plain, sheet = book.add_format({"num_format": "0"}), book.add_worksheet("Orders")
        for number, row in enumerate((HEADER, *rows_of(awbs))):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
            if numbers and number and row[1].isdigit() and len(row[1]) < 16 and not row[1].startswith("0"):
                sheet.write_number(number, 1, int(row[1]), plain)


def as_csv(awbs: list[str], delimiter: str, quoting: int, end: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([HEADER, *rows_of(awbs)])
    return text.getvalue()


WORKBOOKS: dict[str, Callable[[Path, list[str]], None]] = {
    "openpyxl": by_openpyxl,
    "openpyxl, row by row": by_openpyxl_unshared,
    "XlsxWriter": lambda path, awbs: by_xlsxwriter(path, awbs, in_memory=True),
    "XlsxWriter, row by row": by_xlsxwriter,
    "XlsxWriter, numbers": lambda path, awbs: by_xlsxwriter(path, awbs, numbers=True),
}

BOUNDED = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@BOUNDED
@given(awbs=COLUMNS)
def test_an_awb_in_a_workbook_comes_back_the_same_or_is_refused(
    awbs: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("books")
    for write in WORKBOOKS.values():
        write(folder / "orders.xlsx", awbs)
        check(folder / "orders.xlsx", awbs)


@BOUNDED
@given(awbs=COLUMNS)
def test_an_awb_in_delimited_text_comes_back_the_same_or_is_refused(
    awbs: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("texts") / "orders.csv"
    for dialect, encoding in product(DIALECTS, ENCODINGS):
        path.write_bytes(as_csv(awbs, *dialect).encode(encoding))
        check(path, awbs)
