"""Delimited text is read exactly: no row is lost, joined or shifted, and what can't be read for certain is said."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import FileError
from pipeline.model.sheet import Extent, HeadRow, Kind, SheetInfo
from pipeline.sheets.delimited import open_delimited
from pipeline.sheets.delimited.dialect import Dialect, TextFormat
from pipeline.sheets.delimited.encoding import Encoding
from pipeline.sheets.delimited.reader import DelimitedBook
from pipeline.source_file import SourceFile
from tests.decided import decided

Rows = list[list[str]]


def written(folder: Path, data: bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def opened(folder: Path, data: bytes, name: str = "orders.csv") -> DelimitedBook:
    path = written(folder, data, name)
    return open_delimited(SourceFile(path), path.suffix[1:])


def rows_of(book: DelimitedBook, after: int = 0, width: int = 4, size: int = 1000) -> dict[int, tuple[str, ...]]:
    """Row number -> the first cells."""
    found: dict[int, tuple[str, ...]] = {}
    for frame in book.frames("", after, range(width), size):
        texts = [frame.columns[column].text.tolist() for column in range(width)]
        found |= dict(zip(frame.rows.tolist(), zip(*texts, strict=True), strict=True))
    return found


def troubles_of(book: DelimitedBook, after: int = 1) -> dict[int, str]:
    return {row: why for frame in book.frames("", after, [0], 1000) for row, why in frame.trouble.items()}


def test_a_book_says_what_it_is(tmp_path: Path) -> None:
    book = opened(tmp_path, b"AWB,Order\r\n0012,\r\n\r\n ,\r\n")
    assert (book.path, book.format, book.sheets) == (tmp_path / "orders.csv", "csv", (SheetInfo(""),))
    assert (book.notes, book.hidden_known, book.formats_known) == (("encoding UTF-8", "delimiter comma"), True, True)
    assert book.head("", 2) == [
        HeadRow(1, ("AWB", "Order"), (Kind.TEXT, Kind.TEXT)),
        HeadRow(2, ("0012", ""), (Kind.TEXT, Kind.BLANK)),
    ]
    assert book.extent("") == Extent(4, 1)
    (frame,) = book.frames("", 1, [1, 0, 7], 1000)
    assert frame.rows.tolist() == [2, 3, 4]
    assert frame.hidden.tolist() == [False, False, False]
    assert frame.content.tolist() == [True, False, False]
    assert frame.trouble == {}
    assert list(frame.columns) == [1, 0, 7]
    awbs = frame.columns[0]
    assert (awbs.kind.tolist(), awbs.text.tolist()) == ([Kind.TEXT, Kind.BLANK, Kind.TEXT], ["0012", "", " "])
    assert (awbs.format.tolist(), awbs.formats, awbs.formula) == ([-1, -1, -1], (), None)
    assert frame.columns[7].text.tolist() == ["", "", ""]


def test_frames_are_of_bounded_size_and_begin_below_the_header(tmp_path: Path) -> None:
    book = opened(tmp_path, b"AWB,Order\n" + b"".join(b"%d,x\n" % number for number in range(25)))
    frames = list(book.frames("", 3, [0], 10))
    assert [frame.rows.tolist() for frame in frames] == [
        list(range(4, 14)),
        list(range(14, 24)),
        list(range(24, 27)),
    ]
    assert frames[0].columns[0].text.tolist() == [str(number) for number in range(2, 12)]


READS: dict[str, tuple[bytes, list[list[str]]]] = {
    "line breaks in quotes are one row": (b'A,B\n"x\r\ny",1\nz,2\n', [["A", "B"], ["x\r\ny", "1"], ["z", "2"]]),
    "doubled quotes are one": (b'A,B\n"=""862""",1\n', [["A", "B"], ['="862"', "1"]]),
    "an inch sign is a letter": (b'A,B\n5" pipe,1\n6" pipe,"2"\n', [["A", "B"], ['5" pipe', "1"], ['6" pipe', "2"]]),
    "blank lines are rows": (b"A,B\n\n1,2\n\n", [["A", "B"], ["", ""], ["1", "2"], ["", ""]]),
    "CR alone ends a line": (b"A,B\r1,2\r3,4", [["A", "B"], ["1", "2"], ["3", "4"]]),
    "line ends of all kinds": (b"A,B\r\n1,2\n3,4\r5,6", [["A", "B"], ["1", "2"], ["3", "4"], ["5", "6"]]),
    "CR CR LF leaves a blank line": (b"A,B\r\r\n1,2\r\r\n", [["A", "B"], ["", ""], ["1", "2"], ["", ""]]),
    "missing values are texts": (
        b"A,B\nNA,null\nnan,TRUE\n1E5,None\n",
        [["A", "B"], ["NA", "null"], ["nan", "TRUE"], ["1E5", "None"]],
    ),
    "a sep= line is no row": (b'sep=;\r\nA;B\r\n"1,5";2\r\n', [["A", "B"], ["1,5", "2"]]),
    "a sep= line names any delimiter": (b'"sep=^"\nA^B\n1^2\n', [["A", "B"], ["1", "2"]]),
    "decimal commas are no delimiters": (
        b"AWB;Price\n1;2,50\n2;3,50\n",
        [["AWB", "Price"], ["1", "2,50"], ["2", "3,50"]],
    ),
    "commas in addresses are no delimiters": (
        b"AWB|Town\n1|Pune, MH, IN\n2|Agra, UP, IN\n",
        [["AWB", "Town"], ["1", "Pune, MH, IN"], ["2", "Agra, UP, IN"]],
    ),
    "a .csv that is tab-separated": (b"AWB\tOrder\n1\t2\n", [["AWB", "Order"], ["1", "2"]]),
    "titles above the header": (
        b"Orders of May, 2026\n\nAWB;Price\n1;2,5\n2;3,5\n",
        [["Orders of May, 2026", ""], ["", ""], ["AWB", "Price"], ["1", "2,5"], ["2", "3,5"]],
    ),
    "one column": (b"AWB\n86210\n86211\n", [["AWB", ""], ["86210", ""], ["86211", ""]]),
    "single quotes where they hold delimiters": (
        b"A,B\n'x, y',1\n'it''s',2\n",
        [["A", "B"], ["x, y", "1"], ["it's", "2"]],
    ),
    "single quotes that only wrap are letters": (b"A,B\n'801','1'\n", [["A", "B"], ["'801'", "'1'"]]),
    "a lone apostrophe is a letter": (b"A,B\n'801,1\n'802,2\n", [["A", "B"], ["'801", "1"], ["'802", "2"]]),
    "a BOM": ("\ufeffA,B\né,1\n".encode(), [["A", "B"], ["é", "1"]]),
    "a BOM inside is text": ("A,B\n\ufeffC,1\n".encode(), [["A", "B"], ["\ufeffC", "1"]]),
    "a BOM before a quote makes it a letter": ('A,B\n\ufeff"C",1\n'.encode(), [["A", "B"], ['\ufeff"C"', "1"]]),
    "a header alone": (b"A,B", [["A", "B"]]),
}


