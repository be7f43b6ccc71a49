"""Which rows are picked, and what is said of the others, as docs/interface.md has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import ColumnError, UsageError
from pipeline.model.options import SelectionOptions as Options
from pipeline.model.sheet import StateColumn, StateRole
from pipeline.selection.list_rows import listed
from pipeline.selection.pick import choose, decide
from pipeline.selection.reference_list import Listed, matched
from pipeline.selection.rules import By
from schemas.columns import NO_WORDS, YES_WORDS, Profile, default_profile, load_profile


@dataclass(frozen=True)
class Sheet:
    """What ``decide`` asks of a table."""

    columns: Mapping[str, int]
    profile: Profile
    others: tuple[StateColumn, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(name.replace("_", " ").title() for name in self.columns)

    @property
    def names(self) -> Mapping[str, str]:
        return {name: name for name in self.columns}

    @property
    def states(self) -> tuple[StateColumn, ...]:
        status = ("order_status", "status", StateRole.SURE)
        return (*([StateColumn(*status)] if "order_status" in self.columns else []), *self.others)


def sheet(*columns: str, profile: Profile | None = None) -> Sheet:
    names = ("awb_number", *columns)
    return Sheet({name: place for place, name in enumerate(names)}, profile or default_profile())


def frame(hidden: list[bool] | None = None, **columns: list[str]) -> pd.DataFrame:
    """Order rows from row 2 on, each with its own AWB and reference unless said otherwise."""
    count = len(next(iter(columns.values())))
    data = {
        "awb_number": [f"8621001{number:04d}" for number in range(count)],
        "awb_doubt": [""] * count,
        "order_ref": [f"SO-{number}" for number in range(count)],
        "order_ref_doubt": [""] * count,
        "aside": [""] * count,
        **columns,
    }
    made = pd.DataFrame(data, dtype="str").set_axis(pd.RangeIndex(2, 2 + count, name="row"))
    return made.assign(hidden=hidden or [False] * count)


def chosen(rows: pd.DataFrame, said: Options, table: Sheet, known: Listed | None = None) -> list[str | bool]:
    """True for each picked row, the reason for each other."""
    choice = choose(rows, decide(said, table, known))
    assert choice.index.equals(rows.index)
    assert list(choice.columns) == ["picked", "reason", "unknown", "odd", "named"]
    assert (choice["picked"] & (choice["reason"] != "")).sum() == 0
    return [
        True if picked else reason for picked, reason in zip(choice["picked"], choice["reason"].tolist(), strict=True)
    ]


# --- what picks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "columns", "by", "words"),
    [
        (Options(), ("cancel", "order_status"), By.MARK, "the yes/no column Cancel (column B)"),
        (
            Options(everything=True),
            ("cancel",),
            By.MARK,
            "the yes/no column Cancel (column B), which goes before --all",
        ),
        (
            Options(pick_from="erp.csv"),
            ("order_ref", "cancel", "order_status"),
            By.LIST,
            "the references in erp.csv, looked for in Order Ref (column B)",
        ),
        (
            Options(),
            ("order_status",),
            By.STATUS,
            "Order Status (column B) asks for cancelling",
        ),
        (Options(statuses=("NEW", "Hold*")), ("order_status",), By.STATUS, "Order Status (column B) says NEW or Hold*"),
        (Options(everything=True), ("order_status",), By.ALL, "--all: every row with an AWB"),
        (Options(everything=True), (), By.ALL, "--all: every row with an AWB"),
        (
            Options(everything=True, older_than=7, today="2026-11-23", where="amount > 5"),
            ("order_date", "amount"),
            By.ALL,
            "--all: every row with an AWB; only older than 7 days and where amount > 5",
        ),
        (
            Options(columns=("cancel=Drop",)),
            ("cancel", "order_status"),
            By.MARK,
            "the yes/no column Cancel (column B)",
        ),
        (Options(columns=("cancel=",), everything=True), ("order_status",), By.ALL, "--all: every row with an AWB"),
    ],
)  # fmt: skip
def test_the_first_way_that_applies_decides(said: Options, columns: tuple[str, ...], by: By, words: str) -> None:
    rules = decide(said, sheet(*columns))
    assert (rules.by, rules.picked_by) == (by, words)


@pytest.mark.parametrize(
    ("said", "columns", "kind", "message"),
    [
        (
            Options(statuses=("NEW",), everything=True),
            ("order_status",),
            UsageError,
            "--status and --all each say which rows are picked, and only one of them can. "
            "Keep one of them; --where and --older-than narrow it.",
        ),
        (
            Options(pick_from="erp.csv", statuses=("NEW",), everything=True),
            ("order_status", "order_ref"),
            UsageError,
            "--pick-from and --status and --all each say which rows are picked, and only one of them can. "
            "Keep one of them; --where and --older-than narrow it.",
        ),
        (
            Options(pick_from="erp.csv", columns=("cancel=Drop",)),
            ("order_ref", "cancel"),
            UsageError,
            "--pick-from and --column cancel=Drop each say which rows are picked, and only one of them can. "
            "Keep one of them; --where and --older-than narrow it.",
        ),
        (
            Options(statuses=("NEW",)),
            ("cancel", "order_status"),
            UsageError,
            "--status was said, and the sheet has a yes/no column, Cancel (column B): only one of them can pick the "
            "rows. Leave --status out to cancel the rows marked yes (--where narrows them), or say --column cancel= "
            "to pass that column over.",
        ),
        (
            Options(),
            ("order_ref", "amount"),
            UsageError,
            "Nothing in this sheet says which rows to cancel. Columns seen: Awb Number, Order Ref, Amount. "
            "Say --pick-from FILE (a list of order references), --all (every row with an AWB), or which column tells: "
            "--column cancel=HEADER for a yes/no column, --column order_status=HEADER for a status. Nothing was sent.",
        ),
        (
            Options(pick_from="erp.csv"),
            (),
            ColumnError,
            "--pick-from needs the order_ref column, and none was found. Columns seen: Awb Number. "
            "Say which one it is: --column order_ref=HEADER.",
        ),
        (
            Options(statuses=("NEW",)),
            (),
            ColumnError,
            "--status needs the order_status column, and none was found. Columns seen: Awb Number. "
            "Say which one it is: --column order_status=HEADER.",
        ),
        (
            Options(everything=True, older_than=7, today="2026-11-23"),
            (),
            ColumnError,
            "--older-than needs the order_date column, and none was found. Columns seen: Awb Number. "
            "Say which one it is: --column order_date=HEADER.",
        ),
        (
            Options(everything=True, where="amont > 5"),
            ("amount",),
            UsageError,
            "--where speaks of a column 'amont', and there is none. Did you mean amount? "
            "A text is written in quotes: 'amont'.",
        ),
    ],
)
def test_where_two_ways_or_none_are_possible_the_message_says_how_to_choose(
    said: Options, columns: tuple[str, ...], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as trouble:
        decide(said, sheet(*columns))
    assert (type(trouble.value), str(trouble.value)) == (kind, message)


# --- which rows --------------------------------------------------------------------------------------------------


def test_a_mark_of_any_case_picks() -> None:
    words = ["yes", "Y", "TRUE", "1", " X ", "Cancel", "no", "N", "0", "-", "keep", "", "maybe"]
    assert chosen(frame(cancel=words), Options(), sheet("cancel")) == [
        True, True, True, True, True, True, 'marked "no"', 'marked "N"', 'marked "0"', 'marked "-"', 'marked "keep"',
        "not marked", 'marked "maybe", which is no yes',
    ]  # fmt: skip
    assert not YES_WORDS & NO_WORDS


def test_the_profiles_words_pick_however_they_are_spelt() -> None:
    words = ["CANCELLATION REQUESTED", "cancel_requested", "Cancelled ", "NEW ORDER", "rto initiated", "", "Lunch"]
    assert chosen(frame(order_status=words), Options(), sheet("order_status")) == [
        True,
        True,
        True,
        'its status "NEW ORDER" does not ask for cancelling (--status picks it)',
        'its status "rto initiated" does not ask for cancelling, and is too late for it',
        "no status, so nothing asks for cancelling",
        'its status "Lunch" is not a known one, so it does not ask for cancelling (--status picks it)',
    ]


def test_status_words_said_by_hand_replace_the_profiles() -> None:
    words = ["Ready to ship", "READY_TO_SHIP", "Hold by Ops", "CANCELLED", ""]
    said = Options(statuses=("ready to ship", "hold*"))
    assert chosen(frame(order_status=words), said, sheet("order_status")) == [
        True, True, True, 'its status "CANCELLED" is not what --status says',
        "no status, so nothing asks for cancelling",
    ]  # fmt: skip


def test_all_picks_every_row_with_an_awb_that_is_not_left_out() -> None:
    rows = frame(
        order_status=["", "Lunch", "DELIVERED", "Out For Delivery - 2", "NEW ORDER", "", ""],
        awb_number=["86210010463", "86210010464", "86210010465", "86210010466", "", "", "x"],
        awb_doubt=["", "", "", "", "", "holds a formula without a result: save it", "holds x: y"],
        hidden=[False, False, False, False, False, False, True],
    )
    late = 'too late to cancel: its status is "{}" (--allow-late takes it all the same)'
    hidden = "hidden in the sheet, so left out (--include-hidden takes such rows)"
    unknown = 'its status is "Lunch", which is no known state, so it is not sent (--allow-late sends it)'
    assert chosen(rows, Options(everything=True), sheet("order_status")) == [
        True, unknown, late.format("DELIVERED"), late.format("Out For Delivery - 2"), "no AWB, nothing to cancel", True,
        hidden,
    ]  # fmt: skip
    taken = Options(everything=True, allow_late=("delivered", "OUT FOR*", "lunch"), include_hidden=True)
    assert chosen(rows, taken, sheet("order_status")) == [
        True, True, True, True, "no AWB, nothing to cancel", True, True,
    ]  # fmt: skip


def test_too_late_is_left_out_whatever_picked_it() -> None:
    late = 'too late to cancel: its status is "DELIVERED" (--allow-late takes it all the same)'
    rows = frame(order_status=["DELIVERED"], cancel=["yes"])
    assert chosen(rows, Options(), sheet("cancel", "order_status")) == [late]
    assert chosen(rows, Options(statuses=("delivered",)), sheet("order_status")) == [late]
    known = Listed({"SO-0": "SO-0"})
    assert chosen(rows, Options(pick_from="erp.csv"), sheet("order_ref", "order_status"), known) == [late]
    assert chosen(rows, Options(), sheet("cancel")) == [True]  # no column is known to be the status


def test_a_profile_of_ones_own_may_mean_another_thing_by_a_word(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[status]\ncancel = ["LOST IN DEPOT"]\ntoo_late = ["CANCELLED"]\n')
    table = sheet("order_status", profile=load_profile(str(tmp_path / "mine.toml")))
    rows = frame(order_status=["lost in depot", "cancelled"])
    late = 'its status "cancelled" does not ask for cancelling, and is too late for it'
    assert chosen(rows, Options(), table) == [True, late]


def test_rows_that_are_no_orders_say_what_they_are() -> None:
    rows = frame(aside=["a total, not an order", "blank", ""])
    assert chosen(rows, Options(everything=True), sheet()) == ["a total, not an order", "", True]


def test_older_than_counts_days_and_wants_a_date() -> None:
    dates = ["2026-11-15", "2026-11-15 23:59:59", "2026-11-16", "2026-11-16 10:00:00", "2026-12-01", ""]
    said = Options(everything=True, older_than=7, today="2026-11-23")
    assert chosen(frame(order_date=dates), said, sheet("order_date")) == [
        True, True, "not older than 7 days", "not older than 7 days", "not older than 7 days",
        "no order date that can be read, so --older-than leaves it out",
    ]  # fmt: skip


def test_where_narrows_whatever_picks() -> None:
    rows = frame(order_status=["CANCELLED", "CANCELLED", "CANCELLED", "NEW ORDER"], amount=["10", "900", "", "900"])
    assert chosen(rows, Options(where="amount > 500"), sheet("order_status", "amount")) == [
        "--where is not true for it",
        True,
        "--where is not true for it",
        'its status "NEW ORDER" does not ask for cancelling (--status picks it)',
    ]


def test_what_a_reason_repeats_of_a_cell_is_short_and_printable() -> None:
    said = chosen(frame(order_status=["a\x00b\nc", "x" * 500]), Options(), sheet("order_status"))
    ending = "is not a known one, so it does not ask for cancelling (--status picks it)"
    assert said == [f'its status "a·b c" {ending}', f'its status "{"x" * 60}…" {ending}']


def test_a_frame_without_orders_is_chosen_from_too() -> None:
    assert chosen(frame(aside=["blank"]), Options(), sheet("order_status")) == [""]
    assert chosen(frame(aside=[], order_status=[]), Options(), sheet("order_status")) == []


# --- the list ----------------------------------------------------------------------------------------------------

ERP = frame(
    order_ref=["so-1", "#SO-2", " SO-3 ", "SO-4", "1.2E+17", "", "SO-9", "Total", "SO-1"],
    order_ref_doubt=["", "", "", "", "holds 1.2E+17: lost", "", "", "", ""],
    aside=["", "", "", "", "", "", "", "a total, not an order", ""],
)


def test_a_list_gives_its_references_as_they_are_compared_and_as_they_are_written() -> None:
    known = listed([ERP.head(3), ERP.tail(6)])
    assert known.refs == {"SO-1": "SO-1", "SO-2": "#SO-2", "SO-3": " SO-3 ", "SO-4": "SO-4", "SO-9": "SO-9"}
    assert known.doubtful == (6,)


def test_a_listed_reference_picks_its_rows_and_is_never_guessed() -> None:
    rows = frame(
        order_ref=["SO-1", "SO-1", "So-2", "SO-2", "#so-3", "SO-3", "SO-7", "", "SO-4", "SO-4"],
        order_ref_doubt=["", "", "", "", "", "", "", "", "holds SO-4: x", ""],
        awb_number=["86210011", "86210011", "86210012", "86210013", "86210014", "", "86210015", "86210016", "1", "sf1"],
        order_status=["", "", "", "DELIVERED", "", "", "", "", "", ""],
    )
    known = matched(listed([ERP]), [rows.head(3), rows.tail(7)])
    assert (known.unmatched, dict(known.several)) == (("SO-9",), {"SO-2": ("86210012", "86210013")})
    several = "its order reference stands beside 2 AWBs (86210012, 86210013), and the list can't say which is meant"
    assert chosen(rows, Options(pick_from="erp.csv"), sheet("order_ref", "order_status"), known) == [
        True, True, several, several, True, "no AWB, nothing to cancel", "its order reference is not in the list",
        "no order reference to look for in the list",
        "its order reference can't be trusted, so it was not looked for in the list", True,
    ]  # fmt: skip
    assert list(known.notes()) == [
        "references of the list that can't be trusted, so passed over: 1 (row 6)",
        "orders not found: 1 (SO-9)",
        "references of the list beside several AWBs, none of which is sent: 1 (#SO-2)",
    ]


def test_one_awb_in_two_spellings_is_one_and_an_empty_list_picks_nothing() -> None:
    rows = frame(order_ref=["SO-1", "SO-1"], awb_number=["sf123456", "SF123456"])
    known = matched(listed([ERP]), [rows])
    assert dict(known.several) == {}
    none = matched(Listed({}), [rows])
    assert list(none.notes()) == []
    assert (
        chosen(rows, Options(pick_from="erp.csv"), sheet("order_ref"), none)
        == ["its order reference is not in the list"] * 2
    )


def test_a_note_names_the_first_of_many_references() -> None:
    known = matched(Listed({f"R{number}": f"r{number}" for number in range(12)}), [])
    assert list(known.notes()) == ["orders not found: 12 (r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, …)"]
