"""Delimited text comes back with each row's own bytes, and three fields more in the file's own manner."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import FileError, OutputError
from pipeline.model.sheet import Place, Written
from pipeline.sheets.delimited import open_delimited
from pipeline.sheets.delimited.dialect import Dialect, TextFormat
from pipeline.sheets.delimited.encoding import Encoding
from pipeline.sheets.delimited.reader import DelimitedBook
from pipeline.sheets.delimited.writer import write_delimited
from pipeline.source_file import SourceFile

ADDED = ("status", "remark", "refnum")
Triple = tuple[str, ...]


def marks_of(rows: dict[int, Triple], added: Triple = ADDED) -> pd.DataFrame:
    index = pd.Index(sorted(rows), dtype="int64", name="row")
    cells = [rows[row] for row in index]
    columns = {name: [row[at] for row in cells] for at, name in enumerate(added)}
    return pd.DataFrame({name: pd.array(texts, dtype="str") for name, texts in columns.items()}, index=index)


def place_of(path: Path, header_row: int = 1, own: int | None = None, added: Triple = ADDED) -> Place:
    book = open_delimited(SourceFile(path), path.suffix[1:])
    heads = book.head("", header_row) if header_row else []
    headers = heads[-1].cells if heads else ()
    return Place(path, book.format, "", header_row, headers, {}, added, own, book.extent(""), book.source.digest())


def write(place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Opens the file of a place and writes it."""
    return open_delimited(SourceFile(place.path), place.format).write(place, marks, target)


def annotated(
    folder: Path,
    data: bytes,
    rows: dict[int, Triple],
    header_row: int = 1,
    own: int | None = None,
    added: Triple = ADDED,
) -> tuple[bytes, tuple[str, ...]]:
    """What is written for the rows, and the notes."""
    path, target = folder / "orders.csv", folder / "out.csv"
    path.write_bytes(data)
    written = write(place_of(path, header_row, own, added), marks_of(rows, added), target)
    assert written.path == target
    return target.read_bytes(), written.notes


OK: Triple = ("Success", "done", "77")
NAMES = b",status,remark,refnum"
DONE = b",Success,done,77"

KEPT: dict[str, tuple[bytes, dict[int, Triple], int, bytes]] = {
    "CR LF": (b"A,B\r\n1,2\r\n", {2: OK}, 1, b"A,B" + NAMES + b"\r\n1,2" + DONE + b"\r\n"),
    "CR alone": (b"A,B\r1,2\r", {2: OK}, 1, b"A,B" + NAMES + b"\r1,2" + DONE + b"\r"),
    "line ends of all kinds, none at the end": (
        b"A,B\r\n1,2\n3,4\r5,6",
        {2: OK, 3: OK, 4: OK},
        1,
        b"A,B" + NAMES + b"\r\n1,2" + DONE + b"\n3,4" + DONE + b"\r5,6" + DONE,
    ),
    "a BOM": (b"\xef\xbb\xbfA,B\n1,2\n", {2: OK}, 1, b"\xef\xbb\xbfA,B" + NAMES + b"\n1,2" + DONE + b"\n"),
    "a sep= line": (
        b"sep=;\r\nA;B\r\n1;2\r\n",
        {2: OK},
        1,
        b"sep=;\r\nA;B;status;remark;refnum\r\n1;2;Success;done;77\r\n",
    ),
    "a text of several lines": (
        b'A,B\n"x\r\ny",2\n3,4\n',
        {2: OK, 3: OK},
        1,
        b"A,B" + NAMES + b'\n"x\r\ny",2' + DONE + b"\n3,4" + DONE + b"\n",
    ),
    "odd quotes": (
        b'A,B\n5" pipe,2\n"a"b,4\n',
        {2: OK, 3: OK},
        1,
        b"A,B" + NAMES + b'\n5" pipe,2' + DONE + b'\n"a"b,4' + DONE + b"\n",
    ),
    "titles, blank lines and footers": (
        b"Orders, May\n\nA,B\n1,2\n\n37 record(s)\n",
        {4: OK},
        3,
        b"Orders, May\n\nA,B" + NAMES + b"\n1,2" + DONE + b"\n\n37 record(s)\n",
    ),
    "a row of fewer cells": (
        b"A,B,C\n1\n1,2,3\n",
        {2: OK, 3: OK},
        1,
        b"A,B,C" + NAMES + b"\n1,," + DONE + b"\n1,2,3" + DONE + b"\n",
    ),
    "a row of more cells": (
        b"A,B\n1,2,3\n1,2\n",
        {2: OK, 3: OK},
        1,
        b"A,B," + NAMES + b"\n1,2,3" + DONE + b"\n1,2," + DONE + b"\n",
    ),
    "one column": (b"AWB\n86210\n", {2: OK}, 1, b"AWB" + NAMES + b"\n86210" + DONE + b"\n"),
    "no header": (b"1,2\n3,4\n", {1: OK, 2: OK}, 0, b"1,2" + DONE + b"\n3,4" + DONE + b"\n"),
    "no rows": (b"A,B\n", {}, 1, b"A,B" + NAMES + b"\n"),
    "every field in quotes": (
        b'"A","B"\n"1",""\n',
        {2: ("Failed", 'said "no"', "")},
        1,
        b'"A","B","status","remark","refnum"\n"1","","Failed","said ""no""",""\n',
    ),
    "tabs": (
        b"A\tB\n1\t2\n",
        {2: ("Success", "a, b", "")},
        1,
        b"A\tB\tstatus\tremark\trefnum\n1\t2\tSuccess\ta, b\t\n",
    ),
    "single quotes": (
        b"A,B\n'x, y',2\n",
        {2: ("Success", "it's", "a,b")},
        1,
        b"A,B" + NAMES + b"\n'x, y',2,Success,'it''s','a,b'\n",
    ),
    "cp1252": (b"A,B\nS\xe3o,2\n", {2: ("Success", "não", "")}, 1, b"A,B" + NAMES + b"\nS\xe3o,2,Success,n\xe3o,\n"),
}