@pytest.mark.parametrize("name", READS)
def test_each_mess_is_read_as_a_spreadsheet_shows_it(name: str, tmp_path: Path) -> None:
    data, expected = READS[name]
    assert [list(cells) for cells in rows_of(opened(tmp_path, data), width=2).values()] == expected


def test_a_header_alone_has_no_rows_below(tmp_path: Path) -> None:
    book = opened(tmp_path, b"A,B\n")
    assert (rows_of(book, after=1), book.extent("")) == ({}, Extent(1, 1))


SHIFTED = "so they may stand in the wrong columns"
ROW_TROUBLES: dict[str, tuple[bytes, dict[int, str]]] = {
    "fewer": (b"A,B,C\n1,2\n1,2,3\n", {2: f"line 2 has fewer cells (2) than the header (3), {SHIFTED}"}),
    "more": (b"A,B,C\n1,2,3,4\n1,2,3\n", {2: f"line 2 has more cells (4) than the header (3), {SHIFTED}"}),
    "surplus that is blank, in some rows": (
        b'A,B,C\n1,2,3,\n1,2,3,,\n1,2,3," "\n1,2,3\n',
        {row: f"line {row} has more cells ({4 + (row == 3)}) than the header (3), {SHIFTED}" for row in (2, 3, 4)},
    ),
    "surplus that is blank, in nearly all rows": (
        b"A,B,C\n" + b'1,2,3,\n1,2,3," "\n' * 5 + b"1,2,3\n",
        {12: f"line 12 has fewer cells (3) than the other rows (4), {SHIFTED}"},
    ),
    "surplus that holds something, in nearly all rows": (
        b"A,B,C\n" + b"1,2,3,\n" * 9 + b"1,2,3,4\n",
        {11: f"line 11 has more cells (4) than the header (3), {SHIFTED}"},
    ),
    "surplus in every one of a few rows": (
        b"A,B,C\n" + b"1,2,3,\n" * 4,
        {row: f"line {row} has more cells (4) than the header (3), {SHIFTED}" for row in range(2, 6)},
    ),
    "a header that is wider than nearly all rows": (
        b"A,B,C,\n" + b"1,2,3\n" * 9 + b"1,2,3,\n",
        {11: f"line 11 has more cells (4) than the other rows (3), {SHIFTED}"},
    ),
    "a header that is wider, and a block of Excel's as wide as it": (
        b"A,B,C,\n" + b"1,2,3,\n" * 15 + b"1,2,3\n" * 160,
        {},
    ),
    "a row that is narrower than all others, but not than the names": (
        b"A,B,C,\n" + b"1,2,3,\n" * 9 + b"1 2,3,\n",
        {11: f"line 11 has fewer cells (3) than the other rows (4), {SHIFTED}"},
    ),
    "a quote behind a blank": (
        b'A, B, C\n1, "2", 3\n1, "2,3", \n',
        {
            3: f"line 3 has a quote behind a blank, which opens no cell, {SHIFTED}",
        },
    ),
    "a quote behind a blank, inside quotes": (b'A,B,C\n1,"x, ""2,3""",3\n', {}),
    "header cells without a name": (b"A,B,C,,\n1,2,3\n1,2,3,4\n1,2,3,4,5\n", {}),
    "titles and blank lines": (b"Title\n\nA,B,C\n1,2,3\n\n,\n", {}),
    "after a closing quote": (
        b'A,B,C\n"abc"def,2,3\n1,2,3\n',
        {2: "line 2 has text right after a closing quote, so its cells are doubtful"},
    ),
    "NUL": (b"A,B,C\n1,2,3\n1,\x00,3\n", {3: "line 3 holds NUL bytes, which no text has"}),
    "a row inside quotes": (
        b'A,B,C,D,E\n1,2,3,4,"5\n1,2,3,4,5\n6"\n1,2,3,4,"5\n6, 7\n8"\n1,"a\nb",3,4,"5\n6"\n',
        {2: "line 2 holds a whole row inside quotes, so a closing quote may be missing"},
    ),
    "lines and rows are counted apart": (
        b'sep=,\nA,B,C\n"x\ny",2,3\n1,2\n1,2,3\n',
        {3: f"line 5 has fewer cells (2) than the header (3), {SHIFTED}"},
    ),
    "rows that Excel has cut, sixteen at a time": (b"A,B,C\n" + b"1,2\n" * 16 + b"1,2,3\n", {}),
    "fewer rows were not cut by Excel": (
        b"A,B,C\n1,2,3\n" + b"1,2\n" * 2,
        {row: f"line {row} has fewer cells (2) than the header (3), {SHIFTED}" for row in (3, 4)},
    ),
}


