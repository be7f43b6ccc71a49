"""Order dates are read for certain or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells.dates import Dates, as_dates
from pipeline.model.sheet import CellColumn, Kind


def read(texts: Sequence[str], order: str = "dmy", kind: Kind = Kind.TEXT) -> Dates:
    cells = CellColumn(
        np.full(len(texts), kind, dtype=np.int8),
        pd.Series(list(texts), dtype="str"),
        np.zeros(len(texts), dtype=np.int32),
        ("General",),
    )
    return as_dates(cells, order)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T10:30:00", "2026-01-31 10:30:00"),
        ("2026-01-31T10:30:00Z", "2026-01-31 10:30:00"),
        ("2026-01-31T10:30:00.123456+05:30", "2026-01-31 10:30:00"),
        ("2026-01-31 10:30", "2026-01-31 10:30:00"),
        ("2026-01-31 00:00:00", "2026-01-31"),
        ("2026/1/5", "2026-01-05"),
        ("2026.01.31", "2026-01-31"),
        ("20260131", "2026-01-31"),
        ("31-01-2026", "2026-01-31"),
        ("31/01/2026", "2026-01-31"),
        ("31.01.2026", "2026-01-31"),
        ("5/6/2026", "2026-06-05"),
        ("31-01-26", "2026-01-31"),
        ("31/01/2026 10:30 PM", "2026-01-31 22:30:00"),
        ("31/01/2026 12:05:09 a.m.", "2026-01-31 00:05:09"),
        ("31/01/2026, 12:00 pm", "2026-01-31 12:00:00"),
        ("31-Jan-2026", "2026-01-31"),
        ("31-Jan-26", "2026-01-31"),
        ("31 January 2026", "2026-01-31"),
        ("31st Jan, 2026", "2026-01-31"),
        ("Jan 31, 2026", "2026-01-31"),
        ("JANUARY 31 2026 9:05 AM", "2026-01-31 09:05:00"),
        ("Sat, 31 Jan 2026 10:30:00 GMT", "2026-01-31 10:30:00"),
        ("2026-Jan-31", "2026-01-31"),
        ("31 de enero de 2026", "2026-01-31"),
        ("1 de março de 2026", "2026-03-01"),
        ('="31-01-2026"', "2026-01-31"),
        ("29-02-2028", "2028-02-29"),
        # not for certain, or not at all
        ("", ""),
        ("soon", ""),
        ("12:30", ""),
        ("45000", ""),
        ("29-02-2026", ""),
        ("31-04-2026", ""),
        ("2026-13-01", ""),
        ("2026-01-31 24:30", ""),
        ("31-01-2026 13:00 pm", ""),
        ("01/31/2026", ""),
        ("1970-01-01", ""),
        ("1899-12-31 10:00:00", ""),
        ("9999-12-31", ""),
        ("31-Foo-2026", ""),
        ("31-01-2026 to 05-02-2026", ""),
        ("31-01-2026\n", "2026-01-31"),
        ("٣١-٠١-٢٠٢٦", ""),
    ],
)
def test_a_date_is_read_day_first_unless_it_says_otherwise(text: str, iso: str) -> None:
    assert read([text]).iso.tolist() == [iso]


@pytest.mark.parametrize(
    ("text", "order", "iso", "ambiguous", "contrary"),
    [
        ("05/06/2026", "dmy", "2026-06-05", 1, 0),
        ("05/06/2026", "mdy", "2026-05-06", 1, 0),
        ("05/06/2026", "ymd", "", 1, 0),
        ("05/05/2026", "dmy", "2026-05-05", 0, 0),
        ("05/05/2026", "ymd", "2026-05-05", 0, 0),
        ("31/01/2026", "mdy", "", 0, 1),
        ("01/31/2026", "dmy", "", 0, 1),
        ("01/31/2026", "mdy", "2026-01-31", 0, 0),
        ("31/01/2026", "ymd", "2026-01-31", 0, 0),
        ("01/31/2026", "ymd", "2026-01-31", 0, 0),
        ("26-01-31", "ymd", "2026-01-31", 0, 0),
        ("26-01-05", "ymd", "2026-01-05", 1, 0),
        ("2026-05-06", "dmy", "2026-05-06", 0, 0),
        ("2026-05-06", "mdy", "2026-05-06", 0, 0),
        ("6 May 2026", "mdy", "2026-05-06", 0, 0),
    ],
)
def test_the_profile_says_the_order_and_what_could_be_another_day_is_counted(
    text: str, order: str, iso: str, ambiguous: int, contrary: int
) -> None:
    found = read([text], order)
    assert (found.iso.tolist(), found.ambiguous, found.contrary) == ([iso], ambiguous, contrary)


@pytest.mark.parametrize(
    ("text", "kind", "iso"),
    [
        ("2026-01-31", Kind.DATE, "2026-01-31"),
        ("2026-01-31 10:30:00", Kind.DATE, "2026-01-31 10:30:00"),
        ("1900-01-01", Kind.DATE, ""),
        ("20260131", Kind.NUMBER, "2026-01-31"),
        ("20260131.0", Kind.NUMBER, "2026-01-31"),
        ("46053", Kind.NUMBER, ""),
        ("TRUE", Kind.BOOLEAN, ""),
        ("#N/A", Kind.ERROR, ""),
        ("", Kind.BLANK, ""),
    ],
)
def test_cells_typed_as_dates_are_taken_as_they_are(text: str, kind: Kind, iso: str) -> None:
    assert read([text], kind=kind).iso.tolist() == [iso]


def test_a_column_of_many_forms_is_read_row_by_row() -> None:
    found = read(["05/06/2026", "x", "2026-01-31", "", "Jan 31, 2026", "13/13/2026", "31/12/2026"])
    assert found.iso.tolist() == ["2026-06-05", "", "2026-01-31", "", "2026-01-31", "", "2026-12-31"]
    assert (found.ambiguous, found.contrary) == (1, 0)


FORMS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%y", "%d-%b-%Y", "%B %d, %Y", "%Y%m%d", "%a, %d %b %Y")


@settings(deadline=None, max_examples=200)
@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)), st.sampled_from(FORMS))
def test_any_day_of_this_century_comes_back(day: date, form: str) -> None:
    assert read([day.strftime(form)]).iso.tolist() == [day.isoformat()]


@settings(deadline=None, max_examples=100)
@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31)))  # noqa: DTZ001
def test_any_time_of_day_comes_back_to_the_second(moment: datetime) -> None:
    texts = [moment.isoformat(), moment.strftime("%d-%m-%Y %I:%M:%S %p")]
    iso = moment.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    assert read(texts).iso.tolist() == [iso, iso]


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="0123456789-/.: TZjanfebmy,", max_size=24), st.sampled_from(["dmy", "mdy", "ymd"]))
def test_any_text_is_a_real_day_or_none(text: str, order: str) -> None:
    iso = read([text], order).iso.iloc[0]
    assert iso == "" or 2000 <= datetime.fromisoformat(iso).year <= 2099
