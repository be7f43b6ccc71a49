"""What crosses from one stage to the next has the shape that schemas/frames.py declares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pandas as pd
import pytest

from pipeline.jobs.cancel import execute
from pipeline.jobs.prepare import Prepared, courier_for, opened
from pipeline.jobs.read_orders import load_options, read_orders
from pipeline.jobs.request import Request
from pipeline.load import load
from pipeline.model.calls import Outcome
from pipeline.model.keys import by_key
from pipeline.model.options import SelectionOptions
from pipeline.selection import choose, decide
from pipeline.settings import read_settings
from pipeline.sheets import open_book
from pipeline.writing.added_columns import marks_of
from schemas import frames
from schemas.annotated import Status
from tests.silent import Silent

SAMPLES = Path(__file__).parent.parent / "sample_data"
OPTIONS = SelectionOptions(today="2026-11-27", where="amount > 0")


@pytest.fixture(params=["orders.xlsx", "orders.csv"])
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    source = SAMPLES / request.param
    copy = tmp_path / source.name
    copy.write_bytes(source.read_bytes())
    return copy


@pytest.fixture
def prepared(sample: Path, tmp_path: Path) -> Iterator[Prepared]:
    settings = read_settings({}, tmp_path / ".env", env="sandbox", default_ledger=tmp_path / "ledger.db", version="1")
    with opened(Request(input=sample, selection=OPTIONS), settings, Silent()) as made:
        yield made


def test_a_canonical_frame_and_what_is_chosen_of_it(sample: Path) -> None:
    table = load(open_book(sample), load_options(OPTIONS, extra=("amount",)))
    rules = decide(OPTIONS, table)
    for frame in table.frames():
        assert frames.CANONICAL.mismatches(frame) == []
        assert frames.CHOICE.mismatches(choose(frame, rules)) == []
        assert (frame.index.name, frame.index.is_monotonic_increasing) == ("row", True)


def test_the_picked_rows_the_others_and_the_plan(prepared: Prepared) -> None:
    gathered = prepared.orders.gathered
    assert frames.PICKED.mismatches(gathered.picked) == []
    assert frames.LEFT_OUT.mismatches(gathered.left_out) == []
    assert frames.BYSTANDERS.mismatches(gathered.bystanders) == []
    assert frames.DECIDED.mismatches(prepared.decided.rows) == []
    assert len(gathered.picked) > 0


def test_the_rows_that_a_list_names(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Order ID\n#1001\nnowhere\n", encoding="utf-8")
    named = read_orders(sample, SelectionOptions(pick_from=str(tmp_path / "list.csv")), Silent()).asked
    assert named is not None
    assert frames.NAMED.mismatches(named.named) == []
    assert (len(named.named), named.named.index.name) == (2, "row")


def test_what_the_calls_come_to_what_the_ledger_knows_and_what_is_written(prepared: Prepared) -> None:
    with courier_for(prepared) as courier:
        executed = execute(prepared, courier, Silent(), Event())
    assert frames.DECIDED.mismatches(executed.rows) == []
    known = prepared.known()
    assert (len(known) > 0, frames.KNOWN.mismatches(known)) == (True, [])
    verified = pd.Series("seen", index=executed.rows.index, dtype="str")
    left_out = prepared.orders.gathered.left_out
    assert frames.MARKS.mismatches(marks_of(executed.rows, left_out)) == []
    assert frames.MARKS.mismatches(marks_of(executed.rows, left_out, verified)) == []
    outcomes = by_key([Outcome("Awb1", Status.SUCCESS, "ok", "SO-1")])
    assert (frames.OUTCOMES.mismatches(outcomes), outcomes.index.name) == ([], frames.OUTCOMES.index)


def test_a_frame_that_is_not_as_declared_is_told_in_words() -> None:
    frame = pd.DataFrame({"picked": pd.Series([1], dtype="int64"), "strange": pd.Series(["x"], dtype="str")})
    assert frames.CHOICE.mismatches(frame) == [
        *(f"choice lacks the column {name}" for name in ("reason", "unknown", "odd", "named")),
        "choice.picked is int64, declared as bool",
        "choice has a column strange that is not declared",
    ]


def test_each_kind_of_frame_and_each_of_its_columns_has_a_name_of_its_own_and_a_meaning() -> None:
    assert len({shape.name for shape in frames.SHAPES}) == len(frames.SHAPES)
    for shape in frames.SHAPES:
        assert len({column.name for column in shape.columns}) == len(shape.columns)
        assert [column.name for column in shape.columns if not column.meaning] == []
