"""An AWB is read as a person sees it, or doubted; never is another one read."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells.characters import ENDS, made_of
from pipeline.cells.digits import as_printed, numerals, written_out
from pipeline.cells.displayed import as_seen, as_text, printed_with_decimals
from pipeline.cells.number_formats import shown_by
from pipeline.cells.problems import Family
from pipeline.model.sheet import CellColumn, Kind

LONG = "Excel keeps only 15 digits of a number, so the last ones are lost; export the column again as text"
LOST = "the digits were lost when the file was saved again; export the column again as text"
OTHER = (
    "the format shows something else than is stored, and which one is meant can't be told; "
    "export the column again as text"
)
SIGNS = "an AWB has only letters A to Z, digits 0 to 9 and hyphens; type it anew"
UNSEEN = "nobody can see that character; type the AWB anew"
BLANK_INSIDE = "a blank stands inside; write it without, if it is one AWB"
SEVERAL = "more than one AWB stands in the cell; give each a row of its own"


def column(texts: Sequence[str], kinds: Kind | Sequence[Kind] = Kind.TEXT, code: str = "General") -> CellColumn:
    """Cells of one number format."""
    every = [kinds] * len(texts) if isinstance(kinds, Kind) else kinds
    return CellColumn(
        np.array(every, dtype=np.int8),
        pd.Series(list(texts), dtype="str"),
        np.zeros(len(texts), dtype=np.int32),
        (code,),
    )


def read(
    text: str, kind: Kind = Kind.TEXT, code: str = "General", *, family: Family = Family.AWB, known: bool = True
) -> tuple[str, str]:
    """One cell: what is seen, and the doubt. A cell above it has the column read as one that is not printed."""
    seen = as_seen(column([text, "1"], [kind, Kind.TEXT], code), formats_known=known, family=family)
    return str(seen.text.iloc[0]), str(seen.doubt.iloc[0])


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("86210010463", "86210010463"),
        ("00012345", "00012345"),
        ("12345678901234567890", "12345678901234567890"),
        ("SF1234567890", "SF1234567890"),
        ('="86210010463"', "86210010463"),
        ('="00012345"', "00012345"),
        ('= "86210010463"', "86210010463"),
        ("='86210010463'", "86210010463"),
        ('=""', ""),
        ("'80125793241", "80125793241"),
        ("'80125793241'", "80125793241"),
        ('"80125793241"', "80125793241"),
        ("‘80125793241’", "80125793241"),
        ("’80125793241", "80125793241"),
        ("`80125793241", "80125793241"),
        (" ' 80125793241 ' ", "80125793241"),
        ('\'="80125793241"', "80125793241"),
        (" 86210010463\n", "86210010463"),
        ("\u00a086210010463\u200b", "86210010463"),
        ("\ufeff86210010463", "86210010463"),
        ("\u202a86210010463\u202c", "86210010463"),
        (" ", ""),
        ("'", ""),
        ("'N/A'", ""),
        ("NA", ""),
        ("None", ""),
        ("nan", ""),
        ("NULL", ""),
        ("TRUE", "TRUE"),
        ("1E5", "1E5"),
        ("1e5", "1e5"),
        ("12E-345", "12E-345"),
        ("-", ""),
        ("86,210,010,463", "86,210,010,463"),
        ("AWB: 12345678#", "AWB: 12345678#"),
    ],
)
def test_a_text_is_taken_without_what_was_put_around_it(stored: str, seen: str) -> None:
    if ": " in stored:
        assert read(stored) == (stored, f"holds {stored}: {BLANK_INSIDE}")
    else:
        assert read(stored) == (seen, "")


@pytest.mark.parametrize(
    ("stored", "doubt"),
    [
        ("1.31948E+12", f"holds 1.31948E+12: {LOST}"),
        ("3,60003E+14", f"holds 3,60003E+14: {LOST}"),
        ("1E+12", f"holds 1E+12: {LOST}"),
        ("1.5e12", f"holds 1.5e12: {LOST}"),
        ("12 12345678", f"holds 12 12345678: {BLANK_INSIDE}"),
        ("12\u00a012345678", f"holds 12\u00a012345678: {BLANK_INSIDE}"),
        ("Delhivery 1234567890", f"holds Delhivery 1234567890: {BLANK_INSIDE}"),
        ("12345678, 12345679", f"holds 12345678, 12345679: {SEVERAL}"),
        ("12345678,12345679", f"holds 12345678,12345679: {SEVERAL}"),
        ("12345678;12345679", f"holds 12345678;12345679: {SEVERAL}"),
        ("12345678/12345679", f"holds 12345678/12345679: {SEVERAL}"),
        ("12345678|12345679", f"holds 12345678|12345679: {SEVERAL}"),
        ("12345678 12345679", f"holds 12345678 12345679: {SEVERAL}"),
        ("12345678\r\n12345679", f"holds 12345678··12345679: {SEVERAL}"),
        ("8621\u200b0010463", f"holds 8621·0010463 with the character ZERO WIDTH SPACE (U+200B) inside: {UNSEEN}"),
        (
            "8621\u202e0010463",
            f"holds 8621·0010463 with the character RIGHT-TO-LEFT OVERRIDE (U+202E) inside: {UNSEEN}",
        ),
        ("\u202e86210463", f"holds ·86210463 with the character RIGHT-TO-LEFT OVERRIDE (U+202E) inside: {UNSEEN}"),
        ("8621\u00ad0010463", f"holds 8621·0010463 with the character SOFT HYPHEN (U+00AD) inside: {UNSEEN}"),
        ("862\x0010463", f"holds 862·10463 with the control character U+0000 inside: {UNSEEN}"),
        ("٨٦٢١٠٠١٠", f"holds ٨٦٢١٠٠١٠ with the character ARABIC-INDIC DIGIT EIGHT (U+0668) inside: {SIGNS}"),
        ("８６２１００", f"holds ８６２１００ with the character FULLWIDTH DIGIT EIGHT (U+FF18) inside: {SIGNS}"),
        ("SF12А456", f"holds SF12А456 with the character CYRILLIC CAPITAL LETTER A (U+0410) inside: {SIGNS}"),
        ("862–10010", f"holds 862–10010 with the character EN DASH (U+2013) inside: {SIGNS}"),
        (
            "86210010463.00",
            "holds 86210010463.00: it is printed with decimals in a column where other numbers are not; "
            "export the column again as text",
        ),
    ],
)
def test_a_text_that_may_be_another_awb_is_doubted_and_shown_as_stored(stored: str, doubt: str) -> None:
    assert read(stored) == (stored, doubt)


@pytest.mark.parametrize(
    ("spelt", "seen"),
    [
        ("86210010463", "86210010463"),
        ("86210010463.0", "86210010463"),
        ("86210010463.000", "86210010463"),
        ("8.6210010463E10", "86210010463"),
        ("8.6210010463e+10", "86210010463"),
        ("8621001046300E-2", "86210010463"),
        ("+86210010463", "86210010463"),
        ("0086210010463", "86210010463"),
        ("1E+6", "1000000"),
        ("999999999999999", "999999999999999"),
        ("1.31948000000001E+14", "131948000000001"),
        ("0", ""),
    ],
)
def test_a_whole_number_below_16_digits_is_exact_however_the_file_spells_it(spelt: str, seen: str) -> None:
    assert read(spelt, Kind.NUMBER) == (seen, "")


@pytest.mark.parametrize(
    ("spelt", "seen", "what", "why"),
    [
        ("1234567890123456", "1234567890123456", "1234567890123456 as a number", LONG),
        ("1.2345678901234567E+15", "1234567890123456.7", "1234567890123456.7 as a number", LONG),
        ("1.31948E+18", "1319480000000000000", "1319480000000000000 as a number", LONG),
        ("1E+400", "1E+400", "1E+400 as a number", LONG),
        ("-86210010463", "-86210010463", "the number -86210010463", "no AWB is below zero; look up the right one"),
        ("86210010463.5", "86210010463.5", "the number 86210010463.5", "no AWB has a fraction; look up the right one"),
        ("1E-7", "0.0000001", "the number 0.0000001", "no AWB has a fraction; look up the right one"),
        ("NaN", "NaN", "NaN as a number", "that is no number; export the column again as text"),
    ],
)
def test_a_number_that_is_no_awb_is_doubted(spelt: str, seen: str, what: str, why: str) -> None:
    assert read(spelt, Kind.NUMBER) == (seen, f"holds {what}: {why}")


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("General", "12345"),
        ("", "12345"),
        ("0", "12345"),
        ("@", "12345"),
        ("#,##0", "12345"),
        ("0.00", "12345"),
        ("#,##0.00", "12345"),
        ("0.00E+00", "12345"),
        ("##0.0E+0", "12345"),
        ("[Red]0", "12345"),
        ("[Color 5]0;[Red]-0", "12345"),
        ("[$-409]0", "12345"),
        ("[$-4009]#,##0", "12345"),
        ("0_);(0)", "12345"),
        ('_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)', "12345"),
        ("# ##0", "12345"),
        ("#\\ ##0", "12345"),
        ("[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;##,##0", "12345"),
        ("0;0;;@", "12345"),
        ('[=0]"";0', "12345"),
        ("00000000", "00012345"),
        ("0######", "0012345"),
        ("00000000.00", "00012345"),
        ("000,000,000", "000012345"),
        ('[<0]"minus";00000000', "00012345"),
        ("00000 00000", "0000012345"),
        ("# ??/??", "12345"),
        ('"SF"@', "12345"),
        ("@@", "12345"),
        ("0?", "12345"),
        ("[$ ]0", "12345"),
        ('0"\u200e"', "12345"),
        ("[>=100000]##\\,##\\,##0;General", "12345"),
        ("[>5][Blue]0;General", "12345"),
        ("[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;##,###", "12345"),
        ("[>5]0", "12345"),
    ],
)
def test_a_number_format_that_changes_no_digit_is_taken_as_it_shows(code: str, seen: str) -> None:
    assert read("12345", Kind.NUMBER, code) == (seen, "")


@pytest.mark.parametrize(
    "code",
    [
        '"AWB"0', '0"AWB"', "000-000", "0%", "0,", "0.0,", "[$₹-4009]#,##0", "$0", "[$-D000000]0", "[DBNum1]0",
        "dd-mm-yyyy", "[h]:mm", "*00", "(0)", "0.0.0", '"hidden"', '"x";0', "[<=9999999]###-####;0",
        "[>5]00000000;0", "0 \\x", "+0", "#\\.##0", "General\" pcs\"", "E", ",0", "[>", "[>=0];0",
        "[<100]0000000000",
    ],
)  # fmt: skip
def test_a_number_format_that_shows_something_else_is_doubted(code: str) -> None:
    assert read("12345", Kind.NUMBER, code) == (
        "12345",
        f"holds the number 12345 under the number format {code}: {OTHER}",
    )


@pytest.mark.parametrize("code", [";;;", ";", '""', "_(_)", "[Red];0"])
def test_a_number_format_that_hides_the_number_is_doubted(code: str) -> None:
    why = "the format hides it; export the column again as text"
    assert read("12345", Kind.NUMBER, code)[1] == f"holds the number 12345 under the number format {code}: {why}"


def test_without_number_formats_a_number_is_no_awb_but_may_be_a_reference() -> None:
    why = "this kind of file does not tell whether zeros belong in front; save it as .xlsx and use that"
    assert read("12345", Kind.NUMBER, known=False) == ("12345", f"holds the number 12345: {why}")
    assert read("12345", Kind.NUMBER, known=False, family=Family.REFERENCE) == ("12345", "")


@pytest.mark.parametrize(
    ("kind", "text", "doubt"),
    [
        (Kind.BLANK, "", ""),
        (
            Kind.DATE,
            "2026-01-31",
            "holds the date 2026-01-31: Excel made a date of it; export the column again as text",
        ),
        (
            Kind.BOOLEAN,
            "TRUE",
            "holds TRUE as a truth value: it is TRUE or FALSE for Excel, no AWB; type the right one as text",
        ),
        (
            Kind.ERROR,
            "#N/A",
            "holds the error #N/A: the formula in the cell fails; mend it, or type the AWB as text",
        ),
        (
            Kind.EMPTY_FORMULA,
            "",
            "holds a formula without a result: the program that made the file did not calculate it; "
            "open the file in Excel, save it and try again",
        ),
    ],
)
def test_cells_that_are_neither_text_nor_number_are_doubted(kind: Kind, text: str, doubt: str) -> None:
    assert read(text, kind) == (text, doubt)


@pytest.mark.parametrize(
    ("stored", "seen", "doubt"),
    [
        ("SO-24100", "SO-24100", ""),
        ("#SO 24/100, b", "#SO 24/100, b", ""),
        ("Órden 12", "Órden 12", ""),
        ("1001.0", "1001.0", ""),
        ("'SO-1", "SO-1", ""),
        ('="SO-1"', "SO-1", ""),
        ("1.2E+17", "1.2E+17", f"holds 1.2E+17: {LOST}"),
        (
            "SO\u200b1",
            "SO\u200b1",
            "holds SO·1 with the character ZERO WIDTH SPACE (U+200B) inside: "
            "nobody can see that character; type the order reference anew",
        ),
    ],
)
def test_an_order_reference_may_hold_more_but_is_read_with_the_same_care(stored: str, seen: str, doubt: str) -> None:
    assert read(stored, family=Family.REFERENCE) == (seen, doubt)


def test_decimals_are_taken_off_where_the_whole_column_is_printed_so() -> None:
    seen = as_seen(
        column(["86210010463.0", "'86210010464.00", "SF1234", "", "12345678901234567.0"]), formats_known=True
    )
    assert seen.text.tolist() == ["86210010463", "86210010464", "SF1234", "", "12345678901234567.0"]
    assert seen.doubt.tolist() == ["", "", "", "", f"holds 12345678901234567.0 as a number: {LONG}"]
    assert (seen.unwrapped, seen.printed, seen.decimals) == (1, 2, True)


def test_what_was_said_of_the_whole_column_counts_more_than_the_frame() -> None:
    cells = column(["86210010463.0", "86210010464.00"])
    assert as_seen(cells, formats_known=True, printed=False).doubt.str.startswith("holds").all()
    mixed = as_seen(column(["86210010463.0", "86210010464"]), formats_known=True, printed=True)
    assert mixed.text.tolist() == ["86210010463", "86210010464"]


@pytest.mark.parametrize(
    ("cells", "printed"),
    [
        (column(["1.0", "2.00", "SF1", ""]), True),
        (column(["1.0", "2"]), False),
        (column(["1.0", "2.5"]), False),
        (column(["SF1", ""]), None),
        (column([]), None),
        (column(["1.0", "2"], [Kind.TEXT, Kind.NUMBER]), False),
    ],
)
def test_a_column_is_printed_with_decimals_only_if_every_number_is(cells: CellColumn, printed: bool | None) -> None:
    assert printed_with_decimals(cells) is printed


def test_rows_keep_their_numbers_and_the_stored_cells_stay_as_they_were() -> None:
    cells = column(["'1", "2"], [Kind.TEXT, Kind.NUMBER], "000")
    cells.text.index = pd.Index([7, 9])
    seen = as_seen(cells, formats_known=True)
    assert seen.text.to_dict() == {7: "1", 9: "002"}
    assert cells.text.tolist() == ["'1", "2"]


@pytest.mark.parametrize(
    ("stored", "kind", "text"),
    [
        ("1299", Kind.NUMBER, "1299"),
        ("1299.0", Kind.NUMBER, "1299"),
        ("1299.50", Kind.NUMBER, "1299.5"),
        ("0.30000000000000004", Kind.NUMBER, "0.3"),
        ("349.99999999999994", Kind.NUMBER, "350"),
        ("1.1E-5", Kind.NUMBER, "0.000011"),
        ("-12.5", Kind.NUMBER, "-12.5"),
        ("-0", Kind.NUMBER, "0"),
        ("x", Kind.NUMBER, "x"),
        ("2026-01-31 00:00:00", Kind.DATE, "2026-01-31"),
        ("2026-01-31 10:30:00", Kind.DATE, "2026-01-31 10:30:00"),
        ("\u00a0 Pune\n", Kind.TEXT, "Pune"),
        ('="READY"', Kind.TEXT, "READY"),
        ("'tHart", Kind.TEXT, "'tHart"),
        ("TRUE", Kind.BOOLEAN, "TRUE"),
        ("", Kind.BLANK, ""),
    ],
)
def test_other_columns_are_read_as_plain_text(stored: str, kind: Kind, text: str) -> None:
    assert as_text(column([stored], kind)).tolist() == [text]


# --- whatever comes ----------------------------------------------------------------------------------------------

AWBS = st.text(alphabet=string.ascii_letters + string.digits + "-", min_size=6, max_size=30).filter(
    lambda text: any(sign.isdigit() for sign in text)
)
AROUND = st.sampled_from(['="{}"', "'{}", "'{}'", '"{}"', "`{}", "‘{}’"])
ANY_TEXT = st.text(max_size=40) | st.text(alphabet="0123456789.,E+-' \"=\u200b\u00a0\n/;", max_size=25)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(AWBS, AROUND, st.text(alphabet=ENDS, max_size=3)), min_size=1, max_size=8))
def test_any_awb_comes_back_from_any_wrapper(cells: list[tuple[str, str, str]]) -> None:
    seen = as_seen(column([end + around.format(awb) + end for awb, around, end in cells]), formats_known=True)
    assert seen.text.tolist() == [awb for awb, _, _ in cells]
    assert seen.doubt.tolist() == [""] * len(cells)
    assert seen.unwrapped == len(cells)


@settings(deadline=None, max_examples=200)
@given(st.lists(ANY_TEXT, min_size=1, max_size=8), st.sampled_from(Family))
def test_any_text_is_read_or_doubted_and_nothing_is_made_up(texts: list[str], family: Family) -> None:
    seen = as_seen(column(texts), formats_known=True, printed=False, family=family)
    for stored, text, doubt in zip(texts, seen.text, seen.doubt, strict=True):
        assert text in stored
        assert doubt == "" or doubt.startswith("holds ")
        assert not any(unicodedata.category(sign) in ("Cc", "Cf") for sign in doubt)
        if family is Family.AWB and doubt == "" and text.isascii() is False:
            pytest.fail(f"{text!r} was believed")


@settings(deadline=None, max_examples=200)
@given(st.integers(min_value=0, max_value=10**20), st.integers(min_value=0, max_value=6), st.integers(-3, 18))
def test_any_spelling_of_a_number_gives_its_digits_or_a_doubt(number: int, zeros: int, power: int) -> None:
    value = Decimal(number)
    spellings = [str(number), f"{number}." + "0" * zeros, f"{value.scaleb(-power):f}E+{power}".replace("+-", "-")]
    seen = as_seen(column(spellings, Kind.NUMBER), formats_known=True)
    if number < 10**15:
        assert seen.text.tolist() == [str(number) if number else ""] * 3
        assert seen.doubt.tolist() == [""] * 3
    else:
        assert (seen.doubt != "").all()


@settings(deadline=None, max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_is_printed_with_its_own_value_to_15_digits(value: float) -> None:
    printed = as_printed(pd.Series([repr(value)], dtype="str")).iloc[0]
    if abs(value) >= 1e39:
        assert printed == repr(value)
    elif abs(value) >= 1e-15:
        assert float(printed) == pytest.approx(value, rel=1e-14)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.from_regex(r"-?[0-9]{0,18}(?:\.[0-9]{0,18})?(?:E[0-9])?", fullmatch=True) | st.text(max_size=3)))
def test_what_is_spelt_well_already_is_left_as_it_would_be_spelt(spelt: list[str]) -> None:
    numbers = pd.Series(spelt, index=range(5, 5 + len(spelt)), dtype="str")
    pd.testing.assert_series_equal(as_printed(numbers), written_out(numerals(numbers), numbers), check_names=False)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet='0#?.,%/@;[]<>=\\"_*-+ EeGgenral$dmyhs₹', max_size=16))
def test_any_number_format_is_either_understood_or_doubted(code: str) -> None:
    shown = shown_by(code)
    assert not (shown.doubt and shown.width)


@given(st.lists(st.text("09azAZ-#/_ é\n\u200b\0", max_size=6), max_size=8), st.integers(0, 3))
def test_the_signs_of_texts_are_told_as_a_pattern_tells_them(words: list[str], start: int) -> None:
    texts = pd.Series(words, dtype="str").iloc[start:]
    for signs in ("[0-9A-Za-z-]", "[0-9]", "[0-9A-Za-z#/_-]"):
        assert made_of(texts, signs).tolist() == texts.str.fullmatch(f"{signs}*").tolist()
        assert made_of(pd.concat([texts, texts]), signs).tolist() == 2 * made_of(texts, signs).tolist()


@pytest.mark.parametrize(
    ("stored", "kind", "doubt"),
    [
        (
            "86210010463123.02",
            Kind.NUMBER,
            "holds the number 86210010463123.02, which shows as 86210010463123: a calculation left a fraction behind; "
            "type the right AWB as text",
        ),
        (
            "8.6210010463122996E13",
            Kind.NUMBER,
            "holds the number 86210010463122.996, which shows as 86210010463123: a calculation left a fraction behind; "
            "type the right AWB as text",
        ),
        (
            "86210010463160",
            Kind.DATE,
            "holds the number 86210010463160 under a date format: Excel shows ##### for it; "
            "export the column again as text",
        ),
    ],
)
def test_the_words_say_what_the_cell_holds_and_what_it_shows(stored: str, kind: Kind, doubt: str) -> None:
    assert read(stored, kind)[1] == doubt


def test_a_style_that_the_file_lacks_is_said_to_be_lacking() -> None:
    cells = CellColumn(np.array([2], np.int8), pd.Series(["12345678"], dtype="str"), np.array([-1], np.int32), ())
    (doubt,) = as_seen(cells, formats_known=True).doubt
    assert doubt == (
        "holds the number 12345678: the file lacks the style of the cell; open it in Excel, save it and try again"
    )
