"""The page tells the run as it was, stays bounded, and takes every text from elsewhere as text."""

from __future__ import annotations

import re
import time
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from jinja2 import DictLoader, Environment

from pipeline.report.currency import Currency
from pipeline.report.figures import MOST_BARS, MOST_ROWS, couriers, grouped, money, needs, remarks, shares, told
from pipeline.report.going import going, largest, plan_lines
from pipeline.report.next_steps import onward, quoted
from pipeline.report.page import MOST_CALLS, MOST_REASONS, local_time, page, sentence
from pipeline.report.template_cache import TemplateCache
from schemas.annotated import Status
from tests.stories import CALLS, HOSTILE, NO_CALLS, SMALL, hostile, many, picked, story


class Reader(HTMLParser):
    """What a browser would make of a page: its elements, and the texts between them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize(
    ("words", "facts", "expected"),
    [
        ([], {}, "No row was picked, so nothing was sent."),
        (["Success"], {"environment": "production"}, "1 row is cancelled."),
        (["Success"] * 1200, {"environment": "production"}, "1,200 rows are cancelled."),
        (
            ["Success", "Failed", "Failed", "Unknown"],
            {"environment": "staging http://127.0.0.1:9/x"},
            "1 row is cancelled, 2 rows were refused and 1 row is in doubt.",
        ),
        (["Success"], {}, "In the sandbox, where nothing is real, 1 row is cancelled."),
        (
            ["Planned", "Planned", "Invalid"],
            {"run": ""},
            "2 rows would be cancelled and 1 row can't be trusted and was not sent; nothing was sent yet.",
        ),
    ],
)
def test_the_outcome_is_one_sentence(words: list[str], facts: dict[str, str], expected: str) -> None:
    rows = picked(*(("1", "", word, "") for word in words))
    assert sentence(story(rows, **facts).summary) == expected


def test_the_bar_over_all_rows_is_filled_from_end_to_end() -> None:
    assert shares(
        {"Success": 1, "Failed": 2, "Unknown": 0, "Invalid": 0, "Skipped": 3, "Not sent": 0, "Planned": 0}
    ) == [
        {"word": "Success", "count": 1, "left": 0.0, "width": 33.33},
        {"word": "Failed", "count": 2, "left": 33.33, "width": 66.67},
    ]
    assert shares(dict.fromkeys(Status, 0) | {"Skipped": 3}) == []


@pytest.mark.parametrize(
    ("column", "amount", "expected"),
    [
        (["Rs. 1,299/-", "Rs. 5"], "1084587", "₹10,84,587.00"),
        (["₹12.00", ""], "-99999.5", "-₹99,999.50"),
        (["INR 5", "$ 7", "INR 9"], "100000", "₹1,00,000.00"),
        (["1,00,000.00", "5"], "123456789", "12,34,56,789.00"),
        (["100,000.00", "5"], "1084587", "1,084,587.00"),
        (["€ 1.299,00"], "999", "€999.00"),
        (["AED 12"], "1234", "AED 1,234.00"),
        (["offers 12"], "1", "1.00"),
        ([], "0.00", "0.00"),
    ],
)
def test_money_is_in_the_currency_of_its_column_with_lakhs_where_the_sheet_has_them(
    column: list[str], amount: str, expected: str
) -> None:
    assert Currency.of(pd.Series(column, dtype="str")).shown(amount) == expected


PLANNED = SMALL.assign(
    status=["Planned"] * 5 + ["Invalid"],
    order_status=["New", "New", "Packed", "New", "", "New"],
    order_date=["2026-11-27", "2026-11-20", "2026-08-01", "", "2026-11-26T10:00:00", "2026-11-27"],
)


def test_a_plan_shows_what_would_go_by_state_courier_payment_age_and_amount() -> None:
    found = dict(going(PLANNED, date(2026, 11, 27), Currency("₹", lakhs=True)))
    told = {title: [(line["name"], line["total"], line["amount"]) for line in lines] for title, lines in found.items()}
    assert told == {
        "By state": [("New", 3, "₹1,999.00"), ("Packed", 1, "₹100.50"), ("(nothing)", 1, "₹0.00")],
        "By courier": [("Delhivery", 3, "₹1,399.50"), ("Xpressbees", 1, "₹500.00"), ("(nothing)", 1, "₹200.00")],
        "By payment": [
            ("COD", 3, "₹1,399.50"), ("Prepaid", 1, "₹500.00"), ("Cash on Delivery", 1, "₹200.00"),
        ],
        "By age": [
            ("today", 1, "₹1,299.00"), ("2 to 7 days", 1, "₹500.00"), ("older than 90 days", 1, "₹100.50"),
            ("no date", 1, "₹200.00"), ("1 day", 1, "₹0.00"),
        ],
        "By amount": [("up to 500", 3, "₹800.50"), ("1,000 to 5,000", 1, "₹1,299.00"), ("no amount", 1, "₹0.00")],
    }  # fmt: skip
    assert going(SMALL, date(2026, 11, 27), Currency()) == []


def test_a_plan_names_its_largest_amounts_and_shows_its_rows_before_what_stays() -> None:
    run = story(PLANNED, run="")
    assert [line["amount"] for line in largest(PLANNED, Currency())] == ["1,299.00", "500.00", "200.00", "100.50"]
    text = page(run)
    places = [text.index(f'id="{name}"') for name in ("money-title", "going-title", "largest-title", "needs-title")]
    assert [*places, text.index('id="skipped-title"')] == sorted([*places, text.index('id="skipped-title"')])
    lines, titles = plan_lines(PLANNED)
    assert titles == ["State", "Courier", "Payment", "Ordered", "Amount"]
    assert [(line["row"], line["status"]) for line in lines] == [
        (5, "Planned"), (6, "Planned"), (7, "Planned"), (8, "Planned"), (9, "Planned"), (10, "Invalid"),
    ]  # fmt: skip


def test_a_report_tells_money_and_couriers_before_its_lists_and_skipped_rows_as_a_line() -> None:
    text = page(story())
    names = (
        "money-title",
        "couriers-title",
        "remarks-title",
        "next-title",
        "facts-title",
        "needs-title",
        "calls-title",
    )
    places = [text.index(f'id="{name}"') for name in names]
    assert places == sorted(places)
    assert "rows stay as they are: the reasons are below" in text


def test_a_time_is_told_as_a_clock_here_shows_it_with_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert local_time("2026-11-27T09:30:12.345+00:00") == "2026-11-27 15:00:12 IST"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_money_is_told_as_exact_sums() -> None:
    run = story()
    assert money(run.summary, run.picked, Currency()) == [
        ("Cancelled", "1,799.00"),
        ("Cash on delivery among it", "1,299.00"),
        ("Still standing (Failed and Unknown)", "400.00"),
    ]


def test_a_column_of_its_own_for_cash_on_delivery_wins_over_the_payment_mode() -> None:
    run = story(SMALL.assign(cod_amount=["10", "0", "", "", "", ""]))
    assert money(run.summary, run.picked, Currency())[1] == ("Cash on delivery among it", "10.00")


def test_a_plan_tells_what_would_be_cancelled() -> None:
    run = story(SMALL.assign(status="Planned").drop(columns="payment"), run="")
    assert money(run.summary, run.picked, Currency()) == [("To be cancelled", "2,199.00")]


def test_without_amounts_nothing_is_said_about_money() -> None:
    run = story(SMALL.drop(columns=["amount", "payment"]))
    assert money(run.summary, run.picked, Currency()) == []
    assert ">Money<" not in page(run)


def test_what_needs_a_person_comes_with_the_most_pressing_first() -> None:
    assert needs(SMALL) == [
        {
            "status": "Unknown", "awb": "1319480004", "order_ref": "SO-4",
            "remark": "no answer for this AWB: run verify", "row": 8,
        },
        {"status": "Failed", "awb": "1319480003", "order_ref": "SO-3", "remark": "AWB number not found", "row": 7},
        {"status": "Failed", "awb": "1319480006", "order_ref": "SO-6", "remark": "AWB number not found", "row": 10},
        {
            "status": "Invalid", "awb": "", "order_ref": "SO-5",
            "remark": "Orders!F9: no AWB, nothing to cancel", "row": 9,
        },
    ]  # fmt: skip


def test_outcomes_by_courier_are_sorted_by_size() -> None:
    found = couriers(SMALL)
    assert [(bar["name"], bar["total"]) for bar in found["bars"]] == [
        ("Delhivery", 3), ("Xpressbees", 2), ("(no courier)", 1),
    ]  # fmt: skip
    assert found["bars"][1]["parts"] == [
        {"word": "Success", "count": 1, "left": 0.0, "width": 33.33},
        {"word": "Failed", "count": 1, "left": 33.33, "width": 33.34},
    ]
    assert found["more"] == 0


def test_more_couriers_than_bars_are_told_as_a_number() -> None:
    rows = picked(*(("1", "", "Failed", "") for _ in range(40)), courier=[f"courier {n}" for n in range(40)])
    found = couriers(rows)
    assert (len(found["bars"]), found["more"]) == (MOST_BARS, 40 - MOST_BARS)


def test_remarks_that_differ_only_in_their_cell_row_or_awb_are_one_bar() -> None:
    rows = picked(
        ("1", "", "Invalid", "Orders!F31 holds 1.31948E+12: the number has lost digits"),
        ("2", "", "Invalid", "Orders!F7: the number has lost digits"),
        ("3", "", "Invalid", "row 12 has the same AWB and can't be trusted: mend that row first"),
        ("4", "", "Invalid", "row 5 has the same AWB and can't be trusted: mend that row first"),
        ("5", "", "Failed", "AWB 1319480001 not found (run 20261123-111905-119d, 2026-11-23)"),
        ("6", "", "Success", "fine"),
    )
    found = remarks(rows, "Orders")
    assert [(bar["word"], bar["name"], bar["total"]) for bar in found["bars"]] == [
        ("Invalid", "the number has lost digits", 2),
        ("Invalid", "row … has the same AWB and can't be trusted: mend that row first", 2),
        ("Failed", "AWB … not found (an earlier run)", 1),
    ]
    assert found["more"] == 0


@pytest.mark.parametrize(
    ("value", "expected"), [(0, "0"), (1234567, "1,234,567"), ("1299.5", "1,299.50"), ("-12.30", "-12.30")]
)
def test_numbers_are_grouped(value: object, expected: str) -> None:
    assert grouped(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a\x00b\x1bc", "a\ufffdb\ufffdc"),
        ("two\nlines", "two\nlines"),
        ("l" * 600, "l" * 500 + "…"),
    ],
)
def test_texts_are_cut_and_hold_nothing_unseen(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders.xlsx", "orders.xlsx"),
        ("C:\\exports\\orders.xlsx", "C:\\exports\\orders.xlsx"),
        ("my orders.xlsx", '"my orders.xlsx"'),
        ("five $ & more.csv", "'five $ & more.csv'"),
        ('12" tubes.csv', "'12\" tubes.csv'"),
    ],
)
def test_file_names_are_shown_as_they_are_typed(name: str, expected: str) -> None:
    assert quoted(name) == expected


def test_the_way_on_names_the_environment_and_leaves_out_what_does_not_apply() -> None:
    done = picked(("1", "", "Success", ""))
    assert onward(story(done, environment="production").summary) == [
        ("Bring the result back into the ERP: filter the sheet by status, match by order reference.", ""),
        (
            "For the auditor, one line an AWB, through all runs of this file:",
            "bulk-cancel evidence 20261123-105500-ab12",
        ),
    ]
    doubt = picked(("1", "", "Unknown", ""))
    assert onward(story(doubt, environment="staging", input="my orders.csv").summary)[0] == (
        "Look the Unknown rows up, some minutes later; nothing is cancelled by looking:",
        'bulk-cancel verify "my orders.csv" --env staging',
    )
    planned = picked(("1", "", "Planned", ""))
    assert onward(story(planned, run="", environment="production").summary) == [
        ("Look the sheet over, then cancel:", "bulk-cancel cancel orders.xlsx --env production")
    ]


@pytest.mark.parametrize(
    ("environment", "said", "not_said"),
    [
        ("sandbox", "<strong>SANDBOX</strong> The built-in service answered. Nothing real was cancelled.", "STAGING"),
        ("staging", "<strong>STAGING</strong> Not production.", "SANDBOX"),
        ("staging http://127.0.0.1:9/c", "<strong>STAGING</strong> Not production: http://127.0.0.1:9/c.", "SANDBOX"),
        ("production", "<strong>production</strong>", 'class="banner"'),
    ],
)
def test_all_but_production_stands_there_in_big_letters(environment: str, said: str, not_said: str) -> None:
    html = page(story(environment=environment))
    assert said in html
    assert not_said not in html


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"stopped": "3 calls in a row got no answer", "exit_code": 3}, "Stopped early:</strong> 3 calls in a row"),
        ({"exit_code": 130}, "Interrupted.</strong>"),
    ],
)
def test_a_run_that_ended_early_says_so(facts: dict[str, object], said: str) -> None:
    assert said in page(story(**facts))


def test_everything_that_was_run_is_on_the_page() -> None:
    text = " ".join(" ".join(read(page(story())).texts).split())
    for said in (
        "orders.xlsx", "Orders", "sandbox", "20261123-105500-ab12", "ann on desk-7", "order status (column G)",
        "order status 'Delivered' is not one to cancel", "2026-11-23 10:55:01", "1.25", "answered, AWB by AWB",
        "29 rows read, 2 of them blank", "orders.annotated.sandbox.xlsx", "the AWBs are column F", "bulk-cancel 1.0.0",
        "1 that can't be read counts as nothing",
    ):  # fmt: skip
        assert said in text


def test_a_run_without_picked_rows_calls_or_sheet_name_has_a_page_too() -> None:
    html = page(story(picked(), left_out={}, calls=NO_CALLS, sheet="", amount=None, notes=[]))
    assert "No row was picked" in html
    assert "Nothing: no row is in doubt" in html


def test_the_page_is_bounded_whatever_the_size_of_the_run() -> None:
    reasons = {f"reason {number}": 2 for number in range(MOST_REASONS + 30)}
    calls = pd.concat([CALLS] * (MOST_CALLS + 1), ignore_index=True)
    html = page(many(20_000, "failed"))
    assert html.count("<tr role") == MOST_ROWS + 1
    assert f"The first {MOST_ROWS:,} of 20,000 rows" in html
    long = page(story(left_out=reasons, calls=calls))
    assert long.count("answered, AWB by AWB") + long.count("no answer&lt;/b&gt;") == MOST_CALLS
    assert "for 30 other reasons" in long
    assert len(html) < 2_000_000


def test_nothing_that_comes_from_elsewhere_becomes_markup() -> None:
    plain, odd = read(page(story())), read(page(hostile()))
    assert {tag for tag, _ in odd.elements} <= {tag for tag, _ in plain.elements} | {"p", "li", "tr"}
    assert [tag for tag, _ in odd.elements].count("script") == 1
    for _, attributes in odd.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style")]
    texts = "\n".join(odd.texts)
    for text in HOSTILE:
        assert told(text, 120).removesuffix("…") in texts
    assert "\x00" not in texts


def test_the_page_reaches_for_nothing() -> None:
    html = page(hostile())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    for _, attributes in read(html).elements:
        for name in ("href", "src", "action", "srcset"):
            assert (attributes.get(name) or "data:,") == "data:,"


def test_a_file_name_that_is_no_text_still_gets_a_page() -> None:
    page(story(input="orders\udcff.csv")).encode()


def test_the_compiled_template_is_kept_and_one_that_is_damaged_or_another_s_is_made_anew(tmp_path: Path) -> None:
    def rendered(folder: Path, text: str) -> str:
        environment = Environment(loader=DictLoader({"page": text}), bytecode_cache=TemplateCache(folder, keeps=True))
        return environment.get_template("page").render(number=7)

    folder = tmp_path / "kept"
    assert [rendered(folder, "a {{ number }}") for _ in range(2)] == ["a 7", "a 7"]
    (kept,) = folder.iterdir()
    assert rendered(folder, "b {{ number }}") == "b 7"
    whole = kept.read_bytes()
    for damaged in (b"", whole[:20], whole[:-3], b"x" * 100):
        kept.write_bytes(damaged)
        assert rendered(folder, "a {{ number }}") == "a 7"
    assert list(folder.iterdir()) == [kept]
    (tmp_path / "file").write_text("no folder")
    assert rendered(tmp_path / "file", "a {{ number }}") == "a 7"