@pytest.mark.parametrize("name", KEPT)
def test_each_row_keeps_its_own_bytes(name: str, tmp_path: Path) -> None:
    data, rows, header_row, expected = KEPT[name]
    assert annotated(tmp_path, data, rows, header_row) == (expected, ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_come_back_in_kind(encoding: str, tmp_path: Path) -> None:
    data = "\ufeffA;Bé😀\r\n1;x".encode(encoding)
    expected = "\ufeffA;Bé😀;status;remark;refnum\r\n1;x;Success;₹;".encode(encoding)
    assert annotated(tmp_path, data, {2: ("Success", "₹", "")}) == (expected, ())


DRESSED: dict[str, tuple[str, bytes]] = {
    "plain": ("Order cancelled", b"Order cancelled"),
    "digits": ("00012345678901234567", b"00012345678901234567"),
    "a delimiter": ("a,b", b'"a,b"'),
    "a quote": ('5" pipe', b'"5"" pipe"'),
    "blanks at the ends": (" a ", b'" a "'),
    "line breaks": ("a\r\nb\nc\rd\u2028e", b"a b c d e"),
    "control characters": ("a\x00b\x1bc", b"a b c"),
    "a tab inside": ("a\tb", b"a\tb"),
    "=": ("=1+1", b"'=1+1"),
    "+": ("+91 1", b"'+91 1"),
    "-": ("-", b"'-"),
    "@": ("@SUM(1)", b"'@SUM(1)"),
    "a tab": ("\tx", b"'\tx"),
    "CR": ("\rx", b"' x"),
    "LF": ("\nx", b"' x"),
    "after blanks": ("  =1", b"'  =1"),
    "after a no-break space": ("\xa0=1", b"'\xc2\xa0=1"),
    "after a tab": ("\t=1", b"'\t=1"),
    "after a control character": ("\x00=1", b"' =1"),
    "in full width": ("＝1+1", "'＝1+1".encode()),
    "with a quote": ('=HYPERLINK("x")', b'"\'=HYPERLINK(""x"")"'),
    "inside": ("a=b", b"a=b"),
    "other scripts": ("रद्द ₹5", "रद्द ₹5".encode()),
}


@pytest.mark.parametrize("name", DRESSED)
@pytest.mark.parametrize("kind", ["str", "category"])
def test_a_text_of_the_service_is_made_fit(name: str, kind: str, tmp_path: Path) -> None:
    text, field = DRESSED[name]
    path, target = tmp_path / "orders.csv", tmp_path / "out.csv"
    path.write_bytes(b"A,B\n1,2\n")
    marks = marks_of({2: ("Failed", text, "")}).astype(kind)
    assert write(place_of(path), marks, target).notes == ()
    assert target.read_bytes() == b"A,B" + NAMES + b"\n1,2,Failed," + field + b",\n"


def test_what_the_encoding_cannot_hold_is_escaped_and_said(tmp_path: Path) -> None:
    written = annotated(tmp_path, b"A,B\nS\xe3o,2\n", {2: ("Failed", "₹5 रु", "")})
    assert written == (
        b"A,B" + NAMES + b"\nS\xe3o,2,Failed,\\u20b95 \\u0930\\u0941,\n",
        ("cp1252 can't hold र ु ₹ of the remarks: written as \\u0930",),
    )


OWN_AGAIN: dict[str, tuple[bytes, int, Triple, dict[int, Triple], bytes]] = {
    "in the middle": (
        b'A,status,remark,refnum,"Z"\r\n"1",Failed,"a,b",,"9"\r\n2,,,,\r\n\r\n',
        1,
        ADDED,
        {2: OK, 3: OK},
        b'A,status,remark,refnum,"Z"\r\n"1"' + DONE + b',"9"\r\n2' + DONE + b",\r\n\r\n",
    ),
    "at the end, and rows that lack them": (
        b"A,B,status,remark,refnum\n1,2,Failed,x,\n3\n4,5,Failed\n",
        2,
        ADDED,
        {2: OK, 3: OK, 4: OK},
        b"A,B" + NAMES + b"\n1,2" + DONE + b"\n3," + DONE + b"\n4,5" + DONE + b"\n",
    ),
    "first of all": (
        b"status,remark,refnum,A\n,,,1\n",
        0,
        ADDED,
        {2: OK},
        b"status,remark,refnum,A\nSuccess,done,77,1\n",
    ),
    "verified is new": (
        b"A,status,remark,refnum,Z\n1,Failed,x,,9\n2,Failed\n",
        1,
        (*ADDED, "verified"),
        {2: (*OK, "yes"), 3: (*OK, "no")},
        b"A" + NAMES + b",Z,verified\n1" + DONE + b",9,yes\n2" + DONE + b",,no\n",
    ),
    "verified was there": (
        b"A,status,remark,refnum,verified,Z\n1,Failed,x,,,9\n",
        1,
        (*ADDED, "verified"),
        {2: (*OK, "yes")},
        b"A" + NAMES + b",verified,Z\n1" + DONE + b",yes,9\n",
    ),
}


@pytest.mark.parametrize("name", OWN_AGAIN)
def test_own_columns_are_written_in_place(name: str, tmp_path: Path) -> None:
    data, own, added, rows, expected = OWN_AGAIN[name]
    assert annotated(tmp_path, data, rows, own=own, added=added) == (expected, ())


def test_a_file_that_changed_meanwhile_is_not_annotated(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"A,B\n1,2\n3,4\n")
    place, marks = place_of(path), marks_of({2: OK, 3: OK})
    words = (
        "orders.csv: The file has changed since it was read. "
        "Run the same command again: what was done is in the ledger, and nothing is sent twice."
    )
    for changed in (b"A,B\n1,2\n", b"A,B\n1,2,9\n3,4\n"):
        path.write_bytes(changed)
        with pytest.raises(OutputError) as caught:
            write(place, marks, tmp_path / "out.csv")
        assert str(caught.value) == words


@pytest.mark.parametrize("changed", [b"A,B\n1,2\n3,5\n", b"A,B\n12\n,3,5", b"A,B\n1,2\n3,4\n5,6\n", b"A,B\n1,2\n"])
def test_a_file_that_changed_after_it_was_read_is_not_annotated(tmp_path: Path, changed: bytes) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"A,B\n1,2\n3,4\n")
    place, book = place_of(path), open_delimited(SourceFile(path), "csv")
    list(book.frames("", 1, [0], 10))
    path.write_bytes(changed)
    with pytest.raises(OutputError, match="changed since it was read"):
        book.write(place, marks_of({2: OK, 3: OK}), tmp_path / "out.csv")


