"""Where the output goes, what is never overwritten, and that it is there whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandera.errors import SchemaError

from pipeline.errors import OutputError
from pipeline.files import file_digest, write_text
from pipeline.writing.target import choose_target
from schemas.annotated import annotated_schema, keeps_all_rules


def nothing(path: Path) -> str | None:
    return None


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "my orders.xlsx"
    path.write_bytes(b"x" * 100)
    return path


def test_the_output_stands_beside_the_input_with_its_page_and_summary(source: Path) -> None:
    target = choose_target(source, "xlsx", "annotated.sandbox", None, nothing)
    names = [path.name for path in (target.sheet, target.report, target.summary)]
    assert names == [f"my orders.annotated.sandbox.{suffix}" for suffix in ("xlsx", "html", "json")]


def test_a_converted_format_becomes_a_workbook(source: Path) -> None:
    assert choose_target(source, "ods", "annotated", None, nothing).sheet.name == "my orders.annotated.xlsx"


def test_somebodys_later_edit_is_never_overwritten(source: Path) -> None:
    edited = source.with_name("my orders.annotated.xlsx")
    edited.write_text("edited", encoding="utf-8")
    target = choose_target(source, "xlsx", "annotated", None, nothing)
    assert (target.sheet.name, target.report.name) == ("my orders.annotated (2).xlsx", "my orders.annotated (2).html")


def test_what_this_program_wrote_there_is_replaced(source: Path) -> None:
    ours = source.with_name("my orders.annotated.xlsx")
    ours.write_text("ours", encoding="utf-8")
    target = choose_target(source, "xlsx", "annotated", None, lambda path: file_digest(ours) if path == ours else None)
    assert target.sheet == ours


def test_an_edited_report_alone_moves_all_three(source: Path) -> None:
    source.with_name("my orders.annotated.html").write_text("notes of mine", encoding="utf-8")
    assert choose_target(source, "xlsx", "annotated", None, nothing).sheet.name == "my orders.annotated (2).xlsx"


def test_a_folder_as_output_takes_the_usual_name(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert choose_target(source, "xlsx", "annotated", folder, nothing).sheet == folder / "my orders.annotated.xlsx"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("my orders.xlsx", "never overwritten"),
        ("result.csv", "is a .xlsx file"),
        ("nowhere/result.xlsx", "There is no folder"),
    ],
)
def test_an_output_that_can_not_be_is_told_before_anything_is_sent(source: Path, output: str, words: str) -> None:
    with pytest.raises(OutputError, match=words):
        choose_target(source, "xlsx", "annotated", source.parent / output, nothing)


@pytest.mark.parametrize("lock", ["~$my orders.annotated.xlsx", ".~lock.my orders.annotated.xlsx#"])
def test_a_file_that_is_open_elsewhere_is_told(source: Path, lock: str) -> None:
    ours = source.with_name("my orders.annotated.xlsx")
    ours.write_text("ours", encoding="utf-8")
    source.with_name(lock).touch()
    with pytest.raises(OutputError, match="open in another program"):
        choose_target(source, "xlsx", "annotated", None, lambda path: file_digest(ours))


def test_text_is_written_whole_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    write_text("a page", tmp_path / "page.html")
    write_text("another", tmp_path / "page.html")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("page.html", "another")]
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) & 0o400


def marks_table(
    *, index: list[int], status: str = "Success", remark: str = "", refnum: str | None = ""
) -> pd.DataFrame:
    """Marks of two rows, of which the second one may be wrong."""
    columns = {"status": ["Failed", status], "remark": ["no", remark], "refnum": ["R1", refnum]}
    return pd.DataFrame(columns, index=pd.Index(index, name="row"))


@pytest.mark.parametrize("dtype", ["str", "category"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"index": [2, 3], "status": "Done"},
        {"index": [2, 3], "remark": "x" * 32_768},
        {"index": [2, 3], "refnum": "x" * 32_768},
        {"index": [2, 3], "refnum": None},
        {"index": [3, 2]},
        {"index": [2, 2]},
        {"index": [0, 2]},
    ],
)
def test_marks_that_no_sheet_may_get_are_refused(wrong: dict[str, Any], dtype: str) -> None:
    bad = marks_table(**wrong).astype(dtype)
    assert not keeps_all_rules(bad)
    with pytest.raises(SchemaError):
        annotated_schema().validate(bad)


@pytest.mark.parametrize("dtype", ["str", "category"])
def test_marks_that_a_sheet_may_get_are_taken_without_the_schema_as_with_it(dtype: str) -> None:
    right = marks_table(index=[2, 9], remark="x" * 32_767)
    for marks in (right, right.iloc[:0], right.assign(verified="")):
        assert keeps_all_rules(marks.astype(dtype))
        annotated_schema().validate(marks.astype(dtype))
    for marks in (right[["remark", "status", "refnum"]], right.assign(other="")):
        assert not keeps_all_rules(marks.astype(dtype))
