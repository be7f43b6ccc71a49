"""Every file of ``../shared/cases``, as ``cases.toml`` judges it: what is sent, kept, asked and refused, and why.

Each line was judged by what a person sees who opens the file. A new file without a line fails. ``wrong`` marks a line
that the program does not keep yet.
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.case_runs import CASES, run_case

LINES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["case"]

NO_INPUTS = frozenset({"README.md"})

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder shared/cases is not beside this repository")


def rows_of(text: str) -> Iterator[int]:
    """The rows of ``2, 4-6``."""
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        yield from range(int(first), int(last or first) + 1)


def by_row(said: Mapping[str, str]) -> dict[int, str]:
    return {row: why for rows, why in said.items() for row in rows_of(rows)}


def params() -> Iterator[Any]:
    for line in LINES:
        wrong = [pytest.mark.xfail(strict=True, reason=line["wrong"])] if "wrong" in line else []
        yield pytest.param(line, marks=wrong, id=f"{line['file']} {line.get('typed', '')}".strip())


def differences(expected: Mapping[int, str], found: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    """Rows that are among the ones and not among the others, or whose reason is another."""
    return {
        row: (expected.get(row, "not expected"), found.get(row, "not found"))
        for row in sorted({*expected, *found})
        if row not in expected or row not in found or expected[row] not in found[row]
    }


@pytest.mark.parametrize("line", list(params()))
def test_a_case_is_read_as_a_person_sees_it(tmp_path: Path, line: dict[str, Any]) -> None:
    found = run_case(line["file"], shlex.split(line.get("typed", "")), tmp_path)
    assert found.sent == {int(row): awb for row, awb in line.get("sent", {}).items()}
    assert differences(by_row(line.get("kept", {})), found.kept) == {}
    assert differences(by_row(line.get("invalid", {})), found.invalid) == {}
    for said, words in ((found.asked, line.get("asked", "")), (found.refused, line.get("refused", ""))):
        assert bool(said) == bool(words)
        assert words in said
    assert sorted(found.undone) == line.get("undone", [])


def test_every_case_has_a_line() -> None:
    listed = {line["file"] for line in LINES}
    named = {word[1:] for line in LINES for word in shlex.split(line.get("typed", "")) if word.startswith("@")}
    assert {path.name for path in CASES.iterdir()} - NO_INPUTS - listed - named == set()
    assert all(line["why"] for line in LINES)