def test_many_rows_take_their_own_marks(tmp_path: Path) -> None:
    rows = np.arange(2, 300_002)
    path, target = tmp_path / "orders.csv", tmp_path / "out.csv"
    path.write_bytes(b"A,B\n" + b"".join(b"%d,2026-01-31 10:30 a longer text of a customer\n" % row for row in rows))
    marks = pd.DataFrame(
        {
            "status": pd.Categorical.from_codes(rows % 2, ["Success", "Failed"]),
            "remark": pd.Categorical.from_codes(rows % 3 - 1, ["yes", "no, never"]),  # -1: nothing
            "refnum": pd.array([str(row) for row in rows], dtype="str"),
        },
        index=pd.Index(rows, name="row"),
    )[rows % 7 != 0]
    write(place_of(path), marks, target)
    with target.open(newline="") as file:
        found = list(csv.reader(file))
    assert found[0] == ["A", "B", *ADDED]
    assert found[1:] == [
        [str(row), "2026-01-31 10:30 a longer text of a customer"]
        + ([] if row % 7 == 0 else [["Success", "Failed"][row % 2], ["", "yes", "no, never"][row % 3], str(row)])
        for row in rows.tolist()
    ]


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)
REMARKS = WORDS | st.sampled_from(["=1", ",", '"', " x"])
BLANKS = " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def guarded(text: str) -> str:
    """What a reader of the sheet sees of a remark."""
    first = text.lstrip(BLANKS + INVISIBLE)[:1]
    return f"'{text}" if first and first in "=+-@＝＋－＠" else text


