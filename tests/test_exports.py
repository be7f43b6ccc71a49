"""One small file for each mess of docs/order-exports.md: what is loaded, what is refused, and the words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import PipelineError
from pipeline.load import REFERENCES, Table, Wishes, load
from pipeline.sheets import open_book
from schemas.columns import YES_WORDS, Meaning, load_profile, profiles
from tests.exports.make_exports import made

HERE = Path(__file__).parent / "exports"


def read(path: Path, wishes: Wishes | None = None) -> tuple[Table, pd.DataFrame]:
    """The table and all its rows."""
    table = load(open_book(path), wishes or Wishes())
    parts = list(table.frames())
    return table, pd.concat(parts) if parts else pd.DataFrame()


def told(path: Path) -> list[str] | str:
    """What becomes of each row that is not blank, and what is asked (?); or the words of the refusal.

    ``3: 86210010463`` is an AWB that is believed, ``3! …`` one that is not; ``3 (hidden)`` stands in a hidden row.
    """
    try:
        table, frame = read(path)
    except PipelineError as error:
        return str(error)
    rows = [_row(number, row) for number, row in frame.iterrows() if row["aside"] != "blank"]
    return [*rows, *([f"? {table.questions}"] if table.questions else [])]


def _row(number: object, row: pd.Series[str]) -> str:
    hidden = " (hidden)" if row["hidden"] else ""
    if row["awb_doubt"] and not row["aside"]:
        return f"{number}{hidden}! {row['awb_doubt']}"
    return f"{number}{hidden}: {row['aside'] or row['awb_number'] or 'no AWB'}"


# What is expected was looked through line by line by hand: AWBs that a careful person would send, and no other.
LOADED: dict[str, list[str]] = {
    "annotated_by_an_earlier_run.xlsx": ["2: 86210010463"],
    "awb_destroyed_by_a_resave.csv": [
        ("2! holds 1.31948E+12: the digits were lost when the file was saved again; export the column again as text"),
        ("3! holds 1.31948E+12: the digits were lost when the file was saved again; export the column again as text"),
        "4: 1319480000001",
    ],
    "awb_destroyed_with_decimal_comma.csv": [
        ("2! holds 3,60003E+14: the digits were lost when the file was saved again; export the column again as text"),
        "3: 360003123456789",
    ],
    "awb_is_the_order_number.xlsx": [
        "2: SO100001",
        "3: SO100002",
        (
            "? The AWBs and the order references are the same, so one is not what it is taken for: say "
            "--column awb_number=HEADER"
        ),
    ],
    "block_after_a_blank_row.xlsx": ["2: 86210010463", "4: 86210010464", "5: no AWB"],
    "courier_and_number_in_one_cell.csv": [
        "2! holds Alpha Log 86210010463: a blank stands inside; write it without, if it is one AWB",
        (
            "? 'Carrier Name & Tracking Number' (column B) is taken for the AWBs, and that is no name known "
            "for them: say --column 'awb_number=Carrier Name & Tracking Number' if it is"
        ),
    ],
    "cover_sheet_first.xlsx": ["2: 86210010463"],
    "cp1252.csv": ["2: 86210010463", "3: 86210010464"],
    "cr_only.csv": ["2: 86210010463"],
    "csv_called.xls": ["2: 86210010463", "3: 86210010464"],
    "dates_and_booleans.xlsx": [
        "2! holds TRUE as a truth value: it is TRUE or FALSE for Excel, no AWB; type the right one as text",
        "3! holds the date 2026-01-31: Excel made a date of it; export the column again as text",
    ],
    "description_row_below.xlsx": ["2: a description row, not an order", "3: BR862100104AB"],
    "error_cells.xlsx": [
        "2! holds the error #N/A: the formula in the cell fails; mend it, or type the AWB as text",
        "3: 86210010464",
    ],
    "estado_means_two_things.csv": ["2: BR862100104AB", "3: BR862100105AB"],
    "fewer_cells.csv": [
        (
            "2! is in a row that could not be read whole: line 2 has fewer cells (2) than the header (3), so "
            "they may stand in the wrong columns"
        ),
        "3: 86210010464",
    ],
    "filtered_rows.xlsx": ["2: 86210010463", "3 (hidden): 86210010464", "4 (hidden): 86210010465"],
    "footer.csv": ["2: 86210010463", "3: a footer, not an order"],
    "formatted_empty_rows.xlsx": ["2: 86210010463", "3: 86210010464"],
    "formula_row_below.xlsx": ["2: a description row, not an order", "3: 86210010463", "4: 86210010464"],
    "formula_with_its_value.xlsx": ["2: 86210010463", "3: 86210010464"],
    "formula_without_its_value.xlsx": [
        (
            "2! holds a formula without a result: the program that made the file did not calculate it; open "
            "the file in Excel, save it and try again"
        ),
    ],
    "gbk.csv": [
        "2: 86210010460",
        "3: 86210010461",
        "4: 86210010462",
        "5: 86210010463",
        "6: 86210010464",
        "7: 86210010465",
        "8: 86210010466",
        "9: 86210010467",
        "10: 86210010468",
    ],
    "grand_total.xlsx": ["2: 86210010463", "3: 86210010464", "4: a total, not an order"],
    "grand_total_over_the_awbs.xlsx": [
        "2: 86210010463",
        ("3! is in a row that is called a total: a sum of AWBs looks like one too; delete the row, or mend its name"),
    ],
    "group_row_above.xlsx": ["3: 86210010463"],
    "header_alone.csv": [],
    "html_called.xls": ["2: 86210010463"],
    "hyperlinks.xlsx": ["2: 86210010463"],
    "invisible_character_inside.csv": [
        (
            "2! holds 8621·0010463 with the character ZERO WIDTH SPACE (U+200B) inside: nobody can see that "
            "character; type the AWB anew"
        ),
    ],
    "line_breaks_in_names.xlsx": ["2: 86210010463"],
    "line_breaks_in_quotes.csv": ["2: 86210010463", "3: 86210010464"],
    "many_rows_one_awb.csv": ["2: 86210010463", "3: 86210010463", "4: 86210010463"],
    "missing_words_are_text.csv": ["2: no AWB", "3: no AWB", "4: 1E5", "5: 86210010463"],
    "mixed_storage.xlsx": [
        "2: 86210010463",
        "3: 86210010464",
        "4: SF1234567AB",
        "5! holds 12 12345678: a blank stands inside; write it without, if it is one AWB",
    ],
    "more_cells.csv": [
        (
            "2! is in a row that could not be read whole: line 2 has more cells (4) than the header (3), so "
            "they may stand in the wrong columns"
        ),
        "3: 86210010464",
    ],
    "no_final_line_end.csv": ["2: 86210010463", "3: 86210010464"],
    "nul_bytes.csv": [
        "2! is in a row that could not be read whole: line 2 holds NUL bytes, which no text has",
        "3: 86210010464",
    ],
    "number_format_scientific.xlsx": ["2: 86210010463"],
    "number_format_that_shows_another_number.xlsx": [
        (
            "2! holds the number 86210010463 under the number format 0,: the format shows something else than "
            "is stored, and which one is meant can't be told; export the column again as text"
        ),
    ],
    "number_format_with_zeros.xlsx": ["2: 00012345", "3: 00000678"],
    "pages_glued_together.csv": ["2: 86210010463", "3: a repeated header, not an order", "4: 86210010464"],
    "phone_numbers.xlsx": ["2: 9876543210", "3: 8876543210"],
    "pipes.csv": ["2: 86210010463", "3: 86210010464"],
    "printed_with_point_zero.csv": ["2: 86210010463", "3: 86210010464"],
    "printed_with_point_zero_in_part.csv": [
        (
            "2! holds 86210010463.0: it is printed with decimals in a column where other numbers are not; "
            "export the column again as text"
        ),
        "3: 86210010464",
    ],
    "rich_text.xlsx": ["2: 86210010463"],
    "semicolons.csv": ["2: 86210010463", "3: 86210010464"],
    "sep_line.csv": ["2: 86210010463"],
    "several_awbs_in_one_cell.csv": [
        "2! holds 86210010463, 86210010464: more than one AWB stands in the cell; give each a row of its own",
    ],
    "shift_jis.csv": [
        "2: 86210010460",
        "3: 86210010461",
        "4: 86210010462",
        "5: 86210010463",
        "6: 86210010464",
        "7: 86210010465",
        "8: 86210010466",
        "9: 86210010467",
        "10: 86210010468",
    ],
    "sixteen_digits_and_more.xlsx": [
        (
            "2! holds 1234567890123456 as a number: Excel keeps only 15 digits of a number, so the last ones "
            "are lost; export the column again as text"
        ),
        "3: 1234567890123456",
    ],
    "tabs_in_a.csv": ["2: 86210010463", "3: 86210010464"],
    "titles_above.xlsx": ["5: 86210010463"],
    "utf16.csv": ["2: 86210010463", "3: 86210010464"],
    "utf8_with_bom.csv": ["2: 86210010463", "3: 86210010464"],
    "wrappers.csv": [
        "2: 86210010463",
        "3: no AWB",
        "4: 80125793241",
        "5: 80125793242",
        "6: 80125793243",
        "7: no AWB",
        "8: no AWB",
        "9: 80125793244",
    ],
    "xlsx_called.xls": ["2: 86210010463"],
}

REFUSED: dict[str, str] = {
    "a_byte_that_does_not_decode.csv": (
        "a_byte_that_does_not_decode.csv, line 2, column 6: The byte 0x81 does not decode as cp1252 (guessed: "
        "it is not UTF-8). Open the file where it comes from and save it again as CSV UTF-8."
    ),
    "hidden_sheet.xlsx": (
        "hidden_sheet.xlsx: No visible sheet has what is needed; 'Orders' would fit, and is hidden. If that is "
        "the one, say --sheet 'Orders'."
    ),
    "no_awbs_meesho.csv": (
        "no_awbs_meesho.csv, row 1: This sheet has order references, 'Sub Order No' (column A), but no AWBs: "
        "nothing can be cancelled from it. Give the courier's export, which has both, as INPUT, and this file "
        "with --pick-from. If a column holds them, say --column awb_number=HEADER (or its letter); "
        "if this is not the header row, --header-row N (0: there is none). "
        "Headers seen: A Sub Order No, B Packet Id, C Live Order Status."
    ),
    "no_awbs_shopify.csv": (
        "no_awbs_shopify.csv, row 1: This sheet has order references, 'Name' (column A), but no AWBs: nothing "
        "can be cancelled from it. Give the courier's export, which has both, as INPUT, and this file with "
        "--pick-from. If a column holds them, say --column awb_number=HEADER (or its letter); "
        "if this is not the header row, --header-row N (0: there is none). "
        "Headers seen: A Name, B Financial Status, C Fulfillment Status."
    ),
    "no_awbs_tally.csv": (
        "no_awbs_tally.csv, row 1: This sheet has order references, 'Voucher No.' (column C), but no AWBs: "
        "nothing can be cancelled from it. Give the courier's export, which has both, as INPUT, and this file "
        "with --pick-from. If a column holds them, say --column awb_number=HEADER (or its letter); "
        "if this is not the header row, --header-row N (0: there is none). "
        "Headers seen: A Date, B Particulars, C Voucher No."
    ),
    "one_sheet_a_month.xlsx": (
        "one_sheet_a_month.xlsx: 3 sheets could be meant: 'Sep 26', 'Oct 26', 'Nov 26'. Say which one with "
        "--sheet, one run for each. Sep 26 (row 1: A AWBNO., B STATUS); Oct 26 (row 1: A AWB NO., B Status); "
        "Nov 26 (row 1: A Awb No, B STATUS)."
    ),
    "password_protected.xlsx": (
        "password_protected.xlsx: This is a workbook protected with a password. Open it in Excel, take the "
        "password off, save it."
    ),
    "picture_called.csv": (
        "picture_called.csv: This is an image (PNG), not a table. Export the orders as a table instead (.xlsx or .csv)."
    ),
    "rto_waybill_beside_the_awb.xlsx": (
        "rto_waybill_beside_the_awb.xlsx, sheet Orders, row 1: 2 columns could be the AWBs: 'AWB Code' (column "
        "B), 'RTO WayBill' (column C). Say which one: --column 'awb_number=AWB Code' or --column "
        "'awb_number=RTO WayBill'."
    ),
    "truncated.xlsx": (
        "truncated.xlsx: This file is damaged: the end is missing, or it was cut while being copied. Open it "
        "in Excel and save it again, or export it anew."
    ),
    "two_columns_of_one_name.xlsx": (
        "two_columns_of_one_name.xlsx, sheet Orders, row 1: 2 columns could be the AWBs: 'AWB NO.' (column A), "
        "'AWB NO.' (column C). Say which one: --column 'awb_number=AWB NO.#1' or --column 'awb_number=AWB "
        "NO.#2'."
    ),
    "unbalanced_quote.csv": (
        "unbalanced_quote.csv, line 2: A quote opens here and is not closed. Close the quote there, or double "
        "it where it belongs to the text, and run the command again."
    ),
    "very_hidden_sheet.xlsx": (
        "very_hidden_sheet.xlsx: No visible sheet has what is needed; 'Orders' would fit, and is hidden. If "
        "that is the one, say --sheet 'Orders'."
    ),
    "zero_bytes.csv": "zero_bytes.csv: This file is empty (0 bytes). Export it again.",
    "zip_bomb.xlsx": (
        "zip_bomb.xlsx: This file would unpack to 0.1 GB in 2 parts, as no real workbook does. If it is "
        "genuine, save the one sheet as CSV and use that."
    ),
    "~$orders.xlsx": "~$orders.xlsx: This is Excel's lock file of orders.xlsx, not the table. Give orders.xlsx.",
}


@pytest.mark.parametrize("name", LOADED)
def test_a_careful_person_would_load_this_and_so_do_we(name: str) -> None:
    assert told(HERE / name) == LOADED[name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_careful_person_would_not_read_this_and_we_say_why(name: str) -> None:
    assert told(HERE / name) == REFUSED[name]


def test_every_made_file_is_here_and_nothing_else() -> None:
    files = {str(path.relative_to(HERE)) for path in HERE.rglob("*.*") if path.suffix not in (".py", ".pyc")}
    assert files == set(made())
    assert set(LOADED) | set(REFUSED) == {name for name in files if "/" not in name}


NAMED_BY_HAND: list[tuple[str, Wishes, list[str]]] = [
    ("one_sheet_a_month.xlsx", Wishes(sheet="oct 26"), ["86210010464"]),
    ("hidden_sheet.xlsx", Wishes(sheet="Orders"), ["86210010463"]),
    ("very_hidden_sheet.xlsx", Wishes(sheet="Orders"), ["86210010463"]),
    ("two_columns_of_one_name.xlsx", Wishes(columns={"awb_number": "AWB NO.#2"}), ["86210010999"]),
    ("rto_waybill_beside_the_awb.xlsx", Wishes(columns={"awb_number": "awb code"}), ["86210010463"]),
    ("rto_waybill_beside_the_awb.xlsx", Wishes(profile=load_profile("shiprocket")), ["86210010463"]),
    ("titles_above.xlsx", Wishes(header_row=4), ["86210010463"]),
]


@pytest.mark.parametrize(("name", "wishes", "awbs"), NAMED_BY_HAND)
def test_what_stops_and_asks_goes_on_when_it_is_told(name: str, wishes: Wishes, awbs: list[str]) -> None:
    table, frame = read(HERE / name, wishes)
    assert (frame["awb_number"].tolist(), table.questions) == (awbs, "")


@pytest.mark.parametrize(
    ("name", "references"),
    [("no_awbs_shopify.csv", ["#1001"]), ("no_awbs_meesho.csv", ["1_1"]), ("no_awbs_tally.csv", ["17"])],
)
def test_a_file_without_awbs_serves_as_a_list_of_orders(name: str, references: list[str]) -> None:
    _, frame = read(HERE / name, Wishes(need=REFERENCES))
    assert frame["order_ref"].tolist() == references


SAMPLES = sorted(path for path in (HERE / "profiles").iterdir() if path.stem != "shopify")


def test_every_profile_has_a_sample() -> None:
    assert {path.stem for path in (HERE / "profiles").iterdir()} == {profile.name for profile in profiles()}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_of_each_system_is_told_by_its_columns_and_picks_one_order(path: Path) -> None:
    table, frame = read(path)
    orders = frame[frame["aside"] == ""]
    marked = orders["cancel"].str.lower().isin(YES_WORDS) if "cancel" in orders else _asked(table, orders)
    assert (table.profile.name, table.questions) == (path.stem, "")
    assert (len(orders), int(marked.sum()), orders["awb_doubt"].unique().tolist()) == (2, 1, [""])
    assert orders["order_date"].str.slice(0, 10).tolist() == ["2026-01-31", "2026-02-01"]


def _asked(table: Table, orders: pd.DataFrame) -> pd.Series[bool]:
    meanings = table.profile.meanings(orders["order_status"])
    assert [meanings[word] for word in orders["order_status"]][1] in (Meaning.TOO_LATE, Meaning.OPEN)
    return orders["order_status"].map(meanings) == Meaning.CANCEL


def test_every_header_that_a_profile_prefers_is_found_in_its_sample() -> None:
    for path in SAMPLES:
        table, _ = read(path)
        assert set(table.profile.preferred) <= set(table.columns), path.stem