@pytest.mark.parametrize("name", ROW_TROUBLES)
def test_a_row_that_cannot_be_read_whole_says_why(name: str, tmp_path: Path) -> None:
    data, expected = ROW_TROUBLES[name]
    assert troubles_of(opened(tmp_path, data), 3 if name.startswith("titles") else 1) == expected


def test_the_extent_reaches_to_the_widest_row(tmp_path: Path) -> None:
    assert opened(tmp_path, b"A,B\n1,2,3,4\n1,2\n").extent("") == Extent(3, 3)


MEND = "Close the quote there, or double it where it belongs to the text, and run the command again."
AGAIN = "Open the file where it comes from and save it again as CSV UTF-8."
REFUSED: dict[str, tuple[bytes, str]] = {
    "0 bytes": (b"", "orders.csv: The file is empty. Export it again."),
    "a BOM alone": (b"\xef\xbb\xbf", "orders.csv: The file is empty. Export it again."),
    "only blanks": (b" \r\n\t\r\n", "orders.csv: The file holds nothing but blanks. Export it again."),
    "a quote never closed": (
        b'A,B\n1,2\n"3,4\n5,6\n',
        f"orders.csv, line 3: A quote opens here and is not closed. {MEND}",
    ),
    "a quote never closed, with doubled ones in it": (
        b'A,B\n"1\n""",2\n3,"4 ""x"" y\n5,6\n',
        f"orders.csv, line 4: A quote opens here and is not closed. {MEND}",
    ),
    "a quote that swallows rows": (
        b'A,B\n1,"2\n3,4\n5,"6"\n',
        "orders.csv, line 2: A quote opens here, and the next one, 2 lines on, has text right after it: "
        f"rows between them may have become one. {MEND}",
    ),
    "a quote of very many lines": (
        b'A,B\n1,2\n3,"4' + b"\n" * 201 + b'"\n5,6\n',
        "orders.csv, line 3: The row that begins here goes on inside quotes for more than 200 lines. "
        f"See that its quotes are right. {MEND}",
    ),
    "bytes that are no text": (
        bytes(range(256)) * 8,
        "orders.csv: This is not a text table: 208 of its first 2048 bytes are control bytes. "
        "Export the orders again as CSV or .xlsx.",
    ),
    "more cells than a sheet has": (
        b"A,B\n1" + b"," * 16_384 + b"\n",
        "orders.csv, line 2: A row has 16385 cells, and a sheet 16384 at most. See that the file is a table.",
    ),
    "a line without an end": (
        b"A,B\n1,2\n" + b"x" * (25 * 1024 * 1024),
        "orders.csv, line 3: A line is longer than 16 MB. See that the file is a table.",
    ),
    "a byte that is no UTF-8 among many that are": (
        "A,B\n1,Müller é ü ö\r\n2,Zoë".encode() + b"\xff\n",
        f"orders.csv, line 3, column 6: The byte 0xFF does not decode as UTF-8. {AGAIN}",
    ),
    "a BOM that is not kept": (
        b"\xef\xbb\xbfA,B\n1,caf\xe9\n",
        f"orders.csv, line 2, column 6: The byte 0xE9 does not decode as UTF-8 with BOM. {AGAIN}",
    ),
    "UTF-16 cut off": (
        "\ufeffA,B\n1,2".encode("utf-16-le") + b"3",
        f"orders.csv, line 2, column 4: The byte 0x33 does not decode as UTF-16 LE with BOM. {AGAIN}",
    ),
    "a byte that cp1252 lacks": (
        b"A,B\n1,S\xe3o Jo\xe3o\n" * 10000 + b"2,\x81\n",
        "orders.csv, line 20001, column 3: The byte 0x81 does not decode as cp1252 "
        f"(guessed: it is not UTF-8, and its accented letters are Western). {AGAIN}",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_for_certain_is_refused_with_the_place(name: str, tmp_path: Path) -> None:
    data, words = REFUSED[name]
    with pytest.raises(FileError) as caught:
        rows_of(opened(tmp_path, data))
    assert str(caught.value) == words


NO_UTF8 = "it is not UTF-8, and its"
ENCODINGS: dict[str, tuple[str, str, str]] = {
    "Western": ("cp1252", "São João, Conceição – “x” €", f"cp1252 (guessed: {NO_UTF8} accented letters are Western)"),
    "Chinese": ("gbk", "上海市浦东新区张江路 王小明", f"gb18030 (guessed: {NO_UTF8} letters fit this best)"),
    "Japanese": ("cp932", "東京都渋谷区 カタカナ さくら", f"cp932 (guessed: {NO_UTF8} letters fit this best)"),
    "Russian": ("cp1251", "Москва улица Ленина Иван Петров", f"cp1251 (guessed: {NO_UTF8} letters fit this best)"),
    "UTF-8": ("utf-8", "São 上海 ₹", "UTF-8"),
    "UTF-8 with BOM": ("utf-8-sig", "São 上海 ₹", "UTF-8 with BOM"),
    "UTF-16 with BOM": ("utf-16", "São 上海 ₹ 😀", "UTF-16 LE with BOM"),
    "UTF-32 with BOM": ("utf-32", "São 上海 ₹ 😀", "UTF-32 LE with BOM"),
    "UTF-16 without": ("utf-16-be", "Sao Joao", "UTF-16 BE (guessed: every other byte is zero)"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_encoding_is_found_and_said(name: str, tmp_path: Path) -> None:
    encoding, text, words = ENCODINGS[name]
    book = opened(tmp_path, f'AWB,Name\r\n8621,"{text}"\r\n'.encode(encoding))
    assert rows_of(book, width=2) == {1: ("AWB", "Name"), 2: ("8621", text)}
    assert book.notes == (f"encoding {words}", "delimiter comma")


def test_a_two_byte_letter_that_ends_like_a_pipe_divides_nothing(tmp_path: Path) -> None:
    text = "ポポ"  # in Shift-JIS the second byte of this letter is that of the pipe
    assert b"|" in text.encode("cp932")
    names = "カタカナ さくら 東京都渋谷区"
    data = f'AWB|Name\r\n8621|{text}"{names}\r\n8622|ｶ{text}\r\n'.encode("cp932")
    assert rows_of(opened(tmp_path, data), 1, 3) == {2: ("8621", f'{text}"{names}', ""), 3: ("8622", f"ｶ{text}", "")}


DIALECTS = {
    "comma": {"delimiter": ",", "lineterminator": "\r\n"},
    "semicolon": {"delimiter": ";", "lineterminator": "\n"},
    "tab": {"delimiter": "\t", "lineterminator": "\r\n"},
    "pipe": {"delimiter": "|", "lineterminator": "\n"},
    "CR alone": {"delimiter": ",", "lineterminator": "\r", "quoting": csv.QUOTE_NONNUMERIC},
    "all quoted": {"delimiter": ",", "lineterminator": "\r\n", "quoting": csv.QUOTE_ALL},
}
AWBS = st.from_regex(r"\A0?[1-9][0-9]{6,14}\Z")
UGLY = ['a, "b"', "x\ny", "1;5", '""', "0012", "1E5", "NA", " ", "tab\t", "a|b", "it's", '5" pipe', "", "=1"]
UNICODE = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8) | st.sampled_from(UGLY)
WESTERN = st.lists(st.sampled_from(["São ", "Zoë, ", "“x” ", "5 € ", "a", "1"]), max_size=4).map("".join)


def tables(cells: st.SearchStrategy[str], *encodings: str) -> st.SearchStrategy[tuple[list[tuple[str, ...]], str]]:
    rows = st.lists(st.tuples(AWBS, cells, cells, cells), min_size=1, max_size=8)
    return st.tuples(rows, st.sampled_from(encodings))


def as_text(rows: Sequence[Sequence[str]], dialect: str) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, **DIALECTS[dialect]).writerows(rows)  # type: ignore[arg-type]
    return buffer.getvalue()


@settings(deadline=None, max_examples=200)
@given(
    tables(UNICODE, "utf-8", "utf-8-sig", "utf-16") | tables(WESTERN | st.sampled_from(UGLY), "cp1252"),
    st.sampled_from(sorted(DIALECTS)),
)
def test_any_table_comes_back_the_same(table: tuple[list[tuple[str, ...]], str], dialect: str) -> None:
    rows = [("AWB Code", "Order", "Customer", "Town"), *table[0]]
    with tempfile.TemporaryDirectory() as folder:
        book = opened(Path(folder), as_text(rows, dialect).encode(table[1]))
        assert list(rows_of(book).values()) == rows
        assert troubles_of(book) == {}


@settings(deadline=None, max_examples=600)
@given(st.text(st.sampled_from('ab,"\r\n\té'), max_size=40), st.integers(1, 12), st.integers(1, 5))
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused(text: str, block: int, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), text.encode())
        layout = TextFormat(SourceFile(path), Encoding("utf-8"), Dialect(b","), block=block)
        book = DelimitedBook(path, "csv", (), layout)
        expected = [row or [""] for row in csv.reader(io.StringIO(text, newline=""))]
        try:
            found = rows_of(book, width=6, size=size)
            heads = book.head("", 100)
        except FileError:
            with pytest.raises(csv.Error):  # an open quote, or text after a closing one that followed a line break
                list(csv.reader(io.StringIO(text, newline=""), strict=True))
            return
        assert [list(row.cells) for row in heads] == expected
        assert found == {at + 1: tuple((row + [""] * 6)[:6]) for at, row in enumerate(expected)}
        assert book.extent("") == Extent(len(expected), max(map(len, expected), default=0) - 1)


LINES = ["1,2,3", "1,2", "", '"x ""y"" z",2,3', '5" pipe,2,3', '1,"2\n",3,', "1,2,3,4"]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.sampled_from(["1,2,3", "1,2", "", '"x ""y"" z",2,3', '5" pipe,2,3', '1,"2\n",3,', "1,2,3,4"]),
        min_size=100,
        max_size=300,
    )
)
def test_rows_of_many_widths_are_put_back_in_order(lines: list[str]) -> None:
    text = "A,B,C\n" + "".join(f"{line}\n" for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        book = opened(Path(folder), text.encode())
        expected = [(*row, "", "", "", "")[:4] for row in csv.reader(io.StringIO(text, newline=""))]
        assert list(rows_of(book).values()) == expected


def test_single_quotes_that_are_never_closed_are_letters(tmp_path: Path) -> None:
    data = b"Order No,AWB No,Status;;\n'''\n\rSO-1,86210010463,\r\nOrder No,AWB No,StatusSO-2,86210010464,,a,b,c\r"
    assert rows_of(opened(tmp_path, data), width=2)[4] == ("SO-1", "86210010463")


DECIMAL_COMMAS = "Order ID,Total,AWB No,Status\n1,1299,00,86210016051,Cancelled\n2,500,00,86210016052,Shipped\n"


@pytest.mark.parametrize("rows", [1, 4])
def test_a_table_whose_every_row_is_wider_than_its_header_is_refused_with_the_way_out(
    tmp_path: Path, rows: int
) -> None:
    path = tmp_path / "orders.csv"
    head, *lines = DECIMAL_COMMAS.splitlines(keepends=True)
    path.write_text(head + "".join(lines * rows), encoding="utf-8")
    found = decided(path, everything=True)
    assert (found.sent, found.refused) == (
        {},
        "orders.csv, line 2: Every row has more cells (5) than the header (4), so none stands below its name. "
        "An amount like 1299,00 was cut in two: export it again with another delimiter (a semicolon, a tab), or as "
        ".xlsx.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Order ID,AWB No\n1,86210016051,\n2,86210016052,\n3,,\n4,,\n5,,\n",  # a comma at the end of each row
        "Order ID,AWB No\n1,86210016051,x\n2,86210016052\n",  # one row of two
    ],
)
def test_a_comma_too_many_at_the_end_and_one_wide_row_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    found = decided(path, everything=True)
    assert (found.refused, found.sent.get(3)) == ("", "86210016052")
