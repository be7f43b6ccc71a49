"""Texts looked at by their bytes are told as patterns tell them."""

from __future__ import annotations

import re

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cells.characters import stripped, without_formula
from pipeline.load.read_counts import ANY_SHAPE, ReadCounts
from pipeline.model.texts import TextBytes, blank, ordinary

WORDS = st.lists(st.text('09azAZ-#/_ =."é\n\u200b\u00a0\0', max_size=5), max_size=8)


@given(WORDS, st.integers(0, 3))
def test_ends_and_signs_are_those_of_the_texts(words: list[str], start: int) -> None:
    texts = pd.Series(words, dtype="str").iloc[start:]
    looked = TextBytes.of(texts)
    begin, end = looked.edges("[0-9]")
    assert looked.only("[0-9A-Z]") == all(re.fullmatch("[0-9A-Z]*", text) for text in texts)
    assert looked.lengths.tolist() == [len(text.encode()) for text in texts]
    assert begin.tolist() == [text[:1] in set("0123456789") for text in texts]
    assert end.tolist() == [text[-1:] in set("0123456789") for text in texts]


@given(WORDS)
def test_nothing_can_be_taken_off_an_ordinary_text(words: list[str]) -> None:
    texts = pd.Series(words, dtype="str")
    one_more = pd.concat([texts, pd.Series([" x"], dtype="str")], ignore_index=True)  # so that it is looked at in full
    assert without_formula(stripped(one_more)).tolist()[:-1] == without_formula(stripped(texts)).tolist()
    if ordinary(texts):
        assert without_formula(stripped(one_more)).tolist()[:-1] == words


def test_a_blank_column_has_a_blank_text_for_each_row() -> None:
    index = pd.Index([2, 3, 5], name="row")
    pd.testing.assert_series_equal(blank(index), pd.Series("", index=index, dtype="str"))
    assert blank(index[:0]).tolist() == []


@given(st.lists(st.from_regex(f"(?:{ANY_SHAPE}|[0-9]{{1,16}})", fullmatch=True), max_size=6))
def test_no_awb_with_a_shape_of_something_else_is_passed_over(awbs: list[str]) -> None:
    frame = pd.DataFrame({"awb_number": pd.Series(awbs, dtype="str"), "hidden": False})
    for name in ("awb_doubt", "order_ref", "order_ref_doubt", "aside"):
        frame[name] = blank(frame.index)
    counts = ReadCounts()
    counts.add(frame)
    assert sum(counts.shapes.values()) == sum(re.fullmatch(ANY_SHAPE, awb) is not None for awb in awbs)