def as_field(text: str) -> str:
    shown = guarded(text)
    return '"' + shown.replace('"', '""') + '"' if set(shown) & set(',"') or shown != shown.strip() else shown


def raw_rows(text: str) -> list[tuple[str, str]]:
    """Each row's own characters and its line end, letter by letter."""
    found, row, quoted, begins, at = [], "", False, True, 0
    while at < len(text):
        letter = text[at]
        end = "\r\n" if text[at : at + 2] == "\r\n" else letter
        if not quoted and letter in "\r\n":
            found.append((row, end))
            row, begins, at = "", True, at + len(end)
            continue
        if letter == '"' and quoted and text[at : at + 2] == '""':
            row, at = row + '""', at + 2
            continue
        quoted = (not quoted if quoted or begins else False) if letter == '"' else quoted
        begins = letter == "," and not quoted
        row, at = row + letter, at + 1
    return [*found, (row, "")] if row else found


@settings(deadline=None, max_examples=400)
@given(
    st.text(st.sampled_from('ab,"\r\n\té'), max_size=40),
    st.integers(1, 12),
    st.lists(st.tuples(st.sampled_from(["Success", "Failed"]), REMARKS, REMARKS), min_size=1, max_size=3),
    st.sets(st.integers(1, 12)),
)
def test_old_bytes_stay_and_three_fields_follow(text: str, block: int, fates: list[Triple], rows: set[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        path, target = Path(name, "orders.csv"), Path(name, "out.csv")
        path.write_bytes(text.encode())
        source = SourceFile(path)
        layout = TextFormat(source, Encoding("utf-8"), Dialect(b","), block=block)
        try:
            extent = DelimitedBook(source, "csv", (), layout).extent("")
        except FileError:
            return
        old = [row or [""] for row in csv.reader(io.StringIO(text, newline=""))]
        wanted = {row: fates[row % len(fates)] for row in rows if 1 < row <= len(old)}
        place = Place(path, "csv", "", min(1, len(old)), (), {}, ADDED, None, extent, "")
        write_delimited(layout, place, marks_of(wanted), target)
        book, again = DelimitedBook(source, "csv", (), layout), Path(name, "again.csv")
        list(book.frames("", place.header_row, [], 3))  # what was read once is written without dividing it again
        place = replace(place, digest=source.digest())
        found = book.write(place, marks_of(wanted), again)
        assert (source.read_whole, again.read_bytes()) == (place.digest, target.read_bytes())
        assert (found.input_digest, found.digest) == (place.digest, sha256(target.read_bytes()).hexdigest())
        given_rows = wanted | {1: ADDED}
        missing = {row: extent.last_column + 1 - len(cells) for row, cells in enumerate(old, 1)}
        written = target.read_bytes().decode()
        assert written == "".join(
            own + "," * (missing[row] + 1) + ",".join(map(as_field, given_rows[row])) + end
            if row in given_rows
            else own + end
            for row, (own, end) in enumerate(raw_rows(text), 1)
        )
        assert [row or [""] for row in csv.reader(io.StringIO(written, newline=""))] == [
            cells + [""] * missing[row] + [guarded(text) for text in given_rows[row]] if row in given_rows else cells
            for row, cells in enumerate(old, 1)
        ]


TABLE = st.lists(st.tuples(REMARKS, REMARKS), min_size=1, max_size=6)
FATES = st.tuples(st.sampled_from(["Success", "Failed", "Unknown"]), REMARKS, REMARKS)


@settings(deadline=None, max_examples=100)
@given(TABLE, st.lists(FATES, min_size=6, max_size=6), st.lists(FATES, min_size=6, max_size=6), st.booleans())
def test_a_second_run_changes_only_its_own_fields(
    table: list[tuple[str, str]], first: list[Triple], second: list[Triple], wide: bool
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("AWB", "Name"), *table])
    data = buffer.getvalue().encode("utf-16" if wide else "utf-8")
    rows = range(2, len(table) + 2)
    with tempfile.TemporaryDirectory() as name:
        at_once, _ = annotated(Path(name), data, {row: second[row - 2] for row in rows})
        once, _ = annotated(Path(name), data, {row: first[row - 2] for row in rows})
        twice, _ = annotated(Path(name), once, {row: second[row - 2] for row in rows}, own=2)
    assert twice == at_once
